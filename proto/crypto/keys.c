/* Master keys, and what becomes of secrets. */
#include "digest.h"
#include "methods.h"

#include <sodium.h>
#include <string.h>

void sks_wipe(void *octets, size_t len)
{
    sodium_memzero(octets, len);
}

void sks_random(uint8_t *octets, size_t len)
{
    sks_crypto_load();
    randombytes_buf(octets, len);
}

void sks_key_wipe(struct sks_key *key)
{
    sks_wipe(key, sizeof *key);
}

/* The substitution of `table`, as the Python original makes it: 1023 stable sorts of the octets by
 * a mod (octet + round), a the first half of the password's MD5, little endian. */
static void shuffle(uint8_t table[256], const uint8_t *password, size_t len)
{
    uint8_t digest[MD5_DIGEST_LENGTH];
    uint64_t a = 0, rank[256];
    MD5(password, len, digest);
    for (unsigned i = 8; i-- > 0;)
        a = a << 8 | digest[i];
    for (unsigned i = 0; i < 256; i++)
        table[i] = (uint8_t)i;
    for (unsigned round = 1; round < 1024; round++) {
        for (unsigned i = 0; i < 256; i++) {
            uint8_t octet = table[i];
            uint64_t r = a % (octet + round);
            unsigned at = i;
            for (; at > 0 && rank[at - 1] > r; at--) {
                rank[at] = rank[at - 1];
                table[at] = table[at - 1];
            }
            rank[at] = r;
            table[at] = octet;
        }
    }
    sks_wipe(digest, sizeof digest);
    sks_wipe(rank, sizeof rank);
    sks_wipe(&a, sizeof a);
}

/* EVP_BytesToKey with MD5, one round and no salt. */
static void derive(uint8_t *out, size_t size, const uint8_t *password, size_t len)
{
    uint8_t digest[MD5_DIGEST_LENGTH];
    MD5_CTX md5;
    for (size_t at = 0; at < size; at += sizeof digest) {
        MD5_Init(&md5);
        if (at > 0)
            MD5_Update(&md5, digest, sizeof digest);
        MD5_Update(&md5, password, len);
        MD5_Final(digest, &md5);
        memcpy(out + at, digest, size - at < sizeof digest ? size - at : sizeof digest);
    }
    sks_wipe(digest, sizeof digest);
    sks_wipe(&md5, sizeof md5);
}

enum sks_status sks_key_set(struct sks_key *out, const struct sks_cipher *cipher,
                            const uint8_t *octets, size_t len)
{
    int is_table = cipher->kind == SKS_CIPHER_TABLE;
    if (is_table ? len == 0 || len > SKS_TABLE_KEY_MAX : len != cipher->key_size)
        return SKS_ERR_KEY;
    memset(out, 0, sizeof *out);
    out->cipher = cipher;
    out->size = len;
    if (len > 0)
        memcpy(out->octets, octets, len);
    if (is_table)
        shuffle(out->table, octets, len);
    return SKS_OK;
}

enum sks_status sks_key_from_password(struct sks_key *out, const struct sks_cipher *cipher,
                                      const uint8_t *password, size_t len)
{
    if (cipher->kind == SKS_CIPHER_NONE)
        return sks_key_set(out, cipher, NULL, 0);
    if (len == 0)
        return SKS_ERR_PASSWORD;
    if (cipher->kind == SKS_CIPHER_TABLE)
        return sks_key_set(out, cipher, password, len) == SKS_OK ? SKS_OK : SKS_ERR_PASSWORD;
    uint8_t key[SKS_KEY_MAX];
    derive(key, cipher->key_size, password, len);
    enum sks_status s = sks_key_set(out, cipher, key, cipher->key_size);
    sks_wipe(key, sizeof key);
    return s;
}
