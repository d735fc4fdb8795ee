/* The trace line of <sockspec/stage.h>: reader and writer. */
#include "wire.h"

#include <sockspec/stage.h>

/* ---- reading --------------------------------------------------------------------------------- */

struct reader {
    const char *text;
    size_t len;
    size_t at; /* the character that comes next; on an error the one that is wrong */
    uint8_t *buf;
    size_t cap;
    size_t put; /* octets at buf */
};

typedef const char *name_of(int number);

/* How many characters from the one that comes next stand in name, too; *whole: all of name. */
static size_t common(const struct reader *r, const char *name, int *whole)
{
    size_t n = 0;
    while (name[n] != '\0' && r->at + n < r->len && r->text[r->at + n] == name[n])
        n++;
    *whole = name[n] == '\0';
    return n;
}

static int ends_word(char c)
{
    return c == ' ' || c == ':' || c == '\n';
}

/* The name of one of the numbers from first to last, and the number. */
static enum sks_status read_name(struct reader *r, name_of *name, int first, int last, int *number)
{
    size_t longest = 0;
    for (int i = first; i <= last; i++) {
        int whole;
        size_t n = common(r, name(i), &whole);
        if (n > longest)
            longest = n;
        if (whole && r->at + n < r->len && ends_word(r->text[r->at + n])) {
            r->at += n;
            *number = i;
            return SKS_OK;
        }
    }
    r->at += longest;
    return r->at < r->len ? SKS_ERR_TRACE : SKS_MORE;
}

/* What comes behind a word is there: words end before it. */
static enum sks_status read_char(struct reader *r, char c)
{
    if (r->text[r->at] != c)
        return SKS_ERR_TRACE;
    r->at++;
    return SKS_OK;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Pairs of digits, as many as there are. */
static enum sks_status read_octets(struct reader *r, const uint8_t **octets, size_t *n)
{
    *octets = r->put < r->cap ? r->buf + r->put : NULL;
    *n = 0;
    for (;;) {
        int high, low;
        if (r->at >= r->len)
            return SKS_MORE;
        high = hex_value(r->text[r->at]);
        if (high < 0)
            return SKS_OK;
        r->at++;
        if (r->at >= r->len)
            return SKS_MORE;
        low = hex_value(r->text[r->at]);
        if (low < 0)
            return SKS_ERR_TRACE;
        r->at++;
        if (r->put == r->cap)
            return SKS_ERR_SPACE;
        r->buf[r->put++] = (uint8_t)(16 * high + low);
        ++*n;
    }
}

/* [:PLAIN[/WIRE]], where PLAIN may be empty before WIRE. */
static enum sks_status read_operand(struct reader *r, struct sks_trace_word *out)
{
    if (r->text[r->at] != ':')
        return SKS_OK;
    r->at++;
    enum sks_status s = read_octets(r, &out->plain, &out->plain_len);
    if (s != SKS_OK)
        return s;
    if (r->text[r->at] != '/')
        return out->plain_len != 0 ? SKS_OK : SKS_ERR_TRACE;
    r->at++;
    s = read_octets(r, &out->wire, &out->wire_len);
    if (s != SKS_OK)
        return s;
    return out->wire_len != 0 ? SKS_OK : SKS_ERR_TRACE;
}

static enum sks_status read_stage(struct reader *r, int8_t *stage)
{
    int number;
    enum sks_status s =
        read_name(r, sks_stage_name, SKS_STAGE_DESTROYED, SKS_STAGE_STREAM, &number);
    if (s == SKS_OK)
        *stage = (int8_t)number;
    return s;
}

static enum sks_status read_word(struct reader *r, name_of *name, int last,
                                 struct sks_trace_word *out)
{
    int number;
    enum sks_status s = read_name(r, name, 0, last, &number);
    if (s != SKS_OK)
        return s;
    out->kind = (uint8_t)number;
    return read_operand(r, out);
}

static enum sks_status read_line(struct reader *r, struct sks_trace_line *out)
{
    enum sks_status s = read_stage(r, &out->before);
    if (s == SKS_OK)
        s = read_char(r, ' ');
    if (s == SKS_OK)
        s = read_word(r, sks_event_name, SKS_EVENT_TIMEOUT, &out->event);
    for (;;) {
        if (s == SKS_OK)
            s = read_char(r, ' ');
        if (s != SKS_OK)
            return s;
        if (r->at >= r->len)
            return SKS_MORE;
        if (r->text[r->at] >= 'A' && r->text[r->at] <= 'Z')
            break; /* stages are written in capitals, actions are not */
        if (out->count == SKS_STEP_ACTIONS)
            return SKS_ERR_TRACE;
        s = read_word(r, sks_action_name, SKS_ACTION_SALT, &out->actions[out->count++]);
    }
    s = read_stage(r, &out->after);
    return s == SKS_OK ? read_char(r, '\n') : s;
}

enum sks_status sks_trace_parse(struct sks_trace_line *out, uint8_t *buf, size_t cap,
                                const char *text, size_t len, size_t *used)
{
    struct reader r = {.text = text, .len = len, .buf = buf, .cap = cap};
    struct sks_trace_line line = {0};
    enum sks_status s = read_line(&r, &line);
    if (s == SKS_MORE)
        return wire_more(used);
    if (s == SKS_ERR_SPACE)
        return wire_error(s, len / 2, used);
    if (s != SKS_OK)
        return wire_error(s, r.at, used);
    *out = line;
    return wire_ok(r.at, used);
}

/* ---- writing --------------------------------------------------------------------------------- */

struct writer {
    char *text; /* NULL: count only */
    size_t n;
};

static void put(struct writer *w, char c)
{
    if (w->text != NULL)
        w->text[w->n] = c;
    w->n++;
}

static void put_name(struct writer *w, const char *name)
{
    for (; *name != '\0'; name++)
        put(w, *name);
}

static void put_octets(struct writer *w, const uint8_t *octets, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        put(w, digit[octets[i] >> 4]);
        put(w, digit[octets[i] & 0x0f]);
    }
}

