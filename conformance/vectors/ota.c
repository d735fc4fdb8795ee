#include "kinds.h"

#include "../engine/memory.h"

#include <sockspec/crypto.h>
#include <sockspec/shadowsocks.h>
#include <stdlib.h>
#include <string.h>

static const char *const modes[] = {
    [SKS_SS_PLAIN] = "plain",
    [SKS_SS_OTA_ALLOWED] = "ota-allowed",
    [SKS_SS_OTA_REQUIRED] = "ota-required",
    [SKS_SS_PY] = "py",
    NULL,
};

static enum sks_ss_mode mode_of(const struct vector *v)
{
    return (enum sks_ss_mode)vector_value(v, "mode")->number;
}

/* ---- address header ---- */

static enum sks_status header_parse(const struct vector *v, void *out, const uint8_t *data,
                                    size_t len, size_t *used)
{
    return sks_ss_header_parse(out, data, len, mode_of(v), used);
}

static enum sks_status header_encode(const struct vector *v, uint8_t *buf, size_t cap,
                                     const void *in, size_t *used)
{
    return sks_ss_header_encode(buf, cap, in, mode_of(v), used);
}

static const struct codec header_codec = {.parse = header_parse, .encode = header_encode};

/* ---- one-time auth: header and datagram ---- */

/* What is found in either: data of a datagram alone. */
struct tagged {
    struct sks_ss_header header;
    const uint8_t *data, *tag;
    size_t data_len, tag_len;
};

static void tag_of(const struct vector *v, uint8_t tag[SKS_OTA_TAG_SIZE], const uint8_t *text,
                   size_t len)
{
    const struct value *octets = vector_value(v, "key"), *iv = vector_value(v, "iv");
    const struct sks_cipher *cipher = NULL;
    struct sks_key key;
    /* all of it has been tried by run_tagged */
    if (sks_cipher_find(&cipher, vector_value(v, "method")->text) == SKS_ERR_METHOD ||
        sks_key_set(&key, cipher, octets->octets, octets->len) != SKS_OK ||
        sks_ota_tag(tag, &key, iv->octets, iv->len, text, len) != SKS_OK)
        out_of_memory();
}

static enum sks_status verify(const struct vector *v, const uint8_t *text, size_t len,
                              const uint8_t *tag, size_t *used)
{
    uint8_t own[SKS_OTA_TAG_SIZE];
    if (!tag)
        return SKS_OK;
    tag_of(v, own, text, len);
    enum sks_status s = sks_ota_check(own, tag);
    if (s != SKS_OK)
        *used = len;
    return s;
}

static enum sks_status ota_header_parse(const struct vector *v, void *out, const uint8_t *data,
                                        size_t len, size_t *used)
{
    struct sks_ota_header header;
    enum sks_status s = sks_ota_header_parse(&header, data, len, mode_of(v), used);
    if (s == SKS_OK)
        s = verify(v, header.text, header.text_len, header.tag, used);
    if (s == SKS_OK)
        *(struct tagged *)out = (struct tagged){.header = header.header,
                                                .tag = header.tag,
                                                .tag_len = header.tag ? SKS_OTA_TAG_SIZE : 0};
    return s;
}

static enum sks_status ota_datagram_parse(const struct vector *v, void *out, const uint8_t *data,
                                          size_t len, size_t *used)
{
    struct sks_ota_datagram datagram;
    enum sks_status s = sks_ota_datagram_parse(&datagram, data, len, mode_of(v), used);
    if (s == SKS_OK)
        s = verify(v, datagram.text, datagram.text_len, datagram.tag, used);
    if (s == SKS_OK)
        *(struct tagged *)out = (struct tagged){.header = datagram.header,
                                                .data = datagram.data,
                                                .data_len = datagram.data_len,
                                                .tag = datagram.tag,
                                                .tag_len = datagram.tag ? SKS_OTA_TAG_SIZE : 0};
    return s;
}

static void write_tag(const struct vector *v, uint8_t *buf, size_t size, uint8_t type)
{
    if (type & SKS_SS_OTA_FLAG)
        tag_of(v, buf + size - SKS_OTA_TAG_SIZE, buf, size - SKS_OTA_TAG_SIZE);
}

static enum sks_status ota_header_encode(const struct vector *v, uint8_t *buf, size_t cap,
                                         const void *in, size_t *used)
{
    const struct tagged *tagged = in;
    enum sks_status s = sks_ota_header_encode(buf, cap, &tagged->header, mode_of(v), used);
    if (s == SKS_OK)
        write_tag(v, buf, *used, tagged->header.type);
    return s;
}

