/* usage: floor local PORT SERVER_PORT
 *        floor server PORT
 *
 * A pair that does what a proxy of this shape must and nothing else: no cipher, no deadline, no
 * log, no check, IPv4 only. local answers a SOCKS5 greeting and a request at once and sends the
 * address and the octets behind it to 127.0.0.1:SERVER_PORT; server connects there. One thread,
 * edge-triggered epoll set once per descriptor, one recv and one send a piece, ends passed on one
 * by one. What it reaches beside shadowsocks-libev is the most that a program can reach there by
 * costing less. Exit status: 1 a message that is not the bench's or a call that failed, 2 usage. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 1 << 16, EVENTS = 64, BACKLOG = 1024, HEADER = 7, REQUEST = 3 + HEADER };

enum awaited { GREETING, SOCKS_REQUEST, FIRST, OCTETS };

struct end {
    struct end *other, *next_closed;
    int fd;
    enum awaited awaited;
    bool ended;             /* the end of its octets was read */
    uint8_t header[HEADER]; /* of the client's end: what goes before its first octets */
    uint8_t *rest;          /* rest_size octets from rest_at that it did not take yet, or NULL */
    size_t rest_at, rest_size;
};

static struct end *closed; /* kept until no event of this turn can name them */
static uint8_t piece[HEADER + PIECE];
static struct sockaddr_in server;
static int epoll, listener;
static bool is_local;

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void control(int operation, int fd, uint32_t events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll, operation, fd, &event) != 0)
        fail("epoll_ctl");
}

/* Its readings are told from here on; fd is connected, or about to be. */
static struct end *end_new(int fd, enum awaited awaited)
{
    struct end *end = calloc(1, sizeof *end);
    if (end == NULL)
        fail("no memory");
    end->fd = fd;
    end->awaited = awaited;
    control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, end);
    return end;
}

static void bury(struct end *end)
{
    close(end->fd);
    end->fd = -1;
    end->next_closed = closed;
    closed = end;
}

static void close_both(struct end *end)
{
    if (end->other != NULL)
        bury(end->other);
    bury(end);
}

static void send_or_keep(struct end *to, const uint8_t *data, size_t len)
{
    ssize_t n = send(to->fd, data, len, MSG_NOSIGNAL);
    if (n == (ssize_t)len)
        return;
    if (n < 0 && errno != EAGAIN) {
        close_both(to);
        return;
    }
    to->rest_at = 0;
    to->rest_size = len - (n > 0 ? (size_t)n : 0);
    to->rest = malloc(to->rest_size);
    if (to->rest == NULL)
        fail("no memory");
    memcpy(to->rest, data + (len - to->rest_size), to->rest_size);
    control(EPOLL_CTL_MOD, to->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, to);
}

/* Connects the other side of end. A near one stands at once: nobody waits to be told. */
static void connect_to(struct end *end, const struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        (connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 && errno != EINPROGRESS))
        fail("connect");
    end->other = end_new(fd, OCTETS);
    end->other->other = end;
}

