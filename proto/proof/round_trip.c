/* What was parsed is encoded to the same octets, and in as many. Each function is proved against
 * the contracts of the two that it calls; none is compiled into anything. */
#include <sockspec/socks5.h>

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_ADDR_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t addr(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_addr m;
    size_t parsed, encoded;
    if (sks_addr_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    //@ assert sks_addr_fit(&m, 1) == SKS_OK && sks_addr_room(&m) == parsed;
    enum sks_status s = sks_addr_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0];
    //@ assert sks_u16(data + (parsed - 2)) == sks_u16(buf + (parsed - 2));
    //@ assert data[parsed - 2] == buf[parsed - 2] && data[parsed - 1] == buf[parsed - 1];
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_GREETING_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t greeting(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_greeting m;
    size_t parsed, encoded;
    if (sks_greeting_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    //@ assert parsed == 2 + m.nmethods;
    enum sks_status s = sks_greeting_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0] && data[1] == buf[1];
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_SELECTION_SIZE;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t selection(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_selection m;
    size_t parsed, encoded;
    if (sks_selection_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    enum sks_status s = sks_selection_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_USERPASS_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t userpass(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_userpass m;
    size_t parsed, encoded;
    if (sks_userpass_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    //@ assert parsed == 3 + m.ulen + m.plen;
    enum sks_status s = sks_userpass_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2 + m.ulen] == buf[2 + m.ulen];
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >=
   SKS_USERPASS_STATUS_SIZE; requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t userpass_status(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_userpass_status m;
    size_t parsed, encoded;
    if (sks_userpass_status_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    enum sks_status s = sks_userpass_status_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_REQUEST_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t request(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_request m;
    size_t parsed, encoded;
    if (sks_request_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    //@ assert sks_addr_fit(&m.dst, 1) == SKS_OK && sks_addr_room(&m.dst) == parsed - 3;
    enum sks_status s = sks_request_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2] == buf[2] && data[3] == buf[3];
    //@ assert sks_u16(data + (parsed - 2)) == sks_u16(buf + (parsed - 2));
    //@ assert data[parsed - 2] == buf[parsed - 2] && data[parsed - 1] == buf[parsed - 1];
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_REPLY_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t reply(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_reply m;
    size_t parsed, encoded;
    if (sks_reply_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    //@ assert sks_addr_fit(&m.bnd, 1) == SKS_OK && sks_addr_room(&m.bnd) == parsed - 3;
    enum sks_status s = sks_reply_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2] == buf[2] && data[3] == buf[3];
    //@ assert sks_u16(data + (parsed - 2)) == sks_u16(buf + (parsed - 2));
    //@ assert data[parsed - 2] == buf[parsed - 2] && data[parsed - 1] == buf[parsed - 1];
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1)) && cap >= SKS_UDP_HEADER_MAX;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures sks_equal(buf, data, \result); */
static size_t udp_header(const uint8_t *data, size_t len, uint8_t *buf, size_t cap)
{
    struct sks_udp_header m;
    size_t parsed, encoded;
    if (sks_udp_header_parse(&m, data, len, &parsed) != SKS_OK)
        return 0;
    //@ assert sks_addr_fit(&m.dst, 1) == SKS_OK && sks_addr_room(&m.dst) == parsed - 3;
    enum sks_status s = sks_udp_header_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert sks_u16(data) == sks_u16(buf);
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2] == buf[2] && data[3] == buf[3];
    //@ assert sks_u16(data + (parsed - 2)) == sks_u16(buf + (parsed - 2));
    //@ assert data[parsed - 2] == buf[parsed - 2] && data[parsed - 1] == buf[parsed - 1];
    return encoded;
}
