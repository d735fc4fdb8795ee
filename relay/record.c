#include "record.h"

#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* What was taken in one step, in the clear and as it came. */
struct record {
    FILE *lines;
    char *text; /* of lines */
    size_t size;
    uint8_t *given; /* as record_octets had them, given_len octets */
    size_t given_len, given_cap;
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
    if (fclose(r->lines) == 0 && record_fd >= 0 && write(record_fd, r->text, r->size) < 0)
        log_line(LOG_ERROR, "record: %s", strerror(errno));
    free(r->text);
    free(r->given);
    free(r);
}

void record_octets(struct record *r, const uint8_t *octets, size_t len)
{
    if (r == NULL)
        return;
    if (len > r->given_cap) {
        uint8_t *more = realloc(r->given, len);
        r->given_len = 0;
        if (more == NULL)
            return;
        r->given = more;
        r->given_cap = len;
    }
    memcpy(r->given, octets, len);
    r->given_len = len;
}

static bool is_octets(enum sks_event_kind kind)
{
    return kind == SKS_EVENT_LOCAL || kind == SKS_EVENT_REMOTE;
}

static bool is_forward(enum sks_action_kind kind)
{
    return kind == SKS_ACTION_FORWARD_LOCAL || kind == SKS_ACTION_FORWARD_REMOTE;
}

/* Only what passes before the stream is always written: it is what makes the session. */
static bool is_shown(int before)
{
    return record_payload || before != SKS_STAGE_STREAM;
}

/* The plain octets of an event from the wire side: what they became. */
static const struct sks_action *opened(const struct sks_step *step)
{
    for (size_t i = 0; i < step->count; i++)
        if (is_forward(step->actions[i].kind) || step->actions[i].kind == SKS_ACTION_RESOLVE)
            return &step->actions[i];
    return NULL;
}

static void set_octets(struct sks_trace_word *word, const struct record *r,
                       const struct connection *c, const struct sks_event *event,
                       const struct sks_step *step)
{
    enum sks_role role = c->port->session.role;
    bool is_wire =
        role != SKS_ROLE_SOCKS5 && (event->kind == SKS_EVENT_LOCAL) == (role == SKS_ROLE_SSSERVER);
    const struct sks_action *as = is_wire ? opened(step) : NULL;
    size_t used = step->used < r->given_len ? step->used : r->given_len;
    word->plain = r->given;
    word->plain_len = used;
    if (!is_wire)
        return;
    word->wire = r->given;
    word->wire_len = used;
    word->plain = as != NULL ? as->data : NULL;
    word->plain_len = as != NULL ? as->len : 0;
}

void record_step(struct record *r, const struct connection *c, int before,
                 const struct sks_event *event, const struct sks_step *step)
{
    struct sks_trace_line line = {.before = (int8_t)before,
                                  .after = c->session.stage.stage,
                                  .count = step->count,
                                  .event = {.kind = (uint8_t)event->kind}};
    uint8_t addr[SKS_ADDR_MAX];
    size_t used;
    if (r == NULL)
        return;
    if (is_octets(event->kind) && is_shown(before))
        set_octets(&line.event, r, c, event, step);
    if (event->kind == SKS_EVENT_BOUND || event->kind == SKS_EVENT_CONNECTED) {
        if (sks_addr_encode(addr, sizeof addr, &event->addr, &used) == SKS_OK) {
            line.event.plain = addr;
            line.event.plain_len = used;
        }
    } else if (event->kind == SKS_EVENT_FAILURE) {
        line.event.plain = &event->rep;
        line.event.plain_len = 1;
    }
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        struct sks_trace_word *word = &line.actions[i];
        word->kind = (uint8_t)a->kind;
        if (!is_shown(before) && is_forward(a->kind))
            continue;
        word->plain = a->data;
        word->plain_len = a->data != NULL ? a->len : 0;
    }
    (void)sks_trace_encode(NULL, 0, &line, &used);
    char *text = malloc(used);
    if (text != NULL && sks_trace_encode(text, used, &line, &used) == SKS_OK)
        (void)fwrite(text, 1, used, r->lines);
    free(text);
}
