/* The stage machine against scripts and against a list of its states, both written by hand. */
#include "stage_script.h"

/* ---- every edge ------------------------------------------------------------------------------ */

static size_t row_of(const struct sks_stage *m, const struct sks_policy *policy,
                     const struct sks_event *event)
{
    struct stage_message message;
    size_t found = sks_stage_table_rows;
    if (sks_stage_read(&message, m, policy, event) != SKS_OK)
        return found;
    for (size_t i = 0; i < sks_stage_table_rows; i++) {
        const struct stage_row *row = &sks_stage_table[i];
        if ((row->roles & m->role) && (row->stages & STAGE_BIT(m->stage)) &&
            row->event == event->kind && (m->marks & row->need) == row->need &&
            !(m->marks & row->unless) && (row->form == FORM_ANY || row->form == message.form)) {
            if (found != sks_stage_table_rows)
                fail_msg("rows %zu and %zu both fit", found, i);
            found = i;
        }
    }
    return found;
}

static void every_edge_is_in_a_script(void **state)
{
    unsigned char *taken = calloc(sks_stage_table_rows, 1);
    (void)state;
    for (size_t i = 0; i < script_count; i++) {
        const struct script *script = &scripts[i];
        struct sks_stage m;
        sks_stage_init(&m, script->role);
        for (size_t k = 0; script->lines[k] != NULL; k++) {
            uint8_t buf[SCRIPT_OCTETS];
            struct sks_trace_line line;
            parse_line(&line, buf, script->lines[k]);
            struct sks_event event = event_of(&line.event);
            size_t row = row_of(&m, script->policy, &event);
            assert_true(row < sks_stage_table_rows);
            taken[row] = 1;
            run_line(&m, script->policy, script->lines[k]);
        }
    }
    for (size_t i = 0; i < sks_stage_table_rows; i++)
        if (!taken[i])
            fail_msg("row %zu of the table is in no script", i);
    free(taken);
}

/* ---- every state, and what it takes ---------------------------------------------------------- */

/* All states that can be reached and the events that have an edge there, in the order of their
 * list; DESTROYED takes none. */
static const struct {
    uint8_t roles;
    int8_t stage;
    uint8_t marks;
    const char *takes;
} states[] = {
#define L SKS_ROLE_SSLOCAL
#define S SKS_ROLE_SSSERVER
#define T SKS_ROLE_TUNNEL
#define P SKS_ROLE_SOCKS5
#define ALL (L | S | T | P)
#define ALWAYS " failure lost timeout"
    {T, SKS_STAGE_INIT, 0, " open local-end" ALWAYS},
    {L | P, SKS_STAGE_INIT, 0, " local local-end" ALWAYS},
    {L | P, SKS_STAGE_INIT, MARK_AUTH, " local local-end" ALWAYS},
    {S, SKS_STAGE_INIT, 0, " local local-end" ALWAYS},
    {S, SKS_STAGE_INIT, MARK_VERIFY, " local-end verified" ALWAYS},
    {L | P, SKS_STAGE_ADDR, 0, " local local-end" ALWAYS},
    {L | P, SKS_STAGE_UDP_ASSOC, 0, " local local-end bound" ALWAYS},
    {L | P, SKS_STAGE_UDP_ASSOC, MARK_BOUND, " local local-end" ALWAYS},
    {ALL, SKS_STAGE_DNS, 0, " resolved" ALWAYS},
    {S, SKS_STAGE_DNS, MARK_OTA, " resolved" ALWAYS},
    {P, SKS_STAGE_DNS, MARK_BIND, " resolved" ALWAYS},
    {ALL, SKS_STAGE_CONNECTING, 0, " connected" ALWAYS},
    {S, SKS_STAGE_CONNECTING, MARK_OTA, " connected" ALWAYS},
    {P, SKS_STAGE_CONNECTING, MARK_BIND, " bound" ALWAYS},
    {P, SKS_STAGE_CONNECTING, MARK_BIND | MARK_BOUND, " connected" ALWAYS},
    {ALL, SKS_STAGE_STREAM, 0, " local remote local-end remote-end" ALWAYS},
    {ALL, SKS_STAGE_STREAM, MARK_LOCAL_ENDED, " remote remote-end" ALWAYS},
    {ALL, SKS_STAGE_STREAM, MARK_REMOTE_ENDED, " local local-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA, " local remote local-end remote-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_VERIFY, " remote remote-end verified" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_LOCAL_ENDED, " remote remote-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_REMOTE_ENDED, " local local-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_VERIFY | MARK_REMOTE_ENDED, " verified" ALWAYS},
};
enum { STATES = sizeof states / sizeof states[0] };

