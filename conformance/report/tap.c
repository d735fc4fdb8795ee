/* TAP 14. What a run does not fail for, a QUIRK or what the baseline knows, is "not ok" with TODO,
 * which is what TAP calls it; what is no case's stands behind the cases as points of its own. */
#include "report.h"

#include <jansson.h>
#include <stdlib.h>

/* A string of JSON is one of YAML too. */
static void quoted(FILE *out, const char *key, const char *text)
{
    json_t *value = json_string(text);
    char *shown = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
    fprintf(out, "  %s: %s\n", key, shown ? shown : "\"(not text)\"");
    free(shown);
    json_decref(value);
}

/* Behind a directive: no octet of it may end the line. */
static void directive(FILE *out, const char *word, const char *text)
{
    fprintf(out, " # %s ", word);
    for (; *text; text++)
        fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
}

static void details(FILE *out, const struct run *run, const struct result *r)
{
    const struct outcome_report *o = &r->report;
    fputs("  ---\n", out);
    quoted(out, "message", o->reason);
    quoted(out, "severity", verdict_names[r->verdict]);
    quoted(out, "level", level_names[r->requirement->level]);
    quoted(out, "section", r->requirement->section);
    quoted(out, "requirement", r->requirement->id);
    quoted(out, "rule", r->requirement->rule);
    if (o->expected && o->received) {
        quoted(out, "expected", o->expected);
        quoted(out, "received", o->received);
    }
    char *command = run_command(run, r);
    if (command)
        quoted(out, "again", command);
    free(command);
    fputs("  ...\n", out);
}

void report_tap(FILE *out, const struct run *run)
{
    char text[600];
    const char *name;
    size_t findings = 0;
    while (run_finding(run, findings, &name, text, sizeof text))
        findings++;
    fprintf(out, "TAP version 14\n1..%zu\n# sockspec %s: %s%s%s: %s\n", run->n_results + findings,
            SOCKSPEC_VERSION, run->options->peer_name ? run->options->peer_name : "",
            run->options->peer_name ? " as " : "", role_names[run->options->role],
            status_text(run));
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        bool good = r->verdict == VERDICT_PASS || r->verdict == VERDICT_SKIP;
        fprintf(out, "%sok %zu - %s", good ? "" : "not ", i + 1, result_name(r, text, sizeof text));
        result_summary(r, text, sizeof text);
        if (r->verdict == VERDICT_SKIP)
            directive(out, "SKIP", text);
        else if (!good && !result_fails(r))
            directive(out, "TODO", text);
        fputc('\n', out);
        if (!good)
            details(out, run, r);
    }
    for (size_t i = 0; run_finding(run, i, &name, text, sizeof text); i++) {
        fprintf(out, "not ok %zu - %s\n  ---\n", run->n_results + i + 1, name);
        quoted(out, "message", text);
        fputs("  ...\n", out);
    }
}
