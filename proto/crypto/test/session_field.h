/* The faults seen in the field that a stage machine or a session could share: what their tests
 * have in common. A test carries the numbers of its faults in the list of them. */
#ifndef CRYPTO_TEST_SESSION_FIELD_H
#define CRYPTO_TEST_SESSION_FIELD_H

#include "session_pair.h"

static struct pair pair;
static const struct cutter whole = {.rest = SIZE_MAX}, one = {.rest = 1};

/* A family that must be there: what the field tests use comes with every libcrypto. */
static inline void need(struct family *f, const char *method, int ota)
{
    assert_true(family_open(f, method, ota));
}

/* ssserver alone under `none`, so that the wire is plain text; and what came of it. */
static inline void serve(struct family *f, enum sks_ss_mode ota)
{
    need(f, "none", 0);
    f->server.policy.ota = ota;
    pair_open(&pair, f);
}

static inline void serve_octets(const uint8_t *octets, size_t n)
{
    pipe_put(&pair.wire_up, octets, n);
    while (turn(&pair.server, &whole))
        continue;
}

/* An OTA chunk under `none`: LEN TAG DATA. */
static inline size_t ota_chunk(uint8_t *to, uint32_t index, const uint8_t *data, size_t n)
{
    size_t used;
    assert_int_equal(sks_ota_chunk_encode(to, SKS_OTA_CHUNK_HEAD, n, &used), SKS_OK);
    sks_ota_chunk_tag(to + 2, index, NULL, 0, data, n);
    memcpy(to + used, data, n);
    return used + n;
}

static inline size_t ota_header(uint8_t *to, const struct family *f)
{
    static const uint8_t header[] = {0x11, 127, 0, 0, 1, 0, 80};
    memcpy(to, header, sizeof header);
    assert_int_equal(sks_ota_tag(to + sizeof header, &f->key, NULL, 0, to, sizeof header), SKS_OK);
    return sizeof header + SKS_OTA_TAG_SIZE;
}

static inline void assert_target_got(const char *text)
{
    assert_int_equal(pair.target_up.put, strlen(text));
    assert_memory_equal(pair.target_up.octets, text, strlen(text));
}

/* The answer of a front to octets that come in one piece, or one by one. */
static inline void assert_answer(enum sks_role role, const uint8_t *octets, size_t n,
                                 const char *answer, size_t answer_len, int closed)
{
    for (int i = 0; i < 2; i++) {
        struct family f;
        need(&f, "none", 0);
        f.local.policy.commands |= SKS_ALLOW(SKS_CMD_BIND);
        if (role == SKS_ROLE_SOCKS5) {
            f.local.role = role;
            f.local.key = NULL;
        }
        pair_open(&pair, &f);
        pipe_put(&pair.client_up, octets, n);
        while (turn(&pair.local, i == 0 ? &whole : &one))
            continue;
        assert_int_equal(pair.client_down.put, answer_len);
        assert_memory_equal(pair.client_down.octets, answer, answer_len);
        assert_int_equal(pair.local.closings, closed);
        pair_close(&pair);
    }
}
#define ASSERT_ANSWER(role, octets, answer, closed)                                                \
    assert_answer(role, LITERAL(octets), answer, sizeof(answer) - 1, closed)
#define REPLY(rep) "\x05\x00\x05" rep "\x00\x01\x00\x00\x00\x00\x00\x00"
#define REST_V4 "\x00\x01\x7f\x00\x00\x01\x00\x50"

/* ssserver under AEAD, fed with chunks made by hand. */
static inline size_t seal(struct sks_aead *aead, const struct family *f, uint8_t *to,
                          size_t len_octets, const char *text, size_t n)
{
    to[0] = (uint8_t)(len_octets >> 8);
    to[1] = (uint8_t)len_octets;
    assert_int_equal(sks_aead_seal(aead, f->sealer, to, 2, to + 2), SKS_OK);
    memcpy(to + SKS_AEAD_CHUNK_DATA, text, n);
    assert_int_equal(
        sks_aead_seal(aead, f->sealer, to + SKS_AEAD_CHUNK_DATA, n, to + SKS_AEAD_CHUNK_DATA + n),
        SKS_OK);
    return SKS_AEAD_CHUNK_OVERHEAD + n;
}

static inline size_t start(struct sks_aead *aead, struct family *f, uint8_t *to)
{
    need(f, "aes-128-gcm", 0);
    pair_open(&pair, f);
    fill(to, 16, 9);
    assert_int_equal(sks_aead_start(aead, &f->key, to, 16), SKS_OK);
    return 16;
}

#endif
