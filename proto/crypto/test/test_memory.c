/* libcrypto runs out of memory at any of its allocations: refused by name, nothing lost or set. */
#include "test.h"

#include <openssl/crypto.h>

static size_t left = SIZE_MAX; /* allocations that still succeed */

static void *some_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return left > 0 && left-- > 0 ? malloc(size) : NULL;
}

static void *some_realloc(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return left > 0 && left-- > 0 ? realloc(block, size) : NULL;
}

static void some_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    free(block);
}

static void a_sealer_without_memory(void **state)
{
    (void)state;
    const struct sks_cipher *cipher = available("aes-256-gcm");
    enum sks_status s = SKS_ERR_LIBRARY;
    size_t failures = 0;
    for (; s != SKS_OK; failures++) {
        struct sks_sealer *sealer = NULL;
        left = failures;
        s = sks_sealer_new(&sealer, cipher);
        left = SIZE_MAX;
        assert_int_equal(s, sealer != NULL ? SKS_OK : SKS_ERR_LIBRARY);
        sks_sealer_free(sealer);
    }
    assert_true(failures > 4); /* two contexts, and the provider's half of each */
}

static void a_stream_without_memory(void **state)
{
    (void)state;
    const struct sks_cipher *cipher = available("aes-256-cfb");
    enum sks_status s = SKS_ERR_LIBRARY;
    size_t failures = 0;
    for (; s != SKS_OK; failures++) {
        struct sks_stream *stream = NULL;
        left = failures;
        s = sks_stream_new(&stream, cipher, SKS_ENCRYPT);
        left = SIZE_MAX;
        assert_int_equal(s, stream != NULL ? SKS_OK : SKS_ERR_LIBRARY);
        sks_stream_free(stream);
    }
    assert_true(failures > 2);
}

int main(void)
{
    if (CRYPTO_set_mem_functions(some_malloc, some_realloc, some_free) != 1)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealer_without_memory),
        cmocka_unit_test(a_stream_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
