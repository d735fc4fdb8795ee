/* Stage traces: our session takes each event of the original's and does the same, or the line says
 * what ours does and why; and every edge of the table is in a trace. vectors/traces/README.md has
 * the words. */
#include "../../stage_table.h"
#include "trace_file.h"

enum { ROLES = 4, STAGES = 6, ROWS = 64 };

static json_t *files;
static struct replay replay;
static size_t traces, lines, reasoned;
static int replayed; /* all of them */

static int load(void **state)
{
    (void)state;
    files = load_folder("vectors/traces");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(files);
    return 0;
}

/* ---- the edges that are taken ---------------------------------------------------------------- */

static uint8_t taken[ROWS][ROLES][STAGES];

/* The linker puts the second in the place of the first. */
enum sks_status __real_sks_stage_step(struct sks_stage *m, const struct sks_policy *policy,
                                      const struct sks_event *event, struct sks_step *out);
enum sks_status __wrap_sks_stage_step(struct sks_stage *m, const struct sks_policy *policy,
                                      const struct sks_event *event, struct sks_step *out);

static int role_index(unsigned role)
{
    int i = 0;
    while (role >> (i + 1) != 0)
        i++;
    return i;
}

static void take(const struct sks_stage *m, const struct sks_policy *policy,
                 const struct sks_event *event)
{
    struct stage_message message;
    assert_int_equal(sks_stage_read(&message, m, policy, event), SKS_OK);
    for (size_t i = 0; i < sks_stage_table_rows; i++) {
        const struct stage_row *row = &sks_stage_table[i];
        if ((row->roles & m->role) && (row->stages & STAGE_BIT(m->stage)) &&
            row->event == event->kind && (m->marks & row->need) == row->need &&
            !(m->marks & row->unless) && (row->form == FORM_ANY || row->form == message.form))
            taken[i][role_index(m->role)][m->stage] = 1;
    }
}

enum sks_status __wrap_sks_stage_step(struct sks_stage *m, const struct sks_policy *policy,
                                      const struct sks_event *event, struct sks_step *out)
{
    const struct sks_stage before = *m;
    enum sks_status s = __real_sks_stage_step(m, policy, event, out);
    if (s == SKS_OK)
        take(&before, policy, event);
    return s;
}

/* Whether a session can be there: tunnel and ssserver have neither ADDR nor UDP_ASSOC, and what is
 * not sealed is taken as soon as it comes, so that its end never cuts a message short. */
static int is_reachable(const struct stage_row *row, unsigned role, int stage)
{
    int has_wire_local = role == SKS_ROLE_SSSERVER;
    int has_wire_remote = role == SKS_ROLE_SSLOCAL || role == SKS_ROLE_TUNNEL;
    if ((role == SKS_ROLE_SSSERVER || role == SKS_ROLE_TUNNEL) &&
        (stage == SKS_STAGE_ADDR || stage == SKS_STAGE_UDP_ASSOC))
        return 0;
    if (row->form != FORM_TRUNCATED)
        return 1;
    return row->event == SKS_EVENT_LOCAL_END ? has_wire_local : has_wire_remote;
}

static void every_edge_is_in_a_trace(void **state)
{
    size_t edges = 0, missing = 0;
    (void)state;
    assert_true(sks_stage_table_rows <= ROWS);
    if (!replayed)
        fail_msg("the traces come first");
    for (size_t i = 0; i < sks_stage_table_rows; i++)
        for (unsigned role = 1; role <= SKS_ROLE_SOCKS5; role <<= 1)
            for (int stage = SKS_STAGE_INIT; stage <= SKS_STAGE_STREAM; stage++) {
                const struct stage_row *row = &sks_stage_table[i];
                if (!(row->roles & role) || !(row->stages & STAGE_BIT(stage)) ||
                    !is_reachable(row, role, stage))
                    continue;
                edges++;
                if (taken[i][role_index(role)][stage])
                    continue;
                missing++;
                print_error("row %zu of the table is in no trace: %s in %s, %s\n", i,
                            sks_event_name(row->event), sks_stage_name(stage),
                            sks_role_name((int)role));
            }
    assert_true(edges > 100);
    assert_int_equal(missing, 0);
}

/* ---- the lines ------------------------------------------------------------------------------- */

/* One line of a trace; `differs`: a line before it had a reason. */
static void check_line(const char *id, size_t n, const json_t *line, int *differs)
{
    const char *seen = text_of(line, "seen");
    const char *ours = json_string_value(json_object_get(line, "ours"));
    const char *reason = json_string_value(json_object_get(line, "reason"));
    char *got = trace_line(&replay, seen);
    if ((ours == NULL) != (reason == NULL))
        fail_msg("%s, line %zu: a reason without a difference, or the other way round", id, n);
    if (ours != NULL && strcmp(ours, seen) == 0)
        fail_msg("%s, line %zu: a reason without a difference", id, n);
    if (reason != NULL && strcmp(reason, "follows") == 0 && !*differs)
        fail_msg("%s, line %zu: follows nothing", id, n);
    if (strcmp(got, ours != NULL ? ours : seen) != 0)
        fail_msg("%s, line %zu: expected %.900s; got %.900s", id, n, ours != NULL ? ours : seen,
                 got);
    *differs |= reason != NULL;
    reasoned += reason != NULL;
    lines++;
    free(got);
}

static void check_file(const json_t *file)
{
    struct trace_setting setting;
    size_t i, k, n, count = 0;
    json_t *run, *trace, *line;
    setting_open(&setting, file);
    json_array_foreach(member(file, "runs"), i, run)
    {
        json_array_foreach(member(run, "traces"), k, trace)
        {
            int differs = 0;
            trace_open(&replay, &setting, trace);
            json_array_foreach(member(trace, "lines"), n, line)
            {
                check_line(text_of(trace, "id"), n, line, &differs);
            }
            replay_close(&replay);
            if (differs && strcmp(text_of(file, "source"), "original") != 0)
                fail_msg("%s: our own machine differs from itself", text_of(trace, "id"));
            count++;
        }
    }
    setting_close(&setting);
    assert_int_equal(count, json_integer_value(member(file, "numberOfTraces")));
    traces += count;
}

static void every_line_is_made_again_or_has_its_reason(void **state)
{
    size_t i;
    json_t *file;
    (void)state;
    json_array_foreach(files, i, file)
    {
        if (strcmp(text_of(file, "kind"), "stage-traces") == 0)
            check_file(file);
    }
    replayed = 1;
    print_message("%zu traces, %zu lines, %zu of them with a reason\n", traces, lines, reasoned);
    assert_true(traces > 300 && reasoned != 0 && lines > 3 * reasoned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_made_again_or_has_its_reason),
        cmocka_unit_test(every_edge_is_in_a_trace), /* of those before */
    };
    return cmocka_run_group_tests(tests, load, unload);
}
