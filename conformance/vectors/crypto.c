#include "kinds.h"

#include "../engine/memory.h"

#include <sockspec/crypto.h>
#include <sockspec/shadowsocks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum sks_status find(const struct vector *v, const struct sks_cipher **cipher)
{
    return sks_cipher_find(cipher, vector_value(v, "method")->text);
}

static enum outcome outcome_of(bool holds)
{
    return holds ? OUTCOME_HOLDS : OUTCOME_FAILS;
}

/* An octet more than len, so that there is one to point at. */
static uint8_t *copy_of(const uint8_t *octets, size_t len)
{
    uint8_t *copy = xmalloc(len + 1);
    if (len)
        memcpy(copy, octets, len);
    return copy;
}

const struct sks_cipher *vector_cipher(const struct vector *v, enum outcome *outcome)
{
    const struct sks_cipher *cipher = NULL;
    enum sks_status s = find(v, &cipher);
    *outcome = s == SKS_ERR_METHOD_MISSING ? OUTCOME_LACKING : OUTCOME_FAILS;
    static const struct sks_cipher *said; /* once, not for every vector */
    if (s == SKS_ERR_METHOD_MISSING && said != cipher)
        fprintf(stderr, "%s: %s is not run: %s has no %s\n", v->file, cipher->name, cipher->library,
                cipher->algorithm);
    if (s == SKS_ERR_METHOD_MISSING)
        said = cipher;
    else if (s != SKS_OK)
        vector_fails(v, "a method", vector_value(v, "method")->text, "method");
    return s == SKS_OK ? cipher : NULL;
}

/* ---- keys ---- */

static enum outcome run_key(const struct vector *v)
{
    const struct value *password = vector_value(v, "input");
    const struct sks_cipher *cipher = NULL;
    struct sks_key key = {0};
    enum sks_status s = find(v, &cipher);
    if (cipher) /* a key does not need the library */
        s = sks_key_from_password(&key, cipher, password->octets, password->len);
    return outcome_of(
        vector_status_is(v, s, "from a password") &&
        (s != SKS_OK || vector_octets_are(v, "key", key.octets, key.size, "from a password")));
}

static enum outcome run_subkey(const struct vector *v)
{
    const struct value *octets = vector_value(v, "key"), *salt = vector_value(v, "input");
    const struct sks_cipher *cipher = NULL;
    struct sks_key key;
    struct sks_aead aead;
    enum sks_status s = find(v, &cipher);
    if (s == SKS_OK)
        s = sks_key_set(&key, cipher, octets->octets, octets->len);
    if (s == SKS_OK)
        s = sks_aead_start(&aead, &key, salt->octets, salt->len);
    return outcome_of(
        vector_status_is(v, s, "start") &&
        (s != SKS_OK || vector_octets_are(v, "subkey", aead.subkey, cipher->key_size, "start")));
}

/* The key is given in two parts, cut everywhere. */
static enum outcome run_hmac(const struct vector *v)
{
    const struct value *key = vector_value(v, "key"), *input = vector_value(v, "input");
    uint8_t mac[SKS_SHA1_SIZE];
    bool holds = true;
    for (size_t cut = 0; cut <= key->len && holds; cut++) {
        const uint8_t *rest = key->len > cut ? key->octets + cut : NULL;
        sks_hmac_sha1(mac, key->octets, cut, rest, key->len - cut, input->octets, input->len);
        holds = vector_octets_are(v, "mac", mac, sizeof mac, "key in two parts");
    }
    return outcome_of(holds);
}

static enum outcome run_hkdf(const struct vector *v)
{
    const struct value *input = vector_value(v, "input"), *salt = vector_value(v, "salt"),
                       *info = vector_value(v, "info");
    size_t size = (size_t)vector_value(v, "size")->number;
    uint8_t *out = xcalloc(size + 1, 1);
    enum sks_status s = sks_hkdf_sha1(out, size, input->octets, input->len, salt->octets, salt->len,
                                      info->octets, info->len);
    bool holds = vector_status_is(v, s, "expand") &&
                 (s != SKS_OK || vector_octets_are(v, "okm", out, size, "expand"));
    free(out);
    return outcome_of(holds);
}

