/* A driver without sockets: it gives a session the events of a trace, carries out the actions in
 * memory, and says in one trace line what came of each event. vectors/traces/README.md has the form
 * of that line. */
#ifndef CRYPTO_TEST_TRACE_REPLAY_H
#define CRYPTO_TEST_TRACE_REPLAY_H

#include "opener.h"

enum {
    READS = 64,          /* reads of a side that wait */
    PLAIN_BESIDE = 4096, /* octets of plain text that stand beside the wire octets, at most */
    LOCAL = 0,           /* sides */
    REMOTE = 1,
};

/* What was read of a side and not taken. */
struct side {
    uint8_t held[HELD];
    size_t n, reads[READS], read_count;
    int is_ended, is_hungry;
};

struct word {
    enum sks_action_kind kind;
    int is_wire;
    size_t n;
    uint8_t octets[HELD];
};

struct replay {
    struct sks_session s;
    const struct sks_session_config *config;
    struct side side[2];
    struct sks_addr bound; /* host_len not 0: UDP ASSOCIATE is answered so, at once */
    uint8_t bound_octets[SKS_ADDR_MAX];
    int is_associated;
    uint8_t header[SKS_IV_MAX + SKS_STEP_OCTETS]; /* waits for the connection */
    size_t header_len;
    struct opener in, out;
    struct word words[SKS_STEP_ACTIONS];
    size_t count;
    uint8_t opened[SKS_STEP_ACTIONS + 1][HELD];
};

/* ---- actions --------------------------------------------------------------------------------- */

static inline int wire_side(const struct replay *r)
{
    if (r->config->key == NULL)
        return -1;
    return r->config->role == SKS_ROLE_SSSERVER ? LOCAL : REMOTE;
}

/* Another word of the line, or more octets of the last one. */
static inline void say(struct replay *r, enum sks_action_kind kind, const uint8_t *octets, size_t n,
                       int side)
{
    struct word *w = r->count != 0 ? &r->words[r->count - 1] : NULL;
    if (n == 0 && side >= 0)
        return; /* an empty chunk */
    if (side < 0 || w == NULL || w->kind != kind) {
        assert_true(r->count < SKS_STEP_ACTIONS);
        w = &r->words[r->count++];
        w->kind = kind;
        w->is_wire = side >= 0 && side == wire_side(r);
        w->n = 0;
    }
    assert_true(w->n + n <= HELD);
    if (n != 0)
        memcpy(w->octets + w->n, octets, n);
    w->n += n;
}

