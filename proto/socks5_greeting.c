#include "wire.h"

#include <sockspec/socks5.h>

enum sks_status sks_greeting_parse(struct sks_greeting *out, const uint8_t *data, size_t len,
                                   size_t *used)
{
    if (len < 1)
        return wire_more(used);
    if (data[0] != SKS_SOCKS5_VERSION)
        return wire_error(SKS_ERR_VERSION, 0, used);
    if (len < 2)
        return wire_more(used);
    size_t n = data[1];
    if (n == 0)
        return wire_error(SKS_ERR_EMPTY, 1, used);
    if (len < 2 + n)
        return wire_more(used);
    out->methods = data + 2;
    out->nmethods = (uint8_t)n;
    return wire_ok(2 + n, used);
}

enum sks_status sks_greeting_encode(uint8_t *buf, size_t cap, const struct sks_greeting *in,
                                    size_t *used)
{
    if (in->nmethods == 0)
        return wire_error(SKS_ERR_EMPTY, 1, used);
    *used = 2u + in->nmethods;
    if (cap < *used)
        return SKS_ERR_SPACE;
    buf[0] = SKS_SOCKS5_VERSION;
    buf[1] = in->nmethods;
    wire_copy(buf + 2, in->methods, in->nmethods);
    return SKS_OK;
}

enum sks_status sks_selection_parse(struct sks_selection *out, const uint8_t *data, size_t len,
                                    size_t *used)
{
    return wire_pair_parse(SKS_SOCKS5_VERSION, &out->method, data, len, used);
}

enum sks_status sks_selection_encode(uint8_t *buf, size_t cap, const struct sks_selection *in,
                                     size_t *used)
{
    return wire_pair_encode(SKS_SOCKS5_VERSION, in->method, buf, cap, used);
}
