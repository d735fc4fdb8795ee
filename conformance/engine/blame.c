/* Which case harmed the peer, and which verdict follows from it. */
#include "memory.h"
#include "running.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_DISTURBED = 3, /* in a row, and the rest is not tried again */
    MOST_HARMED = 12,   /* plays after which the peer lives and serves nobody, and none to blame */
};

static void set_reason(struct result *r, enum outcome outcome, const char *reason)
{
    struct tape tape = r->report.tape; /* what was sent is as it was */
    uint16_t ports[N_PORTS];
    memcpy(ports, r->report.ports, sizeof ports);
    r->report.tape.octets = NULL;
    outcome_report_free(&r->report);
    r->report.tape = tape;
    memcpy(r->report.ports, ports, sizeof ports);
    r->report.outcome = outcome;
    r->report.mark = -1;
    snprintf(r->report.reason, sizeof r->report.reason, "%s", reason);
}

static void blame(struct result *r, const char *what, const char *detail)
{
    char reason[240];
    snprintf(reason, sizeof reason, "%s: %.180s", what, detail);
    set_reason(r, BROKEN, reason);
    r->verdict = VERDICT_FAIL;
}

static void cannot_tell(struct result *r, const char *reason)
{
    set_reason(r, DISTURBED, reason);
    r->verdict = VERDICT_INCONCLUSIVE;
}

/* A new peer for todo; false when there is none, or it would be for nothing: then they are told. */
static bool begin_again(struct run *run, bool died, struct result **todo, size_t n)
{
    run->harmed += !died;
    bool again = run->harmed <= MOST_HARMED && reach_restart(run);
    for (size_t i = 0; i < n && !again; i++)
        cannot_tell(todo[i], run->harmed > MOST_HARMED
                                 ? "the peer stops serving again and again, whatever is played"
                                 : "the peer was lost before this case could run");
    return again;
}

size_t blame_alone(struct run *run, struct result **todo, size_t n)
{
    size_t found = 0, left;
    char reason[240], end[80];
    bool serves = run->control_before[0] == 0;
    for (size_t i = 0; i < n; i++) {
        todo[i]->verdict = N_VERDICTS;
        struct result *one = todo[i];
        bool died = batch_play(run, &one, 1, 1, &left) > 0;
        bool harmed = !died && serves && !batch_serves(run, reason, sizeof reason);
        if (!died && !harmed)
            continue;
        found++;
        died = died || run->peer.died;
        if (died)
            blame(todo[i], "the peer died", peer_end_text(&run->peer, end, sizeof end));
        else
            blame(todo[i], "afterwards the peer serves no plain good connection", reason);
        run->harmed = 0;
        if (!begin_again(run, died, todo + i + 1, n - i - 1))
            return found;
    }
    return found;
}

/* The peer was harmed while these n ran, and by none of them alone. */
static void cannot_tell_which(struct result **todo, size_t n, bool died)
{
    char reason[240];
    size_t at =
        (size_t)snprintf(reason, sizeof reason,
                         "the peer %s once %s, not again alone:", died ? "died" : "served nobody",
                         died ? "while these ran" : "after these");
    for (size_t i = 0; i < n && at < sizeof reason; i++)
        at += (size_t)snprintf(reason + at, sizeof reason - at, " %s", todo[i]->test->id);
    for (size_t i = 0; i < n; i++)
        cannot_tell(todo[i], reason);
}

/* Of n that have harmed the peer, each half. */
static void blame_halves(struct run *run, struct result **todo, size_t n, bool died)
{
    struct result **those = xcalloc(n, sizeof *those); /* todo loses what has its verdict */
    memcpy(those, todo, n * sizeof *those);
    size_t half = n / 2;
    bool explained = blame_search(run, todo, half);
    explained = blame_search(run, todo + half, n - half) || explained;
    if (!explained)
        cannot_tell_which(those, n, died);
    free(those);
}

bool blame_search(struct run *run, struct result **todo, size_t n)
{
    char reason[240];
    size_t left;
    if (n < 2)
        return blame_alone(run, todo, n) > 0;
    for (size_t i = 0; i < n; i++)
        todo[i]->verdict = N_VERDICTS;
    size_t suspects = batch_play(run, todo, n, run->options->jobs, &left);
    bool died = suspects > 0;
    if (!died && (run->control_before[0] || batch_serves(run, reason, sizeof reason)))
        return false;
    n = died ? suspects + left : n;
    if (begin_again(run, died, todo, n))
        blame_halves(run, todo, n, died);
    return true;
}

void blame_again(struct run *run, struct result **todo, size_t n)
{
    for (size_t i = 0, in_row = 0; i < n && in_row < MOST_DISTURBED; i++) {
        blame_alone(run, &todo[i], 1);
        in_row = todo[i]->verdict == VERDICT_INCONCLUSIVE ? in_row + 1 : 0;
    }
}

void blame_together(struct run *run, struct result **todo, size_t n, size_t limit)
{
    size_t left;
    for (;;) {
        size_t suspects = batch_play(run, todo, n, limit, &left);
        if (suspects == 0)
            return;
        if (!begin_again(run, true, todo, suspects + left))
            return;
        blame_halves(run, todo, suspects, true);
        todo += suspects;
        n = left;
    }
}
