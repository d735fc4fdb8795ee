/* Socket addresses, IPv4 and IPv6, and networks of them. An IPv4-mapped IPv6 address counts as the
 * IPv4 address that it maps, wherever addresses are compared or written. */
#ifndef RELAY_ADDRESS_H
#define RELAY_ADDRESS_H

#include <netinet/in.h>
#include <sockspec/addr.h>

enum { ADDRESS_TEXT_MAX = 56 }; /* "[" IPv6 "]:65535" and the end */

struct address {
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } u;
};

socklen_t address_size(const struct address *a);
uint16_t address_port(const struct address *a);
void address_set_port(struct address *a, uint16_t port);
int address_is_unspecified(const struct address *a); /* 0.0.0.0 or :: */

/* Both 1 for yes. */
int address_same_host(const struct address *a, const struct address *b);
int address_same(const struct address *a, const struct address *b);

/* IP addresses alone. Returns 0 for a name (or what is no address). */
int address_from_sks(struct address *out, const struct sks_addr *in);

/* out->host borrows from a. */
void address_to_sks(struct sks_addr *out, const struct address *a);

/* An IP address as text, len octets, no port in it: 1, or 0 when it is none. */
int address_from_text(struct address *out, const char *text, size_t len, uint16_t port);

/* "127.0.0.1:80", "[::1]:80"; returns text. */
const char *address_text(const struct address *a, char text[ADDRESS_TEXT_MAX]);

struct network {
    uint8_t octets[16]; /* of an IPv6 address; IPv4 stands mapped */
    uint8_t bits;       /* 0..128, from the first octet on */
};

/* "127.0.0.0/8", "::1", "fe80::/10"; 1, or 0 when it is none of that kind. Host bits are ignored.
 */
int network_from_text(struct network *out, const char *text);
int network_holds(const struct network *n, const struct address *a);

#endif
