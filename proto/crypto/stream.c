/* Stream methods, `table` and `none`: one direction of a session. */
#include "digest.h"
#include "evp.h"
#include "keystream.h"

#include <openssl/err.h>
#include <stddef.h>
#include <stdlib.h>

/* Only what the method needs of the union is allocated: an idle session holds two of these. */
struct sks_stream {
    const struct sks_cipher *cipher;
    EVP_CIPHER_CTX *evp; /* libcrypto's methods; else NULL */
    uint8_t way;         /* enum sks_way */
    uint8_t started;
    union {
        struct keystream keystream; /* libsodium's */
        uint8_t table[256];         /* `table` */
    } u;
};

static size_t size_of(const struct sks_cipher *cipher)
{
    uint64_t blocks;
    if (cipher->kind == SKS_CIPHER_TABLE)
        return offsetof(struct sks_stream, u.table) + sizeof((struct sks_stream *)0)->u.table;
    if (sks_cipher_keystream(cipher, &blocks) != NULL)
        return offsetof(struct sks_stream, u.keystream) + sizeof(struct keystream);
    return offsetof(struct sks_stream, u);
}

void sks_stream_free(struct sks_stream *stream)
{
    if (stream == NULL)
        return;
    EVP_CIPHER_CTX_free(stream->evp);
    sks_wipe(stream, size_of(stream->cipher));
    free(stream);
}

enum sks_status sks_stream_new(struct sks_stream **out, const struct sks_cipher *cipher,
                               enum sks_way way)
{
    if (cipher->kind == SKS_CIPHER_AEAD)
        return SKS_ERR_METHOD;
    if (!sks_cipher_available(cipher))
        return SKS_ERR_METHOD_MISSING;
    struct sks_stream *stream = calloc(1, size_of(cipher));
    if (stream == NULL)
        return SKS_ERR_LIBRARY;
    stream->cipher = cipher;
    stream->way = (uint8_t)way;
    const EVP_CIPHER *evp = sks_cipher_evp(cipher);
    if (evp != NULL && ((stream->evp = EVP_CIPHER_CTX_new()) == NULL ||
                        EVP_CipherInit_ex2(stream->evp, evp, NULL, NULL, (int)way, NULL) != 1)) {
        ERR_clear_error();
        sks_stream_free(stream);
        return SKS_ERR_LIBRARY;
    }
    *out = stream;
    return SKS_OK;
}

static int start_evp(struct sks_stream *stream, const struct sks_key *key, const uint8_t *iv,
                     size_t iv_len)
{
    if (!sks_cipher_key_is_digest(stream->cipher))
        return EVP_CipherInit_ex2(stream->evp, NULL, key->octets, iv_len > 0 ? iv : NULL, -1, NULL);
    uint8_t both[SKS_KEY_MAX + SKS_IV_MAX], digest[MD5_DIGEST_LENGTH];
    memcpy(both, key->octets, key->size);
    memcpy(both + key->size, iv, iv_len);
    MD5(both, key->size + iv_len, digest);
    int ok = EVP_CipherInit_ex2(stream->evp, NULL, digest, NULL, -1, NULL);
    sks_wipe(both, sizeof both);
    sks_wipe(digest, sizeof digest);
    return ok;
}

static void start_keystream(struct keystream *k, const struct sks_key *key, const uint8_t *iv,
                            size_t iv_len)
{
    k->xor = sks_cipher_keystream(key->cipher, &k->blocks);
    k->block = 0;
    k->used = sizeof k->begun;
    memcpy(k->key, key->octets, key->size);
    memcpy(k->iv, iv, iv_len);
}

static void start_table(struct sks_stream *stream, const struct sks_key *key)
{
    for (unsigned i = 0; i < 256; i++)
        if (stream->way == SKS_ENCRYPT)
            stream->u.table[i] = key->table[i];
        else
            stream->u.table[key->table[i]] = (uint8_t)i;
}

enum sks_status sks_stream_start(struct sks_stream *stream, const struct sks_key *key,
                                 const uint8_t *iv, size_t iv_len)
{
    if (key->cipher != stream->cipher)
        return SKS_ERR_METHOD;
    if (iv_len != key->cipher->iv_size)
        return SKS_ERR_SALT;
    stream->started = 1;
    if (stream->evp != NULL)
        stream->started = start_evp(stream, key, iv, iv_len) == 1;
    else if (key->cipher->kind == SKS_CIPHER_STREAM)
        start_keystream(&stream->u.keystream, key, iv, iv_len);
    else if (key->cipher->kind == SKS_CIPHER_TABLE)
        start_table(stream, key);
    if (!stream->started)
        ERR_clear_error();
    return stream->started ? SKS_OK : SKS_ERR_LIBRARY;
}

enum sks_status sks_stream_update(struct sks_stream *stream, uint8_t *text, size_t len)
{
    if (!stream->started)
        return SKS_ERR_KEY;
    if (stream->evp != NULL) {
        if (evp_update(stream->evp, text, len))
            return SKS_OK;
        stream->started = 0;
        ERR_clear_error();
        memset(text, 0, len);
        return SKS_ERR_LIBRARY;
    }
    if (stream->cipher->kind == SKS_CIPHER_STREAM)
        return keystream_update(&stream->u.keystream, text, len);
    if (stream->cipher->kind == SKS_CIPHER_TABLE)
        for (size_t i = 0; i < len; i++)
            text[i] = stream->u.table[text[i]];
    return SKS_OK;
}
