/* A run from its options to its exit status. */
#include "baseline.h"
#include "client.h"
#include "fuzz.h"
#include "isolate.h"
#include "memory.h"
#include "playing.h"
#include "running.h"
#include "select.h"
#include "server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    FIRST_DEADLINE_MS = 4000,
    LEAST_DEADLINE_MS = 2000,
    MOST_DEADLINE_MS = 10000,
    LEAST_QUIET_MS = 250,
    MOST_QUIET_MS = 1000,
    FIRST_CLIENT_DEADLINE_MS = 15000, /* a client that starts slowly */
    LEAST_CLIENT_DEADLINE_MS = 5000,
    MOST_CLIENT_DEADLINE_MS = 20000,
    CLIENT_QUIET_MS = 300,
};

static unsigned clamp(unsigned long value, unsigned least, unsigned most)
{
    return value < least ? least : value > most ? most : (unsigned)value;
}

/* Three plain good connections: whether the peer serves at all, and how fast. The deadline is of
 * the second slowest: the first one may start a process. */
static enum outcome measure(struct run *run)
{
    unsigned us[3] = {0, 0, 0}, swap;
    struct stage_set *set = &run->set;
    enum outcome outcome = HELD;
    bool client = run->options->role == ROLE_SOCKS5_CLIENT;
    set->deadline_ms = run->options->timeout_ms ? run->options->timeout_ms
                       : client                 ? FIRST_CLIENT_DEADLINE_MS
                                                : FIRST_DEADLINE_MS;
    set->quiet_ms = LEAST_QUIET_MS;
    for (int i = 0; i < 3 && outcome == HELD; i++) {
        outcome = batch_control(run, run->control_before, sizeof run->control_before, &us[i]);
        for (int k = i; k > 0 && us[k] < us[k - 1]; k--)
            swap = us[k], us[k] = us[k - 1], us[k - 1] = swap;
    }
    if (outcome != HELD)
        us[0] = us[1] = 0;
    set->rtt_us = us[0];
    if (client && !run->options->timeout_ms)
        set->deadline_ms = clamp(us[1] / 20, LEAST_CLIENT_DEADLINE_MS, MOST_CLIENT_DEADLINE_MS);
    else if (!run->options->timeout_ms)
        set->deadline_ms = clamp(us[1] / 10, LEAST_DEADLINE_MS, MOST_DEADLINE_MS);
    set->quiet_ms = client ? CLIENT_QUIET_MS : clamp(us[0] / 50, LEAST_QUIET_MS, MOST_QUIET_MS);
    return outcome;
}

/* Where no plain good connection works, what rests on one cannot be tested. */
static void skip_controls(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++) {
        struct result *r = &run->results[i];
        for (const struct step *s = r->test->steps; s->op != OP_END_OF_STEPS; s++)
            if (s->op == OP_CONTROL && r->verdict == N_VERDICTS) {
                r->verdict = VERDICT_SKIP;
                snprintf(r->report.reason, sizeof r->report.reason,
                         "no plain good connection works that it could be compared with");
            }
    }
}

/* How much of a case is waiting for nothing to happen, in silences. */
static size_t waits(const struct test_case *c)
{
    size_t n = 0;
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++)
        if (s->op == OP_UNTOUCHED || s->op == OP_DRAIN || s->op == OP_TRICKLE)
            n++;
        else if (s->op == OP_EXPECT && pattern_has(s->text, "silence"))
            n += 1 + s->n / LEAST_QUIET_MS;
    return n;
}

/* The longest first, so that they wait side by side; else as they were. */
static int by_waits(const void *a, const void *b)
{
    const struct result *x = *(struct result *const *)a, *y = *(struct result *const *)b;
    size_t m = waits(x->test), n = waits(y->test);
    return m != n ? (m < n) - (m > n) : (x > y) - (x < y);
}

