#include "isolate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    close(fd);
    return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Without root a namespace of users comes first, in which this user is root. */
static int enter(void)
{
    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    char map[64];
    unsigned uid = getuid(), gid = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return -1;
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    write_file("/proc/self/setgroups", "deny");
    if (write_file("/proc/self/uid_map", map) != 0)
        return -1;
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    return write_file("/proc/self/gid_map", map);
}

static int loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int r = ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (r == 0)
        r = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return r;
}

static int add_route(const char *net, unsigned char type)
{
    struct {
        struct nlmsghdr head;
        struct rtmsg body;
        struct rtattr attribute;
        struct in_addr dst;
    } ask = {
        .head = {.nlmsg_len = sizeof ask,
                 .nlmsg_type = RTM_NEWROUTE,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK},
        .body = {.rtm_family = AF_INET,
                 .rtm_dst_len = 24,
                 .rtm_table = RT_TABLE_MAIN,
                 .rtm_protocol = RTPROT_STATIC,
                 .rtm_scope = RT_SCOPE_UNIVERSE,
                 .rtm_type = type},
        .attribute = {.rta_len = RTA_LENGTH(sizeof(struct in_addr)), .rta_type = RTA_DST},
    };
    inet_pton(AF_INET, net, &ask.dst);
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
    } answer = {.error = {.error = -1}};
    if (send(fd, &ask, sizeof ask, 0) == (ssize_t)sizeof ask &&
        recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.head)
        answer.error.error = -1;
    close(fd);
    return answer.error.error;
}

const char *isolate(void)
{
    if (enter() != 0)
        return errno == EPERM ? "no right to make a network namespace"
                              : "the kernel makes no network namespace";
    if (loopback_up() != 0)
        return "loopback cannot be brought up in a network namespace";
    if (add_route("203.0.113.0", RTN_UNREACHABLE) != 0 ||
        add_route("198.51.100.0", RTN_PROHIBIT) != 0)
        return "routes cannot be set in a network namespace";
    return NULL;
}
