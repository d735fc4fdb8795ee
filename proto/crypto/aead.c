/* AEAD: one direction of a session, and the contexts that all directions of a thread share. */
#include "evp.h"
#include "methods.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_TEXT = 512 }; /* octets up to which libsodium is the faster here */

/* What seals a direction's next chunk. */
struct chunk {
    uint8_t key[SKS_KEY_MAX]; /* zeros behind it */
    uint8_t iv[12];
};

/* A context for sealing or for opening, and the key that lies in it. */
struct half {
    EVP_CIPHER_CTX *evp;
    uint8_t loaded[SKS_KEY_MAX]; /* zeros behind it */
    int any;
};

/* A chunk in libsodium, whole: tag and text under key and nonce, in place; open: 0 where the tag is
 * right. */
struct short_form {
    const char *algorithm; /* libcrypto's name */
    int (*available)(void);
    void (*seal)(uint8_t *text, size_t len, uint8_t *tag, const struct chunk *chunk);
    int (*open)(uint8_t *text, size_t len, const uint8_t *tag, const struct chunk *chunk);
};

struct sks_sealer {
    const struct sks_cipher *cipher;
    const struct short_form *shorts; /* NULL: libcrypto does them */
    struct half half[2];             /* by enum sks_way */
};

static int always(void)
{
    return 1;
}

static void chacha_seal(uint8_t *text, size_t len, uint8_t *tag, const struct chunk *chunk)
{
    (void)crypto_aead_chacha20poly1305_ietf_encrypt_detached(text, tag, NULL, text, len, NULL, 0,
                                                             NULL, chunk->iv, chunk->key);
}

static int chacha_open(uint8_t *text, size_t len, const uint8_t *tag, const struct chunk *chunk)
{
    return crypto_aead_chacha20poly1305_ietf_decrypt_detached(text, NULL, text, len, tag, NULL, 0,
                                                              chunk->iv, chunk->key);
}

static void aes256gcm_seal(uint8_t *text, size_t len, uint8_t *tag, const struct chunk *chunk)
{
    crypto_aead_aes256gcm_state state;
    (void)crypto_aead_aes256gcm_beforenm(&state, chunk->key);
    (void)crypto_aead_aes256gcm_encrypt_detached_afternm(text, tag, NULL, text, len, NULL, 0, NULL,
                                                         chunk->iv, &state);
    sks_wipe(&state, sizeof state);
}

static int aes256gcm_open(uint8_t *text, size_t len, const uint8_t *tag, const struct chunk *chunk)
{
    crypto_aead_aes256gcm_state state;
    (void)crypto_aead_aes256gcm_beforenm(&state, chunk->key);
    int status = crypto_aead_aes256gcm_decrypt_detached_afternm(text, NULL, text, len, tag, NULL, 0,
                                                                chunk->iv, &state);
    sks_wipe(&state, sizeof state);
    return status;
}

/* Short texts, such as a length, are libsodium's where it has the cipher: libcrypto takes longer to
 * prepare its context than for the text. */
static const struct short_form *short_form(const char *algorithm)
{
    static const struct short_form forms[] = {
        {"ChaCha20-Poly1305", always, chacha_seal, chacha_open},
        {"AES-256-GCM", crypto_aead_aes256gcm_is_available, aes256gcm_seal, aes256gcm_open},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(algorithm, forms[i].algorithm) == 0 && forms[i].available())
            return &forms[i];
    return NULL;
}

void sks_sealer_free(struct sks_sealer *sealer)
{
    if (sealer == NULL)
        return;
    EVP_CIPHER_CTX_free(sealer->half[SKS_DECRYPT].evp);
    EVP_CIPHER_CTX_free(sealer->half[SKS_ENCRYPT].evp);
    sks_wipe(sealer, sizeof *sealer);
    free(sealer);
}

enum sks_status sks_sealer_new(struct sks_sealer **out, const struct sks_cipher *cipher)
{
    if (cipher->kind != SKS_CIPHER_AEAD)
        return SKS_ERR_METHOD;
    if (!sks_cipher_available(cipher))
        return SKS_ERR_METHOD_MISSING;
    struct sks_sealer *sealer = calloc(1, sizeof *sealer);
    if (sealer == NULL)
        return SKS_ERR_LIBRARY;
    sealer->cipher = cipher;
    sealer->shorts = short_form(cipher->algorithm);
    for (int way = SKS_DECRYPT; way <= SKS_ENCRYPT; way++) {
        EVP_CIPHER_CTX *evp = sealer->half[way].evp = EVP_CIPHER_CTX_new();
        if (evp == NULL ||
            EVP_CipherInit_ex2(evp, sks_cipher_evp(cipher), NULL, NULL, way, NULL) != 1) {
            ERR_clear_error();
            sks_sealer_free(sealer);
            return SKS_ERR_LIBRARY;
        }
    }
    *out = sealer;
    return SKS_OK;
}

enum sks_status sks_aead_start(struct sks_aead *out, const struct sks_key *key, const uint8_t *salt,
                               size_t salt_len)
{
    static const uint8_t info[] = {'s', 's', '-', 's', 'u', 'b', 'k', 'e', 'y'};
    if (key->cipher->kind != SKS_CIPHER_AEAD)
        return SKS_ERR_METHOD;
    if (salt_len != key->cipher->iv_size)
        return SKS_ERR_SALT;
    memset(out, 0, sizeof *out);
    out->cipher = key->cipher;
    return sks_hkdf_sha1(out->subkey, key->size, key->octets, key->size, salt, salt_len, info,
                         sizeof info);
}

