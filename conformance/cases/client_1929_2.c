/* RFC 1929 section 2, clients: user name and password. */
#include "client.h"

#define MESSAGE "rfc1929/2/client-form"
#define EXACT "rfc1929/2/client-exact"
#define TOO_LONG "rfc1929/2/client-too-long"
#define EMPTY "rfc1929/2/client-empty"
#define STATUS "rfc1929/2/client-failure"
#define VERSION "rfc1929/2/client-version"
#define STREAM "rfc1929/2/client-stream"
#define ABANDONED "rfc1929/2/client-abandoned"

#define OFFERED FEEDS, GETS("VER:05 METHODS:{methods 02}"), ANSWERS("VER:05 METHOD:02")
#define CREDENTIALS "VER:01 UNAME:{user} PASSWD:{pass}"
#define LOGS_IN OFFERED, GETS(CREDENTIALS)
#define LOGGED_IN STEPS(LOGS_IN, ANSWERS("VER:01 STATUS:00"), GETS(A_REQUEST))
#define REFUSED_BY(octets) STEPS(LOGS_IN, ANSWERS(octets), GIVES_UP)
#define CUT(octets) STEPS(LOGS_IN, ANSWERS(octets), FIN(PROXY), GIVES_UP)
#define SENDS_NONE STEPS(FEEDS, GETS(SOME_METHODS " or end"), ANSWERS("VER:05 METHOD:02"), GIVES_UP)
#define SENDS_OR_NOT                                                                               \
    STEPS(FEEDS, GETS(SOME_METHODS " or end"), ANSWERS("VER:05 METHOD:02"),                        \
          GETS(CREDENTIALS " [sends it] or end [refuses it]"), RST(PROXY))

#define T5 "abcde"
#define T50 T5 T5 T5 T5 T5 T5 T5 T5 T5 T5
#define T255 T50 T50 T50 T50 T50 T5