static enum sks_status ota_datagram_encode(const struct vector *v, uint8_t *buf, size_t cap,
                                           const void *in, size_t *used)
{
    const struct tagged *tagged = in;
    enum sks_status s = sks_ota_datagram_encode(buf, cap, &tagged->header, tagged->data,
                                                tagged->data_len, mode_of(v), used);
    if (s == SKS_OK)
        write_tag(v, buf, *used, tagged->header.type);
    return s;
}

/* A tag decides with its last octet, all else with the octet at used. */
static size_t tag_enough(const struct vector *v)
{
    return (size_t)vector_value(v, "used")->number +
           (v->status == SKS_ERR_TAG ? (size_t)SKS_OTA_TAG_SIZE : 1);
}

static const struct codec ota_header_codec = {
    .parse = ota_header_parse, .encode = ota_header_encode, .enough = tag_enough};
static const struct codec ota_datagram_codec = {
    .whole = true, .parse = ota_datagram_parse, .encode = ota_datagram_encode};

static enum outcome run_tagged(const struct vector *v)
{
    const struct value *octets = vector_value(v, "key"), *iv = vector_value(v, "iv");
    const struct sks_cipher *cipher;
    struct sks_key key;
    uint8_t tag[SKS_OTA_TAG_SIZE];
    if (sks_cipher_find(&cipher, vector_value(v, "method")->text) == SKS_ERR_METHOD)
        vector_fails(v, "a method", vector_value(v, "method")->text, "method");
    else if (sks_key_set(&key, cipher, octets->octets, octets->len) != SKS_OK)
        vector_fails(v, "the method's size", "another", "key");
    else if (sks_ota_tag(tag, &key, iv->octets, iv->len, NULL, 0) != SKS_OK)
        vector_fails(v, "the method's size", "another", "iv");
    else
        return vector_run_codec(v);
    return OUTCOME_FAILS;
}

/* ---- one-time auth: chunks ---- */

struct chunk {
    const uint8_t *data, *tag;
    size_t data_len, tag_len;
};

static void chunk_tag_of(const struct vector *v, uint8_t tag[SKS_OTA_TAG_SIZE], uint32_t index,
                         const uint8_t *text, size_t len)
{
    const struct value *iv = vector_value(v, "iv");
    sks_ota_chunk_tag(tag, index, iv->octets, iv->len, text, len);
}

static enum sks_status chunk_parse(const struct vector *v, void *out, const uint8_t *data,
                                   size_t len, size_t *used)
{
    struct sks_ota_chunk chunk;
    uint8_t tag[SKS_OTA_TAG_SIZE];
    enum sks_status s = sks_ota_chunk_parse(&chunk, data, len, used);
    if (s != SKS_OK)
        return s;
    chunk_tag_of(v, tag, (uint32_t)vector_value(v, "index")->number, chunk.text, chunk.text_len);
    s = sks_ota_check(tag, chunk.tag);
    if (s != SKS_OK)
        *used = SKS_OTA_CHUNK_HEAD - SKS_OTA_TAG_SIZE;
    else
        *(struct chunk *)out =
            (struct chunk){chunk.text, chunk.tag, chunk.text_len, SKS_OTA_TAG_SIZE};
    return s;
}

static enum sks_status chunk_encode(const struct vector *v, uint8_t *buf, size_t cap,
                                    const void *in, size_t *used)
{
    const struct chunk *chunk = in;
    size_t size = SKS_OTA_CHUNK_HEAD + chunk->data_len;
    enum sks_status s = sks_ota_chunk_encode(buf, cap < size ? 0 : cap, chunk->data_len, used);
    if (s == SKS_OK || s == SKS_ERR_SPACE)
        *used = size;
    if (s != SKS_OK)
        return s;
    if (chunk->data_len)
        memcpy(buf + SKS_OTA_CHUNK_HEAD, chunk->data, chunk->data_len);
    chunk_tag_of(v, buf + 2, (uint32_t)vector_value(v, "index")->number, chunk->data,
                 chunk->data_len);
    return SKS_OK;
}

static size_t chunk_enough(const struct vector *v)
{
    const struct value *input = vector_value(v, "input");
    return sks_ota_chunk_need(input->octets, input->len);
}

static const struct codec chunk_codec = {
    .parse = chunk_parse, .encode = chunk_encode, .enough = chunk_enough};

/* ---- one-time auth: streams ---- */

