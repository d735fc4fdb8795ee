/* The messages of Shadowsocks in plain text, and the frames that one-time auth and AEAD put round
 * them. What seals, opens and verifies lives in <sockspec/crypto.h>; here are places and sizes.
 *
 *   header         TYPE ADDR PORT                     TYPE = ATYP, plus 10 for one-time auth
 *   ota header     TYPE ADDR PORT TAG                 ota chunk   LEN TAG DATA
 *   ota datagram   TYPE ADDR PORT DATA TAG
 *   aead stream    SALT { LEN tag DATA tag }          LEN and DATA sealed, each with its tag
 *   aead datagram  SALT TYPE ADDR PORT DATA tag       sealed from TYPE to DATA
 *
 * status.h says what every parse and encode function here promises. A frame names the octets that
 * its tag covers (text) and the tag; nothing of either may be used before the caller verified it.
 *
 * Sources: the Shadowsocks protocol page (header), the one-time auth page of the same site, SIP004
 * and SIP007 (AEAD). Where they are silent the Python original 2.9.1 to 3.0.0 ("PY") decides. */
#ifndef SOCKSPEC_SHADOWSOCKS_H
#define SOCKSPEC_SHADOWSOCKS_H

#include <sockspec/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- address header ------------------------------------------------------------------------- */

enum {
    SKS_SS_OTA_FLAG = 0x10, /* in TYPE: one-time auth is used */
    SKS_SS_HEADER_MIN = SKS_ADDR_MIN,
    SKS_SS_HEADER_MAX = SKS_ADDR_MAX,
    SKS_SS_HEADER_MIN_PY = 4, /* octets: PY takes a name of none */
};

/* X(constant, text): which TYPE octets are taken. */
#define SKS_SS_MODE_LIST(X)                                                                        \
    X(SKS_SS_PLAIN, "01, 03, 04")                                                                  \
    X(SKS_SS_OTA_ALLOWED, "01, 03, 04, 11, 13, 14")                                                \
    X(SKS_SS_OTA_REQUIRED, "11, 13, 14")                                                           \
    X(SKS_SS_PY, "any whose low four bits are 1, 3 or 4")

enum sks_ss_mode {
#define SKS_X(constant, text) constant,
    SKS_SS_MODE_LIST(SKS_X)
#undef SKS_X
};

/* The type octets that a mode takes, static text; "?" for a number that is not in the list. */
const char *sks_ss_mode_text(enum sks_ss_mode mode);

struct sks_ss_header {
    struct sks_addr
        dst;      /* dst.atyp without flag: one of enum sks_atyp; SKS_SS_PY: host_len 0 too */
    uint8_t type; /* the octet on the wire; SKS_SS_OTA_FLAG in it asks for one-time auth */
};

