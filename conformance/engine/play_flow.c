/* OP_TRANSFER, OP_EXCHANGE, OP_TRICKLE: many octets, compared as they come. */
#include "playing.h"

#include <string.h>

enum { CHUNK = 65000 };

static uint64_t flow_seed(const struct play *p, const struct flow *f)
{
    return p->scene.seed ^ ((uint64_t)(f->from + 1) << 32);
}

/* Notes a transfer as one message sent and one received, with its first octets. */
static void record_flow(struct play *p, const struct flow *f)
{
    uint8_t first[sizeof((struct event_record *)0)->octets];
    payload_fill(flow_seed(p, f), 0, first, sizeof first);
    if (f->sent)
        play_record(p, f->from, SENT, first, f->sent);
    if (f->got)
        play_record(p, f->to, RECEIVED, first, f->got);
}

/* Counts what has come, as far as it is what was sent; false when it is not, and the play is over.
 * chunk: CHUNK octets to work in. */
static bool flow_matches(struct play *p, struct flow *f, const struct channel *to, uint8_t *chunk)
{
    for (size_t at = 0, n; at < to->in_len; at += n) {
        size_t wanted = f->n - f->got, same = 0;
        n = to->in_len - at < CHUNK ? to->in_len - at : CHUNK;
        n = n < wanted ? n : wanted;
        payload_fill(flow_seed(p, f), f->got, chunk, n);
        if (n && memcmp(to->in + at, chunk, n) == 0)
            same = n;
        while (same < n && to->in[at + same] == chunk[same])
            same++;
        f->got += same;
        if (n && same == n)
            continue;
        record_flow(p, f);
        if (n == 0)
            play_finish(p, BROKEN, "at the %s: more than the %zu octets that were sent",
                        actor_names[f->to], f->n);
        else
            play_finish(p, BROKEN, "at the %s: octet %zu of %zu is not the one that was sent",
                        actor_names[f->to], f->got, f->n);
        return false;
    }
    return true;
}

/* Moves what can be moved; true when all has arrived. */
static bool flow_on(struct play *p, struct flow *f)
{
    struct channel *from = &p->channels[f->from], *to = &p->channels[f->to];
    uint8_t *chunk = p->set->scratch;
    while (f->sent < f->n && channel_idle(from) && from->ending != ENDING_RST) {
        size_t n = f->n - f->sent < CHUNK ? f->n - f->sent : CHUNK;
        payload_fill(flow_seed(p, f), f->sent, chunk, n);
        channel_send_data(from, chunk, n);
        f->sent += n;
        p->entered = false; /* progress: its time starts anew */
    }
    if (!flow_matches(p, f, to, chunk))
        return false;
    if (to->in_len) {
        channel_take(to, to->in_len);
        p->entered = false;
    }
    if (to->wire && to->wire->fault[0]) {
        play_finish(p, BROKEN, "at the %s, after %zu octets: %s", actor_names[f->to], f->got,
                    to->wire->fault);
        return false;
    }
    if (f->got < f->n && (to->ending != ENDING_OPEN || p->quiet)) {
        record_flow(p, f);
        play_finish(p, BROKEN, "at the %s: %s after %zu of %zu octets", actor_names[f->to],
                    play_ending_text(p, to), f->got, f->n);
        return false;
    }
    return f->got == f->n;
}

bool step_flow(struct play *p, const struct step *s)
{
    if (p->flows[0].n == 0) {
        p->flows[0] = (struct flow){.from = s->actor, .to = s->to, .n = s->n};
        p->flows[1] =
            (struct flow){.from = s->to, .to = s->actor == STDIN ? STDOUT : s->actor, .n = s->n};
        p->holding = s->op == OP_TRICKLE;
        if (p->holding)
            channel_pause(&p->channels[s->to], true);
    }
    if (p->channels[s->actor].fd < 0 || p->channels[s->to].fd < 0) {
        if (!p->entered)
            play_arm(p, UINT64_C(1000) * p->set->deadline_ms);
        if (p->quiet)
            play_finish(p, BROKEN, "the peer made no connection: no %s after %u ms",
                        actor_names[p->channels[s->actor].fd < 0 ? s->actor : s->to],
                        p->set->deadline_ms);
        return false;
    }
    if (p->holding && p->quiet) {
        p->holding = p->quiet = p->entered = false;
        channel_pause(&p->channels[s->to], false);
    }
    bool done = flow_on(p, &p->flows[0]);
    if (!p->over && s->op == OP_EXCHANGE)
        done = flow_on(p, &p->flows[1]) && done;
    if (p->over)
        return false;
    bool behind = s->op != OP_EXCHANGE && s->to == STDOUT && p->flows[0].sent == s->n;
    if (behind && !p->channels[s->actor].fin_sent)
        channel_fin(&p->channels[s->actor]);
    if (done) {
        record_flow(p, &p->flows[0]);
        if (s->op == OP_EXCHANGE)
            record_flow(p, &p->flows[1]);
        p->flows[0].n = p->flows[1].n = 0;
        return true;
    }
    if (!p->entered)
        play_arm(p, UINT64_C(1000) * (p->holding ? p->set->quiet_ms : p->set->deadline_ms));
    return false;
}
