/* A loop with all that its sessions share. Each worker has one, in a thread of its own; but for the
 * configuration, the replay filters and the log no two share anything. */
#ifndef RELAY_WORKER_H
#define RELAY_WORKER_H

#include "buffers.h"
#include "config.h"
#include "expiry.h"
#include "log.h"
#include "resolve.h"

enum {
    HANDSHAKE_DEADLINE_S = 60, /* from accept to the request, unless timeout is less */
    CONNECT_DEADLINE_S = 10,   /* for each address */
    LINGER_DEADLINE_S = 2,     /* for a peer to end what we have ended */
    DRAIN_DEADLINE_S = 60,     /* for sessions to end after SIGTERM */
};

/* X(name, text) */
#define STATISTICS_LIST(X)                                                                         \
    X(sessions, "sessions open")                                                                   \
    X(accepted, "connections accepted")                                                            \
    X(shed, "connections refused for want of descriptors or memory")                               \
    X(refused, "sessions refused before authentication")                                           \
    X(replayed, "salts seen before")                                                               \
    X(timeouts, "sessions timed out")                                                              \
    X(octets_up, "octets to the remote side")                                                      \
    X(octets_down, "octets to the local side")                                                     \
    X(associations, "UDP associations open")                                                       \
    X(datagrams_up, "datagrams to the remote side")                                                \
    X(datagrams_down, "datagrams to the local side")                                               \
    X(datagrams_dropped, "datagrams dropped")                                                      \
    X(datagrams_large, "datagrams dropped for their size")

/* Written by the worker, read by whoever prints them. */
struct statistics {
#define STATISTICS_X(name, text) _Atomic uint64_t name;
    STATISTICS_LIST(STATISTICS_X)
#undef STATISTICS_X
};
#define COUNT_UP(counter, n)                                                                       \
    atomic_store_explicit(&(counter),                                                              \
                          atomic_load_explicit(&(counter), memory_order_relaxed) + (uint64_t)(n),  \
                          memory_order_relaxed)

struct worker {
    struct event_base *base;
    struct resolver *resolver;
    struct buffers buffers;
    struct expiry_list handshake, connecting, idle, linger, associations;
    struct connection *connections; /* all that are open */
    struct listener *listeners;
    struct statistics statistics;
    struct config *config; /* the present one; sessions keep theirs */
    uint8_t *datagram;     /* DATAGRAM_ROOM octets */
    bool draining;

    /* orders from the main thread */
    int orders_fd; /* readable when there are any */
    struct event *orders_event, *drain_event;
    _Atomic(struct openings *) openings; /* to be served from now on; NULL: is served */
    _Atomic bool drain;                  /* accept no more, end when the sessions have */
    _Atomic bool stop;                   /* end now */
    _Atomic bool failed;                 /* it cannot go on, and has sent SIGTERM for all */
};

/* 0, or -1 when there is no memory. */
int worker_open(struct worker *worker, struct config *config);
void worker_close(struct worker *worker);

/* For a thread: serves until it has drained. */
void *worker_run(void *worker);

/* From the main thread. The worker takes openings over; before it has, it is given no others. */
void worker_serve(struct worker *worker, struct openings *openings);
bool worker_is_served(const struct worker *worker); /* what it was given */

/* From any thread. */
void worker_drain(struct worker *worker);
void worker_stop(struct worker *worker);

/* To be called when a connection has left the list. */
void worker_connection_closed(struct worker *worker);

/* What all count together, as lines of the log. */
void statistics_log(const struct worker *workers, unsigned count);

#endif
