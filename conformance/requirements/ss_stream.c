/* What the stream methods ask. */
#include "requirements.h"

const struct requirement ss_stream_requirements[] = {
    {.id = "ss-stream/key/from-password",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "The key is MD5 of the password, then of the last block and the "
             "password, joined and cut to size.",
     .why = "Without it two implementations share no key.",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-stream/method/sizes",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "Each method has its size of key and of IV.",
     .why = "One octet off and nothing decrypts.",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-stream/method/cipher",
     .section = "Shadowsocks, stream ciphers",
     .level = LEVEL_MUST,
     .rule = "A direction is its IV, then the text under the method as one stream.",
     .why = "A cipher that starts anew at a segment loses step.",
     .waived = HELD_BY_VECTORS},
    {0},
};
