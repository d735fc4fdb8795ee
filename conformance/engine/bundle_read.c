#include "bundle_words.h"

#include "json_file.h"
#include "manifest.h"
#include "memory.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 40 };

struct reader {
    const char *file;
    char *error;
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct reader *in, const char *format,
                                                        ...)
{
    va_list args;
    va_start(args, format);
    int n = snprintf(in->error, JSON_ERROR_SIZE, "%.160s: ", in->file);
    vsnprintf(in->error + n, JSON_ERROR_SIZE - (size_t)n, format, args);
    va_end(args);
    for (char *s = in->error; *s; s++)
        if ((unsigned char)*s < ' ')
            *s = '?';
    return false;
}

static const char *text_of(const struct reader *in, json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text)
        wrong(in, "key \"%s\": expected a text", key);
    return text;
}

static bool number_of(const struct reader *in, json_t *object, const char *key, json_int_t most,
                      json_int_t *out)
{
    json_t *value = json_object_get(object, key);
    *out = json_integer_value(value);
    if (!json_is_integer(value) || *out < 0 || *out > most)
        return wrong(in, "key \"%s\": expected a number from 0 to %lld", key, (long long)most);
    return true;
}

/* The place of name in names[n]; n with a complaint when it is none of them. */
static size_t one_of(const struct reader *in, const char *key, const char *name,
                     const char *const *names, size_t n)
{
    size_t i = 0;
    while (i < n && (!names[i] || !name || strcmp(names[i], name) != 0))
        i++;
    if (i == n && name)
        wrong(in, "key \"%s\": \"%.40s\" is none that this sockspec knows", key, name);
    return i;
}

static bool keys_are_known(const struct reader *in, json_t *object, const char *where,
                           const char *known)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return wrong(in, "%s: expected an object", where);
    json_object_foreach(object, key, value)
    {
        size_t n = strlen(key);
        const char *at = known;
        while (*at && (strcspn(at, " ") != n || strncmp(at, key, n) != 0)) {
            at += strcspn(at, " ");
            at += strspn(at, " ");
        }
        if (!*at)
            return wrong(in, "%s: unknown key \"%.40s\"", where, key);
    }
    return true;
}

static bool take_step(const struct reader *in, struct step *s, json_t *value, size_t number)
{
    char where[40];
    snprintf(where, sizeof where, "step %zu", number);
    if (!keys_are_known(in, value, where, "op actor text n to"))
        return false;
    const char *op = text_of(in, value, "op"), *actor = op ? text_of(in, value, "actor") : NULL;
    const char *to = json_string_value(json_object_get(value, "to"));
    size_t o = actor ? one_of(in, "op", op, bundle_ops, N_OPS) : N_OPS;
    size_t a = o < N_OPS ? one_of(in, "actor", actor, actor_names, N_ACTORS) : N_ACTORS;
    size_t t = a < N_ACTORS && to ? one_of(in, "to", to, actor_names, N_ACTORS) : a;
    json_int_t n = 0;
    if (t == N_ACTORS || (json_object_get(value, "n") && !number_of(in, value, "n", 100000000, &n)))
        return false;
    *s = (struct step){.op = (enum op)o,
                       .actor = (enum actor)a,
                       .text = json_string_value(json_object_get(value, "text")),
                       .n = (size_t)n,
                       .to = (enum actor)t};
    bool octets = s->op == OP_SEND || s->op == OP_EXPECT;
    if (octets != (s->text != NULL))
        return wrong(in, "%s: key \"text\" is of send and expect, and needed there", where);
    const char *bad = octets ? pattern_check(s->text, s->op == OP_SEND) : NULL;
    return !bad || wrong(in, "%s: \"%.80s\": %s", where, s->text, bad);
}

