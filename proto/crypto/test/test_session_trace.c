/* A session recorded as trace lines, and the lines played again on a new session under the same
 * salt: the same stages, actions and octets. */
#include "session_pair.h"

static struct pair pair;
static char local_trace[TRACE_MAX], server_trace[TRACE_MAX];

/* A short conversation in which both sides end. */
static void converse(const struct family *f, const struct cutter *c)
{
    pair_open(&pair, f);
    pair.local.trace = local_trace;
    pair.server.trace = server_trace;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hello"));
    pipe_put(&pair.target_down, LITERAL("welcome"));
    pair_run(&pair, c);
    pair.client_up.ended = 1;
    pair_run(&pair, c);
    pair.target_down.ended = 1;
    pair_run(&pair, c);
    pair_close(&pair);
}

static void assert_word(const char *what, const uint8_t *octets, size_t len,
                        const struct sks_trace_word *word)
{
    const uint8_t *want = word->wire_len != 0 ? word->wire : word->plain;
    size_t want_len = word->wire_len != 0 ? word->wire_len : word->plain_len;
    if (len != want_len || (len != 0 && memcmp(octets, want, len) != 0))
        fail_msg("%s: %zu octets, %zu expected", what, len, want_len);
}

/* A trace while it is played: the octets of both sides, those of the wire side as they came in. */
struct player {
    struct sks_session s;
    struct sks_trace_line lines[4096];
    size_t count;
    uint8_t room[SKS_SESSION_HEAD + 4096 + SKS_SESSION_TAIL]; /* of the wire side */
    size_t end[4096];                                         /* of each line in there */
    size_t total, taken, given;
};

static int is_wire(const struct player *p, const struct sks_trace_line *line)
{
    return line->event.kind ==
           (p->s.config->role == SKS_ROLE_SSSERVER ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE);
}

static void load(struct player *p, const char *text, size_t len)
{
    static uint8_t buf[TRACE_MAX / 2];
    size_t used, put = 0;
    p->count = p->total = p->taken = p->given = 0;
    for (size_t at = 0; at < len; at += used) {
        struct sks_trace_line *line = &p->lines[p->count];
        assert_int_equal(
            sks_trace_parse(line, buf + put, sizeof buf - put, text + at, len - at, &used), SKS_OK);
        put += used / 2;
        const struct sks_trace_word *in = &line->event;
        size_t n = in->wire_len != 0 ? in->wire_len : in->plain_len;
        if (is_wire(p, line) && n != 0) {
            memcpy(p->room + p->total, in->wire_len != 0 ? in->wire : in->plain, n);
            p->total += n;
        }
        p->end[p->count++] = p->total;
    }
}

/* As many lines' octets of the wire side as it takes for an answer. */
static enum sks_status play_wire(struct player *p, size_t k, struct sks_step *step)
{
    const enum sks_event_kind side = (enum sks_event_kind)p->lines[k].event.kind;
    enum sks_status s = SKS_MORE;
    for (; k < p->count; k++) {
        if (p->given < p->end[k])
            p->given = p->end[k];
        do {
            s = sks_session_octets(&p->s, side, p->room + p->taken, p->given - p->taken, step);
            p->taken += step->used;
        } while (s == SKS_OK && step->count != 0 && step->actions[0].kind == SKS_ACTION_SALT);
        if (s != SKS_MORE)
            break;
    }
    return s;
}

static enum sks_status play_event(struct player *p, size_t k, struct sks_step *step)
{
    static uint8_t room[SKS_SESSION_HEAD + 4096 + SKS_SESSION_TAIL];
    const struct sks_trace_word *in = &p->lines[k].event;
    struct sks_event event = {.kind = (enum sks_event_kind)in->kind};
    size_t used;
    if (is_wire(p, &p->lines[k]))
        return play_wire(p, k, step);
    if (event.kind == SKS_EVENT_LOCAL || event.kind == SKS_EVENT_REMOTE) {
        memcpy(room + SKS_SESSION_HEAD, in->plain, in->plain_len);
        return sks_session_octets(&p->s, event.kind, room + SKS_SESSION_HEAD, in->plain_len, step);
    }
    if (in->plain_len > 1)
        assert_int_equal(sks_addr_parse(&event.addr, in->plain, in->plain_len, &used), SKS_OK);
    return sks_session_event(&p->s, &event, step);
}

