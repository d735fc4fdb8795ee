/* Where the peer is to arrive: the target, the port that refuses, behind an ss-local the server. */
#include "memory.h"
#include "net.h"
#include "playing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 100, RECENT_TRIES = 50 }; /* then a port that another play had will do */

int play_accept(int listener, struct sockaddr_storage *from)
{
    socklen_t from_len = sizeof *from;
    return accept4(listener, (struct sockaddr *)from, &from_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void on_accept(int fd, short what, void *arg)
{
    (void)what;
    struct play *p = arg;
    struct sockaddr_storage from;
    int got = play_accept(fd, &from);
    if (got < 0)
        return;
    p->scene.seen_port = net_port(&from);
    p->target_contacts++;
    play_record(p, TARGET, CONNECTED, NULL, 0);
    if (p->channels[TARGET].fd >= 0 || p->channels[TARGET].ending != ENDING_OPEN)
        close(got);
    else
        play_open(p, TARGET, got, false);
    play_advance(p);
}

/* ---- behind an ss-local ---------------------------------------------------------------------- */

static void on_served(void *context, int fd)
{
    struct play *p = context;
    enum actor a = p->server_contacts++ ? SERVER_AGAIN : SERVER;
    play_record(p, a, CONNECTED, NULL, 0);
    if (p->over || p->channels[a].fd >= 0 || p->channels[a].ending != ENDING_OPEN)
        close(fd);
    else
        play_open(p, a, fd, false);
    play_advance(p);
}

static void on_datagram(void *context, const uint8_t *octets, size_t n,
                        const struct sockaddr_storage *from)
{
    struct play *p = context;
    p->target_peer = *from;
    if (p->deliver >= 0 && send(p->deliver, octets, n, MSG_NOSIGNAL) < 0)
        play_finish(p, FAULTY, "a datagram of %zu octets to the server is lost: %s", n,
                    strerror(errno));
}

/* The case's place at the run's server. */
static void join_server(struct play *p)
{
    bool opens = false;
    for (const struct step *s = p->steps; s->op != OP_END_OF_STEPS; s++)
        opens = opens || (s->op == OP_OPEN && s->actor == SERVER);
    p->guest = (struct guest){.port = p->scene.target_port,
                              .eager = opens && (p->test->needs & NEED_ALONE),
                              .alone = p->test->needs & NEED_ALONE,
                              .connected = on_served,
                              .datagram = on_datagram,
                              .context = p};
    server_join(p->set->server, &p->guest);
    int ends[2];
    if (!(p->test->needs & (NEED_UDP | NEED_NO_UDP)))
        return;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
        play_finish(p, FAULTY, "no socket for the server: %s", strerror(errno));
        return;
    }
    p->deliver = ends[1];
    play_open(p, SERVER_UDP, ends[0], false);
}

/* Holds the port that refuses for datagrams too, so that no other play gets it and with it what was
 * meant to be refused: a socket connected to nobody takes nothing from anybody. */
static int refuse_datagrams(const struct play *p)
{
    struct sockaddr_storage at = net_ipv4(p->set->origin, p->scene.refused_port);
    struct sockaddr_storage nobody = net_ipv4((struct in_addr){htonl(0x7f0000fe)}, 9);
    int fd = net_bound(SOCK_DGRAM, &at);
    if (fd >= 0)
        (void)connect(fd, (const struct sockaddr *)&nobody,
                      net_len(&nobody)); /* else it takes all */
    return fd;
}

/* One try to get the target and the port that refuses: each number free for all that it is wanted
 * for, the target's one that no play has had of late, if recent is false. Leaves *udp, the
 * target's, to the caller. */
static bool open_ports(struct play *p, bool ipv6, bool recent, int *udp)
{
    struct scene *s = &p->scene;
    struct in_addr origin = p->set->origin;
    const uint16_t *ports = p->verbatim ? p->verbatim->ports : NULL;
    s->target_port = ports ? ports[PORT_TARGET] : 0;
    s->refused_port = ports ? ports[PORT_REFUSED] : 0;
    p->listener = play_bound(p, SOCK_STREAM, origin, &s->target_port);
    p->refused = play_bound(p, SOCK_STREAM, origin, &s->refused_port);
    if (p->over || (!ports && !recent && port_is_recent(&p->set->targets, s->target_port)))
        return false;
    struct sockaddr_storage target = net_ipv4(origin, s->target_port);
    struct sockaddr_storage target6 = net_loopback6(s->target_port);
    struct sockaddr_storage refused6 = net_loopback6(s->refused_port);
    if (ipv6) {
        p->listener6 = net_bound(SOCK_STREAM, &target6);
        p->refused6 = net_bound(SOCK_STREAM, &refused6);
        if (p->listener6 < 0 || p->refused6 < 0)
            return false;
    }
    if (p->test->needs & (NEED_UDP | NEED_NO_UDP)) {
        *udp = net_bound(SOCK_DGRAM, ipv6 && (p->test->needs & NEED_IPV6) ? &target6 : &target);
        p->refused_udp = refuse_datagrams(p);
        return *udp >= 0 && p->refused_udp >= 0;
    }
    return true;
}

static void close_ports(struct play *p, int *udp)
{
    int *fds[] = {&p->listener, &p->listener6, &p->refused, &p->refused6, &p->refused_udp, udp};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (*fds[i] >= 0)
            close(*fds[i]), *fds[i] = -1;
}

static struct event *listening(struct play *p, int fd)
{
    if (fd < 0)
        return NULL;
    if (listen(fd, 16) != 0) {
        play_finish(p, FAULTY, "no listening socket for the target: %s", strerror(errno));
        return NULL;
    }
    struct event *e = event_new(p->set->base, fd, EV_READ | EV_PERSIST, on_accept, p);
    xevent_add(e, NULL);
    return e;
}

bool play_set_scene(struct play *p)
{
    struct stage_set *set = p->set;
    struct scene *s = &p->scene;
    s->origin = set->origin;
    s->user = set->user;
    s->pass = set->pass;
    s->seed = set->seed;
    s->udp_port = p->verbatim ? p->verbatim->ports[PORT_UDP] : 0;
    s->dialer_port = p->verbatim ? p->verbatim->ports[PORT_DIALER] : 0;
    bool ipv6 = (p->test->needs & (NEED_IPV6 | NEED_DOMAIN | NEED_NO_IPV6)) && net_has_ipv6();
    int udp = -1, tries = 0;
    while (!open_ports(p, ipv6, tries >= RECENT_TRIES, &udp)) {
        close_ports(p, &udp);
        if (!p->over && ++tries == TRIES)
            play_finish(p, FAULTY, "no port is free for the target in %d tries: %s", TRIES,
                        strerror(errno));
        if (p->over)
            return false;
    }
    port_was_had(&set->targets, s->target_port);
    if (udp >= 0)
        play_open(p, TARGET_UDP, udp, false);
    p->listening = listening(p, p->listener);
    p->listening6 = listening(p, p->listener6);
    if (p->test->needs & NEED_BIND)
        p->dialer = play_bound(p, SOCK_STREAM, set->origin, &s->dialer_port);
    if (p->test->needs & (NEED_UDP | NEED_NO_UDP)) {
        int fd = play_bound(p, SOCK_DGRAM, set->origin, &s->udp_port);
        if (fd >= 0) {
            play_open(p, UDP, fd, false);
            p->channels[UDP].deaf = &set->udp;
            port_set_put(&set->udp, s->udp_port, true);
        }
    }
    if (set->server)
        join_server(p);
    return !p->over;
}
