/* Time that does not depend on secrets: under memcheck, with keys, passwords, plain text and right
 * tags marked as undefined, nothing of ours branches on them or takes them for an index; a
 * comparison says only whether all is the same. What libcrypto and libsodium do inside is theirs
 * (ci/constant-time.supp). Outside of memcheck nothing is marked: make constant-time. */
#include "test.h"

#include <sockspec/stage.h>

#include <openssl/evp.h>
#include <sodium.h>
#include <valgrind/memcheck.h>

#define HIDE(octets, len) VALGRIND_MAKE_MEM_UNDEFINED((octets), (len))
#define REVEAL(octets, len) VALGRIND_MAKE_MEM_DEFINED((octets), (len))

static unsigned count; /* of decisions on secrets, before what is looked at */

static void begin(void)
{
    count = VALGRIND_COUNT_ERRORS;
}

static unsigned decisions(void)
{
    return VALGRIND_COUNT_ERRORS - count;
}

/* Whether all is the same is no secret any more: linked in front of libsodium's and libcrypto's. */
int __real_sodium_memcmp(const void *a, const void *b, size_t len);
int __wrap_sodium_memcmp(const void *a, const void *b, size_t len);
int __wrap_sodium_memcmp(const void *a, const void *b, size_t len)
{
    int answer = __real_sodium_memcmp(a, b, len);
    REVEAL(&answer, sizeof answer);
    return answer;
}

int __real_crypto_verify_32(const unsigned char *a, const unsigned char *b);
int __wrap_crypto_verify_32(const unsigned char *a, const unsigned char *b);
int __wrap_crypto_verify_32(const unsigned char *a, const unsigned char *b)
{
    int answer = __real_crypto_verify_32(a, b);
    REVEAL(&answer, sizeof answer);
    return answer;
}

int __real_EVP_CipherFinal_ex(EVP_CIPHER_CTX *evp, unsigned char *out, int *len);
int __wrap_EVP_CipherFinal_ex(EVP_CIPHER_CTX *evp, unsigned char *out, int *len);
int __wrap_EVP_CipherFinal_ex(EVP_CIPHER_CTX *evp, unsigned char *out, int *len)
{
    int answer = __real_EVP_CipherFinal_ex(evp, out, len);
    REVEAL(&answer, sizeof answer);
    return answer;
}

int __real_crypto_aead_chacha20poly1305_ietf_decrypt_detached(
    unsigned char *m, unsigned char *nsec, const unsigned char *c, unsigned long long len,
    const unsigned char *mac, const unsigned char *ad, unsigned long long ad_len,
    const unsigned char *npub, const unsigned char *k);
int __wrap_crypto_aead_chacha20poly1305_ietf_decrypt_detached(
    unsigned char *m, unsigned char *nsec, const unsigned char *c, unsigned long long len,
    const unsigned char *mac, const unsigned char *ad, unsigned long long ad_len,
    const unsigned char *npub, const unsigned char *k);
int __wrap_crypto_aead_chacha20poly1305_ietf_decrypt_detached(
    unsigned char *m, unsigned char *nsec, const unsigned char *c, unsigned long long len,
    const unsigned char *mac, const unsigned char *ad, unsigned long long ad_len,
    const unsigned char *npub, const unsigned char *k)
{
    int answer = __real_crypto_aead_chacha20poly1305_ietf_decrypt_detached(m, nsec, c, len, mac, ad,
                                                                           ad_len, npub, k);
    REVEAL(&answer, sizeof answer);
    return answer;
}

int __real_crypto_aead_aes256gcm_decrypt_detached_afternm(
    unsigned char *m, unsigned char *nsec, const unsigned char *c, unsigned long long len,
    const unsigned char *mac, const unsigned char *ad, unsigned long long ad_len,
    const unsigned char *npub, const crypto_aead_aes256gcm_state *state);