static size_t state_of(const struct sks_stage *m)
{
    for (size_t i = 0; i < STATES; i++)
        if ((states[i].roles & m->role) && states[i].stage == m->stage &&
            states[i].marks == m->marks)
            return i;
    fail_msg("%s %s with marks %02x is in no list", sks_role_name(m->role),
             sks_stage_name(m->stage), m->marks);
    return STATES;
}

static int is_listed(const char *takes, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = takes; (at = strstr(at, name)) != NULL; at += n)
        if (at[-1] == ' ' && (at[n] == ' ' || at[n] == '\0'))
            return 1;
    return 0;
}

/* Octets of every form, right and wrong in every way, and none. */
static const char *const stimuli[] = {
    "",
    "05",
    "050100",
    "050102",
    "0500",
    "04",
    "01",
    "0101",
    "010375007201"
    "70",
    "0103750072"
    "0171",
    "050100017f0000010050",
    "050200017f0000010050",
    "050300017f0000010050",
    "05f000017f0000010050",
    "05010002",
    "0501000300",
    "050100",
    "017f0000010050",
    "117f0000010050"
    "00112233445566778899",
    "030161ffff",
    "02",
    "0300",
    "0001"
    "00112233445566778899"
    "61",
    "0000"
    "00112233445566778899",
};
enum { STIMULI = sizeof stimuli / sizeof stimuli[0] };

static size_t from_hex(uint8_t *to, const char *hex)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned octet;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &octet), 1);
        to[i] = (uint8_t)octet;
    }
    return n;
}

static const uint8_t no_host[] = {0, 0, 0, 0};

/* One event on a copy of m: what the machine promises whatever happens. */
static enum sks_status promise(struct sks_stage *m, const struct sks_policy *policy,
                               const struct sks_event *event)
{
    const struct sks_stage before = *m;
    struct sks_step step, again;
    struct sks_stage twin = *m;
    enum sks_status s = sks_stage_step(m, policy, event, &step);
    assert_int_equal(sks_stage_step(&twin, policy, event, &again), s);
    assert_memory_equal(&twin, m, sizeof twin); /* pure */
    assert_int_equal(step.count, again.count);
    assert_int_equal(step.used, again.used);
    if (s == SKS_OK) {
        assert_true(before.stage != SKS_STAGE_DESTROYED);
        assert_true(sks_stage_takes(&before, event->kind));
        assert_true(step.used <= event->len);
        assert_true(step.count <= SKS_STEP_ACTIONS);
        enum sks_action_kind last =
            step.count != 0 ? step.actions[step.count - 1].kind : SKS_ACTION_SALT;
        assert_int_equal(m->stage == SKS_STAGE_DESTROYED,
                         last == SKS_ACTION_CLOSE || last == SKS_ACTION_DRAIN);
        for (size_t i = 0; i + 1 < step.count; i++)
            assert_true(step.actions[i].kind != SKS_ACTION_CLOSE &&
                        step.actions[i].kind != SKS_ACTION_DRAIN);
    } else {
        assert_memory_equal(m, &before, sizeof before);
        assert_int_equal(step.count, 0);
        assert_int_equal(step.used, 0);
        if (event->kind != SKS_EVENT_VERIFIED) /* which may come with octets that nobody verified */
            assert_int_equal(s == SKS_ERR_EVENT, !sks_stage_takes(&before, event->kind));
    }
    return s;
}

struct search {
    struct sks_stage found[256];
    size_t count;
};

static void add(struct search *search, const struct sks_stage *m)
{
    for (size_t i = 0; i < search->count; i++)
        if (memcmp(&search->found[i], m, sizeof *m) == 0)
            return;
    assert_true(search->count < 256);
    search->found[search->count++] = *m;
}

static void try_event(struct search *search, const struct sks_stage *m,
                      const struct sks_policy *policy, struct sks_event event)
{
    struct sks_stage next = *m;
    if (promise(&next, policy, &event) == SKS_OK)
        add(search, &next);
}

