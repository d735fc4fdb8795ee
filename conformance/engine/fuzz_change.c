/* Changes to the steps of a case: what is sent stays near to what the grammar knows. */
#include "fuzz.h"

#include <ctype.h>
#include <string.h>

enum { MOST_TOKENS = 48, TRIES = 20 };

uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
    return (size_t)(random_next(state) % n);
}

/* ---- one text -------------------------------------------------------------------------------- */

struct token {
    size_t at, len;
};

/* The tokens of a text at its top level, a call with all that is in it as one; fields are none. */
static size_t tokens_of(const char *text, struct token *list)
{
    size_t n = 0, at = 0;
    while (text[at] && n < MOST_TOKENS) {
        if (text[at] == ' ') {
            at++;
            continue;
        }
        size_t start = at;
        int depth = 0;
        char close = 0;
        for (; text[at] && (depth || close || text[at] != ' '); at++) {
            if (close)
                close = (char)(text[at] == close ? 0 : close);
            else if (text[at] == '{' || text[at] == '"')
                close = text[at] == '{' ? '}' : '"';
            else if (text[at] == '(' || text[at] == ')')
                depth += text[at] == '(' ? 1 : -1;
            else if (text[at] == ':' && !depth) {
                start = ++at; /* what stood before is a field */
                break;
            }
        }
        if (at > start)
            list[n++] = (struct token){start, at - start};
    }
    return n;
}

/* text with the octets from at on, len of them, replaced; false when it does not fit. */
static bool splice(char *text, size_t at, size_t len, const char *with)
{
    size_t size = strlen(text), more = strlen(with);
    if (size - len + more + 3 > CHANGED_TEXT)
        return false;
    memmove(text + at + more, text + at + len, size - at - len + 1);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the end has been moved */
    memcpy(text + at, with, more);
    return true;
}

static bool is_hex(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)s[i]))
            return false;
    return n >= 2 && n % 2 == 0;
}

static void random_octets(char *out, size_t octets, uint64_t *random)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 2 * octets; i++)
        out[i] = digits[below(random, 16)];
    out[2 * octets] = 0;
}

enum change {
    RANDOM,
    INTERESTING,
    NEAR,
    DROP,
    TWICE,
    INSERT,
    INSERT_MANY,
    TRUNCATE,
    SWAP,
    ADDRESS,
    FLIP,
    CUT,
    N_CHANGES
};

static bool change_token(char *text, const struct token *list, size_t n, enum change change,
                         uint64_t *random)
{
    static const char *const interesting[] = {"00", "01", "7f", "80", "fe", "ff", "05", "04", "03"};
    static const char *const many[] = {" 00*255", " ff*256", " 41*300", " 05*600", " 00*2"};
    static const char *const addresses[] = {"{target}",      "{refused}",      "{unreachable-net}",
                                            "{target-name}", "{no-such-name}", "{longest-name}",
                                            "{host}",        "03 00 0050",     "01 00000000 0000"};
    size_t i = below(random, n);
    char with[CHANGED_TEXT + 32];
    const char *s = text + list[i].at;
    size_t at = list[i].at, len = list[i].len;
    switch (change) {
    case RANDOM:
        random_octets(with, is_hex(s, len) && len <= 64 ? len / 2 : 1 + below(random, 6), random);
        return splice(text, at, len, with);
    case INTERESTING:
        return splice(text, at, len,
                      interesting[below(random, sizeof interesting / sizeof *interesting)]);
    case NEAR: {
        if (!is_hex(s, len) || len > 32)
            return false;
        unsigned octet;
        size_t which = at + 2 * below(random, len / 2);
        sscanf(text + which, "%2x", &octet); /* NOLINT(cert-err34-c): is_hex has seen them */
        snprintf(with, sizeof with, "%02x", (octet + (below(random, 2) ? 1 : 255)) & 255);
        memcpy(text + which, with, 2);
        return true;
    }
    case DROP:
        return n > 1 && splice(text, at, len, "");
    case TWICE:
        snprintf(with, sizeof with, "%.*s %.*s", (int)len, s, (int)len, s);
        return splice(text, at, len, with);
    case INSERT:
        with[0] = ' ';
        random_octets(with + 1, 1 + below(random, 8), random);
        return splice(text, at + len, 0, with);
    case INSERT_MANY:
        return splice(text, at + len, 0, many[below(random, sizeof many / sizeof *many)]);
    case TRUNCATE:
        text[at + len] = 0;
        return i + 1 < n;
    case SWAP: {
        size_t k = below(random, n);
        if (k <= i)
            return false;
        char first[CHANGED_TEXT];
        snprintf(first, sizeof first, "%.*s", (int)len, s);
        snprintf(with, sizeof with, "%.*s", (int)list[k].len, text + list[k].at);
        return splice(text, list[k].at, list[k].len, first) && splice(text, at, len, with);
    }
    case ADDRESS:
        return splice(text, at, len,
                      addresses[below(random, sizeof addresses / sizeof *addresses)]);
    case FLIP:
    case CUT:
        if (!strchr(text, '('))
            return false; /* words of wires */
        snprintf(with, sizeof with, "%s@%zu(%.*s)", change == FLIP ? "flip" : "cut",
                 below(random, 20), (int)len, s);
        return splice(text, at, len, with);
    case N_CHANGES:
        break;
    }
    return false;
}

