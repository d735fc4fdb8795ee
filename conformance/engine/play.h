/* One run of one case: its steps, driven by the event loop, to an outcome. */
#ifndef ENGINE_PLAY_H
#define ENGINE_PLAY_H

#include "case.h"
#include "net.h"
#include "pattern.h"
#include "segment.h"
#include "wire.h"

#include <event2/event.h>

/* How a client is started for a play; templates, ended by NULL. */
struct client_plan {
    char *const *argv;
    char *const *files;       /* name, text, name, text, ... into {dir}; or NULL */
    char *const *environment; /* "NAME=VALUE"; or NULL */
    const char *folder;       /* in which each play has a {dir} of its own */
    const char *manifests;    /* {folder}: that of the manifest; "" without one */
    bool http;                /* --payload http */
};

/* What all plays of a run share; outlives them. */
struct stage_set {
    struct event_base *base;
    struct sockaddr_storage peer;
    struct in_addr origin;   /* where the peer reaches our targets */
    const char *user, *pass; /* NULL without --auth */
    enum role role;
    struct wire_keys keys; /* of a role that has wires */
    struct server *server; /* of ss-local: behind the peer; else NULL */
    const struct test_case *control;
    int probe;           /* segment_probe_open */
    struct port_set udp; /* of the clients' sockets: a peer's port, once closed, may become one of
                          * them, and what another play still sends there is not the peer's */
    struct port_history targets; /* where a late peer may still arrive for a play that is over */
    unsigned rtt_us;             /* measured by the runner */
    unsigned deadline_ms;        /* how long an answer may take */
    unsigned quiet_ms;           /* how long nothing must come to be called silence */
    uint64_t seed;
    const struct client_plan *client; /* of the role socks5-client */
    unsigned plays;                   /* of clients that were started */
    bool connected;                   /* one of them has come to the proxy */
    unsigned left_behind;             /* processes that clients left when they ended */
    unsigned long cuts, cuts_seen;    /* segments followed by another; those seen read before it */
    uint8_t *scratch;                 /* PATTERN_MAX octets */
    struct beat *beat;                /* beat.h; NULL while no case is played */
    uint64_t stalled_us;              /* so long the loop could not run, in all */
    const struct replay *replay;      /* or NULL */
};

enum outcome {
    HELD,      /* all was as the steps say */
    BROKEN,    /* it was not */
    DISTURBED, /* the peer could not be reached: nothing can be said */
    FAULTY,    /* the suite's own fault */
};

/* ENDED_ by the peer, SENT_ by the actor. */
enum happening { SENT, RECEIVED, ENDED_FIN, ENDED_RST, CONNECTED, SENT_FIN, SENT_RST };

struct event_record {
    unsigned ms;
    enum actor actor;
    enum happening what;
    size_t len;          /* octets in all */
    uint8_t octets[300]; /* the first of them, as on the network */
    char *fields;        /* of a wire: what they are, by field; else NULL */
    struct wire_field
        *layout; /* of a wire, of a case that is missed: how the kept octets are cut */
    size_t n_layout;
};

/* The messages that a play has sent, on the network, whole and in order. */
struct tape {
    uint8_t *octets; /* malloc, one message behind another */
    size_t len;
    size_t sizes[48], n;
};

enum port { PORT_TARGET, PORT_REFUSED, PORT_UDP, PORT_DIALER, N_PORTS };

struct outcome_report {
    enum outcome outcome;
    char reason[240];   /* empty when HELD */
    char choice[160];   /* what the peer chose where it may choose; else empty */
    char *expected;     /* of BROKEN, NULL where octets do not tell: the text, names filled in */
    char *received;     /* by field */
    char said[160];     /* the last line that a client wrote to stderr; empty without one */
    bool late;          /* BROKEN for want of something in time */
    int mark;           /* column in received of the first difference, -1: none */
    enum ending ending; /* of the connection between suite and peer, when the case was over */
    unsigned elapsed_ms;
    struct event_record *events; /* what happened, in order */
    size_t n_events;
    struct tape tape;
    uint16_t ports[N_PORTS]; /* of the suite's own sockets in this play; 0: had none */
};

/* A play of before, to be played again. */
struct replay {
    struct test_case test;
    enum segment_kind segment;
    size_t cut;
    bool verbatim; /* the tape instead of what the steps would make, at the ports of then */
    struct tape tape;
    uint16_t ports[N_PORTS];
};
void outcome_report_free(struct outcome_report *r);

struct play;
typedef void play_done(struct play *play, void *context);

/* Starts a case; done is called from the loop, once. cut is for SEGMENT_SPLIT: the offset in the
 * octets of play_stimulus at which they are cut. */
struct play *play_start(struct stage_set *set, const struct test_case *c, enum segment_kind kind,
                        size_t cut, play_done *done, void *context);
/* Ends it as it stands, DISTURBED; done is not called. */
void play_stop(struct play *play);
/* The report passes to the caller. */
struct outcome_report play_take_report(struct play *play);
/* Ends everything that the play has open; done is not called any more. */
void play_free(struct play *play);

/* How many octets are cut in a case: the client's, of ss-local also the server's (0: none, or not
 * as octets), and in how many messages of the client up to the first step that waits for something
 * other than a reply. */
size_t play_stimulus(struct stage_set *set, const struct test_case *c, int *messages);

#endif