/* Breadth first over all machines that any event reaches under this policy. */
static void explore(struct search *search, enum sks_role role, const struct sks_policy *policy)
{
    uint8_t octets[64];
    struct sks_stage first;
    sks_stage_init(&first, role);
    add(search, &first);
    for (size_t at = 0; at < search->count; at++) {
        const struct sks_stage m = search->found[at];
        for (int kind = 0; kind <= SKS_EVENT_TIMEOUT; kind++) {
            for (size_t i = 0; i < STIMULI; i++) {
                size_t n = from_hex(octets, stimuli[i]);
                uint8_t *block = exact(octets, n);
                try_event(search, &m, policy,
                          (struct sks_event){.kind = (enum sks_event_kind)kind,
                                             .data = block,
                                             .len = n,
                                             .addr = {no_host, 1, SKS_ATYP_IPV4, 4},
                                             .rep = (uint8_t)i});
                free(block);
            }
        }
    }
}

static void every_state_takes_what_is_listed_and_refuses_the_rest(void **state)
{
    static const enum sks_role roles[] = {L, S, T, P};
    const struct sks_policy *policies[] = {&plain,       &with_auth,    &connect_only,
                                           &ota_allowed, &ota_required, &tunnel};
    unsigned char seen[STATES][16] = {{0}};
    (void)state;
    for (size_t r = 0; r < 4; r++) {
        for (size_t p = 0; p < 6; p++) {
            struct search search = {.count = 0};
            if (roles[r] == T && policies[p] != &tunnel)
                continue;
            explore(&search, roles[r], policies[p]);
            for (size_t i = 0; i < search.count; i++) {
                const struct sks_stage *m = &search.found[i];
                const char *takes = "";
                if (m->stage != SKS_STAGE_DESTROYED) {
                    size_t at = state_of(m);
                    seen[at][m->role] = 1;
                    takes = states[at].takes;
                }
                for (int kind = 0; kind <= SKS_EVENT_TIMEOUT; kind++)
                    if (sks_stage_takes(m, (enum sks_event_kind)kind) !=
                        is_listed(takes, sks_event_name(kind)))
                        fail_msg("%s %s %02x: %s", sks_role_name(m->role), sks_stage_name(m->stage),
                                 m->marks, sks_event_name(kind));
            }
        }
    }
    for (size_t i = 0; i < STATES; i++)
        for (size_t r = 0; r < 4; r++)
            if ((states[i].roles & roles[r]) && !seen[i][roles[r]])
                fail_msg("%s never gets into state %zu", sks_role_name((int)roles[r]), i);
}

/* ---- octets ---------------------------------------------------------------------------------- */

static void a_message_cut_short_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < script_count; i++) {
        struct sks_stage m;
        sks_stage_init(&m, scripts[i].role);
        for (size_t k = 0; scripts[i].lines[k] != NULL; k++) {
            uint8_t buf[SCRIPT_OCTETS];
            struct sks_trace_line line;
            parse_line(&line, buf, scripts[i].lines[k]);
            struct sks_event event = event_of(&line.event);
            int payload = (m.stage == SKS_STAGE_STREAM && !(m.marks & MARK_OTA)) ||
                          m.stage == SKS_STAGE_UDP_ASSOC || event.kind == SKS_EVENT_REMOTE;
            if (event.kind == SKS_EVENT_LOCAL || event.kind == SKS_EVENT_VERIFIED)
                for (size_t n = 0; n < (payload ? 1 : event.len); n++) {
                    uint8_t *block = exact(event.data, n);
                    struct sks_event cut = {.kind = event.kind, .data = block, .len = n};
                    struct sks_stage copy = m;
                    if (promise(&copy, scripts[i].policy, &cut) != SKS_MORE)
                        fail_msg("%s: %zu octets", scripts[i].lines[k], n);
                    free(block);
                }
            run_line(&m, scripts[i].policy, scripts[i].lines[k]);
        }
    }
}

