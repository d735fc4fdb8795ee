#include "fuzz_trial.h"

#include "playing.h"
#include "running.h"

#include <sockspec/socks5.h>
#include <string.h>

enum {
    LEAK_COPIES = 24,     /* of one case, to see whether it is the one that leaks */
    SURE_QUIET_MS = 1000, /* behind the last answer, where answers are compared for good */
};

struct result trial_result(const struct changed *c, enum segment_kind segment)
{
    return (struct result){.test = &c->test,
                           .requirement = requirement_by_id(c->test.requirement),
                           .segment = segment,
                           .verdict = N_VERDICTS,
                           .report.mark = -1};
}

enum finding trial_kind(const struct result *r)
{
    if (r->verdict == VERDICT_FAIL && strncmp(r->report.reason, "the peer died", 13) == 0)
        return FINDING_CRASH;
    if (r->verdict == VERDICT_FAIL && strncmp(r->report.reason, "afterwards", 10) == 0)
        return FINDING_HANG;
    return N_FINDINGS;
}

static void put_hex(struct answer *a, const uint8_t *octets, size_t n)
{
    size_t at = strlen(a->text);
    if (n && at + 2 * n + 32 < sizeof a->text) {
        a->text[at++] = ' ';
        for (size_t i = 0; i < n; i++, at += 2)
            snprintf(a->text + at, 3, "%02x", octets[i]);
    }
}

static void put_word(struct answer *a, const char *word)
{
    size_t at = strlen(a->text);
    snprintf(a->text + at, sizeof a->text - at, "%s", word);
}

struct answer trial_answer(const struct run *run, const struct result *r)
{
    struct answer a = {.usable = r->report.outcome == HELD};
    uint8_t octets[600] = {0};
    size_t n = 0, expected = 0;
    for (const struct step *s = r->test->steps; s->op != OP_END_OF_STEPS; s++)
        expected += s->op == OP_EXPECT && s->actor == CLIENT;
    expected += r->test->steps->op != OP_HANDSHAKE ? 0 : run->set.user ? 2 : 1;
    for (size_t i = 0; i < r->report.n_events; i++) {
        const struct event_record *e = &r->report.events[i];
        if (e->actor != CLIENT || e->what != RECEIVED || (expected && expected--))
            continue;
        a.usable = a.usable && e->len <= sizeof e->octets && n + e->len <= sizeof octets;
        if (a.usable)
            memcpy(octets + n, e->octets, e->len);
        n += a.usable ? e->len : 0;
    }
    for (size_t at = 0; at <= n; at += 2) {
        struct sks_reply reply;
        size_t used;
        if (at < n && sks_reply_parse(&reply, octets + at, n - at, &used) != SKS_OK)
            continue;
        put_hex(&a, octets, at < n ? at + 3 : n);
        if (at < n) {
            put_word(&a, " {addr}");
            put_hex(&a, octets + at + used, n - at - used);
        }
        break;
    }
    if (n % 2 && !a.text[0])
        put_hex(&a, octets, n);
    a.reset = r->report.ending == ENDING_RST;
    put_word(&a, r->report.ending == ENDING_OPEN ? " silence" : " end");
    return a;
}

bool trial_differ(const struct answer *a, const struct answer *b)
{
    return a->usable && b->usable && !a->reset && !b->reset && strcmp(a->text, b->text) != 0;
}

static void play_pair(struct run *run, const struct changed *c, struct answer answers[2])
{
    for (int i = 0; i < 2; i++) {
        struct result r = trial_result(c, i ? SEGMENT_BYTES : SEGMENT_WHOLE), *one = &r;
        size_t left;
        answers[i].usable = batch_play(run, &one, 1, 1, &left) == 0;
        if (answers[i].usable)
            answers[i] = trial_answer(run, &r);
        outcome_report_free(&r.report);
    }
}

bool trial_diverges(struct run *run, const struct changed *c, struct answer answers[2])
{
    struct answer again[2];
    unsigned quiet = run->set.quiet_ms;
    run->set.quiet_ms = SURE_QUIET_MS;
    play_pair(run, c, answers);
    bool sure = trial_differ(&answers[0], &answers[1]);
    if (sure) {
        play_pair(run, c, again);
        sure = strcmp(answers[0].text, again[0].text) == 0 &&
               strcmp(answers[1].text, again[1].text) == 0;
    }
    run->set.quiet_ms = quiet;
    return sure;
}

bool trial_loses(struct run *run, const struct changed *c)
{
    struct result results[LEAK_COPIES], *todo[LEAK_COPIES];
    struct holding since = peer_holding(&run->peer);
    size_t left;
    for (size_t i = 0; i < LEAK_COPIES; i++) {
        results[i] = trial_result(c, SEGMENT_WHOLE);
        todo[i] = &results[i];
    }
    bool lives = batch_play(run, todo, LEAK_COPIES, LEAK_COPIES, &left) == 0;
    for (size_t i = 0; i < LEAK_COPIES; i++)
        outcome_report_free(&results[i].report);
    return lives && leaks_growth(run, &since).descriptors >= LEAK_COPIES;
}

bool trial_recurs(struct run *run, const struct changed *c, enum finding kind, char reason[240])
{
    struct answer answers[2];
    if (kind == FINDING_DIVERGENCE)
        return trial_diverges(run, c, answers);
    if (kind == FINDING_LEAK)
        return trial_loses(run, c);
    struct result r = trial_result(c, c->segment), *one = &r;
    run->restarts = 0;
    blame_alone(run, &one, 1);
    bool same = trial_kind(&r) == kind;
    if (same)
        snprintf(reason, 240, "%s", r.report.reason);
    outcome_report_free(&r.report);
    return same;
}
