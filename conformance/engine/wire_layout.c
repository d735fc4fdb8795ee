/* Where a reader of sealed octets finds what: the fields of a stream or a datagram, on the network.
 */
#include "wire.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_SIZE = 2 };

struct cutting {
    struct wire_keys *keys;
    uint8_t *octets; /* a copy, opened as it is read */
    size_t len, at;
    size_t from, to; /* the octets of this event */
    uint8_t salt[SKS_IV_MAX];
    struct wire_field *fields;
    size_t n;
};

static bool aead(const struct cutting *c)
{
    return c->keys->cipher->kind == SKS_CIPHER_AEAD;
}

static size_t left(const struct cutting *c)
{
    return c->len - c->at;
}

/* The next size octets are that, as far as they are there and of the event. */
static void cut(struct cutting *c, const char *name, size_t size, const char *note)
{
    size_t end = c->at + (size < left(c) ? size : left(c));
    size_t from = c->at > c->from ? c->at : c->from, to = end < c->to ? end : c->to;
    c->at = end;
    if (from >= to || c->n == WIRE_FIELDS)
        return;
    struct wire_field *f = &c->fields[c->n++];
    f->octets = to - from;
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->note, sizeof f->note, "%s", note);
}

/* What the next n octets are, opened: header and data, or data alone. */
static void cut_plain(struct cutting *c, size_t n, bool header)
{
    struct sks_ss_header h;
    size_t used = 0;
    if (header &&
        sks_ss_header_parse(&h, c->octets + c->at, n, SKS_SS_OTA_ALLOWED, &used) == SKS_OK)
        cut(c, "DST", used, "");
    else
        used = 0;
    if (n > used)
        cut(c, "DATA", n - used, "");
}

static bool cut_salt(struct cutting *c)
{
    size_t n = c->keys->cipher->iv_size;
    if (left(c) >= n)
        memcpy(c->salt, c->octets, n);
    bool whole = left(c) >= n;
    cut(c, aead(c) ? "SALT" : "IV", n, "");
    return whole;
}

/* ---- AEAD ------------------------------------------------------------------------------------ */

static bool open_part(struct cutting *c, struct sks_aead *opening, size_t n)
{
    return left(c) >= n + SKS_AEAD_TAG_SIZE &&
           sks_aead_open(opening, c->keys->sealer, c->octets + c->at, n, c->octets + c->at + n) ==
               SKS_OK;
}

/* A part that cannot be opened, and all that is behind it. */
static void cut_closed(struct cutting *c, const char *name, size_t n)
{
    const char *note = left(c) < n + SKS_AEAD_TAG_SIZE ? "cut short" : "wrong";
    cut(c, name, n, "");
    cut(c, "TAG", SKS_AEAD_TAG_SIZE, note);
    cut(c, "REST", left(c), "");
}

static void cut_chunks(struct cutting *c, bool header)
{
    struct sks_aead opening;
    if (sks_aead_start(&opening, &c->keys->key, c->salt, c->keys->cipher->iv_size) != SKS_OK)
        return;
    for (; left(c); header = false) {
        char note[16];
        if (!open_part(c, &opening, LENGTH_SIZE)) {
            cut_closed(c, "LEN", LENGTH_SIZE);
            break;
        }
        size_t n = (size_t)c->octets[c->at] << 8 | c->octets[c->at + 1];
        snprintf(note, sizeof note, "%zu", n);
        cut(c, "LEN", LENGTH_SIZE, note);
        cut(c, "TAG", SKS_AEAD_TAG_SIZE, "");
        if (left(c) && !open_part(c, &opening, n)) {
            cut_closed(c, "DATA", n);
            break;
        }
        if (left(c)) {
            cut_plain(c, n, header);
            cut(c, "TAG", SKS_AEAD_TAG_SIZE, "");
        }
    }
    sks_aead_wipe(&opening);
}

