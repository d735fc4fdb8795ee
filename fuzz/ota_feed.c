/* The chunks of a stream, fed in pieces: the same chunks as read whole, whatever the pieces. The
 * first octet is the seed of their sizes. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

static void expect_same(const struct sks_ota_chunk *a, const struct sks_ota_chunk *b, uint32_t i)
{
    LAW(a->index == i, "each chunk takes an index");
    LAW(a->text_len == b->text_len && memcmp(a->tag, b->tag, SKS_OTA_TAG_SIZE) == 0 &&
            memcmp(a->text, b->text, a->text_len) == 0,
        "a chunk in pieces is the chunk");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buf[SKS_OTA_CHUNK_MAX];
    struct sks_ota_feed feed = {.buf = buf, .cap = sizeof buf};
    if (size < 1)
        return 0;
    uint32_t random = data[0], count = 0;
    data++, size--;
    for (size_t at = 0, whole = 0; at < size;) {
        struct sks_ota_chunk out, expected;
        random = (random * 1103515245u + 12345u) & 0x7fffffffu;
        size_t n = 1 + (random >> 16) % (random >> 8 & 1 ? 4 : 64), used;
        n = n < size - at ? n : size - at;
        size_t have = feed.have;
        memset(&out, PATTERN, sizeof out);
        enum sks_status s = sks_ota_feed(&feed, &out, exact(data + at, n), n, &used);
        LAW(used <= n, "what was used was there");
        at += used;
        if (s == SKS_OK) {
            LAW(sks_ota_chunk_parse(&expected, data + whole, size - whole, &used) == SKS_OK,
                "no chunk before it is whole");
            expect_same(&out, &expected, count++);
            whole += used;
            LAW(at == whole && feed.have == 0, "no octet is lost at a chunk's end");
        } else {
            LAW(s == SKS_MORE && used == n && feed.have == have + n, "what is no chunk is kept");
            LAW(untouched(&out, sizeof out), "more: the output is untouched");
            LAW(at - whole < sks_ota_chunk_need(data + whole, size - whole), "a whole chunk comes");
        }
    }
    return 0;
}