/* All lines of a trace; the plain octets of some of its words, one after another. */
static void replay(const struct sks_session_config *config, const uint8_t *salt, const char *text,
                   size_t len, enum sks_action_kind kind, char *said)
{
    static struct player p;
    size_t n = 0;
    assert_int_equal(sks_session_open(&p.s, config, salt, config->key->cipher->iv_size), SKS_OK);
    load(&p, text, len);
    for (size_t k = 0; k < p.count; k++) {
        const struct sks_trace_line *line = &p.lines[k];
        struct sks_step step;
        assert_int_equal(p.s.stage.stage, line->before);
        assert_int_equal(play_event(&p, k, &step), SKS_OK);
        assert_int_equal(p.s.stage.stage, line->after);
        assert_int_equal(step.count, line->count);
        for (size_t i = 0; i < step.count; i++) {
            const struct sks_trace_word *word = &line->actions[i];
            assert_int_equal(step.actions[i].kind, word->kind);
            assert_word(sks_action_name(word->kind), step.actions[i].data, step.actions[i].len,
                        word);
            if (word->kind == (int)kind) {
                memcpy(said + n, word->plain, word->plain_len);
                n += word->plain_len;
            }
        }
    }
    said[n] = '\0';
    assert_int_equal(p.taken, p.total);
    assert_int_equal(p.s.stage.stage, SKS_STAGE_DESTROYED);
    sks_session_close(&p.s);
}

static void what_was_recorded_can_be_played_again(void **state)
{
    static const struct {
        const char *method;
        int ota;
    } families[] = {{"aes-256-gcm", 0},
                    {"chacha20-ietf-poly1305", 0},
                    {"aes-256-cfb", 0},
                    {"none", 0},
                    {"none", 1}};
    const struct cutter cutters[] = {{.rest = SIZE_MAX}, {.rest = 7}, {.rest = 1}};
    (void)state;
    for (size_t i = 0; i < COUNT(families) * COUNT(cutters); i++) {
        struct family f;
        char said[64];
        assert_true(family_open(&f, families[i % COUNT(families)].method,
                                families[i % COUNT(families)].ota));
        converse(&f, &cutters[i / COUNT(families)]);
        replay(&f.local, f.salt[0], local_trace, pair.local.trace_len, SKS_ACTION_FORWARD_REMOTE,
               said);
        assert_string_equal(said, "hello");
        replay(&f.local, f.salt[0], local_trace, pair.local.trace_len, SKS_ACTION_FORWARD_LOCAL,
               said);
        assert_string_equal(said, "welcome");
        replay(&f.server, f.salt[1], server_trace, pair.server.trace_len, SKS_ACTION_FORWARD_REMOTE,
               said);
        assert_string_equal(said, "hello");
        replay(&f.server, f.salt[1], server_trace, pair.server.trace_len, SKS_ACTION_FORWARD_LOCAL,
               said);
        assert_string_equal(said, "welcome");
        family_close(&f);
    }
}

static void a_trace_reads_like_this(void **state)
{
    const struct cutter whole = {.rest = SIZE_MAX};
    struct family f;
    (void)state;
    assert_true(family_open(&f, "none", 1));
    converse(&f, &whole);
    static const char first[] = "INIT local:050100 write:0500 ADDR\n";
    assert_memory_equal(local_trace, first, strlen(first));
    assert_non_null(strstr(local_trace, "ADDR local:050100030b6578616d706c652e6f72670050 "
                                        "write:05000001000000001010 "
                                        "header:130b6578616d706c652e6f72670050/130b"));
    assert_non_null(strstr(local_trace, "\nDNS resolved connect CONNECTING\n"));
    assert_non_null(
        strstr(local_trace, "\nSTREAM local:68656c6c6f forward-remote:68656c6c6f/0005"));
    assert_non_null(strstr(local_trace, "\nSTREAM local-end shut-remote STREAM\n"));
    assert_non_null(strstr(local_trace, "\nSTREAM remote-end shut-local close DESTROYED\n"));
    assert_non_null(strstr(server_trace, " resolve:030b6578616d706c652e6f72670050 DNS\n"));
    family_close(&f);
}

