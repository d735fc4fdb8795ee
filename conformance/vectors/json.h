/* Properties of a vector file, taken out strictly: what is missing or wrong is said in one line. */
#ifndef CONFORMANCE_VECTORS_JSON_H
#define CONFORMANCE_VECTORS_JSON_H

#include "kinds.h"

/* Where a complaint belongs: the file, and the vector if one is meant. */
struct place {
    const char *file;
    const char *id;   /* NULL when it is not known */
    size_t vector;    /* counted from 1; 0 outside of the vectors */
    int line, column; /* counted from 1; 0 when it is not known */
    json_t *document; /* the file */
};

/* Says in one line what is ill-formed; always false. */
bool ill_formed(const struct place *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Each takes the property of that name out of object, and answers NULL or false after a complaint
 * when it is missing or not what it should be.
 *   text     a string of one line, neither empty nor with a blank at its start
 *   number   an integer from 0 to max
 *   octets   lower-case hexadecimal; out->octets is the caller's to free
 *   sizes    an array of numbers from 1 to 65535, one at least; out->sizes is the caller's to free
 *   pieces   an array of octets; both are the caller's to free
 *   strings  an array of strings, one at least and none twice */
json_t *read_property(const struct place *at, json_t *object, const char *name, json_type type);
const char *read_text(const struct place *at, json_t *object, const char *name);
bool read_number(const struct place *at, json_t *object, const char *name, uint64_t max,
                 uint64_t *out);
bool read_octets(const struct place *at, json_t *object, const char *name, struct value *out);
bool read_sizes(const struct place *at, json_t *object, const char *name, struct value *out);
bool read_pieces(const struct place *at, json_t *object, const char *name, struct value *out);
json_t *read_strings(const struct place *at, json_t *object, const char *name);

/* Whether object has no property but those of known, which NULL ends; else a complaint. */
bool read_no_others(const struct place *at, json_t *object, const char *const *known);

/* "an object", "a string" and so on. */
const char *read_type(const json_t *value);

enum form { FORM_ID, FORM_FLAG, FORM_REQUIREMENT, FORM_NAME };

/* Whether s has that form throughout. */
bool read_matches(enum form form, const char *s);

#endif
