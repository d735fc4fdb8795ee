/* sockspec run, sockspec fuzz */
#include "engine/bundle.h"
#include "methods.h"

#include <arpa/inet.h>
#include <string.h>

/* Whether reports and bundles can be written, as far as can be told: before the run, not behind it.
 */
static int check_files(const struct request *q)
{
    const char *bundles = q->options.bundle_dir;
    const char *fault = bundles ? bundle_folder_fault(bundles) : NULL;
    if (fault)
        return usage_error(q->command, "--bundle %s: %s", bundles, fault);
    for (size_t i = 0; i < q->n_reports; i++) {
        const char *why = report_writable(q->reports[i].file);
        if (why)
            return usage_error("run", "--report %s: %s", q->reports[i].file, why);
    }
    return 0;
}

/* What failed, each in a file of its own. */
static void write_bundles(struct run *run)
{
    char file[BUNDLE_NAME_MOST];
    for (size_t i = 0; i < run->n_results; i++) {
        const struct result *r = &run->results[i];
        const char *why = bundle_of(run, r, file) ? bundle_write(run, r, file) : NULL;
        if (why) {
            usage_error("run", "--bundle %s: %s", file, why);
            run->status = EXIT_SUITE;
            return;
        }
    }
}

static int conduct(const struct request *q)
{
    struct run run;
    run_all(&run, &q->options);
    if (run.error[0])
        usage_error("run", "%s", run.error);
    bool shown = false;
    write_bundles(&run);
    for (size_t i = 0; run.n_results && run.conducted && i < q->n_reports; i++) {
        const char *why = report_write(&run, q->reports[i].format, q->reports[i].file);
        shown = shown || strcmp(q->reports[i].file, "-") == 0;
        if (why) {
            usage_error("run", "--report %s: %s", q->reports[i].file, why);
            run.status = EXIT_SUITE;
        }
    }
    if (run.conducted && !shown)
        report_write(&run, REPORT_TEXT, "-");
    if (q->tally) {
        memcpy(q->tally->totals, run.totals, sizeof run.totals);
        q->tally->left_out = run.left_out;
    }
    int status = (int)run.status;
    run_free(&run);
    return status;
}

/* One run of a request whose words are taken. */
static int run_one(struct request *q)
{
    int status = options_complete(q);
    if (status == 0)
        status = check_files(q);
    return status ? status : conduct(q);
}

int command_run(int argc, char **argv)
{
    struct request q = {.command = "run",
                        .options = {.level = -1,
                                    .segments = 1u << SEGMENT_WHOLE,
                                    .origin = {htonl(INADDR_LOOPBACK)},
                                    .seed = 1}};
    int status = options_parse(&q, argc, argv);
    if (status == 0 && q.every_case && !methods_several(q.methods))
        status = usage_error("run", "--every-case: expected several methods: --method A,B or all");
    if (status == 0)
        status = methods_several(q.methods) ? methods_run(&q, q.methods, run_one) : run_one(&q);
    options_free(&q);
    return status;
}

static void say_finding(enum finding kind, const char *file, const char *reason)
{
    printf("%-10s  %s\n            sockspec replay %s\n", finding_names[kind], reason, file);
    fflush(stdout);
}

static int hunt(struct request *q)
{
    struct run run;
    struct hunt *h = &q->hunt;
    h->seed = q->options.seed;
    h->say = say_finding;
    h->dir = q->options.bundle_dir ? q->options.bundle_dir : "sockspec-findings";
    if (!h->runs && !h->time_s)
        h->runs = 1000;
    if (q->options.role != ROLE_SOCKS5_SERVER && q->options.role != ROLE_SS_SERVER)
        return usage_error("fuzz", "%s: expected a server, socks5-server or ss-server",
                           role_names[q->options.role]);
    int bad = check_files(q);
    if (bad)
        return bad;
    if (!q->options.argv && !q->options.isolated) {
        usage_error("fuzz", "--target: what is sent may lead a peer anywhere; expected --isolated, "
                            "if it has no way out");
        return EXIT_NOTHING;
    }
    run_all(&run, &q->options);
    if (run.error[0])
        usage_error("fuzz", "%s", run.error);
    else
        printf("%lu plays in %.1f s, seed %llu: %u crashes, %u hangs, %u leaks, %u divergences\n",
               h->plays, run.elapsed_ms / 1000.0, (unsigned long long)h->seed,
               h->found[FINDING_CRASH], h->found[FINDING_HANG], h->found[FINDING_LEAK],
               h->found[FINDING_DIVERGENCE]);
    int status = (int)run.status;
    run_free(&run);
    return status;
}

int command_fuzz(int argc, char **argv)
{
    struct request q = {.command = "fuzz",
                        .options = {.level = -1,
                                    .segments = 1u << SEGMENT_WHOLE,
                                    .origin = {htonl(INADDR_LOOPBACK)},
                                    .jobs = 16,
                                    .seed = 1},
                        .hunt.most = 10,
                        .no_baseline = true};
    q.options.hunt = &q.hunt;
    int status = options_parse(&q, argc, argv);
    if (status == 0)
        status = options_complete(&q);
    if (status == 0)
        status = hunt(&q);
    options_free(&q);
    return status;
}
