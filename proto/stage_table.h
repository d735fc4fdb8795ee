/* The table of stages, for stage.c, which walks it, and for what documents and tests it.
 * The words are those of <sockspec/stage.h>. */
#ifndef PROTO_STAGE_TABLE_H
#define PROTO_STAGE_TABLE_H

#include <sockspec/stage.h>

/* X(constant, bit, name, what it remembers) */
#define STAGE_MARK_LIST(X)                                                                         \
    X(MARK_AUTH, 0x01, "auth", "RFC 1929 was selected: credentials come before the request")       \
    X(MARK_VERIFY, 0x02, "verify", "a tag is being verified")                                      \
    X(MARK_OTA, 0x04, "ota", "the local side's octets come in one-time-auth chunks")               \
    X(MARK_BIND, 0x08, "bind", "the request was BIND")                                             \
    X(MARK_BOUND, 0x10, "bound", "the (first) reply with the bound address was given")             \
    X(MARK_LOCAL_ENDED, 0x20, "local-ended", "the local side ended its octets")                    \
    X(MARK_REMOTE_ENDED, 0x40, "remote-ended", "the remote side ended its octets")

/* X(constant, name): what the octets of an event are. FORM_ANY in a row fits every form, and
 * events that have no octets. */
#define STAGE_FORM_LIST(X)                                                                         \
    X(FORM_ANY, "any")                                                                             \
    X(FORM_METHOD_NONE, "greeting, 00 chosen")                                                     \
    X(FORM_METHOD_USERPASS, "greeting, 02 chosen")                                                 \
    X(FORM_METHOD_UNACCEPTABLE, "greeting, nothing to choose")                                     \
    X(FORM_GREETING_WRONG, "not SOCKS5")                                                           \
    X(FORM_USERPASS_RIGHT, "right credentials")                                                    \
    X(FORM_USERPASS_WRONG, "wrong or ill-formed credentials")                                      \
    X(FORM_CONNECT, "CONNECT")                                                                     \
    X(FORM_BIND, "BIND")                                                                           \
    X(FORM_UDP_ASSOCIATE, "UDP ASSOCIATE")                                                         \
    X(FORM_CMD_UNSUPPORTED, "another command, or one not served")                                  \
    X(FORM_ATYP_UNSUPPORTED, "request with unknown ATYP")                                          \
    X(FORM_REQUEST_WRONG, "ill-formed request")                                                    \
    X(FORM_HEADER, "address header")                                                               \
    X(FORM_HEADER_OTA, "address header with tag")                                                  \
    X(FORM_HEADER_WRONG, "no address header")                                                      \
    X(FORM_CHUNK, "one-time-auth chunk")                                                           \
    X(FORM_PAYLOAD, "payload")                                                                     \
    X(FORM_WHOLE, "nothing left")                                                                  \
    X(FORM_TRUNCATED, "part of a message left")

