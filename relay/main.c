/* sockspec-relay: the command line, the workers' threads, and signals. */
#include "config.h"
#include "listener.h"
#include "record.h"
#include "worker.h"

#include <errno.h>
#include <event2/thread.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* X(role, word, name by which it is called, what it is) */
#define ROLE_LIST(X)                                                                               \
    X(SKS_ROLE_SSLOCAL, "local", "sslocal", "SOCKS5 in, Shadowsocks out")                          \
    X(SKS_ROLE_SSSERVER, "server", "ssserver", "Shadowsocks in")                                   \
    X(SKS_ROLE_TUNNEL, "tunnel", "sstunnel", "a port that leads to one target over Shadowsocks")   \
    X(SKS_ROLE_SOCKS5, "socks5", "", "a plain SOCKS5 server")

static const struct role {
    enum sks_role role;
    const char *word, *program, *text;
} roles[] = {
#define ROLE_X(role, word, program, text) {role, word, program, text},
    ROLE_LIST(ROLE_X)
#undef ROLE_X
};
enum { ROLES = sizeof roles / sizeof roles[0] };

enum { RELAY_FAILED = 1 };  /* exit status; see worker.c, and told */
enum { SETTLE_MS = 10000 }; /* for the workers to serve what was read before */

static const char local_note[] =
    "CONNECT is answered at once with success, as all of this family do: Shadowsocks\n"
    "carries no result back. If the server cannot reach the target, the connection ends.\n";

static const char usage_note[] =
    "sockspec-relay ROLE --help lists the options; sockspec-relay ROLE --uri [OPTION]... prints\n"
    "the ss:// URIs of what the options say, passwords included. SIGTERM drains, SIGHUP reads the\n"
    "configuration again (but for workers, dns_server and record), SIGUSR1 prints statistics.\n";

/* 0, or RELAY_FAILED with a line where what was written to stdout did not arrive. */
static int told(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fputs("sockspec-relay: stdout cannot be written to\n", stderr);
    return RELAY_FAILED;
}

static int usage(FILE *to)
{
    fprintf(to, "usage: sockspec-relay ROLE [OPTION]... [ss://URI]\n\n");
    for (size_t i = 0; i < ROLES; i++)
        fprintf(to, "  %-8s %-10s %s\n", roles[i].word, roles[i].program, roles[i].text);
    fprintf(to, "\n%s", usage_note);
    return to == stdout ? told() : CONFIG_USAGE;
}

static int help(const struct role *role)
{
    printf("usage: sockspec-relay %s [OPTION]...%s\n%s.\n%s\n", role->word,
           role->role == SKS_ROLE_SOCKS5 ? "" : " [ss://URI]", role->text,
           role->role == SKS_ROLE_SSLOCAL ? local_note : "");
    config_print_help(role->role);
    return told();
}

