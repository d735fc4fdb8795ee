/* A libcrypto without its legacy provider, and without AES-256-GCM: what needs them is known,
 * missing, and says so by name. */
#include "test.h"

#include <dlfcn.h>
#include <openssl/evp.h>

EVP_CIPHER *EVP_CIPHER_fetch(OSSL_LIB_CTX *context, const char *algorithm, const char *properties)
{
    EVP_CIPHER *(*real)(OSSL_LIB_CTX *, const char *, const char *);
    void *found = dlsym(RTLD_NEXT, "EVP_CIPHER_fetch");
    memcpy(&real, &found, sizeof real);
    return strcmp(algorithm, "AES-256-GCM") == 0 ? NULL : real(context, algorithm, properties);
}

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

static void an_aead_method_that_is_missing_has_no_sealer(void **state)
{
    (void)state;
    const struct sks_cipher *cipher = NULL;
    struct sks_sealer *sealer = NULL;
    assert_int_equal(sks_cipher_find(&cipher, "aes-256-gcm"), SKS_ERR_METHOD_MISSING);
    assert_string_equal(cipher->algorithm, "AES-256-GCM");
    assert_int_equal(sks_sealer_new(&sealer, cipher), SKS_ERR_METHOD_MISSING);
    assert_null(sealer);
}

static void the_others_work(void **state)
{
    (void)state;
    static const char *const names[] = {"aes-128-gcm",  "chacha20-ietf-poly1305",
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
        cmocka_unit_test(an_aead_method_that_is_missing_has_no_sealer),
        cmocka_unit_test(the_others_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