/* ---- stream methods ---- */

/* from in pieces of that size (the last one smaller) must become the field to. */
static bool stream_makes(const struct vector *v, struct sks_stream *stream,
                         const struct sks_key *key, const char *from, const char *to, size_t size,
                         const char *what)
{
    const struct value *text = vector_value(v, from), *iv = vector_value(v, "iv");
    uint8_t *copy = copy_of(text->octets, text->len);
    enum sks_status s = sks_stream_start(stream, key, iv->octets, iv->len);
    for (size_t at = 0; s == SKS_OK && at < text->len; at += size)
        s = sks_stream_update(stream, copy + at, text->len - at < size ? text->len - at : size);
    bool holds = vector_status_is(v, s, what) &&
                 (s != SKS_OK || vector_octets_are(v, to, copy, text->len, what));
    free(copy);
    return holds;
}

static enum outcome run_stream(const struct vector *v)
{
    const struct value *octets = vector_value(v, "key");
    const struct sks_cipher *cipher;
    struct sks_key key;
    struct sks_stream *out = NULL, *in = NULL;
    enum outcome outcome;
    if (!(cipher = vector_cipher(v, &outcome)))
        return outcome;
    enum sks_status s = sks_key_set(&key, cipher, octets->octets, octets->len);
    if (s == SKS_OK)
        s = sks_stream_new(&out, cipher, SKS_ENCRYPT);
    if (s == SKS_OK)
        s = sks_stream_new(&in, cipher, SKS_DECRYPT);
    bool holds;
    if (s != SKS_OK || v->status != SKS_OK)
        holds = s != SKS_OK ? vector_status_is(v, s, "set-up")
                            : stream_makes(v, out, &key, "input", "output", 1, "start");
    else
        holds = stream_makes(v, out, &key, "input", "output", SIZE_MAX / 2, "whole") &&
                stream_makes(v, out, &key, "input", "output", 1, "octet by octet") &&
                stream_makes(v, out, &key, "input", "output", 7, "pieces of 7") &&
                stream_makes(v, in, &key, "output", "input", SIZE_MAX / 2, "decrypting") &&
                stream_makes(v, in, &key, "output", "input", 1, "decrypting octet by octet");
    sks_stream_free(out);
    sks_stream_free(in);
    return outcome_of(holds);
}

/* ---- sealing ---- */

static bool nonce_of(const struct vector *v, const struct sks_cipher *cipher, uint64_t *nonce)
{
    const struct value *octets = vector_value(v, "nonce");
    bool fits = octets->len == cipher->nonce_size;
    *nonce = 0;
    for (size_t i = octets->len; fits && i-- > 0;) {
        fits = i < 8 || octets->octets[i] == 0;
        *nonce = *nonce << 8 | octets->octets[i];
    }
    return fits || vector_fails(v, "the method's size, 8 octets of it a count",
                                vector_hex(octets->octets, octets->len), "nonce");
}

/* Whether counting from the nonce before gives this one. */
static bool nonce_counts(const struct vector *v, uint64_t nonce)
{
    uint8_t before[SKS_AEAD_NONCE_MAX];
    size_t size = vector_value(v, "nonce")->len;
    nonce--;
    for (size_t i = 0; i < size; i++)
        before[i] = i < 8 ? (uint8_t)(nonce >> 8 * i) : nonce == UINT64_MAX ? 0xff : 0;
    sks_aead_nonce_next(before, size);
    return vector_octets_are(v, "nonce", before, size, "counted");
}

bool vector_aead(const struct vector *v, const struct sks_cipher *cipher, struct sks_aead *aead)
{
    const struct value *key = vector_value(v, "key");
    memset(aead, 0, sizeof *aead);
    aead->cipher = cipher;
    if (key->len)
        memcpy(aead->subkey, key->octets, key->len);
    return nonce_of(v, cipher, &aead->nonce);
}

