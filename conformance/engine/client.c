/* What the suite sees of a client: its connections to the proxy, and its end. */
#include "memory.h"
#include "net.h"
#include "playing.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SHELL_SIGNAL = 128,  /* what a shell adds to a signal to make it an exit status */
    REAP_LIMIT_MS = 200, /* for a killed group to be gone */
};

const char *client_end_text(const struct client *c)
{
    return c->text[0] ? c->text : "the client still runs";
}

/* ---- the proxy ------------------------------------------------------------------------------- */

static bool has_steps_for(const struct play *p, enum actor a)
{
    for (const struct step *s = p->steps; s->op != OP_END_OF_STEPS; s++)
        if (s->actor == a)
            return true;
    return false;
}

static bool take_connection(struct play *p)
{
    struct sockaddr_storage from;
    int fd = play_accept(p->client.listener, &from);
    if (fd < 0)
        return false;
    bool first = p->channels[PROXY].fd < 0 && p->channels[PROXY].ending == ENDING_OPEN;
    enum actor a = first ? PROXY : PROXY_AGAIN;
    struct channel *c = &p->channels[a];
    play_record(p, a, CONNECTED, NULL, 0);
    p->set->connected = true;
    if (!first && (c->fd >= 0 || c->ending != ENDING_OPEN || !has_steps_for(p, PROXY_AGAIN)))
        close(fd);
    else
        channel_open(c, p->set->base, fd, false, false, play_advance, p);
    return true;
}

static void on_proxy(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    if (take_connection(arg))
        play_advance(arg);
}

/* ---- the target, which nobody but the proxy may reach ---------------------------------------- */

static void on_target(int fd, short what, void *arg)
{
    (void)what;
    struct sockaddr_storage from;
    int got = play_accept(fd, &from);
    if (got < 0)
        return;
    close(got);
    play_record(arg, TARGET, CONNECTED, NULL, 0);
    play_finish(arg, BROKEN, "the client connected to the target itself, past the proxy");
}

/* Where a client that was told to associate sends its datagrams. */
static bool open_relay(struct play *p)
{
    struct sockaddr_storage at = net_ipv4(p->set->origin, 0);
    int fd = net_bound(SOCK_DGRAM, &at);
    if (fd < 0)
        return false;
    p->scene.udp_port = net_port(&at);
    play_open(p, PROXY_UDP, fd, false);
    return true;
}

static int listener(struct sockaddr_storage *addr)
{
    int fd = net_bound(SOCK_STREAM, addr);
    if (fd >= 0 && listen(fd, 16) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- its process ----------------------------------------------------------------------------- */

static bool is_crash(int signal_number)
{
    return signal_number == SIGSEGV || signal_number == SIGABRT || signal_number == SIGBUS ||
           signal_number == SIGFPE || signal_number == SIGILL || signal_number == SIGSYS;
}

/* What the end of the process is to the steps: an octet of status, or rst for a crash. SIGPIPE and
 * the like are failures like any other. */
static void take_status(struct play *p, const siginfo_t *info)
{
    struct client *c = &p->client;
    struct channel *end = &p->channels[PROCESS];
    bool by_signal = info->si_code != CLD_EXITED;
    int number = by_signal                        ? info->si_status
                 : info->si_status > SHELL_SIGNAL ? info->si_status - SHELL_SIGNAL
                                                  : 0;
    c->exited = true;
    c->status = is_crash(number) ? -1 : by_signal ? SHELL_SIGNAL + number : info->si_status;
    end->ending = ENDING_FIN;
    if (by_signal || c->status < 0)
        snprintf(c->text, sizeof c->text, "the client was ended by signal %d (%s)", number,
                 strsignal(number));
    else
        snprintf(c->text, sizeof c->text, "the client exited with status %d", c->status);
    if (c->status < 0) {
        end->ending = ENDING_RST;
        return;
    }
    end->in = xmalloc(1);
    end->in[end->in_len++] = (uint8_t)c->status;
}

static void on_ended(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)p->client.pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return;
    event_del(p->client.ended);
    while (take_connection(p))
        ;
    take_status(p, &info);
    for (enum actor a = PROXY; a <= PROXY_AGAIN; a++)
        if (p->channels[a].fd < 0 && p->channels[a].ending == ENDING_OPEN) {
            p->channels[a].ending = ENDING_FIN;
            p->client.never_came = p->client.never_came || a == PROXY;
        }
    if (p->client.status < 0)
        play_finish(p, BROKEN, "%s", p->client.text);
    else
        play_advance(p);
}

static void on_errors(int fd, short what, void *arg)
{
    (void)what;
    struct client *c = &((struct play *)arg)->client;
    char buf[CLIENT_SAID];
    ssize_t n = read(fd, buf, sizeof buf);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            event_del(c->readable);
        return;
    }
    size_t keep = CLIENT_SAID - (size_t)n < c->said_len ? CLIENT_SAID - (size_t)n : c->said_len;
    memmove(c->said, c->said + c->said_len - keep, keep);
    memcpy(c->said + keep, buf, (size_t)n);
    c->said_len = keep + (size_t)n;
}

