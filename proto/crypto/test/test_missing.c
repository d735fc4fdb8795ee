/* A libcrypto without its legacy provider, and without AES-256-GCM; libraries that cannot be set
 * up: what needs them is known, missing, and says so by name. */
#include "test.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

static int nothing_is_set_up;

OSSL_LIB_CTX *OSSL_LIB_CTX_new(void)
{
    OSSL_LIB_CTX *(*real)(void);
    void *found = dlsym(RTLD_NEXT, "OSSL_LIB_CTX_new");
    memcpy(&real, &found, sizeof real);
    return nothing_is_set_up ? NULL : real();
}

int sodium_init(void)
{
    int (*real)(void);
    void *found = dlsym(RTLD_NEXT, "sodium_init");
    memcpy(&real, &found, sizeof real);
    return nothing_is_set_up ? -1 : real();
}

EVP_CIPHER *EVP_CIPHER_fetch(OSSL_LIB_CTX *context, const char *algorithm, const char *properties)
{
    EVP_CIPHER *(*real)(OSSL_LIB_CTX *, const char *, const char *);
    void *found = dlsym(RTLD_NEXT, "EVP_CIPHER_fetch");
    memcpy(&real, &found, sizeof real);
    return strcmp(algorithm, "AES-256-GCM") == 0 ? NULL : real(context, algorithm, properties);
}

/* Neither libcrypto nor libsodium can be set up: their methods are missing, what is done here is
 * not. In a process of its own, for what is loaded is loaded once. */
static void libraries_that_cannot_be_set_up_have_nothing(void **state)
{
    (void)state;
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int wrong = 0;
        nothing_is_set_up = 1;
        for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
            const struct sks_cipher *cipher = sks_cipher_at(i);
            int is_ours = strcmp(cipher->library, "sockspec") == 0;
            enum sks_status s = sks_cipher_find(&cipher, cipher->name);
            wrong += s != (is_ours ? SKS_OK : SKS_ERR_METHOD_MISSING);
        }
        _exit(wrong);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* What is not found leaves no errors in the thread's queue, and what lay there stays. */
static void loading_leaves_the_errors_of_others(void **state)
{
    (void)state;
    const struct sks_cipher *cipher;
    ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
    unsigned long error = ERR_peek_error();
    assert_int_equal(sks_cipher_find(&cipher, "aes-128-gcm"), SKS_OK);
    assert_int_equal(ERR_get_error(), error);
    assert_int_equal(ERR_get_error(), 0);
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
        cmocka_unit_test(libraries_that_cannot_be_set_up_have_nothing), /* the first two: first */
        cmocka_unit_test(loading_leaves_the_errors_of_others),
        cmocka_unit_test(missing_methods_are_named),
        cmocka_unit_test(an_aead_method_that_is_missing_has_no_sealer),
        cmocka_unit_test(the_others_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
