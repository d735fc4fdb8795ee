/* The Shadowsocks layer of the engine: known answers, misframing, and what it says of a peer. */
#include "../engine/wire.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct scene scene = {.origin = {0x0100007f}, .target_port = 0x4a3f, .seed = 7};
static uint8_t buf[PATTERN_MAX], out[2 * PATTERN_MAX];

static void make_keys(struct wire_keys *keys, const char *method, bool ota)
{
    assert_null(wire_keys_set(keys, method, "barfoo!", ota));
}

static size_t unhex(uint8_t *to, const char *hex)
{
    size_t n = 0;
    for (unsigned octet; sscanf(hex, "%2x", &octet) == 1; hex += 2)
        to[n++] = (uint8_t)octet;
    return n;
}

static size_t build(struct wire *w, const char *text)
{
    const char *error = "";
    long n = wire_build(w, &scene, text, buf, &error);
    if (n < 0)
        fail_msg("\"%s\": %s", text, error);
    return (size_t)n;
}

static size_t decode(struct wire *w, const uint8_t *octets, size_t n)
{
    memcpy(w->raw + w->raw_len, octets, n);
    return wire_decode(w, n, out);
}

/* ---- vectors -----------------------------------------------------------------------------------
 */

static json_t *vectors(const char *name)
{
    char path[100];
    snprintf(path, sizeof path, "vectors/shadowsocks/%s.json", name);
    json_t *file = json_load_file(path, 0, NULL);
    assert_non_null(file);
    return file;
}

static const char *field(json_t *test, const char *name)
{
    return json_string_value(json_object_get(test, name));
}

/* The key of a vector; false where the library lacks the method. */
static bool keys_of(struct wire_keys *keys, json_t *test, bool ota)
{
    uint8_t key[SKS_KEY_MAX];
    memset(keys, 0, sizeof *keys);
    if (wire_keys_set(keys, field(test, "method"), "x", ota))
        return false;
    size_t n = unhex(key, field(test, "key"));
    assert_int_equal(sks_key_set(&keys->key, keys->cipher, key, n), SKS_OK);
    return true;
}

/* CALL(hex) with the hex in tokens that the language takes. */
static void put_call(char *text, const char *call, const char *hex)
{
    char *at = text + strlen(text);
    at += sprintf(at, " %s(", call);
    for (size_t left = strlen(hex); left > 0;) {
        size_t n = left < 1000 ? left : 1000;
        at += sprintf(at, "%.*s ", (int)n, hex);
        hex += n;
        left -= n;
    }
    strcpy(at, ")");
}

static void same(json_t *test, const uint8_t *got, size_t n, const uint8_t *wanted, size_t wanted_n)
{
    if (n != wanted_n || memcmp(got, wanted, n) != 0)
        fail_msg("%s: %zu octets, wanted %zu, or others", field(test, "id"), n, wanted_n);
}

static char text[2 * PATTERN_MAX];
static uint8_t input[PATTERN_MAX], plain[PATTERN_MAX];

static void decodes(json_t *test, struct wire_keys *keys, size_t n, size_t piece, size_t plain_n)
{
    struct wire *w = wire_new(keys, WIRE_SERVER, false);
    uint8_t *all = malloc(PATTERN_MAX);
    size_t got = 0;
    keys->salts = (salt_set_free(keys->salts), NULL);
    for (size_t at = 0; at < n; at += piece) {
        size_t m = decode(w, input + at, n - at < piece ? n - at : piece);
        memcpy(all + got, out, m);
        got += m;
    }
    const char *status = field(test, "status");
    if (strcmp(status, "ok") == 0)
        same(test, all, got, plain, plain_n);
    bool good = strcmp(status, "ok") == 0 ? !w->fault[0] && !wire_incomplete(w)
                : strcmp(status, "more") == 0
                    ? !w->fault[0] && (wire_incomplete(w) || n <= keys->cipher->iv_size)
                    : w->fault[0] != 0;
    if (!good)
        fail_msg("%s, %zu at a time: %s: \"%s\"", field(test, "id"), piece, status, w->fault);
    free(all);
    wire_free(w);
}

