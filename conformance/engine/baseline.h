/* Known deviations of a peer, each with its reason: a file of
 * ../report/schema/baseline.schema.json.
 */
#ifndef ENGINE_BASELINE_H
#define ENGINE_BASELINE_H

#include "run.h"

enum entry_state {
    ENTRY_NOT_RUN, /* its case was not selected, was skipped, or came to no verdict */
    ENTRY_KNOWN,   /* the peer deviates as it says, or is known to do so in some runs: the run does
                      not fail for it */
    ENTRY_PASSES,  /* the peer does not deviate any more: the run fails */
    ENTRY_STALE,   /* it deviates with another verdict: the run fails */
    ENTRY_EXPIRED, /* it deviates, and the day is over: the run fails */
    N_ENTRY_STATES
};
extern const char *const entry_state_names[N_ENTRY_STATES];

struct baseline_entry {
    const struct test_case *test;
    enum segment_kind segment; /* N_SEGMENTS: however the case is cut */
    enum verdict verdict;      /* VERDICT_FAIL or VERDICT_QUIRK */
    const char *reason;
    const char *expires; /* YYYY-MM-DD, the last day on which it holds, UTC; NULL: for good */
    bool sometimes;      /* the peer deviates in some runs: that it passes does not fail the run */
    enum entry_state state;
    enum verdict found; /* of ENTRY_STALE: the verdict instead */
};

struct baseline {
    const char *file;
    struct baseline_entry *entries;
    size_t n;
    void *json; /* owns the texts */
};

/* NULL, with one line in error[400] that names file and entry, when the file is not as it should
 * be. file outlives the baseline. */
struct baseline *baseline_load(const char *file, char *error);
void baseline_free(struct baseline *b);

/* Holds the results of a run to its baseline: entries get their state, results what is known of
 * them. Returns how many entries fail the run. today: YYYY-MM-DD. */
size_t baseline_apply(struct run *run, const char *today);

/* Whether an entry in this state fails the run. */
bool entry_fails(const struct baseline_entry *e);
/* Why it does, one line, into buf. */
const char *entry_finding(const struct baseline_entry *e, char *buf, size_t size);

/* A baseline of this run: what it had stays as far as it holds, new entries get what was found as
 * their reason. */
void baseline_print(FILE *out, const struct run *run);

#endif