static enum sks_status feed_chunks(void *state, struct pieces *pieces, const uint8_t *data,
                                   size_t len, size_t *used, bool *holds)
{
    struct sks_ota_feed *feed = state;
    struct sks_ota_chunk chunk;
    uint8_t tag[SKS_OTA_TAG_SIZE];
    for (size_t at = 0; at < len && *holds;) {
        size_t taken = 0;
        enum sks_status s = sks_ota_feed(feed, &chunk, data + at, len - at, &taken);
        if (s == SKS_MORE)
            return s;
        if (s == SKS_ERR_SPACE) {
            feed->buf = xrealloc(feed->buf, taken);
            feed->cap = taken;
            continue;
        }
        at += taken;
        chunk_tag_of(pieces->v, tag, chunk.index, chunk.text, chunk.text_len);
        s = sks_ota_check(tag, chunk.tag);
        if (s != SKS_OK) {
            *used = pieces->done + SKS_OTA_CHUNK_HEAD - SKS_OTA_TAG_SIZE;
            return s;
        }
        pieces->done += SKS_OTA_CHUNK_HEAD + (size_t)chunk.text_len;
        *holds = pieces_chunk(pieces, chunk.text, chunk.text_len);
    }
    return SKS_OK;
}

static enum outcome run_chunks(const struct vector *v)
{
    const struct value *sizes = vector_value(v, "sizes");
    static const size_t octets[] = {1};
    struct sks_ota_feed feed = {0};
    bool holds = pieces_run(v, sizes->sizes, sizes->n, feed_chunks, &feed);
    free(feed.buf);
    feed = (struct sks_ota_feed){0};
    holds = holds && pieces_run(v, octets, 1, feed_chunks, &feed);
    free(feed.buf);
    return holds ? OUTCOME_HOLDS : OUTCOME_FAILS;
}

/* ---- the rows ---- */

/* clang-format off */
#define MODE {.name = "mode", .type = FIELD_CHOICE, .given = true, .choices = modes}
#define HEADER(S, MEMBER)                                                                          \
    FIELD_MEMBER("type", FIELD_U8, S, MEMBER type), FIELD_MEMBER("atyp", FIELD_U8, S, MEMBER dst.atyp), \
    FIELD_COUNTED("host", FIELD_OCTETS, S, MEMBER dst.host, MEMBER dst.host_len),                  \
    FIELD_MEMBER("port", FIELD_U16, S, MEMBER dst.port)
#define SESSION                                                                                    \
    FIELD_GIVEN("method", FIELD_NAME), FIELD_GIVEN("key", FIELD_OCTETS),                           \
    FIELD_GIVEN("iv", FIELD_OCTETS), MODE, FIELD_INPUT, FIELD_USED

static const struct field header_fields[] = {
    MODE, FIELD_INPUT, FIELD_USED, HEADER(sks_ss_header, ), {0}};
static const struct field ota_header_fields[] = {
    SESSION, HEADER(tagged, header.), FIELD_COUNTED("tag", FIELD_SPAN, tagged, tag, tag_len), {0}};
static const struct field ota_datagram_fields[] = {
    SESSION, HEADER(tagged, header.), FIELD_COUNTED("data", FIELD_SPAN, tagged, data, data_len),
    FIELD_COUNTED("tag", FIELD_SPAN, tagged, tag, tag_len), {0}};
static const struct field chunk_fields[] = {
    FIELD_GIVEN("iv", FIELD_OCTETS), FIELD_GIVEN("index", FIELD_U32), FIELD_INPUT, FIELD_USED,
    FIELD_COUNTED("data", FIELD_SPAN, chunk, data, data_len),
    FIELD_COUNTED("tag", FIELD_SPAN, chunk, tag, tag_len), {0}};
static const struct field chunks_fields[] = {
    FIELD_GIVEN("iv", FIELD_OCTETS), FIELD_INPUT, FIELD_GIVEN("sizes", FIELD_SIZES),
    FIELD_GIVEN("chunks", FIELD_PIECES), FIELD_USED, {0}};

#define STREAM (MAY(SKS_OK) | MAY(SKS_MORE))
#define TYPES                                                                                      \
    (MAY(SKS_ERR_ATYP) | MAY(SKS_ERR_EMPTY) | MAY(SKS_ERR_OTA_FORBIDDEN) | MAY(SKS_ERR_OTA_REQUIRED))
#define TAG MAY(SKS_ERR_TAG)

const struct kind kinds_ota[] = {
    {"shadowsocks-address", header_fields, STREAM | TYPES, vector_run_codec, &header_codec},
    {"shadowsocks-ota-header", ota_header_fields, STREAM | TYPES | TAG, run_tagged,
     &ota_header_codec},
    {"shadowsocks-ota-datagram", ota_datagram_fields, STREAM | TYPES | TAG, run_tagged,
     &ota_datagram_codec},
    {"shadowsocks-ota-chunk", chunk_fields, STREAM | TAG, vector_run_codec, &chunk_codec},
    {"shadowsocks-ota-stream", chunks_fields, STREAM | TAG, run_chunks, NULL},
    {0},
};
/* clang-format on */
