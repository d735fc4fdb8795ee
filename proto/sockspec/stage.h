/* The stages of a relayed connection, without I/O: an event in, actions out.
 *
 * Words:
 *   local    the side of the accepted connection
 *   remote   the side of the connection that the relay opens (BIND: that it waits for)
 *   driver   who owns the sockets: a relay, a replay, <sockspec/session.h>, a fuzzer
 *   edge     a row of the table in stage_table.c that fits: role, stage, marks, event, form
 *   form     what the octets of an event turned out to be ("connect", "ota header", "truncated")
 *   mark     what a machine remembers besides its stage
 *
 * The machine sees plain text: SOCKS5 on the local side of sslocal and socks5, the address header
 * (with one-time auth if the policy says so) on the local side of ssserver, and otherwise payload.
 * What a tag protects it has verified before it uses it; what else protects octets is for
 * <sockspec/session.h>.
 *
 * Who keeps what: the machine keeps no octet. It takes one message at a time (payload: all there
 * is) and says how many octets that was; the driver keeps what is left, in order, and gives it
 * again from its first octet on, longer if more has come. In DNS and CONNECTING, while a tag is
 * verified, and after a side's end nothing of that side is taken (sks_stage_takes says so): the
 * driver keeps it, or better stops to read. The end of a side is an event like its octets, given
 * after them: as long as octets are not taken, neither is the end.
 *
 * Octets to a side that is not yet connected (SKS_ACTION_HEADER) wait for it at the driver.
 *
 * Every change of stage is a row of one table; STAGES.md is made from it. */
#ifndef SOCKSPEC_STAGE_H
#define SOCKSPEC_STAGE_H

#include <sockspec/shadowsocks.h>
#include <sockspec/socks5.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, bit, name) */
#define SKS_ROLE_LIST(X)                                                                           \
    X(SKS_ROLE_SSLOCAL, 0x1, "sslocal")                                                            \
    X(SKS_ROLE_SSSERVER, 0x2, "ssserver")                                                          \
    X(SKS_ROLE_TUNNEL, 0x4, "tunnel")                                                              \
    X(SKS_ROLE_SOCKS5, 0x8, "socks5")

/* X(constant, number, name): names and numbers of the Python original (tcprelay.py). */
#define SKS_STAGE_LIST(X)                                                                          \
    X(SKS_STAGE_INIT, 0, "INIT")                                                                   \
    X(SKS_STAGE_ADDR, 1, "ADDR")                                                                   \
    X(SKS_STAGE_UDP_ASSOC, 2, "UDP_ASSOC")                                                         \
    X(SKS_STAGE_DNS, 3, "DNS")                                                                     \
    X(SKS_STAGE_CONNECTING, 4, "CONNECTING")                                                       \
    X(SKS_STAGE_STREAM, 5, "STREAM")                                                               \
    X(SKS_STAGE_DESTROYED, -1, "DESTROYED")

/* X(constant, name, what happened): which fields of the event are read stands in struct sks_event.
 */
#define SKS_EVENT_LIST(X)                                                                          \
    X(SKS_EVENT_OPEN, "open", "the local side is connected; only a tunnel acts on it")             \
    X(SKS_EVENT_LOCAL, "local", "octets from the local side")                                      \
    X(SKS_EVENT_REMOTE, "remote", "octets from the remote side")                                   \
    X(SKS_EVENT_LOCAL_END, "local-end", "the local side ended its octets (FIN)")                   \
    X(SKS_EVENT_REMOTE_END, "remote-end", "the remote side ended its octets (FIN)")                \
    X(SKS_EVENT_VERIFIED, "verified", "the tag is right")                                          \
    X(SKS_EVENT_RESOLVED, "resolved", "there are addresses to connect to")                         \
    X(SKS_EVENT_BOUND, "bound", "the driver listens (BIND) or relays (UDP ASSOCIATE) there")       \
    X(SKS_EVENT_CONNECTED, "connected", "the remote side is connected")                            \
    X(SKS_EVENT_FAILURE, "failure", "what an action asked for failed, or a tag is wrong")          \
    X(SKS_EVENT_LOST, "lost", "a connection broke: reset, unreachable")                            \
    X(SKS_EVENT_TIMEOUT, "timeout", "the driver waits no longer")

