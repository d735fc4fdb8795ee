/* What <sockspec/session.h> promises beside the transfer: sizes, refusals by name, known answers,
 * no heap. */
#include "heap.h"

#include "session_tunnel.h"

static struct pair pair;
static const struct cutter whole = {.rest = SIZE_MAX};

static void an_idle_direction_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct sks_session_way) <= 512);
    assert_true(sizeof(struct sks_session) <= 512); /* both directions together, even */
}

/* ---- opening --------------------------------------------------------------------------------- */

static void what_does_not_fit_is_refused_by_name(void **state)
{
    uint8_t salt[SKS_IV_MAX + 1] = {0};
    struct family aead, stream, none;
    struct sks_session s;
    (void)state;
    assert_true(family_open(&aead, "aes-256-gcm", 0));
    assert_true(family_open(&stream, "aes-256-cfb", 0));
    assert_true(family_open(&none, "none", 0));
    for (size_t n = 0; n <= sizeof salt; n++) {
        assert_int_equal(sks_session_open(&s, &aead.server, salt, n),
                         n == 32 ? SKS_OK : SKS_ERR_SALT);
        assert_int_equal(sks_session_open(&s, &stream.server, salt, n),
                         n == 16 ? SKS_OK : SKS_ERR_SALT);
        sks_session_close(&s);
        sks_session_close(&s); /* twice does no harm */
        assert_int_equal(sks_session_open(&s, &none.server, salt, n),
                         n == 0 ? SKS_OK : SKS_ERR_SALT);
        sks_session_close(&s);
    }
    struct sks_session_config config = aead.server;
    config.sealer = NULL;
    assert_int_equal(sks_session_open(&s, &config, salt, 32), SKS_ERR_METHOD);
    config = stream.server;
    config.sealer = aead.sealer;
    assert_int_equal(sks_session_open(&s, &config, salt, 16), SKS_ERR_METHOD);
    config = aead.server;
    config.key = NULL;
    assert_int_equal(sks_session_open(&s, &config, salt, 32), SKS_ERR_METHOD);
    config.role = SKS_ROLE_SOCKS5;
    assert_int_equal(sks_session_open(&s, &config, salt, 32), SKS_ERR_SALT);
    assert_int_equal(sks_session_open(&s, &config, NULL, 0), SKS_OK);
    config.key = &aead.key;
    assert_int_equal(sks_session_open(&s, &config, salt, 32), SKS_ERR_METHOD);
    family_close(&aead);
}

/* Whatever lay where the session is opened: what it keeps is its own. */
static void what_was_there_before_is_not_taken_over(void **state)
{
    struct family f;
    struct sks_session fresh, used;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    memset(&fresh, 0, sizeof fresh);
    memset(&used, 0x5a, sizeof used);
    assert_int_equal(sks_session_open(&fresh, &f.server, f.salt[0], 32), SKS_OK);
    assert_int_equal(sks_session_open(&used, &f.server, f.salt[0], 32), SKS_OK);
    assert_memory_equal(&fresh, &used, sizeof fresh);
    sks_session_close(&fresh);
    sks_session_close(&used);
    family_close(&f);
}

/* Closed or never opened for want of memory, it gives back what it had. */
static void what_a_session_allocates_is_given_back(void **state)
{
    struct family f;
    struct sks_session s;
    (void)state;
    assert_true(heap_watch());
    assert_true(family_open(&f, "aes-256-cfb", 0));
    assert_int_equal(sks_session_open(&s, &f.server, f.salt[1], 16), SKS_OK);
    sks_session_close(&s); /* libraries may set up once */
    for (int refused = 0; refused <= (HEAP_ASAN ? 0 : 2); refused++) {
        unsigned long before = heap_blocks();
        heap.refuses = refused; /* a stream each way */
        enum sks_status status = sks_session_open(&s, &f.server, f.salt[1], 16);
        heap.refuses = 0;
        assert_int_equal(status, refused == 0 ? SKS_OK : SKS_ERR_LIBRARY);
        if (status == SKS_OK)
            sks_session_close(&s);
        assert_int_equal(heap_blocks(), before);
    }
    family_close(&f);
}

static void an_ended_session_takes_nothing(void **state)
{
    struct family f;
    struct sks_step step;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    pair_open(&pair, &f);
    pair.client_up.ended = 1;
    pair_run(&pair, &whole);
    assert_int_equal(pair.local.s.stage.stage, SKS_STAGE_DESTROYED);
    assert_int_equal(pair.local.why, SKS_OK);
    memset(&step, 0x5a, sizeof step);
    assert_int_equal(sks_session_fail(&pair.local.s, SKS_ERR_REPLAY, &step), SKS_ERR_EVENT);
    assert_null(step.plain);
    assert_int_equal(step.plain_len, 0);
    assert_int_equal(step.used, 0);
    assert_int_equal(step.why, SKS_OK);
    assert_int_equal(step.at, 0);
    assert_int_equal(step.count, 0);
    pair_close(&pair);
    family_close(&f);
}

