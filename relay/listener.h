/* The ports where clients connect. Sockets are bound by the main thread, for all workers before any
 * of them serves, so that a failure starts nothing; then each worker serves its own. */
#ifndef RELAY_LISTENER_H
#define RELAY_LISTENER_H

#include "port.h"

/* A port to be served: of one worker. */
struct opening {
    struct address at;
    const char *password; /* of the configuration; NULL: socks5 */
    bool tcp, udp;        /* what is to be served */
    int tcp_fd, udp_fd;   /* bound sockets; -1: as the worker has it, or none */
    /* made beforehand, so that the worker need not ask for memory; NULL: taken, or none is due */
    struct port *port;
    struct listener *listener; /* taken where the worker has none yet */
    struct udp_front *front;
};

struct openings {
    struct config *config; /* held */
    size_t count;
    struct opening items[];
};

/* What config asks for, nothing bound yet. NULL with a line at error. */
struct openings *openings_make(struct config *config, char error[CONFIG_ERROR_MAX]);
struct openings *openings_copy(const struct openings *from); /* NULL: no memory */
void openings_free(struct openings *openings);               /* closes what was not taken */

/* For a worker: makes what serves them, and binds each socket that before (may be NULL) does not
 * have; first: for the first worker. 0, or -1 with a line at error. */
int openings_bind(struct openings *openings, struct worker *worker, const struct openings *before,
                  bool first, char error[CONFIG_ERROR_MAX]);

/* The worker serves these and nothing else; sessions go on. Takes the sockets. 0, or -1 when one
 * cannot be watched. */
int listeners_apply(struct worker *worker, struct openings *openings);

/* Stops to accept. */
void listeners_close(struct worker *worker);

#endif
