#include "pattern.h"

#include "piece.h"

#include <sockspec/addr.h>
#include <string.h>

static const struct scene no_scene;

static bool is_for_wires(enum piece_kind kind)
{
    return kind == P_CALL || kind == P_CLOSE || kind == P_WIRE || kind == P_RANDOM;
}

const char *pattern_check(const char *text, bool to_send)
{
    struct piece p;
    int depth = 0;
    if (to_send && pattern_alternatives(text) != 1)
        return "alternatives cannot be sent";
    for (const char *s = text;;) {
        const char *end = piece_alternative_end(s);
        while (s = piece_next(s, end, &no_scene, &p), p.kind != P_END) {
            if (p.kind == P_BAD)
                return p.error;
            bool wire = is_for_wires(p.kind);
            if (to_send ? !wire && p.kind != P_FIELD && p.kind != P_OCTETS && p.kind != P_PAYLOAD
                        : wire)
                return to_send ? "cannot be sent" : "cannot be expected";
            depth += p.kind == P_CALL ? 1 : p.kind == P_CLOSE ? -1 : 0;
            if (depth < 0)
                return "a parenthesis is closed that was not opened";
            if (depth > PATTERN_DEPTH)
                return "parentheses in more than 16 others";
        }
        if (depth)
            return "a parenthesis is not closed";
        if (!*end)
            return NULL;
        s = end + 4;
    }
}

bool pattern_has(const char *text, const char *word)
{
    struct piece p;
    for (const char *s = text;;) {
        const char *end = piece_alternative_end(s);
        while (s = piece_next(s, end, &no_scene, &p), p.kind != P_END && p.kind != P_BAD)
            if ((p.kind == P_ENDING || p.kind == P_SILENCE) && piece_is(&p, word))
                return true;
        if (!*end)
            return false;
        s = end + 4;
    }
}

long pattern_build(const struct scene *scene, const char *text, uint8_t *buf, const char **error)
{
    struct piece p;
    size_t n = 0;
    const char *end = text + strlen(text);
    while (text = piece_next(text, end, scene, &p), p.kind != P_END) {
        if (p.kind == P_FIELD)
            continue;
        if ((p.kind != P_OCTETS && p.kind != P_PAYLOAD) || p.n > PATTERN_MAX - n) {
            *error = p.kind == P_BAD ? p.error : "cannot be sent";
            return -1;
        }
        if (p.kind == P_OCTETS)
            memcpy(buf + n, p.octets, p.n);
        else
            payload_fill(scene->seed, 0, buf + n, p.n);
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

/* NMETHODS METHODS of a greeting; what is wrong stands at its NMETHODS, or where it comes twice. */
static size_t match_methods(struct match *m, const struct piece *p, const uint8_t *data, size_t at,
                            size_t len, const char *field, int field_len)
{
    size_t n = data[at];
    char what[80] = "";
    if (n == 0)
        snprintf(what, sizeof what, "1 to 255 methods");
    else if (len - at < 1 + n)
        m->kind = MATCH_MORE;
    if (m->kind == MATCH_MORE)
        return len;
    for (unsigned octet = 0; octet < 256 && !what[0]; octet++) {
        bool there = n && memchr(data + at + 1, (int)octet, n);
        if (p->set[octet] == (there ? METHOD_NOT : METHOD_NEEDED))
            snprintf(what, sizeof what, "methods with%s %02x", there ? "out" : "", octet);
    }
    for (size_t i = 1; p->distinct && !what[0] && i < n; i++)
        if (memchr(data + at + 1, data[at + 1 + i], i))
            snprintf(what, sizeof what, "no method twice");
    if (what[0]) {
        want(m, at, field, field_len, what, (int)strlen(what));
        return at;
    }
    return at + 1 + n;
}

/* A GET up to the empty line. */
static size_t match_head(struct match *m, const uint8_t *data, size_t at, size_t len)
{
    for (size_t i = 0; i < 4 && at + i < len; i++)
        if (data[at + i] != (uint8_t) "GET "[i]) {
            want(m, at + i, "", 0, "the GET of the client", 60);
            return at;
        }
    const uint8_t *end = memmem(data + at, len - at, "\r\n\r\n", 4);
    if (!end)
        m->kind = MATCH_MORE;
    return end ? (size_t)(end - data) + 4 : len;
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
            char what[80];
            int n = snprintf(what, sizeof what, "an address (%s)", sks_status_text(s));
            want(m, at + used, field, field_len, what, n);
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
    if (p->kind == P_METHODS)
        return match_methods(m, p, data, at, len, field, field_len);
    if (p->kind == P_HEAD)
        return match_head(m, data, at, len);
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
    while (m->kind == MATCH && (s = piece_next(s, end, scene, &p), p.kind != P_END)) {
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
        case P_METHODS:
        case P_HEAD:
            at = match_piece(m, scene, &p, data, at, len, field, field_len);
            break;
        case P_CALL:
        case P_CLOSE:
        case P_WIRE:
        case P_RANDOM:
            want(m, at, "", 0, "what cannot be expected", 60);
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
        const char *end = piece_alternative_end(s);
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