/* One line, whatever stands in what it quotes. */
static int refuse(const char *error)
{
    char line[CONFIG_ERROR_MAX];
    snprintf(line, sizeof line, "%s", error);
    for (char *s = line; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            *s = '?';
    fprintf(stderr, "sockspec-relay: %s\n", line);
    return CONFIG_USAGE;
}

/* ---- serving --------------------------------------------------------------------------------- */

struct relay {
    const struct role *role;
    int argc;
    char **argv;
    struct openings *openings; /* as served; without sockets */
    unsigned count;
    struct worker *workers;
    pthread_t *threads;
};

static void set_levels(const struct config *config)
{
    log_set_level((int)LOG_WARNING + (int)config->verbose - (int)config->quiet);
}

/* Binds everything for all workers, then hands it out: all or nothing. */
static int serve(struct relay *relay, struct config *config, char *error)
{
    struct openings *made = openings_make(config, error);
    /* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there is one worker at least */
    struct openings **each = made != NULL ? calloc(relay->count, sizeof(struct openings *)) : NULL;
    int status = each != NULL ? 0 : -1;
    if (made != NULL && each == NULL)
        snprintf(error, CONFIG_ERROR_MAX, "no memory");
    for (unsigned i = 0; status == 0 && i < relay->count; i++) {
        each[i] = openings_copy(made);
        status = each[i] != NULL
                     ? openings_bind(each[i], &relay->workers[i], relay->openings, i == 0, error)
                     : -1;
        if (each[i] == NULL)
            snprintf(error, CONFIG_ERROR_MAX, "no memory");
    }
    for (unsigned i = 0; each != NULL && i < relay->count; i++) {
        if (status == 0)
            worker_serve(&relay->workers[i], each[i]);
        else
            openings_free(each[i]);
    }
    free(each);
    if (status != 0) {
        openings_free(made);
        return -1;
    }
    openings_free(relay->openings);
    relay->openings = made;
    set_levels(config);
    return 0;
}

/* Whether the workers serve what they were given last, and hold its sockets. */
static bool is_settled(const struct relay *relay)
{
    const struct timespec turn = {.tv_nsec = 1000000};
    unsigned settled = 0;
    for (int turns = 0; turns < SETTLE_MS; turns++) {
        while (settled < relay->count && worker_is_served(&relay->workers[settled]))
            settled++;
        if (settled == relay->count)
            return true;
        (void)nanosleep(&turn, NULL);
    }
    return false;
}

static void reload(struct relay *relay)
{
    char error[CONFIG_ERROR_MAX];
    if (!is_settled(relay)) {
        log_line(LOG_ERROR, "the workers are busy with what was read before: send SIGHUP again");
        return;
    }
    struct config *config = config_read(relay->role->role, relay->argc, relay->argv, error);
    if (config == NULL || serve(relay, config, error) != 0)
        log_line(LOG_ERROR, "%s: all goes on as it was", error);
    else
        log_line(LOG_INFO, "the configuration was read again");
    config_release(config);
    replay_filter_sweep();
}

/* Until the workers have ended: SIGUSR2 is their word for it. */
static void obey_signals(struct relay *relay, const sigset_t *signals)
{
    bool draining = false;
    for (;;) {
        int got = 0;
        if (sigwait(signals, &got) != 0)
            continue;
        if (got == SIGUSR1)
            statistics_log(relay->workers, relay->count);
        else if (got == SIGUSR2)
            return;
        else if (got == SIGHUP && !draining)
            reload(relay);
        else if (got == SIGTERM && !draining)
            log_line(LOG_INFO, "drains: ends when its sessions have");
        for (unsigned i = 0; i < relay->count; i++) {
            if (got == SIGINT || (got == SIGTERM && draining))
                worker_stop(&relay->workers[i]);
            else if (got == SIGTERM)
                worker_drain(&relay->workers[i]);
        }
        draining |= got == SIGTERM;
    }
}

static _Atomic unsigned running;
static pthread_t main_thread;

static void *run(void *worker)
{
    worker_run(worker);
    if (atomic_fetch_sub(&running, 1) == 1)
        pthread_kill(main_thread, SIGUSR2);
    return NULL;
}

/* All of them, or none: then those that run already end. */
static int start_threads(struct relay *relay, char *error)
{
    main_thread = pthread_self();
    running = relay->count;
    for (unsigned i = 0; i < relay->count; i++) {
        int status = pthread_create(&relay->threads[i], NULL, run, &relay->workers[i]);
        if (status == 0)
            continue;
        snprintf(error, CONFIG_ERROR_MAX, "worker %u: no thread: %s", i, strerror(status));
        for (unsigned k = 0; k < i; k++)
            worker_stop(&relay->workers[k]);
        for (unsigned k = 0; k < i; k++)
            pthread_join(relay->threads[k], NULL);
        return -1;
    }
    return 0;
}

static int start(struct relay *relay, struct config *config, char *error)
{
    relay->workers = calloc(config->workers, sizeof *relay->workers);
    relay->threads = calloc(config->workers, sizeof *relay->threads);
    if (relay->workers == NULL || relay->threads == NULL) {
        snprintf(error, CONFIG_ERROR_MAX, "no memory for workers");
        return -1;
    }
    relay->count = config->workers;
    for (unsigned i = 0; i < relay->count; i++)
        if (worker_open(&relay->workers[i], config) != 0) {
            snprintf(error, CONFIG_ERROR_MAX, "worker %u: cannot be made: %s", i, strerror(errno));
            relay->count = i + 1;
            return -1;
        }
    if (config->record != NULL && record_start(config->record, config->record_payload) != 0) {
        snprintf(error, CONFIG_ERROR_MAX, "record: %.200s: %s", config->record, strerror(errno));
        return -1;
    }
    if (serve(relay, config, error) != 0)
        return -1;
    return start_threads(relay, error);
}

static void finish(struct relay *relay)
{
    for (unsigned i = 0; i < relay->count; i++)
        worker_close(&relay->workers[i]);
    openings_free(relay->openings);
    record_stop();
    replay_filter_sweep();
    free(relay->workers);
    free(relay->threads);
}

static void say_where(const struct relay *relay)
{
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < relay->openings->count; i++)
        log_line(LOG_INFO, "%s listens at %s", relay->role->word,
                 address_text(&relay->openings->items[i].at, text));
}

