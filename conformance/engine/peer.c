#include "peer.h"

#include "memory.h"
#include "net.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STOP_LIMIT_MS = 1000, POLL_MS = 5 };

char *placeholder_expand(const char *text, const struct placeholder *list, char unknown[32])
{
    char *done = NULL;
    size_t size;
    FILE *out = xopen_memstream(&done, &size);
    unknown[0] = 0;
    for (const char *s = text; *s; s++) {
        size_t n = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
        bool name = *s == '{' && n > 0 && s[1 + n] == '}' && (s == text || s[-1] != '$');
        if (!name) {
            fputc(*s, out);
            continue;
        }
        const struct placeholder *p = list;
        while (p->name && (strlen(p->name) != n || memcmp(p->name, s + 1, n) != 0))
            p++;
        if (!p->name && !unknown[0])
            snprintf(unknown, 32, "%.*s", (int)n, s + 1);
        fputs(p->name ? p->value : "", out);
        s += n + 1;
    }
    fclose(out);
    if (unknown[0]) {
        free(done);
        return NULL;
    }
    return done;
}

static void keep_tail(struct peer *p, const char *data, size_t n)
{
    if (n > PEER_TAIL)
        data += n - PEER_TAIL, n = PEER_TAIL;
    size_t keep = p->tail_len + n > PEER_TAIL ? PEER_TAIL - n : p->tail_len;
    memmove(p->tail, p->tail + p->tail_len - keep, keep);
    memcpy(p->tail + keep, data, n);
    p->tail_len = keep + n;
}

static bool read_output(struct peer *p)
{
    char buf[PEER_TAIL];
    ssize_t n = read(p->output, buf, sizeof buf);
    if (n > 0)
        keep_tail(p, buf, (size_t)n);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static void on_output(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct peer *p = arg;
    if (!read_output(p))
        event_del(p->readable);
}

static bool reap(struct peer *p)
{
    if (p->pid == 0)
        return true;
    if (waitpid(p->pid, &p->status, WNOHANG) == 0)
        return false;
    p->pid = 0;
    return true;
}

static void on_ended(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct peer *p = arg;
    event_del(p->ended);
    if (!p->died && reap(p)) {
        p->died = true;
        if (p->on_death)
            p->on_death(p->context);
    }
}

static void become(const struct peer_command *command, int output)
{
    char *const *argv = command->argv;
    if (setsid() < 0) /* the suite could not end what it starts */
        _exit(127);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDONLY);
    if (dup2(output, STDERR_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(null, STDIN_FILENO) < 0)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    for (char *const *e = command->environment; e && *e; e++)
        putenv(*e);
    if (command->dir && chdir(command->dir) != 0)
        _exit(127);
    execvp(argv[0], argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static bool listens(const struct sockaddr_storage *addr)
{
    int fd = socket(addr->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)addr, net_len(addr)) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

static long elapsed_ms(const struct timespec *since)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (t.tv_sec - since->tv_sec) * 1000 + (t.tv_nsec - since->tv_nsec) / 1000000;
}

const char *peer_start(struct peer *p, struct event_base *base, const struct peer_command *command,
                       const struct sockaddr_storage *addr, unsigned limit_ms)
{
    int pipes[2];
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return "no pipe for its output";
    fcntl(pipes[0], F_SETFL, O_NONBLOCK); /* our end alone: the peer's own may block */
    p->tail_len = 0;
    p->died = false;
    p->pid = fork();
    if (p->pid == 0)
        become(command, pipes[1]);
    close(pipes[1]);
    p->output = pipes[0];
    if (p->pid < 0) {
        p->pid = 0;
        close(pipes[0]);
        return "no process can be started";
    }
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    fcntl(p->pidfd, F_SETFD, FD_CLOEXEC);
    p->ended = event_new(base, p->pidfd, EV_READ | EV_PERSIST, on_ended, p);
    p->readable = event_new(base, p->output, EV_READ | EV_PERSIST, on_output, p);
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    const char *why = NULL;
    while (!listens(addr) && !why) {
        struct pollfd output = {.fd = p->output, .events = POLLIN};
        if (poll(&output, 1, POLL_MS) > 0 && !read_output(p))
            poll(NULL, 0, POLL_MS);
        event_base_loop(base, EVLOOP_NONBLOCK); /* a signal ends the suite now as at any time */
        if (reap(p))
            why = "it ended at start";
        else if (elapsed_ms(&start) > (long)limit_ms)
            why = "nothing listens at its address";
    }
    if (why) {
        while (poll(&(struct pollfd){.fd = p->output, .events = POLLIN}, 1, 0) > 0 &&
               read_output(p))
            ;
        peer_stop(p);
        return why;
    }
    xevent_add(p->ended, NULL);
    xevent_add(p->readable, NULL);
    return NULL;
}

/* Orphans of the peer have become our children (the suite has no others): none is left. */
unsigned peer_end_descendants(void)
{
    unsigned first = 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    for (int round = 0; round < 200; round++) {
        FILE *f = fopen(path, "re");
        int pid;
        unsigned found = 0;
        /* NOLINTNEXTLINE(cert-err34-c): the kernel writes it */
        while (f && fscanf(f, "%d", &pid) == 1) {
            found++;
            kill(pid, SIGKILL);
        }
        if (f)
            fclose(f);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        first = round == 0 ? found : first;
        if (!found)
            break;
        poll(NULL, 0, POLL_MS);
    }
    return first;
}

bool peer_gone(struct peer *p, unsigned limit_ms)
{
    struct pollfd ended = {.fd = p->pidfd, .events = POLLIN};
    if (p->pid && poll(&ended, 1, (int)limit_ms) > 0 && reap(p))
        p->died = true;
    return p->died;
}

void peer_stop(struct peer *p)
{
    if (p->ended)
        event_free(p->ended);
    if (p->readable)
        event_free(p->readable);
    p->ended = p->readable = NULL;
    if (p->pid) {
        pid_t group = p->pid;
        struct timespec start;
        clock_gettime(CLOCK_MONOTONIC, &start);
        kill(-group, SIGTERM);
        while (!reap(p) && elapsed_ms(&start) < STOP_LIMIT_MS)
            poll(&(struct pollfd){.fd = p->pidfd, .events = POLLIN}, 1, POLL_MS);
        kill(-group, SIGKILL);
        if (p->pid)
            waitpid(p->pid, &p->status, 0);
        p->pid = 0;
    }
    peer_end_descendants();
    if (p->pidfd > 0)
        close(p->pidfd);
    if (p->output > 0)
        close(p->output);
    p->pidfd = p->output = 0;
}

const char *peer_end_text(const struct peer *p, char *buf, size_t size)
{
    if (WIFSIGNALED(p->status))
        snprintf(buf, size, "signal %d (%s)", WTERMSIG(p->status), strsignal(WTERMSIG(p->status)));
    else
        snprintf(buf, size, "exit status %d", WEXITSTATUS(p->status));
    return buf;
}

unsigned peer_free_port(void)
{
    struct sockaddr_storage addr = net_ipv4((struct in_addr){htonl(INADDR_LOOPBACK)}, 0);
    int fd = net_bound(SOCK_STREAM, &addr);
    if (fd < 0)
        return 0;
    close(fd);
    return net_port(&addr);
}
