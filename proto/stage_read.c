/* What the octets of an event are: which message is due, its codec, its form in the table. */
#include "stage_table.h"
#include "wire.h"

/* Octets that cannot be right: taken up to the one that decides it. */
static enum sks_status wrong(struct stage_message *out, enum stage_form form, enum sks_status why,
                             size_t at)
{
    out->form = form;
    out->why = why;
    out->at = at;
    out->used = at + 1;
    return SKS_OK;
}

static int has_method(const struct sks_greeting *greeting, uint8_t method)
{
    for (size_t i = 0; i < greeting->nmethods; i++)
        if (greeting->methods[i] == method)
            return 1;
    return 0;
}

static enum sks_status read_greeting(struct stage_message *out, const struct sks_policy *policy,
                                     const struct sks_event *event)
{
    struct sks_greeting greeting;
    size_t used;
    enum sks_status s = sks_greeting_parse(&greeting, event->data, event->len, &used);
    if (s == SKS_MORE)
        return s;
    if (s == SKS_ERR_EMPTY)
        return wrong(out, FORM_METHOD_UNACCEPTABLE, s, used);
    if (s != SKS_OK)
        return wrong(out, FORM_GREETING_WRONG, s, used);
    out->used = used;
    if (policy->ulen != 0 && has_method(&greeting, SKS_METHOD_USERPASS))
        out->form = FORM_METHOD_USERPASS;
    else if (policy->ulen == 0 && has_method(&greeting, SKS_METHOD_NONE))
        out->form = FORM_METHOD_NONE;
    else
        out->form = FORM_METHOD_UNACCEPTABLE;
    return SKS_OK;
}

/* Takes as long for the right octets as for wrong ones of the same length. */
static int same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    uint8_t difference = 0;
    if (a_len != b_len)
        return 0;
    for (size_t i = 0; i < a_len; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

static enum sks_status read_userpass(struct stage_message *out, const struct sks_policy *policy,
                                     const struct sks_event *event)
{
    struct sks_userpass given;
    size_t used;
    enum sks_status s = sks_userpass_parse(&given, event->data, event->len, &used);
    if (s == SKS_MORE)
        return s;
    if (s != SKS_OK)
        return wrong(out, FORM_USERPASS_WRONG, s, used);
    int right = same(given.uname, given.ulen, policy->uname, policy->ulen) &
                same(given.passwd, given.plen, policy->passwd, policy->plen);
    out->used = used;
    out->form = right ? FORM_USERPASS_RIGHT : FORM_USERPASS_WRONG;
    return SKS_OK;
}

static enum stage_form command_form(uint8_t cmd, uint8_t served)
{
    if (cmd == SKS_CMD_CONNECT && (served & SKS_ALLOW(SKS_CMD_CONNECT)))
        return FORM_CONNECT;
    if (cmd == SKS_CMD_BIND && (served & SKS_ALLOW(SKS_CMD_BIND)))
        return FORM_BIND;
    if (cmd == SKS_CMD_UDP_ASSOCIATE && (served & SKS_ALLOW(SKS_CMD_UDP_ASSOCIATE)))
        return FORM_UDP_ASSOCIATE;
    return FORM_CMD_UNSUPPORTED;
}

static enum sks_status read_request(struct stage_message *out, const struct sks_policy *policy,
                                    const struct sks_event *event)
{
    struct sks_request request;
    size_t used;
    enum sks_status s = sks_request_parse(&request, event->data, event->len, &used);
    if (s == SKS_MORE)
        return s;
    if (s == SKS_ERR_ATYP)
        return wrong(out, FORM_ATYP_UNSUPPORTED, s, used);
    if (s != SKS_OK)
        return wrong(out, FORM_REQUEST_WRONG, s, used);
    out->used = used;
    out->form = command_form(request.cmd, policy->commands);
    out->addr = request.dst;
    return SKS_OK;
}

static enum sks_status read_header(struct stage_message *out, const struct sks_policy *policy,
                                   const struct sks_event *event)
{
    struct sks_ota_header header;
    size_t used;
    enum sks_status s = sks_ota_header_parse(&header, event->data, event->len, policy->ota, &used);
    if (s == SKS_MORE)
        return s;
    if (s != SKS_OK)
        return wrong(out, FORM_HEADER_WRONG, s, used);
    if (header.header.dst.host_len == 0)
        return wrong(out, FORM_HEADER_WRONG, SKS_ERR_EMPTY, 1);
    out->used = used;
    out->form = header.tag != NULL ? FORM_HEADER_OTA : FORM_HEADER;
    out->addr = header.header.dst;
    out->text = header.text;
    out->text_len = header.text_len;
    out->tag = header.tag;
    return SKS_OK;
}

static enum sks_status read_chunk(struct stage_message *out, const struct sks_event *event)
{
    struct sks_ota_chunk chunk;
    size_t used;
    enum sks_status s = sks_ota_chunk_parse(&chunk, event->data, event->len, &used);
    if (s != SKS_OK)
        return s;
    out->used = used;
    out->form = FORM_CHUNK;
    out->text = chunk.text;
    out->text_len = chunk.text_len;
    out->tag = chunk.tag;
    return SKS_OK;
}

static enum sks_status read_payload(struct stage_message *out, const struct sks_event *event)
{
    if (event->len == 0)
        return SKS_MORE;
    out->used = event->len;
    out->form = FORM_PAYLOAD;
    out->text = event->data;
    out->text_len = event->len;
    return SKS_OK;
}

static enum sks_status read_end(struct stage_message *out, const struct sks_event *event)
{
    out->form = event->len == 0 ? FORM_WHOLE : FORM_TRUNCATED;
    if (event->len != 0) {
        out->why = SKS_ERR_TRUNCATED;
        out->at = event->len;
    }
    return SKS_OK;
}

static enum sks_status read_local(struct stage_message *out, const struct sks_stage *m,
                                  const struct sks_policy *policy, const struct sks_event *event)
{
    if (m->stage == SKS_STAGE_INIT && m->role == SKS_ROLE_SSSERVER)
        return read_header(out, policy, event);
    if (m->stage == SKS_STAGE_INIT && (m->marks & MARK_AUTH))
        return read_userpass(out, policy, event);
    if (m->stage == SKS_STAGE_INIT)
        return read_greeting(out, policy, event);
    if (m->stage == SKS_STAGE_ADDR)
        return read_request(out, policy, event);
    if (m->marks & MARK_OTA)
        return read_chunk(out, event);
    return read_payload(out, event);
}

enum sks_status sks_stage_read(struct stage_message *out, const struct sks_stage *m,
                               const struct sks_policy *policy, const struct sks_event *event)
{
    size_t used;
    *out = (struct stage_message){.form = FORM_ANY};
    if (event->kind == SKS_EVENT_LOCAL || event->kind == SKS_EVENT_VERIFIED)
        return read_local(out, m, policy, event);
    if (event->kind == SKS_EVENT_REMOTE)
        return read_payload(out, event);
    if (event->kind == SKS_EVENT_LOCAL_END || event->kind == SKS_EVENT_REMOTE_END)
        return read_end(out, event);
    if (event->kind != SKS_EVENT_OPEN)
        return SKS_OK;
    out->addr = policy->target;
    return wire_addr_size(&policy->target, 0, &used);
}
