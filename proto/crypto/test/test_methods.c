/* The table of methods: names, sizes (PROTOCOLS of SIP004 and of the Python original), answers. */
#include "test.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

/* name, kind, key, IV or salt, nonce, tag */
static const struct {
    const char *name;
    enum sks_cipher_kind kind;
    uint8_t key, iv, nonce, tag;
} facts[] = {
    {"aes-128-gcm", SKS_CIPHER_AEAD, 16, 16, 12, 16},
    {"aes-192-gcm", SKS_CIPHER_AEAD, 24, 24, 12, 16},
    {"aes-256-gcm", SKS_CIPHER_AEAD, 32, 32, 12, 16},
    {"chacha20-ietf-poly1305", SKS_CIPHER_AEAD, 32, 32, 12, 16},
    {"xchacha20-ietf-poly1305", SKS_CIPHER_AEAD, 32, 32, 24, 16},
    {"aes-128-cfb", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"aes-192-cfb", SKS_CIPHER_STREAM, 24, 16, 0, 0},
    {"aes-256-cfb", SKS_CIPHER_STREAM, 32, 16, 0, 0},
    {"aes-128-ctr", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"aes-192-ctr", SKS_CIPHER_STREAM, 24, 16, 0, 0},
    {"aes-256-ctr", SKS_CIPHER_STREAM, 32, 16, 0, 0},
    {"aes-128-ofb", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"aes-192-ofb", SKS_CIPHER_STREAM, 24, 16, 0, 0},
    {"aes-256-ofb", SKS_CIPHER_STREAM, 32, 16, 0, 0},
    {"aes-128-cfb1", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"aes-192-cfb1", SKS_CIPHER_STREAM, 24, 16, 0, 0},
    {"aes-256-cfb1", SKS_CIPHER_STREAM, 32, 16, 0, 0},
    {"aes-128-cfb8", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"aes-192-cfb8", SKS_CIPHER_STREAM, 24, 16, 0, 0},
    {"aes-256-cfb8", SKS_CIPHER_STREAM, 32, 16, 0, 0},
    {"camellia-128-cfb", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"camellia-192-cfb", SKS_CIPHER_STREAM, 24, 16, 0, 0},
    {"camellia-256-cfb", SKS_CIPHER_STREAM, 32, 16, 0, 0},
    {"bf-cfb", SKS_CIPHER_STREAM, 16, 8, 0, 0},
    {"cast5-cfb", SKS_CIPHER_STREAM, 16, 8, 0, 0},
    {"idea-cfb", SKS_CIPHER_STREAM, 16, 8, 0, 0},
    {"rc2-cfb", SKS_CIPHER_STREAM, 16, 8, 0, 0},
    {"des-cfb", SKS_CIPHER_STREAM, 8, 8, 0, 0},
    {"seed-cfb", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"rc4", SKS_CIPHER_STREAM, 16, 0, 0, 0},
    {"rc4-md5", SKS_CIPHER_STREAM, 16, 16, 0, 0},
    {"salsa20", SKS_CIPHER_STREAM, 32, 8, 0, 0},
    {"chacha20", SKS_CIPHER_STREAM, 32, 8, 0, 0},
    {"chacha20-ietf", SKS_CIPHER_STREAM, 32, 12, 0, 0},
    {"xchacha20", SKS_CIPHER_STREAM, 32, 24, 0, 0},
    {"table", SKS_CIPHER_TABLE, 0, 0, 0, 0},
    {"none", SKS_CIPHER_NONE, 0, 0, 0, 0},
};

static void every_method_is_known_with_its_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct sks_cipher *cipher = NULL;
        enum sks_status s = sks_cipher_find(&cipher, facts[i].name);
        assert_true(s == SKS_OK || s == SKS_ERR_METHOD_MISSING);
        assert_non_null(cipher);
        assert_string_equal(cipher->name, facts[i].name);
        assert_int_equal(cipher->kind, facts[i].kind);
        assert_int_equal(cipher->key_size, facts[i].key);
        assert_int_equal(cipher->iv_size, facts[i].iv);
        assert_int_equal(cipher->nonce_size, facts[i].nonce);
        assert_int_equal(cipher->tag_size, facts[i].tag);
        assert_true(cipher->key_size <= SKS_KEY_MAX && cipher->iv_size <= SKS_IV_MAX);
        assert_true(strlen(cipher->library) > 0 && strlen(cipher->algorithm) > 0);
    }
}

static void the_table_has_these_rows_and_no_other(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct sks_cipher *cipher; (cipher = sks_cipher_at(n)) != NULL; n++) {
        size_t hits = 0;
        for (size_t i = 0; i < COUNT(facts); i++)
            hits += strcmp(cipher->name, facts[i].name) == 0;
        assert_int_equal(hits, 1);
        const struct sks_cipher *found = NULL;
        (void)sks_cipher_find(&found, cipher->name);
        assert_ptr_equal(found, cipher);
    }
    assert_int_equal(n, COUNT(facts));
    assert_null(sks_cipher_at(n));
    assert_null(sks_cipher_at(SIZE_MAX));
}

/* What every libcrypto 3 and libsodium 1.0.18 carry is here without the legacy provider. */
static void the_methods_of_today_are_there(void **state)
{
    (void)state;
    const struct sks_cipher *cipher;
    for (size_t i = 0; i < COUNT(facts); i++)
        if (facts[i].kind == SKS_CIPHER_AEAD || strncmp(facts[i].name, "aes-", 4) == 0 ||
            strstr(facts[i].name, "20") != NULL)
            assert_int_equal(sks_cipher_find(&cipher, facts[i].name), SKS_OK);
}

/* Not one more is missing than libcrypto, asked here with the same two providers, has not got. */
static void what_libcrypto_has_is_found(void **state)
{
    (void)state;
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *base = OSSL_PROVIDER_load(context, "default");
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(context, "legacy");
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const struct sks_cipher *cipher = sks_cipher_at(i);
        if (strcmp(cipher->library, "libcrypto") != 0)
            continue;
        EVP_CIPHER *evp = EVP_CIPHER_fetch(context, cipher->algorithm, NULL);
        assert_int_equal(sks_cipher_find(&cipher, cipher->name),
                         evp != NULL ? SKS_OK : SKS_ERR_METHOD_MISSING);
        EVP_CIPHER_free(evp);
    }
    if (legacy != NULL)
        OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(base);
    OSSL_LIB_CTX_free(context);
}

static void unknown_names_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"",         "aes",          "AES-256-GCM", "aes-256-gcm ",
                                        " table",   "aes-512-gcm",  "rc4-md6",     "chacha20-ietf-",
                                        "nonesuch", "aes-256-gcm\n"};
    const struct sks_cipher *const before = sks_cipher_at(0);
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct sks_cipher *cipher = before;
        assert_int_equal(sks_cipher_find(&cipher, names[i]), SKS_ERR_METHOD);
        assert_ptr_equal(cipher, before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_is_known_with_its_sizes),
        cmocka_unit_test(the_table_has_these_rows_and_no_other),
        cmocka_unit_test(the_methods_of_today_are_there),
        cmocka_unit_test(what_libcrypto_has_is_found),
        cmocka_unit_test(unknown_names_are_refused_and_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
