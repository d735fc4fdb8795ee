/* One bit wrong anywhere in the first chunks: nothing of that chunk comes out, nothing after it,
 * and the session says so for ever. And what comes before the chunk comes out. */
#include "session_pair.h"

enum { CHUNKS = 4, CHUNK = 50 };

static struct pair pair;
static uint8_t payload[CHUNKS * CHUNK];

/* The octets of a conversation with a chunk for each of CHUNKS pieces, each way. */
struct wire {
    uint8_t up[4096], down[4096];
    size_t up_len, down_len;
    size_t up_at[CHUNKS + 1]; /* where each chunk starts, and the end; the header is before [0] */
    size_t down_at[CHUNKS + 1];
};

static void record(struct wire *w, const struct family *f)
{
    const struct cutter whole = {.rest = SIZE_MAX};
    pair_open(&pair, f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
    pair_run(&pair, &whole);
    for (size_t i = 0; i < CHUNKS; i++) {
        w->up_at[i] = pair.wire_up.put;
        w->down_at[i] = pair.wire_down.put;
        pipe_put(&pair.client_up, payload + i * CHUNK, CHUNK);
        pipe_put(&pair.target_down, payload + i * CHUNK, CHUNK);
        pair_run(&pair, &whole);
    }
    assert_int_equal(pair.target_up.put, sizeof payload);
    w->up_at[CHUNKS] = w->up_len = pair.wire_up.put;
    w->down_at[CHUNKS] = w->down_len = pair.wire_down.put;
    memcpy(w->up, pair.wire_up.octets, w->up_len);
    memcpy(w->down, pair.wire_down.octets, w->down_len);
    pair_close(&pair);
}

/* How many whole chunks end at or before the octet at. */
static size_t chunks_before(const size_t *starts, size_t at)
{
    size_t n = 0;
    while (n < CHUNKS && starts[n + 1] <= at)
        n++;
    return n;
}

/* The session gives nothing more, whatever comes. */
static void stays_failed(struct relay *r, int side, size_t put)
{
    static const enum sks_event_kind kinds[] = {
        SKS_EVENT_OPEN,      SKS_EVENT_LOCAL_END, SKS_EVENT_REMOTE_END, SKS_EVENT_RESOLVED,
        SKS_EVENT_CONNECTED, SKS_EVENT_FAILURE,   SKS_EVENT_LOST,       SKS_EVENT_TIMEOUT};
    static uint8_t room[SKS_SESSION_HEAD + 1000 + SKS_SESSION_TAIL];
    enum sks_status why = r->s.failed;
    struct sks_step step;
    assert_true(why != SKS_OK && why == r->why);
    assert_int_equal(r->closings, 1);
    for (int i = 0; i < 2; i++) {
        enum sks_event_kind kind = i == 0 ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
        assert_int_equal(sks_session_octets(&r->s, kind, room + SKS_SESSION_HEAD, 1000, &step),
                         why);
        assert_int_equal(step.count, 0);
        assert_int_equal(step.used, 0);
        assert_false(sks_session_takes(&r->s, kind));
    }
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct sks_event event = {.kind = kinds[i]};
        assert_int_equal(sks_session_event(&r->s, &event, &step), why);
        assert_int_equal(step.count, 0);
    }
    assert_int_equal(sks_session_fail(&r->s, SKS_ERR_REPLAY, &step), why);
    assert_int_equal(r->to[1 - side]->put, put);
}

/* The server alone, fed with recorded octets, one of them wrong. */
static void tamper_up(const struct family *f, const struct wire *w, size_t at,
                      const struct cutter *c)
{
    pair_open(&pair, f);
    pipe_put(&pair.wire_up, w->up, w->up_len);
    pair.wire_up.octets[at] ^= 0x40;
    pair.wire_up.ended = 1; /* a length that grew is cut short */
    while (turn(&pair.server, c))
        continue;
    size_t chunks = chunks_before(w->up_at, at);
    if (at < w->up_at[0]) {
        assert_int_equal(pair.server.target_len, 0); /* nothing was resolved */
        assert_int_equal(pair.server.salts, 0);      /* nor is the salt one to remember */
        chunks = 0;
    }
    assert_int_equal(pair.target_up.put, chunks * CHUNK);
    assert_memory_equal(pair.target_up.octets, payload, chunks * CHUNK);
    assert_int_equal(pair.server.closings, 1);
    if (pair.server.why != SKS_OK)
        stays_failed(&pair.server, LOCAL, chunks * CHUNK);
    else /* the header's length grew beyond all there is: an end before it is whole */
        assert_true(at < w->up_at[0]);
    pair_close(&pair);
}

