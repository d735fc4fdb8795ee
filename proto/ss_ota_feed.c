#include "wire.h"

#include <sockspec/shadowsocks.h>

/* Hands on the chunk that lies whole at p. */
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
static size_t need(const struct sks_ota_feed *feed, const uint8_t *data, size_t len)
{
    uint8_t head[2];
    size_t n = 0;
    for (; n < 2 && n < feed->have; n++)
        head[n] = feed->buf[n];
    for (size_t i = 0; n < 2 && i < len; i++)
        head[n++] = data[i];
    return sks_ota_chunk_need(head, n);
}

enum sks_status sks_ota_feed(struct sks_ota_feed *feed, struct sks_ota_chunk *out,
                             const uint8_t *data, size_t len, size_t *used)
{
    size_t size = need(feed, data, len), have = feed->have;
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
    wire_copy(feed->buf + have, data, n);
    feed->have = have + n;
    if (n == missing)
        hand_on(feed, out, feed->buf, size, used);
    *used = n;
    return n == missing ? SKS_OK : SKS_MORE;
}
