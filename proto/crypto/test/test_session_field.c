/* The faults seen in the field that a stage machine or a session could share, by their numbers in
 * the list of them: ours has none. */
#include "session_pair.h"

static struct pair pair;
static const struct cutter whole = {.rest = SIZE_MAX}, one = {.rest = 1};

/* A family that must be there: what the field tests use comes with every libcrypto. */
static void need(struct family *f, const char *method, int ota)
{
    assert_true(family_open(f, method, ota));
}

/* ssserver alone under `none`, so that the wire is plain text; and what came of it. */
static void serve(struct family *f, enum sks_ss_mode ota)
{
    need(f, "none", 0);
    f->server.policy.ota = ota;
    pair_open(&pair, f);
}

static void serve_octets(const uint8_t *octets, size_t n)
{
    pipe_put(&pair.wire_up, octets, n);
    while (turn(&pair.server, &whole))
        continue;
}

/* An OTA chunk under `none`: LEN TAG DATA. */
static size_t ota_chunk(uint8_t *to, uint32_t index, const uint8_t *data, size_t n)
{
    size_t used;
    assert_int_equal(sks_ota_chunk_encode(to, SKS_OTA_CHUNK_HEAD, n, &used), SKS_OK);
    sks_ota_chunk_tag(to + 2, index, NULL, 0, data, n);
    memcpy(to + used, data, n);
    return used + n;
}

static size_t ota_header(uint8_t *to, const struct family *f)
{
    static const uint8_t header[] = {0x11, 127, 0, 0, 1, 0, 80};
    memcpy(to, header, sizeof header);
    assert_int_equal(sks_ota_tag(to + sizeof header, &f->key, NULL, 0, to, sizeof header), SKS_OK);
    return sizeof header + SKS_OTA_TAG_SIZE;
}

static void assert_target_got(const char *text)
{
    assert_int_equal(pair.target_up.put, strlen(text));
    assert_memory_equal(pair.target_up.octets, text, strlen(text));
}

/* ---- Python shadowsocks ---------------------------------------------------------------------- */

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

/* The answer of a front to octets that come in one piece, or one by one. */
static void assert_answer(enum sks_role role, const uint8_t *octets, size_t n, const char *answer,
                          size_t answer_len, int closed)
{
    for (int i = 0; i < 2; i++) {
        struct family f;
        need(&f, "none", 0);
        f.local.policy.commands |= SKS_ALLOW(SKS_CMD_BIND);
        if (role == SKS_ROLE_SOCKS5) {
            f.local.role = role;
            f.local.key = NULL;
        }
        pair_open(&pair, &f);
        pipe_put(&pair.client_up, octets, n);
        while (turn(&pair.local, i == 0 ? &whole : &one))
            continue;
        assert_int_equal(pair.client_down.put, answer_len);
        assert_memory_equal(pair.client_down.octets, answer, answer_len);
        assert_int_equal(pair.local.closings, closed);
        pair_close(&pair);
    }
}
#define ASSERT_ANSWER(role, octets, answer, closed)                                                \
    assert_answer(role, LITERAL(octets), answer, sizeof(answer) - 1, closed)
#define REPLY(rep) "\x05\x00\x05" rep "\x00\x01\x00\x00\x00\x00\x00\x00"
#define REST_V4 "\x00\x01\x7f\x00\x00\x01\x00\x50"

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

/* ---- shadowsocks-libev ----------------------------------------------------------------------- */

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

/* ssserver under AEAD, fed with chunks made by hand. */
static size_t seal(struct sks_aead *aead, const struct family *f, uint8_t *to, size_t len_octets,
                   const char *text, size_t n)
{
    to[0] = (uint8_t)(len_octets >> 8);
    to[1] = (uint8_t)len_octets;
    assert_int_equal(sks_aead_seal(aead, f->sealer, to, 2, to + 2), SKS_OK);
    memcpy(to + SKS_AEAD_CHUNK_DATA, text, n);
    assert_int_equal(
        sks_aead_seal(aead, f->sealer, to + SKS_AEAD_CHUNK_DATA, n, to + SKS_AEAD_CHUNK_DATA + n),
        SKS_OK);
    return SKS_AEAD_CHUNK_OVERHEAD + n;
}

static size_t start(struct sks_aead *aead, struct family *f, uint8_t *to)
{
    need(f, "aes-128-gcm", 0);
    pair_open(&pair, f);
    fill(to, 16, 9);
    assert_int_equal(sks_aead_start(aead, &f->key, to, 16), SKS_OK);
    return 16;
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

/* ---- others ---------------------------------------------------------------------------------- */

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
        cmocka_unit_test(field_21_a_tag_in_pieces),
        cmocka_unit_test(field_22_25_the_greeting_is_read),
        cmocka_unit_test(field_23_27_nothing_is_answered_before_the_request_is_whole),
        cmocka_unit_test(field_26_error_replies_are_whole),
        cmocka_unit_test(field_29_45_a_header_over_several_chunks),
        cmocka_unit_test(field_30_reserved_length_bits),
        cmocka_unit_test(field_31_46_a_name_of_255_octets),
        cmocka_unit_test(field_38_a_reflected_stream_shows_our_own_salt_first),
        cmocka_unit_test(field_39_the_longest_chunks),
        cmocka_unit_test(field_43_a_salt_is_said_only_after_authentication),
        cmocka_unit_test(field_48_the_end_does_not_tell_how_much_was_read),
        cmocka_unit_test(field_50_54_credentials_are_compared_whole),
        cmocka_unit_test(field_57_an_empty_first_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
