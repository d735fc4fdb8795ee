/* RFC 1928 section 6, clients: the two replies to BIND, and the one to UDP ASSOCIATE. */
#include "client.h"

#define TOLD "rfc1928/6/client-bind-address"
#define EARLY "rfc1928/6/client-bind-waits"
#define BEHIND "rfc1928/6/client-bind-second"
#define FAILURE_SEEN "rfc1928/6/client-failure"
#define FORM "rfc1928/6/client-form"
#define STREAM "rfc1928/3/client-stream"
#define ABANDONED "rfc1928/3/client-abandoned"
#define RELAY_AT "rfc1928/6/client-udp-bnd"

#define TELLS(bnd, line) STEPS(TOLD_AS(bnd, line), ANSWERS(GRANTED), GETS("{ask}"), SERVED)
#define SECOND_AS(octets) STEPS(WAITS, ANSWERS(octets), GETS("{ask}"), SERVED)
#define SECOND_REFUSED(octets) STEPS(WAITS, ANSWERS(octets), GIVES_UP)
#define SECOND_CUT(octets) STEPS(WAITS, ANSWERS(octets), FIN(PROXY), GIVES_UP)
#define REACHES(bnd) STEPS(ASSOCIATES_AT(bnd), DATAGRAM_OUT("{ask}"), STOPS)
#define UDP_REFUSED(octets)                                                                        \
    STEPS(FEEDS, HANDSHAKE, GETS("VER:05 CMD:03 RSV:00 DST:{addr}"), ANSWERS(octets),              \
          AT(PROXY_UDP, EXPECT, "silence"), GIVES_UP)

#define BIND_CASE(case_id, rule_id, ...)                                                           \
    CLIENT_CASE(case_id, rule_id, .needs = NEED_BIND | NEED_PIPE, __VA_ARGS__)
#define UDP_CASE(case_id, rule_id, ...)                                                            \
    CLIENT_CASE(case_id, rule_id, .needs = NEED_UDP | NEED_PIPE, __VA_ARGS__)

