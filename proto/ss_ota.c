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
