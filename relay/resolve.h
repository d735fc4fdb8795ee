/* Host names to addresses, without waiting: literals, the hosts file, answers of before, and then
 * name servers, IPv4 and IPv6 side by side. One resolver serves one loop. */
#ifndef RELAY_RESOLVE_H
#define RELAY_RESOLVE_H

#include "names.h"

#include <event2/event.h>

enum { RESOLVE_DEADLINE_MS = 5000 }; /* then what has come by then is the answer */

struct resolver;
struct resolve_request;

/* What the name has; count 0: nothing, or no answer. */
typedef void resolve_done(void *arg, const struct name_addresses *is);

/* servers: count addresses of name servers, "ADDRESS" or "ADDRESS:PORT"; none: those of
 * /etc/resolv.conf. NULL when there is no memory, or a server is not an address. */
struct resolver *resolver_open(struct event_base *base, char *const *servers, size_t count,
                               int prefer_ipv6);
void resolver_close(struct resolver *resolver); /* no request may be open */

/* Calls done once, with port 0 in each address: before it returns, then the answer is NULL; or
 * later, then the request may be cancelled until done was called. name is copied. */
struct resolve_request *resolver_ask(struct resolver *resolver, const char *name, size_t len,
                                     resolve_done *done, void *arg);
void resolver_cancel(struct resolve_request *request);

#endif
