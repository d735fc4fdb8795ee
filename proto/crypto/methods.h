/* What the table of methods knows beyond its public rows. */
#ifndef CRYPTO_METHODS_H
#define CRYPTO_METHODS_H

#include <sockspec/crypto.h>

#include <openssl/evp.h>

#pragma GCC visibility push(hidden)

/* libsodium's form of a keystream: c = m xor the stream from block ic (of 64 octets) on. */
typedef int keystream_xor(unsigned char *c, const unsigned char *m, unsigned long long len,
                          const unsigned char *iv, uint64_t ic, const unsigned char *key);

/* Loads what the libraries provide; once, whoever calls first. */
void sks_crypto_load(void);

/* Whether the libraries here carry the method out. */
int sks_cipher_available(const struct sks_cipher *cipher);

/* The method's cipher in libcrypto, or NULL: another library's or missing. Borrowed for ever. */
const EVP_CIPHER *sks_cipher_evp(const struct sks_cipher *cipher);

/* The method's keystream in libsodium, or NULL; *blocks is how many it has under one IV. */
keystream_xor *sks_cipher_keystream(const struct sks_cipher *cipher, uint64_t *blocks);

/* Whether the key of the cipher is MD5(key || iv) (rc4-md5). */
int sks_cipher_key_is_digest(const struct sks_cipher *cipher);

#pragma GCC visibility pop

#endif
