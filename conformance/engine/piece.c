#include "piece.h"

#include <ctype.h>
#include <sockspec/addr.h>
#include <stdlib.h>
#include <string.h>

static const char *bad(struct piece *p, const char *error, const char *next)
{
    p->kind = P_BAD;
    p->error = error;
    return next;
}

bool piece_is(const struct piece *p, const char *word)
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
    if (piece_is(p, "??")) {
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
        memset(p->set + low, 1, (size_t)high - (size_t)low + 1);
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

/* What a client and the server behind the proxy say to each other. */
static void read_application(struct piece *p, const struct scene *scene)
{
    static const char line[] = "sockspec: an answer, please\r\n";
    static const char head[] = "HTTP/1.0 200 OK\r\n"
                               "Content-Type: application/octet-stream\r\n"
                               "Connection: close\r\n\r\n";
    bool ask = piece_is(p, "{ask}");
    if (ask && scene->http) {
        p->kind = P_HEAD;
        p->n = 1;
        return;
    }
    p->n = ask ? sizeof line - 1 : scene->http ? sizeof head - 1 : 0;
    memcpy(p->octets, ask ? line : head, p->n);
}

/* The words behind "methods": octets that must, or with '!' must not be there. */
static void read_methods(struct piece *p)
{
    const char *s = p->text + 8, *end = p->text + p->text_len - 1;
    p->kind = P_METHODS;
    p->n = 1;
    p->distinct = false;
    memset(p->set, METHOD_FREE, sizeof p->set);
    while (s < end) {
        size_t n = strcspn(s, " }");
        bool without = *s == '!';
        int octet = n == 2u + without ? hex_octet(s + without) : -1;
        if (n == 8 && memcmp(s, "distinct", 8) == 0)
            p->distinct = true;
        else if (octet >= 0)
            p->set[octet] = without ? METHOD_NOT : METHOD_NEEDED;
        else if (n)
            bad(p, "not a method", NULL);
        s += n + (s + n < end);
    }
}

static bool read_wire_name(struct piece *p)
{
#define X(constant, word)                                                                          \
    if (piece_is(p, word)) {                                                                       \
        p->kind = P_WIRE;                                                                          \
        p->n = 0;                                                                                  \
        p->name = constant;                                                                        \
        return true;                                                                               \
    }
    WIRE_NAME_LIST(X)
#undef X
    return false;
}

/* "flip@-1(" */
static void read_call(struct piece *p)
{
    const char *at = memchr(p->text, '@', p->text_len);
    size_t len = at ? (size_t)(at - p->text) : p->text_len - 1;
    char *stop = NULL;
    p->kind = P_CALL;
    p->number = 0;
#define X(constant, word, base)                                                                    \
    if (len == sizeof word - 1 && memcmp(p->text, word, len) == 0) {                               \
        p->call = constant;                                                                        \
        if (!at != !base)                                                                          \
            bad(p, base ? word " wants @NUMBER" : word " takes no number", NULL);                  \
        else if (at)                                                                               \
            p->number = strtol(at + 1, &stop, base);                                               \
        if (stop && *stop != '(')                                                                  \
            bad(p, "not a number behind @", NULL);                                                 \
        return;                                                                                    \
    }
    CALL_LIST(X)
#undef X
    bad(p, "unknown name before a parenthesis", NULL);
}

static void read_name(struct piece *p, const struct scene *scene)
{
    const char *name = p->text + 1;
    size_t len = p->text_len - 2;
    p->kind = P_OCTETS;
    if (read_wire_name(p))
        return;
    if (piece_is(p, "{addr}") || piece_is(p, "{usable}")) {
        p->kind = P_ADDR;
        p->n = SKS_ADDR_MIN;
        p->usable = piece_is(p, "{usable}");
    } else if (piece_is(p, "{ask}") || piece_is(p, "{head}")) {
        read_application(p, scene);
    } else if (len >= 7 && memcmp(name, "methods", 7) == 0) {
        read_methods(p);
    } else if (len > 8 && memcmp(name, "payload ", 8) == 0) {
        p->kind = P_PAYLOAD;
        p->n = strtoul(name + 8, NULL, 10);
        if (p->n == 0 || p->n > PATTERN_MAX)
            bad(p, "payload of no octets, or too many", NULL);
    } else if (len > 7 && memcmp(name, "random ", 7) == 0) {
        p->kind = P_RANDOM;
        p->n = strtoul(name + 7, NULL, 10);
        if (p->n == 0 || p->n > PATTERN_MAX)
            bad(p, "no random octets, or too many", NULL);
    } else {
        p->n = pattern_value(scene, name, len, p->octets);
        if (p->n == 0)
            bad(p, "unknown name in braces", NULL);
    }
}

const char *piece_next(const char *s, const char *end, const struct scene *scene, struct piece *p)
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
    char close = (char)(*s == '{' ? '}' : *s == '"' ? '"' : 0);
    const char *stop;
    if (close) {
        stop = memchr(s + 1, close, (size_t)(end - s - 1));
        if (!stop)
            return bad(p, "a bracket or quote is not closed", end);
        stop++;
    } else if (*s == ')') {
        stop = s + 1;
    } else {
        for (stop = s; stop < end && *stop != ' ' && *stop != '[' && *stop != ')';)
            if (strchr(":(", *stop++))
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
    } else if (*s == ')') {
        p->kind = P_CLOSE;
    } else if (stop[-1] == '(') {
        read_call(p);
    } else if (piece_is(p, "end") || piece_is(p, "fin") || piece_is(p, "rst")) {
        p->kind = P_ENDING;
        p->ending = piece_is(p, "fin") ? ENDING_FIN : piece_is(p, "rst") ? ENDING_RST : ENDING_OPEN;
    } else if (piece_is(p, "silence")) {
        p->kind = P_SILENCE;
    } else if ((p->text_len != 2 || hex_octet(s) < 0) && strpbrk(p->text, "|-!?") &&
               strpbrk(p->text, "|-!?") < stop) {
        read_set(p);
    } else {
        read_hex(p);
    }
    return stop;
}

const char *piece_alternative_end(const char *s)
{
    char close = 0;
    for (; *s; s++) {
        if (close)
            close = (char)(*s == close ? 0 : close);
        else if (*s == '[' || *s == '{' || *s == '"')
            close = (char)(*s == '[' ? ']' : *s == '{' ? '}' : '"');
        else if (strncmp(s, " or ", 4) == 0)
            break;
    }
    return s;
}

const char *piece_alternative(const char *text, int number)
{
    while (number-- > 0)
        text = piece_alternative_end(text) + 4;
    return text;
}

int pattern_alternatives(const char *text)
{
    int n = 1;
    for (text = piece_alternative_end(text); *text; text = piece_alternative_end(text + 4))
        n++;
    return n;
}
