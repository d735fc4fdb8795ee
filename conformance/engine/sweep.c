/* The sweep of a run, and the verdicts about its curves. */
#include "sweep.h"

#include "memory.h"
#include "playing.h"
#include "running.h"
#include "select.h"

#include <stdlib.h>
#include <string.h>

enum {
    WATCH_MS = 500, /* the least that is called silence */
    SPREAD_US =
        100000,     /* reactions at the same time: within this of the median, or a tenth of it */
    NEIGHBOURS = 8, /* on each side, whose median is a length's time: one late point is noise */
    DEATH_MS = 50,
    MOST_RANGES = 8,
};

const char *const sweep_kind_names[N_SWEEP_KINDS] = {"random", "replayed", "flipped"};

unsigned sweep_length(size_t i)
{
    return i < 300 ? (unsigned)i + 1 : i == 300 ? 500 : 3000;
}

const char *sweep_reaction(enum ending reaction)
{
    return reaction == ENDING_OPEN ? "silence" : reaction == ENDING_FIN ? "FIN" : "RST";
}

/* The last length from i on with the reaction of i. */
static size_t range_end(const struct sweep_point *points, size_t i)
{
    while (i + 1 < SWEEP_LENGTHS && points[i + 1].reaction == points[i].reaction)
        i++;
    return i;
}

const char *sweep_ranges(const struct sweep_curve *curve, char *buf, size_t size)
{
    const struct sweep_point *points = curve->points;
    size_t at = 0, n = 0, counts[3] = {0};
    for (size_t i = 0; i < SWEEP_LENGTHS; i = range_end(points, i) + 1)
        n++;
    for (size_t i = 0; i < SWEEP_LENGTHS; i++)
        counts[points[i].reaction]++;
    buf[0] = 0;
    if (n > MOST_RANGES) {
        snprintf(buf, size, "%zu changes; of %d lengths %zu silence, %zu FIN, %zu RST", n - 1,
                 SWEEP_LENGTHS, counts[ENDING_OPEN], counts[ENDING_FIN], counts[ENDING_RST]);
        return buf;
    }
    for (size_t i = 0, end; i < SWEEP_LENGTHS && at < size; i = end + 1) {
        char from[16] = "";
        end = range_end(points, i);
        if (end > i)
            snprintf(from, sizeof from, "%u to ", sweep_length(i));
        int wrote = snprintf(buf + at, size - at, "%s%s%u: %s", i ? "; " : "", from,
                             sweep_length(end), sweep_reaction(points[i].reaction));
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return buf;
}

static int by_time(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return x < y ? -1 : x > y;
}

/* Of the points from first to last that have an end. false: there is none. */
static bool median_us(const struct sweep_point *points, size_t first, size_t last, unsigned *median)
{
    unsigned times[SWEEP_LENGTHS];
    size_t n = 0;
    for (size_t i = first; i <= last; i++)
        if (points[i].reaction != ENDING_OPEN)
            times[n++] = points[i].us;
    qsort(times, n, sizeof times[0], by_time);
    *median = n ? times[n / 2] : 0;
    return n > 0;
}

/* Whether ends come at times so different that they are to be measured once more. */
static bool times_differ(const struct sweep_point *points)
{
    unsigned least = UINT32_MAX, most = 0, here;
    for (size_t i = NEIGHBOURS; i + NEIGHBOURS < SWEEP_LENGTHS; i++) {
        if (!median_us(points, i - NEIGHBOURS, i + NEIGHBOURS, &here))
            continue;
        least = here < least ? here : least;
        most = here > most ? here : most;
    }
    return most > least + SPREAD_US / 2;
}

/* A length around which ends come earlier or later than elsewhere; SWEEP_LENGTHS: none. */
static size_t other_time(const struct sweep_point *points, unsigned *here, unsigned *median)
{
    if (!median_us(points, 0, SWEEP_LENGTHS - 1, median))
        return SWEEP_LENGTHS;
    unsigned spread = *median / 10 > SPREAD_US ? *median / 10 : SPREAD_US;
    for (size_t i = NEIGHBOURS; i + NEIGHBOURS < SWEEP_LENGTHS; i++) {
        median_us(points, i - NEIGHBOURS, i + NEIGHBOURS, here);
        if (*here > *median + spread || *here + spread < *median)
            return i;
    }
    return SWEEP_LENGTHS;
}

/* What the curve says of the rule: its outcome, and with BROKEN the reason. Returns whether the
 * ends come at times that differ, which is to be measured once more. */
static bool weigh(const struct sweep_curve *curve, struct outcome_report *r)
{
    const struct sweep_point *points = curve->points;
    size_t lost = 0, answered = 0;
    unsigned here, median;
    char ranges[160];
    sweep_ranges(curve, ranges, sizeof ranges);
    for (size_t i = 0; i < SWEEP_LENGTHS; i++) {
        lost += points[i].lost;
        answered += points[i].octets > 0;
    }
    bool changes = range_end(points, 0) + 1 < SWEEP_LENGTHS;
    size_t late = changes ? SWEEP_LENGTHS : other_time(points, &here, &median);
    r->outcome = BROKEN;
    snprintf(r->choice, sizeof r->choice, "%s", ranges);
    if (lost) {
        r->outcome = DISTURBED;
        snprintf(r->reason, sizeof r->reason, "%zu probes found no connection", lost);
    } else if (answered) {
        snprintf(r->reason, sizeof r->reason, "probes of %zu lengths got octets back", answered);
    } else if (changes) {
        snprintf(r->reason, sizeof r->reason, "the reaction changes with the length: %s", ranges);
    } else if (late < SWEEP_LENGTHS) {
        snprintf(r->reason, sizeof r->reason,
                 "around %u octets the %s comes after %u ms, the median of all is %u ms",
                 sweep_length(late), sweep_reaction(points[0].reaction), here / 1000,
                 median / 1000);
    } else {
        r->outcome = HELD;
        r->reason[0] = 0;
    }
    return !changes && !lost && times_differ(points);
}

const struct sweep_curve *sweep_curve_of(const struct sweep *sweep, const struct test_case *c)
{
    return sweep && c->steps->op == OP_SWEEP ? &sweep->curves[c->steps->n] : NULL;
}

/* ---- of a run -------------------------------------------------------------------------------- */

static bool is_sweep(const struct result *r)
{
    return r->test->steps->op == OP_SWEEP;
}

void sweep_begin(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++) {
        struct result *r = &run->results[i];
        if (!is_sweep(r) || r->verdict != N_VERDICTS)
            continue;
        r->verdict = VERDICT_SKIP; /* not one to be played */
        r->pending = 1;            /* but to be judged */
    }
}

