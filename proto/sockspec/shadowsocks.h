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
enum sks_status sks_ss_header_parse(struct sks_ss_header *out, const uint8_t *data, size_t len,
                                    enum sks_ss_mode mode, size_t *used);
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

/* The header of sks_ss_header_parse and, if its flag is set, the tag behind it: *used counts both.
 * Errors: those of sks_ss_header_parse. */
enum sks_status sks_ota_header_parse(struct sks_ota_header *out, const uint8_t *data, size_t len,
                                     enum sks_ss_mode mode, size_t *used);

/* One whole datagram after decryption, with or without one-time auth: *used is len. SKS_MORE means
 * that it is cut short, the place for a tag included. Errors: those of sks_ss_header_parse. */
enum sks_status sks_ota_datagram_parse(struct sks_ota_datagram *out, const uint8_t *data,
                                       size_t len, enum sks_ss_mode mode, size_t *used);

/* 12 to 65547 octets; every LEN is valid, so there is no error. */
enum sks_status sks_ota_chunk_parse(struct sks_ota_chunk *out, const uint8_t *data, size_t len,
                                    size_t *used);

/* How many octets the chunk at data has in all, as far as len of them tell: 12 until LEN is there.
 * sks_ota_chunk_parse is done as soon as len is no less. */
size_t sks_ota_chunk_need(const uint8_t *data, size_t len);

/* The encoders write all but the tag, whose place they fill with zeros: *used counts it, the caller
 * writes it there. Where it goes: header and datagram, when in->type has the flag, at buf + *used -
 * SKS_OTA_TAG_SIZE, over all that stands before it; chunk at buf + 2, over DATA.
 * sks_ota_chunk_encode writes the 12 octets before DATA, which the caller has or puts at
 * buf + SKS_OTA_CHUNK_HEAD. data may be NULL when data_len is 0.
 * Errors: those of sks_ss_header_encode; chunk SKS_ERR_CHUNK_LENGTH at 0 (over 65535). */
enum sks_status sks_ota_header_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                      enum sks_ss_mode mode, size_t *used);
enum sks_status sks_ota_datagram_encode(uint8_t *buf, size_t cap, const struct sks_ss_header *in,
                                        const uint8_t *data, size_t data_len, enum sks_ss_mode mode,
                                        size_t *used);
enum sks_status sks_ota_chunk_encode(uint8_t *buf, size_t cap, size_t text_len, size_t *used);

/* INDEX as it stands behind the IV in a chunk's key. */
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

/* Unlike a parse function it takes octets on SKS_MORE:
 *   SKS_OK         *out is a chunk, index included; its spans, in data or in feed->buf, hold until
 *                  the next call; *used octets of data are taken, 1 at least, and the feed stands
 *                  at the next chunk.
 *   SKS_MORE       *used == len, all taken; *out is untouched.
 *   SKS_ERR_SPACE  cap is less than *used, the octets that the chunk needs as far as it is known;
 *                  nothing is taken or changed. Call again with more room and the same data.
 * data must not overlap buf. */
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

/* Octets of the part that comes next, tag included: salt_size, 18, or data_len + 16. */
size_t sks_aead_need(const struct sks_aead_stream *stream);

/* The part that comes next, at data; done as soon as len is no less than sks_aead_need. Nothing
 * moves on: that is for sks_aead_next, once the part is opened. */
enum sks_status sks_aead_part_parse(struct sks_aead_sealed *out, const uint8_t *data, size_t len,
                                    const struct sks_aead_stream *stream, size_t *used);

/* Moves on after the part that came last. opened is its plain text, read only after a length: 2
 * octets, big endian; *used is how many of them were read, 2 or 0. An empty chunk is no error here:
 * whether to serve it is the caller's choice. Error: SKS_ERR_CHUNK_LENGTH at 0 (top bits set, over
 * 3fff); then nothing is changed. */
enum sks_status sks_aead_next(struct sks_aead_stream *stream, const uint8_t *opened, size_t *used);

/* LEN before sealing, 2 octets. Error: SKS_ERR_CHUNK_LENGTH at 0 (over 3fff). */
enum sks_status sks_aead_length_encode(uint8_t *buf, size_t cap, size_t text_len, size_t *used);

/* One whole datagram: *used is len. SKS_MORE means that it is cut short: no place for salt and tag.
 * In the clear text, sks_ss_header_parse under SKS_SS_PLAIN finds header and data. */
enum sks_status sks_aead_datagram_parse(struct sks_aead_datagram *out, const uint8_t *data,
                                        size_t len, size_t salt_size, size_t *used);

/* The nonce as a counter, little endian, size octets: one up; from all ff back to 0. A stream
 * starts at 0 and counts every seal, length and data alike; a datagram uses 0. */
void sks_aead_nonce_next(uint8_t *nonce, size_t size);

#ifdef __cplusplus
}
#endif
#endif
