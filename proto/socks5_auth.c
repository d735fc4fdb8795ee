#include "wire.h"

#include <sockspec/socks5.h>

enum sks_status sks_userpass_parse(struct sks_userpass *out, const uint8_t *data, size_t len,
                                   size_t *used)
{
    if (len < 1)
        return wire_more(used);
    if (data[0] != SKS_USERPASS_VERSION)
        return wire_error(SKS_ERR_VERSION, 0, used);
    if (len < 2)
        return wire_more(used);
    size_t ulen = data[1];
    if (ulen == 0)
        return wire_error(SKS_ERR_EMPTY, 1, used);
    size_t plen_at = 2 + ulen;
    if (len <= plen_at)
        return wire_more(used);
    size_t plen = data[plen_at];
    if (plen == 0)
        return wire_error(SKS_ERR_EMPTY, plen_at, used);
    size_t size = plen_at + 1 + plen;
    if (len < size)
        return wire_more(used);
    out->uname = data + 2;
    out->passwd = data + plen_at + 1;
    out->ulen = (uint8_t)ulen;
    out->plen = (uint8_t)plen;
    return wire_ok(size, used);
}

enum sks_status sks_userpass_encode(uint8_t *buf, size_t cap, const struct sks_userpass *in,
                                    size_t *used)
{
    size_t ulen = in->ulen, plen = in->plen, plen_at = 2 + ulen;
    if (ulen == 0)
        return wire_error(SKS_ERR_EMPTY, 1, used);
    if (plen == 0)
        return wire_error(SKS_ERR_EMPTY, plen_at, used);
    *used = plen_at + 1 + plen;
    if (cap < *used)
        return SKS_ERR_SPACE;
    const uint8_t *uname = in->uname, *passwd = in->passwd;
    wire_copy(buf + 2, uname, ulen);
    //@ assert \forall integer i; 0 <= i < plen ==> passwd[i] == \at(in->passwd[i], Pre);
    //@ assert in->ulen == ulen && in->plen == plen;
    //@ assert sks_kept{Pre, Here}(buf, plen_at + 1 + plen, cap);
    buf[0] = SKS_USERPASS_VERSION;
    buf[1] = (uint8_t)ulen;
    buf[plen_at] = (uint8_t)plen;
    //@ assert sks_equal(buf + 2, uname, ulen);
    //@ assert sks_kept{Pre, Here}(buf, plen_at + 1 + plen, cap);
    wire_copy(buf + plen_at + 1, passwd, plen);
    //@ assert in->ulen == ulen && in->plen == plen;
    //@ assert buf[0] == SKS_USERPASS_VERSION && buf[1] == ulen && buf[plen_at] == plen;
    //@ assert sks_equal(buf + 2, uname, ulen);
    //@ assert sks_kept{Pre, Here}(buf, plen_at + 1 + plen, cap);
    return SKS_OK;
}

enum sks_status sks_userpass_status_parse(struct sks_userpass_status *out, const uint8_t *data,
                                          size_t len, size_t *used)
{
    return wire_pair_parse(SKS_USERPASS_VERSION, &out->status, data, len, used);
}

enum sks_status sks_userpass_status_encode(uint8_t *buf, size_t cap,
                                           const struct sks_userpass_status *in, size_t *used)
{
    return wire_pair_encode(SKS_USERPASS_VERSION, in->status, buf, cap, used);
}
