/* Plays changed cases side by side, tells what they do to the peer, and makes findings small. */
#include "bundle.h"
#include "fuzz_trial.h"
#include "memory.h"
#include "playing.h"
#include "running.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROUND = 48,              /* changed cases side by side */
    TRIALS = 60,             /* plays to make one finding small, */
    SMALL_LIMIT_MS = 15000,  /* and the time for them */
    SMALL_DEADLINE_MS = 500, /* of an answer in them */
    LEAK_ROUNDS = 12,        /* between two looks at what the peer holds */
    LEAK_DESCRIPTORS = 24,   /* fewer are a pool */
    QUIET_MS = 60,           /* behind the last answer of a play */
};

const char *const finding_names[N_FINDINGS] = {"crash", "hang", "leak", "divergence"};

struct party { /* a hunt under way */
    struct run *run;
    struct hunt *hunt;
    const struct test_case **bases;
    size_t n_bases;
    struct changed *round; /* ROUND of them */
    uint64_t random, ends;
    struct holding rest;
    struct changed *found; /* those that were told */
    enum finding *kinds;
    size_t n_found;
};

/* ---- a finding ------------------------------------------------------------------------------- */

static void make_small(struct party *p, struct changed *c, enum finding kind, char reason[240])
{
    struct changed *less = xmalloc(sizeof *less);
    unsigned deadline = p->run->set.deadline_ms;
    uint64_t ends = play_now_us() + UINT64_C(1000) * SMALL_LIMIT_MS;
    size_t parts = 0, trials = 0;
    if (kind != FINDING_HANG && deadline > SMALL_DEADLINE_MS)
        p->run->set.deadline_ms = SMALL_DEADLINE_MS;
    while (changed_without(less, c, parts))
        parts++;
    /* from the last: what was taken out moves none of those that are still to come */
    for (size_t i = parts; i-- > 0 && trials < TRIALS && play_now_us() < ends;) {
        if (!changed_without(less, c, i))
            continue;
        bool sendable = less->steps[0].op != OP_END_OF_STEPS;
        for (size_t k = 0; k < CHANGED_STEPS && less->steps[k].op != OP_END_OF_STEPS; k++)
            if (less->steps[k].op == OP_SEND && pattern_check(less->steps[k].text, true))
                sendable = false;
        trials += sendable;
        if (sendable && trial_recurs(p->run, less, kind, reason))
            changed_copy(c, less);
    }
    p->run->set.deadline_ms = deadline;
    free(less);
}

static bool is_known(const struct party *p, const struct changed *c, enum finding kind)
{
    for (size_t f = 0; f < p->n_found; f++) {
        const struct changed *other = &p->found[f];
        bool same = p->kinds[f] == kind;
        for (size_t i = 0; same && i < CHANGED_STEPS; i++) {
            const struct step *a = &c->steps[i], *b = &other->steps[i];
            same = a->op == b->op && a->actor == b->actor && !a->text == !b->text &&
                   (!a->text || strcmp(a->text, b->text) == 0);
            if (same && a->op == OP_END_OF_STEPS)
                return true;
        }
    }
    return false;
}

/* A case that was found diverging once would be found again and again. */
static bool is_enough(const struct party *p, const struct changed *c, enum finding kind)
{
    for (size_t f = 0; f < p->n_found; f++)
        if (p->kinds[f] == kind && strcmp(p->found[f].test.id, c->test.id) == 0)
            return true;
    return p->n_found == p->hunt->most;
}

/* The steps as they are to be played again: the answer to the whole is what the pieces must get. */
static void set_steps(struct step *to, const struct changed *c, enum finding kind, const char *text)
{
    size_t n = 0;
    if (kind == FINDING_LEAK)
        to[n++] = (struct step)RESTS;
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++)
        to[n++] = s->op == OP_DRAIN && kind == FINDING_DIVERGENCE ? (struct step)EXPECT(text) : *s;
    memset(&to[n], 0, sizeof to[n]);
}

static void tell(struct party *p, const struct changed *c, enum finding kind, char reason[240])
{
    struct answer answers[2] = {{.text = ""}, {.text = ""}};
    struct step steps[CHANGED_STEPS + 3];
    struct test_case test = c->test;
    char file[BUNDLE_NAME_MOST];
    if (kind == FINDING_DIVERGENCE && !trial_diverges(p->run, c, answers))
        return;
    if (kind == FINDING_DIVERGENCE)
        snprintf(reason, 240, "whole it is answered%.100s, octet by octet%.100s", answers[0].text,
                 answers[1].text);
    if (kind == FINDING_LEAK)
        snprintf(reason, 240, "each such connection costs a descriptor for good");
    set_steps(steps, c, kind, answers[0].text);
    test.steps = steps;
    struct result r = {.test = &test,
                       .requirement = requirement_by_id(test.requirement),
                       .segment = kind == FINDING_DIVERGENCE ? SEGMENT_BYTES : c->segment,
                       .verdict = kind == FINDING_LEAK ? VERDICT_QUIRK : VERDICT_FAIL};
    snprintf(r.report.reason, sizeof r.report.reason, "%s", reason);
    snprintf(file, sizeof file, "%s/fuzz-%llu-%zu-%s.json", p->hunt->dir,
             (unsigned long long)p->hunt->seed, p->n_found + 1, finding_names[kind]);
    const char *why = bundle_write(p->run, &r, file);
    if (why) {
        p->run->status = EXIT_SUITE;
        snprintf(p->run->error, sizeof p->run->error, "%.200s: %s", file, why);
        p->ends = 0;
    }
    changed_copy(&p->found[p->n_found], c);
    p->kinds[p->n_found++] = kind;
    p->hunt->found[kind]++;
    p->hunt->say(kind, file, reason);
}

