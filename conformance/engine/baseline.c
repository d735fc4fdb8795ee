#include "baseline.h"

#include "json_file.h"
#include "memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *const entry_state_names[N_ENTRY_STATES] = {"not run", "known", "passes", "stale",
                                                       "expired"};

/* ---- the file -------------------------------------------------------------------------------- */

struct place { /* what an error names */
    const char *file, *id;
    size_t entry; /* from 1 */
    char *error;
};

static bool wrong(const struct place *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool wrong(const struct place *at, const char *format, ...)
{
    char what[140];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(at->error, JSON_ERROR_SIZE, "%.120s: entry %zu%s%.80s%s: %s", at->file, at->entry,
             at->id ? " (" : "", at->id ? at->id : "", at->id ? ")" : "", what);
    return false;
}

static bool is_date(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, end = 0;
    if (strlen(text) != 10 || strspn(text, "0123456789-") != 10)
        return false;
    /* NOLINTNEXTLINE(cert-err34-c): four digits at most, and the whole text is used */
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           !(month == 2 && day == 29 && !leap);
}

static bool known_keys(const struct place *at, json_t *entry)
{
    const char *key;
    json_t *value;
    json_object_foreach(entry, key, value)
    {
        if (strcmp(key, "case") != 0 && strcmp(key, "segment") != 0 &&
            strcmp(key, "verdict") != 0 && strcmp(key, "reason") != 0 &&
            strcmp(key, "expires") != 0 && strcmp(key, "passes") != 0)
            return wrong(
                at, "unknown key \"%.40s\", expected of case segment verdict reason expires passes",
                key);
        if (!json_is_string(value))
            return wrong(at, "\"%s\": expected a string", key);
    }
    return true;
}

static bool take_segment(const struct place *at, struct baseline_entry *e, const char *segment)
{
    e->segment = segment ? 0 : N_SEGMENTS;
    while (segment && e->segment < N_SEGMENTS && strcmp(segment, segment_names[e->segment]) != 0)
        e->segment++;
    if (segment && e->segment == N_SEGMENTS)
        return wrong(at, "segment \"%.40s\": expected whole, bytes, split or coalesced", segment);
    if (segment && e->test->segment != SEGMENT_WHOLE && e->test->segment != e->segment)
        return wrong(at, "segment \"%s\": this case is always played \"%s\"", segment,
                     segment_names[e->test->segment]);
    return true;
}

static bool take_entry(struct place *at, struct baseline *b, json_t *value)
{
    struct baseline_entry *e = &b->entries[b->n];
    const char *id = NULL, *segment = NULL, *verdict = NULL, *expires = NULL;
    const char *passes = NULL;
    if (!json_is_object(value))
        return wrong(at, "expected an object");
    if (!known_keys(at, value))
        return false;
    json_unpack(value, "{s?s, s?s, s?s, s?s, s?s, s?s}", "case", &id, "segment", &segment,
                "verdict", &verdict, "reason", &e->reason, "expires", &expires, "passes", &passes);
    if (!id)
        return wrong(at, "key \"case\" is missing, expected the id of a case");
    at->id = id;
    e->test = case_by_id(id);
    if (!e->test)
        return wrong(at, "no case has this id (sockspec list shows them)");
    if (!verdict || (strcmp(verdict, "FAIL") != 0 && strcmp(verdict, "QUIRK") != 0))
        return wrong(at, "verdict \"%.40s\": expected FAIL or QUIRK", verdict ? verdict : "");
    e->verdict = verdict[0] == 'F' ? VERDICT_FAIL : VERDICT_QUIRK;
    if (!e->reason || !e->reason[0])
        return wrong(at, "key \"reason\" is missing or empty, expected why the peer does so");
    if (!take_segment(at, e, segment))
        return false;
    if (expires && !is_date(expires))
        return wrong(at, "expires \"%.40s\": expected a date YYYY-MM-DD", expires);
    e->expires = expires;
    if (passes && strcmp(passes, "sometimes") != 0)
        return wrong(at, "passes \"%.40s\": expected sometimes", passes);
    e->sometimes = passes != NULL;
    for (size_t i = 0; i < b->n; i++) {
        const struct baseline_entry *earlier = &b->entries[i];
        if (earlier->test == e->test &&
            (earlier->segment == e->segment || earlier->segment == N_SEGMENTS ||
             e->segment == N_SEGMENTS))
            return wrong(at, "a duplicate of entry %zu, expected one for each case and segment",
                         i + 1);
    }
    b->n++;
    return true;
}

struct baseline *baseline_load(const char *file, char *error)
{
    json_t *root = json_file_read(file, error);
    if (!root)
        return NULL;
    json_t *list = json_object_get(root, "deviations");
    struct baseline *b = xcalloc(1, sizeof *b);
    b->file = file;
    b->json = root;
    b->entries = xcalloc(json_array_size(list) + 1, sizeof *b->entries);
    bool good = json_is_array(list) && json_object_size(root) == 1;
    if (!good) {
        snprintf(error, JSON_ERROR_SIZE,
                 "%.300s: expected an object with one key, \"deviations\", an array", file);
    }
    for (size_t i = 0; good && i < json_array_size(list); i++) {
        struct place place = {file, NULL, i + 1, error};
        good = take_entry(&place, b, json_array_get(list, i));
    }
    if (good)
        return b;
    baseline_free(b);
    return NULL;
}

void baseline_free(struct baseline *b)
{
    if (!b)
        return;
    json_decref(b->json);
    free(b->entries);
    free(b);
}

/* ---- a run held to it ------------------------------------------------------------------------ */

static bool stands_for(const struct baseline_entry *e, const struct result *r)
{
    return e->test == r->test && (e->segment == N_SEGMENTS || e->segment == r->segment);
}

static bool deviates(const struct result *r)
{
    return r->verdict == VERDICT_FAIL || r->verdict == VERDICT_QUIRK;
}

/* --strict makes a FAIL of what is listed as a QUIRK. */
static bool as_listed(const struct run *run, const struct baseline_entry *e, const struct result *r)
{
    return r->verdict == e->verdict ||
           (run->options->strict && r->verdict == VERDICT_FAIL && e->verdict == VERDICT_QUIRK);
}

static enum entry_state judge_entry(const struct run *run, struct baseline_entry *e,
                                    const char *today)
{
    bool listed = false, other = false, passes = false;
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        if (!stands_for(e, r))
            continue;
        passes = passes || r->verdict == VERDICT_PASS;
        if (!deviates(r))
            continue;
        if (as_listed(run, e, r)) {
            listed = true;
        } else {
            other = true;
            e->found = r->verdict;
        }
    }
    if ((listed || other) && e->expires && strcmp(e->expires, today) < 0)
        return ENTRY_EXPIRED;
    if (other && !listed)
        return ENTRY_STALE;
    if (passes && !listed)
        return e->sometimes ? ENTRY_KNOWN : ENTRY_PASSES;
    return listed ? ENTRY_KNOWN : ENTRY_NOT_RUN;
}

