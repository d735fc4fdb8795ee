#include "segment.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
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
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): the kernel has filled it */
        *port = v4->sin_port;
    }
}

/* What the kernel tells of the other end's socket. */
struct far_end {
    uint64_t received; /* octets, since the connection began */
    uint32_t unread;   /* of them, not yet taken by its program */
};

/* Takes the unread count first and the rest behind the socket's lock (tcp_get_info): a read that
 * was at work when the count fell to 0 has returned when this does. */
static bool look_at(int probe, const struct sockaddr_storage *theirs,
                    const struct sockaddr_storage *ours, struct far_end *found)
{
    static uint32_t sequence;
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } ask = {
        .head = {.nlmsg_len = sizeof ask,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST,
                 .nlmsg_seq = ++sequence},
        .body = {.sdiag_family = (__u8)ours->ss_family,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_ext = 1u << (INET_DIAG_INFO - 1),
                 .idiag_states = ~0u,
                 .id = {.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    take_end(theirs, ask.body.id.idiag_src, &ask.body.id.idiag_sport);
    take_end(ours, ask.body.id.idiag_dst, &ask.body.id.idiag_dport);
    if (send(probe, &ask, sizeof ask, 0) != (ssize_t)sizeof ask)
        return false;
    union {
        struct nlmsghdr head;
        char octets[2048];
    } answer;
    ssize_t n;
    do { /* an answer that came too late for its question is passed over */
        n = recv(probe, &answer, sizeof answer, 0);
        if (n < (ssize_t)sizeof answer.head)
            return false;
    } while (answer.head.nlmsg_seq != sequence);
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) ||
        answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return false;
    struct inet_diag_msg socket;
    memcpy(&socket, NLMSG_DATA(&answer.head), sizeof socket);
    found->unread = socket.idiag_rqueue;
    size_t end = answer.head.nlmsg_len < (size_t)n ? answer.head.nlmsg_len : (size_t)n;
    size_t at = NLMSG_SPACE(sizeof socket);
    for (struct rtattr attribute; at + sizeof attribute <= end;
         at += RTA_ALIGN(attribute.rta_len)) {
        memcpy(&attribute, answer.octets + at, sizeof attribute);
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > end - at)
            return false;
        size_t known = offsetof(struct tcp_info, tcpi_bytes_received) + sizeof found->received;
        if (attribute.rta_type != INET_DIAG_INFO || attribute.rta_len < RTA_LENGTH(known))
            continue;
        memcpy(&found->received,
               answer.octets + at + RTA_LENGTH(offsetof(struct tcp_info, tcpi_bytes_received)),
               sizeof found->received);
        return true;
    }
    return false;
}

long segment_unread(int probe, int fd)
{
    struct sockaddr_storage theirs = {0}, ours = {0};
    socklen_t theirs_len = sizeof theirs, ours_len = sizeof ours;
    struct tcp_info own = {0};
    socklen_t own_len = sizeof own;
    struct far_end far;
    if (probe < 0 || getpeername(fd, (struct sockaddr *)&theirs, &theirs_len) != 0 ||
        getsockname(fd, (struct sockaddr *)&ours, &ours_len) != 0 ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &own, &own_len) != 0 ||
        !look_at(probe, &theirs, &ours, &far))
        return -1;
    uint64_t sent = own.tcpi_bytes_sent - own.tcpi_bytes_retrans + own.tcpi_notsent_bytes;
    if (far.received < sent)
        return (long)(sent - far.received + far.unread);
    /* All of it has arrived: only a count taken from now on says that it has been read. */
    return look_at(probe, &theirs, &ours, &far) ? (long)far.unread : -1;
}
