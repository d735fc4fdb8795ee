/* The names in braces: values known only at run time. */
#include "piece.h"

#include <arpa/inet.h>
#include <sockspec/addr.h>
#include <string.h>

static const char *const unreachable_net = "192.0.2.1";    /* no route leads there */
static const char *const unreachable_host = "203.0.113.1"; /* its route says unreachable */
static const char *const prohibited_host = "198.51.100.1"; /* its route says prohibited */

static size_t put_port(uint8_t *p, uint16_t port)
{
    p[0] = (uint8_t)(port >> 8);
    p[1] = (uint8_t)(port & 0xff);
    return 2;
}

static size_t put_ipv4(uint8_t *p, struct in_addr ip, uint16_t port)
{
    p[0] = SKS_ATYP_IPV4;
    memcpy(p + 1, &ip, 4);
    return 5 + put_port(p + 5, port);
}

static size_t put_text_ipv4(uint8_t *p, const char *ip, uint16_t port)
{
    struct in_addr a;
    inet_pton(AF_INET, ip, &a);
    return put_ipv4(p, a, port);
}

static size_t put_ipv6(uint8_t *p, uint16_t port)
{
    p[0] = SKS_ATYP_IPV6;
    memcpy(p + 1, &in6addr_loopback, 16);
    return 17 + put_port(p + 17, port);
}

/* Its length in one octet, then at most 255 octets of it. */
static size_t put_octets(uint8_t *p, const char *s, size_t n)
{
    n = n > 255 ? 255 : n;
    p[0] = (uint8_t)n;
    memcpy(p + 1, s, n);
    return 1 + n;
}

static size_t put_string(uint8_t *p, const char *s)
{
    return put_octets(p, s ? s : "", s ? strlen(s) : 0);
}

/* The string, then more octets. */
static size_t put_longer(uint8_t *p, const char *s, const char *more, size_t n)
{
    char text[512];
    size_t len = s ? strlen(s) : 0;
    len = len > 250 ? 250 : len;
    memcpy(text, s ? s : "", len);
    memcpy(text + len, more, n);
    return put_octets(p, text, len + n);
}

/* The string without its last octet. */
static size_t put_shorter(uint8_t *p, const char *s)
{
    size_t len = s ? strlen(s) : 0;
    return put_octets(p, s ? s : "", len > 1 ? len - 1 : len);
}

static size_t put_domain(uint8_t *p, const char *name, uint16_t port)
{
    p[0] = SKS_ATYP_DOMAIN;
    size_t n = 1 + put_string(p + 1, name);
    return n + put_port(p + n, port);
}

/* A legal name of 255 octets that exists nowhere: labels of at most 63 octets, under .invalid. */
static size_t put_longest_name(uint8_t *p, uint16_t port)
{
    char name[256];
    memset(name, 'a', 255);
    for (int i = 63; i < 247; i += 64)
        name[i] = '.';
    memcpy(name + 247, ".invalid", 9);
    return put_domain(p, name, port);
}

/* What a client is told to reach: an address where the text is one, else a name. */
static size_t put_host(uint8_t *p, const struct scene *s)
{
    struct in_addr v4;
    if (!s->host || inet_pton(AF_INET, s->host, &v4) == 1)
        return put_text_ipv4(p, s->host ? s->host : "127.0.0.1", s->target_port);
    if (inet_pton(AF_INET6, s->host, p + 1) != 1)
        return put_domain(p, s->host, s->target_port);
    p[0] = SKS_ATYP_IPV6;
    return 17 + put_port(p + 17, s->target_port);
}

/* X(name, octets of it): each writes at p and says how many. */
#define VALUES(X)                                                                                  \
    X("target", put_ipv4(p, s->origin, s->target_port))                                            \
    X("target6", put_ipv6(p, s->target_port))                                                      \
    X("target-name", put_domain(p, "localhost", s->target_port))                                   \
    X("host", (memcpy(p, &s->origin, 4), (size_t)4))                                               \
    X("port", put_port(p, s->target_port))                                                         \
    X("refused", put_ipv4(p, s->origin, s->refused_port))                                          \
    X("refused6", put_ipv6(p, s->refused_port))                                                    \
    X("refused-name", put_domain(p, "localhost", s->refused_port))                                 \
    X("udp", put_ipv4(p, s->origin, s->udp_port))                                                  \
    X("udp-port", put_port(p, s->udp_port))                                                        \
    X("dialer", put_ipv4(p, s->origin, s->dialer_port))                                            \
    X("unreachable-net", put_text_ipv4(p, unreachable_net, 9))                                     \
    X("unreachable-host", put_text_ipv4(p, unreachable_host, 9))                                   \
    X("prohibited-host", put_text_ipv4(p, prohibited_host, 9))                                     \
    X("no-such-name", put_domain(p, "no-such-name.invalid", 9))                                    \
    X("longest-name", put_longest_name(p, 9))                                                      \
    X("seen", put_ipv4(p, s->origin, s->seen_port))                                                \
    X("user", put_string(p, s->user))                                                              \
    X("user-nul", put_longer(p, s->user, "\0x", 2))                                                \
    X("user-longer", put_longer(p, s->user, "x", 1))                                               \
    X("user-shorter", put_shorter(p, s->user))                                                     \
    X("pass", put_string(p, s->pass))                                                              \
    X("pass-nul", put_longer(p, s->pass, "\0x", 2))                                                \
    X("pass-longer", put_longer(p, s->pass, "x", 1))                                               \
    X("pass-shorter", put_shorter(p, s->pass))                                                     \
    X("dst", put_host(p, s))                                                                       \
    X("dst-text", put_domain(p, s->host ? s->host : "127.0.0.1", s->target_port))

size_t pattern_value(const struct scene *s, const char *name, size_t name_len, uint8_t *p)
{
#define X(n, octets)                                                                               \
    if (name_len == sizeof n - 1 && memcmp(name, n, name_len) == 0)                                \
        return octets;
    VALUES(X)
#undef X
    return 0;
}

/* Eight octets, the first in the lowest bits: splitmix64. */
static uint64_t payload_word(uint64_t seed, size_t i)
{
    uint64_t z = seed + (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint8_t payload_octet(uint64_t seed, size_t i)
{
    return (uint8_t)(payload_word(seed, i / 8) >> (8 * (i % 8)));
}

void payload_fill(uint64_t seed, size_t at, uint8_t *buf, size_t n)
{
    size_t i = 0;
    for (; i < n && (at + i) % 8; i++)
        buf[i] = payload_octet(seed, at + i);
    for (; n - i >= 8; i += 8) {
        uint64_t word = payload_word(seed, (at + i) / 8);
        for (unsigned k = 0; k < 8; k++)
            buf[i + k] = (uint8_t)(word >> 8 * k);
    }
    for (; i < n; i++)
        buf[i] = payload_octet(seed, at + i);
}
