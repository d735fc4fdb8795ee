/* Octets in: from a socket into a buffer, and through the session where they stand; and the events
 * that tell when. */
#include "connection.h"
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_TURN = 4 }; /* readings of a side in one turn of the loop, as long as each is full */

static enum sks_event_kind octets_of(int side)
{
    return side == LOCAL ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
}

/* Whether the session seals what comes from this side. */
static bool is_plain_side(const struct connection *c, int side)
{
    if (c->port->session.key == NULL)
        return false;
    return side == (c->port->session.role == SKS_ROLE_SSSERVER ? REMOTE : LOCAL);
}

static void drop_buffer(struct connection *c, int side)
{
    if (c->side[side].in != NULL)
        buffers_give(&c->worker->buffers, c->side[side].in);
    c->side[side].in = NULL;
}

void flow_drop_if_empty(struct connection *c, int side)
{
    const struct buffer *b = c->side[side].in;
    if (b != NULL && b->n == 0 && b->count == 0)
        drop_buffer(c, side);
}

/* ---- in -------------------------------------------------------------------------------------- */

/* The session has sealed spans, a piece each, in one reading: nothing of them is left. */
static void give_pieces(struct connection *c, int side, size_t n)
{
    struct buffer *b = c->side[side].in;
    for (size_t i = 0; n != 0 && c->end == ALIVE; i++) {
        uint8_t *piece = b->octets + i * BUFFER_STRIDE + BUFFER_HEAD;
        size_t len = n < BUFFER_PIECE ? n : BUFFER_PIECE;
        const struct sks_event event = {.kind = octets_of(side), .data = piece, .len = len};
        struct sks_step step;
        record_read(c->record, side, piece, len);
        if (sks_session_octets(&c->session, event.kind, piece, len, &step) != SKS_OK)
            return;
        connection_act(c, &event, &step);
        n -= len;
    }
}

/* One piece, which is the cheaper call, until that has been filled once. */
static ssize_t read_pieces(struct connection *c, int side)
{
    struct buffer *b = c->side[side].in;
    struct iovec pieces[BUFFER_PIECES];
    ssize_t n;
    for (size_t i = 0; i < BUFFER_PIECES; i++) {
        pieces[i].iov_base = b->octets + i * BUFFER_STRIDE + BUFFER_HEAD;
        pieces[i].iov_len = BUFFER_PIECE;
    }
    if (c->side[side].fills)
        n = readv(c->side[side].fd, pieces, BUFFER_PIECES);
    else
        n = recv(c->side[side].fd, pieces[0].iov_base, BUFFER_PIECE, 0);
    c->side[side].fills = n >= BUFFER_PIECE;
    if (n > 0)
        give_pieces(c, side, (size_t)n);
    return n;
}

/* In the stream what is sealed is read a piece beside the other; before, a message is in one. */
static bool reads_pieces(const struct connection *c, int side)
{
    return c->side[side].in->n == 0 && c->session.stage.stage == SKS_STAGE_STREAM &&
           is_plain_side(c, side);
}

/* The most that is held of a side in one piece. */
static size_t most_of(const struct connection *c, int side)
{
    return is_plain_side(c, side) ? BUFFER_PIECE : BUFFER_SIZE - BUFFER_HEAD;
}

static ssize_t read_behind(struct connection *c, int side)
{
    struct buffer *b = c->side[side].in;
    if (b->at != BUFFER_HEAD) {
        memmove(b->octets + BUFFER_HEAD, b->octets + b->at, b->n);
        b->at = BUFFER_HEAD;
    }
    ssize_t n = recv(c->side[side].fd, b->octets + b->at + b->n, most_of(c, side) - b->n, 0);
    if (n > 0) {
        record_read(c->record, side, b->octets + b->at + b->n, (size_t)n);
        b->n += (uint32_t)n;
        c->side[side].hungry = false;
    }
    return n;
}

/* What comes after the session has ended is read and dropped; its end ends the wait. */
static void read_and_drop(struct connection *c, int side)
{
    uint8_t octets[4096];
    for (int i = 0; i < 16; i++) {
        ssize_t n = read(c->side[side].fd, octets, sizeof octets);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            c->side[side].ended = true;
            (void)connection_run(c);
            return;
        }
        if (n < 0)
            return;
    }
}

/* How much one reading brings at most. */
static size_t reach(const struct connection *c, int side)
{
    const struct buffer *b = c->side[side].in;
    if (reads_pieces(c, side))
        return (size_t)(c->side[side].fills ? BUFFER_PIECES : 1) * BUFFER_PIECE;
    return most_of(c, side) - b->n;
}

