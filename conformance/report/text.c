/* For people: grouped by section, then what failed, with octets. 80 columns. */
#include "report.h"

#include "../engine/baseline.h"
#include "../engine/bundle.h"

#include <string.h>

struct style {
    const char *verdict[N_VERDICTS], *bold, *dim, *off;
};
static const struct style plain = {
    .verdict = {"", "", "", "", "", ""}, .bold = "", .dim = "", .off = ""};
static const struct style terminal = {
    .verdict = {"\033[32m", "\033[1;31m", "\033[33m", "\033[2m", "\033[35m", "\033[1;35m"},
    .bold = "\033[1m",
    .dim = "\033[2m",
    .off = "\033[0m",
};

static void head(FILE *out, const struct run *run, const struct style *s)
{
    const struct run_options *o = run->options;
    char line[400];
    fprintf(out, "%ssockspec %s%s: %s%s%s at %s\n", s->bold, SOCKSPEC_VERSION, s->off,
            o->peer_name ? o->peer_name : "", o->peer_name ? " as " : "", role_names[o->role],
            run->address);
    snprintf(line, sizeof line,
             "seed %llu; a plain good connection takes %.1f ms; an answer may take %.1f s, silence "
             "means %.2f s without an octet",
             (unsigned long long)o->seed, run->set.rtt_us / 1000.0, run->set.deadline_ms / 1000.0,
             run->set.quiet_ms / 1000.0);
    print_wrapped(out, 0, line);
    if (run->not_isolated)
        snprintf(line, sizeof line, "not isolated: %s", run->not_isolated);
    else
        snprintf(line, sizeof line, "isolated: the peer has no way out");
    print_wrapped(out, 0, line);
    if (run->repeated) {
        snprintf(line, sizeof line,
                 "%zu answered too late; played once more, in time: is the machine busy?",
                 run->repeated);
        print_wrapped(out, 0, line);
    }
    if (run->set.cuts) {
        snprintf(line, sizeof line, "segments: %lu of %lu seen read before the next was sent (%s)",
                 run->set.cuts_seen, run->set.cuts, segment_method(run));
        print_wrapped(out, 0, line);
    }
}

static void sections(FILE *out, const struct run *run, const struct style *s)
{
    fprintf(out, "\n%s%-40s%6s%6s%7s%6s%7s%s\n", s->bold, "section", "pass", "fail", "quirk",
            "skip", "other", s->off);
    for (size_t i = 0; i < run->n_results;) {
        char section[64];
        const char *id = run->results[i].test->id;
        size_t counts[N_VERDICTS] = {0}, n = (size_t)(strrchr(id, '/') - id);
        snprintf(section, sizeof section, "%.*s", (int)n, id);
        for (; i < run->n_results && strncmp(run->results[i].test->id, section, n) == 0 &&
               run->results[i].test->id[n] == '/';
             i++)
            counts[run->results[i].verdict]++;
        fprintf(out, "%-40s", section);
        const int widths[] = {6, 6, 7, 6};
        for (int v = VERDICT_PASS; v <= VERDICT_SKIP; v++)
            fprintf(out, "%s%*zu%s", counts[v] && v != VERDICT_PASS ? s->verdict[v] : "", widths[v],
                    counts[v], s->off);
        fprintf(out, "%7zu\n", counts[VERDICT_INCONCLUSIVE] + counts[VERDICT_ERROR]);
    }
}

static void choices(FILE *out, const struct run *run, const struct style *s)
{
    bool first = true;
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        if (r->verdict != VERDICT_PASS || !r->report.choice[0] || r->segment != r->test->segment)
            continue;
        if (first)
            fprintf(out, "\n%schoices%s, where implementations may differ\n", s->bold, s->off);
        first = false;
        fprintf(out, "  %-40s ", r->test->id);
        print_wrapped(out, 43, r->report.choice);
    }
}

static void skips(FILE *out, const struct run *run, const struct style *s)
{
    if (run->totals[VERDICT_SKIP] == 0)
        return;
    fprintf(out, "\n%sskipped%s\n", s->bold, s->off);
    for (size_t i = 0; i < run->n_results; i++) {
        const char *reason = run->results[i].report.reason;
        size_t n = 0, earlier = 0;
        for (size_t k = 0; run->results[i].verdict == VERDICT_SKIP && k < run->n_results; k++) {
            bool same = run->results[k].verdict == VERDICT_SKIP &&
                        strcmp(run->results[k].report.reason, reason) == 0;
            n += same;
            earlier += same && k < i;
        }
        if (n == 0 || earlier)
            continue;
        fprintf(out, "%6zu  ", n);
        print_wrapped(out, 8, reason);
    }
}

static void field(FILE *out, const char *name, const char *text)
{
    fprintf(out, "  %-9s ", name);
    print_wrapped(out, 12, text);
}

static void transcript(FILE *out, const struct outcome_report *r)
{
    static const char *const marks[] = {"->",        "<-",     "<- FIN", "<- RST",
                                        "connected", "-> FIN", "-> RST"};
    for (size_t i = 0; i < r->n_events; i++) {
        const struct event_record *e = &r->events[i];
        fprintf(out, "  %6u ms  %-14s %s ", e->ms, actor_names[e->actor], marks[e->what]);
        size_t shown = e->len < 20 ? e->len : 20;
        for (size_t k = 0; k < shown; k++)
            fprintf(out, "%02x", e->octets[k]);
        if (shown < e->len)
            fprintf(out, "... (%zu)", e->len);
        fputc('\n', out);
        if (e->fields && e->fields[0]) {
            fprintf(out, "%*s", 15, "");
            print_wrapped(out, 15, e->fields);
        }
    }
}

