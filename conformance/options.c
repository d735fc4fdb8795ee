#include "options.h"

#include "engine/baseline.h"
#include "engine/manifest.h"
#include "engine/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_JOBS = 1024, DEFAULT_JOBS = 128, CLIENTS_A_PROCESSOR = 8 };

static bool number(const char *text, unsigned long long most, unsigned long long *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 0);
    return text[0] >= '0' && text[0] <= '9' && !*end && errno == 0 && *out <= most;
}

static bool add_glob(struct globs *globs, const char *glob)
{
    const char **grown = xrealloc(globs->glob, (globs->n + 1) * sizeof *grown);
    globs->glob = grown;
    globs->glob[globs->n++] = glob;
    struct globs one = {&glob, 1};
    const struct test_case *c;
    for (size_t i = 0; (c = case_at(i)); i++)
        if (globs_match(&one, c->id))
            return true;
    return false;
}

static int take_without(struct run_options *o, const char *list)
{
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, ",");
        unsigned bit = feature_bit(s, n);
        if (!bit)
            return usage_error("run", "--without: unknown feature \"%.*s\", expected of %s", (int)n,
                               s, feature_list);
        o->without |= bit;
        s += n + (s[n] == ',');
    }
    return 0;
}

static int take_segment(struct run_options *o, const char *axis)
{
    o->segments = 0;
    for (unsigned k = 0; k < N_SEGMENTS; k++)
        if (strcmp(axis, segment_names[k]) == 0 || strcmp(axis, "all") == 0)
            o->segments |= 1u << k;
    return o->segments ? 0
                       : usage_error("run",
                                     "--segment %s: unknown, expected whole, bytes, split, "
                                     "coalesced or all",
                                     axis);
}

static int take_level(struct run_options *o, const char *level)
{
    for (int l = LEVEL_MUST; l <= LEVEL_MAY; l++)
        if (strcasecmp(level, level_names[l]) == 0) {
            o->level = l;
            return 0;
        }
    return usage_error("run", "--level %s: unknown, expected must, should or may", level);
}

static int take_auth(struct request *q, const char *auth)
{
    q->auth = xstrdup(auth);
    char *colon = q->auth ? strchr(q->auth, ':') : NULL;
    if (!colon || colon == q->auth || !colon[1] || colon - q->auth > 255 || strlen(colon + 1) > 255)
        return usage_error("run", "--auth: expected USER:PASS of 1 to 255 octets each");
    *colon = 0;
    q->options.user = q->auth;
    q->options.pass = colon + 1;
    return 0;
}

static int take_report(struct request *q, const char *text)
{
    const char *file = strchr(text, '=');
    for (enum report_format f = 0; file && f < N_REPORTS; f++)
        if (strlen(report_names[f]) == (size_t)(file - text) &&
            strncmp(text, report_names[f], (size_t)(file - text)) == 0 && file[1] &&
            q->n_reports < MAX_REPORTS) {
            q->reports[q->n_reports].format = f;
            q->reports[q->n_reports++].file = file + 1;
            return 0;
        }
    return usage_error("run",
                       "--report %s: expected text=FILE, tap=FILE, junit=FILE, json=FILE, "
                       "html=FILE, pcapng=FILE or baseline=FILE",
                       text);
}

/* An option of its own for one format. */
static int add_report(struct request *q, enum report_format format, const char *file)
{
    if (!file[0] || q->n_reports == MAX_REPORTS)
        return usage_error("run", "%s \"%s\": expected a file, at most %d reports",
                           report_names[format], file, MAX_REPORTS);
    q->reports[q->n_reports].format = format;
    q->reports[q->n_reports++].file = file;
    return 0;
}

static int take_number(const char *option, const char *text, unsigned long long least,
                       unsigned long long most, unsigned long long *out)
{
    if (number(text, most, out) && *out >= least)
        return 0;
    return usage_error("run", "--%s %s: expected a number from %llu to %llu", option, text, least,
                       most);
}

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

