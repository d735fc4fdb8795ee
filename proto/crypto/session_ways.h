/* What the files of the session share: session.c (events, and who is called), session_in.c (wire to
 * plain), session_out.c (plain to wire). */
#ifndef PROTO_CRYPTO_SESSION_WAYS_H
#define PROTO_CRYPTO_SESSION_WAYS_H

#include <sockspec/session.h>

static inline int has_wire(const struct sks_session *s)
{
    return s->config->key != NULL;
}

static inline int is_aead(const struct sks_session *s)
{
    return s->config->key->cipher->kind == SKS_CIPHER_AEAD;
}

static inline size_t salt_size(const struct sks_session *s)
{
    return s->config->key->cipher->iv_size;
}

static inline enum sks_event_kind wire_side(const struct sks_session *s)
{
    return s->config->role == SKS_ROLE_SSSERVER ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
}

/* Whether the octets of such an action go out on the wire side. */
static inline int goes_to_wire(const struct sks_session *s, enum sks_action_kind kind)
{
    if (!has_wire(s))
        return 0;
    if (wire_side(s) == SKS_EVENT_LOCAL)
        return kind == SKS_ACTION_FORWARD_LOCAL;
    return kind == SKS_ACTION_HEADER || kind == SKS_ACTION_FORWARD_REMOTE;
}

/* A call that changes nothing: why, or what the session failed with before. */
static inline enum sks_status session_refuse(const struct sks_session *s, enum sks_status why,
                                             struct sks_step *out)
{
    out->plain = NULL;
    out->plain_len = 0;
    out->used = 0;
    out->count = 0;
    out->at = 0;
    out->why = s->failed;
    return s->failed != SKS_OK ? s->failed : why;
}

/* The way's cipher begins under way->salt. */
enum sks_status sks_session_begin(struct sks_session *s, struct sks_session_way *way);

/* Octets of the wire side. As sks_session_octets, for a session that takes them. */
enum sks_status sks_session_in(struct sks_session *s, uint8_t *data, size_t len,
                               struct sks_step *out);

/* Turns what out's actions send to the wire side into what goes over the network; data is the
 * piece that they forward, NULL if they forward none. */
enum sks_status sks_session_out(struct sks_session *s, struct sks_step *out, uint8_t *data);

/* After an edge: protects what goes out; an edge for what is wrong is a failure, too. */
enum sks_status sks_session_taken(struct sks_session *s, struct sks_step *out, uint8_t *data);

#endif
