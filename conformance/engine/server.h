/* The Shadowsocks server behind an ss-local: one address for a whole run, TCP and UDP. A connection
 * or datagram is given to the case whose destination its header names, by port; the header is only
 * looked at, the case gets every octet. */
#ifndef ENGINE_SERVER_H
#define ENGINE_SERVER_H

#include "wire.h"

#include <event2/event.h>

struct server;

/* A case that waits for what the peer sends. Fields are the case's to set, next is not. */
struct guest {
    uint16_t port; /* of the destination that is this case's, host byte order */
    bool eager;    /* takes the next connection as it is made, before its header */
    bool alone;    /* no other case runs: what names nobody is its */
    void (*connected)(void *context, int fd); /* takes over fd */
    void (*datagram)(void *context, const uint8_t *octets, size_t n,
                     const struct sockaddr_storage *from);
    void *context;
    struct guest *next;
};

/* Listens at `at` (port 0: any that is free for both). NULL with errno. keys outlive it. */
struct server *server_open(struct event_base *base, const struct wire_keys *keys,
                           const struct sockaddr_storage *at);
void server_free(struct server *s); /* NULL: nothing to do */
struct sockaddr_storage server_address(const struct server *s);

void server_join(struct server *s, struct guest *g);
void server_leave(struct server *s, struct guest *g);

/* Whether the port refuses connections for now. */
void server_refuse(struct server *s, bool refuse);
/* One datagram of n octets to a client. */
void server_send_to(struct server *s, const uint8_t *octets, size_t n,
                    const struct sockaddr_storage *to);

/* How many connections and datagrams nobody could be found for: what their headers name is no
 * case's destination, or cannot be read. */
unsigned server_strays(const struct server *s);

#endif
