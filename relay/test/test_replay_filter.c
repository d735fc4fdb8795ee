#include "../replay_filter.h"

#include "test.h"

#include <pthread.h>

static struct sks_key key_of(const char *method, const char *password)
{
    const struct sks_cipher *cipher;
    struct sks_key key;
    assert_int_equal(sks_cipher_find(&cipher, method), SKS_OK);
    assert_int_equal(
        sks_key_from_password(&key, cipher, (const uint8_t *)password, strlen(password)), SKS_OK);
    return key;
}

static struct replay_filter *filter_of(uint16_t port, const char *method, const char *password,
                                       enum replay_kind kind)
{
    struct sks_key key = key_of(method, password);
    return replay_filter_hold(port, &key, kind);
}

/* The n-th salt: all are different, and so are the last octets alone. */
static const uint8_t *salt_of(uint32_t n)
{
    static _Thread_local uint8_t salt[SKS_IV_MAX];
    memset(salt, 0, sizeof salt);
    for (int i = 0; i < 4; i++)
        salt[i] = salt[28 + i] = (uint8_t)(n >> (8 * i));
    return salt;
}

static int sweep(void **state)
{
    (void)state;
    replay_filter_sweep();
    return 0;
}

static void a_salt_is_new_once(void **state)
{
    (void)state;
    struct replay_filter *f = filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS);
    assert_true(replay_filter_add(f, salt_of(1)));
    assert_false(replay_filter_add(f, salt_of(1)));
    assert_true(replay_filter_add(f, salt_of(2)));
    assert_false(replay_filter_add(f, salt_of(1)));
    replay_filter_release(f);
}

static void no_false_positive_and_the_oldest_out_first(void **state)
{
    (void)state;
    struct replay_filter *f = filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS);
    for (uint32_t i = 0; i < REPLAY_FILTER_SALTS; i++)
        if (!replay_filter_add(f, salt_of(i)))
            fail_msg("salt %u was never there", i);
    for (uint32_t i = 0; i < REPLAY_FILTER_SALTS; i += 97)
        if (replay_filter_add(f, salt_of(i)))
            fail_msg("salt %u is forgotten", i);
    assert_true(replay_filter_add(f, salt_of(REPLAY_FILTER_SALTS)));
    assert_false(replay_filter_add(f, salt_of(1)));
    assert_true(replay_filter_add(f, salt_of(0))); /* it was the oldest; now 1 is out */
    assert_true(replay_filter_add(f, salt_of(1)));
    assert_false(replay_filter_add(f, salt_of(3)));
    for (uint32_t i = 0; i < 3 * REPLAY_FILTER_SALTS; i++) /* round and round */
        assert_true(replay_filter_add(f, salt_of(1000000 + i)));
    assert_false(replay_filter_add(f, salt_of(1000000 + 3 * REPLAY_FILTER_SALTS - 100000)));
    replay_filter_release(f);
}

static void a_short_iv_counts_as_it_is(void **state)
{
    (void)state;
    struct replay_filter *f = filter_of(1, "salsa20", "pw", REPLAY_STREAMS);
    uint8_t iv[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assert_true(replay_filter_add(f, iv));
    iv[8] = 0; /* behind the IV of 8 octets */
    assert_false(replay_filter_add(f, iv));
    iv[7] = 0;
    assert_true(replay_filter_add(f, iv));
    replay_filter_release(f);
}

static void one_for_each_port_key_and_kind(void **state)
{
    (void)state;
    struct replay_filter *all[] = {filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS),
                                   filter_of(2, "aes-256-gcm", "pw", REPLAY_STREAMS),
                                   filter_of(1, "aes-256-gcm", "other", REPLAY_STREAMS),
                                   filter_of(1, "chacha20-ietf-poly1305", "pw", REPLAY_STREAMS),
                                   filter_of(1, "aes-256-gcm", "pw", REPLAY_DATAGRAMS)};
    for (size_t i = 0; i < COUNT(all); i++)
        assert_true(replay_filter_add(all[i], salt_of(7)));
    for (size_t i = 0; i < COUNT(all); i++)
        replay_filter_release(all[i]);
}

static void kept_while_somebody_holds_it(void **state)
{
    (void)state;
    struct replay_filter *before = filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS);
    assert_true(replay_filter_add(before, salt_of(5)));
    struct replay_filter *after = filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS);
    assert_ptr_equal(before, after);
    replay_filter_release(before);
    replay_filter_sweep();
    assert_false(replay_filter_add(after, salt_of(5)));
    replay_filter_release(after);
    replay_filter_sweep();
    after = filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS);
    assert_true(replay_filter_add(after, salt_of(5)));
    replay_filter_release(after);
}

static void a_method_without_salt_has_none(void **state)
{
    (void)state;
    assert_null(filter_of(1, "table", "pw", REPLAY_STREAMS));
    assert_true(replay_filter_add(NULL, salt_of(1)));
    assert_true(replay_filter_add(NULL, salt_of(1)));
}

enum { THREADS = 4, SALTS = 20000 };

static void *add_all(void *filter)
{
    uintptr_t was_new = 0;
    for (uint32_t i = 0; i < SALTS; i++)
        was_new += (uintptr_t)replay_filter_add(filter, salt_of(i));
    return (void *)was_new;
}

static void of_several_threads_one_gets_it(void **state)
{
    (void)state;
    struct replay_filter *f = filter_of(1, "aes-256-gcm", "pw", REPLAY_STREAMS);
    pthread_t threads[THREADS];
    uintptr_t sum = 0;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_all, f), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *was_new;
        pthread_join(threads[i], &was_new);
        sum += (uintptr_t)was_new;
    }
    assert_int_equal(sum, SALTS);
    replay_filter_release(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_salt_is_new_once, sweep),
        cmocka_unit_test_teardown(no_false_positive_and_the_oldest_out_first, sweep),
        cmocka_unit_test_teardown(a_short_iv_counts_as_it_is, sweep),
        cmocka_unit_test_teardown(one_for_each_port_key_and_kind, sweep),
        cmocka_unit_test_teardown(kept_while_somebody_holds_it, sweep),
        cmocka_unit_test_teardown(a_method_without_salt_has_none, sweep),
        cmocka_unit_test_teardown(of_several_threads_one_gets_it, sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
