#include "channel.h"

#include "memory.h"
#include "net.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void watch(struct channel *c)
{
    bool read_on = c->fd >= 0 && !c->connecting && !c->paused && c->ending == ENDING_OPEN &&
                   (c->datagram ? !c->got : c->in_len < PATTERN_MAX);
    bool write_on = c->fd >= 0 && (c->connecting || c->out_at < c->out_len);
    if (c->readable) {
        if (read_on)
            xevent_add(c->readable, NULL);
        else
            event_del(c->readable);
    }
    if (c->writable) {
        if (write_on)
            xevent_add(c->writable, NULL);
        else
            event_del(c->writable);
    }
}

static void end(struct channel *c, enum ending ending)
{
    c->ending = ending;
    c->out_at = c->out_len = 0;
}

/* No peer causes these. */
static void end_if_ours(const char *what)
{
    if (errno == ENOMEM || errno == ENOBUFS || errno == EIO)
        give_up(what, strerror(errno));
}

static void on_readable(int fd, short what, void *arg)
{
    (void)what;
    struct channel *c = arg;
    struct wire *w = c->wire;
    if (!c->in)
        c->in = xmalloc(w ? 2 * PATTERN_MAX : PATTERN_MAX);
    if (w && c->datagram)
        w->raw_len = 0;
    socklen_t from_len = sizeof c->from;
    ssize_t n = recvfrom(fd, w ? w->raw + w->raw_len : c->in + c->in_len,
                         PATTERN_MAX - (w ? w->raw_len : c->in_len), 0, (struct sockaddr *)&c->from,
                         &from_len);
    if (n < 0 && errno == ENOTSOCK)
        n = read(fd, c->in + c->in_len, PATTERN_MAX - c->in_len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0)
        end_if_ours("receiving");
    if (n < 0 && c->datagram)
        return; /* an ICMP error for something sent before: silence is what the case sees */
    if (c->deaf && port_set_has(c->deaf, &c->from))
        return;
    if (n < 0)
        end(c, ENDING_RST);
    else if (n == 0 && !c->datagram)
        end(c, ENDING_FIN);
    else
        c->in_len += w ? wire_decode(w, (size_t)n, c->in + c->in_len) : (size_t)n;
    c->got = c->datagram;
    watch(c);
    c->changed(c->context);
}

/* The FIN of a pipe is its end. */
static void end_pipe(struct channel *c)
{
    event_free(c->readable);
    event_free(c->writable);
    c->readable = c->writable = NULL;
    close(c->fd);
    c->fd = -1;
    c->ending = ENDING_FIN;
}

static void flush(struct channel *c)
{
    while (c->out_at < c->out_len) {
        ssize_t n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == ENOTSOCK)
            n = write(c->fd, c->out + c->out_at, c->out_len - c->out_at);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0) {
            end_if_ours("sending");
            /* the reader learns how it ended, and may find octets that came before the end */
            c->out_at = c->out_len = 0;
            break;
        }
        c->out_at += (size_t)n;
    }
    if (c->out_at == c->out_len) {
        c->out_at = c->out_len = 0;
        if (c->fin_sent && shutdown(c->fd, SHUT_WR) != 0 && errno == ENOTSOCK)
            end_pipe(c);
    }
}

static void on_writable(int fd, short what, void *arg)
{
    (void)what;
    struct channel *c = arg;
    if (c->connecting) {
        socklen_t len = sizeof c->error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &c->error, &len);
        c->connecting = false;
        if (c->error)
            end(c, ENDING_RST);
        if (c->error == ECONNRESET)
            c->error = 0; /* it was made, and reset before we looked */
    }
    if (c->ending == ENDING_OPEN || c->ending == ENDING_FIN)
        flush(c);
    watch(c);
    c->changed(c->context);
}

void channel_open(struct channel *c, struct event_base *base, int fd, bool datagram,
                  bool connecting, void (*changed)(void *), void *context)
{
    memset(c, 0, sizeof *c);
    c->fd = fd;
    c->datagram = datagram;
    c->connecting = connecting;
    c->changed = changed;
    c->context = context;
    int on = 1;
    if (!datagram)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
    c->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
    watch(c);
}

void channel_send(struct channel *c, const uint8_t *octets, size_t n)
{
    if (c->fd < 0 || n == 0)
        return;
    if (c->out_at == c->out_len)
        c->out_at = c->out_len = 0;
    uint8_t *grown = xrealloc(c->out, c->out_len + n);
    c->out = grown;
    memcpy(c->out + c->out_len, octets, n);
    c->out_len += n;
    if (!c->connecting)
        flush(c);
    watch(c);
}

void channel_send_data(struct channel *c, uint8_t *octets, size_t n)
{
    if (c->wire)
        n = wire_data(c->wire, octets, n, PATTERN_MAX);
    if (n != WIRE_FAILED)
        channel_send(c, octets, n);
}

void channel_send_to(struct channel *c, const uint8_t *octets, size_t n,
                     const struct sockaddr_storage *to)
{
    sendto(c->fd, octets, n, MSG_NOSIGNAL, (const struct sockaddr *)to, net_len(to));
}

bool channel_idle(const struct channel *c)
{
    return c->out_at == c->out_len && !c->connecting;
}

void channel_take(struct channel *c, size_t n)
{
    if (c->datagram || n >= c->in_len)
        n = c->in_len;
    if (n > 0 && n < c->in_len)
        memmove(c->in, c->in + n, c->in_len - n);
    c->in_len -= n;
    c->got = false;
    watch(c);
}

void channel_pause(struct channel *c, bool paused)
{
    c->paused = paused;
    watch(c);
}

void channel_fin(struct channel *c)
{
    c->fin_sent = true;
    if (c->fd >= 0 && !c->connecting)
        flush(c);
}

void channel_rst(struct channel *c)
{
    if (c->fd >= 0) {
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    channel_close(c);
}

void channel_close(struct channel *c)
{
    if (c->readable)
        event_free(c->readable);
    if (c->writable)
        event_free(c->writable);
    if (c->fd >= 0)
        close(c->fd);
    free(c->in);
    free(c->out);
    c->readable = c->writable = NULL;
    c->in = c->out = NULL;
    c->in_len = c->out_len = c->out_at = 0;
    c->fd = -1;
}
