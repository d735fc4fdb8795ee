/* The language of step texts. */
#include "../engine/pattern.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct scene scene = {
    .origin = {0x0100007f},
    .target_port = 0x1234,
    .refused_port = 9,
    .user = "al",
    .pass = "pw",
    .seed = 7,
};

static void builds(const char *text, const char *hex)
{
    static uint8_t buf[PATTERN_MAX];
    char got[4096] = "";
    const char *error = "";
    long n = pattern_build(&scene, text, buf, &error);
    for (long i = 0; i < n && i < 2000; i++)
        snprintf(got + 2 * i, 3, "%02x", buf[i]);
    if (n < 0)
        fail_msg("\"%s\": %s", text, error);
    assert_string_equal(got, hex);
}

static void texts_become_octets(void **state)
{
    (void)state;
    builds("05 0100", "050100");
    builds("VER:05 NMETHODS:02 METHODS:00 02", "05020002");
    builds("00*3 \"ab\" ff", "0000006162ff");
    builds("DST:{target}", "017f0000011234");
    builds("{target-name}", "03096c6f63616c686f73741234");
    builds("{target6}", "04000000000000000000000000000000011234");
    builds("{user} {pass}", "02616c027077");
    builds("{pass-nul} {pass-longer} {pass-shorter}", "0470770078"
                                                      "03707778"
                                                      "0170");
    builds("DATA:", "");
}

static void wrong_texts_are_named(void **state)
{
    (void)state;
    const char *wrong[] = {"0",      "05 1", "zz",    "{nothing}",  "\"open", "05*0",
                           "0506*3", "!0",   "05|5x", "{payload }", "05*700", "{payload 0}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!pattern_check(wrong[i], false))
            fail_msg("\"%s\" is taken for good", wrong[i]);
    const char *not_sent[] = {"05 or 06", "??", "05|06", "{addr}", "end", "silence"};
    for (size_t i = 0; i < sizeof not_sent / sizeof *not_sent; i++) {
        assert_null(pattern_check(not_sent[i], false));
        assert_non_null(pattern_check(not_sent[i], true));
    }
}

static struct match match(const char *text, const char *octets, size_t n, enum ending ending,
                          bool quiet)
{
    /* a block of exactly n octets, so that reading past it is seen */
    uint8_t *block = n ? malloc(n) : NULL;
    if (n)
        memcpy(block, octets, n);
    struct match m = pattern_match(&scene, text, block, n, ending, quiet);
    free(block);
    return m;
}

#define REPLY "VER:05 REP:00 RSV:00 BND:{addr}"

static void octets_match_as_they_come(void **state)
{
    (void)state;
    const char *whole = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50more";
    for (size_t n = 0; n < 10; n++)
        assert_int_equal(match(REPLY, whole, n, ENDING_OPEN, false).kind, MATCH_MORE);
    for (size_t n = 10; n < 15; n++) {
        struct match m = match(REPLY, whole, n, ENDING_OPEN, false);
        assert_int_equal(m.kind, MATCH);
        assert_int_equal(m.used, 10);
        assert_true(m.has_bnd);
        assert_int_equal(m.bnd_at, 3);
    }
}

static void the_first_difference_is_named(void **state)
{
    (void)state;
    struct match m = match(REPLY, "\x05\x05\x00", 3, ENDING_OPEN, false);
    assert_int_equal(m.kind, MATCH_NOT);
    assert_int_equal(m.used, 1);
    assert_string_equal(m.wanted, "REP: 00");
    m = match(REPLY, "\x05\x00\x00\x09", 4, ENDING_OPEN, false);
    assert_int_equal(m.kind, MATCH_NOT);
    assert_int_equal(m.used, 3);
    m = match("05 00", "\x05", 1, ENDING_FIN, false);
    assert_int_equal(m.kind, MATCH_NOT);
    assert_int_equal(m.used, 1);
    m = match("05 00", "\x05", 1, ENDING_OPEN, true);
    assert_int_equal(m.kind, MATCH_NOT);
}

static void sets_and_alternatives_choose(void **state)
{
    (void)state;
    assert_int_equal(match("01|03-05", "\x04", 1, ENDING_OPEN, false).kind, MATCH);
    assert_int_equal(match("01|03-05", "\x02", 1, ENDING_OPEN, false).kind, MATCH_NOT);
    assert_int_equal(match("!00", "\x00", 1, ENDING_OPEN, false).kind, MATCH_NOT);
    assert_int_equal(match("!00", "\x07", 1, ENDING_OPEN, false).kind, MATCH);
    struct match m =
        match("05 00 [serves] or 05 ff [FF] or end [closes]", "\x05\xff", 2, ENDING_OPEN, false);
    assert_int_equal(m.kind, MATCH);
    assert_int_equal(m.alternative, 1);
    assert_string_equal(m.label, "FF");
    m = match("05 00 [serves] or end [closes]", "", 0, ENDING_FIN, false);
    assert_string_equal(m.label, "closes");
    m = match("05 00 11 or 05 09", "\x05\x00\x12", 3, ENDING_OPEN, false);
    assert_int_equal(m.kind, MATCH_NOT);
    assert_int_equal(m.used, 2);
}

static void ends_and_silence_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(match("end", "", 0, ENDING_OPEN, false).kind, MATCH_MORE);
    assert_int_equal(match("end", "", 0, ENDING_OPEN, true).kind, MATCH_NOT);
    assert_int_equal(match("end", "", 0, ENDING_RST, false).kind, MATCH);
    assert_int_equal(match("fin", "", 0, ENDING_FIN, false).kind, MATCH);
    assert_int_equal(match("fin", "", 0, ENDING_RST, false).kind, MATCH_NOT);
    assert_int_equal(match("rst", "", 0, ENDING_FIN, false).kind, MATCH_NOT);
    assert_int_equal(match("end", "x", 1, ENDING_FIN, false).kind, MATCH_NOT);
    assert_int_equal(match("silence", "", 0, ENDING_OPEN, false).kind, MATCH_MORE);
    assert_int_equal(match("silence", "", 0, ENDING_OPEN, true).kind, MATCH);
    assert_int_equal(match("silence", "", 0, ENDING_FIN, true).kind, MATCH_NOT);
    assert_int_equal(match("silence", "x", 1, ENDING_OPEN, true).kind, MATCH_NOT);
}

