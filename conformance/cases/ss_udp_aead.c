/* Datagrams under AEAD. */
#include "cases.h"

#define DROPPED(octets) AT(UDP, SEND, octets), AT(UDP, EXPECT, "silence"), UNTOUCHED
#define STILL_SERVES UDP_ECHOES("{target}", "\"still\"")

const struct test_case ss_udp_aead_cases[] = {
    SS_CASE("ss-udp/aead/good", "ss-udp/aead/form", .needs = NEED_UDP | NEED_AEAD,
            .says = "Salt, then header and data sealed under nonce 0.",
            .steps = STEPS(UDP_ECHOES("{target}", "{payload 200}"))),
    SS_CASE("ss-udp/aead/salt-changed", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram whose salt has been changed is dropped.",
            .steps = STEPS(DROPPED("flip@0({salt} header({target} {payload 100}))"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/text-changed", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram whose text has been changed is dropped.",
            .steps =
                STEPS(DROPPED("flip@-40({salt} header({target} {payload 100}))"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/tag-changed", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram whose tag has been changed is dropped.",
            .steps =
                STEPS(DROPPED("flip@-1({salt} header({target} {payload 100}))"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/tag-first-changed", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram whose tag, at its first octet, has been changed is dropped.",
            .steps =
                STEPS(DROPPED("flip@-16({salt} header({target} {payload 100}))"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/cut", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram without its last octet is dropped.",
            .steps = STEPS(DROPPED("cut@-1({salt} header({target} {payload 100}))"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/trailing", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram with an octet too many is dropped.",
            .steps = STEPS(DROPPED("{salt} header({target} {payload 100}) raw(00)"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/nonce-one", "ss-udp/aead/form", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram sealed under nonce 1 is dropped.",
            .steps =
                STEPS(DROPPED("{salt} nonce@1() header({target} {payload 100})"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/as-stream", "ss-udp/aead/form", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram in the form of a stream, with a sealed length, is dropped.",
            .steps = STEPS(DROPPED("{salt} seal(0007) seal({target})"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/in-clear", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A datagram that is not encrypted is dropped.",
            .steps = STEPS(DROPPED("raw({target} {payload 100})"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/salt-of-another", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "The salt of one datagram before the text of another: dropped.",
            .steps = STEPS(DROPPED("{salt} raw({random 60})"), STILL_SERVES)),
    SS_CASE("ss-udp/aead/no-text", "ss-udp/aead/verified", .needs = NEED_UDP | NEED_AEAD,
            .says = "A salt and the tag of no text: dropped.",
            .steps = STEPS(DROPPED("{salt} seal()"), STILL_SERVES)),
    {0},
};