static void play_results(struct run *run)
{
    struct result **todo = xcalloc(run->n_results + 1, sizeof *todo);
    size_t n = 0, together = 0;
    for (int alone = 0; alone < 2; alone++) {
        for (size_t i = 0; i < run->n_results; i++) {
            struct result *r = &run->results[i];
            bool wants_alone = (r->test->needs & NEED_ALONE) && !run->control_before[0];
            if (r->verdict == N_VERDICTS && wants_alone == alone)
                todo[n++] = r;
        }
        if (!alone)
            together = n;
    }
    qsort(todo, together, sizeof *todo, by_waits);
    blame_together(run, todo, together, run->silent ? run->n_results : run->options->jobs);
    if (!run->control_before[0] &&
        !batch_serves(run, run->control_after, sizeof run->control_after) && reach_restart(run)) {
        run->control_after[0] = 0;
        n = 0;
        for (size_t i = 0; i < run->n_results; i++)
            if (run->results[i].verdict != VERDICT_SKIP &&
                !(run->results[i].test->needs & NEED_ALONE))
                todo[n++] = &run->results[i];
        blame_search(run, todo, n);
    }
    n = 0;
    for (size_t i = 0; i < run->n_results; i++)
        if (run->results[i].verdict == N_VERDICTS)
            todo[n++] = &run->results[i];
    blame_alone(run, todo, n);
    n = 0;
    for (size_t i = 0; i < run->n_results; i++)
        if (run->results[i].verdict == VERDICT_INCONCLUSIVE &&
            strncmp(run->results[i].report.reason, "the peer ", 9) != 0)
            todo[n++] = &run->results[i];
    if (!run->silent)
        blame_again(run, todo, n);
    late_again(run, todo);
    if (!run->control_before[0] && !run->control_after[0])
        batch_serves(run, run->control_after, sizeof run->control_after);
    free(todo);
}

static void stop_with(struct run *run, enum exit_status status, const char *error)
{
    run->status = status;
    if (error)
        snprintf(run->error, sizeof run->error, "%s", error);
}

/* Not in TZ: a baseline expires everywhere at once. */
static const char *today(char date[11])
{
    time_t now = time(NULL);
    struct tm utc;
    strftime(date, 11, "%Y-%m-%d", gmtime_r(&now, &utc));
    return date;
}

static void conclude(struct run *run)
{
    char date[11];
    size_t ran = 0;
    for (size_t i = 0; i < run->n_results; i++) {
        struct result *r = &run->results[i];
        run->totals[r->verdict]++;
        run->by_level[r->requirement->level][r->verdict]++;
        ran += r->verdict != VERDICT_SKIP;
    }
    run->baseline_fails = baseline_apply(run, today(date));
    bool fails = run->totals[VERDICT_FAIL] > run->known[VERDICT_FAIL] || run->baseline_fails ||
                 run->control_before[0] || run->control_after[0];
    if (ran == 0)
        stop_with(run, EXIT_NOTHING, "every case that was selected is skipped");
    else if (ran < run->options->min_cases && !run->left_out)
        stop_with(run, EXIT_NOTHING, "fewer cases ran than --min-cases asks for");
    else if (run->totals[VERDICT_INCONCLUSIVE] || run->totals[VERDICT_ERROR])
        stop_with(run, EXIT_SUITE, NULL);
    else
        stop_with(run, fails ? EXIT_FAILS : EXIT_CONFORMS, NULL);
}

/* Whether there is anything left to play when cases were left to another method. */
static bool all_is_left_out(const struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++)
        if (run->results[i].verdict != VERDICT_SKIP)
            return false;
    return run->left_out > 0;
}