static int relay_run(struct relay *relay, struct config *config)
{
    char error[CONFIG_ERROR_MAX];
    const int waited_for[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
    struct rlimit files;
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof waited_for / sizeof waited_for[0]; i++)
        sigaddset(&signals, waited_for[i]);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (start(relay, config, error) != 0) {
        finish(relay);
        return refuse(error);
    }
    say_where(relay);
    obey_signals(relay, &signals);
    int status = 0;
    for (unsigned i = 0; i < relay->count; i++) {
        pthread_join(relay->threads[i], NULL);
        if (relay->workers[i].failed)
            status = RELAY_FAILED;
    }
    log_line(LOG_INFO, "ended");
    finish(relay);
    return status;
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct role *role_of(const char *word, const char *program)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strcmp(word, roles[i].word) == 0 || strcmp(program, roles[i].program) == 0)
            return &roles[i];
    return NULL;
}

static bool has_word(int argc, char **argv, const char *word)
{
    return argc > 1 && strcmp(argv[1], word) == 0;
}

/* argv[0] becomes a name that getopt leaves alone. */
static int serve_role(const struct role *role, int argc, char **argv)
{
    struct relay relay = {.role = role, .argc = argc, .argv = argv};
    char error[CONFIG_ERROR_MAX];
    bool uris = has_word(argc, argv, "--uri");
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return help(role);
    if (uris) {
        relay.argc--;
        relay.argv++;
    }
    struct config *config = config_read(role->role, relay.argc, relay.argv, error);
    if (config == NULL)
        return refuse(error);
    int status = 0;
    set_levels(config);
    if (uris && role->role == SKS_ROLE_SOCKS5)
        status = refuse("--uri: a SOCKS5 server has none");
    else if (uris)
        status = config_print_uris(config) == 0 ? told() : RELAY_FAILED;
    else
        status = relay_run(&relay, config);
    config_release(config);
    return status;
}

/* libevent's own words, such as of a name server that does not answer. */
static void on_libevent(int severity, const char *text)
{
    log_line(severity == EVENT_LOG_ERR ? LOG_ERROR : LOG_INFO, "%s", text);
}

int main(int argc, char **argv)
{
    const char *program = argc > 0 ? strrchr(argv[0], '/') : NULL;
    program = program != NULL ? program + 1 : argc > 0 ? argv[0] : "";
    const struct role *role = role_of("", program);
    (void)evthread_use_pthreads();
    event_set_log_callback(on_libevent);
    if (role != NULL)
        return serve_role(role, argc, argv);
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return usage(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        puts("sockspec-relay " SOCKSPEC_VERSION);
        return told();
    }
    role = role_of(argv[1], "?");
    if (role == NULL) {
        char error[80];
        snprintf(error, sizeof error, "%.40s: expected a role", argv[1]);
        (void)refuse(error);
        return usage(stderr);
    }
    return serve_role(role, argc - 1, argv + 1);
}
