/* SOCKS5: what was parsed is encoded to the same octets, and in as many; what was encoded is parsed
 * to the same values. Each function is proved against the contracts of the two that it calls; none
 * is compiled into anything. */
#include "round_trip.h"

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
    //@ assert sks_addr_written_behind(&m, data + 0);
    //@ assert m.host == data + (0 + sks_host_at(m.atyp)) && m.atyp == data[0];
    //@ assert sks_addr_fit(&m, 1) == SKS_OK && sks_addr_room(&m) == parsed;
    enum sks_status s = sks_addr_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert sks_addr_written_behind(&m, data + 0);
    //@ assert sks_equal(buf, data, 1);
    join_addr(&m, data, buf, 0, m.atyp);
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
    //@ assert sks_equal(buf, data, 2) && sks_equal(buf + 2, data + 2, m.nmethods);
    join(buf, data, 2, m.nmethods);
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
    size_t plen_at = 2 + (size_t)m.ulen;
    //@ assert sks_equal(buf, data, 2) && sks_equal(buf + 2, data + 2, m.ulen);
    join(buf, data, 2, m.ulen);
    //@ assert sks_equal(buf, data, plen_at + 1);
    //@ assert sks_equal(buf + (plen_at + 1), data + (plen_at + 1), m.plen);
    join(buf, data, plen_at + 1, m.plen);
    return encoded;
}

/*@ requires sks_octets(data, len) && \valid(buf + (0 .. cap - 1));
    requires cap >= SKS_USERPASS_STATUS_SIZE;
    requires \separated(data + (0 .. len - 1), buf + (0 .. cap - 1));
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
    //@ assert sks_addr_written_behind(&m.dst, data + 3);
    //@ assert m.dst.host == data + (3 + sks_host_at(m.dst.atyp)) && m.dst.atyp == data[3];
    //@ assert sks_addr_fit(&m.dst, 1) == SKS_OK && sks_addr_room(&m.dst) == parsed - 3;
    enum sks_status s = sks_request_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2] == buf[2] && data[3] == buf[3];
    //@ assert sks_addr_written_behind(&m.dst, data + 3);
    //@ assert sks_equal(buf, data, 1);
    //@ assert sks_equal(buf, data, 2);
    //@ assert sks_equal(buf, data, 3);
    //@ assert sks_equal(buf, data, 4);
    join_addr(&m.dst, data, buf, 3, m.dst.atyp);
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
    //@ assert sks_addr_written_behind(&m.bnd, data + 3);
    //@ assert m.bnd.host == data + (3 + sks_host_at(m.bnd.atyp)) && m.bnd.atyp == data[3];
    //@ assert sks_addr_fit(&m.bnd, 1) == SKS_OK && sks_addr_room(&m.bnd) == parsed - 3;
    enum sks_status s = sks_reply_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2] == buf[2] && data[3] == buf[3];
    //@ assert sks_addr_written_behind(&m.bnd, data + 3);
    //@ assert sks_equal(buf, data, 1);
    //@ assert sks_equal(buf, data, 2);
    //@ assert sks_equal(buf, data, 3);
    //@ assert sks_equal(buf, data, 4);
    join_addr(&m.bnd, data, buf, 3, m.bnd.atyp);
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
    //@ assert sks_addr_written_behind(&m.dst, data + 3);
    //@ assert m.dst.host == data + (3 + sks_host_at(m.dst.atyp)) && m.dst.atyp == data[3];
    //@ assert sks_addr_fit(&m.dst, 1) == SKS_OK && sks_addr_room(&m.dst) == parsed - 3;
    enum sks_status s = sks_udp_header_encode(buf, cap, &m, &encoded);
    //@ assert s == SKS_OK && encoded == parsed;
    //@ assert sks_u16(data) == sks_u16(buf);
    //@ assert data[0] == buf[0] && data[1] == buf[1] && data[2] == buf[2] && data[3] == buf[3];
    //@ assert sks_addr_written_behind(&m.dst, data + 3);
    //@ assert sks_equal(buf, data, 1);
    //@ assert sks_equal(buf, data, 2);
    //@ assert sks_equal(buf, data, 3);
    //@ assert sks_equal(buf, data, 4);
    join_addr(&m.dst, data, buf, 3, m.dst.atyp);
    return encoded;
}

/*@ requires \valid_read(v) && \valid(buf + (0 .. cap - 1));
    requires sks_octets(v->host, v->host_len);
    requires \separated(buf + (0 .. cap - 1), v,
                        v->host + (0 .. v->host_len - 1));
    assigns buf[0 .. cap - 1]; */
static void addr_back(const struct sks_addr *v, uint8_t *buf, size_t cap)
{
    struct sks_addr m;
    size_t parsed, encoded;
    if (sks_addr_encode(buf, cap, v, &encoded) != SKS_OK)
        return;
    //@ assert buf[0] == v->atyp && sks_addr_room(v) == encoded;
    //@ assert sks_addr_size(buf, buf[0]) == encoded;
    //@ assert sks_addr_answer(buf, buf[0], 1, encoded) == SKS_OK;
    enum sks_status s = sks_addr_parse(&m, buf, encoded, &parsed);
    //@ assert s == SKS_OK && parsed == encoded;
    //@ assert sks_addr_written(v, buf);
    //@ assert m.atyp == v->atyp && m.host == buf + (0 + sks_host_at(v->atyp));
    //@ assert m.host_len == v->host_len && m.port == v->port;
    //@ assert same_addr(v, &m);
}

