/* After set-up nothing allocates; what is freed holds no key. */
#include "heap.h"
#include "test.h"

static uint32_t times = 10000;

static void the_heap_is_watched(void **state)
{
    (void)state;
    static const uint8_t secret[] = "a secret of some octets";
    unsigned long before = heap.allocations;
    heap.secret = secret;
    heap.secret_len = sizeof secret;
    volatile uint8_t *block = malloc(100);
    assert_int_equal(heap.allocations, before + 1);
    for (size_t i = 0; i < sizeof secret; i++)
        block[20 + i] = secret[i];
    free((void *)(uintptr_t)block);
    heap.secret = NULL;
    assert_int_equal(heap.secrets, 1);
    heap.secrets = 0;
    before = heap.allocations;
    const struct sks_cipher *cipher = available("aes-256-gcm");
    struct sks_sealer *sealer;
    assert_int_equal(sks_sealer_new(&sealer, cipher), SKS_OK);
    sks_sealer_free(sealer);
    assert_true(heap.allocations > before + 2); /* ours, and libcrypto's own */
}

/* Two sessions in turns on one sealer, so that each chunk loads its key; a new subkey each time. */
static void sealing_and_opening_allocate_nothing(void **state)
{
    (void)state;
    uint8_t salt[SKS_IV_MAX] = {0}, text[200 + SKS_TAG_SIZE] = {0};
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const struct sks_cipher *cipher = sks_cipher_at(i);
        if (cipher->kind != SKS_CIPHER_AEAD)
            continue;
        struct sks_key key = key_of(cipher, "password");
        struct sks_aead one, other, open;
        struct sks_sealer *sealer;
        int failures = 0;
        assert_int_equal(sks_sealer_new(&sealer, cipher), SKS_OK);
        unsigned long before = heap.allocations;
        failures += sks_aead_start(&other, &key, salt, cipher->iv_size) != SKS_OK;
        for (uint32_t n = 0; n < times; n++) {
            salt[0] = (uint8_t)n, salt[1] = (uint8_t)(n >> 8);
            failures += sks_aead_start(&one, &key, salt, cipher->iv_size) != SKS_OK;
            open = one;
            failures += sks_aead_seal(&one, sealer, text, 200, text + 200) != SKS_OK;
            failures += sks_aead_open(&open, sealer, text, 200, text + 200) != SKS_OK;
            failures += sks_aead_seal(&other, sealer, text, 2, text + 2) != SKS_OK;
            failures += sks_aead_seal(&other, sealer, text, 200, text + 200) != SKS_OK;
        }
        assert_int_equal(heap.allocations - before, 0);
        assert_int_equal(failures, 0);
        sks_sealer_free(sealer);
    }
}

static void streams_allocate_nothing(void **state)
{
    (void)state;
    uint8_t iv[SKS_IV_MAX] = {0}, text[100] = {0};
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const struct sks_cipher *cipher = available(sks_cipher_at(i)->name);
        if (cipher == NULL || cipher->kind == SKS_CIPHER_AEAD)
            continue;
        struct sks_key key = key_of(cipher, "password");
        struct sks_stream *stream;
        int failures = 0;
        assert_int_equal(sks_stream_new(&stream, cipher, SKS_ENCRYPT), SKS_OK);
        unsigned long before = heap.allocations;
        for (uint32_t n = 0; n < times; n++) {
            iv[0] = (uint8_t)n, iv[1] = (uint8_t)(n >> 8);
            if (n < times / 2) /* a datagram each, then one connection */
                failures += sks_stream_start(stream, &key, iv, cipher->iv_size) != SKS_OK;
            failures += sks_stream_update(stream, text, sizeof text) != SKS_OK;
        }
        assert_int_equal(heap.allocations - before, 0);
        assert_int_equal(failures, 0);
        sks_stream_free(stream);
    }
}

