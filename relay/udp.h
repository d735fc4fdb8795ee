/* The UDP relay, both sides. An association joins a client's address to sockets of its own toward
 * the remote side; it ends with its TCP connection (UDP ASSOCIATE), or when nothing has passed for
 * udp_timeout (ssserver and tunnel, which find it by the client's address). udp.c has its life,
 * udp_relay.c what becomes of a datagram. */
#ifndef RELAY_UDP_H
#define RELAY_UDP_H

#include "connection.h"
#include "datagram.h"

enum {
    UDP_ASSOCIATIONS = 4096, /* found by address, for each worker; a further one ends the oldest */
    UDP_WAITING = 16,        /* datagrams of an association that wait for a name, at most */
    UDP_TURN = 32,           /* datagrams of a socket in one turn of the loop */
};

struct udp_front; /* a listening socket of ssserver or tunnel */

struct udp_socket {
    int fd; /* -1: not open */
    struct event readable;
};

struct association {
    struct expiry_entry expiry;
    struct association *next; /* of the same front and hash */
    struct worker *worker;
    struct port *port;       /* held */
    struct udp_front *front; /* NULL: of a connection */
    struct connection *connection;
    struct udp_socket own;     /* toward the client; fd -1: the front's */
    struct udp_socket back[2]; /* toward the remote side: IPv4, IPv6 */
    struct address client;
    bool client_known;           /* else its port is that of its first datagram */
    unsigned server;             /* sslocal, tunnel: which of the configured servers */
    struct udp_waiting *waiting; /* datagrams whose name is being resolved */
    unsigned waiting_count;
};

/* SKS_ACTION_ASSOCIATE: opens the client's socket and tells the session. */
void udp_associate(struct connection *c, const struct sks_addr *client);
void udp_dissociate(struct association *association);

struct udp_front *udp_front_new(void); /* NULL: no memory; freed as it is until it is opened */

/* Takes fd, which is bound. 0, or -1 when it cannot be watched; closed in both cases. */
int udp_front_open(struct udp_front *front, struct port *port, int fd);
void udp_front_close(struct udp_front *front);                    /* its associations end */
void udp_front_serve(struct udp_front *front, struct port *port); /* instead of what it served */

/* An entry of the worker's associations expired. */
void udp_expired(struct expiry_entry *entry);

/* ---- udp_relay.c ----------------------------------------------------------------------------- */

/* Octets from the client, with the room of datagram.h around them; UDP ASSOCIATE: headed as in
 * RFC 1928 section 7; else the payload (tunnel), or what datagram_open found (ssserver). */
void udp_from_client(struct association *a, uint8_t *octets, size_t len);
void udp_from_opened(struct association *a, const struct datagram *d);

/* Octets from the remote side, likewise, and who sent them. */
void udp_from_remote(struct association *a, const struct address *from, uint8_t *octets,
                     size_t len);

void udp_forget_waiting(struct association *a);

/* Counts a datagram that is not relayed, and why. */
void udp_drop(struct worker *worker, const char *why);

/* Sends to the client, and to the remote side. */
void udp_send_client(struct association *a, const uint8_t *octets, size_t len);
void udp_send_remote(struct association *a, const struct address *to, const uint8_t *octets,
                     size_t len);

#endif
