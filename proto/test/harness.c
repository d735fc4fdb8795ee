#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

unsigned answers[STATUS_COUNT];

/* Any two that differ in every bit. */
static const uint8_t patterns[] = {0xa5, 0x5a};

/* Octets in front of an output buffer that are watched too. */
enum { MARGIN = 64 };

struct block block_new(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *p = mmap(NULL, BLOCK_SIZE + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + page, BLOCK_SIZE, PROT_READ | PROT_WRITE) != 0) {
        perror("a block between two inaccessible pages");
        exit(1);
    }
    return (struct block){p + page, p + page + BLOCK_SIZE};
}

/* The one block of that use, made when first asked for. */
enum use { INPUT, STRUCT, OUTPUT, SPAN_0, SPAN_1, USES };
static struct block block(enum use use)
{
    static struct block blocks[USES];
    if (blocks[use].begin == NULL)
        blocks[use] = block_new();
    return blocks[use];
}

static const uint8_t *ending(enum use use, const uint8_t *octets, size_t n)
{
    uint8_t *p = block(use).end - n;
    return n ? memcpy(p, octets, n) : p;
}

static const uint8_t *beginning(enum use use, const uint8_t *octets, size_t n)
{
    uint8_t *p = block(use).begin;
    return n ? memcpy(p, octets, n) : p;
}

static const uint8_t *span_of(const void *message, const struct field *f, size_t *len)
{
    const uint8_t *p;
    memcpy(&p, (const char *)message + f->at, sizeof p);
    *len = *((const uint8_t *)message + f->len_at);
    return p;
}

static bool all(const uint8_t *p, size_t n, uint8_t octet)
{
    while (n > 0 && p[n - 1] == octet)
        n--;
    return n == 0;
}

const char *differing_field(const struct codec *c, const void *a, const void *b)
{
    for (const struct field *f = c->fields; f->kind != FIELD_NONE; f++) {
        if (f->kind == FIELD_SPAN) {
            size_t m, n;
            const uint8_t *p = span_of(a, f, &m), *q = span_of(b, f, &n);
            if (m != n || memcmp(p, q, n) != 0)
                return f->name;
        } else if (memcmp((const char *)a + f->at, (const char *)b + f->at,
                          f->kind == FIELD_U16 ? 2 : 1) != 0) {
            return f->name;
        }
    }
    return NULL;
}

static void expect_answer(const struct codec *c, const char *what, size_t len, enum sks_status got,
                          size_t got_used, enum sks_status want, size_t want_used)
{
    if (got != want || got_used != want_used)
        fail_msg("%s, %s, %zu octets: %s %zu, expected %s %zu", c->name, what, len,
                 sks_status_name(got), got_used, sks_status_name(want), want_used);
    answers[got]++;
}

/* Spans lie within the octets of the message. */
static void expect_borrowed(const struct codec *c, const char *what, const void *out,
                            const uint8_t *data, size_t used)
{
    for (const struct field *f = c->fields; f->kind != FIELD_NONE; f++) {
        size_t n;
        const uint8_t *p = f->kind == FIELD_SPAN ? span_of(out, f, &n) : NULL;
        if (p != NULL && (p < data || p + n > data + used))
            fail_msg("%s, %s: %s does not borrow from the message", c->name, what, f->name);
    }
}

/* message is what SKS_OK gives, and not looked at for another answer. */
static void expect_parse(const struct codec *c, const char *what, const uint8_t *data, size_t len,
                         enum sks_status want, size_t want_used, const void *message)
{
    uint8_t *out = block(STRUCT).end - c->size;
    for (size_t i = 0; i < sizeof patterns; i++) {
        memset(out, patterns[i], c->size);
        size_t used = (size_t)-1 - patterns[i];
        enum sks_status got = c->parse(out, data, len, &used);
        expect_answer(c, what, len, got, used, want, want_used);
        if (got != SKS_OK) {
            if (!all(out, c->size, patterns[i]))
                fail_msg("%s, %s, %zu octets: %s, but the output is touched", c->name, what, len,
                         sks_status_name(got));
            continue;
        }
        const char *differing = differing_field(c, out, message);
        if (differing != NULL)
            fail_msg("%s, %s, %zu octets: %s is not as expected", c->name, what, len, differing);
        expect_borrowed(c, what, out, data, used);
    }
}

/* Octets of several values behind the size octets that decide, then octets that cannot be read. */
static void expect_trailing(const struct codec *c, const uint8_t *octets, size_t size,
                            enum sks_status want, size_t want_used, const void *message)
{
    static const uint8_t fillers[] = {0x00, 0x01, 0x05, 0xff};
    enum { MOST = 300 };
    uint8_t longer[1024];
    memcpy(longer, octets, size);
    for (size_t i = 0; i < sizeof fillers; i++) {
        memset(longer + size, fillers[i], MOST);
        for (size_t n = size + 1; n <= size + MOST; n += n < size + 8 ? 1 : 97)
            expect_parse(c, "octets behind it", ending(INPUT, longer, n), n, want, want_used,
                         message);
    }
    const uint8_t *data = ending(INPUT, octets, size);
    for (size_t n = 1; n <= BLOCK_SIZE; n *= 2)
        expect_parse(c, "octets behind it that must not be read", data, size + n, want, want_used,
                     message);
}