static void answer(struct end *end, const void *message, size_t len)
{
    if (send(end->fd, message, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail("an answer of SOCKS5");
}

/* What the client of the bench, or the local of this pair, sends first. False: none of it. */
static bool hear_message(struct end *end, const uint8_t *in, size_t n)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (end->awaited == GREETING && n == 3) {
        answer(end, "\x05\x00", 2);
        end->awaited = SOCKS_REQUEST;
    } else if (end->awaited == SOCKS_REQUEST && n == REQUEST && in[1] == 1 && in[3] == 1) {
        answer(end, "\x05\x00\x00\x01\x00\x00\x00\x00\x00", REQUEST);
        memcpy(end->header, in + 3, HEADER);
        end->awaited = FIRST;
        connect_to(end, &server);
    } else if (end->awaited == FIRST && end->other != NULL) {
        memcpy(piece, end->header, HEADER);
        end->awaited = OCTETS;
        send_or_keep(end->other, piece, HEADER + n);
    } else if (end->awaited == FIRST && n > HEADER && in[0] == 1) {
        memcpy(&to.sin_addr, in + 1, 4);
        memcpy(&to.sin_port, in + 5, 2);
        end->awaited = OCTETS;
        connect_to(end, &to);
        send_or_keep(end->other, in + HEADER, n - HEADER);
    } else {
        return false;
    }
    return true;
}

static void pass_end_on(struct end *end)
{
    end->ended = true;
    if (end->other == NULL || end->other->ended)
        close_both(end);
    else
        shutdown(end->other->fd, SHUT_WR);
}

/* Moves what there is, until the other side takes no more. last: the end is known to be behind it.
 */
static void move(struct end *end, bool last)
{
    uint8_t *in = piece + HEADER;
    while (end->fd >= 0 && !end->ended && (end->other == NULL || end->other->rest == NULL)) {
        ssize_t n = recv(end->fd, in, PIECE, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            close_both(end);
        else if (n == 0)
            pass_end_on(end);
        else if (end->awaited == OCTETS && end->other != NULL)
            send_or_keep(end->other, in, (size_t)n);
        else if (!hear_message(end, in, (size_t)n))
            fail("a message that is not the bench's");
        if (n < PIECE && !last)
            return;
    }
}

static void send_rest(struct end *end)
{
    ssize_t n = send(end->fd, end->rest + end->rest_at, end->rest_size, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0) {
        close_both(end);
        return;
    }
    end->rest_at += (size_t)n;
    end->rest_size -= (size_t)n;
    if (end->rest_size > 0)
        return;
    free(end->rest);
    end->rest = NULL;
    move(end->other, true);
}

static void on_event(struct end *end, uint32_t events)
{
    if ((events & EPOLLOUT) != 0 && end->rest != NULL)
        send_rest(end);
    if (end->fd >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        move(end, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

/* One a turn: the rest is told again. What it sends first is there, see TCP_DEFER_ACCEPT. */
static void take_one(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED)
        fail("accept4");
    if (fd < 0)
        return;
    struct end *end = end_new(fd, is_local ? GREETING : FIRST);
    move(end, false);
} /* NOLINT(clang-analyzer-unix.Malloc): epoll holds it until it is buried */

static void listen_on(in_port_t port)
{
    struct sockaddr_in own = {
        .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 || /* inherited */
        setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&own, sizeof own) != 0 || listen(listener, BACKLOG) != 0)
        fail("listener");
    control(EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
}

static void turn(void)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(epoll, events, EVENTS, -1);
    if (n < 0 && errno != EINTR)
        fail("epoll_wait");
    for (int i = 0; i < n; i++) {
        struct end *end = events[i].data.ptr;
        if (end == NULL)
            take_one();
        else if (end->fd >= 0)
            on_event(end, events[i].events);
    }
    for (struct end *end; (end = closed) != NULL; free(end)) {
        closed = end->next_closed;
        free(end->rest);
    }
}

static in_port_t port_of(const char *text)
{
    char *behind;
    long value = strtol(text, &behind, 10);
    if (*behind != '\0' || value < 1 || value > UINT16_MAX) {
        fprintf(stderr, "floor: %s: expected a port from 1 to 65535\n", text);
        exit(2);
    }
    return htons((uint16_t)value);
}

int main(int argc, char **argv)
{
    is_local = argc == 4 && strcmp(argv[1], "local") == 0;
    if (!is_local && !(argc == 3 && strcmp(argv[1], "server") == 0)) {
        fputs("usage: floor local PORT SERVER_PORT\n       floor server PORT\n", stderr);
        return 2;
    }
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (is_local)
        server.sin_port = port_of(argv[3]);
    listen_on(port_of(argv[2]));
    for (;;)
        turn();
}
