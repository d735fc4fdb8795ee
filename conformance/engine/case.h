/* Cases and requirements are rows of tables; this header defines their words.
 *
 * A step's text is octets in a small language that the engine sends, matches and prints:
 *   05 0100            octets in hex
 *   61*255             an octet, repeated
 *   "abc"              the octets of a text
 *   NAME:              the octets that follow are field NAME
 *   {target} ...       a value known only at run time; pattern.c has the list of them
 * and in an expectation also
 *   ??                 any octet
 *   01|05  01-08  !00  one octet of a set
 *   {addr} {usable}    ATYP ADDR PORT of any kind; the same, but not all zero; both become "BND"
 *   {methods 00 !02}   NMETHODS and as many METHODS: 00 among them, 02 not; "distinct": none twice
 *   end fin rst        instead of octets: the connection ends so (end: either way)
 *   silence            instead of octets: nothing comes and the connection stays open
 * and of a client, which is told to BIND or to UDP ASSOCIATE where its case needs that
 *   {ask}              what it sends through the tunnel: of --payload http the head of a GET, of
 *                      pipe a line that the suite has fed it
 *   {head}             what stands before the payload of an answer: of http the head of a response,
 *                      of pipe nothing
 *   A [text] or B      alternatives; [text] names one for the report
 * wire.h has the words that frame octets for Shadowsocks, or misframe them: header(...), data(...)
 * and the like. What is expected of an actor behind a wire is plain text. */
#ifndef ENGINE_CASE_H
#define ENGINE_CASE_H

#include "segment.h"

#include <stdbool.h>
#include <stddef.h>

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, LEVEL_DEFACTO, LEVEL_CHOICE, N_LEVELS };
extern const char *const level_names[N_LEVELS];

enum role { ROLE_SOCKS5_SERVER, ROLE_SOCKS5_CLIENT, ROLE_SS_SERVER, ROLE_SS_LOCAL, N_ROLES };
extern const char *const role_names[N_ROLES];
#define ROLE_WORDS "socks5-server, socks5-client, ss-server or ss-local"
enum role role_by_name(const char *name); /* N_ROLES: unknown */

struct requirement {
    const char *id;      /* spec/section/slug */
    const char *section; /* the document and its section: "RFC 1928, 3" */
    enum level level;
    const char *rule;   /* what is required, in our own words */
    const char *why;    /* what goes wrong where it is not kept */
    const char *waived; /* why no case stands for it; NULL when one does */
};

/* Who acts in a step. CLIENT is connected to the peer when a case starts; the others come to be
 * when they are first named. */
enum actor {
    CLIENT,       /* TCP connection to the peer */
    SECOND,       /* another one */
    TARGET,       /* TCP connection that the peer makes to the case's target */
    DIALER,       /* TCP connection from the origin to BND */
    STRANGER,     /* TCP connection from another loopback address to BND */
    UDP,          /* the client's datagrams to BND */
    UDP_STRANGER, /* datagrams from another loopback address to BND; of a client: to it */
    TARGET_UDP,   /* datagrams at the target */
    PROXY,        /* TCP connection that a client makes to the suite's proxy */
    PROXY_AGAIN,  /* and another one */
    PROXY_UDP,    /* a client's datagrams at the proxy, and the proxy's answers to them */
    STDIN,        /* what a client is fed; of --payload pipe only */
    STDOUT,       /* what it delivers */
    PROCESS,      /* its end: one octet, the exit status; rst: a signal that is a crash */
    SERVER,       /* of ss-local: connection that the peer makes to the suite's server */
    SERVER_AGAIN, /* and another one for the same case */
    SERVER_UDP,   /* the peer's datagrams at the suite's server */
    N_ACTORS
};
extern const char *const actor_names[N_ACTORS];

