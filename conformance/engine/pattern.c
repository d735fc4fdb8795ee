#include "pattern.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <sockspec/addr.h>
#include <stdlib.h>
#include <string.h>

/* ---- values: the names in braces ------------------------------------------------------------- */

static const char *const unreachable_net = "192.0.2.1";    /* no route leads there */
static const char *const unreachable_host = "203.0.113.1"; /* its route says unreachable */
static const char *const prohibited_host = "198.51.100.1"; /* its route says prohibited */

static size_t put_port(uint8_t *p, uint16_t port)
{
    p[0] = (uint8_t)(port >> 8);
    p[1] = (uint8_t)(port & 0xff);
    return 2;
}

static size_t put_ipv4(uint8_t *p, struct in_addr ip, uint16_t port)
{
    p[0] = SKS_ATYP_IPV4;
    memcpy(p + 1, &ip, 4);
    return 5 + put_port(p + 5, port);
}

static size_t put_text_ipv4(uint8_t *p, const char *ip, uint16_t port)
{
    struct in_addr a;
    inet_pton(AF_INET, ip, &a);
    return put_ipv4(p, a, port);
}

static size_t put_ipv6(uint8_t *p, uint16_t port)
{
    p[0] = SKS_ATYP_IPV6;
    memcpy(p + 1, &in6addr_loopback, 16);
    return 17 + put_port(p + 17, port);
}

/* Its length in one octet, then at most 255 octets of it. */
static size_t put_octets(uint8_t *p, const char *s, size_t n)
{
    n = n > 255 ? 255 : n;
    p[0] = (uint8_t)n;
    memcpy(p + 1, s, n);
    return 1 + n;
}

static size_t put_string(uint8_t *p, const char *s)
{
    return put_octets(p, s ? s : "", s ? strlen(s) : 0);
}

/* The string, then more octets. */
static size_t put_longer(uint8_t *p, const char *s, const char *more, size_t n)
{
    char text[512];
    size_t len = s ? strlen(s) : 0;
    len = len > 250 ? 250 : len;
    memcpy(text, s ? s : "", len);
    memcpy(text + len, more, n);
    return put_octets(p, text, len + n);
}

/* The string without its last octet. */
static size_t put_shorter(uint8_t *p, const char *s)
{
    size_t len = s ? strlen(s) : 0;
    return put_octets(p, s ? s : "", len > 1 ? len - 1 : len);
}

static size_t put_domain(uint8_t *p, const char *name, uint16_t port)
{
    p[0] = SKS_ATYP_DOMAIN;
    size_t n = 1 + put_string(p + 1, name);
    return n + put_port(p + n, port);
}

/* A legal name of 255 octets that exists nowhere: labels of at most 63 octets, under .invalid. */
static size_t put_longest_name(uint8_t *p, uint16_t port)
{
    char name[256];
    memset(name, 'a', 255);
    for (int i = 63; i < 247; i += 64)
        name[i] = '.';
    memcpy(name + 247, ".invalid", 9);
    return put_domain(p, name, port);
}

/* X(name, octets of it): each writes at p and says how many. */
#define VALUES(X)                                                                                  \
    X("target", put_ipv4(p, s->origin, s->target_port))                                            \
    X("target6", put_ipv6(p, s->target_port))                                                      \
    X("target-name", put_domain(p, "localhost", s->target_port))                                   \
    X("host", (memcpy(p, &s->origin, 4), (size_t)4))                                               \
    X("port", put_port(p, s->target_port))                                                         \
    X("refused", put_ipv4(p, s->origin, s->refused_port))                                          \
    X("refused6", put_ipv6(p, s->refused_port))                                                    \
    X("refused-name", put_domain(p, "localhost", s->refused_port))                                 \
    X("udp", put_ipv4(p, s->origin, s->udp_port))                                                  \
    X("dialer", put_ipv4(p, s->origin, s->dialer_port))                                            \
    X("unreachable-net", put_text_ipv4(p, unreachable_net, 9))                                     \
    X("unreachable-host", put_text_ipv4(p, unreachable_host, 9))                                   \
    X("prohibited-host", put_text_ipv4(p, prohibited_host, 9))                                     \
    X("no-such-name", put_domain(p, "no-such-name.invalid", 9))                                    \
    X("longest-name", put_longest_name(p, 9))                                                      \
    X("seen", put_ipv4(p, s->origin, s->seen_port))                                                \
    X("user", put_string(p, s->user))                                                              \
    X("user-nul", put_longer(p, s->user, "\0x", 2))                                                \
    X("user-longer", put_longer(p, s->user, "x", 1))                                               \
    X("user-shorter", put_shorter(p, s->user))                                                     \
    X("pass", put_string(p, s->pass))                                                              \
    X("pass-nul", put_longer(p, s->pass, "\0x", 2))                                                \
    X("pass-longer", put_longer(p, s->pass, "x", 1))                                               \
    X("pass-shorter", put_shorter(p, s->pass))

