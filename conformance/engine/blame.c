/* Which case harmed the peer, and which verdict follows from it. */
#include "running.h"

#include <string.h>

enum { MOST_DISTURBED = 3 }; /* in a row, and the rest is not tried again */

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
        if (!reach_restart(run)) {
            for (size_t k = i + 1; k < n; k++)
                cannot_tell(todo[k], "the peer was lost before this case could run");
            return found;
        }
    }
    return found;
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
        if (!reach_restart(run)) {
            for (size_t i = 0; i < suspects + left; i++)
                cannot_tell(todo[i], "the peer was lost before this case could run");
            return;
        }
        if (blame_alone(run, todo, suspects) == 0) {
            char reason[240];
            size_t at = (size_t)snprintf(reason, sizeof reason,
                                         "the peer died once while these ran, not again alone:");
            for (size_t i = 0; i < suspects && at < sizeof reason; i++)
                at += (size_t)snprintf(reason + at, sizeof reason - at, " %s", todo[i]->test->id);
            for (size_t i = 0; i < suspects; i++)
                cannot_tell(todo[i], reason);
        }
        todo += suspects;
        n = left;
    }
}
