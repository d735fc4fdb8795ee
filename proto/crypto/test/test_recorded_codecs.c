/* Sessions of other implementations: the frames of their streams and their datagrams, made again
 * and read by the codecs and ciphers alone. */
#include "datagram.h"
#include "recorded_sessions.h"

enum { TEXT = 24 * 1024 };

static uint8_t text[TEXT], made[2 * TEXT];

/* ---- streams --------------------------------------------------------------------------------- */

/* The header as a codec writes it, with its place for a tag. */
static size_t make_header(uint8_t *out, const struct octets *header)
{
    struct sks_ss_header parsed;
    size_t used;
    assert_int_equal(sks_ss_header_parse(&parsed, header->at, header->n, SKS_SS_OTA_ALLOWED, &used),
                     SKS_OK);
    assert_int_equal(used, header->n);
    assert_int_equal(sks_ota_header_encode(out, TEXT, &parsed, SKS_SS_OTA_ALLOWED, &used), SKS_OK);
    return used;
}

/* What a stream method encrypts: header and chunks with their tags, or as it is. */
static size_t make_text(const struct direction *d)
{
    const struct family *f = &now.family;
    size_t n = 0, used;
    if (d->header.n != 0)
        n = make_header(text, &d->header);
    if (d->header.n == 0 || !(d->header.at[0] & SKS_SS_OTA_FLAG)) {
        memcpy(text + n, d->payload.at, d->payload.n);
        return n + d->payload.n;
    }
    assert_int_equal(sks_ota_tag(text + n - SKS_OTA_TAG_SIZE, &f->key, d->salt.at, d->salt.n, text,
                                 n - SKS_OTA_TAG_SIZE),
                     SKS_OK);
    const uint8_t *at = d->payload.at;
    for (size_t i = 0; i < d->chunk_count; at += d->chunks[i++]) {
        assert_int_equal(sks_ota_chunk_encode(text + n, TEXT - n, d->chunks[i], &used), SKS_OK);
        memcpy(text + n + used, at, d->chunks[i]);
        sks_ota_chunk_tag(text + n + 2, (uint32_t)i, d->salt.at, d->salt.n, at, d->chunks[i]);
        n += used + d->chunks[i];
    }
    return n;
}