static void aead_streams(void **state)
{
    (void)state;
    json_t *file = vectors("aead-stream"), *test, *chunk;
    size_t i, k, built = 0;
    json_array_foreach(json_object_get(file, "tests"), i, test)
    {
        struct wire_keys keys;
        assert_true(keys_of(&keys, test, false));
        size_t n = unhex(input, field(test, "input")), plain_n = 0;
        text[0] = 0;
        json_array_foreach(json_object_get(test, "chunks"), k, chunk)
        {
            put_call(text, "chunk", json_string_value(chunk));
            plain_n += unhex(plain + plain_n, json_string_value(chunk));
        }
        decodes(test, &keys, n, n, plain_n);
        decodes(test, &keys, n, 1, plain_n);
        if (strcmp(field(test, "status"), "ok") == 0) {
            struct wire *w = wire_new(&keys, WIRE_CLIENT, false);
            size_t salt = keys.cipher->iv_size;
            assert_true(wire_start(w, input));
            same(test, buf, build(w, text), input + salt, n - salt);
            wire_free(w);
            built++;
        }
        wire_keys_free(&keys);
    }
    assert_true(built >= 100);
    json_decref(file);
}

static void aead_datagrams(void **state)
{
    (void)state;
    json_t *file = vectors("aead-datagram"), *test;
    size_t i, valid = 0;
    json_array_foreach(json_object_get(file, "tests"), i, test)
    {
        struct wire_keys keys;
        assert_true(keys_of(&keys, test, false));
        size_t n = unhex(input, field(test, "input")), salt = keys.cipher->iv_size;
        struct wire *in = wire_new(&keys, WIRE_SERVER, true);
        size_t got = decode(in, input, n);
        const char *status = field(test, "status");
        if (strcmp(status, "tag") == 0 || strcmp(status, "more") == 0)
            assert_true(in->fault[0] || got < 7);
        if (strcmp(status, "ok") == 0) {
            assert_string_equal(in->fault, "");
            struct wire *w = wire_new(&keys, WIRE_CLIENT, true), *from = wire_new(&keys, 0, true);
            memcpy(from->in_salt, input, salt);
            w->other = from;
            char hex[2 * PATTERN_MAX / 10];
            if (got < sizeof hex / 2) {
                hex[0] = 0;
                for (size_t k = 0; k < got; k++)
                    sprintf(hex + 2 * k, "%02x", out[k]);
                strcpy(text, "{got-salt}");
                put_call(text, "header", hex);
                same(test, buf, build(w, text), input, n);
                valid++;
            }
            wire_free(from);
            wire_free(w);
        }
        wire_free(in);
        wire_keys_free(&keys);
    }
    assert_true(valid >= 10);
    json_decref(file);
}

static void streams(void **state)
{
    (void)state;
    json_t *file = vectors("stream"), *test;
    size_t i, tried = 0;
    json_array_foreach(json_object_get(file, "tests"), i, test)
    {
        struct wire_keys keys;
        const char *hex = field(test, "input");
        if (strcmp(field(test, "result"), "valid") != 0 || !field(test, "iv") ||
            !field(test, "key") || strlen(hex) > PATTERN_MAX || !keys_of(&keys, test, false))
            continue;
        uint8_t iv[SKS_IV_MAX];
        unhex(iv, field(test, "iv"));
        struct wire *w = wire_new(&keys, WIRE_CLIENT, false);
        assert_true(wire_start(w, iv));
        text[0] = 0;
        put_call(text, "plain", hex);
        size_t n = unhex(plain, field(test, "output"));
        same(test, buf, build(w, text), plain, n);
        wire_free(w);
        wire_keys_free(&keys);
        tried++;
    }
    assert_true(tried >= 20);
    json_decref(file);
}