/* An idle session holds two of them: a method's stream has no room for what others need. */
static void a_stream_takes_what_its_method_needs(void **state)
{
    static const struct {
        const char *method;
        size_t most; /* octets: a pointer or two, and 192 of a keystream's state, 256 of a table */
    } rows[] = {{"aes-256-cfb", 32}, {"none", 32}, {"chacha20", 32 + 192}, {"table", 32 + 256}};
    (void)state;
    if (HEAP_ASAN)
        skip();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sks_stream *stream;
        assert_int_equal(sks_stream_new(&stream, available(rows[i].method), SKS_ENCRYPT), SKS_OK);
        assert_in_range(heap.zeroed, 1, rows[i].most);
        sks_stream_free(stream);
    }
}

static void tags_allocate_nothing(void **state)
{
    (void)state;
    uint8_t iv[SKS_IV_MAX] = {0}, data[1400] = {0}, tag[SKS_OTA_TAG_SIZE], whole[SKS_SHA1_SIZE];
    struct sks_key key = key_of(available("aes-256-cfb"), "password");
    int failures = 0;
    unsigned long before = heap.allocations;
    for (uint32_t n = 0; n < times; n++) {
        failures += sks_ota_tag(tag, &key, iv, key.cipher->iv_size, data, n % 300) != SKS_OK;
        sks_ota_chunk_tag(tag, n, iv, key.cipher->iv_size, data, sizeof data);
        sks_hmac_sha1(whole, data, n % 100, NULL, 0, data, n % 300);
        failures += sks_ota_check(tag, tag) != SKS_OK;
        failures += sks_key_set(&key, key.cipher, key.octets, key.size) != SKS_OK;
    }
    assert_int_equal(heap.allocations - before, 0);
    assert_int_equal(failures, 0);
}

/* The key, given as octets that are easy to find again, in each object and in libcrypto's. */
static void what_is_freed_holds_no_key(void **state)
{
    (void)state;
    uint8_t octets[SKS_KEY_MAX], iv[SKS_IV_MAX] = {0}, text[100 + SKS_TAG_SIZE] = {0};
    fill(octets, sizeof octets, 77);
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const struct sks_cipher *cipher = available(sks_cipher_at(i)->name);
        if (cipher == NULL || cipher->key_size == 0)
            continue;
        heap.secret = octets;
        heap.secret_len = cipher->key_size > 16 ? 16 : cipher->key_size;
        if (cipher->kind == SKS_CIPHER_AEAD) {
            struct sks_aead aead = {.cipher = cipher};
            struct sks_sealer *sealer;
            memcpy(aead.subkey, octets, cipher->key_size);
            assert_int_equal(sks_sealer_new(&sealer, cipher), SKS_OK);
            assert_int_equal(sks_aead_seal(&aead, sealer, text, 100, text + 100), SKS_OK);
            aead.nonce = 0;
            assert_int_equal(sks_aead_open(&aead, sealer, text, 100, text + 100), SKS_OK);
            sks_sealer_free(sealer);
        } else {
            struct sks_key key;
            struct sks_stream *stream;
            assert_int_equal(sks_key_set(&key, cipher, octets, cipher->key_size), SKS_OK);
            assert_int_equal(sks_stream_new(&stream, cipher, SKS_DECRYPT), SKS_OK);
            assert_int_equal(sks_stream_start(stream, &key, iv, cipher->iv_size), SKS_OK);
            assert_int_equal(sks_stream_update(stream, text, 100), SKS_OK);
            sks_stream_free(stream);
        }
        heap.secret = NULL;
        if (heap.secrets != 0)
            fail_msg("%s leaves its key on the heap", cipher->name);
    }
}

int main(void)
{
    if (getenv("SOCKSPEC_QUICK") != NULL) /* under memcheck */
        times = 500;
    if (!heap_watch())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heap_is_watched),
        cmocka_unit_test(sealing_and_opening_allocate_nothing),
        cmocka_unit_test(streams_allocate_nothing),
        cmocka_unit_test(a_stream_takes_what_its_method_needs),
        cmocka_unit_test(tags_allocate_nothing),
        cmocka_unit_test(what_is_freed_holds_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
