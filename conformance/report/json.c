/* For programs: schema/report.schema.json describes it. */
#include "report.h"

#include "../engine/baseline.h"
#include "../engine/bundle.h"

#include <jansson.h>
#include <string.h>

enum { SCHEMA_VERSION = 1 };

/* Text of a peer's making may be any octets: what is not UTF-8 is left out. */
static json_t *text(const char *s)
{
    json_t *value = json_string(s);
    return value ? value : json_string("(not text)");
}

static json_t *text_or_null(const char *s)
{
    return s && s[0] ? text(s) : json_null();
}

static json_t *hex(const uint8_t *octets, size_t n)
{
    char buf[2 * sizeof((struct event_record *)0)->octets + 1] = "";
    for (size_t i = 0; i < n; i++)
        snprintf(buf + 2 * i, 3, "%02x", octets[i]);
    return json_string(buf);
}

static json_t *layout(const struct event_record *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->n_layout; i++) {
        const struct wire_field *f = &e->layout[i];
        json_t *field = json_pack("{s:s, s:I}", "name", f->name, "octets", (json_int_t)f->octets);
        if (f->note[0])
            json_object_set_new(field, "note", json_string(f->note));
        json_array_append_new(list, field);
    }
    return list;
}

static json_t *events(const struct outcome_report *r)
{
    static const char *const names[] = {"sent",      "received", "fin",     "rst",
                                        "connected", "sent-fin", "sent-rst"};
    json_t *list = json_array();
    for (size_t i = 0; i < r->n_events; i++) {
        const struct event_record *e = &r->events[i];
        size_t shown = e->len < sizeof e->octets ? e->len : sizeof e->octets;
        json_t *entry = json_pack("{s:I, s:s, s:s}", "ms", (json_int_t)e->ms, "actor",
                                  actor_names[e->actor], "what", names[e->what]);
        if (e->what == SENT || e->what == RECEIVED) {
            json_object_set_new(entry, "octets", json_integer((json_int_t)e->len));
            json_object_set_new(entry, "hex", hex(e->octets, shown));
            if (e->fields)
                json_object_set_new(entry, "fields", text(e->fields));
            if (e->n_layout)
                json_object_set_new(entry, "layout", layout(e));
        }
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *case_entry(const struct run *run, const struct result *r)
{
    const struct outcome_report *o = &r->report;
    json_t *entry = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "id", r->test->id, "requirement",
        r->requirement->id, "section", r->requirement->section, "level",
        level_names[r->requirement->level], "verdict", verdict_names[r->verdict], "reason",
        text(o->reason), "method", text_or_null(run->options->method), "segment",
        segment_names[r->segment], "cut", r->cut ? json_integer((json_int_t)r->cut) : json_null(),
        "choice", text_or_null(o->choice));
    bool ran = r->verdict != VERDICT_SKIP;
    json_object_set_new(entry, "ended", ran ? json_string(ending_name(o->ending)) : json_null());
    json_object_set_new(entry, "says", json_string(r->test->says));
    json_object_set_new(entry, "known", text_or_null(r->known ? r->known->reason : NULL));
    json_object_set_new(entry, "ms", ran ? json_integer(o->elapsed_ms) : json_null());
    if (r->verdict == VERDICT_PASS || !ran)
        return entry;
    char *command = run_command(run, r);
    json_object_set_new(entry, "expected", text_or_null(o->expected));
    json_object_set_new(entry, "received", text_or_null(o->received));
    json_object_set_new(entry, "mark", o->mark < 0 ? json_null() : json_integer(o->mark));
    json_object_set_new(entry, "rule", json_string(r->requirement->rule));
    json_object_set_new(entry, "why", json_string(r->requirement->why));
    json_object_set_new(entry, "again", text_or_null(command));
    char file[BUNDLE_NAME_MOST];
    json_object_set_new(entry, "bundle", text_or_null(bundle_of(run, r, file)));
    json_object_set_new(entry, "events", events(o));
    free(command);
    return entry;
}

static json_t *counts(const size_t totals[N_VERDICTS])
{
    json_t *object = json_object();
    for (int v = 0; v < N_VERDICTS; v++)
        json_object_set_new(object, verdict_names[v], json_integer((json_int_t)totals[v]));
    return object;
}

/* NULL without one. */
static json_t *baseline(const struct run *run)
{
    const struct baseline *b = run->options->baseline;
    if (!b)
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < b->n; i++) {
        const struct baseline_entry *e = &b->entries[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s?, s:s, s:s, s:s?, s:s}", "case", e->test->id, "segment",
                            e->segment == N_SEGMENTS ? NULL : segment_names[e->segment], "verdict",
                            verdict_names[e->verdict], "reason", e->reason, "expires", e->expires,
                            "state", entry_state_names[e->state]));
    }
    return json_pack("{s:o, s:I, s:o}", "file", text(b->file), "known",
                     (json_int_t)run->known[VERDICT_FAIL] + (json_int_t)run->known[VERDICT_QUIRK],
                     "entries", list);
}

