#include "wire.h"

#include <stdbool.h>

#include <sockspec/shadowsocks.h>

/* Bits of TYPE that name the address; the others are the flag and what PY ignores. */
static inline uint8_t address_bits(enum sks_ss_mode mode)
{
    return mode == SKS_SS_PY ? 0x0f : 0xff & ~SKS_SS_OTA_FLAG;
}

static inline size_t name_min(enum sks_ss_mode mode)
{
    return mode == SKS_SS_PY ? 0 : 1;
}

/* Whether mode takes the flag of type, or its absence. That type means an address at all, which is
 * the graver fault if it does not, is looked at here only when the flag is wrong. */
static inline enum sks_status judge_flag(uint8_t type, enum sks_ss_mode mode)
{
    bool flag = (type & SKS_SS_OTA_FLAG) != 0;
    if (mode != (flag ? SKS_SS_PLAIN : SKS_SS_OTA_REQUIRED))
        return SKS_OK;
    switch (type & address_bits(mode)) {
    case SKS_ATYP_IPV4:
    case SKS_ATYP_DOMAIN:
    case SKS_ATYP_IPV6:
        return flag ? SKS_ERR_OTA_FORBIDDEN : SKS_ERR_OTA_REQUIRED;
    default:
        return SKS_ERR_ATYP;
    }
}

enum sks_status sks_ss_header_parse(struct sks_ss_header *out, const uint8_t *data, size_t len,
                                    enum sks_ss_mode mode, size_t *used)
{
    if (len < 1)
        return wire_more(used);
    uint8_t type = data[0];
    enum sks_status s = judge_flag(type, mode);
    if (s != SKS_OK)
        return wire_error(s, 0, used);
    s = wire_addr_parse_as(&out->dst, type & address_bits(mode), name_min(mode), data, 0, len,
                           used);
    if (s == SKS_OK)
        out->type = type;
    return s;
}

enum sks_status sks_ss_header_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                     enum sks_ss_mode mode, size_t *used)
{
    enum sks_status s = judge_flag(in->type, mode);
    if (s == SKS_OK && in->dst.atyp != (in->type & address_bits(mode)))
        s = SKS_ERR_ATYP;
    if (s != SKS_OK)
        return wire_error(s, 0, used);
    s = wire_addr_size_as(&in->dst, name_min(mode), 0, used);
    if (s != SKS_OK)
        return s;
    if (cap < *used)
        return SKS_ERR_SPACE;
    wire_addr_write(buf, &in->dst);
    buf[0] = in->type;
    return SKS_OK;
}

const char *sks_ss_mode_text(enum sks_ss_mode mode)
{
    static const char *const texts[] = {
#define SKS_X(constant, text) text,
        SKS_SS_MODE_LIST(SKS_X)
#undef SKS_X
    };
    return (size_t)mode < sizeof texts / sizeof texts[0] ? texts[mode] : "?";
}
