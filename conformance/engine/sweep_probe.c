/* The probes of a curve, one connection a length, side by side on sockets of their own. */
#include "sweep.h"

#include "memory.h"
#include "net.h"
#include "playing.h"
#include "running.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SENDING = 32,         /* probes that are not wholly sent at the same time */
    LONGEST = 3000,       /* octets of a probe */
    TAPED = LONGEST + 64, /* octets of payload behind the header of what is replayed */
    UNREAD_US = 20000,    /* an octet that is not read by then: the peer reads no more */
    ROUND_US = 100,
    ROUNDS = 8,
    PATIENCE = 4, /* a length in doubt is watched so many times as long */
    AROUND = 3,   /* lengths on each side of a change that are in doubt */
    BACKLOG = 1024,
};

struct probe {
    struct sweep_point *point; /* NULL: over, or not begun */
    int fd;
    size_t n, at;
    uint64_t begun, last; /* when it was begun; when its last octet so far was sent, 0: none */
    uint8_t octets[LONGEST];
};

struct probing {
    struct run *run;
    struct sweep_curve *curve;
    struct probe *probes; /* SWEEP_LENGTHS of them */
    size_t todo[SWEEP_LENGTHS], n, next, sending, open, at_once;
    struct wire *tape;
    uint64_t watch_us, event; /* event: when something was sent or ended, on any connection */
};

static int dial(const struct sockaddr_storage *to, int flags)
{
    int fd = socket(to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), on = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)to, net_len(to)) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

