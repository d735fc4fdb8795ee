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
            "let through makes a server dial strangers."},
    {.id = "ss-address/header/type-bits",
     .section = "Shadowsocks, address header",
     .level = LEVEL_DEFACTO,
     .rule = "Bits 5 to 7 of TYPE are 0; they are not masked off.",
     .why = "The Python original masks with 0F and takes 3 in 16 random octets for "
            "an address (field 8)."},
    {.id = "ss-address/header/ota-flag",
     .section = "Shadowsocks, one-time auth",
     .level = LEVEL_MUST,
     .rule = "The flag 10 in TYPE stands only where one-time authentication may be "
             "used: stream methods, client to server.",
     .why = "A flag that is taken where none can be turns payload into tags (field "
            "9, 28)."},
    {.id = "ss-address/header/domain-empty",
     .section = "Shadowsocks, address header",
     .level = LEVEL_DEFACTO,
     .rule = "A name of no octets is refused.",
     .why = "Readers that take an octet before they look at the length swallow the "
            "port (field 54)."},
    {.id = "ss-address/header/segmentation",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "The header is found however the stream is cut, over AEAD chunks too.",
     .why = "Implementations that want it in one read lose connections (field 5, "
            "29, 44)."},
    {.id = "ss-address/header/incomplete",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "Nobody is connected to before the header is whole, and a header that "
             "comes late is served.",
     .why = "A server that goes by what one read brings dials a wrong port, or "
            "gives up."},
    {.id = "ss-address/header/truncated",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "A stream that ends within its header reaches nobody.",
     .why = "What is missing would be guessed."},
    {.id = "ss-address/header/payload",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "What follows the header is payload, from its first octet on, in the "
             "same segment or chunk too.",
     .why = "Payload is lost, or sent twice, where a read ends with the header."},
    {.id = "ss-address/header/domain-exact",
     .section = "Shadowsocks, address header",
     .level = LEVEL_DEFACTO,
     .rule = "A name has the octets that its length says, and no others.",
     .why = "A NUL or a missing end makes another name of it (field 31)."},
    {.id = "ss-address/header/domain-longest",
     .section = "Shadowsocks, address header",
     .level = LEVEL_MUST,
     .rule = "A name may have 255 octets.",
     .why = "One octet more than a buffer has is a known crash (field 31)."},
    {.id = "ss-address/header/domain-address",
     .section = "Shadowsocks, address header",
     .level = LEVEL_DEFACTO,
     .rule = "An address written as a name is connected to.",
     .why = "Clients that do not tell them apart send it so."},
    {0},
};
