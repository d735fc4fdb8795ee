/* One-time auth as an ss-local uses it: what it signs is verified as it comes. */
#include "cases.h"

#define HEADER_RULE "ss-ota/local/header"
#define CHUNKS "ss-ota/local/chunks"
#define ANSWERED "ss-ota/local/reply"
#define DATAGRAM_RULE "ss-ota/local/datagram"
#define UNASKED "ss-ota/local/unasked"
#define ASKED .needs = NEED_OTA | NEED_OTA_REQUIRED
#define ASKED_UDP .needs = NEED_OTA | NEED_OTA_REQUIRED | NEED_UDP
#define BOTH(dst, data)                                                                            \
    HANDSHAKE, SEND(CONNECT(dst) " DATA:" data), EXPECT(SUCCESS),                                  \
        AT(SERVER, EXPECT, "DST:" dst " DATA:" data)

const struct test_case ss_ota_local_cases[] = {
    LOCAL_CASE("ss-ota/local/ipv4", HEADER_RULE, ASKED,
               .says = "The header of an IPv4 address has flag and tag.", .steps = STEPS(LINKED)),
    LOCAL_CASE("ss-ota/local/ipv6", HEADER_RULE, ASKED | NEED_IPV6,
               .says = "The header of an IPv6 address, likewise.",
               .steps = STEPS(TUNNEL("{target6}"))),
    LOCAL_CASE("ss-ota/local/name", HEADER_RULE, ASKED | NEED_DOMAIN,
               .says = "The header of a name, likewise.",
               .steps = STEPS(TUNNEL("03 0f \"example.invalid\" {port}"))),
    LOCAL_CASE("ss-ota/local/name-255", HEADER_RULE, ASKED | NEED_DOMAIN,
               .says = "The header of a name of 255 octets, likewise.",
               .steps = STEPS(TUNNEL("03 ff 61*255 {port}"))),
    LOCAL_CASE("ss-ota/local/with-payload", HEADER_RULE, ASKED,
               .says = "Request and payload in one segment: the tag is of the header alone, the "
                       "payload is the first chunk.",
               .seen = "Python shadowsocks 2.9.1 (field 3)",
               .steps = STEPS(BOTH("{target}", "\"hello\""))),
    LOCAL_CASE("ss-ota/local/with-large-payload", HEADER_RULE, ASKED,
               .says = "Request and 20,000 octets in one segment, likewise.",
               .seen = "Python shadowsocks 2.9.1 (field 3)",
               .steps = STEPS(BOTH("{target}", "{payload 20000}"))),
    LOCAL_CASE("ss-ota/local/greeting-with-all", HEADER_RULE, ASKED, .segment = SEGMENT_COALESCED,
               .says = "Greeting, request and payload in one segment, likewise.",
               .seen = "Python shadowsocks 2.9.1 (field 3)",
               .steps =
                   STEPS(HANDSHAKE, SEND(CONNECT("{target}")), SEND("{payload 300}"),
                         EXPECT(SUCCESS), AT(SERVER, EXPECT, "DST:{target} DATA:{payload 300}"))),
    LOCAL_CASE("ss-ota/local/octet-by-octet", HEADER_RULE, ASKED, .segment = SEGMENT_BYTES,
               .says = "All octet by octet: the header's tag is that of the whole header.",
               .steps = STEPS(LINKED)),

    LOCAL_CASE("ss-ota/local/chunk-1", CHUNKS, ASKED, .says = "A chunk of one octet.",
               .steps = STEPS(LINKED, SEND("00"), AT(SERVER, EXPECT, "00"))),
    LOCAL_CASE("ss-ota/local/chunks-in-turn", CHUNKS, ASKED,
               .says = "Four chunks, each written when the one before has come.",
               .steps = STEPS(LINKED, SEND("01"), AT(SERVER, EXPECT, "01"), SEND("0203"),
                              AT(SERVER, EXPECT, "0203"), SEND("{payload 400}"),
                              AT(SERVER, EXPECT, "{payload 400}"), SEND("04"),
                              AT(SERVER, EXPECT, "04"))),
    LOCAL_CASE("ss-ota/local/many-small", CHUNKS, ASKED, .segment = SEGMENT_BYTES,
               .says = "300 chunks of an octet or few: the number goes on past 255.",
               .steps = STEPS(LINKED, SEND("{payload 300}"), AT(SERVER, EXPECT, "{payload 300}"))),
    LOCAL_CASE("ss-ota/local/sent-65535", CHUNKS, ASKED, .says = "65535 octets at once.",
               .steps =
                   STEPS(LINKED, SEND("{payload 65535}"), AT(SERVER, EXPECT, "{payload 65535}"))),
    LOCAL_CASE("ss-ota/local/sent-65537", CHUNKS, ASKED,
               .says = "65537 octets at once, more than a chunk can have.",
               .steps =
                   STEPS(LINKED, SEND("{payload 65537}"), AT(SERVER, EXPECT, "{payload 65537}"))),
    LOCAL_CASE("ss-ota/local/sent-4mb", CHUNKS, ASKED, .says = "Four megabytes to the server.",
               .steps = STEPS(LINKED, TRANSFER(CLIENT, SERVER, 4194304))),
    LOCAL_CASE("ss-ota/local/before-end", CHUNKS, ASKED,
               .says = "The last chunk is whole before the FIN.",
               .steps = STEPS(LINKED, SEND("{payload 30000}"), FIN(CLIENT),
                              AT(SERVER, EXPECT, "{payload 30000}"), AT(SERVER, EXPECT, "fin"))),

    LOCAL_CASE("ss-ota/local/answer", ANSWERED, ASKED,
               .says = "An answer without chunks and tags is taken as it is.",
               .steps = STEPS(LINKED, ANSWER("{salt} data(\"hello\")"), EXPECT("\"hello\""))),
    LOCAL_CASE("ss-ota/local/answer-like-chunk", ANSWERED, ASKED,
               .says = "An answer that looks like a chunk stays what it is.",
               .steps = STEPS(LINKED, ANSWER("{salt} plain(0002 00*10 \"hi\")"),
                              EXPECT("0002 00*10 \"hi\""))),
    LOCAL_CASE("ss-ota/local/taken-4mb", ANSWERED, ASKED, .says = "Four megabytes from the server.",
               .steps = STEPS(LINKED, ANSWER("{salt}"), TRANSFER(SERVER, CLIENT, 4194304))),
    LOCAL_CASE("ss-ota/local/exchange", ANSWERED, ASKED,
               .says = "Chunks one way and none the other, at the same time.",
               .steps = STEPS(LINKED, ANSWER("{salt}"), EXCHANGE(CLIENT, SERVER, 1048576))),

    LOCAL_CASE("ss-ota/local/datagram", DATAGRAM_RULE, ASKED_UDP,
               .says = "A datagram has flag and tag.",
               .seen = "pproxy has it on TCP only (field 56)",
               .steps = STEPS(ASSOCIATED, LOCAL_DATAGRAM("{target}", "\"hello\""))),
    LOCAL_CASE("ss-ota/local/datagram-name", DATAGRAM_RULE, ASKED_UDP | NEED_DOMAIN,
               .says = "A datagram to a name, likewise.",
               .steps = STEPS(ASSOCIATED,
                              LOCAL_DATAGRAM("03 0f \"example.invalid\" {port}", "\"hello\""))),
    LOCAL_CASE("ss-ota/local/datagram-empty", DATAGRAM_RULE, ASKED_UDP,
               .says = "A datagram without data: the tag is of the header.",
               .steps = STEPS(ASSOCIATED, LOCAL_DATAGRAM("{target}", ""))),
    LOCAL_CASE("ss-ota/local/datagram-1400", DATAGRAM_RULE, ASKED_UDP,
               .says = "A datagram of 1400 octets, likewise.",
               .steps = STEPS(ASSOCIATED, LOCAL_DATAGRAM("{target}", "{payload 1400}"))),
    LOCAL_CASE("ss-ota/local/datagram-answer", DATAGRAM_RULE, ASKED_UDP,
               .says = "The answer has neither, and comes through.",
               .steps = STEPS(ASSOCIATED, LOCAL_DATAGRAM("{target}", "\"hello\""),
                              AT(SERVER_UDP, SEND, "{salt} header({target} \"you\")"),
                              AT(UDP, EXPECT, DATAGRAM("{target}") "\"you\""))),

    LOCAL_CASE("ss-ota/local/no-flag", UNASKED, .needs = NEED_OTA_OPTIONAL,
               .says = "Without one-time auth the type is 01, and payload follows the port.",
               .steps = STEPS(LINKED)),
    LOCAL_CASE("ss-ota/local/no-flag-name", UNASKED, .needs = NEED_OTA_OPTIONAL | NEED_DOMAIN,
               .says = "Of a name the type is 03.",
               .steps = STEPS(TUNNEL("03 0f \"example.invalid\" {port}"))),
    LOCAL_CASE("ss-ota/local/no-flag-datagram", UNASKED, .needs = NEED_OTA_OPTIONAL | NEED_UDP,
               .says = "Of a datagram the type is 01, and no tag follows the data.",
               .steps = STEPS(ASSOCIATED, LOCAL_DATAGRAM("{target}", "\"hello\""))),
    {0},
};
