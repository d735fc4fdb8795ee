/* Octets of the wire side in the clear, without a session. */
#ifndef CRYPTO_TEST_OPENER_H
#define CRYPTO_TEST_OPENER_H

#include "test.h"

#include <sockspec/session.h>

enum { HELD = 160 * 1024 }; /* octets that wait, and of one action */

/* One direction of the wire side, opened as it passes by. */
struct opener {
    const struct sks_session_config *config;
    struct sks_aead aead;
    struct sks_aead_stream frame;
    struct sks_stream *stream;
    int begun, dead;
    size_t n; /* octets held */
    uint8_t held[HELD];
};

static inline void opener_open(struct opener *o, const struct sks_session_config *config)
{
    memset(o, 0, sizeof *o);
    o->config = config;
    if (config->key == NULL)
        return;
    o->frame.salt_size = config->key->cipher->iv_size;
    if (config->sealer == NULL)
        assert_int_equal(sks_stream_new(&o->stream, config->key->cipher, SKS_DECRYPT), SKS_OK);
}

static inline void opener_drop(struct opener *o, size_t n)
{
    memmove(o->held, o->held + n, o->n - n);
    o->n -= n;
}

/* The part of an AEAD stream that comes next; 0 when it is not there or not right. */
static inline int open_sealed(struct opener *o, uint8_t *out, size_t *n)
{
    size_t need = sks_aead_need(&o->frame), len = need - SKS_TAG_SIZE, used;
    enum sks_status s = SKS_OK;
    if (o->n < need)
        return 0;
    if (o->frame.part == SKS_AEAD_SALT)
        s = sks_aead_start(&o->aead, o->config->key, o->held, need);
    else
        s = sks_aead_open(&o->aead, o->config->sealer, o->held, len, o->held + len);
    if (s == SKS_OK && o->frame.part == SKS_AEAD_DATA) {
        memcpy(out + *n, o->held, len);
        *n += len;
    }
    if (s == SKS_OK)
        s = sks_aead_next(&o->frame, o->held, &used);
    o->dead = s != SKS_OK;
    opener_drop(o, need);
    return !o->dead;
}

/* What len more octets of the wire are in the clear; their number. */
static inline size_t open_octets(struct opener *o, uint8_t *out, const uint8_t *wire, size_t len)
{
    size_t n = 0, salt_size = o->frame.salt_size;
    if (o->dead)
        return 0;
    assert_true(o->n + len <= HELD);
    memcpy(o->held + o->n, wire, len);
    o->n += len;
    if (o->config->sealer != NULL) {
        while (!o->dead && open_sealed(o, out, &n))
            continue;
        return n;
    }
    if (!o->begun) {
        if (o->n < salt_size)
            return 0;
        assert_int_equal(sks_stream_start(o->stream, o->config->key, o->held, salt_size), SKS_OK);
        opener_drop(o, salt_size);
        o->begun = 1;
    }
    assert_int_equal(sks_stream_update(o->stream, o->held, o->n), SKS_OK);
    memcpy(out, o->held, o->n);
    n = o->n;
    o->n = 0;
    return n;
}

#endif
