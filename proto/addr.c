#include "wire.h"

enum sks_status sks_addr_parse(struct sks_addr *out, const uint8_t *data, size_t len, size_t *used)
{
    return wire_addr_parse(out, data, 0, len, used);
}

enum sks_status sks_addr_encode(uint8_t *buf, size_t cap, const struct sks_addr *in, size_t *used)
{
    enum sks_status s = wire_addr_size(in, 0, used);
    if (s != SKS_OK)
        return s;
    if (cap < *used)
        return SKS_ERR_SPACE;
    wire_addr_write(buf, in);
    return SKS_OK;
}
