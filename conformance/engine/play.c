#include "play.h"

#include "channel.h"
#include "net.h"

#include <errno.h>
#include <sockspec/socks5.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_STEPS = 48,
    MAX_EVENTS = 80,
    BYTES_LIMIT = 600,      /* octet by octet up to here, then whole */
    DRAIN_POLL_US = 40,     /* between two looks whether the peer has read a segment */
    DRAIN_LIMIT_US = 250000, /* a peer that does not read for so long is not waited for */
    CHUNK = 65536,
};

struct flow { /* octets on their way from one actor to another */
    enum actor from, to;
    size_t n, sent, got;
};

struct play {
    struct stage_set *set;
    const struct test_case *test;
    enum segment_kind kind;
    size_t cut;
    struct step steps[MAX_STEPS];
    size_t at;    /* the step under way */
    bool entered; /* it has begun */
    bool quiet;   /* its time is over */
    struct scene scene;
    struct channel channels[N_ACTORS];
    int listener, listener6, refused, refused6, dialer;
    struct event *listening, *listening6, *timer, *finish;
    unsigned target_contacts;
    struct sockaddr_storage target_peer; /* who sent the last datagram to the target */
    uint8_t *send;                       /* the stimulus under way */
    size_t send_len, send_at, sent_before;
    uint64_t drain_since;
    bool half_closed; /* the peer had sent its FIN before the stimulus began */
    struct flow flows[2];
    bool holding;        /* OP_TRICKLE: the reader does not read yet */
    struct play *beside; /* OP_CONTROL */
    bool over;
    uint64_t started;
    struct outcome_report report;
    play_done *done;
    void *context;
};

static void advance(void *play);

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

void outcome_report_free(struct outcome_report *r)
{
    free(r->expected);
    free(r->received);
    free(r->events);
    memset(r, 0, sizeof *r);
}