/* What another method of the same command line plays. */
static json_t *left_out(const struct run *run)
{
    if (!run->left_out)
        return json_null();
    return json_pack("{s:I, s:s}", "cases", (json_int_t)run->left_out, "to", run->options->left_to);
}

/* NULL without one. Of ends before the last octet of the probe ms is 0. */
static json_t *sweep(const struct run *run)
{
    if (!run->sweep)
        return json_null();
    json_t *curves = json_array();
    for (size_t i = 0; i < run->n_results; i++) {
        const struct sweep_curve *curve = sweep_curve_of(run->sweep, run->results[i].test);
        if (!curve || !curve->there || run->results[i].verdict == VERDICT_SKIP)
            continue;
        json_t *points = json_array();
        for (size_t k = 0; k < SWEEP_LENGTHS; k++) {
            const struct sweep_point *p = &curve->points[k];
            json_array_append_new(points, json_pack("{s:i, s:s, s:f, s:i, s:i}", "length",
                                                    (int)sweep_length(k), "reaction",
                                                    p->lost ? "lost" : sweep_reaction(p->reaction),
                                                    "ms", p->us / 1000.0, "tries", (int)p->tries,
                                                    "octets", (int)p->octets));
        }
        json_array_append_new(curves,
                              json_pack("{s:s, s:s, s:b, s:o}", "case", run->results[i].test->id,
                                        "probe", sweep_kind_names[curve->kind], "octet_by_octet",
                                        (int)curve->bytes, "points", points));
    }
    return json_pack("{s:i, s:o}", "watched_ms", (int)run->sweep->watch_ms, "curves", curves);
}

void report_json(FILE *out, const struct run *run)
{
    const struct run_options *o = run->options;
    json_t *levels = json_object(), *cases = json_array();
    for (int l = 0; l < N_LEVELS; l++)
        json_object_set_new(levels, level_names[l], counts(run->by_level[l]));
    for (size_t i = 0; i < run->n_results; i++)
        json_array_append_new(cases, case_entry(run, &run->results[i]));
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:{s:o, s:s}, s:I, s:b, s:I, s:I, s:I, s:{s:s, s:I, s:I}, s:{s:o, s:o}, "
        "s:I, s:i, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}",
        "schema", SCHEMA_VERSION, "sockspec", SOCKSPEC_VERSION, "role", role_names[o->role], "peer",
        "name", text_or_null(o->peer_name), "address", run->address, "seed", (json_int_t)o->seed,
        "isolated", (int)run->isolated, "round_trip_us", (json_int_t)run->set.rtt_us, "deadline_ms",
        (json_int_t)run->set.deadline_ms, "quiet_ms", (json_int_t)run->set.quiet_ms, "segments",
        "method", segment_method(run), "cuts", (json_int_t)run->set.cuts, "seen",
        (json_int_t)run->set.cuts_seen, "control", "before", text_or_null(run->control_before),
        "after", text_or_null(run->control_after), "restarts", (json_int_t)run->restarts, "status",
        (int)run->status, "says", status_text(run), "ms", (json_int_t)run->elapsed_ms, "totals",
        counts(run->totals), "levels", levels, "left_out", left_out(run), "baseline", baseline(run),
        "sweep", sweep(run), "cases", cases);
    json_dumpf(root, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(root);
}
