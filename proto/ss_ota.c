#include "wire.h"

#include <sockspec/shadowsocks.h>

static size_t tag_size(const struct sks_ss_header *header)
{
    return (header->type & SKS_SS_OTA_FLAG) != 0 ? SKS_OTA_TAG_SIZE : 0;
}

enum sks_status sks_ota_header_parse(struct sks_ota_header *out, const uint8_t *data, size_t len,
                                     enum sks_ss_mode mode, size_t *used)
{
    struct sks_ss_header header;
    enum sks_status s = sks_ss_header_parse(&header, data, len, mode, used);
    if (s != SKS_OK)
        return s;
    size_t text_len = *used, tag = tag_size(&header);
    if (len - text_len < tag)
        return wire_more(used);
    out->header = header;
    out->text = data;
    out->text_len = text_len;
    out->tag = tag > 0 ? data + text_len : NULL;
    return wire_ok(text_len + tag, used);
}

enum sks_status sks_ota_header_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                      enum sks_ss_mode mode, size_t *used)
{
    return sks_ota_datagram_encode(buf, cap, in, NULL, 0, mode, used);
}

enum sks_status sks_ota_datagram_parse(struct sks_ota_datagram *out, const uint8_t *data,
                                       size_t len, enum sks_ss_mode mode, size_t *used)
{
    struct sks_ss_header header;
    enum sks_status s = sks_ss_header_parse(&header, data, len, mode, used);
    if (s != SKS_OK)
        return s;
    size_t header_len = *used, tag = tag_size(&header);
    if (len - header_len < tag)
        return wire_more(used);
    out->header = header;
    out->data = data + header_len;
    out->data_len = len - header_len - tag;
    out->text = data;
    out->text_len = len - tag;
    out->tag = tag > 0 ? data + out->text_len : NULL;
    return wire_ok(len, used);
}

enum sks_status sks_ota_datagram_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                        const uint8_t *data, size_t data_len, enum sks_ss_mode mode,
                                        size_t *used)
{
    enum sks_status s = sks_ss_header_encode(NULL, 0, in, mode, used);
    if (s != SKS_ERR_SPACE)
        return s;
    size_t header_len = *used, tag = tag_size(in);
    *used = header_len + data_len + tag;
    if (cap < *used)
        return SKS_ERR_SPACE;
    sks_ss_header_encode(buf, header_len, in, mode, &header_len);
    wire_copy(buf + header_len, data, data_len);
    wire_zero(buf + header_len + data_len, tag);
    return SKS_OK;
}

static inline size_t chunk_need(const uint8_t *data, size_t len)
{
    return (size_t)SKS_OTA_CHUNK_HEAD + (len < 2 ? 0 : wire_u16(data));
}

size_t sks_ota_chunk_need(const uint8_t *data, size_t len)
{
    return chunk_need(data, len);
}

enum sks_status sks_ota_chunk_parse(struct sks_ota_chunk *out, const uint8_t *data, size_t len,
                                    size_t *used)
{
    size_t size = chunk_need(data, len);
    if (len < size)
        return wire_more(used);
    out->text = data + SKS_OTA_CHUNK_HEAD;
    out->tag = data + 2;
    out->index = 0;
    out->text_len = (uint16_t)(size - SKS_OTA_CHUNK_HEAD);
    return wire_ok(size, used);
}

enum sks_status sks_ota_chunk_encode(uint8_t *buf, size_t cap, size_t text_len, size_t *used)
{
    if (text_len > SKS_OTA_CHUNK_TEXT_MAX)
        return wire_error(SKS_ERR_CHUNK_LENGTH, 0, used);
    *used = SKS_OTA_CHUNK_HEAD;
    if (cap < *used)
        return SKS_ERR_SPACE;
    wire_u16_write(buf, (uint16_t)text_len);
    wire_zero(buf + 2, SKS_OTA_TAG_SIZE);
    return SKS_OK;
}

void sks_ota_index_write(uint8_t to[SKS_OTA_INDEX_SIZE], uint32_t index)
{
    wire_u16_write(to, (uint16_t)(index >> 16));
    wire_u16_write(to + 2, (uint16_t)(index & 0xffff));
}
