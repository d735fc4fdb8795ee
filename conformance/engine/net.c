#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 100 };

const char *net_parse(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
    char host[256];
    const char *colon = strrchr(text, ':');
    if (!colon)
        return "no ':' before a port";
    size_t n = (size_t)(colon - text);
    bool bracketed = n > 1 && text[0] == '[' && text[n - 1] == ']';
    if (bracketed)
        text++, n -= 2;
    else if (memchr(text, ':', n))
        return "an IPv6 address wants brackets: [ADDRESS]:PORT";
    if (n == 0 || n >= sizeof host)
        return "no host before ':'";
    memcpy(host, text, n);
    host[n] = 0;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end || port < 1 || port > 65535)
        return "the port is not a number from 1 to 65535";
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return "the host has no address";
    memcpy(out, found->ai_addr, found->ai_addrlen);
    *len = found->ai_addrlen;
    freeaddrinfo(found);
    return NULL;
}

const char *net_print(const struct sockaddr_storage *addr, char *buf, size_t size)
{
    char ip[INET6_ADDRSTRLEN];
    if (addr->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
        inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
        snprintf(buf, size, "[%s]:%u", ip, net_port(addr));
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;
        inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
        snprintf(buf, size, "%s:%u", ip, net_port(addr));
    }
    return buf;
}

uint16_t net_port(const struct sockaddr_storage *addr)
{
    return ntohs(addr->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)addr)->sin6_port
                                             : ((const struct sockaddr_in *)addr)->sin_port);
}

void net_set_port(struct sockaddr_storage *addr, uint16_t port)
{
    if (addr->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)addr)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)addr)->sin_port = htons(port);
}

struct sockaddr_storage net_ipv4(struct in_addr ip, uint16_t port)
{
    struct sockaddr_storage ss;
    memset(&ss, 0, sizeof ss);
    struct sockaddr_in *v4 = (struct sockaddr_in *)&ss;
    v4->sin_family = AF_INET;
    v4->sin_addr = ip;
    v4->sin_port = htons(port);
    return ss;
}

struct sockaddr_storage net_loopback6(uint16_t port)
{
    struct sockaddr_storage ss;
    memset(&ss, 0, sizeof ss);
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ss;
    v6->sin6_family = AF_INET6;
    v6->sin6_addr = in6addr_loopback;
    v6->sin6_port = htons(port);
    return ss;
}

socklen_t net_len(const struct sockaddr_storage *addr)
{
    return addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static int bound(int type, struct sockaddr_storage *addr)
{
    int fd = socket(addr->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    if (addr->ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (type == SOCK_STREAM && net_port(addr))
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    socklen_t len = net_len(addr);
    if (bind(fd, (struct sockaddr *)addr, len) != 0 ||
        getsockname(fd, (struct sockaddr *)addr, &len) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static bool tells_order(uint16_t port)
{
    return port >> 8 != (port & 0xff);
}

int net_bound(int type, struct sockaddr_storage *addr)
{
    struct sockaddr_storage any = *addr;
    int fd = bound(type, addr);
    for (int tries = 0; fd >= 0 && tries < TRIES && !tells_order(net_port(addr)); tries++) {
        if (net_port(&any))
            break;
        int held = fd;
        *addr = any;
        fd = bound(type, addr);
        close(held);
    }
    return fd;
}

void port_set_put(struct port_set *set, uint16_t port, bool in)
{
    uint8_t bit = (uint8_t)(1u << port % 8);
    set->bits[port / 8] = (uint8_t)(in ? set->bits[port / 8] | bit : set->bits[port / 8] & ~bit);
}

bool port_set_has(const struct port_set *set, const struct sockaddr_storage *addr)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;
    uint16_t port = net_port(addr);
    return addr->ss_family == AF_INET && v4->sin_addr.s_addr == set->ip.s_addr &&
           set->bits[port / 8] >> port % 8 & 1;
}

void port_was_had(struct port_history *history, uint16_t port)
{
    history->ports[history->next] = port;
    history->next = (history->next + 1) % PORTS_RECENT;
}

bool port_is_recent(const struct port_history *history, uint16_t port)
{
    for (size_t i = 0; i < PORTS_RECENT; i++)
        if (history->ports[i] == port)
            return true;
    return false;
}

bool net_has_ipv6(void)
{
    struct sockaddr_storage addr = net_loopback6(0);
    int fd = net_bound(SOCK_STREAM, &addr);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}
