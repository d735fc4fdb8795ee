#include "wire.h"

#include <stdbool.h>

#include <sockspec/shadowsocks.h>

/* What TYPE means as ATYP: all of its bits but the flag, and but those that PY ignores. */
/*@ assigns \nothing;
    ensures \result == (mode == SKS_SS_PY ? type & 0x0f : type & 0xef); */
static inline uint8_t address_type(uint8_t type, enum sks_ss_mode mode)
{
    uint8_t bits = mode == SKS_SS_PY ? 0x0f : 0xef;
    //@ assert (uint8_t)(type & bits) == (type & bits);
    return type & bits;
}

/*@ assigns \nothing;
    ensures \result == sks_ss_name_min(mode); */
static inline size_t name_min(enum sks_ss_mode mode)
{
    return mode == SKS_SS_PY ? 0 : 1;
}

/* Whether mode takes the flag of type, or its absence. That type means an address at all, which is
 * the graver fault if it does not, is looked at here only when the flag is wrong. */
/*@ assigns \nothing;
    ensures \result == sks_ss_flag_answer(type, mode); */
static inline enum sks_status judge_flag(uint8_t type, enum sks_ss_mode mode)
{
    bool flag = (type & SKS_SS_OTA_FLAG) != 0;
    if (mode != (flag ? SKS_SS_PLAIN : SKS_SS_OTA_REQUIRED))
        return SKS_OK;
    switch (address_type(type, mode)) {
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
    s = wire_addr_parse_as(&out->dst, address_type(type, mode), name_min(mode), data, 0, len, used);
    if (s == SKS_OK)
        out->type = type;
    return s;
}

enum sks_status sks_ss_header_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                     enum sks_ss_mode mode, size_t *used)
{
    enum sks_status s = judge_flag(in->type, mode);
    if (s == SKS_OK && in->dst.atyp != address_type(in->type, mode))
        s = SKS_ERR_ATYP;
    if (s != SKS_OK)
        return wire_error(s, 0, used);
    s = wire_addr_size_as(&in->dst, name_min(mode), 0, used);
    if (s != SKS_OK)
        return s;
    if (cap < *used)
        return SKS_ERR_SPACE;
    //@ assert sks_addr_fit(&in->dst, 0) == SKS_OK && sks_addr_room(&in->dst) == *used;
    wire_addr_write(buf, &in->dst);
    //@ assert sks_addr_written_behind(&in->dst, buf);
    //@ assert sks_kept{Pre, Here}(buf, *used, cap);
    buf[0] = in->type;
    //@ assert sks_addr_written_behind(&in->dst, buf);
    //@ assert sks_kept{Pre, Here}(buf, *used, cap);
    //@ assert in->type == \at(in->type, Pre) && in->dst == \at(in->dst, Pre);
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
