#include "json.h"

#include "../engine/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA_VERSION = 1 };

/* ---- one vector --------------------------------------------------------------------------------
 */

static const char *const common[] = {"id",           "comment", "flags",  "result",
                                     "requirements", "source",  "status", NULL};

static bool check_flags(const struct place *at, json_t *test)
{
    json_t *flags = read_strings(at, test, "flags"), *flag;
    json_t *notes = json_object_get(at->document, "notes");
    size_t i;
    json_array_foreach(flags, i, flag)
    {
        if (!json_object_get(notes, json_string_value(flag)))
            return ill_formed(at, "flag \"%s\" has no note", json_string_value(flag));
    }
    return flags != NULL;
}

static bool check_requirements(const struct place *at, json_t *test)
{
    json_t *items = read_strings(at, test, "requirements"), *item;
    size_t i;
    json_array_foreach(items, i, item)
    {
        if (!read_matches(FORM_REQUIREMENT, json_string_value(item)))
            return ill_formed(at, "requirement \"%s\" is no id", json_string_value(item));
    }
    return items != NULL;
}

static bool read_status(const struct place *at, json_t *test, struct vector *v)
{
    const char *result = read_text(at, test, "result");
    const char *status = result ? read_text(at, test, "status") : NULL;
    if (!status)
        return false;
    int s = vector_status_of(status);
    if (s < 0)
        return ill_formed(at, "status \"%s\" is unknown", status);
    if (!(v->kind->statuses & MAY(s)))
        return ill_formed(at, "status \"%s\" is none of %s", status, v->kind->algorithm);
    v->status = (enum sks_status)s;
    bool valid = !strcmp(result, "valid"), invalid = !strcmp(result, "invalid");
    if (!valid && !invalid && strcmp(result, "acceptable") != 0)
        return ill_formed(at, "result, expected valid, invalid or acceptable, got \"%s\"", result);
    if ((valid && s != SKS_OK) || (invalid && s == SKS_OK))
        return ill_formed(at, "result \"%s\" contradicts status \"%s\"", result, status);
    return true;
}

static bool read_choice(const struct place *at, json_t *test, const struct field *field,
                        struct value *value)
{
    const char *s = read_text(at, test, field->name);
    for (size_t i = 0; s && field->choices[i]; i++)
        if (!strcmp(s, field->choices[i])) {
            value->number = i;
            return true;
        }
    return s && ill_formed(at, "property \"%s\", \"%s\" is unknown", field->name, s);
}

static bool read_value(const struct place *at, json_t *test, const struct field *field,
                       struct value *value)
{
    switch (field->type) {
    case FIELD_OCTETS:
    case FIELD_SPAN:
        return read_octets(at, test, field->name, value);
    case FIELD_U8:
        return read_number(at, test, field->name, UINT8_MAX, &value->number);
    case FIELD_U16:
        return read_number(at, test, field->name, UINT16_MAX, &value->number);
    case FIELD_U32:
        return read_number(at, test, field->name, UINT32_MAX, &value->number);
    case FIELD_NAME:
        value->text = read_text(at, test, field->name);
        return value->text && (read_matches(FORM_NAME, value->text) ||
                               ill_formed(at, "property \"%s\", expected a name, got \"%s\"",
                                          field->name, value->text));
    case FIELD_CHOICE:
        return read_choice(at, test, field, value);
    case FIELD_SIZES:
        return read_sizes(at, test, field->name, value);
    case FIELD_PIECES:
        return read_pieces(at, test, field->name, value);
    }
    return false;
}

static bool read_values(const struct place *at, json_t *test, struct vector *v)
{
    const char *known[sizeof common / sizeof common[0] + FIELDS_MAX];
    size_t n = 0;
    for (; common[n]; n++)
        known[n] = common[n];
    for (size_t i = 0; v->kind->fields[i].name; i++) {
        const struct field *field = &v->kind->fields[i];
        if (!field->given && v->status != SKS_OK)
            continue;
        known[n++] = field->name;
        if (!read_value(at, test, field, &v->values[i]))
            return false;
    }
    known[n] = NULL;
    return read_no_others(at, test, known);
}

static void free_values(struct vector *v)
{
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        free(v->values[i].octets);
        free(v->values[i].sizes);
    }
}

/* Whether test is well-formed; then v holds it, to be freed by free_values in any case. */
static bool read_vector(struct place *at, json_t *test, json_t *seen, struct vector *v)
{
    if (!json_is_object(test))
        return ill_formed(at, "expected an object, got %s", read_type(test));
    const char *id = read_text(at, test, "id");
    if (!id)
        return false;
    size_t prefix = strlen(v->kind->algorithm);
    if (!read_matches(FORM_ID, id) || strncmp(id, v->kind->algorithm, prefix) != 0 ||
        id[prefix] != '/')
        return ill_formed(at, "id \"%s\", expected %s/ and lower-case words", id,
                          v->kind->algorithm);
    at->id = v->id = id;
    const char *first = json_string_value(json_object_get(seen, id));
    if (first)
        return ill_formed(at, "the id stands in %s already", first);
    json_object_set_new(seen, id, json_string(at->file));
    return read_text(at, test, "comment") && read_text(at, test, "source") &&
           check_flags(at, test) && check_requirements(at, test) && read_status(at, test, v) &&
           read_values(at, test, v);
}

/* ---- the file ----------------------------------------------------------------------------------
 */

