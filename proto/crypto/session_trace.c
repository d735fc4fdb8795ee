/* What a session did, as a line of a trace. */
#include "session_ways.h"

#include <string.h>

/* Wire octets are left out where they are the plain ones. */
static void set(struct sks_trace_word *out, const uint8_t *plain, size_t plain_len,
                const uint8_t *wire, size_t wire_len)
{
    out->plain = plain;
    out->plain_len = plain_len;
    out->wire = wire;
    out->wire_len = wire_len;
    if (wire_len == plain_len && (wire_len == 0 || memcmp(wire, plain, wire_len) == 0))
        out->wire_len = 0;
}

static void set_event(struct sks_trace_word *out, const struct sks_session *s,
                      const struct sks_event *event, const struct sks_step *step,
                      uint8_t addr[SKS_ADDR_MAX])
{
    size_t used = 0;
    switch (event->kind) {
    case SKS_EVENT_LOCAL:
    case SKS_EVENT_REMOTE:
        if (has_wire(s) && event->kind == wire_side(s))
            set(out, step->plain, step->plain_len, event->data, event->len);
        else
            set(out, event->data, event->len, NULL, 0);
        break;
    case SKS_EVENT_BOUND:
    case SKS_EVENT_CONNECTED:
        if (sks_addr_encode(addr, SKS_ADDR_MAX, &event->addr, &used) == SKS_OK)
            set(out, addr, used, NULL, 0);
        break;
    case SKS_EVENT_FAILURE:
        addr[0] = event->rep;
        set(out, addr, event->rep != 0, NULL, 0);
        break;
    case SKS_EVENT_LOCAL_END:
    case SKS_EVENT_REMOTE_END:
        set(out, NULL, 0, event->data, event->data != NULL ? event->len : 0);
        break;
    case SKS_EVENT_OPEN:
    case SKS_EVENT_VERIFIED:
    case SKS_EVENT_RESOLVED:
    case SKS_EVENT_LOST:
    case SKS_EVENT_TIMEOUT:
        break;
    }
}

static void set_action(struct sks_trace_word *out, const struct sks_session *s,
                       const struct sks_event *event, const struct sks_action *action)
{
    out->kind = (uint8_t)action->kind;
    if (!goes_to_wire(s, action->kind))
        set(out, action->data, action->len, NULL, 0);
    else if (action->kind == SKS_ACTION_HEADER)
        set(out, action->plain, action->plain_len, action->data, action->len);
    else
        set(out, event->data, event->len, action->data, action->len);
}

void sks_session_trace(struct sks_trace_line *out, const struct sks_session *s, int8_t before,
                       const struct sks_event *event, const struct sks_step *step,
                       uint8_t addr[SKS_ADDR_MAX])
{
    memset(out, 0, sizeof *out);
    out->before = before;
    out->after = s->stage.stage;
    out->count = step->count;
    out->event.kind = (uint8_t)event->kind;
    set_event(&out->event, s, event, step, addr);
    for (size_t i = 0; i < step->count; i++)
        set_action(&out->actions[i], s, event, &step->actions[i]);
}
