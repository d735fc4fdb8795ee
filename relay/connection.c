#include "connection.h"

#include "record.h"
#include "udp.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *connection_name(const struct connection *c, char text[ADDRESS_TEXT_MAX + 32])
{
    struct address peer = {0};
    char address[ADDRESS_TEXT_MAX];
    socklen_t size = sizeof peer.u;
    if (c->side[LOCAL].fd >= 0 && getpeername(c->side[LOCAL].fd, &peer.u.sa, &size) == 0)
        address_text(&peer, address);
    else
        snprintf(address, sizeof address, "gone");
    snprintf(text, ADDRESS_TEXT_MAX + 32, "session %llu (%s)", (unsigned long long)c->id, address);
    return text;
}

static void say_why(const struct connection *c, int before, const char *event,
                    const struct sks_step *step)
{
    char name[ADDRESS_TEXT_MAX + 32];
    if (!log_shows(LOG_INFO))
        return;
    const char *where = c->dial != NULL && c->dial->what[0] != '\0' ? c->dial->what : "";
    const char *why = step->why != SKS_OK ? sks_status_text(step->why) : event;
    if (c->dial != NULL && c->dial->error != 0)
        why = strerror(c->dial->error);
    log_line(step->why == SKS_OK && before == SKS_STAGE_STREAM ? LOG_DEBUG : LOG_INFO,
             "%s ends in %s%s%s: %s", connection_name(c, name), sks_stage_name(before),
             *where != '\0' ? ", " : "", where, why);
}

/* ---- what steps ask for ---------------------------------------------------------------------- */

static void enter_list(struct connection *c, struct expiry_list *list)
{
    if (c->expiry.list != list)
        expiry_enter(list, &c->expiry);
}

/* Each stage waits in a list of its own. */
static void restage(struct connection *c)
{
    struct worker *w = c->worker;
    c->stage = c->session.stage.stage;
    switch ((enum sks_stage_number)c->stage) {
    case SKS_STAGE_INIT:
    case SKS_STAGE_ADDR:
        enter_list(c, &w->handshake);
        break;
    case SKS_STAGE_DNS:
    case SKS_STAGE_CONNECTING:
        enter_list(c, &w->connecting);
        break;
    case SKS_STAGE_STREAM:
        enter_list(c, &w->idle);
        break;
    case SKS_STAGE_UDP_ASSOC:
        expiry_leave(&c->expiry);
        break;
    case SKS_STAGE_DESTROYED: /* see end */
        break;
    }
}

static void carry_out(struct connection *c, const struct sks_action *a)
{
    bool done = true;
    switch (a->kind) {
    case SKS_ACTION_WRITE:
        done = flow_message(c, LOCAL, a->data, a->len);
        break;
    case SKS_ACTION_HEADER:
        done = flow_message(c, REMOTE, a->data, a->len);
        break;
    case SKS_ACTION_FORWARD_REMOTE:
        flow_forward(c, LOCAL, a->data, a->len);
        break;
    case SKS_ACTION_FORWARD_LOCAL:
        flow_forward(c, REMOTE, a->data, a->len);
        break;
    case SKS_ACTION_RESOLVE:
        done = dial_resolve(c, a->len != 0 ? &a->addr : NULL) == 0;
        break;
    case SKS_ACTION_CONNECT:
        dial_connect(c);
        break;
    case SKS_ACTION_LISTEN:
        dial_listen(c);
        break;
    case SKS_ACTION_ASSOCIATE:
        udp_associate(c, &a->addr);
        break;
    case SKS_ACTION_SHUT_REMOTE:
        c->side[REMOTE].shut_asked = true;
        break;
    case SKS_ACTION_SHUT_LOCAL:
        c->side[LOCAL].shut_asked = true;
        break;
    case SKS_ACTION_DRAIN:
        c->end = DRAINING;
        break;
    case SKS_ACTION_CLOSE:
        c->end = CLOSING;
        break;
    case SKS_ACTION_SALT:
    case SKS_ACTION_VERIFY_HEADER:
    case SKS_ACTION_VERIFY_CHUNK:
        break;
    }
    if (!done)
        c->broken = true;
}

/* The salt is new and ours will not be taken back from the peer, or the session fails. A client's
 * own has gone out by then.
 * NOLINTNEXTLINE(misc-no-recursion): once, for the step of a failure has no salt */