static bool seals(const struct vector *v, const struct sks_cipher *cipher,
                  struct sks_sealer *sealer)
{
    const struct value *input = vector_value(v, "input");
    const size_t size = input->len + SKS_TAG_SIZE;
    struct sks_aead aead;
    if (!vector_aead(v, cipher, &aead) || !nonce_counts(v, aead.nonce))
        return false;
    uint8_t *text = xcalloc(size, 1);
    if (input->len)
        memcpy(text, input->octets, input->len);
    enum sks_status s = sks_aead_seal(&aead, sealer, text, input->len, text + input->len);
    bool holds =
        vector_status_is(v, s, "sealing") && vector_octets_are(v, "output", text, size, "sealing");
    if (holds) {
        vector_aead(v, cipher, &aead);
        text[size - 1] ^= 1;
        s = sks_aead_open(&aead, sealer, text, input->len, text + input->len);
        holds =
            s == SKS_ERR_TAG || vector_fails(v, "tag", "another", "status (opening, tag wrong)");
    }
    if (holds) {
        vector_aead(v, cipher, &aead);
        memcpy(text, vector_value(v, "output")->octets, size);
        s = sks_aead_open(&aead, sealer, text, input->len, text + input->len);
        holds = vector_status_is(v, s, "opening") &&
                vector_octets_are(v, "input", text, input->len, "opening");
    }
    free(text);
    return holds;
}

static enum outcome run_aead(const struct vector *v)
{
    const struct value *octets = vector_value(v, "key");
    const struct sks_cipher *cipher;
    struct sks_key key;
    struct sks_sealer *sealer = NULL;
    enum outcome outcome;
    if (!(cipher = vector_cipher(v, &outcome)))
        return outcome;
    enum sks_status s = sks_key_set(&key, cipher, octets->octets, octets->len);
    if (s == SKS_OK)
        s = sks_sealer_new(&sealer, cipher);
    bool holds = s != SKS_OK || v->status != SKS_OK ? vector_status_is(v, s, "set-up")
                                                    : seals(v, cipher, sealer);
    sks_sealer_free(sealer);
    return outcome_of(holds);
}

/* ---- the rows ---- */

#define METHOD FIELD_GIVEN("method", FIELD_NAME)
#define GIVEN(NAME) FIELD_GIVEN(NAME, FIELD_OCTETS)
#define FOUND(NAME) FIELD_FOUND(NAME, FIELD_OCTETS)
#define OK MAY(SKS_OK)

/* clang-format off */
static const struct field key_fields[] = {METHOD, FIELD_INPUT, FOUND("key"), {0}};
static const struct field subkey_fields[] = {
    METHOD, GIVEN("key"), FIELD_INPUT, FOUND("subkey"), {0}};
static const struct field hmac_fields[] = {GIVEN("key"), FIELD_INPUT, FOUND("mac"), {0}};
static const struct field hkdf_fields[] = {
    FIELD_INPUT, GIVEN("salt"), GIVEN("info"), FIELD_GIVEN("size", FIELD_U16), FOUND("okm"), {0}};
static const struct field stream_fields[] = {
    METHOD, GIVEN("key"), GIVEN("iv"), FIELD_INPUT, FOUND("output"), {0}};
static const struct field aead_fields[] = {
    METHOD, GIVEN("key"), GIVEN("nonce"), FIELD_INPUT, FOUND("output"), {0}};

const struct kind kinds_crypto[] = {
    {"shadowsocks-key", key_fields, OK | MAY(SKS_ERR_PASSWORD) | MAY(SKS_ERR_METHOD), run_key,
     NULL},
    {"shadowsocks-subkey", subkey_fields,
     OK | MAY(SKS_ERR_KEY) | MAY(SKS_ERR_SALT) | MAY(SKS_ERR_METHOD), run_subkey, NULL},
    {"hmac-sha1", hmac_fields, OK, run_hmac, NULL},
    {"hkdf-sha1", hkdf_fields, OK | MAY(SKS_ERR_SPACE), run_hkdf, NULL},
    {"shadowsocks-stream", stream_fields,
     OK | MAY(SKS_ERR_KEY) | MAY(SKS_ERR_SALT) | MAY(SKS_ERR_METHOD), run_stream, NULL},
    {"shadowsocks-aead", aead_fields, OK | MAY(SKS_ERR_KEY) | MAY(SKS_ERR_METHOD), run_aead, NULL},
    {0},
};
/* clang-format on */
