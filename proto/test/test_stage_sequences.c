/* Every sequence of events to a depth, none merged with another that leads to the same machine:
 * what a driver counts on over a whole connection. The driver here keeps what was not taken, gives
 * it again in order, and reads on when it may; other than that it sends anything at any time.
 *
 * A sanitizer takes one event less; SOCKSPEC_QUICK in the environment, meant for valgrind, two. */
#include "stage_script.h"

#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { DEPTH = 5, OCTETS = 512, SIDES = 2, TAG = SKS_OTA_TAG_SIZE };

/* Octets that a side may send, by role and by where the connection begins. */
#define GREETING_NONE "050100"
#define CONNECT "050100017f0000010050"
#define TEN_ZEROS "00000000000000000000"
static const char *const socks5[] = {
    "05",
    GREETING_NONE,
    "050102",
    "0101750170", /* the right credentials */
    "0101750171",
    CONNECT,
    "050200017f0000010050",
    "050300017f0000010050",
    "04",
    GREETING_NONE CONNECT "6869",
    NULL,
};
static const char *const header[] = {
    "01",           "017f0000010050",           "0101620050",
    "030162005068", "117f0000010050" TEN_ZEROS, "00",
    "6869",         "0002" TEN_ZEROS "6869",    "0000" TEN_ZEROS,
    NULL,
};
static const char *const payload[] = {"68", "0002" TEN_ZEROS "6869", "0001" TEN_ZEROS, NULL};

static const struct run {
    const char *about;
    enum sks_role role;
    const struct sks_policy *policy;
    int8_t stage;
    uint8_t marks;
    const char *const *octets;
} runs[] = {
#define AT_FIRST SKS_STAGE_INIT, 0
#define IN_STREAM SKS_STAGE_STREAM, 0
    {"sslocal", SKS_ROLE_SSLOCAL, &plain, AT_FIRST, socks5},
    {"sslocal, credentials", SKS_ROLE_SSLOCAL, &with_auth, AT_FIRST, socks5},
    {"sslocal, one-time auth", SKS_ROLE_SSLOCAL, &ota_required, AT_FIRST, socks5},
    {"socks5", SKS_ROLE_SOCKS5, &plain, AT_FIRST, socks5},
    {"socks5, credentials", SKS_ROLE_SOCKS5, &with_auth, AT_FIRST, socks5},
    {"socks5, CONNECT only", SKS_ROLE_SOCKS5, &connect_only, AT_FIRST, socks5},
    {"ssserver", SKS_ROLE_SSSERVER, &plain, AT_FIRST, header},
    {"ssserver, one-time auth allowed", SKS_ROLE_SSSERVER, &ota_allowed, AT_FIRST, header},
    {"ssserver, one-time auth required", SKS_ROLE_SSSERVER, &ota_required, AT_FIRST, header},
    {"tunnel", SKS_ROLE_TUNNEL, &tunnel, AT_FIRST, payload},
    {"sslocal in STREAM", SKS_ROLE_SSLOCAL, &plain, IN_STREAM, payload},
    {"socks5 in STREAM", SKS_ROLE_SOCKS5, &plain, IN_STREAM, payload},
    {"ssserver in STREAM", SKS_ROLE_SSSERVER, &plain, IN_STREAM, payload},
    {"ssserver in STREAM, one-time auth", SKS_ROLE_SSSERVER, &ota_required, SKS_STAGE_STREAM,
     MARK_OTA, payload},
    {"tunnel in STREAM", SKS_ROLE_TUNNEL, &tunnel, IN_STREAM, payload},
    {"sslocal in ADDR", SKS_ROLE_SSLOCAL, &plain, SKS_STAGE_ADDR, 0, socks5},
    {"socks5 in ADDR", SKS_ROLE_SOCKS5, &plain, SKS_STAGE_ADDR, 0, socks5},
};

/* What a side has sent: octets[taken] to octets[sent] wait at the driver. */
struct side {
    uint8_t *octets;
    size_t sent;
    size_t taken;
};

/* A connection between two events. */
struct link {
    struct sks_stage m;
    struct side sides[SIDES]; /* local, remote */
    uint8_t destroyed;        /* how often it was entered */
    uint8_t headers;          /* HEADER actions so far */
    uint8_t shut[SIDES];      /* towards each side */
};

/* The events to choose from: kinds, and for octets what comes. */
struct choice {
    enum sks_event_kind kind;
    uint8_t octets[32];
    size_t len;
};

static struct {
    const struct run *run;
    struct choice choices[48];
    size_t count;
    size_t steps;
    size_t destroyed;
    size_t forwarded; /* octets */
    size_t resumed;   /* pauses that ended in octets being taken */
} walk;

