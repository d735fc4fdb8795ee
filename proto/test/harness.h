/* The laws of <sockspec/status.h>, written once for every message.
 *
 * A block is memory between two inaccessible pages. Every input is copied to a block so that it
 * ends against the page behind, then so that it begins right after the page in front; the structs
 * and the output buffers end against a page too. Whatever must stay untouched is filled with two
 * patterns in turn and compared octet for octet. */
#ifndef PROTO_TEST_HARNESS_H
#define PROTO_TEST_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sockspec/socks5.h>

/* X(name): every message, sks_NAME with sks_NAME_parse and sks_NAME_encode. */
#define CODEC_LIST(X)                                                                              \
    X(addr)                                                                                        \
    X(greeting)                                                                                    \
    X(selection)                                                                                   \
    X(userpass)                                                                                    \
    X(userpass_status)                                                                             \
    X(request)                                                                                     \
    X(reply)                                                                                       \
    X(udp_header)

enum field_kind { FIELD_NONE, FIELD_U8, FIELD_U16, FIELD_SPAN };

/* A member of a message's struct; a span is a pointer at `at` and its length octet at `len_at`. */
struct field {
    const char *name;
    enum field_kind kind;
    size_t at;
    size_t len_at;
};

/* A message's functions under one type, and its members; fields end with FIELD_NONE. */
struct codec {
    const char *name;
    size_t size;
    enum sks_status (*parse)(void *out, const uint8_t *data, size_t len, size_t *used);
    enum sks_status (*encode)(uint8_t *buf, size_t cap, const void *in, size_t *used);
    struct field fields[8];
};

#define CODEC_DECLARE(name) extern const struct codec codec_##name;
CODEC_LIST(CODEC_DECLARE)
#undef CODEC_DECLARE

/* A right message of each form; ends with a NULL codec. */
struct sample {
    const struct codec *codec;
    const char *octets;
    size_t size;
};
extern const struct sample samples[];

#define OCTETS(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* message and octets are the same message: every law of parsing and encoding, each prefix, each
 * split, each capacity, octets behind it. */
void good(const struct codec *c, const void *message, const uint8_t *octets, size_t size);

/* octets are decided wrong at offset, and right so far before it. */
void wrong(const struct codec *c, const uint8_t *octets, size_t size, enum sks_status error,
           size_t offset);

/* message cannot be encoded into any capacity. */
void refused(const struct codec *c, const void *message, enum sks_status error, size_t offset);

/* How often the laws above got each answer. */
enum {
    STATUS_COUNT = 0 +
#define SKS_X(constant, text) 1 +
                   SKS_STATUS_LIST(SKS_X)
#undef SKS_X
                       0
};
extern unsigned answers[STATUS_COUNT];

/* The answers that a codec gives come first in the list; those behind belong to what is built on
 * the codecs, and to its tests. */
enum { CODEC_ANSWERS = SKS_ERR_URI_QUERY + 1 };

/* A block of BLOCK_SIZE octets, never freed. */
enum { BLOCK_SIZE = 65536 };
struct block {
    uint8_t *begin;
    uint8_t *end;
};
struct block block_new(void);

/* Every span of a and b has the same octets, every other field the same value; the name of the
 * first that differs, or NULL. */
const char *differing_field(const struct codec *c, const void *a, const void *b);

#endif
