/* The UDP relay, both sides. An association joins a client's address to sockets of its own toward
 * the remote side; it ends with its TCP connection (UDP ASSOCIATE), or when nothing has passed for
 * udp_timeout (ssserver and tunnel, which find it by the client's address). */
#ifndef RELAY_UDP_H
#define RELAY_UDP_H

#include "connection.h"

enum {
    UDP_ASSOCIATIONS = 4096, /* found by address, for each worker; a further one ends the oldest */
    UDP_DATAGRAM_MAX = 65507,
    UDP_HEAD = SKS_IV_MAX + SKS_UDP_HEADER_MAX, /* room before a datagram */
    UDP_TAIL = SKS_TAG_SIZE + 1, /* and behind it: one more octet shows a larger one */
    UDP_ROOM = UDP_HEAD + UDP_DATAGRAM_MAX + UDP_TAIL,
};

struct association;
struct udp_front; /* a listening socket of ssserver or tunnel */

/* SKS_ACTION_ASSOCIATE: opens the client's socket and tells the session. */
void udp_associate(struct connection *c, const struct sks_addr *client);
void udp_dissociate(struct association *association);

/* fd: bound. NULL when there is no memory; then fd is closed. */
struct udp_front *udp_front_open(struct port *port, int fd);
void udp_front_close(struct udp_front *front);                    /* its associations end */
void udp_front_serve(struct udp_front *front, struct port *port); /* instead of what it served */

/* An entry of the worker's associations expired. */
void udp_expired(struct expiry_entry *entry);

#endif
