/* The probe-reaction sweep: octets of every length that authenticate nothing, whole and octet by
 * octet, and what the peer does about each. A length at which that changes tells a prober what the
 * server is. */
#ifndef ENGINE_SWEEP_H
#define ENGINE_SWEEP_H

#include "pattern.h"

struct outcome_report;
struct run;
struct test_case;

enum sweep_kind {
    SWEEP_RANDOM,   /* N random octets */
    SWEEP_REPLAYED, /* the first N of what a client has sent */
    SWEEP_FLIPPED,  /* likewise, the lowest bit of the last of them turned */
    N_SWEEP_KINDS
};
extern const char *const sweep_kind_names[N_SWEEP_KINDS];

enum {
    SWEEP_LENGTHS = 302, /* 1 to 300, 500, 3000 */
    SWEEP_TRIES = 3,     /* of a length at which the reaction seems to change */
};
unsigned sweep_length(size_t i);

struct sweep_point {
    bool lost;            /* no connection: nothing is known */
    enum ending reaction; /* ENDING_OPEN: silence for as long as it was watched */
    unsigned us;          /* from the last octet of the probe to the end, 0: it came before that;
                           * of silence 0 */
    unsigned octets;      /* that the peer sent */
    unsigned tries, silent, fin, rst; /* probes of this length, and what came of them */
};

struct sweep_curve {
    bool there; /* it was made */
    enum sweep_kind kind;
    bool bytes; /* octet by octet */
    struct sweep_point points[SWEEP_LENGTHS];
};

struct sweep {
    unsigned watch_ms; /* without an octet or an end for so long: silence */
    struct sweep_curve curves[2 * N_SWEEP_KINDS]; /* by kind, whole before octet by octet */
};

/* The curve of a case; NULL: it is not about one. */
const struct sweep_curve *sweep_curve_of(const struct sweep *sweep, const struct test_case *c);

/* "silence", "FIN" or "RST". */
const char *sweep_reaction(enum ending reaction);

/* "1 to 49: silence; 50 to 3000: FIN" of a curve, as much as fits, into buf; returns buf. */
const char *sweep_ranges(const struct sweep_curve *curve, char *buf, size_t size);

/* sweep_probe.c. Makes the curve, with at most at_once connections at the same time; NULL, or why
 * it could not (static text). *reached: how many connections came to the target that what is
 * replayed names. */
const char *sweep_probe(struct run *run, unsigned at_once, struct sweep_curve *curve,
                        unsigned *reached);

/* Takes the sweep's results out of what is played; makes the curves when that is over, and judges
 * them. */
void sweep_begin(struct run *run);
void sweep_judge(struct run *run);

#endif
