#include "playing.h"

#include "beat.h"
#include "memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PATIENCE = 4 }; /* times that a step may take longer for the suite's own lateness */

uint64_t play_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* NOLINTNEXTLINE(misc-no-recursion): twice at most, what is beside a play has nothing beside it */
static void close_all(struct play *p)
{
    if (p->channels[UDP].deaf)
        port_set_put(&p->set->udp, p->scene.udp_port, false);
    p->channels[UDP].deaf = NULL;
    for (enum actor a = 0; a < N_ACTORS; a++)
        channel_close(&p->channels[a]);
    for (enum actor a = 0; a < N_ACTORS; a++)
        wire_free(p->wires[a]), p->wires[a] = p->channels[a].wire = NULL;
    struct event **events[] = {&p->listening, &p->listening6, &p->timer};
    for (size_t i = 0; i < 3; i++)
        if (*events[i])
            event_free(*events[i]), *events[i] = NULL;
    int *fds[] = {&p->listener, &p->listener6,   &p->refused,
                  &p->refused6, &p->refused_udp, &p->dialer};
    for (size_t i = 0; i < 6; i++)
        if (*fds[i] >= 0)
            close(*fds[i]), *fds[i] = -1;
    client_end(p);
    if (p->beside)
        play_free(p->beside), p->beside = NULL;
    if (p->deliver >= 0)
        close(p->deliver), p->deliver = -1;
    if (p->guest.context)
        server_leave(p->set->server, &p->guest);
    if (p->refusing)
        server_refuse(p->set->server, false);
    p->guest.context = NULL;
    p->refusing = false;
    free(p->send);
    p->send = NULL;
}

static void on_finish(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    p->done(p, p->context);
}

void play_finish(struct play *p, enum outcome outcome, const char *format, ...)
{
    if (p->over)
        return;
    p->over = true;
    struct outcome_report *r = &p->report;
    r->outcome = outcome;
    r->late = outcome == BROKEN && p->quiet;
    va_list args;
    va_start(args, format);
    vsnprintf(r->reason, sizeof r->reason, format, args);
    va_end(args);
    const uint16_t ports[N_PORTS] = {p->scene.target_port, p->scene.refused_port, p->scene.udp_port,
                                     p->scene.dialer_port};
    memcpy(r->ports, ports, sizeof ports);
    if (outcome == BROKEN)
        play_lay_out_streams(p);
    r->ending = p->channels[p->lead].ending;
    r->elapsed_ms = (unsigned)((play_now_us() - p->started) / 1000);
    close_all(p);
    event_active(p->finish, EV_TIMEOUT, 1);
}

void play_stop(struct play *p)
{
    play_finish(p, DISTURBED, "the peer was gone");
    event_del(p->finish);
}

