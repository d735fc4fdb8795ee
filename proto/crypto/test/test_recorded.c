/* Sessions of other implementations: what they sent is understood, and under the same key, salt and
 * chunks our sessions send the same octets. */
#include "recorded_sessions.h"

enum { CUT_MAX = 250 };

/* How octets come: at one time, octet by octet, or as they were recorded. */
enum way { WHOLE, OCTETS, RECORDED, WAYS };

static const struct cutter cutters[WAYS] = {{0, PIPE_MAX, NULL}, {0, 1, NULL}, {0, PIPE_MAX, NULL}};

static struct pipe client_up, client_down, wire_up, wire_down, target_up, target_down;
static struct relay relay;

/* ---- our two ends ---------------------------------------------------------------------------- */

static const uint8_t any_salt[SKS_IV_MAX] = {1};

static void open_relay(const struct sks_session_config *config, const struct octets *salt)
{
    struct pipe *pipes[] = {&client_up, &client_down, &wire_up,
                            &wire_down, &target_up,   &target_down};
    int is_local = config->role == SKS_ROLE_SSLOCAL;
    for (size_t i = 0; i < COUNT(pipes); i++)
        pipes[i]->put = pipes[i]->got = 0, pipes[i]->ended = 0;
    relay_open(&relay, config, salt->n != 0 ? salt->at : any_salt, is_local ? &client_up : &wire_up,
               is_local ? &client_down : &wire_down, is_local ? &wire_down : &target_down,
               is_local ? &wire_up : &target_up);
}

static void give(struct pipe *p, const uint8_t *octets, size_t n, enum way way)
{
    pipe_put(p, octets, n);
    while (turn(&relay, &cutters[way]))
        continue;
}

static void give_wire(struct pipe *p, const struct direction *d, enum way way)
{
    const uint8_t *at = d->wire.at;
    if (way != RECORDED) {
        give(p, at, d->wire.n, way);
        return;
    }
    for (size_t i = 0; i < d->segment_count; at += d->segments[i++])
        give(p, at, d->segments[i], way);
    assert_ptr_equal(at, d->wire.at + d->wire.n);
}

/* Greeting and request for the destination. */
static size_t handshake(uint8_t *out)
{
    memcpy(out, GREETING "\x05\x01\x00", 6);
    memcpy(out + 6, now.destination.at, now.destination.n);
    return 6 + now.destination.n;
}

static void open_server(enum way way)
{
    open_relay(&now.family.server, &now.down.salt);
    give_wire(&wire_up, &now.up, way);
}

static void open_local(enum way way)
{
    uint8_t octets[SKS_ADDR_MAX + 6];
    size_t n = handshake(octets);
    open_relay(&now.family.local, &now.up.salt);
    give(&client_up, octets, n, way);
}

/* ---- what they sent -------------------------------------------------------------------------- */

static void expect_no_error(void)
{
    if (relay.why != SKS_OK)
        fail_msg("%s: %s", now.id, sks_status_text(relay.why));
}

static size_t judged[WAYS];

static void check_up(void)
{
    if (now.datagrams != NULL || now.reason != NULL)
        return;
    for (enum way way = WHOLE; way < WAYS; way++) {
        open_server(way);
        expect_no_error();
        expect("destination", relay.target, relay.target_len, &now.destination);
        expect("payload at the target", target_up.octets, target_up.put, &now.up.payload);
        if (is_aead())
            assert_int_equal(relay.s.in.aead.nonce, 2 * now.up.chunk_count);
        else
            assert_int_equal(relay.s.in.ota_index, now.up.chunk_count);
        sks_session_close(&relay.s);
        judged[way]++;
    }
}

static void what_a_client_sent_comes_to_its_target(void **state)
{
    (void)state;
    memset(judged, 0, sizeof judged);
    (void)each_session(check_up);
    assert_true(judged[WHOLE] > 150);
}

/* Short sessions, their stream in two segments, cut at every octet. */
static void check_every_cut(void)
{
    if (now.datagrams != NULL || now.reason != NULL || now.up.wire.n > CUT_MAX)
        return;
    for (size_t cut_at = 1; cut_at < now.up.wire.n; cut_at++) {
        open_relay(&now.family.server, &now.down.salt);
        give(&wire_up, now.up.wire.at, cut_at, WHOLE);
        give(&wire_up, now.up.wire.at + cut_at, now.up.wire.n - cut_at, WHOLE);
        expect_no_error();
        expect("payload at the target", target_up.octets, target_up.put, &now.up.payload);
        sks_session_close(&relay.s);
    }
    judged[WHOLE]++;
}

static void a_stream_cut_anywhere_says_the_same(void **state)
{
    (void)state;
    memset(judged, 0, sizeof judged);
    (void)each_session(check_every_cut);
    assert_true(judged[WHOLE] > 50);
}

static void check_down(void)
{
    static const struct octets answers = {(uint8_t *)ANSWERS, sizeof ANSWERS - 1};
    if (now.down.wire.n == 0)
        return;
    for (enum way way = WHOLE; way < WAYS; way++) {
        open_local(way);
        expect("answers", client_down.octets, client_down.put, &answers);
        client_down.put = 0;
        give_wire(&wire_down, &now.down, way);
        expect_no_error();
        expect("payload at the client", client_down.octets, client_down.put, &now.down.payload);
        sks_session_close(&relay.s);
        judged[way]++;
    }
}