/* What a text encrypts to, without IV, decrypted again. */
static size_t clear_of(struct wire *w, const char *t)
{
    size_t n = build(w, t);
    struct sks_stream *s;
    assert_int_equal(sks_stream_new(&s, w->keys->cipher, SKS_DECRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(s, &w->keys->key, w->salt, w->keys->cipher->iv_size), SKS_OK);
    assert_int_equal(sks_stream_update(s, buf, n), SKS_OK);
    sks_stream_free(s);
    return n;
}

static void ota_headers_and_chunks(void **state)
{
    (void)state;
    struct wire_keys keys;
    json_t *file = vectors("ota-header"), *test, *chunk;
    size_t i, k, tried = 0;
    json_array_foreach(json_object_get(file, "tests"), i, test)
    {
        if (strcmp(field(test, "status"), "ok") != 0 || !field(test, "tag") ||
            !field(test, "tag")[0] || !keys_of(&keys, test, false))
            continue;
        struct wire *w = wire_new(&keys, WIRE_CLIENT, false);
        uint8_t iv[SKS_IV_MAX];
        unhex(iv, field(test, "iv"));
        assert_true(wire_start(w, iv));
        size_t n = unhex(input, field(test, "input"));
        size_t used = (size_t)json_integer_value(json_object_get(test, "used"));
        char header[1000];
        snprintf(header, sizeof header, "%.*s", (int)(2 * (used - SKS_OTA_TAG_SIZE)),
                 field(test, "input"));
        text[0] = 0;
        put_call(text, "plain(ota-header", header);
        strcat(text, ")");
        assert_true(n >= used);
        same(test, buf, clear_of(w, text), input, used);
        wire_free(w);
        wire_keys_free(&keys);
        tried++;
    }
    assert_true(tried >= 3);
    json_decref(file);
    file = vectors("ota-stream");
    make_keys(&keys, "aes-256-cfb", false);
    json_array_foreach(json_object_get(file, "tests"), i, test)
    {
        size_t n = unhex(input, field(test, "input"));
        if (strcmp(field(test, "status"), "ok") != 0 || n > PATTERN_MAX / 2)
            continue;
        struct wire *w = wire_new(&keys, WIRE_CLIENT, false);
        uint8_t iv[SKS_IV_MAX];
        assert_int_equal(unhex(iv, field(test, "iv")), 16);
        assert_true(wire_start(w, iv));
        strcpy(text, "plain(");
        json_array_foreach(json_object_get(test, "chunks"), k, chunk)
            put_call(text, "ota-chunk", json_string_value(chunk));
        strcat(text, ")");
        same(test, buf, clear_of(w, text), input, n);
        wire_free(w);
    }
    wire_keys_free(&keys);
    json_decref(file);
}

/* ---- what texts make ----------------------------------------------------------------------------
 */

/* From one side to the other: plain text, or a fault. */
static const char *arrives(const char *method, bool ota, bool datagram, const char *t,
                           const char *hex)
{
    static char fault[120];
    struct wire_keys keys;
    uint8_t wanted[4096];
    make_keys(&keys, method, ota);
    struct wire *client = wire_new(&keys, WIRE_CLIENT, datagram);
    struct wire *server = wire_new(&keys, WIRE_SERVER, datagram);
    size_t n = build(client, t), wanted_n = unhex(wanted, hex);
    keys.salts = (salt_set_free(keys.salts), NULL); /* the same process sent it */
    size_t got = decode(server, buf, n);
    if (got != wanted_n || memcmp(out, wanted, got) != 0)
        fail_msg("%s, \"%s\": %zu octets arrive, wanted %zu, or others", method, t, got, wanted_n);
    snprintf(fault, sizeof fault, "%s",
             wire_incomplete(server) && !server->fault[0] ? "incomplete" : server->fault);
    wire_free(client);
    wire_free(server);
    wire_keys_free(&keys);
    return fault;
}

#define AEAD "aes-192-gcm"
#define STREAM "aes-256-ctr"

static void good_texts_arrive_as_plain_text(void **state)
{
    (void)state;
    const char *whole = "SALT:{salt} DST:header({target}) DATA:data(\"hi\")";
    for (size_t i = 0; sks_cipher_at(i); i++) {
        struct wire_keys keys;
        if (wire_keys_set(&keys, sks_cipher_at(i)->name, "x", false))
            continue;
        wire_keys_free(&keys);
        assert_string_equal(
            arrives(sks_cipher_at(i)->name, false, false, whole, "017f0000014a3f6869"), "");
        assert_string_equal(arrives(sks_cipher_at(i)->name, false, true,
                                    "{salt} header({target} \"hi\")", "017f0000014a3f6869"),
                            "");
    }
    assert_string_equal(arrives(STREAM, true, false, whole, "017f0000014a3f6869"), "");
    assert_string_equal(
        arrives(STREAM, true, true, "{salt} header({target} \"hi\")", "017f0000014a3f6869"), "");
    assert_string_equal(arrives(AEAD, false, false, "{salt} seal(0002) seal(\"hi\") 61", "686961"),
                        "");
    assert_string_equal(arrives(AEAD, false, false, "{salt} {target} \"hi\"", "017f0000014a3f6869"),
                        "");
    assert_string_equal(arrives(AEAD, false, false, "{salt} chunk()", ""), "");
}

static void misframed_texts_are_found_out(void **state)
{
    (void)state;
    static const struct {
        const char *method, *text, *hex, *fault;
        bool ota;
    } rows[] = {
        {AEAD, "{salt} flip@3(chunk(61))", "", "the tag of chunk 0's length is wrong", false},
        {AEAD, "{salt} chunk(61) flip@-1(chunk(62))", "61", "the tag of chunk 1's data is wrong",
         false},
        {AEAD, "cut@4({salt}) from@4({salt}) from@-1(chunk(61)) nonce@0() chunk(62)", "",
         "the tag of chunk 0's length is wrong", false},
        {AEAD, "cut@4({salt}) from@4({salt}) cut@9(chunk(61)) from@9(nonce@0() chunk(61))", "61",
         "", false},
        {AEAD, "{salt} nonce@1() chunk(61)", "", "the tag of chunk 0's length is wrong", false},
        {AEAD, "{salt} chunk(61) nonce@0() chunk(62)", "61", "the tag of chunk 1's length is wrong",
         false},
        {AEAD, "{salt} cut@0(chunk(61)) chunk(62)", "", "the tag of chunk 0's length is wrong",
         false},
        {AEAD, "{salt} seal(4001) seal(61)", "", "chunk 0 has a length of 4001, over 3fff", false},
        {AEAD, "{salt} seal(0003) seal(6162)", "", "incomplete", false},
        {AEAD, "{salt} cut@-1(chunk(61))", "", "incomplete", false},
        {AEAD, "{salt} cut@18(chunk(61))", "", "incomplete", false},
        {AEAD, "cut@8({salt})", "", "incomplete", false},
        {AEAD, "{salt} raw(00*40)", "", "the tag of chunk 0's length is wrong", false},
        {STREAM, "{salt} plain({target} header-tag({target}))", "", "header: ", true},
        {STREAM, "{salt} plain(flip@-1(ota-header({target})))", "", "the header's tag is wrong",
         true},
        {STREAM, "{salt} header({target}) plain(flip@2(ota-chunk(61)))", "017f0000014a3f",
         "the tag of chunk 0 is wrong", true},
        {STREAM, "{salt} header({target}) index@1() data(61)", "017f0000014a3f",
         "the tag of chunk 0 is wrong", true},
        {STREAM, "{salt} header({target}) plain(0001 chunk-tag(61) 61 0002)", "017f0000014a3f61",
         "incomplete", true},
        {STREAM, "{salt} plain(bits@80({target}))", "817f0000014a3f", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *fault = arrives(rows[i].method, rows[i].ota, false, rows[i].text, rows[i].hex);
        if (strncmp(fault, rows[i].fault, strlen(rows[i].fault)) != 0 ||
            (!rows[i].fault[0] && fault[0]))
            fail_msg("\"%s\": \"%s\", wanted \"%s\"", rows[i].text, fault, rows[i].fault);
    }
}

static void other_texts_are_errors(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "61",
        "{salt} chunk(chunk(61))",
        "{salt} flip@9(chunk())) 61",
        "{salt} 61)",
        "{salt} plain({salt})",
        "{salt} flip@999(61)",
        "{salt} bits@10()",
        "{salt} ota-chunk(61)",
    };
    struct wire_keys keys;
    const char *error;
    make_keys(&keys, AEAD, false);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct wire *w = wire_new(&keys, WIRE_CLIENT, false);
        if (wire_build(w, &scene, texts[i], buf, &error) != -1)
            fail_msg("\"%s\" is taken for good", texts[i]);
        wire_free(w);
    }
    wire_keys_free(&keys);
    assert_non_null(wire_keys_set(&keys, "nothing", "x", false));
    assert_non_null(wire_keys_set(&keys, AEAD, "x", true));
    assert_null(keys.cipher);
}

