#include "listener.h"

#include "connection.h"
#include "udp.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, FAST_OPEN_QUEUE = 256, DEFER_SECONDS = 1 };

struct listener {
    struct listener *next;
    struct address at;
    struct port *port; /* held */
    int fd;            /* TCP; -1: none */
    int spare;         /* a descriptor to spend when none is left, so that a client can be told */
    struct event event;
    struct udp_front *front; /* UDP; NULL: none */
    bool wanted;
};

/* ---- what is to be served -------------------------------------------------------------------- */

static int no_memory(char *error, const char *where)
{
    snprintf(error, CONFIG_ERROR_MAX, "%.255s: no memory to serve it", where);
    return -1;
}

static int add_host(struct openings **all, struct config *config, const char *host, uint16_t port,
                    const char *password, char *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(host, NULL, &hints, &found);
    if (status != 0) {
        snprintf(error, CONFIG_ERROR_MAX, "%.255s: cannot listen there: %s", host,
                 gai_strerror(status));
        return -1;
    }
    struct openings *more =
        realloc(*all, sizeof **all + ((*all)->count + 1) * sizeof(struct opening));
    if (more == NULL) {
        freeaddrinfo(found);
        return no_memory(error, host);
    }
    *all = more;
    struct opening *o = &more->items[more->count++];
    memset(o, 0, sizeof *o);
    memcpy(&o->at.u, found->ai_addr, found->ai_addrlen);
    address_set_port(&o->at, port);
    freeaddrinfo(found);
    o->password = password;
    o->tcp = (config->mode & MODE_TCP_ONLY) || config->role == SKS_ROLE_SSLOCAL ||
             config->role == SKS_ROLE_SOCKS5;
    o->udp = (config->mode & MODE_UDP_ONLY) &&
             (config->role == SKS_ROLE_SSSERVER || config->role == SKS_ROLE_TUNNEL);
    o->tcp_fd = o->udp_fd = -1;
    return 0;
}

static int add_all(struct openings **all, struct config *config, char *error)
{
    if (config->role != SKS_ROLE_SSSERVER)
        return add_host(all, config, config->local_address, config->local_port, config->password,
                        error);
    for (size_t h = 0; h < config->server.count; h++) {
        const char *host = config->server.items[h];
        for (size_t p = 0; p < config->port_passwords; p++)
            if (add_host(all, config, host, config->port_password[p].port,
                         config->port_password[p].password, error) != 0)
                return -1;
        for (size_t p = 0; config->port_passwords == 0 && p < config->server_port.count; p++)
            if (add_host(all, config, host, config->server_port.items[p], config->password,
                         error) != 0)
                return -1;
    }
    return 0;
}

struct openings *openings_make(struct config *config, char error[CONFIG_ERROR_MAX])
{
    struct openings *all = calloc(1, sizeof *all);
    if (all == NULL) {
        (void)no_memory(error, "a port");
        return NULL;
    }
    all->config = config_hold(config);
    if (add_all(&all, config, error) == 0)
        return all;
    openings_free(all);
    return NULL;
}

struct openings *openings_copy(const struct openings *from)
{
    size_t size = sizeof *from + from->count * sizeof(struct opening);
    struct openings *copy = malloc(size);
    if (copy == NULL)
        return NULL;
    memcpy(copy, from, size);
    config_hold(copy->config);
    for (size_t i = 0; i < copy->count; i++)
        copy->items[i].tcp_fd = copy->items[i].udp_fd = -1;
    return copy;
}

void openings_free(struct openings *openings)
{
    if (openings == NULL)
        return;
    for (size_t i = 0; i < openings->count; i++) {
        struct opening *o = &openings->items[i];
        if (o->tcp_fd >= 0)
            close(o->tcp_fd);
        if (o->udp_fd >= 0)
            close(o->udp_fd);
        if (o->port != NULL)
            port_release(o->port);
        free(o->listener);
        free(o->front);
    }
    config_release(openings->config);
    free(openings);
}

/* ---- sockets --------------------------------------------------------------------------------- */