int __wrap_crypto_aead_aes256gcm_decrypt_detached_afternm(
    unsigned char *m, unsigned char *nsec, const unsigned char *c, unsigned long long len,
    const unsigned char *mac, const unsigned char *ad, unsigned long long ad_len,
    const unsigned char *npub, const crypto_aead_aes256gcm_state *state);
int __wrap_crypto_aead_aes256gcm_decrypt_detached_afternm(
    unsigned char *m, unsigned char *nsec, const unsigned char *c, unsigned long long len,
    const unsigned char *mac, const unsigned char *ad, unsigned long long ad_len,
    const unsigned char *npub, const crypto_aead_aes256gcm_state *state)
{
    int answer = __real_crypto_aead_aes256gcm_decrypt_detached_afternm(m, nsec, c, len, mac, ad,
                                                                       ad_len, npub, state);
    REVEAL(&answer, sizeof answer);
    return answer;
}

typedef int comparison(const uint8_t *a, const uint8_t *b, size_t len);

static int checked(const uint8_t *a, const uint8_t *b, size_t len)
{
    (void)len;
    return sks_ota_check(a, b) == SKS_OK;
}

/* What a comparison must not be: it ends at the first octet that differs. */
static int leaky(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((const volatile uint8_t *)a)[i] != b[i])
            return 0;
    return 1;
}

/* The decisions of a comparison with a secret tag, of which the octet at `wrong` differs. */
static unsigned compared(comparison *compare, size_t wrong)
{
    uint8_t tag[SKS_OTA_TAG_SIZE], given[SKS_OTA_TAG_SIZE];
    fill(tag, sizeof tag, 1);
    fill(given, sizeof given, 1);
    if (wrong < sizeof given)
        given[wrong] ^= 1;
    HIDE(tag, sizeof tag);
    begin();
    int answer = compare(tag, given, sizeof tag);
    assert_int_equal(answer, wrong >= sizeof given);
    return decisions();
}

static void a_tag_is_compared_whole(void **state)
{
    (void)state;
    for (size_t wrong = 0; wrong <= SKS_OTA_TAG_SIZE; wrong++)
        assert_int_equal(compared(checked, wrong), 0);
}

static void a_leaky_comparison_is_caught(void **state)
{
    (void)state;
    if (!RUNNING_ON_VALGRIND)
        return;
    for (size_t wrong = 0; wrong < SKS_OTA_TAG_SIZE; wrong++)
        assert_int_equal(compared(leaky, wrong), wrong + 1);
}

static void a_leaky_index_is_caught(void **state)
{
    static const uint8_t table[256] = {1};
    uint8_t secret = 7;
    (void)state;
    HIDE(&secret, 1);
    begin();
    assert_int_equal(((const volatile uint8_t *)table)[secret] & 0, 0);
    assert_int_equal(decisions() > 0, RUNNING_ON_VALGRIND != 0);
}

static void keys_and_tags_are_made_without_decisions(void **state)
{
    static const char *const methods[] = {"aes-256-gcm", "chacha20-ietf-poly1305", "aes-256-cfb"};
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        const struct sks_cipher *cipher = available(methods[i]);
        uint8_t password[] = {'b', 'a', 'r', 'f', 'o', 'o', '!'}, iv[32], text[100];
        uint8_t tag[SKS_OTA_TAG_SIZE];
        struct sks_key key;
        fill(iv, sizeof iv, 2);
        fill(text, sizeof text, 3);
        HIDE(password, sizeof password);
        HIDE(text, sizeof text);
        begin();
        enum sks_status s = sks_key_from_password(&key, cipher, password, sizeof password);
        assert_int_equal(s, SKS_OK);
        assert_int_equal(sks_ota_tag(tag, &key, iv, cipher->iv_size, text, sizeof text), SKS_OK);
        sks_ota_chunk_tag(tag, 7, iv, cipher->iv_size, text, sizeof text);
        sks_key_wipe(&key);
        assert_int_equal(decisions(), 0);
    }
}

