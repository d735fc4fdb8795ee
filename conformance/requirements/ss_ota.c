/* What one-time authentication asks. */
#include "requirements.h"

const struct requirement ss_ota_requirements[] = {
    {.id = "ss-ota/header/tag",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "The header's tag is the first 10 octets of HMAC-SHA1 under IV and key "
             "over TYPE to PORT, the flag included, and nothing else.",
     .why = "The original signs pipelined payload with it and is refused (field 3).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-ota/chunk/form",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "A chunk is LEN of 0 to 65535, a tag of 10 octets and LEN octets.",
     .why = "A size in 16 bits overflows from 65526 on where the head is added to "
            "it (field 39).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-ota/chunk/tag",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "A chunk's tag is HMAC-SHA1 under IV and the chunk's number, four "
             "octets big endian from 0, over its data.",
     .why = "Chunks could be swapped or repeated otherwise.",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-ota/chunk/index",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "Every chunk takes a number, an empty one too, and one with a bad tag "
             "ends the connection.",
     .why = "A number that stays lets a chunk be sent twice (field 2, 57).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-ota/chunk/segmentation",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "A chunk is found however the stream is cut; nothing that was verified "
             "is lost behind a partial head.",
     .why = "The original drops data there (field 1); another hangs on a split tag "
            "(field 21).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-ota/chunk/verified",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "No octet of a chunk is handed on before its tag is verified.",
     .why = "What is forwarded cannot be taken back.",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-ota/datagram/tag",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "A datagram ends with a tag over all before it, under IV and key.",
     .why = "Else a datagram can be changed on its way.",
     .waived = HELD_BY_VECTORS},
    {0},
};
