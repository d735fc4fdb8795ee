#include "select.h"

#include "client.h"
#include "memory.h"
#include "net.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_names[N_VERDICTS] = {"PASS", "FAIL",         "QUIRK",
                                               "SKIP", "INCONCLUSIVE", "ERROR"};

/* ---- features -------------------------------------------------------------------------------- */

/* X(name, bit, bit of the cases that check its absence) */
#define FEATURES(X)                                                                                \
    X("connect", NEED_CONNECT, NEED_NO_CONNECT)                                                    \
    X("bind", NEED_BIND, NEED_NO_BIND)                                                             \
    X("udp", NEED_UDP, NEED_NO_UDP)                                                                \
    X("ipv6", NEED_IPV6, NEED_NO_IPV6)                                                             \
    X("domain", NEED_DOMAIN, NEED_NO_DOMAIN)                                                       \
    X("auth", NEED_AUTH, 0)                                                                        \
    X("ota", NEED_OTA, NEED_NO_OTA)

const char feature_list[] =
#define X(name, there, absent) name " "
    FEATURES(X)
#undef X
    ;

unsigned feature_bit(const char *name, size_t len)
{
#define X(n, there, absent)                                                                        \
    if (len == sizeof n - 1 && memcmp(name, n, len) == 0)                                          \
        return there;
    FEATURES(X)
#undef X
    return 0;
}

/* Why the peer or the place cannot have this case; NULL when it can. */
static const char *why_skip(const struct run *run, const struct test_case *c)
{
    const struct run_options *o = run->options;
#define X(name, there, absent)                                                                     \
    if ((c->needs & there) && (o->without & there))                                                \
        return "declared as not supported: " name;                                                 \
    if ((c->needs & absent) && !(o->without & there))                                              \
        return "checks that " name " is not supported, where that is declared";
    FEATURES(X)
#undef X
    enum sks_cipher_kind kind = run->set.keys.cipher ? run->set.keys.cipher->kind : SKS_CIPHER_NONE;
    if ((c->needs & NEED_AEAD) && kind != SKS_CIPHER_AEAD)
        return "needs an AEAD method";
    if ((c->needs & (NEED_STREAM | NEED_IV | NEED_OTA | NEED_NO_OTA)) && kind == SKS_CIPHER_AEAD)
        return "needs a method that is not AEAD";
    if ((c->needs & (NEED_SALT | NEED_IV | NEED_OTA | NEED_NO_OTA)) && run->set.keys.cipher &&
        !run->set.keys.cipher->iv_size)
        return "needs a method with a salt or an IV";
    if ((c->needs & NEED_OTA_REQUIRED) && !o->ota)
        return "needs --ota: a peer that requires one-time auth";
    if ((c->needs & NEED_OTA_OPTIONAL) && o->ota)
        return "needs a peer that does not require one-time auth";
    if ((c->needs & NEED_AUTH) && !o->user)
        return "needs --auth USER:PASS";
    if ((c->needs & NEED_NO_AUTH) && o->user)
        return "needs a peer without authentication";
    if ((c->needs & NEED_PIPE) && o->http)
        return "needs a client that copies stdin and stdout: --payload pipe";
    if ((c->needs & (NEED_BIND | NEED_NO_BIND | NEED_UDP | NEED_NO_UDP)) &&
        c->role == ROLE_SOCKS5_CLIENT && !client_is_told(o))
        return "needs a client that can be told to: {command} in its command line";
    if ((c->needs & NEED_SWEEP) && !o->sweep)
        return "needs --sweep";
    if ((c->needs & NEED_EXEC) && !o->argv)
        return "needs --exec: only into a peer of its own can the suite look";
    if ((c->needs & NEED_ISOLATION) && !run->isolated)
        return run->not_isolated;
    if ((c->needs & NEED_LOOPBACK) && o->origin.s_addr != htonl(INADDR_LOOPBACK))
        return "needs targets on 127.0.0.1";
    if ((c->needs & NEED_IPV6) && !net_has_ipv6())
        return "this machine has no IPv6 loopback";
    return NULL;
}

