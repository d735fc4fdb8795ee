#include "server.h"

#include "memory.h"
#include "net.h"

#include <errno.h>
#include <sockspec/addr.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TYPE_BITS = 0x0f }; /* of ATYP; the rest is one-time auth's flag, or a fault */

struct arrival { /* a connection whose header is not whole yet */
    struct server *server;
    int fd;
    size_t seen; /* octets that were there when last looked */
    struct event *readable;
    struct arrival *next;
};

struct server {
    struct event_base *base;
    struct wire_keys keys; /* without salts: looking at a header uses none up */
    struct sockaddr_storage at;
    int listener, udp;
    struct event *accepting, *receiving;
    struct guest *guests;
    struct arrival *arrivals;
    unsigned strays;
    uint8_t *octets, *plain; /* PATTERN_MAX each */
};

/* ---- whose ----------------------------------------------------------------------------------- */

enum named { NAMED, UNREADABLE, NOT_YET };

/* The destination that n octets name, by port. */
static enum named look(struct server *s, size_t n, bool datagram, uint16_t *port)
{
    struct wire *w = wire_new(&s->keys, WIRE_SERVER, datagram);
    struct sks_addr a;
    size_t header;
    memcpy(w->raw, s->octets, n);
    size_t got = wire_decode(w, n, s->plain);
    bool fault = w->fault[0] != 0;
    wire_free(w);
    salt_set_free(s->keys.salts);
    s->keys.salts = NULL;
    if (got)
        s->plain[0] &= TYPE_BITS;
    enum sks_status status = sks_addr_parse(&a, s->plain, got, &header);
    if (status == SKS_OK) {
        *port = a.port;
        return NAMED;
    }
    return status == SKS_MORE && !fault && !datagram && n < PATTERN_MAX ? NOT_YET : UNREADABLE;
}

/* Whom it is for: the case with that destination, else a case that is alone, else NULL. */
static struct guest *whose(struct server *s, enum named named, uint16_t port)
{
    for (struct guest *g = s->guests; g && named == NAMED; g = g->next)
        if (g->port == port)
            return g;
    if (s->guests && !s->guests->next && s->guests->alone)
        return s->guests;
    s->strays++;
    return NULL;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void hand_over(struct guest *g, int fd)
{
    int any = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &any, sizeof any);
    if (g)
        g->connected(g->context, fd);
    else
        close(fd);
}

static void forget(struct arrival *a)
{
    struct arrival **at = &a->server->arrivals;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    event_free(a->readable);
    free(a);
}

static void on_arrival(int fd, short what, void *arg)
{
    (void)what;
    struct arrival *a = arg;
    struct server *s = a->server;
    uint16_t port = 0;
    ssize_t n = recv(fd, s->octets, PATTERN_MAX, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    bool ended = n <= 0 || (size_t)n == a->seen;
    enum named named = n > 0 ? look(s, (size_t)n, false, &port) : UNREADABLE;
    if (named == NOT_YET && !ended) {
        int more = (int)n + 1; /* not woken again for the same octets */
        a->seen = (size_t)n;
        setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &more, sizeof more);
        return;
    }
    forget(a);
    hand_over(whose(s, named, port), fd);
}

static void on_accept(int listener, short what, void *arg)
{
    (void)what;
    struct server *s = arg;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    for (struct guest *g = s->guests; g; g = g->next)
        if (g->eager) {
            g->eager = false;
            hand_over(g, fd);
            return;
        }
    struct arrival *a = xcalloc(1, sizeof *a);
    *a = (struct arrival){.server = s, .fd = fd, .next = s->arrivals};
    s->arrivals = a;
    a->readable = event_new(s->base, fd, EV_READ | EV_PERSIST, on_arrival, a);
    xevent_add(a->readable, NULL);
}

void server_refuse(struct server *s, bool refuse)
{
    if (refuse) {
        event_del(s->accepting);
        shutdown(s->listener, SHUT_RD); /* no listener any more, and still the port's owner */
    } else {
        listen(s->listener, SOMAXCONN);
        xevent_add(s->accepting, NULL);
    }
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static void on_datagram(int fd, short what, void *arg)
{
    (void)what;
    struct server *s = arg;
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    uint16_t port = 0;
    ssize_t n = recvfrom(fd, s->octets, PATTERN_MAX, 0, (struct sockaddr *)&from, &from_len);
    if (n < 0)
        return;
    enum named named = look(s, (size_t)n, true, &port);
    struct guest *g = whose(s, named, port);
    if (g)
        g->datagram(g->context, s->octets, (size_t)n, &from);
}

void server_send_to(struct server *s, const uint8_t *octets, size_t n,
                    const struct sockaddr_storage *to)
{
    sendto(s->udp, octets, n, MSG_NOSIGNAL, (const struct sockaddr *)to, net_len(to));
}

/* ---- from the start to the end --------------------------------------------------------------- */

/* As net_bound, also while connections of an earlier run there are in TIME-WAIT. */
static int bound_again(struct sockaddr_storage *at)
{
    int fd = socket(at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)at, net_len(at)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Both sockets at one port, bound by number: so a listener keeps it when it is shut. */
static bool open_sockets(struct server *s, const struct sockaddr_storage *at)
{
    for (int tries = 0; tries < 50; tries++) {
        struct sockaddr_storage any = *at;
        s->at = *at;
        int probe = net_port(at) ? -1 : net_bound(SOCK_STREAM, &any);
        if (probe >= 0) {
            close(probe);
            net_set_port(&s->at, net_port(&any));
        }
        s->listener = bound_again(&s->at);
        s->udp = s->listener < 0 ? -1 : net_bound(SOCK_DGRAM, &s->at);
        if (s->udp >= 0 && listen(s->listener, SOMAXCONN) == 0)
            return true;
        int error = errno;
        if (s->listener >= 0)
            close(s->listener);
        if (s->udp >= 0)
            close(s->udp);
        s->listener = s->udp = -1;
        errno = error;
        if (net_port(at))
            break;
    }
    return false;
}

struct server *server_open(struct event_base *base, const struct wire_keys *keys,
                           const struct sockaddr_storage *at)
{
    struct server *s = xcalloc(1, sizeof *s);
    s->base = base;
    s->keys = *keys;
    s->keys.salts = NULL;
    s->keys.ota = false; /* a header that lacks it is still found */
    if (!open_sockets(s, at)) {
        free(s);
        return NULL;
    }
    s->octets = xmalloc(PATTERN_MAX);
    s->plain = xmalloc(PATTERN_MAX);
    s->accepting = event_new(base, s->listener, EV_READ | EV_PERSIST, on_accept, s);
    s->receiving = event_new(base, s->udp, EV_READ | EV_PERSIST, on_datagram, s);
    xevent_add(s->accepting, NULL);
    xevent_add(s->receiving, NULL);
    return s;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    while (s->arrivals) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget has set it to the next */
        close(s->arrivals->fd);
        forget(s->arrivals);
    }
    event_free(s->accepting);
    event_free(s->receiving);
    close(s->listener);
    close(s->udp);
    free(s->octets);
    free(s->plain);
    free(s);
}

struct sockaddr_storage server_address(const struct server *s)
{
    return s->at;
}

void server_join(struct server *s, struct guest *g)
{
    g->next = s->guests;
    s->guests = g;
}

void server_leave(struct server *s, struct guest *g)
{
    for (struct guest **at = &s->guests; *at; at = &(*at)->next)
        if (*at == g) {
            *at = g->next;
            return;
        }
}

unsigned server_strays(const struct server *s)
{
    return s->strays;
}
