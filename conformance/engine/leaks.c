/* Whether a peer holds more after a run than before it, and more again after the same once more:
 * pools and caches fill up once, a leak grows each time. */
#include "memory.h"
#include "playing.h"
#include "running.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    DESCRIPTORS = 4,   /* more than these: looked at closer */
    MEMORY_KIB = 2048, /* likewise, and the least that each round must add */
    PROCESS_KIB = 128, /* more for each further process: all of a pool touch pages of their own */
    SETTLE_MS = 3000,  /* how long a peer may take to let go */
    STEADY_MS = 1000,  /* nothing was let go for so long: nothing more will be */
    SETTLE_STEP_MS = 20,
    ENOUGH = 16,              /* fewer cases than these show nothing */
    SESSIONS = 96,            /* plain good connections of a round instead */
    AGAIN_DEADLINE_MS = 1000, /* of an answer in a round, of which none is judged */
    ROUNDS = 2,
};

static bool is_about_rest(const struct result *r)
{
    return r->test->steps->op == OP_REST;
}

void leaks_begin(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++) {
        struct result *r = &run->results[i];
        if (!is_about_rest(r) || r->verdict != N_VERDICTS)
            continue;
        r->verdict = VERDICT_SKIP; /* not one to be played */
        r->pending = 1;            /* but to be judged */
        run->rest = peer_holding(&run->peer);
    }
}

static void say(struct run *run, struct result *r, enum verdict verdict, const char *reason)
{
    r->pending = 0;
    r->verdict = verdict;
    r->report.outcome = verdict == VERDICT_QUIRK ? BROKEN : HELD;
    if (verdict == VERDICT_QUIRK && run->options->strict)
        r->verdict = VERDICT_FAIL;
    snprintf(r->report.reason, sizeof r->report.reason, "%s", reason);
}

/* What the processes that were there before have more now: one that is new is of a pool. */
static struct growth grown(const struct holding *before, const struct holding *now)
{
    struct growth g = {0, 0}, lost = {0, 0};
    for (size_t i = 0; i < before->n; i++)
        for (size_t k = 0; k < now->n; k++) {
            if (before->processes[i].pid != now->processes[k].pid)
                continue;
            g.descriptors += now->processes[k].descriptors;
            lost.descriptors += before->processes[i].descriptors;
            g.memory_kib += now->processes[k].memory_kib;
            lost.memory_kib += before->processes[i].memory_kib;
        }
    g.descriptors -= lost.descriptors < g.descriptors ? lost.descriptors : g.descriptors;
    g.memory_kib -= lost.memory_kib < g.memory_kib ? lost.memory_kib : g.memory_kib;
    return g;
}

/* What the peer holds when it has let go of what it will let go of: no more descriptors than
 * before, or what it still has after a while, or in which nothing changed. */
static struct holding settle(struct run *run, const struct holding *before)
{
    uint64_t start = play_now_us(), steady = start;
    unsigned long held = ULONG_MAX;
    for (;;) {
        struct holding now = peer_holding(&run->peer);
        unsigned long more = now.known ? grown(before, &now).descriptors : 0;
        uint64_t us = play_now_us();
        steady = more == held ? steady : us;
        held = more;
        if (more == 0 || us - start > UINT64_C(1000) * SETTLE_MS ||
            us - steady > UINT64_C(1000) * STEADY_MS)
            return now;
        poll(NULL, 0, SETTLE_STEP_MS);
    }
}

struct growth leaks_growth(struct run *run, struct holding *since)
{
    struct holding now = settle(run, since);
    struct growth g = {0, 0};
    if (since->known && now.known)
        g = grown(since, &now);
    *since = now;
    return g;
}

/* Datagrams have no end: a Shadowsocks peer keeps what it has for them for minutes. */
static bool has_ends(const struct run *run)
{
    return run->options->role != ROLE_SS_SERVER && run->options->role != ROLE_SS_LOCAL;
}

static bool moves_much(const struct test_case *c)
{
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++)
        if (s->op == OP_TRANSFER || s->op == OP_EXCHANGE || s->op == OP_TRICKLE)
            return true;
    return false;
}

static bool is_played_again(const struct run *run, const struct result *r)
{
    if (r->verdict == VERDICT_SKIP || r->report.late || (r->test->needs & NEED_ALONE))
        return false;
    return has_ends(run) || !((r->test->needs & NEED_UDP) || moves_much(r->test));
}

