/* The table of options, and how the text of an option becomes a setting. */
#include "config.h"

#include "config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOCAL_ROLE = SKS_ROLE_SSLOCAL,
    SERVER_ROLE = SKS_ROLE_SSSERVER,
    TUNNEL_ROLE = SKS_ROLE_TUNNEL,
    SOCKS5_ROLE = SKS_ROLE_SOCKS5,
    CLIENTS = LOCAL_ROLE | TUNNEL_ROLE,
    CRYPT = CLIENTS | SERVER_ROLE,
    FRONTS = LOCAL_ROLE | SOCKS5_ROLE,
    ALL = CRYPT | SOCKS5_ROLE,
};

#define AT(field) offsetof(struct config, field)

/* clang-format off */
const struct config_option config_options[] = {
    {"server", 's', OPTION_TEXTS, AT(server), CRYPT, "HOST",
     "where the server is (server: where it listens); several: one at random"},
    {"server_port", 'p', OPTION_PORTS, AT(server_port), CRYPT, "PORT",
     "its port; several: one at random (server: all are served)"},
    {"local_address", 'b', OPTION_TEXT, AT(local_address), CLIENTS | SOCKS5_ROLE, "HOST",
     "where clients connect, 127.0.0.1 unless given"},
    {"local_port", 'l', OPTION_PORT, AT(local_port), CLIENTS | SOCKS5_ROLE, "PORT",
     "their port, 1080 unless given"},
    {"password", 'k', OPTION_TEXT, AT(password), CRYPT, "PASSWORD", "of the server"},
    {"method", 'm', OPTION_TEXT, AT(method), CRYPT, "METHOD", "aes-256-cfb unless given"},
    {"port_password", 0, OPTION_PASSWORDS, 0, SERVER_ROLE, "",
     "only in the file: object of port: password, instead of server_port and password"},
    {"tunnel", 'L', OPTION_TUNNEL, 0, TUNNEL_ROLE, "HOST:PORT",
     "where the tunnel leads (in the file: tunnel_remote, tunnel_remote_port)"},
    {"tunnel_remote", 0, OPTION_TEXT, AT(tunnel_remote), TUNNEL_ROLE, "HOST", "see tunnel"},
    {"tunnel_remote_port", 0, OPTION_PORT, AT(tunnel_remote_port), TUNNEL_ROLE, "PORT", "see tunnel"},
    {"tunnel_port", 0, OPTION_PORT, AT(tunnel_port), TUNNEL_ROLE, "PORT",
     "where clients connect, instead of local_port"},
    {"auth", 0, OPTION_AUTH, 0, FRONTS, "USER:PASSWORD",
     "asked of SOCKS5 clients (in the file: socks_user, socks_password)"},
    {"socks_user", 0, OPTION_TEXT, AT(socks_user), FRONTS, "USER", "see auth"},
    {"socks_password", 0, OPTION_TEXT, AT(socks_password), FRONTS, "PASSWORD", "see auth"},
    {"timeout", 't', OPTION_SECONDS, AT(timeout_s), ALL, "SECONDS",
     "of a session without traffic, 300 unless given"},
    {"udp_timeout", 0, OPTION_SECONDS, AT(udp_timeout_s), ALL, "SECONDS",
     "of a UDP association without traffic, 60 unless given"},
    {"mode", 0, OPTION_MODE, AT(mode), ALL, "MODE",
     "tcp_only, udp_only or tcp_and_udp; socks5: tcp_and_udp unless given, else tcp_only"},
    {"udp", 'u', OPTION_UDP, 0, ALL, NULL, "mode tcp_and_udp"},
    {"one_time_auth", 'a', OPTION_FLAG, AT(one_time_auth), CRYPT, NULL,
     "use one-time auth (server: require it); stream methods only"},
    {"fast_open", 0, OPTION_FLAG, AT(fast_open), ALL, NULL, "TCP Fast Open, where the kernel has it"},
    {"workers", 0, OPTION_COUNT, AT(workers), ALL, "N", "threads, 1 unless given"},
    {"forbidden_ip", 0, OPTION_TEXTS_OR_NONE, AT(forbidden_ip), SERVER_ROLE | SOCKS5_ROLE, "NETWORK",
     "where nobody may connect to, commas between them; server: loopback unless given, '' for none"},
    {"dns_server", 0, OPTION_TEXTS, AT(dns_server), ALL, "ADDRESS",
     "name servers instead of those of /etc/resolv.conf"},
    {"prefer_ipv6", 0, OPTION_FLAG, AT(prefer_ipv6), ALL, NULL, "IPv6 addresses of a name first"},
    {"record", 0, OPTION_TEXT, AT(record), ALL, "FILE",
     "append each session's stages to FILE, as trace lines"},
    {"record_payload", 0, OPTION_FLAG, AT(record_payload), ALL, NULL,
     "and the octets that it carries"},
    {"verbose", 'v', OPTION_MORE, AT(verbose), ALL, NULL, "say more; twice: more still"},
    {"quiet", 'q', OPTION_MORE, AT(quiet), ALL, NULL, "say less"},
};
/* clang-format on */
const size_t config_options_count = sizeof config_options / sizeof config_options[0];

