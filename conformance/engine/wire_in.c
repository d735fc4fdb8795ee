/* From octets of the network to plain text, audited. */
#include "wire.h"

#include <string.h>

static bool is_aead(const struct wire *w)
{
    return w->keys->cipher->kind == SKS_CIPHER_AEAD;
}

static void drop(struct wire *w, size_t n)
{
    memmove(w->raw, w->raw + n, w->raw_len - n);
    w->raw_len -= n;
    w->raw_clear -= n < w->raw_clear ? n : w->raw_clear;
}

/* The first octets of a direction, which must be new. */
static void take_salt(struct wire *w)
{
    size_t n = w->keys->cipher->iv_size;
    memcpy(w->in_salt, w->raw, n);
    enum sks_status s = is_aead(w) ? sks_aead_start(&w->opening, &w->keys->key, w->in_salt, n)
                                   : sks_stream_start(w->decrypting, &w->keys->key, w->in_salt, n);
    if (s != SKS_OK)
        snprintf(w->fault, sizeof w->fault, "keys: %s", sks_status_text(s));
    else if (!salt_set_add(&w->keys->salts, w->in_salt, n) && !w->any_salt)
        snprintf(w->fault, sizeof w->fault, "its %s is not new in this run",
                 is_aead(w) ? "salt" : "IV");
    w->in_salted = true;
    w->in_header = false;
    w->in_index = 0;
    w->parts = (struct sks_aead_stream){SKS_AEAD_LENGTH, (uint8_t)n, 0};
}

/* One part of an AEAD stream; how many octets of plain text it gave, -1: it is not whole. */
static long open_part(struct wire *w, uint8_t *out)
{
    struct sks_aead_sealed sealed;
    size_t used, read;
    if (sks_aead_part_parse(&sealed, w->raw, w->raw_len, &w->parts, &used) != SKS_OK)
        return -1;
    bool data = w->parts.part == SKS_AEAD_DATA;
    size_t n = sealed.text_len;
    enum sks_status s = sks_aead_open(&w->opening, w->keys->sealer, w->raw, n, sealed.tag);
    if (s != SKS_OK) {
        snprintf(w->fault, sizeof w->fault, "the tag of chunk %zu's %s is wrong", w->n_parts / 2,
                 data ? "data" : "length");
        return -1;
    }
    if (data)
        memcpy(out, w->raw, n);
    s = sks_aead_next(&w->parts, w->raw, &read);
    if (s != SKS_OK) {
        snprintf(w->fault, sizeof w->fault, "chunk %zu has a length of %02x%02x, over 3fff",
                 w->n_parts / 2, w->raw[0], w->raw[1]);
        return -1;
    }
    w->n_parts++;
    drop(w, used);
    return data ? (long)n : 0;
}

/* What one-time auth asks of a client, of decrypted octets; likewise. */
static long verify_part(struct wire *w, uint8_t *out)
{
    uint8_t tag[SKS_OTA_TAG_SIZE];
    size_t iv = w->keys->cipher->iv_size, used, n;
    if (!w->in_header) {
        struct sks_ota_header h;
        enum sks_status s =
            sks_ota_header_parse(&h, w->raw, w->raw_len, SKS_SS_OTA_REQUIRED, &used);
        if (s == SKS_MORE)
            return -1;
        if (s != SKS_OK)
            snprintf(w->fault, sizeof w->fault, "header: %s", sks_status_text(s));
        else if (sks_ota_tag(tag, &w->keys->key, w->in_salt, iv, h.text, h.text_len) != SKS_OK ||
                 sks_ota_check(tag, h.tag) != SKS_OK)
            snprintf(w->fault, sizeof w->fault, "the header's tag is wrong");
        if (w->fault[0])
            return -1;
        n = h.text_len;
        memcpy(out, h.text, n);
        out[0] &= (uint8_t)~SKS_SS_OTA_FLAG;
        w->in_header = true;
    } else {
        struct sks_ota_chunk c;
        if (sks_ota_chunk_parse(&c, w->raw, w->raw_len, &used) != SKS_OK)
            return -1;
        sks_ota_chunk_tag(tag, w->in_index, w->in_salt, iv, c.text, c.text_len);
        if (sks_ota_check(tag, c.tag) != SKS_OK) {
            snprintf(w->fault, sizeof w->fault, "the tag of chunk %u is wrong",
                     (unsigned)w->in_index);
            return -1;
        }
        w->in_index++;
        n = c.text_len;
        memcpy(out, c.text, n);
    }
    drop(w, used);
    return (long)n;
}