static void expect_prefixes(const struct codec *c, const uint8_t *octets, size_t decided)
{
    expect_parse(c, "nothing, NULL", NULL, 0, SKS_MORE, 0, NULL);
    for (size_t n = 0; n < decided; n++) {
        expect_parse(c, "prefix before a page", ending(INPUT, octets, n), n, SKS_MORE, 0, NULL);
        expect_parse(c, "prefix after a page", beginning(INPUT, octets, n), n, SKS_MORE, 0, NULL);
    }
}

static void expect_splits(const struct codec *c, const uint8_t *octets, size_t size,
                          enum sks_status want, size_t want_used, const void *message)
{
    uint8_t *at = block(INPUT).begin;
    for (size_t n = 0; n < size; n++) {
        enum sks_status first = want != SKS_OK && n > want_used ? want : SKS_MORE;
        memset(at, 0xee, size);
        expect_parse(c, "first part", beginning(INPUT, octets, n), n, first,
                     first == SKS_MORE ? 0 : want_used, NULL);
        memcpy(at + n, octets + n, size - n);
        expect_parse(c, "both parts", at, size, want, want_used, message);
    }
    for (size_t shift = 1; shift < 8; shift++) {
        memcpy(at + shift, octets, size);
        expect_parse(c, "unaligned", at + shift, size, want, want_used, message);
    }
}

/* buf has cap octets and MARGIN in front of it that are the harness's. */
static void expect_encode(const struct codec *c, const void *in, uint8_t *buf, size_t cap,
                          enum sks_status want, size_t want_used, const uint8_t *octets)
{
    uint8_t *margin = cap > 0 ? buf - MARGIN : block(OUTPUT).end - MARGIN;
    for (size_t i = 0; i < sizeof patterns; i++) {
        memset(margin, patterns[i], MARGIN + cap);
        size_t used = (size_t)-1 - patterns[i];
        enum sks_status got = c->encode(buf, cap, in, &used);
        expect_answer(c, "encoding", cap, got, used, want, want_used);
        size_t written = got == SKS_OK ? used : 0;
        if (!all(margin, MARGIN, patterns[i]) ||
            (cap > 0 && !all(buf + written, cap - written, patterns[i])))
            fail_msg("%s, encoding into %zu octets: %s, but octets beside it are touched", c->name,
                     cap, sks_status_name(got));
        if (written > 0 && memcmp(buf, octets, written) != 0)
            fail_msg("%s, encoding into %zu octets: not the octets expected", c->name, cap);
    }
}

static void expect_encodes(const struct codec *c, const void *message, enum sks_status want,
                           size_t want_used, const uint8_t *octets)
{
    enum { MOST = 600 };
    enum use use = SPAN_0;
    uint8_t *in = block(STRUCT).end - c->size;
    memcpy(in, message, c->size);
    for (const struct field *f = c->fields; f->kind != FIELD_NONE; f++) {
        if (f->kind == FIELD_SPAN) {
            size_t n;
            const uint8_t *p = span_of(message, f, &n);
            p = ending(use++, p, n);
            memcpy(in + f->at, &p, sizeof p);
        }
    }
    for (size_t cap = 0; cap <= MOST; cap += cap < want_used + 8 ? 1 : 97) {
        enum sks_status answer = want == SKS_OK && cap < want_used ? SKS_ERR_SPACE : want;
        expect_encode(c, in, block(OUTPUT).end - cap, cap, answer, want_used, octets);
        if (cap == 0)
            expect_encode(c, in, NULL, 0, answer, want_used, octets);
    }
}

void good(const struct codec *c, const void *message, const uint8_t *octets, size_t size)
{
    expect_prefixes(c, octets, size);
    expect_parse(c, "whole", ending(INPUT, octets, size), size, SKS_OK, size, message);
    expect_parse(c, "whole", beginning(INPUT, octets, size), size, SKS_OK, size, message);
    expect_trailing(c, octets, size, SKS_OK, size, message);
    expect_splits(c, octets, size, SKS_OK, size, message);
    expect_encodes(c, message, SKS_OK, size, octets);

    /* what was parsed encodes to what was read */
    uint8_t *parsed = block(STRUCT).end - c->size, *buf = block(OUTPUT).end - size;
    expect_parse(c, "whole", ending(INPUT, octets, size), size, SKS_OK, size, message);
    expect_encode(c, parsed, buf, size, SKS_OK, size, octets);
}

void wrong(const struct codec *c, const uint8_t *octets, size_t size, enum sks_status error,
           size_t offset)
{
    assert_true(offset < size);
    expect_prefixes(c, octets, offset + 1);
    for (size_t n = offset + 1; n <= size; n++)
        expect_parse(c, "wrong", ending(INPUT, octets, n), n, error, offset, NULL);
    expect_trailing(c, octets, offset + 1, error, offset, NULL);
    expect_splits(c, octets, size, error, offset, NULL);
}

void refused(const struct codec *c, const void *message, enum sks_status error, size_t offset)
{
    expect_encodes(c, message, error, offset, NULL);
}
