/* The command line, and whether what it and the file say fits together. */
#include "config_read.h"

#include <event2/util.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONG_OPTIONS = 64,
    LONG_BASE = 256, /* val of the first long option */
    DEFAULT_TIMEOUT_S = 300,
    DEFAULT_UDP_TIMEOUT_S = 60,
};

/* Loopback, and the addresses that Linux takes for it. */
static const char *const server_forbids[] = {"127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128"};

/* "fast_open" is --fast-open. */
static const char *long_name(const struct config_option *option, char *name, size_t size)
{
    snprintf(name, size, "%s", option->key);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    return name;
}

static int is_flag(const struct config_option *option)
{
    return option->argument != NULL && *option->argument == '\0';
}

struct options {
    struct option longs[LONG_OPTIONS];
    char names[LONG_OPTIONS][32];
    char shorts[2 * LONG_OPTIONS + 4];
};

static void options_make(struct options *o, enum sks_role role)
{
    size_t n = 0, s = 0;
    memset(o, 0, sizeof *o);
    o->shorts[s++] = ':';
    for (size_t i = 0; i < config_options_count; i++) {
        const struct config_option *option = &config_options[i];
        if (!(option->roles & role) || is_flag(option))
            continue;
        int has_argument = option->argument != NULL;
        o->longs[n] = (struct option){long_name(option, o->names[n], sizeof o->names[n]),
                                      has_argument, NULL, LONG_BASE + (int)i};
        n++;
        if (option->letter != 0) {
            o->shorts[s++] = (char)option->letter;
            if (has_argument)
                o->shorts[s++] = ':';
        }
    }
    o->longs[n++] = (struct option){"config", required_argument, NULL, 'c'};
    o->longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
    memcpy(o->shorts + s, "c:h", 4);
}

static const struct config_option *option_given(int found)
{
    if (found >= LONG_BASE)
        return &config_options[found - LONG_BASE];
    for (size_t i = 0; i < config_options_count; i++)
        if (config_options[i].letter == found)
            return &config_options[i];
    return NULL;
}

static int refuse(char *error, const char *what, const char *expected)
{
    snprintf(error, CONFIG_ERROR_MAX, "%s: expected %s", what, expected);
    return -1;
}

/* One walk over the command line. First: only the file; then the rest, which wins over the file. */
static int walk(struct config *config, int argc, char *const *argv, struct options *o, bool first,
                char *error)
{
    bool cleared[LONG_OPTIONS] = {false};
    int found;
    optind = 0;
    opterr = 0;
    while ((found = getopt_long(argc, argv, o->shorts, o->longs, NULL)) != -1) {
        const char *given = argv[optind - 1];
        if (found == '?' || found == ':') {
            snprintf(error, CONFIG_ERROR_MAX, "%s: %s (--help lists the options)", given,
                     found == ':' ? "its value is missing" : "unknown option");
            return -1;
        }
        if (found == 'c' && first) {
            free(config->file);
            config->file = strdup(optarg);
            if (config->file == NULL)
                return refuse(error, "--config", "memory for it");
        }
        const struct config_option *option = found == 'c' ? NULL : option_given(found);
        if (option == NULL || first)
            continue;
        if (!cleared[option - config_options])
            config_clear(config, option);
        cleared[option - config_options] = true;
        const char *expected = config_set(config, option, optarg);
        char name[40] = "--";
        long_name(option, name + 2, sizeof name - 2);
        if (expected != NULL)
            return refuse(error, name, expected);
    }
    for (int i = optind; i < argc && !first; i++) {
        char text[CONFIG_ERROR_MAX / 2];
        const char *expected = "options alone (--help lists them)";
        if (strncmp(argv[i], "ss:", 3) == 0 && config->role != SKS_ROLE_SOCKS5)
            expected = config_set_uri(config, argv[i], text, sizeof text);
        if (expected != NULL) /* a URI may hold a password: not repeated */
            return refuse(error, strncmp(argv[i], "ss:", 3) == 0 ? "ss:" : argv[i], expected);
    }
    return 0;
}

/* A default, where nothing else was said. */
static int set_default(struct config *config, const char *key, const char *text, char *error)
{
    const char *expected = config_set(config, config_option_of(key), text);
    return expected == NULL ? 0 : refuse(error, key, expected);
}

/* ---- whether it fits together ---------------------------------------------------------------- */

static int check_method(struct config *config, char *error)
{
    const char *name = config->method != NULL ? config->method : "aes-256-cfb";
    enum sks_status s = sks_cipher_find(&config->cipher, name);
    if (s == SKS_ERR_METHOD_MISSING) {
        snprintf(error, CONFIG_ERROR_MAX, "method: %s: %s has no %s here", name,
                 config->cipher->library, config->cipher->algorithm);
        return -1;
    }
    if (s != SKS_OK) {
        size_t n =
            (size_t)snprintf(error, CONFIG_ERROR_MAX, "method: %.40s: expected one of", name);
        const struct sks_cipher *c;
        for (size_t i = 0; (c = sks_cipher_at(i)) != NULL && n < CONFIG_ERROR_MAX; i++)
            n += (size_t)snprintf(error + n, CONFIG_ERROR_MAX - n, " %s", c->name);
        return -1;
    }
    if (config->one_time_auth && config->cipher->kind == SKS_CIPHER_AEAD)
        return refuse(error, "one_time_auth", "a stream method: AEAD methods have no use for it");
    return 0;
}

static int check_password(const struct config *config, char *error)
{
    struct sks_key key;
    const char *text = config->password;
    if (config->port_passwords != 0)
        text = config->port_password[0].password;
    if (text == NULL && config->cipher->kind != SKS_CIPHER_NONE)
        return refuse(error, "password", "one, by -k or in the file");
    enum sks_status s = sks_key_from_password(&key, config->cipher, (const uint8_t *)text,
                                              text != NULL ? strlen(text) : 0);
    sks_key_wipe(&key);
    return s == SKS_OK ? 0 : refuse(error, "password", sks_status_text(s));
}