static struct side *side_of(struct link *link, enum sks_event_kind kind)
{
    if (kind == SKS_EVENT_LOCAL || kind == SKS_EVENT_LOCAL_END || kind == SKS_EVENT_VERIFIED)
        return &link->sides[0];
    if (kind == SKS_EVENT_REMOTE || kind == SKS_EVENT_REMOTE_END)
        return &link->sides[1];
    return NULL;
}

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            broken(before, event, #condition);                                                     \
    } while (0)

static void broken(const struct link *before, const struct sks_event *event, const char *what)
{
    fail_msg("%s: %s %02x, %s: not so: %s", walk.run->about, sks_stage_name(before->m.stage),
             before->m.marks, sks_event_name((int)event->kind), what);
}

/* Payload in STREAM: where it stood, all of it, in order. A chunk's head is no payload. */
static void expect_forwarded(const struct link *before, const struct sks_event *event,
                             const struct sks_step *step)
{
    const enum sks_action_kind on =
        event->kind == SKS_EVENT_REMOTE ? SKS_ACTION_FORWARD_LOCAL : SKS_ACTION_FORWARD_REMOTE;
    const uint8_t *at = event->data;
    size_t forwarded = 0;
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        if (a->kind != SKS_ACTION_FORWARD_LOCAL && a->kind != SKS_ACTION_FORWARD_REMOTE)
            continue;
        HOLDS(before->m.stage == SKS_STAGE_STREAM && a->kind == on);
        if (event->kind == SKS_EVENT_VERIFIED)
            at += 2 + TAG;
        HOLDS(a->data == at);
        at += a->len;
        forwarded += a->len;
    }
    if (before->m.stage == SKS_STAGE_STREAM)
        HOLDS((size_t)(at - event->data) == step->used);
    else
        HOLDS(forwarded == 0);
    walk.forwarded += forwarded;
}

/* What goes out: nothing behind the end of that side or of the connection, payload behind the
 * header. */
static void expect_written(struct link *link, const struct link *before,
                           const struct sks_event *event, const struct sks_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        switch (step->actions[i].kind) {
        case SKS_ACTION_WRITE:
        case SKS_ACTION_FORWARD_LOCAL:
            HOLDS(!link->shut[0] && !link->destroyed);
            break;
        case SKS_ACTION_HEADER:
            HOLDS(!link->shut[1] && !link->destroyed && link->headers++ == 0);
            break;
        case SKS_ACTION_FORWARD_REMOTE:
            HOLDS(!link->shut[1] && !link->destroyed);
            HOLDS(walk.run->stage == SKS_STAGE_STREAM || link->headers == 1 ||
                  !(link->m.role & (SKS_ROLE_SSLOCAL | SKS_ROLE_TUNNEL)));
            break;
        case SKS_ACTION_SHUT_LOCAL:
            HOLDS(link->shut[0]++ == 0);
            break;
        case SKS_ACTION_SHUT_REMOTE:
            HOLDS(link->shut[1]++ == 0);
            break;
        case SKS_ACTION_CLOSE:
        case SKS_ACTION_DRAIN:
            HOLDS(link->destroyed++ == 0);
            break;
        case SKS_ACTION_RESOLVE:
        case SKS_ACTION_CONNECT:
        case SKS_ACTION_LISTEN:
        case SKS_ACTION_ASSOCIATE:
        case SKS_ACTION_VERIFY_HEADER:
        case SKS_ACTION_VERIFY_CHUNK:
            HOLDS(!link->destroyed);
            break;
        case SKS_ACTION_SALT:
            fail_msg("%s: a stage has no salt", walk.run->about);
        }
    }
    HOLDS(link->destroyed == (link->m.stage == SKS_STAGE_DESTROYED));
}

static enum sks_status give(struct link *link, enum sks_event_kind kind)
{
    static const uint8_t host[] = {192, 0, 2, 1};
    static struct sks_step step;
    const struct link before_it = *link, *before = &before_it;
    struct side *side = side_of(link, kind);
    struct sks_event it = {.kind = kind, .addr = {host, 80, SKS_ATYP_IPV4, 4}}, *event = &it;
    if (side != NULL) {
        it.data = side->octets + side->taken;
        it.len = side->sent - side->taken;
    }
    enum sks_status s = sks_stage_step(&link->m, walk.run->policy, &it, &step);
    walk.steps++;
    if (s != SKS_OK) {
        HOLDS(memcmp(&link->m, &before->m, sizeof link->m) == 0);
        HOLDS(step.count == 0 && step.used == 0);
        HOLDS(kind == SKS_EVENT_VERIFIED ||
              (s == SKS_ERR_EVENT) == !sks_stage_takes(&before->m, kind));
        return s;
    }
    HOLDS(before->m.stage != SKS_STAGE_DESTROYED && step.used <= it.len);
    expect_written(link, before, event, &step);
    expect_forwarded(before, event, &step);
    if (side != NULL)
        side->taken += step.used;
    return s;
}