static size_t put_value(const struct scene *s, const char *name, size_t name_len, uint8_t *p)
{
#define X(n, octets)                                                                               \
    if (name_len == sizeof n - 1 && memcmp(name, n, name_len) == 0)                                \
        return octets;
    VALUES(X)
#undef X
    return 0;
}

uint8_t payload_octet(uint64_t seed, size_t i)
{
    uint64_t z = seed + (i / 8 + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint8_t)((z ^ (z >> 31)) >> (8 * (i % 8)));
}

/* ---- pieces: a text, token by token ---------------------------------------------------------- */

enum piece_kind { P_END, P_FIELD, P_OCTETS, P_SET, P_ADDR, P_PAYLOAD, P_ENDING, P_SILENCE, P_BAD };
struct piece {
    enum piece_kind kind;
    const char *text; /* the token, and its length */
    size_t text_len;
    uint8_t octets[600];
    size_t n;           /* octets; of P_ADDR the least */
    uint8_t set[256];   /* of P_SET: nonzero for a member */
    bool usable;        /* of P_ADDR */
    enum ending ending; /* of P_ENDING; ENDING_OPEN means either way */
    const char *error;  /* of P_BAD */
};

static const char *bad(struct piece *p, const char *error, const char *next)
{
    p->kind = P_BAD;
    p->error = error;
    return next;
}

static bool is(const struct piece *p, const char *word)
{
    return strlen(word) == p->text_len && memcmp(p->text, word, p->text_len) == 0;
}

static int hex_octet(const char *s)
{
    if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
        return -1;
    char digits[3] = {s[0], s[1], 0};
    return (int)strtol(digits, NULL, 16);
}

/* "05|01-03", "!00", "??" */
static void read_set(struct piece *p)
{
    const char *s = p->text, *end = s + p->text_len;
    p->kind = P_SET;
    p->n = 1;
    if (is(p, "??")) {
        memset(p->set, 1, sizeof p->set);
        return;
    }
    memset(p->set, 0, sizeof p->set);
    bool inverted = *s == '!', good = false;
    s += inverted;
    while (s + 2 <= end) {
        int low = hex_octet(s), high = low;
        s += 2;
        if (s + 3 <= end && *s == '-') {
            high = hex_octet(s + 1);
            s += 3;
        }
        if (low < 0 || high < low)
            break;
        memset(p->set + low, 1, (size_t)(high - low + 1));
        good = s == end;
        if (good || *s++ != '|')
            break;
    }
    if (!good)
        bad(p, "not a set of octets", NULL);
    for (size_t i = 0; inverted && i < 256; i++)
        p->set[i] = !p->set[i];
}

static void read_hex(struct piece *p)
{
    const char *s = p->text, *end = s + p->text_len, *star = memchr(s, '*', p->text_len);
    const char *stop = star ? star : end;
    p->kind = P_OCTETS;
    p->n = 0;
    for (; s + 2 <= stop && hex_octet(s) >= 0 && p->n < sizeof p->octets; s += 2)
        p->octets[p->n++] = (uint8_t)hex_octet(s);
    if (s != stop || p->n == 0) {
        bad(p, "not octets in hex", NULL);
    } else if (star) {
        size_t times = strtoul(star + 1, NULL, 10);
        if (p->n != 1 || times == 0 || times > sizeof p->octets) {
            bad(p, "not an octet times a number up to 600", NULL);
            return;
        }
        memset(p->octets, p->octets[0], times);
        p->n = times;
    }
}

static void read_name(struct piece *p, const struct scene *scene)
{
    const char *name = p->text + 1;
    size_t len = p->text_len - 2;
    p->kind = P_OCTETS;
    if (is(p, "{addr}") || is(p, "{usable}")) {
        p->kind = P_ADDR;
        p->n = SKS_ADDR_MIN;
        p->usable = is(p, "{usable}");
    } else if (len > 8 && memcmp(name, "payload ", 8) == 0) {
        p->kind = P_PAYLOAD;
        p->n = strtoul(name + 8, NULL, 10);
        if (p->n == 0 || p->n > PATTERN_MAX)
            bad(p, "payload of no octets, or too many", NULL);
    } else {
        p->n = put_value(scene, name, len, p->octets);
        if (p->n == 0)
            bad(p, "unknown name in braces", NULL);
    }
}

