/* How a session finds its remote side: the name, then one address after another; or, for BIND, a
 * port of our own and whoever connects to it. Ends in an event for the session. */
#ifndef RELAY_DIAL_H
#define RELAY_DIAL_H

#include "address.h"
#include "names.h"

#include <sockspec/session.h>
#include <stdbool.h>

struct connection;

struct dial {
    struct connection *owner;
    struct resolve_request *request; /* NULL: none is open */
    struct name_addresses found;
    unsigned next; /* of found, to be tried */
    int fd;        /* -1: none */
    struct event *event;
    bool ready; /* out is to be told */
    struct sks_event out;
    struct address out_addr;
    struct address peer_now; /* the address that is tried */
    int error;               /* errno of the address that was tried last */
    uint16_t port;
    char what[NAME_MAX_OCTETS + 8]; /* host:port, for log lines */
};

/* SKS_ACTION_RESOLVE; addr NULL: one of the configured servers. Returns -1 without memory. */
int dial_resolve(struct connection *c, const struct sks_addr *addr);

void dial_connect(struct connection *c); /* SKS_ACTION_CONNECT */
void dial_listen(struct connection *c);  /* SKS_ACTION_LISTEN */

/* The deadline of what it waits for has passed: tries the next address or gives up. */
void dial_expired(struct connection *c);

void dial_free(struct dial *dial);

/* The REP that an errno calls for. */
uint8_t dial_rep(int error);

#endif
