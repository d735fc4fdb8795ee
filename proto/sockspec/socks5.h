/* The messages of SOCKS5: RFC 1928, with user name and password of RFC 1929.
 *
 *   greeting   05 NMETHODS METHODS              selection  05 METHOD
 *   userpass   01 ULEN UNAME PLEN PASSWD        status     01 STATUS
 *   request    05 CMD RSV ATYP ADDR PORT        reply      05 REP RSV ATYP BND.ADDR BND.PORT
 *   udp header RSV RSV FRAG ATYP ADDR PORT, then data to the end of the datagram
 *
 * status.h says what every parse and encode function here promises. A codec judges the form of a
 * message, never its meaning: every METHOD, CMD, RSV, REP, STATUS and FRAG octet is handed on as it
 * came, so that a server can answer what it does not know. */
#ifndef SOCKSPEC_SOCKS5_H
#define SOCKSPEC_SOCKS5_H

#include <sockspec/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SKS_SOCKS5_VERSION = 0x05,
    SKS_USERPASS_VERSION = 0x01, /* RFC 1929 section 2 */
};

/* Sizes on the wire in octets: the shortest and the longest of each message that varies. */
enum {
    SKS_GREETING_MIN = 3,
    SKS_GREETING_MAX = 257,
    SKS_SELECTION_SIZE = 2,
    SKS_USERPASS_MIN = 5,
    SKS_USERPASS_MAX = 513,
    SKS_USERPASS_STATUS_SIZE = 2,
    SKS_REQUEST_MIN = 3 + SKS_ADDR_MIN,
    SKS_REQUEST_MAX = 3 + SKS_ADDR_MAX,
    SKS_REPLY_MIN = SKS_REQUEST_MIN,
    SKS_REPLY_MAX = SKS_REQUEST_MAX,
    SKS_UDP_HEADER_MIN = 3 + SKS_ADDR_MIN,
    SKS_UDP_HEADER_MAX = 3 + SKS_ADDR_MAX,
};

/* X(constant, octet, text) */

/* RFC 1928 section 3 */
#define SKS_METHOD_LIST(X)                                                                         \
    X(SKS_METHOD_NONE, 0x00, "no authentication")                                                  \
    X(SKS_METHOD_GSSAPI, 0x01, "GSSAPI")                                                           \
    X(SKS_METHOD_USERPASS, 0x02, "user name and password")                                         \
    X(SKS_METHOD_UNACCEPTABLE, 0xff, "no acceptable method")

/* RFC 1928 section 4 */
#define SKS_CMD_LIST(X)                                                                            \
    X(SKS_CMD_CONNECT, 0x01, "CONNECT")                                                            \
    X(SKS_CMD_BIND, 0x02, "BIND")                                                                  \
    X(SKS_CMD_UDP_ASSOCIATE, 0x03, "UDP ASSOCIATE")

/* RFC 1928 section 6 */
#define SKS_REP_LIST(X)                                                                            \
    X(SKS_REP_SUCCEEDED, 0x00, "succeeded")                                                        \
    X(SKS_REP_FAILURE, 0x01, "general failure")                                                    \
    X(SKS_REP_NOT_ALLOWED, 0x02, "not allowed by ruleset")                                         \
    X(SKS_REP_NET_UNREACHABLE, 0x03, "network unreachable")                                        \
    X(SKS_REP_HOST_UNREACHABLE, 0x04, "host unreachable")                                          \
    X(SKS_REP_REFUSED, 0x05, "connection refused")                                                 \
    X(SKS_REP_TTL_EXPIRED, 0x06, "TTL expired")                                                    \
    X(SKS_REP_CMD_UNSUPPORTED, 0x07, "command not supported")                                      \
    X(SKS_REP_ATYP_UNSUPPORTED, 0x08, "address type not supported")

/* RFC 1929 section 2: any STATUS but 0 is a failure. */
#define SKS_USERPASS_STATUS_LIST(X) X(SKS_USERPASS_SUCCEEDED, 0x00, "succeeded")

#define SKS_X(constant, octet, text) constant = octet,
enum sks_method { SKS_METHOD_LIST(SKS_X) };
enum sks_cmd { SKS_CMD_LIST(SKS_X) };
enum sks_rep { SKS_REP_LIST(SKS_X) };
enum sks_userpass_status_octet { SKS_USERPASS_STATUS_LIST(SKS_X) };
#undef SKS_X

/* Static text for an octet; "unassigned" where the RFC gives it no meaning. */
const char *sks_method_text(uint8_t octet);
const char *sks_cmd_text(uint8_t octet);
const char *sks_rep_text(uint8_t octet);

struct sks_greeting {
    const uint8_t *methods; /* nmethods octets, borrowed, in the client's order */
    uint8_t nmethods;       /* 1..255 */
};

struct sks_selection {
    uint8_t method;
};

struct sks_userpass {
    const uint8_t *uname;  /* ulen octets, borrowed, NUL octets included, not terminated */
    const uint8_t *passwd; /* plen octets, likewise */
    uint8_t ulen;          /* 1..255 */
    uint8_t plen;          /* 1..255 */
};

struct sks_userpass_status {
    uint8_t status;
};

