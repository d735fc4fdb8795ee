/* What a server holds when all sessions have ended. */
#include "cases.h"

const struct test_case stage_socks5_server_cases[] = {
    SERVER_CASE("stage/socks5-server/descriptors", "stage/rest/descriptors", .needs = NEED_EXEC,
                .says = "After the run the peer has no more descriptors open than before it.",
                .steps = STEPS(RESTS)),
    SERVER_CASE("stage/socks5-server/memory", "stage/rest/memory", .needs = NEED_EXEC,
                .says = "Playing the cases again and again does not take more memory each time.",
                .steps = STEPS(RESTS)),
    {0},
};