/* By RST: the peer has done with it at once. */
static void drop(int fd)
{
    struct linger at_once = {.l_onoff = 1};
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

/* A client's session that reaches its target at the listener: what is replayed. */
static bool make_tape(struct run *run, struct wire *w, int listener, uint16_t port)
{
    struct stage_set *set = &run->set;
    struct scene scene = {.origin = set->origin, .seed = set->seed, .target_port = port};
    struct timeval limit = {.tv_sec = set->deadline_ms / 1000 + 1};
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    const char *error;
    char text[64];
    snprintf(text, sizeof text, "{salt} header({target}) data({payload %d})", TAPED);
    int client = dial(&set->peer, 0), target = -1;
    long n = wire_build(w, &scene, text, set->scratch, &error);
    bool good =
        client >= 0 && n > 0 && send(client, set->scratch, (size_t)n, MSG_NOSIGNAL) == (ssize_t)n;
    if (good && poll(&ready, 1, (int)set->deadline_ms) == 1)
        target = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (target >= 0)
        setsockopt(target, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    size_t got = 0;
    for (ssize_t r = 1; target >= 0 && r > 0 && got<TAPED; got += r> 0 ? (size_t)r : 0)
        r = recv(target, set->scratch, PATTERN_MAX, 0);
    drop(target);
    drop(client);
    return got >= TAPED && w->sent.len >= LONGEST;
}

static void begin(struct probing *g, size_t length)
{
    struct probe *p = &g->probes[length];
    p->point = &g->curve->points[length];
    p->n = sweep_length(length);
    p->at = 0;
    p->last = 0;
    p->begun = play_now_us();
    if (g->curve->kind == SWEEP_RANDOM)
        sks_random(p->octets, p->n);
    else
        memcpy(p->octets, g->tape->sent.octets, p->n);
    if (g->curve->kind == SWEEP_FLIPPED)
        p->octets[p->n - 1] ^= 1;
    p->fd = dial(&g->run->set.peer, SOCK_NONBLOCK);
    g->open++;
    g->sending++;
}

/* A point is what most of its tries were. */
static void note(struct sweep_point *point, enum ending reaction, unsigned us)
{
    unsigned *const counts[] = {&point->silent, &point->fin, &point->rst};
    point->tries++;
    ++*counts[reaction];
    if (point->tries == 1 || *counts[reaction] > *counts[point->reaction] ||
        reaction == point->reaction) {
        point->reaction = reaction;
        point->us = reaction == ENDING_OPEN ? 0 : us;
    }
    point->lost = false;
}

static void finish(struct probing *g, struct probe *p, enum ending reaction, bool lost)
{
    bool sent = p->at == p->n;
    if (!lost)
        note(p->point, reaction, sent ? (unsigned)(play_now_us() - p->last) : 0);
    else if (p->point->tries == 0)
        p->point->lost = true;
    drop(p->fd);
    if (reaction != ENDING_OPEN)
        g->event = play_now_us();
    g->sending -= !sent;
    g->open--;
    p->point = NULL;
}

/* Whether the octet that was sent last was read, or will not be. */
static bool may_go_on(struct probing *g, struct probe *p, size_t *size)
{
    *size = p->n - p->at;
    if (!g->curve->bytes)
        return true;
    if (p->at && segment_unread(g->run->set.probe, p->fd) > 0)
        return play_now_us() - p->last > UNREAD_US;
    *size = 1;
    return true;
}

static void send_some(struct probing *g, struct probe *p)
{
    size_t size;
    if (!may_go_on(g, p, &size))
        return;
    ssize_t sent = send(p->fd, p->octets + p->at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0)
        return; /* an end is seen by recv */
    p->at += (size_t)sent;
    p->last = g->event = play_now_us();
    g->sending -= p->at == p->n;
}

/* One wait for all: a peer that is still at work with others may come to this one. */
static bool is_silent(const struct probing *g, const struct probe *p, uint64_t now)
{
    return now > g->event + g->watch_us ||
           now > p->last + g->watch_us + UINT64_C(1000) * g->run->set.deadline_ms;
}

static void look(struct probing *g, struct probe *p, short events)
{
    uint8_t octets[4096];
    uint64_t now = play_now_us();
    if (p->fd < 0) {
        finish(g, p, ENDING_OPEN, true);
        return;
    }
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        ssize_t n = recv(p->fd, octets, sizeof octets, MSG_DONTWAIT);
        bool refused = n < 0 && p->at == 0;
        if (n > 0)
            p->point->octets += (unsigned)n;
        else if (n == 0 || errno != EAGAIN)
            finish(g, p, n == 0 ? ENDING_FIN : ENDING_RST, refused);
    }
    if (p->point && (events & POLLOUT) && p->at < p->n)
        send_some(g, p);
    if (!p->point)
        return;
    if (p->at == p->n && is_silent(g, p, now))
        finish(g, p, ENDING_OPEN, false);
    else if (p->at < p->n &&
             now > (p->last ? p->last : p->begun) + UINT64_C(1000) * g->run->set.deadline_ms)
        finish(g, p, ENDING_OPEN, true);
}

/* One connection for each length of todo. */
static void probe_round(struct probing *g)
{
    const struct timespec round = {.tv_nsec = 1000L * ROUND_US};
    struct pollfd fds[SWEEP_LENGTHS];
    size_t lengths[SWEEP_LENGTHS];
    g->next = g->open = g->sending = 0;
    while (g->next < g->n || g->open) {
        size_t n = 0;
        while (g->next < g->n && g->sending < SENDING && g->open < g->at_once)
            begin(g, g->todo[g->next++]);
        for (size_t i = 0; i < SWEEP_LENGTHS; i++) {
            const struct probe *p = &g->probes[i];
            if (!p->point)
                continue;
            fds[n] = (struct pollfd){.fd = p->fd, .events = POLLIN};
            if (p->at < p->n && (p->at == 0 || !g->curve->bytes))
                fds[n].events |= POLLOUT;
            lengths[n++] = i;
        }
        ppoll(fds, n, &round, NULL);
        for (size_t i = 0; i < n; i++) {
            struct probe *p = &g->probes[lengths[i]];
            look(g, p, (short)(fds[i].revents | (p->at && p->at < p->n ? POLLOUT : 0)));
        }
    }
}

/* In an order of no pattern, so that what disturbs the machine for a while hits no range of
 * lengths; but the longest, which takes longest, first. */
static void shuffle(struct probing *g)
{
    for (size_t i = g->n; i > 1; i--) {
        size_t k = (payload_octet(g->run->set.seed, i) * 256u +
                    payload_octet(g->run->set.seed, i + SWEEP_LENGTHS)) %
                   i;
        size_t held = g->todo[i - 1];
        g->todo[i - 1] = g->todo[k];
        g->todo[k] = held;
    }
    for (size_t i = 1; i < g->n; i++)
        if (g->todo[i] == SWEEP_LENGTHS - 1) {
            g->todo[i] = g->todo[0];
            g->todo[0] = SWEEP_LENGTHS - 1;
        }
}

/* The lengths near which the reaction changes, and those that found no connection, where they have
 * not been tried often enough. */
static void doubtful(struct probing *g)
{
    struct sweep_point *points = g->curve->points;
    bool doubt[SWEEP_LENGTHS] = {false};
    for (size_t i = 0; i < SWEEP_LENGTHS; i++) {
        doubt[i] = doubt[i] || points[i].lost;
        if (i == 0 || points[i].reaction == points[i - 1].reaction)
            continue;
        for (size_t k = i > AROUND ? i - AROUND : 0; k < i + AROUND && k < SWEEP_LENGTHS; k++)
            doubt[k] = true;
    }
    g->n = 0;
    for (size_t i = 0; i < SWEEP_LENGTHS; i++)
        if (doubt[i] && points[i].tries < SWEEP_TRIES)
            g->todo[g->n++] = i;
}

static void probe_curve(struct probing *g, unsigned watch_ms)
{
    for (g->n = 0; g->n < SWEEP_LENGTHS; g->n++)
        g->todo[g->n] = g->n;
    g->watch_us = UINT64_C(1000) * watch_ms;
    for (int round = 0; round < ROUNDS && g->n; round++) {
        shuffle(g);
        probe_round(g);
        doubtful(g);
        g->watch_us = UINT64_C(1000) * watch_ms * PATIENCE;
    }
}

const char *sweep_probe(struct run *run, unsigned at_once, struct sweep_curve *curve,
                        unsigned *reached)
{
    struct sockaddr_storage at = net_ipv4(run->set.origin, 0);
    struct probing g = {.run = run, .curve = curve, .at_once = at_once};
    const char *why = NULL;
    int listener = net_bound(SOCK_STREAM, &at);
    g.probes = xcalloc(SWEEP_LENGTHS, sizeof *g.probes);
    g.tape = wire_new(&run->set.keys, WIRE_CLIENT, false);
    if (listener < 0 || listen(listener, BACKLOG) != 0)
        why = "no socket for the probes";
    else if (!make_tape(run, g.tape, listener, net_port(&at)))
        why = "no good connection could be made that would be replayed";
    if (!why) {
        probe_curve(&g, run->sweep->watch_ms);
        curve->there = true;
    }
    struct pollfd waiting = {.fd = listener, .events = POLLIN};
    *reached = 0;
    while (!why && poll(&waiting, 1, 0) == 1) {
        drop(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
        ++*reached;
    }
    if (listener >= 0)
        close(listener);
    wire_free(g.tape);
    free(g.probes);
    return why;
}
