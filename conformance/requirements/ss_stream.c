/* What the stream methods ask. */
#include "requirements.h"

const struct requirement ss_stream_requirements[] = {
    {.id = "ss-stream/key/from-password",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "The key is MD5 of the password, then of the last block and the "
             "password, joined and cut to size.",
     .why = "Without it two implementations share no key."},
    {.id = "ss-stream/method/sizes",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "Each method has its size of key and of IV.",
     .why = "One octet off and nothing decrypts."},
    {.id = "ss-stream/method/cipher",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "A direction is its IV, then the text under the method as one stream.",
     .why = "A cipher that starts anew at a segment loses step."},
    {.id = "ss-stream/session/iv-own",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "Each direction of each connection has an IV of its own, new every "
             "time.",
     .why = "Two texts under one IV give away what both have in common."},
    {.id = "ss-stream/session/iv-split",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "The IV is found however the stream is cut.",
     .why = "A short first segment becomes a short IV (field 6, 33)."},
    {.id = "ss-stream/session/continuous",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "A direction is one stream under its cipher, however it is written and "
             "read.",
     .why = "A cipher that starts anew at a segment loses step."},
    {.id = "ss-stream/session/garbage",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_CHOICE,
     .rule = "What is garbage to a stream method cannot be told from a header: the "
             "server waits, or ends the connection.",
     .why = "A stream method authenticates nothing: known weak."},
    {0},
};
