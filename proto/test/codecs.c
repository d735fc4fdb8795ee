#include "harness.h"

#define U8(name, member)                                                                           \
    {                                                                                              \
#member, FIELD_U8, offsetof(struct sks_##name, member), 0                                  \
    }
#define U16(name, member)                                                                          \
    {                                                                                              \
#member, FIELD_U16, offsetof(struct sks_##name, member), 0                                 \
    }
#define SPAN(name, member, length)                                                                 \
    {                                                                                              \
#member, FIELD_SPAN, offsetof(struct sks_##name, member),                                  \
            offsetof(struct sks_##name, length)                                                    \
    }
#define ADDR(name, in) SPAN(name, in host, in host_len), U16(name, in port), U8(name, in atyp)

#define CODEC(name, ...)                                                                           \
    static enum sks_status name##_parse(void *out, const uint8_t *data, size_t len, size_t *used)  \
    {                                                                                              \
        return sks_##name##_parse(out, data, len, used);                                           \
    }                                                                                              \
    static enum sks_status name##_encode(uint8_t *buf, size_t cap, const void *in, size_t *used)   \
    {                                                                                              \
        return sks_##name##_encode(buf, cap, in, used);                                            \
    }                                                                                              \
    const struct codec codec_##name = {                                                            \
        #name, sizeof(struct sks_##name), name##_parse, name##_encode, {__VA_ARGS__}};

CODEC(addr, ADDR(addr, ))
CODEC(greeting, SPAN(greeting, methods, nmethods))
CODEC(selection, U8(selection, method))
CODEC(userpass, SPAN(userpass, uname, ulen), SPAN(userpass, passwd, plen))
CODEC(userpass_status, U8(userpass_status, status))
CODEC(request, ADDR(request, dst.), U8(request, cmd), U8(request, rsv))
CODEC(reply, ADDR(reply, bnd.), U8(reply, rep), U8(reply, rsv))
CODEC(udp_header, ADDR(udp_header, dst.), U16(udp_header, rsv), U8(udp_header, frag))

#define IPV4 "\x01\xc0\x00\x02\x07\x1f\x90"
#define DOMAIN                                                                                     \
    "\x03\x0b"                                                                                     \
    "example.org\x01\xbb"
#define IPV6 "\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x35"
#define SAMPLE(name, octets)                                                                       \
    {                                                                                              \
        &codec_##name, octets, sizeof(octets) - 1                                                  \
    }

const struct sample samples[] = {
    SAMPLE(addr, IPV4),
    SAMPLE(addr, DOMAIN),
    SAMPLE(addr, IPV6),
    SAMPLE(greeting, "\x05\x03\x00\x01\x02"),
    SAMPLE(selection, "\x05\x02"),
    SAMPLE(userpass, "\x01\x05"
                     "alice"
                     "\x06"
                     "secret"),
    SAMPLE(userpass_status, "\x01\x00"),
    SAMPLE(request, "\x05\x01\x00" IPV4),
    SAMPLE(request, "\x05\x02\x00" DOMAIN),
    SAMPLE(request, "\x05\x03\x00" IPV6),
    SAMPLE(reply, "\x05\x00\x00" IPV4),
    SAMPLE(reply, "\x05\x05\x00" DOMAIN),
    SAMPLE(reply, "\x05\x04\x00" IPV6),
    SAMPLE(udp_header, "\x00\x00\x00" IPV4),
    SAMPLE(udp_header, "\x00\x00\x01" DOMAIN),
    SAMPLE(udp_header, "\x00\x00\x82" IPV6),
    {NULL, NULL, 0},
};
