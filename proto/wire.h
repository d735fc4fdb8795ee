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

static inline void wire_zero(uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = 0;
}

/* Two octets, big endian. */
static inline uint16_t wire_u16(const uint8_t *p)
{
    return (uint16_t)(256u * p[0] + p[1]);
}

static inline void wire_u16_write(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)(value & 0xff);
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

/* An address that starts at data[at], at less than len, whose first octet means atyp; the shortest
 * name has name_min octets. */
static inline enum sks_status wire_addr_parse_as(struct sks_addr *out, uint8_t atyp,
                                                 size_t name_min, const uint8_t *data, size_t at,
                                                 size_t len, size_t *used)
{
    size_t left = len - at;
    const uint8_t *p = data + at;
    size_t host = 1, n;
    switch (atyp) {
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
        if (n < name_min)
            return wire_error(SKS_ERR_EMPTY, at + 1, used);
        break;
    default:
        return wire_error(SKS_ERR_ATYP, at, used);
    }
    size_t end = host + n;
    if (left < end + 2)
        return wire_more(used);
    out->host = p + host;
    out->port = wire_u16(p + end);
    out->atyp = atyp;
    out->host_len = (uint8_t)n;
    return wire_ok(at + end + 2, used);
}

/* sks_addr_parse for an address that starts at data[at]; at is at most len. */
static inline enum sks_status wire_addr_parse(struct sks_addr *out, const uint8_t *data, size_t at,
                                              size_t len, size_t *used)
{
    if (len - at < 1)
        return wire_more(used);
    return wire_addr_parse_as(out, data[at], 1, data, at, len, used);
}

/* Whether in, a name of name_min octets or more, can be encoded behind at other octets: SKS_OK with
 * *used the size of both together, or the error and its offset. */
static inline enum sks_status wire_addr_size_as(const struct sks_addr *in, size_t name_min,
                                                size_t at, size_t *used)
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
        if (in->host_len < name_min)
            return wire_error(SKS_ERR_EMPTY, at + 1, used);
        return wire_ok(at + 4u + in->host_len, used);
    default:
        return wire_error(SKS_ERR_ATYP, at, used);
    }
}

static inline enum sks_status wire_addr_size(const struct sks_addr *in, size_t at, size_t *used)
{
    return wire_addr_size_as(in, 1, at, used);
}

/* Writes an address that wire_addr_size has accepted. */
static inline void wire_addr_write(uint8_t *p, const struct sks_addr *in)
{
    size_t host = 1;
    p[0] = in->atyp;
    if (in->atyp == SKS_ATYP_DOMAIN)
        p[host++] = in->host_len;
    wire_copy(p + host, in->host, in->host_len);
    wire_u16_write(p + host + in->host_len, in->port);
}

#endif