static inline void act(struct replay *r, const struct sks_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        switch (a->kind) {
        case SKS_ACTION_WRITE:
        case SKS_ACTION_FORWARD_LOCAL:
            say(r, a->kind, a->data, a->len, LOCAL);
            break;
        case SKS_ACTION_HEADER:
            assert_true(a->len <= sizeof r->header);
            memcpy(r->header, a->data, a->len);
            r->header_len = a->len;
            break;
        case SKS_ACTION_FORWARD_REMOTE:
            say(r, a->kind, a->data, a->len, REMOTE);
            break;
        case SKS_ACTION_ASSOCIATE:
            r->is_associated = r->bound.host_len != 0;
            if (!r->is_associated)
                say(r, a->kind, a->data, a->len, -1);
            break;
        case SKS_ACTION_RESOLVE:
        case SKS_ACTION_CONNECT:
        case SKS_ACTION_LISTEN:
        case SKS_ACTION_SHUT_REMOTE:
        case SKS_ACTION_SHUT_LOCAL:
        case SKS_ACTION_DRAIN:
        case SKS_ACTION_CLOSE:
            say(r, a->kind, a->data, a->len, -1);
            break;
        case SKS_ACTION_SALT: /* never seen before */
            break;
        case SKS_ACTION_VERIFY_HEADER:
        case SKS_ACTION_VERIFY_CHUNK:
            fail_msg("%s", sks_action_name((int)a->kind));
        }
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

static inline void tell(struct replay *r, const struct sks_event *event)
{
    struct sks_step step;
    if (sks_session_event(&r->s, event, &step) != SKS_OK)
        return;
    if (event->kind == SKS_EVENT_CONNECTED)
        say(r, SKS_ACTION_FORWARD_REMOTE, r->header, r->header_len, REMOTE);
    act(r, &step);
}

/* One call, with the octets in a block of exactly the size that it may touch. */
static inline enum sks_status call(struct replay *r, int which, size_t n)
{
    struct side *side = &r->side[which];
    size_t head = which == wire_side(r) || wire_side(r) < 0 ? 0 : SKS_SESSION_HEAD;
    size_t tail = head != 0 ? SKS_SESSION_TAIL : 0;
    enum sks_event_kind kind = which == LOCAL ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
    uint8_t *block = malloc(head + n + tail);
    struct sks_step step;
    assert_non_null(block);
    memcpy(block + head, side->held, n);
    enum sks_status s = sks_session_octets(&r->s, kind, block + head, n, &step);
    act(r, &step);
    assert_true(step.used <= n);
    memcpy(side->held, block + head, n);
    free(block);
    memmove(side->held, side->held + step.used, side->n - step.used);
    side->n -= step.used;
    for (size_t used = step.used; used != 0;) { /* what is left of which read */
        size_t of_first = used < side->reads[0] ? used : side->reads[0];
        used -= of_first;
        side->reads[0] -= of_first;
        if (side->reads[0] == 0)
            memmove(side->reads, side->reads + 1, --side->read_count * sizeof side->reads[0]);
    }
    return s;
}

/* Gives what is held of a side: the wire side's all at once, else read by read, two together only
 * when one is no whole message. */
static inline int give(struct replay *r, int which)
{
    struct side *side = &r->side[which];
    size_t reads = 1;
    int progress = 0;
    while (side->n != 0) {
        size_t n = 0;
        if (which == wire_side(r))
            reads = side->read_count;
        for (size_t i = 0; i < reads; i++)
            n += side->reads[i];
        enum sks_status s = call(r, which, n);
        side->is_hungry = s == SKS_MORE;
        if (s == SKS_OK)
            progress = 1, reads = 1;
        else if (s == SKS_MORE && reads < side->read_count)
            reads++;
        else
            break;
    }
    return progress;
}

static inline int give_end(struct replay *r, int which)
{
    struct side *side = &r->side[which];
    const struct sks_event end = {
        .kind = which == LOCAL ? SKS_EVENT_LOCAL_END : SKS_EVENT_REMOTE_END, .len = side->n};
    if (!side->is_ended || !sks_session_takes(&r->s, end.kind) ||
        (side->n != 0 && !side->is_hungry))
        return 0;
    side->is_ended = 0;
    tell(r, &end);
    return 1;
}

static inline int give_bound(struct replay *r)
{
    const struct sks_event bound = {.kind = SKS_EVENT_BOUND, .addr = r->bound};
    if (!r->is_associated)
        return 0;
    r->is_associated = 0;
    tell(r, &bound);
    return 1;
}

static inline void read_octets(struct side *side, const uint8_t *octets, size_t n)
{
    assert_true(side->n + n <= HELD && side->read_count < READS && n != 0);
    memcpy(side->held + side->n, octets, n);
    side->n += n;
    side->reads[side->read_count++] = n;
}

/* ---- the trace ------------------------------------------------------------------------------- */

static inline void replay_open(struct replay *r, const struct sks_session_config *config,
                               const uint8_t *salt, size_t salt_len)
{
    memset(r, 0, sizeof *r);
    r->config = config;
    assert_int_equal(sks_session_open(&r->s, config, salt, salt_len), SKS_OK);
    opener_open(&r->in, config);
    opener_open(&r->out, config);
}

static inline void replay_close(struct replay *r)
{
    sks_session_close(&r->s);
    sks_stream_free(r->in.stream);
    sks_stream_free(r->out.stream);
}

/* Wire octets with what they are in the clear, or plain ones. */
static inline void fill_word(struct sks_trace_word *word, uint8_t *opened, struct opener *opener,
                             const uint8_t *octets, size_t n, int is_wire)
{
    word->plain = octets;
    word->plain_len = n;
    if (!is_wire)
        return;
    word->wire = octets;
    word->wire_len = n;
    word->plain = opened;
    word->plain_len = open_octets(opener, opened, octets, n);
    if (word->plain_len > PLAIN_BESIDE)
        word->plain_len = 0;
}

static inline void hand_over(struct replay *r, const struct sks_trace_word *event)
{
    const uint8_t *octets = event->wire_len != 0 ? event->wire : event->plain;
    size_t n = event->wire_len != 0 ? event->wire_len : event->plain_len, used;
    struct sks_event told = {.kind = (enum sks_event_kind)event->kind};
    switch (told.kind) {
    case SKS_EVENT_LOCAL:
    case SKS_EVENT_REMOTE:
        read_octets(&r->side[told.kind == SKS_EVENT_LOCAL ? LOCAL : REMOTE], octets, n);
        return;
    case SKS_EVENT_LOCAL_END:
    case SKS_EVENT_REMOTE_END:
        r->side[told.kind == SKS_EVENT_LOCAL_END ? LOCAL : REMOTE].is_ended = 1;
        return;
    case SKS_EVENT_BOUND:
    case SKS_EVENT_CONNECTED:
        if (n != 0)
            assert_int_equal(sks_addr_parse(&told.addr, octets, n, &used), SKS_OK);
        break;
    case SKS_EVENT_FAILURE:
        told.rep = n != 0 ? octets[0] : 0;
        break;
    case SKS_EVENT_OPEN:
    case SKS_EVENT_VERIFIED:
    case SKS_EVENT_RESOLVED:
    case SKS_EVENT_LOST:
    case SKS_EVENT_TIMEOUT:
        break;
    }
    tell(r, &told);
}

/* The event of a line, and all that comes of it, as a line of our own; to be freed. */
static inline char *replay_line(struct replay *r, const struct sks_trace_word *event)
{
    struct sks_trace_line line = {.before = r->s.stage.stage, .event = {.kind = event->kind}};
    int side = event->kind == SKS_EVENT_LOCAL ? LOCAL : REMOTE;
    int is_wire =
        (event->kind == SKS_EVENT_LOCAL || event->kind == SKS_EVENT_REMOTE) && side == wire_side(r);
    size_t used;
    r->count = 0;
    fill_word(&line.event, r->opened[0], &r->in, is_wire ? event->wire : event->plain,
              is_wire ? event->wire_len : event->plain_len, is_wire);
    hand_over(r, event);
    while (give(r, LOCAL) | give(r, REMOTE) | give_bound(r) | give_end(r, LOCAL) |
           give_end(r, REMOTE))
        continue;
    for (size_t i = 0; i < r->count; i++) {
        const struct word *w = &r->words[i];
        line.actions[i].kind = (uint8_t)w->kind;
        fill_word(&line.actions[i], r->opened[i + 1], &r->out, w->octets, w->n, w->is_wire);
    }
    line.count = (uint8_t)r->count;
    line.after = r->s.stage.stage;
    assert_int_equal(sks_trace_encode(NULL, 0, &line, &used), SKS_ERR_SPACE);
    char *text = malloc(used + 1);
    assert_non_null(text);
    assert_int_equal(sks_trace_encode(text, used, &line, &used), SKS_OK);
    text[used - 1] = '\0'; /* the line feed */
    return text;
}

#endif