size_t baseline_apply(struct run *run, const char *today)
{
    const struct baseline *b = run->options->baseline;
    size_t failing = 0;
    for (size_t k = 0; b && k < b->n; k++) {
        struct baseline_entry *e = &b->entries[k];
        e->state = judge_entry(run, e, today);
        failing += entry_fails(e);
        for (size_t i = 0; e->state == ENTRY_KNOWN && i < run->n_results; i++) {
            struct result *r = &run->results[i];
            bool milder = e->verdict == VERDICT_FAIL && r->verdict == VERDICT_QUIRK;
            if (stands_for(e, r) && deviates(r) && (as_listed(run, e, r) || milder)) {
                r->known = e;
                run->known[r->verdict]++;
            }
        }
    }
    return failing;
}

bool entry_fails(const struct baseline_entry *e)
{
    return e->state == ENTRY_PASSES || e->state == ENTRY_STALE || e->state == ENTRY_EXPIRED;
}

const char *entry_finding(const struct baseline_entry *e, char *buf, size_t size)
{
    char what[80] = "";
    if (e->state == ENTRY_PASSES)
        snprintf(what, sizeof what, "passes, expected %s: its entry can go",
                 verdict_names[e->verdict]);
    else if (e->state == ENTRY_STALE)
        snprintf(what, sizeof what, "is a %s, expected %s: its entry is stale",
                 verdict_names[e->found], verdict_names[e->verdict]);
    else if (e->state == ENTRY_EXPIRED)
        snprintf(what, sizeof what, "is a %s still, its entry expired after %s",
                 verdict_names[e->verdict], e->expires);
    bool whole = e->segment == N_SEGMENTS;
    snprintf(buf, size, "%s%s%s %s", e->test->id, whole ? "" : ", ",
             whole ? "" : segment_names[e->segment], what);
    return buf;
}

/* ---- a new one ------------------------------------------------------------------------------- */

static json_t *entry_json(const char *id, const char *segment, enum verdict verdict,
                          const char *reason, const char *expires, bool sometimes)
{
    json_t *text = json_string(reason), *entry = json_object();
    json_object_set_new(entry, "case", json_string(id));
    if (segment)
        json_object_set_new(entry, "segment", json_string(segment));
    json_object_set_new(entry, "verdict", json_string(verdict_names[verdict]));
    json_object_set_new(entry, "reason", text ? text : json_string("(not text)"));
    if (expires)
        json_object_set_new(entry, "expires", json_string(expires));
    if (sometimes)
        json_object_set_new(entry, "passes", json_string("sometimes"));
    return entry;
}

/* Whether every result of a case deviates with this verdict: one entry is enough then. */
static bool always(const struct run *run, const struct result *r)
{
    for (size_t i = 0; i < run->n_results; i++)
        if (run->results[i].test == r->test && run->results[i].verdict != r->verdict)
            return false;
    return true;
}

static bool has_earlier(const struct run *run, const struct result *r)
{
    for (size_t i = 0; &run->results[i] < r; i++)
        if (run->results[i].test == r->test)
            return true;
    return false;
}

/* Whether an entry that stays says it already. */
static bool listed_already(const struct run *run, const struct result *r)
{
    const struct baseline *b = run->options->baseline;
    for (size_t k = 0; b && k < b->n; k++)
        if (stands_for(&b->entries[k], r) && b->entries[k].state == ENTRY_EXPIRED)
            return true;
    return r->known != NULL;
}

void baseline_print(FILE *out, const struct run *run)
{
    const struct baseline *b = run->options->baseline;
    json_t *list = json_array();
    for (size_t k = 0; b && k < b->n; k++) {
        const struct baseline_entry *e = &b->entries[k];
        if (e->state != ENTRY_PASSES && e->state != ENTRY_STALE)
            json_array_append_new(
                list,
                entry_json(e->test->id, e->segment == N_SEGMENTS ? NULL : segment_names[e->segment],
                           e->verdict, e->reason, e->expires, e->sometimes));
    }
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        bool one = always(run, r);
        if (!deviates(r) || listed_already(run, r) || (one && has_earlier(run, r)))
            continue;
        json_array_append_new(list, entry_json(r->test->id, one ? NULL : segment_names[r->segment],
                                               r->verdict, r->report.reason, NULL, false));
    }
    json_t *root = json_pack("{s:o}", "deviations", list);
    json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
}
