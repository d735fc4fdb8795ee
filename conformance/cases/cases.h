/* The tables of this folder, one file per section of a specification; each row is a case.
 * ../engine/case.h has the words. Below, what the rows of SOCKS5 servers share. */
#ifndef CASES_H
#define CASES_H

#include "../engine/case.h"

extern const struct test_case rfc1928_3_cases[];
extern const struct test_case rfc1928_4_cases[];
extern const struct test_case rfc1928_5_cases[];
extern const struct test_case rfc1928_6_cases[];
extern const struct test_case rfc1928_6_bind_cases[];
extern const struct test_case rfc1928_6_udp_cases[];
extern const struct test_case rfc1928_7_cases[];
extern const struct test_case rfc1928_7_front_cases[];
extern const struct test_case rfc1929_2_cases[];
extern const struct test_case stage_ssserver_cases[];
extern const struct test_case ss_probe_replay_cases[];
extern const struct test_case ss_probe_random_cases[];
extern const struct test_case ss_probe_sweep_cases[];
extern const struct test_case ss_ota_datagram_cases[];
extern const struct test_case ss_udp_aead_cases[];
extern const struct test_case ss_udp_cases[];
extern const struct test_case ss_ota_chunk_cases[];
extern const struct test_case ss_ota_header_cases[];
extern const struct test_case ss_aead_session_cases[];
extern const struct test_case ss_aead_cases[];
extern const struct test_case ss_stream_cases[];
extern const struct test_case ss_address_cases[];
extern const struct test_case ss_address_local_cases[];
extern const struct test_case ss_stream_local_cases[];
extern const struct test_case ss_aead_local_cases[];
extern const struct test_case ss_ota_local_cases[];
extern const struct test_case ss_udp_local_cases[];
extern const struct test_case stage_sslocal_cases[];
extern const struct test_case stage_front_cases[];
extern const struct test_case stage_socks5_server_cases[];

#define SERVER_CASE(case_id, rule_id, ...)                                                         \
    {                                                                                              \
        .id = case_id, .requirement = rule_id, .role = ROLE_SOCKS5_SERVER, __VA_ARGS__             \
    }

/* A row that holds word for word for the front of an ss-local, whose server is then its target. */
#define FRONT_CASE(case_id, rule_id, ...)                                                          \
    {                                                                                              \
        .id = case_id, .requirement = rule_id, .role = ROLE_SOCKS5_SERVER, .front = true,          \
        __VA_ARGS__                                                                                \
    }

#define GREETING(n, methods) "VER:05 NMETHODS:" n " METHODS:" methods
#define SELECTION(method) "VER:05 METHOD:" method
#define REQUEST(cmd, dst) "VER:05 CMD:" cmd " RSV:00 DST:" dst
#define REPLY(rep) "VER:05 REP:" rep " RSV:00 BND:{addr}"
#define CONNECT(dst) REQUEST("01", dst)
#define BIND REQUEST("02", "{dialer}")
#define ASSOCIATE REQUEST("03", "01 00000000 0000")
#define DATAGRAM(dst) "RSV:0000 FRAG:00 DST:" dst " DATA:"
#define USERPASS(u, p) "VER:01 UNAME:" u " PASSWD:" p

#define SUCCESS REPLY("00")
#define FAILURE REPLY("!00")
#define REFUSED FAILURE " or end"

#define ECHO(octets)                                                                               \
    SEND(octets), AT(TARGET, EXPECT, octets), AT(TARGET, SEND, octets), EXPECT(octets)
#define CONNECTED HANDSHAKE, SEND(CONNECT("{target}")), EXPECT(SUCCESS), OPEN(TARGET)
#define BOUND HANDSHAKE, SEND(BIND), EXPECT(SUCCESS)
#define ACCEPTED BOUND, OPEN(DIALER), EXPECT(SUCCESS)
#define ASSOCIATED HANDSHAKE, SEND(ASSOCIATE), EXPECT(SUCCESS)
#define UDP_ECHO(dst, octets)                                                                      \
    AT(UDP, SEND, DATAGRAM(dst) octets), AT(TARGET_UDP, EXPECT, octets),                           \
        AT(TARGET_UDP, SEND, octets), AT(UDP, EXPECT, "RSV:0000 FRAG:00 DST:{addr} DATA:" octets)

/* ---- what the rows of Shadowsocks servers share ---------------------------------------------- */

#define SS_CASE(case_id, rule_id, ...)                                                             \
    {                                                                                              \
        .id = case_id, .requirement = rule_id, .role = ROLE_SS_SERVER, __VA_ARGS__                 \
    }

#define HEADER(dst) "SALT:{salt} DST:header(" dst ")"
#define DATA(octets) "DATA:data(" octets ")"
#define SS_CONNECTED SEND(HEADER("{target}")), OPEN(TARGET)
#define SS_ECHO(octets)                                                                            \
    SEND(DATA(octets)), AT(TARGET, EXPECT, octets), AT(TARGET, SEND, octets), EXPECT(octets)
#define UDP_SEND(dst, octets) AT(UDP, SEND, "SALT:{salt} DST:header(" dst " " octets ")")
#define UDP_ECHOES(dst, octets)                                                                    \
    UDP_SEND(dst, octets), AT(TARGET_UDP, EXPECT, octets), AT(TARGET_UDP, SEND, octets),           \
        AT(UDP, EXPECT, "SRC:{addr} DATA:" octets)

/* What is not good gets nothing, and reaches nobody. */
#define DEAF "silence [waits on] or end [closes]"
#define REJECTED EXPECT(DEAF), MUTE(CLIENT), UNTOUCHED, RST(CLIENT)

/* ---- what the rows of Shadowsocks clients share ---------------------------------------------- */

#define LOCAL_CASE(case_id, rule_id, ...)                                                          \
    {                                                                                              \
        .id = case_id, .requirement = rule_id, .role = ROLE_SS_LOCAL, __VA_ARGS__                  \
    }

/* A tunnel to dst and its first payload, which some wait for: what the server gets. */
#define TUNNEL(dst)                                                                                \
    HANDSHAKE, SEND(CONNECT(dst)), EXPECT(SUCCESS), SEND("\"ping\""),                              \
        AT(SERVER, EXPECT, "DST:" dst " DATA:\"ping\"")
#define LINKED TUNNEL("{target}")
#define ANSWER(text) AT(SERVER, SEND, text)
#define LOCAL_DATAGRAM(dst, data)                                                                  \
    AT(UDP, SEND, DATAGRAM(dst) data), AT(SERVER_UDP, EXPECT, "DST:" dst " DATA:" data)

enum { CLOSE_LIMIT_MS = 10000 }; /* RFC 1928 section 6 */
#define CLOSES EXPECT_IN(CLOSE_LIMIT_MS, "end")

#endif