/* Octets in full lines: they are not broken between words, so that the mark stands below its octet.
 */
static void received(FILE *out, const struct outcome_report *r)
{
    fprintf(out, "  received  %s\n", r->received);
    if (r->mark >= 0)
        fprintf(out, "  %*s^^\n", r->mark + 10, "");
}

static void detail(FILE *out, const struct run *run, const struct result *r, const struct style *s)
{
    char segment[64], line[200];
    fprintf(out, "\n%s%s%s %s%s%s\n", s->verdict[r->verdict], verdict_names[r->verdict], s->off,
            s->bold, r->test->id, s->off);
    snprintf(line, sizeof line, "%s, %s; segment %s; the connection was %s",
             level_names[r->requirement->level], r->requirement->section,
             segment_text(r, segment, sizeof segment),
             r->report.ending == ENDING_OPEN  ? "open"
             : r->report.ending == ENDING_FIN ? "ended by FIN"
                                              : "ended by RST");
    fprintf(out, "  %s", s->dim);
    print_wrapped(out, 2, line);
    fputs(s->off, out);
    field(out, "case", r->test->says);
    field(out, "rule", r->requirement->rule);
    field(out, "found", r->report.reason);
    if (r->known)
        field(out, "known", r->known->reason);
    if (r->report.expected && r->report.received) {
        field(out, "expected", r->report.expected);
        received(out, &r->report);
    }
    if (r->report.said[0])
        field(out, "it said", r->report.said);
    if (run->options->verbose)
        transcript(out, &r->report);
    if (run->options->replay)
        return;
    fputs("  again     ", out);
    run_print_command(out, run, r);
    fputc('\n', out);
    char file[BUNDLE_NAME_MOST];
    if (bundle_of(run, r, file))
        fprintf(out, "  replay    sockspec replay %s\n", file);
}

static void totals(FILE *out, const struct run *run, const struct style *s)
{
    fprintf(out, "\n%s%-10s%6s%6s%7s%6s%7s%s\n", s->bold, "level", "pass", "fail", "quirk", "skip",
            "other", s->off);
    for (int l = 0; l < N_LEVELS; l++) {
        const size_t *c = run->by_level[l];
        fprintf(out, "%-10s%6zu%6zu%7zu%6zu%7zu\n", level_names[l], c[VERDICT_PASS],
                c[VERDICT_FAIL], c[VERDICT_QUIRK], c[VERDICT_SKIP],
                c[VERDICT_INCONCLUSIVE] + c[VERDICT_ERROR]);
    }
    const char *name;
    char text[400];
    if (run->set.left_behind)
        fprintf(out, "\nprocesses that clients left behind when they ended: %u; they were ended\n",
                run->set.left_behind);
    for (size_t i = 0; run_finding(run, i, &name, text, sizeof text); i++) {
        fprintf(out, "%s%-9s ", i == 0 ? "\n" : "", name);
        print_wrapped(out, 10, text);
    }
    bool good = run->status == EXIT_CONFORMS;
    fprintf(out, "\n%s%s%s: %zu pass, %zu fail, %zu quirk, %zu skip", s->verdict[good ? 0 : 1],
            status_text(run), s->off, run->totals[VERDICT_PASS], run->totals[VERDICT_FAIL],
            run->totals[VERDICT_QUIRK], run->totals[VERDICT_SKIP]);
    if (run->totals[VERDICT_INCONCLUSIVE] + run->totals[VERDICT_ERROR])
        fprintf(out, ", %zu inconclusive, %zu error", run->totals[VERDICT_INCONCLUSIVE],
                run->totals[VERDICT_ERROR]);
    fprintf(out, " in %.1f s\n", run->elapsed_ms / 1000.0);
    if (run->left_out)
        fprintf(out,
                "left out: %zu of these skips, for %s plays them; --every-case does it here too\n",
                run->left_out, run->options->left_to);
    if (run->options->baseline)
        fprintf(out, "known: %zu fail and %zu quirk, by %s\n", run->known[VERDICT_FAIL],
                run->known[VERDICT_QUIRK], run->options->baseline->file);
}

void report_text(FILE *out, const struct run *run, bool colour)
{
    const struct style *s = colour ? &terminal : &plain;
    head(out, run, s);
    if (run->options->verbose) {
        char segment[64];
        fputc('\n', out);
        for (size_t i = 0; i < run->n_results; i++) {
            const struct result *r = &run->results[i];
            fprintf(out, "%s%-12s%s %-48s %s\n", s->verdict[r->verdict], verdict_names[r->verdict],
                    s->off, r->test->id, segment_text(r, segment, sizeof segment));
        }
    }
    sections(out, run, s);
    choices(out, run, s);
    skips(out, run, s);
    const enum verdict order[] = {VERDICT_QUIRK, VERDICT_INCONCLUSIVE, VERDICT_ERROR, VERDICT_FAIL};
    for (size_t v = 0; v < 4; v++)
        for (size_t i = 0; i < run->n_results; i++)
            if (run->results[i].verdict == order[v])
                detail(out, run, &run->results[i], s);
    totals(out, run, s);
}
