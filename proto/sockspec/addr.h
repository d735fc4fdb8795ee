/* An address as SOCKS5 and Shadowsocks write it: ATYP, ADDR, PORT (RFC 1928 section 4 and 5). */
#ifndef SOCKSPEC_ADDR_H
#define SOCKSPEC_ADDR_H

#include <sockspec/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, octet, text): address types, RFC 1928 section 5. */
#define SKS_ATYP_LIST(X)                                                                           \
    X(SKS_ATYP_IPV4, 0x01, "IPv4 address")                                                         \
    X(SKS_ATYP_DOMAIN, 0x03, "domain name")                                                        \
    X(SKS_ATYP_IPV6, 0x04, "IPv6 address")

enum sks_atyp {
#define SKS_X(constant, octet, text) constant = octet,
    SKS_ATYP_LIST(SKS_X)
#undef SKS_X
};

enum {
    SKS_ADDR_MIN = 5,      /* octets: a domain name of one octet */
    SKS_ADDR_MAX = 259,    /* octets: a domain name of 255 octets */
    SKS_ADDR_SIZE_V4 = 7,  /* octets: ATYP, 4, PORT */
    SKS_ADDR_SIZE_V6 = 19, /* octets: ATYP, 16, PORT */
};

struct sks_addr {
    const uint8_t *host; /* host_len octets, borrowed: network order, or the name, not terminated */
    uint16_t port;       /* host byte order */
    uint8_t atyp;        /* the octet on the wire: one of enum sks_atyp */
    uint8_t host_len;    /* octets: 4, 1..255 or 16 */
};

/*@ logic boolean sks_atyp_known(integer atyp) =
        atyp == SKS_ATYP_IPV4 || atyp == SKS_ATYP_DOMAIN || atyp == SKS_ATYP_IPV6;

    // Where HOST stands behind ATYP, how many octets it has, and how many the address.
    logic integer sks_host_at(integer atyp) = atyp == SKS_ATYP_DOMAIN ? 2 : 1;
    logic integer sks_host_len{L}(uint8_t *p, integer atyp) =
        atyp == SKS_ATYP_IPV4 ? 4 : atyp == SKS_ATYP_IPV6 ? 16 : p[1];
    logic integer sks_addr_size{L}(uint8_t *p, integer atyp) =
        sks_host_at(atyp) + sks_host_len(p, atyp) + 2;

    // What len octets at p, an address of type atyp, are; a name has name_min octets or more.
    logic integer sks_addr_answer{L}(uint8_t *p, integer atyp, integer name_min, integer len) =
        atyp != SKS_ATYP_IPV4 && atyp != SKS_ATYP_DOMAIN && atyp != SKS_ATYP_IPV6 ? SKS_ERR_ATYP
        : atyp == SKS_ATYP_DOMAIN && len < 2 ? SKS_MORE
        : atyp == SKS_ATYP_DOMAIN && p[1] < name_min ? SKS_ERR_EMPTY
        : len < sks_addr_size(p, atyp) ? SKS_MORE : SKS_OK;

    // *used beside that answer, if the address stands at an offset of `at`.
    logic integer sks_addr_used{L}(uint8_t *p, integer atyp, integer answer, integer at) =
        answer == SKS_OK ? at + sks_addr_size(p, atyp)
        : answer == SKS_ERR_EMPTY ? at + 1 : answer == SKS_ERR_ATYP ? at : 0;

    // a is what stands at p, as type atyp.
    predicate sks_addr_read{L}(struct sks_addr *a, uint8_t *p, integer atyp) =
        a->atyp == atyp && a->host == p + sks_host_at(atyp) &&
        a->host_len == sks_host_len(p, atyp) &&
        a->port == sks_u16(p + (sks_addr_size(p, atyp) - 2));

    // Whether a can be encoded, how many octets it takes, and what stands at p then.
    logic integer sks_addr_fit{L}(struct sks_addr *a, integer name_min) =
        a->atyp == SKS_ATYP_IPV4 ? (a->host_len == 4 ? SKS_OK : SKS_ERR_LENGTH)
        : a->atyp == SKS_ATYP_IPV6 ? (a->host_len == 16 ? SKS_OK : SKS_ERR_LENGTH)
        : a->atyp != SKS_ATYP_DOMAIN ? SKS_ERR_ATYP
        : a->host_len < name_min ? SKS_ERR_EMPTY : SKS_OK;
    logic integer sks_addr_room{L}(struct sks_addr *a) =
        sks_host_at(a->atyp) + a->host_len + 2;
    logic integer sks_addr_room_used{L}(struct sks_addr *a, integer fit, integer at) =
        fit == SKS_OK ? at + sks_addr_room(a) : fit == SKS_ERR_ATYP ? at : at + 1;
    predicate sks_addr_written_behind{L}(struct sks_addr *a, uint8_t *p) =
        (a->atyp == SKS_ATYP_DOMAIN ==> p[1] == a->host_len) &&
        sks_equal(p + sks_host_at(a->atyp), a->host, a->host_len) &&
        sks_u16(p + (sks_host_at(a->atyp) + a->host_len)) == a->port;
    predicate sks_addr_written{L}(struct sks_addr *a, uint8_t *p) =
        p[0] == a->atyp && sks_addr_written_behind(a, p); */

/* ATYP ADDR PORT, 5 to 259 octets, PORT big endian on the wire; RFC 1928 section 4, the address
 * header of Shadowsocks in its strict reading.
 * Errors: SKS_ERR_ATYP at 0, SKS_ERR_EMPTY at 1 (a name of no octets); encoding also
 * SKS_ERR_LENGTH at 1 (host_len other than 4 or 16 for an IP address). */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == (len < 1 ? SKS_MORE : sks_addr_answer(data, data[0], 1, len));
    ensures *used == (len < 1 ? 0 : sks_addr_used(data, data[0], \result, 0));
    ensures \result == SKS_OK ==> sks_addr_read(out, data, data[0]);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_addr_parse(struct sks_addr *out, const uint8_t *data, size_t len, size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \valid_read(in) && sks_octets(in->host, in->host_len);
    requires \separated(buf + (0 .. cap - 1), used, in, in->host + (0 .. in->host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_addr_room_used(in, sks_addr_fit(in, 1), 0);
    ensures \result == (sks_addr_fit(in, 1) != SKS_OK ? sks_addr_fit(in, 1)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> sks_addr_written(in, buf);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_addr_encode(uint8_t *buf, size_t cap, const struct sks_addr *in, size_t *used);

/* What an ATYP octet means, static text; "unassigned" where the RFC gives it none. */
const char *sks_atyp_text(uint8_t octet);

#ifdef __cplusplus
}
#endif
#endif