/* sslocal, fed with a server's octets. */
static void tamper_down(const struct family *f, const struct wire *w, size_t at,
                        const struct cutter *c)
{
    pair_open(&pair, f);
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
    pipe_put(&pair.wire_down, w->down, w->down_len);
    pair.wire_down.octets[at] ^= 0x01;
    pair.wire_down.ended = 1;
    while (turn(&pair.local, c))
        continue;
    size_t chunks = chunks_before(w->down_at, at), answers = sizeof ANSWERS - 1;
    assert_int_equal(pair.client_down.put, answers + chunks * CHUNK);
    assert_memory_equal(pair.client_down.octets + answers, payload, chunks * CHUNK);
    stays_failed(&pair.local, REMOTE, answers + chunks * CHUNK);
    pair_close(&pair);
}

static void tampered(const char *method, int ota)
{
    static struct wire w;
    const struct cutter whole = {.rest = SIZE_MAX}, one = {.rest = 1};
    struct family f;
    if (!family_open(&f, method, ota))
        skip();
    record(&w, &f);
    for (size_t at = 0; at < w.up_len; at++) {
        tamper_up(&f, &w, at, &whole);
        if (at < w.up_at[2])
            tamper_up(&f, &w, at, &one);
    }
    for (size_t at = 0; at < w.down_len && f.cipher->kind == SKS_CIPHER_AEAD; at++) {
        tamper_down(&f, &w, at, &whole);
        if (at < w.down_at[2])
            tamper_down(&f, &w, at, &one);
    }
    family_close(&f);
}

static void aes_256_gcm(void **state)
{
    (void)state;
    tampered("aes-256-gcm", 0);
}

static void chacha20_ietf_poly1305(void **state)
{
    (void)state;
    tampered("chacha20-ietf-poly1305", 0);
}

static void one_time_auth_over_aes_256_ctr(void **state)
{
    (void)state;
    tampered("aes-256-ctr", 1);
}

static void one_time_auth_over_aes_256_cfb(void **state)
{
    (void)state;
    tampered("aes-256-cfb", 1);
}

/* A tail cut off at every octet, then the end: no part of a chunk comes out. */
static void truncated(const char *method, int ota)
{
    static struct wire w;
    const struct cutter whole = {.rest = SIZE_MAX};
    struct family f;
    if (!family_open(&f, method, ota))
        skip();
    record(&w, &f);
    for (size_t at = 0; at <= w.up_len; at++) {
        pair_open(&pair, &f);
        pipe_put(&pair.wire_up, w.up, at);
        pair.wire_up.ended = 1;
        while (turn(&pair.server, &whole))
            continue;
        size_t chunks = at < w.up_at[0] ? 0 : chunks_before(w.up_at, at);
        assert_int_equal(pair.target_up.put, chunks * CHUNK);
        if (at < w.up_at[0]) {
            assert_int_equal(pair.server.closings, 1); /* one answer wherever it was cut */
            assert_false(pair.server.drained);
            assert_int_equal(pair.server.target_len, 0);
        } else if (at == w.up_at[chunks]) {
            assert_int_equal(pair.server.closings, 0); /* a half-close */
            assert_true(pair.target_up.ended);
        } else {
            assert_int_equal(pair.server.why, SKS_ERR_TRUNCATED);
            stays_failed(&pair.server, LOCAL, chunks * CHUNK);
        }
        pair_close(&pair);
    }
    family_close(&f);
}

static void aes_128_gcm_cut_short(void **state)
{
    (void)state;
    truncated("aes-128-gcm", 0);
}

static void one_time_auth_cut_short(void **state)
{
    (void)state;
    truncated("aes-128-cfb", 1);
}

/* Random octets: whatever their number, nothing is said, and nothing resolved. */
static void random_octets_are_met_with_silence(void **state)
{
    static const size_t lengths[] = {1, 49, 50, 51, 300, 500, 3000};
    const struct cutter whole = {.rest = SIZE_MAX}, one = {.rest = 1};
    static uint8_t noise[3000];
    struct family f;
    (void)state;
    if (!family_open(&f, "aes-256-gcm", 0))
        skip();
    fill(noise, sizeof noise, 77);
    for (size_t i = 0; i < 2 * COUNT(lengths); i++) {
        size_t n = lengths[i / 2];
        pair_open(&pair, &f);
        pipe_put(&pair.wire_up, noise, n);
        while (turn(&pair.server, i % 2 ? &one : &whole))
            continue;
        assert_int_equal(pair.wire_down.put, 0);
        assert_int_equal(pair.server.target_len, 0);
        assert_int_equal(pair.server.salts, 0); /* recorded only after authentication */
        assert_int_equal(pair.server.closings, n >= 50);
        if (n >= 50) {
            assert_true(pair.server.drained);
            stays_failed(&pair.server, LOCAL, 0);
        }
        pair_close(&pair);
    }
    family_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aes_256_gcm),
        cmocka_unit_test(chacha20_ietf_poly1305),
        cmocka_unit_test(one_time_auth_over_aes_256_ctr),
        cmocka_unit_test(one_time_auth_over_aes_256_cfb),
        cmocka_unit_test(aes_128_gcm_cut_short),
        cmocka_unit_test(one_time_auth_cut_short),
        cmocka_unit_test(random_octets_are_met_with_silence),
    };
    fill(payload, sizeof payload, 5);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
