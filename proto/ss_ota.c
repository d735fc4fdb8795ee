#include "wire.h"

#include <sockspec/shadowsocks.h>

/*@ requires \valid_read(header);
    assigns \nothing;
    ensures \result == sks_ota_tag_size(header->type); */
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
    //@ assert tag == sks_ota_tag_size(data[0]) && text_len == sks_ss_used(data, s, len, mode);
    //@ assert text_len <= len && sks_ss_answer(data, len, mode) == SKS_OK;
    if (len - text_len < tag)
        return wire_more(used);
    //@ assert header.type == data[0];
    //@ assert sks_addr_read(&header.dst, data, sks_ss_atyp(data[0], mode));
    out->header = header;
    //@ assert out->header.type == data[0];
    //@ assert sks_addr_read(&out->header.dst, data, sks_ss_atyp(data[0], mode));
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
    //@ assert tag == sks_ota_tag_size(data[0]) && header_len == sks_ss_used(data, s, len, mode);
    //@ assert header_len <= len && sks_ss_answer(data, len, mode) == SKS_OK;
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
    size_t tag_at = header_len + data_len, written;
    *used = tag_at + tag;
    if (cap < *used)
        return SKS_ERR_SPACE;
    //@ assert sks_ss_fit(in, mode) == SKS_OK && header_len == sks_addr_room(&in->dst);
    sks_ss_header_encode(buf, header_len, in, mode, &written);
    //@ assert sks_ss_fit(in, mode) == SKS_OK && header_len == sks_addr_room(&in->dst);
    //@ assert sks_ss_written(in, buf) && sks_kept{Pre, Here}(buf, header_len, cap);
    wire_copy(buf + header_len, data, data_len);
    //@ assert in->type == \at(in->type, Pre) && in->dst == \at(in->dst, Pre);
    //@ assert sks_ss_written(in, buf) && sks_kept{Pre, Here}(buf, *used, cap);
    //@ assert sks_equal(buf + header_len, data, data_len);
    wire_zero(buf + tag_at, tag);
    //@ assert tag == sks_ota_tag_size(in->type) && tag_at == sks_addr_room(&in->dst) + data_len;
    //@ assert sks_zeros(buf + tag_at, tag);
    //@ assert in->type == \at(in->type, Pre) && in->dst == \at(in->dst, Pre);
    //@ assert sks_ss_fit(in, mode) == SKS_OK && header_len == sks_addr_room(&in->dst);
    //@ assert sks_ss_written(in, buf) && sks_kept{Pre, Here}(buf, *used, cap);
    //@ assert sks_equal(buf + header_len, data, data_len);
    return SKS_OK;
}
