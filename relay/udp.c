#include "udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUCKETS = 1024 };

struct udp_front {
    struct port *port; /* held */
    int fd;
    struct event readable;
    struct association *buckets[BUCKETS];
};

/* ---- sockets --------------------------------------------------------------------------------- */

/* One datagram into the worker's room; -1: none is there, or it was too large and dropped, then
 * errno is EMSGSIZE. */
static ssize_t receive(struct worker *worker, int fd, struct address *from)
{
    socklen_t size = sizeof from->u;
    memset(from, 0, sizeof *from);
    ssize_t n = recvfrom(fd, worker->datagram + DATAGRAM_HEAD, DATAGRAM_MAX + 1, MSG_DONTWAIT,
                         &from->u.sa, &size);
    if (n <= DATAGRAM_MAX)
        return n;
    COUNT_UP(worker->statistics.datagrams_large, 1);
    udp_drop(worker, "it is too large");
    errno = EMSGSIZE;
    return -1;
}

/* What is done with one: it stands at octets, with the room of datagram.h around it. */
typedef void on_datagram(void *arg, const struct address *from, uint8_t *octets, size_t len);

/* A turn of what a socket has. An error that a datagram of before brought back says nothing about
 * those to come. */
static void receive_turn(struct worker *worker, int fd, on_datagram *each, void *arg)
{
    struct address from;
    for (int i = 0; i < UDP_TURN; i++) {
        ssize_t n = receive(worker, fd, &from);
        if (n >= 0)
            each(arg, &from, worker->datagram + DATAGRAM_HEAD, (size_t)n);
        else if (errno == EAGAIN || errno == EBADF || errno == ENOTSOCK)
            return;
    }
}

static void send_datagram(struct worker *worker, int fd, const struct address *to,
                          const uint8_t *octets, size_t len, _Atomic uint64_t *counter)
{
    if (len > DATAGRAM_MAX)
        errno = EMSGSIZE;
    else if (sendto(fd, octets, len, MSG_DONTWAIT | MSG_NOSIGNAL, &to->u.sa, address_size(to)) >=
             0) {
        COUNT_UP(*counter, 1);
        return;
    }
    if (errno == EMSGSIZE)
        COUNT_UP(worker->statistics.datagrams_large, 1);
    udp_drop(worker, strerror(errno));
}

void udp_send_client(struct association *a, const uint8_t *octets, size_t len)
{
    int fd = a->own.fd >= 0 ? a->own.fd : a->front->fd;
    expiry_touch(&a->expiry);
    send_datagram(a->worker, fd, &a->client, octets, len, &a->worker->statistics.datagrams_down);
}

static void from_remote(void *arg, const struct address *from, uint8_t *octets, size_t len)
{
    udp_from_remote(arg, from, octets, len);
}

static void on_remote(evutil_socket_t fd, short what, void *arg)
{
    struct association *a = arg;
    (void)what;
    receive_turn(a->worker, fd, from_remote, a);
}

