#include "ends.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 1024, EVENTS = 256 };

static struct {
    const struct work *work;
    struct sockaddr_in socks, target;
    struct end *closed; /* kept until no event of this turn can name them */
    int epoll, listener;
    bool running;
} loop;

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void fail(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

static const char *name(const struct end *end)
{
    return end->client ? "client" : "target";
}

static void control(int operation, int fd, uint32_t events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(loop.epoll, operation, fd, &event) != 0)
        fail("epoll_ctl: %s", strerror(errno));
}

static struct end *end_new(int fd, bool client, uint32_t events)
{
    struct end *end = calloc(1, sizeof *end);
    if (end == NULL)
        fail("out of memory");
    end->fd = fd;
    end->client = client;
    end->stage = client ? END_CONNECTING : END_OPEN;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) != 0)
        fail("TCP_NODELAY: %s", strerror(errno));
    control(EPOLL_CTL_ADD, fd, events, end);
    return end;
}

void end_watch(struct end *end, uint32_t epoll_events)
{
    control(EPOLL_CTL_MOD, end->fd, epoll_events, end);
}

void end_close(struct end *end)
{
    close(end->fd);
    end->fd = -1;
    end->next_closed = loop.closed;
    loop.closed = end;
}

static int stream_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket: %s", strerror(errno));
    return fd;
}

struct end *end_connect(void)
{
    int fd = stream_socket();
    if (connect(fd, (struct sockaddr *)&loop.socks, sizeof loop.socks) != 0 && errno != EINPROGRESS)
        fail("connect to port %u: %s", ntohs(loop.socks.sin_port), strerror(errno));
    return end_new(fd, true, EPOLLOUT);
}

static size_t moved(const struct end *end, const char *verb, ssize_t n)
{
    if (n > 0)
        return (size_t)n;
    if (n < 0 && errno == EAGAIN)
        return 0;
    fail("%s: %s after %llu octets: %s", name(end), verb, (unsigned long long)end->octets,
         n == 0 ? "the stream ended" : strerror(errno));
}

size_t end_send(struct end *end, const void *data, size_t len)
{
    return moved(end, "send", send(end->fd, data, len, MSG_NOSIGNAL));
}

size_t end_receive(struct end *end, void *data, size_t cap)
{
    return moved(end, "receive", recv(end->fd, data, cap, 0));
}

/* On TCP, MSG_TRUNC drops the octets in the kernel: the target costs no copy. */
size_t end_discard(struct end *end, size_t cap)
{
    return moved(end, "receive", recv(end->fd, NULL, cap, MSG_TRUNC));
}

static void send_whole(struct end *end, const void *data, size_t len)
{
    if (end_send(end, data, len) != len)
        fail("%s: no room for %zu octets of SOCKS5", name(end), len);
}

static void send_greeting(struct end *end)
{
    uint8_t method = SKS_METHOD_NONE, message[SKS_GREETING_MIN];
    size_t used;
    sks_greeting_encode(message, sizeof message, &(struct sks_greeting){&method, 1}, &used);
    send_whole(end, message, used);
}

static void send_request(struct end *end)
{
    struct sks_request request = {
        .cmd = SKS_CMD_CONNECT,
        .dst = {.atyp = SKS_ATYP_IPV4,
                .host = (const uint8_t *)&loop.target.sin_addr,
                .host_len = 4,
                .port = ntohs(loop.target.sin_port)},
    };
    uint8_t message[SKS_REQUEST_MAX];
    size_t used;
    sks_request_encode(message, sizeof message, &request, &used);
    send_whole(end, message, used);
}

static void receive_selection(struct end *end)
{
    struct sks_selection selection;
    size_t used;
    end->have += (uint16_t)end_receive(end, end->in + end->have, SKS_SELECTION_SIZE - end->have);
    enum sks_status s = sks_selection_parse(&selection, end->in, end->have, &used);
    if (s == SKS_MORE)
        return;
    if (s != SKS_OK || selection.method != SKS_METHOD_NONE)
        fail("client: selection %02x %02x, expected 05 00", end->in[0], end->in[1]);
    end->have = 0;
    end->stage = END_REPLY;
    send_request(end);
}

static void receive_reply(struct end *end)
{
    struct sks_reply reply;
    size_t used;
    end->have += (uint16_t)end_receive(end, end->in + end->have, sizeof end->in - end->have);
    enum sks_status s = sks_reply_parse(&reply, end->in, end->have, &used);
    if (s == SKS_MORE)
        return;
    if (s != SKS_OK)
        fail("client: reply: %s", sks_status_text(s));
    if (reply.rep != SKS_REP_SUCCEEDED)
        fail("client: REP %02x: %s", reply.rep, sks_rep_text(reply.rep));
    if (used != end->have)
        fail("client: %zu octets behind the reply, expected none yet", end->have - used);
    end->stage = END_OPEN;
    loop.work->opened(end);
}

static void accept_all(void)
{
    for (;;) {
        int fd = accept4(loop.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED))
            return;
        if (fd < 0)
            fail("accept: %s", strerror(errno));
        loop.work->opened(end_new(fd, false, EPOLLIN));
    }
}

void ends_start(const struct work *work, uint16_t socks_port)
{
    loop.work = work;
    loop.target =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    loop.socks = loop.target;
    loop.socks.sin_port = htons(socks_port);
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    loop.listener = stream_socket();
    if (bind(loop.listener, (struct sockaddr *)&loop.target, sizeof loop.target) != 0 ||
        listen(loop.listener, BACKLOG) != 0 ||
        getsockname(loop.listener, (struct sockaddr *)&loop.target,
                    &(socklen_t){sizeof loop.target}) != 0)
        fail("target: %s", strerror(errno));
    control(EPOLL_CTL_ADD, loop.listener, EPOLLIN, NULL);
}

static void dispatch(struct end *end)
{
    switch (end->stage) {
    case END_CONNECTING:
        send_greeting(end);
        end->stage = END_SELECTION;
        end_watch(end, EPOLLIN);
        break;
    case END_SELECTION:
        receive_selection(end);
        break;
    case END_REPLY:
        receive_reply(end);
        break;
    case END_OPEN:
        loop.work->ready(end);
        break;
    }
}

void ends_run(double limit)
{
    double until = now() + limit;
    for (loop.running = true; loop.running;) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(loop.epoll, events, EVENTS, 100);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait: %s", strerror(errno));
        for (int i = 0; i < n && loop.running; i++)
            if (events[i].data.ptr == NULL)
                accept_all();
            else if (((struct end *)events[i].data.ptr)->fd >= 0)
                dispatch(events[i].data.ptr);
        for (struct end *end; (end = loop.closed) != NULL; free(end))
            loop.closed = end->next_closed;
        if (loop.running && now() > until)
            fail("not done within %.0f s", limit);
    }
}

void ends_stop(void)
{
    loop.running = false;
}
