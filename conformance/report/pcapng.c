/* The octets of every case as packets, for Wireshark. Nothing was captured: addresses, ports,
 * sequence numbers and handshakes are made up from what each case recorded. The suite is 192.0.2.1,
 * the peer 192.0.2.2, targets 192.0.2.3, strangers 192.0.2.4; each case has ports of its own, and
 * begins a millisecond after the one before it has ended, counted from 1970. Of long messages the
 * first octets are there, and the packet says its whole length. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    LINKTYPE_RAW = 101, /* begins with the IP header */
    OPT_COMMENT = 1,
    OPT_USERAPPL = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    IP_HEAD = 20,
    TCP_HEAD = 20,
    UDP_HEAD = 8,
    MOST = 60000, /* payload of one packet */
    PEER_PORT = 1080,
    RELAY_PORT = 1081, /* BND, of BIND and of UDP ASSOCIATE */
    TARGET_PORT = 7,
    FIN = 1,
    SYN = 2,
    RST = 4,
    PSH = 8,
    ACK = 16,
};

/* ---- blocks, little-endian ------------------------------------------------------------------- */

static void put16(FILE *out, unsigned v)
{
    fputc((int)(v & 255), out);
    fputc((int)(v >> 8 & 255), out);
}

static void put32(FILE *out, uint32_t v)
{
    put16(out, v & 0xffff);
    put16(out, v >> 16);
}

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

static void put_padded(FILE *out, const void *data, size_t n)
{
    fwrite(data, 1, n, out);
    for (size_t i = n; i < padded(n); i++)
        fputc(0, out);
}

static void put_option(FILE *out, unsigned code, const char *text)
{
    put16(out, code);
    put16(out, (unsigned)strlen(text));
    put_padded(out, text, strlen(text));
    put32(out, 0); /* the end of options */
}

static void put_heads(FILE *out)
{
    static const char program[] = "sockspec " SOCKSPEC_VERSION;
    uint32_t size = (uint32_t)(28 + 4 + padded(sizeof program - 1) + 4);
    put32(out, BLOCK_SECTION);
    put32(out, size);
    put32(out, 0x1a2b3c4d);
    put16(out, 1);
    put16(out, 0);
    put32(out, UINT32_MAX); /* the length of the section: not said */
    put32(out, UINT32_MAX);
    put_option(out, OPT_USERAPPL, program);
    put32(out, size);
    put32(out, BLOCK_INTERFACE);
    put32(out, 20);
    put16(out, LINKTYPE_RAW);
    put16(out, 0);
    put32(out, 0); /* no limit to packets */
    put32(out, 20);
}

/* ---- packets --------------------------------------------------------------------------------- */

struct end {
    uint8_t host; /* of 192.0.2.0/24 */
    uint16_t port;
    uint32_t seq; /* next octet of TCP; 0: nothing was sent yet */
    bool fin;
};

struct packet {
    struct end *from, *to;
    unsigned protocol, flags;
    const uint8_t *octets;
    size_t kept, len; /* octets that are there, and in all */
};