/*@ // What TYPE means as ATYP, and the fewest octets of a name.
    logic integer sks_ss_atyp(integer type, integer mode) =
        mode == SKS_SS_PY ? type & 0x0f : type & 0xef;
    logic integer sks_ss_name_min(integer mode) = mode == SKS_SS_PY ? 0 : 1;

    // Whether mode takes the flag of type, or its absence.
    logic integer sks_ss_flag_answer(integer type, integer mode) =
        mode != ((type & SKS_SS_OTA_FLAG) != 0 ? SKS_SS_PLAIN : SKS_SS_OTA_REQUIRED) ? SKS_OK
        : !sks_atyp_known(sks_ss_atyp(type, mode)) ? SKS_ERR_ATYP
        : (type & SKS_SS_OTA_FLAG) != 0 ? SKS_ERR_OTA_FORBIDDEN : SKS_ERR_OTA_REQUIRED;

    // What len octets at p are, and *used beside that answer.
    logic integer sks_ss_answer{L}(uint8_t *p, integer len, integer mode) =
        len < 1 ? SKS_MORE
        : sks_ss_flag_answer(p[0], mode) != SKS_OK ? sks_ss_flag_answer(p[0], mode)
        : sks_addr_answer(p, sks_ss_atyp(p[0], mode), sks_ss_name_min(mode), len);
    logic integer sks_ss_used{L}(uint8_t *p, integer answer, integer len, integer mode) =
        len < 1 ? 0 : sks_addr_used(p, sks_ss_atyp(p[0], mode), answer, 0);

    // Whether h can be encoded, *used beside that, and what stands at p then.
    logic integer sks_ss_fit{L}(struct sks_ss_header *h, integer mode) =
        sks_ss_flag_answer(h->type, mode) != SKS_OK ? sks_ss_flag_answer(h->type, mode)
        : h->dst.atyp != sks_ss_atyp(h->type, mode) ? SKS_ERR_ATYP
        : sks_addr_fit(&h->dst, sks_ss_name_min(mode));
    logic integer sks_ss_room_used{L}(struct sks_ss_header *h, integer mode) =
        sks_ss_fit(h, mode) == SKS_OK ? sks_addr_room(&h->dst)
        : sks_ss_fit(h, mode) == SKS_ERR_LENGTH || sks_ss_fit(h, mode) == SKS_ERR_EMPTY ? 1 : 0;
    predicate sks_ss_written{L}(struct sks_ss_header *h, uint8_t *p) =
        p[0] == h->type && sks_addr_written_behind(&h->dst, p); */

/* parse_header: 5 to 259 octets, *used is the header's length; what follows it is left alone.
 * SKS_SS_PLAIN is for AEAD and for what a server answers, SKS_SS_OTA_ALLOWED and
 * SKS_SS_OTA_REQUIRED for a stream method from client to server.
 *
 * SKS_SS_PY takes what parse_header of the Python original takes: bits 5 to 7 of TYPE are ignored
 * (field fault 8) and a name may have no octets (4 octets in all). It differs from the original in
 * two answers, neither of which takes or refuses a header that the original does not: a header cut
 * short is SKS_MORE where the original returns nothing and its caller gives up (field fault 5), and
 * no octets at all are SKS_MORE where it raises IndexError. That it wants more than 2 octets for a
 * name before it looks at the length changes nothing, since the shortest such header has 4.
 *
 * Errors, all but SKS_ERR_EMPTY and SKS_ERR_LENGTH at 0: SKS_ERR_ATYP; SKS_ERR_OTA_FORBIDDEN (flag
 * under SKS_SS_PLAIN); SKS_ERR_OTA_REQUIRED (no flag under SKS_SS_OTA_REQUIRED); at 1
 * SKS_ERR_EMPTY, not under SKS_SS_PY. Encoding also SKS_ERR_ATYP when type does not mean dst.atyp
 * under that mode, and SKS_ERR_LENGTH at 1. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_ss_answer(data, len, mode);
    ensures *used == sks_ss_used(data, \result, len, mode);
    ensures \result == SKS_OK ==> out->type == data[0];
    ensures \result == SKS_OK ==> sks_addr_read(&out->dst, data, sks_ss_atyp(data[0], mode));
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_ss_header_parse(struct sks_ss_header *out, const uint8_t *data, size_t len,
                                    enum sks_ss_mode mode, size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \valid_read(in) && sks_octets(in->dst.host, in->dst.host_len);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->dst.host + (0 .. in->dst.host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_ss_room_used(in, mode);
    ensures \result == (sks_ss_fit(in, mode) != SKS_OK ? sks_ss_fit(in, mode)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> sks_ss_written(in, buf);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_ss_header_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                     enum sks_ss_mode mode, size_t *used);

/* ---- one-time auth: stream methods, client to server only ------------------------------------ */

/* TAG is the first 10 octets of HMAC-SHA1 over text, under a key that begins with the client's IV:
 *   header and datagram   IV || KEY      KEY the master key
 *   chunk                 IV || INDEX    u32 big endian, from 0, one up for each chunk, empty ones
 *                                        too; the header takes none; after ffffffff comes 0
 * LEN itself is covered by no tag, a known weakness of the protocol. */
