/* A session with a driver on a model network: pipes that deliver in the segments that a cutter
 * chooses. What a session may never do fails at once. */
#ifndef CRYPTO_TEST_SESSION_RELAY_H
#define CRYPTO_TEST_SESSION_RELAY_H

#include "test.h"

#include <sockspec/session.h>

enum {
    PIPE_MAX = 160 * 1024,
    HOLD_MAX = SKS_OTA_CHUNK_MAX + 4096,
    TRACE_MAX = 1 << 20,
    LOCAL = 0, /* sides of a relay */
    REMOTE = 1,
};

/* How many octets the next segment has at most, when done octets of a pipe were delivered. */
struct cutter {
    size_t first;     /* the first segment; 0: as the rest */
    size_t rest;      /* those behind it */
    uint32_t *random; /* not NULL: 1 to rest at random, this the state */
};

static inline uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static inline size_t cut(const struct cutter *c, size_t done)
{
    if (c->random != NULL)
        return 1 + draw(c->random) % c->rest;
    if (c->first != 0 && done < c->first)
        return c->first - done;
    return c->rest;
}

/* One direction of a connection. */
struct pipe {
    uint8_t octets[PIPE_MAX];
    size_t put, got;
    int ended;
};

static inline void pipe_put(struct pipe *p, const uint8_t *octets, size_t n)
{
    assert_false(p->ended);
    assert_true(p->put + n <= PIPE_MAX);
    if (n != 0)
        memcpy(p->octets + p->put, octets, n);
    p->put += n;
}

/* What a driver has read of a side and the session has not taken. */
struct hold {
    uint8_t room[SKS_SESSION_HEAD + HOLD_MAX + SKS_SESSION_TAIL];
    size_t at, n;
    size_t taken, lined; /* octets of the pipe that the session took; and that a line holds */
    int hungry;          /* the session wants more than there is */
    int ended;           /* and was told so */
};

struct relay {
    struct sks_session s;
    struct hold hold[2];
    struct pipe *from[2], *to[2];
    int wire; /* LOCAL, REMOTE; -1: neither */
    struct sks_event pending;
    int is_pending;
    unsigned delay;      /* turns before a pending event comes */
    uint8_t target[300]; /* ATYP ADDR PORT that it was asked to resolve */
    size_t target_len;
    uint8_t refuse;           /* REP; not 0: resolving fails with it */
    uint8_t refuse_connect;   /* likewise connecting */
    unsigned salts, closings; /* said, and how often it was closed or drained */
    int drained;
    uint8_t salt[SKS_IV_MAX];
    char *trace; /* not NULL: the lines of the session, TRACE_MAX characters at most */
    size_t trace_len;
    enum sks_status refuse_salt; /* not SKS_OK: fail with it when the salt is said */
    enum sks_status why;
};

static inline void expect_event(struct relay *r, enum sks_event_kind kind, uint8_t rep)
{
    static const uint8_t host[] = {10, 0, 0, 1};
    r->pending = (struct sks_event){.kind = rep != 0 ? SKS_EVENT_FAILURE : kind,
                                    .addr = {host, 49153, SKS_ATYP_IPV4, 4},
                                    .rep = rep};
    r->is_pending = 1;
}