const struct config_option *config_option_of(const char *key)
{
    for (size_t i = 0; i < config_options_count; i++)
        if (strcmp(config_options[i].key, key) == 0)
            return &config_options[i];
    return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

static const char no_memory[] = "memory for it"; /* what was expected, then */

static const char *texts_add(struct text_list *list, const char *text, size_t len)
{
    char *copy = strndup(text, len);
    char **more = copy != NULL ? realloc(list->items, (list->count + 1) * sizeof *more) : NULL;
    if (more == NULL) {
        free(copy);
        return no_memory;
    }
    more[list->count++] = copy;
    list->items = more;
    return NULL;
}

/* Commas part them; empty ones are left out. */
static const char *texts_split(struct text_list *list, const char *text)
{
    const char *wrong = NULL;
    while (*text != '\0' && wrong == NULL) {
        size_t len = strcspn(text, ",");
        if (len != 0)
            wrong = texts_add(list, text, len);
        text += len + (text[len] == ',');
    }
    return wrong;
}

static void texts_clear(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct text_list){0};
}

/* Digits alone, from 1 to most. */
static int number_of(const char *text, unsigned long most, unsigned long *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits] != '\0')
        return 0;
    *out = strtoul(text, NULL, 10);
    return *out >= 1 && *out <= most;
}

static const char *set_text(char **field, const char *text, size_t len)
{
    if (*field != NULL)
        sks_wipe(*field, strlen(*field));
    free(*field);
    *field = strndup(text, len);
    return *field != NULL ? NULL : no_memory;
}

static const char *set_port(uint16_t *field, const char *text)
{
    unsigned long n;
    if (!number_of(text, 65535, &n))
        return "a port, from 1 to 65535";
    *field = (uint16_t)n;
    return NULL;
}

static const char *ports_add(struct port_list *list, const char *text)
{
    uint16_t port;
    const char *wrong = set_port(&port, text);
    if (wrong != NULL)
        return wrong;
    uint16_t *more = realloc(list->items, (list->count + 1) * sizeof *more);
    if (more == NULL)
        return no_memory;
    list->items = more;
    more[list->count++] = port;
    return NULL;
}

static const char *set_number(unsigned *field, const char *text, unsigned long most,
                              const char *expected)
{
    unsigned long n;
    if (!number_of(text, most, &n))
        return expected;
    *field = (unsigned)n;
    return NULL;
}

static const char *set_mode(enum config_mode *mode, const char *text)
{
    if (strcmp(text, "tcp_only") == 0)
        *mode = MODE_TCP_ONLY;
    else if (strcmp(text, "udp_only") == 0)
        *mode = MODE_UDP_ONLY;
    else if (strcmp(text, "tcp_and_udp") == 0)
        *mode = MODE_TCP_AND_UDP;
    else
        return "tcp_only, udp_only or tcp_and_udp";
    return NULL;
}