enum {
    SKS_OTA_TAG_SIZE = 10,
    SKS_OTA_INDEX_SIZE = 4,
    SKS_OTA_HEADER_MAX = SKS_SS_HEADER_MAX + SKS_OTA_TAG_SIZE,
    SKS_OTA_CHUNK_HEAD = 2 + SKS_OTA_TAG_SIZE, /* octets: LEN TAG, also where DATA starts */
    SKS_OTA_CHUNK_TEXT_MAX = 0xffff,
    SKS_OTA_CHUNK_MAX = SKS_OTA_CHUNK_HEAD + SKS_OTA_CHUNK_TEXT_MAX,
};

/* A header with its tag, if it has one. */
struct sks_ota_header {
    struct sks_ss_header header;
    const uint8_t *text; /* text_len octets, borrowed: TYPE to PORT, the flag in TYPE included */
    const uint8_t *tag;  /* SKS_OTA_TAG_SIZE octets, borrowed; NULL without the flag: no tag */
    size_t text_len;
};

struct sks_ota_chunk {
    const uint8_t *text; /* text_len octets, borrowed: DATA */
    const uint8_t *tag;  /* SKS_OTA_TAG_SIZE octets, borrowed */
    uint32_t index;      /* for the key; 0 from sks_ota_chunk_parse, which cannot know it */
    uint16_t text_len;   /* 0 is valid */
};

struct sks_ota_datagram {
    struct sks_ss_header header;
    const uint8_t *data; /* data_len octets, borrowed, 0 is valid */
    const uint8_t *text; /* text_len octets, borrowed: TYPE to the end of DATA */
    const uint8_t *tag;  /* SKS_OTA_TAG_SIZE octets, borrowed; NULL without the flag: no tag */
    size_t data_len;
    size_t text_len;
};

/*@ // Octets of the tag that a header of this TYPE asks for; what len octets at p are that begin
    // with a header and its tag.
    logic integer sks_ota_tag_size(integer type) =
        (type & SKS_SS_OTA_FLAG) != 0 ? SKS_OTA_TAG_SIZE : 0;
    logic integer sks_ota_answer{L}(uint8_t *p, integer len, integer mode) =
        sks_ss_answer(p, len, mode) == SKS_OK &&
        len < sks_ss_used(p, SKS_OK, len, mode) + sks_ota_tag_size(p[0])
            ? SKS_MORE : sks_ss_answer(p, len, mode); */

/* The header of sks_ss_header_parse and, if its flag is set, the tag behind it: *used counts both.
 * Errors: those of sks_ss_header_parse. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_ota_answer(data, len, mode);
    ensures *used == (\result == SKS_MORE ? 0 : sks_ss_used(data, \result, len, mode)) +
                     (\result == SKS_OK ? sks_ota_tag_size(data[0]) : 0);
    ensures \result == SKS_OK ==> out->header.type == data[0];
    ensures \result == SKS_OK ==>
        sks_addr_read(&out->header.dst, data, sks_ss_atyp(data[0], mode));
    ensures \result == SKS_OK ==>
        out->text == data && out->text_len == *used - sks_ota_tag_size(data[0]);
    ensures \result == SKS_OK && sks_ota_tag_size(data[0]) == 0 ==> out->tag == \null;
    ensures \result == SKS_OK && sks_ota_tag_size(data[0]) != 0 ==>
        out->tag == data + out->text_len;
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_ota_header_parse(struct sks_ota_header *out, const uint8_t *data, size_t len,
                                     enum sks_ss_mode mode, size_t *used);

/* One whole datagram after decryption, with or without one-time auth: *used is len. SKS_MORE means
 * that it is cut short, the place for a tag included. Errors: those of sks_ss_header_parse. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == sks_ota_answer(data, len, mode);
    ensures *used == (\result == SKS_OK ? len
                      : \result == SKS_MORE ? 0 : sks_ss_used(data, \result, len, mode));
    ensures \result == SKS_OK ==> out->header.type == data[0] &&
        sks_addr_read(&out->header.dst, data, sks_ss_atyp(data[0], mode));
    ensures \result == SKS_OK ==>
        out->text == data && out->text_len == len - sks_ota_tag_size(data[0]);
    ensures \result == SKS_OK ==> out->data == data + sks_ss_used(data, SKS_OK, len, mode) &&
        out->data_len == out->text_len - sks_ss_used(data, SKS_OK, len, mode);
    ensures \result == SKS_OK && sks_ota_tag_size(data[0]) == 0 ==> out->tag == \null;
    ensures \result == SKS_OK && sks_ota_tag_size(data[0]) != 0 ==>
        out->tag == data + out->text_len;
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_ota_datagram_parse(struct sks_ota_datagram *out, const uint8_t *data,
                                       size_t len, enum sks_ss_mode mode, size_t *used);

/*@ // Octets of the chunk at p, as far as len of them tell.
    logic integer sks_ota_chunk_size{L}(uint8_t *p, integer len) =
        len < 2 ? SKS_OTA_CHUNK_HEAD : SKS_OTA_CHUNK_HEAD + sks_u16(p); */