static int take_hunt(struct request *q, int option, const char *value)
{
    unsigned long long n = 0;
    int bad = option == O_RUNS   ? take_number("runs", value, 1, 1000000000, &n)
              : option == O_TIME ? take_number("time", value, 1, 1000000, &n)
                                 : take_number("most", value, 1, 100, &n);
    if (option == O_RUNS)
        q->hunt.runs = (unsigned long)n;
    else if (option == O_TIME)
        q->hunt.time_s = (unsigned)n;
    else
        q->hunt.most = (unsigned)n;
    return bad || q->options.hunt ? bad
                                  : usage_error("run", "--runs, --time and --most are of fuzz");
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
        return take_auth(q, value);
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
        return take_without(o, value);
    case O_PAYLOAD:
        q->payload = value;
        o->http = strcmp(value, "http") == 0;
        if (!o->http && strcmp(value, "pipe") != 0)
            return usage_error("run", "--payload %s: unknown, expected http or pipe", value);
        break;
    case O_CASE:
    case O_NOT:
        if (add_glob(option == O_CASE ? &o->only : &o->not, value))
            return 0;
        usage_error("run", "--%s %s: no case has such an id (sockspec list shows them)",
                    option == O_CASE ? "case" : "not", value);
        return EXIT_NOTHING;
    case O_LEVEL:
        return take_level(o, value);
    case O_SEGMENT:
        return take_segment(o, value);
    case O_STRICT:
        o->strict = true;
        break;
    case O_ISOLATED:
        o->isolated = true;
        break;
    case O_ORIGIN:
        if (inet_pton(AF_INET, value, &o->origin) != 1)
            return usage_error("run", "--origin %s: expected an IPv4 address", value);
        break;
    case O_JOBS:
        bad = take_number("jobs", value, 1, MAX_JOBS, &n);
        o->jobs = (unsigned)n;
        break;
    case O_TIMEOUT:
        bad = take_number("timeout", value, 1, 3600, &n);
        o->timeout_ms = (unsigned)n * 1000;
        break;
    case O_SEED:
        bad = take_number("seed", value, 0, UINT64_MAX, &n);
        o->seed = n;
        break;
    case O_MIN_CASES:
        bad = take_number("min-cases", value, 1, 100000, &n);
        o->min_cases = (size_t)n;
        break;
    case O_REPORT:
        return take_report(q, value);
    case O_PCAP:
        return add_report(q, REPORT_PCAPNG, value);
    case O_BASELINE:
        free(o->baseline_file);
        o->baseline_file = xstrdup(value);
        break;
    case O_NO_BASELINE:
        q->no_baseline = true;
        break;
    case O_WRITE_BASELINE:
        return add_report(q, REPORT_BASELINE, value);
    case O_BUNDLE:
        o->bundle_dir = value;
        if (!value[0])
            return usage_error("run", "--bundle: expected a folder");
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
            exit(0);
        }
        if ((bad = take_option(q, option, optarg)) != 0)
            return bad;
    }
    if (optind + 1 < argc)
        return usage_error("run", "more than one role, expected one");
    const char *name = optind < argc ? argv[optind] : NULL;
    enum role role = name ? role_by_name(name) : N_ROLES;
    if ((name || !q->peer) && role == N_ROLES)
        return usage_error("run", "%s%s%s, expected a role: " ROLE_WORDS,
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
        return usage_error("run", "expected one of --target, --exec and --peer");
    if (q->exec) {
        char **shell = xcalloc(4, sizeof *shell);
        shell[0] = xstrdup("/bin/sh");
        shell[1] = xstrdup("-c");
        shell[2] = xstrdup(q->exec);
        o->argv = shell;
    }
    char error[400];
    if (q->peer && !manifest_load(q->peer, role, o, error))
        return usage_error("run", "%s", error);
    bool client = o->role == ROLE_SOCKS5_CLIENT;
    if (client && o->target)
        return usage_error("run", "--target: a client is started by --exec or --peer");
    if (q->payload && (!client || q->peer))
        return usage_error("run", "--payload is for --exec of the role %s",
                           role_names[ROLE_SOCKS5_CLIENT]);
    if (o->jobs == 0)
        o->jobs =
            client ? CLIENTS_A_PROCESSOR * (unsigned)sysconf(_SC_NPROCESSORS_ONLN) : DEFAULT_JOBS;
    if (!o->peers_dir)
        o->peers_dir = xstrdup("");
    const char *wrong = check_shadowsocks(q);
    if (wrong)
        return usage_error("run", "%s", wrong);
    if (o->baseline_file && !q->no_baseline) {
        o->baseline = baseline_load(o->baseline_file, error);
        if (!o->baseline)
            return usage_error("run", "--baseline %s", error);
    }
    return 0;
}

void options_free(struct request *q)
{
    run_options_free(&q->options);
    free(q->auth);
}
