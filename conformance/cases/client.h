/* What the rows of SOCKS5 clients share. The suite plays the proxy; the client is started for each
 * case, told to reach {dst} and to do what --payload says: to pass {ask} on, and to deliver what
 * comes back. A client that can be told ({command}) to BIND writes the address of the first reply
 * as a line and does the same behind the second; told to associate it sends each line that it is
 * fed in a datagram, and delivers what is in those that come back, until it is fed no more. */
#ifndef CASES_CLIENT_H
#define CASES_CLIENT_H

#include "cases.h"

extern const struct test_case client_3_cases[];
extern const struct test_case client_4_cases[];
extern const struct test_case client_5_cases[];
extern const struct test_case client_6_cases[];
extern const struct test_case client_6_relay_cases[];
extern const struct test_case client_6_bind_cases[];
extern const struct test_case client_7_cases[];
extern const struct test_case client_1929_2_cases[];

#define CLIENT_CASE(case_id, rule_id, ...)                                                         \
    {                                                                                              \
        .id = case_id, .requirement = rule_id, .role = ROLE_SOCKS5_CLIENT, __VA_ARGS__             \
    }

#define GETS(t) AT(PROXY, EXPECT, t)
#define ANSWERS(t) AT(PROXY, SEND, t)
#define DELIVERS(t) AT(STDOUT, EXPECT, t)
#define EXITS(t) AT(PROCESS, EXPECT, t)
#define GETS_IN(ms, t)                                                                             \
    {                                                                                              \
        OP_EXPECT, PROXY, t, ms, PROXY                                                             \
    }
#define FEEDS AT(STDIN, SEND, "{ask}")

#define SOME_METHODS "VER:05 METHODS:{methods}"
#define REQUESTED(dst) "VER:05 CMD:01 RSV:00 DST:" dst
#define A_REQUEST REQUESTED("{dst}") " or " REQUESTED("{dst-text}")
#define REQUEST_OR_END                                                                             \
    REQUESTED("{dst}") " [takes it] or " REQUESTED("{dst-text}") " [takes it] or end [refuses it]"
#define GRANTED "VER:05 REP:00 RSV:00 ATYP:01 ADDR:7f000001 PORT:0000"
#define REPLY_HEAD(rep) "VER:05 REP:" rep " RSV:00 "
#define REPLIED(rep) REPLY_HEAD(rep) "ATYP:01 ADDR:00000000 PORT:0000"
#define PAGE "{head} {payload 200}"

/* Up to the request; to the reply; the exchange behind it, which the proxy ends; the whole. */
#define ASKED FEEDS, HANDSHAKE, GETS(A_REQUEST)
#define CONNECTS ASKED, ANSWERS(GRANTED), GETS("{ask}")
#define ENDS FIN(PROXY), FIN(STDIN)
#define DELIVERED DELIVERS("{payload 200}"), DELIVERS("end"), EXITS("EXIT:00")
#define SERVED ANSWERS(PAGE), ENDS, DELIVERED
#define SERVES CONNECTS, SERVED

/* Of BIND up to the first reply and to the second; of UDP ASSOCIATE up to the reply, and to the
 * first datagram. */
#define TOLD_AS(bnd, line)                                                                         \
    FEEDS, HANDSHAKE, GETS("VER:05 CMD:02 RSV:00 DST:{dst}"), ANSWERS(REPLY_HEAD("00") bnd),       \
        DELIVERS(line)
#define WAITS TOLD_AS("ATYP:01 ADDR:cb007109 PORT:1f90", "\"203.0.113.9:8080\" 0a")
#define DIALLED WAITS, ANSWERS(GRANTED), GETS("{ask}")
#define ASSOCIATES_AT(bnd)                                                                         \
    FEEDS, HANDSHAKE, GETS("VER:05 CMD:03 RSV:00 DST:{addr}"),                                     \
        ANSWERS("VER:05 REP:00 RSV:00 BND:" bnd)
#define DATAGRAM_OUT(octets) AT(PROXY_UDP, EXPECT, DATAGRAM("{dst}") octets)
#define DATAGRAM_IN(src, octets) AT(PROXY_UDP, SEND, "RSV:0000 FRAG:00 SRC:" src " DATA:" octets)
#define TALKS ASSOCIATES_AT("{udp}"), DATAGRAM_OUT("{ask}")
#define STOPS FIN(STDIN), GETS("end"), DELIVERS("end"), EXITS("EXIT:00")

/* The client ends its connection, and says by its status that it has failed. */
#define GIVES_UP GETS("end"), EXITS("EXIT:!00")
#define TRIES_AGAIN_OR_NOT                                                                         \
    AT(PROXY_AGAIN, EXPECT, "end [one connection] or VER:?? [connects again]"), RST(PROXY_AGAIN),  \
        EXITS("EXIT:!00")
/* It takes an answer that the text does not foresee, or does not. */
#define TAKES_OR_NOT                                                                               \
    GETS("{ask} [takes it] or end [refuses it]"), ANSWERS(PAGE), ENDS,                             \
        DELIVERS("{payload 200} or end"), EXITS("EXIT:??")

#endif