/* 12 to 65547 octets; every LEN is valid, so there is no error. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == (len < sks_ota_chunk_size(data, len) ? SKS_MORE : SKS_OK);
    ensures *used == (\result == SKS_OK ? sks_ota_chunk_size(data, len) : 0);
    ensures \result == SKS_OK ==> out->text == data + SKS_OTA_CHUNK_HEAD && out->index == 0 &&
                                 out->tag == data + 2 && out->text_len == sks_u16(data);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_ota_chunk_parse(struct sks_ota_chunk *out, const uint8_t *data, size_t len,
                                    size_t *used);

/* How many octets the chunk at data has in all, as far as len of them tell: 12 until LEN is there.
 * sks_ota_chunk_parse is done as soon as len is no less. */
/*@ requires sks_octets(data, len);
    assigns \nothing;
    ensures \result == sks_ota_chunk_size(data, len); */
size_t sks_ota_chunk_need(const uint8_t *data, size_t len);

/*@ // *used of an encoder, with data_len octets of data.
    logic integer sks_ota_room_used{L}(struct sks_ss_header *h, integer data_len, integer mode) =
        sks_ss_room_used(h, mode) +
        (sks_ss_fit(h, mode) == SKS_OK ? data_len + sks_ota_tag_size(h->type) : 0); */

