/* Every split gives the same answer: messages one behind the other, read from a buffer that grows
 * by pieces and of which what was used is dropped, are those that stand in the whole. The first
 * octet chooses the message, the second is the seed of the sizes. */
#include "codecs.h"

enum { LARGEST = 4096 };

/* The messages that came, as their sizes and octets written again. */
struct read {
    size_t count, at;
    enum sks_status last;
    size_t last_used;
    uint8_t octets[LARGEST];
};

/* Reads messages from held octets, until there is none. */
static size_t read_some(const struct codec *c, struct read *r, const uint8_t *held, size_t n)
{
    size_t taken = 0;
    r->last = SKS_OK;
    while (r->last == SKS_OK) {
        union message m;
        size_t used, written = 0;
        r->last = c->parse(&m, exact(held + taken, n - taken), n - taken, &used);
        if (r->last == SKS_OK) {
            LAW(c->encode(r->octets + r->at, LARGEST - r->at, &m, &written) == SKS_OK &&
                    written == used,
                "what was read can be written");
            r->count++;
            r->at += written;
            taken += used;
        } else {
            r->last_used = SKS_IS_ERROR(r->last) ? r->at + used : 0;
        }
    }
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct read whole, pieces;
    const struct codec *c = choose(&data, &size);
    if (c == NULL || c->encode == NULL || c->datagram || size < 1 || size > LARGEST)
        return 0;
    uint32_t random = data[0];
    data++, size--;
    whole.count = whole.at = pieces.count = pieces.at = 0;
    (void)read_some(c, &whole, data, size);
    pieces.last = SKS_MORE;
    for (size_t done = 0, end = 0; end < size && !SKS_IS_ERROR(pieces.last);) {
        random = (random * 1103515245u + 12345u) & 0x7fffffffu;
        size_t n = 1 + (random >> 16) % (random >> 8 & 1 ? 3 : 80);
        end = n < size - end ? end + n : size;
        done += read_some(c, &pieces, data + done, end - done);
    }
    LAW(pieces.count == whole.count && pieces.at == whole.at &&
            memcmp(pieces.octets, whole.octets, whole.at) == 0,
        "the same messages");
    LAW(size == 0 || (pieces.last == whole.last && pieces.last_used == whole.last_used),
        "the same end, at the same octet");
    return 0;
}