enum op {
    OP_END_OF_STEPS,
    OP_HANDSHAKE, /* greeting, selection and, with --auth, RFC 1929: becomes SEND and EXPECT */
    OP_SEND,      /* text: octets in one write, or one datagram */
    OP_EXPECT,    /* text: what must come next; n: limit in ms instead of the deadline */
    OP_OPEN,      /* the actor comes to be now: connects, or waits to be connected to */
    OP_FIN,       /* the actor sends no more */
    OP_RST,       /* the actor ends its connection at once */
    OP_TRANSFER,  /* n octets from actor to the actor `to`, compared as they come; to STDOUT, and
                   * the actor's FIN behind them: a client may deliver when it has all */
    OP_EXCHANGE,  /* n octets each way between them at the same time */
    OP_TRICKLE,   /* as OP_TRANSFER, but the reader starts only when the sender is blocked */
    OP_UNTOUCHED, /* nobody connects or sends to the target while nothing else happens; where an
                   * earlier step is at the target: nobody once more */
    OP_MUTE,      /* not one octet has come to the actor, not even of a salt */
    OP_REFUSE,    /* the suite's server refuses connections until the case is over */
    OP_CONTROL,   /* a plain good connection to the peer works, made beside this one */
    OP_DRAIN,     /* whatever comes to the actor, until it ends or nothing more comes */
    OP_SWEEP,     /* no play at all: the curve of enum sweep_kind n / 2, octet by octet where n is
                   * odd */
    OP_REST,      /* no play at all: what the peer's processes hold before and after the run */
};

struct step {
    enum op op;
    enum actor actor;
    const char *text;
    size_t n;
    enum actor to;
};

/* What a case needs of the peer and the place; where it is not given, the case is skipped. */
enum need {
    NEED_CONNECT = 1 << 0,   /* feature, unless --without connect */
    NEED_BIND = 1 << 1,      /* feature, unless --without bind */
    NEED_UDP = 1 << 2,       /* feature, unless --without udp */
    NEED_IPV6 = 1 << 3,      /* feature, unless --without ipv6, and a loopback that has it */
    NEED_DOMAIN = 1 << 4,    /* feature, unless --without domain */
    NEED_AUTH = 1 << 5,      /* --auth */
    NEED_NO_AUTH = 1 << 6,   /* no --auth */
    NEED_ISOLATION = 1 << 7, /* no route out: names strangers or sends what may be read as one */
    NEED_LOOPBACK = 1 << 8,  /* the origin is 127.0.0.1: other loopback addresses can be used */
    NEED_ALONE = 1 << 9,     /* no other case at the same time; a control connection follows */
    NEED_PIPE = 1 << 24,     /* --payload pipe: the client copies its stdin and stdout */
    NEED_NO_BIND = 1 << 10,  /* --without bind: checks that it is so */
    NEED_NO_UDP = 1 << 11,
    NEED_NO_CONNECT = 1 << 12,
    NEED_NO_IPV6 = 1 << 13,
    NEED_NO_DOMAIN = 1 << 14,
    NEED_AEAD = 1 << 15,         /* the method is AEAD */
    NEED_STREAM = 1 << 16,       /* it is not */
    NEED_IV = 1 << 17,           /* a stream method with an IV, and so with a salt filter */
    NEED_OTA = 1 << 18,          /* feature: a stream method, unless --without ota */
    NEED_OTA_REQUIRED = 1 << 19, /* --ota */
    NEED_OTA_OPTIONAL = 1 << 20, /* no --ota */
    NEED_SALT = 1 << 22,         /* a method with a salt or an IV */
    NEED_NO_OTA = 1 << 21,       /* --without ota: checks that it is so */
    NEED_SWEEP = 1 << 29,        /* --sweep */
    NEED_EXEC = 1 << 28, /* the suite has started the peer and can look into its processes */
};

struct test_case {
    const char *id;          /* spec/section/slug; the file is that of the section */
    const char *requirement; /* id of its row in the ledger, which gives the level */
    enum role role;
    bool front;     /* of socks5-server: holds for the front of an ss-local too */
    unsigned needs; /* enum need, or-ed */
    enum segment_kind
        segment;             /* not SEGMENT_WHOLE: always played so, it is what the case is about */
    const char *says;        /* one sentence: what is done and what must follow */
    const char *seen;        /* who has been seen to fail it; NULL when nobody has */
    const char *host;        /* that a client is to reach; NULL: 127.0.0.1 */
    const char *user, *pass; /* that a client is given instead of those of --auth; or NULL */
    const struct step *steps; /* ended by OP_END_OF_STEPS */
};