/* The encoders write all but the tag, whose place they fill with zeros: *used counts it, the caller
 * writes it there. Where it goes: header and datagram, when in->type has the flag, at buf + *used -
 * SKS_OTA_TAG_SIZE, over all that stands before it; chunk at buf + 2, over DATA.
 * sks_ota_chunk_encode writes the 12 octets before DATA, which the caller has or puts at
 * buf + SKS_OTA_CHUNK_HEAD. data may be NULL when data_len is 0.
 * Errors: those of sks_ss_header_encode; chunk SKS_ERR_CHUNK_LENGTH at 0 (over 65535). */
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \valid_read(in) && sks_octets(in->dst.host, in->dst.host_len);
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->dst.host + (0 .. in->dst.host_len - 1));
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_ota_room_used(in, 0, mode);
    ensures \result == (sks_ss_fit(in, mode) != SKS_OK ? sks_ss_fit(in, mode)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> sks_ss_written(in, buf);
    ensures \result == SKS_OK ==>
        sks_zeros(buf + sks_addr_room(&in->dst), sks_ota_tag_size(in->type));
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_ota_header_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                      enum sks_ss_mode mode, size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \valid_read(in) && sks_octets(in->dst.host, in->dst.host_len);
    requires sks_octets(data, data_len);
    requires data_len <= SIZE_MAX - SKS_OTA_HEADER_MAX; // nothing in memory is that long
    requires \separated(buf + (0 .. cap - 1), used, in,
                        in->dst.host + (0 .. in->dst.host_len - 1));
    requires \separated(data + (0 .. data_len - 1), buf + (0 .. cap - 1), used);
    assigns *used, buf[0 .. cap - 1];
    ensures *used == sks_ota_room_used(in, data_len, mode);
    ensures \result == (sks_ss_fit(in, mode) != SKS_OK ? sks_ss_fit(in, mode)
                        : cap < *used ? SKS_ERR_SPACE : SKS_OK);
    ensures \result == SKS_OK ==> sks_ss_written(in, buf);
    ensures \result == SKS_OK ==> sks_equal(buf + sks_addr_room(&in->dst), data, data_len);
    ensures \result == SKS_OK ==>
        sks_zeros(buf + (sks_addr_room(&in->dst) + data_len), sks_ota_tag_size(in->type));
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_ota_datagram_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                        const uint8_t *data, size_t data_len, enum sks_ss_mode mode,
                                        size_t *used);
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \separated(buf + (0 .. cap - 1), used);
    assigns *used, buf[0 .. cap - 1];
    ensures \result == (text_len > SKS_OTA_CHUNK_TEXT_MAX ? SKS_ERR_CHUNK_LENGTH
                        : cap < SKS_OTA_CHUNK_HEAD ? SKS_ERR_SPACE : SKS_OK);
    ensures *used == (text_len > SKS_OTA_CHUNK_TEXT_MAX ? 0 : SKS_OTA_CHUNK_HEAD);
    ensures \result == SKS_OK ==> sks_u16(buf) == text_len;
    ensures \result == SKS_OK ==> sks_zeros(buf + 2, SKS_OTA_TAG_SIZE);
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? *used : 0, cap); */
enum sks_status sks_ota_chunk_encode(uint8_t *buf, size_t cap, size_t text_len, size_t *used);

/* INDEX as it stands behind the IV in a chunk's key. */
/*@ requires \valid(to + (0 .. SKS_OTA_INDEX_SIZE - 1));
    assigns to[0 .. SKS_OTA_INDEX_SIZE - 1];
    ensures 65536 * sks_u16(to) + sks_u16(to + 2) == index; */
void sks_ota_index_write(uint8_t to[SKS_OTA_INDEX_SIZE], uint32_t index);

/* The chunks of one stream, fed in pieces of any size. All zero is the start. A chunk that comes
 * whole is handed on where it lies; one that comes in pieces is put together in buf, which the
 * caller may give only when asked, replace by a larger one that holds the same have octets, and
 * take back when have is 0. */
struct sks_ota_feed {
    uint8_t *buf;   /* the caller's; may be NULL when cap is 0 */
    size_t cap;     /* octets at buf; SKS_OTA_CHUNK_MAX is enough for every chunk */
    size_t have;    /* octets of the present chunk that stand in buf */
    uint32_t index; /* of the present chunk */
};

/*@ logic integer sks_ota_index_next(integer index) = index < UINT32_MAX ? index + 1 : 0;

    // Octet i of the present chunk: those that stand in buf, then those of data.
    logic integer sks_ota_feed_octet{L}(struct sks_ota_feed *feed, uint8_t *data, integer i) =
        i < feed->have ? feed->buf[i] : data[i - feed->have];
    logic integer sks_ota_feed_size{L}(struct sks_ota_feed *feed, uint8_t *data, integer len) =
        feed->have + len < 2 ? SKS_OTA_CHUNK_HEAD
        : SKS_OTA_CHUNK_HEAD + 256 * sks_ota_feed_octet(feed, data, 0)
                             + sks_ota_feed_octet(feed, data, 1);
    // A chunk that lies whole in data is handed on there, any other in buf.
    logic uint8_t *sks_ota_feed_at{L}(struct sks_ota_feed *feed, uint8_t *data, integer len) =
        feed->have == 0 && len >= sks_ota_feed_size(feed, data, len) ? data : feed->buf;

    logic integer sks_ota_feed_answer{L}(struct sks_ota_feed *feed, uint8_t *data, integer len) =
        feed->have == 0 && len >= sks_ota_feed_size(feed, data, len) ? SKS_OK
        : len == 0 ? SKS_MORE
        : feed->cap < sks_ota_feed_size(feed, data, len) ? SKS_ERR_SPACE
        : feed->have + len < sks_ota_feed_size(feed, data, len) ? SKS_MORE : SKS_OK; */