static bool in_ota(const struct wire *w)
{
    return w->keys->ota && w->side == WIRE_SERVER;
}

static size_t decode_stream(struct wire *w, uint8_t *out)
{
    size_t got = 0;
    if (!w->in_salted) {
        if (w->raw_len < w->keys->cipher->iv_size || w->raw_len == 0)
            return 0;
        take_salt(w);
        drop(w, w->keys->cipher->iv_size);
    }
    if (!is_aead(w)) {
        if (sks_stream_update(w->decrypting, w->raw + w->raw_clear, w->raw_len - w->raw_clear) !=
            SKS_OK)
            snprintf(w->fault, sizeof w->fault, "cannot be decrypted");
        w->raw_clear = w->raw_len;
    }
    if (!is_aead(w) && !in_ota(w)) {
        got = w->raw_len;
        memcpy(out, w->raw, got);
        drop(w, got);
        return got;
    }
    while (!w->fault[0]) {
        long n = in_ota(w) ? verify_part(w, out + got) : open_part(w, out + got);
        if (n < 0)
            break;
        got += (size_t)n;
    }
    return got;
}

static size_t datagram_wrong(struct wire *w, const char *what)
{
    snprintf(w->fault, sizeof w->fault, "%s", what);
    return 0;
}

static size_t decode_datagram(struct wire *w, uint8_t *out)
{
    size_t iv = w->keys->cipher->iv_size, n = w->raw_len, used;
    if (n < iv + (is_aead(w) ? SKS_AEAD_TAG_SIZE : 0))
        return datagram_wrong(w, "a datagram too short for salt and tag");
    take_salt(w);
    if (is_aead(w)) {
        struct sks_aead_datagram d;
        if (sks_aead_datagram_parse(&d, w->raw, n, iv, &used) != SKS_OK ||
            sks_aead_open(&w->opening, w->keys->sealer, w->raw + iv, d.text_len, d.tag) != SKS_OK)
            return datagram_wrong(w, "the datagram's tag is wrong");
        n = d.text_len;
    } else {
        n -= iv;
        if (sks_stream_update(w->decrypting, w->raw + iv, n) != SKS_OK)
            return datagram_wrong(w, "cannot be decrypted");
    }
    memcpy(out, w->raw + iv, n);
    if (in_ota(w)) {
        uint8_t tag[SKS_OTA_TAG_SIZE];
        struct sks_ota_datagram d;
        if (sks_ota_datagram_parse(&d, out, n, SKS_SS_OTA_REQUIRED, &used) != SKS_OK ||
            sks_ota_tag(tag, &w->keys->key, w->in_salt, iv, d.text, d.text_len) != SKS_OK ||
            sks_ota_check(tag, d.tag) != SKS_OK)
            return datagram_wrong(w, "no datagram of one-time auth, or its tag is wrong");
        n = d.text_len;
        out[0] &= (uint8_t)~SKS_SS_OTA_FLAG;
    }
    return n;
}

size_t wire_decode(struct wire *w, size_t n, uint8_t *out)
{
    if (w->datagram)
        w->got.len = w->raw_len = w->raw_clear = 0;
    wire_tape(&w->got, w->raw + w->raw_len, n);
    w->raw_len += n;
    w->in_total += n;
    if (w->fault[0])
        w->raw_len = 0; /* nobody reads it any more */
    else if (w->datagram)
        return decode_datagram(w, out);
    else
        return decode_stream(w, out);
    return 0;
}

bool wire_incomplete(const struct wire *w)
{
    bool in_data = is_aead(w) && w->in_salted && w->parts.part == SKS_AEAD_DATA;
    return !w->datagram &&
           (w->raw_len > 0 || in_data || (in_ota(w) && w->in_total && !w->in_header));
}
