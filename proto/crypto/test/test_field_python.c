/* Faults of Python shadowsocks, 1 to 20: ours has none. */
#include "session_field.h"

static void field_01_verified_data_before_a_partial_chunk_head(void **state)
{
    uint8_t octets[64];
    struct family f;
    (void)state;
    for (size_t head = 0; head < SKS_OTA_CHUNK_HEAD + 2; head++) {
        serve(&f, SKS_SS_OTA_ALLOWED);
        size_t n = ota_header(octets, &f);
        n += ota_chunk(octets + n, 0, (const uint8_t *)"aa", 2);
        ota_chunk(octets + n, 1, (const uint8_t *)"bb", 2);
        serve_octets(octets, n + head);
        assert_target_got("aa");
        serve_octets(octets + n + head, SKS_OTA_CHUNK_HEAD + 2 - head);
        assert_target_got("aabb");
        pair_close(&pair);
    }
}

static void field_02_a_wrong_tag_ends_it(void **state)
{
    uint8_t octets[64];
    struct family f;
    (void)state;
    serve(&f, SKS_SS_OTA_ALLOWED);
    size_t n = ota_header(octets, &f);
    serve_octets(octets, n);
    n = ota_chunk(octets, 0, (const uint8_t *)"aa", 2);
    octets[2] ^= 1;
    serve_octets(octets, n);
    assert_int_equal(pair.server.closings, 1);
    assert_int_equal(pair.server.why, SKS_ERR_TAG);
    octets[2] ^= 1; /* a right chunk 0 comes too late */
    serve_octets(octets, n);
    assert_target_got("");
    pair_close(&pair);
}

static void field_03_pipelined_payload_goes_in_chunks_behind_the_header(void **state)
{
    uint8_t want[64];
    struct family f;
    (void)state;
    need(&f, "none", 1);
    pair_open(&pair, &f);
    pipe_put(&pair.client_up, LITERAL("\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"
                                      "hi"));
    pair_run(&pair, &whole);
    size_t n = ota_header(want, &f);
    n += ota_chunk(want + n, 0, (const uint8_t *)"hi", 2);
    assert_int_equal(pair.wire_up.put, n);
    assert_memory_equal(pair.wire_up.octets, want, n);
    assert_target_got("hi");
    pair_close(&pair);
}

/* 4: the greeting, 5: the request and the header, 6 and 33: the IV, each in pieces; and 32: however
 * many. */
static void field_04_05_06_32_33_messages_in_pieces(void **state)
{
    static const char *const methods[] = {"aes-256-cfb", "aes-256-gcm", "none"};
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        struct family f;
        need(&f, methods[i], 0);
        pair_open(&pair, &f);
        pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
        pair_run(&pair, &one);
        pipe_put(&pair.target_down, LITERAL("yo"));
        pair_run(&pair, &one);
        assert_target_got("hi");
        assert_int_equal(pair.client_down.put, sizeof ANSWERS - 1 + 2);
        assert_memory_equal(pair.client_down.octets + sizeof ANSWERS - 1, "yo", 2);
        pair_close(&pair);
        family_close(&f);
    }
}

static void field_07_nothing_is_parsed_afresh_after_a_refused_header(void **state)
{
    uint8_t octets[64];
    struct family f;
    (void)state;
    serve(&f, SKS_SS_OTA_REQUIRED);
    serve_octets((const uint8_t *)"\x01\x7f\x00\x00\x01\x00\x50", 7);
    assert_int_equal(pair.server.why, SKS_ERR_OTA_REQUIRED);
    assert_true(pair.server.drained);
    size_t n = ota_header(octets, &f);
    serve_octets(octets, n);
    assert_int_equal(pair.server.target_len, 0);
    pair_close(&pair);
    serve(&f, SKS_SS_OTA_REQUIRED); /* a tag in pieces is waited for */
    serve_octets(octets, n - 1);
    assert_int_equal(pair.server.closings, 0);
    serve_octets(octets + n - 1, 1);
    assert_int_equal(pair.server.target_len, 7);
    pair_close(&pair);
}

static void field_08_28_types_with_other_bits(void **state)
{
    static const enum sks_ss_mode modes[] = {SKS_SS_PLAIN, SKS_SS_OTA_ALLOWED, SKS_SS_OTA_REQUIRED};
    static const uint8_t taken[][6] = {{1, 3, 4}, {1, 3, 4, 0x11, 0x13, 0x14}, {0x11, 0x13, 0x14}};
    (void)state;
    for (size_t mode = 0; mode < COUNT(modes); mode++)
        for (unsigned type = 0; type < 256; type++) {
            const uint8_t octet = (uint8_t)type;
            struct family f;
            serve(&f, modes[mode]);
            serve_octets(&octet, 1);
            int is_taken = type != 0 && memchr(taken[mode], (int)type, 6) != NULL;
            assert_int_equal(pair.server.closings, !is_taken);
            pair_close(&pair);
        }
}

static void field_09_type_11_of_a_socks_request_goes_nowhere(void **state)
{
    (void)state;
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, GREETING "\x05\x01\x00\x11\x7f\x00\x00\x01\x00\x50",
                  REPLY("\x08"), 1);
    assert_int_equal(pair.wire_up.put, 0);
}

static void field_10_51_52_what_is_not_served_is_answered(void **state)
{
    static const enum sks_role roles[] = {SKS_ROLE_SSLOCAL, SKS_ROLE_SOCKS5};
    (void)state;
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, GREETING "\x05\x02" REST_V4, REPLY("\x07"), 1);
    for (size_t i = 0; i < COUNT(roles); i++) {
        ASSERT_ANSWER(roles[i], GREETING "\x05\xf0" REST_V4, REPLY("\x07"), 1);
        ASSERT_ANSWER(roles[i], GREETING "\x05\x01\x00\x02", REPLY("\x08"), 1);
    }
}

