/* Cases that missed a deadline: whose fault was it? */
#include "baseline.h"
#include "running.h"

#include <string.h>

enum {
    ROUNDS = 3,        /* as long as each finds some that are in time now */
    MOST_AT_ONCE = 24, /* of a few; many are played side by side as before */
    MANY = 32,
    MOST_ALONE = 3,  /* in a row that are late again, and the others stay as they are */
    BUSY_US = 50000, /* the suite was without a processor so long: the peer may have been too */
};

/* Whether a baseline knows this verdict, so that it needs no second look. */
static bool is_known(const struct run *run, const struct result *r)
{
    const struct baseline *b = run->options->baseline;
    for (size_t i = 0; b && i < b->n; i++) {
        const struct baseline_entry *e = &b->entries[i];
        if (e->test == r->test && (e->segment == r->segment || e->segment == N_SEGMENTS) &&
            e->verdict == r->verdict)
            return true;
    }
    return false;
}

/* Those to be played once more, the ones that must be alone behind the others. */
static size_t collect(struct run *run, struct result **todo, size_t *together)
{
    size_t n = 0;
    for (int alone = 0; alone < 2; alone++) {
        for (size_t i = 0; i < run->n_results; i++) {
            struct result *r = &run->results[i];
            bool wants_alone = (r->test->needs & NEED_ALONE) != 0;
            if (r->verdict != VERDICT_SKIP && r->report.late && wants_alone == alone &&
                !is_known(run, r))
                todo[n++] = r;
        }
        if (!alone)
            *together = n;
    }
    return n;
}

/* How many are in time now. */
static size_t play_round(struct run *run, struct result **todo, size_t n, size_t together)
{
    size_t in_time = 0, in_row = 0;
    for (size_t i = 0; i < together; i++)
        todo[i]->verdict = N_VERDICTS;
    blame_together(run, todo, together, together > MANY ? run->options->jobs : MOST_AT_ONCE);
    for (size_t i = together; i < n && in_row < MOST_ALONE; i++) {
        blame_alone(run, &todo[i], 1);
        in_row = todo[i]->report.late ? in_row + 1 : 0;
    }
    for (size_t i = 0; i < n; i++)
        in_time += !todo[i]->report.late;
    return in_time;
}

void late_again(struct run *run, struct result **todo)
{
    struct stage_set *set = &run->set;
    unsigned deadline = set->deadline_ms, quiet = set->quiet_ms;
    size_t n, together, in_time = 1;
    for (int round = 0; round < ROUNDS && in_time && !run->control_before[0]; round++) {
        if ((n = collect(run, todo, &together)) == 0)
            break;
        if (set->stalled_us > BUSY_US || round) {
            set->deadline_ms = 2 * deadline;
            set->quiet_ms = 2 * quiet;
        }
        in_time = play_round(run, todo, n, together);
        run->repeated += in_time;
    }
    set->deadline_ms = deadline;
    set->quiet_ms = quiet;
}
