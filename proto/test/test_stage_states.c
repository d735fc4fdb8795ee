/* Every state that can be reached, breadth first, against a list of them written by hand: what it
 * takes, and that it refuses the rest without a change. */
#include "stage_script.h"

/* All states that can be reached and the events that have an edge there, in the order of their
 * list; DESTROYED takes none. */
static const struct {
    uint8_t roles;
    int8_t stage;
    uint8_t marks;
    const char *takes;
} states[] = {
#define L SKS_ROLE_SSLOCAL
#define S SKS_ROLE_SSSERVER
#define T SKS_ROLE_TUNNEL
#define P SKS_ROLE_SOCKS5
#define ALL (L | S | T | P)
#define ALWAYS " failure lost timeout"
    {T, SKS_STAGE_INIT, 0, " open local-end" ALWAYS},
    {L | P, SKS_STAGE_INIT, 0, " local local-end" ALWAYS},
    {L | P, SKS_STAGE_INIT, MARK_AUTH, " local local-end" ALWAYS},
    {S, SKS_STAGE_INIT, 0, " local local-end" ALWAYS},
    {S, SKS_STAGE_INIT, MARK_VERIFY, " local-end verified" ALWAYS},
    {L | P, SKS_STAGE_ADDR, 0, " local local-end" ALWAYS},
    {L | P, SKS_STAGE_UDP_ASSOC, 0, " local local-end bound" ALWAYS},
    {L | P, SKS_STAGE_UDP_ASSOC, MARK_BOUND, " local local-end" ALWAYS},
    {ALL, SKS_STAGE_DNS, 0, " resolved" ALWAYS},
    {S, SKS_STAGE_DNS, MARK_OTA, " resolved" ALWAYS},
    {P, SKS_STAGE_DNS, MARK_BIND, " resolved" ALWAYS},
    {ALL, SKS_STAGE_CONNECTING, 0, " connected" ALWAYS},
    {S, SKS_STAGE_CONNECTING, MARK_OTA, " connected" ALWAYS},
    {P, SKS_STAGE_CONNECTING, MARK_BIND, " bound" ALWAYS},
    {P, SKS_STAGE_CONNECTING, MARK_BIND | MARK_BOUND, " connected" ALWAYS},
    {ALL, SKS_STAGE_STREAM, 0, " local remote local-end remote-end" ALWAYS},
    {ALL, SKS_STAGE_STREAM, MARK_LOCAL_ENDED, " remote remote-end" ALWAYS},
    {ALL, SKS_STAGE_STREAM, MARK_REMOTE_ENDED, " local local-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA, " local remote local-end remote-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_VERIFY, " remote remote-end verified" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_LOCAL_ENDED, " remote remote-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_REMOTE_ENDED, " local local-end" ALWAYS},
    {S, SKS_STAGE_STREAM, MARK_OTA | MARK_VERIFY | MARK_REMOTE_ENDED, " verified" ALWAYS},
};
enum { STATES = sizeof states / sizeof states[0] };

static size_t state_of(const struct sks_stage *m)
{
    for (size_t i = 0; i < STATES; i++)
        if ((states[i].roles & m->role) && states[i].stage == m->stage &&
            states[i].marks == m->marks)
            return i;
    fail_msg("%s %s with marks %02x is in no list", sks_role_name(m->role),
             sks_stage_name(m->stage), m->marks);
    return STATES;
}

static int is_listed(const char *takes, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = takes; (at = strstr(at, name)) != NULL; at += n)
        if (at[-1] == ' ' && (at[n] == ' ' || at[n] == '\0'))
            return 1;
    return 0;
}

/* Octets of every form, right and wrong in every way, and none. */
static const char *const stimuli[] = {
    "",
    "05",
    "050100",
    "050102",
    "0500",
    "04",
    "01",
    "0101",
    "010375007201"
    "70",
    "0103750072"
    "0171",
    "050100017f0000010050",
    "050200017f0000010050",
    "050300017f0000010050",
    "05f000017f0000010050",
    "05010002",
    "0501000300",
    "050100",
    "017f0000010050",
    "117f0000010050"
    "00112233445566778899",
    "030161ffff",
    "02",
    "0300",
    "0001"
    "00112233445566778899"
    "61",
    "0000"
    "00112233445566778899",
};
enum { STIMULI = sizeof stimuli / sizeof stimuli[0] };

static const uint8_t no_host[] = {0, 0, 0, 0};

struct search {
    struct sks_stage found[256];
    size_t count;
};

static void add(struct search *search, const struct sks_stage *m)
{
    for (size_t i = 0; i < search->count; i++)
        if (memcmp(&search->found[i], m, sizeof *m) == 0)
            return;
    assert_true(search->count < 256);
    search->found[search->count++] = *m;
}

static void try_event(struct search *search, const struct sks_stage *m,
                      const struct sks_policy *policy, struct sks_event event)
{
    struct sks_stage next = *m;
    if (promise(&next, policy, &event) == SKS_OK)
        add(search, &next);
}

/* Breadth first over all machines that any event reaches under this policy. */
static void explore(struct search *search, enum sks_role role, const struct sks_policy *policy)
{
    uint8_t octets[64];
    struct sks_stage first;
    sks_stage_init(&first, role);
    add(search, &first);
    for (size_t at = 0; at < search->count; at++) {
        const struct sks_stage m = search->found[at];
        for (int kind = 0; kind <= SKS_EVENT_TIMEOUT; kind++) {
            for (size_t i = 0; i < STIMULI; i++) {
                size_t n = from_hex(octets, stimuli[i]);
                uint8_t *block = exact(octets, n);
                try_event(search, &m, policy,
                          (struct sks_event){.kind = (enum sks_event_kind)kind,
                                             .data = block,
                                             .len = n,
                                             .addr = {no_host, 1, SKS_ATYP_IPV4, 4},
                                             .rep = (uint8_t)i});
                free(block);
            }
        }
    }
}

static void every_state_takes_what_is_listed_and_refuses_the_rest(void **state)
{
    static const enum sks_role roles[] = {L, S, T, P};
    const struct sks_policy *policies[] = {&plain,       &with_auth,    &connect_only,
                                           &ota_allowed, &ota_required, &tunnel};
    unsigned char seen[STATES][16] = {{0}};
    (void)state;
    for (size_t r = 0; r < 4; r++) {
        for (size_t p = 0; p < 6; p++) {
            struct search search = {.count = 0};
            if (roles[r] == T && policies[p] != &tunnel)
                continue;
            explore(&search, roles[r], policies[p]);
            for (size_t i = 0; i < search.count; i++) {
                const struct sks_stage *m = &search.found[i];
                const char *takes = "";
                if (m->stage != SKS_STAGE_DESTROYED) {
                    size_t at = state_of(m);
                    seen[at][m->role] = 1;
                    takes = states[at].takes;
                }
                for (int kind = 0; kind <= SKS_EVENT_TIMEOUT; kind++)
                    if (sks_stage_takes(m, (enum sks_event_kind)kind) !=
                        is_listed(takes, sks_event_name(kind)))
                        fail_msg("%s %s %02x: %s", sks_role_name(m->role), sks_stage_name(m->stage),
                                 m->marks, sks_event_name(kind));
            }
        }
    }
    for (size_t i = 0; i < STATES; i++)
        for (size_t r = 0; r < 4; r++)
            if ((states[i].roles & roles[r]) && !seen[i][roles[r]])
                fail_msg("%s never gets into state %zu", sks_role_name((int)roles[r]), i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_takes_what_is_listed_and_refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