/* A method that leaves octets as they are: those of the wire are not said twice. */
static void octets_that_are_alike_are_said_once(void **state)
{
    const struct cutter whole = {.rest = SIZE_MAX};
    struct family f;
    (void)state;
    assert_true(family_open(&f, "none", 0));
    converse(&f, &whole);
    local_trace[pair.local.trace_len] = server_trace[pair.server.trace_len] = '\0';
    assert_null(strchr(local_trace, '/'));
    assert_null(strchr(server_trace, '/'));
    assert_non_null(
        strstr(local_trace, "\nSTREAM local:68656c6c6f forward-remote:68656c6c6f STREAM\n"));
    assert_non_null(strstr(server_trace,
                           "\nSTREAM remote:77656c636f6d65 forward-local:77656c636f6d65 STREAM\n"));
    family_close(&f);
}

/* What was opened stands before the slash, what came over the network behind it. */
static void what_was_opened_is_said_too(void **state)
{
    const struct cutter whole = {.rest = SIZE_MAX};
    struct family f;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    converse(&f, &whole);
    local_trace[pair.local.trace_len] = server_trace[pair.server.trace_len] = '\0';
    assert_non_null(strstr(server_trace, "INIT local:030b6578616d706c652e6f72670050/"));
    assert_non_null(strstr(local_trace, "\nSTREAM remote:77656c636f6d65/"));
    family_close(&f);
}

static void refusals_and_plain_socks5_are_recorded_too(void **state)
{
    const struct cutter whole = {.rest = SIZE_MAX};
    struct family f;
    (void)state;
    assert_true(family_open(&f, "aes-256-gcm", 0));
    for (uint8_t rep = SKS_REP_FAILURE; rep <= SKS_REP_HOST_UNREACHABLE; rep++) {
        char want[] = "\nDNS failure:00 close DESTROYED\n";
        want[strlen("\nDNS failure:0")] = (char)('0' + rep);
        pair_open(&pair, &f);
        pair.server.trace = server_trace;
        pair.server.refuse = rep;
        pipe_put(&pair.client_up, LITERAL(GREETING REQUEST));
        pair_run(&pair, &whole);
        server_trace[pair.server.trace_len] = '\0';
        assert_non_null(strstr(server_trace, want));
        pair_close(&pair);
    }
    pair_open(&pair, &f); /* a stream that is cut short */
    pair.server.trace = server_trace;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hello"));
    while (turn(&pair.local, &whole))
        continue;
    pair.wire_up.put -= 1;
    pair.wire_up.ended = 1;
    while (turn(&pair.server, &whole))
        continue;
    server_trace[pair.server.trace_len] = '\0';
    assert_non_null(strstr(server_trace, "\nSTREAM local-end close DESTROYED\n"));
    pair_close(&pair);
    family_close(&f);
    assert_true(family_open(&f, "none", 0));
    f.local.role = SKS_ROLE_SOCKS5;
    f.local.key = NULL;
    pair_open(&pair, &f);
    pair.local.trace = local_trace;
    pipe_put(&pair.client_up, LITERAL(GREETING REQUEST "hi"));
    while (turn(&pair.local, &whole))
        continue;
    local_trace[pair.local.trace_len] = '\0';
    assert_string_equal(local_trace,
                        "INIT local:050100 write:0500 ADDR\n"
                        "ADDR local:050100030b6578616d706c652e6f72670050 "
                        "resolve:030b6578616d706c652e6f72670050 DNS\n"
                        "DNS resolved connect CONNECTING\n"
                        "CONNECTING connected:010a000001c001 write:050000010a000001c001 STREAM\n"
                        "STREAM local:6869 forward-remote:6869 STREAM\n");
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_recorded_can_be_played_again),
        cmocka_unit_test(a_trace_reads_like_this),
        cmocka_unit_test(octets_that_are_alike_are_said_once),
        cmocka_unit_test(what_was_opened_is_said_too),
        cmocka_unit_test(refusals_and_plain_socks5_are_recorded_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
