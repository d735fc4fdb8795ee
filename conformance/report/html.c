/* One self-contained page: what was run, the totals, a row a case. */
#include "report.h"

#include <string.h>

static void escaped(FILE *out, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c >= ' ' && c < 0x7f)
            fputc(c, out);
        else
            fputc(c == '\n' || c == '\t' ? ' ' : '?', out);
    }
}

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--pass:#1a7f37;--fail:#cf222e;--quirk:#9a6700;"
    "--skip:#777}\n"
    "@media(prefers-color-scheme:dark){:root{--pass:#56d364;--fail:#ff7b72;--quirk:#e3b341;"
    "--skip:#999}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}\n"
    "h1{font-size:1.4rem;margin:0 0 .3rem}p{margin:.2rem 0}\n"
    "div{overflow-x:auto;margin:1.2rem 0}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid "
    "var(--line)}\n"
    "th{white-space:nowrap}td.n{text-align:right}code{font:13px/1.5 ui-monospace,monospace;"
    "overflow-wrap:anywhere}\n"
    ".small{opacity:.75;font-size:.9em}\n"
    ".PASS{color:var(--pass)}.FAIL,.ERROR,.INCONCLUSIVE{color:var(--fail);font-weight:600}"
    ".QUIRK{color:var(--quirk)}.SKIP{color:var(--skip)}\n";

static void totals(FILE *out, const struct run *run)
{
    fputs("<div><table><tr><th>level", out);
    for (int v = 0; v < N_VERDICTS; v++)
        fprintf(out, "<th class=%s>%s", verdict_names[v], verdict_names[v]);
    for (int l = 0; l < N_LEVELS; l++) {
        fprintf(out, "\n<tr><td>%s", level_names[l]);
        for (int v = 0; v < N_VERDICTS; v++)
            fprintf(out, "<td>%zu", run->by_level[l][v]);
    }
    fputs("</table></div>\n", out);
}

static void row(FILE *out, const struct result *r)
{
    const struct outcome_report *o = &r->report;
    char segment[64];
    fprintf(out, "<tr><td><b class=%s>%s</b><td><code>%s</code><p class=small>%s, %s; %s</p><td>",
            verdict_names[r->verdict], verdict_names[r->verdict], r->test->id,
            level_names[r->requirement->level], r->requirement->section,
            segment_text(r, segment, sizeof segment));
    escaped(out, r->test->says);
    if (o->choice[0]) {
        fputs("<p>choice: ", out);
        escaped(out, o->choice);
        fputs("</p>", out);
    }
    if (o->reason[0]) {
        fputs("<p>", out);
        escaped(out, o->reason);
        fputs("</p>", out);
    }
    if (o->expected && o->received) {
        fputs("<p>expected <code>", out);
        escaped(out, o->expected);
        fputs("</code></p><p>received <code>", out);
        escaped(out, o->received);
        fputs("</code></p>", out);
    }
    fputc('\n', out);
}

void report_html(FILE *out, const struct run *run)
{
    const struct run_options *o = run->options;
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
            "<meta name=viewport content=\"width=device-width\">\n<title>%s %s, sockspec</title>\n"
            "<style>\n%s</style>\n<h1>%s%s%s: %s</h1>\n",
            o->peer_name ? o->peer_name : run->address, role_names[o->role], style,
            o->peer_name ? o->peer_name : run->address, " as ", role_names[o->role],
            status_text(run->status));
    fprintf(out,
            "<p>sockspec %s, %zu pass, %zu fail, %zu quirk, %zu skip in %.1f s.</p>\n"
            "<p class=small>%s; seed %llu; answers may take %.1f s; silence is %.2f s without an "
            "octet; %lu of %lu segments seen read before the next (%s).</p>\n",
            SOCKSPEC_VERSION, run->totals[VERDICT_PASS], run->totals[VERDICT_FAIL],
            run->totals[VERDICT_QUIRK], run->totals[VERDICT_SKIP], run->elapsed_ms / 1000.0,
            run->not_isolated ? "not isolated" : "isolated: the peer had no way out",
            (unsigned long long)o->seed, run->set.deadline_ms / 1000.0, run->set.quiet_ms / 1000.0,
            run->set.cuts_seen, run->set.cuts, segment_method(run));
    totals(out, run);
    fputs("<div><table><tr><th>verdict<th>case<th>what\n", out);
    const enum verdict order[] = {VERDICT_FAIL,  VERDICT_ERROR, VERDICT_INCONCLUSIVE,
                                  VERDICT_QUIRK, VERDICT_PASS,  VERDICT_SKIP};
    for (size_t v = 0; v < N_VERDICTS; v++)
        for (size_t i = 0; i < run->n_results; i++)
            if (run->results[i].verdict == order[v])
                row(out, &run->results[i]);
    fputs("</table></div>\n</html>\n", out);
}