/* ---- the beginning and the end of a play ----------------------------------------------------- */

bool client_set_scene(struct play *p)
{
    struct stage_set *set = p->set;
    struct scene *s = &p->scene;
    struct client *c = &p->client;
    *s = (struct scene){.origin = set->origin,
                        .user = set->user,
                        .pass = set->pass,
                        .seed = set->seed,
                        .http = set->client->http};
    s->host = p->test->host ? p->test->host : "127.0.0.1";
    if (set->user && p->test->user) {
        s->user = p->test->user;
        s->pass = p->test->pass;
    }
    struct sockaddr_storage target = net_ipv4(set->origin, 0), proxy = net_ipv4(set->origin, 0);
    if (strchr(s->host, ':'))
        target = net_loopback6(0);
    p->listener = listener(&target);
    c->listener = listener(&proxy);
    if (p->listener < 0 || c->listener < 0 || ((p->test->needs & NEED_UDP) && !open_relay(p))) {
        play_finish(p, FAULTY, "no listening socket: %s", strerror(errno));
        return false;
    }
    s->target_port = net_port(&target);
    p->listening = event_new(set->base, p->listener, EV_READ | EV_PERSIST, on_target, p);
    c->listening = event_new(set->base, c->listener, EV_READ | EV_PERSIST, on_proxy, p);
    xevent_add(p->listening, NULL);
    xevent_add(c->listening, NULL);
    const char *why = client_start(p, net_port(&proxy));
    if (why) {
        play_finish(p, FAULTY, "the client cannot be started: %s", why);
        return false;
    }
    c->ended = event_new(set->base, c->pidfd, EV_READ | EV_PERSIST, on_ended, p);
    c->readable = event_new(set->base, c->errors, EV_READ | EV_PERSIST, on_errors, p);
    xevent_add(c->ended, NULL);
    xevent_add(c->readable, NULL);
    set->plays++;
    return true;
}

/* Whoever is left of its group becomes our child when its parent has ended. */
static void end_group(struct play *p)
{
    pid_t group = p->client.pid;
    int status;
    kill(-group, SIGKILL);
    waitpid(group, &status, 0);
    for (int ms = 0; ms < REAP_LIMIT_MS; ms++) {
        pid_t pid = waitpid(-group, &status, WNOHANG);
        if (pid < 0)
            return;
        if (pid == 0)
            poll(NULL, 0, 1);
        else if (p->client.exited && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            p->set->left_behind++;
    }
}

/* What a client prints is not for a terminal to obey. */
static void note_last_line(const struct client *c, char *line, size_t size)
{
    const char *end = c->said + c->said_len;
    while (end > c->said && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    const char *start = end;
    while (start > c->said && start[-1] != '\n')
        start--;
    snprintf(line, size, "%.*s", (int)(end - start), start);
    for (; *line; line++)
        if ((unsigned char)*line < 0x20 || (unsigned char)*line > 0x7e)
            *line = '?';
}

void client_end(struct play *p)
{
    struct client *c = &p->client;
    struct event **events[] = {&c->ended, &c->readable, &c->listening};
    if (c->readable)
        on_errors(c->errors, 0, p);
    if (c->pid)
        note_last_line(c, p->report.said, sizeof p->report.said);
    for (size_t i = 0; i < 3; i++)
        if (*events[i])
            event_free(*events[i]), *events[i] = NULL;
    if (c->pid) {
        end_group(p);
        close(c->pidfd);
        close(c->errors);
        c->pid = 0;
    }
    if (c->listener >= 0)
        close(c->listener);
    c->listener = -1;
    client_forget(p);
}
