/* Probes with what was seen on the network before. */
#include "cases.h"

/* A good connection, and what another then makes of its octets. */
#define SERVED                                                                                     \
    SEND(HEADER("{target}") " " DATA("\"hello\"")), AT(TARGET, EXPECT, "\"hello\""),               \
        AT(TARGET, SEND, "\"you\""), EXPECT("\"you\"")
#define DEAF_TO(octets) AT(SECOND, SEND, octets), AT(SECOND, EXPECT, DEAF), MUTE(SECOND), UNTOUCHED

const struct test_case ss_probe_replay_cases[] = {
    SS_CASE(
        "ss-probe/replay/beside", "ss-probe/replay/refused", .needs = NEED_SALT,
        .says = "What a client has sent comes again while its connection is open.",
        .seen =
            "go-shadowsocks2 after e07df3f, Python shadowsocks 2.9.1, v2ray 4.34 (field 20, 42)",
        .steps = STEPS(SERVED, DEAF_TO("{sent}"))),
    SS_CASE(
        "ss-probe/replay/after-end", "ss-probe/replay/refused", .needs = NEED_SALT,
        .says = "What a client has sent comes again after its connection has ended.",
        .seen =
            "go-shadowsocks2 after e07df3f, Python shadowsocks 2.9.1, v2ray 4.34 (field 20, 42)",
        .steps = STEPS(SERVED, FIN(CLIENT), FIN(TARGET), EXPECT("end"), DEAF_TO("{sent}"))),
    SS_CASE(
        "ss-probe/replay/after-reset", "ss-probe/replay/refused", .needs = NEED_SALT,
        .says = "What a client has sent comes again after it has reset.",
        .seen =
            "go-shadowsocks2 after e07df3f, Python shadowsocks 2.9.1, v2ray 4.34 (field 20, 42)",
        .steps = STEPS(SERVED, RST(CLIENT), DEAF_TO("{sent}"))),
    SS_CASE(
        "ss-probe/replay/header-alone", "ss-probe/replay/refused", .needs = NEED_SALT,
        .says = "Salt and header of a client come again, without what followed.",
        .seen =
            "go-shadowsocks2 after e07df3f, Python shadowsocks 2.9.1, v2ray 4.34 (field 20, 42)",
        .steps = STEPS(SEND(HEADER("{target}")), OPEN(TARGET), DEAF_TO("{sent}"))),
    SS_CASE(
        "ss-probe/replay/with-more", "ss-probe/replay/refused", .needs = NEED_SALT | NEED_ISOLATION,
        .says = "What a client has sent comes again with octets behind it.",
        .seen =
            "go-shadowsocks2 after e07df3f, Python shadowsocks 2.9.1, v2ray 4.34 (field 20, 42)",
        .steps = STEPS(SERVED, DEAF_TO("{sent} raw({random 100})"))),
    SS_CASE("ss-probe/replay/twice", "ss-probe/replay/refused", .needs = NEED_SALT | NEED_ISOLATION,
            .says = "A replay that was refused is refused again: by the client itself.",
            .steps = STEPS(SERVED, DEAF_TO("{sent}"), DEAF_TO("raw({random 40})"), CONTROL)),
    SS_CASE("ss-probe/replay/refused-target", "ss-probe/replay/refused", .needs = NEED_SALT,
            .says = "A replay of what could not be connected is refused too: no octet comes back.",
            .steps = STEPS(SEND(HEADER("{refused}")), EXPECT("end"), AT(SECOND, SEND, "{sent}"),
                           AT(SECOND, EXPECT, DEAF), MUTE(SECOND))),
    SS_CASE(
        "ss-probe/replay/same-salt", "ss-probe/replay/refused", .needs = NEED_SALT,
        .says = "A new request under a salt that was used is refused.",
        .seen =
            "go-shadowsocks2 after e07df3f, Python shadowsocks 2.9.1, v2ray 4.34 (field 20, 42)",
        .steps = STEPS(SERVED, DEAF_TO("{same-salt} header({target}) data(\"again\")"))),
    SS_CASE("ss-probe/replay/salt-changed", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A replay with one octet changed, of the salt.",
            .steps = STEPS(SERVED, DEAF_TO("flip@0({sent})"))),
    SS_CASE("ss-probe/replay/last-changed", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A replay with one octet changed, the last.",
            .steps = STEPS(SERVED, DEAF_TO("flip@-1({sent})"))),
    SS_CASE("ss-probe/replay/changed-33", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A replay with octet 33 changed, within the first seal.",
            .steps = STEPS(SERVED, DEAF_TO("flip@33({sent})"))),
    SS_CASE("ss-probe/replay/changed-50", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A replay with octet 50 changed, within the header's chunk.",
            .steps = STEPS(SERVED, DEAF_TO("flip@50({sent})"))),
    SS_CASE("ss-probe/replay/changed-60", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A replay with octet 60 changed, within the header's chunk or its tag, "
                    "or, where a salt has 16 octets, behind them.",
            .steps = STEPS(SERVED, DEAF_TO("flip@60({sent})"))),
    SS_CASE("ss-probe/replay/cut", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A replay without its last octet.",
            .steps = STEPS(SERVED, DEAF_TO("cut@-1({sent})"))),
    SS_CASE("ss-probe/replay/salt-only", "ss-probe/replay/looks-random", .needs = NEED_SALT,
            .says = "A used salt alone.", .steps = STEPS(SERVED, DEAF_TO("{same-salt}"))),
    SS_CASE("ss-probe/replay/salt-and-random", "ss-probe/replay/looks-random", .needs = NEED_AEAD,
            .says = "A used salt and random octets.",
            .steps = STEPS(SERVED, DEAF_TO("{same-salt} raw({random 100})"))),
    SS_CASE("ss-probe/replay/concurrent", "ss-probe/replay/concurrent", .needs = NEED_AEAD,
            .says = "Two connections with one salt, both half open: at most one is served.",
            .seen = "shadowsocks-libev 3.3.5 (field 34)",
            .steps = STEPS(SEND("cut@-1({salt} chunk({target}))"), EXPECT("silence"),
                           AT(SECOND, SEND, "cut@-1({same-salt} chunk({target}))"),
                           AT(SECOND, EXPECT, DEAF), SEND("from@-1(nonce@0() chunk({target}))"),
                           OPEN(TARGET), AT(SECOND, SEND, "from@-1(nonce@0() chunk({target}))"),
                           AT(SECOND, EXPECT, DEAF), MUTE(SECOND), UNTOUCHED)),
    SS_CASE(
        "ss-probe/replay/concurrent-second-first", "ss-probe/replay/concurrent", .needs = NEED_AEAD,
        .says = "Two connections with one salt: the one that is whole first is served, the other "
                "is not.",
        .seen = "shadowsocks-libev 3.3.5 (field 34)",
        .steps = STEPS(SEND("cut@-1({salt} chunk({target}))"), EXPECT("silence"),
                       AT(SECOND, SEND, "{same-salt} chunk({target}) chunk(\"two\")"),
                       AT(TARGET, EXPECT, "\"two\""), SEND("from@-1(nonce@0() chunk({target}))"),
                       EXPECT(DEAF), MUTE(CLIENT), UNTOUCHED)),
    SS_CASE("ss-probe/replay/corrupt-then-good", "ss-probe/replay/after-authentication",
            .needs = NEED_AEAD,
            .says = "A header with a wrong tag, then a good one under the same salt: it is served.",
            .seen = "sing-shadowsocks (field 43)",
            .steps = STEPS(SEND("{salt} flip@-1(chunk({target}))"), EXPECT(DEAF),
                           AT(SECOND, SEND, "{same-salt} chunk({target}) chunk(\"good\")"),
                           AT(TARGET, EXPECT, "\"good\""))),
    SS_CASE("ss-probe/replay/corrupt-length-then-good", "ss-probe/replay/after-authentication",
            .needs = NEED_AEAD,
            .says = "A LEN with a wrong tag, then a good header under the same salt: it is served.",
            .seen = "sing-shadowsocks (field 43)",
            .steps = STEPS(SEND("{salt} flip@17(chunk({target}))"), EXPECT(DEAF),
                           AT(SECOND, SEND, "{same-salt} chunk({target}) chunk(\"good\")"),
                           AT(TARGET, EXPECT, "\"good\""))),
    SS_CASE("ss-probe/replay/random-then-good", "ss-probe/replay/after-authentication",
            .needs = NEED_AEAD | NEED_ISOLATION,
            .says = "A salt with random octets behind it, then a good header under the same salt: "
                    "it is served.",
            .seen = "sing-shadowsocks (field 43)",
            .steps = STEPS(SEND("{salt} raw({random 80})"), EXPECT(DEAF),
                           AT(SECOND, SEND, "{same-salt} chunk({target}) chunk(\"good\")"),
                           AT(TARGET, EXPECT, "\"good\""))),
    SS_CASE("ss-probe/replay/salt-then-good", "ss-probe/replay/after-authentication",
            .needs = NEED_AEAD,
            .says = "A salt alone that ends with FIN, then a good header under the same salt: it "
                    "is served.",
            .seen = "sing-shadowsocks (field 43)",
            .steps = STEPS(SEND("{salt}"), FIN(CLIENT), EXPECT(DEAF),
                           AT(SECOND, SEND, "{same-salt} chunk({target}) chunk(\"good\")"),
                           AT(TARGET, EXPECT, "\"good\""))),
    SS_CASE("ss-probe/replay/reflected", "ss-probe/replay/reflection", .needs = NEED_SALT,
            .says = "What the server sent comes back to it as a request: refused.",
            .seen = "v2ray 4.34 (field 38)",
            .steps = STEPS(SEND(HEADER("{target}")), OPEN(TARGET),
                           AT(TARGET, SEND, "{target} \"reflected\""),
                           EXPECT("{target} \"reflected\""), DEAF_TO("{got}"))),
    SS_CASE("ss-probe/replay/reflected-after-end", "ss-probe/replay/reflection", .needs = NEED_SALT,
            .says =
                "What the server sent comes back to it after the connection has ended: refused.",
            .seen = "v2ray 4.34 (field 38)",
            .steps = STEPS(SEND(HEADER("{target}")), OPEN(TARGET),
                           AT(TARGET, SEND, "{target} \"reflected\""),
                           EXPECT("{target} \"reflected\""), RST(CLIENT), DEAF_TO("{got}"))),
    SS_CASE("ss-probe/replay/fresh", "ss-probe/replay/fresh", .needs = NEED_SALT,
            .says = "Good connections beside replays are served.",
            .steps = STEPS(SERVED, DEAF_TO("{sent}"), CONTROL, SS_ECHO("\"still\""))),
    {0},
};
