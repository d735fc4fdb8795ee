/* The one table of methods. */
#include "methods.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static keystream_xor chacha20_ietf_xor;

enum { KEY_IS_DIGEST = 1 };

struct method {
    struct sks_cipher cipher;
    keystream_xor *keystream; /* libsodium */
    uint64_t blocks;          /* of keystream under one IV */
    int flags;
};

#define AEAD(name, algorithm, key, nonce)                                                          \
    {                                                                                              \
        .cipher = { name, "libcrypto", algorithm, SKS_CIPHER_AEAD, key, key, nonce, SKS_TAG_SIZE } \
    }
#define EVP(name, algorithm, key, iv)                                                              \
    {                                                                                              \
        .cipher = { name, "libcrypto", algorithm, SKS_CIPHER_STREAM, key, iv, 0, 0 }               \
    }
#define SODIUM(name, algorithm, iv, function, count)                                               \
    {                                                                                              \
        .cipher = {name, "libsodium", algorithm, SKS_CIPHER_STREAM, 32, iv, 0, 0},                 \
        .keystream = function, .blocks = count                                                     \
    }
#define OURS(name, kind)                                                                           \
    {                                                                                              \
        .cipher = { name, "sockspec", name, kind, 0, 0, 0, 0 }                                     \
    }

/* SIP004; shadowsocks (Python) 3.0.0 and shadowsocks-libev for the stream methods.
 * name, libcrypto's or libsodium's name, key, nonce or IV (octets; the salt of an AEAD method is as
 * long as its key) */
static const struct method methods[] = {
    AEAD("aes-128-gcm", "AES-128-GCM", 16, 12),
    AEAD("aes-192-gcm", "AES-192-GCM", 24, 12),
    AEAD("aes-256-gcm", "AES-256-GCM", 32, 12),
    AEAD("chacha20-ietf-poly1305", "ChaCha20-Poly1305", 32, 12),
    AEAD("xchacha20-ietf-poly1305", "ChaCha20-Poly1305", 32, 24), /* under HChaCha20's subkey */
    EVP("aes-128-cfb", "AES-128-CFB", 16, 16),
    EVP("aes-192-cfb", "AES-192-CFB", 24, 16),
    EVP("aes-256-cfb", "AES-256-CFB", 32, 16),
    EVP("aes-128-ctr", "AES-128-CTR", 16, 16),
    EVP("aes-192-ctr", "AES-192-CTR", 24, 16),
    EVP("aes-256-ctr", "AES-256-CTR", 32, 16),
    EVP("aes-128-ofb", "AES-128-OFB", 16, 16),
    EVP("aes-192-ofb", "AES-192-OFB", 24, 16),
    EVP("aes-256-ofb", "AES-256-OFB", 32, 16),
    EVP("aes-128-cfb1", "AES-128-CFB1", 16, 16),
    EVP("aes-192-cfb1", "AES-192-CFB1", 24, 16),
    EVP("aes-256-cfb1", "AES-256-CFB1", 32, 16),
    EVP("aes-128-cfb8", "AES-128-CFB8", 16, 16),
    EVP("aes-192-cfb8", "AES-192-CFB8", 24, 16),
    EVP("aes-256-cfb8", "AES-256-CFB8", 32, 16),
    EVP("camellia-128-cfb", "CAMELLIA-128-CFB", 16, 16),
    EVP("camellia-192-cfb", "CAMELLIA-192-CFB", 24, 16),
    EVP("camellia-256-cfb", "CAMELLIA-256-CFB", 32, 16),
    EVP("bf-cfb", "BF-CFB", 16, 8),
    EVP("cast5-cfb", "CAST5-CFB", 16, 8),
    EVP("idea-cfb", "IDEA-CFB", 16, 8),
    EVP("rc2-cfb", "RC2-CFB", 16, 8),
    EVP("des-cfb", "DES-CFB", 8, 8),
    EVP("seed-cfb", "SEED-CFB", 16, 16),
    EVP("rc4", "RC4", 16, 0),
    {.cipher = {"rc4-md5", "libcrypto", "RC4", SKS_CIPHER_STREAM, 16, 16, 0, 0},
     .flags = KEY_IS_DIGEST},
    SODIUM("salsa20", "crypto_stream_salsa20", 8, crypto_stream_salsa20_xor_ic, UINT64_MAX),
    SODIUM("chacha20", "crypto_stream_chacha20", 8, crypto_stream_chacha20_xor_ic, UINT64_MAX),
    SODIUM("chacha20-ietf", "crypto_stream_chacha20_ietf", 12, chacha20_ietf_xor,
           UINT64_C(1) << 32),
    SODIUM("xchacha20", "crypto_stream_xchacha20", 24, crypto_stream_xchacha20_xor_ic, UINT64_MAX),
    OURS("table", SKS_CIPHER_TABLE),
    OURS("none", SKS_CIPHER_NONE),
};
enum { METHODS = sizeof methods / sizeof methods[0] };

/* Written once, by load. */
static const EVP_CIPHER *fetched[METHODS];
static int sodium_ready;

static int chacha20_ietf_xor(unsigned char *c, const unsigned char *m, unsigned long long len,
                             const unsigned char *iv, uint64_t ic, const unsigned char *key)
{
    return crypto_stream_chacha20_ietf_xor_ic(c, m, len, iv, (uint32_t)ic, key);
}

/* A library context of our own: the providers of the host program stay as they are. */
static void load(void)
{
    ERR_set_mark();
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    if (context != NULL) {
        OSSL_PROVIDER_load(context, "default");
        OSSL_PROVIDER_load(context, "legacy");
        for (size_t i = 0; i < METHODS; i++)
            if (strcmp(methods[i].cipher.library, "libcrypto") == 0)
                fetched[i] = EVP_CIPHER_fetch(context, methods[i].cipher.algorithm, NULL);
    }
    ERR_pop_to_mark();
    sodium_ready = sodium_init() >= 0;
}

void sks_crypto_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
}

static const struct method *method_of(const struct sks_cipher *cipher)
{
    return (const struct method *)cipher;
}

const EVP_CIPHER *sks_cipher_evp(const struct sks_cipher *cipher)
{
    sks_crypto_load();
    return fetched[method_of(cipher) - methods];
}

keystream_xor *sks_cipher_keystream(const struct sks_cipher *cipher, uint64_t *blocks)
{
    *blocks = method_of(cipher)->blocks;
    return method_of(cipher)->keystream;
}

int sks_cipher_key_is_digest(const struct sks_cipher *cipher)
{
    return method_of(cipher)->flags & KEY_IS_DIGEST;
}

int sks_cipher_available(const struct sks_cipher *cipher)
{
    sks_crypto_load();
    if (strcmp(cipher->library, "libcrypto") == 0)
        return sks_cipher_evp(cipher) != NULL;
    return strcmp(cipher->library, "libsodium") != 0 || sodium_ready;
}

enum sks_status sks_cipher_find(const struct sks_cipher **out, const char *name)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i].cipher.name, name) == 0) {
            *out = &methods[i].cipher;
            return sks_cipher_available(*out) ? SKS_OK : SKS_ERR_METHOD_MISSING;
        }
    return SKS_ERR_METHOD;
}

const struct sks_cipher *sks_cipher_at(size_t index)
{
    return index < METHODS ? &methods[index].cipher : NULL;
}
