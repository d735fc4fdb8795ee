/* Sessions of other implementations, vectors/recorded, one after another in `now`.
 * vectors/recorded/README.md has the words. */
#ifndef CRYPTO_TEST_RECORDED_SESSIONS_H
#define CRYPTO_TEST_RECORDED_SESSIONS_H

#include "session_pair.h"
#include "vector_file.h"

enum { CHUNKS = 64 };

/* One direction of a TCP session. */
struct direction {
    struct octets salt, header, payload, wire; /* header of up alone */
    size_t segments[CHUNKS], segment_count;    /* octets of wire in each */
    size_t chunks[CHUNKS], chunk_count;        /* octets of text in each; 0: not chunked */
};

/* What the session in hand is about. */
static struct {
    const char *id, *reason;
    int is_pipelined, is_ota;
    struct family family;
    struct octets destination;
    struct direction up, down; /* down.wire.n 0: nothing came back */
    const json_t *datagrams, *socks, *ends;
} now;

static json_t *files;
static inline int load(void **state)
{
    (void)state;
    files = load_folder("vectors/recorded");
    return 0;
}

static inline int unload(void **state)
{
    (void)state;
    json_decref(files);
    return 0;
}

/* ---- every session --------------------------------------------------------------------------- */

static inline void read_direction(struct direction *d, const json_t *json)
{
    const json_t *chunks = json_object_get(json, "chunks");
    memset(d, 0, sizeof *d);
    if (json == NULL)
        return;
    d->salt = octets_of(json, "salt");
    d->header = optional(json, "header");
    d->payload = octets_of(json, "payload");
    d->wire = octets_of(json, "wire");
    d->segment_count = lengths_of(d->segments, CHUNKS, member(json, "segments"), 0);
    d->chunk_count = chunks != NULL ? lengths_of(d->chunks, CHUNKS, chunks, 0) : 0;
}

static inline void free_direction(const struct direction *d)
{
    free(d->salt.at);
    free(d->header.at);
    free(d->payload.at);
    free(d->wire.at);
}

static inline void open_family(const json_t *file, int require_ota)
{
    struct family *f = &now.family;
    memset(f, 0, sizeof *f);
    f->cipher = available(text_of(file, "method"));
    assert_non_null(f->cipher);
    f->key = key_of(f->cipher, text_of(file, "password"));
    struct octets key = octets_of(file, "key");
    if (f->cipher->key_size != 0) { /* table has its own */
        assert_int_equal(key.n, f->key.size);
        assert_memory_equal(key.at, f->key.octets, key.n);
    }
    free(key.at);
    if (f->cipher->kind == SKS_CIPHER_AEAD)
        assert_int_equal(sks_sealer_new(&f->sealer, f->cipher), SKS_OK);
    f->local =
        (struct sks_session_config){.role = SKS_ROLE_SSLOCAL, .key = &f->key, .sealer = f->sealer};
    f->local.policy.commands = SKS_ALLOW(SKS_CMD_CONNECT);
    f->server = f->local;
    f->server.role = SKS_ROLE_SSSERVER;
    if (f->cipher->kind != SKS_CIPHER_AEAD)
        f->server.policy.ota = require_ota ? SKS_SS_OTA_REQUIRED : SKS_SS_OTA_ALLOWED;
}

/* Calls check with each session of the files in `now`; their number. */
static inline size_t each_session(void (*check)(void))
{
    size_t i, k, m, n = 0;
    json_t *file, *recording, *session;
    json_array_foreach(files, i, file)
    {
        json_array_foreach(member(file, "recordings"), k, recording)
        {
            open_family(file, is_true(recording, "oneTimeAuth"));
            json_array_foreach(member(recording, "sessions"), m, session)
            {
                now.id = text_of(session, "id");
                now.reason = json_string_value(json_object_get(session, "reason"));
                now.is_pipelined = is_true(session, "pipelined");
                now.datagrams = json_object_get(session, "datagrams");
                now.socks = json_object_get(session, "socks");
                now.ends = json_object_get(session, "ends");
                now.destination = octets_of(session, "destination");
                read_direction(&now.up, json_object_get(session, "up"));
                read_direction(&now.down, json_object_get(session, "down"));
                now.is_ota = now.up.header.n != 0 && (now.up.header.at[0] & SKS_SS_OTA_FLAG);
                if (now.is_ota && now.family.cipher->kind != SKS_CIPHER_AEAD)
                    now.family.local.policy.ota = SKS_SS_OTA_REQUIRED;
                check();
                now.family.local.policy.ota = SKS_SS_PLAIN;
                free(now.destination.at);
                free_direction(&now.up);
                free_direction(&now.down);
                n++;
            }
            family_close(&now.family);
        }
    }
    return n;
}

static inline int is_aead(void)
{
    return now.family.cipher->kind == SKS_CIPHER_AEAD;
}

static inline void expect(const char *what, const uint8_t *got, size_t got_len,
                          const struct octets *want)
{
    if (got_len != want->n)
        fail_msg("%s: %s: %zu octets, expected %zu", now.id, what, got_len, want->n);
    for (size_t i = 0; i < want->n; i++)
        if (got[i] != want->at[i])
            fail_msg("%s: %s differs at octet %zu", now.id, what, i);
}

#endif
