/* The fields of sealed octets, for the reports of what a case is missed by. */
#include "playing.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* Of the octets from `at` on of a tape as far as the event keeps them. */
static void lay_out(struct wire *w, const struct wire_tape *tape, size_t at, struct event_record *e)
{
    struct wire_field fields[WIRE_FIELDS];
    size_t kept = e->len < sizeof e->octets ? e->len : sizeof e->octets;
    bool from_client = (w->side == WIRE_CLIENT) == (e->what == SENT);
    if (at > tape->len || kept > tape->len - at || kept == 0 ||
        memcmp(tape->octets + at, e->octets, kept) != 0)
        return; /* not of this tape: too far behind its start, or played from another one */
    e->n_layout = wire_layout(w->keys, tape->octets, tape->len, at, at + kept, w->datagram,
                              from_client, fields);
    e->layout = xmalloc((e->n_layout + 1) * sizeof *e->layout);
    memcpy(e->layout, fields, e->n_layout * sizeof *e->layout);
}

void play_lay_out_datagram(struct play *p, struct event_record *e)
{
    struct wire *w = p->wires[e->actor];
    if (w && w->datagram)
        lay_out(w, e->what == SENT ? &w->sent : &w->got, 0, e);
}

void play_lay_out_streams(struct play *p)
{
    size_t at[N_ACTORS][2] = {{0}};
    for (size_t i = 0; i < p->report.n_events; i++) {
        struct event_record *e = &p->report.events[i];
        struct wire *w = p->wires[e->actor];
        if (!w || w->datagram || (e->what != SENT && e->what != RECEIVED))
            continue;
        lay_out(w, e->what == SENT ? &w->sent : &w->got, at[e->actor][e->what == SENT], e);
        at[e->actor][e->what == SENT] += e->len;
    }
}
