/* RFC 1928 section 5, clients: how the target is named. */
#include "client.h"

#define EXACT "rfc1928/5/client-exact"
#define LITERAL "rfc1928/5/client-literal"
#define REMOTE "rfc1928/5/client-remote-name"
#define TOO_LONG "rfc1928/5/client-too-long"
#define LONGEST "rfc1928/5/client-longest-name"
#define SPELLING "rfc1928/5/client-spelling"

#define ADDRESS_ONLY                                                                               \
    STEPS(FEEDS, HANDSHAKE, GETS(REQUESTED("{dst}")), ANSWERS(GRANTED), GETS("{ask}"), SERVED)
#define ADDRESS_OR_NAME STEPS(ASKED, ANSWERS(GRANTED), GETS("{ask}"), SERVED)
#define REFUSES STEPS(FEEDS, GETS(SOME_METHODS " or end"), ANSWERS("VER:05 METHOD:00"), GIVES_UP)

#define LONG_NAME                                                                                  \
    STEPS(FEEDS, GETS(SOME_METHODS " or end"), ANSWERS("VER:05 METHOD:00"),                        \
          GETS(REQUESTED("{dst}") " [sends it] or end [refuses it] or "                            \
                                  "VER:05 CMD:01 RSV:00 end [refuses it within the request]"),     \
          RST(PROXY))

/* Names: labels of 63 octets, and whole ones of so many octets. */
#define L9 "abcdefgh-"
#define L63 L9 L9 L9 L9 L9 L9 "abcdefgh0"
#define NAME_253 L63 "." L63 "." L63 "." L9 L9 L9 L9 L9 L9 "invalid"
#define NAME_254 L63 "." L63 "." L63 "." L9 L9 L9 L9 L9 L9 "invalidx"
#define NAME_255 L63 "." L63 "." L63 "." L9 L9 L9 L9 L9 L9 "invalidxy"
#define NAME_256 L63 "." L63 "." L63 ".a." L9 L9 L9 L9 L9 L9 "abcdefgh"
#define NAMED NEED_DOMAIN | NEED_ISOLATION

