/* Probes of every length, and what the peer does about each. */
#include "cases.h"

#include "../engine/sweep.h"

const struct test_case ss_probe_sweep_cases[] = {
    SS_CASE(
        "ss-probe/sweep/random-whole", "ss-probe/sweep/uniform",
        .needs = NEED_SWEEP | NEED_AEAD | NEED_ISOLATION,
        .says = "Random octets, 1 to 300, 500 and 3000 of them, in one write: one reaction, at "
                "about the same time.",
        .seen =
            "v2ray 4.34 resets at once where 3000 octets come, and waits on for fewer (field 40)",
        .steps = STEPS(SWEEP(SWEEP_RANDOM, 0))),
    SS_CASE("ss-probe/sweep/random-octets", "ss-probe/sweep/uniform",
            .needs = NEED_SWEEP | NEED_AEAD | NEED_ISOLATION,
            .says = "Random octets, 1 to 300, 500 and 3000 of them, octet by octet: one reaction, "
                    "at about the same time.",
            .steps = STEPS(SWEEP(SWEEP_RANDOM, 1))),
    SS_CASE("ss-probe/sweep/replayed-whole", "ss-probe/sweep/uniform",
            .needs = NEED_SWEEP | NEED_AEAD | NEED_ISOLATION,
            .says = "The first octets of what a client has sent, 1 to 300, 500 and 3000 of them, "
                    "in one write: one reaction, at about the same time.",
            .steps = STEPS(SWEEP(SWEEP_REPLAYED, 0))),
    SS_CASE("ss-probe/sweep/replayed-octets", "ss-probe/sweep/uniform",
            .needs = NEED_SWEEP | NEED_AEAD | NEED_ISOLATION,
            .says = "The first octets of what a client has sent, 1 to 300, 500 and 3000 of them, "
                    "octet by octet: one reaction, at about the same time.",
            .steps = STEPS(SWEEP(SWEEP_REPLAYED, 1))),
    SS_CASE("ss-probe/sweep/flipped-whole", "ss-probe/sweep/uniform",
            .needs = NEED_SWEEP | NEED_AEAD | NEED_ISOLATION,
            .says =
                "The first octets of what a client has sent, the last of them changed, 1 to 300, "
                "500 and 3000 of them, in one write: one reaction, at about the same time.",
            .steps = STEPS(SWEEP(SWEEP_FLIPPED, 0))),
    SS_CASE("ss-probe/sweep/flipped-octets", "ss-probe/sweep/uniform",
            .needs = NEED_SWEEP | NEED_AEAD | NEED_ISOLATION,
            .says =
                "The first octets of what a client has sent, the last of them changed, 1 to 300, "
                "500 and 3000 of them, octet by octet: one reaction, at about the same time.",
            .steps = STEPS(SWEEP(SWEEP_FLIPPED, 1))),
    SS_CASE("ss-probe/sweep/stream-random-whole", "ss-probe/sweep/stream",
            .needs = NEED_SWEEP | NEED_STREAM | NEED_ISOLATION,
            .says = "Random octets, 1 to 300, 500 and 3000 of them, in one write under a stream "
                    "method: what comes of it.",
            .steps = STEPS(SWEEP(SWEEP_RANDOM, 0))),
    SS_CASE("ss-probe/sweep/stream-random-octets", "ss-probe/sweep/stream",
            .needs = NEED_SWEEP | NEED_STREAM | NEED_ISOLATION,
            .says = "Random octets, 1 to 300, 500 and 3000 of them, octet by octet under a stream "
                    "method: what comes of it.",
            .steps = STEPS(SWEEP(SWEEP_RANDOM, 1))),
    SS_CASE("ss-probe/sweep/stream-replayed-whole", "ss-probe/sweep/stream",
            .needs = NEED_SWEEP | NEED_STREAM | NEED_ISOLATION,
            .says = "The first octets of what a client has sent, 1 to 300, 500 and 3000 of them, "
                    "in one write under a stream method: what comes of it.",
            .steps = STEPS(SWEEP(SWEEP_REPLAYED, 0))),
    SS_CASE("ss-probe/sweep/stream-replayed-octets", "ss-probe/sweep/stream",
            .needs = NEED_SWEEP | NEED_STREAM | NEED_ISOLATION,
            .says = "The first octets of what a client has sent, 1 to 300, 500 and 3000 of them, "
                    "octet by octet under a stream method: what comes of it.",
            .steps = STEPS(SWEEP(SWEEP_REPLAYED, 1))),
    SS_CASE("ss-probe/sweep/stream-flipped-whole", "ss-probe/sweep/stream",
            .needs = NEED_SWEEP | NEED_STREAM | NEED_ISOLATION,
            .says =
                "The first octets of what a client has sent, the last of them changed, 1 to 300, "
                "500 and 3000 of them, in one write under a stream method: what comes of it.",
            .steps = STEPS(SWEEP(SWEEP_FLIPPED, 0))),
    SS_CASE("ss-probe/sweep/stream-flipped-octets", "ss-probe/sweep/stream",
            .needs = NEED_SWEEP | NEED_STREAM | NEED_ISOLATION,
            .says =
                "The first octets of what a client has sent, the last of them changed, 1 to 300, "
                "500 and 3000 of them, octet by octet under a stream method: what comes of it.",
            .steps = STEPS(SWEEP(SWEEP_FLIPPED, 1))),
    {0},
};
