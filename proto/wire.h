/* What the codecs of this folder share: the ways to answer, and the forms that recur. */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <sockspec/addr.h>

static inline enum sks_status wire_ok(size_t size, size_t *used)
{
    *used = size;
    return SKS_OK;
}

static inline enum sks_status wire_more(size_t *used)
{
    *used = 0;
    return SKS_MORE;
}

static inline enum sks_status wire_error(enum sks_status error, size_t offset, size_t *used)
{
    *used = offset;
    return error;
}

static inline void wire_copy(uint8_t *to, const uint8_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
}

/* A message of two octets: the version, then a value. */
static inline enum sks_status wire_pair_parse(uint8_t version, uint8_t *value, const uint8_t *data,
                                              size_t len, size_t *used)
{
    if (len < 1)
        return wire_more(used);
    if (data[0] != version)
        return wire_error(SKS_ERR_VERSION, 0, used);
    if (len < 2)
        return wire_more(used);
    *value = data[1];
    return wire_ok(2, used);
}

static inline enum sks_status wire_pair_encode(uint8_t version, uint8_t value, uint8_t *buf,
                                               size_t cap, size_t *used)
{
    *used = 2;
    if (cap < 2)
        return SKS_ERR_SPACE;
    buf[0] = version;
    buf[1] = value;
    return SKS_OK;
}

/* sks_addr_parse for an address that starts at data[at]; at is at most len. */
static inline enum sks_status wire_addr_parse(struct sks_addr *out, const uint8_t *data, size_t at,
                                              size_t len, size_t *used)
{
    size_t left = len - at;
    if (left < 1)
        return wire_more(used);
    const uint8_t *p = data + at;
    size_t host = 1, n;
    switch (p[0]) {
    case SKS_ATYP_IPV4:
        n = 4;
        break;
    case SKS_ATYP_IPV6:
        n = 16;
        break;
    case SKS_ATYP_DOMAIN:
        if (left < 2)
            return wire_more(used);
        host = 2;
        n = p[1];
        if (n == 0)
            return wire_error(SKS_ERR_EMPTY, at + 1, used);
        break;
    default:
        return wire_error(SKS_ERR_ATYP, at, used);
    }
    size_t end = host + n;
    if (left < end + 2)
        return wire_more(used);
    out->host = p + host;
    out->port = (uint16_t)(256u * p[end] + p[end + 1]);
    out->atyp = p[0];
    out->host_len = (uint8_t)n;
    return wire_ok(at + end + 2, used);
}

/* Whether in can be encoded behind at other octets: SKS_OK with *used the size of both together, or
 * the error and its offset. */
static inline enum sks_status wire_addr_size(const struct sks_addr *in, size_t at, size_t *used)
{
    switch (in->atyp) {
    case SKS_ATYP_IPV4:
        if (in->host_len != 4)
            return wire_error(SKS_ERR_LENGTH, at + 1, used);
        return wire_ok(at + SKS_ADDR_SIZE_V4, used);
    case SKS_ATYP_IPV6:
        if (in->host_len != 16)
            return wire_error(SKS_ERR_LENGTH, at + 1, used);
        return wire_ok(at + SKS_ADDR_SIZE_V6, used);
    case SKS_ATYP_DOMAIN:
        if (in->host_len == 0)
            return wire_error(SKS_ERR_EMPTY, at + 1, used);
        return wire_ok(at + 4u + in->host_len, used);
    default:
        return wire_error(SKS_ERR_ATYP, at, used);
    }
}

/* Writes an address that wire_addr_size has accepted. */
static inline void wire_addr_write(uint8_t *p, const struct sks_addr *in)
{
    size_t host = 1;
    p[0] = in->atyp;
    if (in->atyp == SKS_ATYP_DOMAIN)
        p[host++] = in->host_len;
    wire_copy(p + host, in->host, in->host_len);
    p[host + in->host_len] = (uint8_t)(in->port >> 8);
    p[host + in->host_len + 1] = (uint8_t)(in->port & 0xff);
}

#endif
