#include "baseline.h"
#include "isolate.h"
#include "net.h"
#include "select.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    START_LIMIT_MS = 15000, /* until a peer listens */
    FIRST_DEADLINE_MS = 4000,
    LEAST_DEADLINE_MS = 2000,
    MOST_DEADLINE_MS = 10000,
    LEAST_QUIET_MS = 250,
    MOST_QUIET_MS = 1000,
    MAX_RESTARTS = 64,
    MOST_CUTS = 600,     /* places at which one stimulus is cut, the first ones */
    SUSPECT_US = 200000, /* a case that was over so shortly before a death may have caused it */
};

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void set_reason(struct result *r, enum outcome outcome, const char *reason)
{
    outcome_report_free(&r->report);
    r->report.outcome = outcome;
    r->report.mark = -1;
    snprintf(r->report.reason, sizeof r->report.reason, "%s", reason);
}

/* ---- plays, side by side --------------------------------------------------------------------- */

struct batch;
struct job { /* one play of a result */
    struct batch *batch;
    struct result *result; /* NULL: free */
    struct play *play;
    size_t cut;
};

struct batch {
    struct run *run;
    struct result **todo; /* in order */
    size_t n, next;       /* the result to be begun, or some cut of it */
    size_t cut, cuts;     /* of that result: the next, and one past the last; 0: not begun */
    size_t open, limit;
    struct job *jobs; /* limit of them */
    bool died;
};

static void fill(struct batch *b);

/* Of a result that is cut at several places the first that fails counts. */
static void take_report(struct job *j, struct outcome_report report)
{
    struct result *r = j->result;
    bool failed = report.outcome != HELD;
    if (r->plays++ == 0 || (failed && (r->cut == 0 || j->cut < r->cut))) {
        outcome_report_free(&r->report);
        r->report = report;
        r->cut = failed ? j->cut : 0;
    } else {
        outcome_report_free(&report);
    }
}

static void job_done(struct play *play, void *context)
{
    struct job *j = context;
    struct batch *b = j->batch;
    struct result *r = j->result;
    take_report(j, play_take_report(play));
    play_free(play);
    j->play = NULL;
    j->result = NULL;
    b->open--;
    if (b->next < b->n && b->todo[b->next] == r && r->report.outcome != HELD)
        b->cut = b->cuts; /* one place is enough */
    if (--r->pending == 0 && !(b->next < b->n && b->todo[b->next] == r && b->cut < b->cuts)) {
        r->verdict = run_judge(b->run, r);
        r->decided_us = now_us();
    }
    fill(b);
}

/* The next play that is to be begun into j; false when there is none. */
static bool next_play(struct batch *b, struct job *j)
{
    if (b->cuts && b->cut >= b->cuts) {
        b->cuts = 0;
        b->next++;
    }
    if (b->next == b->n)
        return false;
    struct result *r = b->todo[b->next];
    if (b->cuts == 0) {
        int messages;
        bool split = r->segment == SEGMENT_SPLIT;
        size_t octets = split ? play_stimulus(&b->run->set, r->test, &messages) : 0;
        b->cut = split;
        b->cuts = !split ? 1 : octets > MOST_CUTS ? MOST_CUTS : octets;
        r->pending = r->plays = 0;
    }
    *j = (struct job){.batch = b, .result = r, .cut = b->cut++};
    r->pending++;
    return true;
}

static void fill(struct batch *b)
{
    for (size_t i = 0; i < b->limit && !b->died; i++) {
        struct job *j = &b->jobs[i];
        if (j->result)
            continue;
        if (!next_play(b, j))
            break;
        b->open++;
        j->play =
            play_start(&b->run->set, j->result->test, j->result->segment, j->cut, job_done, j);
        if (!j->play)
            abort();
    }
    if (b->open == 0)
        event_base_loopbreak(b->run->set.base);
}

static void on_death(void *context)
{
    struct batch *b = context;
    b->died = true;
    event_base_loopbreak(b->run->set.base);
}

/* Plays todo, at most limit at once. When the peer dies, those that may have done it stand first in
 * todo: their number is returned, and in *left how many wait behind them. */
static size_t play_batch(struct run *run, struct result **todo, size_t n, size_t limit,
                         size_t *left)
{
    struct batch b = {.run = run, .todo = todo, .n = n, .limit = limit};
    b.jobs = calloc(limit, sizeof *b.jobs);
    if (!b.jobs)
        abort();
    run->peer.on_death = on_death;
    run->peer.context = &b;
    fill(&b);
    if (b.open)
        event_base_dispatch(run->set.base);
    run->peer.on_death = NULL;
    for (size_t i = 0; i < limit; i++)
        if (b.jobs[i].play)
            play_free(b.jobs[i].play);
    free(b.jobs);
    if (!b.died) {
        *left = 0;
        return 0;
    }
    size_t begun = b.next + (b.cuts ? 1 : 0);
    *left = n - begun;
    uint64_t now = now_us();
    size_t suspects = 0;
    for (size_t i = 0; i < begun; i++)
        if (todo[i]->verdict == N_VERDICTS || todo[i]->decided_us + SUSPECT_US > now)
            todo[suspects++] = todo[i];
    memmove(todo + suspects, todo + begun, *left * sizeof *todo);
    return suspects;
}

