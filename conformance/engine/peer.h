/* A peer that the suite starts itself: its process and all that it forks, its output, its end. */
#ifndef ENGINE_PEER_H
#define ENGINE_PEER_H

#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PEER_TAIL = 4096 }; /* octets of output that are kept, the last ones */

struct peer {
    pid_t pid;  /* 0: not running */
    int pidfd;  /* readable when it has ended */
    int output; /* its stdout and stderr */
    struct event *ended, *readable;
    char tail[PEER_TAIL];
    size_t tail_len;
    int status; /* of waitpid, once ended */
    bool died;  /* ended without being asked to */
    void (*on_death)(void *context);
    void *context;
};

/* A value for a name in braces. */
struct placeholder {
    const char *name;
    const char *value;
};

/* text with {name} replaced from the list (ended by a NULL name), malloc. NULL with *unknown (at
 * most 31 characters) naming what is not in the list; "${name}" is left to the shell. */
char *placeholder_expand(const char *text, const struct placeholder *list, char unknown[32]);

struct peer_command {
    char *const *argv;
    char *const *environment; /* "NAME=VALUE", added to the suite's own; ended by NULL */
    const char *dir;          /* working directory; NULL: the suite's own */
};

/* Starts a peer and waits until something listens at addr, for at most limit_ms. Returns NULL, or
 * why it does not serve (static text); it has been stopped then, and p->tail tells what it said. */
const char *peer_start(struct peer *p, struct event_base *base, const struct peer_command *command,
                       const struct sockaddr_storage *addr, unsigned limit_ms);

/* Whether the peer that was started has ended by itself, now or within limit_ms; on_death is not
 * called for it any more. */
bool peer_gone(struct peer *p, unsigned limit_ms);

/* Ends the peer and everything that came from it: SIGTERM, and SIGKILL for what stays. */
void peer_stop(struct peer *p);

/* "signal 11 (Segmentation fault)", "exit status 1" into buf; returns buf. */
const char *peer_end_text(const struct peer *p, char *buf, size_t size);

/* Ends every child that is left, orphans of a peer among them. Returns how many there were. */
unsigned peer_end_descendants(void);

enum { PEER_PROCESSES = 64 }; /* that are looked at */

/* What the peer's process and those that came from it have at this moment. */
struct holding {
    struct {
        int pid;
        unsigned long descriptors,
            memory_kib; /* anonymous: shares of it do not shift as processes come and go */
    } processes[PEER_PROCESSES];
    size_t n;
    bool known; /* false: it is gone, or may not be looked into */
};
struct holding peer_holding(const struct peer *p);

/* A free port on that address's loopback, closed again. 0 when there is none. */
unsigned peer_free_port(void);

#endif
