/* The stage machine against its scripts, and octets that are cut short, too many or wrong. */
#include "stage_script.h"

#define L SKS_ROLE_SSLOCAL
#define S SKS_ROLE_SSSERVER
#define T SKS_ROLE_TUNNEL
#define P SKS_ROLE_SOCKS5

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
#define SKS_X(constant, number, name) assert_string_equal(sks_role_name(constant), name);
    SKS_ROLE_LIST(SKS_X)
#undef SKS_X
#define SKS_X(constant, number, name) assert_string_equal(sks_stage_name(constant), name);
    SKS_STAGE_LIST(SKS_X)
#undef SKS_X
#define SKS_X(constant, name, text) assert_string_equal(sks_event_name(constant), name);
    SKS_EVENT_LIST(SKS_X)
#undef SKS_X
#define SKS_X(constant, name, text) assert_string_equal(sks_action_name(constant), name);
    SKS_ACTION_LIST(SKS_X)
#undef SKS_X
    assert_int_equal(sizeof(struct sks_stage), 3);
    assert_string_equal(sks_role_name(3), "?");
    assert_string_equal(sks_stage_name(-1), "DESTROYED");
    assert_string_equal(sks_stage_name(6), "?");
    assert_string_equal(sks_event_name(SKS_EVENT_TIMEOUT + 1), "?");
    assert_string_equal(sks_action_name(-1), "?");
    assert_string_equal(sks_action_name(SKS_ACTION_SALT + 1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_edge_is_in_a_script),
        cmocka_unit_test(a_message_cut_short_changes_nothing),
        cmocka_unit_test(octets_behind_a_message_are_not_taken),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_tunnel_without_a_target_does_not_start),
        cmocka_unit_test(an_empty_name_is_no_target_even_where_the_original_took_it),
        cmocka_unit_test(names_are_those_of_the_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
