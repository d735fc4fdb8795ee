#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <sockspec/shadowsocks.h>

#define HOST(octets) .host = (const uint8_t *)(octets), .host_len = sizeof(octets) - 1
#define V4 HOST("\xc0\x00\x02\x01"), .port = 8080
#define V4_OCTETS 192, 0, 2, 1, 0x1f, 0x90
#define V6 HOST("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), .port = 53
#define V6_OCTETS 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 53

/* The header under each mode, as a message of its own. */
#define CODEC(name, mode)                                                                          \
    static enum sks_status name##_parse(void *out, const uint8_t *data, size_t len, size_t *used)  \
    {                                                                                              \
        return sks_ss_header_parse(out, data, len, mode, used);                                    \
    }                                                                                              \
    static enum sks_status name##_encode(uint8_t *buf, size_t cap, const void *in, size_t *used)   \
    {                                                                                              \
        return sks_ss_header_encode(buf, cap, in, mode, used);                                     \
    }                                                                                              \
    static const struct codec name = {                                                             \
        #name,                                                                                     \
        sizeof(struct sks_ss_header),                                                              \
        name##_parse,                                                                              \
        name##_encode,                                                                             \
        {{"host", FIELD_SPAN, offsetof(struct sks_ss_header, dst.host),                            \
          offsetof(struct sks_ss_header, dst.host_len)},                                           \
         {"port", FIELD_U16, offsetof(struct sks_ss_header, dst.port), 0},                         \
         {"atyp", FIELD_U8, offsetof(struct sks_ss_header, dst.atyp), 0},                          \
         {"type", FIELD_U8, offsetof(struct sks_ss_header, type), 0}}};

CODEC(plain, SKS_SS_PLAIN)
CODEC(allowed, SKS_SS_OTA_ALLOWED)
CODEC(required, SKS_SS_OTA_REQUIRED)
CODEC(py, SKS_SS_PY)

/* In the order of enum sks_ss_mode. */
static const struct codec *const modes[] = {&plain, &allowed, &required, &py};
enum { MODES = sizeof modes / sizeof *modes };

/* ---- the model: what the specification says of a type octet and of a length, once more ---- */

static bool listed(uint8_t octet, const char *list)
{
    return octet != 0 && strchr(list, octet) != NULL;
}

/* The address type that the octet stands for in that mode, or the error. */
static enum sks_status model_type(enum sks_ss_mode mode, uint8_t type, unsigned *atyp)
{
    bool bare = listed(type, "\x01\x03\x04"), flagged = listed(type, "\x11\x13\x14");
    *atyp = type % 16;
    switch (mode) {
    case SKS_SS_PLAIN:
        return bare ? SKS_OK : flagged ? SKS_ERR_OTA_FORBIDDEN : SKS_ERR_ATYP;
    case SKS_SS_OTA_ALLOWED:
        return bare || flagged ? SKS_OK : SKS_ERR_ATYP;
    case SKS_SS_OTA_REQUIRED:
        return flagged ? SKS_OK : bare ? SKS_ERR_OTA_REQUIRED : SKS_ERR_ATYP;
    case SKS_SS_PY:
        return listed((uint8_t)*atyp, "\x01\x03\x04") ? SKS_OK : SKS_ERR_ATYP;
    }
    return SKS_ERR_VERSION;
}

static enum sks_status model(enum sks_ss_mode mode, const uint8_t *d, size_t len, size_t *used)
{
    unsigned atyp;
    *used = 0;
    if (len == 0)
        return SKS_MORE;
    enum sks_status s = model_type(mode, d[0], &atyp);
    if (s != SKS_OK)
        return s;
    if (atyp == 3 && len == 1)
        return SKS_MORE;
    if (atyp == 3 && d[1] == 0 && mode != SKS_SS_PY) {
        *used = 1;
        return SKS_ERR_EMPTY;
    }
    size_t size = atyp == 1 ? 7 : atyp == 4 ? 19 : 4u + d[1];
    if (len < size)
        return SKS_MORE;
    *used = size;
    return SKS_OK;
}