const struct test_case client_1929_2_cases[] = {
    CLIENT_CASE("rfc1929/2/client-message", MESSAGE, .needs = NEED_AUTH,
                .says = "The message is VER 01, and user name and password behind their lengths.",
                .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-served", MESSAGE, .needs = NEED_AUTH,
                .says = "STATUS 00: the request follows, and all is served.",
                .steps = STEPS(SERVES)),
    CLIENT_CASE("rfc1929/2/client-waits", "rfc1929/2/client-pipelining", .needs = NEED_AUTH,
                .says = "Behind the message it waits for the status, or it sends on.",
                .steps = STEPS(LOGS_IN, GETS("silence [waits] or ?? [sends on]"), RST(PROXY))),
    CLIENT_CASE("rfc1929/2/client-shortest", EXACT, .needs = NEED_AUTH,
                .says = "User name and password of one octet each.", .user = "u", .pass = "p",
                .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-user-255", EXACT, .needs = NEED_AUTH,
                .says = "A user name of 255 octets.", .user = T255, .pass = "secret",
                .seen = "PySocks 1.7.1; curl with long credentials (field 55)", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-password-255", EXACT, .needs = NEED_AUTH,
                .says = "A password of 255 octets.", .user = "alice", .pass = T255,
                .seen = "PySocks 1.7.1; curl with long credentials (field 55)", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-longest", EXACT, .needs = NEED_AUTH,
                .says = "User name and password of 255 octets each: a message of 513.",
                .user = T255, .pass = T255,
                .seen = "PySocks 1.7.1; curl with long credentials (field 55)", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-user-128", EXACT, .needs = NEED_AUTH,
                .says = "A user name of 128 octets: its length is not a signed number.",
                .user = T50 T50 T5 T5 T5 T5 T5 "abc", .pass = "secret", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-utf-8", EXACT, .needs = NEED_AUTH,
                .says = "Octets above 7f in both are sent as they were given.",
                .user = "\xc3\xa4\xe2\x82\xac", .pass = "p\xc3\xb6\xf0\x9f\x98\x80",
                .seen = "python-socks 2.0.3", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-colon", EXACT, .needs = NEED_AUTH,
                .says = "Colons in the password are part of it.", .user = "alice",
                .pass = "a:b:", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-percent", EXACT, .needs = NEED_AUTH,
                .says = "A percent sign in the password is left as it is.", .user = "alice",
                .pass = "a%41b", .seen = "curl decodes it", .steps = LOGGED_IN),
    CLIENT_CASE("rfc1929/2/client-digits", EXACT, .needs = NEED_AUTH,
                .says = "A password of digits keeps its zeros.", .user = "0", .pass = "007",
                .steps = LOGGED_IN),
    CLIENT_CASE(
        "rfc1929/2/client-user-256", TOO_LONG, .needs = NEED_AUTH,
        .says =
            "A user name of 256 octets cannot be sent: the client fails, and sends no part of it.",
        .user = T255 "x", .pass = "secret", .seen = "PySocks 1.7.1, IO::Socket::Socks 0.74",
        .steps = SENDS_NONE),
    CLIENT_CASE(
        "rfc1929/2/client-password-256", TOO_LONG, .needs = NEED_AUTH,
        .says =
            "A password of 256 octets cannot be sent: the client fails, and sends no part of it.",
        .user = "alice", .pass = T255 "x", .steps = SENDS_NONE),
    CLIENT_CASE(
        "rfc1929/2/client-user-261", TOO_LONG, .needs = NEED_AUTH,
        .says =
            "A user name of 261 octets cannot be sent: the client fails, and sends no part of it.",
        .user = T255 T5 "x", .pass = "secret", .steps = SENDS_NONE),
    CLIENT_CASE(
        "rfc1929/2/client-password-512", TOO_LONG, .needs = NEED_AUTH,
        .says =
            "A password of 512 octets cannot be sent: the client fails, and sends no part of it.",
        .user = "alice", .pass = T255 T255 "xy", .steps = SENDS_NONE),
    CLIENT_CASE("rfc1929/2/client-password-empty", EMPTY, .needs = NEED_AUTH,
                .says = "A password of no octets is sent, or refused.", .user = "alice", .pass = "",
                .steps = SENDS_OR_NOT),
    CLIENT_CASE("rfc1929/2/client-user-empty", EMPTY, .needs = NEED_AUTH,
                .says = "A user name of no octets is sent, or refused.", .user = "",
                .pass = "secret", .steps = SENDS_OR_NOT),
    CLIENT_CASE("rfc1929/2/client-status-1", STATUS, .needs = NEED_AUTH,
                .says = "STATUS 01: the client ends the connection.",
                .steps = REFUSED_BY("VER:01 STATUS:01")),
    CLIENT_CASE("rfc1929/2/client-status-2", STATUS, .needs = NEED_AUTH,
                .says = "STATUS 02: the client ends the connection.",
                .steps = REFUSED_BY("VER:01 STATUS:02")),
    CLIENT_CASE("rfc1929/2/client-status-127", STATUS, .needs = NEED_AUTH,
                .says = "STATUS 7f: the client ends the connection.",
                .steps = REFUSED_BY("VER:01 STATUS:7f")),
    CLIENT_CASE("rfc1929/2/client-status-128", STATUS, .needs = NEED_AUTH,
                .says = "STATUS 80: the client ends the connection.",
                .steps = REFUSED_BY("VER:01 STATUS:80")),
    CLIENT_CASE("rfc1929/2/client-status-255", STATUS, .needs = NEED_AUTH,
                .says = "STATUS ff: the client ends the connection.",
                .steps = REFUSED_BY("VER:01 STATUS:ff")),
    CLIENT_CASE("rfc1929/2/client-status-1-closed", STATUS, .needs = NEED_AUTH,
                .says = "STATUS 01, and the proxy ends the connection: the client fails.",
                .steps = CUT("VER:01 STATUS:01")),
    CLIENT_CASE("rfc1929/2/client-status-1-and-more", STATUS, .needs = NEED_AUTH,
                .says = "Octets like a reply of success stand behind STATUS 01: the client fails.",
                .steps = REFUSED_BY("VER:01 STATUS:01 MORE:05000001 00000000 0000")),
    CLIENT_CASE("rfc1929/2/client-version-5-failure", STATUS, .needs = NEED_AUTH,
                .says = "VER 05 and STATUS 01: the client fails.",
                .steps = REFUSED_BY("VER:05 STATUS:01")),
    CLIENT_CASE("rfc1929/2/client-version-0", VERSION, .needs = NEED_AUTH,
                .says = "VER 00 and STATUS 00: it is taken, or refused.",
                .steps = STEPS(LOGS_IN, ANSWERS("VER:00 STATUS:00"), GETS(REQUEST_OR_END),
                               ANSWERS(GRANTED), TAKES_OR_NOT)),
    CLIENT_CASE("rfc1929/2/client-version-2", VERSION, .needs = NEED_AUTH,
                .says = "VER 02 and STATUS 00: it is taken, or refused.",
                .steps = STEPS(LOGS_IN, ANSWERS("VER:02 STATUS:00"), GETS(REQUEST_OR_END),
                               ANSWERS(GRANTED), TAKES_OR_NOT)),
    CLIENT_CASE("rfc1929/2/client-version-5", VERSION, .needs = NEED_AUTH,
                .says = "VER 05 and STATUS 00: it is taken, or refused.",
                .steps = STEPS(LOGS_IN, ANSWERS("VER:05 STATUS:00"), GETS(REQUEST_OR_END),
                               ANSWERS(GRANTED), TAKES_OR_NOT)),
    CLIENT_CASE("rfc1929/2/client-octet-by-octet", STREAM, .needs = NEED_AUTH,
                .says = "What the proxy says comes octet by octet, the status too.",
                .segment = SEGMENT_BYTES, .steps = STEPS(SERVES)),
    CLIENT_CASE("rfc1929/2/client-every-split", STREAM, .needs = NEED_AUTH,
                .says = "What the proxy says is cut in two at each place in turn.",
                .segment = SEGMENT_SPLIT, .steps = STEPS(SERVES)),
    CLIENT_CASE("rfc1929/2/client-slow", STREAM, .needs = NEED_AUTH,
                .says = "A pause before the status, and one within it.",
                .steps = STEPS(LOGS_IN, GETS("silence"), ANSWERS("VER:01"), GETS("silence"),
                               ANSWERS("STATUS:00"), GETS(A_REQUEST))),
    CLIENT_CASE("rfc1929/2/client-end-for-status", ABANDONED, .needs = NEED_AUTH,
                .says = "The proxy ends the connection instead of a status.",
                .steps = STEPS(LOGS_IN, FIN(PROXY), GIVES_UP)),
    CLIENT_CASE("rfc1929/2/client-end-within-status", ABANDONED, .needs = NEED_AUTH,
                .says = "The proxy ends the connection behind the first octet of the status.",
                .steps = CUT("VER:01")),
    CLIENT_CASE("rfc1929/2/client-reset-for-status", ABANDONED, .needs = NEED_AUTH,
                .says = "The proxy resets the connection instead of a status.",
                .steps = STEPS(LOGS_IN, RST(PROXY), EXITS("EXIT:!00"))),
    CLIENT_CASE("rfc1929/2/client-bypass-after-failure", "rfc1928/3/client-bypass",
                .needs = NEED_AUTH,
                .says = "STATUS 01: the client does not reach the target without the proxy.",
                .steps = STEPS(LOGS_IN, ANSWERS("VER:01 STATUS:01"), GETS("end"), UNTOUCHED,
                               EXITS("EXIT:!00"))),
    CLIENT_CASE(
        "rfc1929/2/client-again-after-failure", "rfc1928/3/client-retry", .needs = NEED_AUTH,
        .says = "After STATUS 01 the client is through, or connects once more.",
        .steps = STEPS(LOGS_IN, ANSWERS("VER:01 STATUS:01"), GETS("end"), TRIES_AGAIN_OR_NOT)),
    CLIENT_CASE("rfc1929/2/client-not-without-selection", MESSAGE, .needs = NEED_AUTH,
                .says = "FF: user name and password are not sent.",
                .steps = STEPS(FEEDS, GETS(SOME_METHODS), ANSWERS("VER:05 METHOD:ff"), GIVES_UP)),
    {0},
};
