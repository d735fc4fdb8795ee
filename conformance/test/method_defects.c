/* Linked over the reference relay (--wrap) as test-relay: defects in one method each, so that a run
 * of several methods can be seen to find them. METHOD_DEFECTS=METHOD:DEFECT,... says which. */
#include <sockspec/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    DRAWS_UNTIL_AGAIN = 3,
    LARGE = 8192,
    BLOCK = 16,
};

enum sks_status __real_sks_cipher_find(const struct sks_cipher **out, const char *name);
void __real_sks_random(uint8_t *octets, size_t len);
enum sks_status __real_sks_aead_start(struct sks_aead *out, const struct sks_key *key,
                                      const uint8_t *salt, size_t len);
enum sks_status __real_sks_aead_seal(struct sks_aead *aead, struct sks_sealer *sealer,
                                     uint8_t *text, size_t len, uint8_t *tag);
enum sks_status __real_sks_aead_open(struct sks_aead *aead, struct sks_sealer *sealer,
                                     uint8_t *text, size_t len, const uint8_t *tag);
enum sks_status __real_sks_stream_start(struct sks_stream *stream, const struct sks_key *key,
                                        const uint8_t *iv, size_t len);
enum sks_status __real_sks_stream_update(struct sks_stream *stream, uint8_t *text, size_t len);
enum sks_status __real_sks_ota_check(const uint8_t *a, const uint8_t *b);
int __real_replay_filter_add(void *filter, const uint8_t *salt);

enum sks_status __wrap_sks_cipher_find(const struct sks_cipher **out, const char *name);
void __wrap_sks_random(uint8_t *octets, size_t len);
enum sks_status __wrap_sks_aead_start(struct sks_aead *out, const struct sks_key *key,
                                      const uint8_t *salt, size_t len);
enum sks_status __wrap_sks_aead_seal(struct sks_aead *aead, struct sks_sealer *sealer,
                                     uint8_t *text, size_t len, uint8_t *tag);
enum sks_status __wrap_sks_aead_open(struct sks_aead *aead, struct sks_sealer *sealer,
                                     uint8_t *text, size_t len, const uint8_t *tag);
enum sks_status __wrap_sks_stream_start(struct sks_stream *stream, const struct sks_key *key,
                                        const uint8_t *iv, size_t len);
enum sks_status __wrap_sks_stream_update(struct sks_stream *stream, uint8_t *text, size_t len);
enum sks_status __wrap_sks_ota_check(const uint8_t *a, const uint8_t *b);
int __wrap_replay_filter_add(void *filter, const uint8_t *salt);

static char defect[40]; /* of the method that this process serves; empty: none */

static bool has(const char *name)
{
    return strcmp(defect, name) == 0;
}

enum sks_status __wrap_sks_cipher_find(const struct sks_cipher **out, const char *name)
{
    const char *list = getenv("METHOD_DEFECTS");
    size_t n = strlen(name);
    for (const char *one = list ? list : ""; *one; one += strcspn(one, ","), one += *one == ',') {
        size_t len = strcspn(one, ",");
        if (len <= n + 1 || len - n - 1 >= sizeof defect || one[n] != ':' ||
            strncmp(one, name, n) != 0)
            continue;
        memcpy(defect, one + n + 1, len - n - 1);
        defect[len - n - 1] = 0;
    }
    return __real_sks_cipher_find(out, name);
}

/* salts-again: one of several is the one before it. */
void __wrap_sks_random(uint8_t *octets, size_t len)
{
    static uint8_t last[SKS_IV_MAX];
    static size_t last_len;
    static unsigned draws;
    __real_sks_random(octets, len);
    if (!has("salts-again") || len > sizeof last)
        return;
    if (len == last_len && ++draws % DRAWS_UNTIL_AGAIN == 0)
        memcpy(octets, last, len);
    memcpy(last, octets, len);
    last_len = len;
}

/* salt-cut: only half of it goes into the key. */
enum sks_status __wrap_sks_aead_start(struct sks_aead *out, const struct sks_key *key,
                                      const uint8_t *salt, size_t len)
{
    uint8_t half[SKS_IV_MAX] = {0};
    memcpy(half, salt, has("salt-cut") ? len / 2 : len);
    return __real_sks_aead_start(out, key, half, len);
}

enum sks_status __wrap_sks_stream_start(struct sks_stream *stream, const struct sks_key *key,
                                        const uint8_t *iv, size_t len)
{
    uint8_t half[SKS_IV_MAX] = {0};
    if (len)
        memcpy(half, iv, has("salt-cut") ? len / 2 : len);
    return __real_sks_stream_start(stream, key, half, len);
}

/* nonce-octet: it goes back to 0 behind ff. */
static void count(struct sks_aead *aead)
{
    if (has("nonce-octet"))
        aead->nonce &= 0xff;
}

enum sks_status __wrap_sks_aead_seal(struct sks_aead *aead, struct sks_sealer *sealer,
                                     uint8_t *text, size_t len, uint8_t *tag)
{
    enum sks_status s = __real_sks_aead_seal(aead, sealer, text, len, tag);
    count(aead);
    return s;
}

/* tag-ignored: what is sealed once more is in the clear, for both ciphers are a keystream. */
enum sks_status __wrap_sks_aead_open(struct sks_aead *aead, struct sks_sealer *sealer,
                                     uint8_t *text, size_t len, const uint8_t *tag)
{
    uint8_t any[SKS_TAG_SIZE];
    enum sks_status s = has("tag-ignored") ? __real_sks_aead_seal(aead, sealer, text, len, any)
                                           : __real_sks_aead_open(aead, sealer, text, len, tag);
    count(aead);
    return s;
}

/* partial-block: an octet of keystream is lost behind most of a block; large-text: the last octet
 * of a large text is wrong; octet-wrong: one value is another one. */
enum sks_status __wrap_sks_stream_update(struct sks_stream *stream, uint8_t *text, size_t len)
{
    uint8_t lost = 0;
    enum sks_status s = __real_sks_stream_update(stream, text, len);
    if (has("partial-block") && len % BLOCK == BLOCK - 1)
        (void)__real_sks_stream_update(stream, &lost, 1);
    if (has("large-text") && len > LARGE)
        text[len - 1] ^= 1;
    for (size_t i = 0; has("octet-wrong") && i < len; i++)
        if (text[i] == 0xfe)
            text[i] = 0xff;
    return s;
}

/* ota-tag-ignored */
enum sks_status __wrap_sks_ota_check(const uint8_t *a, const uint8_t *b)
{
    return has("ota-tag-ignored") ? SKS_OK : __real_sks_ota_check(a, b);
}

/* replays-served */
int __wrap_replay_filter_add(void *filter, const uint8_t *salt)
{
    return __real_replay_filter_add(filter, salt) || has("replays-served");
}
