#include "connection.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

uint8_t dial_rep(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return SKS_REP_REFUSED;
    case ENETUNREACH:
    case ENETDOWN:
    case EAFNOSUPPORT:
        return SKS_REP_NET_UNREACHABLE;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ETIMEDOUT:
        return SKS_REP_HOST_UNREACHABLE;
    case EACCES:
    case EPERM:
        return SKS_REP_NOT_ALLOWED;
    default:
        return SKS_REP_FAILURE;
    }
}

static void close_fd(struct dial *d)
{
    if (d->event != NULL)
        event_free(d->event);
    d->event = NULL;
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
}

void dial_free(struct dial *dial)
{
    if (dial->request != NULL)
        resolver_cancel(dial->request);
    close_fd(dial);
    free(dial);
}

static void answer(struct dial *d, enum sks_event_kind kind)
{
    d->out = (struct sks_event){.kind = kind};
    d->ready = true;
}

static void fail(struct dial *d, uint8_t rep)
{
    answer(d, SKS_EVENT_FAILURE);
    d->out.rep = rep;
}

/* ---- the name -------------------------------------------------------------------------------- */

static void drop_forbidden(struct dial *d)
{
    const struct config *config = d->owner->port->config;
    struct name_addresses allowed = {0};
    char text[ADDRESS_TEXT_MAX], name[ADDRESS_TEXT_MAX + 32];
    for (unsigned i = 0; i < d->found.count; i++) {
        if (!config_forbids(config, &d->found.list[i]))
            name_addresses_add(&allowed, &d->found.list[i]);
        else
            log_line(LOG_WARNING, "%s: %s is forbidden (%s)", connection_name(d->owner, name),
                     d->what, address_text(&d->found.list[i], text));
    }
    d->found = allowed;
}

static void on_found(void *arg, const struct name_addresses *is)
{
    struct dial *d = arg;
    int was_waiting = d->request != NULL;
    d->request = NULL;
    d->found = *is;
    for (unsigned i = 0; i < d->found.count; i++)
        address_set_port(&d->found.list[i], d->port);
    if (d->found.count == 0)
        fail(d, SKS_REP_HOST_UNREACHABLE);
    else if (drop_forbidden(d), d->found.count == 0)
        fail(d, SKS_REP_NOT_ALLOWED);
    else
        answer(d, SKS_EVENT_RESOLVED);
    if (was_waiting)
        connection_run(d->owner);
}

static uint32_t draw_below(size_t n)
{
    uint32_t random;
    if (n == 1)
        return 0;
    sks_random((uint8_t *)&random, sizeof random);
    return (uint32_t)(random % n);
}

int dial_resolve(struct connection *c, const struct sks_addr *addr)
{
    const struct config *config = c->port->config;
    struct dial *d = calloc(1, sizeof *d);
    struct address literal;
    char text[ADDRESS_TEXT_MAX];
    if (d == NULL)
        return -1;
    c->dial = d;
    d->owner = c;
    d->fd = -1;
    if (addr != NULL && address_from_sks(&literal, addr)) {
        struct name_addresses is = {.count = 1, .list = {literal}};
        d->port = addr->port;
        snprintf(d->what, sizeof d->what, "%s", address_text(&literal, text));
        on_found(d, &is);
        return 0;
    }
    const char *name = addr != NULL ? (const char *)addr->host
                                    : config->server.items[draw_below(config->server.count)];
    size_t len = addr != NULL ? addr->host_len : strlen(name);
    d->port = addr != NULL ? addr->port
                           : config->server_port.items[draw_below(config->server_port.count)];
    if (addr == NULL || name_is_valid(name, len))
        snprintf(d->what, sizeof d->what, "%.*s:%u", (int)len, name, (unsigned)d->port);
    else
        snprintf(d->what, sizeof d->what, "what is no host name");
    d->request = resolver_ask(c->worker->resolver, name, len, on_found, d);
    return 0;
}

/* ---- one address after another --------------------------------------------------------------- */

static void try_next(struct dial *d);

static void connected(struct dial *d)
{
    socklen_t size = sizeof d->out_addr.u;
    int fd = d->fd;
    d->fd = -1;
    close_fd(d);
    d->error = 0;
    if (d->owner->port->session.role != SKS_ROLE_SOCKS5 ||
        getsockname(fd, &d->out_addr.u.sa, &size) != 0) /* nobody else tells it */
        memset(&d->out_addr, 0, sizeof d->out_addr);
    connection_join(d->owner, fd);
    answer(d, SKS_EVENT_CONNECTED);
}

static void on_connected(evutil_socket_t fd, short what, void *arg)
{
    struct dial *d = arg;
    int error = 0;
    socklen_t size = sizeof error;
    (void)what;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0) {
        connected(d);
    } else {
        d->error = error;
        try_next(d);
    }
    connection_run(d->owner);
}

/* Whether to ask once if a connection stands as soon as it is begun: a near target's does, and the
 * loop need not turn for it. A local relay waits: its header goes with the client's first octets.
 */