/* X(constant, action, message to be written, its METHOD, STATUS or REP, name): what a row does. */
#define STAGE_VERB_LIST(X)                                                                         \
    X(NOTHING, 0, MSG_NONE, 0, "")                                                                 \
    X(SELECT_NONE, SKS_ACTION_WRITE, MSG_SELECTION, SKS_METHOD_NONE, "select 00")                  \
    X(SELECT_USERPASS, SKS_ACTION_WRITE, MSG_SELECTION, SKS_METHOD_USERPASS, "select 02")          \
    X(SELECT_UNACCEPTABLE, SKS_ACTION_WRITE, MSG_SELECTION, SKS_METHOD_UNACCEPTABLE, "select FF")  \
    X(STATUS_SUCCEEDED, SKS_ACTION_WRITE, MSG_STATUS, SKS_USERPASS_SUCCEEDED, "status 00")         \
    X(STATUS_FAILED, SKS_ACTION_WRITE, MSG_STATUS, 1, "status 01")                                 \
    X(REPLY_AT_ONCE, SKS_ACTION_WRITE, MSG_REPLY_AT_ONCE, SKS_REP_SUCCEEDED, "reply 00 at once")   \
    X(REPLY_ADDR, SKS_ACTION_WRITE, MSG_REPLY_ADDR, SKS_REP_SUCCEEDED,                             \
      "reply 00, address of the event")                                                            \
    X(REPLY_REP, SKS_ACTION_WRITE, MSG_REPLY_REP, SKS_REP_FAILURE, "reply REP of the event")       \
    X(REPLY_FAILURE, SKS_ACTION_WRITE, MSG_REPLY, SKS_REP_FAILURE, "reply 01")                     \
    X(REPLY_CMD, SKS_ACTION_WRITE, MSG_REPLY, SKS_REP_CMD_UNSUPPORTED, "reply 07")                 \
    X(REPLY_ATYP, SKS_ACTION_WRITE, MSG_REPLY, SKS_REP_ATYP_UNSUPPORTED, "reply 08")               \
    X(HEADER, SKS_ACTION_HEADER, MSG_NONE, 0, "header")                                            \
    X(RESOLVE_TARGET, SKS_ACTION_RESOLVE, MSG_NONE, 0, "resolve the target")                       \
    X(RESOLVE_SERVER, SKS_ACTION_RESOLVE, MSG_NONE, 0, "resolve the server")                       \
    X(CONNECT, SKS_ACTION_CONNECT, MSG_NONE, 0, "connect")                                         \
    X(LISTEN, SKS_ACTION_LISTEN, MSG_NONE, 0, "listen")                                            \
    X(ASSOCIATE, SKS_ACTION_ASSOCIATE, MSG_NONE, 0, "associate")                                   \
    X(VERIFY_HEADER, SKS_ACTION_VERIFY_HEADER, MSG_NONE, 0, "verify the header")                   \
    X(VERIFY_CHUNK, SKS_ACTION_VERIFY_CHUNK, MSG_NONE, 0, "verify the chunk")                      \
    X(FORWARD_REMOTE, SKS_ACTION_FORWARD_REMOTE, MSG_NONE, 0, "forward to remote")                 \
    X(FORWARD_LOCAL, SKS_ACTION_FORWARD_LOCAL, MSG_NONE, 0, "forward to local")                    \
    X(SHUT_REMOTE, SKS_ACTION_SHUT_REMOTE, MSG_NONE, 0, "shut remote")                             \
    X(SHUT_LOCAL, SKS_ACTION_SHUT_LOCAL, MSG_NONE, 0, "shut local")                                \
    X(DRAIN, SKS_ACTION_DRAIN, MSG_NONE, 0, "drain")                                               \
    X(CLOSE, SKS_ACTION_CLOSE, MSG_NONE, 0, "close")

#define SKS_X(constant, ...) constant,
enum stage_form { STAGE_FORM_LIST(SKS_X) };
enum stage_verb { STAGE_VERB_LIST(SKS_X) };

/* The replies differ in address and REP: nowhere, at once, the event's. */
enum stage_say {
    MSG_NONE,
    MSG_SELECTION,
    MSG_STATUS,
    MSG_REPLY,
    MSG_REPLY_AT_ONCE,
    MSG_REPLY_ADDR,
    MSG_REPLY_REP,
};
#undef SKS_X
#define SKS_X(constant, bit, name, text) constant = bit,
enum stage_mark { STAGE_MARK_LIST(SKS_X) };
#undef SKS_X

enum { STAGE_ROW_VERBS = 3 };

/* An edge, or one for each of several roles and stages. */
struct stage_row {
    uint8_t roles;                  /* enum sks_role, joined */
    uint8_t stages;                 /* STAGE_BIT of each */
    uint8_t event;                  /* enum sks_event_kind */
    uint8_t form;                   /* enum stage_form */
    uint8_t verbs[STAGE_ROW_VERBS]; /* enum stage_verb, NOTHING behind the last */
    int8_t next;                    /* enum sks_stage_number */
    uint8_t need;                   /* marks that must be set */
    uint8_t unless;                 /* marks that must not be */
    uint8_t set;                    /* marks to set on the way */
    uint8_t clear;                  /* marks to clear on the way */
};

#define STAGE_BIT(stage) (1u << (stage)) /* not for DESTROYED, which no row leaves */

/* One message of an event; spans borrow the event's data. */
struct stage_message {
    enum stage_form form;
    size_t used;
    enum sks_status why;
    size_t at;
    struct sks_addr addr; /* request, header: the destination */
    const uint8_t *text;  /* payload, and what the tag covers */
    size_t text_len;
    const uint8_t *tag;
};

/* The message of an event as the machine stands. SKS_MORE and errors as for sks_stage_step. */
enum sks_status sks_stage_read(struct stage_message *out, const struct sks_stage *m,
                               const struct sks_policy *policy, const struct sks_event *event);

extern const struct stage_row sks_stage_table[];
extern const size_t sks_stage_table_rows;

#endif
