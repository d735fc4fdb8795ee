#include "report.h"

#include "../engine/baseline.h"
#include "../engine/memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const report_names[N_REPORTS] = {"text", "tap",    "junit",   "json",
                                             "html", "pcapng", "baseline"};

enum { WIDTH = 80 };

void print_wrapped(FILE *out, int indent, const char *text)
{
    int column = indent;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column > indent && column + 1 + (int)n > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)n, text);
        column += (int)n;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

const char *status_text(const struct run *run)
{
    switch (run->status) {
    case EXIT_CONFORMS:
        return run->known[VERDICT_FAIL] ? "deviates as is known, no more" : "conforms";
    case EXIT_FAILS:
        return "does not conform";
    case EXIT_NOTHING:
        return "nothing ran";
    case EXIT_SUITE:
        return "open: some cases are inconclusive or an error of the suite";
    case EXIT_USAGE:
    case EXIT_NO_PEER:
        break;
    }
    return "not run";
}

const char *ending_name(enum ending ending)
{
    return ending == ENDING_FIN ? "FIN" : ending == ENDING_RST ? "RST" : "open";
}

/* Bad UTF-8 can only come from a peer: nothing beyond ASCII is kept of such a text. */
void report_escaped(FILE *out, const char *text)
{
    json_t *decoded = json_string(text);
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (strchr("<>&\"\n\r\t", c))
            fprintf(out, "&#%u;", c);
        else if (c < ' ' || c == 0x7f || (c > 0x7f && !decoded))
            fputc('?', out);
        else
            fputc(c, out);
    }
    json_decref(decoded);
}

bool result_fails(const struct result *r)
{
    return (r->verdict == VERDICT_FAIL && !r->known) || r->verdict == VERDICT_INCONCLUSIVE ||
           r->verdict == VERDICT_ERROR;
}

const char *result_name(const struct result *r, char *buf, size_t size)
{
    bool own = r->segment == r->test->segment;
    snprintf(buf, size, "%s%s%s", r->test->id, own ? "" : ", ",
             own ? "" : segment_names[r->segment]);
    return buf;
}

const char *result_summary(const struct result *r, char *buf, size_t size)
{
    if (r->known)
        snprintf(buf, size, "known %s: %s", verdict_names[r->verdict], r->known->reason);
    else if (r->verdict == VERDICT_QUIRK)
        snprintf(buf, size, "QUIRK, %s: %s", level_names[r->requirement->level], r->report.reason);
    else
        snprintf(buf, size, "%s", r->report.reason);
    return buf;
}

bool run_finding(const struct run *run, size_t i, const char **name, char *text, size_t size)
{
    const char *controls[] = {run->control_before, run->control_after};
    *name = "control";
    for (size_t k = 0; k < 2; k++)
        if (controls[k][0] && i-- == 0) {
            snprintf(text, size, "%s no plain good connection works: %s",
                     k == 0 ? "already before the run" : "after the run", controls[k]);
            return true;
        }
    const struct baseline *b = run->options->baseline;
    *name = "baseline";
    for (size_t k = 0; b && k < b->n; k++)
        if (entry_fails(&b->entries[k]) && i-- == 0) {
            entry_finding(&b->entries[k], text, size);
            return true;
        }
    return false;
}

const char *segment_text(const struct result *r, char *buf, size_t size)
{
    if (r->cut)
        snprintf(buf, size, "%s at %zu", segment_names[r->segment], r->cut);
    else
        snprintf(buf, size, "%s", segment_names[r->segment]);
    return buf;
}

const char *segment_method(const struct run *run)
{
    return run->set.cuts_seen ? "inet_diag" : "timed";
}

