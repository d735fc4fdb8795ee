/* RFC 1928 section 6: BIND. The dialer is the host that DST names, and connects to BND. */
#include "cases.h"

#define FIRST "rfc1928/6/bind-first"
#define SECOND_REPLY "rfc1928/6/bind-second"
#define RELAY "rfc1928/6/bind-relay"
#define STRANGERS "rfc1928/6/bind-stranger"

const struct test_case rfc1928_6_bind_cases[] = {
    SERVER_CASE("rfc1928/6/bind-form", "rfc1928/6/form", .needs = NEED_BIND,
                .says = "The first reply to BIND is whole.",
                .steps = STEPS(BOUND, EXPECT("silence"), RST(CLIENT))),
    SERVER_CASE("rfc1928/6/bind-usable", FIRST, .needs = NEED_BIND,
                .says = "BND of the first reply is neither 0.0.0.0 nor port 0.",
                .steps = STEPS(HANDSHAKE, SEND(BIND), EXPECT("VER:05 REP:00 RSV:00 BND:{usable}"),
                               RST(CLIENT))),
    SERVER_CASE("rfc1928/6/bind-listens", FIRST, .needs = NEED_BIND,
                .says = "A connection to BND of the first reply is accepted.",
                .steps = STEPS(BOUND, OPEN(DIALER), RST(CLIENT))),
    SERVER_CASE("rfc1928/6/bind-waits", SECOND_REPLY, .needs = NEED_BIND,
                .says = "There is no second reply before anybody connects.",
                .steps = STEPS(BOUND, EXPECT_IN(1000, "silence"), OPEN(DIALER), EXPECT(SUCCESS))),
    SERVER_CASE("rfc1928/6/bind-second-reply", SECOND_REPLY, .needs = NEED_BIND,
                .says = "The second reply comes when the expected host connects.",
                .steps = STEPS(ACCEPTED)),
    SERVER_CASE("rfc1928/6/bind-second-bnd", SECOND_REPLY, .needs = NEED_BIND | NEED_LOOPBACK,
                .says = "BND of the second reply is the address and port of the host that "
                        "connected.",
                .steps = STEPS(BOUND, OPEN(DIALER), EXPECT("VER:05 REP:00 RSV:00 BND:{dialer}"))),
    SERVER_CASE("rfc1928/6/bind-two-replies", SECOND_REPLY, .needs = NEED_BIND,
                .says = "There is no third reply.", .steps = STEPS(ACCEPTED, EXPECT("silence"))),
    SERVER_CASE("rfc1928/6/bind-client-first", RELAY, .needs = NEED_BIND,
                .says = "Behind the second reply the client speaks and is heard.",
                .steps = STEPS(ACCEPTED, SEND("\"hello\""), AT(DIALER, EXPECT, "\"hello\""),
                               AT(DIALER, SEND, "\"you\""), EXPECT("\"you\""))),
    SERVER_CASE("rfc1928/6/bind-dialer-first", RELAY, .needs = NEED_BIND,
                .says = "The host that connects speaks at once: its octets come behind the second "
                        "reply.",
                .steps = STEPS(BOUND, OPEN(DIALER), AT(DIALER, SEND, "{payload 500}"),
                               EXPECT(SUCCESS), EXPECT("{payload 500}"))),
    SERVER_CASE("rfc1928/6/bind-exchange", RELAY, .needs = NEED_BIND,
                .says = "256 kB each way at the same time.",
                .steps = STEPS(ACCEPTED, EXCHANGE(CLIENT, DIALER, 256000))),
    SERVER_CASE("rfc1928/6/bind-half-close", "rfc1928/6/half-close", .needs = NEED_BIND,
                .says = "The host that connected sends FIN: the client gets it and can still send.",
                .steps =
                    STEPS(ACCEPTED, AT(DIALER, SEND, "\"last\""), FIN(DIALER), EXPECT("\"last\""),
                          EXPECT("fin"), SEND("\"more\""), AT(DIALER, EXPECT, "\"more\""))),
    SERVER_CASE("rfc1928/6/bind-dialer-leaves", "rfc1928/6/close", .needs = NEED_BIND,
                .says = "The host that connected resets: the client's connection ends.",
                .steps = STEPS(ACCEPTED, RST(DIALER), EXPECT("end"))),
    SERVER_CASE("rfc1928/6/bind-stranger", STRANGERS, .needs = NEED_BIND | NEED_LOOPBACK,
                .says = "A connection from another host than DST.ADDR brings no second reply of "
                        "success.",
                .steps = STEPS(BOUND, AT(STRANGER, SEND, "\"intruder\""),
                               EXPECT("silence [waits on] or " REFUSED), RST(CLIENT))),
    FRONT_CASE("rfc1928/6/no-bind", "rfc1928/6/unsupported", .needs = NEED_NO_BIND,
               .says = "Declared without BIND: it gets a reply of failure.",
               .seen = "Python shadowsocks 2.9.1 closes without one (field 10)",
               .steps =
                   STEPS(HANDSHAKE, SEND(REQUEST("02", "{target}")), EXPECT(FAILURE), RST(CLIENT))),
    FRONT_CASE("rfc1928/6/no-bind-rep", "rfc1928/6/rep-value", .needs = NEED_NO_BIND,
               .says = "Declared without BIND: the reply is 07.",
               .steps = STEPS(HANDSHAKE, SEND(REQUEST("02", "{target}")), EXPECT(REPLY("07")),
                              RST(CLIENT))),
    {0},
};
