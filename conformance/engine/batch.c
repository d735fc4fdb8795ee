/* The plays of a run, side by side on the event loop, and the control connection. */
#include "beat.h"
#include "memory.h"
#include "playing.h"
#include "running.h"
#include "select.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_CUTS = 600,     /* places at which the stimulus of a case that is about that is cut */
    SPREAD_CUTS = 48,    /* of any other case: where there are more, spread evenly */
    DEATH_LIMIT_MS = 50, /* from the end of a dying peer's connection to that of its process */
    SUSPECT_US = 200000, /* a case that was over so shortly before a death may have caused it */
};

struct batch;
struct job { /* one play of a result */
    struct batch *batch;
    struct result *result; /* NULL: free */
    struct play *play;
    size_t cut;
};

struct batch {
    struct run *run;
    struct result **todo; /* in order */
    size_t n, next;       /* the result to be begun, or some cut of it */
    size_t cut, cuts;     /* of that result: the next, and one past the last; 0: not begun */
    size_t octets;        /* of its stimulus, where it is cut at several places */
    bool spread;          /* at some of them only */
    size_t open, limit;
    struct job *jobs; /* limit of them */
    bool died;
};

static void fill(struct batch *b);

/* Of a result that is cut at several places the first that fails counts. */
static void take_report(struct job *j, struct outcome_report report)
{
    struct result *r = j->result;
    bool failed = report.outcome != HELD;
    if (r->plays++ == 0 || (failed && (r->cut == 0 || j->cut < r->cut))) {
        outcome_report_free(&r->report);
        r->report = report;
        r->cut = failed ? j->cut : 0;
    } else {
        outcome_report_free(&report);
    }
}

static void job_done(struct play *play, void *context)
{
    struct job *j = context;
    struct batch *b = j->batch;
    struct result *r = j->result;
    take_report(j, play_take_report(play));
    play_free(play);
    j->play = NULL;
    j->result = NULL;
    b->open--;
    if (b->next < b->n && b->todo[b->next] == r && r->report.outcome != HELD)
        b->cut = b->cuts; /* one place is enough */
    if (--r->pending == 0 && !(b->next < b->n && b->todo[b->next] == r && b->cut < b->cuts)) {
        r->verdict = run_judge(b->run, r);
        r->decided_us = play_now_us();
    }
    fill(b);
}

/* The next play that is to be begun into j; false when there is none. */
static bool next_play(struct batch *b, struct job *j)
{
    if (b->cuts && b->cut >= b->cuts) {
        b->cuts = 0;
        b->next++;
    }
    if (b->next == b->n)
        return false;
    struct result *r = b->todo[b->next];
    if (b->cuts == 0) {
        int messages;
        bool split = r->segment == SEGMENT_SPLIT;
        size_t octets = split ? play_stimulus(&b->run->set, r->test, &messages) : 0;
        b->cut = split;
        size_t most = r->test->segment == SEGMENT_SPLIT ? MOST_CUTS : SPREAD_CUTS;
        b->octets = octets > MOST_CUTS ? MOST_CUTS : octets;
        b->cuts = !split ? 1 : b->octets > most ? most : b->octets;
        b->spread = split && b->cuts < b->octets;
        const struct replay *replay = b->run->options->replay;
        if (split && replay && replay->cut) {
            b->cut = replay->cut;
            b->cuts = replay->cut + 1;
            b->spread = false;
        }
        r->pending = r->plays = 0;
    }
    *j = (struct job){.batch = b, .result = r, .cut = b->cut};
    if (b->spread)
        j->cut = b->cut * b->octets / b->cuts;
    b->cut++;
    r->pending++;
    return true;
}

static void fill(struct batch *b)
{
    for (size_t i = 0; i < b->limit && !b->died; i++) {
        struct job *j = &b->jobs[i];
        if (j->result)
            continue;
        if (!next_play(b, j))
            break;
        b->open++;
        j->play =
            play_start(&b->run->set, j->result->test, j->result->segment, j->cut, job_done, j);
    }
    if (b->open == 0)
        event_base_loopbreak(b->run->set.base);
}

static void on_death(void *context)
{
    struct batch *b = context;
    b->died = true;
    event_base_loopbreak(b->run->set.base);
}

size_t batch_play(struct run *run, struct result **todo, size_t n, size_t limit, size_t *left)
{
    struct batch b = {.run = run, .todo = todo, .n = n, .limit = limit};
    b.jobs = xcalloc(limit, sizeof *b.jobs);
    run->peer.on_death = on_death;
    run->peer.context = &b;
    beat_start(&run->set);
    fill(&b);
    if (b.open)
        xevent_base_dispatch(run->set.base);
    beat_stop(&run->set);
    run->peer.on_death = NULL;
    for (size_t i = 0; i < limit; i++)
        if (b.jobs[i].play) {
            play_stop(b.jobs[i].play);
            take_report(&b.jobs[i], play_take_report(b.jobs[i].play));
            play_free(b.jobs[i].play);
        }
    free(b.jobs);
    if (!b.died) {
        *left = 0;
        return 0;
    }
    size_t begun = b.next + (b.cuts ? 1 : 0);
    *left = n - begun;
    uint64_t now = play_now_us();
    size_t suspects = 0;
    for (size_t i = 0; i < begun; i++)
        if (todo[i]->verdict == N_VERDICTS || todo[i]->decided_us + SUSPECT_US > now)
            todo[suspects++] = todo[i];
    memmove(todo + suspects, todo + begun, *left * sizeof *todo);
    return suspects;
}

struct control {
    struct event_base *base;
    struct outcome_report report;
    bool done;
};

static void control_done(struct play *play, void *context)
{
    struct control *c = context;
    c->report = play_take_report(play);
    c->done = true;
    play_free(play);
    event_base_loopbreak(c->base);
}

static void control_died(void *context)
{
    event_base_loopbreak(context);
}

static enum outcome control(struct run *run, char *reason, size_t size, unsigned *us, bool *late)
{
    struct control c = {.base = run->set.base, .report.outcome = DISTURBED};
    uint64_t start = play_now_us();
    reason[0] = 0;
    run->peer.on_death = control_died;
    run->peer.context = run->set.base;
    beat_start(&run->set);
    struct play *p = play_start(&run->set, run->set.control, SEGMENT_WHOLE, 0, control_done, &c);
    xevent_base_dispatch(run->set.base);
    beat_stop(&run->set);
    run->peer.on_death = NULL;
    *us = (unsigned)(play_now_us() - start);
    enum outcome outcome = c.report.outcome;
    *late = c.report.late;
    snprintf(reason, size, "%s", c.report.reason);
    if (outcome != HELD)
        snprintf(run->control_said, sizeof run->control_said, "%s", c.report.said);
    outcome_report_free(&c.report);
    if (!c.done)
        play_free(p);
    if (!c.done || (outcome != HELD && peer_gone(&run->peer, DEATH_LIMIT_MS))) {
        char end[80];
        snprintf(reason, size, "the peer died: %s", peer_end_text(&run->peer, end, sizeof end));
        return DISTURBED;
    }
    return outcome;
}

enum outcome batch_control(struct run *run, char *reason, size_t size, unsigned *us)
{
    return control(run, reason, size, us, &run->silent);
}

bool batch_serves(struct run *run, char *reason, size_t size)
{
    unsigned us;
    bool late;
    enum outcome outcome = control(run, reason, size, &us, &late);
    return outcome == HELD || (late && control(run, reason, size, &us, &late) == HELD);
}
