#include "wire.h"

#include <sockspec/shadowsocks.h>

size_t sks_aead_need(const struct sks_aead_stream *stream)
{
    switch (stream->part) {
    case SKS_AEAD_SALT:
        return stream->salt_size;
    case SKS_AEAD_LENGTH:
        return SKS_AEAD_LENGTH_SIZE + SKS_AEAD_TAG_SIZE;
    default:
        return (size_t)stream->data_len + SKS_AEAD_TAG_SIZE;
    }
}

enum sks_status sks_aead_part_parse(struct sks_aead_sealed *out, const uint8_t *data, size_t len,
                                    const struct sks_aead_stream *stream, size_t *used)
{
    size_t size = sks_aead_need(stream);
    size_t text_len = stream->part == SKS_AEAD_SALT ? size : size - SKS_AEAD_TAG_SIZE;
    if (len < size)
        return wire_more(used);
    out->text = data;
    out->text_len = text_len;
    out->tag = text_len < size ? data + text_len : NULL;
    return wire_ok(size, used);
}

enum sks_status sks_aead_next(struct sks_aead_stream *stream, const uint8_t *opened, size_t *used)
{
    if (stream->part != SKS_AEAD_LENGTH) {
        stream->part = SKS_AEAD_LENGTH;
        return wire_ok(0, used);
    }
    uint16_t data_len = wire_u16(opened);
    if (data_len > SKS_AEAD_TEXT_MAX)
        return wire_error(SKS_ERR_CHUNK_LENGTH, 0, used);
    stream->part = SKS_AEAD_DATA;
    stream->data_len = data_len;
    return wire_ok(SKS_AEAD_LENGTH_SIZE, used);
}

enum sks_status sks_aead_length_encode(uint8_t *buf, size_t cap, size_t text_len, size_t *used)
{
    if (text_len > SKS_AEAD_TEXT_MAX)
        return wire_error(SKS_ERR_CHUNK_LENGTH, 0, used);
    *used = SKS_AEAD_LENGTH_SIZE;
    if (cap < *used)
        return SKS_ERR_SPACE;
    wire_u16_write(buf, (uint16_t)text_len);
    return SKS_OK;
}

enum sks_status sks_aead_datagram_parse(struct sks_aead_datagram *out, const uint8_t *data,
                                        size_t len, size_t salt_size, size_t *used)
{
    if (len < salt_size || len - salt_size < SKS_AEAD_TAG_SIZE)
        return wire_more(used);
    out->salt = data;
    out->text = data + salt_size;
    out->text_len = len - salt_size - SKS_AEAD_TAG_SIZE;
    out->tag = out->text + out->text_len;
    return wire_ok(len, used);
}

void sks_aead_nonce_next(uint8_t *nonce, size_t size)
{
    /*@ loop invariant 0 <= i <= size;
        loop invariant \forall integer k; 0 <= k < i ==> nonce[k] == 0;
        loop invariant \forall integer k; 0 <= k < i ==> \at(nonce[k], Pre) == 0xff;
        loop invariant sks_kept{Pre, Here}(nonce, i, size);
        loop assigns i, nonce[0 .. size - 1];
        loop variant size - i; */
    for (size_t i = 0; i < size; i++) {
        if (nonce[i] != 0xff) {
            nonce[i]++;
            return;
        }
        nonce[i] = 0;
    }
}
