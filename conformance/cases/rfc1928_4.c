/* RFC 1928 section 4: requests. */
#include "cases.h"

#define VERSION "rfc1928/4/version"
#define ANSWERED "rfc1928/4/always-answered"
#define VALUE "rfc1928/6/rep-value"
#define INCOMPLETE "rfc1928/4/incomplete"
#define STREAM "rfc1928/3/stream"
#define PIPELINING "rfc1928/3/pipelining"
#define ABANDONED "rfc1928/3/abandoned"

#define RSV_OUTCOMES                                                                               \
    "VER:05 REP:00 RSV:00 BND:{addr} [serves it] or " FAILURE                                      \
    " [refuses with a reply] or end [closes]"

const struct test_case rfc1928_4_cases[] = {
    FRONT_CASE("rfc1928/4/connect", "rfc1928/4/connect", .needs = NEED_CONNECT,
               .says = "CONNECT reaches the target, at its port in network order.",
               .steps = STEPS(CONNECTED, ECHO("\"hello\""))),
    FRONT_CASE("rfc1928/4/version-4", VERSION,
               .says =
                   "A request with VER 04 behind a SOCKS5 selection (and a NUL that would end a "
                   "SOCKS4 request) is not served.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev 3.3.5, v2ray 4.34 (field 12); "
                       "tor, dante and OpenSSH answer as SOCKS4 (field 52)",
               .steps = STEPS(HANDSHAKE, SEND("VER:04 CMD:01 RSV:00 DST:{target} 00"),
                              EXPECT(REFUSED), UNTOUCHED, RST(CLIENT))),
    FRONT_CASE("rfc1928/4/version-0", VERSION, .says = "A request with VER 00 is not served.",
               .steps = STEPS(HANDSHAKE, SEND("VER:00 CMD:01 RSV:00 DST:{target}"), EXPECT(REFUSED),
                              UNTOUCHED, RST(CLIENT))),
    FRONT_CASE("rfc1928/4/version-6", VERSION, .says = "A request with VER 06 is not served.",
               .steps = STEPS(HANDSHAKE, SEND("VER:06 CMD:01 RSV:00 DST:{target}"), EXPECT(REFUSED),
                              UNTOUCHED, RST(CLIENT))),
    FRONT_CASE("rfc1928/4/rsv-1", "rfc1928/4/rsv", .needs = NEED_CONNECT,
               .says = "A request with RSV 01.",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:01 DST:{target}"),
                              EXPECT(RSV_OUTCOMES), RST(CLIENT))),
    FRONT_CASE("rfc1928/4/rsv-255", "rfc1928/4/rsv", .needs = NEED_CONNECT,
               .says = "A request with RSV ff.",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:ff DST:{target}"),
                              EXPECT(RSV_OUTCOMES), RST(CLIENT))),

    FRONT_CASE("rfc1928/4/command-0", ANSWERED, .says = "CMD 00 is refused with a reply.",
               .seen = "Python shadowsocks 2.9.1 (field 10), dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND(REQUEST("00", "{target}")), EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/4/command-4", ANSWERED,
               .says = "CMD 04, the first that the RFC does not know, is refused with a reply.",
               .seen = "Python shadowsocks 2.9.1 (field 10), dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND(REQUEST("04", "{target}")), EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/4/command-128", ANSWERED, .says = "CMD 80 is refused with a reply.",
               .seen = "dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND(REQUEST("80", "{target}")), EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/4/command-255", ANSWERED, .says = "CMD ff is refused with a reply.",
               .seen = "dante 1.4.2 (field 51)",
               .steps =
                   STEPS(HANDSHAKE, SEND(REQUEST("ff", "{target}")), EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/4/command-rep", VALUE, .says = "The reply to an unknown CMD is 07.",
               .steps = STEPS(HANDSHAKE, SEND(REQUEST("04", "{target}")), EXPECT(REPLY("07")),
                              RST(CLIENT))),
    FRONT_CASE("rfc1928/4/command-domain", ANSWERED, .needs = NEED_ISOLATION,
               .says = "An unknown CMD with a domain name: the reply does not wait for anything.",
               .steps = STEPS(HANDSHAKE, SEND(REQUEST("04", "{no-such-name}")), EXPECT(FAILURE),
                              RST(CLIENT))),

    FRONT_CASE("rfc1928/4/last-octet-missing", INCOMPLETE, .needs = NEED_CONNECT,
               .says = "All but the last octet of the request: nothing is connected or answered "
                       "until that octet comes.",
               .seen = "microsocks 1.0.3 (field 50), shadowsocks-libev 3.3.5 (field 27)",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:01 ADDR:{host} PORT:00"),
                              EXPECT("silence"), UNTOUCHED, RST(CLIENT))),
    FRONT_CASE("rfc1928/4/header-only", INCOMPLETE, .needs = NEED_CONNECT,
               .says = "Four octets of a request: there is no reply before the address is there.",
               .seen = "shadowsocks-libev 3.3.5 (field 27)",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:01"), EXPECT("silence"),
                              SEND("ADDR:{host} PORT:{port}"), EXPECT(SUCCESS), OPEN(TARGET),
                              ECHO("{payload 32}"))),
    FRONT_CASE("rfc1928/4/octet-by-octet", STREAM, .segment = SEGMENT_BYTES, .needs = NEED_CONNECT,
               .says = "Greeting and request, each octet in a segment of its own.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 5, 50)",
               .steps = STEPS(CONNECTED, AT(TARGET, SEND, "\"ok\""), EXPECT("\"ok\""))),
    FRONT_CASE("rfc1928/4/octet-by-octet-domain", STREAM, .segment = SEGMENT_BYTES,
               .needs = NEED_CONNECT | NEED_DOMAIN,
               .says = "Greeting and a request for a name, each octet in a segment of its own.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 5, 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target-name}")), EXPECT(SUCCESS),
                              OPEN(TARGET), AT(TARGET, SEND, "\"ok\""), EXPECT("\"ok\""))),
    FRONT_CASE("rfc1928/4/every-split", STREAM, .segment = SEGMENT_SPLIT, .needs = NEED_CONNECT,
               .says = "Greeting and request, one of them cut in two at each place in turn.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 5, 50)",
               .steps = STEPS(CONNECTED, AT(TARGET, SEND, "\"ok\""), EXPECT("\"ok\""))),
    FRONT_CASE("rfc1928/4/every-split-domain", STREAM, .segment = SEGMENT_SPLIT,
               .needs = NEED_CONNECT | NEED_DOMAIN,
               .says = "Greeting and a request for a name, one of them cut in two at each place.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 5, 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target-name}")), EXPECT(SUCCESS),
                              OPEN(TARGET), AT(TARGET, SEND, "\"ok\""), EXPECT("\"ok\""))),
    FRONT_CASE("rfc1928/4/slow-request", STREAM, .needs = NEED_CONNECT,
               .says = "A request in four parts with pauses between them is served.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 5, 50)",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01"), EXPECT("silence"),
                              SEND("RSV:00 ATYP:01"), EXPECT("silence"), SEND("ADDR:{host}"),
                              EXPECT("silence"), SEND("PORT:{port}"), EXPECT(SUCCESS), OPEN(TARGET),
                              ECHO("{payload 32}"))),
    FRONT_CASE("rfc1928/4/request-with-payload", PIPELINING, .needs = NEED_CONNECT,
               .says = "Request and first payload in one segment: the target gets the payload, "
                       "once.",
               .seen = "microsocks 1.0.3 (field 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 1000}"),
                              EXPECT(SUCCESS), AT(TARGET, EXPECT, "{payload 1000}"),
                              AT(TARGET, EXPECT, "silence"))),
    FRONT_CASE("rfc1928/4/request-with-large-payload", PIPELINING, .needs = NEED_CONNECT,
               .says = "Request and 60,000 octets of payload at once: the target gets them all.",
               .seen = "microsocks 1.0.3 (field 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 60000}"),
                              EXPECT(SUCCESS), AT(TARGET, EXPECT, "{payload 60000}"))),
    FRONT_CASE("rfc1928/4/request-with-payload-and-end", PIPELINING, .needs = NEED_CONNECT,
               .says = "Request, payload and FIN at once: the target gets payload and FIN, the "
                       "client its answer.",
               .seen = "microsocks 1.0.3 (field 18, 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 100}"),
                              FIN(CLIENT), EXPECT(SUCCESS), AT(TARGET, EXPECT, "{payload 100}"),
                              AT(TARGET, EXPECT, "fin"), AT(TARGET, SEND, "\"bye\""),
                              EXPECT("\"bye\""))),
    SERVER_CASE("rfc1928/4/request-with-refused-payload", PIPELINING,
                .says = "Request and payload in one segment to a port that refuses: the failure is "
                        "reported, payload does not stand in its way.",
                .needs = NEED_CONNECT,
                .steps = STEPS(HANDSHAKE, SEND(CONNECT("{refused}") " DATA:{payload 1000}"),
                               EXPECT(REFUSED), RST(CLIENT))),

    FRONT_CASE("rfc1928/4/end-within-request", ABANDONED, .needs = NEED_ALONE | NEED_CONNECT,
               .says = "A FIN within the request ends the connection and harms no other.",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:01 ADDR:{host}"),
                              FIN(CLIENT), EXPECT(REFUSED), EXPECT("end"), UNTOUCHED, CONTROL)),
    FRONT_CASE("rfc1928/4/end-behind-atyp", ABANDONED, .needs = NEED_ALONE,
               .says = "A FIN behind the ATYP of the request harms no other connection.",
               .seen = "shadowsocks-libev 2.6.3 crashes (field 23)",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:01"), FIN(CLIENT),
                              EXPECT(REFUSED), EXPECT("end"), CONTROL)),
    FRONT_CASE("rfc1928/4/end-within-name", ABANDONED, .needs = NEED_ALONE | NEED_ISOLATION,
               .says = "A FIN within the domain name harms no other connection.",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00 ATYP:03 ADDR:20 \"exam\""),
                              FIN(CLIENT), EXPECT(REFUSED), EXPECT("end"), CONTROL)),
    FRONT_CASE("rfc1928/4/reset-within-request", ABANDONED, .needs = NEED_ALONE,
               .says = "An RST within the request harms no other connection.",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00"), RST(CLIENT), CONTROL)),
    FRONT_CASE("rfc1928/4/slow-neighbour", "rfc1928/3/independent",
               .says = "While one client stops within its request another one is served.",
               .steps = STEPS(HANDSHAKE, SEND("VER:05 CMD:01 RSV:00"), CONTROL, RST(CLIENT))),
    {0},
};
