/* One self-contained page: page.html, with the run's table and its JSON in it. The table can be
 * read without JavaScript; with it, rows are filtered and open to what was seen on the wire. */
#include "report.h"

#include "../engine/baseline.h"
#include "../engine/memory.h"

#include <stdlib.h>
#include <string.h>

/* page.html as it is, from the top of the tree, where make runs. */
__asm__(".section .rodata\n"
        "page_start: .incbin \"conformance/report/page.html\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char page_start[];

static void title(FILE *out, const struct run *run)
{
    const struct run_options *o = run->options;
    report_escaped(out, o->peer_name ? o->peer_name : run->address);
    fprintf(out, " as %s", role_names[o->role]);
}

static void summary(FILE *out, const struct run *run)
{
    fprintf(out, "<p class=%s><strong>",
            run->status != EXIT_CONFORMS ? "bad"
            : run->known[VERDICT_FAIL]   ? "known"
                                         : "good");
    report_escaped(out, status_text(run));
    fprintf(out, "</strong>: %zu pass, %zu fail, %zu quirk, %zu skip", run->totals[VERDICT_PASS],
            run->totals[VERDICT_FAIL], run->totals[VERDICT_QUIRK], run->totals[VERDICT_SKIP]);
    if (run->totals[VERDICT_INCONCLUSIVE] + run->totals[VERDICT_ERROR])
        fprintf(out, ", %zu inconclusive, %zu error", run->totals[VERDICT_INCONCLUSIVE],
                run->totals[VERDICT_ERROR]);
    fputs("</p>\n", out);
    if (run->options->baseline) {
        fprintf(out, "<p>%zu deviations are known, by <code>",
                run->known[VERDICT_FAIL] + run->known[VERDICT_QUIRK]);
        report_escaped(out, run->options->baseline->file);
        fputs("</code>.</p>\n", out);
    }
    char text[600];
    const char *name;
    for (size_t i = 0; run_finding(run, i, &name, text, sizeof text); i++) {
        fprintf(out, "<p class=bad><strong>%s</strong>: ", name);
        report_escaped(out, text);
        fputs("</p>\n", out);
    }
    fprintf(out,
            "<p class=small>sockspec %s; %s; seed %llu; an answer may take %.1f s, silence is "
            "%.2f s without an octet; %lu of %lu segments seen read before the next (%s); the run "
            "took %.1f s.</p>\n",
            SOCKSPEC_VERSION,
            run->not_isolated ? "not isolated" : "isolated: the peer had no way out",
            (unsigned long long)run->options->seed, run->set.deadline_ms / 1000.0,
            run->set.quiet_ms / 1000.0, run->set.cuts_seen, run->set.cuts, segment_method(run),
            run->elapsed_ms / 1000.0);
}

/* The rare ones only where there are any. */
static bool shown(const struct run *run, int verdict)
{
    return verdict < VERDICT_INCONCLUSIVE || run->totals[verdict];
}

static void totals(FILE *out, const struct run *run)
{
    fputs("<thead><tr><th scope=col>level", out);
    for (int v = 0; v < N_VERDICTS; v++)
        if (shown(run, v))
            fprintf(out, "<th scope=col class=%s>%s", verdict_names[v], verdict_names[v]);
    fputs("<tbody>", out);
    for (int l = 0; l < N_LEVELS; l++) {
        fprintf(out, "\n<tr><th scope=row>%s", level_names[l]);
        for (int v = 0; v < N_VERDICTS; v++)
            if (shown(run, v))
                fprintf(out, "<td class=%s>%zu", run->by_level[l][v] ? verdict_names[v] : "none",
                        run->by_level[l][v]);
    }
}

static void choices(FILE *out, const struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        if (r->verdict != VERDICT_PASS || !r->report.choice[0] || r->segment != r->test->segment)
            continue;
        fprintf(out, "<tr><td><code>%s</code><td>", r->test->id);
        report_escaped(out, r->requirement->rule);
        fputs("<td>", out);
        report_escaped(out, r->report.choice);
        fputc('\n', out);
    }
}

