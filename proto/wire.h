/* What the codecs of this folder share: the ways to answer, and the forms that recur. */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <sockspec/addr.h>

/*@ requires \valid(used);
    assigns *used;
    ensures *used == size && \result == SKS_OK; */
static inline enum sks_status wire_ok(size_t size, size_t *used)
{
    *used = size;
    return SKS_OK;
}

/*@ requires \valid(used);
    assigns *used;
    ensures *used == 0 && \result == SKS_MORE; */
static inline enum sks_status wire_more(size_t *used)
{
    *used = 0;
    return SKS_MORE;
}

/*@ requires \valid(used);
    assigns *used;
    ensures *used == offset && \result == error; */
static inline enum sks_status wire_error(enum sks_status error, size_t offset, size_t *used)
{
    *used = offset;
    return error;
}

/*@ requires \valid(to + (0 .. n - 1)) && sks_octets(from, n);
    requires \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    assigns to[0 .. n - 1];
    ensures sks_equal(to, from, n); */
static inline void wire_copy(uint8_t *to, const uint8_t *from, size_t n)
{
    /*@ loop invariant 0 <= i <= n && sks_equal(to, from, i);
        loop assigns i, to[0 .. n - 1];
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
}

/*@ requires \valid(to + (0 .. n - 1));
    assigns to[0 .. n - 1];
    ensures sks_zeros(to, n); */
static inline void wire_zero(uint8_t *to, size_t n)
{
    /*@ loop invariant 0 <= i <= n && sks_zeros(to, i);
        loop assigns i, to[0 .. n - 1];
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        to[i] = 0;
}

/* Two octets, big endian. */
/*@ requires sks_octets(p, 2);
    assigns \nothing;
    ensures \result == sks_u16(p); */
static inline uint16_t wire_u16(const uint8_t *p)
{
    return (uint16_t)(256u * p[0] + p[1]);
}

/*@ requires \valid(p + (0 .. 1));
    assigns p[0 .. 1];
    ensures sks_u16(p) == value; */
static inline void wire_u16_write(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value / 256);
    p[1] = (uint8_t)(value % 256);
}

/* A message of two octets: the version, then a value. */
/*@ requires sks_octets(data, len) && \valid(value) && \valid(used);
    requires \separated(value, used, data + (0 .. len - 1));
    assigns *value, *used;
    ensures \result == sks_pair_answer(version, data, len);
    ensures *used == (\result == SKS_OK ? 2 : 0);
    ensures *value == (\result == SKS_OK ? data[1] : \old(*value)); */
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

/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \separated(buf + (0 .. cap - 1), used);
    assigns *used, buf[0 .. cap - 1];
    ensures *used == 2 && \result == (cap < 2 ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> buf[0] == version && buf[1] == value;
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? 2 : 0, cap); */
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
/*@ requires at < len && sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_addr_answer(data + at, atyp, name_min, len - at);
    ensures *used == sks_addr_used(data + at, atyp, \result, at);
    ensures \result == SKS_OK ==> sks_addr_read(out, data + at, atyp);
    ensures \result != SKS_OK ==> *out == \old(*out); */
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
        *used = at;
        return SKS_ERR_ATYP;
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
/*@ requires at <= len && sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == (len == at ? SKS_MORE : sks_addr_answer(data + at, data[at], 1, len - at));
    ensures *used == (len == at ? 0 : sks_addr_used(data + at, data[at], \result, at));
    ensures \result == SKS_OK ==> sks_addr_read(out, data + at, data[at]);
    ensures \result != SKS_OK ==> *out == \old(*out); */
static inline enum sks_status wire_addr_parse(struct sks_addr *out, const uint8_t *data, size_t at,
                                              size_t len, size_t *used)
{
    if (len - at < 1)
        return wire_more(used);
    return wire_addr_parse_as(out, data[at], 1, data, at, len, used);
}

/* Whether in, a name of name_min octets or more, can be encoded behind at other octets: SKS_OK with
 * *used the size of both together, or the error and its offset. */
/*@ requires \valid_read(in) && \valid(used) && \separated(in, used) && at <= 3;
    assigns *used;
    ensures \result == sks_addr_fit(in, name_min);
    ensures *used == sks_addr_room_used(in, \result, at); */
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
        *used = at;
        return SKS_ERR_ATYP;
    }
}

/*@ requires \valid_read(in) && \valid(used) && \separated(in, used) && at <= 3;
    assigns *used;
    ensures \result == sks_addr_fit(in, 1);
    ensures *used == sks_addr_room_used(in, \result, at); */
static inline enum sks_status wire_addr_size(const struct sks_addr *in, size_t at, size_t *used)
{
    return wire_addr_size_as(in, 1, at, used);
}

/* Writes an address that wire_addr_size has accepted. */
/*@ requires \valid_read(in) && sks_addr_fit(in, 0) == SKS_OK;
    requires sks_octets(in->host, in->host_len) && \valid(p + (0 .. sks_addr_room(in) - 1));
    requires \separated(p + (0 .. sks_addr_room(in) - 1), in, in->host + (0 .. in->host_len - 1));
    assigns p[0 .. sks_addr_room(in) - 1];
    ensures sks_addr_written(in, p); */
static inline void wire_addr_write(uint8_t *p, const struct sks_addr *in)
{
    const uint8_t *from = in->host;
    size_t host = 1, n = in->host_len;
    uint16_t port = in->port;
    uint8_t atyp = in->atyp;
    p[0] = atyp;
    if (atyp == SKS_ATYP_DOMAIN) {
        host = 2;
        p[1] = (uint8_t)n;
    }
    //@ assert host == sks_host_at(atyp) && sks_addr_room{Pre}(in) == host + n + 2;
    wire_u16_write(p + host + n, port);
    //@ assert in->atyp == atyp && in->host_len == n;
    //@ assert \forall integer i; 0 <= i < n ==> from[i] == \at(in->host[i], Pre);
    wire_copy(p + host, from, n);
    //@ assert p[0] == atyp && (atyp == SKS_ATYP_DOMAIN ==> p[1] == n);
    //@ assert sks_u16(p + (host + n)) == port;
    //@ assert in->atyp == atyp && in->host_len == n && in->host == from && in->port == port;
}

#endif
