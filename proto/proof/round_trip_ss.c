/* Shadowsocks: a header that was parsed is encoded to the same octets, and in as many, in every
 * mode. Proved against the contracts of the two functions that it calls; compiled into nothing. */
#include "round_trip.h"

#include <sockspec/shadowsocks.h>

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_SS_HEADER_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t ss_header(const uint8_t *data, size_t len, enum sks_ss_mode mode, uint8_t *buf,
                        size_t cap)
{
    struct sks_ss_header m;
    size_t parsed, encoded;
    if (sks_ss_header_parse(&m, data, len, mode, &parsed) != SKS_OK)
        return 0;
    //@ assert sks_addr_written_behind(&m.dst, data + 0);
    //@ assert m.dst.host == data + (0 + sks_host_at(m.dst.atyp)) && m.type == data[0];
    //@ assert sks_ss_fit(&m, mode) == SKS_OK && sks_addr_room(&m.dst) == parsed;
    enum sks_status s = sks_ss_header_encode(buf, cap, &m, mode, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert sks_addr_written_behind(&m.dst, data + 0);
    //@ assert sks_equal(buf, data, 1);
    join_addr(&m.dst, data, buf, 0, m.dst.atyp);
    return encoded;
}
