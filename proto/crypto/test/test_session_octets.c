/* What <sockspec/session.h> promises of octets: pieces, pauses, what is held, what is left. */
#include "session_tunnel.h"

static struct pair pair;
static const struct cutter whole = {.rest = SIZE_MAX};

static void a_piece_too_large_is_refused(void **state)
{
    static uint8_t room[SKS_SESSION_HEAD + SKS_SESSION_PIECE + 1 + SKS_SESSION_TAIL];
    uint8_t *piece = room + SKS_SESSION_HEAD;
    struct sks_step step;
    struct family f;
    (void)state;
    open_tunnel(&pair, &f, "aes-256-gcm", 0);
    pair_run(&pair, &whole);
    struct sks_session before = pair.local.s;
    assert_int_equal(
        sks_session_octets(&pair.local.s, SKS_EVENT_LOCAL, piece, SKS_SESSION_PIECE + 1, &step),
        SKS_ERR_SPACE);
    assert_int_equal(step.used + step.count, 0);
    assert_memory_equal(&before, &pair.local.s, sizeof before);
    assert_int_equal(
        sks_session_octets(&pair.local.s, SKS_EVENT_LOCAL, piece, SKS_SESSION_PIECE, &step),
        SKS_OK);
    assert_int_equal(step.used, SKS_SESSION_PIECE);
    assert_int_equal(step.actions[0].len, SKS_SESSION_PIECE + SKS_AEAD_CHUNK_OVERHEAD);
    pair_close(&pair);
    family_close(&f);
}

/* A pause, in every way: nothing is taken, changed or opened. */
static void what_comes_during_a_pause_is_left_alone(void **state)
{
    uint8_t more[64], copy[64];
    struct sks_step step;
    struct family f;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    pair_open(&pair, &f);
    pair.server.delay = 1000000;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hello"));
    for (int i = 0; i < 10; i++)
        (void)(turn(&pair.local, &whole) | turn(&pair.server, &whole));
    assert_int_equal(pair.server.s.stage.stage, SKS_STAGE_DNS);
    assert_true(pair.server.hold[LOCAL].n > 5);
    assert_false(sks_session_takes(&pair.server.s, SKS_EVENT_LOCAL));
    fill(more, sizeof more, 1);
    memcpy(copy, more, sizeof more);
    struct sks_session before = pair.server.s;
    assert_int_equal(sks_session_octets(&pair.server.s, SKS_EVENT_LOCAL, more, sizeof more, &step),
                     SKS_ERR_EVENT);
    assert_memory_equal(more, copy, sizeof more);
    assert_memory_equal(&before, &pair.server.s, sizeof before);
    pair.server.delay = 0;
    pair_run(&pair, &whole);
    assert_int_equal(pair.target_up.put, 5);
    pair_close(&pair);
    family_close(&f);
}

static void what_is_the_sessions_own_is_refused_as_an_event(void **state)
{
    static const enum sks_event_kind kinds[] = {SKS_EVENT_LOCAL, SKS_EVENT_REMOTE,
                                                SKS_EVENT_VERIFIED};
    /* a header with a tag that nobody looked at */
    static const uint8_t header[] = {0x11, 127, 0, 0, 1, 0, 80, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct sks_step step;
    struct family f;
    (void)state;
    assert_true(family_open(&f, "none", 1));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct sks_event event = {.kind = kinds[i], .data = header, .len = sizeof header};
        pair_open(&pair, &f);
        assert_int_equal(sks_session_event(&pair.local.s, &event, &step), SKS_ERR_EVENT);
        assert_int_equal(step.count + step.used, 0);
        pair.server.s.stage.marks = 2; /* as if a tag were being verified */
        assert_int_equal(sks_session_event(&pair.server.s, &event, &step), SKS_ERR_EVENT);
        assert_int_equal(pair.server.s.stage.stage, SKS_STAGE_INIT);
        pair_close(&pair);
    }
}