/* Reads the token at s into p and returns what follows it; end is the end of this alternative. A
 * [label] is passed over. */
static const char *next_piece(const char *s, const char *end, const struct scene *scene,
                              struct piece *p)
{
    for (;;) {
        while (s < end && *s == ' ')
            s++;
        if (s == end || *s != '[')
            break;
        s = memchr(s, ']', (size_t)(end - s));
        s = s ? s + 1 : end;
    }
    p->kind = P_END;
    p->text = s;
    if (s == end)
        return s;
    char close = *s == '{' ? '}' : *s == '"' ? '"' : 0;
    const char *stop;
    if (close) {
        stop = memchr(s + 1, close, (size_t)(end - s - 1));
        if (!stop)
            return bad(p, "a bracket or quote is not closed", end);
        stop++;
    } else {
        for (stop = s; stop < end && *stop != ' ' && *stop != '[';)
            if (*stop++ == ':')
                break;
    }
    p->text_len = (size_t)(stop - s);
    if (close == '}') {
        read_name(p, scene);
    } else if (close == '"') {
        p->kind = P_OCTETS;
        p->n = p->text_len - 2;
        if (p->n > sizeof p->octets)
            return bad(p, "text too long", end);
        memcpy(p->octets, s + 1, p->n);
    } else if (stop[-1] == ':') {
        p->kind = P_FIELD;
    } else if (is(p, "end") || is(p, "fin") || is(p, "rst")) {
        p->kind = P_ENDING;
        p->ending = is(p, "fin") ? ENDING_FIN : is(p, "rst") ? ENDING_RST : ENDING_OPEN;
    } else if (is(p, "silence")) {
        p->kind = P_SILENCE;
    } else if (p->text_len == 2 && hex_octet(s) >= 0) {
        read_hex(p);
    } else if (strpbrk(p->text, "|-!?") && strpbrk(p->text, "|-!?") < stop) {
        read_set(p);
    } else {
        read_hex(p);
    }
    return stop;
}

/* The end of the alternative that starts at s: the next " or " outside brackets and quotes. */
static const char *alternative_end(const char *s)
{
    char close = 0;
    for (; *s; s++) {
        if (close)
            close = *s == close ? 0 : close;
        else if (*s == '[' || *s == '{' || *s == '"')
            close = *s == '[' ? ']' : *s == '{' ? '}' : '"';
        else if (strncmp(s, " or ", 4) == 0)
            break;
    }
    return s;
}

static const char *alternative_start(const char *text, int number)
{
    while (number-- > 0)
        text = alternative_end(text) + 4;
    return text;
}

int pattern_alternatives(const char *text)
{
    int n = 1;
    for (text = alternative_end(text); *text; text = alternative_end(text + 4))
        n++;
    return n;
}

static const struct scene no_scene;

const char *pattern_check(const char *text, bool to_send)
{
    struct piece p;
    if (to_send && pattern_alternatives(text) != 1)
        return "alternatives cannot be sent";
    for (const char *s = text;;) {
        const char *end = alternative_end(s);
        while (s = next_piece(s, end, &no_scene, &p), p.kind != P_END) {
            if (p.kind == P_BAD)
                return p.error;
            if (to_send && p.kind != P_FIELD && p.kind != P_OCTETS && p.kind != P_PAYLOAD)
                return "cannot be sent";
        }
        if (!*end)
            return NULL;
        s = end + 4;
    }
}

bool pattern_has(const char *text, const char *word)
{
    struct piece p;
    for (const char *s = text;;) {
        const char *end = alternative_end(s);
        while (s = next_piece(s, end, &no_scene, &p), p.kind != P_END && p.kind != P_BAD)
            if ((p.kind == P_ENDING || p.kind == P_SILENCE) && is(&p, word))
                return true;
        if (!*end)
            return false;
        s = end + 4;
    }
}

/* ---- building and matching ------------------------------------------------------------------- */

