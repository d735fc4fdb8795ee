#include "kinds.h"

#include "../engine/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct value *vector_value(const struct vector *v, const char *name)
{
    for (size_t i = 0; v->kind->fields[i].name; i++)
        if (!strcmp(v->kind->fields[i].name, name))
            return &v->values[i];
    abort();
}

bool vector_fails(const struct vector *v, const char *expected, const char *got, const char *what,
                  ...)
{
    va_list args;
    va_start(args, what);
    fprintf(stderr, "%s: test %s: ", v->file, v->id);
    vfprintf(stderr, what, args);
    fprintf(stderr, ", expected %s, got %s\n", expected, got);
    va_end(args);
    return false;
}

const char *vector_hex(const uint8_t *octets, size_t len)
{
    enum { SHOWN = 40 };
    static char texts[2][2 * SHOWN + 4];
    static size_t turn;
    char *text = texts[turn++ % 2];
    if (len == 0)
        return "nothing";
    for (size_t i = 0; i < len && i < SHOWN; i++)
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
    if (len > SHOWN)
        snprintf(text + (size_t)2 * SHOWN, 4, "...");
    return text;
}

/* As vectors name it. */
static const char *status_name(enum sks_status status, char name[32])
{
    const char *full = sks_status_name(status);
    full += !strncmp(full, "SKS_ERR_", 8) ? 8 : !strncmp(full, "SKS_", 4) ? 4 : 0;
    size_t i = 0;
    for (; i < 31 && full[i]; i++)
        name[i] = (char)(full[i] == '_'                     ? '-'
                         : full[i] >= 'A' && full[i] <= 'Z' ? full[i] - 'A' + 'a'
                                                            : full[i]);
    name[i] = '\0';
    return name;
}

int vector_status_of(const char *wanted)
{
    char name[32];
    for (int s = 0; strcmp(status_name((enum sks_status)s, name), "?") != 0; s++)
        if (!strcmp(name, wanted))
            return s;
    return -1;
}

static bool number_fails(const struct vector *v, uint64_t expected, uint64_t got, const char *what,
                         const char *way, size_t len)
{
    char a[24], b[24];
    snprintf(a, sizeof a, "%llu", (unsigned long long)expected);
    snprintf(b, sizeof b, "%llu", (unsigned long long)got);
    return vector_fails(v, a, b, "%s (%s, %zu octets)", what, way, len);
}

static bool answer_is(const struct vector *v, enum sks_status status, size_t used,
                      enum sks_status got, size_t got_used, const char *way, size_t len)
{
    char a[32], b[32];
    if (got != status)
        return vector_fails(v, status_name(status, a), status_name(got, b),
                            "status (%s, %zu octets)", way, len);
    if (got_used != used)
        return number_fails(v, used, got_used, "used", way, len);
    return true;
}

/* ---- the members of a codec's struct, as the fields of its kind name them ----------------------
 */

static bool is_member(const struct field *field)
{
    return !field->given && !field->loose;
}

static bool is_octets(const struct field *field)
{
    return field->type == FIELD_OCTETS || field->type == FIELD_SPAN;
}

static uint64_t member_number(const uint8_t *out, const struct field *field)
{
    uint16_t wide;
    if (field->type != FIELD_U16)
        return out[field->offset];
    memcpy(&wide, out + field->offset, sizeof wide);
    return wide;
}

static void member_set(uint8_t *in, const struct field *field, const struct value *value)
{
    const uint8_t *octets = value->octets;
    uint16_t wide = (uint16_t)value->number;
    if (is_octets(field))
        memcpy(in + field->offset, &octets, sizeof octets);
    if (field->type == FIELD_SPAN)
        memcpy(in + field->count, &value->len, sizeof value->len);
    else if (field->type == FIELD_OCTETS)
        in[field->count] = (uint8_t)value->len;
    else if (field->type == FIELD_U16)
        memcpy(in + field->offset, &wide, sizeof wide);
    else
        in[field->offset] = (uint8_t)value->number;
}

static bool member_is(const struct vector *v, const uint8_t *out, const struct field *field,
                      const struct value *value, const char *way, size_t len)
{
    if (!is_octets(field)) {
        uint64_t got = member_number(out, field);
        return got == value->number || number_fails(v, value->number, got, field->name, way, len);
    }
    const uint8_t *octets;
    memcpy(&octets, out + field->offset, sizeof octets);
    size_t count = out[field->count];
    if (field->type == FIELD_SPAN)
        memcpy(&count, out + field->count, sizeof count);
    if (count == value->len && (count == 0 || !memcmp(octets, value->octets, count)))
        return true;
    return vector_fails(v, vector_hex(value->octets, value->len), vector_hex(octets, count),
                        "%s (%s, %zu octets)", field->name, way, len);
}

/* ---- a codec, both ways -----------------------------------------------------------------------
 */

enum { UNTOUCHED = 0xa5 };

/* The codec's struct, with the alignment that it needs. */
struct message {
    max_align_t align;
    uint8_t rest[CODEC_MAX];
};

static void *block_of(const uint8_t *octets, size_t len)
{
    uint8_t *block = len ? xmalloc(len) : NULL;
    if (len)
        memcpy(block, octets, len);
    return block;
}

static bool is_untouched(const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (octets[i] != UNTOUCHED)
            return false;
    return true;
}