static bool note_is_used(json_t *tests, const char *flag)
{
    size_t i, j;
    json_t *test, *item;
    json_array_foreach(tests, i, test)
    {
        json_array_foreach(json_object_get(test, "flags"), j, item)
        {
            if (json_is_string(item) && !strcmp(json_string_value(item), flag))
                return true;
        }
    }
    return false;
}

static bool check_notes(const struct place *at)
{
    static const char *const known[] = {"meaning", "why", "requirement", NULL};
    json_t *notes = read_property(at, at->document, "notes", JSON_OBJECT), *note;
    const char *flag;
    if (!notes)
        return false;
    if (json_object_size(notes) == 0)
        return ill_formed(at, "property \"notes\", expected one note or more, got none");
    json_object_foreach(notes, flag, note)
    {
        if (!read_matches(FORM_FLAG, flag))
            return ill_formed(at, "note \"%s\", expected a name such as \"Truncated\"", flag);
        if (!json_is_object(note))
            return ill_formed(at, "note \"%s\", expected an object, got %s", flag, read_type(note));
        const char *requirement = read_text(at, note, "requirement");
        if (!requirement || !read_text(at, note, "meaning") || !read_text(at, note, "why") ||
            !read_no_others(at, note, known))
            return false;
        if (!read_matches(FORM_REQUIREMENT, requirement))
            return ill_formed(at, "requirement \"%s\" is no id", requirement);
        if (!note_is_used(json_object_get(at->document, "tests"), flag))
            return ill_formed(at, "note \"%s\" is of no use: no test has the flag", flag);
    }
    return true;
}

static const struct kind *find_kind(const char *algorithm)
{
    static const struct kind *const tables[] = {kinds_socks5, kinds_ota, kinds_crypto, kinds_aead,
                                                kinds_uri};
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct kind *kind = tables[t]; kind->algorithm; kind++)
            if (!strcmp(kind->algorithm, algorithm))
                return kind;
    return NULL;
}

/* The kind of a document whose head is well-formed; else NULL after a complaint. */
static const struct kind *check_head(const struct place *at)
{
    static const char *const known[] = {"schema",        "algorithm", "source", "generator",
                                        "numberOfTests", "notes",     "tests",  NULL};
    uint64_t schema, count;
    if (!read_number(at, at->document, "schema", UINT32_MAX, &schema))
        return NULL;
    if (schema != SCHEMA_VERSION) {
        ill_formed(at, "schema, expected %d, got %llu", SCHEMA_VERSION, (unsigned long long)schema);
        return NULL;
    }
    const char *algorithm = read_text(at, at->document, "algorithm");
    json_t *tests = algorithm ? read_property(at, at->document, "tests", JSON_ARRAY) : NULL;
    if (!tests || !read_text(at, at->document, "source") ||
        !read_text(at, at->document, "generator") ||
        !read_number(at, at->document, "numberOfTests", UINT32_MAX, &count) ||
        !read_no_others(at, at->document, known))
        return NULL;
    const struct kind *kind = find_kind(algorithm);
    if (!kind)
        ill_formed(at, "algorithm \"%s\" is unknown", algorithm);
    else if (json_array_size(tests) == 0)
        ill_formed(at, "property \"tests\", expected one test or more, got none");
    else if (count != json_array_size(tests))
        ill_formed(at, "numberOfTests, expected %zu, got %llu", json_array_size(tests),
                   (unsigned long long)count);
    else if (check_notes(at))
        return kind;
    return NULL;
}

/* The JSON of a file, or NULL after a complaint. */
static json_t *load(struct place *at)
{
    json_error_t error;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = fopen(at->file, "rb");
    if (!stream) {
        ill_formed(at, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    errno = 0;
    ssize_t n = getdelim(&text, &size, '\0', stream); /* no NUL octet stands in JSON */
    json_t *document = NULL;
    if (ferror(stream))
        ill_formed(at, "cannot be read: %s", strerror(errno));
    else if (n > 0 && text[n - 1] == '\0')
        ill_formed(at, "expected JSON, got a NUL octet at %zd", n - 1);
    else if (!(document = json_loadb(text ? text : "", n > 0 ? (size_t)n : 0,
                                     JSON_REJECT_DUPLICATES, &error))) {
        at->line = error.line > 0 ? error.line : 1;
        at->column = error.column > 0 ? error.column : 1;
        ill_formed(at, "%s", error.text);
    }
    free(text);
    fclose(stream);
    return document;
}

bool vectors_read(const char *file, json_t *seen, struct tally *tally)
{
    struct place at = {.file = file};
    at.document = load(&at);
    if (!at.document)
        return false;
    const struct kind *kind = NULL;
    if (json_is_object(at.document))
        kind = check_head(&at);
    else
        ill_formed(&at, "expected an object, got %s", read_type(at.document));
    json_t *tests = json_object_get(at.document, "tests");
    size_t n = kind ? json_array_size(tests) : 0;
    struct vector *vectors = xcalloc(n + 1, sizeof *vectors);
    bool good = kind != NULL;
    for (size_t i = 0; good && i < n; i++) {
        at.vector = i + 1;
        at.id = NULL;
        vectors[i].file = file;
        vectors[i].kind = kind;
        good = read_vector(&at, json_array_get(tests, i), seen, &vectors[i]);
    }
    for (size_t i = 0; i < n; i++) {
        enum outcome outcome = good ? kind->run(&vectors[i]) : OUTCOME_FAILS;
        tally->passed += outcome == OUTCOME_HOLDS;
        tally->lacking += outcome == OUTCOME_LACKING;
        free_values(&vectors[i]);
    }
    tally->vectors += good ? n : 0;
    free(vectors);
    json_decref(at.document);
    return good;
}
