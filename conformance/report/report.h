/* What a run says, in the form that is asked for. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "../engine/run.h"

enum report_format {
    REPORT_TEXT,
    REPORT_TAP,
    REPORT_JUNIT,
    REPORT_JSON,
    REPORT_HTML,
    REPORT_PCAPNG,
    REPORT_BASELINE, /* engine/baseline.h */
    N_REPORTS
};
extern const char *const report_names[N_REPORTS];

/* Writes the report to a file of another name in the same folder and renames it when it is whole:
 * of a link, what it leads to is replaced. "-" is stdout; a device, a pipe and the like are written
 * to as they are. Returns NULL, or why it could not (static text); a file is as before then. */
const char *report_write(const struct run *run, enum report_format format, const char *file);

/* NULL when a report can be written to that file, else why not (static text). */
const char *report_writable(const char *file);

/* The formats. colour: for a terminal. */
void report_text(FILE *out, const struct run *run, bool colour);
void report_tap(FILE *out, const struct run *run);
void report_junit(FILE *out, const struct run *run);
void report_json(FILE *out, const struct run *run);
void report_html(FILE *out, const struct run *run);
void report_pcapng(FILE *out, const struct run *run);

/* Text behind a head of `indent` columns that is already written, broken between words so that no
 * line has more than 80 columns, and the end of the line. */
void print_wrapped(FILE *out, int indent, const char *text);

/* "conforms", "does not conform", ... : what the exit status means. */
const char *status_text(const struct run *run);
/* How the client's connection had ended: "FIN", "RST", "open". */
const char *ending_name(enum ending ending);
/* Text for HTML and XML, elements and attributes; what neither may hold becomes "?". */
void report_escaped(FILE *out, const char *text);
/* Whether the run fails, or stays open, for this result. */
bool result_fails(const struct result *r);
/* Id of its case, and the segmentation where that is not the case's own: "rfc1928/3/x, bytes". */
const char *result_name(const struct result *r, char *buf, size_t size);
/* What was found, for one line: the reason, what is known of it, or what stands behind a QUIRK. */
const char *result_summary(const struct result *r, char *buf, size_t size);
/* What fails the run and is no case's: the i-th from 0, false past the last. name is "control" or
 * "baseline". */
bool run_finding(const struct run *run, size_t i, const char **name, char *text, size_t size);
/* Segment of a result, with the cut where there is one: "split at 4", into buf. */
const char *segment_text(const struct result *r, char *buf, size_t size);
/* What run_print_command writes, malloc. */
char *run_command(const struct run *run, const struct result *r);
/* "inet_diag" or "timed": how cuts were awaited. */
const char *segment_method(const struct run *run);

#endif
