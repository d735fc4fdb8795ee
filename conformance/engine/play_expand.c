/* From the row of a case to the steps of a play. */
#include "playing.h"

#include <string.h>

static const struct step plain_handshake[] = {
    SEND("VER:05 NMETHODS:01 METHODS:00"),
    EXPECT("VER:05 METHOD:00"),
};
static const struct step auth_handshake[] = {
    SEND("VER:05 NMETHODS:01 METHODS:02"),
    EXPECT("VER:05 METHOD:02"),
    SEND("VER:01 UNAME:{user} PASSWD:{pass}"),
    EXPECT("VER:01 STATUS:00"),
};

static const struct step server_start[] = {
    AT(SERVER, EXPECT, "DST:{addr}"),
    AT(SERVER, SEND, "SALT:{salt}"),
};

/* What is asked of the target is asked of the server behind an ss-local, which stands for it. */
static size_t behind_front(struct step *to, const struct step *s, bool *started)
{
    size_t n = 0;
    bool at_target = s->op != OP_UNTOUCHED && (s->actor == TARGET || s->to == TARGET);
    if (at_target && !*started) {
        memcpy(to, server_start, sizeof server_start);
        n = 2;
        *started = true;
    }
    to[n] = *s;
    if (at_target) {
        to[n].actor = s->actor == TARGET ? SERVER : s->actor;
        to[n].to = s->to == TARGET ? SERVER : s->to;
    }
    return n + 1;
}

static const struct step plain_answers[] = {
    AT(PROXY, EXPECT, "VER:05 METHODS:{methods 00}"),
    AT(PROXY, SEND, "VER:05 METHOD:00"),
};
static const struct step auth_answers[] = {
    AT(PROXY, EXPECT, "VER:05 METHODS:{methods 02}"),
    AT(PROXY, SEND, "VER:05 METHOD:02"),
    AT(PROXY, EXPECT, "VER:01 UNAME:{user} PASSWD:{pass}"),
    AT(PROXY, SEND, "VER:01 STATUS:00"),
};

static const struct step *handshake(enum role role, bool auth)
{
    if (role == ROLE_SOCKS5_CLIENT)
        return auth ? auth_answers : plain_answers;
    return auth ? auth_handshake : plain_handshake;
}

void play_expand(struct step *to, const struct stage_set *set, const struct test_case *c)
{
    size_t n = 0;
    bool client = c->role == ROLE_SOCKS5_CLIENT, auth = set->user != NULL, started = false;
    if (!client)
        to[n++] = (struct step)OPEN(CLIENT);
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS && n < MAX_STEPS - 5; s++) {
        if (s->op != OP_HANDSHAKE && set->role == ROLE_SS_LOCAL && c->front) {
            n += behind_front(to + n, s, &started);
            continue;
        }
        if (s->op != OP_HANDSHAKE) {
            if (s->actor != STDIN || !set->client || !set->client->http)
                to[n++] = *s;
            continue;
        }
        const struct step *with = handshake(c->role, auth);
        size_t count = auth ? 4 : 2;
        memcpy(to + n, with, count * sizeof *to);
        n += count;
    }
    memset(&to[n], 0, sizeof to[n]);
}

size_t play_stimulus(struct stage_set *set, const struct test_case *c, int *messages)
{
    struct step steps[MAX_STEPS];
    struct scene scene = {.user = set->user, .pass = set->pass};
    bool local = set->role == ROLE_SS_LOCAL;
    struct wire *wire =
        set->keys.cipher ? wire_new(&set->keys, local ? WIRE_SERVER : WIRE_CLIENT, false) : NULL;
    size_t total = 0;
    bool client = c->role == ROLE_SOCKS5_CLIENT, joined = true;
    *messages = 0;
    play_expand(steps, set, c);
    for (const struct step *s = steps + !client; s->op != OP_END_OF_STEPS; s++) {
        if (client && s->op == OP_SEND && strstr(s->text, "{payload"))
            break; /* its answer is cut no more: each cut starts a client */
        if (s->op == OP_SEND && (actor_leads(s->actor) || (local && s->actor == SERVER))) {
            const char *error;
            long n = wire && (!local || s->actor == SERVER)
                         ? wire_build(wire, &scene, s->text, set->scratch, &error)
                         : pattern_build(&scene, s->text, set->scratch, &error);
            total += n < 0 ? 0 : (size_t)n;
            *messages += joined && actor_leads(s->actor);
        } else if (!step_joins(s)) {
            joined = false;
        }
    }
    wire_free(wire);
    return total;
}
