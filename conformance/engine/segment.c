#include "segment.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const segment_names[N_SEGMENTS] = {"whole", "bytes", "split", "coalesced"};

int segment_probe_open(void)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return -1;
    struct timeval limit = {.tv_usec = 100000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void take_end(const struct sockaddr_storage *from, __be32 *ip, __be16 *port)
{
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
        memcpy(ip, &v6->sin6_addr, 16);
        *port = v6->sin6_port;
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
        memcpy(ip, &v4->sin_addr, 4);
        *port = v4->sin_port;
    }
}

long segment_unread(int probe, int fd)
{
    static uint32_t sequence;
    struct sockaddr_storage theirs, ours;
    socklen_t theirs_len = sizeof theirs, ours_len = sizeof ours;
    if (probe < 0 || getpeername(fd, (struct sockaddr *)&theirs, &theirs_len) != 0 ||
        getsockname(fd, (struct sockaddr *)&ours, &ours_len) != 0)
        return -1;
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } ask = {
        .head = {.nlmsg_len = sizeof ask,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST,
                 .nlmsg_seq = ++sequence},
        .body = {.sdiag_family = (__u8)ours.ss_family,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = ~0u,
                 .id = {.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    take_end(&theirs, ask.body.id.idiag_src, &ask.body.id.idiag_sport);
    take_end(&ours, ask.body.id.idiag_dst, &ask.body.id.idiag_dport);
    if (send(probe, &ask, sizeof ask, 0) != (ssize_t)sizeof ask)
        return -1;
    union {
        struct nlmsghdr head;
        char octets[1024];
    } answer;
    ssize_t n;
    do { /* an answer that came too late for its question is passed over */
        n = recv(probe, &answer, sizeof answer, 0);
        if (n < (ssize_t)sizeof answer.head)
            return -1;
    } while (answer.head.nlmsg_seq != sequence);
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) ||
        answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return -1;
    struct inet_diag_msg found;
    memcpy(&found, NLMSG_DATA(&answer.head), sizeof found);
    return (long)found.idiag_rqueue;
}