/* Unlike a parse function it takes octets on SKS_MORE:
 *   SKS_OK         *out is a chunk, index included; its spans, in data or in feed->buf, hold until
 *                  the next call; *used octets of data are taken, 1 at least, and the feed stands
 *                  at the next chunk.
 *   SKS_MORE       *used == len, all taken; *out is untouched.
 *   SKS_ERR_SPACE  cap is less than *used, the octets that the chunk needs as far as it is known;
 *                  nothing is taken or changed. Call again with more room and the same data.
 * data must not overlap buf. */
/*@ requires \valid(feed) && \valid(out) && \valid(used) && sks_octets(data, len);
    requires \valid(feed->buf + (0 .. feed->cap - 1)) && feed->have <= feed->cap;
    requires feed->have < sks_ota_chunk_size(feed->buf, feed->have);
    requires \separated(feed, out, used, data + (0 .. len - 1), feed->buf + (0 .. feed->cap - 1));
    assigns feed->have, feed->index, *out, *used, feed->buf[0 .. feed->cap - 1];
    ensures \result == \old(sks_ota_feed_answer(feed, data, len));
    ensures \result == SKS_OK ==> *used == \old(sks_ota_feed_size(feed, data, len) - feed->have);
    ensures \result == SKS_MORE ==> *used == len;
    ensures \result == SKS_ERR_SPACE ==> *used == \old(sks_ota_feed_size(feed, data, len));
    ensures \result == SKS_OK ==>
        out->tag == \old(sks_ota_feed_at(feed, data, len)) + 2 &&
        out->text == \old(sks_ota_feed_at(feed, data, len)) + SKS_OTA_CHUNK_HEAD &&
        out->text_len == \old(sks_ota_feed_size(feed, data, len)) - SKS_OTA_CHUNK_HEAD &&
        out->index == \old(feed->index);
    ensures \result == SKS_OK ==>
        feed->have == 0 && feed->index == sks_ota_index_next(\old(feed->index));
    ensures \result == SKS_MORE ==>
        feed->have == \old(feed->have) + len && feed->index == \old(feed->index);
    // no octet is lost, changed or duplicated: those taken before and now, in order
    ensures \result == SKS_OK ==> \forall integer i; 0 <= i < \old(feed->have) + *used ==>
        \old(sks_ota_feed_at(feed, data, len))[i] == \at(sks_ota_feed_octet(feed, data, i), Pre);
    ensures \result == SKS_MORE ==> \forall integer i; 0 <= i < feed->have ==>
        feed->buf[i] == \at(sks_ota_feed_octet(feed, data, i), Pre);
    ensures \result != SKS_OK ==> *out == \old(*out);
    ensures \result == SKS_ERR_SPACE ==>
        *feed == \old(*feed) && sks_kept{Old, Here}(feed->buf, 0, feed->cap); */
enum sks_status sks_ota_feed(struct sks_ota_feed *feed, struct sks_ota_chunk *out,
                             const uint8_t *data, size_t len, size_t *used);

/* ---- AEAD: SIP004 with the subkey of SIP007 ----------------------------------------------------
 */

enum {
    SKS_AEAD_TAG_SIZE = 16,
    SKS_AEAD_LENGTH_SIZE = 2,
    SKS_AEAD_SALT_MAX = 32,     /* octets: a salt is as long as the method's key: 16, 24 or 32 */
    SKS_AEAD_NONCE_MAX = 24,    /* octets: 24 for xchacha20-ietf-poly1305, else 12 */
    SKS_AEAD_TEXT_MAX = 0x3fff, /* octets of DATA: the top two bits of LEN are 0 */
    SKS_AEAD_CHUNK_DATA = 2 + SKS_AEAD_TAG_SIZE, /* offset of DATA in its chunk */
    SKS_AEAD_CHUNK_OVERHEAD = SKS_AEAD_CHUNK_DATA + SKS_AEAD_TAG_SIZE,
    SKS_AEAD_CHUNK_MAX = SKS_AEAD_CHUNK_OVERHEAD + SKS_AEAD_TEXT_MAX,
};

