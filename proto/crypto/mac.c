/* HMAC-SHA1, and what is made of it: HKDF-SHA1, the tags of one-time auth. */
#include "digest.h"

#include <sockspec/crypto.h>

#include <sodium.h>
#include <string.h>

struct hmac {
    SHA_CTX inner, outer;
};

static void update(SHA_CTX *sha, const uint8_t *data, size_t len)
{
    if (len > 0)
        SHA1_Update(sha, data, len);
}

/* Under the key a || b. */
static void hmac_start(struct hmac *hmac, const uint8_t *a, size_t a_len, const uint8_t *b,
                       size_t b_len)
{
    uint8_t block[SHA_CBLOCK] = {0};
    if (a_len + b_len <= sizeof block) {
        if (a_len > 0)
            memcpy(block, a, a_len);
        if (b_len > 0)
            memcpy(block + a_len, b, b_len);
    } else {
        SHA1_Init(&hmac->inner);
        update(&hmac->inner, a, a_len);
        update(&hmac->inner, b, b_len);
        SHA1_Final(block, &hmac->inner);
    }
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    SHA1_Init(&hmac->inner);
    SHA1_Update(&hmac->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    SHA1_Init(&hmac->outer);
    SHA1_Update(&hmac->outer, block, sizeof block);
    sks_wipe(block, sizeof block);
}

static void hmac_end(struct hmac *hmac, uint8_t out[SKS_SHA1_SIZE])
{
    SHA1_Final(out, &hmac->inner);
    SHA1_Update(&hmac->outer, out, SKS_SHA1_SIZE);
    SHA1_Final(out, &hmac->outer);
    sks_wipe(hmac, sizeof *hmac);
}

void sks_hmac_sha1(uint8_t out[SKS_SHA1_SIZE], const uint8_t *a, size_t a_len, const uint8_t *b,
                   size_t b_len, const uint8_t *data, size_t len)
{
    struct hmac hmac;
    hmac_start(&hmac, a, a_len, b, b_len);
    update(&hmac.inner, data, len);
    hmac_end(&hmac, out);
}

enum sks_status sks_hkdf_sha1(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len,
                              const uint8_t *salt, size_t salt_len, const uint8_t *info,
                              size_t info_len)
{
    if (out_len > 255 * (size_t)SKS_SHA1_SIZE)
        return SKS_ERR_SPACE;
    uint8_t prk[SKS_SHA1_SIZE], block[SKS_SHA1_SIZE], n = 1;
    sks_hmac_sha1(prk, salt, salt_len, NULL, 0, key, key_len);
    for (size_t at = 0; at < out_len; at += sizeof block, n++) {
        struct hmac hmac;
        hmac_start(&hmac, prk, sizeof prk, NULL, 0);
        if (at > 0)
            update(&hmac.inner, block, sizeof block);
        update(&hmac.inner, info, info_len);
        update(&hmac.inner, &n, 1);
        hmac_end(&hmac, block);
        memcpy(out + at, block, out_len - at < sizeof block ? out_len - at : sizeof block);
    }
    sks_wipe(prk, sizeof prk);
    sks_wipe(block, sizeof block);
    return SKS_OK;
}

static void ota_tag(uint8_t tag[SKS_OTA_TAG_SIZE], const uint8_t *iv, size_t iv_len,
                    const uint8_t *secret, size_t secret_len, const uint8_t *data, size_t len)
{
    uint8_t whole[SKS_SHA1_SIZE];
    sks_hmac_sha1(whole, iv, iv_len, secret, secret_len, data, len);
    memcpy(tag, whole, SKS_OTA_TAG_SIZE);
    sks_wipe(whole, sizeof whole);
}

enum sks_status sks_ota_tag(uint8_t tag[SKS_OTA_TAG_SIZE], const struct sks_key *key,
                            const uint8_t *iv, size_t iv_len, const uint8_t *data, size_t len)
{
    if (iv_len != key->cipher->iv_size)
        return SKS_ERR_SALT;
    ota_tag(tag, iv, iv_len, key->octets, key->size, data, len);
    return SKS_OK;
}

void sks_ota_chunk_tag(uint8_t tag[SKS_OTA_TAG_SIZE], uint32_t index, const uint8_t *iv,
                       size_t iv_len, const uint8_t *data, size_t len)
{
    const uint8_t octets[4] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16),
                               (uint8_t)(index >> 8), (uint8_t)index};
    ota_tag(tag, iv, iv_len, octets, sizeof octets, data, len);
}

enum sks_status sks_ota_check(const uint8_t a[SKS_OTA_TAG_SIZE], const uint8_t b[SKS_OTA_TAG_SIZE])
{
    return sodium_memcmp(a, b, SKS_OTA_TAG_SIZE) == 0 ? SKS_OK : SKS_ERR_TAG;
}
