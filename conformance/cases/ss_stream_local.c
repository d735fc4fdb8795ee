/* Streams between a program and the server behind an ss-local, under any method. */
#include "cases.h"

#define OWN "ss-stream/local/iv-own"
#define SENT_WHOLE "ss-stream/local/sent"
#define TAKEN "ss-stream/local/taken"
#define CUT "ss-stream/local/truncated"
#define STARTED LINKED, ANSWER("SALT:{salt}")
#define UP(n) STEPS(LINKED, SEND("{payload " n "}"), AT(SERVER, EXPECT, "{payload " n "}"))
#define UP_THEN(n) SEND("{payload " n "}"), AT(SERVER, EXPECT, "{payload " n "}")
#define DOWN_THEN(n) ANSWER("data({payload " n "})"), EXPECT("{payload " n "}")
#define DOWN(n)                                                                                    \
    STEPS(LINKED, ANSWER("SALT:{salt} DATA:data({payload " n "})"), EXPECT("{payload " n "}"))

const struct test_case ss_stream_local_cases[] = {
    LOCAL_CASE("ss-stream/local/same-request", OWN, .needs = NEED_NO_AUTH | NEED_SALT,
               .says = "The same request in a second connection: under another salt or IV.",
               .steps =
                   STEPS(LINKED, AT(SECOND, SEND, GREETING("01", "00")),
                         AT(SECOND, EXPECT, SELECTION("00")), AT(SECOND, SEND, CONNECT("{target}")),
                         AT(SECOND, EXPECT, SUCCESS), AT(SECOND, SEND, "\"ping\""),
                         AT(SERVER_AGAIN, EXPECT, "DST:{target} DATA:\"ping\""))),
    LOCAL_CASE("ss-stream/local/whole-salt", OWN, .needs = NEED_SALT,
               .says = "The salt or IV is whole, so that the header behind it can be read.",
               .steps = STEPS(LINKED, SEND("\"more\""), AT(SERVER, EXPECT, "\"more\""))),

    LOCAL_CASE("ss-stream/local/sent-1", SENT_WHOLE, .says = "One octet to the server.",
               .steps = UP("1")),
    LOCAL_CASE("ss-stream/local/sent-16382", SENT_WHOLE, .says = "16382 octets to the server.",
               .steps = UP("16382")),
    LOCAL_CASE("ss-stream/local/sent-16383", SENT_WHOLE, .says = "16383 octets to the server.",
               .steps = UP("16383")),
    LOCAL_CASE("ss-stream/local/sent-16384", SENT_WHOLE, .says = "16384 octets to the server.",
               .steps = UP("16384")),
    LOCAL_CASE("ss-stream/local/sent-65535", SENT_WHOLE, .says = "65535 octets to the server.",
               .steps = UP("65535")),
    LOCAL_CASE("ss-stream/local/sent-65536", SENT_WHOLE, .says = "65536 octets to the server.",
               .steps = UP("65536")),
    LOCAL_CASE("ss-stream/local/sent-65537", SENT_WHOLE, .says = "65537 octets to the server.",
               .steps = UP("65537")),
    LOCAL_CASE("ss-stream/local/sent-4mb", SENT_WHOLE, .says = "Four megabytes to the server.",
               .steps = STEPS(LINKED, TRANSFER(CLIENT, SERVER, 4194304))),
    LOCAL_CASE("ss-stream/local/sent-in-turn", SENT_WHOLE,
               .says = "Several writes, each of which is there before the next.",
               .steps = STEPS(LINKED, SEND("01"), AT(SERVER, EXPECT, "01"), SEND("0203"),
                              AT(SERVER, EXPECT, "0203"), SEND("{payload 500}"),
                              AT(SERVER, EXPECT, "{payload 500}"), SEND("04"),
                              AT(SERVER, EXPECT, "04"))),
    LOCAL_CASE("ss-stream/local/sent-blocks", SENT_WHOLE,
               .says = "Writes of 1, 15, 16, 17, 63, 64, 65 and 600 octets, each there before the "
                       "next.",
               .steps = STEPS(LINKED, UP_THEN("1"), UP_THEN("15"), UP_THEN("16"), UP_THEN("17"),
                              UP_THEN("63"), UP_THEN("64"), UP_THEN("65"), UP_THEN("600"))),
    LOCAL_CASE("ss-stream/local/sent-octet-by-octet", SENT_WHOLE, .segment = SEGMENT_BYTES,
               .says = "300 octets, each in a segment of its own.", .steps = UP("300")),
    LOCAL_CASE("ss-stream/local/sent-every-value", SENT_WHOLE,
               .says = "NUL, ff and what looks like a request pass as they are.",
               .steps = STEPS(LINKED, SEND("00*40 ff*40 05010001 7f000001 0050"),
                              AT(SERVER, EXPECT, "00*40 ff*40 05010001 7f000001 0050"))),

    LOCAL_CASE("ss-stream/local/taken-1", TAKEN, .says = "One octet from the server.",
               .steps = DOWN("1")),
    LOCAL_CASE("ss-stream/local/taken-16382", TAKEN, .says = "16382 octets from the server.",
               .steps = DOWN("16382")),
    LOCAL_CASE("ss-stream/local/taken-16383", TAKEN, .says = "16383 octets from the server.",
               .steps = DOWN("16383")),
    LOCAL_CASE("ss-stream/local/taken-16384", TAKEN, .says = "16384 octets from the server.",
               .steps = DOWN("16384")),
    LOCAL_CASE("ss-stream/local/taken-65535", TAKEN, .says = "65535 octets from the server.",
               .steps = DOWN("65535")),
    LOCAL_CASE("ss-stream/local/taken-65536", TAKEN, .says = "65536 octets from the server.",
               .steps = DOWN("65536")),
    LOCAL_CASE("ss-stream/local/taken-65537", TAKEN, .says = "65537 octets from the server.",
               .steps = DOWN("65537")),
    LOCAL_CASE("ss-stream/local/taken-4mb", TAKEN, .says = "Four megabytes from the server.",
               .steps = STEPS(STARTED, TRANSFER(SERVER, CLIENT, 4194304))),
    LOCAL_CASE("ss-stream/local/exchange", TAKEN,
               .says = "Four megabytes each way at the same time.",
               .steps = STEPS(STARTED, EXCHANGE(CLIENT, SERVER, 4194304))),
    LOCAL_CASE("ss-stream/local/taken-in-turn", TAKEN,
               .says = "Several answers, each of which is there before the next.",
               .steps = STEPS(STARTED, ANSWER("data(01)"), EXPECT("01"), ANSWER("data(0203)"),
                              EXPECT("0203"), ANSWER("data({payload 500})"),
                              EXPECT("{payload 500}"), ANSWER("data(04)"), EXPECT("04"))),
    LOCAL_CASE("ss-stream/local/taken-blocks", TAKEN,
               .says = "Answers of 1, 15, 16, 17, 63, 64, 65 and 600 octets, likewise.",
               .steps =
                   STEPS(STARTED, DOWN_THEN("1"), DOWN_THEN("15"), DOWN_THEN("16"), DOWN_THEN("17"),
                         DOWN_THEN("63"), DOWN_THEN("64"), DOWN_THEN("65"), DOWN_THEN("600"))),
    LOCAL_CASE("ss-stream/local/taken-octet-by-octet", TAKEN, .segment = SEGMENT_BYTES,
               .says = "An answer octet by octet, salt or IV and all.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev (field 6, 33)",
               .steps = DOWN("300")),
    LOCAL_CASE("ss-stream/local/taken-every-split", TAKEN, .segment = SEGMENT_SPLIT,
               .says = "An answer cut in two at each place in turn, within salt or IV too.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev (field 6, 33)",
               .steps =
                   STEPS(LINKED, ANSWER("SALT:{salt} DATA:data(\"hello\")"), EXPECT("\"hello\""))),
    LOCAL_CASE("ss-stream/local/salt-alone", TAKEN, .needs = NEED_SALT,
               .says = "The salt or IV alone, and the data when a while has passed.",
               .steps =
                   STEPS(STARTED, EXPECT("silence"), ANSWER("data(\"late\")"), EXPECT("\"late\""))),
    LOCAL_CASE("ss-stream/local/salt-before-header", TAKEN,
               .says = "A server that sends its salt or IV as soon as it is connected to.",
               .needs = NEED_ALONE,
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("{target}")), EXPECT(SUCCESS),
                              SEND("\"ping\""), OPEN(SERVER), ANSWER("SALT:{salt}"),
                              AT(SERVER, EXPECT, "DST:{target} DATA:\"ping\""),
                              ANSWER("data(\"pong\")"), EXPECT("\"pong\""))),

    LOCAL_CASE("ss-stream/local/cut-in-salt", CUT, .needs = NEED_SALT,
               .says = "An answer that ends within its salt or IV.",
               .steps = STEPS(LINKED, ANSWER("cut@-1({salt})"), FIN(SERVER), EXPECT("end"))),
    LOCAL_CASE("ss-stream/local/cut-at-one", CUT, .needs = NEED_SALT,
               .says = "An answer of one octet.",
               .steps = STEPS(LINKED, ANSWER("cut@1({salt})"), FIN(SERVER), EXPECT("end"))),
    LOCAL_CASE("ss-stream/local/cut-behind-salt", CUT, .needs = NEED_SALT,
               .says = "An answer that ends behind its salt or IV.",
               .steps = STEPS(STARTED, FIN(SERVER), EXPECT("end"))),
    LOCAL_CASE("ss-stream/local/reset-in-salt", CUT, .needs = NEED_SALT,
               .says = "A reset within the salt or IV.",
               .steps = STEPS(LINKED, ANSWER("cut@3({salt})"), RST(SERVER), EXPECT("end"))),
    {0},
};