/* Three chunks of len octets, the third of them with a wrong tag. */
static void chunks_without_decisions(const struct sks_cipher *cipher, size_t len)
{
    struct sks_key key = key_of(cipher, "barfoo!");
    struct sks_sealer *sealer;
    struct sks_aead to, from;
    uint8_t salt[32], text[1000], tag[SKS_TAG_SIZE];
    assert_int_equal(sks_sealer_new(&sealer, cipher), SKS_OK);
    fill(salt, sizeof salt, 4);
    fill(text, len, 5);
    HIDE(key.octets, sizeof key.octets);
    HIDE(text, len);
    begin();
    assert_int_equal(sks_aead_start(&to, &key, salt, cipher->iv_size), SKS_OK);
    assert_int_equal(sks_aead_start(&from, &key, salt, cipher->iv_size), SKS_OK);
    for (int chunk = 0; chunk < 3; chunk++) {
        assert_int_equal(sks_aead_seal(&to, sealer, text, len, tag), SKS_OK);
        tag[15] ^= chunk == 2;
        assert_int_equal(sks_aead_open(&from, sealer, text, len, tag),
                         chunk == 2 ? SKS_ERR_TAG : SKS_OK);
    }
    assert_int_equal(decisions(), 0);
    sks_sealer_free(sealer);
}

static void chunks_are_sealed_and_opened_without_decisions(void **state)
{
    static const char *const methods[] = {"aes-128-gcm", "aes-256-gcm", "chacha20-ietf-poly1305",
                                          "xchacha20-ietf-poly1305"};
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        chunks_without_decisions(available(methods[i]), 2);
        chunks_without_decisions(available(methods[i]), 100);
        chunks_without_decisions(available(methods[i]), 1000);
    }
}

/* RFC 1929: the answer is a decision; where the octets differ makes none. */
static unsigned credentials(size_t wrong)
{
    uint8_t given[] = {1, 4, 'u', 's', 'e', 'r', 4, 'w', 'o', 'r', 'd'};
    uint8_t uname[] = {'u', 's', 'e', 'r'}, passwd[] = {'w', 'o', 'r', 'd'};
    const struct sks_policy policy = {.uname = uname, .ulen = 4, .passwd = passwd, .plen = 4};
    struct sks_stage m = {.role = SKS_ROLE_SOCKS5, .stage = SKS_STAGE_INIT};
    static struct sks_step step;
    const uint8_t greeting[] = {5, 1, 2};
    struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = greeting, .len = sizeof greeting};
    assert_int_equal(sks_stage_step(&m, &policy, &event, &step), SKS_OK);
    if (wrong != 0)
        given[wrong] ^= 1;
    event.data = given;
    event.len = sizeof given;
    HIDE(uname, sizeof uname);
    HIDE(passwd, sizeof passwd);
    begin();
    assert_int_equal(sks_stage_step(&m, &policy, &event, &step), SKS_OK);
    REVEAL(&m, sizeof m);
    assert_int_equal(m.stage, wrong != 0 ? SKS_STAGE_DESTROYED : SKS_STAGE_ADDR);
    return decisions();
}

static void credentials_differ_in_as_many_decisions_wherever_they_differ(void **state)
{
    static const size_t places[] = {3, 5, 7, 8, 10};
    const unsigned first = credentials(2);
    (void)state;
    if (RUNNING_ON_VALGRIND)
        assert_in_range(first, 1, 100); /* the answer itself */
    for (size_t i = 0; i < COUNT(places); i++)
        assert_int_equal(credentials(places[i]), first);
    (void)credentials(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_is_compared_whole),
        cmocka_unit_test(a_leaky_comparison_is_caught),
        cmocka_unit_test(a_leaky_index_is_caught),
        cmocka_unit_test(keys_and_tags_are_made_without_decisions),
        cmocka_unit_test(chunks_are_sealed_and_opened_without_decisions),
        cmocka_unit_test(credentials_differ_in_as_many_decisions_wherever_they_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
