#include "wire.h"

#include <sockspec/socks5.h>

enum { ADDR_AT = 3 };

enum sks_status sks_udp_header_parse(struct sks_udp_header *out, const uint8_t *data, size_t len,
                                     size_t *used)
{
    if (len < ADDR_AT)
        return wire_more(used);
    uint16_t rsv = wire_u16(data);
    uint8_t frag = data[2];
    enum sks_status s = wire_addr_parse(&out->dst, data, ADDR_AT, len, used);
    if (s == SKS_OK) {
        out->rsv = rsv;
        out->frag = frag;
    }
    return s;
}

enum sks_status sks_udp_header_encode(uint8_t *buf, size_t cap, const struct sks_udp_header *in,
                                      size_t *used)
{
    enum sks_status s = wire_addr_size(&in->dst, ADDR_AT, used);
    if (s != SKS_OK)
        return s;
    if (cap < *used)
        return SKS_ERR_SPACE;
    uint8_t frag = in->frag;
    wire_u16_write(buf, in->rsv);
    buf[2] = frag;
    //@ assert sks_addr_fit(&in->dst, 0) == SKS_OK && sks_addr_room(&in->dst) == *used - 3;
    //@ assert sks_kept{Pre, Here}(buf, *used, cap);
    //@ assert in->frag == frag;
    wire_addr_write(buf + ADDR_AT, &in->dst);
    //@ assert sks_u16(buf) == in->rsv && buf[2] == frag && in->frag == frag;
    //@ assert in->dst.atyp == \at(in->dst.atyp, Pre);
    //@ assert in->dst.host_len == \at(in->dst.host_len, Pre);
    //@ assert sks_kept{Pre, Here}(buf, *used, cap);
    //@ assert sks_addr_fit(&in->dst, 1) == SKS_OK && sks_addr_room(&in->dst) == *used - 3;
    return SKS_OK;
}
