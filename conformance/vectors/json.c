#include "json.h"

#include "../engine/memory.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ill_formed(const struct place *at, const char *format, ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    for (char *c = what; *c; c++) /* names come out of the file: one line, whatever they hold */
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "%s:", at->file);
    if (at->line)
        fprintf(stderr, "%d:%d:", at->line, at->column);
    if (at->id)
        fprintf(stderr, " test %s:", at->id);
    else if (at->vector)
        fprintf(stderr, " test number %zu:", at->vector);
    fprintf(stderr, " %s\n", what);
    return false;
}

const char *read_type(const json_t *value)
{
    static const char *const names[] = {"an object", "an array", "a string", "an integer",
                                        "a number",  "true",     "false",    "null"};
    return names[json_typeof(value)];
}

json_t *read_property(const struct place *at, json_t *object, const char *name, json_type type)
{
    static const char *const names[] = {"an object", "an array", "a string", "an integer"};
    json_t *value = json_object_get(object, name);
    if (!value)
        ill_formed(at, "property \"%s\" is missing", name);
    else if (json_typeof(value) != type)
        ill_formed(at, "property \"%s\", expected %s, got %s", name, names[type], read_type(value));
    else
        return value;
    return NULL;
}

const char *read_text(const struct place *at, json_t *object, const char *name)
{
    json_t *value = read_property(at, object, name, JSON_STRING);
    if (!value)
        return NULL;
    const char *s = json_string_value(value);
    bool plain = s[0] != '\0' && s[0] != ' ';
    for (const char *c = s; *c; c++)
        plain = plain && *c != '\n';
    if (plain)
        return s;
    ill_formed(at, "property \"%s\", expected a line of text, got \"%s\"", name, s);
    return NULL;
}

bool read_number(const struct place *at, json_t *object, const char *name, uint64_t max,
                 uint64_t *out)
{
    json_t *value = read_property(at, object, name, JSON_INTEGER);
    if (!value)
        return false;
    json_int_t n = json_integer_value(value);
    if (n < 0 || (uint64_t)n > max)
        return ill_formed(at, "property \"%s\", expected 0 to %llu, got %lld", name,
                          (unsigned long long)max, (long long)n);
    *out = (uint64_t)n;
    return true;
}

bool read_no_others(const struct place *at, json_t *object, const char *const *known)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i])
            return ill_formed(at, "property \"%s\" is unknown", name);
    }
    return true;
}

bool read_matches(enum form form, const char *s)
{
    /* as in vectors/schema/vectors.schema.json */
    static const char *const patterns[] = {
        [FORM_ID] = "^[a-z0-9-]+(/[a-z0-9-]+)+$",
        [FORM_FLAG] = "^[A-Z][A-Za-z0-9]*$",
        [FORM_REQUIREMENT] = "^[a-z0-9-]+/[0-9a-z.]+/[a-z0-9-]+$",
        [FORM_NAME] = "^[a-z0-9-]+$",
    };
    static regex_t compiled[sizeof patterns / sizeof patterns[0]];
    static bool ready[sizeof patterns / sizeof patterns[0]];
    if (!ready[form] && regcomp(&compiled[form], patterns[form], REG_EXTENDED | REG_NOSUB) != 0)
        out_of_memory();
    ready[form] = true;
    return regexec(&compiled[form], s, 0, NULL, 0) == 0;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends the octets of a string to out. */
static bool add_octets(const struct place *at, const char *name, json_t *string, struct value *out)
{
    const char *s = json_string_value(string);
    size_t length = json_string_length(string);
    for (size_t i = 0; i < length; i++)
        if (hex_digit(s[i]) < 0)
            return ill_formed(at,
                              "property \"%s\", expected lower-case hexadecimal, got '%c' at %zu",
                              name, s[i] >= ' ' && s[i] <= '~' ? s[i] : '?', i);
    if (length % 2)
        return ill_formed(at, "property \"%s\", expected pairs of digits, got %zu digits", name,
                          length);
    if (length == 0)
        return true;
    out->octets = xrealloc(out->octets, out->len + length / 2);
    for (size_t i = 0; i < length; i += 2)
        out->octets[out->len++] = (uint8_t)(16 * hex_digit(s[i]) + hex_digit(s[i + 1]));
    return true;
}

bool read_octets(const struct place *at, json_t *object, const char *name, struct value *out)
{
    json_t *string = read_property(at, object, name, JSON_STRING);
    return string && add_octets(at, name, string, out);
}

/* An array, with room in out for the size of each item. */
static json_t *read_array(const struct place *at, json_t *object, const char *name,
                          struct value *out)
{
    json_t *array = read_property(at, object, name, JSON_ARRAY);
    out->n = array ? json_array_size(array) : 0;
    out->sizes = xcalloc(out->n + 1, sizeof *out->sizes);
    return array;
}

bool read_sizes(const struct place *at, json_t *object, const char *name, struct value *out)
{
    json_t *array = read_array(at, object, name, out), *item;
    size_t i;
    if (!array)
        return false;
    if (out->n == 0)
        return ill_formed(at, "property \"%s\", expected one size or more, got none", name);
    json_array_foreach(array, i, item)
    {
        json_int_t n = json_integer_value(item);
        if (!json_is_integer(item) || n < 1 || n > UINT16_MAX)
            return ill_formed(at, "property \"%s\", expected sizes from 1 to 65535", name);
        out->sizes[i] = (size_t)n;
    }
    return true;
}

bool read_pieces(const struct place *at, json_t *object, const char *name, struct value *out)
{
    json_t *array = read_array(at, object, name, out), *item;
    size_t i;
    if (!array)
        return false;
    json_array_foreach(array, i, item)
    {
        size_t before = out->len;
        if (!json_is_string(item))
            return ill_formed(at, "property \"%s\", expected strings, got %s", name,
                              read_type(item));
        if (!add_octets(at, name, item, out))
            return false;
        out->sizes[i] = out->len - before;
    }
    return true;
}

json_t *read_strings(const struct place *at, json_t *object, const char *name)
{
    json_t *array = read_property(at, object, name, JSON_ARRAY), *item, *other;
    size_t i, j;
    if (!array)
        return NULL;
    if (json_array_size(array) == 0) {
        ill_formed(at, "property \"%s\", expected one item or more, got none", name);
        return NULL;
    }
    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item)) {
            ill_formed(at, "property \"%s\", expected strings, got %s", name, read_type(item));
            return NULL;
        }
        json_array_foreach(array, j, other)
        {
            if (j < i && json_equal(item, other)) {
                ill_formed(at, "property \"%s\" has \"%s\" twice", name, json_string_value(item));
                return NULL;
            }
        }
    }
    return array;
}