/* Its place in the list of the JSON goes with each row. */
static void row(FILE *out, const struct run *run, size_t i)
{
    const struct result *r = &run->results[i];
    char text[600];
    const char *verdict = verdict_names[r->verdict];
    int section = (int)(strrchr(r->test->id, '/') - r->test->id);
    fprintf(out,
            "<tr data-case=%zu data-verdict=%s data-level=%s data-section=\"%.*s\"><td><b "
            "class=%s>%s</b>%s<td><code>%s</code><span class=small>%s, %s; %s</span><td>",
            i, verdict, level_names[r->requirement->level], section, r->test->id, verdict, verdict,
            r->known ? "<span class=small>known</span>" : "", r->test->id,
            level_names[r->requirement->level], r->requirement->section,
            segment_text(r, text, sizeof text));
    report_escaped(out, r->test->says);
    if (r->report.choice[0]) {
        fputs("<p class=found>choice: ", out);
        report_escaped(out, r->report.choice);
        fputs("</p>", out);
    }
    if (r->report.reason[0]) {
        fputs("<p class=found>", out);
        report_escaped(out, r->report.reason);
        fputs("</p>", out);
    }
    if (r->known) {
        fputs("<p class=found>known: ", out);
        report_escaped(out, r->known->reason);
        fputs("</p>", out);
    }
    fputc('\n', out);
}

static void rows(FILE *out, const struct run *run)
{
    const enum verdict order[] = {VERDICT_FAIL,  VERDICT_ERROR, VERDICT_INCONCLUSIVE,
                                  VERDICT_QUIRK, VERDICT_PASS,  VERDICT_SKIP};
    for (size_t v = 0; v < N_VERDICTS; v++)
        for (size_t i = 0; i < run->n_results; i++)
            if (run->results[i].verdict == order[v])
                row(out, run, i);
}

/* No text of it ends the element that it stands in. */
static void json(FILE *out, const struct run *run)
{
    char *text = NULL;
    size_t size;
    FILE *buffer = xopen_memstream(&text, &size);
    report_json(buffer, run);
    fclose(buffer);
    for (const char *c = text; *c; c++)
        if (*c == '<')
            fputs("\\u003c", out);
        else
            fputc(*c, out);
    free(text);
}

/* What is drawn, in words; page.html draws it from the JSON. */
static void sweep(FILE *out, const struct run *run)
{
    char text[600];
    if (!run->sweep)
        return;
    fprintf(out,
            "<h2 id=sweep>Reactions to probes</h2>\n<p>Octets that authenticate nothing: random; "
            "the first of what a client has sent; these with the last one changed. One connection "
            "for each length from 1 to 300, 500 and 3000. Without an end for %u ms it is silence. "
            "A length at which the reaction changes tells a prober what the server is.</p>\n"
            "<div id=curves></div>\n<div class=wide><table aria-labelledby=sweep><thead><tr>"
            "<th scope=col>curve<th scope=col>verdict<th scope=col>octets: reaction<tbody>",
            run->sweep->watch_ms);
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        const struct sweep_curve *curve = sweep_curve_of(run->sweep, r->test);
        if (!curve || !curve->there || r->verdict == VERDICT_SKIP)
            continue;
        fprintf(out, "\n<tr><th scope=row><code>%s</code><td class=%s>%s<td>", r->test->id,
                verdict_names[r->verdict], verdict_names[r->verdict]);
        report_escaped(out, sweep_ranges(curve, text, sizeof text));
    }
    fputs("</table></div>\n", out);
}

static const struct {
    const char *name; /* in page.html: a line that begins with this comment */
    void (*write)(FILE *out, const struct run *run);
} parts[] = {
    {"<!--title-->", title},     {"<!--summary-->", summary}, {"<!--totals-->", totals},
    {"<!--choices-->", choices}, {"<!--rows-->", rows},       {"<!--json-->", json},
    {"<!--sweep-->", sweep},
};

void report_html(FILE *out, const struct run *run)
{
    const char *at = page_start;
    while (*at) {
        const char *mark = strstr(at, "<!--");
        size_t n = mark ? (size_t)(mark - at) : strlen(at);
        fwrite(at, 1, n, out);
        at += n;
        for (size_t i = 0; mark && i < sizeof parts / sizeof *parts; i++) {
            size_t len = strlen(parts[i].name);
            if (strncmp(mark, parts[i].name, len) == 0) {
                parts[i].write(out, run);
                at = mark + len;
            }
        }
        if (mark && at == mark)
            fputc(*at++, out);
    }
}
