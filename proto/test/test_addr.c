#include "harness.h"

#include <string.h>

#define HOST(octets) .host = (const uint8_t *)(octets), .host_len = sizeof(octets) - 1

static void an_ipv4_address(void **state)
{
    (void)state;
    good(&codec_addr, &(struct sks_addr){.atyp = 1, HOST("\xc0\x00\x02\x01"), .port = 8080},
         OCTETS(1, 192, 0, 2, 1, 0x1f, 0x90));
    good(&codec_addr, &(struct sks_addr){.atyp = 1, HOST("\0\0\0\0"), .port = 0},
         OCTETS(1, 0, 0, 0, 0, 0, 0));
    good(&codec_addr, &(struct sks_addr){.atyp = 1, HOST("\xff\xff\xff\xff"), .port = 65535},
         OCTETS(1, 255, 255, 255, 255, 255, 255));
}

static void an_ipv6_address(void **state)
{
    (void)state;
    good(&codec_addr,
         &(struct sks_addr){
             .atyp = 4, HOST("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), .port = 53},
         OCTETS(4, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 53));
}

static void a_domain_name(void **state)
{
    (void)state;
    good(&codec_addr, &(struct sks_addr){.atyp = 3, HOST("a"), .port = 1}, OCTETS(3, 1, 'a', 0, 1));
    good(&codec_addr, &(struct sks_addr){.atyp = 3, HOST("example.org"), .port = 443},
         OCTETS(3, 11, 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'o', 'r', 'g', 1, 187));
}

static void a_domain_name_is_octets_of_any_value(void **state)
{
    (void)state;
    good(&codec_addr, &(struct sks_addr){.atyp = 3, HOST("\0\xff\0"), .port = 80},
         OCTETS(3, 3, 0, 255, 0, 0, 80));
}

static void a_domain_name_of_every_length(void **state)
{
    (void)state;
    uint8_t name[255], octets[SKS_ADDR_MAX];
    static const size_t lengths[] = {1, 2, 3, 4, 15, 16, 127, 128, 254, 255};
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = (uint8_t)(255 - i);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t n = (uint8_t)lengths[i];
        octets[0] = 3;
        octets[1] = n;
        memcpy(octets + 2, name, n);
        octets[2 + n] = 0x12;
        octets[3 + n] = 0x34;
        good(&codec_addr,
             &(struct sks_addr){.atyp = 3, .host = name, .host_len = n, .port = 0x1234}, octets,
             4u + n);
    }
}

static void a_port_is_big_endian(void **state)
{
    (void)state;
    static const struct {
        uint16_t port;
        uint8_t high, low;
    } ports[] = {{0, 0, 0},   {1, 0, 1},        {255, 0, 255},   {256, 1, 0},
                 {257, 1, 1}, {0x8000, 128, 0}, {65280, 255, 0}, {65535, 255, 255}};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        const uint8_t v4[] = {1, 1, 2, 3, 4, ports[i].high, ports[i].low};
        const uint8_t name[] = {3, 2, 'h', 'i', ports[i].high, ports[i].low};
        good(&codec_addr, &(struct sks_addr){.atyp = 1, HOST("\1\2\3\4"), .port = ports[i].port},
             v4, sizeof v4);
        good(&codec_addr, &(struct sks_addr){.atyp = 3, HOST("hi"), .port = ports[i].port}, name,
             sizeof name);
    }
}

static void an_unknown_type_is_decided_by_its_octet(void **state)
{
    (void)state;
    for (unsigned atyp = 0; atyp < 256; atyp++)
        if (atyp != 1 && atyp != 3 && atyp != 4) {
            wrong(&codec_addr, OCTETS((uint8_t)atyp, 1, 1, 1, 1, 1, 1), SKS_ERR_ATYP, 0);
            refused(&codec_addr, &(struct sks_addr){.atyp = (uint8_t)atyp, HOST("abcd")},
                    SKS_ERR_ATYP, 0);
            refused(&codec_addr, &(struct sks_addr){.atyp = (uint8_t)atyp}, SKS_ERR_ATYP, 0);
        }
}

static void an_empty_domain_name_is_decided_by_its_length(void **state)
{
    (void)state;
    wrong(&codec_addr, OCTETS(3, 0, 0, 80), SKS_ERR_EMPTY, 1);
    wrong(&codec_addr, OCTETS(3, 0), SKS_ERR_EMPTY, 1);
    refused(&codec_addr, &(struct sks_addr){.atyp = 3, .port = 80}, SKS_ERR_EMPTY, 1);
}

static void an_ip_address_of_another_length_is_not_encoded(void **state)
{
    (void)state;
    static const uint8_t host[255];
    for (unsigned n = 0; n < 256; n++) {
        struct sks_addr in = {.host = host, .host_len = (uint8_t)n, .port = 80};
        in.atyp = 1;
        if (n != 4)
            refused(&codec_addr, &in, SKS_ERR_LENGTH, 1);
        in.atyp = 4;
        if (n != 16)
            refused(&codec_addr, &in, SKS_ERR_LENGTH, 1);
    }
}

static void the_sizes_in_the_header_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_int_equal(SKS_ADDR_MIN, 1 + 1 + 1 + 2);
    assert_int_equal(SKS_ADDR_MAX, 1 + 1 + 255 + 2);
    assert_int_equal(SKS_ADDR_SIZE_V4, 1 + 4 + 2);
    assert_int_equal(SKS_ADDR_SIZE_V6, 1 + 16 + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ipv4_address),
        cmocka_unit_test(an_ipv6_address),
        cmocka_unit_test(a_domain_name),
        cmocka_unit_test(a_domain_name_is_octets_of_any_value),
        cmocka_unit_test(a_domain_name_of_every_length),
        cmocka_unit_test(a_port_is_big_endian),
        cmocka_unit_test(an_unknown_type_is_decided_by_its_octet),
        cmocka_unit_test(an_empty_domain_name_is_decided_by_its_length),
        cmocka_unit_test(an_ip_address_of_another_length_is_not_encoded),
        cmocka_unit_test(the_sizes_in_the_header_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
