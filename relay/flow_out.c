/* Octets out: messages of the session's own, and what it forwards, from where it stands. */
#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SEND_SPANS = BUFFER_SPANS + 1 }; /* a message before them */

void flow_forward(struct connection *c, int from, const uint8_t *octets, size_t n)
{
    struct buffer *b = c->side[from].in;
    union {
        const void *from;
        void *to;
    } base = {octets};
    if (n == 0)
        return;
    b->spans[b->count++] = (struct iovec){base.to, n};
    COUNT_UP(
        *(from == LOCAL ? &c->worker->statistics.octets_up : &c->worker->statistics.octets_down),
        n);
}

bool flow_message(struct connection *c, int side, const uint8_t *octets, size_t n)
{
    struct message *old = c->side[side].message;
    size_t had = old != NULL ? old->size : 0;
    struct message *m = realloc(old, sizeof *m + had + n);
    if (m == NULL)
        return false;
    if (old == NULL)
        m->at = 0;
    memcpy(m->octets + had, octets, n);
    m->size = (uint32_t)(had + n);
    c->side[side].message = m;
    return true;
}

bool flow_waits(const struct connection *c, int side)
{
    const struct buffer *from = c->side[!side].in;
    return c->side[side].message != NULL || (from != NULL && from->count != 0);
}

/* n octets of what waits for this side are on their way. */
static void sent(struct connection *c, int side, size_t n)
{
    struct message *m = c->side[side].message;
    struct buffer *b = c->side[!side].in;
    if (m != NULL) {
        size_t of_it = m->size - m->at < n ? m->size - m->at : n;
        m->at += (uint32_t)of_it;
        n -= of_it;
        if (m->at != m->size)
            return;
        free(m);
        c->side[side].message = NULL;
    }
    if (b == NULL)
        return;
    for (; b->count != 0 && n >= b->spans[b->first].iov_len; b->count--)
        n -= b->spans[b->first++].iov_len;
    if (b->count == 0) {
        b->first = 0;
        flow_drop_if_empty(c, !side);
        return;
    }
    b->spans[b->first].iov_base = (uint8_t *)b->spans[b->first].iov_base + n;
    b->spans[b->first].iov_len -= n;
}

static ssize_t send_spans(int fd, const struct msghdr *all)
{
    const struct iovec *one = all->msg_iov;
    if (all->msg_iovlen == 1) /* the cheaper call */
        return send(fd, one->iov_base, one->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sendmsg(fd, all, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool send_some(struct connection *c, int side)
{
    struct iovec spans[SEND_SPANS];
    struct msghdr all = {.msg_iov = spans};
    struct message *m = c->side[side].message;
    const struct buffer *b = c->side[!side].in;
    size_t size = 0;
    if (m != NULL)
        spans[all.msg_iovlen++] = (struct iovec){m->octets + m->at, m->size - m->at};
    for (unsigned i = 0; b != NULL && i < b->count; i++)
        spans[all.msg_iovlen++] = b->spans[b->first + i];
    for (size_t i = 0; i < all.msg_iovlen; i++)
        size += spans[i].iov_len;
    ssize_t n = send_spans(c->side[side].fd, &all);
    if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EINPROGRESS)
        c->lost = true;
    if (n <= 0)
        return false;
    sent(c, side, (size_t)n);
    if (c->stage == SKS_STAGE_STREAM)
        expiry_touch(&c->expiry);
    return (size_t)n == size;
}

/* Both sides are closed in this turn: their ends need no call of their own. */
static bool closes_now(const struct connection *c)
{
    return c->end == CLOSING && c->side[LOCAL].ended && !flow_waits(c, LOCAL) &&
           !flow_waits(c, REMOTE);
}

bool flow_send(struct connection *c, int side)
{
    struct side *s = &c->side[side];
    bool progress = false;
    if (s->fd < 0 || c->lost)
        return false;
    if (flow_waits(c, side))
        progress = send_some(c, side);
    if (s->shut_asked && !s->shut && !flow_waits(c, side) && !closes_now(c)) {
        s->shut = true;
        (void)shutdown(s->fd, SHUT_WR);
    }
    return progress;
}
