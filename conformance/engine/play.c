#include "playing.h"

#include "beat.h"
#include "memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_EVENTS = 80,
    MOST_PATIENCE = 4, /* times that a step may take longer for the suite's own lateness */
};

uint64_t play_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

void outcome_report_free(struct outcome_report *r)
{
    free(r->tape.octets);
    for (size_t i = 0; i < r->n_events; i++) {
        free(r->events[i].fields);
        free(r->events[i].layout);
    }
    free(r->expected);
    free(r->received);
    free(r->events);
    memset(r, 0, sizeof *r);
}

struct event_record *play_record(struct play *p, enum actor actor, enum happening what,
                                 const uint8_t *octets, size_t len)
{
    struct outcome_report *r = &p->report;
    if (!r->events)
        r->events = xcalloc(MAX_EVENTS, sizeof *r->events);
    if (r->n_events == MAX_EVENTS)
        return NULL;
    struct event_record *e = &r->events[r->n_events++];
    e->ms = (unsigned)((play_now_us() - p->started) / 1000);
    e->actor = actor;
    e->what = what;
    e->len = len;
    if (octets)
        memcpy(e->octets, octets, len < sizeof e->octets ? len : sizeof e->octets);
    return e;
}

static void keep_on_tape(struct tape *t, const uint8_t *octets, size_t len)
{
    if (t->n == sizeof t->sizes / sizeof *t->sizes)
        return;
    t->octets = xrealloc(t->octets, t->len + len + 1);
    if (len)
        memcpy(t->octets + t->len, octets, len);
    t->len += len;
    t->sizes[t->n++] = len;
}

uint8_t *play_message(struct play *p, const uint8_t *octets, size_t *n)
{
    const struct tape *t = p->verbatim ? &p->verbatim->tape : NULL;
    size_t at = 0, i = p->sent++;
    for (size_t k = 0; t && k < i && k < t->n; k++)
        at += t->sizes[k];
    if (t && i < t->n) {
        octets = t->octets + at;
        *n = t->sizes[i];
    }
    uint8_t *copy = xmalloc(*n + 1);
    if (*n)
        memcpy(copy, octets, *n);
    return copy;
}

void play_record_sent(struct play *p, enum actor a, const char *text, const uint8_t *octets,
                      size_t len)
{
    struct event_record *e = play_record(p, a, SENT, octets, len);
    keep_on_tape(&p->report.tape, octets, len);
    if (e)
        play_lay_out_datagram(p, e);
    size_t size;
    FILE *out = e && p->channels[a].wire && text ? xopen_memstream(&e->fields, &size) : NULL;
    if (!out)
        return;
    pattern_print(out, &p->scene, text);
    fclose(out);
}