#define HANDSHAKE                                                                                  \
    {                                                                                              \
        OP_HANDSHAKE, CLIENT, NULL, 0, CLIENT                                                      \
    }
#define SEND(t)                                                                                    \
    {                                                                                              \
        OP_SEND, CLIENT, t, 0, CLIENT                                                              \
    }
#define EXPECT(t)                                                                                  \
    {                                                                                              \
        OP_EXPECT, CLIENT, t, 0, CLIENT                                                            \
    }
#define EXPECT_IN(ms, t)                                                                           \
    {                                                                                              \
        OP_EXPECT, CLIENT, t, ms, CLIENT                                                           \
    }
#define AT(a, op, t)                                                                               \
    {                                                                                              \
        OP_##op, a, t, 0, a                                                                        \
    }
#define FIN(a)                                                                                     \
    {                                                                                              \
        OP_FIN, a, NULL, 0, a                                                                      \
    }
#define RST(a)                                                                                     \
    {                                                                                              \
        OP_RST, a, NULL, 0, a                                                                      \
    }
#define OPEN(a)                                                                                    \
    {                                                                                              \
        OP_OPEN, a, NULL, 0, a                                                                     \
    }
#define TRANSFER(a, b, n)                                                                          \
    {                                                                                              \
        OP_TRANSFER, a, NULL, n, b                                                                 \
    }
#define EXCHANGE(a, b, n)                                                                          \
    {                                                                                              \
        OP_EXCHANGE, a, NULL, n, b                                                                 \
    }
#define TRICKLE(a, b, n)                                                                           \
    {                                                                                              \
        OP_TRICKLE, a, NULL, n, b                                                                  \
    }
#define UNTOUCHED                                                                                  \
    {                                                                                              \
        OP_UNTOUCHED, TARGET, NULL, 0, TARGET                                                      \
    }
#define MUTE(a)                                                                                    \
    {                                                                                              \
        OP_MUTE, a, NULL, 0, a                                                                     \
    }
#define REFUSE                                                                                     \
    {                                                                                              \
        OP_REFUSE, SERVER, NULL, 0, SERVER                                                         \
    }
#define SWEEP(kind, bytes)                                                                         \
    {                                                                                              \
        OP_SWEEP, CLIENT, NULL, 2 * (kind) + (bytes), CLIENT                                       \
    }
#define CONTROL                                                                                    \
    {                                                                                              \
        OP_CONTROL, CLIENT, NULL, 0, CLIENT                                                        \
    }
#define RESTS                                                                                      \
    {                                                                                              \
        OP_REST, CLIENT, NULL, 0, CLIENT                                                           \
    }
#define STEPS(...)                                                                                 \
    (const struct step[])                                                                          \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            OP_END_OF_STEPS, CLIENT, NULL, 0, CLIENT                                               \
        }                                                                                          \
    }

/* Every table of cases/, each ended by a row whose id is NULL. */
extern const struct test_case *const case_tables[];

/* Whether a case is one of that role. */
bool role_has(enum role role, const struct test_case *c);

/* Cases whose outcome a method of Shadowsocks itself decides, and so under each method anew. */
struct of_method {
    const char *cases; /* a glob of ids */
    const char *part;  /* what of the method they are about */
};
extern const struct of_method of_method[]; /* cases/of_method.c; ended by a row of NULL */
bool case_is_of_method(const struct test_case *c);

/* Rows by number from 0 over all tables, NULL past the last; by id, NULL when unknown. */
const struct test_case *case_at(size_t i);
const struct requirement *requirement_at(size_t i);
const struct test_case *case_by_id(const char *id);
const struct requirement *requirement_by_id(const char *id);

#endif
