/* Black-box fuzzing: the cases' own stimuli, changed at random, against any implementation. */
#ifndef ENGINE_FUZZ_H
#define ENGINE_FUZZ_H

#include "run.h"

enum { CHANGED_STEPS = 24, CHANGED_TEXT = 1600 };

/* A case whose steps have been changed. It must not be moved: its steps point into it. */
struct changed {
    struct test_case test; /* id and requirement of the case that it comes from */
    struct step steps[CHANGED_STEPS + 2];
    char texts[CHANGED_STEPS][CHANGED_TEXT]; /* of the step of the same number, if it is changed */
    enum segment_kind segment;
    bool comparable; /* nothing in it depends on what comes first: each way of cutting answers alike
                      */
};

/* Copies the steps of a case into to, changed: fields, lengths, order, half-closes. Returns false
 * when the case has nothing to change. The same state of random gives the same. */
bool change_case(struct changed *to, const struct test_case *from, uint64_t *random);
/* The same steps in another place. */
void changed_copy(struct changed *to, const struct changed *from);
/* Takes out the i-th of what can be taken out of it, a step or a part of a text; false past the
 * last. */
bool changed_without(struct changed *to, const struct changed *from, size_t i);

uint64_t random_next(uint64_t *state);

enum finding { FINDING_CRASH, FINDING_HANG, FINDING_LEAK, FINDING_DIVERGENCE, N_FINDINGS };
extern const char *const finding_names[N_FINDINGS];

struct hunt {
    uint64_t seed;
    unsigned long runs;  /* plays, at least; 0: as many as there is time for */
    unsigned time_s;     /* 0: until the runs are over */
    const char *dir;     /* of bundles */
    unsigned most;       /* findings, then it ends */
    unsigned long plays; /* done */
    unsigned found[N_FINDINGS];
    void (*say)(enum finding kind, const char *file, const char *reason);
};

/* Plays changed cases until runs or time are over; run has its cases selected and its peer there.
 */
void hunt_all(struct run *run, struct hunt *hunt);

#endif
