/* What a play notes of itself: events for the report, and the tape of what it sent. */
#include "memory.h"
#include "playing.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_EVENTS = 80 };

void outcome_report_free(struct outcome_report *r)
{
    free(r->tape.octets);
    for (size_t i = 0; i < r->n_events; i++) {
        free(r->events[i].fields);
        free(r->events[i].layout);
    }
    free(r->expected);
    free(r->received);
    free(r->events);
    memset(r, 0, sizeof *r);
}

struct event_record *play_record(struct play *p, enum actor actor, enum happening what,
                                 const uint8_t *octets, size_t len)
{
    struct outcome_report *r = &p->report;
    if (!r->events)
        r->events = xcalloc(MAX_EVENTS, sizeof *r->events);
    if (r->n_events == MAX_EVENTS)
        return NULL;
    struct event_record *e = &r->events[r->n_events++];
    e->ms = (unsigned)((play_now_us() - p->started) / 1000);
    e->actor = actor;
    e->what = what;
    e->len = len;
    if (octets)
        memcpy(e->octets, octets, len < sizeof e->octets ? len : sizeof e->octets);
    return e;
}

static void keep_on_tape(struct tape *t, const uint8_t *octets, size_t len)
{
    if (t->n == sizeof t->sizes / sizeof *t->sizes)
        return;
    t->octets = xrealloc(t->octets, t->len + len + 1);
    if (len)
        memcpy(t->octets + t->len, octets, len);
    t->len += len;
    t->sizes[t->n++] = len;
}

uint8_t *play_message(struct play *p, const uint8_t *octets, size_t *n)
{
    const struct tape *t = p->verbatim ? &p->verbatim->tape : NULL;
    size_t at = 0, i = p->sent++;
    for (size_t k = 0; t && k < i && k < t->n; k++)
        at += t->sizes[k];
    if (t && i < t->n) {
        octets = t->octets + at;
        *n = t->sizes[i];
    }
    uint8_t *copy = xmalloc(*n + 1);
    if (*n)
        memcpy(copy, octets, *n);
    return copy;
}

void play_record_sent(struct play *p, enum actor a, const char *text, const uint8_t *octets,
                      size_t len)
{
    struct event_record *e = play_record(p, a, SENT, octets, len);
    keep_on_tape(&p->report.tape, octets, len);
    if (e)
        play_lay_out_datagram(p, e);
    size_t size;
    FILE *out = e && p->channels[a].wire && text ? xopen_memstream(&e->fields, &size) : NULL;
    if (!out)
        return;
    pattern_print(out, &p->scene, text);
    fclose(out);
}

void play_record_received(struct play *p, enum actor a, const char *text, int alternative, size_t n)
{
    struct channel *c = &p->channels[a];
    if (!c->wire) {
        play_record(p, a, RECEIVED, c->in, n);
        return;
    }
    const struct wire_tape *got = &c->wire->got;
    size_t at = c->datagram ? 0 : c->wire_seen, size;
    at = at < got->len ? at : got->len;
    struct event_record *e =
        play_record(p, a, RECEIVED, got->len ? got->octets + at : NULL, got->len - at);
    c->wire_seen = (size_t)c->wire->in_total;
    if (e)
        play_lay_out_datagram(p, e);
    FILE *out = e ? xopen_memstream(&e->fields, &size) : NULL;
    if (!out)
        return;
    pattern_print_received(out, &p->scene, text, alternative, c->in, n, SIZE_MAX);
    if (c->wire->fault[0])
        fprintf(out, "%s(%s)", n ? " " : "", c->wire->fault);
    fclose(out);
}
