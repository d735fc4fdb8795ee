/* What protects the octets of Shadowsocks: methods, keys, tags, sealing, stream encryption.
 * libsockspec-crypto; libsodium and libcrypto stand behind it and do not show here.
 *
 * Words:
 *   cipher   what configurations call the method: a row of the one table, found by its name
 *   key      the master key of a server: from its password, or given
 *   sealer   the working contexts of one thread for one AEAD method, shared by all its sessions
 *   aead     one direction of a session under an AEAD method: subkey and nonce, no heap
 *   stream   one direction of a session under any other method: owns its cipher state
 *
 * Octets are transformed in place. Salts and IVs are arguments (sks_random draws them), nonces only
 * count. sks_cipher_find, sks_sealer_new and sks_stream_new set up, nothing else allocates. The
 * first call loads what the libraries provide, once, from whichever thread comes first; a sealer,
 * an aead or a stream serves one thread at a time, a key that nobody changes serves any number.
 *
 * Answers are those of status.h: SKS_OK or an error, never SKS_MORE. On an error an output is
 * untouched but where its function says so. */
#ifndef SOCKSPEC_CRYPTO_H
#define SOCKSPEC_CRYPTO_H

#include <sockspec/shadowsocks.h> /* SKS_OTA_TAG_SIZE */

