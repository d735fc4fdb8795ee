/* A play that went wrong, in a file from which it can be played again:
 * ../report/schema/bundle.schema.json. */
#ifndef ENGINE_BUNDLE_H
#define ENGINE_BUNDLE_H

#include "run.h"

struct bundle {
    struct run_options options; /* the peer and the play; options.replay is &replay */
    struct replay replay;
    const char *how, *what; /* of the peer: "target", "exec" or "peer", and its value */
    enum verdict verdict;   /* of then */
    const char *reason;
    struct step *steps; /* owned */
    char *auth;         /* owned */
    void *json;         /* owns the texts */
};

/* bundle_read.c. Reads a bundle. Returns NULL, with one line in error[400] that names file and key,
 * when it is not as it should be. file outlives the bundle. */
struct bundle *bundle_load(const char *file, char *error);
/* Makes options for that peer: how is "target", "exec" or "peer". False with one line in error. */
bool bundle_set_peer(struct bundle *b, const char *how, const char *what, char *error);
void bundle_free(struct bundle *b);

enum { BUNDLE_DIR_MOST = 3500, BUNDLE_NAME_MOST = 4000 };

/* NULL where bundles can be kept in that folder as far as can be told, else why not (static text).
 */
const char *bundle_folder_fault(const char *dir);
/* The name of the bundle that a run keeps of this result, "DIR/rfc1928_3_x-bytes.json", into
 * buf[BUNDLE_NAME_MOST]; NULL when it keeps none. */
const char *bundle_of(const struct run *run, const struct result *r, char *buf);
/* Writes it, whole or not at all; the folder is made if it is not there. NULL, or why not (static
 * text). */
const char *bundle_write(const struct run *run, const struct result *r, const char *file);

#endif
