/* A libcrypto without its legacy provider: what needs it is known, missing, and says so by name. */
#include "test.h"

static void missing_methods_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *name, *algorithm;
    } legacy[] = {{"rc4", "RC4"},           {"rc4-md5", "RC4"},
                  {"bf-cfb", "BF-CFB"},     {"cast5-cfb", "CAST5-CFB"},
                  {"rc2-cfb", "RC2-CFB"},   {"des-cfb", "DES-CFB"},
                  {"seed-cfb", "SEED-CFB"}, {"idea-cfb", "IDEA-CFB"}};
    for (size_t i = 0; i < COUNT(legacy); i++) {
        const struct sks_cipher *cipher = NULL;
        assert_int_equal(sks_cipher_find(&cipher, legacy[i].name), SKS_ERR_METHOD_MISSING);
        assert_string_equal(cipher->name, legacy[i].name);
        assert_string_equal(cipher->library, "libcrypto");
        assert_string_equal(cipher->algorithm, legacy[i].algorithm);
        struct sks_stream *stream = NULL;
        assert_int_equal(sks_stream_new(&stream, cipher, SKS_ENCRYPT), SKS_ERR_METHOD_MISSING);
        assert_null(stream);
    }
}

static void the_others_work(void **state)
{
    (void)state;
    static const char *const names[] = {"aes-256-gcm",  "chacha20-ietf-poly1305",
                                        "aes-128-cfb1", "camellia-256-cfb",
                                        "salsa20",      "table",
                                        "none"};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_non_null(available(names[i]));
}

int main(void)
{
    setenv("OPENSSL_MODULES", "/nonexistent", 1); /* ossl-modules lie there, OSSL_PROVIDER(7) */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_methods_are_named),
        cmocka_unit_test(the_others_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
