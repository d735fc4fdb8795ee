/* Walks the table of stage_table.c: finds the row that fits, carries it out. */
#include "stage_table.h"

/* ---- what a row does ------------------------------------------------------------------------- */

static const uint8_t zeros[4];
static const struct sks_addr nowhere = {zeros, 0, SKS_ATYP_IPV4, sizeof zeros};
static const struct sks_addr at_once = {zeros, 0x1010, SKS_ATYP_IPV4, sizeof zeros};

static size_t write_reply(uint8_t *octets, uint8_t rep, const struct sks_addr *bnd)
{
    struct sks_reply reply = {.bnd = *bnd, .rep = rep};
    size_t used;
    if (sks_reply_encode(octets, SKS_REPLY_MAX, &reply, &used) == SKS_OK)
        return used;
    reply.bnd = nowhere;
    (void)sks_reply_encode(octets, SKS_REPLY_MAX, &reply, &used);
    return used;
}

/* dst is one that was parsed, or found to be encodable. */
static size_t write_header(uint8_t *octets, const struct sks_addr *dst, enum sks_ss_mode ota)
{
    struct sks_ss_header header = {.dst = *dst, .type = dst->atyp};
    size_t used;
    if (ota == SKS_SS_OTA_REQUIRED)
        header.type |= SKS_SS_OTA_FLAG;
    (void)sks_ss_header_encode(octets, SKS_ADDR_MAX, &header, ota, &used);
    return used;
}

/* addr is one that was parsed. */
static size_t write_addr(uint8_t *octets, const struct sks_addr *addr)
{
    size_t used;
    (void)sks_addr_encode(octets, SKS_ADDR_MAX, addr, &used);
    return used;
}

static size_t write_pair(uint8_t *octets, uint8_t version, uint8_t octet)
{
    octets[0] = version;
    octets[1] = octet;
    return 2;
}

/* A message to the local side, and its size. */
static size_t write_message(uint8_t *octets, enum stage_say message, uint8_t octet,
                            const struct sks_event *event)
{
    if (message == MSG_SELECTION)
        return write_pair(octets, SKS_SOCKS5_VERSION, octet);
    if (message == MSG_STATUS)
        return write_pair(octets, SKS_USERPASS_VERSION, octet);
    if (message == MSG_REPLY_AT_ONCE)
        return write_reply(octets, octet, &at_once);
    if (message == MSG_REPLY_ADDR)
        return write_reply(octets, octet, &event->addr);
    if (message == MSG_REPLY_REP && event->rep != 0)
        return write_reply(octets, event->rep, &nowhere);
    return write_reply(octets, octet, &nowhere);
}

static const struct {
    enum sks_action_kind action;
    enum stage_say message;
    uint8_t octet;
} verbs[] = {
#define SKS_X(constant, action, message, octet, name) {action, message, octet},
    STAGE_VERB_LIST(SKS_X)
#undef SKS_X
};

/* Replies stand at the start of out->octets, so do addresses, which no row has beside a reply;
 * headers behind them. */
static void act(struct sks_step *out, enum stage_verb verb, const struct stage_message *in,
                const struct sks_policy *policy, const struct sks_event *event)
{
    uint8_t *header = out->octets + SKS_STEP_HEADER;
    struct sks_action action = {.kind = verbs[verb].action};
    if (action.kind == SKS_ACTION_WRITE) {
        action.data = out->octets;
        action.len = write_message(out->octets, verbs[verb].message, verbs[verb].octet, event);
    } else if (action.kind == SKS_ACTION_HEADER) {
        action.data = header;
        action.len = write_header(header, &in->addr, policy->ota);
    } else if (verb == RESOLVE_TARGET || verb == ASSOCIATE) {
        action.addr = in->addr;
        action.data = out->octets;
        action.len = write_addr(out->octets, &in->addr);
    } else if (verb == FORWARD_REMOTE || verb == FORWARD_LOCAL) {
        action.data = in->text;
        action.len = in->text_len;
    } else if (verb == VERIFY_HEADER || verb == VERIFY_CHUNK) {
        action.tag = in->tag;
        action.data = in->text;
        action.len = in->text_len;
    }
    out->actions[out->count++] = action;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static int fits(const struct stage_row *row, const struct sks_stage *m, enum sks_event_kind kind)
{
    return row->event == kind && (row->roles & m->role) && m->stage != SKS_STAGE_DESTROYED &&
           (row->stages & STAGE_BIT(m->stage)) && (m->marks & row->need) == row->need &&
           (m->marks & row->unless) == 0;
}

/* The one place where stage and marks change. */
static void take(struct sks_stage *m, const struct stage_row *row, const struct stage_message *in,
                 const struct sks_policy *policy, const struct sks_event *event,
                 struct sks_step *out)
{
    out->why = in->why;
    out->at = in->at;
    out->plain = event->data;
    out->plain_len = in->used;
    if (!(row->set & MARK_VERIFY)) /* what is to be verified is given again */
        out->used = in->used;
    for (size_t i = 0; i < STAGE_ROW_VERBS && row->verbs[i] != NOTHING; i++)
        act(out, (enum stage_verb)row->verbs[i], in, policy, event);
    m->marks = (uint8_t)((m->marks | row->set) & ~row->clear);
    m->stage = row->next;
}

void sks_stage_init(struct sks_stage *m, enum sks_role role)
{
    m->role = (uint8_t)role;
    m->stage = SKS_STAGE_INIT;
    m->marks = 0;
}

int sks_stage_takes(const struct sks_stage *m, enum sks_event_kind kind)
{
    for (size_t i = sks_stage_table_rows; i-- > 0;) /* payload's rows are nearer to the end */
        if (fits(&sks_stage_table[i], m, kind))
            return 1;
    return 0;
}

enum sks_status sks_stage_step(struct sks_stage *m, const struct sks_policy *policy,
                               const struct sks_event *event, struct sks_step *out)
{
    struct stage_message in;
    int is_read = 0;
    out->plain = NULL;
    out->plain_len = 0;
    out->used = 0;
    out->why = SKS_OK;
    out->at = 0;
    out->count = 0;
    /* at most one row fits; most events are payload, whose rows are nearer to the end */
    for (size_t i = sks_stage_table_rows; i-- > 0;) {
        const struct stage_row *row = &sks_stage_table[i];
        if (!fits(row, m, event->kind))
            continue;
        if (!is_read) {
            enum sks_status s = sks_stage_read(&in, m, policy, event);
            if (s != SKS_OK)
                return s;
            is_read = 1;
        }
        if (row->form != FORM_ANY && row->form != in.form)
            continue;
        take(m, row, &in, policy, event, out);
        return SKS_OK;
    }
    return SKS_ERR_EVENT;
}