static void print_quoted(FILE *out, const char *text)
{
    bool plain = text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789./:_,=+-[]")] == 0;
    if (plain) {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}

void run_print_command(FILE *out, const struct run *run, const struct result *r)
{
    const struct run_options *o = run->options;
    fprintf(out, "sockspec run %s ", role_names[o->role]);
    fputs(o->peer_name ? "--peer " : o->target ? "--target " : "--exec ", out);
    print_quoted(out, o->peer_name ? o->peer_arg : o->target ? o->target : o->argv[2]);
    if (o->http && !o->peer_name)
        fputs(" --payload http", out);
    if (o->user) {
        char auth[600];
        snprintf(auth, sizeof auth, "%s:%s", o->user, o->pass);
        fputs(" --auth ", out);
        print_quoted(out, auth);
    }
    if (o->method) {
        fprintf(out, " --method %s --password ", o->method);
        print_quoted(out, o->password);
    }
    if (o->ota)
        fputs(" --ota", out);
    if (r->test->needs & NEED_SWEEP)
        fputs(" --sweep", out);
    if (o->listen)
        fprintf(out, " --listen %s", o->listen);
    if (o->without && !o->peer_name) {
        fputs(" --without ", out);
        const char *comma = "";
        for (const char *name = feature_list; *name; name += strspn(name, " ")) {
            size_t n = strcspn(name, " ");
            if (o->without & feature_bit(name, n)) {
                fprintf(out, "%s%.*s", comma, (int)n, name);
                comma = ",";
            }
            name += n;
        }
    }
    if (o->isolated)
        fputs(" --isolated", out);
    if (r->segment != SEGMENT_WHOLE && r->test->segment == SEGMENT_WHOLE)
        fprintf(out, " --segment %s", segment_names[r->segment]);
    fprintf(out, " --seed %llu --case %s", (unsigned long long)o->seed, r->test->id);
}

char *run_command(const struct run *run, const struct result *r)
{
    char *command = NULL;
    size_t size;
    FILE *out = xopen_memstream(&command, &size);
    run_print_command(out, run, r);
    fclose(out);
    return command;
}

/* A file beside `file`, or beside what it leads to, open for writing; *temporary and *real are
 * their names, malloc. NULL: there can be none. */
static FILE *open_beside(const char *file, char **temporary, char **real)
{
    *real = realpath(file, NULL);
    if (!*real)
        *real = xstrdup(file);
    *temporary = xasprintf("%s.XXXXXX", *real);
    int fd = mkstemp(*temporary);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (fd >= 0 && !out) {
        close(fd);
        unlink(*temporary);
    }
    if (out)
        fchmod(fd, 0644);
    return out;
}

/* Whether it is there and no file that could be replaced: a device, a pipe. */
static bool is_special(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 && !S_ISREG(st.st_mode);
}

const char *report_writable(const char *file)
{
    struct stat st;
    if (strcmp(file, "-") == 0)
        return NULL;
    if (stat(file, &st) == 0 && S_ISDIR(st.st_mode))
        return "it is a folder, expected a file";
    if (is_special(file))
        return access(file, W_OK) == 0 ? NULL : "it cannot be written to";
    const char *slash = strrchr(file, '/');
    char *folder = xasprintf("%.*s", slash ? (int)(slash - file + 1) : 2, slash ? file : "./");
    const char *why = stat(folder, &st) == 0 ? NULL : "its folder does not exist";
    free(folder);
    if (why)
        return why;
    char *temporary, *real;
    FILE *out = open_beside(file, &temporary, &real);
    if (out) {
        fclose(out);
        unlink(temporary);
    }
    free(temporary);
    free(real);
    return out ? NULL : "no file can be made beside it";
}

static void write_format(FILE *out, const struct run *run, enum report_format format, bool colour)
{
    switch (format) {
    case REPORT_TEXT:
        report_text(out, run, colour);
        break;
    case REPORT_TAP:
        report_tap(out, run);
        break;
    case REPORT_JUNIT:
        report_junit(out, run);
        break;
    case REPORT_PCAPNG:
        report_pcapng(out, run);
        break;
    case REPORT_BASELINE:
        baseline_print(out, run);
        break;
    case REPORT_JSON:
        report_json(out, run);
        break;
    case REPORT_HTML:
        report_html(out, run);
        break;
    case N_REPORTS:
        break;
    }
}

const char *report_write(const struct run *run, enum report_format format, const char *file)
{
    if (strcmp(file, "-") == 0) {
        const char *no_color = getenv("NO_COLOR");
        write_format(stdout, run, format, isatty(STDOUT_FILENO) && !(no_color && *no_color));
        return fflush(stdout) == 0 ? NULL : "stdout cannot be written to";
    }
    char *temporary = NULL, *real = NULL;
    bool special = is_special(file);
    FILE *out = special ? fopen(file, "we") : open_beside(file, &temporary, &real);
    const char *why = NULL;
    if (!out) {
        why = special ? "it cannot be opened" : "no file can be made beside it";
    } else {
        write_format(out, run, format, false);
        bool written = !ferror(out);
        if (fclose(out) != 0 || !written)
            why = "it cannot be written in full";
        else if (!special && rename(temporary, real) != 0)
            why = "it cannot be given its name";
    }
    if (why && out && !special)
        unlink(temporary);
    free(temporary);
    free(real);
    return why;
}
