/* The Shadowsocks layer of one channel: octets of a step's text become octets of the network, well
 * framed or misframed as the text asks; what the peer sends becomes plain text, audited.
 *
 * In a text that is sent through a wire (case.h has the rest of the language):
 *   {salt}        the salt or IV of this direction, drawn afresh: the keys start here
 *   header(...)   an address header, framed as the run's method does: one chunk under AEAD, with
 *                 flag and tag where the run is --ota; of a datagram all that is in it
 *   data(...)     octets of the stream behind a header: in chunks under AEAD and one-time auth
 *   octets outside parentheses, plain(...): encrypted; under AEAD in chunks of at most 3FFF, or as
 *                 the sealed text of a datagram
 *   chunk(...)    one AEAD chunk of all that is in it: LEN and data, sealed
 *   seal(...)     octets and tag under the next nonce: half a chunk, LEN or data
 *   nonce@N()     the next nonce is N
 *   ota-header(...) ota-chunk(...)   the flag and the tag; LEN and tag: to be encrypted, as are
 *   header-tag(...) chunk-tag(...)   the tag alone of what is in them
 *   index@N()     the next chunk of one-time auth has this number
 *   raw(...)      octets as they are
 *   flip@N(...)   what is in it, the lowest bit of octet N turned; from the end where N < 0
 *   cut@N(...)    its first N octets; all but the last -N where N < 0
 *   from@N(...)   what cut@N(...) leaves out
 *   bits@HH(...)  these bits of the first octet set
 *   {random N}    octets that nobody can foretell
 *   {sent} {got}  what the other actor (SECOND: the client) sent and got so far, as on the network;
 *                 of datagrams the last
 *   {same-salt} {got-salt}   as {salt}, but the other actor's, or the one that it got
 * Under a method without AEAD chunk, seal and nonce do nothing, so that one text fits all. */
#ifndef ENGINE_WIRE_H
#define ENGINE_WIRE_H

#include "pattern.h"

#include <sockspec/crypto.h>

struct salt_set;

/* What all wires of a run share. All zero: no method, so no wires. */
struct wire_keys {
    const struct sks_cipher *cipher; /* NULL: none */
    struct sks_key key;
    struct sks_sealer *sealer; /* of an AEAD method */
    struct salt_set *salts;    /* every salt and IV of the run so far */
    bool ota;                  /* clients use one-time auth */
};

/* NULL, or what is wrong (static text); keys is all zero then. */
const char *wire_keys_set(struct wire_keys *keys, const char *method, const char *password,
                          bool ota);
void wire_keys_free(struct wire_keys *keys);

enum wire_side { WIRE_CLIENT, WIRE_SERVER }; /* what we are; the peer is the other */

struct wire_tape {
    uint8_t *octets; /* owned */
    size_t len;
};

struct wire {
    struct wire_keys *keys;
    enum wire_side side;
    bool datagram;
    const struct wire *other; /* of {sent} and the like; itself unless set */
    struct wire_tape sent, got;

    /* out */
    bool salted;
    uint8_t salt[SKS_IV_MAX];
    struct sks_aead sealing;
    struct sks_stream *encrypting;
    uint32_t index; /* of the next one-time-auth chunk */
    bool chunks;    /* data goes in chunks of one-time auth */

    /* in */
    bool in_salted, in_header; /* salt taken; header of one-time auth verified */
    bool any_salt;             /* one that is not new is kept and no fault */
    uint8_t in_salt[SKS_IV_MAX];
    struct sks_aead opening;
    struct sks_aead_stream parts;
    struct sks_stream *decrypting;
    uint32_t in_index;
    uint8_t *raw; /* PATTERN_MAX octets: what came and is not plain text yet */
    size_t raw_len;
    size_t raw_clear;  /* of them, from the start: decrypted, not verified */
    size_t n_parts;    /* opened so far */
    uint64_t in_total; /* octets of the network that came */
    char fault[120];   /* what the peer did wrong; empty: nothing so far */
};

struct wire *wire_new(struct wire_keys *keys, enum wire_side side, bool datagram);
void wire_free(struct wire *w);

/* Builds the octets of the network of a text. Returns how many, or -1 with *error (static text).
 * cap of buf: PATTERN_MAX. A datagram begins anew with each call. */
long wire_build(struct wire *w, const struct scene *scene, const char *text, uint8_t *buf,
                const char **error);

/* wire_out.c: parts of wire_build. Each changes the n octets at buf, where cap have room, and
 * returns how many they are now, or WIRE_FAILED: no room, or no salt before. */
#define WIRE_FAILED SIZE_MAX
bool wire_start(struct wire *w, const uint8_t *salt); /* NULL: a fresh one */
size_t wire_seal(struct wire *w, uint8_t *buf, size_t n, size_t cap);
size_t wire_chunk(struct wire *w, uint8_t *buf, size_t n, size_t cap);
size_t wire_protect(struct wire *w, uint8_t *buf, size_t n, size_t cap);
size_t wire_ota_chunk(struct wire *w, uint8_t *buf, size_t n, size_t cap);
size_t wire_ota_header(struct wire *w, uint8_t *buf, size_t n, size_t cap);
/* The n octets of a stream at buf, framed as data(...): for transfers. */
size_t wire_data(struct wire *w, uint8_t *buf, size_t n, size_t cap);
void wire_tape(struct wire_tape *tape, const uint8_t *octets, size_t n);

/* wire_in.c. Takes the n octets that were put at raw + raw_len and writes the plain text that is
 * whole now, PATTERN_MAX octets at most; returns how many. Of a datagram: all of it. */
size_t wire_decode(struct wire *w, size_t n, uint8_t *out);
/* Whether the peer may not end the stream here, or fall silent: octets that make no chunk. */
bool wire_incomplete(const struct wire *w);

/* wire_layout.c. What the octets from `from` to `to` of a direction are, whose first len octets are
 * at octets, for a reader with the keys: their fields in order, and how many. Behind a tag that
 * does not hold there is one field for all the rest. */
enum { WIRE_FIELDS = 40 };
struct wire_field {
    char name[6];  /* SALT, IV, DST, LEN, TAG, DATA or REST */
    char note[12]; /* what LEN says in decimal; of a TAG "wrong" or "cut short"; or nothing */
    size_t octets;
};
size_t wire_layout(struct wire_keys *keys, const uint8_t *octets, size_t len, size_t from,
                   size_t to, bool datagram, bool from_client,
                   struct wire_field fields[WIRE_FIELDS]);

/* Enters a salt; false when it has been there. */
bool salt_set_add(struct salt_set **set, const uint8_t *salt, size_t n);
void salt_set_free(struct salt_set *set);

#endif