static bool take_steps(const struct reader *in, struct bundle *b, json_t *list)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n == 0 || n > MOST_STEPS)
        return wrong(in, "key \"steps\": expected 1 to %d steps", MOST_STEPS);
    b->steps = xcalloc(n + 1, sizeof *b->steps);
    for (size_t i = 0; i < n; i++)
        if (!take_step(in, &b->steps[i], json_array_get(list, i), i + 1))
            return false;
    b->replay.test.steps = b->steps;
    return true;
}

static bool take_message(const struct reader *in, struct tape *t, const char *hex)
{
    size_t n = hex ? strlen(hex) : 1;
    uint8_t *grown = xrealloc(t->octets, t->len + n / 2 + 1);
    t->octets = grown;
    bool good = n % 2 == 0 && n / 2 <= PATTERN_MAX && t->n < sizeof t->sizes / sizeof *t->sizes &&
                strspn(hex, "0123456789abcdef") == n;
    for (size_t i = 0; good && i < n; i += 2) {
        const char digits[3] = {hex[i], hex[i + 1], 0};
        t->octets[t->len++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    if (!good)
        return wrong(in, "key \"sent\": expected messages in lower-case hex, of %d octets at most",
                     PATTERN_MAX);
    t->sizes[t->n++] = n / 2;
    return true;
}

static bool take_sent(const struct reader *in, struct bundle *b, json_t *root)
{
    json_t *list = json_object_get(root, "sent"), *ports = json_object_get(root, "ports");
    if (!json_is_array(list))
        return wrong(in, "key \"sent\": expected an array");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!take_message(in, &b->replay.tape, json_string_value(json_array_get(list, i))))
            return false;
    for (enum port i = 0; i < N_PORTS; i++) {
        json_int_t port;
        if (!number_of(in, ports, bundle_ports[i], 65535, &port))
            return false;
        b->replay.ports[i] = (uint16_t)port;
    }
    return keys_are_known(in, ports, "ports", "target refused udp dialer");
}

static bool take_auth(const struct reader *in, struct bundle *b, const char *auth)
{
    b->auth = xstrdup(auth);
    char *colon = strchr(b->auth, ':');
    if (!colon || colon == b->auth || !colon[1] || colon - b->auth > 255 || strlen(colon + 1) > 255)
        return wrong(in, "key \"auth\": expected USER:PASS of 1 to 255 octets each");
    *colon = 0;
    b->options.user = b->auth;
    b->options.pass = colon + 1;
    return true;
}

static bool take_peer(const struct reader *in, struct bundle *b, json_t *peer)
{
    static const char *const hows[] = {"target", "exec", "peer"};
    struct run_options *o = &b->options;
    json_t *without;
    size_t i;
    if (!keys_are_known(
            in, peer, "peer",
            "http target exec peer isolated origin without ota listen auth method password"))
        return false;
    for (i = 0; i < 3; i++)
        if (json_object_get(peer, hows[i])) {
            if (b->how)
                return wrong(in, "peer: expected one of target, exec and peer");
            b->how = hows[i];
            b->what = json_string_value(json_object_get(peer, hows[i]));
        }
    if (!b->what)
        return wrong(in, "peer: expected one of target, exec and peer, a text");
    const char *origin = text_of(in, peer, "origin");
    if (!origin || inet_pton(AF_INET, origin, &o->origin) != 1)
        return wrong(in, "key \"origin\": expected an IPv4 address");
    o->isolated = json_is_true(json_object_get(peer, "isolated"));
    o->ota = json_is_true(json_object_get(peer, "ota"));
    o->http = json_is_true(json_object_get(peer, "http"));
    o->listen = json_string_value(json_object_get(peer, "listen"));
    o->method = json_string_value(json_object_get(peer, "method"));
    o->password = json_string_value(json_object_get(peer, "password"));
    json_array_foreach(json_object_get(peer, "without"), i, without)
    {
        const char *name = json_string_value(without);
        unsigned bit = name ? feature_bit(name, strlen(name)) : 0;
        if (!bit)
            return wrong(in, "key \"without\": expected features of %s", feature_list);
        o->without |= bit;
    }
    bool speaks = o->role == ROLE_SS_SERVER || o->role == ROLE_SS_LOCAL;
    if (speaks ? !o->method || !o->password : o->method || o->password)
        return wrong(in,
                     "peer: method and password are of ss-server and ss-local, and needed there");
    const char *auth = json_string_value(json_object_get(peer, "auth"));
    return !auth || take_auth(in, b, auth);
}

static bool take(const struct reader *in, struct bundle *b, json_t *root)
{
    struct replay *r = &b->replay;
    json_int_t schema, number;
    if (!keys_are_known(in, root, "the file",
                        "schema sockspec kind role case peer seed segment cut verdict reason steps "
                        "sent ports"))
        return false;
    const char *kind = text_of(in, root, "kind");
    if (!kind || strcmp(kind, "bundle") != 0)
        return wrong(in, "key \"kind\": expected \"bundle\"");
    if (!number_of(in, root, "schema", 1000, &schema))
        return false;
    if (schema != BUNDLE_SCHEMA)
        return wrong(in, "key \"schema\": %lld, expected %d", (long long)schema, BUNDLE_SCHEMA);
    const char *role = text_of(in, root, "role");
    size_t found = one_of(in, "role", role, role_names, N_ROLES);
    if (!role || found == N_ROLES)
        return false;
    b->options.role = (enum role)found;
    const char *id = text_of(in, root, "case");
    const struct test_case *base = id ? case_by_id(id) : NULL;
    if (!base)
        return id ? wrong(in, "key \"case\": no case \"%.60s\" (sockspec list shows them)", id)
                  : false;
    r->test = *base;
    const char *segment = text_of(in, root, "segment");
    found = one_of(in, "segment", segment, segment_names, N_SEGMENTS);
    if (!segment || found == N_SEGMENTS || !number_of(in, root, "cut", PATTERN_MAX, &number))
        return false;
    r->segment = (enum segment_kind)found;
    r->cut = (size_t)number;
    if (!number_of(in, root, "seed", INT64_MAX, &number))
        return false;
    b->options.seed = (uint64_t)number;
    const char *verdict = text_of(in, root, "verdict");
    found = one_of(in, "verdict", verdict, verdict_names, N_VERDICTS);
    b->verdict = (enum verdict)found;
    b->reason = verdict && found < N_VERDICTS ? text_of(in, root, "reason") : NULL;
    return b->reason && take_steps(in, b, json_object_get(root, "steps")) &&
           take_sent(in, b, root) && take_peer(in, b, json_object_get(root, "peer"));
}

bool bundle_set_peer(struct bundle *b, const char *how, const char *what, char *error)
{
    struct run_options *o = &b->options;
    if (strcmp(how, "target") == 0) {
        o->target = what;
        return true;
    }
    if (strcmp(how, "peer") == 0)
        return manifest_load(what, o->role, o, error);
    o->argv = xcalloc(4, sizeof *o->argv);
    const char *const words[] = {"/bin/sh", "-c", what};
    for (size_t i = 0; i < 3; i++)
        o->argv[i] = xstrdup(words[i]);
    return true;
}

struct bundle *bundle_load(const char *file, char *error)
{
    struct reader in = {file, error};
    json_t *root = json_file_read(file, error);
    if (!root)
        return NULL;
    struct bundle *b = xcalloc(1, sizeof *b);
    b->json = root;
    b->options = (struct run_options){
        .level = -1, .segments = 1u << SEGMENT_WHOLE, .jobs = 1, .replay = &b->replay};
    if (take(&in, b, root))
        return b;
    bundle_free(b);
    return NULL;
}

void bundle_free(struct bundle *b)
{
    run_options_free(&b->options);
    free(b->replay.tape.octets);
    free(b->steps);
    free(b->auth);
    json_decref(b->json);
    free(b);
}
