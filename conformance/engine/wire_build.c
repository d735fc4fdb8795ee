/* The text of a step as octets of the network: calls nest, octets in between are encrypted. */
#include "piece.h"
#include "wire.h"

#include <string.h>

struct making {
    struct wire *w;
    const struct scene *scene;
    const char *at, *end;
    const char *error; /* NULL as long as all is well */
    int depth;
};

static size_t fail(struct making *m, const char *error)
{
    if (!m->error)
        m->error = error;
    return 0;
}

static size_t done(struct making *m, size_t n)
{
    return n != WIRE_FAILED ? n : fail(m, "no {salt} before this, or too long");
}

static size_t make_plain(struct making *m, uint8_t *buf, size_t cap);
static size_t make_wire(struct making *m, uint8_t *buf, size_t cap);

/* flip, cut and from, of octets of either sort. */
static size_t change(struct making *m, const struct piece *p, uint8_t *buf, size_t n)
{
    long at = p->number < 0 ? (long)n + p->number : p->number;
    if (at < 0 || (p->call == CALL_FLIP ? at >= (long)n : at > (long)n))
        return fail(m, "beyond the octets in parentheses");
    if (p->call == CALL_CUT)
        return (size_t)at;
    if (p->call == CALL_FROM) {
        memmove(buf, buf + at, n - (size_t)at);
        return n - (size_t)at;
    }
    buf[at] ^= 1;
    return n;
}

static bool is_change(enum call call)
{
    return call == CALL_FLIP || call == CALL_CUT || call == CALL_FROM;
}

