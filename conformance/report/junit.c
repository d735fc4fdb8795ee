/* JUnit XML as CI servers read it: schema/junit.xsd. A suite for each section. What the run does
 * not fail for, a QUIRK or what the baseline knows, is "skipped" with its text: the form has no
 * other word for it, and as passed it would not be seen. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

static void attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    report_escaped(out, text);
    fputc('"', out);
}

struct counts {
    size_t tests, failures, errors, skipped;
    unsigned ms;
};

static void count(struct counts *c, const struct result *r)
{
    c->tests++;
    c->failures += r->verdict == VERDICT_FAIL && !r->known;
    c->errors += r->verdict == VERDICT_INCONCLUSIVE || r->verdict == VERDICT_ERROR;
    c->skipped += r->verdict == VERDICT_SKIP || r->verdict == VERDICT_QUIRK || r->known;
    c->ms += r->report.elapsed_ms;
}

static void head(FILE *out, const char *element, const char *name, const struct counts *c)
{
    fprintf(out, "<%s", element);
    attribute(out, "name", name);
    fprintf(out,
            " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%u.%03u\">\n",
            c->tests, c->failures, c->errors, c->skipped, c->ms / 1000, c->ms % 1000);
}

static void details(FILE *out, const struct run *run, const struct result *r)
{
    const struct outcome_report *o = &r->report;
    fprintf(out, "%s, %s: ", level_names[r->requirement->level], r->requirement->section);
    report_escaped(out, r->requirement->rule);
    fputs("\nfound    ", out);
    report_escaped(out, o->reason);
    if (o->expected && o->received) {
        fputs("\nexpected ", out);
        report_escaped(out, o->expected);
        fputs("\nreceived ", out);
        report_escaped(out, o->received);
    }
    fputs("\nagain    ", out);
    char *command = run_command(run, r);
    if (command)
        report_escaped(out, command);
    free(command);
    fputc('\n', out);
}

static void testcase(FILE *out, const struct run *run, const struct result *r, const char *section)
{
    char text[600];
    fputs("<testcase", out);
    attribute(out, "name", strrchr(result_name(r, text, sizeof text), '/') + 1);
    attribute(out, "classname", section);
    fprintf(out, " time=\"%u.%03u\"", r->report.elapsed_ms / 1000, r->report.elapsed_ms % 1000);
    if (r->verdict == VERDICT_PASS) {
        fputs("/>\n", out);
        return;
    }
    const char *element = r->verdict == VERDICT_FAIL && !r->known ? "failure"
                          : result_fails(r)                       ? "error"
                                                                  : "skipped";
    fprintf(out, "><%s", element);
    attribute(out, "message", result_summary(r, text, sizeof text));
    if (result_fails(r))
        attribute(out, "type", verdict_names[r->verdict]);
    fputs(">", out);
    if (r->verdict != VERDICT_SKIP)
        details(out, run, r);
    fprintf(out, "</%s></testcase>\n", element);
}

/* "rfc1928.3" of rfc1928/3/slug; returns the length of "rfc1928/3/". */
static size_t section_of(const struct result *r, char *buf, size_t size)
{
    const char *id = r->test->id;
    size_t n = (size_t)(strrchr(id, '/') - id);
    snprintf(buf, size, "%.*s", (int)n, id);
    for (char *slash = buf; (slash = strchr(slash, '/'));)
        *slash = '.';
    return n + 1;
}

void report_junit(FILE *out, const struct run *run)
{
    struct counts all = {0};
    char text[600], section[64];
    const char *name;
    size_t findings = 0, end;
    for (size_t i = 0; i < run->n_results; i++)
        count(&all, &run->results[i]);
    while (run_finding(run, findings, &name, text, sizeof text))
        findings++;
    all.tests += findings;
    all.failures += findings;
    all.ms = run->elapsed_ms;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
    snprintf(text, sizeof text, "sockspec %s", role_names[run->options->role]);
    head(out, "testsuites", text, &all);
    for (size_t i = 0; i < run->n_results; i = end) {
        const char *id = run->results[i].test->id;
        size_t n = section_of(&run->results[i], section, sizeof section);
        struct counts c = {0};
        for (end = i; end < run->n_results && strncmp(run->results[end].test->id, id, n) == 0 &&
                      !strchr(run->results[end].test->id + n, '/');
             end++)
            count(&c, &run->results[end]);
        head(out, "testsuite", section, &c);
        for (size_t k = i; k < end; k++)
            testcase(out, run, &run->results[k], section);
        fputs("</testsuite>\n", out);
    }
    if (findings) {
        struct counts c = {.tests = findings, .failures = findings};
        head(out, "testsuite", "run", &c);
        for (size_t i = 0; run_finding(run, i, &name, text, sizeof text); i++) {
            fputs("<testcase", out);
            snprintf(section, sizeof section, "%s %zu", name, i + 1);
            attribute(out, "name", section);
            attribute(out, "classname", "run");
            fputs(" time=\"0.000\"><failure", out);
            attribute(out, "message", text);
            attribute(out, "type", name);
            fputs("></failure></testcase>\n", out);
        }
        fputs("</testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
}