long pattern_build(const struct scene *scene, const char *text, uint8_t *buf, const char **error)
{
    struct piece p;
    size_t n = 0;
    const char *end = text + strlen(text);
    while (text = next_piece(text, end, scene, &p), p.kind != P_END) {
        if (p.kind == P_FIELD)
            continue;
        if ((p.kind != P_OCTETS && p.kind != P_PAYLOAD) || p.n > PATTERN_MAX - n) {
            *error = p.kind == P_BAD ? p.error : "cannot be sent";
            return -1;
        }
        for (size_t i = 0; i < p.n; i++)
            buf[n + i] = p.kind == P_OCTETS ? p.octets[i] : payload_octet(scene->seed, i);
        n += p.n;
    }
    return (long)n;
}

static bool all_zero(const struct sks_addr *a)
{
    uint8_t any = 0;
    for (size_t i = 0; i < a->host_len; i++)
        any |= a->host[i];
    return any == 0;
}

static void want(struct match *m, size_t at, const char *field, int field_len, const char *what,
                 int what_len)
{
    m->kind = MATCH_NOT;
    m->used = at;
    snprintf(m->wanted, sizeof m->wanted, "%.*s%s%.*s", field_len, field, field_len ? " " : "",
             what_len, what);
}

/* One piece against data[at..len): advances at, or ends the match by setting kind. */
static size_t match_piece(struct match *m, const struct scene *scene, const struct piece *p,
                          const uint8_t *data, size_t at, size_t len, const char *field,
                          int field_len)
{
    if (p->n > 0 && at == len) {
        m->kind = MATCH_MORE;
        return at;
    }
    if (p->kind == P_ADDR) {
        struct sks_addr a;
        size_t used;
        enum sks_status s = sks_addr_parse(&a, data + at, len - at, &used);
        if (s == SKS_MORE) {
            m->kind = MATCH_MORE;
            return len;
        }
        if (s != SKS_OK) {
            want(m, at + used, field, field_len, sks_status_text(s), 60);
            snprintf(m->wanted, sizeof m->wanted, "%.*s an address (%s)", field_len, field,
                     sks_status_text(s));
            return at;
        }
        if (p->usable && (a.port == 0 || (a.atyp != SKS_ATYP_DOMAIN && all_zero(&a)))) {
            want(m, at + (a.port == 0 ? used - 2 : 1), field, field_len,
                 "an address and port that a client can use", 60);
            return at;
        }
        m->has_bnd = true;
        m->bnd_at = at;
        return at + used;
    }
    for (size_t i = 0; i < p->n; i++, at++) {
        if (at == len) {
            m->kind = MATCH_MORE;
            return at;
        }
        uint8_t wanted = p->kind == P_PAYLOAD  ? payload_octet(scene->seed, i)
                         : p->kind == P_OCTETS ? p->octets[i]
                                               : 0;
        if (p->kind == P_SET ? !p->set[data[at]] : data[at] != wanted) {
            char hex[8];
            snprintf(hex, sizeof hex, "%02x", wanted);
            bool as_text = p->kind == P_SET;
            want(m, at, field, field_len, as_text ? p->text : hex, as_text ? (int)p->text_len : 2);
            return at;
        }
    }
    return at;
}

static void match_alternative(struct match *m, const struct scene *scene, const char *s,
                              const char *end, const uint8_t *data, size_t len, enum ending ending,
                              bool quiet)
{
    struct piece p;
    const char *field = "";
    int field_len = 0;
    size_t at = 0;
    m->kind = MATCH;
    while (m->kind == MATCH && (s = next_piece(s, end, scene, &p), p.kind != P_END)) {
        switch (p.kind) {
        case P_FIELD:
            field = p.text;
            field_len = (int)p.text_len;
            break;
        case P_ENDING:
            if (at < len)
                want(m, at, "", 0, "the connection to end", 60);
            else if (ending == ENDING_OPEN)
                m->kind = MATCH_MORE;
            else if (p.ending != ENDING_OPEN && p.ending != ending)
                want(m, at, "", 0, p.ending == ENDING_FIN ? "a FIN" : "an RST", 60);
            break;
        case P_SILENCE:
            if (at < len)
                want(m, at, "", 0, "no octet", 60);
            else if (ending != ENDING_OPEN)
                want(m, at, "", 0, "the connection to stay open", 60);
            else if (!quiet)
                m->kind = MATCH_MORE;
            break;
        case P_OCTETS:
        case P_SET:
        case P_ADDR:
        case P_PAYLOAD:
            at = match_piece(m, scene, &p, data, at, len, field, field_len);
            break;
        case P_END:
        case P_BAD:
            want(m, at, "", 0, p.error, 60);
            break;
        }
    }
    if (m->kind == MATCH)
        m->used = at;
    /* what cannot come any more differs where it is missing */
    if (m->kind == MATCH_MORE && (ending != ENDING_OPEN || quiet))
        want(m, len, field, field_len, p.kind == P_ENDING ? "the connection to end" : "...", 60);
}

