/* Datagrams under a cipher: SALT, then what is encrypted or sealed. */
#ifndef CRYPTO_TEST_DATAGRAM_H
#define CRYPTO_TEST_DATAGRAM_H

#include "test.h"

/* What stands behind the salt, in the clear, to out; its length. Errors: SKS_MORE (cut short),
 * SKS_ERR_TAG. */
static inline enum sks_status datagram_open(uint8_t *out, size_t *n, const struct sks_key *key,
                                            struct sks_sealer *sealer, const uint8_t *wire,
                                            size_t len)
{
    size_t salt = key->cipher->iv_size;
    struct sks_stream *stream;
    *n = 0;
    if (sealer != NULL) {
        struct sks_aead_datagram parsed;
        struct sks_aead aead;
        size_t used;
        enum sks_status s = sks_aead_datagram_parse(&parsed, wire, len, salt, &used);
        if (s != SKS_OK)
            return s;
        assert_int_equal(sks_aead_start(&aead, key, parsed.salt, salt), SKS_OK);
        memcpy(out, parsed.text, parsed.text_len);
        *n = parsed.text_len;
        return sks_aead_open(&aead, sealer, out, *n, parsed.tag);
    }
    if (len < salt)
        return SKS_MORE;
    *n = len - salt;
    memcpy(out, wire + salt, *n);
    assert_int_equal(sks_stream_new(&stream, key->cipher, SKS_DECRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(stream, key, wire, salt), SKS_OK);
    assert_int_equal(sks_stream_update(stream, out, *n), SKS_OK);
    sks_stream_free(stream);
    return SKS_OK;
}

/* Header, payload and, if the header asks for it, the tag of one-time auth, behind the salt; the
 * length of it all. */
static inline size_t datagram_seal(uint8_t *out, size_t cap, const struct sks_key *key,
                                   struct sks_sealer *sealer, const uint8_t *salt,
                                   const struct sks_ss_header *header, const uint8_t *payload,
                                   size_t len)
{
    size_t salt_size = key->cipher->iv_size, n;
    uint8_t *body = out + salt_size;
    struct sks_stream *stream;
    memcpy(out, salt, salt_size);
    assert_int_equal(sks_ota_datagram_encode(body, cap - salt_size - SKS_TAG_SIZE, header, payload,
                                             len, SKS_SS_OTA_ALLOWED, &n),
                     SKS_OK);
    if (header->type & SKS_SS_OTA_FLAG)
        assert_int_equal(sks_ota_tag(body + n - SKS_OTA_TAG_SIZE, key, salt, salt_size, body,
                                     n - SKS_OTA_TAG_SIZE),
                         SKS_OK);
    if (sealer != NULL) {
        struct sks_aead aead;
        assert_int_equal(sks_aead_start(&aead, key, salt, salt_size), SKS_OK);
        assert_int_equal(sks_aead_seal(&aead, sealer, body, n, body + n), SKS_OK);
        return salt_size + n + SKS_TAG_SIZE;
    }
    assert_int_equal(sks_stream_new(&stream, key->cipher, SKS_ENCRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(stream, key, salt, salt_size), SKS_OK);
    assert_int_equal(sks_stream_update(stream, body, n), SKS_OK);
    sks_stream_free(stream);
    return salt_size + n;
}

/* Whether the tag of a datagram is right. */
static inline enum sks_status datagram_check(const struct sks_key *key, const uint8_t *salt,
                                             const struct sks_ota_datagram *parsed)
{
    uint8_t tag[SKS_OTA_TAG_SIZE];
    assert_int_equal(
        sks_ota_tag(tag, key, salt, key->cipher->iv_size, parsed->text, parsed->text_len), SKS_OK);
    return sks_ota_check(tag, parsed->tag);
}

#endif
