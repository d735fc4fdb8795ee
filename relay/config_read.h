/* What the files of the configuration share: config.c (the options and their values),
 * config_file.c (JSON), config_read.c (the command line, and whether it all fits together). */
#ifndef RELAY_CONFIG_READ_H
#define RELAY_CONFIG_READ_H

#include "config.h"

enum config_option_type {
    OPTION_TEXT,
    OPTION_TEXTS,
    OPTION_TEXTS_OR_NONE, /* forbidden_ip */
    OPTION_PORT,
    OPTION_PORTS,
    OPTION_SECONDS,
    OPTION_COUNT,
    OPTION_MODE,
    OPTION_FLAG,
    OPTION_MORE, /* counts how often */
    OPTION_UDP,
    OPTION_TUNNEL,
    OPTION_AUTH,
    OPTION_PASSWORDS,
};

/* On the command line --KEY with dashes for underscores, and -LETTER if there is one. */
struct config_option {
    const char *key;
    int letter;
    enum config_option_type type;
    size_t offset;        /* in struct config, of what the type says */
    uint8_t roles;        /* that have it */
    const char *argument; /* NULL: none; "": not on the command line */
    const char *help;
};
extern const struct config_option config_options[];
extern const size_t config_options_count;

const struct config_option *config_option_of(const char *key);

/* NULL, or what was expected; lists get one more item. */
const char *config_set(struct config *config, const struct config_option *option, const char *text);
const char *config_set_port_password(struct config *config, const char *port, const char *password);
void config_clear(struct config *config, const struct config_option *option); /* lists alone */

/* 0, or -1 with a line at error. Unknown keys are warned of. */
int config_read_file(struct config *config, const char *file, char error[CONFIG_ERROR_MAX]);

/* Sets server, port, method and password from ss://... */
const char *config_set_uri(struct config *config, const char *uri, char *expected, size_t size);

#endif
