#include <sockspec/session.h>

#include <string.h>

/* ---- opening and closing --------------------------------------------------------------------- */

static int has_wire(const struct sks_session *s)
{
    return s->config->key != NULL;
}

static int is_aead(const struct sks_session *s)
{
    return s->config->key->cipher->kind == SKS_CIPHER_AEAD;
}

static size_t salt_size(const struct sks_session *s)
{
    return s->config->key->cipher->iv_size;
}

static enum sks_event_kind wire_side(const struct sks_session *s)
{
    return s->config->role == SKS_ROLE_SSSERVER ? SKS_EVENT_LOCAL : SKS_EVENT_REMOTE;
}

/* The way's cipher begins under way->salt. */
static enum sks_status begin(struct sks_session *s, struct sks_session_way *way)
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
    if (status == SKS_OK && salt_size(s) == 0)
        status = begin(s, &s->in);
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

/* ---- plain to wire --------------------------------------------------------------------------- */

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
    enum sks_status status = first ? begin(s, &s->out) : SKS_OK;
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

static int goes_to_wire(const struct sks_session *s, enum sks_action_kind kind)
{
    if (!has_wire(s))
        return 0;
    if (wire_side(s) == SKS_EVENT_LOCAL)
        return kind == SKS_ACTION_FORWARD_LOCAL;
    return kind == SKS_ACTION_HEADER || kind == SKS_ACTION_FORWARD_REMOTE;
}

/* data: the piece that the actions come from, which is what they forward. */
static enum sks_status protect_all(struct sks_session *s, struct sks_step *out, uint8_t *data)
{
    for (size_t i = 0; i < out->count; i++) {
        struct sks_action *action = &out->actions[i];
        if (!goes_to_wire(s, action->kind))
            continue;
        uint8_t *text = action->kind == SKS_ACTION_HEADER ? out->octets + SKS_STEP_HEADER : data;
        enum sks_status status = protect(s, action, text);
        if (status != SKS_OK)
            return status;
    }
    return SKS_OK;
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

static enum sks_status refuse(const struct sks_session *s, enum sks_status why,
                              struct sks_step *out)
{
    out->used = 0;
    out->count = 0;
    out->at = 0;
    out->why = s->failed;
    return s->failed != SKS_OK ? s->failed : why;
}

/* After an edge: an edge for what is wrong is a failure, too. */
static enum sks_status taken(struct sks_session *s, struct sks_step *out, uint8_t *data)
{
    size_t used = out->used;
    enum sks_status status = protect_all(s, out, data);
    if (status != SKS_OK) {
        status = fail(s, status, out);
        out->used = used;
        return status;
    }
    if (s->stage.stage == SKS_STAGE_DESTROYED)
        s->failed = out->why;
    return SKS_OK;
}

int sks_session_takes(const struct sks_session *s, enum sks_event_kind kind)
{
    return s->failed == SKS_OK && sks_stage_takes(&s->stage, kind);
}

enum sks_status sks_session_event(struct sks_session *s, const struct sks_event *event,
                                  struct sks_step *out)
{
    struct sks_event given = *event;
    if (event->kind == SKS_EVENT_LOCAL || event->kind == SKS_EVENT_REMOTE ||
        event->kind == SKS_EVENT_VERIFIED || s->failed != SKS_OK)
        return refuse(s, SKS_ERR_EVENT, out);
    /* between a length and its data there need be no octet left for the end to be a cut */
    if (has_wire(s) && event->kind == wire_side(s) + (SKS_EVENT_LOCAL_END - SKS_EVENT_LOCAL) &&
        s->frame.part == SKS_AEAD_DATA)
        given.len++;
    enum sks_status status = sks_stage_step(&s->stage, &s->config->policy, &given, out);
    return status == SKS_OK ? taken(s, out, NULL) : status;
}

enum sks_status sks_session_fail(struct sks_session *s, enum sks_status why, struct sks_step *out)
{
    if (!sks_session_takes(s, SKS_EVENT_FAILURE))
        return refuse(s, SKS_ERR_EVENT, out);
    return fail(s, why, out);
}

/* ---- wire to plain --------------------------------------------------------------------------- */

/* Verifies what the trial machine asks to be verified, and tells it. */
static enum sks_status verify(struct sks_session *s, struct sks_stage *trial,
                              const struct sks_event *event, struct sks_step *out)
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
    enum sks_status step = sks_stage_step(trial, &s->config->policy, &answer, out);
    out->why = status;
    if (status == SKS_OK && asked.kind == SKS_ACTION_VERIFY_CHUNK)
        s->in.ota_index++;
    return step;
}

static enum sks_status say_salt(struct sks_session *s, struct sks_step *out)
{
    s->salt_said = 1;
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
        status = verify(s, &trial, &event, out);
    if (status != SKS_OK)
        return status;
    if (!s->salt_said && salt_size(s) != 0 && out->why == SKS_OK)
        return say_salt(s, out);
    s->stage = trial;
    return taken(s, out, NULL);
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
        status = begin(s, &s->in);
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
        return begin(s, &s->in);
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

static enum sks_status from_wire(struct sks_session *s, uint8_t *data, size_t len,
                                 struct sks_step *out)
{
    uint8_t *at = data;
    const uint8_t *end = data + len;
    if (len < s->clear + (size_t)s->dead)
        return refuse(s, SKS_ERR_EVENT, out); /* fewer octets than were given before */
    for (;;) {
        enum sks_status status = SKS_MORE;
        if (s->clear != 0)
            status = step_clear(s, at, out);
        if (status == SKS_OK) {
            drop_taken(s, out, (size_t)(at - data));
            return SKS_OK;
        }
        if (status == SKS_MORE)
            status = open_more(s, &at, end);
        if (status == SKS_OK)
            continue;
        if (status == SKS_MORE)
            (void)refuse(s, status, out);
        else
            status = fail(s, status, out);
        out->used = (size_t)(at - data);
        return status;
    }
}

enum sks_status sks_session_octets(struct sks_session *s, enum sks_event_kind side, uint8_t *data,
                                   size_t len, struct sks_step *out)
{
    if (!sks_session_takes(s, side))
        return refuse(s, SKS_ERR_EVENT, out);
    if (has_wire(s) && side == wire_side(s))
        return from_wire(s, data, len, out);
    if (len > SKS_SESSION_PIECE)
        return refuse(s, SKS_ERR_SPACE, out);
    const struct sks_event event = {.kind = side, .data = data, .len = len};
    enum sks_status status = sks_stage_step(&s->stage, &s->config->policy, &event, out);
    return status == SKS_OK ? taken(s, out, data) : status;
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
