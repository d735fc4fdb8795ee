/* Who takes part in a play: their sockets, and the target that waits for the peer. */
#include "memory.h"
#include "net.h"
#include "playing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool actor_is_datagram(enum actor a)
{
    return a == UDP || a == UDP_STRANGER || a == TARGET_UDP || a == SERVER_UDP || a == PROXY_UDP;
}

bool actor_is_cut(const struct play *p, enum actor a)
{
    return a == p->lead || (a == SERVER && p->set->role == ROLE_SS_LOCAL);
}

bool actor_leads(enum actor a)
{
    return a == CLIENT || a == PROXY;
}

/* Which actors speak Shadowsocks, and as which side. */
static bool has_wire(enum role role, enum actor a, enum wire_side *side)
{
    bool server = a == SERVER || a == SERVER_AGAIN || a == SERVER_UDP;
    *side = server ? WIRE_SERVER : WIRE_CLIENT;
    if (role == ROLE_SS_LOCAL)
        return server;
    return role == ROLE_SS_SERVER && (a == CLIENT || a == SECOND || a == UDP || a == UDP_STRANGER);
}

/* Of whom {sent}, {got} and {same-salt} speak. */
static enum actor other_actor(enum actor a)
{
    return a == SECOND ? CLIENT : a == UDP_STRANGER ? UDP : a == SERVER_AGAIN ? SERVER : a;
}

void play_open(struct play *p, enum actor a, int fd, bool connecting)
{
    struct channel *c = &p->channels[a];
    enum wire_side side;
    channel_open(c, p->set->base, fd, actor_is_datagram(a), connecting, play_advance, p);
    if (!has_wire(p->set->role, a, &side))
        return;
    c->wire = p->wires[a] = wire_new(&p->set->keys, side, actor_is_datagram(a));
    if (p->wires[other_actor(a)])
        c->wire->other = p->wires[other_actor(a)];
}

static bool dial(struct play *p, enum actor a, int fd, const struct sockaddr_storage *to)
{
    if (fd < 0)
        fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        play_finish(p, FAULTY, "no socket for the %s: %s", actor_names[a], strerror(errno));
        return false;
    }
    int r = connect(fd, (const struct sockaddr *)to, net_len(to));
    if (r != 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        p->channels[a].error = error;
        p->channels[a].ending = ENDING_RST;
        return true;
    }
    play_open(p, a, fd, true);
    return true;
}

static struct in_addr stranger_ip(void)
{
    return (struct in_addr){htonl(0x7f000002)};
}

/* BND, with the peer's own address where it names none. */
struct sockaddr_storage play_bnd(const struct play *p)
{
    struct sockaddr_storage to = p->scene.bnd, peer = p->set->peer;
    if (to.ss_family == AF_UNSPEC)
        return peer;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&to;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&to;
    bool unspecified = to.ss_family == AF_INET ? v4->sin_addr.s_addr == 0
                                               : IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    if (!unspecified)
        return to;
    net_set_port(&peer, net_port(&to));
    return peer;
}

static int bound(struct play *p, int type, struct in_addr ip, uint16_t *port)
{
    struct sockaddr_storage addr = net_ipv4(ip, *port);
    int fd = net_bound(type, &addr);
    if (fd < 0)
        play_finish(p, FAULTY, "no socket: %s", strerror(errno));
    *port = net_port(&addr);
    return fd;
}