bool globs_match(const struct globs *globs, const char *id)
{
    for (size_t i = 0; i < globs->n; i++)
        if (fnmatch(globs->glob[i], id, 0) == 0)
            return true;
    return false;
}

/* ---- results --------------------------------------------------------------------------------- */

enum verdict run_judge(const struct run *run, const struct result *r)
{
    switch (r->report.outcome) {
    case HELD:
        return VERDICT_PASS;
    case DISTURBED:
        return VERDICT_INCONCLUSIVE;
    case FAULTY:
        return VERDICT_ERROR;
    case BROKEN:
        break;
    }
    bool hard = r->requirement->level == LEVEL_MUST &&
                (r->segment != SEGMENT_COALESCED || r->test->segment == SEGMENT_COALESCED);
    return hard || run->options->strict ? VERDICT_FAIL : VERDICT_QUIRK;
}

/* What is about many octets is not cut at every place: each cut would send them all. */
static bool transfers(const struct test_case *c)
{
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++)
        if (s->op == OP_TRANSFER || s->op == OP_EXCHANGE || s->op == OP_TRICKLE)
            return true;
    return false;
}

static void add_result(struct run *run, const struct test_case *c, enum segment_kind segment)
{
    struct result *r = &run->results[run->n_results++];
    r->test = c;
    r->requirement = requirement_by_id(c->requirement);
    r->segment = segment;
    r->verdict = N_VERDICTS;
    r->report.mark = -1;
    const char *skip = why_skip(run, c), *other = run->options->left_to;
    if (skip) {
        r->verdict = VERDICT_SKIP;
        snprintf(r->report.reason, sizeof r->report.reason, "%s", skip);
    } else if (other && !case_is_of_method(c)) {
        r->verdict = VERDICT_SKIP;
        snprintf(r->report.reason, sizeof r->report.reason,
                 "left to %s, which frames as this method does: --every-case plays it here too",
                 other);
        run->left_out++;
    }
}

bool role_has(enum role role, const struct test_case *c)
{
    return c->role == role || (role == ROLE_SS_LOCAL && c->front);
}

/* Whether the options ask for a case at all. */
static bool is_selected(const struct run_options *o, const struct test_case *c)
{
    return role_has(o->role, c) && (!o->only.n || globs_match(&o->only, c->id)) &&
           !globs_match(&o->not, c->id) &&
           (o->level < 0 || (int)requirement_by_id(c->requirement)->level <= o->level);
}

static void add_results(struct run *run, const struct test_case *c)
{
    unsigned asked = run->options->segments;
    int messages = 0;
    bool is_cut = asked & ~(1u << SEGMENT_WHOLE);
    size_t octets = is_cut ? play_stimulus(&run->set, c, &messages) : 0;
    for (unsigned k = 0; k < N_SEGMENTS; k++) {
        if (!(asked & (1u << k)))
            continue;
        if (k != SEGMENT_WHOLE && (c->segment != SEGMENT_WHOLE || octets < 2))
            continue;
        if ((k == SEGMENT_COALESCED && messages < 2) || (k == SEGMENT_SPLIT && transfers(c)))
            continue;
        add_result(run, c, c->segment != SEGMENT_WHOLE ? c->segment : k);
    }
}

/* A row of results for each case and segmentation that is asked for and makes sense. */
void run_select(struct run *run)
{
    const struct run_options *o = run->options;
    size_t n = 0;
    for (size_t t = 0; case_tables[t]; t++)
        for (const struct test_case *c = case_tables[t]; c->id; c++)
            n++;
    run->results = xcalloc(n * N_SEGMENTS + 1, sizeof *run->results);
    if (o->replay) {
        add_result(run, &o->replay->test, o->replay->segment);
        return;
    }
    for (size_t t = 0; case_tables[t]; t++)
        for (const struct test_case *c = case_tables[t]; c->id; c++)
            if (is_selected(o, c))
                add_results(run, c);
}
