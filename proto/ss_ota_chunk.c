#include "wire.h"

#include <sockspec/shadowsocks.h>

/*@ requires sks_octets(data, len);
    assigns \nothing;
    ensures \result == sks_ota_chunk_size(data, len); */
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
    //@ assert sks_kept{Pre, Here}(buf, SKS_OTA_CHUNK_HEAD, cap);
    wire_zero(buf + 2, SKS_OTA_TAG_SIZE);
    //@ assert sks_kept{Pre, Here}(buf, SKS_OTA_CHUNK_HEAD, cap);
    return SKS_OK;
}

void sks_ota_index_write(uint8_t to[SKS_OTA_INDEX_SIZE], uint32_t index)
{
    wire_u16_write(to, (uint16_t)(index / 65536));
    wire_u16_write(to + 2, (uint16_t)(index % 65536));
}