void udp_send_remote(struct association *a, const struct address *to, const uint8_t *octets,
                     size_t len)
{
    struct udp_socket *back = &a->back[to->u.sa.sa_family == AF_INET6];
    if (back->fd < 0) {
        back->fd = socket(to->u.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (back->fd < 0) {
            udp_drop(a->worker, strerror(errno));
            return;
        }
        event_assign(&back->readable, a->worker->base, back->fd, EV_READ | EV_PERSIST, on_remote,
                     a);
        if (event_add(&back->readable, NULL) != 0) {
            close(back->fd);
            back->fd = -1;
            udp_drop(a->worker, "no memory");
            return;
        }
    }
    expiry_touch(&a->expiry);
    send_datagram(a->worker, back->fd, to, octets, len, &a->worker->statistics.datagrams_up);
}

/* ---- associations ---------------------------------------------------------------------------- */

static struct association *association_new(struct port *port)
{
    struct association *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->worker = port->worker;
    a->port = port_hold(port);
    a->own.fd = a->back[0].fd = a->back[1].fd = -1;
    sks_random((uint8_t *)&a->server, sizeof a->server);
    COUNT_UP(a->worker->statistics.associations, 1);
    return a;
}

static void socket_close(struct udp_socket *s)
{
    if (s->fd < 0)
        return;
    event_del(&s->readable);
    close(s->fd);
}

void udp_dissociate(struct association *association)
{
    expiry_leave(&association->expiry);
    udp_forget_waiting(association);
    socket_close(&association->own);
    socket_close(&association->back[0]);
    socket_close(&association->back[1]);
    COUNT_UP(association->worker->statistics.associations, -1);
    port_release(association->port);
    free(association);
}

/* ---- UDP ASSOCIATE --------------------------------------------------------------------------- */

/* The client is the host of the TCP connection, at the port that it named or first sends from. */
static bool is_client(struct association *a, const struct address *from)
{
    if (a->client_known)
        return address_same(from, &a->client);
    if (!address_same_host(from, &a->client))
        return false;
    a->client = *from;
    a->client_known = true;
    return true;
}

static void from_client(void *arg, const struct address *from, uint8_t *octets, size_t len)
{
    struct association *a = arg;
    if (is_client(a, from))
        udp_from_client(a, octets, len);
    else
        udp_drop(a->worker, "not from the client of the association");
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
    struct association *a = arg;
    (void)what;
    receive_turn(a->worker, fd, from_client, a);
}

static int open_own(struct association *a, struct connection *c, const struct sks_addr *client,
                    struct address *own)
{
    int control = c->side[LOCAL].fd;
    socklen_t size = sizeof own->u, peer_size = sizeof a->client.u;
    if (getsockname(control, &own->u.sa, &size) != 0 ||
        getpeername(control, &a->client.u.sa, &peer_size) != 0)
        return -1;
    a->client_known = client->port != 0;
    address_set_port(&a->client, client->port);
    address_set_port(own, 0);
    size = sizeof own->u;
    a->own.fd = socket(own->u.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (a->own.fd < 0)
        return -1;
    event_assign(&a->own.readable, a->worker->base, a->own.fd, EV_READ | EV_PERSIST, on_client, a);
    if (bind(a->own.fd, &own->u.sa, address_size(own)) != 0 ||
        getsockname(a->own.fd, &own->u.sa, &size) != 0)
        return -1;
    return event_add(&a->own.readable, NULL);
}

void udp_associate(struct connection *c, const struct sks_addr *client)
{
    struct association *a = association_new(c->port);
    struct sks_event event = {.kind = SKS_EVENT_BOUND};
    struct address own = {0};
    if (a == NULL || open_own(a, c, client, &own) != 0) {
        event = (struct sks_event){.kind = SKS_EVENT_FAILURE, .rep = dial_rep(errno)};
        if (a != NULL)
            udp_dissociate(a);
    } else {
        c->association = a;
        a->connection = c;
        address_to_sks(&event.addr, &own);
    }
    connection_tell(c, &event);
}

/* ---- fronts ---------------------------------------------------------------------------------- */

static struct association **bucket_of(struct udp_front *front, const struct address *client)
{
    struct sks_addr s;
    uint32_t hash = 2166136261u;
    address_to_sks(&s, client);
    for (size_t i = 0; i < s.host_len; i++)
        hash = (hash ^ s.host[i]) * 16777619u;
    hash = (hash ^ s.port) * 16777619u;
    return &front->buckets[(hash >> 8) % BUCKETS];
}

static void end_association(struct association *a)
{
    struct association **at = bucket_of(a->front, &a->client);
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    udp_dissociate(a);
}

void udp_expired(struct expiry_entry *entry)
{
    end_association((struct association *)entry); /* its first member */
}

static struct association *association_of(struct udp_front *front, const struct address *client)
{
    struct association **bucket = bucket_of(front, client), *a;
    struct expiry_list *all = &front->port->worker->associations;
    for (a = *bucket; a != NULL; a = a->next)
        if (address_same(&a->client, client))
            break;
    if (a == NULL) {
        if (all->count == UDP_ASSOCIATIONS)
            end_association((struct association *)expiry_oldest(all));
        a = association_new(front->port);
        if (a == NULL)
            return NULL;
        a->front = front;
        a->client = *client;
        a->client_known = true;
        a->next = *bucket;
        *bucket = a;
        expiry_enter(all, &a->expiry);
    }
    if (a->port != front->port) { /* the configuration was read again */
        port_release(a->port);
        a->port = port_hold(front->port);
    }
    return a;
}

static void serve_one(void *arg, const struct address *from, uint8_t *octets, size_t len)
{
    struct udp_front *front = arg;
    struct worker *worker = front->port->worker;
    bool is_server = front->port->session.role == SKS_ROLE_SSSERVER;
    struct datagram d;
    enum sks_status s = is_server ? datagram_open(front->port, octets, len, &d) : SKS_OK;
    if (s != SKS_OK) {
        udp_drop(worker, sks_status_text(s));
        return;
    }
    struct association *a = association_of(front, from);
    if (a == NULL)
        udp_drop(worker, "no memory");
    else if (is_server)
        udp_from_opened(a, &d);
    else
        udp_from_client(a, octets, len);
}

static void on_front(evutil_socket_t fd, short what, void *arg)
{
    struct udp_front *front = arg;
    (void)what;
    receive_turn(front->port->worker, fd, serve_one, front);
}

struct udp_front *udp_front_new(void)
{
    return calloc(1, sizeof(struct udp_front));
}

int udp_front_open(struct udp_front *front, struct port *port, int fd)
{
    front->port = port_hold(port);
    front->fd = fd;
    event_assign(&front->readable, port->worker->base, fd, EV_READ | EV_PERSIST, on_front, front);
    return event_add(&front->readable, NULL);
}

void udp_front_serve(struct udp_front *front, struct port *port)
{
    port_hold(port);
    port_release(front->port);
    front->port = port;
}

void udp_front_close(struct udp_front *front)
{
    for (size_t i = 0; i < BUCKETS; i++)
        while (front->buckets[i] != NULL)
            /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it leaves its bucket, this one */
            end_association(front->buckets[i]);
    event_del(&front->readable);
    close(front->fd);
    port_release(front->port);
    free(front);
}