void play_record_received(struct play *p, enum actor a, const char *text, int alternative, size_t n)
{
    struct channel *c = &p->channels[a];
    if (!c->wire) {
        play_record(p, a, RECEIVED, c->in, n);
        return;
    }
    const struct wire_tape *got = &c->wire->got;
    size_t at = c->datagram ? 0 : c->wire_seen, size;
    at = at < got->len ? at : got->len;
    struct event_record *e =
        play_record(p, a, RECEIVED, got->len ? got->octets + at : NULL, got->len - at);
    c->wire_seen = (size_t)c->wire->in_total;
    if (e)
        play_lay_out_datagram(p, e);
    FILE *out = e ? xopen_memstream(&e->fields, &size) : NULL;
    if (!out)
        return;
    pattern_print_received(out, &p->scene, text, alternative, c->in, n, SIZE_MAX);
    if (c->wire->fault[0])
        fprintf(out, "%s(%s)", n ? " " : "", c->wire->fault);
    fclose(out);
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

/* ---- from a row to a play -------------------------------------------------------------------- */

static const struct step plain_handshake[] = {
    SEND("VER:05 NMETHODS:01 METHODS:00"),
    EXPECT("VER:05 METHOD:00"),
};
static const struct step auth_handshake[] = {
    SEND("VER:05 NMETHODS:01 METHODS:02"),
    EXPECT("VER:05 METHOD:02"),
    SEND("VER:01 UNAME:{user} PASSWD:{pass}"),
    EXPECT("VER:01 STATUS:00"),
};

static const struct step server_start[] = {
    AT(SERVER, EXPECT, "DST:{addr}"),
    AT(SERVER, SEND, "SALT:{salt}"),
};

/* What is asked of the target is asked of the server behind an ss-local, which stands for it. */
static size_t behind_front(struct step *to, const struct step *s, bool *started)
{
    size_t n = 0;
    bool at_target = s->op != OP_UNTOUCHED && (s->actor == TARGET || s->to == TARGET);
    if (at_target && !*started) {
        memcpy(to, server_start, sizeof server_start);
        n = 2;
        *started = true;
    }
    to[n] = *s;
    if (at_target) {
        to[n].actor = s->actor == TARGET ? SERVER : s->actor;
        to[n].to = s->to == TARGET ? SERVER : s->to;
    }
    return n + 1;
}

static const struct step plain_answers[] = {
    AT(PROXY, EXPECT, "VER:05 METHODS:{methods 00}"),
    AT(PROXY, SEND, "VER:05 METHOD:00"),
};
static const struct step auth_answers[] = {
    AT(PROXY, EXPECT, "VER:05 METHODS:{methods 02}"),
    AT(PROXY, SEND, "VER:05 METHOD:02"),
    AT(PROXY, EXPECT, "VER:01 UNAME:{user} PASSWD:{pass}"),
    AT(PROXY, SEND, "VER:01 STATUS:00"),
};

static const struct step *handshake(enum role role, bool auth)
{
    if (role == ROLE_SOCKS5_CLIENT)
        return auth ? auth_answers : plain_answers;
    return auth ? auth_handshake : plain_handshake;
}

/* Connects first, and writes the handshake out. A client connects by itself; without a pipe to it
 * nothing is fed. */
static void expand(struct step *to, const struct stage_set *set, const struct test_case *c)
{
    size_t n = 0;
    bool client = c->role == ROLE_SOCKS5_CLIENT, auth = set->user != NULL, started = false;
    if (!client)
        to[n++] = (struct step)OPEN(CLIENT);
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS && n < MAX_STEPS - 5; s++) {
        if (s->op != OP_HANDSHAKE && set->role == ROLE_SS_LOCAL && c->front) {
            n += behind_front(to + n, s, &started);
            continue;
        }
        if (s->op != OP_HANDSHAKE) {
            if (s->actor != STDIN || !set->client || !set->client->http)
                to[n++] = *s;
            continue;
        }
        const struct step *with = handshake(c->role, auth);
        size_t count = auth ? 4 : 2;
        memcpy(to + n, with, count * sizeof *to);
        n += count;
    }
    memset(&to[n], 0, sizeof to[n]);
}

size_t play_stimulus(struct stage_set *set, const struct test_case *c, int *messages)
{
    struct step steps[MAX_STEPS];
    struct scene scene = {.user = set->user, .pass = set->pass};
    bool local = set->role == ROLE_SS_LOCAL;
    struct wire *wire =
        set->keys.cipher ? wire_new(&set->keys, local ? WIRE_SERVER : WIRE_CLIENT, false) : NULL;
    size_t total = 0;
    bool client = c->role == ROLE_SOCKS5_CLIENT, joined = true;
    *messages = 0;
    expand(steps, set, c);
    for (const struct step *s = steps + !client; s->op != OP_END_OF_STEPS; s++) {
        if (client && s->op == OP_SEND && strstr(s->text, "{payload"))
            break; /* its answer is cut no more: each cut starts a client */
        if (s->op == OP_SEND && (actor_leads(s->actor) || (local && s->actor == SERVER))) {
            const char *error;
            long n = wire && (!local || s->actor == SERVER)
                         ? wire_build(wire, &scene, s->text, set->scratch, &error)
                         : pattern_build(&scene, s->text, set->scratch, &error);
            total += n < 0 ? 0 : (size_t)n;
            *messages += joined && actor_leads(s->actor);
        } else if (!step_joins(s)) {
            joined = false;
        }
    }
    wire_free(wire);
    return total;
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
    expand(p->steps, set, c);
    p->finish = event_new(set->base, -1, 0, on_finish, p);
    p->timer = event_new(set->base, -1, 0, on_start, p);
    event_active(p->timer, EV_TIMEOUT, 1);
    return p;
}
