/* What one step says, field by field: what it took, what was wrong and where, what is to be
 * verified; whom it lets in. */
#include "stage_script.h"

#define L SKS_ROLE_SSLOCAL
#define S SKS_ROLE_SSSERVER
#define P SKS_ROLE_SOCKS5

/* Into a step that holds something else, so that each field is seen to be set. */
static enum sks_status step_anew(struct sks_stage *m, const struct sks_policy *policy,
                                 const struct sks_event *event, struct sks_step *step)
{
    memset(step, 0xa5, sizeof *step);
    return sks_stage_step(m, policy, event, step);
}

static void a_step_says_what_it_took_and_that_nothing_was_wrong(void **state)
{
    static const uint8_t greeting[] = {5, 1, 0, 5};
    struct sks_stage m = {L, SKS_STAGE_INIT, 0};
    struct sks_step step;
    struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = greeting, .len = sizeof greeting};
    (void)state;
    assert_int_equal(step_anew(&m, &plain, &event, &step), SKS_OK);
    assert_ptr_equal(step.plain, greeting);
    assert_int_equal(step.plain_len, 3);
    assert_int_equal(step.used, 3);
    assert_int_equal(step.why, SKS_OK);
    assert_int_equal(step.at, 0);
    assert_int_equal(step.count, 1);
    event.kind = SKS_EVENT_RESOLVED;
    assert_int_equal(step_anew(&m, &plain, &event, &step), SKS_ERR_EVENT);
    assert_null(step.plain);
    assert_int_equal(step.plain_len, 0);
    assert_int_equal(step.used, 0);
    assert_int_equal(step.why, SKS_OK);
    assert_int_equal(step.at, 0);
    assert_int_equal(step.count, 0);
}

static void what_is_to_be_verified_has_its_tag_and_payload_has_none(void **state)
{
    uint8_t chunk[SKS_OTA_CHUNK_HEAD + 3] = {0, 3};
    struct sks_stage m = {S, SKS_STAGE_STREAM, MARK_OTA};
    struct sks_step step;
    struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = chunk, .len = sizeof chunk};
    (void)state;
    assert_int_equal(step_anew(&m, &ota_required, &event, &step), SKS_OK);
    assert_int_equal(step.actions[0].kind, SKS_ACTION_VERIFY_CHUNK);
    assert_ptr_equal(step.actions[0].tag, chunk + 2);
    assert_ptr_equal(step.actions[0].data, chunk + SKS_OTA_CHUNK_HEAD);
    assert_int_equal(step.actions[0].len, 3);
    event.kind = SKS_EVENT_VERIFIED;
    assert_int_equal(step_anew(&m, &ota_required, &event, &step), SKS_OK);
    assert_int_equal(step.actions[0].kind, SKS_ACTION_FORWARD_REMOTE);
    assert_null(step.actions[0].tag);
    assert_ptr_equal(step.actions[0].data, chunk + SKS_OTA_CHUNK_HEAD);
}

static int8_t after_credentials(const char *hex)
{
    static const uint8_t uname[] = {'n', 'a', 'm', 'e'}, passwd[] = {'p', 'a', 's', 's'};
    const struct sks_policy policy = {.uname = uname, .ulen = 4, .passwd = passwd, .plen = 4};
    uint8_t octets[32];
    struct sks_stage m = {P, SKS_STAGE_INIT, MARK_AUTH};
    struct sks_step step;
    struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = octets};
    event.len = from_hex(octets, hex);
    assert_int_equal(step_anew(&m, &policy, &event, &step), SKS_OK);
    return m.stage;
}

static void credentials_are_right_in_every_octet_and_in_their_lengths(void **state)
{
    static const char *const wrongs[] = {
        "01046e616d650470617300",   "01046e616d650470610073",   "01046e616d650470007373",
        "01046e616d650400617373",   "01046e616d000470617373",   "01046e6100650470617373",
        "01046e006d650470617373",   "0104006d6d650470617373",   "010461616d650470617373",
        "01036e616d0470617373",     "01016e0470617373",         "01046e616d6503706173",
        "01056e616d65000470617373", "01046e616d65057061737300", "010470617373046e616d65",
    };
    (void)state;
    assert_int_equal(after_credentials("01046e616d650470617373"), SKS_STAGE_ADDR);
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
        if (after_credentials(wrongs[i]) != SKS_STAGE_DESTROYED)
            fail_msg("%s is taken", wrongs[i]);
}