static inline void act(struct relay *r, const struct sks_step *step)
{
    assert_true(step->count <= SKS_STEP_ACTIONS);
    if (step->why != SKS_OK)
        r->why = step->why;
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        assert_int_equal(r->closings, 0); /* DESTROYED is final */
        switch (a->kind) {
        case SKS_ACTION_WRITE:
        case SKS_ACTION_FORWARD_LOCAL:
            pipe_put(r->to[LOCAL], a->data, a->len);
            break;
        case SKS_ACTION_HEADER:
        case SKS_ACTION_FORWARD_REMOTE:
            pipe_put(r->to[REMOTE], a->data, a->len);
            break;
        case SKS_ACTION_RESOLVE:
            if (a->len != 0)
                memcpy(r->target, a->data, a->len);
            r->target_len = a->len;
            expect_event(r, SKS_EVENT_RESOLVED, r->refuse);
            break;
        case SKS_ACTION_CONNECT:
            expect_event(r, SKS_EVENT_CONNECTED, r->refuse_connect);
            break;
        case SKS_ACTION_SHUT_LOCAL:
            assert_false(r->to[LOCAL]->ended);
            r->to[LOCAL]->ended = 1;
            break;
        case SKS_ACTION_SHUT_REMOTE:
            assert_false(r->to[REMOTE]->ended);
            r->to[REMOTE]->ended = 1;
            break;
        case SKS_ACTION_DRAIN:
        case SKS_ACTION_CLOSE:
            r->closings++;
            r->drained = a->kind == SKS_ACTION_DRAIN;
            r->to[LOCAL]->ended = 1;
            r->to[REMOTE]->ended = 1;
            break;
        case SKS_ACTION_SALT:
            assert_int_equal(step->count, 1);
            assert_int_equal(step->plain_len, 0); /* it decides nothing yet */
            assert_int_equal(a->len, r->s.config->key->cipher->iv_size);
            memcpy(r->salt, a->data, a->len);
            r->salts++;
            break;
        case SKS_ACTION_LISTEN:
        case SKS_ACTION_ASSOCIATE:
        case SKS_ACTION_VERIFY_HEADER:
        case SKS_ACTION_VERIFY_CHUNK:
            fail_msg("%s", sks_action_name((int)a->kind));
        }
    }
}

/* The line of a call that took taken octets of a side, if they are to be recorded. */
static inline void record_line(struct relay *r, int8_t before, struct sks_event event, int side,
                               const struct sks_step *step)
{
    static const struct sks_trace_word none;
    static const uint8_t host[4];
    struct sks_trace_line line;
    struct sks_step said = *step;
    uint8_t addr[SKS_ADDR_MAX];
    size_t used;
    if (r->trace == NULL)
        return;
    for (size_t i = said.count; i < SKS_STEP_ACTIONS; i++) /* as calls before it left them */
        said.actions[i].kind = SKS_ACTION_CLOSE;
    if (side >= 0) {
        struct hold *h = &r->hold[side];
        event.addr = (struct sks_addr){host, 1, SKS_ATYP_IPV4, sizeof host}; /* not this event's */
        event.data = r->from[side]->octets + h->lined;
        event.len = h->taken - h->lined;
        h->lined = h->taken;
    }
    sks_session_trace(&line, &r->s, before, &event, &said, addr);
    for (size_t i = line.count; i < SKS_STEP_ACTIONS; i++)
        assert_memory_equal(&line.actions[i], &none, sizeof none);
    assert_int_equal(
        sks_trace_encode(r->trace + r->trace_len, TRACE_MAX - r->trace_len, &line, &used), SKS_OK);
    r->trace_len += used;
}

/* Set: every call gets its octets in a block of exactly the size that it may touch. */
static int exact_blocks;

static inline enum sks_status call_octets(struct relay *r, int side, struct sks_step *step)
{
    struct hold *h = &r->hold[side];
    enum sks_event_kind kind = side == LOCAL ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
    size_t head = side == r->wire || r->wire < 0 ? 0 : SKS_SESSION_HEAD;
    size_t tail = side == r->wire || r->wire < 0 ? 0 : SKS_SESSION_TAIL;
    int8_t before = r->s.stage.stage;
    uint8_t *block = NULL, *octets = h->room + h->at;
    if (exact_blocks) {
        block = malloc(head + h->n + tail + (head + h->n + tail == 0));
        assert_non_null(block);
        octets = memcpy(block + head, octets, h->n);
    }
    enum sks_status s = sks_session_octets(&r->s, kind, octets, h->n, step);
    h->taken += step->used;
    if (s == SKS_OK && (step->count == 0 || step->actions[0].kind != SKS_ACTION_SALT))
        record_line(r, before, (struct sks_event){.kind = kind}, side, step);
    act(r, step);
    if (exact_blocks)
        memcpy(h->room + h->at, octets, h->n);
    free(block);
    return s;
}

