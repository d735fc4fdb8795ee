#include "port.h"

#include <stdlib.h>
#include <string.h>

static void set_policy(struct port *port)
{
    const struct config *config = port->config;
    struct sks_policy *policy = &port->session.policy;
    if (config->socks_user != NULL) {
        policy->uname = (const uint8_t *)config->socks_user;
        policy->ulen = (uint8_t)strlen(config->socks_user);
        policy->passwd = (const uint8_t *)config->socks_password;
        policy->plen = (uint8_t)strlen(config->socks_password);
    }
    if (config->mode & MODE_TCP_ONLY)
        policy->commands |= SKS_ALLOW(SKS_CMD_CONNECT) | SKS_ALLOW(SKS_CMD_BIND);
    if (config->mode & MODE_UDP_ONLY)
        policy->commands |= SKS_ALLOW(SKS_CMD_UDP_ASSOCIATE);
    policy->ota = SKS_SS_PLAIN;
    if (config->one_time_auth)
        policy->ota = SKS_SS_OTA_REQUIRED;
    else if (config->role == SKS_ROLE_SSSERVER && config->cipher->kind != SKS_CIPHER_AEAD)
        policy->ota = SKS_SS_OTA_ALLOWED;
    if (config->role == SKS_ROLE_TUNNEL) {
        struct address literal;
        size_t len = strlen(config->tunnel_remote);
        policy->target =
            (struct sks_addr){(const uint8_t *)config->tunnel_remote, config->tunnel_remote_port,
                              SKS_ATYP_DOMAIN, (uint8_t)len};
        if (address_from_text(&literal, config->tunnel_remote, len, config->tunnel_remote_port)) {
            address_to_sks(&policy->target, &literal);
            memcpy(port->target, policy->target.host, policy->target.host_len);
            policy->target.host = port->target;
        }
    }
}

static int set_key(struct port *port, const char *password)
{
    const struct sks_cipher *cipher = port->config->cipher;
    if (sks_key_from_password(&port->key, cipher, (const uint8_t *)password, strlen(password)) !=
        SKS_OK)
        return -1;
    port->session.key = &port->key;
    if (cipher->iv_size != 0) {
        port->salts = replay_filter_hold(port->number, &port->key, REPLAY_STREAMS);
        port->datagrams = replay_filter_hold(port->number, &port->key, REPLAY_DATAGRAMS);
        if (port->salts == NULL || port->datagrams == NULL)
            return -1;
    }
    if (cipher->kind == SKS_CIPHER_AEAD)
        return sks_sealer_new(&port->session.sealer, cipher) == SKS_OK ? 0 : -1;
    if (sks_stream_new(&port->opener, cipher, SKS_DECRYPT) != SKS_OK ||
        sks_stream_new(&port->closer, cipher, SKS_ENCRYPT) != SKS_OK)
        return -1;
    return 0;
}

struct port *port_new(struct worker *worker, struct config *config, uint16_t number,
                      const char *password)
{
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return NULL;
    port->refs = 1;
    port->worker = worker;
    port->config = config_hold(config);
    port->number = number;
    port->session.role = config->role;
    set_policy(port);
    if (config->cipher == NULL || set_key(port, password) == 0)
        return port;
    port_release(port);
    return NULL;
}

struct port *port_hold(struct port *port)
{
    port->refs++;
    return port;
}

void port_release(struct port *port)
{
    if (--port->refs != 0)
        return;
    replay_filter_release(port->salts);
    replay_filter_release(port->datagrams);
    sks_sealer_free(port->session.sealer);
    sks_stream_free(port->opener);
    sks_stream_free(port->closer);
    sks_key_wipe(&port->key);
    config_release(port->config);
    free(port);
}
