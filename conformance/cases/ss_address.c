/* The Shadowsocks address header, from client to server. */
#include "cases.h"

const struct test_case ss_address_cases[] = {
    SS_CASE("ss-address/header/ipv4", "ss-address/header/form",
            .says = "A header with an IPv4 address: the target is reached at its port.",
            .steps = STEPS(SS_CONNECTED, SS_ECHO("\"hello\""))),
    {0},
};
