/* Parts of the small SOCKS5 client. */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include <sockspec/socks5.h>

#include <stdbool.h>

enum { COPY = 65536 }; /* octets at a time */

struct link {
    int fd;
    int seconds;
    uint8_t in[SKS_REPLY_MAX]; /* what came and was not yet taken */
    size_t in_len;
};

/* Says it on stderr and exits. */
void die(int status, const char *what);
/* Ends the program where it cannot. */
void write_all(int fd, const uint8_t *octets, size_t n);

/* client_udp.c. Copies between standard input and output and the target in datagrams, by the relay
 * at bnd, until the input ends; the association lives as long as its connection. */
void associate(struct link *l, const struct sks_addr *target, const struct sks_addr *bnd);

#endif
