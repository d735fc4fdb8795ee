/* The peer of a run: started with its files and placeholders filled in, started anew, ended. */
#include "client.h"
#include "memory.h"
#include "net.h"
#include "running.h"
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    START_LIMIT_MS = 15000, /* until a peer listens */
    MAX_RESTARTS = 64,
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static bool write_file(struct run *run, const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", run->dir, name);
    FILE *f = fopen(path, "we");
    bool written = f && fputs(text, f) >= 0;
    return f && fclose(f) == 0 && written;
}

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* The templates, filled in; ended by NULL. NULL when one has an unknown name. */
static char **expand_list(struct run *run, char *const *templates, const struct placeholder *values)
{
    size_t n = 0;
    char unknown[32];
    while (templates && templates[n])
        n++;
    char **list = xcalloc(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        list[i] = placeholder_expand(templates[i], values, unknown);
        if (!list[i]) {
            run->status = EXIT_USAGE;
            snprintf(run->error, sizeof run->error,
                     "the command has {%s}, expected one of {host} {port} {port2} {dir} {peers} "
                     "{user} {pass} {method} {password} {server_host} {server_port}",
                     unknown);
            free_list(list);
            return NULL;
        }
    }
    return list;
}

static bool write_files(struct run *run, const struct placeholder *values)
{
    char unknown[32];
    for (char **f = run->options->files; f && f[0]; f += 2) {
        char *text = placeholder_expand(f[1], values, unknown);
        bool written = text && write_file(run, f[0], text);
        if (!written) {
            run->status = EXIT_USAGE;
            snprintf(run->error, sizeof run->error, "file %s of the peer: %s%s%s", f[0],
                     text ? strerror(errno) : "unknown name {", text ? "" : unknown,
                     text ? "" : "}");
        }
        free(text);
        if (!written)
            return false;
    }
    return true;
}

static void say_not_serving(struct run *run, const char *why)
{
    const char *tail = run->peer.tail, *end = tail + run->peer.tail_len;
    while (end > tail && end[-1] == '\n')
        end--;
    const char *last = end;
    while (last > tail && last[-1] != '\n')
        last--;
    run->status = EXIT_NO_PEER;
    snprintf(run->error, sizeof run->error, "the peer does not serve at %s: %s%s%.*s", run->address,
             why, end > last ? "; its last line: " : "", (int)(end - last), last);
    for (char *s = run->error; *s; s++) /* what a peer prints is not for the terminal to obey */
        if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
            *s = '?';
}

/* Where `make interop-deps` installs: $SOCKSPEC_INSTALLED, or build/peers in the suite's own
 * working directory. */
static void installed_folder(char *folder, size_t size)
{
    const char *named = getenv("SOCKSPEC_INSTALLED");
    char here[PATH_MAX];
    if (named)
        snprintf(folder, size, "%s", named);
    else
        snprintf(folder, size, "%s/build/peers", getcwd(here, sizeof here) ? here : ".");
}

static bool start_peer(struct run *run)
{
    const struct run_options *o = run->options;
    char port[8], port2[8], server_port[8] = "", installed[PATH_MAX + 16];
    installed_folder(installed, sizeof installed);
    uint16_t number = (uint16_t)peer_free_port();
    snprintf(port, sizeof port, "%u", number);
    snprintf(port2, sizeof port2, "%u", peer_free_port());
    run->set.peer = net_ipv4((struct in_addr){htonl(INADDR_LOOPBACK)}, number);
    net_print(&run->set.peer, run->address, sizeof run->address);
    if (run->set.server) {
        struct sockaddr_storage at = server_address(run->set.server);
        snprintf(server_port, sizeof server_port, "%u", net_port(&at));
    }
    const struct placeholder values[] = {{"host", "127.0.0.1"},
                                         {"port", port},
                                         {"port2", port2},
                                         {"dir", run->dir},
                                         {"peers", installed},
                                         {"server_host", server_port[0] ? "127.0.0.1" : ""},
                                         {"server_port", server_port},
                                         {"user", o->user ? o->user : ""},
                                         {"pass", o->pass ? o->pass : ""},
                                         {"method", o->method ? o->method : ""},
                                         {"password", o->password ? o->password : ""},
                                         {NULL, NULL}};
    char **argv = expand_list(run, o->argv, values);
    char **environment = argv ? expand_list(run, o->environment, values) : NULL;
    bool good = environment && write_files(run, values);
    if (good) {
        const struct peer_command command = {argv, environment, o->peer_name ? run->dir : NULL};
        const char *why =
            peer_start(&run->peer, run->set.base, &command, &run->set.peer, START_LIMIT_MS);
        if (why)
            say_not_serving(run, why);
        good = !why;
    }
    free_list(argv);
    free_list(environment);
    return good;
}

bool reach_restart(struct run *run)
{
    if (!run->options->argv || run->set.client || ++run->restarts > MAX_RESTARTS)
        return false;
    peer_stop(&run->peer);
    return start_peer(run);
}

/* The server that an ss-local is to use. */
static bool open_server(struct run *run)
{
    const struct run_options *o = run->options;
    struct sockaddr_storage at = net_ipv4((struct in_addr){htonl(INADDR_LOOPBACK)}, 0);
    socklen_t len;
    const char *why = o->listen ? net_parse(o->listen, &at, &len) : NULL;
    if (!why) {
        run->set.server = server_open(run->set.base, &run->set.keys, &at);
        why = run->set.server ? NULL : strerror(errno);
    }
    if (why) {
        run->status = EXIT_USAGE;
        snprintf(run->error, sizeof run->error, "--listen %s: %s, expected a free HOST:PORT",
                 o->listen ? o->listen : "127.0.0.1:0", why);
    }
    return !why;
}

/* {dir}, in TMPDIR. */
static bool make_folder(struct run *run, const char *base)
{
    int n = snprintf(run->dir, sizeof run->dir, "%s/sockspec-XXXXXX", base);
    if (n >= (int)sizeof run->dir)
        errno = ENAMETOOLONG;
    if (n < (int)sizeof run->dir && mkdtemp(run->dir))
        return true;
    run->dir[0] = 0;
    run->status = EXIT_SUITE;
    snprintf(run->error, sizeof run->error, "no temporary folder can be made in %.200s: %s", base,
             strerror(errno));
    return false;
}

bool reach_peer(struct run *run)
{
    const struct run_options *o = run->options;
    struct stage_set *set = &run->set;
    if (o->role == ROLE_SS_LOCAL && !open_server(run))
        return false;
    if (o->argv) {
        const char *base = getenv("TMPDIR");
        if (!make_folder(run, base && *base ? base : "/tmp"))
            return false;
        if (o->role == ROLE_SOCKS5_CLIENT)
            return client_reach(run);
        if (!start_peer(run))
            return false;
    } else {
        socklen_t len;
        const char *why = net_parse(o->target, &set->peer, &len);
        if (why) {
            run->status = EXIT_USAGE;
            snprintf(run->error, sizeof run->error, "--target %s: %s, expected HOST:PORT",
                     o->target, why);
            return false;
        }
        net_print(&set->peer, run->address, sizeof run->address);
    }
    return true;
}

void reach_end(struct run *run)
{
    peer_stop(&run->peer);
    if (run->dir[0])
        nftw(run->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