static void field_11_a_plain_socks5_server_answers_when_connected(void **state)
{
    struct family f;
    (void)state;
    need(&f, "none", 0);
    f.local.role = SKS_ROLE_SOCKS5;
    f.local.key = NULL;
    pair_open(&pair, &f);
    pair.local.delay = 2;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
    turn(&pair.local, &whole);
    turn(&pair.local, &whole);
    assert_int_equal(pair.client_down.put, 2);
    while (turn(&pair.local, &whole))
        continue;
    assert_int_equal(pair.client_down.put, 2 + 10);
    assert_memory_equal(pair.client_down.octets + 2, "\x05\x00\x00\x01\x0a\x00\x00\x01\xc0\x01",
                        10);
    assert_memory_equal(pair.wire_up.octets, "hi", 2);
    pair_close(&pair);
}

static void field_12_the_version_of_the_request_is_checked(void **state)
{
    (void)state;
    ASSERT_ANSWER(SKS_ROLE_SSLOCAL, GREETING "\x04\x01" REST_V4, REPLY("\x01"), 1);
    ASSERT_ANSWER(SKS_ROLE_SOCKS5, GREETING "\x04\x01" REST_V4, REPLY("\x01"), 1);
}

static void field_13_a_server_that_speaks_first_is_heard(void **state)
{
    struct family f;
    (void)state;
    need(&f, "aes-256-gcm", 0);
    pair_open(&pair, &f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
    pipe_put(&pair.target_down, LITERAL("220 ready"));
    pair_run(&pair, &whole);
    assert_int_equal(pair.client_down.put, sizeof ANSWERS - 1 + 9);
    pair_close(&pair);
    family_close(&f);
}

static void field_18_a_half_close_leaves_the_other_direction(void **state)
{
    struct family f;
    (void)state;
    need(&f, "aes-256-gcm", 0);
    pair_open(&pair, &f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
    pair.client_up.ended = 1;
    pair_run(&pair, &whole);
    assert_true(pair.target_up.ended);
    for (int i = 0; i < 3; i++) {
        pipe_put(&pair.target_down, LITERAL("yo"));
        pair_run(&pair, &whole);
        assert_int_equal(pair.client_down.put, sizeof ANSWERS - 1 + 2u * (unsigned)(i + 1));
    }
    pair.target_down.ended = 1;
    pair_run(&pair, &whole);
    assert_true(pair.client_down.ended);
    assert_int_equal(pair.local.closings + pair.server.closings, 2);
    pair_close(&pair);
    family_close(&f);
}

static void field_19_nothing_follows_the_end(void **state)
{
    struct family f;
    (void)state;
    for (int kind = 0; kind <= SKS_EVENT_TIMEOUT; kind++) {
        const struct sks_event lost = {.kind = SKS_EVENT_LOST},
                               event = {.kind = (enum sks_event_kind)kind};
        uint8_t room[SKS_SESSION_HEAD + 8 + SKS_SESSION_TAIL] = {0};
        struct sks_step step;
        need(&f, "none", 0);
        pair_open(&pair, &f);
        tell(&pair.local, &lost);
        if (kind == SKS_EVENT_LOCAL || kind == SKS_EVENT_REMOTE)
            assert_int_equal(
                sks_session_octets(&pair.local.s, event.kind, room + SKS_SESSION_HEAD, 8, &step),
                SKS_ERR_EVENT);
        else
            assert_int_equal(sks_session_event(&pair.local.s, &event, &step), SKS_ERR_EVENT);
        assert_int_equal(step.count, 0);
        assert_int_equal(pair.local.s.stage.stage, SKS_STAGE_DESTROYED);
        pair_close(&pair);
    }
}

static void field_20_34_a_salt_can_be_refused_in_time(void **state)
{
    struct family f;
    (void)state;
    need(&f, "aes-256-gcm", 0);
    pair_open(&pair, &f);
    pair.server.refuse_salt = SKS_ERR_REPLAY;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
    pair_run(&pair, &whole);
    assert_memory_equal(pair.server.salt, f.salt[0], 32);
    assert_int_equal(pair.server.target_len, 0);
    assert_true(pair.server.drained);
    assert_target_got("");
    pair_close(&pair);
    family_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_01_verified_data_before_a_partial_chunk_head),
        cmocka_unit_test(field_02_a_wrong_tag_ends_it),
        cmocka_unit_test(field_03_pipelined_payload_goes_in_chunks_behind_the_header),
        cmocka_unit_test(field_04_05_06_32_33_messages_in_pieces),
        cmocka_unit_test(field_07_nothing_is_parsed_afresh_after_a_refused_header),
        cmocka_unit_test(field_08_28_types_with_other_bits),
        cmocka_unit_test(field_09_type_11_of_a_socks_request_goes_nowhere),
        cmocka_unit_test(field_10_51_52_what_is_not_served_is_answered),
        cmocka_unit_test(field_11_a_plain_socks5_server_answers_when_connected),
        cmocka_unit_test(field_12_the_version_of_the_request_is_checked),
        cmocka_unit_test(field_13_a_server_that_speaks_first_is_heard),
        cmocka_unit_test(field_18_a_half_close_leaves_the_other_direction),
        cmocka_unit_test(field_19_nothing_follows_the_end),
        cmocka_unit_test(field_20_34_a_salt_can_be_refused_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
