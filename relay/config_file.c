/* The configuration file, and ss:// URIs in and out. */
#include "config_read.h"
#include "log.h"

#include <jansson.h>
#include <sockspec/uri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ------------------------------------------------------------------------------------ */

struct reading {
    struct config *config;
    const char *file;
    char *error;
};

static int wrong(const struct reading *r, const char *key, const char *expected)
{
    snprintf(r->error, CONFIG_ERROR_MAX, "%s: %s: expected %s", r->file, key, expected);
    return -1;
}

static const char *kind_text(const struct config_option *option)
{
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_MODE:
    case OPTION_TUNNEL:
    case OPTION_AUTH:
        return "a string";
    case OPTION_TEXTS:
    case OPTION_TEXTS_OR_NONE:
        return "a string, or a list of strings";
    case OPTION_PORT:
        return "a port, from 1 to 65535";
    case OPTION_PORTS:
        return "a port, from 1 to 65535, or a list of them";
    case OPTION_SECONDS:
        return "seconds, from 1 to 864000";
    case OPTION_COUNT:
        return "a number from 1 to 256";
    case OPTION_FLAG:
    case OPTION_UDP:
        return "true or false";
    case OPTION_MORE:
        return "true, false or a number";
    case OPTION_PASSWORDS:
        return "an object of \"port\": \"password\"";
    }
    return "something else";
}

static bool is_numeric(enum config_option_type type)
{
    return type == OPTION_PORT || type == OPTION_PORTS || type == OPTION_SECONDS ||
           type == OPTION_COUNT;
}

static bool is_list(enum config_option_type type)
{
    return type == OPTION_TEXTS || type == OPTION_TEXTS_OR_NONE || type == OPTION_PORTS;
}

/* A string, or a number where one is due, also in a string. */
static int set_scalar(const struct reading *r, const struct config_option *option, json_t *value)
{
    char digits[32];
    const char *text = json_string_value(value);
    if (text != NULL && strlen(text) != json_string_length(value))
        return wrong(r, option->key, "a string without NUL");
    if (is_numeric(option->type) && json_is_integer(value)) {
        snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        text = digits;
    }
    if (text == NULL)
        return wrong(r, option->key, kind_text(option));
    const char *expected = config_set(r->config, option, text);
    return expected == NULL ? 0 : wrong(r, option->key, expected);
}

static int set_flag(const struct reading *r, const struct config_option *option, json_t *value)
{
    long long times = json_is_true(value) ? 1 : 0;
    if (option->type == OPTION_MORE && json_is_integer(value))
        times = json_integer_value(value);
    else if (!json_is_boolean(value))
        return wrong(r, option->key, kind_text(option));
    for (; times > 0 && times <= 9; times--)
        (void)config_set(r->config, option, "");
    return 0;
}

static int set_passwords(const struct reading *r, const struct config_option *option, json_t *value)
{
    const char *port;
    json_t *password;
    char key[64];
    if (!json_is_object(value) || json_object_size(value) == 0)
        return wrong(r, option->key, kind_text(option));
    json_object_foreach(value, port, password)
    {
        const char *text = json_string_value(password);
        const char *expected = text == NULL || strlen(text) != json_string_length(password)
                                   ? "a password, as a string without NUL"
                                   : config_set_port_password(r->config, port, text);
        snprintf(key, sizeof key, "%s: \"%.16s\"", option->key, port);
        if (expected != NULL)
            return wrong(r, key, expected);
    }
    return 0;
}

static int set_value(const struct reading *r, const struct config_option *option, json_t *value)
{
    if (option->type == OPTION_PASSWORDS)
        return set_passwords(r, option, value);
    if (option->type == OPTION_FLAG || option->type == OPTION_UDP || option->type == OPTION_MORE)
        return set_flag(r, option, value);
    if (!is_list(option->type) || !json_is_array(value))
        return set_scalar(r, option, value);
    if (json_array_size(value) == 0 && option->type != OPTION_TEXTS_OR_NONE)
        return wrong(r, option->key, kind_text(option));
    r->config->forbidden_ip_given |= option->type == OPTION_TEXTS_OR_NONE;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (set_scalar(r, option, json_array_get(value, i)) != 0)
            return -1;
    return 0;
}