static void what_a_server_sent_comes_to_its_client(void **state)
{
    (void)state;
    memset(judged, 0, sizeof judged);
    (void)each_session(check_down);
    assert_true(judged[WHOLE] > 150);
}

/* ---- what we send ---------------------------------------------------------------------------- */

/* Whether a session of ours cuts its chunks so: the header apart, none over a piece. */
static int is_ours(const struct direction *d)
{
    for (size_t i = 0; i < d->chunk_count; i++)
        if (d->chunks[i] > SKS_SESSION_PIECE)
            return 0;
    return !is_aead() || d->header.n == 0 || d->chunks[0] == d->header.n;
}

/* The payload, chunk by chunk; in one piece or octet by octet if it is not chunked. */
static void give_payload(struct pipe *p, const struct direction *d, enum way way)
{
    size_t first = is_aead() && d->header.n != 0 ? 1 : 0; /* the chunk of the header */
    const uint8_t *at = d->payload.at;
    if (d->chunk_count == 0)
        give(p, at, d->payload.n, way);
    for (size_t i = first; i < d->chunk_count; at += d->chunks[i++])
        give(p, at, d->chunks[i], WHOLE);
}

/* The same octets from our sslocal; under WHOLE the client sends the first piece with its request.
 * Where the client said nothing there are none: the header waits for the first octet. */
static void check_local(void)
{
    if (now.up.payload.n == 0 || now.reason != NULL || !is_ours(&now.up))
        return;
    for (enum way way = WHOLE; way < WAYS; way++) {
        uint8_t octets[SKS_ADDR_MAX + 6];
        open_relay(&now.family.local, &now.up.salt);
        pipe_put(&client_up, octets, handshake(octets));
        if (way != WHOLE)
            give(&client_up, NULL, 0, way);
        give_payload(&client_up, &now.up, way);
        expect_no_error();
        expect("octets of our sslocal", wire_up.octets, wire_up.put, &now.up.wire);
        sks_session_close(&relay.s);
        judged[way]++;
    }
}

static void our_sslocal_sends_what_theirs_sent(void **state)
{
    (void)state;
    memset(judged, 0, sizeof judged);
    (void)each_session(check_local);
    assert_true(judged[WHOLE] > 150);
}

static void check_server(void)
{
    if (now.down.payload.n == 0 || now.reason != NULL)
        return;
    assert_true(is_ours(&now.down));
    for (enum way way = WHOLE; way < WAYS; way++) {
        open_server(way);
        give_payload(&target_down, &now.down, way);
        expect_no_error();
        expect("octets of our ssserver", wire_down.octets, wire_down.put, &now.down.wire);
        sks_session_close(&relay.s);
        judged[way]++;
    }
}

static void our_ssserver_sends_what_theirs_sent(void **state)
{
    (void)state;
    memset(judged, 0, sizeof judged);
    (void)each_session(check_server);
    assert_true(judged[WHOLE] > 150);
}

/* ---- where we differ on purpose -------------------------------------------------------------- */

static const struct {
    const char *reason; /* as vectors/recorded/README.md lists them */
    enum sks_status why;
} reasons[] = {
    {"ota-header-tag-over-payload", SKS_ERR_TAG},
    {"ota-under-aead", SKS_ERR_OTA_FORBIDDEN},
};

static size_t reasoned[COUNT(reasons)];

/* Refused for the reason that is given, nothing handed on; and our sslocal does not send it. */
static void check_reason(void)
{
    size_t r = 0;
    if (now.datagrams != NULL || now.reason == NULL)
        return;
    while (r < COUNT(reasons) && strcmp(reasons[r].reason, now.reason) != 0)
        r++;
    if (r == COUNT(reasons))
        fail_msg("%s: unknown reason %s", now.id, now.reason);
    for (enum way way = WHOLE; way < WAYS; way++) {
        open_server(way);
        if (relay.why != reasons[r].why)
            fail_msg("%s: %s", now.id, sks_status_text(relay.why));
        assert_int_equal(target_up.put, 0);
        assert_int_equal(relay.target_len, 0);
        sks_session_close(&relay.s);
    }
    open_local(WHOLE);
    give_payload(&client_up, &now.up, WHOLE);
    if (wire_up.put == now.up.wire.n && memcmp(wire_up.octets, now.up.wire.at, wire_up.put) == 0)
        fail_msg("%s: a reason without a difference", now.id);
    sks_session_close(&relay.s);
    reasoned[r]++;
}

static void a_difference_has_its_reason_and_a_reason_its_difference(void **state)
{
    (void)state;
    (void)each_session(check_reason);
    for (size_t r = 0; r < COUNT(reasons); r++)
        if (reasoned[r] == 0)
            fail_msg("%s: no session has it", reasons[r].reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_client_sent_comes_to_its_target),
        cmocka_unit_test(a_stream_cut_anywhere_says_the_same),
        cmocka_unit_test(what_a_server_sent_comes_to_its_client),
        cmocka_unit_test(our_sslocal_sends_what_theirs_sent),
        cmocka_unit_test(our_ssserver_sends_what_theirs_sent),
        cmocka_unit_test(a_difference_has_its_reason_and_a_reason_its_difference),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
