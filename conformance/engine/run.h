/* A whole run: which cases, against which peer, with what result. */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "peer.h"
#include "play.h"
#include "sweep.h"

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_QUIRK, /* a SHOULD, a MAY or a DEFACTO missed; FAIL under --strict */
    VERDICT_SKIP,
    VERDICT_INCONCLUSIVE, /* the peer or the machine disturbed the case */
    VERDICT_ERROR,        /* the suite's own fault */
    N_VERDICTS
};
extern const char *const verdict_names[N_VERDICTS];

/* What `sockspec` ends with. */
enum exit_status {
    EXIT_CONFORMS = 0,
    EXIT_FAILS = 1,
    EXIT_USAGE = 2,
    EXIT_NO_PEER = 3,
    EXIT_NOTHING = 4,
    EXIT_SUITE = 5,
};

struct globs {
    const char **glob; /* the array is owned, the texts are not */
    size_t n;
};

struct run_options {
    enum role role;
    const char *target;            /* HOST:PORT, or NULL */
    char **argv;                   /* how the peer is started, placeholders and all, or NULL */
    char *peer_name;               /* of --peer; else NULL */
    const char *peer_arg;          /* --peer as it was given */
    char **files;                  /* name in {dir}, text template, name, ... , NULL; or NULL */
    char **environment;            /* "NAME=VALUE" templates, ended by NULL; or NULL */
    const char *user, *pass;       /* of --auth, or NULL */
    const char *method, *password; /* of a role that speaks Shadowsocks */
    char *method_owned;            /* method, where the manifest has it */
    bool ota;                      /* --ota */
    const char *listen;            /* HOST:PORT where an ss-local expects its server, or NULL */
    unsigned without;              /* NEED_* features declared as not there */
    struct globs only, not ;
    int level;           /* enum level up to which cases are taken; -1: all */
    unsigned segments;   /* 1 << enum segment_kind, or-ed */
    const char *left_to; /* the method under which cases are played that say the same under this
                          * one: they are left out here; NULL: none is */
    bool sweep;          /* --sweep */
    bool strict, isolated, verbose;
    bool http;       /* --payload http: a client fetches a page; else it copies stdin and stdout */
    char *peers_dir; /* {folder}: that of the manifest, absolute; "" without one; owned */
    struct in_addr origin;
    unsigned jobs, timeout_ms; /* timeout_ms 0: from the round trip */
    uint64_t seed;
    size_t min_cases;
    char *baseline_file;         /* of --baseline or the manifest; owned */
    struct baseline *baseline;   /* loaded from it; owned */
    struct hunt *hunt;           /* of `sockspec fuzz`: changed cases are played; NULL: the cases */
    const struct replay *replay; /* this alone is played; NULL: what is selected */
    const char *bundle_dir;      /* of --bundle: where what failed is kept; NULL: nowhere */
};

/* Frees argv, files, environment, peer_name, peers_dir, the arrays of globs and the baseline. */
void run_options_free(struct run_options *o);

struct result {
    const struct test_case *test;
    const struct requirement *requirement;
    enum segment_kind segment;
    enum verdict verdict;
    size_t cut;          /* of SEGMENT_SPLIT: where the failing cut was, else 0 */
    uint64_t decided_us; /* of the monotonic clock */
    struct outcome_report report;
    const struct baseline_entry *known; /* it deviates as this says; else NULL */
    size_t plays, pending; /* over, and under way: several where it is cut at every place */
};

struct run {
    const struct run_options *options;
    struct stage_set set;
    struct peer peer;
    struct result *results;
    size_t n_results;
    size_t totals[N_VERDICTS];
    size_t by_level[N_LEVELS][N_VERDICTS];
    size_t known[N_VERDICTS]; /* of totals, what the baseline knows */
    size_t baseline_fails;    /* entries of the baseline that fail the run */
    bool isolated;            /* the run has a network namespace of its own, or the user says so */
    const char *not_isolated; /* why not; NULL when it is */
    struct client_plan plan;  /* of the role socks5-client */
    char address[64];         /* of the peer */
    char control_said[160];   /* the last line that a client of a failed control wrote */
    char control_before[240]; /* why the control failed, empty when it held */
    bool silent;              /* it failed for want of an answer: few cases will get one */
    char control_after[240];
    unsigned restarts;
    unsigned harmed;     /* plays in a row after which the peer lived and served nobody */
    size_t left_out;     /* results that are SKIP because of left_to */
    size_t repeated;     /* cases that were late, and in time when they were played once more */
    struct sweep *sweep; /* owned; NULL: there was none */
    unsigned elapsed_ms;
    struct holding rest; /* of the peer's processes, after the first controls */
    bool conducted;      /* the peer was there and the cases ran: there is something to report */
    enum exit_status status;
    char error[400]; /* of EXIT_USAGE, EXIT_NO_PEER and EXIT_NOTHING: one line */
    char dir[400];   /* {dir}; empty when none was made */
};

/* Runs. Results are there when status is none of USAGE, NO_PEER, NOTHING. */
void run_all(struct run *run, const struct run_options *options);
void run_free(struct run *run);

/* The one command that repeats just this case. */
void run_print_command(FILE *out, const struct run *run, const struct result *r);

/* Plain good connections: to a target and back, and where the peer has no CONNECT the handshake. */
extern const struct test_case control_connect, control_greeting, control_client, control_ss,
    control_local;

bool globs_match(const struct globs *globs, const char *id);

/* NEED_* bit of a feature that --without and manifests name, 0 when unknown; and all their names.
 */
unsigned feature_bit(const char *name, size_t len);
extern const char feature_list[];

#endif
