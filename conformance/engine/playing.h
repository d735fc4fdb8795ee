/* Parts of play.c: the state of one run of one case, and what its files share. */
#ifndef ENGINE_PLAYING_H
#define ENGINE_PLAYING_H

#include "channel.h"
#include "client.h"
#include "play.h"
#include "server.h"

enum { MAX_STEPS = 56 };

struct flow { /* octets on their way from one actor to another */
    enum actor from, to;
    size_t n, sent, got;
};

struct play {
    struct stage_set *set;
    const struct test_case *test;
    enum segment_kind kind;
    size_t cut;
    struct step steps[MAX_STEPS];
    size_t at;                                /* the step under way */
    bool entered;                             /* it has begun */
    uint64_t due_us, stalled_us, patience_us; /* of its time: the end; set->stalled_us when it
                                               * began; how much longer it may become */
    bool quiet;                               /* its time is over */
    struct scene scene;
    struct channel channels[N_ACTORS];
    enum actor lead; /* CLIENT or PROXY: whose stimuli are cut, whose ending is reported */
    struct client client;
    struct wire *wires[N_ACTORS]; /* of the channels; they stay when a channel is closed */
    int listener, listener6, refused, refused6, refused_udp, dialer;
    struct event *listening, *listening6, *timer, *finish;
    unsigned target_contacts, server_contacts;
    struct guest guest; /* of ss-local: at set->server */
    int deliver;        /* whence SERVER_UDP gets datagrams, -1: not there */
    struct sockaddr_storage
        target_peer; /* who sent the last datagram to the target, or the server */
    enum actor sender;
    uint8_t *send; /* the stimulus under way, the sender's */
    size_t send_len, send_at, sent_before;
    uint64_t drain_since;
    bool unread;      /* the peer has left a segment unread for too long */
    bool half_closed; /* the peer had sent its FIN before the stimulus began */
    struct flow flows[2];
    bool refusing;       /* OP_REFUSE is in force */
    bool holding;        /* OP_TRICKLE: the reader does not read yet */
    struct play *beside; /* OP_CONTROL */
    bool over;
    uint64_t started;
    const struct replay *verbatim; /* whose tape is sent; NULL: none */
    size_t sent;                   /* messages of it, or of the steps */
    struct outcome_report report;
    play_done *done;
    void *context;
};

/* play_expand.c. The steps of a case into to[MAX_STEPS], ended by OP_END_OF_STEPS: it connects
 * first, and the handshake is written out. A client connects by itself; without a pipe to it
 * nothing is fed. */
void play_expand(struct step *to, const struct stage_set *set, const struct test_case *c);

/* Goes on with the steps as far as they go now; a callback of channels, so without a type. */
void play_advance(void *play);

/* Ends the play, with a reason (printf). */
void play_finish(struct play *p, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* play_record.c. Notes for the report that something happened at an actor. */
struct event_record *play_record(struct play *p, enum actor actor, enum happening what,
                                 const uint8_t *octets, size_t len); /* NULL: no room */
/* That len octets of the network were sent, which text made; that the first n of what a channel
 * holds were taken by an alternative of text. */
void play_record_sent(struct play *p, enum actor a, const char *text, const uint8_t *octets,
                      size_t len);
void play_record_received(struct play *p, enum actor a, const char *text, int alternative,
                          size_t n);

/* play_layout.c. Cuts the octets of what a wire sent or received: of a datagram at once, of streams
 * when the play is missed and its wires are still there. */
void play_lay_out_datagram(struct play *p, struct event_record *e);
void play_lay_out_streams(struct play *p);

/* The message that is to be sent now: the n octets at octets, or, played verbatim, those of the
 * tape instead, which may be more; to be freed. */
uint8_t *play_message(struct play *p, const uint8_t *octets, size_t *n);

/* Gives the step under way that long, and longer when the suite's own loop is held up. */
void play_arm(struct play *p, uint64_t us);

uint64_t play_now_us(void);

/* Opens the actor's channel on fd, with a wire where the role has one for it. */
void play_open(struct play *p, enum actor a, int fd, bool connecting);
/* play_scene.c: the target's sockets and the like; false when the play is over then. */
bool play_set_scene(struct play *p);
/* Takes a connection from a listening socket, non-blocking; -1 when there is none. */
int play_accept(int listener, struct sockaddr_storage *from);
/* As net_bound, at ip and *port (0: any, and *port becomes it); -1: the play is over. */
int play_bound(struct play *p, int type, struct in_addr ip, uint16_t *port);
/* Makes the actor come to be, as far as that is ours to do. */
void play_bring(struct play *p, enum actor a);
/* BND, with the peer's own address where it names none. */
struct sockaddr_storage play_bnd(const struct play *p);
bool actor_is_datagram(enum actor a);
/* Whether the actor's stimuli are those that are cut: the client of a server, the proxy of a
 * client. */
bool actor_leads(enum actor a);
/* Whether what the actor sends is cut here: the lead's, and behind an ss-local the server's too. */
bool actor_is_cut(const struct play *p, enum actor a);

/* One step each, called anew whenever something has changed: true when it is done. */
bool step_send(struct play *p, const struct step *s);   /* play_send.c */
bool step_expect(struct play *p, const struct step *s); /* play_expect.c */
bool step_drain(struct play *p, const struct step *s);  /* play_expect.c */
bool step_flow(struct play *p, const struct step *s);   /* play_flow.c */

/* Whether the stimulus behind this step can be sent together with the one before it. */
bool step_joins(const struct step *s);

/* "FIN", "RST", "nothing more", or why there is no connection. */
const char *play_ending_text(const struct play *p, const struct channel *c);

#endif