static size_t leaf(struct making *m, const struct piece *p, uint8_t *buf, size_t cap)
{
    if (p->n > cap)
        return fail(m, "too long");
    if (p->kind == P_OCTETS)
        memcpy(buf, p->octets, p->n);
    else if (p->kind == P_RANDOM)
        sks_random(buf, p->n);
    else
        payload_fill(m->scene->seed, 0, buf, p->n);
    return p->n;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than PATTERN_DEPTH, pattern_check has seen to it */
static size_t plain_call(struct making *m, const struct piece *p, uint8_t *buf, size_t cap)
{
    struct wire *w = m->w;
    size_t n = make_plain(m, buf, cap), iv = w->keys->cipher->iv_size;
    if (m->error)
        return 0;
    if (is_change(p->call))
        return change(m, p, buf, n);
    if (p->call == CALL_BITS && n) {
        buf[0] |= (uint8_t)p->number;
        return n;
    }
    if (p->call == CALL_OTA_HEADER)
        return done(m, wire_ota_header(w, buf, n, cap));
    if (p->call == CALL_OTA_CHUNK)
        return done(m, wire_ota_chunk(w, buf, n, cap));
    if (p->call == CALL_INDEX) {
        w->index = (uint32_t)p->number;
        return 0;
    }
    if (p->call == CALL_BITS)
        return fail(m, "no octet in parentheses");
    uint8_t tag[SKS_OTA_TAG_SIZE];
    if (p->call == CALL_HEADER_TAG)
        sks_ota_tag(tag, &w->keys->key, w->salt, iv, buf, n);
    else if (p->call == CALL_CHUNK_TAG)
        sks_ota_chunk_tag(tag, w->index++, w->salt, iv, buf, n);
    else
        return fail(m, "a call that cannot stand in this one");
    if (cap < sizeof tag)
        return fail(m, "too long");
    memcpy(buf, tag, sizeof tag);
    return sizeof tag;
}

/* Up to the closing parenthesis, which is taken, or the end. */
/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static size_t make_plain(struct making *m, uint8_t *buf, size_t cap)
{
    struct piece p;
    size_t n = 0;
    while (!m->error &&
           (m->at = piece_next(m->at, m->end, m->scene, &p), p.kind != P_END && p.kind != P_CLOSE))
        if (p.kind == P_OCTETS || p.kind == P_PAYLOAD || p.kind == P_RANDOM)
            n += leaf(m, &p, buf + n, cap - n);
        else if (p.kind == P_CALL)
            n += plain_call(m, &p, buf + n, cap - n);
        else if (p.kind != P_FIELD)
            fail(m, p.kind == P_BAD ? p.error : "cannot stand in this call");
    if (!m->error && p.kind == P_END)
        fail(m, "a parenthesis is not closed");
    return m->error ? 0 : n;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static size_t wire_call(struct making *m, const struct piece *p, uint8_t *buf, size_t cap)
{
    struct wire *w = m->w;
    if (is_change(p->call)) {
        m->depth++;
        size_t n = make_wire(m, buf, cap);
        m->depth--;
        return m->error ? 0 : change(m, p, buf, n);
    }
    size_t n = make_plain(m, buf, cap);
    if (m->error)
        return 0;
    switch (p->call) {
    case CALL_RAW:
        return n;
    case CALL_NONCE:
        w->sealing.nonce = (uint64_t)p->number;
        return 0;
    case CALL_INDEX:
        w->index = (uint32_t)p->number;
        return 0;
    case CALL_CHUNK:
        return done(m, wire_chunk(w, buf, n, cap));
    case CALL_SEAL:
        return done(m, wire_seal(w, buf, n, cap));
    case CALL_HEADER:
        if (w->keys->ota && w->side == WIRE_CLIENT)
            n = done(m, wire_ota_header(w, buf, n, cap));
        break;
    case CALL_DATA:
        if (w->chunks)
            n = done(m, wire_ota_chunk(w, buf, n, cap));
        break;
    case CALL_PLAIN:
        break;
    case CALL_FLIP:
    case CALL_CUT:
    case CALL_FROM:
    case CALL_OTA_HEADER:
    case CALL_OTA_CHUNK:
    case CALL_HEADER_TAG:
    case CALL_CHUNK_TAG:
    case CALL_BITS:
        return fail(m, "a call that stands in plain(...) only");
    }
    return m->error ? 0 : done(m, wire_protect(w, buf, n, cap));
}

static size_t wire_octets(struct making *m, const struct piece *p, uint8_t *buf, size_t cap)
{
    struct wire *w = m->w;
    const struct wire *other = w->other;
    const struct wire_tape *tape = p->name == WIRE_SENT ? &other->sent : &other->got;
    size_t n = w->keys->cipher->iv_size;
    switch (p->name) {
    case WIRE_SALT:
    case WIRE_SAME_SALT:
    case WIRE_GOT_SALT:
        if (n > cap || !wire_start(w, p->name == WIRE_SALT        ? NULL
                                      : p->name == WIRE_SAME_SALT ? other->salt
                                                                  : other->in_salt))
            return fail(m, "the keys cannot start");
        memcpy(buf, w->salt, n);
        return n;
    case WIRE_SENT:
    case WIRE_GOT:
        if (tape->len > cap)
            return fail(m, "too long");
        if (tape->len)
            memcpy(buf, tape->octets, tape->len);
        return tape->len;
    }
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static size_t make_wire(struct making *m, uint8_t *buf, size_t cap)
{
    struct piece p;
    size_t n = 0, clear = 0; /* octets from clear on are still to be encrypted */
    bool any = false;
    for (;;) {
        m->at = piece_next(m->at, m->end, m->scene, &p);
        if (p.kind == P_FIELD)
            continue;
        if (p.kind == P_OCTETS || p.kind == P_PAYLOAD || p.kind == P_RANDOM) {
            n += leaf(m, &p, buf + n, cap - n);
            any = true;
            continue;
        }
        if (any && !m->error)
            n = clear + done(m, wire_protect(m->w, buf + clear, n - clear, cap - clear));
        any = false;
        if (m->error || p.kind == P_END || p.kind == P_CLOSE)
            break;
        if (p.kind == P_CALL)
            n += wire_call(m, &p, buf + n, cap - n);
        else if (p.kind == P_WIRE)
            n += wire_octets(m, &p, buf + n, cap - n);
        else
            fail(m, p.kind == P_BAD ? p.error : "cannot be sent");
        if (m->error)
            break;
        clear = n;
    }
    if (!m->error && (p.kind == P_CLOSE) != (m->depth > 0))
        fail(m, "parentheses do not match");
    return m->error ? 0 : n;
}

long wire_build(struct wire *w, const struct scene *scene, const char *text, uint8_t *buf,
                const char **error)
{
    struct making m = {.w = w, .scene = scene, .at = text, .end = text + strlen(text)};
    if (w->datagram)
        w->salted = false;
    size_t n = make_wire(&m, buf, PATTERN_MAX);
    if (m.error) {
        *error = m.error;
        return -1;
    }
    if (w->datagram)
        w->sent.len = 0;
    wire_tape(&w->sent, buf, n);
    return (long)n;
}