int config_read_file(struct config *config, const char *file, char error[CONFIG_ERROR_MAX])
{
    const struct reading r = {config, file, error};
    json_error_t where;
    const char *key;
    json_t *value, *all = json_load_file(file, JSON_REJECT_DUPLICATES, &where);
    int status = 0;
    if (all == NULL && where.line > 0)
        snprintf(error, CONFIG_ERROR_MAX, "%s:%d:%d: %s", file, where.line, where.column,
                 where.text);
    else if (all == NULL)
        snprintf(error, CONFIG_ERROR_MAX, "%s", where.text);
    else if (!json_is_object(all))
        snprintf(error, CONFIG_ERROR_MAX, "%s:1:1: expected an object { ... }", file);
    if (!json_is_object(all)) {
        json_decref(all);
        return -1;
    }
    json_object_foreach(all, key, value)
    {
        const struct config_option *option = config_option_of(key);
        if (option == NULL || option->type == OPTION_TUNNEL || option->type == OPTION_AUTH)
            log_line(LOG_WARNING, "%s: %s: unknown key, ignored", file, key);
        else if (status == 0 && (option->roles & config->role))
            status = set_value(&r, option, value);
    }
    json_decref(all);
    return status;
}

/* ---- URIs ------------------------------------------------------------------------------------ */

static const char *set_part(struct config *config, const char *key, const struct sks_uri_text *part)
{
    const struct config_option *option = config_option_of(key);
    char text[1024];
    if (part->len >= sizeof text || memchr(part->p, '\0', part->len) != NULL)
        return "a shorter text, without NUL";
    memcpy(text, part->p, part->len);
    text[part->len] = '\0';
    config_clear(config, option);
    const char *expected = config_set(config, option, text);
    sks_wipe(text, sizeof text);
    return expected;
}

const char *config_set_uri(struct config *config, const char *uri, char *expected, size_t size)
{
    struct sks_uri parsed;
    uint8_t scratch[4096];
    size_t used;
    const char *why = NULL;
    enum sks_status s =
        sks_uri_parse(&parsed, (const uint8_t *)uri, strlen(uri), scratch, sizeof scratch, &used);
    if (s != SKS_OK) {
        snprintf(expected, size, "an ss:// URI: character %zu: %s", used + 1, sks_status_text(s));
        why = expected;
    } else if (parsed.plugin.len != 0) {
        why = "an ss:// URI without a plugin: there are none here";
    } else {
        char port[8];
        const struct config_option *option = config_option_of("server_port");
        snprintf(port, sizeof port, "%u", (unsigned)parsed.port);
        config_clear(config, option);
        why = config_set(config, option, port);
        if (why == NULL)
            why = set_part(config, "server", &parsed.host);
        if (why == NULL)
            why = set_part(config, "method", &parsed.method);
        if (why == NULL)
            why = set_part(config, "password", &parsed.password);
    }
    sks_wipe(scratch, sizeof scratch);
    return why;
}

static struct sks_uri_text text_of(const char *text)
{
    return (struct sks_uri_text){(const uint8_t *)text, strlen(text)};
}

static int print_uri(const struct config *config, const char *host, uint16_t port,
                     const char *password)
{
    const struct sks_uri uri = {.method = text_of(config->cipher->name),
                                .password = text_of(password),
                                .host = text_of(host),
                                .port = port,
                                .form = SKS_URI_BASE64};
    uint8_t text[4096];
    size_t used;
    if (sks_uri_encode(text, sizeof text, &uri, &used) != SKS_OK)
        return -1;
    printf("%.*s\n", (int)used, (const char *)text);
    sks_wipe(text, sizeof text);
    return 0;
}

int config_print_uris(const struct config *config)
{
    int status = 0;
    for (size_t h = 0; h < config->server.count; h++) {
        const char *host = config->server.items[h];
        for (size_t p = 0; p < config->port_passwords; p++)
            status |= print_uri(config, host, config->port_password[p].port,
                                config->port_password[p].password);
        for (size_t p = 0; config->port_passwords == 0 && p < config->server_port.count; p++)
            status |= print_uri(config, host, config->server_port.items[p], config->password);
    }
    return status;
}
