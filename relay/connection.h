/* A session: the accepted connection, the one that the relay opens, and <sockspec/session.h>
 * between them. connection.c carries out the actions of the session, flow.c and flow_out.c move
 * octets, dial.c finds the remote side. */
#ifndef RELAY_CONNECTION_H
#define RELAY_CONNECTION_H

#include "dial.h"
#include "port.h"

#include <event2/event_struct.h>

enum { LOCAL, REMOTE };

/* Octets for a side that stand in no buffer: answers, and the header for the server. */
struct message {
    uint32_t at, size;
    uint8_t octets[];
};

struct side {
    int fd;            /* -1: not connected */
    bool ended;        /* the end of its octets was read */
    bool shut_asked;   /* its end of ours is to be sent, behind what waits */
    bool shut;         /* and was */
    bool fills;        /* the last reading of a piece filled it: likely more comes at once */
    bool hungry;       /* the session can do nothing with what is in `in` alone */
    struct buffer *in; /* NULL: nothing was read that still matters */
    struct message *message;
    bool reading, writing; /* whether the events are set */
    struct event readable, writable;
};

enum connection_end {
    ALIVE,
    CLOSING,   /* what was written goes out, then it is closed */
    DRAINING,  /* refused: silent until its deadline, or the peer's end */
    LINGERING, /* all is sent, the peer is to end too */
};

struct connection {
    struct expiry_entry expiry;
    struct connection *next, **link; /* in worker->connections */
    struct worker *worker;
    struct port *port;               /* held */
    struct dial *dial;               /* while there is no remote side; else NULL */
    struct association *association; /* of UDP ASSOCIATE */
    struct record *record;           /* NULL: none is kept */
    uint64_t id;
    int8_t stage; /* as it was when last looked at */
    uint8_t end;  /* enum connection_end */
    bool lost;    /* a connection broke; the session is to be told */
    bool reset;   /* ends with RST on both sides */
    bool broken;  /* no octet can be sent: nothing waits */
    struct side side[2];
    struct sks_session session;
};

/* Takes over fd and lets the session begin. On an error fd is closed. */
void connection_open(struct worker *worker, struct port *port, int fd);

/* The session gets what it can take; to be called after each thing that happened. False: that was
 * the connection's end, do not look at it again. */
bool connection_run(struct connection *c);

/* Carries out what a step asks for. */
void connection_act(struct connection *c, const struct sks_event *event,
                    const struct sks_step *step);

/* Tells the session an event without octets, and acts. */
void connection_tell(struct connection *c, const struct sks_event *event);

/* At once, whatever waits. */
void connection_destroy(struct connection *c);

/* An entry of the worker's lists of connections expired. */
void connection_expired(struct expiry_entry *entry);

/* fd becomes the remote side. */
void connection_join(struct connection *c, int fd);

/* For log lines: "session 12 (127.0.0.1:4000)". */
const char *connection_name(const struct connection *c, char text[ADDRESS_TEXT_MAX + 32]);

/* ---- flow.c, flow_out.c ---------------------------------------------------------------------- */

void flow_open(struct connection *c, int side, int fd); /* its events, none of them set */
void flow_close(struct connection *c, int side);        /* and what waits in it */
void flow_read(struct connection *c, int side);         /* a turn of readings; runs c */
bool flow_give(struct connection *c, int side);         /* whether the session took something */
bool flow_watch(struct connection *c); /* sets the events as things stand; false: no memory */
void flow_drop_if_empty(struct connection *c, int side); /* the buffer of what was read */
bool flow_send(struct connection *c, int side);          /* whether all that waited went */
bool flow_waits(const struct connection *c, int side);   /* for it to be sent */
bool flow_message(struct connection *c, int side, const uint8_t *octets, size_t n); /* copies */
void flow_forward(struct connection *c, int from, const uint8_t *octets, size_t n); /* borrows */

#endif