static void octets_behind_a_message_are_not_taken(void **state)
{
    uint8_t octets[] = {5, 1, 0, 5, 1, 0, 3, 1, 'a', 0, 80, 'h', 'i'};
    struct sks_stage m;
    struct sks_step step;
    (void)state;
    sks_stage_init(&m, P);
    struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = octets, .len = sizeof octets};
    assert_int_equal(sks_stage_step(&m, &plain, &event, &step), SKS_OK);
    assert_int_equal(step.used, 3);
    event.data += 3;
    event.len -= 3;
    assert_int_equal(sks_stage_step(&m, &plain, &event, &step), SKS_OK);
    assert_int_equal(step.used, 8);
    assert_int_equal(step.actions[0].addr.host_len, 1);
    assert_int_equal(step.actions[0].addr.port, 80);
    event.data += 8;
    event.len -= 8;
    assert_int_equal(sks_stage_step(&m, &plain, &event, &step), SKS_ERR_EVENT); /* paused */
    assert_int_equal(step.used, 0);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        enum sks_role role;
        int8_t stage;
        const char *octets;
        enum sks_status why;
        size_t at;
    } wrongs[] = {
        {P, SKS_STAGE_INIT, "04", SKS_ERR_VERSION, 0},
        {P, SKS_STAGE_INIT, "0500", SKS_ERR_EMPTY, 1},
        {P, SKS_STAGE_ADDR, "04", SKS_ERR_VERSION, 0},
        {P, SKS_STAGE_ADDR, "05010002ff", SKS_ERR_ATYP, 3},
        {P, SKS_STAGE_ADDR, "0501000300ff", SKS_ERR_EMPTY, 4},
        {S, SKS_STAGE_INIT, "05", SKS_ERR_ATYP, 0},
        {S, SKS_STAGE_INIT, "11", SKS_ERR_OTA_FORBIDDEN, 0},
        {S, SKS_STAGE_INIT, "0300", SKS_ERR_EMPTY, 1},
    };
    uint8_t octets[16];
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct sks_stage m = {(uint8_t)wrongs[i].role, wrongs[i].stage, 0};
        struct sks_step step;
        struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = octets};
        event.len = from_hex(octets, wrongs[i].octets);
        assert_int_equal(sks_stage_step(&m, &plain, &event, &step), SKS_OK);
        assert_int_equal(step.why, wrongs[i].why);
        assert_int_equal(step.at, wrongs[i].at);
        assert_int_equal(step.used, wrongs[i].at + 1);
        assert_int_equal(m.stage, SKS_STAGE_DESTROYED);
    }
}

static void a_tunnel_without_a_target_does_not_start(void **state)
{
    struct sks_stage m;
    struct sks_step step;
    const struct sks_event event = {.kind = SKS_EVENT_OPEN};
    (void)state;
    sks_stage_init(&m, T);
    assert_int_equal(sks_stage_step(&m, &plain, &event, &step), SKS_ERR_ATYP);
    assert_int_equal(m.stage, SKS_STAGE_INIT);
    assert_int_equal(step.count, 0);
}

static void an_empty_name_is_no_target_even_where_the_original_took_it(void **state)
{
    static const struct sks_policy py = {.ota = SKS_SS_PY};
    static const uint8_t octets[] = {3, 0, 0, 80};
    struct sks_stage m;
    struct sks_step step;
    const struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = octets, .len = 4};
    (void)state;
    sks_stage_init(&m, S);
    assert_int_equal(sks_stage_step(&m, &py, &event, &step), SKS_OK);
    assert_int_equal(m.stage, SKS_STAGE_DESTROYED);
    assert_int_equal(step.why, SKS_ERR_EMPTY);
}

static void names_are_those_of_the_lists(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct sks_stage), 3);
    assert_string_equal(sks_role_name(SKS_ROLE_TUNNEL), "tunnel");
    assert_string_equal(sks_role_name(3), "?");
    assert_string_equal(sks_stage_name(-1), "DESTROYED");
    assert_string_equal(sks_stage_name(5), "STREAM");
    assert_string_equal(sks_stage_name(6), "?");
    assert_string_equal(sks_event_name(SKS_EVENT_LOST), "lost");
    assert_string_equal(sks_event_name(SKS_EVENT_TIMEOUT + 1), "?");
    assert_string_equal(sks_action_name(SKS_ACTION_SALT), "salt");
    assert_string_equal(sks_action_name(-1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_edge_is_in_a_script),
        cmocka_unit_test(every_state_takes_what_is_listed_and_refuses_the_rest),
        cmocka_unit_test(a_message_cut_short_changes_nothing),
        cmocka_unit_test(octets_behind_a_message_are_not_taken),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_tunnel_without_a_target_does_not_start),
        cmocka_unit_test(an_empty_name_is_no_target_even_where_the_original_took_it),
        cmocka_unit_test(names_are_those_of_the_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
