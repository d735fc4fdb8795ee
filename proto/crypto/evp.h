/* libcrypto takes lengths as int. */
#ifndef CRYPTO_EVP_H
#define CRYPTO_EVP_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/* The next len octets, in place; whether it went well. */
static inline int evp_update(EVP_CIPHER_CTX *evp, uint8_t *text, size_t len)
{
    enum { STEP = 1 << 30 };
    while (len > 0) {
        int step = len < STEP ? (int)len : STEP, out = 0;
        if (EVP_CipherUpdate(evp, text, &out, text, step) != 1 || out != step)
            return 0;
        text += step;
        len -= (size_t)step;
    }
    return 1;
}

#endif