struct control {
    struct event_base *base;
    struct outcome_report report;
    bool done;
};

static void control_done(struct play *play, void *context)
{
    struct control *c = context;
    c->report = play_take_report(play);
    c->done = true;
    play_free(play);
    event_base_loopbreak(c->base);
}

static void control_died(void *context)
{
    event_base_loopbreak(context);
}

/* A plain good connection: how it went, why in reason, and in *us how long it took. */
static enum outcome control(struct run *run, char *reason, size_t size, unsigned *us)
{
    struct control c = {.base = run->set.base};
    uint64_t start = now_us();
    reason[0] = 0;
    run->peer.on_death = control_died;
    run->peer.context = run->set.base;
    struct play *p = play_start(&run->set, run->set.control, SEGMENT_WHOLE, 0, control_done, &c);
    if (!p)
        abort();
    event_base_dispatch(run->set.base);
    run->peer.on_death = NULL;
    *us = (unsigned)(now_us() - start);
    if (!c.done) {
        play_free(p);
        snprintf(reason, size, "the peer died");
        return DISTURBED;
    }
    enum outcome outcome = c.report.outcome;
    snprintf(reason, size, "%s", c.report.reason);
    outcome_report_free(&c.report);
    return outcome;
}

/* ---- the peer -------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static bool write_file(struct run *run, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", run->dir, name);
    FILE *f = fopen(path, "we");
    bool written = f && fputs(text, f) >= 0;
    return f && fclose(f) == 0 && written;
}

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* The templates, filled in; ended by NULL. NULL when one has an unknown name. */
static char **expand_list(struct run *run, char *const *templates, const struct placeholder *values)
{
    size_t n = 0;
    char unknown[32];
    while (templates && templates[n])
        n++;
    char **list = calloc(n + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        list[i] = placeholder_expand(templates[i], values, unknown);
        if (!list[i]) {
            run->status = EXIT_USAGE;
            snprintf(run->error, sizeof run->error,
                     "the command has {%s}, expected one of {host} {port} {port2} {dir} {user} "
                     "{pass}",
                     unknown);
            free_list(list);
            return NULL;
        }
    }
    return list;
}

static bool write_files(struct run *run, const struct placeholder *values)
{
    char unknown[32];
    for (char **f = run->options->files; f && f[0]; f += 2) {
        char *text = placeholder_expand(f[1], values, unknown);
        bool written = text && write_file(run, f[0], text);
        if (!written) {
            run->status = EXIT_USAGE;
            snprintf(run->error, sizeof run->error, "file %s of the peer: %s%s%s", f[0],
                     text ? strerror(errno) : "unknown name {", text ? "" : unknown,
                     text ? "" : "}");
        }
        free(text);
        if (!written)
            return false;
    }
    return true;
}

static void say_not_serving(struct run *run, const char *why)
{
    const char *tail = run->peer.tail, *end = tail + run->peer.tail_len;
    while (end > tail && end[-1] == '\n')
        end--;
    const char *last = end;
    while (last > tail && last[-1] != '\n')
        last--;
    run->status = EXIT_NO_PEER;
    snprintf(run->error, sizeof run->error, "the peer does not serve at %s: %s%s%.*s", run->address,
             why, end > last ? "; its last line: " : "", (int)(end - last), last);
}

/* Starts the peer of --exec or of a manifest on a free port. */
static bool start_peer(struct run *run)
{
    const struct run_options *o = run->options;
    char port[8], port2[8];
    uint16_t number = (uint16_t)peer_free_port();
    snprintf(port, sizeof port, "%u", number);
    snprintf(port2, sizeof port2, "%u", peer_free_port());
    run->set.peer = net_ipv4((struct in_addr){htonl(INADDR_LOOPBACK)}, number);
    net_print(&run->set.peer, run->address, sizeof run->address);
    const struct placeholder values[] = {{"host", "127.0.0.1"},
                                         {"port", port},
                                         {"port2", port2},
                                         {"dir", run->dir},
                                         {"user", o->user ? o->user : ""},
                                         {"pass", o->pass ? o->pass : ""},
                                         {NULL, NULL}};
    char **argv = expand_list(run, o->argv, values);
    char **environment = argv ? expand_list(run, o->environment, values) : NULL;
    bool good = environment && write_files(run, values);
    if (good) {
        const struct peer_command command = {argv, environment, o->peer_name ? run->dir : NULL};
        const char *why =
            peer_start(&run->peer, run->set.base, &command, &run->set.peer, START_LIMIT_MS);
        if (why)
            say_not_serving(run, why);
        good = !why;
    }
    free_list(argv);
    free_list(environment);
    return good;
}

