#include "kinds.h"

#include "../engine/memory.h"

#include <sockspec/crypto.h>
#include <sockspec/shadowsocks.h>
#include <stdlib.h>
#include <string.h>

/* What is opened stays here until the next vector: one runs at a time. */
static uint8_t opened[65536];
static struct sks_sealer *sealer;

struct text {
    struct sks_ss_header header; /* of a datagram */
    const uint8_t *data;
    size_t data_len;
};

/* Opens text and tag into plain; the direction of v. */
static enum sks_status open_text(struct sks_aead *aead, uint8_t *plain, const uint8_t *text,
                                 size_t len, const uint8_t *tag)
{
    if (len)
        memcpy(plain, text, len);
    return sks_aead_open(aead, sealer, plain, len, tag);
}

/* ---- a chunk ---- */

/* One chunk at data under aead, whose nonce counts on success: SKS_OK with *used its octets and its
 * text in opened; SKS_MORE; an error at *used. */
static enum sks_status open_chunk(struct sks_aead *aead, const uint8_t *data, size_t len,
                                  size_t *data_len, size_t *used)
{
    struct sks_aead_stream stream = {.part = SKS_AEAD_LENGTH, .salt_size = SKS_AEAD_SALT_MAX};
    struct sks_aead_sealed part;
    struct sks_aead turn = *aead;
    size_t read;
    enum sks_status s = sks_aead_part_parse(&part, data, len, &stream, used);
    if (s != SKS_OK)
        return s;
    s = open_text(&turn, opened, part.text, part.text_len, part.tag);
    if (s != SKS_OK) {
        *used = part.text_len;
        return s;
    }
    s = sks_aead_next(&stream, opened, &read);
    if (s != SKS_OK) {
        *used = 0;
        return s;
    }
    s = sks_aead_part_parse(&part, data + *used, len - *used, &stream, &read);
    if (s != SKS_OK) {
        *used = 0;
        return s;
    }
    s = open_text(&turn, opened, part.text, part.text_len, part.tag);
    if (s != SKS_OK) {
        *used += part.text_len;
        return s;
    }
    *used += read;
    *data_len = part.text_len;
    *aead = turn;
    return SKS_OK;
}

static struct sks_aead aead_of(const struct vector *v)
{
    const struct sks_cipher *cipher = NULL;
    struct sks_aead aead;
    /* tried by run_sealed before */
    if (sks_cipher_find(&cipher, vector_value(v, "method")->text) != SKS_OK ||
        !vector_aead(v, cipher, &aead))
        out_of_memory();
    return aead;
}

static enum sks_status chunk_parse(const struct vector *v, void *out, const uint8_t *data,
                                   size_t len, size_t *used)
{
    struct sks_aead aead = aead_of(v);
    size_t n;
    enum sks_status s = open_chunk(&aead, data, len, &n, used);
    if (s == SKS_OK)
        *(struct text *)out = (struct text){.data = opened, .data_len = n};
    return s;
}

static enum sks_status chunk_encode(const struct vector *v, uint8_t *buf, size_t cap,
                                    const void *in, size_t *used)
{
    const struct text *text = in;
    struct sks_aead aead = aead_of(v);
    *used = SKS_AEAD_CHUNK_OVERHEAD + text->data_len;
    if (cap < *used)
        return SKS_ERR_SPACE;
    size_t head;
    enum sks_status s = sks_aead_length_encode(buf, cap, text->data_len, &head);
    if (s == SKS_OK)
        s = sks_aead_seal(&aead, sealer, buf, head, buf + head);
    uint8_t *data = buf + SKS_AEAD_CHUNK_DATA;
    if (s == SKS_OK && text->data_len)
        memcpy(data, text->data, text->data_len);
    if (s == SKS_OK)
        s = sks_aead_seal(&aead, sealer, data, text->data_len, data + text->data_len);
    return s;
}

/* A tag decides with its last octet, LEN with that of its own tag. */
static size_t chunk_enough(const struct vector *v)
{
    return v->status == SKS_ERR_TAG ? (size_t)vector_value(v, "used")->number + SKS_TAG_SIZE
                                    : (size_t)SKS_AEAD_CHUNK_DATA;
}

