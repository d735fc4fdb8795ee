#include "wire.h"

#include <sockspec/shadowsocks.h>

/* Hands on the chunk that lies whole at p. */
/*@ requires \valid(feed) && \valid(out) && \valid(used) && sks_octets(p, size);
    requires size >= 2 && size == sks_ota_chunk_size(p, size);
    requires \separated(feed, out, used, p + (0 .. size - 1));
    assigns feed->index, feed->have, *out, *used;
    ensures out->text == p + SKS_OTA_CHUNK_HEAD && out->tag == p + 2;
    ensures out->text_len == size - SKS_OTA_CHUNK_HEAD && out->index == \old(feed->index);
    ensures feed->index == sks_ota_index_next(\old(feed->index));
    ensures feed->have == 0 && *used == size; */
static void hand_on(struct sks_ota_feed *feed, struct sks_ota_chunk *out, const uint8_t *p,
                    size_t size, size_t *used)
{
    sks_ota_chunk_parse(out, p, size, used);
    out->index = feed->index;
    feed->index = feed->index < UINT32_MAX ? feed->index + 1 : 0;
    feed->have = 0;
}

/* The octets that the present chunk needs, of which feed->have stand in buf and the rest is data.
 */
/*@ requires \valid_read(feed) && sks_octets(feed->buf, feed->have) && sks_octets(data, len);
    assigns \nothing;
    ensures \result == sks_ota_feed_size(feed, data, len); */
static size_t need(const struct sks_ota_feed *feed, const uint8_t *data, size_t len)
{
    if (feed->have == 0)
        return sks_ota_chunk_need(data, len);
    if (feed->have >= 2)
        return sks_ota_chunk_need(feed->buf, feed->have);
    return len == 0 ? SKS_OTA_CHUNK_HEAD : SKS_OTA_CHUNK_HEAD + 256u * feed->buf[0] + data[0];
}

enum sks_status sks_ota_feed(struct sks_ota_feed *feed, struct sks_ota_chunk *out,
                             const uint8_t *data, size_t len, size_t *used)
{
    size_t size = need(feed, data, len), have = feed->have;
    uint8_t *buf = feed->buf;
    if (have == 0 && len >= size) {
        hand_on(feed, out, data, size, used);
        return SKS_OK;
    }
    if (len == 0)
        return wire_more(used);
    if (feed->cap < size)
        return wire_error(SKS_ERR_SPACE, size, used);
    size_t missing = size - have;
    size_t n = len < missing ? len : missing;
    wire_copy(buf + have, data, n);
    //@ assert sks_kept{Pre, Here}(buf, 0, have);
    //@ assert \forall integer i; have <= i < have + n ==> buf[i] == \at(data[i - feed->have], Pre);
    if (n == missing) {
        //@ assert size == sks_ota_chunk_size(buf, size);
        hand_on(feed, out, buf, size, used);
    } else {
        feed->have = have + n;
    }
    *used = n;
    return n == missing ? SKS_OK : SKS_MORE;
}
