/* What the tests of this folder share. */
#ifndef CRYPTO_TEST_H
#define CRYPTO_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sockspec/crypto.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Lower-case hexadecimal to octets; their number, at most cap. */
static inline size_t unhex(uint8_t *out, size_t cap, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = strlen(hex) / 2;
    assert_true(n <= cap);
    for (size_t i = 0; i < n; i++) {
        const char *high = strchr(digits, hex[2 * i]), *low = strchr(digits, hex[2 * i + 1]);
        assert_true(high != NULL && low != NULL);
        out[i] = (uint8_t)(16 * (high - digits) + (low - digits));
    }
    return n;
}

static inline void assert_hex(const uint8_t *octets, size_t len, const char *hex)
{
    uint8_t want[1024];
    assert_int_equal(unhex(want, sizeof want, hex), len);
    assert_memory_equal(octets, want, len);
}

/* Octets that repeat neither with a block nor with a counter. */
static inline void fill(uint8_t *out, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
}

/* The row, or NULL when the library here lacks it. */
static inline const struct sks_cipher *available(const char *name)
{
    const struct sks_cipher *cipher = NULL;
    enum sks_status s = sks_cipher_find(&cipher, name);
    assert_true(s == SKS_OK || s == SKS_ERR_METHOD_MISSING);
    return s == SKS_OK ? cipher : NULL;
}

static inline struct sks_key key_of(const struct sks_cipher *cipher, const char *password)
{
    struct sks_key key;
    assert_int_equal(
        sks_key_from_password(&key, cipher, (const uint8_t *)password, strlen(password)), SKS_OK);
    return key;
}

#endif
