/* --record: the stages of each session as trace lines of <sockspec/stage.h>, a session's lines
 * together, behind a line "# session ..." that names it. Lines are kept until the session ends and
 * then written at once. */
#ifndef RELAY_RECORD_H
#define RELAY_RECORD_H

#include <sockspec/session.h>
#include <stdbool.h>

struct connection;
struct record;

/* Opens the file for all workers, at its end. payload: write what is forwarded and the credentials
 * of RFC 1929, too, else only how the session was made. 0, or -1 with errno. */
int record_start(const char *file, bool payload);
void record_stop(void);

/* NULL when nothing is recorded. The calls below do nothing then. */
struct record *record_open(const struct connection *c);
void record_close(struct record *record); /* writes it */

/* Octets as they were read of a side (LOCAL, REMOTE), before the session changes them; and how many
 * of them it took without an edge. */
void record_read(struct record *record, int side, const uint8_t *octets, size_t len);
void record_taken(struct record *record, int side, size_t len);

/* What came of them, or of another event. */
void record_step(struct record *record, const struct connection *c, int before,
                 const struct sks_event *event, const struct sks_step *step);

#endif
