#include "session_ways.h"

#include <string.h>

/* ---- opening and closing --------------------------------------------------------------------- */

/* The way's cipher begins under way->salt. */
enum sks_status sks_session_begin(struct sks_session *s, struct sks_session_way *way)
{
    const struct sks_key *key = s->config->key;
    enum sks_status status = is_aead(s)
                                 ? sks_aead_start(&way->aead, key, way->salt, salt_size(s))
                                 : sks_stream_start(way->stream, key, way->salt, salt_size(s));
    way->begun = status == SKS_OK;
    return status;
}

static enum sks_status open_ways(struct sks_session *s)
{
    const struct sks_cipher *cipher = s->config->key->cipher;
    enum sks_status status;
    if (is_aead(s)) {
        s->frame.part = SKS_AEAD_SALT;
        s->frame.salt_size = cipher->iv_size;
        return SKS_OK;
    }
    status = sks_stream_new(&s->in.stream, cipher, SKS_DECRYPT);
    if (status == SKS_OK)
        status = sks_stream_new(&s->out.stream, cipher, SKS_ENCRYPT);
    return status;
}

enum sks_status sks_session_open(struct sks_session *s, const struct sks_session_config *config,
                                 const uint8_t *salt, size_t salt_len)
{
    memset(s, 0, sizeof *s);
    s->config = config;
    sks_stage_init(&s->stage, config->role);
    if (has_wire(s) == (config->role == SKS_ROLE_SOCKS5))
        return SKS_ERR_METHOD;
    if (!has_wire(s))
        return salt_len == 0 ? SKS_OK : SKS_ERR_SALT;
    if (is_aead(s) != (config->sealer != NULL))
        return SKS_ERR_METHOD;
    if (salt_len != salt_size(s))
        return SKS_ERR_SALT;
    if (salt_len != 0)
        memcpy(s->out.salt, salt, salt_len);
    enum sks_status status = open_ways(s);
    if (status != SKS_OK)
        sks_session_close(s);
    return status;
}

void sks_session_close(struct sks_session *s)
{
    sks_stream_free(s->in.stream);
    sks_stream_free(s->out.stream);
    sks_wipe(s, sizeof *s);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* The end of a session that cannot go on, as far as the stage has an edge for that. */
static enum sks_status fail(struct sks_session *s, enum sks_status why, struct sks_step *out)
{
    const struct sks_event failure = {.kind = SKS_EVENT_FAILURE};
    enum sks_status status = sks_stage_step(&s->stage, &s->config->policy, &failure, out);
    out->why = why;
    s->failed = why;
    return status;
}

enum sks_status sks_session_taken(struct sks_session *s, struct sks_step *out, uint8_t *data)
{
    size_t used = out->used;
    enum sks_status status = sks_session_out(s, out, data);
    if (status != SKS_OK) {
        status = fail(s, status, out);
        out->used = used;
        return status;
    }
    if (s->stage.stage == SKS_STAGE_DESTROYED)
        s->failed = out->why;
    return SKS_OK;
}

static enum sks_event_kind wire_end(const struct sks_session *s)
{
    return s->config->role == SKS_ROLE_SSSERVER ? SKS_EVENT_LOCAL_END : SKS_EVENT_REMOTE_END;
}

int sks_session_takes(const struct sks_session *s, enum sks_event_kind kind)
{
    return sks_stage_takes(&s->stage, kind);
}

enum sks_status sks_session_event(struct sks_session *s, const struct sks_event *event,
                                  struct sks_step *out)
{
    struct sks_event given = *event;
    if (event->kind == SKS_EVENT_LOCAL || event->kind == SKS_EVENT_REMOTE ||
        event->kind == SKS_EVENT_VERIFIED || s->failed != SKS_OK)
        return session_refuse(s, SKS_ERR_EVENT, out);
    if (event->kind == wire_end(s) && s->frame.part == SKS_AEAD_DATA)
        given.len++; /* a length without its data: cut short even if no octet is left */
    enum sks_status status = sks_stage_step(&s->stage, &s->config->policy, &given, out);
    return status == SKS_OK ? sks_session_taken(s, out, NULL) : status;
}

enum sks_status sks_session_fail(struct sks_session *s, enum sks_status why, struct sks_step *out)
{
    if (!sks_session_takes(s, SKS_EVENT_FAILURE))
        return session_refuse(s, SKS_ERR_EVENT, out);
    return fail(s, why, out);
}

enum sks_status sks_session_octets(struct sks_session *s, enum sks_event_kind side, uint8_t *data,
                                   size_t len, struct sks_step *out)
{
    if (!sks_session_takes(s, side))
        return session_refuse(s, SKS_ERR_EVENT, out);
    if (has_wire(s) && side == wire_side(s))
        return sks_session_in(s, data, len, out);
    if (has_wire(s) && len > SKS_SESSION_PIECE)
        return session_refuse(s, SKS_ERR_SPACE, out);
    const struct sks_event event = {.kind = side, .data = data, .len = len};
    enum sks_status status = sks_stage_step(&s->stage, &s->config->policy, &event, out);
    return status == SKS_OK ? sks_session_taken(s, out, data) : status;
}

size_t sks_session_hold(const struct sks_session *s)
{
    if (!has_wire(s))
        return SKS_USERPASS_MAX;
    if (is_aead(s))
        return SKS_IV_MAX + SKS_ADDR_MAX + SKS_AEAD_CHUNK_MAX;
    if (s->config->role == SKS_ROLE_SSSERVER && s->config->policy.ota != SKS_SS_PLAIN)
        return SKS_OTA_CHUNK_MAX;
    return SKS_IV_MAX + SKS_OTA_HEADER_MAX;
}