static void found(struct party *p, const struct changed *c, enum finding kind)
{
    char reason[240] = "";
    struct changed *small = xmalloc(sizeof *small);
    changed_copy(small, c);
    if (!is_enough(p, c, kind) && trial_recurs(p->run, small, kind, reason)) {
        make_small(p, small, kind, reason);
        if (!is_known(p, small, kind))
            tell(p, small, kind, reason);
    }
    free(small);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static void judge(struct party *p, struct result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct changed *c = (const struct changed *)results[i].test; /* its first member */
        enum finding kind = trial_kind(&results[i]);
        if (kind != N_FINDINGS) {
            struct changed *as_played = xmalloc(sizeof *as_played);
            changed_copy(as_played, c);
            as_played->segment = results[i].segment;
            found(p, as_played, kind);
            free(as_played);
        }
        bool pair = i + 1 < n && results[i + 1].test == results[i].test;
        if (!pair)
            continue;
        struct answer one = trial_answer(p->run, &results[i]),
                      two = trial_answer(p->run, &results[i + 1]);
        if (trial_differ(&one, &two))
            found(p, c, FINDING_DIVERGENCE);
    }
}

static void look_for_leaks(struct party *p)
{
    struct growth g = leaks_growth(p->run, &p->rest);
    if (g.descriptors < LEAK_DESCRIPTORS)
        return;
    for (size_t i = 0; i < ROUND && p->n_found < p->hunt->most; i++)
        if (trial_loses(p->run, &p->round[i])) {
            found(p, &p->round[i], FINDING_LEAK);
            break;
        }
    p->rest = peer_holding(&p->run->peer);
}

static void play_round(struct party *p)
{
    struct result results[2 * ROUND], *todo[2 * ROUND];
    struct run *run = p->run;
    char reason[240];
    unsigned us;
    size_t n = 0;
    for (size_t i = 0; i < ROUND;) {
        struct changed *c = &p->round[i];
        if (!change_case(c, p->bases[random_next(&p->random) % p->n_bases], &p->random))
            continue;
        i++;
        results[n++] = trial_result(c, c->comparable ? SEGMENT_WHOLE : c->segment);
        if (c->comparable)
            results[n++] = trial_result(c, SEGMENT_BYTES);
    }
    for (size_t i = 0; i < n; i++)
        todo[i] = &results[i];
    run->restarts = 0;
    blame_together(run, todo, n, run->options->jobs);
    if (batch_control(run, reason, sizeof reason, &us) != HELD) {
        for (size_t i = 0; i < n; i++)
            todo[i] = &results[i];
        run->restarts = 0;
        if (reach_restart(run))
            blame_alone(run, todo, n);
        else
            p->ends = 0;
    }
    p->hunt->plays += n;
    bool same_process = run->restarts == 0;
    judge(p, results, n);
    for (size_t i = 0; i < n; i++)
        outcome_report_free(&results[i].report);
    if (!same_process || run->restarts)
        p->rest = peer_holding(&run->peer);
}

static bool is_over(const struct party *p)
{
    const struct hunt *h = p->hunt;
    return play_now_us() >= p->ends || p->n_found == h->most || (h->runs && h->plays >= h->runs);
}

void hunt_all(struct run *run, struct hunt *hunt)
{
    struct party p = {.run = run, .hunt = hunt, .random = hunt->seed, .ends = UINT64_MAX};
    struct changed *probe = xmalloc(sizeof *probe);
    p.bases = xcalloc(run->n_results + 1, sizeof *p.bases);
    p.round = xcalloc(ROUND, sizeof *p.round);
    p.found = xcalloc(hunt->most + 1, sizeof *p.found);
    p.kinds = xcalloc(hunt->most + 1, sizeof *p.kinds);
    for (size_t i = 0; i < run->n_results; i++) {
        uint64_t any = 1;
        if (run->results[i].verdict != VERDICT_SKIP &&
            change_case(probe, run->results[i].test, &any))
            p.bases[p.n_bases++] = run->results[i].test;
    }
    if (hunt->time_s)
        p.ends = play_now_us() + UINT64_C(1000000) * hunt->time_s;
    p.rest = peer_holding(&run->peer);
    run->set.quiet_ms = QUIET_MS;
    if (p.n_bases == 0) {
        run->status = EXIT_NOTHING;
        snprintf(run->error, sizeof run->error, "no case that is selected has anything to change");
    }
    bool counts = run->options->argv && run->options->role == ROLE_SOCKS5_SERVER;
    for (size_t rounds = 1; p.n_bases && !is_over(&p); rounds++) {
        play_round(&p);
        if (counts && (rounds % LEAK_ROUNDS == 0 || is_over(&p)))
            look_for_leaks(&p);
    }
    if (p.n_bases && !run->error[0])
        run->status = p.n_found ? EXIT_FAILS : EXIT_CONFORMS;
    free(probe);
    free(p.bases);
    free(p.round);
    free(p.found);
    free(p.kinds);
}
