/* The floor of each parser: the same octets into the same struct, read by hand without a check of
 * length, version, type or zero. In a translation unit of its own, as the library is. */
#ifndef PROTO_BENCH_FLOOR_H
#define PROTO_BENCH_FLOOR_H

#include <sockspec/shadowsocks.h>
#include <sockspec/socks5.h>

#define FLOOR(name)                                                                                \
    enum sks_status floor_##name##_parse(struct sks_##name *out, const uint8_t *data, size_t len,  \
                                         size_t *used)
FLOOR(addr);
FLOOR(greeting);
FLOOR(selection);
FLOOR(userpass);
FLOOR(userpass_status);
FLOOR(request);
FLOOR(reply);
FLOOR(udp_header);
FLOOR(ss_header);
FLOOR(ota_chunk);

#endif
