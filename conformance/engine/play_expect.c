/* OP_EXPECT: what came against what must come, and the difference in words. */
#include "playing.h"

#include "memory.h"

#include <sockspec/socks5.h>
#include <string.h>

const char *play_ending_text(const struct play *p, const struct channel *c)
{
    if (c == &p->channels[PROXY] && p->client.never_came)
        return p->client.text;
    if (c == &p->channels[PROCESS])
        return client_end_text(&p->client);
    if (c->error)
        return strerror(c->error);
    return c->ending == ENDING_FIN   ? "FIN"
           : c->ending == ENDING_RST ? "RST"
           : p->quiet                ? "nothing more"
                                     : "open";
}

static void explain_difference(struct play *p, const struct step *s, const struct channel *c,
                               const struct match *m)
{
    struct outcome_report *r = &p->report;
    size_t size;
    FILE *out = xopen_memstream(&r->expected, &size);
    pattern_print(out, &p->scene, s->text);
    fclose(out);
    out = xopen_memstream(&r->received, &size);
    r->mark =
        pattern_print_received(out, &p->scene, s->text, m->alternative, c->in, c->in_len, m->used);
    fprintf(out, "%s(%s)", c->in_len ? " " : "", play_ending_text(p, c));
    fclose(out);
}

static void fail_expectation(struct play *p, const struct step *s, const struct channel *c,
                             const struct match *m)
{
    char where[48] = "";
    if (s->actor != p->lead)
        snprintf(where, sizeof where, "at the %s: ", actor_names[s->actor]);
    explain_difference(p, s, c, m);
    if (s->actor == PROCESS) {
        play_finish(p, BROKEN, "%s; expected %s", client_end_text(&p->client), m->wanted);
        return;
    }
    if (m->used < c->in_len) {
        uint8_t got = c->in[m->used];
        bool rep = strncmp(m->wanted, "REP:", 4) == 0;
        play_finish(p, BROKEN, "%soctet %zu: expected %s, received %02x%s%s%s", where, m->used,
                    m->wanted, got, rep ? " (" : "", rep ? sks_rep_text(got) : "", rep ? ")" : "");
    } else if (c->ending != ENDING_OPEN) {
        play_finish(p, BROKEN, "%s%s after %zu octet%s, expected %s", where, play_ending_text(p, c),
                    c->in_len, c->in_len == 1 ? "" : "s", m->wanted);
    } else if (c->in_len) {
        play_finish(p, BROKEN, "%sonly %zu octet%s came, then nothing for %u ms; expected %s",
                    where, c->in_len, c->in_len == 1 ? "" : "s",
                    s->n ? (unsigned)s->n : p->set->deadline_ms, m->wanted);
    } else {
        play_finish(p, BROKEN, "%snothing came for %u ms; expected %s", where,
                    s->n ? (unsigned)s->n : p->set->deadline_ms, m->wanted);
    }
}

static void note_choice(struct outcome_report *r, const char *label)
{
    size_t used = strlen(r->choice);
    if (label[0])
        snprintf(r->choice + used, sizeof r->choice - used, "%s%s", used ? "; " : "", label);
}

/* What the peer did wrong below the plain text, as far as this match is about it. */
static const char *wire_fault(const struct channel *c, const struct match *m, bool quiet)
{
    const struct wire *w = c->wire;
    if (w->fault[0] && (m->kind != MATCH || m->used == 0))
        return w->fault;
    bool ended = c->ending == ENDING_FIN && m->used == c->in_len;
    if (m->kind == MATCH && (ended || (quiet && m->used == 0)) && wire_incomplete(w))
        return ended ? "FIN behind octets that make no chunk" : "octets that make no chunk";
    return NULL;
}

bool step_expect(struct play *p, const struct step *s)
{
    struct channel *c = &p->channels[s->actor];
    if (!p->entered) {
        bool silence = strncmp(s->text, "silence", 7) == 0;
        play_arm(p, 1000u * (s->n      ? (unsigned)s->n
                             : silence ? p->set->quiet_ms
                                       : p->set->deadline_ms));
    }
    bool silent = p->quiet && pattern_has(s->text, "silence");
    if (c->fd < 0 && c->ending == ENDING_OPEN && !silent && s->actor != PROCESS) {
        if (p->quiet)
            play_finish(p, BROKEN, "the peer made no connection to the %s in %u ms%s",
                        actor_names[s->actor], p->set->deadline_ms,
                        p->set->server && server_strays(p->set->server)
                            ? "; of some that came the header is no case's"
                            : "");
        return false;
    }
    struct match m = pattern_match(&p->scene, s->text, c->in, c->in_len, c->ending, p->quiet);
    if (c->datagram && !c->got && !pattern_has(s->text, "silence"))
        m = (struct match){.kind = p->quiet ? MATCH_NOT : MATCH_MORE, .wanted = "a datagram"};
    else if (c->datagram && c->got && m.kind == MATCH && m.used != c->in_len)
        m = (struct match){.kind = MATCH_NOT, .used = m.used, .wanted = "the datagram to end"};
    else if (c->datagram && c->got && m.kind == MATCH_MORE)
        m = (struct match){.kind = MATCH_NOT, .used = c->in_len, .wanted = "a longer datagram"};
    const char *fault = c->wire ? wire_fault(c, &m, p->quiet) : NULL;
    if (m.kind == MATCH_MORE && !fault)
        return false;
    if (m.kind == MATCH_MORE || fault)
        m.kind = MATCH_NOT;
    if ((c->in_len && (m.kind == MATCH_NOT || m.used)) || fault)
        play_record_received(p, s->actor, s->text, m.alternative,
                             m.kind == MATCH_NOT ? c->in_len : m.used);
    if (c->ending != ENDING_OPEN && (m.kind == MATCH_NOT || m.used == 0))
        play_record(p, s->actor, c->ending == ENDING_FIN ? ENDED_FIN : ENDED_RST, NULL, 0);
    if (fault) {
        explain_difference(p, s, c, &m);
        play_finish(p, BROKEN, "at the %s: %s", actor_names[s->actor], fault);
        return false;
    }
    if (m.kind == MATCH_NOT) {
        fail_expectation(p, s, c, &m);
        return false;
    }
    note_choice(&p->report, m.label);
    if (m.has_bnd && s->actor == CLIENT)
        scene_take_bnd(&p->scene, c->in, c->in_len, m.bnd_at);
    if (s->actor == TARGET_UDP || s->actor == PROXY_UDP)
        p->target_peer = c->from;
    if (m.used || c->got)
        channel_take(c, m.used);
    return true;
}

bool step_drain(struct play *p, const struct step *s)
{
    struct channel *c = &p->channels[s->actor];
    if (c->in_len || c->got) {
        play_record_received(p, s->actor, "", 0, c->in_len);
        channel_take(c, c->in_len);
        p->quiet = false;
        p->entered = false;
    }
    if (!p->entered)
        play_arm(p, 1000u * p->set->quiet_ms);
    if (c->ending != ENDING_OPEN)
        play_record(p, s->actor, c->ending == ENDING_FIN ? ENDED_FIN : ENDED_RST, NULL, 0);
    return c->ending != ENDING_OPEN || p->quiet;
}
