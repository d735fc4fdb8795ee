/* A client of one play: started by its command line, fed, listened to, ended. */
#ifndef ENGINE_CLIENT_H
#define ENGINE_CLIENT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CLIENT_SAID = 512 }; /* octets of its stderr that are kept, the last ones */

struct play;
struct run;
struct run_options;

struct client {
    pid_t pid; /* 0: not started; its zombie is kept until the play is over */
    int pidfd;
    int errors;   /* its stderr */
    int listener; /* the proxy; -1: none */
    struct event *ended, *readable, *listening;
    bool exited;     /* by itself */
    bool never_came; /* it ended and had made no connection to the proxy */
    int status;      /* exit status; -1: ended by a signal that is a crash */
    char text[100];  /* what client_end_text tells */
    char said[CLIENT_SAID];
    size_t said_len;
    char dir[420]; /* {dir}; empty when the play needs none */
};

/* Opens the proxy and the target, and starts the client; false when the play is over then. */
bool client_set_scene(struct play *p);

/* client_start.c. Makes its command line and its files, and starts it towards the proxy at that
 * port. Returns NULL, or why there is no process (static text). */
const char *client_start(struct play *p, uint16_t proxy_port);
/* Removes its files. */
void client_forget(struct play *p);

/* Ends the client with all of its process group, and closes what is its. */
void client_end(struct play *p);

/* "the client still runs", "the client exited with status 1", "... was ended by signal 11 (...)" */
const char *client_end_text(const struct client *c);

/* Whether {command} is in what starts the client, so that it can be told to BIND, or to associate.
 */
bool client_is_told(const struct run_options *o);

/* Makes run->set.client from the options; false with status and error of the run set when the
 * command line cannot be one. */
bool client_reach(struct run *run);
/* Frees it, and ends what clients have left behind. */
void client_leave(struct run *run);

#endif
