/* The stage machine under any events, in any order: pure, final in DESTROYED, a refused event
 * changes nothing, and in STREAM each octet that is taken is forwarded, once. */
#include "laws.h"
#include "script.h"

#include <sockspec/stage.h>

enum { LARGEST = 1024, HOLD_MAX = LARGEST };

/* What a driver holds of a side. */
struct held {
    uint8_t octets[HOLD_MAX];
    size_t n;
};

static struct sks_policy next_policy(struct script *s)
{
    static const uint8_t word[] = {'u', 's', 'e', 'r'}, host[] = {192, 0, 2, 1};
    uint8_t how = next(s);
    struct sks_policy policy = {
        .commands = (uint8_t)(how & 0x0e),
        .ota = (enum sks_ss_mode)(how >> 4 & 3),
        .target = {host, 80, SKS_ATYP_IPV4, how & 0x40 ? 3 : 4},
    };
    if (how & 1) {
        policy.uname = policy.passwd = word;
        policy.ulen = policy.plen = sizeof word;
    }
    return policy;
}

static int ends(const struct sks_action *a)
{
    return a->kind == SKS_ACTION_CLOSE || a->kind == SKS_ACTION_DRAIN;
}

static void expect_actions(const struct sks_stage *m, const struct sks_step *step)
{
    LAW(step->count <= SKS_STEP_ACTIONS, "four actions at most");
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        LAW(a->kind <= SKS_ACTION_CLOSE, "an action of a stage");
        LAW(!ends(a) || i + 1u == step->count, "nothing is done after the end");
        uint32_t sum = 0;
        for (size_t j = 0; j < a->len; j++)
            sum += a->data[j]; /* every octet can be read */
        LAW(sum <= 255u * (uint32_t)a->len, "spans hold");
    }
    int last = step->count != 0 && ends(&step->actions[step->count - 1]);
    LAW((m->stage == SKS_STAGE_DESTROYED) == last, "DESTROYED is entered by close or drain");
}

/* Payload is forwarded where it stands, without a gap; what is taken and not forwarded is the head
 * of a chunk. */
static void expect_forwarded(const struct sks_policy *policy, const struct sks_stage *before,
                             const struct sks_event *event, const struct sks_step *step)
{
    enum sks_action_kind kind =
        event->kind == SKS_EVENT_REMOTE ? SKS_ACTION_FORWARD_LOCAL : SKS_ACTION_FORWARD_REMOTE;
    size_t forwarded = 0;
    if (before->stage != SKS_STAGE_STREAM || step->why != SKS_OK || step->used == 0)
        return;
    for (size_t i = 0; i < step->count; i++) {
        const struct sks_action *a = &step->actions[i];
        if (a->kind == kind && a->len != 0) {
            LAW(a->data + a->len == event->data + step->used, "payload ends where it was taken");
            forwarded += a->len;
        }
    }
    size_t head = policy->ota != SKS_SS_PLAIN && before->role == SKS_ROLE_SSSERVER &&
                          event->kind == SKS_EVENT_VERIFIED
                      ? SKS_OTA_CHUNK_HEAD
                      : 0;
    LAW(forwarded + head == step->used, "what is taken is forwarded");
}

static enum sks_status step_once(struct sks_stage *m, const struct sks_policy *policy,
                                 const struct sks_event *event, struct sks_step *step)
{
    static struct sks_step again;
    const struct sks_stage before = *m;
    struct sks_stage twin = *m;
    enum sks_status s = sks_stage_step(m, policy, event, step);
    LAW(sks_stage_step(&twin, policy, event, &again) == s && memcmp(&twin, m, sizeof twin) == 0 &&
            again.count == step->count && again.used == step->used && again.why == step->why,
        "the answer depends on the arguments alone");
    if (s != SKS_OK) {
        LAW(memcmp(&before, m, sizeof before) == 0 && step->count == 0 && step->used == 0,
            "a refused event changes nothing");
        LAW(event->kind == SKS_EVENT_VERIFIED ||
                (s == SKS_ERR_EVENT) == !sks_stage_takes(&before, event->kind),
            "takes says what is taken");
        return s;
    }
    LAW(before.stage != SKS_STAGE_DESTROYED, "DESTROYED is final");
    LAW(sks_stage_takes(&before, event->kind), "takes says what is taken");
    LAW(step->used <= event->len, "what was taken was there");
    expect_actions(m, step);
    expect_forwarded(policy, &before, event, step);
    return s;
}

static void play(struct script *s, struct sks_stage *m, const struct sks_policy *policy)
{
    static struct held held[2];
    static const uint8_t host[] = {10, 0, 0, 1};
    static struct sks_step step;
    held[0].n = held[1].n = 0;
    while (s->left != 0) {
        struct sks_event event = {.kind = (enum sks_event_kind)(next(s) % (SKS_EVENT_TIMEOUT + 1)),
                                  .addr = {host, 1, SKS_ATYP_IPV4, 4}};
        struct held *h = NULL;
        size_t n;
        if (event.kind == SKS_EVENT_LOCAL || event.kind == SKS_EVENT_VERIFIED)
            h = &held[0];
        else if (event.kind == SKS_EVENT_REMOTE)
            h = &held[1];
        if (h != NULL && event.kind != SKS_EVENT_VERIFIED) {
            const uint8_t *more = next_octets(s, HOLD_MAX - h->n, &n);
            if (n != 0)
                memcpy(h->octets + h->n, more, n);
            h->n += n;
        }
        if (h != NULL) {
            event.data = exact(h->octets, h->n);
            event.len = h->n;
        } else if (event.kind == SKS_EVENT_FAILURE || event.kind == SKS_EVENT_CONNECTED) {
            event.rep = next(s);
            event.addr.host_len = event.rep & 7; /* often one that cannot be encoded */
        }
        if (step_once(m, policy, &event, &step) == SKS_OK && h != NULL) {
            h->n -= step.used;
            memmove(h->octets, h->octets + step.used, h->n);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum sks_role roles[] = {SKS_ROLE_SSLOCAL, SKS_ROLE_SSSERVER, SKS_ROLE_TUNNEL,
                                          SKS_ROLE_SOCKS5};
    struct script s = {data, size};
    struct sks_stage m;
    if (size > LARGEST)
        return 0;
    sks_stage_init(&m, roles[next(&s) % 4]);
    const struct sks_policy policy = next_policy(&s);
    play(&s, &m, &policy);
    return 0;
}
