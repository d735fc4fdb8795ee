#include "wire.h"

#include <sockspec/socks5.h>

enum { ADDR_AT = 3 };

enum sks_status sks_udp_header_parse(struct sks_udp_header *out, const uint8_t *data, size_t len,
                                     size_t *used)
{
    if (len < ADDR_AT)
        return wire_more(used);
    enum sks_status s = wire_addr_parse(&out->dst, data, ADDR_AT, len, used);
    if (s == SKS_OK) {
        out->rsv = (uint16_t)(256u * data[0] + data[1]);
        out->frag = data[2];
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
    buf[0] = (uint8_t)(in->rsv >> 8);
    buf[1] = (uint8_t)(in->rsv & 0xff);
    buf[2] = in->frag;
    wire_addr_write(buf + ADDR_AT, &in->dst);
    return SKS_OK;
}
