/* sockspec replay */
#include "commands.h"
#include "engine/bundle.h"
#include "report/report.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help_text[] =
    "usage: sockspec replay FILE [OPTION]...\n"
    "\n"
    "A play that `sockspec run --bundle DIR` or `sockspec fuzz` has kept, once more:\n"
    "its steps, with salts and ports that are new.\n"
    "  --verbatim           the octets that were sent then, at the ports of then\n"
    "  --target HOST:PORT, --exec COMMAND, --peer NAME\n"
    "                       against this peer, not the one of then\n"
    "  --isolated           the --target has no way out\n"
    "  -v, --verbose        the octets\n"
    "\n"
    "exit status: 0 the peer conforms now; 1 it does not; 2 usage, or FILE is no\n"
    "bundle; 3 no peer; 4 it cannot be played here; 5 an error of the suite\n";

enum { O_VERBATIM = 256, O_TARGET, O_EXEC, O_PEER, O_ISOLATED };

struct request {
    const char *file, *how, *what;
    bool verbatim, isolated, verbose;
};

static int parse(struct request *q, int argc, char **argv)
{
    static const struct option options[] = {
        {"verbatim", no_argument, NULL, O_VERBATIM},
        {"target", required_argument, NULL, O_TARGET},
        {"exec", required_argument, NULL, O_EXEC},
        {"peer", required_argument, NULL, O_PEER},
        {"isolated", no_argument, NULL, O_ISOLATED},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
        switch (option) {
        case 'h':
            fputs(help_text, stdout);
            exit(told(0));
        case O_VERBATIM:
            q->verbatim = true;
            break;
        case O_ISOLATED:
            q->isolated = true;
            break;
        case 'v':
            q->verbose = true;
            break;
        case O_TARGET:
        case O_EXEC:
        case O_PEER:
            if (q->how)
                return usage_error("replay", "expected one of --target, --exec and --peer");
            q->how = option == O_TARGET ? "target" : option == O_EXEC ? "exec" : "peer";
            q->what = optarg;
            break;
        default:
            return EXIT_USAGE; /* getopt has said it */
        }
    }
    if (optind + 1 != argc)
        return usage_error("replay", "expected one FILE");
    q->file = argv[optind];
    return 0;
}

/* Whether two reasons are the same but for numbers: times and ports change. */
static bool same_words(const char *a, const char *b)
{
    static const char digits[] = "0123456789";
    for (;;) {
        a += strspn(a, digits);
        b += strspn(b, digits);
        if (*a != *b)
            return false;
        if (!*a)
            return true;
        a++, b++;
    }
}

/* Where `now` differs from what the bundle has, in one line. */
static void compare(const struct bundle *b, const struct result *now)
{
    if (now->verdict == b->verdict && same_words(now->report.reason, b->reason))
        printf("as recorded: %s\n", verdict_names[now->verdict]);
    else if (now->verdict == b->verdict)
        printf("again %s: %s (then: %s)\n", verdict_names[now->verdict], now->report.reason,
               b->reason);
    else
        printf("not as recorded: it was %s (%s), it is %s%s%s%s\n", verdict_names[b->verdict],
               b->reason, verdict_names[now->verdict], now->report.reason[0] ? " (" : "",
               now->report.reason, now->report.reason[0] ? ")" : "");
}

static int conduct(struct bundle *b)
{
    struct run run;
    run_all(&run, &b->options);
    if (run.error[0])
        usage_error("replay", "%s", run.error);
    if (run.conducted) {
        report_write(&run, REPORT_TEXT, "-");
        compare(b, &run.results[0]);
    }
    int status = (int)run.status;
    run_free(&run);
    return status;
}

int command_replay(int argc, char **argv)
{
    struct request q = {0};
    char error[400];
    int status = parse(&q, argc, argv);
    if (status != 0)
        return status;
    struct bundle *b = bundle_load(q.file, error);
    if (!b)
        return usage_error("replay", "%s", error);
    if (q.verbatim && b->replay.tape.n == 0) {
        bundle_free(b);
        return usage_error("replay", "%s: it has no octets that were sent, so not --verbatim",
                           q.file);
    }
    b->replay.verbatim = q.verbatim;
    b->options.verbose = q.verbose;
    b->options.isolated = b->options.isolated || q.isolated;
    bool reached = bundle_set_peer(b, q.how ? q.how : b->how, q.how ? q.what : b->what, error);
    status = reached ? conduct(b) : usage_error("replay", "%s", error);
    bundle_free(b);
    return status;
}