static void record(struct play *p, enum actor actor, int what, const uint8_t *octets, size_t len)
{
    struct outcome_report *r = &p->report;
    if (!r->events)
        r->events = calloc(MAX_EVENTS, sizeof *r->events);
    if (!r->events || r->n_events == MAX_EVENTS)
        return;
    struct event_record *e = &r->events[r->n_events++];
    e->ms = (unsigned)((now_us() - p->started) / 1000);
    e->actor = actor;
    e->what = what;
    e->len = len;
    if (len)
        memcpy(e->octets, octets, len < sizeof e->octets ? len : sizeof e->octets);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void close_all(struct play *p)
{
    for (int a = 0; a < N_ACTORS; a++)
        channel_close(&p->channels[a]);
    struct event **events[] = {&p->listening, &p->listening6, &p->timer};
    for (size_t i = 0; i < 3; i++)
        if (*events[i])
            event_free(*events[i]), *events[i] = NULL;
    int *fds[] = {&p->listener, &p->listener6, &p->refused, &p->refused6, &p->dialer};
    for (size_t i = 0; i < 5; i++)
        if (*fds[i] >= 0)
            close(*fds[i]), *fds[i] = -1;
    if (p->beside)
        play_free(p->beside), p->beside = NULL;
    free(p->send);
    p->send = NULL;
}

static void on_finish(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    p->done(p, p->context);
}

static void finish(struct play *p, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void finish(struct play *p, enum outcome outcome, const char *format, ...)
{
    if (p->over)
        return;
    p->over = true;
    struct outcome_report *r = &p->report;
    r->outcome = outcome;
    va_list args;
    va_start(args, format);
    vsnprintf(r->reason, sizeof r->reason, format, args);
    va_end(args);
    r->ending = p->channels[CLIENT].ending;
    r->elapsed_ms = (unsigned)((now_us() - p->started) / 1000);
    close_all(p);
    event_active(p->finish, EV_TIMEOUT, 1);
}

struct outcome_report play_take_report(struct play *p)
{
    struct outcome_report r = p->report;
    memset(&p->report, 0, sizeof p->report);
    return r;
}

void play_free(struct play *p)
{
    close_all(p);
    if (p->finish)
        event_free(p->finish);
    outcome_report_free(&p->report);
    free(p);
}

/* ---- actors ---------------------------------------------------------------------------------- */

static bool is_datagram(enum actor a)
{
    return a == UDP || a == UDP_STRANGER || a == TARGET_UDP;
}

static bool dial(struct play *p, enum actor a, int fd, const struct sockaddr_storage *to)
{
    if (fd < 0)
        fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        finish(p, FAULTY, "no socket for the %s: %s", actor_names[a], strerror(errno));
        return false;
    }
    int r = connect(fd, (const struct sockaddr *)to, net_len(to));
    if (r != 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        p->channels[a].error = error;
        p->channels[a].ending = ENDING_RST;
        return true;
    }
    channel_open(&p->channels[a], p->set->base, fd, false, true, advance, p);
    return true;
}

static struct in_addr stranger_ip(void)
{
    return (struct in_addr){htonl(0x7f000002)};
}

/* BND, with the peer's own address where it names none. */
static struct sockaddr_storage bnd_address(const struct play *p)
{
    struct sockaddr_storage to = p->scene.bnd, peer = p->set->peer;
    if (to.ss_family == AF_UNSPEC)
        return peer;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&to;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&to;
    bool unspecified = to.ss_family == AF_INET ? v4->sin_addr.s_addr == 0
                                               : IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    if (!unspecified)
        return to;
    net_set_port(&peer, net_port(&to));
    return peer;
}

static int bound(struct play *p, int type, struct in_addr ip, uint16_t *port)
{
    struct sockaddr_storage addr = net_ipv4(ip, *port);
    int fd = net_bound(type, &addr);
    if (fd < 0)
        finish(p, FAULTY, "no socket: %s", strerror(errno));
    *port = net_port(&addr);
    return fd;
}

/* Makes the actor come to be, as far as that is ours to do. */
static void bring(struct play *p, enum actor a)
{
    struct channel *c = &p->channels[a];
    if (c->fd >= 0 || c->ending != ENDING_OPEN || p->over)
        return;
    struct sockaddr_storage to = bnd_address(p);
    uint16_t port = 0;
    switch (a) {
    case CLIENT:
    case SECOND:
        dial(p, a, -1, &p->set->peer);
        break;
    case DIALER:
        dial(p, a, p->dialer, &to);
        p->dialer = -1;
        break;
    case STRANGER: {
        int fd = bound(p, SOCK_STREAM, stranger_ip(), &port);
        if (fd >= 0)
            dial(p, a, fd, &to);
        break;
    }
    case UDP_STRANGER: {
        int fd = bound(p, SOCK_DGRAM, stranger_ip(), &port);
        if (fd >= 0)
            channel_open(c, p->set->base, fd, true, false, advance, p);
        break;
    }
    case TARGET:     /* the peer's to do */
    case UDP:        /* opened with the scene */
    case TARGET_UDP: /* likewise */
    case N_ACTORS:
        break;
    }
}

static void on_accept(int fd, short what, void *arg)
{
    (void)what;
    struct play *p = arg;
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    int got = accept4(fd, (struct sockaddr *)&from, &from_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got < 0)
        return;
    p->scene.seen_port = net_port(&from);
    p->target_contacts++;
    record(p, TARGET, CONNECTED, NULL, 0);
    if (p->channels[TARGET].fd >= 0 || p->channels[TARGET].ending != ENDING_OPEN)
        close(got);
    else
        channel_open(&p->channels[TARGET], p->set->base, got, false, false, advance, p);
    advance(p);
}

/* The target's listening sockets and the port that refuses: IPv4, and IPv6 with the same number. */
static bool set_scene(struct play *p)
{
    struct stage_set *set = p->set;
    struct scene *s = &p->scene;
    s->origin = set->origin;
    s->user = set->user;
    s->pass = set->pass;
    s->seed = set->seed;
    bool both = (p->test->needs & (NEED_IPV6 | NEED_DOMAIN | NEED_NO_IPV6)) && net_has_ipv6();
    for (int tries = 0; tries < 20; tries++) {
        s->target_port = s->refused_port = 0;
        p->listener = bound(p, SOCK_STREAM, set->origin, &s->target_port);
        p->refused = bound(p, SOCK_STREAM, set->origin, &s->refused_port);
        if (p->over)
            return false;
        if (!both)
            break;
        struct sockaddr_storage t6 = net_loopback6(s->target_port);
        struct sockaddr_storage r6 = net_loopback6(s->refused_port);
        p->listener6 = net_bound(SOCK_STREAM, &t6);
        p->refused6 = net_bound(SOCK_STREAM, &r6);
        if (p->listener6 >= 0 && p->refused6 >= 0)
            break;
        int *fds[] = {&p->listener, &p->listener6, &p->refused, &p->refused6};
        for (size_t i = 0; i < 4; i++)
            if (*fds[i] >= 0)
                close(*fds[i]), *fds[i] = -1;
    }
    if (p->listener < 0 || listen(p->listener, 16) != 0 ||
        (p->listener6 >= 0 && listen(p->listener6, 16) != 0)) {
        finish(p, FAULTY, "no listening socket for the target: %s", strerror(errno));
        return false;
    }
    p->listening = event_new(set->base, p->listener, EV_READ | EV_PERSIST, on_accept, p);
    event_add(p->listening, NULL);
    if (p->listener6 >= 0) {
        p->listening6 = event_new(set->base, p->listener6, EV_READ | EV_PERSIST, on_accept, p);
        event_add(p->listening6, NULL);
    }
    if (p->test->needs & NEED_BIND)
        p->dialer = bound(p, SOCK_STREAM, set->origin, &s->dialer_port);
    if (p->test->needs & (NEED_UDP | NEED_NO_UDP)) {
        int fd = bound(p, SOCK_DGRAM, set->origin, &s->udp_port);
        struct sockaddr_storage at = net_ipv4(set->origin, s->target_port);
        struct sockaddr_storage at6 = net_loopback6(s->target_port);
        int target =
            net_bound(SOCK_DGRAM, p->listener6 >= 0 && (p->test->needs & NEED_IPV6) ? &at6 : &at);
        if (fd >= 0)
            channel_open(&p->channels[UDP], set->base, fd, true, false, advance, p);
        if (target < 0) {
            finish(p, DISTURBED, "the target's UDP port is taken");
            return false;
        }
        channel_open(&p->channels[TARGET_UDP], set->base, target, true, false, advance, p);
    }
    return !p->over;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void arm(struct play *p, uint64_t us)
{
    struct timeval tv = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
    event_add(p->timer, &tv);
}

static bool joins(const struct step *s)
{
    return s->op == OP_EXPECT && s->actor == CLIENT && !pattern_has(s->text, "end") &&
           !pattern_has(s->text, "fin") && !pattern_has(s->text, "rst") &&
           !pattern_has(s->text, "silence");
}

/* The client's next stimulus into p->send; coalesced, with those that follow it. */
static bool gather(struct play *p)
{
    uint8_t *buf = p->set->scratch;
    p->sent_before += p->send_len;
    free(p->send);
    p->send = NULL;
    p->send_len = p->send_at = 0;
    p->half_closed = p->channels[CLIENT].ending == ENDING_FIN;
    for (size_t i = p->at; p->steps[i].op != OP_END_OF_STEPS; i++) {
        struct step *s = &p->steps[i];
        if (s->op != OP_SEND || s->actor != CLIENT) {
            if (joins(s))
                continue;
            break;
        }
        const char *error;
        long n = pattern_build(&p->scene, s->text, buf, &error);
        uint8_t *grown = n < 0 ? NULL : realloc(p->send, p->send_len + (size_t)n + 1);
        if (!grown) {
            finish(p, FAULTY, "%s: %s", s->text, n < 0 ? error : "out of memory");
            return false;
        }
        p->send = grown;
        memcpy(p->send + p->send_len, buf, (size_t)n);
        p->send_len += (size_t)n;
        if (i > p->at)
            s->text = ""; /* sent with this one */
        if (p->kind != SEGMENT_COALESCED)
            break;
    }
    return true;
}

static size_t next_cut(const struct play *p)
{
    switch (p->kind) {
    case SEGMENT_BYTES:
        return p->send_at < BYTES_LIMIT && p->send_at < p->send_len ? p->send_at + 1 : p->send_len;
    case SEGMENT_SPLIT:
        if (p->cut > p->sent_before + p->send_at && p->cut < p->sent_before + p->send_len)
            return p->cut - p->sent_before;
        return p->send_len;
    case SEGMENT_WHOLE:
    case SEGMENT_COALESCED:
    case N_SEGMENTS:
        break;
    }
    return p->send_len;
}

/* Whether the segment before the next one has been read, so that the two cannot melt together. */
static bool drained(struct play *p)
{
    uint64_t waited = now_us() - p->drain_since;
    uint64_t blind = 2u * p->set->rtt_us > 2000 ? 2u * p->set->rtt_us : 2000;
    long unread = segment_unread(p->set->probe, p->channels[CLIENT].fd);
    if (unread == 0) {
        p->set->cuts_seen++;
        return true;
    }
    return waited > (unread < 0 ? blind : DRAIN_LIMIT_US);
}

/* Sends what is left of the stimulus; true when all of it is on its way. */
static bool send_on(struct play *p)
{
    struct channel *c = &p->channels[CLIENT];
    for (;;) {
        if (c->ending == ENDING_RST || (c->ending == ENDING_FIN && !p->half_closed))
            return true; /* nobody reads the rest */
        if (!channel_idle(c))
            return false;
        if (p->drain_since) {
            if (!drained(p)) {
                arm(p, DRAIN_POLL_US);
                return false;
            }
            p->drain_since = 0;
        }
        if (p->send_at == p->send_len)
            return true;
        size_t to = next_cut(p);
        channel_send(c, p->send + p->send_at, to - p->send_at);
        p->send_at = to;
        if (to < p->send_len) {
            p->set->cuts++;
            p->drain_since = now_us();
        }
    }
}

static bool step_send(struct play *p, const struct step *s)
{
    if (s->actor == CLIENT) {
        if (!p->entered && s->text[0] && !gather(p))
            return false;
        if (!p->entered && s->text[0])
            record(p, CLIENT, SENT, p->send, p->send_len);
        return !s->text[0] || send_on(p);
    }
    struct channel *c = &p->channels[s->actor];
    if (!p->entered) {
        const char *error;
        long n = pattern_build(&p->scene, s->text, p->set->scratch, &error);
        if (n < 0) {
            finish(p, FAULTY, "%s: %s", s->text, error);
            return false;
        }
        record(p, s->actor, SENT, p->set->scratch, (size_t)n);
        struct sockaddr_storage to = bnd_address(p);
        if (s->actor == TARGET_UDP && p->target_peer.ss_family == AF_UNSPEC) {
            finish(p, BROKEN, "no datagram came to the target that it could answer");
            return false;
        }
        if (is_datagram(s->actor))
            channel_send_to(c, p->set->scratch, (size_t)n,
                            s->actor == TARGET_UDP ? &p->target_peer : &to);
        else
            channel_send(c, p->set->scratch, (size_t)n);
    }
    return is_datagram(s->actor) || channel_idle(c) || c->ending != ENDING_OPEN;
}

/* ---- expecting ------------------------------------------------------------------------------- */

static const char *ending_text(const struct play *p, const struct channel *c)
{
    if (c->error)
        return strerror(c->error);
    return c->ending == ENDING_FIN   ? "FIN"
           : c->ending == ENDING_RST ? "RST"
           : p->quiet                ? "nothing more"
                                     : "open";
}

static void explain_difference(struct play *p, const struct step *s, const struct channel *c,
                               const struct match *m)
{
    struct outcome_report *r = &p->report;
    size_t size;
    FILE *out = open_memstream(&r->expected, &size);
    if (out) {
        pattern_print(out, &p->scene, s->text);
        fclose(out);
    }
    out = open_memstream(&r->received, &size);
    if (!out)
        return;
    r->mark =
        pattern_print_received(out, &p->scene, s->text, m->alternative, c->in, c->in_len, m->used);
    fprintf(out, "%s(%s)", c->in_len ? " " : "", ending_text(p, c));
    fclose(out);
}

static void fail_expectation(struct play *p, const struct step *s, const struct channel *c,
                             const struct match *m)
{
    char where[48] = "";
    if (s->actor != CLIENT)
        snprintf(where, sizeof where, "at the %s: ", actor_names[s->actor]);
    explain_difference(p, s, c, m);
    if (m->used < c->in_len) {
        uint8_t got = c->in[m->used];
        bool rep = strncmp(m->wanted, "REP:", 4) == 0;
        finish(p, BROKEN, "%soctet %zu: expected %s, received %02x%s%s%s", where, m->used,
               m->wanted, got, rep ? " (" : "", rep ? sks_rep_text(got) : "", rep ? ")" : "");
    } else if (c->ending != ENDING_OPEN) {
        finish(p, BROKEN, "%s%s after %zu octet%s, expected %s", where, ending_text(p, c),
               c->in_len, c->in_len == 1 ? "" : "s", m->wanted);
    } else if (c->in_len) {
        finish(p, BROKEN, "%sonly %zu octet%s came, then nothing for %u ms; expected %s", where,
               c->in_len, c->in_len == 1 ? "" : "s", s->n ? (unsigned)s->n : p->set->deadline_ms,
               m->wanted);
    } else {
        finish(p, BROKEN, "%snothing came for %u ms; expected %s", where,
               s->n ? (unsigned)s->n : p->set->deadline_ms, m->wanted);
    }
}

static void note_choice(struct outcome_report *r, const char *label)
{
    size_t used = strlen(r->choice);
    if (label[0])
        snprintf(r->choice + used, sizeof r->choice - used, "%s%s", used ? "; " : "", label);
}

static bool step_expect(struct play *p, const struct step *s)
{
    struct channel *c = &p->channels[s->actor];
    if (!p->entered) {
        bool only_silence =
            strncmp(s->text, "silence", 7) == 0 && pattern_alternatives(s->text) == 1;
        arm(p, 1000u * (s->n           ? (unsigned)s->n
                        : only_silence ? p->set->quiet_ms
                                       : p->set->deadline_ms));
    }
    if (c->fd < 0 && c->ending == ENDING_OPEN) {
        if (p->quiet)
            finish(p, BROKEN, "the peer made no connection to the target in %u ms",
                   p->set->deadline_ms);
        return false;
    }
    struct match m = pattern_match(&p->scene, s->text, c->in, c->in_len, c->ending, p->quiet);
    if (c->datagram && !c->got && !pattern_has(s->text, "silence"))
        m = (struct match){.kind = p->quiet ? MATCH_NOT : MATCH_MORE, .wanted = "a datagram"};
    else if (c->datagram && c->got && m.kind == MATCH && m.used != c->in_len)
        m = (struct match){.kind = MATCH_NOT, .used = m.used, .wanted = "the datagram to end"};
    else if (c->datagram && c->got && m.kind == MATCH_MORE)
        m = (struct match){.kind = MATCH_NOT, .used = c->in_len, .wanted = "a longer datagram"};
    if (m.kind == MATCH_MORE)
        return false;
    if (c->in_len && (m.kind == MATCH_NOT || m.used))
        record(p, s->actor, RECEIVED, c->in, m.kind == MATCH_NOT ? c->in_len : m.used);
    if (c->ending != ENDING_OPEN && (m.kind == MATCH_NOT || m.used == 0))
        record(p, s->actor, c->ending == ENDING_FIN ? ENDED_FIN : ENDED_RST, NULL, 0);
    if (m.kind == MATCH_NOT) {
        fail_expectation(p, s, c, &m);
        return false;
    }
    note_choice(&p->report, m.label);
    if (m.has_bnd && s->actor == CLIENT)
        scene_take_bnd(&p->scene, c->in, c->in_len, m.bnd_at);
    if (s->actor == TARGET_UDP)
        p->target_peer = c->from;
    if (m.used || c->got)
        channel_take(c, m.used);
    return true;
}

/* ---- transfers ------------------------------------------------------------------------------- */

static uint64_t flow_seed(const struct play *p, const struct flow *f)
{
    return p->scene.seed ^ ((uint64_t)(f->from + 1) << 32);
}

/* Moves what can be moved; true when all has arrived. */
static bool flow_on(struct play *p, struct flow *f)
{
    struct channel *from = &p->channels[f->from], *to = &p->channels[f->to];
    uint8_t *chunk = p->set->scratch;
    while (f->sent < f->n && channel_idle(from) && from->ending != ENDING_RST) {
        size_t n = f->n - f->sent < CHUNK ? f->n - f->sent : CHUNK;
        for (size_t i = 0; i < n; i++)
            chunk[i] = payload_octet(flow_seed(p, f), f->sent + i);
        channel_send(from, chunk, n);
        f->sent += n;
        p->entered = false; /* progress: its time starts anew */
    }
    for (size_t i = 0; i < to->in_len; i++, f->got++) {
        if (f->got >= f->n) {
            finish(p, BROKEN, "at the %s: more than the %zu octets that were sent",
                   actor_names[f->to], f->n);
            return false;
        }
        if (to->in[i] != payload_octet(flow_seed(p, f), f->got)) {
            finish(p, BROKEN, "at the %s: octet %zu of %zu is not the one that was sent",
                   actor_names[f->to], f->got, f->n);
            return false;
        }
    }
    if (to->in_len) {
        channel_take(to, to->in_len);
        p->entered = false;
    }
    if (f->got < f->n && (to->ending != ENDING_OPEN || p->quiet)) {
        finish(p, BROKEN, "at the %s: %s after %zu of %zu octets", actor_names[f->to],
               ending_text(p, to), f->got, f->n);
        return false;
    }
    return f->got == f->n;
}

static bool step_flow(struct play *p, const struct step *s)
{
    if (p->flows[0].n == 0) {
        p->flows[0] = (struct flow){.from = s->actor, .to = s->to, .n = s->n};
        p->flows[1] = (struct flow){.from = s->to, .to = s->actor, .n = s->n};
        p->holding = s->op == OP_TRICKLE;
        if (p->holding)
            channel_pause(&p->channels[s->to], true);
    }
    if (p->channels[s->actor].fd < 0 || p->channels[s->to].fd < 0) {
        if (!p->entered)
            arm(p, 1000u * p->set->deadline_ms);
        if (p->quiet)
            finish(p, BROKEN, "the peer made no connection to the target in %u ms",
                   p->set->deadline_ms);
        return false;
    }
    if (p->holding && p->quiet) {
        p->holding = p->quiet = p->entered = false;
        channel_pause(&p->channels[s->to], false);
    }
    bool done = flow_on(p, &p->flows[0]);
    if (!p->over && s->op == OP_EXCHANGE)
        done = flow_on(p, &p->flows[1]) && done;
    if (p->over)
        return false;
    if (done) {
        p->flows[0].n = p->flows[1].n = 0;
        return true;
    }
    if (!p->entered)
        arm(p, 1000u * (p->holding ? p->set->quiet_ms : p->set->deadline_ms));
    return false;
}

/* ---- the steps ------------------------------------------------------------------------------- */

static bool step_open(struct play *p, const struct step *s)
{
    struct channel *c = &p->channels[s->actor];
    if (!p->entered)
        arm(p, 1000u * p->set->deadline_ms);
    if (c->error)
        finish(p, s->actor == CLIENT ? DISTURBED : BROKEN, "the %s cannot connect: %s",
               actor_names[s->actor], strerror(c->error));
    else if (p->quiet)
        finish(p, s->actor == CLIENT ? DISTURBED : BROKEN, "the %s is not connected after %u ms",
               actor_names[s->actor], p->set->deadline_ms);
    return !p->over && c->fd >= 0 && !c->connecting;
}

static bool step_untouched(struct play *p)
{
    if (!p->entered)
        arm(p, 1000u * p->set->quiet_ms);
    if (p->target_contacts || p->channels[TARGET_UDP].got)
        finish(p, BROKEN, "the peer reached the target, which it must not");
    return !p->over && p->quiet;
}

static void beside_done(struct play *beside, void *context)
{
    struct play *p = context;
    if (beside->report.outcome != HELD)
        finish(p, BROKEN, "a plain good connection beside this one fails: %s",
               beside->report.reason);
    else
        advance(p);
}

static bool step_control(struct play *p)
{
    if (!p->beside) {
        p->beside = play_start(p->set, p->set->control, SEGMENT_WHOLE, 0, beside_done, p);
        return false;
    }
    return p->beside->over && p->beside->report.outcome == HELD;
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
        channel_fin(c);
        return true;
    case OP_RST:
        channel_rst(c);
        c->ending = ENDING_RST;
        return true;
    case OP_TRANSFER:
    case OP_EXCHANGE:
    case OP_TRICKLE:
        return step_flow(p, s);
    case OP_UNTOUCHED:
        return step_untouched(p);
    case OP_CONTROL:
        return step_control(p);
    case OP_HANDSHAKE:
    case OP_END_OF_STEPS:
        break;
    }
    return true;
}

static void conclude(struct play *p)
{
    for (int a = 0; a < N_ACTORS; a++) {
        struct channel *c = &p->channels[a];
        if (c->fd >= 0 && c->in_len && !is_datagram(a)) {
            record(p, a, RECEIVED, c->in, c->in_len);
            finish(p, BROKEN, "at the %s: %zu octet%s more than expected, the first %02x",
                   actor_names[a], c->in_len, c->in_len == 1 ? "" : "s", c->in[0]);
            return;
        }
    }
    finish(p, HELD, "%s", "");
}

static void advance(void *arg)
{
    struct play *p = arg;
    while (!p->over) {
        const struct step *s = &p->steps[p->at];
        if (s->op == OP_END_OF_STEPS) {
            conclude(p);
            return;
        }
        if (!p->entered)
            bring(p, s->actor);
        if (p->over)
            return;
        bool first = !p->entered;
        bool done = step_on(p, s);
        if (p->over)
            return;
        if (!done) {
            if (first && s->op == OP_SEND && !p->drain_since)
                arm(p, 1000u * p->set->deadline_ms);
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
    if (s->op == OP_SEND && !p->drain_since) {
        finish(p, BROKEN, "the peer reads nothing: %s could not be sent in %u ms",
               actor_names[s->actor], p->set->deadline_ms);
        return;
    }
    p->quiet = s->op != OP_SEND;
    advance(p);
}

static void on_start(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    event_free(p->timer);
    p->timer = event_new(p->set->base, -1, 0, on_timer, p);
    p->started = now_us();
    if (set_scene(p))
        advance(p);
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

/* Connects first, and writes the handshake out. */
static void expand(struct step *to, const struct test_case *c, bool auth)
{
    size_t n = 0;
    to[n++] = (struct step)OPEN(CLIENT);
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS && n < MAX_STEPS - 5; s++) {
        if (s->op != OP_HANDSHAKE) {
            to[n++] = *s;
            continue;
        }
        const struct step *with = auth ? auth_handshake : plain_handshake;
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
    size_t total = 0;
    bool joined = true;
    *messages = 0;
    expand(steps, c, set->user != NULL);
    for (const struct step *s = steps + 1; s->op != OP_END_OF_STEPS; s++) {
        if (s->op == OP_SEND && s->actor == CLIENT) {
            const char *error;
            long n = pattern_build(&scene, s->text, set->scratch, &error);
            total += n < 0 ? 0 : (size_t)n;
            *messages += joined;
        } else if (!joins(s)) {
            joined = false;
        }
    }
    return total;
}

struct play *play_start(struct stage_set *set, const struct test_case *c, enum segment_kind kind,
                        size_t cut, play_done *done, void *context)
{
    struct play *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->set = set;
    p->test = c;
    p->kind = kind;
    p->cut = cut;
    p->done = done;
    p->context = context;
    p->report.mark = -1;
    p->listener = p->listener6 = p->refused = p->refused6 = p->dialer = -1;
    for (int a = 0; a < N_ACTORS; a++)
        p->channels[a].fd = -1;
    expand(p->steps, c, set->user != NULL);
    p->finish = event_new(set->base, -1, 0, on_finish, p);
    p->timer = event_new(set->base, -1, 0, on_start, p);
    event_active(p->timer, EV_TIMEOUT, 1);
    return p;
}
