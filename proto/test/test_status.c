#include "harness.h"

#include <string.h>

#include <sockspec/shadowsocks.h>
#include <sockspec/uri.h>

static const struct {
    enum sks_status status;
    const char *name;
    const char *text;
} list[] = {
#define SKS_X(constant, text) {constant, #constant, text},
    SKS_STATUS_LIST(SKS_X)
#undef SKS_X
};

static void every_status_has_its_number_name_and_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        assert_int_equal(list[i].status, i);
        assert_string_equal(sks_status_name(list[i].status), list[i].name);
        assert_string_equal(sks_status_text(list[i].status), list[i].text);
        assert_true(strlen(list[i].text) > 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(list[i].text, list[j].text);
    }
}

static void a_number_outside_the_list_has_no_name(void **state)
{
    (void)state;
    static const int outside[] = {-1, STATUS_COUNT, STATUS_COUNT + 1, 255, 256, 1 << 30};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_string_equal(sks_status_name((enum sks_status)outside[i]), "?");
        assert_string_equal(sks_status_text((enum sks_status)outside[i]), "?");
    }
}

static void all_but_two_answers_are_errors(void **state)
{
    (void)state;
    assert_int_equal(SKS_OK, 0);
    for (size_t i = 0; i < STATUS_COUNT; i++)
        assert_int_equal(!SKS_IS_ERROR(list[i].status),
                         list[i].status == SKS_OK || list[i].status == SKS_MORE);
}

static void reach_shadowsocks(void)
{
    static const char *const uris[] = {
        "sst://",      "ss://m:p@h !:1", "ss://m:%@h:1",
        "ss://a",      "ss://:p@h:1",    "ss://MjAyMi14OnA@h:1",
        "ss://m:p@:1", "ss://m:p@h:0",   "ss://m:p@h:1?plugin=a&plugin=b"};
    struct sks_ss_header header;
    struct sks_uri uri;
    uint8_t scratch[64];
    size_t used;
    answers[sks_ss_header_parse(&header, (const uint8_t *)"\x11", 1, SKS_SS_PLAIN, &used)]++;
    answers[sks_ss_header_parse(&header, (const uint8_t *)"\x01", 1, SKS_SS_OTA_REQUIRED, &used)]++;
    answers[sks_ota_chunk_encode(NULL, 0, 65536, &used)]++;
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        answers[sks_uri_parse(&uri, (const uint8_t *)uris[i], strlen(uris[i]), scratch,
                              sizeof scratch, &used)]++;
}

/* One row reaches each; the other test programs say at which offsets and from which messages. */
static void every_answer_of_a_codec_is_reached(void **state)
{
    (void)state;
    const uint8_t host[4] = {127, 0, 0, 1};
    memset(answers, 0, sizeof answers);
    good(&codec_addr, &(struct sks_addr){host, 80, 1, 4}, OCTETS(1, 127, 0, 0, 1, 0, 80));
    wrong(&codec_greeting, OCTETS(4, 1, 0), SKS_ERR_VERSION, 0);
    wrong(&codec_addr, OCTETS(2, 127, 0, 0, 1, 0, 80), SKS_ERR_ATYP, 0);
    wrong(&codec_addr, OCTETS(3, 0, 0, 80), SKS_ERR_EMPTY, 1);
    refused(&codec_addr, &(struct sks_addr){host, 80, 4, 4}, SKS_ERR_LENGTH, 1);
    reach_shadowsocks();
    for (size_t i = 0; i < CODEC_ANSWERS; i++)
        if (answers[i] == 0)
            fail_msg("%s is in the list and no row here reaches it", list[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_number_name_and_text),
        cmocka_unit_test(a_number_outside_the_list_has_no_name),
        cmocka_unit_test(all_but_two_answers_are_errors),
        cmocka_unit_test(every_answer_of_a_codec_is_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
