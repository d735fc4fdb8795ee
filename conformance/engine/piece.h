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
    P_BAD
};
enum method_wish { METHOD_FREE, METHOD_NEEDED, METHOD_NOT };
struct piece {
    enum piece_kind kind;
    const char *text; /* the token, and its length */
    size_t text_len;
    uint8_t octets[600];
    size_t n;           /* octets; of P_ADDR the least */
    uint8_t set[256];   /* of P_SET: nonzero for a member */
    bool usable;        /* of P_ADDR */
    bool distinct;      /* of P_METHODS; its set has enum method_wish for each octet */
    enum ending ending; /* of P_ENDING; ENDING_OPEN means either way */
    const char *error;  /* of P_BAD */
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
