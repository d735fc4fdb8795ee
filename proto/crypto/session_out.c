/* Plain to wire: seals in place. */
#include "session_ways.h"

#include <string.h>

/* Puts the salt in front of the first octets that go out. */
static uint8_t *add_salt(struct sks_session *s, uint8_t *wire)
{
    memcpy(wire - salt_size(s), s->out.salt, salt_size(s));
    return wire - salt_size(s);
}

static enum sks_status seal_chunk(struct sks_session *s, uint8_t *text, size_t len, uint8_t **from,
                                  uint8_t **to)
{
    struct sks_sealer *sealer = s->config->sealer;
    uint8_t *head = text - SKS_AEAD_CHUNK_DATA;
    size_t used;
    enum sks_status status = sks_aead_length_encode(head, SKS_AEAD_LENGTH_SIZE, len, &used);
    if (status == SKS_OK)
        status = sks_aead_seal(&s->out.aead, sealer, head, used, head + used);
    if (status == SKS_OK)
        status = sks_aead_seal(&s->out.aead, sealer, text, len, text + len);
    *from = head;
    *to = text + len + SKS_TAG_SIZE;
    return status;
}

/* One-time auth first, if the header of this session asks for it. */
static enum sks_status encrypt(struct sks_session *s, enum sks_action_kind kind, uint8_t *text,
                               size_t len, uint8_t **from, uint8_t **to)
{
    int ota = s->config->role != SKS_ROLE_SSSERVER && s->config->policy.ota == SKS_SS_OTA_REQUIRED;
    enum sks_status status = SKS_OK;
    *from = text;
    *to = text + len;
    if (ota && kind == SKS_ACTION_HEADER) {
        status = sks_ota_tag(*to, s->config->key, s->out.salt, salt_size(s), text, len);
        *to += SKS_OTA_TAG_SIZE;
    } else if (ota) {
        size_t used;
        *from = text - SKS_OTA_CHUNK_HEAD;
        status = sks_ota_chunk_encode(*from, SKS_OTA_CHUNK_HEAD, len, &used);
        sks_ota_chunk_tag(*from + 2, s->out.ota_index++, s->out.salt, salt_size(s), text, len);
    }
    if (status != SKS_OK)
        return status;
    return sks_stream_update(s->out.stream, *from, (size_t)(*to - *from));
}

/* Turns the octets of an action, which stand at text, into what goes over the network. */
static enum sks_status protect(struct sks_session *s, struct sks_action *action, uint8_t *text)
{
    uint8_t *from, *to;
    int first = !s->out.begun;
    enum sks_status status = first ? sks_session_begin(s, &s->out) : SKS_OK;
    if (status != SKS_OK)
        return status;
    status = is_aead(s) ? seal_chunk(s, text, action->len, &from, &to)
                        : encrypt(s, action->kind, text, action->len, &from, &to);
    if (status != SKS_OK)
        return status;
    if (first)
        from = add_salt(s, from);
    action->data = from;
    action->len = (size_t)(to - from);
    return SKS_OK;
}

/* Keeps what a header says before it is sealed. */
static uint8_t *keep_header(struct sks_step *out, struct sks_action *action)
{
    memcpy(out->octets + SKS_STEP_PLAIN, action->data, action->len);
    action->plain = out->octets + SKS_STEP_PLAIN;
    action->plain_len = action->len;
    return out->octets + SKS_STEP_HEADER;
}

enum sks_status sks_session_out(struct sks_session *s, struct sks_step *out, uint8_t *data)
{
    for (size_t i = 0; i < out->count; i++) {
        struct sks_action *action = &out->actions[i];
        if (!goes_to_wire(s, action->kind))
            continue;
        uint8_t *text = action->kind == SKS_ACTION_HEADER ? keep_header(out, action) : data;
        enum sks_status status = protect(s, action, text);
        if (status != SKS_OK)
            return status;
    }
    return SKS_OK;
}
