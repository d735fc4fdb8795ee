#include "floor.h"

static inline size_t addr(struct sks_addr *out, const uint8_t *p)
{
    size_t host = 1, n = 4;
    if (p[0] == SKS_ATYP_DOMAIN) {
        host = 2;
        n = p[1];
    } else if (p[0] == SKS_ATYP_IPV6) {
        n = 16;
    }
    out->host = p + host;
    out->port = (uint16_t)(256u * p[host + n] + p[host + n + 1]);
    out->atyp = p[0];
    out->host_len = (uint8_t)n;
    return host + n + 2;
}

FLOOR(addr)
{
    (void)len;
    *used = addr(out, data);
    return SKS_OK;
}

FLOOR(greeting)
{
    (void)len;
    out->methods = data + 2;
    out->nmethods = data[1];
    *used = 2u + data[1];
    return SKS_OK;
}

FLOOR(selection)
{
    (void)len;
    out->method = data[1];
    *used = 2;
    return SKS_OK;
}

FLOOR(userpass)
{
    (void)len;
    size_t plen_at = 2u + data[1];
    out->uname = data + 2;
    out->passwd = data + plen_at + 1;
    out->ulen = data[1];
    out->plen = data[plen_at];
    *used = plen_at + 1 + data[plen_at];
    return SKS_OK;
}

FLOOR(userpass_status)
{
    (void)len;
    out->status = data[1];
    *used = 2;
    return SKS_OK;
}

FLOOR(request)
{
    (void)len;
    *used = 3 + addr(&out->dst, data + 3);
    out->cmd = data[1];
    out->rsv = data[2];
    return SKS_OK;
}

FLOOR(reply)
{
    (void)len;
    *used = 3 + addr(&out->bnd, data + 3);
    out->rep = data[1];
    out->rsv = data[2];
    return SKS_OK;
}

FLOOR(udp_header)
{
    (void)len;
    *used = 3 + addr(&out->dst, data + 3);
    out->rsv = (uint16_t)(256u * data[0] + data[1]);
    out->frag = data[2];
    return SKS_OK;
}

FLOOR(ss_header)
{
    (void)len;
    size_t host = 1, n = 4;
    uint8_t type = data[0];
    uint8_t atyp = type & 0xef;
    if (atyp == SKS_ATYP_DOMAIN) {
        host = 2;
        n = data[1];
    } else if (atyp == SKS_ATYP_IPV6) {
        n = 16;
    }
    out->dst.host = data + host;
    out->dst.port = (uint16_t)(256u * data[host + n] + data[host + n + 1]);
    out->dst.atyp = atyp;
    out->dst.host_len = (uint8_t)n;
    out->type = type;
    *used = host + n + 2;
    return SKS_OK;
}

FLOOR(ota_chunk)
{
    (void)len;
    out->text_len = (uint16_t)(256u * data[0] + data[1]);
    out->text = data + SKS_OTA_CHUNK_HEAD;
    out->tag = data + 2;
    out->index = 0;
    *used = (size_t)SKS_OTA_CHUNK_HEAD + out->text_len;
    return SKS_OK;
}
