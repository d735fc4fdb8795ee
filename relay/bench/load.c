/* usage: load PORT up|down OCTETS CONNECTIONS
 *        load PORT sessions MILLISECONDS AT_ONCE
 *        load PORT echo TIMES
 *        load PORT idle SESSIONS
 *
 * Puts load on the SOCKS5 server at 127.0.0.1:PORT, with this process as the target behind it, and
 * prints what it measured as one line of JSON. idle prints when all its sessions are up, keeps them
 * until its standard input ends, and fails if one of them was lost by then.
 * Exit status: 1 anything but complete success, 2 usage. */
#include "ends.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BULK_OCTETS = 1 << 18, /* a turn */
    ECHO_OCTETS = 64,
    WARM_UP = 200,      /* echoes that are not counted */
    IDLE_AT_ONCE = 128, /* sessions that are being opened */
};
static const double LIMIT_SECONDS = 60;

static uint8_t octets[BULK_OCTETS];

/* The two numbers of the command line, then what has been reached. */
static uint64_t wanted, at_once;
static uint64_t done, started, finished;
static double from, until;
static struct end **clients;
static double *delays;

static void start_clients(uint64_t n)
{
    clients = calloc(n, sizeof(struct end *));
    if (clients == NULL)
        fail("out of memory");
    for (started = 0; started < n; started++)
        clients[started] = end_connect();
}

/* ---- up, down: wanted octets in all; what sends begins when every connection is open -----------
 */
static bool down;

static uint64_t share(void)
{
    return wanted / at_once;
}

static void bulk_opened(struct end *end)
{
    if (!end->client || ++finished < at_once)
        return;
    from = now();
    for (uint64_t i = 0; i < at_once; i++)
        if (down)
            end_send(clients[i], octets, 1);
        else
            end_watch(clients[i], EPOLLOUT);
}

static void bulk_ready(struct end *end)
{
    if (down && !end->client && end->have == 0) {
        /* The octet that asks for the rest. */
        end->have = (uint16_t)end_receive(end, end->in, 1);
        if (end->have == 1)
            end_watch(end, EPOLLOUT);
    } else if (end->client != down) {
        uint64_t left = share() - end->octets;
        end->octets += end_send(end, octets, left < BULK_OCTETS ? (size_t)left : BULK_OCTETS);
        if (end->octets == share())
            end_watch(end, 0);
    } else {
        size_t n = end_discard(end, BULK_OCTETS);
        end->octets += n;
        done += n;
        if (end->octets > share())
            fail("%llu octets arrived, %llu were sent", (unsigned long long)end->octets,
                 (unsigned long long)share());
        if (done == share() * at_once)
            ends_stop();
    }
}

static const struct work bulk = {bulk_opened, bulk_ready};

static void run_bulk(void)
{
    start_clients(at_once);
    ends_run(LIMIT_SECONDS);
    printf("{\"octets\": %llu, \"seconds\": %.6f}\n", (unsigned long long)done, now() - from);
}

static void run_up(void)
{
    run_bulk();
}

static void run_down(void)
{
    down = true;
    run_bulk();
}

/* ---- sessions, echo, idle: the target sends back what comes ------------------------------------
 */