struct sks_request {
    struct sks_addr dst;
    uint8_t cmd;
    uint8_t rsv; /* 0 in a request that keeps the RFC */
};

struct sks_reply {
    struct sks_addr bnd;
    uint8_t rep;
    uint8_t rsv; /* 0 in a reply that keeps the RFC */
};

struct sks_udp_header {
    struct sks_addr dst; /* from client to relay the destination, back the sender */
    uint16_t rsv;        /* big endian on the wire; 0 in a header that keeps the RFC */
    uint8_t frag;        /* 0 alone; 1..127 the position; 0x80 set on the last fragment */
};

/*@ logic integer sks_greeting_answer{L}(uint8_t *p, integer len) =
        len < 1 ? SKS_MORE
        : p[0] != SKS_SOCKS5_VERSION ? SKS_ERR_VERSION
        : len < 2 ? SKS_MORE
        : p[1] == 0 ? SKS_ERR_EMPTY : len < 2 + p[1] ? SKS_MORE : SKS_OK;

    logic integer sks_userpass_answer{L}(uint8_t *p, integer len) =
        len < 1 ? SKS_MORE
        : p[0] != SKS_USERPASS_VERSION ? SKS_ERR_VERSION
        : len < 2 ? SKS_MORE
        : p[1] == 0 ? SKS_ERR_EMPTY
        : len <= 2 + p[1] ? SKS_MORE
        : p[2 + p[1]] == 0 ? SKS_ERR_EMPTY
        : len < 3 + p[1] + p[2 + p[1]] ? SKS_MORE : SKS_OK;

    // Request and reply: version, an octet of their own, RSV, an address.
    logic integer sks_request_answer{L}(uint8_t *p, integer len) =
        len < 1 ? SKS_MORE
        : p[0] != SKS_SOCKS5_VERSION ? SKS_ERR_VERSION
        : len < 4 ? SKS_MORE : sks_addr_answer(p + 3, p[3], 1, len - 3);
    logic integer sks_request_used{L}(uint8_t *p, integer answer) =
        answer == SKS_MORE || answer == SKS_ERR_VERSION ? 0
        : sks_addr_used(p + 3, p[3], answer, 3); */