/* The parts of a stream: the salt once, then length and data by turns. */
enum sks_aead_part { SKS_AEAD_SALT, SKS_AEAD_LENGTH, SKS_AEAD_DATA };

/* Where the reader of a stream stands. { SKS_AEAD_SALT, salt_size, 0 } is the start. */
struct sks_aead_stream {
    uint8_t part;      /* enum sks_aead_part: the one that comes next */
    uint8_t salt_size; /* octets, 1..SKS_AEAD_SALT_MAX */
    uint16_t data_len; /* octets of DATA before sealing, when part is SKS_AEAD_DATA */
};

struct sks_aead_sealed {
    const uint8_t *text; /* text_len octets, borrowed: sealed text, or the salt in the clear */
    const uint8_t *tag;  /* SKS_AEAD_TAG_SIZE octets, borrowed; NULL for the salt */
    size_t text_len;
};

struct sks_aead_datagram {
    const uint8_t *salt; /* salt_size octets, borrowed */
    const uint8_t *text; /* text_len octets, borrowed: TYPE to the end of DATA, sealed */
    const uint8_t *tag;  /* SKS_AEAD_TAG_SIZE octets, borrowed */
    size_t text_len;     /* 0 is well-formed as a frame; the header in it is then cut short */
};

/*@ logic integer sks_aead_part_size{L}(struct sks_aead_stream *s) =
        s->part == SKS_AEAD_SALT ? s->salt_size
        : s->part == SKS_AEAD_LENGTH ? SKS_AEAD_LENGTH_SIZE + SKS_AEAD_TAG_SIZE
        : s->data_len + SKS_AEAD_TAG_SIZE;
    logic integer sks_aead_part_text{L}(struct sks_aead_stream *s) =
        s->part == SKS_AEAD_SALT ? s->salt_size
        : s->part == SKS_AEAD_LENGTH ? SKS_AEAD_LENGTH_SIZE : s->data_len; */

/* Octets of the part that comes next, tag included: salt_size, 18, or data_len + 16. */
/*@ requires \valid_read(stream);
    assigns \nothing;
    ensures \result == sks_aead_part_size(stream); */
size_t sks_aead_need(const struct sks_aead_stream *stream);

/* The part that comes next, at data; done as soon as len is no less than sks_aead_need. Nothing
 * moves on: that is for sks_aead_next, once the part is opened. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used) && \valid_read(stream);
    requires \separated(out, used, stream, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == (len < sks_aead_part_size(stream) ? SKS_MORE : SKS_OK);
    ensures *used == (\result == SKS_OK ? sks_aead_part_size(stream) : 0);
    ensures \result == SKS_OK ==>
        out->text == data && out->text_len == sks_aead_part_text(stream);
    ensures \result == SKS_OK && stream->part == SKS_AEAD_SALT ==> out->tag == \null;
    ensures \result == SKS_OK && stream->part != SKS_AEAD_SALT ==>
        out->tag == data + sks_aead_part_text(stream);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_aead_part_parse(struct sks_aead_sealed *out, const uint8_t *data, size_t len,
                                    const struct sks_aead_stream *stream, size_t *used);

/* Moves on after the part that came last. opened is its plain text, read only after a length: 2
 * octets, big endian; *used is how many of them were read, 2 or 0. An empty chunk is no error here:
 * whether to serve it is the caller's choice. Error: SKS_ERR_CHUNK_LENGTH at 0 (top bits set, over
 * 3fff); then nothing is changed. */
