/* The stages of an ss-local: between a program, its request and a server that may fail. */
#include "cases.h"

#define THROUGH "stage/sslocal/through-server"
#define ANSWERS "stage/sslocal/answer"
#define PIPELINING "stage/sslocal/pipelining"
#define SERVER_FIRST "stage/sslocal/server-first"
#define HALF_CLOSE "stage/sslocal/half-close"
#define DRAIN "stage/sslocal/drain"
#define BACKPRESSURE "stage/sslocal/backpressure"
#define FAILS "stage/sslocal/server-fails"
#define MUTE_SERVER "stage/sslocal/server-mute"
#define RESET "stage/sslocal/reset"
#define BESIDE "stage/sslocal/beside"

#define ASKED HANDSHAKE, SEND(CONNECT("{target}")), EXPECT(SUCCESS)
#define STARTED LINKED, ANSWER("SALT:{salt}")
#define SECOND_LINKED                                                                              \
    AT(SECOND, SEND, GREETING("01", "00")), AT(SECOND, EXPECT, SELECTION("00")),                   \
        AT(SECOND, SEND, CONNECT("{target}")), AT(SECOND, EXPECT, SUCCESS),                        \
        AT(SECOND, SEND, "\"second\""), AT(SERVER_AGAIN, EXPECT, "DST:{target} DATA:\"second\"")