static bool restart(struct run *run)
{
    if (!run->options->argv || ++run->restarts > MAX_RESTARTS)
        return false;
    peer_stop(&run->peer);
    return start_peer(run);
}

/* ---- blame ----------------------------------------------------------------------------------- */

static void blame(struct result *r, const char *what, const char *detail)
{
    char reason[240];
    snprintf(reason, sizeof reason, "%s: %.180s", what, detail);
    set_reason(r, BROKEN, reason);
    r->verdict = VERDICT_FAIL;
}

static void cannot_tell(struct result *r, const char *reason)
{
    set_reason(r, DISTURBED, reason);
    r->verdict = VERDICT_INCONCLUSIVE;
}

/* One at a time, a control behind each: whoever harms the peer is found. Returns how many did. */
static size_t play_alone(struct run *run, struct result **todo, size_t n)
{
    size_t found = 0, left;
    char reason[240], end[80];
    unsigned us;
    bool serves = run->control_before[0] == 0;
    for (size_t i = 0; i < n; i++) {
        todo[i]->verdict = N_VERDICTS;
        struct result *one = todo[i];
        bool died = play_batch(run, &one, 1, 1, &left) > 0;
        bool harmed = !died && serves && control(run, reason, sizeof reason, &us) != HELD;
        if (!died && !harmed)
            continue;
        found++;
        died = died || run->peer.died;
        if (died)
            blame(todo[i], "the peer died", peer_end_text(&run->peer, end, sizeof end));
        else
            blame(todo[i], "afterwards the peer serves no plain good connection", reason);
        if (!restart(run)) {
            for (size_t k = i + 1; k < n; k++)
                cannot_tell(todo[k], "the peer was lost before this case could run");
            return found;
        }
    }
    return found;
}

static void play_together(struct run *run, struct result **todo, size_t n)
{
    size_t left;
    for (;;) {
        size_t suspects = play_batch(run, todo, n, run->options->jobs, &left);
        if (suspects == 0)
            return;
        if (!restart(run)) {
            for (size_t i = 0; i < suspects + left; i++)
                cannot_tell(todo[i], "the peer was lost before this case could run");
            return;
        }
        if (play_alone(run, todo, suspects) == 0) {
            char reason[240];
            size_t at = (size_t)snprintf(reason, sizeof reason,
                                         "the peer died once while these ran, not again alone:");
            for (size_t i = 0; i < suspects && at < sizeof reason; i++)
                at += (size_t)snprintf(reason + at, sizeof reason - at, " %s", todo[i]->test->id);
            for (size_t i = 0; i < suspects; i++)
                cannot_tell(todo[i], reason);
        }
        todo += suspects;
        n = left;
    }
}

static unsigned clamp(unsigned long value, unsigned least, unsigned most)
{
    return value < least ? least : value > most ? most : (unsigned)value;
}