/* Parses len octets, in a block that ends with them, which must give status and used. */
static bool parse_is(const struct vector *v, const uint8_t *data, size_t len,
                     enum sks_status status, size_t used, const char *way)
{
    const struct codec *codec = v->kind->codec;
    struct message message;
    uint8_t *out = (uint8_t *)&message;
    size_t got_used = SIZE_MAX;
    memset(out, UNTOUCHED, sizeof message);
    uint8_t *block = block_of(data, len);
    enum sks_status got = codec->parse(v, out, block, len, &got_used);
    bool holds = answer_is(v, status, used, got, got_used, way, len);
    if (holds && got != SKS_OK && !is_untouched(out, sizeof message))
        holds = vector_fails(v, "it untouched", "a change", "output (%s, %zu octets)", way, len);
    for (size_t i = 0; holds && got == SKS_OK && v->kind->fields[i].name; i++)
        if (is_member(&v->kind->fields[i]))
            holds = member_is(v, out, &v->kind->fields[i], &v->values[i], way, len);
    free(block);
    return holds;
}

/* Encodes into a block of cap octets, which must give status and used. */
static bool encode_is(const struct vector *v, const void *in, size_t cap, enum sks_status status,
                      size_t used)
{
    uint8_t *block = cap ? xmalloc(cap) : NULL;
    if (cap)
        memset(block, UNTOUCHED, cap);
    size_t got_used = SIZE_MAX;
    enum sks_status got = v->kind->codec->encode(v, block, cap, in, &got_used);
    const char *encoded = v->kind->codec->encoded;
    const uint8_t *input = vector_value(v, encoded ? encoded : "input")->octets;
    bool holds = answer_is(v, status, used, got, got_used, "encoding into", cap);
    if (holds && got == SKS_OK && block && memcmp(block, input, used) != 0)
        holds = vector_fails(v, vector_hex(input, used), vector_hex(block, used), "encoding");
    if (holds && got != SKS_OK && !is_untouched(block, cap))
        holds =
            vector_fails(v, "it untouched", "a change", "buffer (encoding into %zu octets)", cap);
    free(block);
    return holds;
}

static bool encodes(const struct vector *v)
{
    struct message message = {0};
    for (size_t i = 0; v->kind->fields[i].name; i++)
        if (is_member(&v->kind->fields[i]))
            member_set((uint8_t *)&message, &v->kind->fields[i], &v->values[i]);
    const char *encoded = v->kind->codec->encoded;
    size_t used = encoded ? vector_value(v, encoded)->len : (size_t)vector_value(v, "used")->number;
    return encode_is(v, &message, used, SKS_OK, used) &&
           encode_is(v, &message, used - 1, SKS_ERR_SPACE, used) &&
           encode_is(v, &message, 0, SKS_ERR_SPACE, used);
}

/* Octets behind what decides the answer, which must not change it. */
static bool followed(const struct vector *v, const struct value *input, size_t used)
{
    enum { MORE = 16 };
    uint8_t *longer = xmalloc(input->len + MORE);
    if (input->len)
        memcpy(longer, input->octets, input->len);
    memset(longer + input->len, 0xff, MORE);
    bool holds = parse_is(v, longer, input->len + MORE, v->status, used, "followed by ff");
    free(longer);
    return holds;
}

/* Growing goes octet by octet, but with larger steps in the middle of a long input. */
static size_t step(size_t len, size_t end)
{
    enum { NEAR = 600, FAR = 251 };
    return len < NEAR || end - len < NEAR ? 1 : FAR;
}

static bool codec_holds(const struct vector *v)
{
    const struct value *input = vector_value(v, "input");
    size_t used = (size_t)vector_value(v, "used")->number;
    if (!parse_is(v, input->octets, input->len, v->status, used, "whole"))
        return false;
    if (v->kind->codec->whole)
        return v->status != SKS_OK || encodes(v);
    /* octets that the answer needs: the message, or all up to the one that decides */
    size_t enough = v->status == SKS_OK      ? used
                    : v->status == SKS_MORE  ? input->len + 1
                    : v->kind->codec->enough ? v->kind->codec->enough(v)
                                             : used + 1;
    for (size_t len = 0; len < input->len; len += step(len, input->len)) {
        bool early = len < enough;
        if (!parse_is(v, input->octets, len, early ? SKS_MORE : v->status, early ? 0 : used,
                      "growing"))
            return false;
    }
    if (v->status != SKS_MORE && !followed(v, input, used))
        return false;
    return v->status != SKS_OK || encodes(v);
}

enum outcome vector_run_codec(const struct vector *v)
{
    return codec_holds(v) ? OUTCOME_HOLDS : OUTCOME_FAILS;
}

bool vector_status_is(const struct vector *v, enum sks_status got, const char *what)
{
    char a[32], b[32];
    return got == v->status ||
           vector_fails(v, status_name(v->status, a), status_name(got, b), "status (%s)", what);
}

bool vector_octets_are(const struct vector *v, const char *field, const uint8_t *got, size_t len,
                       const char *what)
{
    const struct value *value = vector_value(v, field);
    if (value->len == len && (len == 0 || !memcmp(value->octets, got, len)))
        return true;
    return vector_fails(v, vector_hex(value->octets, value->len), vector_hex(got, len), "%s (%s)",
                        field, what);
}
