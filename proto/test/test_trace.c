/* The trace line: read what was written, write what was read, cut anywhere, spoilt anywhere. */
#include "harness.h"
#include "stage_script.h"

enum { LINE = 2 * SCRIPT_OCTETS };

/* The text ends at a page that cannot be read. */
static enum sks_status parse_exact(struct sks_trace_line *out, uint8_t *buf, size_t cap,
                                   const char *text, size_t len, size_t *used)
{
    static struct block input;
    if (input.begin == NULL)
        input = block_new();
    enum sks_status s =
        sks_trace_parse(out, buf, cap, memcpy(input.end - len, text, len), len, used);
    return s;
}

static void check_line(const char *text)
{
    char line[LINE], written[LINE];
    uint8_t buf[SCRIPT_OCTETS];
    struct sks_trace_line out;
    size_t used, n = (size_t)snprintf(line, sizeof line, "%s\nINIT", text);
    size_t len = n - 4;
    assert_int_equal(parse_exact(&out, buf, len / 2, line, n, &used), SKS_OK);
    assert_int_equal(used, len);
    /* back again, for every capacity */
    for (size_t cap = 0; cap < len; cap++) {
        memset(written, 0x5a, sizeof written);
        assert_int_equal(sks_trace_encode(written, cap, &out, &used), SKS_ERR_SPACE);
        assert_int_equal(used, len);
        assert_int_equal(written[0], 0x5a);
    }
    assert_int_equal(sks_trace_encode(written, len, &out, &used), SKS_OK);
    assert_int_equal(used, len);
    assert_memory_equal(written, line, len);
    /* every cut */
    for (size_t cut = 0; cut < len; cut++) {
        struct sks_trace_line untouched;
        memset(&untouched, 0x5a, sizeof untouched);
        struct sks_trace_line copy = untouched;
        assert_int_equal(parse_exact(&untouched, buf, sizeof buf, line, cut, &used), SKS_MORE);
        assert_int_equal(used, 0);
        assert_memory_equal(&untouched, &copy, sizeof copy);
    }
    /* every character spoilt: wrong there, or a digit that makes another line, or a longer name */
    for (size_t at = 0; at < len; at++) {
        char spoilt[LINE];
        memcpy(spoilt, line, n);
        spoilt[at] = '~';
        enum sks_status s = parse_exact(&out, buf, sizeof buf, spoilt, n, &used);
        if (s != SKS_ERR_TRACE || used != at)
            fail_msg("%s spoilt at %zu: %s at %zu", text, at, sks_status_text(s), used);
    }
}

static void every_line_of_the_scripts_goes_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < script_count; i++)
        for (size_t k = 0; scripts[i].lines[k] != NULL; k++)
            check_line(scripts[i].lines[k]);
}

static void wire_octets_stand_beside_plain_ones(void **state)
{
    uint8_t buf[16];
    struct sks_trace_line out;
    size_t used;
    static const char text[] = "STREAM local:6869/00112233 forward-remote:/ff STREAM\n";
    (void)state;
    check_line("STREAM local:6869/00112233 forward-remote:/ff salt:00 STREAM");
    assert_int_equal(sks_trace_parse(&out, buf, sizeof buf, text, strlen(text), &used), SKS_OK);
    assert_int_equal(out.before, SKS_STAGE_STREAM);
    assert_int_equal(out.event.kind, SKS_EVENT_LOCAL);
    assert_int_equal(out.event.plain_len, 2);
    assert_int_equal(out.event.wire_len, 4);
    assert_memory_equal(out.event.wire, "\x00\x11\x22\x33", 4);
    assert_int_equal(out.count, 1);
    assert_int_equal(out.actions[0].plain_len, 0);
    assert_int_equal(out.actions[0].wire_len, 1);
    for (size_t cap = 0; cap < 7; cap++) {
        assert_int_equal(sks_trace_parse(&out, buf, cap, text, strlen(text), &used), SKS_ERR_SPACE);
        assert_int_equal(used, strlen(text) / 2);
    }
}

static void a_line_of_as_many_actions_as_a_step_has(void **state)
{
    (void)state;
    check_line("INIT local close close close salt:00 DESTROYED");
}

static void what_is_no_line_is_refused_where_it_stops_being_one(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } wrongs[] = {
        {"X", 0},
        {"INIX", 3},
        {"INIT\n", 4},
        {"open ADDR\n", 0},
        {"INIT:00 ", 4},
        {"INIT  local", 5},
        {"INIT LOCAL", 5},
        {"INIT local-x", 11},
        {"INIT locals", 10},
        {"INIT local\n", 10},
        {"INIT local:0", SIZE_MAX},
        {"INIT local:0g", 12},
        {"INIT local:0G", 12},
        {"INIT local:0 ", 12},
        {"INIT local:AB", 11},
        {"INIT local: ", 11},
        {"INIT local:00/ ", 14},
        {"INIT local:/ ", 12},
        {"INIT local:00/00/", 16},
        {"INIT local  ", 11},
        {"INIT local [", 11},
        {"INIT local ADDR ", 15},
        {"INIT local ADDR:00", 15},
        {"INIT local close close close close close", 35},
        {"INIT local verified", 16}, /* as far as "verify-header" goes */
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        uint8_t buf[64];
        struct sks_trace_line out;
        size_t used;
        enum sks_status s =
            parse_exact(&out, buf, sizeof buf, wrongs[i].text, strlen(wrongs[i].text), &used);
        if (wrongs[i].at == SIZE_MAX ? s != SKS_MORE : s != SKS_ERR_TRACE || used != wrongs[i].at)
            fail_msg("\"%s\": %s at %zu", wrongs[i].text, sks_status_text(s), used);
    }
}

static void what_is_in_no_list_is_not_written(void **state)
{
    /* actions behind the count are none of the line's */
    const struct sks_trace_line good = {.before = 0, .after = -1, .actions = {{.kind = 0xff}}};
    char text[64];
    size_t used;
    (void)state;
    assert_int_equal(sks_trace_encode(text, sizeof text, &good, &used), SKS_OK);
    assert_int_equal(used, strlen("INIT open DESTROYED\n"));
    for (int i = 0; i < 6; i++) {
        struct sks_trace_line bad = good;
        if (i == 0)
            bad.before = 6;
        if (i == 1)
            bad.after = -2;
        if (i == 2)
            bad.event.kind = SKS_EVENT_TIMEOUT + 1;
        if (i == 3)
            bad.count = SKS_STEP_ACTIONS + 1;
        if (i >= 4) { /* the first action, or the second */
            bad.count = 2;
            bad.actions[0].kind = bad.actions[1].kind = SKS_ACTION_SALT;
            bad.actions[i - 4].kind++;
        }
        assert_int_equal(sks_trace_encode(text, sizeof text, &bad, &used), SKS_ERR_TRACE);
        assert_int_equal(used, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_the_scripts_goes_both_ways),
        cmocka_unit_test(wire_octets_stand_beside_plain_ones),
        cmocka_unit_test(a_line_of_as_many_actions_as_a_step_has),
        cmocka_unit_test(what_is_no_line_is_refused_where_it_stops_being_one),
        cmocka_unit_test(what_is_in_no_list_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