struct outcome_report play_take_report(struct play *p)
{
    struct outcome_report r = p->report;
    memset(&p->report, 0, sizeof p->report);
    return r;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
void play_free(struct play *p)
{
    close_all(p);
    if (p->finish)
        event_free(p->finish);
    outcome_report_free(&p->report);
    free(p);
}

static void arm(struct play *p, uint64_t us)
{
    struct timeval tv = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
    p->due_us = play_now_us() + us;
    p->stalled_us = p->set->stalled_us;
    xevent_add(p->timer, &tv);
}

void play_arm(struct play *p, uint64_t us)
{
    p->patience_us = MOST_PATIENCE * us;
    arm(p, us);
}

/* ---- the steps ------------------------------------------------------------------------------- */

/* A salt alone is no answer where the target has been reached: a server may send its own as soon as
 * it is connected, before there is any text, and whatever comes after that. */
static bool is_answer(const struct play *p, const struct channel *c)
{
    const struct wire *w = c->wire;
    if (!w || w->datagram)
        return c->in_len || (w && w->in_total);
    return w->in_total > (p->target_contacts ? w->keys->cipher->iv_size : 0);
}

static bool step_open(struct play *p, const struct step *s)
{
    struct channel *c = &p->channels[s->actor];
    if (!p->entered)
        play_arm(p, UINT64_C(1000) * p->set->deadline_ms);
    if (c->error)
        play_finish(p, s->actor == CLIENT ? DISTURBED : BROKEN, "the %s cannot connect: %s",
                    actor_names[s->actor], strerror(c->error));
    else if (p->quiet)
        play_finish(p, s->actor == CLIENT ? DISTURBED : BROKEN,
                    "the %s is not connected after %u ms", actor_names[s->actor],
                    p->set->deadline_ms);
    return !p->over && c->fd >= 0 && !c->connecting;
}

static bool step_untouched(struct play *p)
{
    if (!p->entered)
        play_arm(p, UINT64_C(1000) * p->set->quiet_ms);
    /* what the steps before this one say of each: it may have been reached once */
    unsigned target = 0, server = 0;
    for (size_t i = 0; i < p->at; i++) {
        target |= p->steps[i].actor == TARGET && p->steps[i].op != OP_UNTOUCHED;
        server |= p->steps[i].actor == SERVER || p->steps[i].to == SERVER;
    }
    if (p->target_contacts > target || p->channels[TARGET_UDP].got)
        play_finish(p, BROKEN, "the peer reached the target, which it must not");
    else if (p->server_contacts > server || p->channels[SERVER_UDP].got)
        play_finish(p, BROKEN, "the peer reached the server, which it must not");
    return !p->over && p->quiet;
}

static void beside_done(struct play *beside, void *context)
{
    struct play *p = context;
    if (beside->report.outcome != HELD) {
        p->quiet = beside->report.late || beside->report.outcome == DISTURBED;
        play_finish(p, BROKEN, "a plain good connection beside this one fails: %s",
                    beside->report.reason);
    } else
        play_advance(p);
}

static bool step_control(struct play *p)
{
    if (!p->beside) {
        p->beside = play_start(p->set, p->set->control, SEGMENT_WHOLE, 0, beside_done, p);
        return false;
    }
    if (!p->beside->over || p->beside->report.outcome != HELD)
        return false;
    play_free(p->beside); /* the next one makes a connection of its own */
    p->beside = NULL;
    return true;
}

static bool step_on(struct play *p, const struct step *s)
{
    struct channel *c = &p->channels[s->actor];
    switch (s->op) {
    case OP_SEND:
        return step_send(p, s);
    case OP_EXPECT:
        return step_expect(p, s);
    case OP_OPEN:
        return step_open(p, s);
    case OP_FIN:
        play_record(p, s->actor, SENT_FIN, NULL, 0);
        channel_fin(c);
        return true;
    case OP_RST:
        play_record(p, s->actor, SENT_RST, NULL, 0);
        channel_rst(c);
        c->ending = ENDING_RST;
        return true;
    case OP_TRANSFER:
    case OP_EXCHANGE:
    case OP_TRICKLE:
        return step_flow(p, s);
    case OP_UNTOUCHED:
        return step_untouched(p);
    case OP_MUTE:
        if (is_answer(p, c))
            play_finish(p, BROKEN, "the peer sent %llu octets to the %s, expected none",
                        c->wire ? (unsigned long long)c->wire->in_total
                                : (unsigned long long)c->in_len,
                        actor_names[s->actor]);
        return !p->over;
    case OP_REFUSE:
        server_refuse(p->set->server, true);
        p->refusing = true;
        return true;
    case OP_CONTROL:
        return step_control(p);
    case OP_DRAIN:
        return step_drain(p, s);
    case OP_HANDSHAKE:
    case OP_REST:
    case OP_SWEEP:
    case OP_END_OF_STEPS:
        break;
    }
    return true;
}

static void conclude(struct play *p)
{
    for (enum actor a = 0; a < N_ACTORS; a++) {
        struct channel *c = &p->channels[a];
        if (a == STDOUT || a == PROXY_AGAIN)
            continue; /* judged where a step looks at it */
        if (c->fd >= 0 && c->wire && c->wire->fault[0]) {
            play_finish(p, BROKEN, "at the %s: %s", actor_names[a], c->wire->fault);
            return;
        }
        if (c->fd >= 0 && c->in_len && !actor_is_datagram(a)) {
            play_record_received(p, a, "", 0, c->in_len);
            play_finish(p, BROKEN, "at the %s: %zu octet%s more than expected, the first %02x",
                        actor_names[a], c->in_len, c->in_len == 1 ? "" : "s", c->in[0]);
            return;
        }
    }
    play_finish(p, HELD, "%s", "");
}

void play_advance(void *arg)
{
    struct play *p = arg;
    while (!p->over) {
        const struct step *s = &p->steps[p->at];
        if (s->op == OP_END_OF_STEPS) {
            conclude(p);
            return;
        }
        if (!p->entered)
            play_bring(p, s->actor);
        if (p->over)
            return;
        bool first = !p->entered;
        bool done = step_on(p, s);
        if (p->over)
            return;
        if (!done) {
            if (first && s->op == OP_SEND && !p->drain_since)
                play_arm(p, UINT64_C(1000) * p->set->deadline_ms);
            p->entered = true;
            return;
        }
        event_del(p->timer);
        p->at++;
        p->entered = p->quiet = false;
    }
}

static void on_timer(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    const struct step *s = &p->steps[p->at];
    uint64_t owed = beat_owed(p->set, p->stalled_us, p->due_us, p->patience_us);
    if (owed && !(s->op == OP_SEND && p->drain_since)) {
        p->patience_us -= owed;
        arm(p, owed);
        return;
    }
    if (s->op == OP_SEND && !p->drain_since) {
        p->quiet = true;
        play_finish(p, BROKEN, "the peer reads nothing: %s could not be sent in %u ms",
                    actor_names[s->actor], p->set->deadline_ms);
        return;
    }
    p->quiet = s->op != OP_SEND;
    play_advance(p);
}

static void on_start(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    event_free(p->timer);
    p->timer = event_new(p->set->base, -1, 0, on_timer, p);
    p->started = play_now_us();
    if (p->lead == PROXY ? client_set_scene(p) : play_set_scene(p))
        play_advance(p);
}

struct play *play_start(struct stage_set *set, const struct test_case *c, enum segment_kind kind,
                        size_t cut, play_done *done, void *context)
{
    struct play *p = xcalloc(1, sizeof *p);
    p->set = set;
    p->test = c;
    p->kind = kind;
    p->cut = cut;
    p->done = done;
    p->context = context;
    p->report.mark = -1;
    p->verbatim =
        set->replay && set->replay->verbatim && c == &set->replay->test ? set->replay : NULL;
    p->deliver = p->listener = p->listener6 = p->refused = p->refused6 = p->refused_udp =
        p->dialer = -1;
    for (enum actor a = 0; a < N_ACTORS; a++)
        p->channels[a].fd = -1;
    p->lead = c->role == ROLE_SOCKS5_CLIENT ? PROXY : CLIENT;
    p->client.listener = -1;
    play_expand(p->steps, set, c);
    p->finish = event_new(set->base, -1, 0, on_finish, p);
    p->timer = event_new(set->base, -1, 0, on_start, p);
    event_active(p->timer, EV_TIMEOUT, 1);
    return p;
}
