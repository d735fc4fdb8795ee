/* RFC 1928 section 7, clients: datagrams to the relay and from it. */
#include "client.h"

#define FORM "rfc1928/7/client-form"
#define TAKEN "rfc1928/7/client-answer"
#define FRAGMENT "rfc1928/7/client-fragment"
#define DROPS "rfc1928/7/client-drop"
#define LIFE "rfc1928/7/client-keeps"

/* What must not be delivered, and one behind it that must be. */
#define DROPPED(octets)                                                                            \
    STEPS(TALKS, AT(PROXY_UDP, SEND, octets), DATAGRAM_IN("{dst}", "\"good\""),                    \
          DELIVERS("\"good\""), STOPS)
#define ANSWERED(src, octets) STEPS(TALKS, DATAGRAM_IN(src, octets), DELIVERS(octets), STOPS)
#define PART(frag) "RSV:0000 FRAG:" frag " SRC:{dst} DATA:\"part\""

#define UDP_CASE(case_id, rule_id, ...)                                                            \
    CLIENT_CASE(case_id, rule_id, .needs = NEED_UDP | NEED_PIPE, __VA_ARGS__)

const struct test_case client_7_cases[] = {
    UDP_CASE("rfc1928/7/client-header", FORM,
             .says = "A datagram is RSV 0000, FRAG 00, the target, and what is fed.",
             .steps = STEPS(TALKS, STOPS)),
    CLIENT_CASE("rfc1928/7/client-name", FORM,
                .needs = NEED_UDP | NEED_PIPE | NEED_DOMAIN | NEED_ISOLATION,
                .host = "target.invalid",
                .says = "A datagram to a name that nobody can resolve: the name travels.",
                .steps = STEPS(TALKS, STOPS)),
    CLIENT_CASE("rfc1928/7/client-ipv6", FORM, .needs = NEED_UDP | NEED_PIPE | NEED_IPV6,
                .host = "::1", .says = "A datagram to an IPv6 address.",
                .steps = STEPS(TALKS, STOPS)),
    UDP_CASE("rfc1928/7/client-one-octet", FORM, .says = "A datagram of one octet.",
             .steps = STEPS(TALKS, AT(STDIN, SEND, "0a"), DATAGRAM_OUT("0a"), STOPS)),
    UDP_CASE("rfc1928/7/client-1400", FORM, .says = "A datagram of 1,400 octets, in one.",
             .steps = STEPS(TALKS, AT(STDIN, SEND, "61*600 62*600 63*199 0a"),
                            DATAGRAM_OUT("61*600 62*600 63*199 0a"), STOPS)),
    UDP_CASE("rfc1928/7/client-in-turn", FORM,
             .says = "Three datagrams in turn, each with a header of its own.",
             .steps = STEPS(TALKS, AT(STDIN, SEND, "\"two\" 0a"), DATAGRAM_OUT("\"two\" 0a"),
                            AT(STDIN, SEND, "\"three\" 0a"), DATAGRAM_OUT("\"three\" 0a"), STOPS)),

    UDP_CASE("rfc1928/7/client-answer", TAKEN, .says = "An answer is delivered without its header.",
             .steps = ANSWERED("{dst}", "{payload 100}")),
    UDP_CASE("rfc1928/7/client-answer-name", TAKEN,
             .says = "An answer whose header names its source.",
             .steps = ANSWERED("03 0e \"target.invalid\" {port}", "{payload 100}")),
    UDP_CASE("rfc1928/7/client-answer-name-255", TAKEN,
             .says = "An answer whose source is a name of 255 octets: its length has no sign.",
             .steps = ANSWERED("03 ff 61*255 {port}", "{payload 100}")),
    UDP_CASE("rfc1928/7/client-answer-ipv6", TAKEN,
             .says = "An answer whose source is an IPv6 address.",
             .steps = ANSWERED("04 20010db8 00000000 00000000 00000001 1f90", "{payload 100}")),
    UDP_CASE("rfc1928/7/client-answers", TAKEN, .says = "Three answers to one datagram.",
             .steps = STEPS(TALKS, DATAGRAM_IN("{dst}", "\"one\""), DATAGRAM_IN("{dst}", "\"two\""),
                            DATAGRAM_IN("{dst}", "\"three\""), DELIVERS("\"onetwothree\""), STOPS)),
    UDP_CASE("rfc1928/7/client-answer-empty", TAKEN,
             .says = "An answer of no octets delivers none, and ends nothing.",
             .steps = DROPPED("RSV:0000 FRAG:00 SRC:{dst}")),
    UDP_CASE("rfc1928/7/client-answer-2049", TAKEN, .says = "An answer of 2,049 octets.",
             .steps = ANSWERED("{dst}", "{payload 2049}")),
    UDP_CASE("rfc1928/7/client-answer-9000", TAKEN, .says = "An answer of 9,000 octets.",
             .steps = ANSWERED("{dst}", "{payload 9000}")),

    UDP_CASE("rfc1928/7/client-fragment-1", FRAGMENT,
             .says = "FRAG 01, the first part of what does not come, is not delivered.",
             .steps = DROPPED(PART("01"))),
    UDP_CASE("rfc1928/7/client-fragment-2", FRAGMENT,
             .says = "FRAG 02, a part whose first is missing, is not delivered.",
             .steps = DROPPED(PART("02"))),
    UDP_CASE("rfc1928/7/client-fragment-127", FRAGMENT,
             .says = "FRAG 7f, the highest position, is not delivered.",
             .steps = DROPPED(PART("7f"))),
    UDP_CASE("rfc1928/7/client-fragment-130", FRAGMENT,
             .says = "FRAG 82, a last part whose first is missing, is not delivered.",
             .steps = DROPPED(PART("82"))),

    UDP_CASE("rfc1928/7/client-rsv", "rfc1928/7/client-rsv",
             .says = "An answer with RSV ffff is delivered, or dropped.",
             .steps = STEPS(TALKS, AT(PROXY_UDP, SEND, "RSV:ffff FRAG:00 SRC:{dst} DATA:\"odd\""),
                            DATAGRAM_IN("{dst}", "\"good\""),
                            DELIVERS("\"oddgood\" [delivers it] or \"good\" [drops it]"), STOPS)),
    UDP_CASE("rfc1928/7/client-short-0", DROPS,
             .says = "A datagram of no octets, not even a header, is dropped.",
             .steps = DROPPED("RSV:")),
    UDP_CASE("rfc1928/7/client-short-1", DROPS, .says = "A datagram of one octet is dropped.",
             .steps = DROPPED("00")),
    UDP_CASE("rfc1928/7/client-short-3", DROPS,
             .says = "A datagram that ends before ATYP is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00")),
    UDP_CASE("rfc1928/7/client-short-4", DROPS,
             .says = "A datagram that ends behind ATYP is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00 ATYP:01")),
    UDP_CASE("rfc1928/7/client-short-9", DROPS,
             .says = "A datagram that ends within its port is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00 ATYP:01 ADDR:7f000001 PORT:00")),
    UDP_CASE("rfc1928/7/client-short-name", DROPS,
             .says = "A datagram that ends within the name of its source is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00 ATYP:03 ADDR:ff \"target\"")),
    UDP_CASE("rfc1928/7/client-short-ipv6", DROPS,
             .says = "A datagram that ends within the IPv6 address of its source is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00 ATYP:04 ADDR:20010db8 00000000")),
    UDP_CASE("rfc1928/7/client-type-0", DROPS, .says = "A datagram with ATYP 00 is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00 ATYP:00 ADDR:7f000001 PORT:1f90 DATA:\"bad\"")),
    UDP_CASE("rfc1928/7/client-type-5", DROPS, .says = "A datagram with ATYP 05 is dropped.",
             .steps = DROPPED("RSV:0000 FRAG:00 ATYP:05 ADDR:7f000001 PORT:1f90 DATA:\"bad\"")),
    CLIENT_CASE("rfc1928/7/client-stranger", "rfc1928/7/client-stranger",
                .needs = NEED_UDP | NEED_PIPE | NEED_LOOPBACK,
                .says = "A datagram that comes from elsewhere than BND is not delivered.",
                .steps = STEPS(
                    TALKS, AT(UDP_STRANGER, SEND, "RSV:0000 FRAG:00 SRC:{dst} DATA:\"intruder\""),
                    DATAGRAM_IN("{dst}", "\"good\""), DELIVERS("\"good\""), STOPS)),

    UDP_CASE("rfc1928/7/client-keeps", LIFE,
             .says = "The connection of the association says nothing and stays open between two "
                     "datagrams.",
             .steps = STEPS(TALKS, DATAGRAM_IN("{dst}", "\"one\""), DELIVERS("\"one\""),
                            GETS_IN(1000, "silence"), AT(STDIN, SEND, "\"more\" 0a"),
                            DATAGRAM_OUT("\"more\" 0a"), STOPS)),
    UDP_CASE("rfc1928/7/client-proxy-ends", "rfc1928/7/client-ends",
             .says = "The proxy ends the connection: what is fed behind that is not sent.",
             .steps =
                 STEPS(TALKS, FIN(PROXY), GETS("end or silence"), AT(STDIN, SEND, "\"late\" 0a"),
                       AT(PROXY_UDP, EXPECT, "silence"), FIN(STDIN), EXITS("EXIT:??"))),
    UDP_CASE("rfc1928/7/client-proxy-resets", "rfc1928/7/client-ends",
             .says = "The proxy resets the connection: what is fed behind that is not sent.",
             .steps = STEPS(TALKS, RST(PROXY), AT(PROXY_UDP, EXPECT, "silence"),
                            AT(STDIN, SEND, "\"late\" 0a"), AT(PROXY_UDP, EXPECT, "silence"),
                            FIN(STDIN), EXITS("EXIT:??"))),
    {0},
};