struct match pattern_match(const struct scene *scene, const char *text, const uint8_t *data,
                           size_t len, enum ending ending, bool quiet)
{
    struct match best = {.kind = MATCH_NOT};
    const char *s = text;
    for (int i = 0;; i++) {
        const char *end = alternative_end(s);
        struct match m = {.alternative = i};
        const char *label = memchr(s, '[', (size_t)(end - s));
        if (label)
            snprintf(m.label, sizeof m.label, "%.*s", (int)strcspn(label + 1, "]"), label + 1);
        match_alternative(&m, scene, s, end, data, len, ending, quiet);
        bool better = i == 0 || m.kind < best.kind ||
                      (m.kind == MATCH_NOT && best.kind == MATCH_NOT && m.used > best.used);
        if (better)
            best = m;
        if (best.kind == MATCH || !*end)
            return best;
        s = end + 4;
    }
}

void scene_take_bnd(struct scene *scene, const uint8_t *data, size_t len, size_t at)
{
    struct sks_addr a;
    size_t used;
    if (sks_addr_parse(&a, data + at, len - at, &used) != SKS_OK)
        return;
    memset(&scene->bnd, 0, sizeof scene->bnd);
    if (a.atyp == SKS_ATYP_IPV6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&scene->bnd;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(a.port);
        memcpy(&v6->sin6_addr, a.host, 16);
        return;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)&scene->bnd;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(a.port);
    if (a.atyp == SKS_ATYP_IPV4)
        memcpy(&v4->sin_addr, a.host, 4);
    else
        snprintf(scene->bnd_name, sizeof scene->bnd_name, "%.*s", (int)a.host_len,
                 (const char *)a.host);
}

/* ---- printing -------------------------------------------------------------------------------- */

enum { HEX_SHOWN = 24 }; /* octets of one field */

static int print_hex(FILE *out, const uint8_t *data, size_t n)
{
    size_t shown = n > HEX_SHOWN ? HEX_SHOWN : n;
    for (size_t i = 0; i < shown; i++)
        fprintf(out, "%02x", data[i]);
    if (shown < n)
        return (int)(2 * shown) + fprintf(out, "...(%zu octets)", n);
    return (int)(2 * shown);
}

void pattern_print(FILE *out, const struct scene *scene, const char *text)
{
    struct piece p;
    const char *space = "";
    for (const char *s = text;;) {
        const char *end = alternative_end(s);
        while (s = next_piece(s, end, scene, &p), p.kind != P_END && p.kind != P_BAD) {
            fputs(space, out);
            space = p.kind == P_FIELD ? "" : " ";
            if (p.kind == P_OCTETS && p.text[0] == '{' && scene->target_port)
                print_hex(out, p.octets, p.n);
            else
                fprintf(out, "%.*s", (int)p.text_len, p.text);
        }
        if (!*end)
            return;
        fputs(" or", out);
        space = " ";
        s = end + 4;
    }
}

int pattern_print_received(FILE *out, const struct scene *scene, const char *text, int alternative,
                           const uint8_t *data, size_t len, size_t mark)
{
    struct piece p;
    const char *s = alternative_start(text, alternative), *end = alternative_end(s);
    const char *space = "";
    size_t at = 0;
    int column = 0, marked = -1;
    while (at < len && (s = next_piece(s, end, scene, &p), p.kind != P_END)) {
        if (p.kind == P_FIELD) {
            column += fprintf(out, "%s%.*s", space, (int)p.text_len, p.text);
            space = "";
            continue;
        }
        size_t n = p.n;
        struct sks_addr a;
        if (p.kind == P_ADDR && sks_addr_parse(&a, data + at, len - at, &n) != SKS_OK)
            n = len - at;
        if (p.kind == P_ENDING || p.kind == P_SILENCE || p.kind == P_BAD || n > len - at)
            n = len - at;
        column += fprintf(out, "%s", space);
        space = " ";
        if (mark >= at && mark < at + n)
            marked = column + 2 * (int)(mark - at);
        column += print_hex(out, data + at, n);
        at += n;
    }
    if (at < len) {
        column += fprintf(out, "%s", space);
        if (mark >= at && mark < len)
            marked = column + 2 * (int)(mark - at);
        column += print_hex(out, data + at, len - at);
    }
    if (mark == len)
        marked = column + (*space ? 1 : 0);
    return marked;
}