/* Reads once, and lets the session have it. Whether there is likely more, and room for it. */
static bool read_once(struct connection *c, int side)
{
    struct side *s = &c->side[side];
    if (s->in == NULL)
        s->in = buffers_take(&c->worker->buffers);
    if (s->in == NULL) {
        c->lost = true;
        (void)connection_run(c);
        return false;
    }
    size_t most = reach(c, side);
    ssize_t n = reads_pieces(c, side) ? read_pieces(c, side) : read_behind(c, side);
    if (n > 0 && c->stage == SKS_STAGE_STREAM)
        expiry_touch(&c->expiry);
    if (n == 0)
        s->ended = true;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        c->lost = true;
    return connection_run(c) && c->end == ALIVE && n > 0 && (size_t)n == most && s->reading;
}

void flow_read(struct connection *c, int side)
{
    if (c->end != ALIVE) {
        read_and_drop(c, side);
        return;
    }
    for (int i = 0; i < READ_TURN && read_once(c, side); i++)
        continue;
}

static bool give_end(struct connection *c, int side)
{
    struct side *s = &c->side[side];
    enum sks_event_kind kind = side == LOCAL ? SKS_EVENT_LOCAL_END : SKS_EVENT_REMOTE_END;
    size_t left = s->in != NULL ? s->in->n : 0;
    if (!s->ended || (left != 0 && !s->hungry) || !sks_session_takes(&c->session, kind))
        return false;
    connection_tell(c, &(struct sks_event){.kind = kind, .len = left});
    return true;
}

bool flow_give(struct connection *c, int side)
{
    struct side *s = &c->side[side];
    struct buffer *b = s->in;
    bool taken = false;
    if (c->end != ALIVE && b != NULL)
        b->n = 0;
    if (c->end != ALIVE || (b != NULL && b->count != 0)) {
        flow_drop_if_empty(c, side);
        return false;
    }
    while (b != NULL && b->n != 0 && !s->hungry && b->count < BUFFER_SPANS && c->end == ALIVE) {
        const struct sks_event event = {
            .kind = octets_of(side), .data = b->octets + b->at, .len = b->n};
        struct sks_step step;
        enum sks_status status =
            sks_session_octets(&c->session, event.kind, b->octets + b->at, b->n, &step);
        b->at += (uint32_t)step.used;
        b->n -= (uint32_t)step.used;
        s->hungry = status == SKS_MORE;
        if (status != SKS_OK) {
            record_taken(c->record, side, step.used);
            break;
        }
        connection_act(c, &event, &step);
        taken = true;
    }
    if (c->end == ALIVE && (b == NULL || b->count == 0))
        taken |= give_end(c, side);
    flow_drop_if_empty(c, side);
    return taken;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_local_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    flow_read(arg, LOCAL);
}

static void on_remote_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    flow_read(arg, REMOTE);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    connection_run(arg);
}

void flow_open(struct connection *c, int side, int fd)
{
    struct side *s = &c->side[side];
    s->fd = fd;
    event_assign(&s->readable, c->worker->base, fd, EV_READ | EV_PERSIST,
                 side == LOCAL ? on_local_readable : on_remote_readable, c);
    event_assign(&s->writable, c->worker->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
}

void flow_close(struct connection *c, int side)
{
    struct side *s = &c->side[side];
    drop_buffer(c, !side);
    free(s->message);
    s->message = NULL;
    if (s->fd < 0)
        return;
    event_del(&s->readable);
    event_del(&s->writable);
    if (c->reset) {
        const struct linger none = {.l_onoff = 1};
        (void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    close(s->fd);
    s->fd = -1;
}

static bool wants_octets(const struct connection *c, int side)
{
    const struct side *s = &c->side[side];
    const struct buffer *b = s->in;
    if (s->ended)
        return false;
    if (c->end != ALIVE)
        return side == LOCAL;
    return b == NULL || (b->count == 0 && b->n < most_of(c, side));
}

static bool set_event(struct event *event, bool *is, bool wanted)
{
    if (wanted && !*is)
        *is = event_add(event, NULL) == 0;
    else if (!wanted && *is)
        *is = event_del(event) != 0;
    return *is == wanted;
}

bool flow_watch(struct connection *c)
{
    bool done = true;
    for (int side = LOCAL; side <= REMOTE; side++) {
        struct side *s = &c->side[side];
        if (s->fd < 0)
            continue;
        done &= set_event(&s->readable, &s->reading, wants_octets(c, side));
        done &= set_event(&s->writable, &s->writing, flow_waits(c, side));
    }
    return done;
}
