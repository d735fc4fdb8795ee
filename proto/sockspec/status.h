/* The three answers of every codec: done, more, wrong.
 *
 * Parsing, for every sks_X_parse(out, data, len, used):
 *   SKS_OK    *used octets make the message; spans in *out borrow from data.
 *   SKS_MORE  what is there is right so far and not yet whole; *used is 0, *out is untouched.
 *   error     *used is the offset of the octet that decides it, *out is untouched. The answer does
 *             not wait for octets behind that one.
 * data is octets of any value, unaligned, len of them and no more; it may be NULL when len is 0.
 * Whatever follows the message in data is neither read nor judged.
 *
 * Encoding, for every sks_X_encode(buf, cap, in, used):
 *   SKS_OK         *used octets stand at buf.
 *   SKS_ERR_SPACE  cap is less than *used, the size needed (buf may be NULL when cap is 0).
 *   other error    *used is the offset at which the field that cannot be encoded would stand.
 * Without SKS_OK nothing is written. buf must not overlap what in points to. Fields are judged
 * before the space is.
 *
 * Nothing here allocates, blocks, keeps state or looks at a clock; every function may be called
 * from any number of threads. */
#ifndef SOCKSPEC_STATUS_H
#define SOCKSPEC_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, text): each answer, in the order of its number from 0. */
#define SKS_STATUS_LIST(X)                                                                         \
    X(SKS_OK, "done")                                                                              \
    X(SKS_MORE, "more octets needed")                                                              \
    X(SKS_ERR_VERSION, "wrong version octet")                                                      \
    X(SKS_ERR_ATYP, "unknown address type")                                                        \
    X(SKS_ERR_EMPTY, "length 0 where 1 to 255 is required")                                        \
    X(SKS_ERR_LENGTH, "address length does not fit its type")                                      \
    X(SKS_ERR_SPACE, "output buffer too small")                                                    \
    X(SKS_ERR_OTA_FORBIDDEN, "one-time auth flag where it is not permitted")                       \
    X(SKS_ERR_OTA_REQUIRED, "no one-time auth flag where it is required")                          \
    X(SKS_ERR_CHUNK_LENGTH, "chunk length out of range")                                           \
    X(SKS_ERR_URI_SCHEME, "URI does not start with ss://")                                         \
    X(SKS_ERR_URI_CHARACTER, "character not allowed in this part of a URI")                        \
    X(SKS_ERR_URI_PERCENT, "percent sign without two hexadecimal digits")                          \
    X(SKS_ERR_URI_BASE64, "not base64, or of a length or ending that base64 cannot have")          \
    X(SKS_ERR_URI_USERINFO, "not method:password, each of one octet or more")                      \
    X(SKS_ERR_URI_FORM, "this URI form cannot carry that method or plugin")                        \
    X(SKS_ERR_URI_HOST, "host empty, over 255 octets, or its bracket not closed")                  \
    X(SKS_ERR_URI_PORT, "port is not a number from 1 to 65535")                                    \
    X(SKS_ERR_URI_QUERY, "plugin given twice, or options without a plugin")                        \
    X(SKS_ERR_METHOD, "unknown method, or one of another kind")                                    \
    X(SKS_ERR_METHOD_MISSING, "the installed library lacks this method")                           \
    X(SKS_ERR_PASSWORD, "password is empty or too long")                                           \
    X(SKS_ERR_KEY, "key does not fit the method")                                                  \
    X(SKS_ERR_SALT, "salt or IV does not have the method's length")                                \
    X(SKS_ERR_TAG, "tag does not match")                                                           \
    X(SKS_ERR_EXHAUSTED, "no nonce left under this key")                                           \
    X(SKS_ERR_LIBRARY, "libcrypto or libsodium failed")                                            \
    X(SKS_ERR_EVENT, "no edge for this event in this stage")                                       \
    X(SKS_ERR_TRUNCATED, "ended in the middle of a message")                                       \
    X(SKS_ERR_TRACE, "not a trace line")                                                           \
    X(SKS_ERR_REPLAY, "salt or IV was seen before")

enum sks_status {
#define SKS_X(constant, text) constant,
    SKS_STATUS_LIST(SKS_X)
#undef SKS_X
};

/* Nonzero when s is an error, that is neither SKS_OK nor SKS_MORE. */
#define SKS_IS_ERROR(s) ((s) > SKS_MORE)

/*@ // Contracts: the comments that begin like this one are ACSL; proto/proof/ has them proved.
    // len octets at p that may be read.
    predicate sks_octets{L}(uint8_t *p, integer len) = \valid_read(p + (0 .. len - 1));

    // The octets at p from one offset to before another are what they were.
    predicate sks_kept{A, B}(uint8_t *p, integer from, integer to) =
        \forall integer i; from <= i < to ==> \at(p[i], A) == \at(p[i], B);

    // The n octets at p are those at q.
    predicate sks_equal{L}(uint8_t *p, uint8_t *q, integer n) =
        \forall integer i; 0 <= i < n ==> p[i] == q[i];

    predicate sks_zeros{L}(uint8_t *p, integer n) =
        \forall integer i; 0 <= i < n ==> p[i] == 0;

    // Two octets, big endian.
    logic integer sks_u16{L}(uint8_t *p) = 256 * p[0] + p[1];

    // A message of two octets: a version, then any value.
    logic integer sks_pair_answer{L}(integer version, uint8_t *p, integer len) =
        len < 1 ? SKS_MORE : p[0] != version ? SKS_ERR_VERSION : len < 2 ? SKS_MORE : SKS_OK; */

/* The constant's own name ("SKS_ERR_ATYP") and a line of text, both static and never NULL; "?" for
 * a number that is not in the list. */
const char *sks_status_name(enum sks_status s);
const char *sks_status_text(enum sks_status s);

#ifdef __cplusplus
}
#endif
#endif
