/* Parts of pattern.h: a text, token by token. */
#ifndef ENGINE_PIECE_H
#define ENGINE_PIECE_H

#include "pattern.h"

enum piece_kind {
    P_END,
    P_FIELD,
    P_OCTETS,
    P_SET,
    P_ADDR,
    P_PAYLOAD,
    P_ENDING,
    P_SILENCE,
    P_METHODS,
    P_HEAD,
    P_CALL,  /* NAME@NUMBER( of wire.h */
    P_CLOSE, /* ) */
    P_WIRE,  /* {salt} and the like, of wire.h */
    P_RANDOM,
    P_BAD
};
enum method_wish { METHOD_FREE, METHOD_NEEDED, METHOD_NOT };

/* What wire.h makes of the octets in parentheses. X(constant, word, base of NUMBER or 0) */
#define CALL_LIST(X)                                                                               \
    X(CALL_PLAIN, "plain", 0)                                                                      \
    X(CALL_HEADER, "header", 0)                                                                    \
    X(CALL_DATA, "data", 0)                                                                        \
    X(CALL_CHUNK, "chunk", 0)                                                                      \
    X(CALL_SEAL, "seal", 0)                                                                        \
    X(CALL_RAW, "raw", 0)                                                                          \
    X(CALL_NONCE, "nonce", 10)                                                                     \
    X(CALL_INDEX, "index", 10)                                                                     \
    X(CALL_OTA_HEADER, "ota-header", 0)                                                            \
    X(CALL_OTA_CHUNK, "ota-chunk", 0)                                                              \
    X(CALL_HEADER_TAG, "header-tag", 0)                                                            \
    X(CALL_CHUNK_TAG, "chunk-tag", 0)                                                              \
    X(CALL_FLIP, "flip", 10)                                                                       \
    X(CALL_CUT, "cut", 10)                                                                         \
    X(CALL_FROM, "from", 10)                                                                       \
    X(CALL_BITS, "bits", 16)
enum call {
#define X(constant, word, base) constant,
    CALL_LIST(X)
#undef X
};

/* Octets that only a wire knows. */
#define WIRE_NAME_LIST(X)                                                                          \
    X(WIRE_SALT, "{salt}")                                                                         \
    X(WIRE_SAME_SALT, "{same-salt}")                                                               \
    X(WIRE_GOT_SALT, "{got-salt}")                                                                 \
    X(WIRE_SENT, "{sent}")                                                                         \
    X(WIRE_GOT, "{got}")
enum wire_name {
#define X(constant, word) constant,
    WIRE_NAME_LIST(X)
#undef X
};

struct piece {
    enum piece_kind kind;
    const char *text; /* the token, and its length */
    size_t text_len;
    uint8_t octets[600];
    size_t n;            /* octets; of P_ADDR the least */
    enum call call;      /* of P_CALL */
    long number;         /* of P_CALL: 0 without @ */
    enum wire_name name; /* of P_WIRE */
    uint8_t set[256];    /* of P_SET: nonzero for a member */
    bool usable;         /* of P_ADDR */
    bool distinct;       /* of P_METHODS; its set has enum method_wish for each octet */
    enum ending ending;  /* of P_ENDING; ENDING_OPEN means either way */
    const char *error;   /* of P_BAD */
};

/* Whether the token is that word. */
bool piece_is(const struct piece *p, const char *word);

/* Reads the token at s into p and returns what follows it; end is the end of this alternative. A
 * [label] is passed over. */
const char *piece_next(const char *s, const char *end, const struct scene *scene, struct piece *p);

/* Where alternative `number` of a text starts, from 0; and the end of the one that starts at s: the
 * next " or " outside brackets and quotes. */
const char *piece_alternative(const char *text, int number);
const char *piece_alternative_end(const char *s);

/* pattern_values.c. Writes the octets of a name in braces at p and says how many; 0: unknown. */
size_t pattern_value(const struct scene *s, const char *name, size_t name_len, uint8_t *p);

#endif
