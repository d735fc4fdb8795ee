#include "options_values.h"

#include "engine/baseline.h"
#include "engine/manifest.h"
#include "engine/memory.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_JOBS = 1024, DEFAULT_JOBS = 128, CLIENTS_A_PROCESSOR = 8 };

enum {
    O_TARGET = 256,
    O_EXEC,
    O_PEER,
    O_AUTH,
    O_METHOD,
    O_EVERY_CASE,
    O_PASSWORD,
    O_OTA,
    O_SWEEP,
    O_LISTEN,
    O_WITHOUT,
    O_PAYLOAD,
    O_CASE,
    O_NOT,
    O_LEVEL,
    O_SEGMENT,
    O_STRICT,
    O_ISOLATED,
    O_ORIGIN,
    O_JOBS,
    O_TIMEOUT,
    O_SEED,
    O_MIN_CASES,
    O_REPORT,
    O_PCAP,
    O_BASELINE,
    O_NO_BASELINE,
    O_WRITE_BASELINE,
    O_BUNDLE,
    O_RUNS,
    O_TIME,
    O_MOST
};

static const struct option long_options[] = {
    {"target", required_argument, NULL, O_TARGET},
    {"exec", required_argument, NULL, O_EXEC},
    {"peer", required_argument, NULL, O_PEER},
    {"auth", required_argument, NULL, O_AUTH},
    {"method", required_argument, NULL, O_METHOD},
    {"every-case", no_argument, NULL, O_EVERY_CASE},
    {"password", required_argument, NULL, O_PASSWORD},
    {"ota", no_argument, NULL, O_OTA},
    {"sweep", no_argument, NULL, O_SWEEP},
    {"listen", required_argument, NULL, O_LISTEN},
    {"without", required_argument, NULL, O_WITHOUT},
    {"payload", required_argument, NULL, O_PAYLOAD},
    {"case", required_argument, NULL, O_CASE},
    {"not", required_argument, NULL, O_NOT},
    {"level", required_argument, NULL, O_LEVEL},
    {"segment", required_argument, NULL, O_SEGMENT},
    {"strict", no_argument, NULL, O_STRICT},
    {"isolated", no_argument, NULL, O_ISOLATED},
    {"origin", required_argument, NULL, O_ORIGIN},
    {"jobs", required_argument, NULL, O_JOBS},
    {"timeout", required_argument, NULL, O_TIMEOUT},
    {"seed", required_argument, NULL, O_SEED},
    {"min-cases", required_argument, NULL, O_MIN_CASES},
    {"report", required_argument, NULL, O_REPORT},
    {"pcap", required_argument, NULL, O_PCAP},
    {"baseline", required_argument, NULL, O_BASELINE},
    {"no-baseline", no_argument, NULL, O_NO_BASELINE},
    {"write-baseline", required_argument, NULL, O_WRITE_BASELINE},
    {"bundle", required_argument, NULL, O_BUNDLE},
    {"runs", required_argument, NULL, O_RUNS},
    {"time", required_argument, NULL, O_TIME},
    {"most", required_argument, NULL, O_MOST},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Whether fuzz has no use for the option. */
static bool is_of_run_alone(int option)
{
    switch (option) {
    case O_EVERY_CASE:
    case O_SWEEP:
    case O_LISTEN:
    case O_PAYLOAD:
    case O_SEGMENT:
    case O_STRICT:
    case O_MIN_CASES:
    case O_REPORT:
    case O_PCAP:
    case O_BASELINE:
    case O_NO_BASELINE:
    case O_WRITE_BASELINE:
    case 'v':
        return true;
    default:
        return false;
    }
}

static const char *option_name(int option)
{
    const struct option *o = long_options;
    while (o->name && o->val != option)
        o++;
    return o->name ? o->name : "?";
}

static int take_hunt(struct request *q, int option, const char *value)
{
    unsigned long long n = 0;
    if (!q->options.hunt)
        return usage_error(q->command, "--runs, --time and --most are of fuzz");
    int bad = option == O_RUNS   ? value_number(q, "runs", value, 1, 1000000000, &n)
              : option == O_TIME ? value_number(q, "time", value, 1, 1000000, &n)
                                 : value_number(q, "most", value, 1, 100, &n);
    if (option == O_RUNS)
        q->hunt.runs = (unsigned long)n;
    else if (option == O_TIME)
        q->hunt.time_s = (unsigned)n;
    else
        q->hunt.most = (unsigned)n;
    return bad;
}

static int take_option(struct request *q, int option, const char *value)
{
    struct run_options *o = &q->options;
    unsigned long long n;
    int bad = 0;
    switch (option) {
    case O_TARGET:
        o->target = value;
        break;
    case O_EXEC:
        q->exec = value;
        break;
    case O_PEER:
        q->peer = value;
        break;
    case O_AUTH:
        return value_auth(q, value);
    case O_METHOD:
        o->method = q->methods = value;
        break;
    case O_EVERY_CASE:
        q->every_case = true;
        break;
    case O_PASSWORD:
        o->password = value;
        break;
    case O_SWEEP:
        o->sweep = true;
        break;
    case O_OTA:
        o->ota = true;
        break;
    case O_LISTEN:
        o->listen = value;
        break;
    case O_WITHOUT:
        return value_without(q, value);
    case O_PAYLOAD:
        q->payload = value;
        o->http = strcmp(value, "http") == 0;
        if (!o->http && strcmp(value, "pipe") != 0)
            return usage_error(q->command, "--payload %s: unknown, expected http or pipe", value);
        break;
    case O_CASE:
    case O_NOT:
        return option == O_CASE ? value_glob(q, "case", &o->only, value)
                                : value_glob(q, "not", &o->not, value);
    case O_LEVEL:
        return value_level(q, value);
    case O_SEGMENT:
        return value_segment(q, value);
    case O_STRICT:
        o->strict = true;
        break;
    case O_ISOLATED:
        o->isolated = true;
        break;
    case O_ORIGIN:
        if (inet_pton(AF_INET, value, &o->origin) != 1)
            return usage_error(q->command, "--origin %s: expected an IPv4 address", value);
        break;
    case O_JOBS:
        bad = value_number(q, "jobs", value, 1, MAX_JOBS, &n);
        o->jobs = (unsigned)n;
        break;
    case O_TIMEOUT:
        bad = value_number(q, "timeout", value, 1, 3600, &n);
        o->timeout_ms = (unsigned)n * 1000;
        break;
    case O_SEED:
        bad = value_number(q, "seed", value, 0, UINT64_MAX, &n);
        o->seed = n;
        break;
    case O_MIN_CASES:
        bad = value_number(q, "min-cases", value, 1, 100000, &n);
        o->min_cases = (size_t)n;
        break;
    case O_REPORT:
        return value_report(q, value);
    case O_PCAP:
        return value_file(q, "pcap", REPORT_PCAPNG, value);
    case O_BASELINE:
        free(o->baseline_file);
        o->baseline_file = xstrdup(value);
        break;
    case O_NO_BASELINE:
        q->no_baseline = true;
        break;
    case O_WRITE_BASELINE:
        return value_file(q, "write-baseline", REPORT_BASELINE, value);
    case O_BUNDLE:
        o->bundle_dir = value;
        break;
    case O_RUNS:
    case O_TIME:
    case O_MOST:
        return take_hunt(q, option, value);
    case 'v':
        o->verbose = true;
        break;
    default:
        return EXIT_USAGE; /* getopt has said it */
    }
    return bad;
}

/* What the roles of Shadowsocks need and others do not; NULL when all is well. */
static const char *check_shadowsocks(const struct request *q)
{
    const struct run_options *o = &q->options;
    if (o->listen && (o->role != ROLE_SS_LOCAL || !o->target))
        return "--listen is of ss-local with --target";
    if (!o->listen && o->role == ROLE_SS_LOCAL && o->target)
        return "expected --listen HOST:PORT, where the peer expects its server";
    if (o->sweep && o->role != ROLE_SS_SERVER)
        return "--sweep is of ss-server";
    if (o->sweep && o->target && !o->isolated)
        return "--sweep: random octets may lead a peer to strangers, expected --exec, or "
               "--isolated "
               "if it has no way out";
    bool speaks = o->role == ROLE_SS_SERVER || o->role == ROLE_SS_LOCAL;
    if (!speaks)
        return o->method || o->password || o->ota
                   ? "--method, --password and --ota are of ss-server and ss-local"
                   : NULL;
    if (!o->method || !o->password)
        return "expected --method METHOD and --password PASSWORD";
    return o->password[0] ? NULL : "--password: expected at least one octet";
}

int options_parse(struct request *q, int argc, char **argv)
{
    int option, bad;
    while ((option = getopt_long(argc, argv, "vh", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(q->options.hunt ? fuzz_help : run_help, stdout);
            exit(told(0));
        }
        if (q->options.hunt && is_of_run_alone(option))
            return usage_error(q->command, "--%s is of sockspec run", option_name(option));
        if ((bad = take_option(q, option, optarg)) != 0)
            return bad;
    }
    if (optind + 1 < argc)
        return usage_error(q->command, "more than one role, expected one");
    const char *name = optind < argc ? argv[optind] : NULL;
    enum role role = name ? role_by_name(name) : N_ROLES;
    if ((name || !q->peer) && role == N_ROLES)
        return usage_error(q->command, "%s%s%s, expected a role: " ROLE_WORDS,
                           name ? "unknown role \"" : "no role", name ? name : "",
                           name ? "\"" : "");
    q->options.role = role;
    return 0;
}

int options_complete(struct request *q)
{
    struct run_options *o = &q->options;
    enum role role = o->role;
    if (!!o->target + !!q->exec + !!q->peer != 1)
        return usage_error(q->command, "expected one of --target, --exec and --peer");
    if (q->exec) {
        char **shell = xcalloc(4, sizeof *shell);
        shell[0] = xstrdup("/bin/sh");
        shell[1] = xstrdup("-c");
        shell[2] = xstrdup(q->exec);
        o->argv = shell;
    }
    char error[400];
    if (q->peer && !manifest_load(q->peer, role, o, error))
        return usage_error(q->command, "%s", error);
    bool client = o->role == ROLE_SOCKS5_CLIENT;
    if (client && o->target)
        return usage_error(q->command, "--target: a client is started by --exec or --peer");
    if (q->payload && (!client || q->peer))
        return usage_error(q->command, "--payload is for --exec of the role %s",
                           role_names[ROLE_SOCKS5_CLIENT]);
    if (o->jobs == 0)
        o->jobs =
            client ? CLIENTS_A_PROCESSOR * (unsigned)sysconf(_SC_NPROCESSORS_ONLN) : DEFAULT_JOBS;
    if (!o->peers_dir)
        o->peers_dir = xstrdup("");
    const char *wrong = check_shadowsocks(q);
    if (wrong)
        return usage_error(q->command, "%s", wrong);
    if (o->baseline_file && !q->no_baseline) {
        o->baseline = baseline_load(o->baseline_file, error);
        if (!o->baseline)
            return usage_error(q->command, "--baseline %s", error);
    }
    return 0;
}

void options_free(struct request *q)
{
    run_options_free(&q->options);
    free(q->auth);
}