static void big16(uint8_t *at, size_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void big32(uint8_t *at, uint32_t v)
{
    big16(at, v >> 16);
    big16(at + 2, v & 0xffff);
}

static uint32_t sum16(const uint8_t *octets, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
    return sum;
}

static uint16_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_packet(FILE *out, uint64_t ms, const struct packet *p, const char *comment)
{
    uint8_t head[IP_HEAD + TCP_HEAD] = {0x45};
    bool tcp = p->protocol == PROTO_TCP;
    size_t size = (size_t)(tcp ? TCP_HEAD : UDP_HEAD), heads = IP_HEAD + size;
    uint8_t *above = head + IP_HEAD;
    big16(head + 2, heads + p->len);
    head[6] = 0x40; /* not to be fragmented */
    head[8] = 64;
    head[9] = (uint8_t)p->protocol;
    memcpy(head + 12, (const uint8_t[]){192, 0, 2, p->from->host, 192, 0, 2, p->to->host}, 8);
    big16(head + 10, checksum(sum16(head, IP_HEAD, 0)));
    big16(above, p->from->port);
    big16(above + 2, p->to->port);
    if (tcp) {
        big32(above + 4, p->from->seq);
        big32(above + 8, p->flags & ACK ? p->to->seq : 0);
        above[12] = TCP_HEAD / 4 << 4;
        above[13] = (uint8_t)p->flags;
        big16(above + 14, 65535);
    } else {
        big16(above + 4, size + p->len);
    }
    if (p->kept == p->len) { /* of a cut one it stays 0: nobody can hold it to anything */
        uint32_t sum = sum16(head + 12, 8, (uint32_t)(p->protocol + size + p->len));
        uint16_t value = checksum(sum16(p->octets, p->len, sum16(above, size, sum)));
        big16(above + (tcp ? 16 : 6), value ? value : 0xffff);
    }
    size_t there = heads + p->kept;
    size_t block = 32 + padded(there) + 4 + padded(strlen(comment)) + 4;
    uint64_t us = ms * 1000;
    put32(out, BLOCK_PACKET);
    put32(out, (uint32_t)block);
    put32(out, 0);
    put32(out, (uint32_t)(us >> 32));
    put32(out, (uint32_t)us);
    put32(out, (uint32_t)there);
    put32(out, (uint32_t)(heads + p->len));
    fwrite(head, 1, heads, out);
    fwrite(p->octets, 1, p->kept, out);
    for (size_t i = there; i < padded(there); i++)
        fputc(0, out);
    put_option(out, OPT_COMMENT, comment);
    put32(out, (uint32_t)block);
}

/* ---- cases ----------------------------------------------------------------------------------- */

struct talk { /* one case on the wire */
    FILE *out;
    uint64_t ms;
    const char *name;
    struct end ends[N_ACTORS][2]; /* the actor's, the peer's */
};

static void set_ends(struct talk *t, size_t number)
{
    static const uint8_t hosts[N_ACTORS] = {
        [CLIENT] = 1,      [SECOND] = 1,       [TARGET] = 3,       [DIALER] = 3,
        [UDP] = 1,         [STRANGER] = 4,     [UDP_STRANGER] = 4, [TARGET_UDP] = 3,
        [SERVER] = 3,      [SERVER_AGAIN] = 3, [SERVER_UDP] = 3,   [PROXY] = 1,
        [PROXY_AGAIN] = 1, [PROXY_UDP] = 1,
    };
    for (enum actor a = 0; a < N_ACTORS; a++) {
        bool proxy = a == PROXY || a == PROXY_AGAIN || a == PROXY_UDP;
        bool target = a == TARGET || a == TARGET_UDP || a >= SERVER || proxy;
        uint16_t own = (uint16_t)(2000 + (number * N_ACTORS + a) % 60000);
        bool first = a == CLIENT || a == SECOND;
        t->ends[a][0] = (struct end){hosts[a],
                                     a == PROXY_UDP ? RELAY_PORT
                                     : proxy        ? PEER_PORT
                                     : target       ? TARGET_PORT
                                                    : own,
                                     0, false};
        t->ends[a][1] = (struct end){2, target ? own : first ? PEER_PORT : RELAY_PORT, 0, false};
    }
}

static void tell(struct talk *t, enum actor a, bool from_actor, unsigned flags, const char *what)
{
    struct end *ends = t->ends[a];
    char comment[200];
    snprintf(comment, sizeof comment, "%s: %s", t->name, what);
    struct packet p = {&ends[!from_actor], &ends[from_actor], PROTO_TCP, flags, NULL, 0, 0};
    put_packet(t->out, t->ms, &p, comment);
    if (flags & (SYN | FIN))
        p.from->seq++;
    p.from->fin = p.from->fin || flags & (FIN | RST);
}

/* The three packets of a connection that is there when something happens on it. */
static void connect_first(struct talk *t, enum actor a)
{
    struct end *ends = t->ends[a];
    if (ends[0].seq)
        return;
    ends[0].seq = ends[1].seq = 1;
    bool by_actor =
        a != TARGET && a != SERVER && a != SERVER_AGAIN && a != PROXY && a != PROXY_AGAIN;
    tell(t, a, by_actor, SYN, "the connection is made");
    tell(t, a, !by_actor, SYN | ACK, "the connection is made");
    tell(t, a, by_actor, ACK, "the connection is made");
}

static void put_octets(struct talk *t, const struct event_record *e, bool datagram, size_t step,
                       size_t steps)
{
    bool sent = e->what == SENT;
    struct end *ends = t->ends[e->actor];
    size_t kept = e->len < sizeof e->octets ? e->len : sizeof e->octets;
    for (size_t at = 0; at < e->len || (datagram && at == 0);) {
        size_t n = e->len - at > MOST && !datagram ? MOST : e->len - at;
        size_t there = at < kept ? (kept - at < n ? kept - at : n) : 0;
        char comment[600];
        snprintf(comment, sizeof comment, "%s: event %zu of %zu, %s %s, %zu octets%s%s%.280s",
                 t->name, step, steps, actor_names[e->actor], sent ? "sends" : "receives", e->len,
                 kept < e->len ? ", of which the first were kept" : "", e->fields ? ": " : "",
                 e->fields ? e->fields : "");
        struct packet p = {&ends[!sent],
                           &ends[sent],
                           datagram ? PROTO_UDP : PROTO_TCP,
                           PSH | ACK,
                           e->octets + (there ? at : 0),
                           there,
                           n};
        put_packet(t->out, t->ms, &p, comment);
        p.from->seq += datagram ? 0 : (uint32_t)n;
        at += n ? n : 1;
        if (!datagram && e->len > MOST) /* else the window would be full */
            tell(t, e->actor, !sent, ACK, "all this has come");
    }
}

static void put_event(struct talk *t, const struct event_record *e, size_t step, size_t steps)
{
    bool datagram = e->actor == UDP || e->actor == UDP_STRANGER || e->actor == TARGET_UDP ||
                    e->actor == SERVER_UDP || e->actor == PROXY_UDP;
    if (e->actor == STDIN || e->actor == STDOUT || e->actor == PROCESS)
        return; /* not on a network */
    bool by_actor = e->what == SENT_FIN || e->what == SENT_RST;
    char what[100];
    if (!datagram)
        connect_first(t, e->actor);
    switch (e->what) {
    case SENT:
    case RECEIVED:
        put_octets(t, e, datagram, step, steps);
        break;
    case ENDED_FIN:
    case SENT_FIN:
    case ENDED_RST:
    case SENT_RST:
        if (datagram || t->ends[e->actor][!by_actor].fin)
            break;
        bool fin = e->what == ENDED_FIN || e->what == SENT_FIN;
        snprintf(what, sizeof what, "event %zu of %zu, %s of the %s", step, steps,
                 fin ? "FIN" : "RST", by_actor ? actor_names[e->actor] : "peer");
        tell(t, e->actor, by_actor, (fin ? FIN : RST) | ACK, what);
        break;
    case CONNECTED:
        break;
    }
}

void report_pcapng(FILE *out, const struct run *run)
{
    uint64_t start = 0;
    put_heads(out);
    for (size_t i = 0; i < run->n_results; i++) {
        const struct outcome_report *o = &run->results[i].report;
        char name[120], text[100];
        snprintf(name, sizeof name, "%s %s", verdict_names[run->results[i].verdict],
                 result_name(&run->results[i], text, sizeof text));
        struct talk t = {.out = out, .name = name};
        set_ends(&t, i);
        for (size_t k = 0; k < o->n_events; k++) {
            t.ms = start + o->events[k].ms;
            put_event(&t, &o->events[k], k + 1, o->n_events);
        }
        start += o->n_events ? o->elapsed_ms + 1 : 0;
    }
}
