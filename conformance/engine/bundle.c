#include "bundle_words.h"

#include "memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const bundle_ops[N_OPS] = {
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
const char *const bundle_ports[N_PORTS] = {"target", "refused", "udp", "dialer"};

/* Whether a result is one to keep. */
static bool is_wanted(const struct result *r)
{
    return (r->verdict == VERDICT_FAIL || r->verdict == VERDICT_QUIRK) &&
           r->test->steps->op != OP_REST && r->test->steps->op != OP_SWEEP;
}

const char *bundle_folder_fault(const char *dir)
{
    struct stat st;
    if (!dir[0] || strlen(dir) > BUNDLE_DIR_MOST)
        return "expected the name of a folder, of at most 3500 octets";
    if (stat(dir, &st) != 0)
        return errno == ENOENT ? NULL : strerror(errno);
    return S_ISDIR(st.st_mode) ? NULL : "it is a file, expected a folder";
}

const char *bundle_of(const struct run *run, const struct result *r, char *buf)
{
    const char *dir = run->options->bundle_dir;
    if (!dir || !is_wanted(r))
        return NULL;
    snprintf(buf, BUNDLE_NAME_MOST, "%s/%s%s%s.json", dir, r->test->id,
             r->segment != r->test->segment ? "-" : "",
             r->segment != r->test->segment ? segment_names[r->segment] : "");
    for (char *s = buf + strlen(dir) + 1; *s; s++)
        if (*s == '/')
            *s = '_';
    return buf;
}

static json_t *steps_json(const struct test_case *c)
{
    json_t *list = json_array();
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++) {
        json_t *step =
            json_pack("{s:s, s:s}", "op", bundle_ops[s->op], "actor", actor_names[s->actor]);
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
        json_object_set_new(object, bundle_ports[i], json_integer(ports[i]));
    return object;
}

const char *bundle_write(const struct run *run, const struct result *r, const char *file)
{
    char folder[BUNDLE_NAME_MOST], temporary[BUNDLE_NAME_MOST + 16];
    const char *slash = strrchr(file, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    if (folder[0] && mkdir(folder, 0777) != 0 && errno != EEXIST)
        return "its folder cannot be made";
    json_t *reason = json_string(r->report.reason);
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:o, s:I, s:s, s:I, s:s, s:o, s:o, s:o, s:o}", "schema",
        BUNDLE_SCHEMA, "sockspec", SOCKSPEC_VERSION, "kind", "bundle", "role",
        role_names[run->options->role], "case", r->test->id, "peer", peer_json(run->options),
        "seed", (json_int_t)run->options->seed, "segment", segment_names[r->segment], "cut",
        (json_int_t)r->cut, "verdict", verdict_names[r->verdict], "reason",
        reason ? reason : json_string("(not text)"), "steps", steps_json(r->test), "sent",
        tape_json(&r->report.tape), "ports", ports_json(r->report.ports));
    snprintf(temporary, sizeof temporary, "%s.%d", file, (int)getpid());
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
