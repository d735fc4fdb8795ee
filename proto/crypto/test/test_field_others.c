/* Faults of others, 38 to 58. */
#include "session_field.h"

static void field_38_a_reflected_stream_shows_our_own_salt_first(void **state)
{
    struct family f;
    (void)state;
    need(&f, "aes-256-gcm", 0);
    pair_open(&pair, &f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
    pipe_put(&pair.target_down, LITERAL(TARGET "GET /")); /* an answer that reads as a request */
    pair_run(&pair, &whole);
    struct pipe reflected = pair.wire_down;
    pair_close(&pair);
    pair_open(&pair, &f);
    pair.server.refuse_salt = SKS_ERR_REPLAY; /* what a filter that knows its own salts says */
    pipe_put(&pair.wire_up, reflected.octets, reflected.put);
    pair_run(&pair, &whole);
    assert_memory_equal(pair.server.salt, f.salt[1], 32);
    assert_int_equal(pair.server.target_len, 0);
    assert_true(pair.server.drained);
    pair_close(&pair);
    family_close(&f);
}

static void field_39_the_longest_chunks(void **state)
{
    static uint8_t octets[SKS_OTA_CHUNK_MAX], data[65535];
    (void)state;
    fill(data, sizeof data, 6);
    for (size_t len = 65520; len <= 65535; len++) {
        struct family f;
        serve(&f, SKS_SS_OTA_ALLOWED);
        assert_true(sks_session_hold(&pair.server.s) >= SKS_OTA_CHUNK_MAX);
        size_t n = ota_header(octets, &f);
        serve_octets(octets, n);
        n = ota_chunk(octets, 0, data, len);
        serve_octets(octets, n);
        assert_int_equal(pair.target_up.put, len);
        assert_memory_equal(pair.target_up.octets, data, len);
        pair_close(&pair);
    }
}

static void field_43_a_salt_is_said_only_after_authentication(void **state)
{
    uint8_t octets[128];
    struct sks_aead aead;
    struct family f;
    (void)state;
    size_t n = start(&aead, &f, octets);
    n += seal(&aead, &f, octets + n, sizeof TARGET - 1, TARGET, sizeof TARGET - 1);
    octets[n - 1] ^= 1;
    serve_octets(octets, n);
    assert_int_equal(pair.server.salts, 0);
    assert_true(pair.server.drained);
    pair_close(&pair);
    pair_open(&pair, &f);
    octets[n - 1] ^= 1;
    serve_octets(octets, n);
    assert_int_equal(pair.server.salts, 1);
    assert_int_equal(pair.server.target_len, sizeof TARGET - 1);
    pair_close(&pair);
    family_close(&f);
}

static void field_48_the_end_does_not_tell_how_much_was_read(void **state)
{
    (void)state;
    for (size_t n = 1; n < 120; n++) {
        uint8_t noise[120];
        struct family f;
        need(&f, "chacha20-ietf-poly1305", 0);
        pair_open(&pair, &f);
        fill(noise, sizeof noise, (uint32_t)n);
        serve_octets(noise, n);
        assert_int_equal(pair.server.closings, n >= 50); /* known to us, by a drain, not outside */
        assert_true(pair.server.drained || n < 50);
        assert_int_equal(pair.wire_down.put, 0);
        pair_close(&pair);
        family_close(&f);
    }
}

static void field_50_54_credentials_are_compared_whole(void **state)
{
    static const struct {
        const char *octets;
        size_t n;
        int right;
    } tries[] = {
#define TRY(text, right) {text, sizeof(text) - 1, right}
        TRY("\x01\x04user\x04pass", 1),     TRY("\x01\x04user\x06pass\x00x", 0),
        TRY("\x01\x04user\x05pass\x00", 0), TRY("\x01\x04user\x03pas", 0),
        TRY("\x01\x05user\x00\x04pass", 0), TRY("\x01\x03use\x04pass", 0),
        TRY("\x01\x00\x04pass", 0),         TRY("\x01\x04user\x00\x05\x01", 0),
    };
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(tries); i++) {
        struct family f;
        need(&f, "none", 0);
        f.local.policy.uname = f.local.policy.passwd = NULL;
        f.local.policy.uname = (const uint8_t *)"user";
        f.local.policy.passwd = (const uint8_t *)"pass";
        f.local.policy.ulen = f.local.policy.plen = 4;
        pair_open(&pair, &f);
        pipe_put(&pair.client_up, LITERAL("\x05\x02\x00\x02"));
        pipe_put(&pair.client_up, (const uint8_t *)tries[i / 2].octets, tries[i / 2].n);
        pipe_put(&pair.client_up, LITERAL(REQUEST "hi")); /* all of it at once */
        pair_run(&pair, i % 2 ? &one : &whole);
        assert_memory_equal(pair.client_down.octets,
                            tries[i / 2].right ? "\x05\x02\x01\x00" : "\x05\x02\x01\x01", 4);
        assert_int_equal(pair.client_down.put, tries[i / 2].right ? 4 + 10 : 4);
        assert_target_got(tries[i / 2].right ? "hi" : "");
        pair_close(&pair);
    }
}

static void field_57_an_empty_first_chunk(void **state)
{
    uint8_t octets[128];
    struct family f;
    (void)state;
    serve(&f, SKS_SS_OTA_REQUIRED);
    size_t n = ota_header(octets, &f);
    n += ota_chunk(octets + n, 0, (const uint8_t *)"", 0);
    n += ota_chunk(octets + n, 1, (const uint8_t *)"hi", 2); /* it took an index */
    serve_octets(octets, n);
    assert_target_got("hi");
    assert_int_equal(pair.server.closings, 0);
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_38_a_reflected_stream_shows_our_own_salt_first),
        cmocka_unit_test(field_39_the_longest_chunks),
        cmocka_unit_test(field_43_a_salt_is_said_only_after_authentication),
        cmocka_unit_test(field_48_the_end_does_not_tell_how_much_was_read),
        cmocka_unit_test(field_50_54_credentials_are_compared_whole),
        cmocka_unit_test(field_57_an_empty_first_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