static void expect_model(enum sks_ss_mode mode, const uint8_t *d, size_t len)
{
    struct sks_ss_header out = {.type = 0xee};
    size_t used = 77, want_used;
    enum sks_status want = model(mode, d, len, &want_used);
    enum sks_status got = sks_ss_header_parse(&out, d, len, mode, &used);
    if (got != want || used != want_used)
        fail_msg("%s, %02x %02x.., %zu octets: %s %zu, expected %s %zu", modes[mode]->name,
                 len > 0 ? d[0] : 0u, len > 1 ? d[1] : 0u, len, sks_status_name(got), used,
                 sks_status_name(want), want_used);
    if (got != SKS_OK) {
        assert_int_equal(out.type, 0xee);
        return;
    }
    size_t host = d[0] % 16 == 3 ? 2 : 1;
    if (out.type != d[0] || out.dst.atyp != d[0] % 16 || out.dst.host != d + host ||
        out.dst.host_len != used - host - 2 || out.dst.port != d[used - 2] * 256 + d[used - 1])
        fail_msg("%s, %02x %02x.., %zu octets: a field is not as expected", modes[mode]->name, d[0],
                 d[1], len);
}

/* SOCKSPEC_QUICK in the environment, meant for valgrind: second octets and lengths about each
 * boundary alone. */
static bool taken(size_t n, bool quick)
{
    return !quick || n < 9 || (n > 14 && n < 24) || (n > 252 && n < 266);
}

static void every_first_two_octets_at_every_length(void **state)
{
    (void)state;
    bool quick = getenv("SOCKSPEC_QUICK") != NULL;
    struct block b = block_new();
    for (size_t i = 0; i < 300; i++)
        b.end[-1 - (ptrdiff_t)i] = (uint8_t)(37 * i + 11);
    for (size_t len = 0; len <= 300; len++) {
        if (!taken(len, quick))
            continue;
        uint8_t *d = b.end - len;
        uint8_t keep[2] = {len > 0 ? d[0] : 0, len > 1 ? d[1] : 0};
        for (unsigned first = 0; first < (len > 0 ? 256 : 1); first++)
            for (unsigned second = 0; second < (len > 1 ? 256 : 1); second++) {
                if (!taken(second, quick))
                    continue;
                if (len > 0)
                    d[0] = (uint8_t)first;
                if (len > 1)
                    d[1] = (uint8_t)second;
                for (unsigned mode = 0; mode < MODES; mode++)
                    expect_model((enum sks_ss_mode)mode, d, len);
            }
        memcpy(d, keep, len < 2 ? len : 2);
    }
}

/* ---- the laws ---- */

static const uint8_t atyps[] = {1, 3, 4};

static void an_address_without_flag(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODES; i++) {
        if (modes[i] == &required)
            continue;
        good(modes[i], &(struct sks_ss_header){{V4, .atyp = 1}, 1}, OCTETS(1, V4_OCTETS));
        good(modes[i], &(struct sks_ss_header){{V6, .atyp = 4}, 4}, OCTETS(4, V6_OCTETS));
        good(modes[i], &(struct sks_ss_header){{HOST("a\0b"), .port = 80, .atyp = 3}, 3},
             OCTETS(3, 3, 'a', 0, 'b', 0, 80));
    }
}

static void an_address_with_flag(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODES; i++) {
        if (modes[i] == &plain)
            continue;
        good(modes[i], &(struct sks_ss_header){{V4, .atyp = 1}, 0x11}, OCTETS(0x11, V4_OCTETS));
        good(modes[i], &(struct sks_ss_header){{V6, .atyp = 4}, 0x14}, OCTETS(0x14, V6_OCTETS));
        good(modes[i], &(struct sks_ss_header){{HOST("a"), .port = 80, .atyp = 3}, 0x13},
             OCTETS(0x13, 1, 'a', 0, 80));
    }
}

static void a_flag_is_refused_where_it_is_not_permitted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof atyps; i++) {
        uint8_t atyp = atyps[i];
        wrong(&plain, OCTETS(atyp | 0x10, 1, 1, 1, 1, 1, 1), SKS_ERR_OTA_FORBIDDEN, 0);
        refused(&plain, &(struct sks_ss_header){{V4, .atyp = atyp}, atyp | 0x10},
                SKS_ERR_OTA_FORBIDDEN, 0);
    }
}

static void no_flag_is_refused_where_it_is_required(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof atyps; i++) {
        uint8_t atyp = atyps[i];
        wrong(&required, OCTETS(atyp, 1, 1, 1, 1, 1, 1), SKS_ERR_OTA_REQUIRED, 0);
        refused(&required, &(struct sks_ss_header){{V4, .atyp = atyp}, atyp}, SKS_ERR_OTA_REQUIRED,
                0);
    }
}

