/* RFC 1929 section 2: user name and password. */
#include "cases.h"

#define STATUS "rfc1929/2/status"
#define WRONG "rfc1929/2/failure"
#define EXACT "rfc1929/2/exact"
#define CLOSE "rfc1929/2/failure-close"
#define BEFORE "rfc1929/2/before-request"
#define EMPTY "rfc1929/2/empty"
#define STREAM "rfc1929/2/stream"
#define ABANDONED "rfc1929/2/abandoned"

#define OFFER SEND(GREETING("01", "02")), EXPECT(SELECTION("02"))
#define TRY(u, p) OFFER, SEND(USERPASS(u, p))
#define STATUS_IS(s) "VER:01 STATUS:" s
#define EMPTY_OUTCOMES STATUS_IS("!00") " [refuses with a status] or end [closes]"

const struct test_case rfc1929_2_cases[] = {
    SERVER_CASE("rfc1929/2/success", "rfc1929/2/success", .needs = NEED_AUTH | NEED_CONNECT,
                .says = "The right credentials get 00, and the request behind them is served.",
                .steps = STEPS(TRY("{user}", "{pass}"), EXPECT(STATUS_IS("00")),
                               SEND(CONNECT("{target}")), EXPECT(SUCCESS), OPEN(TARGET),
                               ECHO("{payload 64}"))),
    SERVER_CASE("rfc1929/2/status-success", STATUS, .needs = NEED_AUTH,
                .says = "The status of success is two octets with VER 01, and nothing follows.",
                .steps =
                    STEPS(TRY("{user}", "{pass}"), EXPECT(STATUS_IS("00")), EXPECT("silence"))),
    SERVER_CASE("rfc1929/2/status-failure", STATUS, .needs = NEED_AUTH,
                .says = "The status of failure is two octets with VER 01, and nothing follows.",
                .steps = STEPS(TRY("{user}", "05 \"wrong\""), EXPECT(STATUS_IS("!00")),
                               EXPECT_IN(CLOSE_LIMIT_MS, "end"))),
    SERVER_CASE("rfc1929/2/wrong-password", WRONG, .needs = NEED_AUTH,
                .says = "A wrong password gets a failure.",
                .steps =
                    STEPS(TRY("{user}", "05 \"wrong\""), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/wrong-user", WRONG, .needs = NEED_AUTH,
                .says = "An unknown user with a good password gets a failure.",
                .steps =
                    STEPS(TRY("07 \"nobody!\"", "{pass}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/both-wrong", WRONG, .needs = NEED_AUTH,
                .says = "User and password of one octet each, both wrong, get a failure.",
                .steps = STEPS(TRY("01 00", "01 00"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/longest", WRONG, .needs = NEED_AUTH,
                .says = "User and password of 255 octets each get a failure.",
                .steps =
                    STEPS(TRY("ff 61*255", "ff 62*255"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/long-user", WRONG, .needs = NEED_AUTH,
                .says = "A user of 255 octets with the right password gets a failure.",
                .steps = STEPS(TRY("ff 61*255", "{pass}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/password-cut", EXACT, .needs = NEED_AUTH,
                .says = "The password without its last octet is wrong.",
                .steps =
                    STEPS(TRY("{user}", "{pass-shorter}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/password-longer", EXACT, .needs = NEED_AUTH,
                .says = "The password with one octet more is wrong.",
                .steps =
                    STEPS(TRY("{user}", "{pass-longer}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/password-nul", EXACT, .needs = NEED_AUTH,
                .says = "The password with a NUL and more behind it is wrong.",
                .seen = "microsocks 1.0.3 (field 50)",
                .steps = STEPS(TRY("{user}", "{pass-nul}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/user-cut", EXACT, .needs = NEED_AUTH,
                .says = "The user name without its last octet is wrong.",
                .steps =
                    STEPS(TRY("{user-shorter}", "{pass}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/user-longer", EXACT, .needs = NEED_AUTH,
                .says = "The user name with one octet more is wrong.",
                .steps =
                    STEPS(TRY("{user-longer}", "{pass}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/user-nul", EXACT, .needs = NEED_AUTH,
                .says = "The user name with a NUL and more behind it is wrong.",
                .seen = "microsocks 1.0.3 (field 50)",
                .steps = STEPS(TRY("{user-nul}", "{pass}"), EXPECT(STATUS_IS("!00")), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/failure-close", CLOSE, .needs = NEED_AUTH,
                .says = "After a failure the connection ends.",
                .steps = STEPS(TRY("{user}", "05 \"wrong\""), EXPECT(STATUS_IS("!00") " or end"),
                               EXPECT_IN(CLOSE_LIMIT_MS, "end"))),
    SERVER_CASE("rfc1929/2/no-second-try", CLOSE, .needs = NEED_AUTH,
                .says = "After a failure the right credentials do not help on the same connection.",
                .steps = STEPS(TRY("{user}", "05 \"wrong\""), EXPECT(STATUS_IS("!00") " or end"),
                               SEND(USERPASS("{user}", "{pass}")), EXPECT("end"))),
    SERVER_CASE("rfc1929/2/request-after-failure", BEFORE, .needs = NEED_AUTH | NEED_CONNECT,
                .says = "A request behind a failure is not served.",
                .steps = STEPS(TRY("{user}", "05 \"wrong\""), EXPECT(STATUS_IS("!00") " or end"),
                               SEND(CONNECT("{target}")), UNTOUCHED, RST(CLIENT))),
    SERVER_CASE("rfc1929/2/request-instead", BEFORE, .needs = NEED_AUTH | NEED_CONNECT,
                .says = "A request in place of the credentials is not served.",
                .steps = STEPS(OFFER, SEND(CONNECT("{target}")), UNTOUCHED, RST(CLIENT))),
    SERVER_CASE("rfc1929/2/request-with-failure", BEFORE, .segment = SEGMENT_COALESCED,
                .needs = NEED_AUTH | NEED_CONNECT,
                .says =
                    "Greeting, wrong credentials and request in one segment: nothing is served.",
                .steps = STEPS(TRY("{user}", "05 \"wrong\""), SEND(CONNECT("{target}")),
                               EXPECT(STATUS_IS("!00") " or end or silence [waits]"), UNTOUCHED,
                               RST(CLIENT))),
    SERVER_CASE("rfc1929/2/version-0", "rfc1929/2/version", .needs = NEED_AUTH,
                .says = "Good credentials with VER 00 are not accepted.",
                .seen = "v2ray 4.34 (field 41)",
                .steps = STEPS(OFFER, SEND("VER:00 UNAME:{user} PASSWD:{pass}"),
                               EXPECT("VER:?? STATUS:!00 or end"), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/version-5", "rfc1929/2/version", .needs = NEED_AUTH,
                .says = "Good credentials with VER 05, the version of SOCKS, are not accepted.",
                .seen = "v2ray 4.34 (field 41)",
                .steps = STEPS(OFFER, SEND("VER:05 UNAME:{user} PASSWD:{pass}"),
                               EXPECT("VER:?? STATUS:!00 or end"), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/empty-user", EMPTY, .needs = NEED_AUTH,
                .says = "A user name of no octets.",
                .seen = "libuv's sample proxy swallows an octet (field 54)",
                .steps = STEPS(TRY("00", "{pass}"), EXPECT(EMPTY_OUTCOMES), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/empty-password", EMPTY, .needs = NEED_AUTH,
                .says = "A password of no octets.",
                .seen = "libuv's sample proxy swallows an octet (field 54)",
                .steps = STEPS(TRY("{user}", "00"), EXPECT(EMPTY_OUTCOMES), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/empty-both", EMPTY, .needs = NEED_AUTH,
                .says = "User name and password of no octets.",
                .steps = STEPS(TRY("00", "00"), EXPECT(EMPTY_OUTCOMES), RST(CLIENT))),
    SERVER_CASE("rfc1929/2/octet-by-octet", STREAM, .segment = SEGMENT_BYTES, .needs = NEED_AUTH,
                .says = "Right credentials, octet by octet, are right.",
                .seen = "microsocks 1.0.3 (field 50)",
                .steps = STEPS(TRY("{user}", "{pass}"), EXPECT(STATUS_IS("00")))),
    SERVER_CASE("rfc1929/2/every-split", STREAM, .segment = SEGMENT_SPLIT, .needs = NEED_AUTH,
                .says = "Right credentials, cut in two at each place in turn, are right.",
                .seen = "microsocks 1.0.3 (field 50)",
                .steps = STEPS(TRY("{user}", "{pass}"), EXPECT(STATUS_IS("00")))),
    SERVER_CASE("rfc1929/2/answer-waits-for-all", STREAM, .needs = NEED_AUTH,
                .says = "Nothing is answered while the password is still to come.",
                .seen = "microsocks 1.0.3 (field 50)",
                .steps = STEPS(OFFER, SEND("VER:01 UNAME:{user}"), EXPECT("silence"),
                               SEND("PASSWD:{pass}"), EXPECT(STATUS_IS("00")))),
    SERVER_CASE("rfc1929/2/with-request", "rfc1929/2/pipelining", .segment = SEGMENT_COALESCED,
                .needs = NEED_AUTH | NEED_CONNECT,
                .says =
                    "Greeting, credentials, request and payload in one segment: all are served.",
                .seen = "microsocks 1.0.3 (field 50)",
                .steps = STEPS(TRY("{user}", "{pass}"), EXPECT(STATUS_IS("00")),
                               SEND(CONNECT("{target}")), SEND("{payload 200}"), EXPECT(SUCCESS),
                               AT(TARGET, EXPECT, "{payload 200}"))),
    SERVER_CASE("rfc1929/2/end-within", ABANDONED, .needs = NEED_AUTH | NEED_ALONE,
                .says = "A FIN within the credentials ends the connection and harms no other.",
                .steps = STEPS(OFFER, SEND("VER:01 UNAME:{user}"), FIN(CLIENT),
                               EXPECT("VER:01 STATUS:!00 or end"), EXPECT("end"), CONTROL)),
    SERVER_CASE("rfc1929/2/reset-within", ABANDONED, .needs = NEED_AUTH | NEED_ALONE,
                .says = "An RST within the credentials harms no other connection.",
                .steps = STEPS(OFFER, SEND("VER:01"), RST(CLIENT), CONTROL)),
    {0},
};
