/* The command lines of `sockspec run` and `sockspec fuzz`. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "commands.h"
#include "engine/fuzz.h"
#include "report/report.h"

enum { MAX_REPORTS = 16 };

/* What a run has counted. */
struct tally {
    size_t totals[N_VERDICTS];
    size_t left_out; /* of SKIP, those that are left to another method */
};

struct request {
    const char *command; /* "run" or "fuzz": whose words these are */
    struct hunt hunt;    /* of fuzz */
    struct run_options options;
    const char *exec, *peer;
    char *auth; /* owned */
    struct {
        enum report_format format;
        const char *file;
    } reports[MAX_REPORTS];
    size_t n_reports;
    const char *methods; /* --method, as it was given */
    const char *payload;
    bool no_baseline;
    bool every_case;     /* of several methods: each plays all, none is left to another */
    struct tally *tally; /* filled in by a run; NULL: not asked for */
};

extern const char run_help[], fuzz_help[];

/* Takes the words of a command line; 0, or an exit status when the one line about it is said. */
int options_parse(struct request *q, int argc, char **argv);
/* The rest: loads manifest and baseline, and checks what goes together. */
int options_complete(struct request *q);
void options_free(struct request *q);

#endif
