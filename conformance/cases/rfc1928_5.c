/* RFC 1928 section 5: addresses. */
#include "cases.h"

#define ANSWERED "rfc1928/4/always-answered"
#define VALUE "rfc1928/6/rep-value"
#define EXACT "rfc1928/5/domain-exact"
#define EMPTY "rfc1928/5/domain-empty"
#define LITERAL "rfc1928/5/domain-literal"

#define TAKEN_OR_NOT                                                                               \
    "VER:05 REP:00 RSV:00 BND:{addr} [takes it as the address] or " FAILURE                        \
    " [refuses it] or end [closes]"
/* A reply that repeats the name as BND has one of no octets there too. */
#define EMPTY_REFUSED REFUSED " or VER:05 REP:!00 RSV:00 BND:03 00 ?? ??"
#define NAMES(n) (NEED_CONNECT | NEED_DOMAIN | (n))

const struct test_case rfc1928_5_cases[] = {
    FRONT_CASE("rfc1928/5/ipv4", "rfc1928/5/ipv4", .needs = NEED_CONNECT,
               .says = "CONNECT to an IPv4 address carries octets both ways.",
               .steps = STEPS(CONNECTED, ECHO("{payload 64}"))),
    FRONT_CASE("rfc1928/5/domain", "rfc1928/5/domain", .needs = NAMES(0),
               .says = "CONNECT to a name: the server resolves it and connects.",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target-name}")), EXPECT(SUCCESS),
                              OPEN(TARGET), ECHO("{payload 64}"))),
    FRONT_CASE("rfc1928/5/ipv6", "rfc1928/5/ipv6", .needs = NEED_CONNECT | NEED_IPV6,
               .says = "CONNECT to an IPv6 address carries octets both ways.",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target6}")), EXPECT(SUCCESS), OPEN(TARGET),
                              ECHO("{payload 64}"))),

    FRONT_CASE("rfc1928/5/type-0", ANSWERED, .says = "ATYP 00 is refused with a reply.",
               .seen = "Python shadowsocks 2.9.1 (field 10), dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:00 ADDR:{host} PORT:{port}"),
                         EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/5/type-2", ANSWERED,
               .says = "ATYP 02, between the known ones, is refused with a reply.",
               .seen = "Python shadowsocks 2.9.1 (field 10), dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:02 ADDR:{host} PORT:{port}"),
                         EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/5/type-5", ANSWERED, .says = "ATYP 05 is refused with a reply.",
               .seen = "dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:05 ADDR:{host} PORT:{port}"),
                         EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/5/type-255", ANSWERED, .says = "ATYP ff is refused with a reply.",
               .seen = "dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:ff ADDR:{host} PORT:{port}"),
                         EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/5/type-17", ANSWERED, .needs = NEED_CONNECT,
               .says = "ATYP 11, IPv4 with the flag of Shadowsocks' one-time authentication, is no "
                       "SOCKS5 address: refused with a reply, nothing connected.",
               .seen = "Python shadowsocks 2.9.1 (field 9)",
               .steps =
                   STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:11 ADDR:{host} PORT:{port}"),
                         EXPECT(FAILURE), UNTOUCHED, RST(CLIENT))),
    FRONT_CASE("rfc1928/5/type-rep", VALUE, .says = "The reply to an unknown ATYP is 08.",
               .seen = "tor 0.4.7 answers 01 (field 52)",
               .steps =
                   STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:05 ADDR:{host} PORT:{port}"),
                         EXPECT(REPLY("08")), RST(CLIENT))),

    SERVER_CASE(
        "rfc1928/5/domain-255", EXACT, .needs = NAMES(NEED_ISOLATION),
        .says = "A name of 255 octets that does not exist: it is refused.",
        .seen = "shadowsocks-libev 3.3.5 leaves it unterminated (field 31)",
        .steps = STEPS(HANDSHAKE, SEND(CONNECT("{longest-name}")), EXPECT(REFUSED), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-1", EXACT, .needs = NAMES(NEED_ISOLATION),
                .says = "A name of one octet that does not exist: it is refused.",
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:01 \"x\" PORT:{port}")),
                               EXPECT(REFUSED), RST(CLIENT))),
    SERVER_CASE(
        "rfc1928/5/domain-255-split", EXACT, .needs = NAMES(NEED_ISOLATION),
        .segment = SEGMENT_BYTES,
        .says = "A name of 255 octets, octet by octet: it is refused when it is whole.",
        .seen = "microsocks 1.0.3 (field 50)",
        .steps = STEPS(HANDSHAKE, SEND(CONNECT("{longest-name}")), EXPECT(REFUSED), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-nul", EXACT, .needs = NAMES(NEED_ISOLATION),
                .says = "\"localhost\", NUL, \"x\": not the name before the NUL.",
                .steps = STEPS(HANDSHAKE,
                               SEND(CONNECT("ATYP:03 ADDR:0b \"localhost\" 00 \"x\" PORT:{port}")),
                               EXPECT(EMPTY_REFUSED), UNTOUCHED, RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-trailing-nul", EXACT, .needs = NAMES(NEED_ISOLATION),
                .says = "\"localhost\" with a NUL that the length counts is another name.",
                .steps =
                    STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:0a \"localhost\" 00 PORT:{port}")),
                          EXPECT(EMPTY_REFUSED), UNTOUCHED, RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-not-ascii", EXACT, .needs = NAMES(NEED_ISOLATION),
                .says = "A name of octets that no text has: it is refused.",
                .steps =
                    STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:06 ff fe 80 c0 01 7f PORT:{port}")),
                          EXPECT(REFUSED), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-percent", EXACT, .needs = NAMES(NEED_ISOLATION),
                .says = "A name with the marks of a format string: it is refused.",
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:08 \"%s%n%s%n\" PORT:{port}")),
                               EXPECT(REFUSED), RST(CLIENT))),
    FRONT_CASE("rfc1928/5/domain-empty", EMPTY, .needs = NAMES(NEED_ISOLATION),
               .says = "A name of no octets is refused.",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:00 PORT:{port}")),
                              EXPECT(EMPTY_REFUSED), UNTOUCHED, RST(CLIENT))),
    FRONT_CASE("rfc1928/5/domain-empty-port-80", EMPTY, .needs = NAMES(NEED_ISOLATION),
               .says = "A name of no octets and port 80: refused, without waiting for octets that "
                       "are not announced.",
               .seen = "libuv's sample proxy reads port 20480 (field 54)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:00 PORT:0050")),
                              EXPECT(EMPTY_REFUSED), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-ipv4-literal", LITERAL, .needs = NAMES(NEED_LOOPBACK),
                .says = "\"127.0.0.1\" as a name.",
                .steps =
                    STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:09 \"127.0.0.1\" PORT:{port}")),
                          EXPECT(TAKEN_OR_NOT), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-ipv6-literal", LITERAL, .needs = NAMES(NEED_IPV6),
                .says = "\"::1\" as a name.",
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:03 \"::1\" PORT:{port}")),
                               EXPECT(TAKEN_OR_NOT), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/domain-short-literal", LITERAL, .needs = NAMES(NEED_LOOPBACK),
                .says = "\"127.1\", an old short form of an address, as a name.",
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("ATYP:03 ADDR:05 \"127.1\" PORT:{port}")),
                               EXPECT(TAKEN_OR_NOT), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/ipv4-mapped", "rfc1928/5/ipv4-mapped", .needs = NEED_CONNECT | NEED_IPV6,
                .says = "An IPv6 address that maps the IPv4 target.",
                .steps =
                    STEPS(HANDSHAKE, SEND(CONNECT("ATYP:04 ADDR:00*10 ffff {host} PORT:{port}")),
                          EXPECT(TAKEN_OR_NOT), RST(CLIENT))),
    SERVER_CASE(
        "rfc1928/5/domain-every-split", "rfc1928/3/stream", .needs = NAMES(0),
        .segment = SEGMENT_SPLIT,
        .says = "A refused name, cut at each place in turn: refused all the same.",
        .seen = "microsocks 1.0.3 (field 50)",
        .steps = STEPS(HANDSHAKE, SEND(CONNECT("{refused-name}")), EXPECT(REFUSED), RST(CLIENT))),
    SERVER_CASE("rfc1928/5/no-ipv6", "rfc1928/6/unsupported", .needs = NEED_NO_IPV6 | NEED_CONNECT,
                .says = "Declared without IPv6: ATYP 04 gets a reply of failure.",
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target6}")), EXPECT(FAILURE), UNTOUCHED,
                               RST(CLIENT))),
    SERVER_CASE("rfc1928/5/no-domain", "rfc1928/6/unsupported",
                .needs = NEED_NO_DOMAIN | NEED_CONNECT,
                .says = "Declared without names: ATYP 03 gets a reply of failure.",
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target-name}")), EXPECT(FAILURE),
                               UNTOUCHED, RST(CLIENT))),
    {0},
};