static void cut_sealed_datagram(struct cutting *c)
{
    struct sks_aead opening;
    size_t n = left(c) > SKS_AEAD_TAG_SIZE ? left(c) - SKS_AEAD_TAG_SIZE : 0;
    if (sks_aead_start(&opening, &c->keys->key, c->salt, c->keys->cipher->iv_size) != SKS_OK)
        return;
    if (open_part(c, &opening, n)) {
        cut_plain(c, n, true);
        cut(c, "TAG", SKS_AEAD_TAG_SIZE, "");
    } else {
        cut_closed(c, "DATA", n);
    }
    sks_aead_wipe(&opening);
}

/* ---- stream methods and one-time auth -------------------------------------------------------- */

static const char *verdict(const uint8_t *expected, const uint8_t *tag)
{
    return sks_ota_check(expected, tag) == SKS_OK ? "" : "wrong";
}

static void cut_ota_chunks(struct cutting *c)
{
    size_t iv = c->keys->cipher->iv_size;
    for (uint32_t index = 0; left(c); index++) {
        struct sks_ota_chunk chunk;
        uint8_t tag[SKS_OTA_TAG_SIZE];
        char note[16] = "";
        const char *is = "cut short";
        size_t used, n = 0;
        if (left(c) >= LENGTH_SIZE) {
            n = (size_t)c->octets[c->at] << 8 | c->octets[c->at + 1];
            snprintf(note, sizeof note, "%zu", n);
        }
        if (sks_ota_chunk_parse(&chunk, c->octets + c->at, left(c), &used) == SKS_OK) {
            sks_ota_chunk_tag(tag, index, c->salt, iv, chunk.text, chunk.text_len);
            is = verdict(tag, chunk.tag);
        }
        cut(c, "LEN", LENGTH_SIZE, note);
        cut(c, "TAG", SKS_OTA_TAG_SIZE, is);
        cut(c, "DATA", n, "");
    }
}

/* Decrypted octets of a client behind its IV. */
static void cut_clear(struct cutting *c, bool datagram)
{
    uint8_t tag[SKS_OTA_TAG_SIZE];
    struct sks_ss_header h;
    size_t used;
    const uint8_t *text = c->octets + c->at;
    if (sks_ss_header_parse(&h, text, left(c), SKS_SS_OTA_ALLOWED, &used) != SKS_OK ||
        !(h.type & SKS_SS_OTA_FLAG)) {
        cut_plain(c, left(c), true);
        return;
    }
    size_t covered = !datagram ? used : left(c) > used + sizeof tag ? left(c) - sizeof tag : used;
    const char *is = "cut short";
    if (left(c) >= covered + sizeof tag &&
        sks_ota_tag(tag, &c->keys->key, c->salt, c->keys->cipher->iv_size, text, covered) == SKS_OK)
        is = verdict(tag, text + covered);
    cut(c, "DST", used, "");
    if (covered > used)
        cut(c, "DATA", covered - used, "");
    cut(c, "TAG", sizeof tag, is);
    if (!datagram)
        cut_ota_chunks(c);
}

static void cut_stream(struct cutting *c, bool datagram, bool from_client)
{
    struct sks_stream *stream = NULL;
    if (sks_stream_new(&stream, c->keys->cipher, SKS_DECRYPT) != SKS_OK)
        out_of_memory();
    if (sks_stream_start(stream, &c->keys->key, c->salt, c->keys->cipher->iv_size) == SKS_OK &&
        sks_stream_update(stream, c->octets + c->at, left(c)) == SKS_OK) {
        if (from_client)
            cut_clear(c, datagram);
        else
            cut_plain(c, left(c), datagram);
    }
    sks_stream_free(stream);
}

size_t wire_layout(struct wire_keys *keys, const uint8_t *octets, size_t len, size_t from,
                   size_t to, bool datagram, bool from_client,
                   struct wire_field fields[WIRE_FIELDS])
{
    struct cutting c = {.keys = keys, .len = len, .from = from, .to = to, .fields = fields};
    if (len == 0)
        return 0;
    c.octets = xmalloc(len);
    memcpy(c.octets, octets, len);
    if (cut_salt(&c)) {
        if (!aead(&c))
            cut_stream(&c, datagram, from_client);
        else if (datagram)
            cut_sealed_datagram(&c);
        else
            cut_chunks(&c, from_client);
    }
    free(c.octets);
    return c.n;
}