static int bind_one(const struct address *at, int type, bool shared)
{
    const int on = 1, off = 0;
    int fd = socket(at->u.sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (type == SOCK_STREAM)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (at->u.sa.sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, &at->u.sa, address_size(at)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Sockets that share a port do not see others who share it, too: so the first looks whether the
 * port is free. */
static int bind_socket(const struct address *at, int type, const struct config *config, bool first)
{
    bool shared = config->workers > 1;
    if (shared && first) {
        int fd = bind_one(at, type, false);
        if (fd < 0)
            return -1;
        close(fd);
    }
    return bind_one(at, type, shared);
}

static int listen_at(struct opening *o, const struct config *config, bool first)
{
    const int queue = FAST_OPEN_QUEUE, on = 1, seconds = DEFER_SECONDS;
    o->tcp_fd = bind_socket(&o->at, SOCK_STREAM, config, first);
    if (o->tcp_fd < 0)
        return -1;
    if (config->fast_open)
        (void)setsockopt(o->tcp_fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue);
    if (port_hears_first(config->role)) /* else it is accepted after those seconds */
        (void)setsockopt(o->tcp_fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
    /* what is accepted has these, too */
    (void)setsockopt(o->tcp_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(o->tcp_fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return listen(o->tcp_fd, BACKLOG);
}

static const struct opening *opening_at(const struct openings *all, const struct address *at)
{
    for (size_t i = 0; all != NULL && i < all->count; i++)
        if (address_same(&all->items[i].at, at))
            return &all->items[i];
    return NULL;
}

/* What the worker takes when it serves o. */
static int make(struct opening *o, struct worker *worker, struct config *config,
                const struct opening *had)
{
    bool new_front = o->udp && (had == NULL || !had->udp);
    o->port = port_new(worker, config, address_port(&o->at), o->password);
    if (new_front)
        o->front = udp_front_new();
    o->listener = calloc(1, sizeof *o->listener);
    return o->port != NULL && o->listener != NULL && (o->front != NULL || !new_front) ? 0 : -1;
}

int openings_bind(struct openings *openings, struct worker *worker, const struct openings *before,
                  bool first, char error[CONFIG_ERROR_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < openings->count; i++) {
        struct opening *o = &openings->items[i];
        const struct opening *had = opening_at(before, &o->at);
        int status = 0;
        if (make(o, worker, openings->config, had) != 0)
            return no_memory(error, address_text(&o->at, text));
        if (o->tcp && (had == NULL || !had->tcp))
            status = listen_at(o, openings->config, first);
        if (status == 0 && o->udp && (had == NULL || !had->udp)) {
            o->udp_fd = bind_socket(&o->at, SOCK_DGRAM, openings->config, first);
            status = o->udp_fd < 0 ? -1 : 0;
        }
        if (status != 0) {
            snprintf(error, CONFIG_ERROR_MAX, "%s: cannot listen there: %s",
                     address_text(&o->at, text), strerror(errno));
            return -1;
        }
    }
    return 0;
}

/* ---- a worker's ------------------------------------------------------------------------------ */

/* No descriptor is left: the spare one serves to accept a connection and close it, so that clients
 * learn of it and the loop does not spin. */
static void shed(struct listener *l)
{
    static struct log_limit limit;
    char text[ADDRESS_TEXT_MAX];
    log_limited(&limit, LOG_WARNING, "%s: no descriptor is left, connections are refused",
                address_text(&l->at, text));
    if (l->spare >= 0)
        close(l->spare);
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        COUNT_UP(l->port->worker->statistics.shed, 1);
    }
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    struct listener *l = arg;
    (void)what;
    int got = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* one a turn: no EAGAIN */
    if (got >= 0)
        connection_open(l->port->worker, l->port, got);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        shed(l);
}

static void listener_free(struct listener *l)
{
    if (l->fd >= 0) {
        event_del(&l->event);
        close(l->fd);
    }
    if (l->spare >= 0)
        close(l->spare);
    if (l->front != NULL)
        udp_front_close(l->front);
    if (l->port != NULL)
        port_release(l->port);
    free(l);
}

static struct listener *listener_of(struct worker *worker, struct opening *o)
{
    struct listener *l;
    for (l = worker->listeners; l != NULL; l = l->next)
        if (address_same(&l->at, &o->at))
            return l;
    l = o->listener;
    o->listener = NULL;
    l->at = o->at;
    l->fd = -1;
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    l->next = worker->listeners;
    worker->listeners = l;
    return l;
}

static int serve_tcp(struct worker *worker, struct listener *l, struct opening *o)
{
    if (!o->tcp && l->fd >= 0) {
        event_del(&l->event);
        close(l->fd);
        l->fd = -1;
    }
    if (o->tcp_fd < 0)
        return 0;
    l->fd = o->tcp_fd;
    o->tcp_fd = -1;
    event_assign(&l->event, worker->base, l->fd, EV_READ | EV_PERSIST, on_connection, l);
    return event_add(&l->event, NULL);
}

static int serve_udp(struct listener *l, struct opening *o)
{
    if (l->front != NULL && o->udp)
        udp_front_serve(l->front, l->port);
    else if (l->front != NULL)
        udp_front_close(l->front);
    if (!o->udp)
        l->front = NULL;
    if (o->udp_fd < 0)
        return 0;
    l->front = o->front;
    o->front = NULL;
    int fd = o->udp_fd;
    o->udp_fd = -1;
    return udp_front_open(l->front, l->port, fd);
}

static int serve(struct worker *worker, struct opening *o)
{
    struct listener *l = listener_of(worker, o);
    if (l->port != NULL)
        port_release(l->port);
    l->port = o->port;
    o->port = NULL;
    l->wanted = true;
    int status = serve_tcp(worker, l, o);
    return serve_udp(l, o) == 0 ? status : -1;
}

static void close_unwanted(struct worker *worker)
{
    for (struct listener **at = &worker->listeners; *at != NULL;) {
        struct listener *l = *at;
        if (l->wanted) {
            l->wanted = false;
            at = &l->next;
            continue;
        }
        *at = l->next;
        listener_free(l);
    }
}

int listeners_apply(struct worker *worker, struct openings *openings)
{
    int status = 0;
    for (size_t i = 0; i < openings->count; i++)
        status |= serve(worker, &openings->items[i]);
    close_unwanted(worker);
    return status;
}

void listeners_close(struct worker *worker)
{
    close_unwanted(worker);
}
