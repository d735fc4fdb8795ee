#include "harness.h"

#include <string.h>

#define UNAME(octets) .uname = (const uint8_t *)(octets), .ulen = sizeof(octets) - 1
#define PASSWD(octets) .passwd = (const uint8_t *)(octets), .plen = sizeof(octets) - 1

static void a_user_name_and_password(void **state)
{
    (void)state;
    good(&codec_userpass, &(struct sks_userpass){UNAME("alice"), PASSWD("secret")},
         OCTETS(1, 5, 'a', 'l', 'i', 'c', 'e', 6, 's', 'e', 'c', 'r', 'e', 't'));
    good(&codec_userpass, &(struct sks_userpass){UNAME("u"), PASSWD("p")},
         OCTETS(1, 1, 'u', 1, 'p'));
}

static void nul_octets_count(void **state)
{
    (void)state;
    good(&codec_userpass, &(struct sks_userpass){UNAME("\0"), PASSWD("\0")}, OCTETS(1, 1, 0, 1, 0));
    good(&codec_userpass, &(struct sks_userpass){UNAME("ad\0min"), PASSWD("\0pw\0")},
         OCTETS(1, 6, 'a', 'd', 0, 'm', 'i', 'n', 4, 0, 'p', 'w', 0));
    good(&codec_userpass, &(struct sks_userpass){UNAME("\xff\x01"), PASSWD("\x05\x01")},
         OCTETS(1, 2, 0xff, 1, 2, 5, 1));
}

static void names_and_passwords_of_the_extreme_lengths(void **state)
{
    (void)state;
    static const uint8_t lengths[] = {1, 2, 127, 128, 254, 255};
    enum { LENGTHS = sizeof lengths };
    for (size_t i = 0; i < (size_t)LENGTHS * LENGTHS; i++) {
        uint8_t ulen = lengths[i / LENGTHS], plen = lengths[i % LENGTHS];
        uint8_t octets[SKS_USERPASS_MAX] = {1, ulen};
        memset(octets + 2, 0xa0, ulen);
        octets[2 + ulen] = plen;
        memset(octets + 3 + ulen, 0xb0, plen);
        octets[2 + ulen + plen] = 0xb1;
        good(&codec_userpass, &(struct sks_userpass){octets + 2, octets + 3 + ulen, ulen, plen},
             octets, 3u + ulen + plen);
    }
}

static void an_empty_user_name_is_decided_by_its_length(void **state)
{
    (void)state;
    wrong(&codec_userpass, OCTETS(1, 0), SKS_ERR_EMPTY, 1);
    wrong(&codec_userpass, OCTETS(1, 0, 0), SKS_ERR_EMPTY, 1);
    wrong(&codec_userpass, OCTETS(1, 0, 3, 'f', 'o', 'o'), SKS_ERR_EMPTY, 1);
    refused(&codec_userpass, &(struct sks_userpass){PASSWD("p")}, SKS_ERR_EMPTY, 1);
    refused(&codec_userpass, &(struct sks_userpass){.ulen = 0}, SKS_ERR_EMPTY, 1);
}

static void an_empty_password_is_decided_by_its_length(void **state)
{
    (void)state;
    static const uint8_t uname[255];
    uint8_t octets[2 + 255 + 1] = {1, 255};
    wrong(&codec_userpass, OCTETS(1, 1, 'u', 0), SKS_ERR_EMPTY, 3);
    wrong(&codec_userpass, OCTETS(1, 3, 'f', 'o', 'o', 0, 'b', 'a', 'r'), SKS_ERR_EMPTY, 5);
    wrong(&codec_userpass, octets, sizeof octets, SKS_ERR_EMPTY, 257);
    refused(&codec_userpass, &(struct sks_userpass){UNAME("u")}, SKS_ERR_EMPTY, 3);
    refused(&codec_userpass, &(struct sks_userpass){.uname = uname, .ulen = 255}, SKS_ERR_EMPTY,
            257);
}

static void another_version_is_decided_by_its_octet(void **state)
{
    (void)state;
    for (unsigned version = 0; version < 256; version++)
        if (version != 1) {
            wrong(&codec_userpass, OCTETS((uint8_t)version, 1, 'u', 1, 'p'), SKS_ERR_VERSION, 0);
            wrong(&codec_userpass, OCTETS((uint8_t)version, 0), SKS_ERR_VERSION, 0);
            wrong(&codec_userpass_status, OCTETS((uint8_t)version, 0), SKS_ERR_VERSION, 0);
        }
}

static void a_status_of_every_octet(void **state)
{
    (void)state;
    for (unsigned status = 0; status < 256; status++)
        good(&codec_userpass_status, &(struct sks_userpass_status){(uint8_t)status},
             OCTETS(1, (uint8_t)status));
}

static void the_sizes_in_the_header_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_int_equal(SKS_USERPASS_MIN, 1 + 1 + 1 + 1 + 1);
    assert_int_equal(SKS_USERPASS_MAX, 1 + 1 + 255 + 1 + 255);
    assert_int_equal(SKS_USERPASS_STATUS_SIZE, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_name_and_password),
        cmocka_unit_test(nul_octets_count),
        cmocka_unit_test(names_and_passwords_of_the_extreme_lengths),
        cmocka_unit_test(an_empty_user_name_is_decided_by_its_length),
        cmocka_unit_test(an_empty_password_is_decided_by_its_length),
        cmocka_unit_test(another_version_is_decided_by_its_octet),
        cmocka_unit_test(a_status_of_every_octet),
        cmocka_unit_test(the_sizes_in_the_header_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