static void every_type_octet_in_every_mode(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MODES; i++)
        for (unsigned type = 0; type < 256; type++) {
            unsigned atyp;
            enum sks_status s = model_type((enum sks_ss_mode)i, (uint8_t)type, &atyp);
            struct sks_ss_header in = {{V4, .atyp = (uint8_t)atyp}, (uint8_t)type};
            if (s != SKS_OK) {
                wrong(modes[i], OCTETS((uint8_t)type, 1, 1, 1, 1, 1, 1), s, 0);
                refused(modes[i], &in, s, 0);
            } else if (atyp == 1) {
                good(modes[i], &in, OCTETS((uint8_t)type, V4_OCTETS));
            }
        }
}

static void a_type_that_means_another_address_is_not_encoded(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MODES; i++) {
        uint8_t flag = modes[i] == &required ? 0x10 : 0;
        refused(modes[i], &(struct sks_ss_header){{V4, .atyp = 1}, 3 | flag}, SKS_ERR_ATYP, 0);
        refused(modes[i], &(struct sks_ss_header){{V4, .atyp = 0x11}, 1 | flag}, SKS_ERR_ATYP, 0);
        refused(modes[i], &(struct sks_ss_header){{V4, .atyp = 4}, 4 | flag}, SKS_ERR_LENGTH, 1);
        refused(modes[i], &(struct sks_ss_header){{V6, .atyp = 1}, 1 | flag}, SKS_ERR_LENGTH, 1);
    }
}

/* ---- what the mode for the Python original shares with it, and what not ---- */

static void py_takes_an_empty_name(void **state)
{
    (void)state;
    good(&py, &(struct sks_ss_header){{HOST(""), .port = 80, .atyp = 3}, 3}, OCTETS(3, 0, 0, 80));
    good(&py, &(struct sks_ss_header){{HOST(""), .port = 80, .atyp = 3}, 0xb3},
         OCTETS(0xb3, 0, 0, 80));
    assert_int_equal(SKS_SS_HEADER_MIN_PY, 4);
}

static void py_ignores_bits_5_to_7(void **state)
{
    (void)state;
    for (unsigned high = 0; high < 256; high += 16) {
        uint8_t type = (uint8_t)(high | 4);
        good(&py, &(struct sks_ss_header){{V6, .atyp = 4}, type}, OCTETS(type, V6_OCTETS));
    }
}

static void py_wants_more_than_two_octets_of_a_name_and_here_that_is_more(void **state)
{
    (void)state;
    struct sks_ss_header out;
    for (size_t len = 0; len < 4; len++) {
        size_t used = 77;
        assert_int_equal(
            sks_ss_header_parse(&out, (const uint8_t *)"\3\0\0", len, SKS_SS_PY, &used), SKS_MORE);
        assert_int_equal(used, 0);
    }
}

/* ---- faults seen in the field: the number is the row of the list ---- */

static void field_05_a_split_header_is_more_and_never_wrong(void **state)
{
    (void)state;
    static const uint8_t header[] = {3,   11,  'e', 'x', 'a', 'm', 'p', 'l',
                                     'e', '.', 'o', 'r', 'g', 1,   187};
    struct sks_ss_header out;
    for (size_t len = 0; len < sizeof header; len++)
        for (unsigned mode = 0; mode < MODES; mode++) {
            size_t used;
            if (mode != SKS_SS_OTA_REQUIRED)
                assert_int_equal(
                    sks_ss_header_parse(&out, header, len, (enum sks_ss_mode)mode, &used),
                    SKS_MORE);
        }
}

static void field_07_a_header_without_one_time_auth_is_refused_at_its_first_octet(void **state)
{
    (void)state;
    wrong(&required, OCTETS(1, V4_OCTETS, 0x11, V4_OCTETS), SKS_ERR_OTA_REQUIRED, 0);
}

static void field_08_atyp_81_31_91_f1_refused(void **state)
{
    (void)state;
    static const uint8_t types[] = {0x81, 0x31, 0x91, 0xf1, 0x21, 0x41, 0x83, 0x93, 0x84, 0x94};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < sizeof types; j++)
            wrong(modes[i], OCTETS(types[j], V4_OCTETS), SKS_ERR_ATYP, 0);
}

