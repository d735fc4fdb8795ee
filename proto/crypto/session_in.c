/* Wire to plain: opens, verifies, and lets the stage have it. */
#include "session_ways.h"

#include <string.h>

/* Verifies what the trial machine asks to be verified, and tells it. */
static void verify(struct sks_session *s, struct sks_stage *trial, const struct sks_event *event,
                   struct sks_step *out)
{
    const struct sks_action asked = out->actions[0];
    struct sks_event answer = *event;
    uint8_t tag[SKS_OTA_TAG_SIZE];
    enum sks_status status = SKS_OK;
    if (asked.kind == SKS_ACTION_VERIFY_HEADER)
        status = sks_ota_tag(tag, s->config->key, s->in.salt, salt_size(s), asked.data, asked.len);
    else
        sks_ota_chunk_tag(tag, s->in.ota_index, s->in.salt, salt_size(s), asked.data, asked.len);
    if (status == SKS_OK)
        status = sks_ota_check(tag, asked.tag);
    answer.kind = status == SKS_OK ? SKS_EVENT_VERIFIED : SKS_EVENT_FAILURE;
    (void)sks_stage_step(trial, &s->config->policy, &answer, out); /* which it has an edge for */
    out->why = status;
    if (status == SKS_OK && asked.kind == SKS_ACTION_VERIFY_CHUNK)
        s->in.ota_index++;
}

static enum sks_status say_salt(struct sks_session *s, struct sks_step *out)
{
    s->salt_said = 1;
    out->plain_len = 0;
    out->used = 0;
    out->count = 1;
    out->actions[0] =
        (struct sks_action){.kind = SKS_ACTION_SALT, .data = s->in.salt, .len = salt_size(s)};
    return SKS_OK;
}

/* The stage on the opened octets. It is tried on a copy first: the salt is said before the first
 * edge that finds them right, and that edge is taken in the next call. */
static enum sks_status step_clear(struct sks_session *s, const uint8_t *text, struct sks_step *out)
{
    const struct sks_event event = {.kind = wire_side(s), .data = text, .len = s->clear};
    struct sks_stage trial = s->stage;
    enum sks_status status = sks_stage_step(&trial, &s->config->policy, &event, out);
    if (status != SKS_OK)
        return status;
    if (out->count != 0 && (out->actions[0].kind == SKS_ACTION_VERIFY_HEADER ||
                            out->actions[0].kind == SKS_ACTION_VERIFY_CHUNK))
        verify(s, &trial, &event, out);
    if (!s->salt_said && salt_size(s) != 0 && out->why == SKS_OK)
        return say_salt(s, out);
    s->stage = trial;
    return sks_session_taken(s, out, NULL);
}

/* Opens the next part of an AEAD stream at part, which has left octets; *drop of them, from the
 * front, are of no more use. */
static enum sks_status open_part(struct sks_session *s, uint8_t *part, size_t left, size_t *drop)
{
    size_t need = sks_aead_need(&s->frame), used;
    size_t len = need - SKS_TAG_SIZE;
    enum sks_status status = SKS_OK;
    *drop = 0;
    if (left < need)
        return SKS_MORE;
    switch ((enum sks_aead_part)s->frame.part) {
    case SKS_AEAD_SALT:
        memcpy(s->in.salt, part, need);
        *drop = need;
        status = sks_session_begin(s, &s->in);
        break;
    case SKS_AEAD_LENGTH:
        *drop = need;
        status = sks_aead_open(&s->in.aead, s->config->sealer, part, len, part + len);
        break;
    case SKS_AEAD_DATA:
        status = sks_aead_open(&s->in.aead, s->config->sealer, part, len, part + len);
        if (status == SKS_OK) {
            s->clear += (uint32_t)len;
            s->dead = SKS_TAG_SIZE;
        }
        break;
    }
    return status == SKS_OK ? sks_aead_next(&s->frame, part, &used) : status;
}

/* Takes n octets out from behind the opened ones: what is before them moves up. */
static uint8_t *drop_behind_clear(struct sks_session *s, uint8_t *data, size_t n)
{
    if (s->clear != 0)
        memmove(data + n, data, s->clear);
    return data + n;
}

/* Makes more octets clear: *data moves up over what is of no more use. */
static enum sks_status open_more(struct sks_session *s, uint8_t **data, const uint8_t *end)
{
    size_t drop, left;
    *data = drop_behind_clear(s, *data, s->dead);
    s->dead = 0;
    left = (size_t)(end - *data) - s->clear;
    if (is_aead(s)) {
        enum sks_status status = open_part(s, *data + s->clear, left, &drop);
        *data = drop_behind_clear(s, *data, drop);
        return status;
    }
    if (!s->in.begun) {
        if (left < salt_size(s))
            return SKS_MORE;
        memcpy(s->in.salt, *data, salt_size(s));
        *data += salt_size(s);
        return sks_session_begin(s, &s->in);
    }
    if (left == 0)
        return SKS_MORE;
    enum sks_status status = sks_stream_update(s->in.stream, *data + s->clear, left);
    if (status == SKS_OK)
        s->clear += (uint32_t)left;
    return status;
}

/* The stage has taken out->used of the clear octets at data: what the driver may drop. */
static void drop_taken(struct sks_session *s, struct sks_step *out, size_t before)
{
    s->clear -= (uint32_t)out->used;
    out->used += before;
    if (s->clear == 0) {
        out->used += s->dead;
        s->dead = 0;
    }
}

enum sks_status sks_session_in(struct sks_session *s, uint8_t *data, size_t len,
                               struct sks_step *out)
{
    uint8_t *at = data;
    const uint8_t *end = data + len;
    if (len < s->clear + (size_t)s->dead)
        return session_refuse(s, SKS_ERR_EVENT, out); /* fewer octets than were given before */
    for (;;) {
        enum sks_status status = SKS_MORE;
        if (s->clear != 0)
            status = step_clear(s, at, out);
        if (status == SKS_OK) {
            drop_taken(s, out, (size_t)(at - data));
            return SKS_OK;
        }
        status = open_more(s, &at, end);
        if (status == SKS_OK)
            continue;
        if (status == SKS_MORE)
            (void)session_refuse(s, status, out);
        else
            status = sks_session_fail(s, status, out);
        out->used = (size_t)(at - data);
        return status;
    }
}
