/* Sockets as the engine needs them: non-blocking, closed on exec, on free ports. */
#ifndef ENGINE_NET_H
#define ENGINE_NET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* "HOST:PORT", "[IPV6]:PORT" into *out. Returns NULL, or what is wrong with it (static text). */
const char *net_parse(const char *text, struct sockaddr_storage *out, socklen_t *len);

/* "127.0.0.1:1080", "[::1]:1080" into buf; returns buf. */
const char *net_print(const struct sockaddr_storage *addr, char *buf, size_t size);

uint16_t net_port(const struct sockaddr_storage *addr);
void net_set_port(struct sockaddr_storage *addr, uint16_t port);
struct sockaddr_storage net_ipv4(struct in_addr ip, uint16_t port);
struct sockaddr_storage net_loopback6(uint16_t port);
socklen_t net_len(const struct sockaddr_storage *addr);

/* A socket of that type bound to addr; -1 with errno. Port 0: any free one, written back, whose
 * octets differ, so that a peer that has them in the wrong order does not arrive all the same. A
 * port that is given may have connections left that an earlier call for it brought. */
int net_bound(int type, struct sockaddr_storage *addr);

/* Ports of one IPv4 address. */
struct port_set {
    struct in_addr ip;
    uint8_t bits[(UINT16_MAX + 1) / 8];
};
void port_set_put(struct port_set *set, uint16_t port, bool in);
bool port_set_has(const struct port_set *set, const struct sockaddr_storage *addr);

/* The last PORTS_RECENT ports that were had; none is 0. */
enum { PORTS_RECENT = 8192 };
struct port_history {
    uint16_t ports[PORTS_RECENT];
    size_t next;
};
void port_was_had(struct port_history *history, uint16_t port);
bool port_is_recent(const struct port_history *history, uint16_t port);

/* Whether this machine, or this namespace, has the IPv6 loopback address. */
bool net_has_ipv6(void);

#endif
