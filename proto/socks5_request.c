#include "wire.h"

#include <sockspec/socks5.h>

/* Request and reply have one form: 05, an octet of their own (CMD or REP), RSV, an address. */
enum { ADDR_AT = 3 };

static enum sks_status parse(struct sks_addr *addr, uint8_t *code, uint8_t *rsv,
                             const uint8_t *data, size_t len, size_t *used)
{
    if (len < 1)
        return wire_more(used);
    if (data[0] != SKS_SOCKS5_VERSION)
        return wire_error(SKS_ERR_VERSION, 0, used);
    if (len < ADDR_AT)
        return wire_more(used);
    enum sks_status s = wire_addr_parse(addr, data, ADDR_AT, len, used);
    if (s == SKS_OK) {
        *code = data[1];
        *rsv = data[2];
    }
    return s;
}

static enum sks_status encode(uint8_t *buf, size_t cap, const struct sks_addr *addr, uint8_t code,
                              uint8_t rsv, size_t *used)
{
    enum sks_status s = wire_addr_size(addr, ADDR_AT, used);
    if (s != SKS_OK)
        return s;
    if (cap < *used)
        return SKS_ERR_SPACE;
    buf[0] = SKS_SOCKS5_VERSION;
    buf[1] = code;
    buf[2] = rsv;
    wire_addr_write(buf + ADDR_AT, addr);
    return SKS_OK;
}

enum sks_status sks_request_parse(struct sks_request *out, const uint8_t *data, size_t len,
                                  size_t *used)
{
    return parse(&out->dst, &out->cmd, &out->rsv, data, len, used);
}

enum sks_status sks_request_encode(uint8_t *buf, size_t cap, const struct sks_request *in,
                                   size_t *used)
{
    return encode(buf, cap, &in->dst, in->cmd, in->rsv, used);
}

enum sks_status sks_reply_parse(struct sks_reply *out, const uint8_t *data, size_t len,
                                size_t *used)
{
    return parse(&out->bnd, &out->rep, &out->rsv, data, len, used);
}

enum sks_status sks_reply_encode(uint8_t *buf, size_t cap, const struct sks_reply *in, size_t *used)
{
    return encode(buf, cap, &in->bnd, in->rep, in->rsv, used);
}
