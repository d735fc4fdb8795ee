/* OP_SEND: a stimulus, cut into segments that arrive as segments. */
#include "playing.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    BYTES_LIMIT = 600,       /* octet by octet up to here, then whole */
    DRAIN_POLL_US = 40,      /* between two looks whether the peer has read a segment */
    DRAIN_LIMIT_US = 250000, /* a peer that does not read for so long is not waited for again */
};

/* Not behind what a client is to say: that cannot be foreseen. */
bool step_joins(const struct step *s)
{
    return s->op == OP_EXPECT && s->actor == CLIENT && !pattern_has(s->text, "end") &&
           !pattern_has(s->text, "fin") && !pattern_has(s->text, "rst") &&
           !pattern_has(s->text, "silence");
}

/* The octets of the network that a text makes at an actor. */
static long play_build(struct play *p, enum actor a, const char *text, uint8_t *buf,
                       const char **error)
{
    struct wire *w = p->channels[a].wire;
    return w ? wire_build(w, &p->scene, text, buf, error)
             : pattern_build(&p->scene, text, buf, error);
}

/* The sender's next stimulus into p->send; coalesced, with those that follow it. */
static bool gather(struct play *p)
{
    uint8_t *buf = p->set->scratch;
    p->sent_before += p->send_len;
    free(p->send);
    p->send = NULL;
    p->send_len = p->send_at = 0;
    p->half_closed = p->channels[p->sender].ending == ENDING_FIN;
    for (size_t i = p->at; p->steps[i].op != OP_END_OF_STEPS; i++) {
        struct step *s = &p->steps[i];
        if (s->op != OP_SEND || s->actor != p->sender) {
            if (step_joins(s))
                continue;
            break;
        }
        const char *error;
        long n = play_build(p, p->sender, s->text, buf, &error);
        if (n < 0) {
            play_finish(p, FAULTY, "%s: %s", s->text, error);
            return false;
        }
        p->send = xrealloc(p->send, p->send_len + (size_t)n + 1);
        memcpy(p->send + p->send_len, buf, (size_t)n);
        p->send_len += (size_t)n;
        if (i > p->at)
            s->text = ""; /* sent with this one */
        if (p->kind != SEGMENT_COALESCED || p->sender != p->lead)
            break;
    }
    uint8_t *message = play_message(p, p->send, &p->send_len);
    free(p->send);
    p->send = message;
    return true;
}

static size_t next_cut(const struct play *p)
{
    switch (p->kind) {
    case SEGMENT_BYTES:
        return p->send_at < BYTES_LIMIT && p->send_at < p->send_len ? p->send_at + 1 : p->send_len;
    case SEGMENT_SPLIT:
        if (p->cut > p->sent_before + p->send_at && p->cut < p->sent_before + p->send_len)
            return p->cut - p->sent_before;
        return p->send_len;
    case SEGMENT_WHOLE:
    case SEGMENT_COALESCED:
    case N_SEGMENTS:
        break;
    }
    return p->send_len;
}

/* Whether the segment before the next one has been read, so that the two cannot melt together. */
static bool drained(struct play *p)
{
    uint64_t waited = play_now_us() - p->drain_since;
    uint64_t blind = 2u * p->set->rtt_us > 2000 ? 2u * p->set->rtt_us : 2000;
    long unread = segment_unread(p->set->probe, p->channels[p->sender].fd);
    if (unread == 0) {
        p->set->cuts_seen++;
        return true;
    }
    if (unread > 0 && waited > DRAIN_LIMIT_US)
        p->unread = true;
    return p->unread || (unread < 0 && waited > blind);
}

/* Sends what is left of the stimulus; true when all of it is on its way. */
static bool send_on(struct play *p)
{
    struct channel *c = &p->channels[p->sender];
    for (;;) {
        bool gone = c->ending == ENDING_FIN && !p->half_closed && actor_leads(p->sender);
        if (c->ending == ENDING_RST || gone)
            return true; /* nobody reads the rest */
        if (!channel_idle(c))
            return false;
        if (p->drain_since) {
            if (!drained(p)) {
                play_arm(p, DRAIN_POLL_US);
                return false;
            }
            p->drain_since = 0;
        }
        if (p->send_at == p->send_len)
            return true;
        size_t to = next_cut(p);
        channel_send(c, p->send + p->send_at, to - p->send_at);
        p->send_at = to;
        if (to < p->send_len) {
            p->set->cuts++;
            p->drain_since = play_now_us();
        }
    }
}

bool step_send(struct play *p, const struct step *s)
{
    if (actor_is_cut(p, s->actor)) {
        if (!p->entered)
            p->sender = s->actor;
        if (!p->entered && s->text[0] && !gather(p))
            return false;
        if (!p->entered && s->text[0])
            play_record_sent(p, s->actor, p->kind == SEGMENT_COALESCED ? NULL : s->text, p->send,
                             p->send_len);
        return !s->text[0] || send_on(p);
    }
    struct channel *c = &p->channels[s->actor];
    if (!p->entered) {
        const char *error;
        long n = play_build(p, s->actor, s->text, p->set->scratch, &error);
        if (n < 0) {
            play_finish(p, FAULTY, "%s: %s", s->text, error);
            return false;
        }
        size_t size = (size_t)n;
        uint8_t *message = play_message(p, p->set->scratch, &size);
        memcpy(p->set->scratch, message, size);
        free(message);
        n = (long)size;
        play_record_sent(p, s->actor, s->text, p->set->scratch, (size_t)n);
        struct sockaddr_storage to = play_bnd(p);
        bool answers = s->actor == TARGET_UDP || s->actor == SERVER_UDP || p->lead == PROXY;
        if (actor_is_datagram(s->actor) && answers && p->target_peer.ss_family == AF_UNSPEC) {
            play_finish(p, BROKEN, "no datagram came to the %s that it could answer",
                        actor_names[s->actor]);
            return false;
        }
        if (s->actor == SERVER_UDP)
            server_send_to(p->set->server, p->set->scratch, (size_t)n, &p->target_peer);
        else if (actor_is_datagram(s->actor))
            channel_send_to(c, p->set->scratch, (size_t)n, answers ? &p->target_peer : &to);
        else
            channel_send(c, p->set->scratch, (size_t)n);
    }
    return actor_is_datagram(s->actor) || channel_idle(c) || c->ending != ENDING_OPEN;
}