/* Gives the session what is held of a side, until it wants more or waits. */
static inline int give_octets(struct relay *r, int side)
{
    struct hold *h = &r->hold[side];
    struct sks_step step;
    int progress = 0;
    while (r->closings == 0) {
        enum sks_status s = call_octets(r, side, &step);
        assert_true(step.used <= h->n);
        h->at += step.used;
        h->n -= step.used;
        h->hungry = s == SKS_MORE;
        progress |= step.used != 0 || step.count != 0;
        if (s != SKS_OK)
            break;
        if (step.count == 1 && step.actions[0].kind == SKS_ACTION_SALT &&
            r->refuse_salt != SKS_OK) {
            assert_int_equal(sks_session_fail(&r->s, r->refuse_salt, &step), SKS_OK);
            act(r, &step);
        }
    }
    if (h->n == 0)
        h->at = SKS_SESSION_HEAD;
    return progress;
}

/* Reads a segment of a side, unless what is held is enough for now. */
static inline int read_segment(struct relay *r, int side, const struct cutter *c)
{
    struct hold *h = &r->hold[side];
    struct pipe *p = r->from[side];
    size_t cap = side == r->wire ? HOLD_MAX : SKS_SESSION_PIECE;
    size_t n = p->put - p->got, most = cut(c, p->got);
    if (n > most)
        n = most;
    if (n > cap - h->n)
        n = cap - h->n;
    if (n == 0)
        return 0;
    if (h->at + h->n + n > SKS_SESSION_HEAD + cap) {
        memmove(h->room + SKS_SESSION_HEAD, h->room + h->at, h->n);
        h->at = SKS_SESSION_HEAD;
    }
    memcpy(h->room + h->at + h->n, p->octets + p->got, n);
    h->n += n;
    p->got += n;
    return 1;
}

static inline void tell(struct relay *r, const struct sks_event *event)
{
    struct sks_step step;
    int8_t before = r->s.stage.stage;
    enum sks_status s = sks_session_event(&r->s, event, &step);
    if (s != SKS_OK)
        fail_msg("%s: %s", sks_event_name((int)event->kind), sks_status_text(s));
    record_line(r, before, *event, -1, &step);
    act(r, &step);
}

static inline int give_end(struct relay *r, int side)
{
    struct hold *h = &r->hold[side];
    const struct sks_event end = {
        .kind = side == LOCAL ? SKS_EVENT_LOCAL_END : SKS_EVENT_REMOTE_END, .len = h->n};
    if (!r->from[side]->ended || r->from[side]->got != r->from[side]->put || h->ended ||
        !sks_session_takes(&r->s, end.kind) || (h->n != 0 && !h->hungry))
        return 0;
    h->ended = 1;
    tell(r, &end);
    return 1;
}

/* One turn of a relay's loop; nonzero while something happens. */
static inline int turn(struct relay *r, const struct cutter *c)
{
    int progress = 0;
    for (int side = LOCAL; side <= REMOTE && r->closings == 0; side++) {
        progress |= read_segment(r, side, c);
        progress |= give_octets(r, side);
        if (r->closings == 0)
            progress |= give_end(r, side);
    }
    if (r->closings == 0 && r->is_pending) {
        progress = 1;
        if (r->delay > 0) {
            r->delay--;
        } else {
            struct sks_event event = r->pending;
            r->is_pending = 0;
            tell(r, &event);
        }
    }
    return progress;
}

static inline void relay_open(struct relay *r, const struct sks_session_config *config,
                              const uint8_t *salt, struct pipe *from_local, struct pipe *to_local,
                              struct pipe *from_remote, struct pipe *to_remote)
{
    memset(r, 0, sizeof *r);
    size_t salt_len = config->key != NULL ? config->key->cipher->iv_size : 0;
    assert_int_equal(sks_session_open(&r->s, config, salt, salt_len), SKS_OK);
    r->from[LOCAL] = from_local;
    r->to[LOCAL] = to_local;
    r->from[REMOTE] = from_remote;
    r->to[REMOTE] = to_remote;
    r->wire = config->role == SKS_ROLE_SSSERVER ? LOCAL : REMOTE;
    if (config->role == SKS_ROLE_SOCKS5)
        r->wire = -1;
    r->hold[LOCAL].at = r->hold[REMOTE].at = SKS_SESSION_HEAD;
}

#endif
