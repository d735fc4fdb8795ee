/* The small SOCKS5 client behind UDP ASSOCIATE. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket to and from BND alone; where that names no host, at the proxy's. */
static int udp_socket(const struct link *l, const struct sks_addr *bnd)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&at;
    socklen_t len = sizeof at;
    if (bnd->atyp == SKS_ATYP_DOMAIN)
        die(1, "the proxy names its relay, expected an address");
    if (bnd->atyp == SKS_ATYP_IPV6) {
        v6->sin6_family = AF_INET6;
        memcpy(&v6->sin6_addr, bnd->host, 16);
        v6->sin6_port = htons(bnd->port);
    } else {
        getpeername(l->fd, (struct sockaddr *)&at, &len);
        if (memcmp(bnd->host, "\0\0\0", 4) != 0)
            memcpy(&v4->sin_addr, bnd->host, 4);
        v4->sin_port = htons(bnd->port);
    }
    int fd = socket(at.ss_family, SOCK_DGRAM, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        die(1, strerror(errno));
    return fd;
}

/* One reading of the input to the target; false at its end. */
static bool send_datagram(int fd, const struct sks_addr *target)
{
    static uint8_t buf[SKS_UDP_HEADER_MAX + COPY];
    const struct sks_udp_header header = {*target, 0, 0};
    size_t used;
    if (sks_udp_header_encode(buf, sizeof buf, &header, &used) != SKS_OK)
        die(1, "the target cannot be asked for");
    ssize_t n = read(STDIN_FILENO, buf + used, COPY);
    if (n < 0)
        die(1, strerror(errno));
    if (n > 0)
        (void)send(fd, buf, used + (size_t)n, 0);
    return n > 0;
}

/* The payload of a datagram; what is none, or a part of one, is dropped. */
static void take_datagram(int fd)
{
    static uint8_t buf[COPY];
    struct sks_udp_header header;
    size_t used;
    ssize_t n = recv(fd, buf, sizeof buf, 0);
    if (n < 0)
        return; /* of an earlier one that nobody took */
    if (sks_udp_header_parse(&header, buf, (size_t)n, &used) == SKS_OK && header.frag == 0)
        write_all(STDOUT_FILENO, buf + used, (size_t)n - used);
}

void associate(struct link *l, const struct sks_addr *target, const struct sks_addr *bnd)
{
    int fd = udp_socket(l, bnd);
    struct pollfd ways[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = fd, .events = POLLIN},
                             {.fd = l->fd, .events = POLLIN}};
    for (;;) {
        if (poll(ways, 3, -1) < 0)
            die(1, strerror(errno));
        if (ways[2].revents && recv(l->fd, l->in, sizeof l->in, 0) <= 0)
            die(1, "the proxy has ended the association");
        if (ways[1].revents)
            take_datagram(fd);
        if (ways[0].revents && !send_datagram(fd, target))
            return;
    }
}
