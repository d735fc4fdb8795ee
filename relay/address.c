#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

socklen_t address_size(const struct address *a)
{
    return a->u.sa.sa_family == AF_INET6 ? sizeof a->u.in6 : sizeof a->u.in;
}

uint16_t address_port(const struct address *a)
{
    return ntohs(a->u.sa.sa_family == AF_INET6 ? a->u.in6.sin6_port : a->u.in.sin_port);
}

void address_set_port(struct address *a, uint16_t port)
{
    if (a->u.sa.sa_family == AF_INET6)
        a->u.in6.sin6_port = htons(port);
    else
        a->u.in.sin_port = htons(port);
}

/* The host as an IPv6 address, IPv4 mapped. */
static void host_of(uint8_t octets[16], const struct address *a)
{
    if (a->u.sa.sa_family == AF_INET6) {
        memcpy(octets, &a->u.in6.sin6_addr, 16);
        return;
    }
    memcpy(octets, mapped_prefix, 12);
    memcpy(octets + 12, &a->u.in.sin_addr, 4);
}

int address_is_unspecified(const struct address *a)
{
    uint8_t host[16];
    host_of(host, a);
    int is_v4 = memcmp(host, mapped_prefix, 12) == 0;
    for (int i = is_v4 ? 12 : 0; i < 16; i++)
        if (host[i] != 0)
            return 0;
    return 1;
}

int address_same_host(const struct address *a, const struct address *b)
{
    uint8_t x[16], y[16];
    host_of(x, a);
    host_of(y, b);
    return memcmp(x, y, 16) == 0;
}

int address_same(const struct address *a, const struct address *b)
{
    return address_port(a) == address_port(b) && address_same_host(a, b);
}

int address_from_sks(struct address *out, const struct sks_addr *in)
{
    memset(out, 0, sizeof *out);
    if (in->atyp == SKS_ATYP_IPV4) {
        out->u.in.sin_family = AF_INET;
        memcpy(&out->u.in.sin_addr, in->host, 4);
    } else if (in->atyp == SKS_ATYP_IPV6) {
        out->u.in6.sin6_family = AF_INET6;
        memcpy(&out->u.in6.sin6_addr, in->host, 16);
    } else {
        return 0;
    }
    address_set_port(out, in->port);
    return 1;
}

void address_to_sks(struct sks_addr *out, const struct address *a)
{
    out->port = address_port(a);
    if (a->u.sa.sa_family == AF_INET) {
        out->host = (const uint8_t *)&a->u.in.sin_addr;
        out->atyp = SKS_ATYP_IPV4;
        out->host_len = 4;
        return;
    }
    out->host = (const uint8_t *)&a->u.in6.sin6_addr;
    out->atyp = SKS_ATYP_IPV6;
    out->host_len = 16;
    if (memcmp(out->host, mapped_prefix, 12) == 0) {
        out->host += 12;
        out->atyp = SKS_ATYP_IPV4;
        out->host_len = 4;
    }
}

int address_from_text(struct address *out, const char *text, size_t len, uint16_t port)
{
    char copy[INET6_ADDRSTRLEN + 1];
    if (len >= sizeof copy || memchr(text, '\0', len) != NULL)
        return 0;
    memcpy(copy, text, len);
    copy[len] = '\0';
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, copy, &out->u.in.sin_addr) == 1)
        out->u.in.sin_family = AF_INET;
    else if (inet_pton(AF_INET6, copy, &out->u.in6.sin6_addr) == 1)
        out->u.in6.sin6_family = AF_INET6;
    else
        return 0;
    address_set_port(out, port);
    return 1;
}

const char *address_text(const struct address *a, char text[ADDRESS_TEXT_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";
    struct sks_addr s;
    address_to_sks(&s, a);
    int is_v4 = s.atyp == SKS_ATYP_IPV4;
    inet_ntop(is_v4 ? AF_INET : AF_INET6, s.host, host, sizeof host);
    snprintf(text, ADDRESS_TEXT_MAX, is_v4 ? "%s:%u" : "[%s]:%u", host, (unsigned)s.port);
    return text;
}

int network_from_text(struct network *out, const char *text)
{
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    struct address a;
    char *end;
    if (!address_from_text(&a, text, len, 0))
        return 0;
    unsigned long width = a.u.sa.sa_family == AF_INET6 ? 128 : 32, bits = width;
    if (slash != NULL) {
        if (slash[1] < '0' || slash[1] > '9')
            return 0;
        bits = strtoul(slash + 1, &end, 10);
        if (*end != '\0' || bits > width)
            return 0;
    }
    host_of(out->octets, &a);
    out->bits = (uint8_t)(128 - width + bits);
    return 1;
}

int network_holds(const struct network *n, const struct address *a)
{
    uint8_t host[16];
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    host_of(host, a);
    if (memcmp(host, n->octets, whole) != 0)
        return 0;
    return rest == 0 || (host[whole] ^ n->octets[whole]) >> (8 - rest) == 0;
}
