#include "harness.h"

#include <string.h>

static void a_greeting(void **state)
{
    (void)state;
    const uint8_t methods[] = {0x00, 0x01, 0x02};
    good(&codec_greeting, &(struct sks_greeting){methods, 3}, OCTETS(5, 3, 0, 1, 2));
    good(&codec_greeting, &(struct sks_greeting){methods, 1}, OCTETS(5, 1, 0));
}

static void unknown_and_repeated_methods_are_handed_on(void **state)
{
    (void)state;
    const uint8_t methods[] = {0xff, 0x00, 0x00, 0x80, 0x7f, 0xff};
    good(&codec_greeting, &(struct sks_greeting){methods, 6},
         OCTETS(5, 6, 0xff, 0, 0, 0x80, 0x7f, 0xff));
}

static void a_greeting_of_every_number_of_methods(void **state)
{
    (void)state;
    uint8_t octets[SKS_GREETING_MAX] = {5};
    for (size_t i = 2; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i - 2);
    for (unsigned n = 1; n < 256; n += n < 8 || n > 247 ? 1 : 8) {
        octets[1] = (uint8_t)n;
        good(&codec_greeting, &(struct sks_greeting){octets + 2, (uint8_t)n}, octets, 2 + n);
    }
}

static void a_greeting_without_methods_is_decided_by_its_count(void **state)
{
    (void)state;
    wrong(&codec_greeting, OCTETS(5, 0), SKS_ERR_EMPTY, 1);
    wrong(&codec_greeting, OCTETS(5, 0, 5, 1, 0), SKS_ERR_EMPTY, 1);
    refused(&codec_greeting, &(struct sks_greeting){NULL, 0}, SKS_ERR_EMPTY, 1);
}

static void another_version_is_decided_by_its_octet(void **state)
{
    (void)state;
    for (unsigned version = 0; version < 256; version++)
        if (version != 5) {
            wrong(&codec_greeting, OCTETS((uint8_t)version, 1, 0), SKS_ERR_VERSION, 0);
            wrong(&codec_greeting, OCTETS((uint8_t)version, 0), SKS_ERR_VERSION, 0);
            wrong(&codec_selection, OCTETS((uint8_t)version, 0), SKS_ERR_VERSION, 0);
        }
}

static void a_selection_of_every_method(void **state)
{
    (void)state;
    for (unsigned method = 0; method < 256; method++)
        good(&codec_selection, &(struct sks_selection){(uint8_t)method},
             OCTETS(5, (uint8_t)method));
}

static void the_sizes_in_the_header_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_int_equal(SKS_GREETING_MIN, 1 + 1 + 1);
    assert_int_equal(SKS_GREETING_MAX, 1 + 1 + 255);
    assert_int_equal(SKS_SELECTION_SIZE, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_greeting),
        cmocka_unit_test(unknown_and_repeated_methods_are_handed_on),
        cmocka_unit_test(a_greeting_of_every_number_of_methods),
        cmocka_unit_test(a_greeting_without_methods_is_decided_by_its_count),
        cmocka_unit_test(another_version_is_decided_by_its_octet),
        cmocka_unit_test(a_selection_of_every_method),
        cmocka_unit_test(the_sizes_in_the_header_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
