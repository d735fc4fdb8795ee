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

/* ATYP ADDR PORT, 5 to 259 octets, PORT big endian on the wire; RFC 1928 section 4, the address
 * header of Shadowsocks in its strict reading.
 * Errors: SKS_ERR_ATYP at 0, SKS_ERR_EMPTY at 1 (a name of no octets); encoding also
 * SKS_ERR_LENGTH at 1 (host_len other than 4 or 16 for an IP address). */
enum sks_status sks_addr_parse(struct sks_addr *out, const uint8_t *data, size_t len, size_t *used);
enum sks_status sks_addr_encode(uint8_t *buf, size_t cap, const struct sks_addr *in, size_t *used);

/* What an ATYP octet means, static text; "unassigned" where the RFC gives it none. */
const char *sks_atyp_text(uint8_t octet);

#ifdef __cplusplus
}
#endif
#endif