/* Three plain good connections: whether the peer serves at all, and how fast. */
static enum outcome measure(struct run *run)
{
    unsigned least = UINT32_MAX, us;
    struct stage_set *set = &run->set;
    enum outcome outcome = HELD;
    set->deadline_ms = run->options->timeout_ms ? run->options->timeout_ms : FIRST_DEADLINE_MS;
    set->quiet_ms = LEAST_QUIET_MS;
    for (int i = 0; i < 3 && outcome == HELD; i++) {
        outcome = control(run, run->control_before, sizeof run->control_before, &us);
        least = us < least ? us : least;
    }
    if (outcome != HELD)
        least = 0;
    set->rtt_us = least;
    if (!run->options->timeout_ms)
        set->deadline_ms = clamp(least / 10, LEAST_DEADLINE_MS, MOST_DEADLINE_MS);
    set->quiet_ms = clamp(least / 50, LEAST_QUIET_MS, MOST_QUIET_MS);
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

static void play_results(struct run *run)
{
    struct result **todo = calloc(run->n_results + 1, sizeof *todo);
    unsigned us;
    size_t n = 0, together;
    if (!todo)
        abort();
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
    play_together(run, todo, together);
    if (!run->control_before[0] &&
        control(run, run->control_after, sizeof run->control_after, &us) != HELD && restart(run)) {
        run->control_after[0] = 0;
        n = 0;
        for (size_t i = 0; i < run->n_results; i++)
            if (run->results[i].verdict != VERDICT_SKIP &&
                !(run->results[i].test->needs & NEED_ALONE))
                todo[n++] = &run->results[i];
        play_alone(run, todo, n);
    }
    n = 0;
    for (size_t i = 0; i < run->n_results; i++)
        if (run->results[i].verdict == N_VERDICTS)
            todo[n++] = &run->results[i];
    play_alone(run, todo, n);
    n = 0;
    for (size_t i = 0; i < run->n_results; i++)
        if (run->results[i].verdict == VERDICT_INCONCLUSIVE &&
            strncmp(run->results[i].report.reason, "the peer ", 9) != 0)
            todo[n++] = &run->results[i];
    play_alone(run, todo, n);
    if (!run->control_before[0] && !run->control_after[0])
        control(run, run->control_after, sizeof run->control_after, &us);
    free(todo);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void stop_with(struct run *run, enum exit_status status, const char *error)
{
    run->status = status;
    if (error)
        snprintf(run->error, sizeof run->error, "%s", error);
}

static bool reach_peer(struct run *run)
{
    const struct run_options *o = run->options;
    struct stage_set *set = &run->set;
    if (o->argv) {
        const char *base = getenv("TMPDIR");
        snprintf(run->dir, sizeof run->dir, "%.40s/sockspec-XXXXXX", base && *base ? base : "/tmp");
        if (!mkdtemp(run->dir)) {
            run->dir[0] = 0;
            stop_with(run, EXIT_SUITE, "no temporary directory can be made");
            return false;
        }
        if (!start_peer(run))
            return false;
    } else {
        socklen_t len;
        const char *why = net_parse(o->target, &set->peer, &len);
        if (why) {
            run->status = EXIT_USAGE;
            snprintf(run->error, sizeof run->error, "--target %s: %s, expected HOST:PORT",
                     o->target, why);
            return false;
        }
        net_print(&set->peer, run->address, sizeof run->address);
    }
    return true;
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
    else if (ran < run->options->min_cases)
        stop_with(run, EXIT_NOTHING, "fewer cases ran than --min-cases asks for");
    else if (run->totals[VERDICT_INCONCLUSIVE] || run->totals[VERDICT_ERROR])
        stop_with(run, EXIT_SUITE, NULL);
    else
        stop_with(run, fails ? EXIT_FAILS : EXIT_CONFORMS, NULL);
}

static void play_all(struct run *run)
{
    const struct run_options *o = run->options;
    if (!run_select(run)) {
        stop_with(run, EXIT_SUITE, "out of memory");
        return;
    }
    if (run->n_results == 0) {
        stop_with(run, EXIT_NOTHING, "no case is selected");
        return;
    }
    if (!reach_peer(run))
        return;
    enum outcome outcome = measure(run);
    if (outcome != HELD) {
        if (outcome == DISTURBED) {
            run->status = EXIT_NO_PEER;
            snprintf(run->error, sizeof run->error, "no peer at %s: %s", run->address,
                     run->control_before);
            return;
        }
        if (strstr(run->control_before, "METHOD:") && strstr(run->control_before, "received ff")) {
            run->status = EXIT_NO_PEER;
            snprintf(run->error, sizeof run->error, "the peer at %s accepts %s: give %s",
                     run->address,
                     o->user ? "no user name and password" : "no client without authentication",
                     o->user ? "no --auth" : "--auth USER:PASS");
            return;
        }
        skip_controls(run);
    }
    play_results(run);
    run->conducted = true;
    conclude(run);
}

static void clean_up(struct run *run)
{
    peer_stop(&run->peer);
    if (run->dir[0])
        nftw(run->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Ctrl-C: the peer goes too. */
static void on_signal(int number, short what, void *arg)
{
    (void)what;
    clean_up(arg);
    signal(number, SIG_DFL);
    raise(number);
}

void run_all(struct run *run, const struct run_options *options)
{
    uint64_t start = now_us();
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
    set->base = event_base_new_with_config(config);
    event_config_free(config);
    set->scratch = malloc(PATTERN_MAX);
    if (!set->base || !set->scratch) {
        stop_with(run, EXIT_SUITE, "no event loop");
        return;
    }
    set->origin = options->origin;
    set->user = options->user;
    set->pass = options->pass;
    set->seed = options->seed;
    set->control = options->without & NEED_CONNECT ? &control_greeting : &control_connect;
    set->probe = segment_probe_open();
    struct event *interrupt = evsignal_new(set->base, SIGINT, on_signal, run);
    struct event *terminate = evsignal_new(set->base, SIGTERM, on_signal, run);
    event_add(interrupt, NULL);
    event_add(terminate, NULL);
    play_all(run);
    clean_up(run);
    event_free(interrupt);
    event_free(terminate);
    run->elapsed_ms = (unsigned)((now_us() - start) / 1000);
}

void run_free(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++)
        outcome_report_free(&run->results[i].report);
    free(run->results);
    free(run->set.scratch);
    if (run->set.probe >= 0)
        close(run->set.probe);
    if (run->set.base)
        event_base_free(run->set.base);
}
