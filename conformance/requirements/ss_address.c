/* What the Shadowsocks address header asks. Levels as in rfc1928.c; where there is no text the
 * Python original and most implementations are the measure. */
#include "requirements.h"

const struct requirement ss_address_requirements[] = {
    {.id = "ss-address/header/form",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "A stream begins with TYPE, ADDR and PORT as SOCKS5 has them from ATYP "
             "on, PORT in network order.",
     .why = "It is where the server learns whom to connect; everything behind it is "
            "payload."},
    {.id = "ss-address/header/types",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "TYPE is 01, 03 or 04, and with one-time authentication 11, 13 or 14; "
             "anything else is refused.",
     .why = "Under a stream cipher wrong keys give random octets: each TYPE that is "
            "let through makes a server dial strangers.",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-address/header/type-bits",
     .section = "Shadowsocks, address header",
     .level = LEVEL_DEFACTO,
     .rule = "Bits 5 to 7 of TYPE are 0; they are not masked off.",
     .why = "The Python original masks with 0F and takes 3 in 16 random octets for "
            "an address (field 8).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-address/header/ota-flag",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "The flag 10 in TYPE stands only where one-time authentication may be "
             "used: stream methods, client to server.",
     .why = "A flag that is taken where none can be turns payload into tags (field "
            "9, 28).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-address/header/domain-empty",
     .section = "Shadowsocks, address header",
     .level = LEVEL_DEFACTO,
     .rule = "A name of no octets is refused.",
     .why = "Readers that take an octet before they look at the length swallow the "
            "port (field 54).",
     .waived = HELD_BY_VECTORS},
    {.id = "ss-address/header/segmentation",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "The header is found however the stream is cut, over AEAD chunks too.",
     .why = "Implementations that want it in one read lose connections (field 5, "
            "29, 44).",
     .waived = HELD_BY_VECTORS},
    {0},
};