/* X(constant, name, what the driver does): which fields are set stands in struct sks_action. */
#define SKS_ACTION_LIST(X)                                                                         \
    X(SKS_ACTION_WRITE, "write", "write data to the local side")                                   \
    X(SKS_ACTION_HEADER, "header", "write the address header to the remote side, before payload")  \
    X(SKS_ACTION_RESOLVE, "resolve", "resolve addr; without data: the driver's own server")        \
    X(SKS_ACTION_CONNECT, "connect", "connect to what was resolved, one address after another")    \
    X(SKS_ACTION_LISTEN, "listen", "listen for one connection from what was resolved")             \
    X(SKS_ACTION_ASSOCIATE, "associate",                                                           \
      "open a UDP association for the client, at addr if known")                                   \
    X(SKS_ACTION_VERIFY_HEADER, "verify-header", "verify tag over data, the key from KEY")         \
    X(SKS_ACTION_VERIFY_CHUNK, "verify-chunk", "verify tag over data, the key from the index")     \
    X(SKS_ACTION_FORWARD_REMOTE, "forward-remote", "write payload to the remote side")             \
    X(SKS_ACTION_FORWARD_LOCAL, "forward-local", "write payload to the local side")                \
    X(SKS_ACTION_SHUT_REMOTE, "shut-remote",                                                       \
      "end the octets to the remote side, after those sent")                                       \
    X(SKS_ACTION_SHUT_LOCAL, "shut-local", "end the octets to the local side, after those sent")   \
    X(SKS_ACTION_DRAIN, "drain", "read and drop, silently, until the deadline or the peer's end")  \
    X(SKS_ACTION_CLOSE, "close", "let what was written go out, then close both sides")             \
    X(SKS_ACTION_SALT, "salt", "from a session only: refuse this salt now, or go on")

#define SKS_X(constant, number, ...) constant = number,
enum sks_role { SKS_ROLE_LIST(SKS_X) };
enum sks_stage_number { SKS_STAGE_LIST(SKS_X) };
#undef SKS_X
#define SKS_X(constant, name, text) constant,
enum sks_event_kind { SKS_EVENT_LIST(SKS_X) };
enum sks_action_kind { SKS_ACTION_LIST(SKS_X) };
#undef SKS_X

/* Names as in the lists; "?" for a number that is not in them. */
const char *sks_role_name(int number);
const char *sks_stage_name(int number);
const char *sks_event_name(int number);
const char *sks_action_name(int number);

/* A machine: three octets without padding, to be copied, compared and hashed as such. */
struct sks_stage {
    uint8_t role;  /* enum sks_role */
    int8_t stage;  /* enum sks_stage_number */
    uint8_t marks; /* of the table; 0 at first */
};

/* What a listener decides for all its connections; borrowed for the time of each call. */
struct sks_policy {
    const uint8_t *uname;  /* RFC 1929: ulen octets; with ulen 0 no credentials are asked for */
    const uint8_t *passwd; /* plen octets */
    uint8_t ulen;
    uint8_t plen;
    uint8_t commands;       /* SOCKS5: SKS_ALLOW of each CMD that is served */
    enum sks_ss_mode ota;   /* ssserver: which headers are taken. sslocal, tunnel: one-time auth is
                             * used under SKS_SS_OTA_REQUIRED, else not */
    struct sks_addr target; /* tunnel: where it leads; sks_addr_encode takes it */
};

#define SKS_ALLOW(cmd) ((uint8_t)(1u << (cmd)))

struct sks_event {
    enum sks_event_kind kind;
    const uint8_t
        *data; /* LOCAL, REMOTE: what is not yet taken; VERIFIED: the same octets (or more)
                * as the event that asked; *_END: what is left and can never be taken */
    size_t len;
    struct sks_addr addr; /* BOUND: where to; CONNECTED: the own address (BIND: the peer's); for the
                           * reply of SOCKS5. One that cannot be encoded becomes 0.0.0.0:0 */
    uint8_t rep;          /* FAILURE: REP for the reply of SOCKS5; 0 becomes 01 */
};

struct sks_action {
    enum sks_action_kind kind;
    const uint8_t *data; /* WRITE, HEADER, FORWARD_*: the octets. RESOLVE, ASSOCIATE: ATYP ADDR
                          * PORT, none for the driver's own server. VERIFY_*: what the tag covers.
                          * SALT: the salt */
    size_t len;
    const uint8_t *tag;   /* VERIFY_*: SKS_OTA_TAG_SIZE octets */
    const uint8_t *plain; /* HEADER, from a session: what it says, plain_len octets; else NULL */
    size_t plain_len;
    struct sks_addr addr; /* RESOLVE, ASSOCIATE: data, parsed */
};

