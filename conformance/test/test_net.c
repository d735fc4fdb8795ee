/* Ports as the engine gets them. */
#include "../engine/net.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { TRIES = 4000 };

static void a_free_port_tells_the_order_of_its_octets(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES; i++) {
        struct sockaddr_storage at = net_ipv4((struct in_addr){htonl(INADDR_LOOPBACK)}, 0);
        int fd = net_bound(i % 2 ? SOCK_STREAM : SOCK_DGRAM, &at);
        assert_true(fd >= 0);
        close(fd);
        assert_int_not_equal(net_port(&at) >> 8, net_port(&at) & 0xff);
    }
}

static void one_that_is_asked_for_is_had(void **state)
{
    (void)state;
    int fd = -1;
    uint16_t port = 0;
    struct sockaddr_storage at;
    for (unsigned octet = 0x80; octet < 0x100 && fd < 0; octet++) { /* any that is free */
        port = (uint16_t)(octet << 8 | octet);
        at = net_ipv4((struct in_addr){htonl(INADDR_LOOPBACK)}, port);
        fd = net_bound(SOCK_DGRAM, &at);
    }
    assert_true(fd >= 0);
    assert_int_equal(net_port(&at), port);
    assert_int_equal(net_bound(SOCK_DGRAM, &at), -1);
    assert_int_equal(errno, EADDRINUSE);
    close(fd);
}

static void a_set_has_the_ports_of_its_address(void **state)
{
    (void)state;
    const struct in_addr ip = {htonl(INADDR_LOOPBACK)}, other = {htonl(INADDR_LOOPBACK + 1)};
    struct port_set set = {.ip = ip};
    for (uint16_t port = 8; port < 24; port += 3)
        port_set_put(&set, port, true);
    port_set_put(&set, 11, false);
    port_set_put(&set, 65535, true);
    for (uint32_t port = 0; port <= UINT16_MAX; port++) {
        bool in = port == 65535 || (port >= 8 && port < 24 && port % 3 == 2 && port != 11);
        struct sockaddr_storage at = net_ipv4(ip, (uint16_t)port);
        assert_int_equal(port_set_has(&set, &at), in);
        at = net_ipv4(other, (uint16_t)port);
        assert_false(port_set_has(&set, &at));
        at = net_loopback6((uint16_t)port);
        assert_false(port_set_has(&set, &at));
    }
}

static void a_port_is_recent_until_many_others_were_had(void **state)
{
    (void)state;
    static struct port_history had;
    assert_false(port_is_recent(&had, 1));
    for (uint32_t port = 1; port <= PORTS_RECENT; port++)
        port_was_had(&had, (uint16_t)port);
    assert_true(port_is_recent(&had, 1));
    assert_true(port_is_recent(&had, PORTS_RECENT));
    assert_false(port_is_recent(&had, PORTS_RECENT + 1));
    port_was_had(&had, PORTS_RECENT + 1);
    assert_false(port_is_recent(&had, 1));
    assert_true(port_is_recent(&had, 2));
    assert_true(port_is_recent(&had, PORTS_RECENT + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_port_tells_the_order_of_its_octets),
        cmocka_unit_test(one_that_is_asked_for_is_had),
        cmocka_unit_test(a_set_has_the_ports_of_its_address),
        cmocka_unit_test(a_port_is_recent_until_many_others_were_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
