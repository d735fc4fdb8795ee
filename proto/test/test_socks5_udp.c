#include "harness.h"

#include <string.h>

#define HOST(octets) .host = (const uint8_t *)(octets), .host_len = sizeof(octets) - 1

static const struct sks_addr v4 = {.atyp = 1, HOST("\xc0\x00\x02\x01"), .port = 53};

static void a_header_for_every_type(void **state)
{
    (void)state;
    const struct sks_addr v6 = {.atyp = 4, HOST("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"), .port = 53};
    const struct sks_addr name = {.atyp = 3, HOST("ns"), .port = 53};
    good(&codec_udp_header, &(struct sks_udp_header){v4, 0, 0},
         OCTETS(0, 0, 0, 1, 192, 0, 2, 1, 0, 53));
    good(&codec_udp_header, &(struct sks_udp_header){name, 0, 0},
         OCTETS(0, 0, 0, 3, 2, 'n', 's', 0, 53));
    good(&codec_udp_header, &(struct sks_udp_header){v6, 0, 0},
         OCTETS(0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 53));
}

static void a_name_of_255_octets(void **state)
{
    (void)state;
    uint8_t octets[SKS_UDP_HEADER_MAX] = {0, 0, 0, 3, 255};
    memset(octets + 5, 'x', 255);
    octets[261] = 1;
    struct sks_addr longest = {.atyp = 3, .host = octets + 5, .host_len = 255, .port = 1};
    good(&codec_udp_header, &(struct sks_udp_header){longest, 0, 0}, octets, sizeof octets);
}

static void every_frag_is_handed_on(void **state)
{
    (void)state;
    for (unsigned frag = 0; frag < 256; frag++)
        good(&codec_udp_header, &(struct sks_udp_header){v4, 0, (uint8_t)frag},
             OCTETS(0, 0, (uint8_t)frag, 1, 192, 0, 2, 1, 0, 53));
}

static void rsv_is_big_endian_and_handed_on(void **state)
{
    (void)state;
    good(&codec_udp_header, &(struct sks_udp_header){v4, 0x0001, 0},
         OCTETS(0, 1, 0, 1, 192, 0, 2, 1, 0, 53));
    good(&codec_udp_header, &(struct sks_udp_header){v4, 0x0100, 0},
         OCTETS(1, 0, 0, 1, 192, 0, 2, 1, 0, 53));
    good(&codec_udp_header, &(struct sks_udp_header){v4, 0xfffe, 0x81},
         OCTETS(255, 254, 0x81, 1, 192, 0, 2, 1, 0, 53));
}

static void a_wrong_address_is_decided_by_its_octet(void **state)
{
    (void)state;
    const struct sks_addr empty = {.atyp = 3}, unknown = {.atyp = 2, HOST("abcd")};
    const struct sks_addr short6 = {.atyp = 4, HOST("abcd")};
    for (unsigned atyp = 0; atyp < 256; atyp++)
        if (atyp != 1 && atyp != 3 && atyp != 4)
            wrong(&codec_udp_header, OCTETS(0, 0, 0, (uint8_t)atyp, 1, 1, 1, 1, 1), SKS_ERR_ATYP,
                  3);
    wrong(&codec_udp_header, OCTETS(0, 0, 0, 3, 0, 1, 1), SKS_ERR_EMPTY, 4);
    refused(&codec_udp_header, &(struct sks_udp_header){unknown, 0, 0}, SKS_ERR_ATYP, 3);
    refused(&codec_udp_header, &(struct sks_udp_header){empty, 0, 0}, SKS_ERR_EMPTY, 4);
    refused(&codec_udp_header, &(struct sks_udp_header){short6, 0, 0}, SKS_ERR_LENGTH, 4);
}

static void the_payload_follows_and_may_be_empty(void **state)
{
    (void)state;
    static const uint8_t datagram[] = {0, 0, 0, 3, 2, 'n', 's', 0, 53, 'p', 'a', 'y'};
    for (size_t len = 9; len <= sizeof datagram; len++) {
        struct sks_udp_header header;
        size_t used = 0;
        assert_int_equal(sks_udp_header_parse(&header, datagram, len, &used), SKS_OK);
        assert_memory_equal(datagram + used, "pay", len - used);
        assert_int_equal(used, 9);
    }
}

static void the_sizes_in_the_header_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_int_equal(SKS_UDP_HEADER_MIN, 3 + 5);
    assert_int_equal(SKS_UDP_HEADER_MAX, 3 + 259);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_for_every_type),
        cmocka_unit_test(a_name_of_255_octets),
        cmocka_unit_test(every_frag_is_handed_on),
        cmocka_unit_test(rsv_is_big_endian_and_handed_on),
        cmocka_unit_test(a_wrong_address_is_decided_by_its_octet),
        cmocka_unit_test(the_payload_follows_and_may_be_empty),
        cmocka_unit_test(the_sizes_in_the_header_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
