/* Who takes part in a play, and their sockets. */
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
    c->wire->any_salt = p->test == p->set->control; /* it tells whether the peer serves */
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

int play_bound(struct play *p, int type, struct in_addr ip, uint16_t *port)
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
        int fd = play_bound(p, SOCK_STREAM, stranger_ip(), &port);
        if (fd >= 0)
            dial(p, a, fd, &to);
        break;
    }
    case UDP_STRANGER: {
        int fd = play_bound(p, SOCK_DGRAM, stranger_ip(), &port);
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
