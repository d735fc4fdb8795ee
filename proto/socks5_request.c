#include "wire.h"

#include <sockspec/socks5.h>

/* Request and reply have one form: 05, an octet of their own (CMD or REP), RSV, an address. */
enum { ADDR_AT = 3 };

/*@ requires sks_octets(data, len) && \valid(addr) && \valid(code) && \valid(rsv) && \valid(used);
    requires \separated(addr, code, rsv, used, data + (0 .. len - 1));
    assigns *addr, *code, *rsv, *used;
    ensures \result == sks_request_answer(data, len);
    ensures *used == sks_request_used(data, \result);
    ensures \result == SKS_OK ==> *code == data[1] && *rsv == data[2];
    ensures \result == SKS_OK ==> sks_addr_read(addr, data + 3, data[3]);
    ensures \result != SKS_OK ==>
        *addr == \old(*addr) && *code == \old(*code) && *rsv == \old(*rsv); */
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

/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(addr);
    requires sks_octets(addr->host, addr->host_len);
    requires \separated(buf + (0 .. cap - 1), used, addr,
                        addr->host + (0 .. addr->host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_addr_room_used(addr, sks_addr_fit(addr, 1), 3);
    ensures \result == (sks_addr_fit(addr, 1) != SKS_OK ? sks_addr_fit(addr, 1)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==>
        buf[0] == SKS_SOCKS5_VERSION && buf[1] == code && buf[2] == rsv;
    ensures \result == SKS_OK ==> sks_addr_written(addr, buf + 3);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
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
    //@ assert sks_addr_fit(addr, 0) == SKS_OK && sks_addr_room(addr) == *used - 3;
    //@ assert sks_kept{Pre, Here}(buf, *used, cap);
    wire_addr_write(buf + ADDR_AT, addr);
    //@ assert buf[0] == SKS_SOCKS5_VERSION && buf[1] == code && buf[2] == rsv;
    //@ assert addr->atyp == \at(addr->atyp, Pre) && addr->host_len == \at(addr->host_len, Pre);
    //@ assert sks_kept{Pre, Here}(buf, *used, cap);
    //@ assert sks_addr_fit(addr, 1) == SKS_OK && sks_addr_room(addr) == *used - 3;
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