/* ---- known answers --------------------------------------------------------------------------- */

static void the_first_chunk_of_aead_is_the_known_one(void **state)
{
    struct family f;
    (void)state;
    open_tunnel(&pair, &f, "chacha20-ietf-poly1305", 0);
    assert_hex(
        pair.wire_up.octets, pair.wire_up.put,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "a028e26a37d380da864869a42f60c5541cb14fcd028d54d55483a4296fbcc81b08a3b550d386da77f1");
    pair_close(&pair);
    family_close(&f);
}

static void one_time_auth_gives_the_known_tags(void **state)
{
    static const char *const pieces[] = {"hi", "yo"};
    struct family f;
    struct sks_stream *stream;
    (void)state;
    open_tunnel(&pair, &f, "aes-256-cfb", 1);
    for (size_t i = 0; i < 2; i++) {
        pipe_put(&pair.client_up, (const uint8_t *)pieces[i], 2);
        pair_run(&pair, &whole);
    }
    assert_int_equal(pair.target_up.put, 4);
    assert_memory_equal(pair.target_up.octets, "hiyo", 4);
    assert_int_equal(sks_stream_new(&stream, f.cipher, SKS_DECRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(stream, &f.key, pair.wire_up.octets, 16), SKS_OK);
    size_t n = pair.wire_up.put - 16;
    assert_int_equal(sks_stream_update(stream, pair.wire_up.octets + 16, n), SKS_OK);
    assert_int_equal(n, 17 + 14 + 14);
    assert_hex(pair.wire_up.octets + 16, 17 + 14,
               "117f0000014a3ff5fd1de82361110aafb5"
               "0002100f24e1849edf0b4fe26869");
    sks_stream_free(stream);
    pair_close(&pair);
}

/* A tunnel whose server speaks first, before the client says anything. */
static void a_tunnel_starts_by_itself(void **state)
{
    struct family f;
    (void)state;
    open_tunnel(&pair, &f, "aes-128-gcm", 0);
    pipe_put(&pair.target_down, LITERAL("220 ready"));
    pair_run(&pair, &whole);
    assert_int_equal(pair.client_down.put, 9);
    assert_int_equal(pair.server.target_len, 7);
    pair_close(&pair);
    family_close(&f);
}

/* ---- the heap -------------------------------------------------------------------------------- */

static unsigned long allocations_of_a_transfer(const struct family *f, size_t rounds)
{
    unsigned long before = heap.allocations;
    pair_open(&pair, f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
    pair_run(&pair, &whole);
    for (size_t i = 0; i < rounds; i++) {
        pipe_put(&pair.client_up, LITERAL("a request"));
        pipe_put(&pair.target_down, LITERAL("an answer"));
        pair_run(&pair, &whole);
    }
    assert_int_equal(pair.target_up.put, rounds * 9);
    pair_close(&pair);
    return heap.allocations - before;
}

static void aead_uses_no_heap_and_streams_none_for_a_packet(void **state)
{
    static const struct {
        const char *method;
        int ota;
    } families[] = {{"aes-256-gcm", 0}, {"chacha20-ietf-poly1305", 0},
                    {"aes-256-cfb", 0}, {"aes-256-cfb", 1},
                    {"chacha20", 0},    {"none", 1}};
    (void)state;
    assert_true(heap_watch());
    for (size_t i = 0; i < COUNT(families); i++) {
        struct family f;
        assert_true(family_open(&f, families[i].method, families[i].ota));
        (void)allocations_of_a_transfer(&f, 1); /* libraries may set up once */
        unsigned long once = allocations_of_a_transfer(&f, 1);
        assert_int_equal(allocations_of_a_transfer(&f, 1000), once);
        if (f.cipher->kind == SKS_CIPHER_AEAD)
            assert_int_equal(once, 0);
        family_close(&f);
    }
}

static void a_closed_session_leaves_no_secret(void **state)
{
    static const uint8_t zero[sizeof(struct sks_session)];
    struct family f;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    pair_open(&pair, &f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
    pair_run(&pair, &whole);
    assert_memory_not_equal(&pair.server.s, zero, sizeof zero);
    pair_close(&pair);
    assert_memory_equal(&pair.server.s, zero, sizeof zero);
    assert_memory_equal(&pair.local.s, zero, sizeof zero);
    family_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_direction_is_small),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(what_was_there_before_is_not_taken_over),
        cmocka_unit_test(what_a_session_allocates_is_given_back),
        cmocka_unit_test(an_ended_session_takes_nothing),
        cmocka_unit_test(the_first_chunk_of_aead_is_the_known_one),
        cmocka_unit_test(one_time_auth_gives_the_known_tags),
        cmocka_unit_test(a_tunnel_starts_by_itself),
        cmocka_unit_test(aead_uses_no_heap_and_streams_none_for_a_packet),
        cmocka_unit_test(a_closed_session_leaves_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