static void judge_salt(struct connection *c, const uint8_t *salt)
{
    struct sks_step step;
    if (c->session.out.begun)
        (void)replay_filter_add(c->port->salts, c->session.out.salt);
    if (replay_filter_add(c->port->salts, salt)) {
        (void)replay_filter_add(c->port->salts, c->session.out.salt);
        return;
    }
    COUNT_UP(c->worker->statistics.replayed, 1);
    const struct sks_event event = {.kind = SKS_EVENT_FAILURE};
    if (sks_session_fail(&c->session, SKS_ERR_REPLAY, &step) == SKS_OK)
        connection_act(c, &event, &step);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
void connection_act(struct connection *c, const struct sks_event *event,
                    const struct sks_step *step)
{
    int before = (int)c->stage;
    record_step(c->record, c, before, event, step);
    if (c->session.stage.stage == SKS_STAGE_DESTROYED) {
        if (before == SKS_STAGE_INIT || before == SKS_STAGE_ADDR)
            COUNT_UP(c->worker->statistics.refused, 1);
        say_why(c, before, sks_event_name((int)event->kind), step);
    }
    if (c->session.stage.stage != before)
        restage(c);
    for (size_t i = 0; i < step->count; i++)
        carry_out(c, &step->actions[i]);
    if (step->count == 1 && step->actions[0].kind == SKS_ACTION_SALT)
        judge_salt(c, step->actions[0].data);
}

void connection_tell(struct connection *c, const struct sks_event *event)
{
    struct sks_step step;
    if (sks_session_event(&c->session, event, &step) == SKS_OK)
        connection_act(c, event, &step);
}

/* ---- life ------------------------------------------------------------------------------------ */

void connection_open(struct worker *worker, struct port *port, int fd)
{
    static _Atomic uint64_t ids;
    uint8_t salt[SKS_IV_MAX];
    size_t salt_len = port->session.key != NULL ? port->key.cipher->iv_size : 0;
    struct connection *c = calloc(1, sizeof *c);
    sks_random(salt, salt_len);
    if (c == NULL || sks_session_open(&c->session, &port->session, salt, salt_len) != SKS_OK) {
        COUNT_UP(worker->statistics.shed, 1);
        free(c);
        close(fd);
        return;
    }
    c->worker = worker;
    c->port = port_hold(port);
    c->id = ++ids;
    c->side[REMOTE].fd = -1;
    c->next = worker->connections;
    c->link = &worker->connections;
    if (c->next != NULL)
        c->next->link = &c->next;
    worker->connections = c;
    COUNT_UP(worker->statistics.sessions, 1);
    COUNT_UP(worker->statistics.accepted, 1);
    flow_open(c, LOCAL, fd);
    c->record = record_open(c);
    restage(c);
    if (sks_session_takes(&c->session, SKS_EVENT_OPEN))
        connection_tell(c, &(struct sks_event){.kind = SKS_EVENT_OPEN});
    if (port_hears_first(port->session.role))
        flow_read(c, LOCAL);
    else
        connection_run(c);
}

void connection_join(struct connection *c, int fd)
{
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    flow_open(c, REMOTE, fd);
}

void connection_destroy(struct connection *c)
{
    COUNT_UP(c->worker->statistics.sessions, -1);
    expiry_leave(&c->expiry);
    if (c->dial != NULL)
        dial_free(c->dial);
    if (c->association != NULL)
        udp_dissociate(c->association);
    record_close(c->record);
    flow_close(c, LOCAL);
    flow_close(c, REMOTE);
    sks_session_close(&c->session);
    port_release(c->port);
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    worker_connection_closed(c->worker);
    free(c);
}

static void tell_dialled(struct connection *c)
{
    struct sks_event event = c->dial->out;
    c->dial->ready = false;
    if (event.kind == SKS_EVENT_BOUND || event.kind == SKS_EVENT_CONNECTED)
        address_to_sks(&event.addr, &c->dial->out_addr);
    connection_tell(c, &event);
    if (event.kind == SKS_EVENT_CONNECTED || c->end != ALIVE) {
        dial_free(c->dial);
        c->dial = NULL;
    }
}

/* Ends what is sent; then the local side until its peer ends, too: a socket that is closed with
 * octets unread makes the peer's kernel forget what it has not read itself. */
static bool end(struct connection *c)
{
    bool waits = !c->reset && ((c->side[LOCAL].fd >= 0 && flow_waits(c, LOCAL)) ||
                               (c->side[REMOTE].fd >= 0 && flow_waits(c, REMOTE)));
    if (c->dial != NULL)
        dial_free(c->dial);
    c->dial = NULL;
    if (c->end == CLOSING && waits)
        enter_list(c, &c->worker->idle);
    if (c->end == CLOSING && !waits) {
        if (c->reset || c->side[LOCAL].ended) {
            connection_destroy(c);
            return false;
        }
        flow_close(c, REMOTE);
        if (!c->side[LOCAL].shut)
            (void)shutdown(c->side[LOCAL].fd, SHUT_WR);
        c->side[LOCAL].shut = true;
        c->end = LINGERING;
        expiry_enter(&c->worker->linger, &c->expiry);
    } else if (c->end != CLOSING && c->side[LOCAL].ended) {
        connection_destroy(c);
        return false;
    }
    if (flow_watch(c))
        return true;
    connection_destroy(c);
    return false;
}

bool connection_run(struct connection *c)
{
    bool progress;
    do {
        progress = false;
        if (c->dial != NULL && c->dial->ready && c->end == ALIVE) {
            tell_dialled(c);
            progress = true;
        }
        for (int side = LOCAL; side <= REMOTE; side++)
            progress |= flow_give(c, side);
        for (int side = LOCAL; side <= REMOTE; side++)
            progress |= flow_send(c, side);
        if ((c->lost || c->broken) && c->end == ALIVE) {
            c->reset = c->stage == SKS_STAGE_STREAM;
            connection_tell(c, &(struct sks_event){.kind = SKS_EVENT_LOST});
        }
        if (c->lost || c->broken) {
            c->reset |= c->end == CLOSING;
            progress = false;
        }
    } while (progress);
    if (c->end != ALIVE)
        return end(c);
    if (flow_watch(c))
        return true;
    c->reset = c->stage == SKS_STAGE_STREAM;
    connection_tell(c, &(struct sks_event){.kind = SKS_EVENT_LOST});
    connection_destroy(c);
    return false;
}

void connection_expired(struct expiry_entry *entry)
{
    struct connection *c = (struct connection *)entry; /* its first member */
    if (c->end == ALIVE && c->dial != NULL) {
        dial_expired(c);
        if (c->expiry.list == NULL && c->dial != NULL && !c->dial->ready)
            expiry_enter(&c->worker->connecting, &c->expiry);
        connection_run(c);
        return;
    }
    if (c->end != LINGERING)
        COUNT_UP(c->worker->statistics.timeouts, 1);
    if (c->end == ALIVE)
        connection_tell(c, &(struct sks_event){.kind = SKS_EVENT_TIMEOUT});
    connection_destroy(c);
}
