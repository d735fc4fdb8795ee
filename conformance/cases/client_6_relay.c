/* RFC 1928 section 6, clients: what passes behind a reply of success. */
#include "client.h"

#define RELAY "rfc1928/6/client-relay"
#define HALF_CLOSE "rfc1928/6/client-half-close"

enum { MANY = 4 << 20 };

#define ENDED DELIVERS("end"), EXITS("EXIT:00")
#define TOGETHER(bnd)                                                                              \
    STEPS(ASKED, ANSWERS(REPLY_HEAD("00") bnd " DATA:" PAGE), GETS("{ask}"), ENDS, DELIVERED)

const struct test_case client_6_relay_cases[] = {
    CLIENT_CASE("rfc1928/6/client-with-payload", RELAY,
                .says = "Reply and answer in one segment: no octet of the answer is lost.",
                .seen = "python-socks 2.0.3, socksio 1.0.0",
                .steps = TOGETHER("ATYP:01 ADDR:00000000 PORT:0000")),
    CLIENT_CASE("rfc1928/6/client-with-payload-ipv6", RELAY,
                .says = "A reply with an IPv6 BND and the answer in one segment.",
                .steps = TOGETHER("ATYP:04 ADDR:20010db8 00000000 00000000 00000001 PORT:1f90")),
    CLIENT_CASE("rfc1928/6/client-with-payload-name", RELAY,
                .says = "A reply with a name as BND and the answer in one segment.",
                .steps = TOGETHER("ATYP:03 ADDR:0b \"bnd.invalid\" PORT:1f90")),
    CLIENT_CASE(
        "rfc1928/6/client-with-payload-and-end", RELAY,
        .says = "Reply, answer and FIN at once: the answer is delivered whole.", .needs = NEED_PIPE,
        .steps = STEPS(ASKED, ANSWERS(GRANTED " DATA:" PAGE), ENDS, GETS("{ask}"), DELIVERED)),
    CLIENT_CASE("rfc1928/6/client-with-large-payload", RELAY,
                .says = "Reply and 60,000 octets of answer at once.",
                .steps = STEPS(ASKED, ANSWERS(GRANTED " DATA:{head} {payload 60000}"),
                               GETS("{ask}"), ENDS, DELIVERS("{payload 60000}"), ENDED)),
    CLIENT_CASE("rfc1928/6/client-second-reply", RELAY, .needs = NEED_PIPE,
                .says = "What looks like a second reply is the target's: it is delivered.",
                .steps = STEPS(CONNECTS, ANSWERS(GRANTED), ENDS, DELIVERS(GRANTED), ENDED)),
    CLIENT_CASE("rfc1928/6/client-one-octet", RELAY, .says = "An answer of one octet.",
                .steps = STEPS(CONNECTS, ANSWERS("{head} 0a"), ENDS, DELIVERS("0a"), ENDED)),
    CLIENT_CASE("rfc1928/6/client-nuls", RELAY, .says = "An answer of NULs and of FFs.",
                .steps = STEPS(CONNECTS, ANSWERS("{head} 00*300 ff*300"), ENDS,
                               DELIVERS("00*300 ff*300"), ENDED)),
    CLIENT_CASE("rfc1928/6/client-no-answer", RELAY, .needs = NEED_PIPE,
                .says = "The target ends without an octet: nothing is delivered.",
                .steps = STEPS(CONNECTS, ENDS, ENDED)),
    CLIENT_CASE("rfc1928/6/client-first-octets", RELAY, .needs = NEED_PIPE,
                .says = "The target speaks first: its octets are delivered before any are fed.",
                .seen = "python-socks 2.0.3",
                .steps =
                    STEPS(HANDSHAKE, GETS(A_REQUEST), ANSWERS(GRANTED), ANSWERS("{payload 200}"),
                          DELIVERS("{payload 200}"), FEEDS, GETS("{ask}"), ENDS, ENDED)),
    CLIENT_CASE("rfc1928/6/client-parts", RELAY,
                .says = "An answer in three parts with pauses between them.",
                .steps = STEPS(CONNECTS, ANSWERS("{head} \"one\""), GETS("silence"),
                               ANSWERS("\"two\""), GETS("silence"), ANSWERS("\"three\""), ENDS,
                               DELIVERS("\"onetwothree\""), ENDED)),
    CLIENT_CASE("rfc1928/6/client-download", RELAY, .says = "4 MB from the target.",
                .steps =
                    STEPS(CONNECTS, ANSWERS("{head}"), TRANSFER(PROXY, STDOUT, MANY), ENDS, ENDED)),
    CLIENT_CASE("rfc1928/6/client-upload", RELAY, .needs = NEED_PIPE, .says = "4 MB to the target.",
                .steps = STEPS(CONNECTS, TRANSFER(STDIN, PROXY, MANY), SERVED)),
    CLIENT_CASE("rfc1928/6/client-both-ways", RELAY, .needs = NEED_PIPE,
                .says = "4 MB each way at the same time.",
                .steps = STEPS(CONNECTS, EXCHANGE(STDIN, PROXY, MANY), SERVED)),
    CLIENT_CASE("rfc1928/6/client-slow-stdout", RELAY,
                .says = "4 MB to a client whose stdout nobody reads for a while.",
                .steps =
                    STEPS(CONNECTS, ANSWERS("{head}"), TRICKLE(PROXY, STDOUT, MANY), ENDS, ENDED)),
    CLIENT_CASE("rfc1928/6/client-slow-proxy", RELAY, .needs = NEED_PIPE,
                .says = "4 MB to a proxy that does not read for a while.",
                .steps = STEPS(CONNECTS, TRICKLE(STDIN, PROXY, MANY), SERVED)),
    CLIENT_CASE("rfc1928/6/client-closes", "rfc1928/6/client-close",
                .says = "When the target has ended the client ends its own connection.",
                .steps = STEPS(CONNECTS, ANSWERS(PAGE), ENDS, GETS("end"), DELIVERED)),
    CLIENT_CASE("rfc1928/6/client-stdin-ends", HALF_CLOSE, .needs = NEED_PIPE,
                .says = "The end of stdin reaches the proxy as FIN, and the answer that follows "
                        "is delivered.",
                .steps = STEPS(CONNECTS, FIN(STDIN), GETS("fin"), ANSWERS("{payload 200}"),
                               FIN(PROXY), DELIVERED)),
    CLIENT_CASE("rfc1928/6/client-target-ends", "rfc1928/6/client-half-close-back",
                .needs = NEED_PIPE,
                .says = "The target ends first: what is fed afterwards is sent on, or the client "
                        "ends too.",
                .steps = STEPS(CONNECTS, FIN(PROXY), AT(STDIN, SEND, "{payload 500}"),
                               GETS("{payload 500} [sends on] or end [ends too]"), FIN(STDIN),
                               EXITS("EXIT:??"))),
    CLIENT_CASE("rfc1928/6/client-reset-in-answer", "rfc1928/6/client-reset",
                .says = "The proxy resets the connection within the answer: the client fails, or "
                        "takes it for the end.",
                .steps = STEPS(CONNECTS, ANSWERS("{head} {payload 100}"), RST(PROXY), FIN(STDIN),
                               EXITS("EXIT:!00 [fails] or EXIT:00 [takes it for the end]"))),
    {0},
};