static void send_back(struct end *end)
{
    uint8_t in[ECHO_OCTETS];
    ssize_t n = recv(end->fd, in, sizeof in, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        end_close(end);
    else if (end_send(end, in, (size_t)n) != (size_t)n)
        fail("target: no room for %zd octets", n);
}

static void send_ping(struct end *end)
{
    end->octets = 0;
    if (end_send(end, octets, ECHO_OCTETS) != ECHO_OCTETS)
        fail("client: no room for %d octets", ECHO_OCTETS);
}

/* Whether the whole ping is back. */
static bool receive_pong(struct end *end)
{
    end->octets += end_receive(end, octets, ECHO_OCTETS - (size_t)end->octets);
    return end->octets == ECHO_OCTETS;
}

static void pinging_opened(struct end *end)
{
    if (end->client)
        send_ping(end);
}

static void session_ready(struct end *end)
{
    if (!end->client) {
        send_back(end);
    } else if (receive_pong(end)) {
        done++;
        end_close(end);
        if (now() < until)
            end_connect();
        else if (++finished == at_once)
            ends_stop();
    }
}

static const struct work sessions = {pinging_opened, session_ready};

static void run_sessions(void)
{
    from = now();
    until = from + (double)wanted / 1e3;
    for (uint64_t i = 0; i < at_once; i++)
        end_connect();
    ends_run((double)wanted / 1e3 + LIMIT_SECONDS);
    printf("{\"sessions\": %llu, \"seconds\": %.6f}\n", (unsigned long long)done, now() - from);
}

static void echo_opened(struct end *end)
{
    if (!end->client)
        return;
    from = now();
    send_ping(end);
}

static void echo_ready(struct end *end)
{
    if (!end->client) {
        send_back(end);
    } else if (receive_pong(end)) {
        double t = now();
        if (done++ >= WARM_UP)
            delays[done - 1 - WARM_UP] = t - from;
        if (done == WARM_UP + wanted) {
            ends_stop();
            return;
        }
        from = now();
        send_ping(end);
    }
}

static const struct work echo = {echo_opened, echo_ready};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run_echo(void)
{
    delays = calloc(wanted, sizeof *delays);
    if (delays == NULL)
        fail("out of memory");
    end_connect();
    ends_run(LIMIT_SECONDS);
    qsort(delays, wanted, sizeof *delays, ascending);
    printf("{\"echoes\": %llu, \"p50\": %.9f, \"p99\": %.9f}\n", (unsigned long long)done,
           delays[wanted / 2], delays[wanted * 99 / 100]);
}

static void idle_ready(struct end *end)
{
    if (!end->client) {
        send_back(end);
    } else if (receive_pong(end)) {
        if (started < wanted)
            clients[started++] = end_connect();
        if (++done == wanted)
            ends_stop();
    }
}

static const struct work idle = {pinging_opened, idle_ready};

static void run_idle(void)
{
    uint64_t first = wanted < IDLE_AT_ONCE ? wanted : IDLE_AT_ONCE;
    char rest;
    clients = calloc(wanted, sizeof(struct end *));
    if (clients == NULL)
        fail("out of memory");
    while (started < first)
        clients[started++] = end_connect();
    ends_run(LIMIT_SECONDS);
    printf("{\"sessions\": %llu}\n", (unsigned long long)wanted);
    fflush(stdout);
    while (read(STDIN_FILENO, &rest, 1) > 0)
        ;
    for (uint64_t i = 0; i < wanted; i++)
        if (recv(clients[i]->fd, &rest, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 || errno != EAGAIN)
            fail("session %llu of %llu was lost while idle", (unsigned long long)i + 1,
                 (unsigned long long)wanted);
}

/* ---- the command line --------------------------------------------------------------------------
 */
static const struct {
    const char *name;
    int numbers;
    void (*run)(void);
    const struct work *work;
} works[] = {
    {"up", 2, run_up, &bulk},
    {"down", 2, run_down, &bulk},
    {"sessions", 2, run_sessions, &sessions},
    {"echo", 1, run_echo, &echo},
    {"idle", 1, run_idle, &idle},
};

static uint64_t number(const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < 1 || value > max) {
        fprintf(stderr, "load: %s: expected a number from 1 to %llu\n", text,
                (unsigned long long)max);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 3 && i < sizeof works / sizeof *works; i++)
        if (strcmp(argv[2], works[i].name) == 0 && argc == 3 + works[i].numbers) {
            uint16_t port = (uint16_t)number(argv[1], UINT16_MAX);
            wanted = number(argv[3], UINT64_C(1) << 40);
            at_once = argc > 4 ? number(argv[4], 1 << 16) : 1;
            ends_start(works[i].work, port);
            works[i].run();
            return 0;
        }
    fputs("usage: load PORT up|down OCTETS CONNECTIONS\n"
          "       load PORT sessions MILLISECONDS AT_ONCE\n"
          "       load PORT echo TIMES\n"
          "       load PORT idle SESSIONS\n",
          stderr);
    return 2;
}