/* [IPV6]:PORT, HOST:PORT */
static const char *set_tunnel(struct config *config, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    uint16_t port;
    if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || set_port(&port, colon + 1) != NULL)
        return "HOST:PORT, the port from 1 to 65535";
    config->tunnel_remote_port = port;
    return set_text(&config->tunnel_remote, text, len);
}

static const char *set_auth(struct config *config, const char *text)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        return "USER:PASSWORD";
    const char *wrong = set_text(&config->socks_user, text, (size_t)(colon - text));
    return wrong != NULL ? wrong : set_text(&config->socks_password, colon + 1, strlen(colon + 1));
}

const char *config_set(struct config *config, const struct config_option *option, const char *text)
{
    void *field = (char *)config + option->offset;
    switch (option->type) {
    case OPTION_TEXT:
        if (*text == '\0')
            return "a text that is not empty";
        return set_text(field, text, strlen(text));
    case OPTION_TEXTS_OR_NONE:
        config->forbidden_ip_given = true;
        return texts_split(field, text);
    case OPTION_TEXTS:
        if (*text == '\0')
            return "a text that is not empty";
        return texts_split(field, text);
    case OPTION_PORT:
        return set_port(field, text);
    case OPTION_PORTS:
        return ports_add(field, text);
    case OPTION_SECONDS:
        return set_number(field, text, 864000, "seconds, from 1 to 864000");
    case OPTION_COUNT:
        return set_number(field, text, 256, "a number from 1 to 256");
    case OPTION_MODE:
        return set_mode(field, text);
    case OPTION_TUNNEL:
        return set_tunnel(config, text);
    case OPTION_AUTH:
        return set_auth(config, text);
    case OPTION_UDP:
        config->mode = MODE_TCP_AND_UDP;
        break;
    case OPTION_FLAG:
        *(bool *)field = true;
        break;
    case OPTION_MORE:
        ++*(unsigned *)field;
        break;
    case OPTION_PASSWORDS:
        return "an object in the configuration file";
    }
    return NULL;
}

const char *config_set_port_password(struct config *config, const char *port, const char *password)
{
    struct port_password item = {0};
    const char *wrong = set_port(&item.port, port);
    if (wrong != NULL)
        return wrong;
    if (*password == '\0')
        return "a password that is not empty";
    struct port_password *more =
        realloc(config->port_password, (config->port_passwords + 1) * sizeof *more);
    if (more == NULL)
        return no_memory;
    config->port_password = more;
    item.password = strdup(password);
    if (item.password == NULL)
        return no_memory;
    more[config->port_passwords++] = item;
    return NULL;
}

void config_clear(struct config *config, const struct config_option *option)
{
    void *field = (char *)config + option->offset;
    if (option->type == OPTION_TEXTS || option->type == OPTION_TEXTS_OR_NONE)
        texts_clear(field);
    if (option->type == OPTION_PORTS) {
        free(((struct port_list *)field)->items);
        *(struct port_list *)field = (struct port_list){0};
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

struct config *config_hold(struct config *config)
{
    atomic_fetch_add(&config->refs, 1);
    return config;
}

static void free_secret(char *text)
{
    if (text != NULL)
        sks_wipe(text, strlen(text));
    free(text);
}

void config_release(struct config *config)
{
    if (config == NULL || atomic_fetch_sub(&config->refs, 1) != 1)
        return;
    texts_clear(&config->server);
    texts_clear(&config->dns_server);
    texts_clear(&config->forbidden_ip);
    free(config->server_port.items);
    free(config->local_address);
    free(config->method);
    free(config->tunnel_remote);
    free(config->socks_user);
    free_secret(config->password);
    free_secret(config->socks_password);
    for (size_t i = 0; i < config->port_passwords; i++)
        free_secret(config->port_password[i].password);
    free(config->port_password);
    free(config->forbidden);
    free(config->record);
    free(config->file);
    free(config);
}

bool config_forbids(const struct config *config, const struct address *a)
{
    for (size_t i = 0; i < config->forbidden_count; i++)
        if (network_holds(&config->forbidden[i], a))
            return true;
    return false;
}
