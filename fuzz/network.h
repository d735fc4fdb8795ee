/* A session and its driver on a model network: pipes that deliver what they are told to. What a
 * session may never do breaks a law at once. */
#ifndef FUZZ_NETWORK_H
#define FUZZ_NETWORK_H

#include "laws.h"

#include <sockspec/session.h>

enum {
    PIPE_MAX = 192 * 1024,
    HOLD_MAX = SKS_OTA_CHUNK_MAX + 4096,
    MARKS_MAX = 4096,
    LOCAL = 0, /* sides */
    REMOTE = 1,
};

/* ---- methods -----------------------------------------------------------------------------------
 */

/* A method with one-time auth or without; made once, never freed. */
struct family {
    const char *method;
    int ota;
    const struct sks_cipher *cipher;
    struct sks_key key;
    struct sks_sealer *sealer;
    struct sks_session_config local, server;
};

/* 0 when the library here lacks the method. */
static inline int family_open(struct family *f)
{
    static const uint8_t password[] = {'b', 'a', 'r', 'f', 'o', 'o', '!'};
    if (f->key.cipher != NULL)
        return 1;
    enum sks_status s = sks_cipher_find(&f->cipher, f->method);
    LAW(s == SKS_OK || s == SKS_ERR_METHOD_MISSING, "the method is known");
    if (s != SKS_OK)
        return 0;
    LAW(sks_key_from_password(&f->key, f->cipher, password, sizeof password) == SKS_OK, "its key");
    if (f->cipher->kind == SKS_CIPHER_AEAD)
        LAW(sks_sealer_new(&f->sealer, f->cipher) == SKS_OK, "memory");
    f->local =
        (struct sks_session_config){.role = SKS_ROLE_SSLOCAL, .key = &f->key, .sealer = f->sealer};
    f->local.policy.commands = SKS_ALLOW(SKS_CMD_CONNECT);
    f->server = f->local;
    f->server.role = SKS_ROLE_SSSERVER;
    if (f->ota)
        f->local.policy.ota = f->server.policy.ota = SKS_SS_OTA_REQUIRED;
    return 1;
}

/* ---- pipes -------------------------------------------------------------------------------------
 */

/* One direction of a connection. */
struct pipe {
    uint8_t octets[PIPE_MAX];
    size_t put, got;
    int ended;
    int cut; /* what is put from now on is lost */
};

static inline void pipe_clear(struct pipe *p)
{
    p->put = p->got = 0;
    p->ended = p->cut = 0;
}

static inline void pipe_put(struct pipe *p, const uint8_t *octets, size_t n)
{
    if (p->cut)
        return;
    LAW(!p->ended, "nothing is written after the end");
    LAW(p->put + n <= PIPE_MAX, "no more is written than the harness has room for");
    if (n != 0)
        memcpy(p->octets + p->put, octets, n);
    p->put += n;
}

/* ---- a driver ----------------------------------------------------------------------------------
 */

/* What was read of a side and not taken. */
struct hold {
    uint8_t octets[HOLD_MAX];
    size_t n;
    size_t taken; /* of all that was read */
    int hungry;   /* the session wants more than there is */
    int ended;    /* and was told so */
};

/* Once wire octets of the way out have come, plain octets of it may be known. */
struct mark {
    size_t wire, plain;
};

struct driver {
    struct sks_session s;
    struct hold hold[2];
    struct pipe *from[2], *to[2];
    int wire; /* the wire side */
    struct sks_event pending;
    int is_pending;
    uint8_t target[SKS_ADDR_MAX]; /* that it was asked to resolve */
    size_t target_len;
    unsigned salts, closings;
    struct mark marks[MARKS_MAX];
    size_t mark_count;
};

static inline void driver_open(struct driver *d, const struct sks_session_config *config,
                               uint8_t salt_octet)
{
    uint8_t salt[SKS_IV_MAX];
    memset(salt, salt_octet, sizeof salt);
    LAW(sks_session_open(&d->s, config, salt, config->key->cipher->iv_size) == SKS_OK, "it opens");
    d->wire = config->role == SKS_ROLE_SSSERVER ? LOCAL : REMOTE;
    for (int side = LOCAL; side <= REMOTE; side++) {
        d->hold[side].n = d->hold[side].taken = 0;
        d->hold[side].hungry = d->hold[side].ended = 0;
    }
    d->is_pending = 0;
    d->target_len = d->mark_count = 0;
    d->salts = d->closings = 0;
}

static inline void expect_event(struct driver *d, enum sks_event_kind kind)
{
    static const uint8_t host[] = {10, 0, 0, 1};
    d->pending = (struct sks_event){.kind = kind, .addr = {host, 49153, SKS_ATYP_IPV4, 4}};
    d->is_pending = 1;
}

