#include "record.h"

#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Octets that were read of a side and do not stand in a line yet. */
struct read_octets {
    uint8_t *octets;
    size_t len, cap;
    size_t taken; /* of them, by the session, in steps without a line */
};

struct record {
    FILE *lines;
    char *text; /* of lines */
    size_t size;
    struct read_octets read[2]; /* LOCAL, REMOTE */
    bool lame;                  /* there was no memory: octets are left out from then on */
};

static int record_fd = -1;
static bool record_payload;

int record_start(const char *file, bool payload)
{
    record_payload = payload;
    record_fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return record_fd < 0 ? -1 : 0;
}

void record_stop(void)
{
    if (record_fd >= 0)
        close(record_fd);
    record_fd = -1;
}

struct record *record_open(const struct connection *c)
{
    char name[ADDRESS_TEXT_MAX + 32];
    if (record_fd < 0)
        return NULL;
    struct record *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->lines = open_memstream(&r->text, &r->size);
    if (r->lines == NULL) {
        free(r);
        return NULL;
    }
    fprintf(r->lines, "# %s %s %s\n", connection_name(c, name),
            sks_role_name((int)c->port->session.role),
            c->port->session.key != NULL ? c->port->key.cipher->name : "plain");
    return r;
}

void record_close(struct record *r)
{
    if (r == NULL)
        return;
    bool whole = fclose(r->lines) == 0;
    ssize_t written = whole && record_fd >= 0 ? write(record_fd, r->text, r->size) : 0;
    if (written < 0 || (written > 0 && (size_t)written < r->size))
        log_line(LOG_ERROR, "record: %s", written < 0 ? strerror(errno) : "a session is cut short");
    free(r->text);
    free(r->read[LOCAL].octets);
    free(r->read[REMOTE].octets);
    free(r);
}

void record_read(struct record *r, int side, const uint8_t *octets, size_t len)
{
    if (r == NULL || r->lame)
        return;
    struct read_octets *q = &r->read[side];
    if (q->len + len > q->cap) {
        uint8_t *more = realloc(q->octets, q->len + len);
        r->lame = more == NULL;
        if (more == NULL)
            return;
        q->octets = more;
        q->cap = q->len + len;
    }
    memcpy(q->octets + q->len, octets, len);
    q->len += len;
}

void record_taken(struct record *r, int side, size_t len)
{
    if (r != NULL)
        r->read[side].taken += len;
}

static bool is_octets(enum sks_event_kind kind)
{
    return kind == SKS_EVENT_LOCAL || kind == SKS_EVENT_REMOTE;
}

static bool is_forward(enum sks_action_kind kind)
{
    return kind == SKS_ACTION_FORWARD_LOCAL || kind == SKS_ACTION_FORWARD_REMOTE;
}

static bool is_wire_side(const struct connection *c, int side)
{
    enum sks_role role = c->port->session.role;
    return role != SKS_ROLE_SOCKS5 && (side == LOCAL) == (role == SKS_ROLE_SSSERVER);
}

/* Payload and credentials are shown only if that was asked for. */
static bool is_shown(const struct record *r, int before, int side)
{
    const struct read_octets *q = &r->read[side];
    bool secret = before == SKS_STAGE_STREAM ||
                  (before == SKS_STAGE_INIT && q->len != 0 && q->octets[0] == SKS_USERPASS_VERSION);
    return !r->lame && (record_payload || !secret);
}

/* What the octets from the wire side became. */
static void set_opened(struct sks_trace_word *word, const struct sks_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        if (!is_forward(a->kind) && a->kind != SKS_ACTION_RESOLVE)
            continue;
        word->plain = a->data;
        word->plain_len = a->len;
    }
}

static void set_read(struct sks_trace_word *word, const struct read_octets *q, bool is_wire,
                     const struct sks_step *step)
{
    size_t n = q->taken + step->used < q->len ? q->taken + step->used : q->len;
    if (is_wire) {
        word->wire = q->octets;
        word->wire_len = n;
        set_opened(word, step);
    } else {
        word->plain = q->octets;
        word->plain_len = n;
    }
}

/* What an action sends: on the wire side sealed, in the clear it is what came, or the address. */
static void set_sent(struct sks_trace_word *word, const struct connection *c,
                     const struct sks_action *a, const struct sks_trace_word *event)
{
    bool sealed = (a->kind == SKS_ACTION_FORWARD_LOCAL && is_wire_side(c, LOCAL)) ||
                  ((a->kind == SKS_ACTION_FORWARD_REMOTE || a->kind == SKS_ACTION_HEADER) &&
                   is_wire_side(c, REMOTE));
    if (!sealed) {
        word->plain = a->data;
        word->plain_len = a->data != NULL ? a->len : 0;
        return;
    }
    word->wire = a->data;
    word->wire_len = a->len;
    if (a->kind != SKS_ACTION_HEADER) {
        word->plain = event->plain;
        word->plain_len = event->plain_len;
    } else if (event->plain_len > 3) {
        word->plain = event->plain + 3; /* of a request */
        word->plain_len = event->plain_len - 3;
    }
}

/* Octets of a line are done with. */
static void drop_read(struct read_octets *q, size_t used)
{
    size_t n = q->taken + used < q->len ? q->taken + used : q->len;
    if (n != q->len)
        memmove(q->octets, q->octets + n, q->len - n);
    q->len -= n;
    q->taken = 0;
}

static void write_line(const struct record *r, const struct sks_trace_line *line)
{
    size_t used;
    (void)sks_trace_encode(NULL, 0, line, &used);
    char *text = malloc(used);
    if (text != NULL && sks_trace_encode(text, used, line, &used) == SKS_OK)
        (void)fwrite(text, 1, used, r->lines);
    free(text);
}

void record_step(struct record *r, const struct connection *c, int before,
                 const struct sks_event *event, const struct sks_step *step)
{
    struct sks_trace_line line = {.before = (int8_t)before,
                                  .after = c->session.stage.stage,
                                  .count = step->count,
                                  .event = {.kind = (uint8_t)event->kind}};
    int side = event->kind == SKS_EVENT_REMOTE ? REMOTE : LOCAL;
    uint8_t addr[SKS_ADDR_MAX];
    size_t used;
    if (r == NULL)
        return;
    bool shown = is_shown(r, before, side);
    if (is_octets(event->kind) && shown)
        set_read(&line.event, &r->read[side], is_wire_side(c, side), step);
    if (event->kind == SKS_EVENT_FAILURE) {
        line.event.plain = &event->rep;
        line.event.plain_len = 1;
    }
    if ((event->kind == SKS_EVENT_BOUND || event->kind == SKS_EVENT_CONNECTED) &&
        sks_addr_encode(addr, sizeof addr, &event->addr, &used) == SKS_OK) {
        line.event.plain = addr;
        line.event.plain_len = used;
    }
    for (size_t i = 0; i < step->count; i++) {
        line.actions[i].kind = (uint8_t)step->actions[i].kind;
        if (shown || !is_forward(step->actions[i].kind))
            set_sent(&line.actions[i], c, &step->actions[i], &line.event);
    }
    write_line(r, &line);
    if (is_octets(event->kind))
        drop_read(&r->read[side], step->used);
}
