/* sslocal and ssserver joined in memory: every octet arrives, once, in order, both ways, whatever
 * the segments; each end may close first, and targets may refuse. */
#include "session_pair.h"

enum { BULK = 64 * 1024, SPLITS = 600 };

/* AEAD, stream and none, with one-time auth and without; then more of each. */
static const struct {
    const char *method;
    int ota;
} families[] = {
    {"aes-256-gcm", 0},
    {"aes-256-cfb", 0},
    {"aes-256-cfb", 1},
    {"none", 0},
    {"none", 1},
    {"aes-128-gcm", 0},
    {"chacha20-ietf-poly1305", 0},
    {"xchacha20-ietf-poly1305", 0},
    {"chacha20", 0},
    {"chacha20-ietf", 1},
    {"table", 0},
    {"rc4-md5", 1},
};
enum { KINDS = 5, FAMILIES = sizeof families / sizeof families[0] };

static struct pair pair;
static uint8_t up[BULK], down[BULK];

enum first_end { CLIENT_FIRST, TARGET_FIRST };

/* Everything in one go: greeting, request and payload are in the pipe before anything happens, so
 * is the answer of the target. */
static void transfer(const struct family *f, const struct cutter *c, size_t n, enum first_end first,
                     unsigned delay)
{
    pair_open(&pair, f);
    pair.local.delay = pair.server.delay = delay;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
    pipe_put(&pair.client_up, up, n);
    if (first == CLIENT_FIRST) {
        pair.client_up.ended = 1;
        pair_run(&pair, c);
        assert_true(pair.target_up.ended);
        assert_false(pair.client_down.ended);
        pipe_put(&pair.target_down, down, n);
        pair.target_down.ended = 1;
    } else {
        pipe_put(&pair.target_down, down, n);
        pair.target_down.ended = 1;
        pair_run(&pair, c);
        assert_true(pair.client_down.ended);
        assert_false(pair.target_up.ended);
        pipe_put(&pair.client_up, up, 100);
        pair.client_up.ended = 1;
    }
    pair_run(&pair, c);
    assert_int_equal(pair.server.target_len, sizeof TARGET - 1);
    assert_memory_equal(pair.server.target, TARGET, sizeof TARGET - 1);
    size_t sent = first == CLIENT_FIRST ? n : n + 100;
    assert_int_equal(pair.target_up.put, sent);
    assert_memory_equal(pair.target_up.octets, up, n);
    assert_memory_equal(pair.target_up.octets + n, up, sent - n);
    assert_int_equal(pair.client_down.put, sizeof ANSWERS - 1 + n);
    assert_memory_equal(pair.client_down.octets, ANSWERS, sizeof ANSWERS - 1);
    assert_memory_equal(pair.client_down.octets + sizeof ANSWERS - 1, down, n);
    struct relay *relays[] = {&pair.local, &pair.server};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(relays[i]->s.stage.stage, SKS_STAGE_DESTROYED);
        assert_int_equal(relays[i]->closings, 1);
        assert_int_equal(relays[i]->why, SKS_OK);
        assert_int_equal(relays[i]->salts, f->cipher->iv_size != 0 && (i == 1 || n != 0));
        assert_true(relays[i]->to[LOCAL]->ended && relays[i]->to[REMOTE]->ended);
    }
    if (f->cipher->iv_size != 0)
        assert_memory_equal(pair.server.salt, pair.wire_up.octets, f->cipher->iv_size);
    pair_close(&pair);
}

static void each(size_t count, void (*run)(const struct family *f))
{
    unsigned ran = 0;
    for (size_t i = 0; i < count; i++) {
        struct family f;
        if (!family_open(&f, families[i].method, families[i].ota))
            continue;
        run(&f);
        ran++;
        family_close(&f);
    }
    assert_true(ran >= KINDS);
}

static void bulk(const struct family *f)
{
    const struct cutter whole = {.rest = SIZE_MAX}, small = {.rest = 1448};
    for (int first = CLIENT_FIRST; first <= TARGET_FIRST; first++) {
        transfer(f, &whole, BULK, (enum first_end)first, 0);
        transfer(f, &small, BULK, (enum first_end)first, 3);
    }
    for (size_t n = 0; n < 3; n++)
        transfer(f, &whole, n, CLIENT_FIRST, 0);
}

static void a_bulk_transfer_arrives(void **state)
{
    (void)state;
    each(FAMILIES, bulk);
}

/* SOCKSPEC_QUICK in the environment, meant for valgrind: one in so many of what would take long. */
static size_t stride = 1;

static void splits(const struct family *f)
{
    for (size_t k = 1; k <= SPLITS; k += stride) {
        const struct cutter at_k = {.first = k, .rest = SIZE_MAX};
        transfer(f, &at_k, BULK, k % 2 ? CLIENT_FIRST : TARGET_FIRST, (unsigned)k % 3);
    }
}