static void a_usable_address_is_not_zero(void **state)
{
    (void)state;
    assert_int_equal(match("{usable}", "\x01\x7f\0\0\1\0\x50", 7, ENDING_OPEN, false).kind, MATCH);
    assert_int_equal(match("{usable}", "\x01\0\0\0\0\0\x50", 7, ENDING_OPEN, false).kind,
                     MATCH_NOT);
    assert_int_equal(match("{usable}", "\x01\x7f\0\0\1\0\0", 7, ENDING_OPEN, false).kind,
                     MATCH_NOT);
    assert_int_equal(match("{addr}", "\x01\0\0\0\0\0\0", 7, ENDING_OPEN, false).kind, MATCH);
}

static void a_payload_is_the_same_in_parts(void **state)
{
    (void)state;
    uint8_t buf[40];
    for (size_t at = 0; at < 20; at++) {
        payload_fill(scene.seed, at, buf, sizeof buf);
        for (size_t i = 0; i < sizeof buf; i++)
            assert_int_equal(buf[i], payload_octet(scene.seed, at + i));
    }
}

static void payloads_are_the_same_at_both_ends(void **state)
{
    (void)state;
    static uint8_t buf[PATTERN_MAX];
    const char *error;
    long n = pattern_build(&scene, "{payload 1000}", buf, &error);
    assert_int_equal(n, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(buf[i], payload_octet(scene.seed, i));
    assert_int_equal(pattern_match(&scene, "{payload 1000}", buf, 1000, ENDING_OPEN, false).kind,
                     MATCH);
    buf[999] ^= 1;
    struct match m = pattern_match(&scene, "{payload 1000}", buf, 1000, ENDING_OPEN, false);
    assert_int_equal(m.kind, MATCH_NOT);
    assert_int_equal(m.used, 999);
}

static void received_octets_are_printed_by_field(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const uint8_t got[] = {5, 1, 0, 1, 0, 0, 0, 0, 0, 0};
    int mark = pattern_print_received(out, &scene, REPLY, 0, got, sizeof got, 1);
    fclose(out);
    assert_string_equal(text, "VER:05 REP:01 RSV:00 BND:01000000000000");
    assert_memory_equal(text + mark, "01", 2);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_octets),
        cmocka_unit_test(wrong_texts_are_named),
        cmocka_unit_test(octets_match_as_they_come),
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(sets_and_alternatives_choose),
        cmocka_unit_test(ends_and_silence_are_told_apart),
        cmocka_unit_test(a_usable_address_is_not_zero),
        cmocka_unit_test(a_payload_is_the_same_in_parts),
        cmocka_unit_test(payloads_are_the_same_at_both_ends),
        cmocka_unit_test(received_octets_are_printed_by_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