static bool change_text(char *text, uint64_t *random)
{
    char before[CHANGED_TEXT];
    snprintf(before, sizeof before, "%s", text);
    for (int i = 0; i < TRIES; i++) {
        struct token list[MOST_TOKENS];
        size_t n = tokens_of(text, list);
        if (n && change_token(text, list, n, (enum change)below(random, N_CHANGES), random) &&
            !pattern_check(text, true))
            return true;
        memcpy(text, before, sizeof before);
    }
    return false;
}

/* ---- the steps of a case --------------------------------------------------------------------- */

static bool is_ours(const struct step *s)
{
    return s->op == OP_SEND && (s->actor == CLIENT || s->actor == UDP);
}

/* What may stand before the first change: nothing slow. */
static bool is_plain(const struct step *s)
{
    return s->op == OP_HANDSHAKE || s->op == OP_SEND || s->op == OP_OPEN ||
           (s->op == OP_EXPECT && !s->n && !pattern_has(s->text, "silence") &&
            !pattern_has(s->text, "end"));
}

static void point_into(struct changed *c, const struct test_case *base)
{
    c->test.id = base->id;
    c->test.requirement = base->requirement;
    c->test.role = base->role;
    c->test.needs = base->needs;
    c->test.says = base->says;
    c->test.steps = c->steps;
}

void changed_copy(struct changed *to, const struct changed *from)
{
    *to = *from;
    point_into(to, &from->test);
    for (size_t i = 0; i < CHANGED_STEPS; i++)
        if (from->steps[i].text == from->texts[i])
            to->steps[i].text = to->texts[i];
}

static size_t count(const struct changed *c)
{
    size_t n = 0;
    while (c->steps[n].op != OP_END_OF_STEPS)
        n++;
    return n;
}

static void add(struct changed *c, size_t *n, struct step step, bool ours)
{
    if (*n == CHANGED_STEPS)
        return;
    c->steps[*n] = step;
    if (ours && strlen(step.text) < CHANGED_TEXT) {
        memcpy(c->texts[*n], step.text, strlen(step.text) + 1);
        c->steps[*n].text = c->texts[*n];
    }
    ++*n;
}

/* One of the steps from `first` on is sent twice, left out, or has an end behind it. */
static void change_order(struct changed *c, size_t first, size_t *n, uint64_t *random)
{
    size_t i = first + below(random, *n - first);
    struct changed before;
    changed_copy(&before, c);
    size_t kind = below(random, 4), to = 0;
    for (size_t k = 0; k < *n; k++) {
        struct step s = before.steps[k];
        if (k == i && kind == 0 && *n > first + 1)
            continue;
        add(c, &to, s, is_ours(&s));
        if (k == i && kind == 1)
            add(c, &to, s, is_ours(&s));
        if (k == i && kind == 2)
            add(c, &to, (struct step)FIN(CLIENT), false);
        if (k == i && kind == 3)
            add(c, &to, (struct step)RST(CLIENT), false);
    }
    c->comparable = c->comparable && kind < 2;
    *n = to;
}

bool change_case(struct changed *to, const struct test_case *from, uint64_t *random)
{
    static const enum segment_kind kinds[] = {SEGMENT_WHOLE, SEGMENT_WHOLE, SEGMENT_BYTES,
                                              SEGMENT_COALESCED};
    size_t pivots[CHANGED_STEPS], n_pivots = 0, n = 0;
    for (size_t i = 0; i < CHANGED_STEPS && from->steps[i].op != OP_END_OF_STEPS; i++) {
        if (is_ours(&from->steps[i]))
            pivots[n_pivots++] = i;
        if (!is_plain(&from->steps[i]))
            break;
    }
    if (!n_pivots)
        return false;
    memset(to, 0, sizeof *to);
    point_into(to, from);
    to->comparable = true;
    to->segment = kinds[below(random, 4)];
    size_t pivot = pivots[below(random, n_pivots)], first = 0;
    for (size_t i = 0; from->steps[i].op != OP_END_OF_STEPS && n < CHANGED_STEPS - 4; i++) {
        const struct step *s = &from->steps[i];
        if (i == pivot)
            first = n;
        bool ended = s->op == OP_FIN || s->op == OP_RST;
        if (i < pivot || is_ours(s) || (ended && s->actor == CLIENT))
            add(to, &n, *s, i >= pivot && is_ours(s));
        to->comparable = to->comparable && !ended && s->actor != UDP;
    }
    for (size_t changes = 1 + below(random, 3); changes > 0; changes--) {
        size_t i = first + below(random, n - first);
        if (below(random, 4) == 0)
            change_order(to, first, &n, random);
        else if (to->steps[i].text == to->texts[i])
            change_text(to->texts[i], random);
    }
    if (to->steps[n - 1].op != OP_RST)
        add(to, &n, (struct step)AT(CLIENT, DRAIN, NULL), false);
    memset(&to->steps[n], 0, sizeof to->steps[n]);
    return true;
}

bool changed_without(struct changed *to, const struct changed *from, size_t i)
{
    size_t n = count(from), kept = 0;
    changed_copy(to, from);
    if (i < n) {
        memset(to->steps, 0, sizeof to->steps);
        for (size_t k = 0; k < n; k++)
            if (k != i &&
                from->steps[i].op != OP_DRAIN) /* without it the play would end too soon */
                add(to, &kept, from->steps[k], from->steps[k].text == from->texts[k]);
        return true;
    }
    i -= n;
    for (size_t k = 0; k < n; k++) {
        struct token list[MOST_TOKENS];
        if (from->steps[k].text != from->texts[k])
            continue;
        size_t tokens = tokens_of(from->texts[k], list);
        if (i < tokens)
            return tokens == 1 || splice(to->texts[k], list[i].at, list[i].len, "");
        i -= tokens;
    }
    return false;
}