const struct test_case client_5_cases[] = {
    CLIENT_CASE("rfc1928/5/client-ipv4", LITERAL, .says = "An IPv4 address travels as ATYP 01.",
                .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-ipv4-octets", EXACT, .needs = NEED_ISOLATION,
                .host = "192.0.2.77", .says = "192.0.2.77 travels with its octets in order.",
                .steps = ADDRESS_OR_NAME),
    CLIENT_CASE("rfc1928/5/client-ipv4-high", EXACT, .needs = NEED_ISOLATION,
                .host = "203.0.113.255", .says = "203.0.113.255 travels: octets are not signed.",
                .steps = ADDRESS_OR_NAME),
    CLIENT_CASE("rfc1928/5/client-ipv6", LITERAL, .needs = NEED_IPV6, .host = "::1",
                .says = "An IPv6 address travels as ATYP 04.", .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-ipv6-octets", EXACT, .needs = NEED_IPV6 | NEED_ISOLATION,
                .host = "2001:db8:1:2:3:4:5:678",
                .says = "An IPv6 address travels with its octets in order.",
                .steps = ADDRESS_OR_NAME),
    CLIENT_CASE(
        "rfc1928/5/client-ipv4-mapped", SPELLING, .needs = NEED_IPV6 | NEED_ISOLATION,
        .host = "::ffff:192.0.2.77",
        .says = "An IPv4-mapped IPv6 address travels as IPv6, as IPv4 or as text.",
        .steps =
            STEPS(FEEDS, HANDSHAKE,
                  GETS(REQUESTED("{dst}") " [as IPv6] or " REQUESTED(
                      "01 c000024d {port}") " [as IPv4] or " REQUESTED("{dst-text}") " [as text]"),
                  RST(PROXY))),
    CLIENT_CASE("rfc1928/5/client-ipv6-unsupported", "rfc1928/5/client-unsupported",
                .needs = NEED_NO_IPV6 | NEED_NO_AUTH, .host = "::1",
                .says = "A client without IPv6 fails for an IPv6 address.", .steps = REFUSES),

    CLIENT_CASE("rfc1928/5/client-name", REMOTE, .needs = NAMED, .host = "target.invalid",
                .says = "A name that nobody can resolve travels to the proxy as it is.",
                .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-localhost", REMOTE, .needs = NEED_DOMAIN,
                .host = "localhost",
                .says = "\"localhost\" travels too: it is the proxy's to say "
                        "what it means.",
                .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-unresolved", "rfc1928/5/client-unsupported",
                .needs = NEED_NO_DOMAIN | NEED_ISOLATION | NEED_NO_AUTH, .host = "target.invalid",
                .says = "A client that resolves names itself fails for one that has no address.",
                .steps = REFUSES),
    CLIENT_CASE("rfc1928/5/client-name-1", EXACT, .needs = NAMED, .host = "x",
                .says = "A name of one octet.", .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-63", EXACT, .needs = NAMED, .host = L63,
                .says = "A name of 63 octets, one label.", .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-127", EXACT, .needs = NAMED, .host = L63 "." L63,
                .says = "A name of 127 octets.", .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-129", EXACT, .needs = NAMED,
                .host = L63 "." L63 "."
                            "a",
                .says = "A name of 129 octets: its length is not a signed number.",
                .seen = "PySocks 1.7.1 writes the length in UTF-8", .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-253", EXACT, .needs = NAMED, .host = NAME_253,
                .says = "A name of 253 octets, the longest that DNS has.", .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-254", LONGEST, .needs = NAMED | NEED_NO_AUTH,
                .host = NAME_254,
                .says = "A name of 254 octets, one more than DNS has, travels, or is refused.",
                .steps = LONG_NAME),
    CLIENT_CASE("rfc1928/5/client-name-255", LONGEST, .needs = NAMED | NEED_NO_AUTH,
                .host = NAME_255,
                .says = "A name of 255 octets, the most that the length can say, travels, or is "
                        "refused.",
                .seen = "proxychains 4.16 aborts; PySocks 1.7.1", .steps = LONG_NAME),
    CLIENT_CASE(
        "rfc1928/5/client-name-256", TOO_LONG, .needs = NAMED | NEED_NO_AUTH, .host = NAME_256,
        .says = "A name of 256 octets cannot travel: the client fails, and sends no part "
                "of it.",
        .seen = "PySocks 1.7.1, IO::Socket::Socks 0.74, proxychains 4.16; curl up to 8.3 looked it "
                "up itself (field 55)",
        .steps = REFUSES),
    CLIENT_CASE("rfc1928/5/client-name-257", TOO_LONG, .needs = NAMED | NEED_NO_AUTH,
                .host = NAME_256 "b", .says = "A name of 257 octets is not sent as one of 1.",
                .steps = REFUSES),
    CLIENT_CASE("rfc1928/5/client-name-320", TOO_LONG, .needs = NAMED | NEED_NO_AUTH,
                .host = NAME_256 "." L63, .says = "A name of 320 octets is not sent as one of 64.",
                .steps = REFUSES),
    CLIENT_CASE("rfc1928/5/client-name-1023", TOO_LONG, .needs = NAMED | NEED_NO_AUTH,
                .host = NAME_255 "." NAME_255 "." NAME_255 "." NAME_255,
                .says = "A name of 1023 octets is not sent.", .steps = REFUSES),
    CLIENT_CASE(
        "rfc1928/5/client-name-256-slow", TOO_LONG, .needs = NAMED | NEED_NO_AUTH, .host = NAME_256,
        .says = "A name of 256 octets and a proxy that is slow: the client fails all the "
                "same.",
        .seen = "curl 7.69 to 8.3 writes past its buffer (CVE-2023-38545, field 55)",
        .steps = STEPS(FEEDS, GETS(SOME_METHODS " or end"), GETS("silence or end"),
                       ANSWERS("VER:05"), GETS("silence or end"), ANSWERS("METHOD:00"), GIVES_UP)),

    CLIENT_CASE("rfc1928/5/client-name-upper", SPELLING, .needs = NAMED, .host = "TARGET.Invalid",
                .says = "Capital letters travel as they are, or as small ones.",
                .steps = STEPS(FEEDS, HANDSHAKE,
                               GETS(REQUESTED("{dst}") " [as given] or " REQUESTED(
                                   "03 0e \"target.invalid\" {port}") " [in small letters]"),
                               RST(PROXY))),
    CLIENT_CASE("rfc1928/5/client-name-dot", SPELLING, .needs = NAMED, .host = "target.invalid.",
                .says = "A dot at the end of a name travels, or is left out.",
                .steps = STEPS(FEEDS, HANDSHAKE,
                               GETS(REQUESTED("{dst}") " [as given] or " REQUESTED(
                                   "03 0e \"target.invalid\" {port}") " [without the dot]"),
                               RST(PROXY))),
    CLIENT_CASE(
        "rfc1928/5/client-name-short-address", SPELLING, .needs = NEED_DOMAIN, .host = "127.1",
        .says = "127.1 travels as a name, or as the address that some take it for.",
        .steps = STEPS(
            FEEDS, HANDSHAKE,
            GETS(REQUESTED("{dst}") " [as a name] or " REQUESTED(
                "01 7f000001 {port}") " [as an IPv4 address] or " REQUESTED("03 09 \"127.0.0.1\" "
                                                                            "{port}") " [as the "
                                                                                      "text of "
                                                                                      "one]"),
            RST(PROXY))),
    CLIENT_CASE("rfc1928/5/client-name-punycode", EXACT, .needs = NAMED,
                .host = "xn--bcher-kva.invalid",
                .says = "A name in the encoding of international ones is left as it is.",
                .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-underscore", EXACT, .needs = NAMED,
                .host = "_a_.target.invalid", .says = "A name with underscores.",
                .steps = ADDRESS_ONLY),
    CLIENT_CASE("rfc1928/5/client-name-label-64", LONGEST, .needs = NAMED | NEED_NO_AUTH,
                .host = "a" L63,
                .says = "A label of 64 octets, one more than DNS has, travels, or is refused.",
                .steps = LONG_NAME),
    {0},
};