/* A driver reads again as soon as it may: what waits is taken, message by message, until it is all
 * taken, is the beginning of a message, or the machine does not take that side. */
static void resume(struct link *link)
{
    for (size_t i = 0; i < SIDES; i++) {
        const enum sks_event_kind kind = i == 0 ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
        const struct side *side = &link->sides[i];
        while (side->taken < side->sent && sks_stage_takes(&link->m, kind)) {
            const size_t taken = side->taken;
            enum sks_status s = give(link, kind);
            assert_true(s == SKS_OK || s == SKS_MORE);
            if (s == SKS_MORE)
                break;
            walk.resumed += side->taken > taken;
            if (side->taken == taken) /* its tag is to be verified: not taken meanwhile */
                assert_false(sks_stage_takes(&link->m, kind));
        }
    }
}

/* From a pause, when all goes well: the way leads back to reading. */
static void expect_way_out(const struct link *paused)
{
    static const enum sks_event_kind way[] = {SKS_EVENT_OPEN, SKS_EVENT_VERIFIED,
                                              SKS_EVENT_RESOLVED, SKS_EVENT_BOUND,
                                              SKS_EVENT_CONNECTED};
    struct link link = *paused;
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++)
        if (sks_stage_takes(&link.m, way[i]))
            assert_int_equal(give(&link, way[i]), SKS_OK);
    if (link.m.stage != SKS_STAGE_DESTROYED && !(link.m.marks & MARK_LOCAL_ENDED)) {
        assert_true(sks_stage_takes(&link.m, SKS_EVENT_LOCAL));
        resume(&link);
    }
}

static void visit(const struct link *from, int depth)
{
    for (size_t i = 0; i < walk.count; i++) {
        const struct choice *c = &walk.choices[i];
        struct link link = *from;
        struct side *side = side_of(&link, c->kind);
        if (side != NULL && c->len != 0) {
            assert_true(side->sent + c->len <= OCTETS);
            memcpy(side->octets + side->sent, c->octets, c->len);
            side->sent += c->len;
        }
        give(&link, c->kind);
        resume(&link);
        walk.destroyed += link.destroyed && !from->destroyed;
        if (depth > 1)
            visit(&link, depth - 1);
        else if (!link.destroyed && !sks_stage_takes(&link.m, SKS_EVENT_LOCAL))
            expect_way_out(&link);
    }
}

static void choose(enum sks_event_kind kind, const char *hex)
{
    struct choice *c = &walk.choices[walk.count++];
    assert_true(strlen(hex) / 2 <= sizeof c->octets);
    c->kind = kind;
    c->len = from_hex(c->octets, hex);
}

static void walk_run(const struct run *run, int depth)
{
    static uint8_t octets[SIDES][OCTETS];
    struct link link = {.m = {(uint8_t)run->role, run->stage, run->marks},
                        .sides = {{.octets = octets[0]}, {.octets = octets[1]}}};
    memset(&walk, 0, sizeof walk);
    walk.run = run;
    for (size_t i = 0; run->octets[i] != NULL; i++)
        choose(SKS_EVENT_LOCAL, run->octets[i]);
    choose(SKS_EVENT_REMOTE, "7265");
    for (int kind = 0; kind <= SKS_EVENT_TIMEOUT; kind++)
        if (kind != SKS_EVENT_LOCAL && kind != SKS_EVENT_REMOTE)
            choose((enum sks_event_kind)kind, "");
    visit(&link, depth);
    print_message("%s: %zu^%d sequences, %zu events, %zu ends, %zu octets forwarded\n", run->about,
                  walk.count, depth, walk.steps, walk.destroyed, walk.forwarded);
    assert_true(walk.destroyed > 0);
    if (run->stage == SKS_STAGE_STREAM)
        assert_true(walk.forwarded > 0);
    if (run->stage == SKS_STAGE_INIT && depth == DEPTH)
        assert_true(walk.resumed > 0);
}

static void every_sequence_keeps_what_a_driver_counts_on(void **state)
{
    const int depth = DEPTH - SANITIZED - 2 * (getenv("SOCKSPEC_QUICK") != NULL);
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        walk_run(&runs[i], depth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_keeps_what_a_driver_counts_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