static void each_command_is_served_where_the_policy_allows_it_and_nowhere_else(void **state)
{
    uint8_t request[] = {5, 0, 0, 1, 127, 0, 0, 1, 0, 80};
    const struct sks_event event = {
        .kind = SKS_EVENT_LOCAL, .data = request, .len = sizeof request};
    (void)state;
    for (uint8_t cmd = SKS_CMD_CONNECT; cmd <= SKS_CMD_UDP_ASSOCIATE; cmd++) {
        for (uint8_t allowed = 0; allowed < 16; allowed++) {
            const struct sks_policy policy = {.commands = allowed};
            struct sks_stage m = {P, SKS_STAGE_ADDR, 0};
            struct sks_step step;
            request[1] = cmd;
            assert_int_equal(step_anew(&m, &policy, &event, &step), SKS_OK);
            assert_int_equal(m.stage == SKS_STAGE_DESTROYED, !(allowed & SKS_ALLOW(cmd)));
        }
    }
}

static void the_octet_behind_the_methods_is_no_method(void **state)
{
    static const uint8_t greeting[] = {5, 1, 1, 0};
    struct sks_stage m = {P, SKS_STAGE_INIT, 0};
    struct sks_step step;
    const struct sks_event event = {
        .kind = SKS_EVENT_LOCAL, .data = greeting, .len = sizeof greeting};
    (void)state;
    assert_int_equal(step_anew(&m, &plain, &event, &step), SKS_OK);
    assert_int_equal(step.octets[1], SKS_METHOD_UNACCEPTABLE);
    assert_int_equal(m.stage, SKS_STAGE_DESTROYED);
}

static void a_side_that_ends_inside_a_message_is_truncated_there(void **state)
{
    static const uint8_t left[] = {0, 9, 1};
    static const enum sks_event_kind ends[] = {SKS_EVENT_LOCAL_END, SKS_EVENT_REMOTE_END};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t len = 0; len <= sizeof left; len++) {
            const struct sks_event event = {.kind = ends[i], .data = left, .len = len};
            struct sks_stage m = {S, SKS_STAGE_STREAM, 0};
            struct sks_step step;
            assert_int_equal(step_anew(&m, &plain, &event, &step), SKS_OK);
            assert_int_equal(step.why, len != 0 ? SKS_ERR_TRUNCATED : SKS_OK);
            assert_int_equal(step.at, len);
            assert_int_equal(step.used, 0);
            assert_int_equal(m.stage, len != 0 ? SKS_STAGE_DESTROYED : SKS_STAGE_STREAM);
        }
    }
}

static void a_header_is_verified_by_the_tag_behind_it(void **state)
{
    uint8_t octets[7 + SKS_OTA_TAG_SIZE] = {0x11, 127, 0, 0, 1, 0, 80};
    struct sks_stage m = {S, SKS_STAGE_INIT, 0};
    struct sks_step step;
    const struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = octets, .len = sizeof octets};
    (void)state;
    assert_int_equal(step_anew(&m, &ota_required, &event, &step), SKS_OK);
    assert_int_equal(step.actions[0].kind, SKS_ACTION_VERIFY_HEADER);
    assert_ptr_equal(step.actions[0].data, octets);
    assert_int_equal(step.actions[0].len, 7);
    assert_ptr_equal(step.actions[0].tag, octets + 7);
}

static void an_empty_name_is_wrong_at_its_length(void **state)
{
    static const struct sks_policy py = {.ota = SKS_SS_PY};
    static const uint8_t octets[] = {3, 0, 0, 80};
    struct sks_stage m = {S, SKS_STAGE_INIT, 0};
    struct sks_step step;
    const struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = octets, .len = sizeof octets};
    (void)state;
    assert_int_equal(step_anew(&m, &py, &event, &step), SKS_OK);
    assert_int_equal(step.why, SKS_ERR_EMPTY);
    assert_int_equal(step.at, 1);
    assert_int_equal(step.used, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_says_what_it_took_and_that_nothing_was_wrong),
        cmocka_unit_test(what_is_to_be_verified_has_its_tag_and_payload_has_none),
        cmocka_unit_test(credentials_are_right_in_every_octet_and_in_their_lengths),
        cmocka_unit_test(each_command_is_served_where_the_policy_allows_it_and_nowhere_else),
        cmocka_unit_test(the_octet_behind_the_methods_is_no_method),
        cmocka_unit_test(a_side_that_ends_inside_a_message_is_truncated_there),
        cmocka_unit_test(a_header_is_verified_by_the_tag_behind_it),
        cmocka_unit_test(an_empty_name_is_wrong_at_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
