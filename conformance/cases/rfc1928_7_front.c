/* RFC 1928 section 7: datagrams of a program to the front of an ss-local. What is for the server
 * alone stands in ss_udp_local.c. */
#include "cases.h"

#define STRANGERS "rfc1928/7/stranger"
#define DROPS "rfc1928/7/silent-drop"
#define FRAGMENTS "rfc1928/7/fragments"

#define INTRUDES AT(UDP_STRANGER, SEND, DATAGRAM("{target}") "\"intruder\"")
#define AT_SERVER(what) AT(SERVER_UDP, EXPECT, what)
#define PASSES LOCAL_DATAGRAM("{target}", "\"hello\"")
#define COMES_BACK                                                                                 \
    AT(SERVER_UDP, SEND, "{salt} header({target} \"answer\")"),                                    \
        AT(UDP, EXPECT, DATAGRAM("{target}") "\"answer\"")
#define DROPPED(octets)                                                                            \
    STEPS(ASSOCIATED, AT(UDP, SEND, octets), AT_SERVER("silence"), AT(UDP, EXPECT, "silence"),     \
          PASSES, COMES_BACK)

#define FRONT(case_id, rule_id, ...) LOCAL_CASE(case_id, rule_id, .needs = NEED_UDP, __VA_ARGS__)
#define FRONT_STRANGER(case_id, ...)                                                               \
    LOCAL_CASE(case_id, STRANGERS, .needs = NEED_UDP | NEED_LOOPBACK, __VA_ARGS__)

const struct test_case rfc1928_7_front_cases[] = {
    FRONT_STRANGER("rfc1928/7/front-stranger",
                   .says = "Behind a datagram of the program, one from another address is dropped.",
                   .steps = STEPS(ASSOCIATED, PASSES, INTRUDES, AT_SERVER("silence"), COMES_BACK)),
    FRONT_STRANGER("rfc1928/7/front-stranger-first",
                   .says = "The program has said from where it will send: the first datagram, from "
                           "another address, is dropped.",
                   .steps = STEPS(HANDSHAKE, SEND(REQUEST("03", "{udp}")), EXPECT(SUCCESS),
                                  INTRUDES, AT_SERVER("silence"), PASSES, COMES_BACK)),
    FRONT_STRANGER("rfc1928/7/front-stranger-before-program",
                   .says = "The program has not said from where it will send: another host than "
                           "that of its connection does not get the association all the same.",
                   .steps = STEPS(ASSOCIATED, INTRUDES, AT_SERVER("silence"), PASSES, COMES_BACK)),
    FRONT_STRANGER("rfc1928/7/front-stranger-answer",
                   .says = "After a stranger's datagram answers still go to the program alone.",
                   .steps = STEPS(ASSOCIATED, PASSES, INTRUDES, AT_SERVER("silence"), COMES_BACK,
                                  AT(UDP_STRANGER, EXPECT, "silence"))),
    FRONT("rfc1928/7/front-fragment-then-whole", FRAGMENTS,
          .says = "A part is dropped, and the whole datagram behind it passes alone.",
          .steps = STEPS(ASSOCIATED, AT(UDP, SEND, "RSV:0000 FRAG:01 DST:{target} DATA:\"part\""),
                         PASSES, COMES_BACK)),
    FRONT("rfc1928/7/front-short-3", DROPS, .says = "A datagram that ends before ATYP is dropped.",
          .steps = DROPPED("RSV:0000 FRAG:00")),
    FRONT("rfc1928/7/front-short-4", DROPS, .says = "A datagram that ends behind ATYP is dropped.",
          .steps = DROPPED("RSV:0000 FRAG:00 ATYP:01")),
    FRONT("rfc1928/7/front-short-address", DROPS,
          .says = "A datagram that ends one octet before its port does is dropped.",
          .steps = DROPPED("RSV:0000 FRAG:00 ATYP:01 ADDR:{host} PORT:00")),
    FRONT("rfc1928/7/front-short-name", DROPS,
          .says = "A datagram that ends within its name is dropped.",
          .seen = "shadowsocks-rust reads the port unchecked (field 46)",
          .steps = DROPPED("RSV:0000 FRAG:00 ATYP:03 ADDR:40 \"local\"")),
    FRONT("rfc1928/7/front-empty-name", DROPS, .says = "A name of no octets is dropped.",
          .steps = DROPPED("RSV:0000 FRAG:00 ATYP:03 ADDR:00 PORT:{port}")),
    FRONT("rfc1928/7/front-unknown-type", DROPS, .says = "A datagram with ATYP 05 is dropped.",
          .steps = DROPPED("RSV:0000 FRAG:00 ATYP:05 ADDR:{host} PORT:{port} DATA:\"x\"")),
    FRONT("rfc1928/7/front-rsv", "rfc1928/7/rsv", .says = "A datagram with RSV ffff.",
          .steps = STEPS(ASSOCIATED, AT(UDP, SEND, "RSV:ffff FRAG:00 DST:{target} DATA:\"x\""),
                         AT_SERVER("DST:{target} DATA:\"x\" [relays it] or silence [drops it]"))),
    {0},
};
