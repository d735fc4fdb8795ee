/* A keystream of libsodium, which counts blocks of 64 octets, as a stream of octets. */
#ifndef CRYPTO_KEYSTREAM_H
#define CRYPTO_KEYSTREAM_H

#include "methods.h"

#include <string.h>

enum { KEYSTREAM_BLOCK = 64 };

struct keystream {
    keystream_xor * xor ;
    uint64_t blocks; /* how many there are */
    uint64_t block;  /* the next one */
    uint8_t key[SKS_KEY_MAX], iv[SKS_IV_MAX];
    uint8_t begun[KEYSTREAM_BLOCK]; /* the last block; its octets from used on are to come */
    uint8_t used;
};

static inline void keystream_some(struct keystream *k, uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text[i] ^= k->begun[k->used + i];
    k->used = (uint8_t)(k->used + n);
}

/* SKS_ERR_EXHAUSTED when fewer than len octets are to come; text is untouched then. */
static inline enum sks_status keystream_update(struct keystream *k, uint8_t *text, size_t len)
{
    if (len == 0)
        return SKS_OK;
    size_t head = KEYSTREAM_BLOCK - (size_t)k->used;
    if (head > len)
        head = len;
    size_t whole = (len - head) / KEYSTREAM_BLOCK, tail = (len - head) % KEYSTREAM_BLOCK;
    if (whole + (tail > 0) > k->blocks - k->block)
        return SKS_ERR_EXHAUSTED;
    keystream_some(k, text, head);
    text += head;
    if (whole > 0) {
        k->xor (text, text, whole * KEYSTREAM_BLOCK, k->iv, k->block, k->key);
        k->block += whole;
        text += whole * KEYSTREAM_BLOCK;
    }
    if (tail > 0) {
        memset(k->begun, 0, sizeof k->begun);
        k->xor (k->begun, k->begun, sizeof k->begun, k->iv, k->block, k->key);
        k->block++;
        k->used = 0;
        keystream_some(k, text, tail);
    }
    return SKS_OK;
}

#endif
