/* Faults of shadowsocks-libev, 21 to 37, and those that others share with them. */
#include "session_field.h"

static void field_21_a_tag_in_pieces(void **state)
{
    uint8_t octets[64];
    struct family f;
    (void)state;
    serve(&f, SKS_SS_OTA_REQUIRED);
    size_t n = ota_header(octets, &f);
    n += ota_chunk(octets + n, 0, (const uint8_t *)"hello", 5);
    for (size_t i = 0; i < n; i++) {
        assert_target_got("");
        serve_octets(octets + i, 1);
    }
    assert_target_got("hello");
    pair_close(&pair);
}

static void field_22_25_the_greeting_is_read(void **state)
{
    static uint8_t greeting[257] = {5, 255};
    (void)state;
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, "\x04\x01\x00", "", 1);
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, "\x05\x01\x01", "\x05\xff", 1);
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, "\x05\x01", "", 0);
    memset(greeting + 2, 0x80, 254); /* NMETHODS is no signed octet */
    assert_answer(SKS_ROLE_SSLOCAL, greeting, 257, "\x05\x00", 2, 0);
}

static void field_23_27_nothing_is_answered_before_the_request_is_whole(void **state)
{
    static const char request[] = GREETING "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50";
    (void)state;
    for (size_t n = 3; n < sizeof request - 1; n++)
        assert_answer(SKS_ROLE_SSLOCAL, (const uint8_t *)request, n, "\x05\x00", 2, 0);
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, GREETING "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50", ANSWERS,
                  0); /* and once, whatever the segments */
}

static void field_26_error_replies_are_whole(void **state)
{
    (void)state;
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, GREETING "\x05\x05" REST_V4, REPLY("\x07"), 1);
    assert_int_equal(pair.client_down.put, 2 + 10);
}

static void field_29_45_a_header_over_several_chunks(void **state)
{
    static const char text[] = TARGET "hi";
    enum { HEADER = sizeof TARGET - 1, ALL = HEADER + 2 };
    (void)state;
    for (size_t size = 1; size <= ALL; size++)     /* of each chunk */
        for (size_t empty = 0; empty < 2; empty++) /* with empty chunks in between */
            for (size_t split = 0; split < 2; split++) {
                uint8_t octets[ALL * 2 * 40 + 64];
                struct sks_aead aead;
                struct family f;
                size_t n = start(&aead, &f, octets);
                for (size_t at = 0; at < ALL; at += size) {
                    size_t left = ALL - at < size ? ALL - at : size;
                    n += seal(&aead, &f, octets + n, left, text + at, left);
                    if (empty)
                        n += seal(&aead, &f, octets + n, 0, "", 0);
                }
                exact_blocks = 1;
                pipe_put(&pair.wire_up, octets, n);
                while (turn(&pair.server, split ? &one : &whole))
                    continue;
                exact_blocks = 0;
                assert_int_equal(pair.server.target_len, HEADER);
                assert_memory_equal(pair.server.target, TARGET, HEADER);
                assert_target_got("hi");
                assert_int_equal(pair.server.hold[LOCAL].n, 0);
                pair_close(&pair);
                family_close(&f);
            }
}

static void field_30_reserved_length_bits(void **state)
{
    static const size_t lengths[] = {0x4000, 0x8000, 0xc00e, 0xffff, 0x400e};
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        uint8_t octets[128];
        struct sks_aead aead;
        struct family f;
        size_t n = start(&aead, &f, octets);
        n += seal(&aead, &f, octets + n, lengths[i], TARGET, sizeof TARGET - 1);
        serve_octets(octets, n);
        assert_int_equal(pair.server.why, SKS_ERR_CHUNK_LENGTH);
        assert_true(pair.server.drained);
        assert_int_equal(pair.server.target_len, 0);
        pair_close(&pair);
        family_close(&f);
    }
}

static void field_31_46_a_name_of_255_octets(void **state)
{
    uint8_t header[259] = {3, 255};
    struct family f;
    (void)state;
    memset(header + 2, 'x', 255);
    header[258] = 80;
    serve(&f, SKS_SS_PLAIN);
    serve_octets(header, 258); /* the port is not read before it is there */
    assert_int_equal(pair.server.target_len, 0);
    serve_octets(header + 258, 1);
    assert_int_equal(pair.server.target_len, 259);
    assert_memory_equal(pair.server.target, header, 259);
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_21_a_tag_in_pieces),
        cmocka_unit_test(field_22_25_the_greeting_is_read),
        cmocka_unit_test(field_23_27_nothing_is_answered_before_the_request_is_whole),
        cmocka_unit_test(field_26_error_replies_are_whole),
        cmocka_unit_test(field_29_45_a_header_over_several_chunks),
        cmocka_unit_test(field_30_reserved_length_bits),
        cmocka_unit_test(field_31_46_a_name_of_255_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