enum {
    SKS_STEP_ACTIONS = 4,
    SKS_STEP_HEAD = 64, /* octets free in front of a header in octets, for a session to seal it */
    SKS_STEP_TAIL = 32, /* likewise behind it */
    SKS_STEP_HEADER = SKS_REPLY_MAX + SKS_STEP_HEAD, /* where a header stands in octets */
    SKS_STEP_PLAIN = SKS_STEP_HEADER + SKS_ADDR_MAX + SKS_STEP_TAIL, /* and, once sealed, stood */
    SKS_STEP_OCTETS = SKS_STEP_PLAIN + SKS_ADDR_MAX,
};

/* The answer to an event. Spans borrow the event's data, or octets below. */
struct sks_step {
    const uint8_t *plain; /* the message that decided, plain_len octets of it in the clear; a
                           * session seals payload of the plain side where it stands */
    size_t plain_len;
    size_t used;         /* octets of the event's data that were taken */
    enum sks_status why; /* what was wrong, when the edge is for what is wrong; else SKS_OK */
    size_t at;           /* offset in the event's data of the octet that decided it */
    uint8_t count;       /* of actions, to be carried out in order */
    struct sks_action actions[SKS_STEP_ACTIONS];
    uint8_t octets[SKS_STEP_OCTETS];
};

void sks_stage_init(struct sks_stage *m, enum sks_role role);

/* One event.
 *   SKS_OK         an edge was taken: m and *out say the rest.
 *   SKS_MORE       the octets are no whole message yet (or there are none); nothing is changed,
 *                  out->count and out->used are 0.
 *   SKS_ERR_EVENT  the machine has no edge for this; nothing is changed, likewise.
 *   other error    SKS_EVENT_OPEN with a target that cannot be encoded; likewise.
 * Pure: the answer depends on the arguments alone. DESTROYED has no edges: it is final, entered
 * once, by an edge whose last action is SKS_ACTION_CLOSE or SKS_ACTION_DRAIN. */
enum sks_status sks_stage_step(struct sks_stage *m, const struct sks_policy *policy,
                               const struct sks_event *event, struct sks_step *out);

/* Nonzero when the machine has an edge for this kind of event as it stands. For SKS_EVENT_LOCAL and
 * SKS_EVENT_REMOTE: whether the driver should read that side. */
int sks_stage_takes(const struct sks_stage *m, enum sks_event_kind kind);

/* ---- the trace line ---------------------------------------------------------------------------
 *
 * A line of text for an event, its words parted by one space, ended by one line feed:
 *
 *   STAGE EVENT[:PLAIN[/WIRE]] { ACTION[:PLAIN[/WIRE]] } STAGE
 *
 * STAGE before and after, EVENT and ACTION by the names of the lists above; PLAIN and WIRE in lower
 * case hexadecimal: the octets that were taken or written, in the clear and as they went over the
 * network. WIRE stands only where they differ; without octets there is no colon. A failure has its
 * REP, bound and connected their ATYP ADDR PORT.
 *
 *   INIT local:050100 write:0500 ADDR
 *   DNS failure:04 close DESTROYED */

struct sks_trace_word {
    uint8_t kind; /* enum sks_event_kind, enum sks_action_kind */
    const uint8_t *plain;
    size_t plain_len;
    const uint8_t *wire; /* wire_len 0: as plain */
    size_t wire_len;
};

struct sks_trace_line {
    int8_t before; /* enum sks_stage_number */
    int8_t after;
    uint8_t count; /* of actions */
    struct sks_trace_word event;
    struct sks_trace_word actions[SKS_STEP_ACTIONS];
};

/* As status.h says of parsing and encoding. Parsing puts the octets at buf, len / 2 of room is
 * always enough, and out borrows them; *used counts the line feed, SKS_MORE means that it is not
 * there. Errors: SKS_ERR_TRACE at the first character that fits no line; SKS_ERR_SPACE (cap). */
enum sks_status sks_trace_parse(struct sks_trace_line *out, uint8_t *buf, size_t cap,
                                const char *text, size_t len, size_t *used);
/* Errors: SKS_ERR_TRACE at 0 (a number that is in no list, count too large), SKS_ERR_SPACE. */
enum sks_status sks_trace_encode(char *text, size_t cap, const struct sks_trace_line *in,
                                 size_t *used);

#ifdef __cplusplus
}
#endif
#endif