static size_t make_stream(const struct direction *d)
{
    struct sks_stream *stream;
    memcpy(made, d->salt.at, d->salt.n);
    size_t n = make_text(d);
    memcpy(made + d->salt.n, text, n);
    assert_int_equal(sks_stream_new(&stream, now.family.cipher, SKS_ENCRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(stream, &now.family.key, d->salt.at, d->salt.n), SKS_OK);
    assert_int_equal(sks_stream_update(stream, made + d->salt.n, n), SKS_OK);
    sks_stream_free(stream);
    return d->salt.n + n;
}

static size_t make_sealed(const struct direction *d)
{
    struct sks_sealer *sealer = now.family.sealer;
    struct sks_aead aead;
    size_t n = d->salt.n, used;
    memcpy(made, d->salt.at, n);
    if (d->header.n != 0)
        memcpy(text, d->header.at, d->header.n);
    memcpy(text + d->header.n, d->payload.at, d->payload.n);
    const uint8_t *at = text;
    assert_int_equal(sks_aead_start(&aead, &now.family.key, d->salt.at, d->salt.n), SKS_OK);
    for (size_t i = 0; i < d->chunk_count; at += d->chunks[i++]) {
        size_t len = d->chunks[i];
        assert_int_equal(sks_aead_length_encode(made + n, 2, len, &used), SKS_OK);
        assert_int_equal(sks_aead_seal(&aead, sealer, made + n, 2, made + n + 2), SKS_OK);
        n += SKS_AEAD_CHUNK_DATA;
        memcpy(made + n, at, len);
        assert_int_equal(sks_aead_seal(&aead, sealer, made + n, len, made + n + len), SKS_OK);
        n += len + SKS_TAG_SIZE;
    }
    assert_ptr_equal(at, text + d->header.n + d->payload.n);
    return n;
}

static size_t judged;

static void check_direction(const struct direction *d)
{
    if (d->wire.n == 0 || now.reason != NULL)
        return;
    size_t n = is_aead() ? make_sealed(d) : make_stream(d);
    expect("octets of our codecs", made, n, &d->wire);
    judged++;
}

static void check_streams(void)
{
    check_direction(&now.up);
    check_direction(&now.down);
}

static void our_codecs_make_their_streams(void **state)
{
    (void)state;
    judged = 0;
    (void)each_session(check_streams);
    assert_true(judged > 300);
}

/* ---- chunks of one-time auth ------------------------------------------------------------------
 */

/* The text of a recorded stream, at `made`. */
static size_t open_stream(const struct direction *d)
{
    struct sks_stream *stream;
    size_t n = d->wire.n - d->salt.n;
    memcpy(made, d->wire.at + d->salt.n, n);
    assert_int_equal(sks_stream_new(&stream, now.family.cipher, SKS_DECRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(stream, &now.family.key, d->salt.at, d->salt.n), SKS_OK);
    assert_int_equal(sks_stream_update(stream, made, n), SKS_OK);
    sks_stream_free(stream);
    return n;
}

/* Feeds n octets, piece by piece; verified chunks go to `text`. */
static void feed_chunks(const uint8_t *octets, size_t n, size_t piece)
{
    static uint8_t room[SKS_OTA_CHUNK_MAX];
    const struct direction *d = &now.up;
    struct sks_ota_feed feed = {.buf = room, .cap = sizeof room};
    struct sks_ota_chunk chunk;
    size_t got = 0, count = 0, used;
    for (size_t at = 0; at < n; at += used) {
        size_t len = piece < n - at ? piece : n - at;
        uint8_t tag[SKS_OTA_TAG_SIZE];
        enum sks_status s = sks_ota_feed(&feed, &chunk, octets + at, len, &used);
        if (s == SKS_MORE)
            continue;
        assert_int_equal(s, SKS_OK);
        sks_ota_chunk_tag(tag, chunk.index, d->salt.at, d->salt.n, chunk.text, chunk.text_len);
        assert_int_equal(sks_ota_check(tag, chunk.tag), SKS_OK);
        memcpy(text + got, chunk.text, chunk.text_len);
        got += chunk.text_len;
        count++;
    }
    assert_int_equal(count, d->chunk_count);
    expect("payload in chunks", text, got, &d->payload);
}

static void check_chunks(void)
{
    struct sks_ota_header header;
    uint8_t tag[SKS_OTA_TAG_SIZE];
    size_t used;
    if (now.datagrams != NULL || now.reason != NULL || !now.is_ota)
        return;
    size_t n = open_stream(&now.up);
    assert_int_equal(sks_ota_header_parse(&header, made, n, SKS_SS_OTA_REQUIRED, &used), SKS_OK);
    assert_int_equal(sks_ota_tag(tag, &now.family.key, now.up.salt.at, now.up.salt.n, header.text,
                                 header.text_len),
                     SKS_OK);
    assert_int_equal(sks_ota_check(tag, header.tag), SKS_OK);
    for (size_t piece = 1; piece < 64; piece++)
        feed_chunks(made + used, n - used, piece);
    feed_chunks(made + used, n - used, n);
    judged++;
}

static void their_chunks_are_taken_in_pieces_of_any_size(void **state)
{
    (void)state;
    judged = 0;
    (void)each_session(check_chunks);
    assert_true(judged > 50);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

struct datagram {
    enum sks_ss_mode mode;
    struct octets salt, header, payload, wire;
};

static void check_datagram(const struct datagram *d)
{
    const struct family *f = &now.family;
    struct sks_ota_datagram parsed;
    size_t n, used;
    assert_memory_equal(d->wire.at, d->salt.at, d->salt.n);
    assert_int_equal(datagram_open(text, &n, &f->key, f->sealer, d->wire.at, d->wire.n), SKS_OK);
    enum sks_status s = sks_ota_datagram_parse(&parsed, text, n, d->mode, &used);
    if (now.reason != NULL && (d->header.at[0] & SKS_SS_OTA_FLAG)) {
        assert_string_equal(now.reason, "ota-under-aead");
        assert_int_equal(s, SKS_ERR_OTA_FORBIDDEN);
        return;
    }
    assert_int_equal(s, SKS_OK);
    expect("header", text, (size_t)(parsed.data - text), &d->header);
    expect("payload", parsed.data, parsed.data_len, &d->payload);
    if (parsed.tag != NULL) {
        assert_int_equal(datagram_check(&f->key, d->salt.at, &parsed), SKS_OK);
        judged++;
    }
    n = datagram_seal(made, sizeof made, &f->key, f->sealer, d->salt.at, &parsed.header,
                      d->payload.at, d->payload.n);
    expect("datagram", made, n, &d->wire);
}

static void check_datagrams(void)
{
    size_t i;
    json_t *json;
    json_array_foreach(now.datagrams, i, json)
    {
        int is_up = strcmp(text_of(json, "direction"), "up") == 0;
        struct datagram d = {
            .mode = is_up && !is_aead() ? SKS_SS_OTA_ALLOWED : SKS_SS_PLAIN,
            .salt = octets_of(json, "salt"),
            .header = octets_of(json, "header"),
            .payload = octets_of(json, "payload"),
            .wire = octets_of(json, "wire"),
        };
        if (is_up) { /* what the client asked for, but for the flag */
            d.header.at[0] &= (uint8_t)~SKS_SS_OTA_FLAG;
            expect("destination", d.header.at, d.header.n, &now.destination);
        }
        free(d.header.at);
        d.header = octets_of(json, "header");
        check_datagram(&d);
        free(d.salt.at);
        free(d.header.at);
        free(d.payload.at);
        free(d.wire.at);
    }
}

static void their_datagrams_are_understood_and_made_again(void **state)
{
    (void)state;
    judged = 0;
    (void)each_session(check_datagrams);
    assert_true(judged > 50); /* tags */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_codecs_make_their_streams),
        cmocka_unit_test(their_chunks_are_taken_in_pieces_of_any_size),
        cmocka_unit_test(their_datagrams_are_understood_and_made_again),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