/* RFC 1928 section 3, 3 to 257 octets and 2.
 * Errors: SKS_ERR_VERSION at 0; greeting also SKS_ERR_EMPTY at 1 (NMETHODS 0). */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_greeting_answer(data, len);
    ensures *used == (\result == SKS_OK ? 2 + data[1] : \result == SKS_ERR_EMPTY ? 1 : 0);
    ensures \result == SKS_OK ==> out->methods == data + 2 && out->nmethods == data[1];
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_greeting_parse(struct sks_greeting *out, const uint8_t *data, size_t len,
                                   size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires sks_octets(in->methods, in->nmethods);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->methods + (0 .. in->nmethods - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == (in->nmethods == 0 ? 1 : 2 + in->nmethods);
    ensures \result == (in->nmethods == 0 ? SKS_ERR_EMPTY : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> buf[0] == SKS_SOCKS5_VERSION && buf[1] == in->nmethods;
    ensures \result == SKS_OK ==> sks_equal(buf + 2, in->methods, in->nmethods);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_greeting_encode(uint8_t *buf, size_t cap, const struct sks_greeting *in,
                                    size_t *used);
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_pair_answer(SKS_SOCKS5_VERSION, data, len);
    ensures *used == (\result == SKS_OK ? 2 : 0);
    ensures out->method == (\result == SKS_OK ? data[1] : \old(out->method)); */
enum sks_status sks_selection_parse(struct sks_selection *out, const uint8_t *data, size_t len,
                                    size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires \separated(buf + (0 .. cap - 1), used, in);
    assigns *used, buf[0 .. cap - 1];
    ensures *used == 2 && \result == (cap < 2 ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> buf[0] == SKS_SOCKS5_VERSION && buf[1] == in->method;
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_selection_encode(uint8_t *buf, size_t cap, const struct sks_selection *in,
                                     size_t *used);

/* RFC 1929 section 2, 5 to 513 octets and 2.
 * Errors: SKS_ERR_VERSION at 0; userpass also SKS_ERR_EMPTY at ULEN or PLEN. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_userpass_answer(data, len);
    ensures *used == (\result == SKS_OK ? 3 + data[1] + data[2 + data[1]]
                      : \result == SKS_ERR_EMPTY ? (data[1] == 0 ? 1 : 2 + data[1]) : 0);
    ensures \result == SKS_OK ==> out->uname == data + 2 && out->ulen == data[1];
    ensures \result == SKS_OK ==>
        out->passwd == data + (3 + data[1]) && out->plen == data[2 + data[1]];
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_userpass_parse(struct sks_userpass *out, const uint8_t *data, size_t len,
                                   size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires sks_octets(in->uname, in->ulen);
    requires sks_octets(in->passwd, in->plen);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->uname + (0 .. in->ulen - 1),
                        in->passwd + (0 .. in->plen - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == (in->ulen == 0 ? 1 : in->plen == 0 ? 2 + in->ulen : 3 + in->ulen + in->plen);
    ensures \result == (in->ulen == 0 || in->plen == 0 ? SKS_ERR_EMPTY
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> buf[0] == SKS_USERPASS_VERSION && buf[1] == in->ulen;
    ensures \result == SKS_OK ==> sks_equal(buf + 2, in->uname, in->ulen);
    ensures \result == SKS_OK ==> buf[2 + in->ulen] == in->plen;
    ensures \result == SKS_OK ==> sks_equal(buf + (3 + in->ulen), in->passwd, in->plen);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_userpass_encode(uint8_t *buf, size_t cap, const struct sks_userpass *in,
                                    size_t *used);
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_pair_answer(SKS_USERPASS_VERSION, data, len);
    ensures *used == (\result == SKS_OK ? 2 : 0);
    ensures out->status == (\result == SKS_OK ? data[1] : \old(out->status)); */
enum sks_status sks_userpass_status_parse(struct sks_userpass_status *out, const uint8_t *data,
                                          size_t len, size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires \separated(buf + (0 .. cap - 1), used, in);
    assigns *used, buf[0 .. cap - 1];
    ensures *used == 2 && \result == (cap < 2 ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> buf[0] == SKS_USERPASS_VERSION && buf[1] == in->status;
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_userpass_status_encode(uint8_t *buf, size_t cap,
                                           const struct sks_userpass_status *in, size_t *used);

/* RFC 1928 sections 4 and 6, 8 to 262 octets each.
 * Errors: SKS_ERR_VERSION at 0, those of sks_addr_parse and sks_addr_encode from 3 on. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_request_answer(data, len);
    ensures *used == sks_request_used(data, \result);
    ensures \result == SKS_OK ==> out->cmd == data[1] && out->rsv == data[2];
    ensures \result == SKS_OK ==> sks_addr_read(&out->dst, data + 3, data[3]);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_request_parse(struct sks_request *out, const uint8_t *data, size_t len,
                                  size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires sks_octets(in->dst.host, in->dst.host_len);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->dst.host + (0 .. in->dst.host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_addr_room_used(&in->dst, sks_addr_fit(&in->dst, 1), 3);
    ensures \result == (sks_addr_fit(&in->dst, 1) != SKS_OK ? sks_addr_fit(&in->dst, 1)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==>
        buf[0] == SKS_SOCKS5_VERSION && buf[1] == in->cmd && buf[2] == in->rsv;
    ensures \result == SKS_OK ==> sks_addr_written(&in->dst, buf + 3);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_request_encode(uint8_t *buf, size_t cap, const struct sks_request *in,
                                   size_t *used);
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_request_answer(data, len);
    ensures *used == sks_request_used(data, \result);
    ensures \result == SKS_OK ==> out->rep == data[1] && out->rsv == data[2];
    ensures \result == SKS_OK ==> sks_addr_read(&out->bnd, data + 3, data[3]);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_reply_parse(struct sks_reply *out, const uint8_t *data, size_t len,
                                size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires sks_octets(in->bnd.host, in->bnd.host_len);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->bnd.host + (0 .. in->bnd.host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_addr_room_used(&in->bnd, sks_addr_fit(&in->bnd, 1), 3);
    ensures \result == (sks_addr_fit(&in->bnd, 1) != SKS_OK ? sks_addr_fit(&in->bnd, 1)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==>
        buf[0] == SKS_SOCKS5_VERSION && buf[1] == in->rep && buf[2] == in->rsv;
    ensures \result == SKS_OK ==> sks_addr_written(&in->bnd, buf + 3);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_reply_encode(uint8_t *buf, size_t cap, const struct sks_reply *in,
                                 size_t *used);

/* RFC 1928 section 7, 8 to 262 octets; the payload is data + *used to the end of the datagram and
 * may be empty. SKS_MORE on a whole datagram means that it is cut short.
 * Errors: those of sks_addr_parse and sks_addr_encode from 3 on. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == (len < 4 ? SKS_MORE : sks_addr_answer(data + 3, data[3], 1, len - 3));
    ensures *used == (len < 4 ? 0 : sks_addr_used(data + 3, data[3], \result, 3));
    ensures \result == SKS_OK ==> out->rsv == sks_u16(data) && out->frag == data[2];
    ensures \result == SKS_OK ==> sks_addr_read(&out->dst, data + 3, data[3]);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_udp_header_parse(struct sks_udp_header *out, const uint8_t *data, size_t len,
                                     size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used) && \valid_read(in);
    requires sks_octets(in->dst.host, in->dst.host_len);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->dst.host + (0 .. in->dst.host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_addr_room_used(&in->dst, sks_addr_fit(&in->dst, 1), 3);
    ensures \result == (sks_addr_fit(&in->dst, 1) != SKS_OK ? sks_addr_fit(&in->dst, 1)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> sks_u16(buf) == in->rsv && buf[2] == in->frag;
    ensures \result == SKS_OK ==> sks_addr_written(&in->dst, buf + 3);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_udp_header_encode(uint8_t *buf, size_t cap, const struct sks_udp_header *in,
                                      size_t *used);

#ifdef __cplusplus
}
#endif
#endif
