/* Both ends of the traffic on one loop: clients that reach the target through a SOCKS5 server, and
 * the target itself, a listener of this process. What is in between is what is measured.
 *
 * A call that fails for a reason of this machine's own (no descriptor, no memory) ends the program
 * with one line and status 1. */
#ifndef RELAY_BENCH_ENDS_H
#define RELAY_BENCH_ENDS_H

#include <sockspec/socks5.h>
#include <stdbool.h>
#include <sys/epoll.h>

/* What a client waits for; the target's ends are always open. */
enum end_stage { END_CONNECTING, END_SELECTION, END_REPLY, END_OPEN };

struct end {
    struct end *next_closed;
    uint64_t octets; /* for the work to count in; 0 at first */
    int fd;
    bool client; /* else a connection that the target accepted */
    enum end_stage stage;
    uint16_t have;
    uint8_t in[SKS_REPLY_MAX]; /* have octets of the SOCKS5 answer that is on its way */
};

/* What is done with the ends. Either function may open and close ends, its own too. */
struct work {
    void (*opened)(
        struct end *end); /* target's end: accepted; client's: its reply said succeeded */
    void (*ready)(
        struct end *end); /* what end_watch asked for is there, or the end of the stream */
};

/* Starts the target on a free port of 127.0.0.1. Clients will go through 127.0.0.1:socks_port. */
void ends_start(const struct work *work, uint16_t socks_port);

/* Runs the work until ends_stop; fails after limit seconds. */
void ends_run(double limit);
void ends_stop(void);

struct end *end_connect(void);
void end_watch(struct end *end, uint32_t epoll_events);
void end_close(struct end *end);

/* Octets moved, 0 when it would block. Failure ends the program, as does the end of the stream. */
size_t end_send(struct end *end, const void *data, size_t len);
size_t end_receive(struct end *end, void *data, size_t cap);
size_t end_discard(struct end *end, size_t cap);

/* Seconds on a clock that only goes forward. */
double now(void);

/* "load: " and the message to stderr, then exit(1). */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