/* The same cases once more, or as many plain good connections, whatever comes of them; false when
 * the peer does not survive it. */
static bool again(struct run *run, const struct requirement *requirement)
{
    struct result *results = xcalloc(run->n_results + SESSIONS, sizeof *results);
    struct result **todo = xcalloc(run->n_results + SESSIONS, sizeof *todo);
    size_t n = 0, left;
    for (size_t i = 0; i < run->n_results; i++)
        if (is_played_again(run, &run->results[i]))
            results[n++].test = run->results[i].test;
    if (n < ENOUGH)
        for (n = 0; n < SESSIONS; n++)
            results[n].test = run->options->replay ? &run->options->replay->test : run->set.control;
    for (size_t i = 0; i < n; i++) {
        results[i].requirement = requirement;
        results[i].segment = results[i].test->segment;
        results[i].verdict = N_VERDICTS;
        results[i].report.mark = -1;
        todo[i] = &results[i];
    }
    unsigned deadline = run->set.deadline_ms;
    if (deadline > AGAIN_DEADLINE_MS)
        run->set.deadline_ms = AGAIN_DEADLINE_MS;
    size_t lost = batch_play(run, todo, n, has_ends(run) ? run->options->jobs : n, &left);
    run->set.deadline_ms = deadline;
    for (size_t i = 0; i < n; i++)
        outcome_report_free(&results[i].report);
    free(results);
    free(todo);
    return lost == 0;
}

struct findings {
    struct growth all, least; /* over the rounds together, and the least of one */
    size_t processes;         /* of the peer */
};

static bool grows(const struct findings *f, bool memory)
{
    size_t further = f->processes ? f->processes - 1 : 0;
    return memory ? f->least.memory_kib > MEMORY_KIB + further * PROCESS_KIB
                  : f->least.descriptors > DESCRIPTORS;
}

static void add_round(struct findings *f, struct growth g)
{
    f->all.descriptors += g.descriptors;
    f->all.memory_kib += g.memory_kib;
    if (g.descriptors < f->least.descriptors)
        f->least.descriptors = g.descriptors;
    if (g.memory_kib < f->least.memory_kib)
        f->least.memory_kib = g.memory_kib;
}

/* NULL, or why nothing can be said (static text). */
static const char *watch(struct run *run, const struct requirement *requirement, struct findings *f)
{
    size_t ran = 0;
    struct holding before = has_ends(run) ? run->rest : peer_holding(&run->peer), now;
    if (run->control_before[0] || run->control_after[0])
        return "no plain good connection works";
    if (run->restarts)
        return "the peer was started anew: before and after are not of one process";
    for (size_t i = 0; i < run->n_results; i++)
        ran += run->results[i].verdict != VERDICT_SKIP;
    for (int round = ran < ENOUGH || !has_ends(run) ? 0 : -1; round < ROUNDS; round++) {
        if (round >= 0 && !again(run, requirement))
            return "the peer died when the cases were played once more";
        now = settle(run, &before);
        if (!before.known || !now.known)
            return "the peer's processes may not be looked into";
        add_round(f, grown(&before, &now));
        before = now;
        f->processes = now.n;
        if (!grows(f, false) && !grows(f, true))
            break;
    }
    return NULL;
}

void leaks_judge(struct run *run)
{
    struct findings f = {.least = {ULONG_MAX, ULONG_MAX}};
    const char *why = NULL;
    bool watched = false;
    char reason[200];
    for (size_t i = 0; i < run->n_results; i++) {
        struct result *r = &run->results[i];
        if (!is_about_rest(r) || !r->pending)
            continue;
        if (!watched)
            why = watch(run, r->requirement, &f);
        watched = true;
        bool memory = strstr(r->test->id, "/memory") != NULL;
        bool more = grows(&f, memory);
        if (memory)
            snprintf(reason, sizeof reason,
                     "%lu KiB more than at rest before the run, and %lu more at least each time "
                     "that the cases are played",
                     f.all.memory_kib, f.least.memory_kib);
        else
            snprintf(reason, sizeof reason,
                     "%lu descriptors more than at rest before the run, and %lu more at least each "
                     "time that the cases are played",
                     f.all.descriptors, f.least.descriptors);
        say(run, r,
            why    ? VERDICT_SKIP
            : more ? VERDICT_QUIRK
                   : VERDICT_PASS,
            why    ? why
            : more ? reason
                   : "");
    }
}
