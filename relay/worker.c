#include "worker.h"

#include "connection.h"
#include "listener.h"
#include "udp.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static uint64_t ms(unsigned seconds)
{
    return (uint64_t)seconds * 1000;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* Better no relay than one that is deaf on a port: the main thread drains all and says so. */
static void give_up(struct worker *worker, const char *why)
{
    log_line(LOG_ERROR, "%s: drains and ends", why);
    atomic_store(&worker->failed, true);
    (void)kill(getpid(), SIGTERM);
}

static void end_if_drained(struct worker *worker)
{
    if (worker->draining && worker->connections == NULL)
        event_base_loopbreak(worker->base);
}

void worker_connection_closed(struct worker *worker)
{
    end_if_drained(worker);
}

static void on_drained(evutil_socket_t fd, short what, void *arg)
{
    struct worker *worker = arg;
    (void)fd;
    (void)what;
    event_base_loopbreak(worker->base);
}

static int open_resolver(struct worker *worker, const struct config *config)
{
    struct resolver *r = resolver_open(worker->base, config->dns_server.items,
                                       config->dns_server.count, config->prefer_ipv6);
    if (r == NULL)
        return -1;
    worker->resolver = r;
    return 0;
}

static void serve(struct worker *worker, struct openings *openings)
{
    const struct config *config = openings->config;
    expiry_set(&worker->handshake, ms(least(config->timeout_s, HANDSHAKE_DEADLINE_S)));
    expiry_set(&worker->connecting, ms(least(config->timeout_s, CONNECT_DEADLINE_S)));
    expiry_set(&worker->idle, ms(config->timeout_s));
    expiry_set(&worker->associations, ms(config->udp_timeout_s));
    if (listeners_apply(worker, openings) != 0)
        give_up(worker, "a port cannot be watched");
    openings_free(openings);
}

static void on_orders(evutil_socket_t fd, short what, void *arg)
{
    struct worker *worker = arg;
    const struct timeval limit = {DRAIN_DEADLINE_S, 0};
    uint64_t count;
    (void)what;
    if (read(fd, &count, sizeof count) < 0)
        return;
    struct openings *openings = atomic_load(&worker->openings);
    if (openings != NULL && !worker->draining)
        serve(worker, openings);
    else
        openings_free(openings);
    atomic_store(&worker->openings, NULL);
    if (atomic_load(&worker->stop))
        event_base_loopbreak(worker->base);
    if (!atomic_load(&worker->drain) || worker->draining)
        return;
    worker->draining = true;
    listeners_close(worker);
    event_add(worker->drain_event, &limit);
    end_if_drained(worker);
}

static void wake(struct worker *worker)
{
    const uint64_t one = 1;
    if (write(worker->orders_fd, &one, sizeof one) < 0)
        give_up(worker, "a worker cannot be reached");
}

void worker_serve(struct worker *worker, struct openings *openings)
{
    atomic_store(&worker->openings, openings);
    wake(worker);
}

bool worker_is_served(const struct worker *worker)
{
    return atomic_load(&worker->openings) == NULL;
}

void worker_drain(struct worker *worker)
{
    atomic_store(&worker->drain, true);
    wake(worker);
}

void worker_stop(struct worker *worker)
{
    atomic_store(&worker->stop, true);
    wake(worker);
}

/* ---- life ------------------------------------------------------------------------------------ */

static struct event_base *base_open(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;
    if (config != NULL) {
        (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        /* one epoll_ctl a turn for what changed; no descriptor here is ever dup'ed */
        (void)event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
        base = event_base_new_with_config(config);
        event_config_free(config);
    }
    return base;
}

int worker_open(struct worker *worker, struct config *config)
{
    memset(worker, 0, sizeof *worker);
    worker->orders_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    worker->base = base_open();
    worker->datagram = malloc(DATAGRAM_ROOM);
    if (worker->orders_fd < 0 || worker->base == NULL || worker->datagram == NULL ||
        open_resolver(worker, config) != 0)
        return -1;
    worker->orders_event =
        event_new(worker->base, worker->orders_fd, EV_READ | EV_PERSIST, on_orders, worker);
    worker->drain_event = event_new(worker->base, -1, 0, on_drained, worker);
    if (worker->orders_event == NULL || worker->drain_event == NULL)
        return -1;
    struct expiry_list *lists[] = {&worker->handshake, &worker->connecting, &worker->idle,
                                   &worker->linger};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (expiry_open(lists[i], worker->base, ms(LINGER_DEADLINE_S), connection_expired) != 0)
            return -1;
    if (expiry_open(&worker->associations, worker->base, ms(config->udp_timeout_s), udp_expired) !=
        0)
        return -1;
    return event_add(worker->orders_event, NULL);
}

void *worker_run(void *arg)
{
    struct worker *worker = arg;
    if (event_base_dispatch(worker->base) < 0)
        give_up(worker, "a worker's loop has failed");
    return NULL;
}

void worker_close(struct worker *worker)
{
    struct expiry_list *lists[] = {&worker->handshake, &worker->connecting, &worker->idle,
                                   &worker->linger, &worker->associations};
    if (worker->orders_event != NULL)
        event_free(worker->orders_event); /* closing the resolver runs the loop */
    listeners_close(worker);
    worker->draining = false;
    while (worker->connections != NULL)
        connection_destroy(worker->connections);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (lists[i]->expired != NULL)
            expiry_close(lists[i]);
    openings_free(atomic_load(&worker->openings));
    if (worker->base != NULL)
        resolver_close(worker->resolver);
    if (worker->drain_event != NULL)
        event_free(worker->drain_event);
    if (worker->base != NULL)
        event_base_free(worker->base);
    if (worker->orders_fd >= 0)
        close(worker->orders_fd);
    buffers_trim(&worker->buffers);
    free(worker->datagram);
}

void statistics_log(const struct worker *workers, unsigned count)
{
#define STATISTICS_X(name, text)                                                                   \
    {                                                                                              \
        uint64_t sum = 0;                                                                          \
        for (unsigned i = 0; i < count; i++)                                                       \
            sum += atomic_load(&workers[i].statistics.name);                                       \
        log_answer("statistics: %-18s %llu (%s)", #name, (unsigned long long)sum, text);           \
    }
    STATISTICS_LIST(STATISTICS_X)
#undef STATISTICS_X
}