static const struct codec chunk_codec = {
    .parse = chunk_parse, .encode = chunk_encode, .enough = chunk_enough};

/* ---- a datagram ---- */

static bool start(const struct vector *v, const struct sks_cipher *cipher, const uint8_t *salt,
                  struct sks_aead *aead)
{
    const struct value *octets = vector_value(v, "key");
    struct sks_key key;
    return sks_key_set(&key, cipher, octets->octets, octets->len) == SKS_OK &&
           sks_aead_start(aead, &key, salt, cipher->iv_size) == SKS_OK;
}

static const struct sks_cipher *cipher_of(const struct vector *v)
{
    const struct sks_cipher *cipher = NULL;
    if (sks_cipher_find(&cipher, vector_value(v, "method")->text) != SKS_OK)
        out_of_memory();
    return cipher;
}

static enum sks_status datagram_parse(const struct vector *v, void *out, const uint8_t *data,
                                      size_t len, size_t *used)
{
    const struct sks_cipher *cipher = cipher_of(v);
    struct sks_aead_datagram datagram;
    struct sks_aead aead;
    struct text text = {.data = opened};
    enum sks_status s = sks_aead_datagram_parse(&datagram, data, len, cipher->iv_size, used);
    if (s != SKS_OK)
        return s;
    if (!start(v, cipher, datagram.salt, &aead))
        out_of_memory();
    s = open_text(&aead, opened, datagram.text, datagram.text_len, datagram.tag);
    if (s != SKS_OK) {
        *used = len - SKS_TAG_SIZE;
        return s;
    }
    size_t header;
    s = sks_ss_header_parse(&text.header, opened, datagram.text_len, SKS_SS_PLAIN, &header);
    if (s != SKS_OK) {
        *used = s == SKS_MORE ? 0 : cipher->iv_size + header;
        return s;
    }
    text.data += header;
    text.data_len = datagram.text_len - header;
    *(struct text *)out = text;
    return SKS_OK;
}

static enum sks_status datagram_encode(const struct vector *v, uint8_t *buf, size_t cap,
                                       const void *in, size_t *used)
{
    const struct sks_cipher *cipher = cipher_of(v);
    const struct text *text = in;
    const uint8_t *salt = vector_value(v, "input")->octets;
    struct sks_aead aead;
    uint8_t header[SKS_SS_HEADER_MAX];
    size_t n;
    enum sks_status s =
        sks_ss_header_encode(header, sizeof header, &text->header, SKS_SS_PLAIN, &n);
    if (s != SKS_OK)
        return s;
    *used = cipher->iv_size + n + text->data_len + SKS_TAG_SIZE;
    if (cap < *used)
        return SKS_ERR_SPACE;
    if (!start(v, cipher, salt, &aead))
        out_of_memory();
    uint8_t *at = buf + cipher->iv_size;
    memcpy(buf, salt, cipher->iv_size);
    memcpy(at, header, n);
    if (text->data_len)
        memcpy(at + n, text->data, text->data_len);
    return sks_aead_seal(&aead, sealer, at, n + text->data_len, at + n + text->data_len);
}

static const struct codec datagram_codec = {
    .whole = true, .parse = datagram_parse, .encode = datagram_encode};

/* ---- a stream ---- */

struct reader {
    uint8_t *have; /* from the last whole chunk on */
    size_t n;
    bool started;
    struct sks_aead aead;
};

static enum sks_status feed_chunks(void *state, struct pieces *pieces, const uint8_t *data,
                                   size_t len, size_t *used, bool *holds)
{
    struct reader *reader = state;
    const struct sks_cipher *cipher = cipher_of(pieces->v);
    reader->have = xrealloc(reader->have, reader->n + len);
    memcpy(reader->have + reader->n, data, len);
    reader->n += len;
    while (*holds && reader->n > 0) {
        size_t taken = cipher->iv_size, n;
        if (reader->started) {
            enum sks_status s = open_chunk(&reader->aead, reader->have, reader->n, &n, &taken);
            *used = pieces->done + taken;
            if (s != SKS_OK)
                return s;
            *holds = pieces_chunk(pieces, opened, n);
        } else {
            if (reader->n < taken)
                return SKS_MORE;
            reader->started = start(pieces->v, cipher, reader->have, &reader->aead);
        }
        reader->n -= taken;
        pieces->done += taken;
        memmove(reader->have, reader->have + taken, reader->n);
    }
    return SKS_OK;
}