static int check_server(struct config *config, char *error)
{
    if (config->role == SKS_ROLE_SSSERVER && config->server.count == 0 &&
        set_default(config, "server", "0.0.0.0", error) != 0)
        return -1;
    if (config->server.count == 0)
        return refuse(error, "server", "the server's host, by -s or in the file");
    if (config->server_port.count == 0 && config->port_passwords == 0 &&
        set_default(config, "server_port", "8388", error) != 0)
        return -1;
    if (config->role != SKS_ROLE_SSSERVER)
        for (size_t i = 0; i < config->server.count; i++) {
            const char *host = config->server.items[i];
            if (strlen(host) > 255)
                return refuse(error, "server", "a host name of at most 255 characters");
        }
    if (check_method(config, error) != 0)
        return -1;
    return check_password(config, error);
}

static int check_forbidden(struct config *config, char *error)
{
    const size_t defaults = sizeof server_forbids / sizeof server_forbids[0];
    bool by_default = config->role == SKS_ROLE_SSSERVER && !config->forbidden_ip_given;
    size_t count = by_default ? defaults : config->forbidden_ip.count;
    config->forbidden = calloc(count + 1, sizeof *config->forbidden);
    if (config->forbidden == NULL)
        return refuse(error, "forbidden_ip", "memory for it");
    for (size_t i = 0; i < count; i++) {
        const char *text = by_default ? server_forbids[i] : config->forbidden_ip.items[i];
        char what[128];
        snprintf(what, sizeof what, "forbidden_ip: %.64s", text);
        if (!network_from_text(&config->forbidden[i], text))
            return refuse(error, what, "an address or a network such as 10.0.0.0/8 or fe80::/10");
    }
    config->forbidden_count = count;
    return 0;
}

static int check(struct config *config, char *error)
{
    struct address a;
    if (config->role != SKS_ROLE_SOCKS5 && check_server(config, error) != 0)
        return -1;
    if (check_forbidden(config, error) != 0)
        return -1;
    if (config->role == SKS_ROLE_TUNNEL && config->tunnel_remote == NULL)
        return refuse(error, "tunnel", "where it leads, by -L HOST:PORT or in the file");
    if (config->role == SKS_ROLE_TUNNEL && config->tunnel_remote_port == 0)
        return refuse(error, "tunnel_remote_port", "a port, from 1 to 65535");
    if (config->tunnel_remote != NULL && strlen(config->tunnel_remote) > 255)
        return refuse(error, "tunnel_remote", "a host name of at most 255 characters");
    if ((config->socks_user == NULL) != (config->socks_password == NULL))
        return refuse(error, "auth", "both user and password");
    if (config->socks_user != NULL &&
        (strlen(config->socks_user) - 1 > 254 || strlen(config->socks_password) - 1 > 254))
        return refuse(error, "auth", "user and password of 1 to 255 octets each");
    for (size_t i = 0; i < config->dns_server.count; i++) {
        int size = sizeof a.u;
        if (evutil_parse_sockaddr_port(config->dns_server.items[i], &a.u.sa, &size) != 0)
            return refuse(error, "dns_server",
                          "addresses of name servers, ADDRESS or ADDRESS:PORT");
    }
    if (config->record_payload && config->record == NULL)
        return refuse(error, "record_payload", "record FILE beside it");
    if (config->local_address == NULL)
        return set_default(config, "local_address", "127.0.0.1", error);
    return 0;
}

struct config *config_read(enum sks_role role, int argc, char *const *argv,
                           char error[CONFIG_ERROR_MAX])
{
    struct config *config = calloc(1, sizeof *config);
    struct options options;
    if (config == NULL) {
        snprintf(error, CONFIG_ERROR_MAX, "no memory");
        return NULL;
    }
    config->refs = 1;
    config->role = role;
    config->mode = role == SKS_ROLE_SOCKS5 ? MODE_TCP_AND_UDP : MODE_TCP_ONLY;
    config->timeout_s = DEFAULT_TIMEOUT_S;
    config->udp_timeout_s = DEFAULT_UDP_TIMEOUT_S;
    config->workers = 1;
    config->local_port = 1080;
    options_make(&options, role);
    if (walk(config, argc, argv, &options, true, error) == 0 &&
        (config->file == NULL || config_read_file(config, config->file, error) == 0) &&
        walk(config, argc, argv, &options, false, error) == 0 && check(config, error) == 0) {
        if (config->tunnel_port != 0)
            config->local_port = config->tunnel_port;
        return config;
    }
    config_release(config);
    return NULL;
}

void config_print_help(enum sks_role role)
{
    char name[32], left[64];
    for (size_t i = 0; i < config_options_count; i++) {
        const struct config_option *option = &config_options[i];
        const char *argument = option->argument != NULL ? option->argument : "";
        if (!(option->roles & role))
            continue;
        if (is_flag(option))
            snprintf(left, sizeof left, "    \"%s\"", option->key);
        else if (option->letter != 0)
            snprintf(left, sizeof left, "-%c, --%s%s%s", option->letter,
                     long_name(option, name, sizeof name), *argument ? " " : "", argument);
        else
            snprintf(left, sizeof left, "    --%s%s%s", long_name(option, name, sizeof name),
                     *argument ? " " : "", argument);
        printf("  %-32s %s\n", left, option->help);
    }
    printf("  %-32s %s\n", "-c, --config FILE",
           "a JSON object of these, with _ for -; options win over it");
    printf("  %-32s %s\n", "-h, --help", "this text");
}