void sks_aead_wipe(struct sks_aead *aead)
{
    sks_wipe(aead, sizeof *aead);
}

static void chunk_of(struct chunk *chunk, const struct sks_aead *aead)
{
    uint8_t counter[24] = {0};
    for (unsigned i = 0; i < 8; i++)
        counter[i] = (uint8_t)(aead->nonce >> 8 * i);
    if (aead->cipher->nonce_size == 24) { /* XChaCha20: draft-irtf-cfrg-xchacha section 2 */
        crypto_core_hchacha20(chunk->key, counter, aead->subkey, NULL);
        memset(chunk->iv, 0, sizeof chunk->iv); /* the last 8 octets of a nonce that counts, too */
    } else {
        memcpy(chunk->key, aead->subkey, sizeof chunk->key);
        memcpy(chunk->iv, counter, sizeof chunk->iv);
    }
}

/* Key and nonce of the direction's next chunk into the context, with params; the key only where it
 * is new. */
static int load(struct half *half, const struct sks_aead *aead, const OSSL_PARAM *params)
{
    struct chunk chunk;
    chunk_of(&chunk, aead);
    int same = half->any && crypto_verify_32(half->loaded, chunk.key) == 0;
    half->any =
        EVP_CipherInit_ex2(half->evp, NULL, same ? NULL : chunk.key, chunk.iv, -1, params) == 1;
    if (half->any && !same)
        memcpy(half->loaded, chunk.key, sizeof half->loaded);
    sks_wipe(&chunk, sizeof chunk);
    return half->any;
}

static int is_short(const struct sks_sealer *sealer, size_t len)
{
    return sealer->shorts != NULL && len <= SHORT_TEXT;
}

static void seal_short(const struct sks_sealer *sealer, const struct sks_aead *aead, uint8_t *text,
                       size_t len, uint8_t *tag)
{
    struct chunk chunk;
    chunk_of(&chunk, aead);
    sealer->shorts->seal(text, len, tag, &chunk);
    sks_wipe(&chunk, sizeof chunk);
}

/* Whether the tag is right. */
static int open_short(const struct sks_sealer *sealer, const struct sks_aead *aead, uint8_t *text,
                      size_t len, const uint8_t *tag)
{
    struct chunk chunk;
    chunk_of(&chunk, aead);
    int status = sealer->shorts->open(text, len, tag, &chunk);
    sks_wipe(&chunk, sizeof chunk);
    return status == 0;
}

static enum sks_status fits(const struct sks_aead *aead, const struct sks_sealer *sealer)
{
    if (aead->cipher != sealer->cipher)
        return SKS_ERR_METHOD;
    return aead->nonce == UINT64_MAX ? SKS_ERR_EXHAUSTED : SKS_OK;
}

/* Nothing of a chunk that failed is left. */
static enum sks_status failed(enum sks_status s, struct half *half, uint8_t *text, size_t len)
{
    half->any = 0;
    if (len > 0)
        memset(text, 0, len);
    ERR_clear_error();
    return s;
}

enum sks_status sks_aead_seal(struct sks_aead *aead, struct sks_sealer *sealer, uint8_t *text,
                              size_t len, uint8_t *tag)
{
    struct half *half = &sealer->half[SKS_ENCRYPT];
    enum sks_status s = fits(aead, sealer);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, SKS_TAG_SIZE),
        OSSL_PARAM_construct_end()};
    int end;
    if (s != SKS_OK)
        return s;
    if (is_short(sealer, len))
        seal_short(sealer, aead, text, len, tag);
    else if (!load(half, aead, NULL) || !evp_update(half->evp, text, len) ||
             EVP_CipherFinal_ex(half->evp, tag, &end) != 1 ||
             EVP_CIPHER_CTX_get_params(half->evp, params) != 1)
        return failed(SKS_ERR_LIBRARY, half, text, len);
    aead->nonce++;
    return SKS_OK;
}

enum sks_status sks_aead_open(struct sks_aead *aead, struct sks_sealer *sealer, uint8_t *text,
                              size_t len, const uint8_t *tag)
{
    struct half *half = &sealer->half[SKS_DECRYPT];
    enum sks_status s = fits(aead, sealer);
    uint8_t expected[SKS_TAG_SIZE], none[SKS_TAG_SIZE]; /* a parameter is not const */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected, sizeof expected),
        OSSL_PARAM_construct_end()};
    int end;
    if (s != SKS_OK)
        return s;
    if (is_short(sealer, len)) {
        if (!open_short(sealer, aead, text, len, tag))
            return failed(SKS_ERR_TAG, half, text, len);
        aead->nonce++;
        return SKS_OK;
    }
    memcpy(expected, tag, sizeof expected);
    if (!load(half, aead, params) || !evp_update(half->evp, text, len))
        return failed(SKS_ERR_LIBRARY, half, text, len);
    if (EVP_CipherFinal_ex(half->evp, none, &end) != 1)
        return failed(SKS_ERR_TAG, half, text, len);
    aead->nonce++;
    return SKS_OK;
}