static void field_09_a_socks_request_with_the_flag_does_not_pass(void **state)
{
    (void)state;
    wrong(&codec_request, OCTETS(5, 1, 0, 0x11, V4_OCTETS), SKS_ERR_ATYP, 3);
    wrong(&codec_udp_header, OCTETS(0, 0, 0, 0x11, V4_OCTETS), SKS_ERR_ATYP, 3);
    refused(&plain, &(struct sks_ss_header){{V4, .atyp = 0x11}, 0x11}, SKS_ERR_OTA_FORBIDDEN, 0);
    refused(&allowed, &(struct sks_ss_header){{V4, .atyp = 0x11}, 0x11}, SKS_ERR_ATYP, 0);
}

static void field_31_a_name_of_255_octets_ends_at_its_length(void **state)
{
    (void)state;
    uint8_t octets[SKS_SS_HEADER_MAX] = {3, 255}, name[255];
    memset(name, 'x', sizeof name);
    memcpy(octets + 2, name, sizeof name);
    octets[257] = 1;
    octets[258] = 187;
    struct sks_ss_header in = {{.host = name, .host_len = 255, .port = 443, .atyp = 3}, 3};
    good(&plain, &in, octets, sizeof octets);
    good(&allowed, &in, octets, sizeof octets);
    good(&py, &in, octets, sizeof octets);
}

static void field_46_a_name_cut_before_its_port_is_more(void **state)
{
    (void)state;
    struct block b = block_new();
    struct sks_ss_header out;
    for (size_t n = 1; n < 256; n++)
        for (size_t missing = 1; missing <= n + 2; missing++) {
            size_t len = 4 + n - missing, used = 77;
            uint8_t *d = b.end - len;
            memset(d, 'x', len);
            d[0] = 3;
            d[1] = (uint8_t)n;
            assert_int_equal(sks_ss_header_parse(&out, d, len, SKS_SS_PLAIN, &used), SKS_MORE);
            assert_int_equal(used, 0);
        }
}

static void field_54_an_empty_name_swallows_no_octet_of_the_port(void **state)
{
    (void)state;
    struct sks_ss_header out;
    size_t used;
    wrong(&plain, OCTETS(3, 0, 0, 80), SKS_ERR_EMPTY, 1);
    wrong(&allowed, OCTETS(0x13, 0, 0, 80), SKS_ERR_EMPTY, 1);
    wrong(&required, OCTETS(0x13, 0, 0, 80), SKS_ERR_EMPTY, 1);
    refused(&plain, &(struct sks_ss_header){{HOST(""), .atyp = 3}, 3}, SKS_ERR_EMPTY, 1);
    assert_int_equal(sks_ss_header_parse(&out, (const uint8_t *)"\3\0\0\x50G", 5, SKS_SS_PY, &used),
                     SKS_OK);
    assert_int_equal(out.dst.port, 80);
    assert_int_equal(used, 4);
}

static void every_mode_has_a_text(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MODES; i++)
        assert_true(strlen(sks_ss_mode_text((enum sks_ss_mode)i)) > 1);
    assert_string_equal(sks_ss_mode_text((enum sks_ss_mode)MODES), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_first_two_octets_at_every_length),
        cmocka_unit_test(an_address_without_flag),
        cmocka_unit_test(an_address_with_flag),
        cmocka_unit_test(a_flag_is_refused_where_it_is_not_permitted),
        cmocka_unit_test(no_flag_is_refused_where_it_is_required),
        cmocka_unit_test(every_type_octet_in_every_mode),
        cmocka_unit_test(a_type_that_means_another_address_is_not_encoded),
        cmocka_unit_test(py_takes_an_empty_name),
        cmocka_unit_test(py_ignores_bits_5_to_7),
        cmocka_unit_test(py_wants_more_than_two_octets_of_a_name_and_here_that_is_more),
        cmocka_unit_test(field_05_a_split_header_is_more_and_never_wrong),
        cmocka_unit_test(field_07_a_header_without_one_time_auth_is_refused_at_its_first_octet),
        cmocka_unit_test(field_08_atyp_81_31_91_f1_refused),
        cmocka_unit_test(field_09_a_socks_request_with_the_flag_does_not_pass),
        cmocka_unit_test(field_31_a_name_of_255_octets_ends_at_its_length),
        cmocka_unit_test(field_46_a_name_cut_before_its_port_is_more),
        cmocka_unit_test(field_54_an_empty_name_swallows_no_octet_of_the_port),
        cmocka_unit_test(every_mode_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
