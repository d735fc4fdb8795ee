#include "harness.h"

/* The octets that RFC 1928 assigns, from its text and not from the header's lists. */
struct assigned {
    unsigned octet;
    const char *text;
};
static const struct assigned atyps[] = {
    {1, "IPv4 address"}, {3, "domain name"}, {4, "IPv6 address"}, {256, NULL}};
static const struct assigned methods[] = {{0, "no authentication"},
                                          {1, "GSSAPI"},
                                          {2, "user name and password"},
                                          {255, "no acceptable method"},
                                          {256, NULL}};
static const struct assigned cmds[] = {
    {1, "CONNECT"}, {2, "BIND"}, {3, "UDP ASSOCIATE"}, {256, NULL}};
static const struct assigned reps[] = {{0, "succeeded"},
                                       {1, "general failure"},
                                       {2, "not allowed by ruleset"},
                                       {3, "network unreachable"},
                                       {4, "host unreachable"},
                                       {5, "connection refused"},
                                       {6, "TTL expired"},
                                       {7, "command not supported"},
                                       {8, "address type not supported"},
                                       {256, NULL}};

static void every_octet_has_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *(*text)(uint8_t octet);
        const struct assigned *assigned;
    } names[] = {{sks_atyp_text, atyps},
                 {sks_method_text, methods},
                 {sks_cmd_text, cmds},
                 {sks_rep_text, reps}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct assigned *next = names[i].assigned;
        for (unsigned octet = 0; octet < 256; octet++) {
            const char *expected = octet == next->octet ? next++->text : "unassigned";
            assert_string_equal(names[i].text((uint8_t)octet), expected);
        }
        assert_null(next->text);
    }
}

static void the_constants_are_the_octets_of_the_rfc(void **state)
{
    (void)state;
    assert_int_equal(SKS_SOCKS5_VERSION, 5);
    assert_int_equal(SKS_USERPASS_VERSION, 1);
    assert_int_equal(SKS_ATYP_IPV4, 1);
    assert_int_equal(SKS_ATYP_DOMAIN, 3);
    assert_int_equal(SKS_ATYP_IPV6, 4);
    assert_int_equal(SKS_METHOD_NONE, 0);
    assert_int_equal(SKS_METHOD_GSSAPI, 1);
    assert_int_equal(SKS_METHOD_USERPASS, 2);
    assert_int_equal(SKS_METHOD_UNACCEPTABLE, 0xff);
    assert_int_equal(SKS_CMD_CONNECT, 1);
    assert_int_equal(SKS_CMD_BIND, 2);
    assert_int_equal(SKS_CMD_UDP_ASSOCIATE, 3);
    assert_int_equal(SKS_REP_SUCCEEDED, 0);
    assert_int_equal(SKS_REP_FAILURE, 1);
    assert_int_equal(SKS_REP_NOT_ALLOWED, 2);
    assert_int_equal(SKS_REP_NET_UNREACHABLE, 3);
    assert_int_equal(SKS_REP_HOST_UNREACHABLE, 4);
    assert_int_equal(SKS_REP_REFUSED, 5);
    assert_int_equal(SKS_REP_TTL_EXPIRED, 6);
    assert_int_equal(SKS_REP_CMD_UNSUPPORTED, 7);
    assert_int_equal(SKS_REP_ATYP_UNSUPPORTED, 8);
    assert_int_equal(SKS_USERPASS_SUCCEEDED, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet_has_its_text),
        cmocka_unit_test(the_constants_are_the_octets_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
