/* What becomes of one changed case, played once, twice or many times: parts of fuzz.h's hunt_all.
 */
#ifndef ENGINE_FUZZ_TRIAL_H
#define ENGINE_FUZZ_TRIAL_H

#include "fuzz.h"

/* A row for batch_play, without verdict yet; its report is to be freed. */
struct result trial_result(const struct changed *c, enum segment_kind segment);

/* What the verdict of a play says by itself: a crash, a hang, or N_FINDINGS. */
enum finding trial_kind(const struct result *r);

/* What the client got in the end, as a text that can be expected: BND of a reply is any address. */
struct answer {
    char text[1400];
    bool usable, reset;
};
struct answer trial_answer(const struct run *run, const struct result *r);

/* An end by RST may cost octets that were under way: it differs from nothing. */
bool trial_differ(const struct answer *a, const struct answer *b);

/* Whether whole and octet by octet are answered in two ways, twice the same two, with more patience
 * than in a hunt; answers[2] are these. */
bool trial_diverges(struct run *run, const struct changed *c, struct answer answers[2]);

/* Whether each of many plays of one case costs a descriptor for good. */
bool trial_loses(struct run *run, const struct changed *c);

/* Whether the case, played alone, comes to that finding again; reason[240] is then what is said of
 * it, where a verdict says it. */
bool trial_recurs(struct run *run, const struct changed *c, enum finding kind, char reason[240]);

#endif