static void tapes_replay_and_salts_are_new(void **state)
{
    (void)state;
    struct wire_keys keys;
    make_keys(&keys, AEAD, false);
    struct wire *a = wire_new(&keys, WIRE_CLIENT, false), *b = wire_new(&keys, WIRE_CLIENT, false);
    b->other = a;
    size_t n = build(a, "{salt} chunk(61)");
    uint8_t first[200];
    memcpy(first, buf, n);
    assert_int_equal(build(b, "{sent}"), n);
    assert_memory_equal(buf, first, n);
    /* what a client sent does not come from a server */
    struct wire *server = wire_new(&keys, WIRE_CLIENT, false);
    decode(server, first, n);
    assert_string_equal(server->fault, "its salt is not new in this run");
    wire_free(server);
    server = wire_new(&keys, WIRE_CLIENT, false);
    server->any_salt = true;
    decode(server, first, n);
    assert_string_equal(server->fault, "");
    wire_free(server);
    /* the same salt under octets of its own */
    struct wire *c = wire_new(&keys, WIRE_CLIENT, false);
    c->other = a;
    assert_true(build(c, "{same-salt} chunk(61)") == n);
    assert_memory_equal(buf, first, n);
    wire_free(a);
    wire_free(b);
    wire_free(c);
    wire_keys_free(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aead_streams),
        cmocka_unit_test(aead_datagrams),
        cmocka_unit_test(streams),
        cmocka_unit_test(ota_headers_and_chunks),
        cmocka_unit_test(good_texts_arrive_as_plain_text),
        cmocka_unit_test(misframed_texts_are_found_out),
        cmocka_unit_test(other_texts_are_errors),
        cmocka_unit_test(tapes_replay_and_salts_are_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