const struct test_case stage_sslocal_cases[] = {
    LOCAL_CASE("stage/sslocal/through-server", THROUGH,
               .says = "A tunnel goes through the server, and nobody connects to its target.",
               .steps = STEPS(LINKED, UNTOUCHED)),
    LOCAL_CASE("stage/sslocal/through-server-udp", THROUGH, .needs = NEED_UDP,
               .says = "Datagrams go through the server, and none to their target.",
               .steps = STEPS(ASSOCIATED, LOCAL_DATAGRAM("{target}", "\"hello\""),
                              AT(TARGET_UDP, EXPECT, "silence"))),
    LOCAL_CASE("stage/sslocal/own-connection", THROUGH, .needs = NEED_NO_AUTH,
               .says = "A second tunnel has a second connection.",
               .steps = STEPS(LINKED, SECOND_LINKED)),
    LOCAL_CASE(
        "stage/sslocal/answer", ANSWERS,
        .says = "CONNECT is answered with success and a whole reply, before any answer of "
                "the server.",
        .steps = STEPS(ASKED, SEND("\"ping\""), AT(SERVER, EXPECT, "DST:{target} DATA:\"ping\""))),
    LOCAL_CASE("stage/sslocal/answer-refused", ANSWERS, .needs = NEED_ALONE,
               .says = "CONNECT is answered with success though the server refuses.",
               .steps = STEPS(REFUSE, ASKED, EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/answer-name", ANSWERS, .needs = NEED_DOMAIN,
               .says = "CONNECT to a name that does not exist is answered with success.",
               .steps =
                   STEPS(HANDSHAKE, SEND(CONNECT("03 0f \"example.invalid\" {port}")),
                         EXPECT(SUCCESS), SEND("\"ping\""),
                         AT(SERVER, EXPECT, "DST:03 0f \"example.invalid\" {port} DATA:\"ping\""))),

    LOCAL_CASE("stage/sslocal/request-with-payload", PIPELINING,
               .says = "Request and 1000 octets in one segment: they follow the header, once.",
               .seen = "Python shadowsocks 2.9.1 with one-time auth (field 3)",
               .steps =
                   STEPS(HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 1000}"),
                         EXPECT(SUCCESS), AT(SERVER, EXPECT, "DST:{target} DATA:{payload 1000}"),
                         AT(SERVER, EXPECT, "silence"))),
    LOCAL_CASE("stage/sslocal/request-with-large-payload", PIPELINING,
               .says = "Request and 60,000 octets at once.",
               .steps =
                   STEPS(HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 60000}"),
                         EXPECT(SUCCESS), AT(SERVER, EXPECT, "DST:{target} DATA:{payload 60000}"))),
    LOCAL_CASE("stage/sslocal/request-with-payload-and-end", HALF_CLOSE,
               .says = "Request, payload and FIN at once: all reach the server, and its answer "
                       "the program.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev 3.3.5 (field 18)",
               .steps = STEPS(
                   HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 100}"), FIN(CLIENT),
                   EXPECT(SUCCESS), AT(SERVER, EXPECT, "DST:{target} DATA:{payload 100}"),
                   AT(SERVER, EXPECT, "fin"), ANSWER("{salt} data(\"bye\")"), EXPECT("\"bye\""))),
    LOCAL_CASE("stage/sslocal/greeting-with-all", PIPELINING, .segment = SEGMENT_COALESCED,
               .says = "Greeting, request and payload in one segment.",
               .seen = "Python shadowsocks 2.9.1 (field 4)",
               .steps =
                   STEPS(HANDSHAKE, SEND(CONNECT("{target}")), SEND("{payload 300}"),
                         EXPECT(SUCCESS), AT(SERVER, EXPECT, "DST:{target} DATA:{payload 300}"))),
    LOCAL_CASE("stage/sslocal/payload-in-turn", PIPELINING,
               .says = "Payload in three writes right behind the reply: all of it, in order.",
               .steps = STEPS(ASKED, SEND("\"one\""), SEND("\"two\""), SEND("\"three\""),
                              AT(SERVER, EXPECT, "DST:{target} DATA:\"onetwothree\""))),

    LOCAL_CASE("stage/sslocal/server-first", SERVER_FIRST,
               .says = "The target's greeting comes though the program has said nothing.",
               .seen = "Python shadowsocks 2.9.1 with fast open (field 13)",
               .steps =
                   STEPS(ASKED, AT(SERVER, EXPECT, "DST:{target}"),
                         ANSWER("SALT:{salt} DATA:data(\"220 hello\")"), EXPECT("\"220 hello\""))),
    LOCAL_CASE("stage/sslocal/server-first-dialogue", SERVER_FIRST,
               .says = "A dialogue that the target begins.",
               .seen = "Python shadowsocks 2.9.1 with fast open (field 13)",
               .steps =
                   STEPS(ASKED, AT(SERVER, EXPECT, "DST:{target}"), ANSWER("{salt} data(\"220\")"),
                         EXPECT("\"220\""), SEND("\"EHLO\""), AT(SERVER, EXPECT, "\"EHLO\""),
                         ANSWER("data(\"250\")"), EXPECT("\"250\""))),
    LOCAL_CASE("stage/sslocal/server-first-name", SERVER_FIRST, .needs = NEED_DOMAIN,
               .says = "The same behind a name.",
               .steps = STEPS(HANDSHAKE, SEND(CONNECT("03 0f \"example.invalid\" {port}")),
                              EXPECT(SUCCESS),
                              AT(SERVER, EXPECT, "DST:03 0f \"example.invalid\" {port}"),
                              ANSWER("{salt} data(\"220\")"), EXPECT("\"220\""))),

    LOCAL_CASE("stage/sslocal/client-half-close", HALF_CLOSE,
               .says = "The program's FIN reaches the server, whose answer still comes.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev 3.3.5, v2ray 4.34 (field 18)",
               .steps = STEPS(LINKED, FIN(CLIENT), AT(SERVER, EXPECT, "fin"),
                              ANSWER("{salt} data(\"pong\")"), EXPECT("\"pong\""))),
    LOCAL_CASE("stage/sslocal/client-half-close-download", HALF_CLOSE,
               .says = "One megabyte comes behind the program's FIN.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev 3.3.5, v2ray 4.34 (field 18)",
               .steps = STEPS(STARTED, FIN(CLIENT), AT(SERVER, EXPECT, "fin"),
                              TRANSFER(SERVER, CLIENT, 1048576), FIN(SERVER), EXPECT("fin"))),
    LOCAL_CASE("stage/sslocal/server-half-close", HALF_CLOSE,
               .says = "The server's FIN reaches the program, whose octets still go.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev 3.3.5 (field 18)",
               .steps =
                   STEPS(LINKED, ANSWER("{salt} data(\"bye\")"), FIN(SERVER), EXPECT("\"bye\""),
                         EXPECT("fin"), SEND("\"late\""), AT(SERVER, EXPECT, "\"late\""))),
    LOCAL_CASE("stage/sslocal/server-half-close-upload", HALF_CLOSE,
               .says = "One megabyte goes behind the server's FIN.",
               .seen = "Python shadowsocks 2.9.1, shadowsocks-libev 3.3.5 (field 18)",
               .steps = STEPS(LINKED, ANSWER("{salt} data(\"bye\")"), FIN(SERVER),
                              EXPECT("\"bye\""), EXPECT("fin"), TRANSFER(CLIENT, SERVER, 1048576),
                              FIN(CLIENT), AT(SERVER, EXPECT, "fin"))),
    LOCAL_CASE("stage/sslocal/both-close", HALF_CLOSE,
               .says = "A FIN of either side, and both have ended.",
               .steps = STEPS(LINKED, ANSWER("{salt} data(\"bye\")"), FIN(SERVER), FIN(CLIENT),
                              EXPECT("\"bye\""), EXPECT("end"), AT(SERVER, EXPECT, "end"))),

    LOCAL_CASE("stage/sslocal/drain-up", DRAIN,
               .says = "60,000 octets and a FIN at once: the server gets them all first.",
               .steps = STEPS(LINKED, SEND("{payload 60000}"), FIN(CLIENT),
                              AT(SERVER, EXPECT, "{payload 60000}"), AT(SERVER, EXPECT, "end"))),
    LOCAL_CASE("stage/sslocal/drain-down", DRAIN,
               .says = "60,000 octets and a FIN at once: the program gets them all first.",
               .steps = STEPS(LINKED, ANSWER("{salt} data({payload 60000})"), FIN(SERVER),
                              EXPECT("{payload 60000}"), EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/drain-last-octet", DRAIN,
               .says = "One octet and a FIN at once, from the server.",
               .steps = STEPS(LINKED, ANSWER("{salt} data(\"x\")"), FIN(SERVER), EXPECT("\"x\""),
                              EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/slow-server", BACKPRESSURE,
               .says = "Octets for a server that does not read at first: none is lost.",
               .steps = STEPS(LINKED, TRICKLE(CLIENT, SERVER, 8000000))),
    LOCAL_CASE("stage/sslocal/slow-client", BACKPRESSURE,
               .says = "Octets for a program that does not read at first: none is lost.",
               .steps = STEPS(STARTED, TRICKLE(SERVER, CLIENT, 8000000))),

    LOCAL_CASE("stage/sslocal/server-refuses", FAILS, .needs = NEED_ALONE,
               .says = "A server that refuses: the program's connection ends.",
               .steps = STEPS(REFUSE, HANDSHAKE, SEND(CONNECT("{target}")),
                              EXPECT(SUCCESS " or " REFUSED), EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/server-refuses-payload", FAILS, .needs = NEED_ALONE,
               .says = "A server that refuses while payload waits, likewise.",
               .steps = STEPS(REFUSE, HANDSHAKE, SEND(CONNECT("{target}") " DATA:{payload 3000}"),
                              EXPECT(SUCCESS " or " REFUSED), EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/server-refuses-once", FAILS, .needs = NEED_ALONE,
               .says = "A server that refuses does not end the client: the next is tried anew.",
               .steps = STEPS(REFUSE, HANDSHAKE, SEND(CONNECT("{target}")),
                              EXPECT(SUCCESS " or " REFUSED), EXPECT("end"),
                              AT(SECOND, SEND, "VER:05 NMETHODS:02 METHODS:00 02"),
                              AT(SECOND, EXPECT, "VER:05 METHOD:??"))),
    LOCAL_CASE("stage/sslocal/server-resets-at-once", FAILS, .needs = NEED_ALONE,
               .says = "A server that accepts and resets: the program's connection ends.",
               .steps = STEPS(ASKED, OPEN(SERVER), RST(SERVER), EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/server-ends-at-once", FAILS, .needs = NEED_ALONE,
               .says = "A server that accepts and sends FIN: the program gets an end, no octet.",
               .steps = STEPS(ASKED, OPEN(SERVER), FIN(SERVER), EXPECT("end"), RST(SERVER))),
    LOCAL_CASE("stage/sslocal/server-ends-unanswered", FAILS,
               .says = "A server that takes the header and sends FIN, likewise.",
               .steps = STEPS(LINKED, FIN(SERVER), EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/server-resets-unanswered", FAILS,
               .says = "A server that takes the header and resets, likewise.",
               .steps = STEPS(LINKED, RST(SERVER), EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/server-resets-later", FAILS,
               .says = "A server that resets in the middle: the program's connection ends.",
               .steps = STEPS(STARTED, ANSWER("data(\"some\")"), EXPECT("\"some\""), RST(SERVER),
                              EXPECT("end"))),
    LOCAL_CASE("stage/sslocal/server-mute", MUTE_SERVER,
               .says = "While a server says nothing another tunnel works, and this one waits.",
               .steps = STEPS(LINKED, EXPECT("silence"), CONTROL, EXPECT("silence"))),
    LOCAL_CASE("stage/sslocal/server-late", MUTE_SERVER,
               .says = "An answer that comes late still comes.",
               .steps = STEPS(LINKED, EXPECT("silence"), EXPECT("silence"),
                              ANSWER("{salt} data(\"late\")"), EXPECT("\"late\""))),

    LOCAL_CASE("stage/sslocal/client-resets", RESET,
               .says = "A program that resets ends the connection to the server.",
               .steps = STEPS(LINKED, RST(CLIENT), AT(SERVER, EXPECT, "end"))),
    LOCAL_CASE("stage/sslocal/client-resets-answered", RESET,
               .says = "A program that resets while an answer comes, likewise.",
               .steps = STEPS(STARTED, ANSWER("data({payload 60000})"), RST(CLIENT),
                              AT(SERVER, EXPECT, "end"))),
    LOCAL_CASE("stage/sslocal/neighbours", BESIDE, .needs = NEED_NO_AUTH,
               .says = "Two tunnels at the same time: each gets its own answer.",
               .steps = STEPS(LINKED, SECOND_LINKED,
                              AT(SERVER_AGAIN, SEND, "{salt} data(\"for second\")"),
                              ANSWER("{salt} data(\"for first\")"), EXPECT("\"for first\""),
                              AT(SECOND, EXPECT, "\"for second\""))),
    LOCAL_CASE("stage/sslocal/neighbour-resets", BESIDE, .needs = NEED_NO_AUTH,
               .says = "A tunnel whose server resets leaves its neighbour alone.",
               .steps = STEPS(LINKED, SECOND_LINKED, RST(SERVER), EXPECT("end"),
                              AT(SERVER_AGAIN, SEND, "{salt} data(\"still\")"),
                              AT(SECOND, EXPECT, "\"still\""))),
    LOCAL_CASE("stage/sslocal/descriptors", "stage/rest/descriptors", .needs = NEED_EXEC,
               .says = "When connections good and bad have ended, the peer has no more descriptors "
                       "open than before them.",
               .steps = STEPS(RESTS)),
    LOCAL_CASE("stage/sslocal/memory", "stage/rest/memory", .needs = NEED_EXEC,
               .says =
                   "Connections good and bad, again and again, do not take more memory each time.",
               .steps = STEPS(RESTS)),
    {0},
};
