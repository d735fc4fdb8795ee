/* An input read as a script: numbers and octets from its front, zeros when it is at its end. */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include "laws.h"

struct script {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t next(struct script *s)
{
    if (s->left == 0)
        return 0;
    s->left--;
    return *s->at++;
}

/* At most most octets, as many as the next number says. */
static inline const uint8_t *next_octets(struct script *s, size_t most, size_t *n)
{
    const uint8_t *p;
    *n = next(s);
    *n = *n < most ? *n : most;
    *n = *n < s->left ? *n : s->left;
    p = s->at;
    s->at += *n;
    s->left -= *n;
    return p;
}

/* A size: small ones as they are, the edges of the frames, large ones. */
static inline size_t next_size(struct script *s)
{
    static const uint16_t edges[] = {17,   18,   34,    35,    50,    51,    255,   256,
                                     1024, 4096, 16366, 16367, 16382, 16383, 32768, 65535};
    uint8_t n = next(s);
    return n < 0xf0 ? n : edges[n - 0xf0];
}

/* Octets that tell where they stand: the same offset never has the same neighbours. */
static inline uint8_t text_at(size_t offset)
{
    return (uint8_t)((offset * 167u) ^ (offset >> 8));
}

/* Whether octets[from] up to octets[n] are that text. */
static inline int is_text(const uint8_t *octets, size_t from, size_t n)
{
    while (from < n && octets[from] == text_at(from))
        from++;
    return from >= n;
}

#endif