/*@ requires \valid_read(v) && \valid(buf + (0 .. cap - 1));
    requires sks_octets(v->methods, v->nmethods);
    requires \separated(buf + (0 .. cap - 1), v,
                        v->methods + (0 .. v->nmethods - 1));
    assigns buf[0 .. cap - 1]; */
static void greeting_back(const struct sks_greeting *v, uint8_t *buf, size_t cap)
{
    struct sks_greeting m;
    size_t parsed, encoded;
    if (sks_greeting_encode(buf, cap, v, &encoded) != SKS_OK)
        return;
    enum sks_status s = sks_greeting_parse(&m, buf, encoded, &parsed);
    //@ assert s == SKS_OK && parsed == encoded;
    //@ assert m.nmethods == v->nmethods && sks_equal(m.methods, v->methods, v->nmethods);
}

/*@ requires \valid_read(v) && \valid(buf + (0 .. cap - 1));
    requires \separated(buf + (0 .. cap - 1), v);
    assigns buf[0 .. cap - 1]; */
static void selection_back(const struct sks_selection *v, uint8_t *buf, size_t cap)
{
    struct sks_selection m;
    size_t parsed, encoded;
    if (sks_selection_encode(buf, cap, v, &encoded) != SKS_OK)
        return;
    enum sks_status s = sks_selection_parse(&m, buf, encoded, &parsed);
    //@ assert s == SKS_OK && parsed == encoded;
    //@ assert m.method == v->method;
}

/*@ requires \valid_read(v) && \valid(buf + (0 .. cap - 1));
    requires sks_octets(v->uname, v->ulen);
    requires sks_octets(v->passwd, v->plen);
    requires \separated(buf + (0 .. cap - 1), v,
                        v->uname + (0 .. v->ulen - 1),
                        v->passwd + (0 .. v->plen - 1));
    assigns buf[0 .. cap - 1]; */
static void userpass_back(const struct sks_userpass *v, uint8_t *buf, size_t cap)
{
    struct sks_userpass m;
    size_t parsed, encoded;
    if (sks_userpass_encode(buf, cap, v, &encoded) != SKS_OK)
        return;
    enum sks_status s = sks_userpass_parse(&m, buf, encoded, &parsed);
    //@ assert s == SKS_OK && parsed == encoded;
    //@ assert m.ulen == v->ulen && sks_equal(m.uname, v->uname, v->ulen);
    //@ assert m.plen == v->plen && sks_equal(m.passwd, v->passwd, v->plen);
}

/*@ requires \valid_read(v) && \valid(buf + (0 .. cap - 1));
    requires \separated(buf + (0 .. cap - 1), v);
    assigns buf[0 .. cap - 1]; */
static void userpass_status_back(const struct sks_userpass_status *v, uint8_t *buf, size_t cap)
{
    struct sks_userpass_status m;
    size_t parsed, encoded;
    if (sks_userpass_status_encode(buf, cap, v, &encoded) != SKS_OK)
        return;
    enum sks_status s = sks_userpass_status_parse(&m, buf, encoded, &parsed);
    //@ assert s == SKS_OK && parsed == encoded;
    //@ assert m.status == v->status;
}

/*@ requires \valid_read(v) && \valid(buf + (0 .. cap - 1));
    requires sks_octets(v->dst.host, v->dst.host_len);
    requires \separated(buf + (0 .. cap - 1), v,
                        v->dst.host + (0 .. v->dst.host_len - 1));
    assigns buf[0 .. cap - 1]; */
static void request_back(const struct sks_request *v, uint8_t *buf, size_t cap)
{
    struct sks_request m;
    size_t parsed, encoded;
    if (sks_request_encode(buf, cap, v, &encoded) != SKS_OK)
        return;
    //@ assert buf[0] == SKS_SOCKS5_VERSION;
    //@ assert buf[3] == v->dst.atyp && sks_addr_room(&v->dst) == encoded - 3;
    //@ assert sks_addr_size(buf + 3, buf[3]) == encoded - 3;
    //@ assert sks_addr_answer(buf + 3, buf[3], 1, encoded - 3) == SKS_OK;
    enum sks_status s = sks_request_parse(&m, buf, encoded, &parsed);
    //@ assert s == SKS_OK && parsed == encoded;
    //@ assert m.cmd == v->cmd && m.rsv == v->rsv;
    //@ assert sks_addr_written(&v->dst, buf + 3);
    //@ assert m.dst.atyp == v->dst.atyp && m.dst.host == buf + (3 + sks_host_at(v->dst.atyp));
    //@ assert m.dst.host_len == v->dst.host_len && m.dst.port == v->dst.port;
    //@ assert same_addr(&v->dst, &m.dst);
}
