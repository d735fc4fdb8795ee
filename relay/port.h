/* What one listening port serves: key, policy, filters. Made for a worker from a configuration;
 * outlives the listener until its last session ends. */
#ifndef RELAY_PORT_H
#define RELAY_PORT_H

#include "replay_filter.h"
#include "worker.h"

#include <sockspec/session.h>

struct port {
    unsigned refs;
    struct worker *worker;
    struct config *config; /* held */
    uint16_t number;
    struct sks_key key;
    struct sks_session_config session;
    uint8_t target[16];                 /* of a tunnel that leads to an IP address */
    struct sks_stream *opener, *closer; /* datagrams of a method that is not AEAD */
    struct replay_filter *salts, *datagrams;
};

/* Whether the one who connects speaks first: it is accepted when its octets are there. The
 * reference for SOCKS5 servers accepts at once. */
static inline bool port_hears_first(enum sks_role role)
{
    return role == SKS_ROLE_SSLOCAL || role == SKS_ROLE_SSSERVER;
}

/* password: of this port; NULL for socks5. NULL when there is no memory. */
struct port *port_new(struct worker *worker, struct config *config, uint16_t number,
                      const char *password);
struct port *port_hold(struct port *port);
void port_release(struct port *port);

#endif