/* A peer of our own is fresh for each curve: one that keeps what it does not answer open would run
 * out of descriptors, and then be silent for want of them. */
static bool fresh_peer(struct run *run)
{
    unsigned restarts = run->restarts;
    if (!run->options->argv)
        return true;
    run->restarts = 0;
    bool there = reach_restart(run);
    run->restarts = restarts;
    return there;
}

/* The curve and its outcome. Times that differ are measured once more, with few side by side: these
 * do not wait for each other. */
static const char *probe(struct run *run, struct sweep_curve *curve, struct outcome_report *r,
                         unsigned *reached)
{
    static const unsigned at_once[] = {SWEEP_LENGTHS, 4};
    const enum sweep_kind kind = curve->kind;
    const bool bytes = curve->bytes;
    const char *failed = NULL;
    bool differ = true;
    for (size_t i = 0; i < 2 && differ; i++) {
        *curve = (struct sweep_curve){.kind = kind, .bytes = bytes};
        failed = fresh_peer(run) ? sweep_probe(run, at_once[i], curve, reached)
                                 : "the peer could not be started anew";
        differ = !failed && weigh(curve, r);
    }
    return failed;
}

static void sweep_one(struct run *run, struct sweep_curve *curve, struct outcome_report *r)
{
    unsigned reached = 0, us;
    char why[200], end[80];
    const char *failed = probe(run, curve, r, &reached);
    if (failed) {
        r->outcome = DISTURBED;
        snprintf(r->reason, sizeof r->reason, "%s", failed);
        return;
    }
    if (run->options->argv && peer_gone(&run->peer, DEATH_MS)) {
        r->outcome = BROKEN;
        snprintf(r->reason, sizeof r->reason, "the peer died of the probes: %s",
                 peer_end_text(&run->peer, end, sizeof end));
    } else if (batch_control(run, why, sizeof why, &us) != HELD) {
        r->outcome = BROKEN;
        snprintf(r->reason, sizeof r->reason,
                 "behind the probes no plain good connection works: %.180s", why);
    } else if (reached && r->outcome == HELD) {
        r->outcome = BROKEN;
        snprintf(r->reason, sizeof r->reason, "%u of what was replayed reached the target",
                 reached);
    }
}

/* Where nothing is authenticated the curve is shown, and not judged. */
static void only_show(struct outcome_report *r)
{
    if (r->outcome != BROKEN || strncmp(r->reason, "the peer died", 13) == 0)
        return;
    r->outcome = HELD;
    r->reason[0] = 0;
}

void sweep_judge(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++) {
        struct result *r = &run->results[i];
        if (!is_sweep(r) || !r->pending)
            continue;
        if (!run->sweep)
            run->sweep = xcalloc(1, sizeof *run->sweep);
        uint64_t start = play_now_us();
        size_t which = r->test->steps->n;
        struct sweep_curve *curve = &run->sweep->curves[which];
        curve->kind = (enum sweep_kind)(which / 2);
        curve->bytes = which % 2;
        run->sweep->watch_ms = run->set.quiet_ms > WATCH_MS ? run->set.quiet_ms : WATCH_MS;
        r->pending = 0;
        sweep_one(run, curve, &r->report);
        if (r->requirement->level == LEVEL_CHOICE)
            only_show(&r->report);
        r->report.elapsed_ms = (unsigned)((play_now_us() - start) / 1000);
        r->verdict = run_judge(run, r);
    }
}
