/* A tunnel to 127.0.0.1:19007 under the salt 00 01 02 ..., as the known answers have it. */
#ifndef CRYPTO_TEST_SESSION_TUNNEL_H
#define CRYPTO_TEST_SESSION_TUNNEL_H

#include "session_pair.h"

static inline void open_tunnel(struct pair *pair, struct family *f, const char *method, int ota)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    assert_true(family_open(f, method, ota));
    f->local.role = SKS_ROLE_TUNNEL;
    f->local.policy.target = (struct sks_addr){loopback, 0x4a3f, SKS_ATYP_IPV4, 4};
    for (size_t i = 0; i < SKS_IV_MAX; i++)
        f->salt[0][i] = (uint8_t)i;
    pair_open(pair, f);
    const struct sks_event open = {.kind = SKS_EVENT_OPEN};
    tell(&pair->local, &open);
}

#endif