static void fewer_octets_than_before_are_refused(void **state)
{
    uint8_t header[7] = {1, 127, 0, 0, 1, 0, 80};
    struct sks_step step;
    struct family f;
    (void)state;
    assert_true(family_open(&f, "none", 0));
    pair_open(&pair, &f);
    struct sks_session *s = &pair.server.s;
    assert_int_equal(sks_session_octets(s, SKS_EVENT_LOCAL, header, 5, &step), SKS_MORE);
    for (size_t n = 0; n < 5; n++) {
        assert_int_equal(sks_session_octets(s, SKS_EVENT_LOCAL, header, n, &step), SKS_ERR_EVENT);
        assert_int_equal(step.used + step.count, 0);
    }
    assert_int_equal(sks_session_octets(s, SKS_EVENT_LOCAL, header, 5, &step), SKS_MORE);
    assert_int_equal(sks_session_octets(s, SKS_EVENT_LOCAL, header, 7, &step), SKS_OK);
    assert_int_equal(step.used, 7);
    pair_close(&pair);
}

/* What a message is done with need not be held: an idle session needs no buffer. */
static void whole_parts_are_taken_at_once(void **state)
{
    static const struct {
        const char *method;
        int ota;
    } families[] = {{"aes-256-gcm", 0}, {"aes-256-cfb", 0}, {"aes-256-cfb", 1}, {"none", 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(families); i++) {
        struct family f;
        assert_true(family_open(&f, families[i].method, families[i].ota));
        pair_open(&pair, &f);
        pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
        while (turn(&pair.local, &whole))
            continue;
        struct cutter salt = {.first = f.cipher->iv_size, .rest = SIZE_MAX};
        (void)turn(&pair.server, &salt);
        if (f.cipher->iv_size != 0)
            assert_int_equal(pair.server.hold[LOCAL].n, 0);
        pipe_put(&pair.target_down, LITERAL("yo"));
        pair_run(&pair, &whole);
        for (int side = LOCAL; side <= REMOTE; side++) {
            assert_int_equal(pair.server.hold[side].n, 0);
            assert_int_equal(pair.local.hold[side].n, 0);
        }
        assert_int_equal(pair.target_up.put, 2);
        pair_close(&pair);
        family_close(&f);
    }
}

static void a_session_without_a_nonce_left_ends(void **state)
{
    uint8_t room[SKS_SESSION_HEAD + 2 + SKS_SESSION_TAIL] = {0};
    struct sks_step step;
    struct family f;
    (void)state;
    open_tunnel(&pair, &f, "aes-256-gcm", 0);
    pair_run(&pair, &whole);
    pair.local.s.out.aead.nonce = UINT64_MAX;
    assert_int_equal(
        sks_session_octets(&pair.local.s, SKS_EVENT_LOCAL, room + SKS_SESSION_HEAD, 2, &step),
        SKS_OK);
    assert_int_equal(step.used, 2);
    assert_int_equal(step.why, SKS_ERR_EXHAUSTED);
    assert_int_equal(step.count, 1);
    assert_int_equal(step.actions[0].kind, SKS_ACTION_CLOSE);
    assert_int_equal(
        sks_session_octets(&pair.local.s, SKS_EVENT_LOCAL, room + SKS_SESSION_HEAD, 2, &step),
        SKS_ERR_EXHAUSTED);
    assert_int_equal(step.count, 0);
    pair_close(&pair);
    family_close(&f);
}

static void every_role_says_what_it_must_hold(void **state)
{
    static const struct {
        const char *method;
        enum sks_role role;
        enum sks_ss_mode ota;
        size_t least, most;
    } rows[] = {
        {"aes-256-gcm", SKS_ROLE_SSSERVER, SKS_SS_PLAIN, 16657, 17000},
        {"aes-256-gcm", SKS_ROLE_SSLOCAL, SKS_SS_PLAIN, 16399, 17000},
        {"aes-256-cfb", SKS_ROLE_SSSERVER, SKS_SS_OTA_ALLOWED, 65547, 65547},
        {"aes-256-cfb", SKS_ROLE_SSSERVER, SKS_SS_PLAIN, 269, 400},
        {"aes-256-cfb", SKS_ROLE_SSLOCAL, SKS_SS_OTA_REQUIRED, 16, 400},
        {NULL, SKS_ROLE_SOCKS5, SKS_SS_PLAIN, 513, 513},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct family f;
        struct sks_session s;
        assert_true(family_open(&f, rows[i].method != NULL ? rows[i].method : "none", 0));
        struct sks_session_config config = f.local;
        config.role = rows[i].role;
        config.policy.ota = rows[i].ota;
        if (rows[i].method == NULL)
            config.key = NULL;
        assert_int_equal(sks_session_open(&s, &config, f.salt[0], f.cipher->iv_size), SKS_OK);
        assert_in_range(sks_session_hold(&s), rows[i].least, rows[i].most);
        sks_session_close(&s);
        family_close(&f);
    }
}

/* With exactly the room that the session asks for, the longest messages pass. */
static void what_it_asks_to_hold_is_enough(void **state)
{
    static uint8_t octets[SKS_IV_MAX + SKS_ADDR_MAX + SKS_AEAD_CHUNK_MAX + 4096];
    static uint8_t text[SKS_AEAD_TEXT_MAX];
    struct family f;
    struct sks_aead aead;
    struct sks_step step;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    pair_open(&pair, &f);
    size_t hold = sks_session_hold(&pair.server.s), n = 32, got = 0, at = 0, have;
    /* the header but its last octet, octet by octet, then a chunk of full length */
    text[0] = 3, text[1] = 255;
    memset(text + 2, 'x', 255);
    assert_int_equal(sks_aead_start(&aead, &f.key, octets, 32), SKS_OK);
    static uint8_t stream[32 + 300 * 40 + SKS_AEAD_CHUNK_MAX];
    for (size_t i = 0; i <= 258; i++) {
        size_t len = i < 258 ? 1 : SKS_AEAD_TEXT_MAX;
        stream[n] = (uint8_t)(len >> 8);
        stream[n + 1] = (uint8_t)len;
        assert_int_equal(sks_aead_seal(&aead, f.sealer, stream + n, 2, stream + n + 2), SKS_OK);
        memcpy(stream + n + 18, text + i, i < 258 ? 1 : len - 258);
        assert_int_equal(
            sks_aead_seal(&aead, f.sealer, stream + n + 18, len, stream + n + 18 + len), SKS_OK);
        n += len + SKS_AEAD_CHUNK_OVERHEAD;
    }
    uint8_t *buffer = malloc(hold);
    assert_non_null(buffer);
    for (have = 0; at < n || have != 0;) {
        size_t take = n - at < hold - have ? n - at : hold - have;
        memcpy(buffer + have, stream + at, take);
        have += take;
        at += take;
        enum sks_status s =
            sks_session_octets(&pair.server.s, SKS_EVENT_LOCAL, buffer, have, &step);
        if (step.count == 1 && step.actions[0].kind == SKS_ACTION_RESOLVE) {
            const struct sks_event resolved = {.kind = SKS_EVENT_RESOLVED};
            const struct sks_event connected = {.kind = SKS_EVENT_CONNECTED};
            struct sks_step other;
            assert_int_equal(step.actions[0].len, 259);
            assert_int_equal(sks_session_event(&pair.server.s, &resolved, &other), SKS_OK);
            assert_int_equal(sks_session_event(&pair.server.s, &connected, &other), SKS_OK);
        }
        if (step.count == 1 && step.actions[0].kind == SKS_ACTION_FORWARD_REMOTE)
            got += step.actions[0].len;
        if (s == SKS_MORE && step.used == 0 && take == 0)
            fail_msg("stuck with %zu octets", have);
        assert_true(s == SKS_OK || s == SKS_MORE);
        have -= step.used;
        memmove(buffer, buffer + step.used, have);
    }
    free(buffer);
    assert_int_equal(got, SKS_AEAD_TEXT_MAX - 1);
    pair_close(&pair);
    family_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_too_large_is_refused),
        cmocka_unit_test(what_comes_during_a_pause_is_left_alone),
        cmocka_unit_test(what_is_the_sessions_own_is_refused_as_an_event),
        cmocka_unit_test(fewer_octets_than_before_are_refused),
        cmocka_unit_test(whole_parts_are_taken_at_once),
        cmocka_unit_test(a_session_without_a_nonce_left_ends),
        cmocka_unit_test(every_role_says_what_it_must_hold),
        cmocka_unit_test(what_it_asks_to_hold_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
