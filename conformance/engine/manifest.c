#include "manifest.h"
#include "baseline.h"
#include "json_file.h"
#include "memory.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SOCKSPEC_DATADIR
#define SOCKSPEC_DATADIR "/usr/local/share/sockspec"
#endif

__attribute__((format(printf, 2, 3))) static bool wrong(char *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error, JSON_ERROR_SIZE, format, args);
    va_end(args);
    return false;
}

static bool find(const char *name, char *path, size_t size)
{
    const char *folders[] = {getenv("SOCKSPEC_PEERS"), "conformance/peers",
                             SOCKSPEC_DATADIR "/conformance/peers"};
    if (strchr(name, '/')) {
        snprintf(path, size, "%s", name);
        return access(path, R_OK) == 0;
    }
    for (size_t i = 0; i < 3; i++) {
        if (!folders[i])
            continue;
        snprintf(path, size, "%s/%s.json", folders[i], name);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

/* Whether object has exactly keys of the list (separated by spaces); a key with '?' may lack. */
static bool keys(json_t *object, const char *path, const char *where, const char *list, char *error)
{
    const char *key;
    json_t *value;
    char word[64];
    if (!json_is_object(object))
        return wrong(error, "%s: %s: expected an object", path, where);
    json_object_foreach(object, key, value)
    {
        const char *at = strstr(list, key);
        size_t n = strlen(key);
        while (at && ((at != list && at[-1] != ' ') || (at[n] != ' ' && at[n] != '?' && at[n])))
            at = strstr(at + 1, key);
        if (!at || n == 0)
            return wrong(error, "%s: %s: unknown key \"%s\", expected of %s", path, where, key,
                         list);
    }
    for (const char *at = list; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, at);
        at += n;
        if (word[n - 1] != '?' && !json_object_get(object, word))
            return wrong(error, "%s: %s: key \"%s\" is missing", path, where, word);
    }
    return true;
}

static void free_strings(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

static char **strings(json_t *array, const char *path, const char *where, char *error)
{
    size_t n = json_array_size(array);
    char **list = json_is_array(array) ? xcalloc(n + 1, sizeof *list) : NULL;
    if (!list)
        wrong(error, "%s: %s: expected an array of strings", path, where);
    for (size_t i = 0; list && i < n; i++) {
        json_t *s = json_array_get(array, i);
        if (!json_is_string(s)) {
            wrong(error, "%s: %s[%zu]: expected a string", path, where, i);
            free_strings(list);
            return NULL;
        }
        list[i] = xstrdup(json_string_value(s));
    }
    return list;
}

/* One text of the lines of an array; malloc. */
static char *joined(json_t *lines, const char *path, const char *where, char *error)
{
    char **line = strings(lines, path, where, error), *text = NULL;
    size_t size;
    FILE *out = line ? xopen_memstream(&text, &size) : NULL;
    for (size_t i = 0; out && line[i]; i++)
        fprintf(out, "%s\n", line[i]);
    if (out)
        fclose(out);
    free_strings(line);
    return text;
}

/* name, text, name, text, ... of an object whose values are arrays of lines. */
static char **file_texts(json_t *object, const char *path, char *error)
{
    size_t n = 0;
    char **list = xcalloc(2 * json_object_size(object) + 1, sizeof *list);
    const char *name;
    json_t *lines;
    bool good = json_is_object(object);
    if (!good)
        wrong(error, "%s: files: expected an object", path);
    json_object_foreach(object, name, lines)
    {
        if (good && (strchr(name, '/') || name[0] == '.' || !name[0]))
            good = wrong(error, "%s: files: \"%s\" is not the name of a file", path, name);
        if (!good)
            break;
        list[n++] = xstrdup(name);
        list[n++] = joined(lines, path, name, error);
        good = list[n - 1] != NULL;
    }
    if (!good) {
        free_strings(list);
        return NULL;
    }
    return list;
}

/* "NAME=VALUE" of an object of strings. */
static char **settings(json_t *object, const char *path, char *error)
{
    size_t n = 0, size;
    char **list = xcalloc(json_object_size(object) + 1, sizeof *list);
    const char *name;
    json_t *value;
    bool good = json_is_object(object);
    if (!good)
        wrong(error, "%s: environment: expected an object", path);
    json_object_foreach(object, name, value)
    {
        if (good && !json_is_string(value))
            good = wrong(error, "%s: environment: \"%s\": expected a string", path, name);
        FILE *out = good ? xopen_memstream(&list[n++], &size) : NULL;
        if (out) {
            fprintf(out, "%s=%s", name, json_string_value(value));
            fclose(out);
        }
    }
    if (!good) {
        free_strings(list);
        return NULL;
    }
    return list;
}

/* What a client does behind the proxy; of the role socks5-client alone. */
static bool take_payload(json_t *value, const char *path, struct run_options *o, char *error)
{
    const char *payload = json_string_value(value);
    bool client = o->role == ROLE_SOCKS5_CLIENT;
    if (client != (value != NULL) ||
        (client && (!payload || (strcmp(payload, "http") != 0 && strcmp(payload, "pipe") != 0))))
        return wrong(error, "%s: %s: %s", path, role_names[o->role],
                     client ? "payload: expected \"http\" or \"pipe\""
                            : "payload: not of this role");
    o->http = client && strcmp(payload, "http") == 0;
    return true;
}

/* The folder of the manifest, from the root. */
static bool take_folder(const char *path, struct run_options *o, char *error)
{
    char *real = realpath(path, NULL), *slash = real ? strrchr(real, '/') : NULL;
    if (!slash)
        return wrong(error, "%s: its folder cannot be found", path);
    *slash = 0;
    free(o->peers_dir);
    o->peers_dir = real;
    return true;
}

/* The first of its methods, unless --method names another of them; any password. */
static bool take_method(json_t *methods, const char *path, struct run_options *o, char *error)
{
    bool speaks = o->role == ROLE_SS_SERVER || o->role == ROLE_SS_LOCAL;
    bool there = !o->method;
    json_t *first = json_array_get(methods, 0), *method;
    size_t i;
    if (speaks != json_is_string(first))
        return wrong(error, "%s: %s: %s", path, role_names[o->role],
                     speaks ? "expected \"methods\", an array of their names"
                            : "has no \"methods\"");
    json_array_foreach(methods, i, method)
    {
        const char *name = json_string_value(method);
        if (!name)
            return wrong(error, "%s: methods[%zu]: expected a string", path, i);
        there = there || strcmp(name, o->method) == 0;
    }
    if (!there)
        return wrong(error, "%s: --method %s: the peer does not have it", path, o->method);
    if (speaks && !o->method)
        o->method = o->method_owned = xstrdup(json_string_value(first));
    if (speaks && !o->password)
        o->password = "sockspec";
    return true;
}

static bool take_role(json_t *role, const char *path, struct run_options *o, char *error)
{
    if (!keys(role, path, role_names[o->role],
              "start start_auth? start_ota? methods? ready_seconds? payload? files without "
              "environment",
              error))
        return false;
    const char *key = o->user ? "start_auth" : o->ota ? "start_ota" : "start";
    json_t *start = json_object_get(role, key);
    if (!start)
        return wrong(error, "%s: no \"%s\": this peer is not started with --%s", path, key,
                     o->user ? "auth" : "ota");
    if (!take_method(json_object_get(role, "methods"), path, o, error))
        return false;
    o->argv = strings(start, path, "start", error);
    o->files = file_texts(json_object_get(role, "files"), path, error);
    o->environment = settings(json_object_get(role, "environment"), path, error);
    char **without = strings(json_object_get(role, "without"), path, "without", error);
    bool good = o->argv && o->files && o->environment && without &&
                take_payload(json_object_get(role, "payload"), path, o, error);
    if (good && !o->argv[0])
        good = wrong(error, "%s: %s: expected a program and its arguments", path, key);
    for (size_t i = 0; good && without[i]; i++) {
        unsigned bit = feature_bit(without[i], strlen(without[i]));
        if (!bit)
            good = wrong(error, "%s: without: unknown feature \"%s\", expected of %s", path,
                         without[i], feature_list);
        o->without |= bit;
    }
    free_strings(without);
    return good;
}

void run_options_free(struct run_options *o)
{
    free_strings(o->argv);
    free_strings(o->files);
    free_strings(o->environment);
    free(o->peer_name);
    free(o->peers_dir);
    free(o->method_owned);
    free(o->only.glob);
    free(o->not .glob);
    free(o->baseline_file);
    baseline_free(o->baseline);
}

/* The baseline stands in the folder of the manifest, unless --baseline named one. */
static bool take_baseline(json_t *value, const char *path, struct run_options *o, char *error)
{
    const char *file = json_string_value(value), *slash = strrchr(path, '/');
    if (!json_is_null(value) && (!file || !file[0] || strchr(file, '/')))
        return wrong(error, "%s: baseline: expected the name of a file beside it, or null", path);
    size_t size;
    FILE *out = file && !o->baseline_file ? xopen_memstream(&o->baseline_file, &size) : NULL;
    if (out) {
        fprintf(out, "%.*s%s", slash ? (int)(slash - path + 1) : 0, path, file);
        fclose(out);
    }
    return true;
}

bool manifest_load(const char *name, enum role role, struct run_options *o, char *error)
{
    char path[512];
    enum role first = ROLE_SOCKS5_SERVER;
    if (!find(name, path, sizeof path))
        return wrong(error,
                     "--peer %.200s: no such peer, expected a name in conformance/peers or a path",
                     name);
    json_t *root = json_file_read(path, error);
    if (!root)
        return false;
    bool good =
        keys(root, path, "the peer", "name about licence install version roles baseline", error);
    const char *called = json_string_value(json_object_get(root, "name"));
    if (good && !called)
        good = wrong(error, "%s: name: expected a string", path);
    for (o->role = role; good && role == N_ROLES && o->role > 0;)
        if (json_object_get(json_object_get(root, "roles"), role_names[--o->role]))
            first = o->role;
    role = o->role = role == N_ROLES ? first : role;
    json_t *entry = good ? json_object_get(json_object_get(root, "roles"), role_names[role]) : NULL;
    if (good && !entry)
        good = wrong(error, "%s: this peer has no role %s", path, role_names[role]);
    if (good)
        good = take_role(entry, path, o, error) && take_folder(path, o, error);
    if (good)
        good = take_baseline(json_object_get(root, "baseline"), path, o, error);
    if (good) {
        o->peer_name = xstrdup(called);
        o->peer_arg = name;
    }
    json_decref(root);
    return good;
}