static inline void act(struct driver *d, const struct sks_action *a)
{
    LAW(d->closings == 0, "nothing is done after the end");
    switch (a->kind) {
    case SKS_ACTION_WRITE:
    case SKS_ACTION_FORWARD_LOCAL:
        pipe_put(d->to[LOCAL], a->data, a->len);
        break;
    case SKS_ACTION_HEADER:
    case SKS_ACTION_FORWARD_REMOTE:
        pipe_put(d->to[REMOTE], a->data, a->len);
        break;
    case SKS_ACTION_RESOLVE:
        LAW(a->len <= sizeof d->target, "an address");
        if (a->len != 0)
            memcpy(d->target, a->data, a->len);
        d->target_len = a->len;
        expect_event(d, SKS_EVENT_RESOLVED);
        break;
    case SKS_ACTION_CONNECT:
        expect_event(d, SKS_EVENT_CONNECTED);
        break;
    case SKS_ACTION_SHUT_LOCAL:
        LAW(!d->to[LOCAL]->ended || d->to[LOCAL]->cut, "a side is shut once");
        d->to[LOCAL]->ended = 1;
        break;
    case SKS_ACTION_SHUT_REMOTE:
        LAW(!d->to[REMOTE]->ended || d->to[REMOTE]->cut, "a side is shut once");
        d->to[REMOTE]->ended = 1;
        break;
    case SKS_ACTION_DRAIN:
    case SKS_ACTION_CLOSE:
        d->closings++;
        d->to[LOCAL]->ended = d->to[REMOTE]->ended = 1;
        break;
    case SKS_ACTION_SALT:
        LAW(d->salts++ == 0, "the salt is said once");
        break;
    case SKS_ACTION_LISTEN:
    case SKS_ACTION_ASSOCIATE:
    case SKS_ACTION_VERIFY_HEADER:
    case SKS_ACTION_VERIFY_CHUNK:
        law_broken(__FILE__, __LINE__, "no such action under this policy");
    }
}

static inline void act_all(struct driver *d, const struct sks_step *step)
{
    LAW(step->count <= SKS_STEP_ACTIONS, "four actions at most");
    for (size_t i = 0; i < step->count; i++)
        act(d, &step->actions[i]);
    LAW((d->s.stage.stage == SKS_STAGE_DESTROYED) == (d->closings == 1), "closed is destroyed");
}

/* One call, on a block of exactly the size that it may touch. */
static inline enum sks_status call_octets(struct driver *d, int side, struct sks_step *step)
{
    struct hold *h = &d->hold[side];
    size_t head = side == d->wire ? 0 : SKS_SESSION_HEAD, n = h->n;
    uint8_t *block = malloc(head + n + (side == d->wire ? 0 : SKS_SESSION_TAIL) + 1);
    LAW(block != NULL, "memory");
    memcpy(block + head, h->octets, n);
    enum sks_status s = sks_session_octets(
        &d->s, side == LOCAL ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE, block + head, n, step);
    LAW(step->used <= n, "what was taken was there");
    LAW(s == SKS_OK || step->count == 0, "no action without an edge");
    act_all(d, step);
    memcpy(h->octets, block + head + step->used, n - step->used);
    free(block);
    h->n -= step->used;
    h->taken += step->used;
    h->hungry = s == SKS_MORE;
    if (side != d->wire && step->used != 0) {
        LAW(d->mark_count < MARKS_MAX, "no more pieces than the harness has room for");
        d->marks[d->mark_count++] = (struct mark){d->to[d->wire]->put, h->taken};
    }
    return s;
}

static inline int give_octets(struct driver *d, int side)
{
    struct sks_step step;
    int progress = 0;
    while (d->closings == 0) {
        enum sks_status s = call_octets(d, side, &step);
        progress |= step.used != 0 || step.count != 0;
        if (s != SKS_OK)
            break;
    }
    return progress;
}

static inline void tell(struct driver *d, const struct sks_event *event)
{
    struct sks_step step;
    int takes = sks_session_takes(&d->s, event->kind);
    struct sks_stage before = d->s.stage;
    enum sks_status s = sks_session_event(&d->s, event, &step);
    LAW((s == SKS_OK) == (takes != 0), "takes says what is taken");
    LAW(s == SKS_OK || (step.count == 0 && memcmp(&before, &d->s.stage, sizeof before) == 0),
        "a refused event changes nothing");
    act_all(d, &step);
}

/* Reads most octets of a side, gives all that is held; nonzero when something happened. */
static inline int deliver(struct driver *d, int side, size_t most)
{
    struct hold *h = &d->hold[side];
    struct pipe *p = d->from[side];
    size_t n = p->put - p->got, left = (side == d->wire ? HOLD_MAX : SKS_SESSION_PIECE) - h->n;
    if (d->closings != 0)
        return 0;
    n = n < most ? n : most;
    n = n < left ? n : left;
    memcpy(h->octets + h->n, p->octets + p->got, n);
    h->n += n;
    p->got += n;
    int progress = give_octets(d, side) || n != 0;
    const struct sks_event end = {
        .kind = side == LOCAL ? SKS_EVENT_LOCAL_END : SKS_EVENT_REMOTE_END, .len = h->n};
    if (d->closings == 0 && p->ended && p->got == p->put && !h->ended && (h->n == 0 || h->hungry) &&
        sks_session_takes(&d->s, end.kind)) {
        h->ended = 1;
        tell(d, &end);
        return 1;
    }
    return progress;
}

/* The event that an action asked for. */
static inline int answer(struct driver *d)
{
    if (!d->is_pending || d->closings != 0)
        return 0;
    const struct sks_event event = d->pending;
    d->is_pending = 0;
    tell(d, &event);
    return 1;
}

/* How many octets of the plain side may be known from this many of the wire. */
static inline size_t known(const struct driver *d, size_t wire)
{
    size_t plain = 0;
    for (size_t i = 0; i < d->mark_count && d->marks[i].wire <= wire; i++)
        plain = d->marks[i].plain;
    return plain;
}

#endif
