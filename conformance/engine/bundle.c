#include "bundle.h"

#include "manifest.h"
#include "memory.h"
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEMA_VERSION = 1, ERROR_SIZE = 400, MOST_STEPS = 40 };

static const char *const op_names[] = {
    [OP_HANDSHAKE] = "handshake",
    [OP_SEND] = "send",
    [OP_EXPECT] = "expect",
    [OP_OPEN] = "open",
    [OP_FIN] = "fin",
    [OP_RST] = "rst",
    [OP_TRANSFER] = "transfer",
    [OP_EXCHANGE] = "exchange",
    [OP_TRICKLE] = "trickle",
    [OP_MUTE] = "mute",
    [OP_UNTOUCHED] = "untouched",
    [OP_REFUSE] = "refuse",
    [OP_CONTROL] = "control",
    [OP_DRAIN] = "drain",
    [OP_SWEEP] = "sweep",
    [OP_REST] = "rest",
};
enum { N_OPS = sizeof op_names / sizeof *op_names };
static const char *const port_names[N_PORTS] = {"target", "refused", "udp", "dialer"};

/* ---- out ------------------------------------------------------------------------------------- */

bool bundle_wanted(const struct result *r)
{
    return (r->verdict == VERDICT_FAIL || r->verdict == VERDICT_QUIRK) &&
           r->test->steps->op != OP_REST && r->test->steps->op != OP_SWEEP;
}

const char *bundle_name(const char *dir, const struct result *r, char *buf, size_t size)
{
    size_t n = (size_t)snprintf(buf, size, "%s/", dir);
    snprintf(buf + n, size - n, "%s%s%s.json", r->test->id,
             r->segment != r->test->segment ? "-" : "",
             r->segment != r->test->segment ? segment_names[r->segment] : "");
    for (char *s = buf + n; *s; s++)
        if (*s == '/')
            *s = '_';
    return buf;
}

const char *bundle_of(const struct run *run, const struct result *r, char *buf, size_t size)
{
    const char *dir = run->options->bundle_dir;
    return dir && bundle_wanted(r) ? bundle_name(dir, r, buf, size) : NULL;
}

static json_t *steps_json(const struct test_case *c)
{
    json_t *list = json_array();
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++) {
        json_t *step =
            json_pack("{s:s, s:s}", "op", op_names[s->op], "actor", actor_names[s->actor]);
        if (s->text)
            json_object_set_new(step, "text", json_string(s->text));
        if (s->n)
            json_object_set_new(step, "n", json_integer((json_int_t)s->n));
        if (s->to != s->actor)
            json_object_set_new(step, "to", json_string(actor_names[s->to]));
        json_array_append_new(list, step);
    }
    return list;
}

static json_t *tape_json(const struct tape *t)
{
    json_t *list = json_array();
    size_t at = 0;
    for (size_t i = 0; i < t->n; at += t->sizes[i++]) {
        char *hex = xcalloc(2, t->sizes[i] + 1);
        for (size_t k = 0; k < t->sizes[i]; k++)
            snprintf(hex + 2 * k, 3, "%02x", t->octets[at + k]);
        json_array_append_new(list, json_string(hex));
        free(hex);
    }
    return list;
}

static json_t *without_json(unsigned without)
{
    json_t *list = json_array();
    for (const char *name = feature_list; *name; name += strspn(name, " ")) {
        size_t n = strcspn(name, " ");
        if (without & feature_bit(name, n))
            json_array_append_new(list, json_stringn(name, n));
        name += n;
    }
    return list;
}

static json_t *peer_json(const struct run_options *o)
{
    char origin[INET_ADDRSTRLEN];
    const char *how = o->peer_name ? "peer" : o->target ? "target" : "exec";
    const char *what = o->peer_name ? o->peer_arg : o->target ? o->target : o->argv[2];
    json_t *peer = json_pack("{s:s, s:b, s:s, s:o, s:b}", how, what, "isolated", (int)o->isolated,
                             "origin", inet_ntop(AF_INET, &o->origin, origin, sizeof origin),
                             "without", without_json(o->without), "ota", (int)o->ota);
    if (o->user)
        json_object_set_new(peer, "auth", json_sprintf("%s:%s", o->user, o->pass));
    if (o->listen)
        json_object_set_new(peer, "listen", json_string(o->listen));
    if (o->role == ROLE_SOCKS5_CLIENT)
        json_object_set_new(peer, "http", json_boolean(o->http));
    if (o->method)
        json_object_set_new(peer, "method", json_string(o->method));
    if (o->password)
        json_object_set_new(peer, "password", json_string(o->password));
    return peer;
}

static json_t *ports_json(const uint16_t *ports)
{
    json_t *object = json_object();
    for (enum port i = 0; i < N_PORTS; i++)
        json_object_set_new(object, port_names[i], json_integer(ports[i]));
    return object;
}

const char *bundle_write(const struct run *run, const struct result *r, const char *file)
{
    char folder[4096], temporary[4096];
    const char *slash = strrchr(file, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    if (folder[0] && mkdir(folder, 0777) != 0 && errno != EEXIST)
        return "its folder cannot be made";
    json_t *reason = json_string(r->report.reason);
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:o, s:I, s:s, s:I, s:s, s:o, s:o, s:o, s:o}", "schema",
        SCHEMA_VERSION, "sockspec", SOCKSPEC_VERSION, "kind", "bundle", "role",
        role_names[run->options->role], "case", r->test->id, "peer", peer_json(run->options),
        "seed", (json_int_t)run->options->seed, "segment", segment_names[r->segment], "cut",
        (json_int_t)r->cut, "verdict", verdict_names[r->verdict], "reason",
        reason ? reason : json_string("(not text)"), "steps", steps_json(r->test), "sent",
        tape_json(&r->report.tape), "ports", ports_json(r->report.ports));
    snprintf(temporary, sizeof temporary, "%.4000s.%d", file, (int)getpid());
    const char *why = NULL;
    if (!root || json_dump_file(root, temporary, JSON_INDENT(1)) != 0)
        why = "it cannot be written in full";
    else if (rename(temporary, file) != 0)
        why = "it cannot be given its name";
    if (why)
        unlink(temporary);
    json_decref(root);
    return why;
}

/* ---- in -------------------------------------------------------------------------------------- */

struct reader {
    const char *file;
    char *error;
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct reader *in, const char *format,
                                                        ...)
{
    va_list args;
    va_start(args, format);
    int n = snprintf(in->error, ERROR_SIZE, "%.160s: ", in->file);
    vsnprintf(in->error + n, ERROR_SIZE - (size_t)n, format, args);
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
        const char *at = strstr(known, key);
        size_t n = strlen(key);
        if (!n || !at || (at != known && at[-1] != ' ') || (at[n] && at[n] != ' '))
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
    size_t o = actor ? one_of(in, "op", op, op_names, N_OPS) : N_OPS;
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
        if (!number_of(in, ports, port_names[i], 65535, &port))
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
    if (schema != SCHEMA_VERSION)
        return wrong(in, "key \"schema\": %lld, expected %d", (long long)schema, SCHEMA_VERSION);
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
    json_error_t at;
    struct reader in = {file, error};
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &at);
    if (!root) {
        if (at.line > 0)
            wrong(&in, "line %d: %s", at.line, at.text);
        else
            wrong(&in, "it cannot be read");
        return NULL;
    }
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
