/* RFC 1928 section 3: greeting and selection. */
#include "cases.h"

#define SELECTION_FORM "rfc1928/3/selection"
#define SELECTS_OFFERED "rfc1928/3/selects-offered"
#define NONE_ACCEPTABLE "rfc1928/3/none-acceptable"
#define VERSION "rfc1928/3/version"
#define PREFERENCE "rfc1928/3/preference"
#define STREAM "rfc1928/3/stream"
#define PIPELINING "rfc1928/3/pipelining"
#define ABANDONED "rfc1928/3/abandoned"
#define INDEPENDENT "rfc1928/3/independent"

#define NOT_SOCKS5                                                                                 \
    "end [closes] or VER:05 METHOD:ff [answers FF] or VER:!05 [answers in another protocol]"

const struct test_case rfc1928_3_cases[] = {
    FRONT_CASE("rfc1928/3/no-authentication", SELECTION_FORM, .needs = NEED_NO_AUTH,
               .says = "One method, 00, is offered: the server selects it.",
               .steps = STEPS(SEND(GREETING("01", "00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/two-octets", SELECTION_FORM, .needs = NEED_NO_AUTH,
               .says = "The selection is two octets, and nothing follows before the request.",
               .steps =
                   STEPS(SEND(GREETING("01", "00")), EXPECT(SELECTION("00")), EXPECT("silence"))),
    FRONT_CASE("rfc1928/3/selection-with-auth", SELECTION_FORM, .needs = NEED_AUTH,
               .says = "The selection of user name and password is two octets, and the server "
                       "waits for them.",
               .steps =
                   STEPS(SEND(GREETING("01", "02")), EXPECT(SELECTION("02")), EXPECT("silence"))),

    FRONT_CASE("rfc1928/3/private-method", NONE_ACCEPTABLE,
               .says = "Only a private method (fe) is offered: the answer is FF.",
               .steps = STEPS(SEND(GREETING("01", "fe")), EXPECT(SELECTION("ff")))),
    FRONT_CASE("rfc1928/3/unassigned-method", NONE_ACCEPTABLE,
               .says = "Only an unassigned method (7f) is offered: the answer is FF.",
               .steps = STEPS(SEND(GREETING("01", "7f")), EXPECT(SELECTION("ff")))),
    FRONT_CASE("rfc1928/3/several-unknown", NONE_ACCEPTABLE,
               .says = "Five methods that nobody has are offered: the answer is FF.",
               .steps = STEPS(SEND(GREETING("05", "0a 0b 80 81 fd")), EXPECT(SELECTION("ff")))),
    FRONT_CASE("rfc1928/3/ff-offered", NONE_ACCEPTABLE,
               .says = "FF is offered as if it were a method: it is not one, the answer is FF.",
               .steps = STEPS(SEND(GREETING("01", "ff")), EXPECT(SELECTION("ff")))),
    FRONT_CASE("rfc1928/3/255-unknown", NONE_ACCEPTABLE,
               .says = "255 times the same private method: the answer is FF.",
               .steps = STEPS(SEND(GREETING("ff", "fe*255")), EXPECT(SELECTION("ff")))),
    FRONT_CASE("rfc1928/3/no-request-after-ff", NONE_ACCEPTABLE, .needs = NEED_CONNECT,
               .says = "A request that follows FF all the same is not served.",
               .steps = STEPS(SEND(GREETING("01", "fe")), EXPECT(SELECTION("ff") " or end"),
                              SEND(CONNECT("{target}")), UNTOUCHED)),
    FRONT_CASE("rfc1928/3/close-after-ff", "rfc1928/3/close-after-none",
               .says = "After FF the server ends the connection.",
               .steps = STEPS(SEND(GREETING("01", "fe")), EXPECT(SELECTION("ff") " or end"),
                              EXPECT("end"))),

    FRONT_CASE("rfc1928/3/known-last", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "00 stands behind unknown methods: it is selected.",
               .steps = STEPS(SEND(GREETING("03", "80 81 00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/known-first", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "00 stands before unknown methods: it is selected.",
               .steps = STEPS(SEND(GREETING("03", "00 80 fe")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/known-between", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "00 stands between FF and a private method: it is selected.",
               .steps = STEPS(SEND(GREETING("03", "ff 00 fe")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/duplicates", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "00 is offered four times: it is selected, once.",
               .steps =
                   STEPS(SEND(GREETING("04", "00*4")), EXPECT(SELECTION("00")), EXPECT("silence"))),
    FRONT_CASE("rfc1928/3/127-methods", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "127 methods, 00 the last: it is selected.",
               .steps = STEPS(SEND(GREETING("7f", "fe*126 00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/128-methods", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "128 methods, 00 the last: NMETHODS is not a signed number.",
               .seen = "shadowsocks-libev before its pull request 1485 (field 25)",
               .steps = STEPS(SEND(GREETING("80", "fe*127 00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/255-methods", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "255 methods, 00 the last: it is selected.",
               .steps = STEPS(SEND(GREETING("ff", "fe*254 00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/255-methods-first", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "255 methods, 00 the first: all are read, and the request behind is served.",
               .steps = STEPS(SEND(GREETING("ff", "00 fe*254")), EXPECT(SELECTION("00")),
                              SEND(REQUEST("04", "{target}")),
                              EXPECT("VER:05 REP:!00 RSV:00 or end"), RST(CLIENT))),
    FRONT_CASE("rfc1928/3/never-unoffered", SELECTS_OFFERED,
               .says = "01 and 02 are offered: whatever comes back is one of them, or FF.",
               .steps =
                   STEPS(SEND(GREETING("02", "01 02")), EXPECT(SELECTION("01|02|ff") " or end"))),
    FRONT_CASE("rfc1928/3/only-userpass-offered", SELECTS_OFFERED, .needs = NEED_NO_AUTH,
               .says = "02 alone is offered to a server that asks for no credentials: 02 or FF, "
                       "never 00.",
               .steps = STEPS(SEND(GREETING("01", "02")), EXPECT(SELECTION("02|ff") " or end"))),
    FRONT_CASE("rfc1928/3/userpass-among-unknown", "rfc1928/3/userpass", .needs = NEED_AUTH,
               .says = "02 stands between unknown methods: a server that has users selects it.",
               .steps = STEPS(SEND(GREETING("03", "80 02 fe")), EXPECT(SELECTION("02")))),
    FRONT_CASE("rfc1928/3/userpass-behind-gssapi", "rfc1928/3/userpass", .needs = NEED_AUTH,
               .says = "GSSAPI and 02 are offered: a server that has users selects one of them.",
               .steps = STEPS(SEND(GREETING("02", "01 02")), EXPECT(SELECTION("01|02")))),

    FRONT_CASE("rfc1928/3/none-and-userpass", PREFERENCE,
               .says = "00 and 02 are offered: either is taken.",
               .seen = "shadowsocks-rust takes 02 without credentials configured (field 47)",
               .steps =
                   STEPS(SEND(GREETING("02", "00 02")),
                         EXPECT(SELECTION("00") " [takes 00] or " SELECTION("02") " [takes 02]"))),
    FRONT_CASE("rfc1928/3/userpass-and-none", PREFERENCE,
               .says = "02 and 00 are offered, in this order: either is taken.",
               .steps =
                   STEPS(SEND(GREETING("02", "02 00")),
                         EXPECT(SELECTION("00") " [takes 00] or " SELECTION("02") " [takes 02]"))),
    FRONT_CASE("rfc1928/3/without-credentials", PREFERENCE, .needs = NEED_AUTH,
               .says = "A server that has users is offered 00 alone: FF, or it serves both kinds.",
               .steps = STEPS(SEND(GREETING("01", "00")),
                              EXPECT(SELECTION("ff") " [asks for credentials] or " SELECTION(
                                  "00") " [serves without credentials too]"))),
    FRONT_CASE("rfc1928/3/gssapi", "rfc1928/3/gssapi-offered", .says = "GSSAPI alone is offered.",
               .steps =
                   STEPS(SEND(GREETING("01", "01")),
                         EXPECT(SELECTION("01") " [has GSSAPI] or " SELECTION(
                             "ff") " [has no GSSAPI, answers FF] or end [has no GSSAPI, closes]"))),
    FRONT_CASE("rfc1928/3/no-methods", "rfc1928/3/no-methods",
               .says = "A greeting with NMETHODS 0: FF, or the connection ends.",
               .steps = STEPS(SEND("VER:05 NMETHODS:00"),
                              EXPECT(SELECTION("ff") " [answers FF] or end [closes]"))),

    FRONT_CASE("rfc1928/3/version-0", VERSION, .says = "A greeting with VER 00 is not served.",
               .steps =
                   STEPS(SEND("VER:00 NMETHODS:01 METHODS:00"), EXPECT(NOT_SOCKS5), RST(CLIENT))),
    FRONT_CASE("rfc1928/3/version-4", VERSION,
               .says = "VER 04 begins a SOCKS4 request: the server may wait for its rest, but does "
                       "not answer as SOCKS5.",
               .steps = STEPS(SEND("VER:04 NMETHODS:01 METHODS:00"),
                              EXPECT(NOT_SOCKS5 " or silence [waits for SOCKS4]"), RST(CLIENT))),
    FRONT_CASE("rfc1928/3/version-6", VERSION, .says = "A greeting with VER 06 is not served.",
               .steps =
                   STEPS(SEND("VER:06 NMETHODS:01 METHODS:00"), EXPECT(NOT_SOCKS5), RST(CLIENT))),
    FRONT_CASE("rfc1928/3/version-255", VERSION, .says = "A greeting with VER ff is not served.",
               .steps =
                   STEPS(SEND("VER:ff NMETHODS:01 METHODS:00"), EXPECT(NOT_SOCKS5), RST(CLIENT))),
    FRONT_CASE("rfc1928/3/http", VERSION, .says = "An HTTP request is not taken for a greeting.",
               .steps =
                   STEPS(SEND("\"GET / HTTP/1.1\" 0d0a0d0a"), EXPECT(NOT_SOCKS5), RST(CLIENT))),

    FRONT_CASE("rfc1928/3/octet-by-octet", STREAM, .segment = SEGMENT_BYTES, .needs = NEED_NO_AUTH,
               .says = "A greeting of four methods, each octet in a segment of its own.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 4, 50)",
               .steps = STEPS(SEND(GREETING("04", "80 81 82 00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/octet-by-octet-with-auth", STREAM, .segment = SEGMENT_BYTES,
               .needs = NEED_AUTH,
               .says = "A greeting of four methods, each octet in a segment of its own.",
               .seen = "microsocks 1.0.3 (field 50)",
               .steps = STEPS(SEND(GREETING("04", "80 81 82 02")), EXPECT(SELECTION("02")))),
    FRONT_CASE("rfc1928/3/every-split", STREAM, .segment = SEGMENT_SPLIT, .needs = NEED_NO_AUTH,
               .says = "A greeting of four methods in two segments, cut at each place in turn.",
               .seen = "microsocks 1.0.3, Python shadowsocks 2.9.1 (field 4, 50)",
               .steps = STEPS(SEND(GREETING("04", "80 81 82 00")), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/answer-waits-for-all", STREAM, .needs = NEED_NO_AUTH,
               .says = "Nothing is answered while announced methods are still to come.",
               .seen = "microsocks 1.0.3 (field 50)",
               .steps = STEPS(SEND("VER:05"), EXPECT("silence"), SEND("NMETHODS:02"),
                              EXPECT("silence"), SEND("METHODS:80"), EXPECT("silence"),
                              SEND("METHODS:00"), EXPECT(SELECTION("00")))),
    FRONT_CASE("rfc1928/3/greeting-with-request", PIPELINING, .segment = SEGMENT_COALESCED,
               .needs = NEED_CONNECT,
               .says = "Greeting (and credentials) and request in one segment: all are answered.",
               .seen = "microsocks 1.0.3 (field 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target}")), EXPECT(SUCCESS), OPEN(TARGET),
                              ECHO("{payload 64}"))),
    FRONT_CASE("rfc1928/3/greeting-with-all", PIPELINING, .segment = SEGMENT_COALESCED,
               .needs = NEED_CONNECT,
               .says = "Greeting, request and the first payload in one segment: the target gets "
                       "the payload.",
               .seen = "microsocks 1.0.3 (field 50)",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target}")), SEND("{payload 300}"),
                              EXPECT(SUCCESS), AT(TARGET, EXPECT, "{payload 300}"))),

    FRONT_CASE("rfc1928/3/end-without-greeting", ABANDONED, .needs = NEED_ALONE,
               .says = "A FIN before any octet ends the connection and harms no other.",
               .steps = STEPS(FIN(CLIENT), EXPECT("end"), CONTROL)),
    FRONT_CASE("rfc1928/3/end-within-greeting", ABANDONED, .needs = NEED_ALONE,
               .says = "A FIN behind three of seven octets ends the connection and harms no other.",
               .steps = STEPS(SEND("VER:05 NMETHODS:05 METHODS:00"), FIN(CLIENT),
                              EXPECT(SELECTION("??") " or end"), EXPECT("end"), CONTROL)),
    FRONT_CASE("rfc1928/3/reset-within-greeting", ABANDONED, .needs = NEED_ALONE,
               .says = "An RST behind one octet harms no other connection.",
               .steps = STEPS(SEND("VER:05"), RST(CLIENT), CONTROL)),
    FRONT_CASE("rfc1928/3/end-after-greeting", ABANDONED, .needs = NEED_ALONE,
               .says = "A FIN behind a whole greeting: the connection ends.",
               .steps = STEPS(SEND(GREETING("03", "00 01 02")), FIN(CLIENT),
                              EXPECT(SELECTION("??") " or end"), EXPECT("end"), CONTROL)),
    FRONT_CASE("rfc1928/3/slow-neighbour", INDEPENDENT,
               .says = "While one client stops within its greeting another one is served.",
               .steps = STEPS(SEND("VER:05"), CONTROL, RST(CLIENT))),
    FRONT_CASE("rfc1928/3/silent-neighbour", INDEPENDENT,
               .says = "While a client says nothing at all another one is served.",
               .steps = STEPS(EXPECT("silence"), CONTROL)),
    {0},
};