static void every_split_of_the_first_600_octets_gives_the_same(void **state)
{
    (void)state;
    each(KINDS, splits);
}

static void octet_by_octet(const struct family *f)
{
    const struct cutter one = {.rest = 1};
    transfer(f, &one, 2000, CLIENT_FIRST, 0);
    transfer(f, &one, 1000, TARGET_FIRST, 40);
}

static void small_blocks(const struct family *f)
{
    const struct cutter c = {.first = 70, .rest = 1448}, one = {.rest = 1};
    exact_blocks = 1;
    transfer(f, &c, BULK, CLIENT_FIRST, 2);
    transfer(f, &one, 300, TARGET_FIRST, 2);
    exact_blocks = 0;
}

static void nothing_outside_the_octets_and_their_room_is_touched(void **state)
{
    (void)state;
    each(FAMILIES, small_blocks);
}

static void octet_by_octet_gives_the_same(void **state)
{
    (void)state;
    each(FAMILIES, octet_by_octet);
}

static void random_cuts(const struct family *f)
{
    static const size_t most[] = {3, 40, 700, 5000, 40000};
    for (uint32_t seed = 1; seed <= 20; seed += (uint32_t)stride) {
        uint32_t random = seed;
        const struct cutter c = {.rest = most[seed % COUNT(most)], .random = &random};
        transfer(f, &c, seed % COUNT(most) < 2 ? 4000 : BULK,
                 seed % 2 ? CLIENT_FIRST : TARGET_FIRST, seed % 7);
    }
}

static void random_splits_and_coalescing_give_the_same(void **state)
{
    (void)state;
    each(FAMILIES, random_cuts);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void refused(const struct family *f)
{
    const struct cutter whole = {.rest = SIZE_MAX};
    for (int where = 0; where < 4; where++) {
        struct relay *r = where < 2 ? &pair.local : &pair.server;
        pair_open(&pair, f);
        r->refuse = where % 2 == 0 ? SKS_REP_HOST_UNREACHABLE : 0;
        r->refuse_connect = where % 2 == 1 ? SKS_REP_REFUSED : 0;
        pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hello"));
        pair_run(&pair, &whole);
        assert_int_equal(r->closings, 1);
        assert_int_equal(r->s.stage.stage, SKS_STAGE_DESTROYED);
        assert_false(r->drained);
        assert_int_equal(pair.target_up.put, 0);
        assert_memory_equal(pair.client_down.octets, ANSWERS, sizeof ANSWERS - 1);
        assert_int_equal(pair.client_down.put, sizeof ANSWERS - 1);
        assert_true(pair.target_up.ended || where < 2);
        if (where >= 2) {
            assert_int_equal(pair.wire_down.put, 0); /* not even a salt */
            assert_true(pair.client_down.ended);     /* half-closed by way of the sslocal */
            assert_int_equal(pair.local.closings, 0);
        }
        pair_close(&pair);
    }
}

static void a_refused_target_ends_cleanly(void **state)
{
    (void)state;
    each(FAMILIES, refused);
}

static void replayed(const struct family *f)
{
    const struct cutter one = {.rest = 1}, whole = {.rest = SIZE_MAX};
    if (f->cipher->iv_size == 0)
        return;
    for (int i = 0; i < 2; i++) {
        pair_open(&pair, f);
        pair.server.refuse_salt = SKS_ERR_REPLAY;
        pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hello"));
        pair_run(&pair, i == 0 ? &whole : &one);
        assert_int_equal(pair.server.salts, 1);
        assert_int_equal(pair.server.closings, 1);
        assert_true(pair.server.drained); /* like random octets */
        assert_int_equal(pair.server.why, SKS_ERR_REPLAY);
        assert_int_equal(pair.server.target_len, 0); /* nothing was resolved */
        assert_int_equal(pair.target_up.put, 0);
        assert_int_equal(pair.wire_down.put, 0);
        pair_close(&pair);
    }
}

static void a_salt_seen_before_is_refused_before_anything_is_done(void **state)
{
    (void)state;
    each(FAMILIES, replayed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bulk_transfer_arrives),
        cmocka_unit_test(every_split_of_the_first_600_octets_gives_the_same),
        cmocka_unit_test(nothing_outside_the_octets_and_their_room_is_touched),
        cmocka_unit_test(octet_by_octet_gives_the_same),
        cmocka_unit_test(random_splits_and_coalescing_give_the_same),
        cmocka_unit_test(a_refused_target_ends_cleanly),
        cmocka_unit_test(a_salt_seen_before_is_refused_before_anything_is_done),
    };
    if (getenv("SOCKSPEC_QUICK") != NULL)
        stride = 59;
    fill(up, sizeof up, 3);
    fill(down, sizeof down, 4);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
