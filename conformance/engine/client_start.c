/* The command line of a client, and its process. */
#include "memory.h"
#include "net.h"
#include "playing.h"
#include "running.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* X(name): what is filled in, in the order of struct words. */
#define PLACEHOLDERS(X)                                                                            \
    X(target_host)                                                                                 \
    X(target_port)                                                                                 \
    X(target)                                                                                      \
    X(proxy_host)                                                                                  \
    X(proxy_port)                                                                                  \
    X(proxy)                                                                                       \
    X(user)                                                                                        \
    X(pass)                                                                                        \
    X(command)                                                                                     \
    X(dir)                                                                                         \
    X(folder)

struct words {
    char target_host[1100], target_port[8], target[1112], proxy_host[16], proxy_port[8], proxy[32];
    char user[600], pass[600], command[8], dir[420], folder[PATH_MAX];
};

/* Of the environment: they would lead a client elsewhere. */
static const char *const misleading[] = {
    "http_proxy",   "https_proxy",   "ftp_proxy",   "all_proxy",       "no_proxy",   "socks_proxy",
    "HTTP_PROXY",   "HTTPS_PROXY",   "FTP_PROXY",   "ALL_PROXY",       "NO_PROXY",   "SOCKS_PROXY",
    "SOCKS_SERVER", "SOCKS5_SERVER", "SOCKS5_USER", "SOCKS5_PASSWORD", "LD_PRELOAD",
};

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* What the case is about, in the client's word for it. */
static const char *command_of(const struct test_case *c)
{
    return c->needs & (NEED_BIND | NEED_NO_BIND) ? "bind"
           : c->needs & (NEED_UDP | NEED_NO_UDP) ? "udp"
                                                 : "connect";
}

static void set_words(struct words *w, const struct play *p, uint16_t proxy_port)
{
    const struct scene *s = &p->scene;
    bool v6 = strchr(s->host, ':') != NULL;
    snprintf(w->target_host, sizeof w->target_host, "%s", s->host);
    snprintf(w->target_port, sizeof w->target_port, "%u", s->target_port);
    snprintf(w->target, sizeof w->target, "%s%s%s:%u", v6 ? "[" : "", s->host, v6 ? "]" : "",
             s->target_port);
    inet_ntop(AF_INET, &s->origin, w->proxy_host, sizeof w->proxy_host);
    snprintf(w->proxy_port, sizeof w->proxy_port, "%u", proxy_port);
    snprintf(w->proxy, sizeof w->proxy, "%s:%u", w->proxy_host, proxy_port);
    snprintf(w->user, sizeof w->user, "%s", s->user ? s->user : "");
    snprintf(w->pass, sizeof w->pass, "%s", s->pass ? s->pass : "");
    snprintf(w->command, sizeof w->command, "%s", command_of(p->test));
    snprintf(w->dir, sizeof w->dir, "%s", p->client.dir);
    snprintf(w->folder, sizeof w->folder, "%s", p->set->client->manifests);
}

