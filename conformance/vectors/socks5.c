#include "kinds.h"

#include <sockspec/socks5.h>

/* The two functions of a codec as struct codec has them. */
#define CODEC(NAME)                                                                                \
    static enum sks_status NAME##_parse(const struct vector *v, void *out, const uint8_t *data,    \
                                        size_t len, size_t *used)                                  \
    {                                                                                              \
        (void)v;                                                                                   \
        return sks_##NAME##_parse(out, data, len, used);                                           \
    }                                                                                              \
    static enum sks_status NAME##_encode(const struct vector *v, uint8_t *buf, size_t cap,         \
                                         const void *in, size_t *used)                             \
    {                                                                                              \
        (void)v;                                                                                   \
        return sks_##NAME##_encode(buf, cap, in, used);                                            \
    }                                                                                              \
    static const struct codec NAME = {.parse = NAME##_parse, .encode = NAME##_encode}

CODEC(greeting);
CODEC(selection);
CODEC(userpass);
CODEC(userpass_status);
CODEC(request);
CODEC(reply);
CODEC(udp_header);
CODEC(addr);

#define INPUT FIELD_INPUT
#define USED FIELD_USED
#define U8(S, NAME, MEMBER) FIELD_MEMBER(NAME, FIELD_U8, sks_##S, MEMBER)
#define U16(S, NAME, MEMBER) FIELD_MEMBER(NAME, FIELD_U16, sks_##S, MEMBER)
#define OCTETS(S, NAME, MEMBER, COUNT) FIELD_COUNTED(NAME, FIELD_OCTETS, sks_##S, MEMBER, COUNT)

/* clang-format off */
static const struct field greeting_fields[] = {
    INPUT, USED, OCTETS(greeting, "methods", methods, nmethods), {0}};
static const struct field selection_fields[] = {
    INPUT, USED, U8(selection, "method", method), {0}};
static const struct field userpass_fields[] = {
    INPUT, USED, OCTETS(userpass, "uname", uname, ulen), OCTETS(userpass, "passwd", passwd, plen),
    {0}};
static const struct field userpass_status_fields[] = {
    INPUT, USED, U8(userpass_status, "code", status), {0}};
static const struct field request_fields[] = {
    INPUT, USED, U8(request, "cmd", cmd), U8(request, "rsv", rsv), U8(request, "atyp", dst.atyp),
    OCTETS(request, "host", dst.host, dst.host_len), U16(request, "port", dst.port), {0}};
static const struct field reply_fields[] = {
    INPUT, USED, U8(reply, "rep", rep), U8(reply, "rsv", rsv), U8(reply, "atyp", bnd.atyp),
    OCTETS(reply, "host", bnd.host, bnd.host_len), U16(reply, "port", bnd.port), {0}};
static const struct field udp_header_fields[] = {
    INPUT, USED, U16(udp_header, "rsv", rsv), U8(udp_header, "frag", frag),
    U8(udp_header, "atyp", dst.atyp), OCTETS(udp_header, "host", dst.host, dst.host_len),
    U16(udp_header, "port", dst.port), {0}};
static const struct field addr_fields[] = {
    INPUT, USED, U8(addr, "atyp", atyp), OCTETS(addr, "host", host, host_len),
    U16(addr, "port", port), {0}};
/* clang-format on */

#define STREAM (MAY(SKS_OK) | MAY(SKS_MORE))
#define VERSION MAY(SKS_ERR_VERSION)
#define EMPTY MAY(SKS_ERR_EMPTY)
#define ADDRESS (MAY(SKS_ERR_ATYP) | EMPTY)

/* clang-format off */
const struct kind kinds_socks5[] = {
    {"socks5-greeting", greeting_fields, STREAM | VERSION | EMPTY,
     vector_run_codec, &greeting},
    {"socks5-selection", selection_fields, STREAM | VERSION,
     vector_run_codec, &selection},
    {"socks5-userpass", userpass_fields, STREAM | VERSION | EMPTY,
     vector_run_codec, &userpass},
    {"socks5-userpass-status", userpass_status_fields, STREAM | VERSION,
     vector_run_codec, &userpass_status},
    {"socks5-request", request_fields, STREAM | VERSION | ADDRESS,
     vector_run_codec, &request},
    {"socks5-reply", reply_fields, STREAM | VERSION | ADDRESS,
     vector_run_codec, &reply},
    {"socks5-udp-header", udp_header_fields, STREAM | ADDRESS,
     vector_run_codec, &udp_header},
    {"socks5-address", addr_fields, STREAM | ADDRESS,
     vector_run_codec, &addr},
    {0},
};
/* clang-format on */
