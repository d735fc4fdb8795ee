/* What the relay is told to do: the command line, a JSON file, ss:// URIs. */
#ifndef RELAY_CONFIG_H
#define RELAY_CONFIG_H

#include "address.h"

#include <sockspec/crypto.h>
#include <sockspec/stage.h>
#include <stdatomic.h>
#include <stdbool.h>

enum {
    CONFIG_USAGE = 2,      /* exit status */
    CONFIG_ERROR_MAX = 512 /* octets of a message */
};

enum config_mode { MODE_TCP_ONLY = 1, MODE_UDP_ONLY = 2, MODE_TCP_AND_UDP = 3 }; /* bits */

struct text_list {
    char **items;
    size_t count;
};

struct port_list {
    uint16_t *items;
    size_t count;
};

struct port_password {
    uint16_t port;
    char *password;
};

/* Made whole or not at all, then nobody changes it; shared by the workers. */
struct config {
    _Atomic unsigned refs;
    enum sks_role role;
    struct text_list server;      /* client: one at random; server: all */
    struct port_list server_port; /* likewise */
    char *local_address;
    uint16_t local_port;
    char *password; /* NULL: none */
    char *method;
    const struct sks_cipher *cipher; /* NULL for socks5 */
    struct port_password *port_password;
    size_t port_passwords;
    char *tunnel_remote;
    uint16_t tunnel_remote_port, tunnel_port;
    char *socks_user, *socks_password;
    struct text_list dns_server;
    struct text_list forbidden_ip;
    bool forbidden_ip_given;
    struct network *forbidden;
    size_t forbidden_count;
    unsigned timeout_s, udp_timeout_s;
    enum config_mode mode;
    bool one_time_auth, fast_open, prefer_ipv6, record_payload;
    unsigned workers, verbose, quiet;
    char *record;
    char *file; /* of the configuration; NULL: none */
};

/* From the command line, argv[0] left out, and the file it names. On an error NULL, and one line
 * without line feed at error. */
struct config *config_read(enum sks_role role, int argc, char *const *argv,
                           char error[CONFIG_ERROR_MAX]);

struct config *config_hold(struct config *config);
void config_release(struct config *config);

bool config_forbids(const struct config *config, const struct address *a);

/* The usage of a role, made from the table of options. */
void config_print_help(enum sks_role role);

/* The ss:// URIs under which clients reach what is configured, one a line, passwords included. */
int config_print_uris(const struct config *config);

#endif