/* Makes the actor come to be, as far as that is ours to do. */
void play_bring(struct play *p, enum actor a)
{
    struct channel *c = &p->channels[a];
    if (c->fd >= 0 || c->ending != ENDING_OPEN || p->over)
        return;
    struct sockaddr_storage to = play_bnd(p);
    uint16_t port = 0;
    switch (a) {
    case CLIENT:
    case SECOND:
        dial(p, a, -1, &p->set->peer);
        break;
    case DIALER:
        dial(p, a, p->dialer, &to);
        p->dialer = -1;
        break;
    case STRANGER: {
        int fd = bound(p, SOCK_STREAM, stranger_ip(), &port);
        if (fd >= 0)
            dial(p, a, fd, &to);
        break;
    }
    case UDP_STRANGER: {
        int fd = bound(p, SOCK_DGRAM, stranger_ip(), &port);
        if (fd >= 0)
            play_open(p, a, fd, false);
        break;
    }
    case TARGET:     /* the peer's to do */
    case UDP:        /* opened with the scene */
    case TARGET_UDP: /* likewise */
    case SERVER:     /* the peer's to do */
    case SERVER_AGAIN:
    case SERVER_UDP: /* opened with the scene */
    case PROXY:      /* the peer's to do */
    case PROXY_AGAIN:
    case PROXY_UDP: /* opened with the scene */
    case STDIN:
    case STDOUT:
    case PROCESS:
    case N_ACTORS:
        break;
    }
}

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
        connect(fd, (const struct sockaddr *)&nobody, net_len(&nobody));
    return fd;
}

/* The target's listening sockets and the port that refuses: IPv4, and IPv6 with the same number. */
bool play_set_scene(struct play *p)
{
    struct stage_set *set = p->set;
    struct scene *s = &p->scene;
    s->origin = set->origin;
    s->user = set->user;
    s->pass = set->pass;
    s->seed = set->seed;
    const uint16_t any[N_PORTS] = {0}, *ports = p->verbatim ? p->verbatim->ports : any;
    s->udp_port = ports[PORT_UDP];
    s->dialer_port = ports[PORT_DIALER];
    bool both = (p->test->needs & (NEED_IPV6 | NEED_DOMAIN | NEED_NO_IPV6)) && net_has_ipv6();
    for (int tries = 0; tries < 20; tries++) {
        s->target_port = ports[PORT_TARGET];
        s->refused_port = ports[PORT_REFUSED];
        p->listener = bound(p, SOCK_STREAM, set->origin, &s->target_port);
        p->refused = bound(p, SOCK_STREAM, set->origin, &s->refused_port);
        if (p->over)
            return false;
        if (!both)
            break;
        struct sockaddr_storage t6 = net_loopback6(s->target_port);
        struct sockaddr_storage r6 = net_loopback6(s->refused_port);
        p->listener6 = net_bound(SOCK_STREAM, &t6);
        p->refused6 = net_bound(SOCK_STREAM, &r6);
        if (p->listener6 >= 0 && p->refused6 >= 0)
            break;
        int *fds[] = {&p->listener, &p->listener6, &p->refused, &p->refused6};
        for (size_t i = 0; i < 4; i++)
            if (*fds[i] >= 0)
                close(*fds[i]), *fds[i] = -1;
    }
    if (p->listener < 0 || listen(p->listener, 16) != 0 ||
        (p->listener6 >= 0 && listen(p->listener6, 16) != 0)) {
        play_finish(p, FAULTY, "no listening socket for the target: %s", strerror(errno));
        return false;
    }
    p->listening = event_new(set->base, p->listener, EV_READ | EV_PERSIST, on_accept, p);
    xevent_add(p->listening, NULL);
    if (p->listener6 >= 0) {
        p->listening6 = event_new(set->base, p->listener6, EV_READ | EV_PERSIST, on_accept, p);
        xevent_add(p->listening6, NULL);
    }
    if (p->test->needs & NEED_BIND)
        p->dialer = bound(p, SOCK_STREAM, set->origin, &s->dialer_port);
    if (p->test->needs & (NEED_UDP | NEED_NO_UDP)) {
        int fd = bound(p, SOCK_DGRAM, set->origin, &s->udp_port);
        struct sockaddr_storage at = net_ipv4(set->origin, s->target_port);
        struct sockaddr_storage at6 = net_loopback6(s->target_port);
        int target =
            net_bound(SOCK_DGRAM, p->listener6 >= 0 && (p->test->needs & NEED_IPV6) ? &at6 : &at);
        p->refused_udp = refuse_datagrams(p);
        if (fd >= 0)
            play_open(p, UDP, fd, false);
        if (target < 0) {
            play_finish(p, DISTURBED, "the target's UDP port is taken");
            return false;
        }
        play_open(p, TARGET_UDP, target, false);
    }
    if (set->server)
        join_server(p);
    return !p->over;
}