static void play_all(struct run *run)
{
    const struct run_options *o = run->options;
    run_select(run);
    if (run->n_results == 0) {
        stop_with(run, EXIT_NOTHING, "no case is selected");
        return;
    }
    if (all_is_left_out(run)) {
        stop_with(run, EXIT_NOTHING, NULL);
        return;
    }
    if (!reach_peer(run))
        return;
    enum outcome outcome = measure(run);
    if (outcome == FAULTY) {
        stop_with(run, EXIT_SUITE, run->control_before);
        return;
    }
    if (outcome != HELD) {
        if (run->set.client && !run->set.connected) {
            run->status = EXIT_NO_PEER;
            snprintf(run->error, sizeof run->error, "the client does not work: %.190s%s%s",
                     run->control_before, run->control_said[0] ? "; its last line: " : "",
                     run->control_said);
            return;
        }
        if (outcome == DISTURBED) {
            run->status = EXIT_NO_PEER;
            snprintf(run->error, sizeof run->error, "no peer at %s: %s", run->address,
                     run->control_before);
            return;
        }
        if (o->role == ROLE_SS_SERVER || o->role == ROLE_SS_LOCAL) {
            run->status = EXIT_NO_PEER;
            snprintf(run->error, sizeof run->error,
                     "the peer at %s serves no plain good connection under %s and this password: "
                     "%.200s",
                     run->address, o->method, run->control_before);
            return;
        }
        if (!run->set.client && strstr(run->control_before, "METHOD:") &&
            strstr(run->control_before, "received ff")) {
            run->status = EXIT_NO_PEER;
            snprintf(run->error, sizeof run->error, "the peer at %s accepts %s: give %s",
                     run->address,
                     o->user ? "no user name and password" : "no client without authentication",
                     o->user ? "no --auth" : "--auth USER:PASS");
            return;
        }
        skip_controls(run);
    }
    if (o->hunt && !run->isolated) {
        stop_with(run, EXIT_NOTHING, run->not_isolated);
        return;
    }
    if (o->hunt) {
        hunt_all(run, o->hunt);
        return;
    }
    leaks_begin(run);
    sweep_begin(run);
    play_results(run);
    leaks_judge(run);
    sweep_judge(run);
    run->conducted = true;
    conclude(run);
}

/* Ctrl-C, or the terminal is gone: the peer goes too. */
static void on_signal(int number, short what, void *arg)
{
    (void)what;
    reach_end(arg);
    signal(number, SIG_DFL);
    raise(number);
}

void run_all(struct run *run, const struct run_options *options)
{
    uint64_t start = play_now_us();
    memset(run, 0, sizeof *run);
    run->options = options;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    run->isolated = options->isolated;
    if (options->argv)
        run->not_isolated = isolate();
    else if (!options->isolated)
        run->not_isolated = "the peer must have no way out: --exec, or --isolated if it has none";
    run->isolated = run->not_isolated == NULL;
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct stage_set *set = &run->set;
    const char *wrong = options->method ? wire_keys_set(&set->keys, options->method,
                                                        options->password, options->ota)
                                        : NULL;
    if (wrong) {
        run->status = EXIT_USAGE;
        snprintf(run->error, sizeof run->error, "--method %s: %s", options->method, wrong);
        event_config_free(config);
        return;
    }
    set->base = event_base_new_with_config(config);
    event_config_free(config);
    set->scratch = xmalloc(PATTERN_MAX);
    if (!set->base) {
        stop_with(run, EXIT_SUITE, "no event loop");
        return;
    }
    set->origin = set->udp.ip = options->origin;
    set->user = options->user;
    set->pass = options->pass;
    set->seed = options->seed;
    set->replay = options->replay;
    set->role = options->role;
    set->control = options->role == ROLE_SOCKS5_CLIENT ? &control_client
                   : options->role == ROLE_SS_SERVER   ? &control_ss
                   : options->role == ROLE_SS_LOCAL    ? &control_local
                   : options->without & NEED_CONNECT   ? &control_greeting
                                                       : &control_connect;
    set->probe = segment_probe_open();
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct event *caught[3];
    for (size_t i = 0; i < 3; i++) {
        caught[i] = evsignal_new(set->base, signals[i], on_signal, run);
        xevent_add(caught[i], NULL);
    }
    play_all(run);
    client_leave(run);
    reach_end(run);
    for (size_t i = 0; i < 3; i++)
        event_free(caught[i]);
    run->elapsed_ms = (unsigned)((play_now_us() - start) / 1000);
}

void run_free(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++)
        outcome_report_free(&run->results[i].report);
    free(run->results);
    free(run->set.scratch);
    free(run->sweep);
    server_free(run->set.server);
    wire_keys_free(&run->set.keys);
    if (run->set.probe >= 0)
        close(run->set.probe);
    if (run->set.base)
        event_base_free(run->set.base);
}
