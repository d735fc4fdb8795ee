/* Stage and cipher joined: octets as they come from the network in, octets for the network and
 * actions out. Part of libsockspec-crypto. The words are those of <sockspec/stage.h>, and:
 *
 *   wire side    the side that speaks Shadowsocks: local for ssserver, remote for sslocal and
 *                tunnel; socks5 has none, its octets pass as they are
 *   plain side   the other one
 *   salt         the salt or IV that opens each direction of the wire side
 *   piece        octets of the plain side, given to the session at one time
 *
 * A driver holds, for each side, the octets that it has read and that were not yet taken, in a
 * buffer of its own; a session holds none. It gives a side's octets to sks_session_octets, carries
 * out the actions, and drops out->used octets from the front; and again, as long as the answer is
 * SKS_OK. With SKS_MORE it reads more octets behind those that it has, with SKS_ERR_EVENT (a pause,
 * see sks_session_takes) it leaves them where they are. An end is an event when no more can be
 * taken of the octets before it.
 *
 * Everything is done in place: what is opened stands where it was received, what is sealed grows
 * over the room in front of the piece and behind it. The spans of actions hold until the octets
 * that were given are moved or the next call with the same buffer or *out.
 *
 * The octets of the wire side that are not yet taken may have been opened already: they are to be
 * given again unchanged, at any address, and never fewer of them.
 *
 * No call allocates but sks_session_open, and that only for a stream method. A session serves one
 * thread at a time, as its sealer does. */
#ifndef SOCKSPEC_SESSION_H
#define SOCKSPEC_SESSION_H

#include <sockspec/crypto.h>
#include <sockspec/stage.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SKS_SESSION_PIECE = SKS_AEAD_TEXT_MAX, /* octets of the plain side in one call, at most */
    SKS_SESSION_HEAD = SKS_IV_MAX + SKS_AEAD_CHUNK_DATA, /* octets of room before a piece */
    SKS_SESSION_TAIL = SKS_TAG_SIZE,                     /* and behind it */
};

/* What all connections of a listener share; outlives them. */
struct sks_session_config {
    enum sks_role role;
    struct sks_policy policy;
    const struct sks_key *key; /* NULL for socks5 alone */
    struct sks_sealer *sealer; /* of the key's method if that is AEAD, else NULL */
};

/* One direction of the wire side. */
struct sks_session_way {
    uint8_t salt[SKS_IV_MAX];
    uint8_t begun;      /* the salt has come, or gone out */
    uint32_t ota_index; /* of the next chunk */
    struct sks_aead aead;
    struct sks_stream *stream; /* owned; NULL under AEAD */
};

/* To be opened before and closed after use; not to be moved in between. Read what you like, write
 * nothing. */
struct sks_session {
    const struct sks_session_config *config;
    struct sks_stage stage;
    enum sks_status failed; /* why the session failed; SKS_OK while it has not */
    uint8_t salt_said;
    struct sks_session_way in;    /* from the network */
    struct sks_aead_stream frame; /* AEAD: the part that comes next */
    uint32_t clear;               /* octets of the wire side that stand opened, not yet taken */
    uint8_t dead;                 /* octets behind those, of a tag that has served */
    struct sks_session_way out;   /* to the network */
};

/* salt is for the way out: salt_len octets as the method has, never used before, 0 for a method
 * without. Errors: SKS_ERR_SALT (salt_len), SKS_ERR_METHOD (no key where the role needs one, no
 * sealer or one too many), those of sks_stream_new. After an error there is nothing to close. */
enum sks_status sks_session_open(struct sks_session *s, const struct sks_session_config *config,
                                 const uint8_t *salt, size_t salt_len);

/* Wipes what is secret and frees what was allocated. */
void sks_session_close(struct sks_session *s);

/* Octets of a side: SKS_EVENT_LOCAL or SKS_EVENT_REMOTE; len of them at data, all that the driver
 * holds of this side and has not dropped (plain side: of this piece, SKS_SESSION_PIECE at most,
 * with SKS_SESSION_HEAD octets of room before data and SKS_SESSION_TAIL behind data + len; what is
 * there, and the octets themselves, are overwritten).
 *   SKS_OK         something was done: an edge taken, or a salt to be judged.
 *   SKS_MORE       more octets are needed; out->used may be more than 0 all the same.
 *   SKS_ERR_EVENT  not now: nothing is changed. In DESTROYED: never.
 *   SKS_ERR_SPACE  a piece too large; nothing is changed.
 *   other error    the session has failed with this error before; for ever.
 * When it fails the answer is SKS_OK, with the reason in out->why and the last actions.
 *
 * SKS_ACTION_SALT comes alone, once, as soon as the octets behind the other side's salt were
 * found right and before anything is done for them: a driver that has seen the salt before answers
 * by sks_session_fail, or goes on with the same octets (out->used dropped). */
enum sks_status sks_session_octets(struct sks_session *s, enum sks_event_kind side, uint8_t *data,
                                   size_t len, struct sks_step *out);

/* Any other event but SKS_EVENT_VERIFIED, which is the session's own. For an end, event->len is the
 * number of octets of that side that are left. As sks_session_octets. */
enum sks_status sks_session_event(struct sks_session *s, const struct sks_event *event,
                                  struct sks_step *out);

/* SKS_EVENT_FAILURE for a reason of the driver's: SKS_ERR_REPLAY for a salt seen before. */
enum sks_status sks_session_fail(struct sks_session *s, enum sks_status why, struct sks_step *out);

/* Whether this kind of event has an edge now; for octets: whether to read that side. */
int sks_session_takes(const struct sks_session *s, enum sks_event_kind kind);

/* How many octets of the wire side the driver must be able to hold for the session to go on, the
 * largest message that this method and policy admit. */
size_t sks_session_hold(const struct sks_session *s);

/* The trace line of a call that has just answered SKS_OK, with both sorts of octets: before is the
 * stage before it. event is what was given; for octets, event->data are those that belong to this
 * line, event->len of them, as they came in: a copy, since the call works in place. They are the
 * ones dropped in this call and in those before it that made no line: what answered SKS_MORE, and
 * what said the salt. Under AEAD a line may end in the middle of a chunk: to play it, the octets of
 * the next line of that side are needed too. Spans borrow event, step, what step borrows, addr. */
void sks_session_trace(struct sks_trace_line *out, const struct sks_session *s, int8_t before,
                       const struct sks_event *event, const struct sks_step *step,
                       uint8_t addr[SKS_ADDR_MAX]);

#ifdef __cplusplus
}
#endif
#endif
