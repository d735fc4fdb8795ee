/* encode(parse(x)) = x, for every message that has an encoder; and into too small a room nothing is
 * written, but the size said. The first octet chooses the message. */
#include "codecs.h"

static void expect_encoded(const struct codec *c, const union message *m, const uint8_t *octets,
                           size_t n)
{
    size_t used = SIZE_MAX;
    uint8_t *buf = room(n);
    memset(buf, PATTERN, n);
    LAW(c->encode(buf, n, m, &used) == SKS_OK && used == n, "what was read can be written");
    LAW(memcmp(buf, octets, n) == 0, "it is written as it stood");
}

/* The tags and data that codecs.h writes behind the encoder need no law. */
static void expect_refused(const struct codec *c, const union message *m, size_t n)
{
    for (size_t cap = n > 4 ? n - 4 : 0; cap < n; cap++) {
        size_t used = SIZE_MAX;
        uint8_t *buf = room(cap);
        memset(buf, PATTERN, cap);
        LAW(c->encode(buf, cap, m, &used) == SKS_ERR_SPACE && used == n, "the size needed is said");
        LAW(c->parse == ota_chunk_parse || untouched(buf, cap), "nothing is written");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct codec *c = choose(&data, &size);
    union message m, again;
    size_t used = SIZE_MAX;
    if (c == NULL || c->encode == NULL || c->parse(&m, data, size, &used) != SKS_OK)
        return 0;
    expect_encoded(c, &m, data, used);
    expect_refused(c, &m, used);
    const uint8_t *copy = exact(data, used);
    LAW(c->parse(&again, copy, used, &used) == SKS_OK, "without what follows it is the same");
    expect_encoded(c, &again, data, used);
    return 0;
}
