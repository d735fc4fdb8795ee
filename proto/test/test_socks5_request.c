#include "harness.h"

#include <string.h>

#define HOST(octets) .host = (const uint8_t *)(octets), .host_len = sizeof(octets) - 1

static const struct sks_addr v4 = {.atyp = 1, HOST("\xc0\x00\x02\x01"), .port = 80};
static const struct sks_addr v6 = {
    .atyp = 4, HOST("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), .port = 0xff00};
static const struct sks_addr name = {.atyp = 3, HOST("example.org"), .port = 443};

static void a_request_for_every_type(void **state)
{
    (void)state;
    good(&codec_request, &(struct sks_request){v4, 1, 0}, OCTETS(5, 1, 0, 1, 192, 0, 2, 1, 0, 80));
    good(&codec_request, &(struct sks_request){name, 2, 0},
         OCTETS(5, 2, 0, 3, 11, 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'o', 'r', 'g', 1, 187));
    good(&codec_request, &(struct sks_request){v6, 3, 0},
         OCTETS(5, 3, 0, 4, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0));
}

static void a_reply_for_every_type(void **state)
{
    (void)state;
    good(&codec_reply, &(struct sks_reply){v4, 0, 0}, OCTETS(5, 0, 0, 1, 192, 0, 2, 1, 0, 80));
    good(&codec_reply, &(struct sks_reply){name, 5, 0},
         OCTETS(5, 5, 0, 3, 11, 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'o', 'r', 'g', 1, 187));
    good(&codec_reply, &(struct sks_reply){v6, 8, 0},
         OCTETS(5, 8, 0, 4, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0));
}

static void a_name_of_255_octets(void **state)
{
    (void)state;
    uint8_t octets[SKS_REQUEST_MAX] = {5, 1, 0, 3, 255};
    for (size_t i = 0; i < 255; i++)
        octets[5 + i] = (uint8_t)i;
    octets[260] = 0xfe;
    octets[261] = 0xdc;
    struct sks_addr longest = {.atyp = 3, .host = octets + 5, .host_len = 255, .port = 0xfedc};
    good(&codec_request, &(struct sks_request){longest, 1, 0}, octets, sizeof octets);
    good(&codec_reply, &(struct sks_reply){longest, 1, 0}, octets, sizeof octets);
}

static void every_cmd_rep_and_rsv_is_handed_on(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t o = (uint8_t)octet, not_o = (uint8_t)~o;
        good(&codec_request, &(struct sks_request){v4, o, not_o},
             OCTETS(5, o, not_o, 1, 192, 0, 2, 1, 0, 80));
        good(&codec_reply, &(struct sks_reply){v4, o, not_o},
             OCTETS(5, o, not_o, 1, 192, 0, 2, 1, 0, 80));
    }
}

static void another_version_is_decided_by_its_octet(void **state)
{
    (void)state;
    for (unsigned version = 0; version < 256; version++)
        if (version != 5) {
            wrong(&codec_request, OCTETS((uint8_t)version, 1, 0, 1, 1, 1, 1, 1, 1, 1),
                  SKS_ERR_VERSION, 0);
            wrong(&codec_reply, OCTETS((uint8_t)version, 0, 0, 9), SKS_ERR_VERSION, 0);
        }
}

static void an_unknown_type_is_decided_by_its_octet(void **state)
{
    (void)state;
    for (unsigned atyp = 0; atyp < 256; atyp++)
        if (atyp != 1 && atyp != 3 && atyp != 4) {
            uint8_t o = (uint8_t)atyp;
            struct sks_addr unknown = {.atyp = o, HOST("abcd")};
            wrong(&codec_request, OCTETS(5, 1, 0, o, 1, 1, 1, 1, 1, 1), SKS_ERR_ATYP, 3);
            wrong(&codec_reply, OCTETS(5, 7, 0, o, 0), SKS_ERR_ATYP, 3);
            refused(&codec_request, &(struct sks_request){unknown, 1, 0}, SKS_ERR_ATYP, 3);
            refused(&codec_reply, &(struct sks_reply){unknown, 1, 0}, SKS_ERR_ATYP, 3);
        }
}

static void an_empty_name_is_decided_by_its_length(void **state)
{
    (void)state;
    const struct sks_addr empty = {.atyp = 3, .port = 80};
    wrong(&codec_request, OCTETS(5, 1, 0, 3, 0), SKS_ERR_EMPTY, 4);
    wrong(&codec_reply, OCTETS(5, 1, 0, 3, 0, 0, 0), SKS_ERR_EMPTY, 4);
    refused(&codec_request, &(struct sks_request){empty, 1, 0}, SKS_ERR_EMPTY, 4);
    refused(&codec_reply, &(struct sks_reply){empty, 1, 0}, SKS_ERR_EMPTY, 4);
}

static void an_ip_address_of_another_length_is_not_encoded(void **state)
{
    (void)state;
    const struct sks_addr short4 = {.atyp = 1, HOST("\1\2\3")}, long4 = {.atyp = 1, HOST("abcde")};
    const struct sks_addr short6 = {.atyp = 4, HOST("\1\2\3\4")};
    refused(&codec_request, &(struct sks_request){short4, 1, 0}, SKS_ERR_LENGTH, 4);
    refused(&codec_request, &(struct sks_request){long4, 1, 0}, SKS_ERR_LENGTH, 4);
    refused(&codec_reply, &(struct sks_reply){short6, 1, 0}, SKS_ERR_LENGTH, 4);
}

static void the_sizes_in_the_header_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_int_equal(SKS_REQUEST_MIN, 3 + 5);
    assert_int_equal(SKS_REQUEST_MAX, 3 + 259);
    assert_int_equal(SKS_REPLY_MIN, 3 + 5);
    assert_int_equal(SKS_REPLY_MAX, 3 + 259);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_for_every_type),
        cmocka_unit_test(a_reply_for_every_type),
        cmocka_unit_test(a_name_of_255_octets),
        cmocka_unit_test(every_cmd_rep_and_rsv_is_handed_on),
        cmocka_unit_test(another_version_is_decided_by_its_octet),
        cmocka_unit_test(an_unknown_type_is_decided_by_its_octet),
        cmocka_unit_test(an_empty_name_is_decided_by_its_length),
        cmocka_unit_test(an_ip_address_of_another_length_is_not_encoded),
        cmocka_unit_test(the_sizes_in_the_header_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
