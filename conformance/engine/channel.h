/* One socket or pipe of a case on the event loop: what came and was not yet taken, what is still to
 * go, and how it ended. */
#ifndef ENGINE_CHANNEL_H
#define ENGINE_CHANNEL_H

#include "wire.h"

#include <event2/event.h>

struct channel {
    int fd; /* -1: not there */
    bool datagram;
    bool connecting;
    bool paused;   /* nothing is read for now */
    bool fin_sent; /* or to be sent when out is empty */
    enum ending ending;
    int error; /* errno of a connection that could not be made */
    uint8_t *in;
    size_t in_len;
    bool got;     /* a datagram is in `in`, an empty one perhaps */
    uint8_t *out; /* owned, malloc */
    size_t out_len, out_at;
    struct sockaddr_storage from; /* of the datagram in `in` */
    const struct port_set *deaf;  /* borrowed; what comes from there is dropped; NULL: nothing */
    struct wire *wire;            /* borrowed; NULL: octets are as on the network */
    size_t wire_seen;             /* octets of the network that the play has recorded */
    struct event *readable, *writable;
    void (*changed)(void *context); /* something above is not as before */
    void *context;
};

/* Takes over fd, connected or (connecting) on its way. */
void channel_open(struct channel *c, struct event_base *base, int fd, bool datagram,
                  bool connecting, void (*changed)(void *), void *context);

/* Sends n octets, as soon as the socket takes them; datagrams go to `to` (whole, at once). */
void channel_send(struct channel *c, const uint8_t *octets, size_t n);
/* As data of the stream, framed by the wire where there is one. octets has room for PATTERN_MAX and
 * is changed. */
void channel_send_data(struct channel *c, uint8_t *octets, size_t n);
void channel_send_to(struct channel *c, const uint8_t *octets, size_t n,
                     const struct sockaddr_storage *to);
bool channel_idle(const struct channel *c); /* all has been given to the socket */

/* Drops the first n octets of what came, or the datagram. */
void channel_take(struct channel *c, size_t n);
void channel_pause(struct channel *c, bool paused);

void channel_fin(struct channel *c); /* no more will be sent */
void channel_rst(struct channel *c); /* ends at once, with an RST */
void channel_close(struct channel *c);

#endif