static bool is_asked_now(const struct connection *c)
{
    return c->port->session.role == SKS_ROLE_SSSERVER || c->port->session.role == SKS_ROLE_SOCKS5;
}

/* 1 when it is under way. */
static int try_one(struct dial *d, const struct address *a)
{
    struct connection *c = d->owner;
    const int on = 1;
    close_fd(d);
    d->fd = socket(a->u.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (d->fd < 0)
        return 0;
    if (c->port->config->fast_open && c->side[REMOTE].message != NULL) /* it goes with the SYN */
        (void)setsockopt(d->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
    if (connect(d->fd, &a->u.sa, address_size(a)) == 0) {
        connected(d);
        return 1;
    }
    if (errno != EINPROGRESS)
        return 0;
    if (is_asked_now(c)) {
        if (send(d->fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) == 0) {
            connected(d);
            return 1;
        }
        if (errno != EAGAIN)
            return 0;
    }
    d->event = event_new(c->worker->base, d->fd, EV_WRITE, on_connected, d);
    return d->event != NULL && event_add(d->event, NULL) == 0;
}

static void try_next(struct dial *d)
{
    static struct log_limit limit;
    char text[ADDRESS_TEXT_MAX], name[ADDRESS_TEXT_MAX + 32];
    while (d->next < d->found.count) {
        const struct address *a = &d->found.list[d->next++];
        expiry_touch(&d->owner->expiry);
        if (log_shows(LOG_INFO))
            log_line(LOG_INFO, "%s: connecting to %s (%s)", connection_name(d->owner, name),
                     d->what, address_text(a, text));
        if (try_one(d, a))
            return;
        d->error = errno;
        if (errno == EMFILE || errno == ENFILE)
            log_limited(&limit, LOG_WARNING, "%s: no descriptor is left", d->what);
    }
    close_fd(d);
    fail(d, dial_rep(d->error));
}

void dial_connect(struct connection *c)
{
    try_next(c->dial);
}

void dial_expired(struct connection *c)
{
    struct dial *d = c->dial;
    d->error = ETIMEDOUT;
    if (d->request != NULL) {
        resolver_cancel(d->request);
        d->request = NULL;
        fail(d, SKS_REP_HOST_UNREACHABLE);
    } else {
        try_next(d);
    }
}

/* ---- BIND ------------------------------------------------------------------------------------ */

static bool is_expected(const struct dial *d, const struct address *peer)
{
    for (unsigned i = 0; i < d->found.count; i++)
        if (address_is_unspecified(&d->found.list[i]) || address_same_host(&d->found.list[i], peer))
            return true;
    return false;
}

static void on_peer(evutil_socket_t fd, short what, void *arg)
{
    struct dial *d = arg;
    struct address peer = {0};
    socklen_t size = sizeof peer.u;
    (void)what;
    int got = accept4(fd, &peer.u.sa, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got < 0)
        return;
    if (!is_expected(d, &peer)) {
        close(got);
        return;
    }
    close_fd(d);
    d->out_addr = peer;
    connection_join(d->owner, got);
    answer(d, SKS_EVENT_CONNECTED);
    connection_run(d->owner);
}

/* The own address from which the expected peer is reached; else that of the client's connection. */
static int own_address(struct dial *d, struct address *own)
{
    const struct address *peer = &d->found.list[0];
    socklen_t size = sizeof own->u;
    int fd = -1, got = -1;
    memset(own, 0, sizeof *own);
    if (!address_is_unspecified(peer)) {
        struct address toward = *peer;
        if (address_port(peer) == 0)
            address_set_port(&toward, 1);
        fd = socket(peer->u.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, &toward.u.sa, address_size(&toward)) == 0)
            got = getsockname(fd, &own->u.sa, &size);
    } else {
        got = getsockname(d->owner->side[LOCAL].fd, &own->u.sa, &size);
    }
    if (got != 0)
        d->error = errno;
    if (fd >= 0)
        close(fd);
    address_set_port(own, 0);
    return got;
}

void dial_listen(struct connection *c)
{
    struct dial *d = c->dial;
    struct address own;
    socklen_t size = sizeof d->out_addr.u;
    d->next = d->found.count; /* when the deadline has passed there is nothing else to try */
    if (own_address(d, &own) == 0) {
        d->fd = socket(own.u.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (d->fd >= 0 && bind(d->fd, &own.u.sa, address_size(&own)) == 0 &&
            listen(d->fd, 4) == 0 && getsockname(d->fd, &d->out_addr.u.sa, &size) == 0)
            d->event = event_new(c->worker->base, d->fd, EV_READ | EV_PERSIST, on_peer, d);
        if (d->event != NULL && event_add(d->event, NULL) == 0) {
            answer(d, SKS_EVENT_BOUND);
            expiry_enter(&c->worker->idle, &c->expiry); /* a peer may take longer than a connect */
            return;
        }
        d->error = errno;
    }
    close_fd(d);
    fail(d, dial_rep(d->error));
}
