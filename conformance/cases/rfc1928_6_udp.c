/* RFC 1928 section 6: UDP ASSOCIATE, its reply and its life. */
#include "cases.h"

#define FIRST "rfc1928/6/udp-first"
#define LIFE "rfc1928/6/udp-ends"

const struct test_case rfc1928_6_udp_cases[] = {
    FRONT_CASE("rfc1928/6/udp-form", "rfc1928/6/form", .needs = NEED_UDP,
               .says = "The reply to UDP ASSOCIATE is whole, and the only one.",
               .steps = STEPS(ASSOCIATED, EXPECT("silence"))),
    FRONT_CASE("rfc1928/6/udp-usable", FIRST, .needs = NEED_UDP,
               .says = "BND is neither 0.0.0.0 nor port 0.",
               .seen = "shadowsocks-rust (its issue 1616), v2fly (its issue 522) (field 49)",
               .steps =
                   STEPS(HANDSHAKE, SEND(ASSOCIATE), EXPECT("VER:05 REP:00 RSV:00 BND:{usable}"))),
    SERVER_CASE("rfc1928/6/udp-source-unknown", "rfc1928/6/udp-unknown-source", .needs = NEED_UDP,
                .says = "DST 0.0.0.0:0: datagrams are relayed from wherever the client sends.",
                .steps = STEPS(ASSOCIATED, UDP_ECHO("{target}", "\"hello\""))),
    SERVER_CASE("rfc1928/6/udp-source-known", FIRST, .needs = NEED_UDP,
                .says = "DST names the address and port from which the client then sends.",
                .steps = STEPS(HANDSHAKE, SEND(REQUEST("03", "{udp}")), EXPECT(SUCCESS),
                               UDP_ECHO("{target}", "\"hello\""))),
    SERVER_CASE("rfc1928/6/udp-stays", LIFE, .needs = NEED_UDP,
                .says = "While the TCP connection stays the association does.",
                .steps = STEPS(ASSOCIATED, UDP_ECHO("{target}", "\"one\""),
                               EXPECT_IN(1000, "silence"), UDP_ECHO("{target}", "\"two\""))),
    SERVER_CASE("rfc1928/6/udp-ends-with-fin", LIFE, .needs = NEED_UDP,
                .says = "The client ends the TCP connection: nothing is relayed any more.",
                .steps = STEPS(ASSOCIATED, FIN(CLIENT), EXPECT("end"),
                               AT(UDP, SEND, DATAGRAM("{target}") "\"late\""), UNTOUCHED)),
    SERVER_CASE("rfc1928/6/udp-ends-with-rst", LIFE, .needs = NEED_UDP | NEED_ALONE,
                .says = "The client resets the TCP connection at once: nothing is relayed any "
                        "more, and no other connection is harmed.",
                .seen = "shadowsocks-libev (its issue 1502; field 24)",
                .steps = STEPS(ASSOCIATED, RST(CLIENT), CONTROL,
                               AT(UDP, SEND, DATAGRAM("{target}") "\"late\""), UNTOUCHED)),
    SERVER_CASE("rfc1928/6/udp-octet-by-octet", "rfc1928/3/stream", .segment = SEGMENT_BYTES,
                .needs = NEED_UDP,
                .says = "The request for an association, octet by octet, is served.",
                .steps = STEPS(ASSOCIATED, UDP_ECHO("{target}", "\"hello\""))),
    SERVER_CASE("rfc1928/6/no-udp", "rfc1928/6/unsupported", .needs = NEED_NO_UDP,
                .says = "Declared without UDP: UDP ASSOCIATE gets a reply of failure.",
                .steps = STEPS(HANDSHAKE, SEND(ASSOCIATE), EXPECT(FAILURE), RST(CLIENT))),
    SERVER_CASE("rfc1928/6/no-udp-rep", "rfc1928/6/rep-value", .needs = NEED_NO_UDP,
                .says = "Declared without UDP: the reply is 07.",
                .steps = STEPS(HANDSHAKE, SEND(ASSOCIATE), EXPECT(REPLY("07")), RST(CLIENT))),
    {0},
};
