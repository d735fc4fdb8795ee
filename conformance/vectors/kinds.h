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
    FIELD_SPAN,   /* likewise; the member's count is a size_t */
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_NAME,   /* a method's */
    FIELD_CHOICE, /* one of choices, number its place */
    FIELD_SIZES,  /* of pieces, each 1 or more */
    FIELD_PIECES, /* hexadecimal each; octets all of them, sizes theirs */
};

/* A property of a vector besides the common ones. given: it stands in every vector; else it is an
 * answer, which stands there when status is ok and only then. Where the algorithm is a codec's, an
 * answer is the member at offset of the codec's struct, octets with their count (a uint8_t, but for
 * FIELD_SPAN) at count. */
struct field {
    const char *name; /* NULL ends an array of fields */
    enum field_type type;
    bool given;
    bool loose; /* an answer that is no member */
    size_t offset, count;
    const char *const *choices; /* FIELD_CHOICE: NULL ends them */
};

#define FIELD_INPUT                                                                                \
    {                                                                                              \
        .name = "input", .type = FIELD_OCTETS, .given = true                                       \
    }
#define FIELD_USED                                                                                 \
    {                                                                                              \
        .name = "used", .type = FIELD_U32, .given = true                                           \
    }
#define FIELD_GIVEN(NAME, TYPE)                                                                    \
    {                                                                                              \
        .name = NAME, .type = TYPE, .given = true                                                  \
    }
#define FIELD_FOUND(NAME, TYPE)                                                                    \
    {                                                                                              \
        .name = NAME, .type = TYPE, .loose = true                                                  \
    }
#define FIELD_MEMBER(NAME, TYPE, STRUCT, MEMBER)                                                   \
    {                                                                                              \
        .name = NAME, .type = TYPE, .offset = offsetof(struct STRUCT, MEMBER)                      \
    }
#define FIELD_COUNTED(NAME, TYPE, STRUCT, MEMBER, COUNT)                                           \
    {                                                                                              \
        .name = NAME, .type = TYPE, .offset = offsetof(struct STRUCT, MEMBER),                     \
        .count = offsetof(struct STRUCT, COUNT)                                                    \
    }

enum { FIELDS_MAX = 16 };

struct value {
    uint8_t *octets; /* len of them, in a block of exactly that size */
    size_t len;
    size_t *sizes; /* n of them */
    size_t n;
    const char *text; /* borrowed */
    uint64_t number;
};

struct vector {
    const char *file, *id; /* borrowed */
    const struct kind *kind;
    enum sks_status status;
    struct value values[FIELDS_MAX]; /* in the order of kind->fields */
};

/* A codec as rows name it: out and in point to its struct, CODEC_MAX octets at most. */
enum { CODEC_MAX = 256 };

struct codec {
    bool whole; /* only of whole datagrams: never SKS_MORE for what may yet come */
    enum sks_status (*parse)(const struct vector *v, void *out, const uint8_t *data, size_t len,
                             size_t *used);
    enum sks_status (*encode)(const struct vector *v, uint8_t *buf, size_t cap, const void *in,
                              size_t *used);
    /* Octets of input that an error needs, where it is not up to the one at used. */
    size_t (*enough)(const struct vector *v);
    const char *encoded; /* the field that is the encoding, where it is not input up to used */
};

enum outcome { OUTCOME_FAILS, OUTCOME_HOLDS, OUTCOME_LACKING };

#define MAY(status) (UINT64_C(1) << (status))

struct kind {
    const char *algorithm;
    const struct field *fields;
    uint64_t statuses; /* that its vectors may have, MAY() of each */
    /* When it fails, one line has been written by vector_fails; lacking: the libraries installed
     * here have no such method. */
    enum outcome (*run)(const struct vector *v);
    const struct codec *codec; /* for vector_run_codec */
};

/* Every algorithm; the row without a name ends it. */
extern const struct kind kinds_socks5[], kinds_ota[], kinds_crypto[], kinds_aead[], kinds_uri[];

/* The value of a property that the kind has; a name that it has not is a fault of the row. */
const struct value *vector_value(const struct vector *v, const char *name);

/* "FILE: test ID: WHAT, expected X, got Y" on standard error; what may be a format. Always false.
 */
bool vector_fails(const struct vector *v, const char *expected, const char *got, const char *what,
                  ...) __attribute__((format(printf, 4, 5)));

/* Each fails the vector unless it is as expected: the status, the octets of a field. */
bool vector_status_is(const struct vector *v, enum sks_status got, const char *what);
bool vector_octets_are(const struct vector *v, const char *field, const uint8_t *got, size_t len,
                       const char *what);

/* Octets in hexadecimal, cut with "..." when there are many; static, two calls at a time. */
const char *vector_hex(const uint8_t *octets, size_t len);

/* The status that vectors call so: SKS_ERR_URI_HOST is "uri-host"; -1 for a name that is none. */
int vector_status_of(const char *name);

/* run for a kind with fields input and used: parses input whole, growing octet by octet and with
 * other octets behind it, each in a block of exactly its size; encodes what was found. */
enum outcome vector_run_codec(const struct vector *v);

/* A reader of chunks that arrive in pieces, and what has come of them. */
struct pieces {
    const struct vector *v;
    size_t done;   /* octets up to the end of the last whole chunk */
    size_t chunks; /* so far */
    size_t at;     /* in the octets of the chunks expected */
};

/* Whether the next chunk is the one that is expected. */
bool pieces_chunk(struct pieces *pieces, const uint8_t *data, size_t len);

/* Takes octets of the stream; state is the reader's. SKS_OK: they end with a chunk; SKS_MORE: in
 * one; an error: *used is its offset in the stream. *holds is false after a complaint. */
typedef enum sks_status pieces_feed(void *state, struct pieces *pieces, const uint8_t *data,
                                    size_t len, size_t *used, bool *holds);

/* Feeds input of v to a new reader in pieces of the given sizes, over and over, which must give its
 * status, used and chunks. */
bool pieces_run(const struct vector *v, const size_t *sizes, size_t n, pieces_feed *feed,
                void *state);

/* A file of vectors, read and checked. */
struct tally {
    size_t vectors, passed, lacking;
};

struct sks_aead;
struct sks_cipher;

/* The cipher of the field method, or NULL when it is lacking or unknown, which one line says. */
const struct sks_cipher *vector_cipher(const struct vector *v, enum outcome *outcome);

/* A direction that stands at the fields key, which is a subkey of the right size, and nonce. */
bool vector_aead(const struct vector *v, const struct sks_cipher *cipher, struct sks_aead *aead);

/* Reads one file and runs its vectors; seen maps every id so far to its file. False when the file
 * cannot be read or is ill-formed, which one line on standard error then says; no vector has run.
 */
bool vectors_read(const char *file, json_t *seen, struct tally *tally);

#endif