/* The templates, filled in; malloc, ended by NULL. NULL with the unknown name. */
static char **fill(char *const *templates, const struct words *w, char unknown[32])
{
    const struct placeholder values[] = {
#define X(name) {#name, w->name},
        PLACEHOLDERS(X)
#undef X
            {NULL, NULL}};
    size_t n = 0;
    while (templates && templates[n])
        n++;
    char **list = xcalloc(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        list[i] = placeholder_expand(templates[i], values, unknown);
        if (!list[i]) {
            free_list(list);
            return NULL;
        }
    }
    return list;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool write_files(const char *dir, char *const *files)
{
    char path[1024];
    for (char *const *f = files; f && f[0]; f += 2) {
        snprintf(path, sizeof path, "%s/%s", dir, f[0]);
        FILE *out = fopen(path, "we");
        bool written = out && fputs(f[1], out) >= 0;
        if (!out || fclose(out) != 0 || !written)
            return false;
    }
    return true;
}

void client_forget(struct play *p)
{
    char *const *files = p->set->client ? p->set->client->files : NULL;
    char path[1024];
    if (!p->client.dir[0])
        return;
    for (char *const *f = files; f && f[0]; f += 2) {
        snprintf(path, sizeof path, "%s/%s", p->client.dir, f[0]);
        unlink(path);
    }
    rmdir(p->client.dir); /* what it has written itself goes with the folder of the run */
    p->client.dir[0] = 0;
}

/* ---- the process ----------------------------------------------------------------------------- */

struct ends { /* of the pipes: ours is [0] of stdin's [1], [0] of the others */
    int in[2], out[2], errors[2];
};

static void become(char *const *argv, char *const *environment, const char *dir,
                   const struct ends *e)
{
    if (setsid() < 0)
        give_up("the client", strerror(errno));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int in = e->in[0] >= 0 ? e->in[0] : open("/dev/null", O_RDONLY);
    if (dup2(e->errors[1], STDERR_FILENO) < 0 || dup2(in, STDIN_FILENO) < 0 ||
        dup2(e->out[1], STDOUT_FILENO) < 0)
        give_up("the client", strerror(errno));
    signal(SIGPIPE, SIG_DFL);
    for (size_t i = 0; i < sizeof misleading / sizeof *misleading; i++)
        unsetenv(misleading[i]);
    for (char *const *v = environment; v && *v; v++)
        putenv(*v);
    if (dir[0] && chdir(dir) != 0)
        _exit(127);
    execvp(argv[0], argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static bool open_ends(struct ends *e, bool fed)
{
    int *pipes[] = {fed ? e->in : NULL, e->out, e->errors};
    *e = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}};
    for (size_t i = 0; i < 3; i++)
        if (pipes[i] && pipe2(pipes[i], O_CLOEXEC) != 0)
            return false;
    fcntl(e->out[0], F_SETFL, O_NONBLOCK); /* our ends alone */
    fcntl(e->errors[0], F_SETFL, O_NONBLOCK);
    if (fed)
        fcntl(e->in[1], F_SETFL, O_NONBLOCK);
    return true;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

static const char *spawn(struct play *p, char **argv, char **environment)
{
    struct client *c = &p->client;
    struct ends e;
    pid_t pid = -1;
    if (open_ends(&e, !p->set->client->http))
        pid = fork();
    if (pid == 0)
        become(argv, environment, c->dir, &e);
    close_one(e.in[0]);
    close_one(e.out[1]);
    close_one(e.errors[1]);
    if (pid < 0) {
        close_one(e.in[1]);
        close_one(e.out[0]);
        close_one(e.errors[0]);
        return strerror(errno);
    }
    c->pid = pid;
    c->errors = e.errors[0];
    c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
    channel_open(&p->channels[STDOUT], p->set->base, e.out[0], false, false, play_advance, p);
    if (e.in[1] >= 0)
        channel_open(&p->channels[STDIN], p->set->base, e.in[1], false, false, play_advance, p);
    return NULL;
}

const char *client_start(struct play *p, uint16_t proxy_port)
{
    const struct client_plan *plan = p->set->client;
    struct words w;
    char unknown[32];
    if (plan->files && plan->files[0]) {
        snprintf(p->client.dir, sizeof p->client.dir, "%.400s/%u", plan->folder, p->set->plays);
        if (mkdir(p->client.dir, 0700) != 0)
            return "no folder for its files";
    }
    set_words(&w, p, proxy_port);
    char **argv = fill(plan->argv, &w, unknown),
         **environment = fill(plan->environment, &w, unknown);
    char **files = fill(plan->files, &w, unknown);
    const char *why = "its command line cannot be made";
    if (argv && environment && files)
        why = write_files(p->client.dir, files) ? spawn(p, argv, environment)
                                                : "its files cannot be written";
    free_list(argv);
    free_list(environment);
    free_list(files);
    return why;
}

/* ---- the run --------------------------------------------------------------------------------- */

/* Whether a template has {name}. */
static bool names(char *const *templates, const char *name)
{
    for (; templates && *templates; templates++)
        if (strstr(*templates, name))
            return true;
    return false;
}

static bool unusable(struct run *run, const char *format, const char *what)
{
    run->status = EXIT_USAGE;
    snprintf(run->error, sizeof run->error, format, what);
    return false;
}

static bool check_templates(struct run *run, char *const *templates)
{
    struct words empty = {0};
    char unknown[32], text[256] = "the command has {%s}, expected one of";
    char **filled = fill(templates, &empty, unknown);
    size_t used = strlen(text);
#define X(name) used += (size_t)snprintf(text + used, sizeof text - used, " {" #name "}");
    PLACEHOLDERS(X)
#undef X
    bool good = filled != NULL;
    free_list(filled);
    return good || unusable(run, text, unknown);
}

bool client_is_told(const struct run_options *o)
{
    return names(o->argv, "{command}") || names(o->environment, "{command}") ||
           names(o->files, "{command}");
}

bool client_reach(struct run *run)
{
    const struct run_options *o = run->options;
    if (!check_templates(run, o->argv) || !check_templates(run, o->environment) ||
        !check_templates(run, o->files))
        return false;
    char *const *all[] = {o->argv, o->environment, o->files};
    const char *const wanted[] = {"{proxy", "{target", "{user}", "{pass}"};
    for (size_t i = 0; i < (o->user ? 4 : 2); i++)
        if (!names(all[0], wanted[i]) && !names(all[1], wanted[i]) && !names(all[2], wanted[i]))
            return unusable(run, "the client's command has no %s: it cannot know it", wanted[i]);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    run->plan = (struct client_plan){
        .argv = o->argv,
        .files = o->files,
        .environment = o->environment,
        .folder = run->dir,
        .manifests = o->peers_dir ? o->peers_dir : "",
        .http = o->http,
    };
    run->set.client = &run->plan;
    snprintf(run->address, sizeof run->address, "a client, started for each case");
    return true;
}

void client_leave(struct run *run)
{
    if (run->set.client)
        run->set.left_behind += peer_end_descendants();
}
