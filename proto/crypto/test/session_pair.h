/* Client, sslocal, ssserver and target joined in memory, under a method. */
#ifndef CRYPTO_TEST_SESSION_PAIR_H
#define CRYPTO_TEST_SESSION_PAIR_H

#include "session_relay.h"

/* A method with one-time auth or without, and what is shared under it. */
struct family {
    const struct sks_cipher *cipher;
    struct sks_key key;
    struct sks_sealer *sealer;
    struct sks_session_config local, server;
    uint8_t salt[2][SKS_IV_MAX]; /* sslocal's, ssserver's */
};

/* 0 when the library here lacks the method. */
static inline int family_open(struct family *f, const char *method, int ota)
{
    static const uint8_t commands = SKS_ALLOW(SKS_CMD_CONNECT);
    memset(f, 0, sizeof *f);
    f->cipher = available(method);
    if (f->cipher == NULL)
        return 0;
    f->key = key_of(f->cipher, "barfoo!");
    fill(f->salt[0], SKS_IV_MAX, 1);
    fill(f->salt[1], SKS_IV_MAX, 2);
    if (f->cipher->kind == SKS_CIPHER_AEAD)
        assert_int_equal(sks_sealer_new(&f->sealer, f->cipher), SKS_OK);
    f->local =
        (struct sks_session_config){.role = SKS_ROLE_SSLOCAL, .key = &f->key, .sealer = f->sealer};
    f->local.policy.commands = commands;
    f->server = f->local;
    f->server.role = SKS_ROLE_SSSERVER;
    if (f->cipher->kind != SKS_CIPHER_AEAD)
        f->server.policy.ota = SKS_SS_OTA_ALLOWED;
    if (ota)
        f->local.policy.ota = f->server.policy.ota = SKS_SS_OTA_REQUIRED;
    return 1;
}

static inline void family_close(struct family *f)
{
    sks_sealer_free(f->sealer);
}

struct pair {
    struct relay local, server;
    struct pipe client_up, client_down, wire_up, wire_down, target_up, target_down;
};

static inline void pair_open(struct pair *p, const struct family *f)
{
    struct pipe *pipes[] = {&p->client_up, &p->client_down, &p->wire_up,
                            &p->wire_down, &p->target_up,   &p->target_down};
    for (size_t i = 0; i < COUNT(pipes); i++)
        pipes[i]->put = pipes[i]->got = 0, pipes[i]->ended = 0;
    relay_open(&p->local, &f->local, f->salt[0], &p->client_up, &p->client_down, &p->wire_down,
               &p->wire_up);
    relay_open(&p->server, &f->server, f->salt[1], &p->wire_up, &p->wire_down, &p->target_down,
               &p->target_up);
}

static inline void pair_close(struct pair *p)
{
    sks_session_close(&p->local.s);
    sks_session_close(&p->server.s);
}

/* Until nothing happens any more. */
static inline void pair_run(struct pair *p, const struct cutter *c)
{
    while (turn(&p->local, c) | turn(&p->server, c))
        continue;
}

#define GREETING "\x05\x01\x00"
#define REQUEST                                                                                    \
    "\x05\x01\x00\x03\x0b"                                                                         \
    "example.org\x00\x50"
#define TARGET                                                                                     \
    "\x03\x0b"                                                                                     \
    "example.org\x00\x50"
#define ANSWERS "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x10\x10"
#define LITERAL(text) (const uint8_t *)(text), sizeof(text) - 1

#endif
