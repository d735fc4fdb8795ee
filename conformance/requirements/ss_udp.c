/* What Shadowsocks asks of datagrams. */
#include "requirements.h"

const struct requirement ss_udp_requirements[] = {
    {.id = "ss-udp/aead/form",
     .section = "SIP004",
     .level = LEVEL_MUST,
     .rule = "A datagram is its salt, then header and data sealed under nonce 0.",
     .why = "Each has a subkey of its own, so the nonce need not count.",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-udp/aead/verified",
     .section = "SIP004",
     .level = LEVEL_MUST,
     .rule = "A datagram whose tag is wrong is dropped.",
     .why = "Else anybody speaks through the relay.",
     .waived = HELD_BY_VECTORS},
    {0},
};
