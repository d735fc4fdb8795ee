/* From plain text to octets of the network. */
#include "wire.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum { TAPE_MAX = 20000 };

const char *wire_keys_set(struct wire_keys *keys, const char *method, const char *password,
                          bool ota)
{
    const char *wrong = NULL;
    memset(keys, 0, sizeof *keys);
    enum sks_status s = sks_cipher_find(&keys->cipher, method);
    if (s != SKS_OK) {
        wrong = s == SKS_ERR_METHOD ? "no such method" : "the libraries here lack this method";
    } else if (ota && keys->cipher->kind == SKS_CIPHER_AEAD) {
        wrong = "no one-time auth with an AEAD method";
    } else {
        s = sks_key_from_password(&keys->key, keys->cipher, (const uint8_t *)password,
                                  strlen(password));
        if (s == SKS_OK && keys->cipher->kind == SKS_CIPHER_AEAD)
            s = sks_sealer_new(&keys->sealer, keys->cipher);
        wrong = s == SKS_OK ? NULL : sks_status_text(s);
    }
    if (wrong)
        memset(keys, 0, sizeof *keys);
    keys->ota = !wrong && ota;
    return wrong;
}

void wire_keys_free(struct wire_keys *keys)
{
    sks_sealer_free(keys->sealer);
    sks_key_wipe(&keys->key);
    salt_set_free(keys->salts);
    memset(keys, 0, sizeof *keys);
}

static bool is_aead(const struct wire *w)
{
    return w->keys->cipher->kind == SKS_CIPHER_AEAD;
}

struct wire *wire_new(struct wire_keys *keys, enum wire_side side, bool datagram)
{
    struct wire *w = xcalloc(1, sizeof *w);
    w->keys = keys;
    w->side = side;
    w->datagram = datagram;
    w->other = w;
    w->raw = xmalloc(PATTERN_MAX);
    if (!is_aead(w) && (sks_stream_new(&w->encrypting, keys->cipher, SKS_ENCRYPT) != SKS_OK ||
                        sks_stream_new(&w->decrypting, keys->cipher, SKS_DECRYPT) != SKS_OK))
        out_of_memory();
    return w;
}

void wire_free(struct wire *w)
{
    if (!w)
        return;
    sks_stream_free(w->encrypting);
    sks_stream_free(w->decrypting);
    free(w->raw);
    free(w->sent.octets);
    free(w->got.octets);
    free(w);
}

void wire_tape(struct wire_tape *tape, const uint8_t *octets, size_t n)
{
    n = tape->len + n > TAPE_MAX ? TAPE_MAX - tape->len : n;
    uint8_t *grown = n ? xrealloc(tape->octets, tape->len + n) : NULL;
    if (!grown)
        return;
    memcpy(grown + tape->len, octets, n);
    tape->octets = grown;
    tape->len += n;
}

bool wire_start(struct wire *w, const uint8_t *salt)
{
    size_t n = w->keys->cipher->iv_size;
    if (w->salted)
        return true;
    if (salt)
        memmove(w->salt, salt, n);
    else
        sks_random(w->salt, n);
    salt_set_add(&w->keys->salts, w->salt, n);
    enum sks_status s = is_aead(w) ? sks_aead_start(&w->sealing, &w->keys->key, w->salt, n)
                                   : sks_stream_start(w->encrypting, &w->keys->key, w->salt, n);
    w->salted = s == SKS_OK;
    w->index = 0;
    w->chunks = false;
    return w->salted;
}

size_t wire_seal(struct wire *w, uint8_t *buf, size_t n, size_t cap)
{
    if (!w->salted)
        return WIRE_FAILED;
    if (!is_aead(w))
        return sks_stream_update(w->encrypting, buf, n) == SKS_OK ? n : WIRE_FAILED;
    if (cap < n + SKS_AEAD_TAG_SIZE ||
        sks_aead_seal(&w->sealing, w->keys->sealer, buf, n, buf + n) != SKS_OK)
        return WIRE_FAILED;
    return n + SKS_AEAD_TAG_SIZE;
}

size_t wire_chunk(struct wire *w, uint8_t *buf, size_t n, size_t cap)
{
    if (!is_aead(w) || w->datagram)
        return wire_seal(w, buf, n, cap);
    if (cap < n + SKS_AEAD_CHUNK_OVERHEAD)
        return WIRE_FAILED;
    memmove(buf + SKS_AEAD_CHUNK_DATA, buf, n);
    buf[0] = (uint8_t)(n >> 8);
    buf[1] = (uint8_t)(n & 0xff);
    if (wire_seal(w, buf, SKS_AEAD_LENGTH_SIZE, SKS_AEAD_CHUNK_DATA) == WIRE_FAILED ||
        wire_seal(w, buf + SKS_AEAD_CHUNK_DATA, n, n + SKS_AEAD_TAG_SIZE) == WIRE_FAILED)
        return WIRE_FAILED;
    return n + SKS_AEAD_CHUNK_OVERHEAD;
}

size_t wire_protect(struct wire *w, uint8_t *buf, size_t n, size_t cap)
{
    if (!is_aead(w) || w->datagram || n <= SKS_AEAD_TEXT_MAX)
        return wire_chunk(w, buf, n, cap);
    size_t chunks = (n + SKS_AEAD_TEXT_MAX - 1) / SKS_AEAD_TEXT_MAX;
    size_t total = n + chunks * SKS_AEAD_CHUNK_OVERHEAD, at = 0;
    if (cap < total)
        return WIRE_FAILED;
    memmove(buf + total - n, buf, n);
    for (size_t left = n; left > 0;) {
        size_t part = left < SKS_AEAD_TEXT_MAX ? left : SKS_AEAD_TEXT_MAX;
        memmove(buf + at, buf + total - left, part);
        if (wire_chunk(w, buf + at, part, part + SKS_AEAD_CHUNK_OVERHEAD) == WIRE_FAILED)
            return WIRE_FAILED;
        at += part + SKS_AEAD_CHUNK_OVERHEAD;
        left -= part;
    }
    return total;
}

size_t wire_ota_header(struct wire *w, uint8_t *buf, size_t n, size_t cap)
{
    if (!w->salted || n == 0 || cap < n + SKS_OTA_TAG_SIZE)
        return WIRE_FAILED;
    buf[0] |= SKS_SS_OTA_FLAG;
    if (sks_ota_tag(buf + n, &w->keys->key, w->salt, w->keys->cipher->iv_size, buf, n) != SKS_OK)
        return WIRE_FAILED;
    w->chunks = !w->datagram;
    return n + SKS_OTA_TAG_SIZE;
}

size_t wire_ota_chunk(struct wire *w, uint8_t *buf, size_t n, size_t cap)
{
    size_t used;
    if (!w->salted || cap < n + SKS_OTA_CHUNK_HEAD)
        return WIRE_FAILED;
    memmove(buf + SKS_OTA_CHUNK_HEAD, buf, n);
    if (sks_ota_chunk_encode(buf, SKS_OTA_CHUNK_HEAD, n, &used) != SKS_OK)
        return WIRE_FAILED;
    sks_ota_chunk_tag(buf + 2, w->index++, w->salt, w->keys->cipher->iv_size,
                      buf + SKS_OTA_CHUNK_HEAD, n);
    return n + SKS_OTA_CHUNK_HEAD;
}

size_t wire_data(struct wire *w, uint8_t *buf, size_t n, size_t cap)
{
    if (w->chunks)
        n = wire_ota_chunk(w, buf, n, cap);
    return n != WIRE_FAILED ? wire_protect(w, buf, n, cap) : n;
}
