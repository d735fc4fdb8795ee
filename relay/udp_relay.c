#include "udp.h"

#include <stdlib.h>
#include <string.h>

/* A datagram that waits for the address of its target. */
struct udp_waiting {
    struct udp_waiting *next, **link;
    struct association *association;
    struct resolve_request *request;
    uint16_t port;
    size_t len;
    uint8_t octets[];
};

void udp_drop(struct worker *worker, const char *why)
{
    static struct log_limit limit;
    COUNT_UP(worker->statistics.datagrams_dropped, 1);
    log_limited(&limit, LOG_INFO, "datagram dropped: %s", why);
}

/* ---- to where -------------------------------------------------------------------------------- */

static void send_checked(struct association *a, const struct address *to, const uint8_t *octets,
                         size_t len)
{
    if (config_forbids(a->port->config, to))
        udp_drop(a->worker, "its target is forbidden");
    else
        udp_send_remote(a, to, octets, len);
}

static void waiting_free(struct udp_waiting *w)
{
    *w->link = w->next;
    if (w->next != NULL)
        w->next->link = w->link;
    w->association->waiting_count--;
    free(w);
}

void udp_forget_waiting(struct association *a)
{
    while (a->waiting != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the link of the first is a->waiting */
        if (a->waiting->request != NULL)
            resolver_cancel(a->waiting->request);
        waiting_free(a->waiting);
    }
}

static void on_found(void *arg, const struct name_addresses *is)
{
    struct udp_waiting *w = arg;
    for (unsigned i = 0; i < is->count; i++) {
        struct address to = is->list[i];
        address_set_port(&to, w->port);
        if (i + 1 < is->count && config_forbids(w->association->port->config, &to))
            continue;
        send_checked(w->association, &to, w->octets, w->len);
        break;
    }
    if (is->count == 0)
        udp_drop(w->association->worker, "its target's name has no address");
    waiting_free(w);
}

static void send_to_name(struct association *a, const char *name, size_t name_len, uint16_t port,
                         const uint8_t *octets, size_t len)
{
    struct udp_waiting *w = a->waiting_count < UDP_WAITING ? malloc(sizeof *w + len) : NULL;
    if (w == NULL) {
        udp_drop(a->worker, "too many wait for a name");
        return;
    }
    w->association = a;
    w->port = port;
    w->len = len;
    if (len != 0)
        memcpy(w->octets, octets, len);
    w->next = a->waiting;
    w->link = &a->waiting;
    if (w->next != NULL)
        w->next->link = &w->next;
    a->waiting = w;
    a->waiting_count++;
    w->request = NULL;
    struct resolve_request *request =
        resolver_ask(a->worker->resolver, name, name_len, on_found, w);
    if (request != NULL)
        w->request = request; /* else w is gone */
}

static void send_to_target(struct association *a, const struct sks_addr *target,
                           const uint8_t *octets, size_t len)
{
    struct address to;
    if (address_from_sks(&to, target))
        send_checked(a, &to, octets, len);
    else
        send_to_name(a, (const char *)target->host, target->host_len, target->port, octets, len);
}

static void send_to_server(struct association *a, uint8_t *text, size_t len)
{
    const struct config *config = a->port->config;
    size_t servers = config->server.count;
    const char *name = config->server.items[a->server % servers];
    uint16_t port = config->server_port.items[a->server / servers % config->server_port.count];
    struct address to;
    if (datagram_seal(a->port, &text, &len) != SKS_OK)
        udp_drop(a->worker, "it could not be sealed");
    else if (address_from_text(&to, name, strlen(name), port))
        udp_send_remote(a, &to, text, len);
    else
        send_to_name(a, name, strlen(name), port, text, len);
}

/* ---- both ways ------------------------------------------------------------------------------- */

void udp_from_opened(struct association *a, const struct datagram *d)
{
    send_to_target(a, &d->addr, d->payload, d->payload_len);
}

void udp_from_client(struct association *a, uint8_t *octets, size_t len)
{
    struct sks_udp_header header;
    size_t used;
    if (a->port->session.role == SKS_ROLE_TUNNEL) {
        const struct sks_addr *target = &a->port->session.policy.target;
        uint8_t encoded[SKS_ADDR_MAX];
        if (sks_addr_encode(encoded, sizeof encoded, target, &used) != SKS_OK)
            return;
        memcpy(octets - used, encoded, used);
        send_to_server(a, octets - used, used + len);
        return;
    }
    if (sks_udp_header_parse(&header, octets, len, &used) != SKS_OK)
        udp_drop(a->worker, "no header of RFC 1928 section 7");
    else if (header.frag != 0)
        udp_drop(a->worker, "a fragment");
    else if (a->port->session.role == SKS_ROLE_SOCKS5)
        send_to_target(a, &header.dst, octets + used, len - used);
    else
        send_to_server(a, octets + 3, len - 3);
}

void udp_from_remote(struct association *a, const struct address *from, uint8_t *octets, size_t len)
{
    enum sks_role role = a->port->session.role;
    struct sks_udp_header header = {0};
    struct datagram d;
    uint8_t encoded[SKS_UDP_HEADER_MAX];
    size_t used, skip = role == SKS_ROLE_SSSERVER ? 3 : 0;
    if (role == SKS_ROLE_SOCKS5 || role == SKS_ROLE_SSSERVER) {
        address_to_sks(&header.dst, from);
        if (sks_udp_header_encode(encoded, sizeof encoded, &header, &used) != SKS_OK)
            return;
        used -= skip;
        memcpy(octets - used, encoded + skip, used);
        octets -= used;
        len += used;
        if (role == SKS_ROLE_SSSERVER && datagram_seal(a->port, &octets, &len) != SKS_OK)
            udp_drop(a->worker, "it could not be sealed");
        else
            udp_send_client(a, octets, len);
        return;
    }
    enum sks_status s = datagram_open(a->port, octets, len, &d);
    if (s != SKS_OK) {
        udp_drop(a->worker, sks_status_text(s));
    } else if (role == SKS_ROLE_TUNNEL) {
        udp_send_client(a, d.payload, d.payload_len);
    } else {
        memset(d.header - 3, 0, 3);
        udp_send_client(a, d.header - 3, 3 + d.header_len + d.payload_len);
    }
}