static bool stream_holds(const struct vector *v)
{
    const struct value *sizes = vector_value(v, "sizes");
    static const size_t octets[] = {1};
    struct reader reader = {0};
    bool holds = pieces_run(v, sizes->sizes, sizes->n, feed_chunks, &reader);
    free(reader.have);
    reader = (struct reader){0};
    holds = holds && pieces_run(v, octets, 1, feed_chunks, &reader);
    free(reader.have);
    return holds;
}

static enum outcome run_sealed(const struct vector *v)
{
    const struct value *key = vector_value(v, "key");
    const struct sks_cipher *cipher;
    struct sks_aead aead;
    enum outcome outcome;
    if (!(cipher = vector_cipher(v, &outcome)))
        return outcome;
    if (cipher->kind != SKS_CIPHER_AEAD)
        vector_fails(v, "an AEAD method", cipher->name, "method");
    else if (key->len != cipher->key_size)
        vector_fails(v, "the method's size", vector_hex(key->octets, key->len), "key");
    else if (vector_value(v, "input")->len > sizeof opened)
        vector_fails(v, "65536 octets at most", "more", "input");
    else if (v->kind->codec != &chunk_codec || vector_aead(v, cipher, &aead)) {
        if (sks_sealer_new(&sealer, cipher) != SKS_OK)
            out_of_memory();
        outcome = v->kind->codec    ? vector_run_codec(v)
                  : stream_holds(v) ? OUTCOME_HOLDS
                                    : OUTCOME_FAILS;
        sks_sealer_free(sealer);
    }
    return outcome;
}

/* ---- the rows ---- */

/* clang-format off */
#define SEALED FIELD_GIVEN("method", FIELD_NAME), FIELD_GIVEN("key", FIELD_OCTETS)
#define DATA FIELD_COUNTED("data", FIELD_SPAN, text, data, data_len)

static const struct field chunk_fields[] = {
    SEALED, FIELD_GIVEN("nonce", FIELD_OCTETS), FIELD_INPUT, FIELD_USED, DATA, {0}};
static const struct field stream_fields[] = {
    SEALED, FIELD_INPUT, FIELD_GIVEN("sizes", FIELD_SIZES), FIELD_GIVEN("chunks", FIELD_PIECES),
    FIELD_USED, {0}};
static const struct field datagram_fields[] = {
    SEALED, FIELD_INPUT, FIELD_USED, FIELD_MEMBER("type", FIELD_U8, text, header.type),
    FIELD_MEMBER("atyp", FIELD_U8, text, header.dst.atyp),
    FIELD_COUNTED("host", FIELD_OCTETS, text, header.dst.host, header.dst.host_len),
    FIELD_MEMBER("port", FIELD_U16, text, header.dst.port), DATA, {0}};

#define OPENED (MAY(SKS_OK) | MAY(SKS_MORE) | MAY(SKS_ERR_TAG))

const struct kind kinds_aead[] = {
    {"shadowsocks-aead-chunk", chunk_fields, OPENED | MAY(SKS_ERR_CHUNK_LENGTH), run_sealed,
     &chunk_codec},
    {"shadowsocks-aead-stream", stream_fields, OPENED | MAY(SKS_ERR_CHUNK_LENGTH), run_sealed, NULL},
    {"shadowsocks-aead-datagram", datagram_fields,
     OPENED | MAY(SKS_ERR_ATYP) | MAY(SKS_ERR_EMPTY) | MAY(SKS_ERR_OTA_FORBIDDEN), run_sealed,
     &datagram_codec},
    {0},
};
/* clang-format on */
