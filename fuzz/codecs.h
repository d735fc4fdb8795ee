/* Every message of proto under one type, for the laws that hold for all. */
#ifndef FUZZ_CODECS_H
#define FUZZ_CODECS_H

#include "laws.h"

#include <sockspec/shadowsocks.h>
#include <sockspec/socks5.h>

union message {
    struct sks_addr addr;
    struct sks_greeting greeting;
    struct sks_selection selection;
    struct sks_userpass userpass;
    struct sks_userpass_status userpass_status;
    struct sks_request request;
    struct sks_reply reply;
    struct sks_udp_header udp_header;
    struct sks_ss_header ss_header;
    struct sks_ota_header ota_header;
    struct sks_ota_chunk ota_chunk;
    struct sks_ota_datagram ota_datagram;
    struct sks_aead_datagram aead_datagram;
};

struct codec {
    const char *name;
    enum sks_status (*parse)(union message *out, const uint8_t *data, size_t len, size_t *used);
    enum sks_status (*encode)(uint8_t *buf, size_t cap, const union message *in, size_t *used);
    int datagram; /* takes all there is */
};

#define PARSE(NAME, CALL)                                                                          \
    static inline enum sks_status NAME##_parse(union message *out, const uint8_t *data,            \
                                               size_t len, size_t *used)                           \
    {                                                                                              \
        return CALL;                                                                               \
    }
#define ENCODE(NAME, CALL)                                                                         \
    static inline enum sks_status NAME##_encode(uint8_t *buf, size_t cap, const union message *in, \
                                                size_t *used)                                      \
    {                                                                                              \
        return CALL;                                                                               \
    }
#define SOCKS5(name)                                                                               \
    PARSE(name, sks_##name##_parse(&out->name, data, len, used))                                   \
    ENCODE(name, sks_##name##_encode(buf, cap, &in->name, used))
SOCKS5(addr)
SOCKS5(greeting)
SOCKS5(selection)
SOCKS5(userpass)
SOCKS5(userpass_status)
SOCKS5(request)
SOCKS5(reply)
SOCKS5(udp_header)

/* The encoders of one-time auth leave the tag to the caller. */
static inline enum sks_status with_tag(enum sks_status s, uint8_t *buf, const size_t *used,
                                       const uint8_t *tag)
{
    if (s == SKS_OK && tag != NULL)
        memcpy(buf + *used - SKS_OTA_TAG_SIZE, tag, SKS_OTA_TAG_SIZE);
    return s;
}

#define SHADOWSOCKS(name, mode)                                                                    \
    PARSE(name##_header, sks_ss_header_parse(&out->ss_header, data, len, mode, used))              \
    ENCODE(name##_header, sks_ss_header_encode(buf, cap, &in->ss_header, mode, used))              \
    PARSE(name##_tagged, sks_ota_header_parse(&out->ota_header, data, len, mode, used))            \
    ENCODE(name##_tagged,                                                                          \
           with_tag(sks_ota_header_encode(buf, cap, &in->ota_header.header, mode, used), buf,      \
                    used, in->ota_header.tag))                                                     \
    PARSE(name##_datagram, sks_ota_datagram_parse(&out->ota_datagram, data, len, mode, used))      \
    ENCODE(name##_datagram,                                                                        \
           with_tag(sks_ota_datagram_encode(buf, cap, &in->ota_datagram.header,                    \
                                            in->ota_datagram.data, in->ota_datagram.data_len,      \
                                            mode, used),                                           \
                    buf, used, in->ota_datagram.tag))
SHADOWSOCKS(plain, SKS_SS_PLAIN)
SHADOWSOCKS(allowed, SKS_SS_OTA_ALLOWED)
SHADOWSOCKS(required, SKS_SS_OTA_REQUIRED)
SHADOWSOCKS(py, SKS_SS_PY)

PARSE(ota_chunk, sks_ota_chunk_parse(&out->ota_chunk, data, len, used))

/* The encoder writes what stands before DATA. */
static inline enum sks_status ota_chunk_encode(uint8_t *buf, size_t cap, const union message *in,
                                               size_t *used)
{
    const struct sks_ota_chunk *chunk = &in->ota_chunk;
    enum sks_status s = sks_ota_chunk_encode(buf, cap, chunk->text_len, used);
    size_t head = *used;
    *used += chunk->text_len;
    if (s != SKS_OK || cap < *used)
        return SKS_ERR_SPACE;
    memcpy(buf + 2, chunk->tag, SKS_OTA_TAG_SIZE);
    memcpy(buf + head, chunk->text, chunk->text_len);
    return SKS_OK;
}

PARSE(aead_datagram, sks_aead_datagram_parse(&out->aead_datagram, data, len, 16, used))

#define ROW(name, datagram)                                                                        \
    {                                                                                              \
#name, name##_parse, name##_encode, datagram                                               \
    }
#define ROWS(name) ROW(name##_header, 0), ROW(name##_tagged, 0), ROW(name##_datagram, 1)

/* fuzz/seeds knows the order. */
static const struct codec codecs[] = {
    ROW(addr, 0),
    ROW(greeting, 0),
    ROW(selection, 0),
    ROW(userpass, 0),
    ROW(userpass_status, 0),
    ROW(request, 0),
    ROW(reply, 0),
    ROW(udp_header, 0),
    ROWS(plain),
    ROWS(allowed),
    ROWS(required),
    ROWS(py),
    ROW(ota_chunk, 0),
    {"aead_datagram", aead_datagram_parse, NULL, 1},
};
enum { CODECS = sizeof codecs / sizeof codecs[0] };

/* The codec that the first octet of an input chooses; what follows is its data. */
static inline const struct codec *choose(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return NULL;
    const struct codec *c = &codecs[**data % CODECS];
    ++*data, --*size;
    return c;
}

#endif