const struct test_case client_6_bind_cases[] = {
    BIND_CASE("rfc1928/6/client-bind", BEHIND,
              .says = "BIND: the client is fed and delivers behind the second reply.",
              .steps = STEPS(DIALLED, SERVED)),
    BIND_CASE("rfc1928/6/client-bind-ipv4", TOLD,
              .says = "The first reply has an IPv4 BND: it is told, octet for octet.",
              .steps = TELLS("ATYP:01 ADDR:c0000201 PORT:00ff", "\"192.0.2.1:255\" 0a")),
    BIND_CASE("rfc1928/6/client-bind-ipv6", TOLD,
              .says = "The first reply has an IPv6 BND: it is told.",
              .steps = TELLS("ATYP:04 ADDR:20010db8 00000000 00000000 00000001 PORT:1f90",
                             "5b \"2001:db8::1\" 5d3a \"8080\" 0a")),
    BIND_CASE("rfc1928/6/client-bind-name", TOLD,
              .says = "The first reply has a name as BND: it is told.",
              .steps =
                  TELLS("ATYP:03 ADDR:0b \"bnd.invalid\" PORT:1f90", "\"bnd.invalid:8080\" 0a")),
    BIND_CASE("rfc1928/6/client-bind-port", TOLD,
              .says = "The first reply has port ff00: its octets are in network order.",
              .steps = TELLS("ATYP:01 ADDR:cb007109 PORT:ff00", "\"203.0.113.9:65280\" 0a")),
    BIND_CASE("rfc1928/6/client-bind-at-once", TOLD,
              .says = "The address is told before the second reply comes, which waits for it.",
              .steps = STEPS(WAITS, GETS("silence"), ANSWERS(GRANTED), GETS("{ask}"), SERVED)),
    BIND_CASE("rfc1928/6/client-bind-waits", EARLY,
              .says = "Between the two replies nothing of what is fed is sent: nobody is there.",
              .steps =
                  STEPS(WAITS, GETS_IN(1000, "silence"), ANSWERS(GRANTED), GETS("{ask}"), SERVED)),
    BIND_CASE("rfc1928/6/client-bind-together", BEHIND,
              .says = "Both replies and the answer in one segment: none is taken for another.",
              .steps = STEPS(FEEDS, HANDSHAKE, GETS("VER:05 CMD:02 RSV:00 DST:{dst}"),
                             ANSWERS(REPLY_HEAD("00") "ATYP:01 ADDR:cb007109 PORT:1f90 " GRANTED
                                                      " DATA:" PAGE),
                             GETS("{ask}"), ENDS, DELIVERS("\"203.0.113.9:8080\" 0a"), DELIVERED)),
    BIND_CASE("rfc1928/6/client-bind-with-payload", BEHIND,
              .says = "The second reply and the answer in one segment: no octet is lost.",
              .steps =
                  STEPS(WAITS, ANSWERS(GRANTED " DATA:" PAGE), GETS("{ask}"), ENDS, DELIVERED)),
    BIND_CASE("rfc1928/6/client-bind-third", BEHIND,
              .says = "What looks like a third reply is the target's: it is delivered.",
              .steps = STEPS(DIALLED, ANSWERS(GRANTED), ENDS, DELIVERS(GRANTED), DELIVERS("end"),
                             EXITS("EXIT:00"))),
    BIND_CASE("rfc1928/6/client-bind-second-ipv6", FORM,
              .says = "The second reply has an IPv6 BND, the first an IPv4 one.",
              .steps = SECOND_AS(
                  REPLY_HEAD("00") "ATYP:04 ADDR:20010db8 00000000 00000000 00000001 PORT:1f90")),
    BIND_CASE("rfc1928/6/client-bind-second-name", FORM,
              .says = "The second reply has a name as BND, the first an IPv4 address.",
              .steps = SECOND_AS(REPLY_HEAD("00") "ATYP:03 ADDR:0b \"bnd.invalid\" PORT:1f90")),
    BIND_CASE("rfc1928/6/client-bind-octet-by-octet", STREAM, .segment = SEGMENT_BYTES,
              .says = "Both replies come octet by octet.", .steps = STEPS(DIALLED, SERVED)),
    BIND_CASE("rfc1928/6/client-bind-refused", FAILURE_SEEN,
              .says = "REP 07 at once: the client fails, and tells no address.",
              .steps =
                  STEPS(FEEDS, HANDSHAKE, GETS("VER:05 CMD:02 RSV:00 DST:{dst}"),
                        ANSWERS(REPLIED("07")), GETS("end"), DELIVERS("end"), EXITS("EXIT:!00"))),
    BIND_CASE("rfc1928/6/client-bind-second-rep-1", FAILURE_SEEN,
              .says = "The second reply has REP 01: the client fails and sends no payload.",
              .steps = SECOND_REFUSED(REPLIED("01"))),
    BIND_CASE("rfc1928/6/client-bind-second-rep-5", FAILURE_SEEN,
              .says = "The second reply has REP 05: the client fails and sends no payload.",
              .steps = SECOND_REFUSED(REPLIED("05"))),
    BIND_CASE("rfc1928/6/client-bind-second-rep-255", FAILURE_SEEN,
              .says = "The second reply has REP ff, which has no meaning: the client fails.",
              .steps = SECOND_REFUSED(REPLIED("ff"))),
    BIND_CASE("rfc1928/6/client-bind-second-version", "rfc1928/6/client-version",
              .says = "A second reply with VER 04 is none: the client fails.",
              .steps = SECOND_REFUSED("VER:04 REP:00 RSV:00 ATYP:01 ADDR:00000000 PORT:0000")),
    BIND_CASE("rfc1928/6/client-bind-second-type", "rfc1928/6/client-type",
              .says = "A second reply with ATYP 05: nobody knows where it ends, the client fails.",
              .steps = SECOND_CUT(REPLY_HEAD("00") "ATYP:05 ADDR:00000000 PORT:0000")),
    BIND_CASE("rfc1928/6/client-bind-end-between", ABANDONED,
              .says = "The proxy ends the connection between the two replies.",
              .steps = STEPS(WAITS, FIN(PROXY), GIVES_UP)),
    BIND_CASE("rfc1928/6/client-bind-reset-between", ABANDONED,
              .says = "The proxy resets the connection between the two replies.",
              .steps = STEPS(WAITS, RST(PROXY), EXITS("EXIT:!00"))),
    BIND_CASE("rfc1928/6/client-bind-end-within-second", ABANDONED,
              .says = "The proxy ends the connection within the second reply.",
              .steps = SECOND_CUT("VER:05 REP:00 RSV:00 ATYP:01 ADDR:7f00")),
    CLIENT_CASE("rfc1928/6/client-no-bind", "rfc1928/5/client-unsupported",
                .needs = NEED_NO_BIND | NEED_NO_AUTH | NEED_PIPE,
                .says = "A client without BIND fails when it is told to.",
                .steps = STEPS(EXITS("EXIT:!00"))),

    UDP_CASE("rfc1928/6/client-udp-bnd", RELAY_AT,
             .says = "Datagrams go to the address and port of BND.", .steps = REACHES("{udp}")),
    UDP_CASE("rfc1928/6/client-udp-bnd-zero", "rfc1928/6/client-udp-bnd-zero",
             .says = "BND 0.0.0.0 with a port: datagrams go to that port of the proxy.",
             .seen = "shadowsocks-rust and v2fly answer so (field 49)",
             .steps = REACHES("01 00000000 {udp-port}")),
    UDP_CASE("rfc1928/6/client-udp-bnd-name", "rfc1928/6/client-udp-bnd-name",
             .says = "BND is a name, 127.0.0.1 as text: it is resolved, or refused.",
             .steps = STEPS(ASSOCIATES_AT("03 09 \"127.0.0.1\" {udp-port}"),
                            AT(PROXY_UDP, EXPECT,
                               DATAGRAM("{dst}") "{ask} [resolves it] or silence [refuses it]"),
                            FIN(STDIN), GETS("end"), EXITS("EXIT:??"))),
    UDP_CASE("rfc1928/6/client-udp-octet-by-octet", STREAM, .segment = SEGMENT_BYTES,
             .says = "The reply to UDP ASSOCIATE comes octet by octet.", .steps = REACHES("{udp}")),
    UDP_CASE("rfc1928/6/client-udp-rep-1", FAILURE_SEEN,
             .says = "REP 01 to UDP ASSOCIATE: the client fails and sends no datagram.",
             .steps = UDP_REFUSED(REPLY_HEAD("01") "BND:{udp}")),
    UDP_CASE("rfc1928/6/client-udp-rep-7", FAILURE_SEEN,
             .says = "REP 07 to UDP ASSOCIATE: the client fails and sends no datagram.",
             .steps = UDP_REFUSED(REPLY_HEAD("07") "BND:{udp}")),
    UDP_CASE("rfc1928/6/client-udp-end-within-reply", ABANDONED,
             .says = "The proxy ends the connection within the reply to UDP ASSOCIATE.",
             .steps = STEPS(FEEDS, HANDSHAKE, GETS("VER:05 CMD:03 RSV:00 DST:{addr}"),
                            ANSWERS("VER:05 REP:00 RSV:00 ATYP:01 ADDR:7f000001"), FIN(PROXY),
                            GIVES_UP)),
    CLIENT_CASE("rfc1928/6/client-no-udp", "rfc1928/5/client-unsupported",
                .needs = NEED_NO_UDP | NEED_NO_AUTH | NEED_PIPE,
                .says = "A client without UDP ASSOCIATE fails when it is told to.",
                .steps = STEPS(EXITS("EXIT:!00"))),
    {0},
};