static void put_word(struct writer *w, const char *name, const struct sks_trace_word *in)
{
    put_name(w, name);
    if (in->plain_len == 0 && in->wire_len == 0)
        return;
    put(w, ':');
    put_octets(w, in->plain, in->plain_len);
    if (in->wire_len == 0)
        return;
    put(w, '/');
    put_octets(w, in->wire, in->wire_len);
}

static void put_line(struct writer *w, const struct sks_trace_line *in)
{
    put_name(w, sks_stage_name(in->before));
    put(w, ' ');
    put_word(w, sks_event_name(in->event.kind), &in->event);
    for (size_t i = 0; i < in->count; i++) {
        put(w, ' ');
        put_word(w, sks_action_name(in->actions[i].kind), &in->actions[i]);
    }
    put(w, ' ');
    put_name(w, sks_stage_name(in->after));
    put(w, '\n');
}

static int is_stage(int stage)
{
    return stage >= SKS_STAGE_DESTROYED && stage <= SKS_STAGE_STREAM;
}

static int is_line(const struct sks_trace_line *in)
{
    if (!is_stage(in->before) || !is_stage(in->after) || in->event.kind > SKS_EVENT_TIMEOUT ||
        in->count > SKS_STEP_ACTIONS)
        return 0;
    for (size_t i = 0; i < in->count; i++)
        if (in->actions[i].kind > SKS_ACTION_SALT)
            return 0;
    return 1;
}

enum sks_status sks_trace_encode(char *text, size_t cap, const struct sks_trace_line *in,
                                 size_t *used)
{
    struct writer count = {0}, w = {.text = text};
    if (!is_line(in))
        return wire_error(SKS_ERR_TRACE, 0, used);
    put_line(&count, in);
    *used = count.n;
    if (cap < count.n)
        return SKS_ERR_SPACE;
    put_line(&w, in);
    return SKS_OK;
}
