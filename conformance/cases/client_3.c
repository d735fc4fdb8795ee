/* RFC 1928 section 3, clients: greeting and selection. */
#include "client.h"

#define FORM "rfc1928/3/client-form"
#define DISTINCT "rfc1928/3/client-distinct"
#define OFFERS "rfc1928/3/client-offers"
#define SELECTION_TAKEN "rfc1928/3/client-selection"
#define NONE_ACCEPTABLE "rfc1928/3/client-none-acceptable"
#define UNOFFERED "rfc1928/3/client-unoffered"
#define VERSION "rfc1928/3/client-version"
#define STREAM "rfc1928/3/client-stream"
#define ABANDONED "rfc1928/3/client-abandoned"
#define BYPASS "rfc1928/3/client-bypass"
#define PATIENCE "rfc1928/3/client-patience"
#define RETRY "rfc1928/3/client-retry"

#define GREETS FEEDS, GETS(SOME_METHODS)
#define SELECTED(octets) STEPS(GREETS, ANSWERS(octets), GIVES_UP)
#define CHOSEN(method) SELECTED("VER:05 METHOD:" method)

const struct test_case client_3_cases[] = {
    CLIENT_CASE("rfc1928/3/client-greeting", FORM,
                .says = "The greeting is VER 05, NMETHODS and as many methods.",
                .steps = STEPS(GREETS)),
    CLIENT_CASE("rfc1928/3/client-methods-twice", DISTINCT, .says = "No method is offered twice.",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods distinct}"))),
    CLIENT_CASE("rfc1928/3/client-offers-none", OFFERS, .needs = NEED_NO_AUTH,
                .says = "Without credentials 00 is offered.",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods 00}"))),
    CLIENT_CASE("rfc1928/3/client-offers-no-userpass", OFFERS, .needs = NEED_NO_AUTH,
                .says = "Without credentials 02 is not offered.",
                .seen = "tsocks and connect-proxy offer 02 always",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods !02}"))),
    CLIENT_CASE("rfc1928/3/client-offers-no-ff", OFFERS, .says = "FF is not offered: it is none.",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods !ff}"))),
    CLIENT_CASE("rfc1928/3/client-offers-userpass", "rfc1928/3/client-userpass", .needs = NEED_AUTH,
                .says = "With credentials 02 is offered.",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods 02}"))),
    CLIENT_CASE("rfc1928/3/client-offers-none-too", "rfc1928/3/client-preference",
                .needs = NEED_AUTH, .says = "With credentials 00 is offered beside 02, or is not.",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods 00 02} [offers 00 too] or "
                                           "VER:05 METHODS:{methods !00 02} [offers 02 alone]"))),
    CLIENT_CASE("rfc1928/3/client-none-for-credentials", "rfc1928/3/client-preference",
                .needs = NEED_AUTH,
                .says = "The proxy asks a client that has credentials for none: it goes on, or "
                        "refuses.",
                .steps = STEPS(GREETS, ANSWERS("VER:05 METHOD:00"), GETS(REQUEST_OR_END),
                               ANSWERS(GRANTED), TAKES_OR_NOT)),
    CLIENT_CASE("rfc1928/3/client-gssapi", "rfc1928/3/client-gssapi-offered",
                .says = "GSSAPI is offered, or is not.",
                .steps = STEPS(FEEDS, GETS("VER:05 METHODS:{methods 01} [offers GSSAPI] or "
                                           "VER:05 METHODS:{methods !01} [does not]"))),
    CLIENT_CASE("rfc1928/3/client-waits", "rfc1928/3/client-pipelining",
                .says = "Behind the greeting it waits for the selection, or it sends on.",
                .steps = STEPS(GREETS, GETS("silence [waits] or ?? [sends on]"), RST(PROXY))),

    CLIENT_CASE("rfc1928/3/client-selects-none", SELECTION_TAKEN, .needs = NEED_NO_AUTH,
                .says = "The proxy selects 00: the request follows, and all is served.",
                .steps = STEPS(GREETS, ANSWERS("VER:05 METHOD:00"), GETS(A_REQUEST),
                               ANSWERS(GRANTED), GETS("{ask}"), SERVED)),
    CLIENT_CASE("rfc1928/3/client-selects-userpass", SELECTION_TAKEN, .needs = NEED_AUTH,
                .says = "The proxy selects 02: credentials, request, and all is served.",
                .steps =
                    STEPS(GREETS, ANSWERS("VER:05 METHOD:02"),
                          GETS("VER:01 UNAME:{user} PASSWD:{pass}"), ANSWERS("VER:01 STATUS:00"),
                          GETS(A_REQUEST), ANSWERS(GRANTED), GETS("{ask}"), SERVED)),
    CLIENT_CASE("rfc1928/3/client-ff", NONE_ACCEPTABLE,
                .says = "FF, and the proxy leaves the connection open: the client ends it, and "
                        "sends nothing more.",
                .steps = CHOSEN("ff")),
    CLIENT_CASE("rfc1928/3/client-ff-closed", NONE_ACCEPTABLE,
                .says = "FF, and the proxy ends the connection: the client fails.",
                .steps = STEPS(GREETS, ANSWERS("VER:05 METHOD:ff"), FIN(PROXY), GIVES_UP)),
    CLIENT_CASE("rfc1928/3/client-ff-and-more", NONE_ACCEPTABLE,
                .says = "Octets like a status and a reply of success stand behind FF: the client "
                        "fails all the same.",
                .steps = SELECTED("VER:05 METHOD:ff MORE:0100 05000001 00000000 0000")),
    CLIENT_CASE("rfc1928/3/client-method-3", UNOFFERED,
                .says = "The proxy selects 03, which was not offered.", .steps = CHOSEN("03")),
    CLIENT_CASE("rfc1928/3/client-method-127", UNOFFERED,
                .says = "The proxy selects 7f, which was not offered.", .steps = CHOSEN("7f")),
    CLIENT_CASE("rfc1928/3/client-method-128", UNOFFERED,
                .says = "The proxy selects 80, a private method that was not offered.",
                .steps = CHOSEN("80")),
    CLIENT_CASE("rfc1928/3/client-method-254", UNOFFERED,
                .says = "The proxy selects fe, a private method that was not offered.",
                .steps = CHOSEN("fe")),
    CLIENT_CASE("rfc1928/3/client-method-userpass", UNOFFERED, .needs = NEED_NO_AUTH,
                .says = "The proxy selects 02, and the client has no credentials: it fails.",
                .seen = "curl 7.88.1, proxychains 4.16, IO::Socket::Socks 0.74",
                .steps = CHOSEN("02")),

    CLIENT_CASE("rfc1928/3/client-version-0", VERSION, .needs = NEED_NO_AUTH,
                .says = "A selection with VER 00.", .steps = SELECTED("VER:00 METHOD:00")),
    CLIENT_CASE("rfc1928/3/client-version-1", VERSION, .needs = NEED_NO_AUTH,
                .says = "A selection with VER 01, that of RFC 1929.",
                .steps = SELECTED("VER:01 METHOD:00")),
    CLIENT_CASE("rfc1928/3/client-version-4", VERSION, .needs = NEED_NO_AUTH,
                .says = "A selection with VER 04.", .seen = "IO::Socket::Socks 0.74, socksio 1.0.0",
                .steps = SELECTED("VER:04 METHOD:00")),
    CLIENT_CASE("rfc1928/3/client-version-6", VERSION, .needs = NEED_NO_AUTH,
                .says = "A selection with VER 06.", .steps = SELECTED("VER:06 METHOD:00")),
    CLIENT_CASE("rfc1928/3/client-socks4", VERSION, .says = "The proxy answers as SOCKS4.",
                .steps = SELECTED("VN:00 CD:5b PORT:0000 IP:00000000")),
    CLIENT_CASE("rfc1928/3/client-http-answer", VERSION, .says = "The proxy is one for HTTP.",
                .steps = STEPS(GREETS,
                               ANSWERS("\"HTTP/1.1 400 Bad Request\" 0d0a "
                                       "\"Connection: close\" 0d0a0d0a"),
                               GIVES_UP)),

    CLIENT_CASE("rfc1928/3/client-octet-by-octet", STREAM, .segment = SEGMENT_BYTES,
                .says = "What the proxy says comes octet by octet.",
                .seen = "python-socks 2.0.3, socksio 1.0.0", .steps = STEPS(SERVES)),
    CLIENT_CASE("rfc1928/3/client-every-split", STREAM, .segment = SEGMENT_SPLIT,
                .says = "What the proxy says is cut in two at each place in turn.",
                .steps = STEPS(SERVES)),
    CLIENT_CASE("rfc1928/3/client-slow-selection", STREAM, .needs = NEED_NO_AUTH,
                .says = "A pause before the selection, and one within it.", .seen = "socksio 1.0.0",
                .steps = STEPS(GREETS, GETS("silence"), ANSWERS("VER:05"), GETS("silence"),
                               ANSWERS("METHOD:00"), GETS(A_REQUEST), ANSWERS(GRANTED),
                               GETS("{ask}"), SERVED)),
    CLIENT_CASE("rfc1928/3/client-early-reply", "rfc1928/3/client-early", .needs = NEED_NO_AUTH,
                .says = "The reply comes together with the selection, before the request.",
                .steps = STEPS(GREETS, ANSWERS("VER:05 METHOD:00 REPLY:" GRANTED),
                               GETS(REQUEST_OR_END), TAKES_OR_NOT)),
    CLIENT_CASE("rfc1928/3/client-octets-between", VERSION, .needs = NEED_NO_AUTH,
                .says = "An octet too many stands behind the selection: what follows is no reply.",
                .steps = STEPS(GREETS, ANSWERS("VER:05 METHOD:00 MORE:ff"),
                               GETS(A_REQUEST " or end"), ANSWERS(GRANTED), GIVES_UP)),

    CLIENT_CASE("rfc1928/3/client-reset-at-once", ABANDONED,
                .says = "The connection is reset as soon as it is there.",
                .steps = STEPS(FEEDS, OPEN(PROXY), RST(PROXY), EXITS("EXIT:!00"))),
    CLIENT_CASE("rfc1928/3/client-end-for-selection", ABANDONED,
                .says = "The proxy ends the connection instead of a selection.",
                .steps = STEPS(GREETS, FIN(PROXY), GIVES_UP)),
    CLIENT_CASE("rfc1928/3/client-end-within-selection", ABANDONED,
                .says = "The proxy ends the connection behind the first octet of the selection.",
                .steps = STEPS(GREETS, ANSWERS("VER:05"), FIN(PROXY), GIVES_UP)),
    CLIENT_CASE("rfc1928/3/client-reset-for-selection", ABANDONED,
                .says = "The proxy resets the connection instead of a selection.",
                .steps = STEPS(GREETS, RST(PROXY), EXITS("EXIT:!00"))),
    CLIENT_CASE("rfc1928/3/client-reset-within-selection", ABANDONED,
                .says = "The proxy resets the connection behind the first octet of the selection.",
                .steps = STEPS(GREETS, ANSWERS("VER:05"), RST(PROXY), EXITS("EXIT:!00"))),

    CLIENT_CASE("rfc1928/3/client-bypass-after-reset", BYPASS,
                .says = "The proxy resets the connection: the client does not reach the target "
                        "without it.",
                .steps = STEPS(FEEDS, OPEN(PROXY), RST(PROXY), UNTOUCHED, EXITS("EXIT:!00"))),
    CLIENT_CASE("rfc1928/3/client-bypass-after-end", BYPASS,
                .says = "The proxy ends the connection: the client does not reach the target "
                        "without it.",
                .steps = STEPS(GREETS, FIN(PROXY), GETS("end"), UNTOUCHED, EXITS("EXIT:!00"))),
    CLIENT_CASE("rfc1928/3/client-bypass-after-ff", BYPASS,
                .says = "FF: the client does not reach the target without the proxy.",
                .steps = STEPS(GREETS, ANSWERS("VER:05 METHOD:ff"), GETS("end"), UNTOUCHED,
                               EXITS("EXIT:!00"))),
    CLIENT_CASE(
        "rfc1928/3/client-patience-selection", PATIENCE,
        .says = "The selection does not come: the client gives up, or waits on.",
        .steps =
            STEPS(GREETS, GETS_IN(2500, "end [gives up within 2.5 s] or silence [waits longer]"))),
    CLIENT_CASE("rfc1928/3/client-again-after-ff", RETRY,
                .says = "After FF the client is through, or connects once more.",
                .steps =
                    STEPS(GREETS, ANSWERS("VER:05 METHOD:ff"), GETS("end"), TRIES_AGAIN_OR_NOT)),
    CLIENT_CASE("rfc1928/3/client-again-after-reset", RETRY,
                .says = "After an RST the client is through, or connects once more.",
                .steps = STEPS(GREETS, RST(PROXY), TRIES_AGAIN_OR_NOT)),
    {0},
};
