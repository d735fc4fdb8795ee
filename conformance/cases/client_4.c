/* RFC 1928 section 4, clients: requests. */
#include "client.h"

#define REQUEST_FORM "rfc1928/4/client-form"
#define BYPASS "rfc1928/3/client-bypass"

const struct test_case client_4_cases[] = {
    CLIENT_CASE("rfc1928/4/client-request", REQUEST_FORM,
                .says = "The request is VER 05, CMD 01, RSV 00 and the target.",
                .steps = STEPS(ASKED)),
    CLIENT_CASE("rfc1928/4/client-rsv", REQUEST_FORM, .says = "RSV is 00.",
                .steps = STEPS(FEEDS, HANDSHAKE, GETS("VER:?? CMD:?? RSV:00"), RST(PROXY))),
    CLIENT_CASE("rfc1928/4/client-command", REQUEST_FORM, .says = "CMD is 01, CONNECT.",
                .seen = "torsocks sends f0 to resolve",
                .steps = STEPS(FEEDS, HANDSHAKE, GETS("VER:05 CMD:01"), RST(PROXY))),
    CLIENT_CASE(
        "rfc1928/4/client-port", REQUEST_FORM, .says = "DST.PORT is in network octet order.",
        .seen = "libuv's sample, where a name is empty (field 54)",
        .steps =
            STEPS(FEEDS, HANDSHAKE,
                  GETS("VER:05 CMD:01 RSV:00 ATYP:01 ADDR:?? ?? ?? ?? PORT:{port} or " REQUESTED(
                      "{dst-text}")))),
    CLIENT_CASE("rfc1928/4/client-waits", "rfc1928/4/client-pipelining",
                .says = "Behind the request it waits for the reply, or sends payload at once.",
                .steps = STEPS(ASKED, GETS("silence [waits] or {ask} [sends payload at once]"),
                               RST(PROXY))),
    CLIENT_CASE("rfc1928/4/client-nothing-more", REQUEST_FORM,
                .says = "Behind the reply comes what the application says, and nothing else.",
                .steps = STEPS(CONNECTS, GETS("silence"), SERVED)),
    CLIENT_CASE("rfc1928/4/client-end-for-reply", "rfc1928/3/client-abandoned",
                .says = "The proxy ends the connection instead of a reply.",
                .steps = STEPS(ASKED, FIN(PROXY), GIVES_UP)),
    CLIENT_CASE("rfc1928/4/client-reset-for-reply", "rfc1928/3/client-abandoned",
                .says = "The proxy resets the connection instead of a reply.",
                .steps = STEPS(ASKED, RST(PROXY), EXITS("EXIT:!00"))),
    CLIENT_CASE(
        "rfc1928/4/client-bypass-after-refusal", BYPASS,
        .says = "REP 02: the client does not reach the target without the proxy.",
        .steps = STEPS(ASKED, ANSWERS(REPLIED("02")), GETS("end"), UNTOUCHED, EXITS("EXIT:!00"))),
    CLIENT_CASE("rfc1928/4/client-bypass-after-end", BYPASS,
                .says = "The proxy ends the connection instead of a reply: the client does not "
                        "reach the target without it.",
                .steps = STEPS(ASKED, FIN(PROXY), GETS("end"), UNTOUCHED, EXITS("EXIT:!00"))),
    {0},
};