#ifdef __cplusplus
extern "C" {
#endif

/* ---- methods ------------------------------------------------------------------------ */

enum sks_cipher_kind {
    SKS_CIPHER_NONE,   /* octets as they are: no key, no IV */
    SKS_CIPHER_TABLE,  /* one substitution for every octet: the key is the password itself, no IV */
    SKS_CIPHER_STREAM, /* IV, then as many octets as the text has; used by sks_stream */
    SKS_CIPHER_AEAD,   /* salt, then sealed chunks (SIP004); used by sks_aead */
};

/* Sizes in octets: the largest of any method. */
enum {
    SKS_KEY_MAX = 32,
    SKS_IV_MAX = 32,   /* an IV or a salt */
    SKS_TAG_SIZE = 16, /* AEAD */
    SKS_SHA1_SIZE = 20,
    SKS_TABLE_KEY_MAX = 255, /* the password of `table` */
};

/* A row. Sizes in octets; 0 where the kind has no such thing. */
struct sks_cipher {
    const char *name;      /* as configurations write it: "aes-256-gcm" */
    const char *library;   /* who carries it out: "libcrypto", "libsodium", "sockspec" */
    const char *algorithm; /* its name there: "AES-256-GCM" */
    enum sks_cipher_kind kind;
    uint8_t key_size;
    uint8_t iv_size; /* the salt of an AEAD method */
    uint8_t nonce_size;
    uint8_t tag_size;
};

/* The method of that name (exact, lower case); the row is static.
 * Errors: SKS_ERR_METHOD when no such method is known; SKS_ERR_METHOD_MISSING when it is known but
 * the library installed here lacks it: then *out is set too, so that the caller can name
 * (*out)->library and (*out)->algorithm. */
enum sks_status sks_cipher_find(const struct sks_cipher **out, const char *name);

/* Every row of the table in its order, missing ones included; NULL from the end on. */
const struct sks_cipher *sks_cipher_at(size_t index);

/* ---- keys --------------------------------------------------------------------------- */

/* The octets are wiped by sks_key_wipe, which the owner calls. */
struct sks_key {
    const struct sks_cipher *cipher;   /* the method that it is for */
    size_t size;                       /* of octets */
    uint8_t octets[SKS_TABLE_KEY_MAX]; /* what one-time auth authenticates with */
    uint8_t table[256];                /* `table` alone: what each octet is replaced by */
};

/* The master key of a password of len octets: MD5, one round, no salt, D1 = MD5(pw),
 * Di = MD5(Di-1 || pw), concatenated and cut; for `table` the password itself; for `none` nothing.
 * Errors: SKS_ERR_PASSWORD when it is empty (but for `none`), or longer than SKS_TABLE_KEY_MAX for
 * `table`. */
enum sks_status sks_key_from_password(struct sks_key *out, const struct sks_cipher *cipher,
                                      const uint8_t *password, size_t len);

/* A master key given as octets. Errors: SKS_ERR_KEY when len is not the method's key_size (for
 * `table`: 1..SKS_TABLE_KEY_MAX). */
enum sks_status sks_key_set(struct sks_key *out, const struct sks_cipher *cipher,
                            const uint8_t *octets, size_t len);

void sks_key_wipe(struct sks_key *key);

/* Overwrites len octets so that no compiler leaves it out. */
void sks_wipe(void *octets, size_t len);

/* len octets that nobody can foretell, for salts, IVs and passwords. */
void sks_random(uint8_t *octets, size_t len);

/* ---- authentication ----------------------------------------------------------------- */

/* HMAC-SHA1 (RFC 2104) of data under the key a || b, 20 octets. A span may be NULL when empty. */
void sks_hmac_sha1(uint8_t out[SKS_SHA1_SIZE], const uint8_t *a, size_t a_len, const uint8_t *b,
                   size_t b_len, const uint8_t *data, size_t len);

/* HKDF-SHA1 (RFC 5869). Errors: SKS_ERR_SPACE when out_len is more than 255 * 20. */
enum sks_status sks_hkdf_sha1(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len,
                              const uint8_t *salt, size_t salt_len, const uint8_t *info,
                              size_t info_len);

/* The one-time-auth tag of a header or datagram (key IV || KEY), and of chunk index (key
 * IV || index, 4 octets big endian): the first 10 octets of the HMAC-SHA1. iv is the IV of the
 * client's direction, of the size that the key's method has, which only sks_ota_tag can check.
 * Errors: SKS_ERR_SALT (iv_len). */
enum sks_status sks_ota_tag(uint8_t tag[SKS_OTA_TAG_SIZE], const struct sks_key *key,
                            const uint8_t *iv, size_t iv_len, const uint8_t *data, size_t len);
void sks_ota_chunk_tag(uint8_t tag[SKS_OTA_TAG_SIZE], uint32_t index, const uint8_t *iv,
                       size_t iv_len, const uint8_t *data, size_t len);

/* SKS_OK when both tags are the same, else SKS_ERR_TAG, in a time that does not depend on them. */
enum sks_status sks_ota_check(const uint8_t a[SKS_OTA_TAG_SIZE], const uint8_t b[SKS_OTA_TAG_SIZE]);

/* ---- AEAD (SIP004, SIP007) ---------------------------------------------------------- */

struct sks_sealer;

/* Errors: SKS_ERR_METHOD (not an AEAD method), SKS_ERR_METHOD_MISSING, SKS_ERR_LIBRARY (no memory).
 * The caller owns *out; sks_sealer_free wipes it and takes NULL. */
enum sks_status sks_sealer_new(struct sks_sealer **out, const struct sks_cipher *cipher);
void sks_sealer_free(struct sks_sealer *sealer);

/* One direction: all that an idle session keeps. */
struct sks_aead {
    const struct sks_cipher *cipher;
    uint64_t nonce;              /* of the next chunk: little endian, zeros behind it; from 0 */
    uint8_t subkey[SKS_KEY_MAX]; /* key_size octets, zeros behind them */
};

/* subkey = HKDF-SHA1(key, salt, "ss-subkey"), nonce = 0.
 * Errors: SKS_ERR_METHOD (the key of a method that is not AEAD), SKS_ERR_SALT (salt_len). */
enum sks_status sks_aead_start(struct sks_aead *out, const struct sks_key *key, const uint8_t *salt,
                               size_t salt_len);

/* Seals len octets at text in place, SKS_TAG_SIZE octets to tag (which may be text + len); counts
 * the nonce. text may be NULL when len is 0. The sealer is of the same method and may have served
 * any other direction before.
 * Errors: SKS_ERR_METHOD (another method's sealer), SKS_ERR_EXHAUSTED (2^64 - 1 chunks: no nonce
 * comes twice), SKS_ERR_LIBRARY: the len octets at text are zeroed, the nonce stays. */
enum sks_status sks_aead_seal(struct sks_aead *aead, struct sks_sealer *sealer, uint8_t *text,
                              size_t len, uint8_t *tag);

/* Opens len octets at text in place against their tag; counts the nonce.
 * Errors: as sealing; SKS_ERR_TAG: the len octets at text are zeroed, the nonce stays. */
enum sks_status sks_aead_open(struct sks_aead *aead, struct sks_sealer *sealer, uint8_t *text,
                              size_t len, const uint8_t *tag);

void sks_aead_wipe(struct sks_aead *aead);

/* ---- stream, table, none ------------------------------------------------------------ */

enum sks_way { SKS_DECRYPT, SKS_ENCRYPT };

struct sks_stream;

/* A direction without a key yet. Errors: SKS_ERR_METHOD (an AEAD method), SKS_ERR_METHOD_MISSING,
 * SKS_ERR_LIBRARY (no memory). The caller owns *out; sks_stream_free wipes it and takes NULL. */
enum sks_status sks_stream_new(struct sks_stream **out, const struct sks_cipher *cipher,
                               enum sks_way way);
void sks_stream_free(struct sks_stream *stream);

/* Begins anew under this key and IV: once a connection, or once a datagram.
 * Errors: SKS_ERR_METHOD (the key of another method), SKS_ERR_SALT (iv_len): the stream goes on as
 * it was; SKS_ERR_LIBRARY: the stream waits for a start. */
enum sks_status sks_stream_start(struct sks_stream *stream, const struct sks_key *key,
                                 const uint8_t *iv, size_t iv_len);

/* The next len octets of the stream, in place; any split of a text gives the same octets.
 * Errors: SKS_ERR_KEY (not started), SKS_ERR_EXHAUSTED (chacha20-ietf beyond 2^32 blocks of 64
 * octets): text is untouched; SKS_ERR_LIBRARY: text is zeroed, the stream waits for a start. */
enum sks_status sks_stream_update(struct sks_stream *stream, uint8_t *text, size_t len);

#ifdef __cplusplus
}
#endif
#endif
