/* What the reader of vectors knows of each algorithm: one row, struct kind. */
#ifndef CONFORMANCE_VECTORS_KINDS_H
#define CONFORMANCE_VECTORS_KINDS_H

#include <jansson.h>
#include <sockspec/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_OCTETS, /* hexadecimal */
    FIELD_U8,
    FIELD_U16,
};

/* A property of a vector besides the common ones. given: it stands in every vector; else it is an
 * answer, which stands there when status is ok and only then. Where the algorithm is a codec's, an
 * answer is the member at offset of the codec's struct, octets with their count (a uint8_t) at
 * count. */
struct field {
    const char *name; /* NULL ends an array of fields */
    enum field_type type;
    bool given;
    size_t offset, count;
};

enum { FIELDS_MAX = 16 };

struct value {
    uint8_t *octets; /* FIELD_OCTETS: len of them, in a block of exactly that size */
    size_t len;
    uint64_t number; /* any other type */
    bool present;
};

struct vector {
    const char *file, *id; /* borrowed */
    const struct kind *kind;
    enum sks_status status;
    struct value values[FIELDS_MAX]; /* in the order of kind->fields */
};

/* A codec as rows name it: out and in point to size octets of its struct. */
struct codec {
    size_t size;
    enum sks_status (*parse)(const struct vector *v, void *out, const uint8_t *data, size_t len,
                             size_t *used);
    enum sks_status (*encode)(const struct vector *v, uint8_t *buf, size_t cap, const void *in,
                              size_t *used);
};

#define MAY(status) (UINT64_C(1) << (status))

struct kind {
    const char *algorithm;
    const struct field *fields;
    uint64_t statuses; /* that its vectors may have, MAY() of each */
    /* Whether the vector holds; if not, one line has been written by vector_fails. */
    bool (*run)(const struct vector *v);
    const struct codec *codec; /* for vector_run_codec */
};

/* Every algorithm; the row without a name ends it. */
extern const struct kind kinds_socks5[];

/* The value of a property that the kind has; a name that it has not is a fault of the row. */
const struct value *vector_value(const struct vector *v, const char *name);

/* "FILE: test ID: WHAT, expected X, got Y" on standard error; what may be a format. Always false.
 */
bool vector_fails(const struct vector *v, const char *expected, const char *got, const char *what,
                  ...) __attribute__((format(printf, 4, 5)));

/* Octets in hexadecimal, cut with "..." when there are many; static, two calls at a time. */
const char *vector_hex(const uint8_t *octets, size_t len);

/* A status as vectors name it: SKS_ERR_URI_HOST is "uri-host". status_of answers -1 for a name that
 * is none. */
const char *vector_status_name(enum sks_status status, char name[32]);
int vector_status_of(const char *name);

/* run for a kind with fields input and used: parses input whole, growing octet by octet and with
 * other octets behind it, each in a block of exactly its size; encodes what was found. */
bool vector_run_codec(const struct vector *v);

/* A file of vectors, read and checked. */
struct tally {
    size_t vectors, passed;
};

/* Reads one file and runs its vectors; seen maps every id so far to its file. False when the file
 * cannot be read or is ill-formed, which one line on standard error then says; no vector has run.
 */
bool vectors_read(const char *file, json_t *seen, struct tally *tally);

#endif