/*@ requires \valid(stream) && \valid(used) && \separated(stream, used);
    requires stream->part == SKS_AEAD_LENGTH ==>
        sks_octets(opened, 2) && \separated(opened + (0 .. 1), stream, used);
    assigns *stream, *used;
    behavior length:
      assumes stream->part == SKS_AEAD_LENGTH;
      ensures \result == (\old(sks_u16(opened)) > SKS_AEAD_TEXT_MAX ? SKS_ERR_CHUNK_LENGTH
                                                                   : SKS_OK);
      ensures *used == (\result == SKS_OK ? 2 : 0);
      ensures \result == SKS_OK ==>
          stream->part == SKS_AEAD_DATA && stream->data_len == \old(sks_u16(opened));
      ensures \result != SKS_OK ==> *stream == \old(*stream);
      ensures stream->salt_size == \old(stream->salt_size);
    behavior other:
      assumes stream->part != SKS_AEAD_LENGTH;
      ensures \result == SKS_OK && *used == 0 && stream->part == SKS_AEAD_LENGTH;
      ensures stream->salt_size == \old(stream->salt_size);
    complete behaviors;
    disjoint behaviors; */
enum sks_status sks_aead_next(struct sks_aead_stream *stream, const uint8_t *opened, size_t *used);

/* LEN before sealing, 2 octets. Error: SKS_ERR_CHUNK_LENGTH at 0 (over 3fff). */
/*@ requires \valid(buf + (0 .. cap - 1)) && \valid(used);
    requires \separated(buf + (0 .. cap - 1), used);
    assigns *used, buf[0 .. cap - 1];
    ensures \result == (text_len > SKS_AEAD_TEXT_MAX ? SKS_ERR_CHUNK_LENGTH
                        : cap < 2 ? SKS_ERR_SPACE : SKS_OK);
    ensures *used == (text_len > SKS_AEAD_TEXT_MAX ? 0 : 2);
    ensures \result == SKS_OK ==> sks_u16(buf) == text_len;
    ensures sks_kept{Old, Here}(buf, \result == SKS_OK ? 2 : 0, cap); */
enum sks_status sks_aead_length_encode(uint8_t *buf, size_t cap, size_t text_len, size_t *used);

/* One whole datagram: *used is len. SKS_MORE means that it is cut short: no place for salt and tag.
 * In the clear text, sks_ss_header_parse under SKS_SS_PLAIN finds header and data. */
/*@ requires sks_octets(data, len) && \valid(out) && \valid(used);
    requires \separated(out, used, data + (0 .. len - 1));
    assigns *out, *used;
    ensures \result == (len < salt_size + SKS_AEAD_TAG_SIZE ? SKS_MORE : SKS_OK);
    ensures *used == (\result == SKS_OK ? len : 0);
    ensures \result == SKS_OK ==> out->salt == data && out->text == data + salt_size;
    ensures \result == SKS_OK ==> out->text_len == len - salt_size - SKS_AEAD_TAG_SIZE &&
                                 out->tag == data + (len - SKS_AEAD_TAG_SIZE);
    ensures \result != SKS_OK ==> *out == \old(*out); */
enum sks_status sks_aead_datagram_parse(struct sks_aead_datagram *out, const uint8_t *data,
                                        size_t len, size_t salt_size, size_t *used);

/* The nonce as a counter, little endian, size octets: one up; from all ff back to 0. A stream
 * starts at 0 and counts every seal, length and data alike; a datagram uses 0. */
/*@ requires \valid(nonce + (0 .. size - 1));
    assigns nonce[0 .. size - 1];
    // an octet counts when all before it were ff
    ensures \forall integer n; 0 <= n < size ==>
        (\forall integer i; 0 <= i < n ==> \old(nonce[i]) == 0xff) ==>
        nonce[n] == (\old(nonce[n]) == 0xff ? 0 : \old(nonce[n]) + 1);
    ensures \forall integer n, i; 0 <= i < n < size ==> \old(nonce[i]) != 0xff ==>
        nonce[n] == \old(nonce[n]); */
void sks_aead_nonce_next(uint8_t *nonce, size_t size);

#ifdef __cplusplus
}
#endif
#endif
