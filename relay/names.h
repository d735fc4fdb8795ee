/* What is known of host names without a question: the hosts file, and answers of before for as long
 * as their time to live lasts. */
#ifndef RELAY_NAMES_H
#define RELAY_NAMES_H

#include "address.h"

#include <stddef.h>

enum {
    NAME_MAX_OCTETS = 255,
    NAME_LABEL_MAX = 63,    /* octets between two dots, RFC 1035 section 2.3.4 */
    NAME_ADDRESSES = 8,     /* of one name, at most */
    NAMES_CACHED = 1024,    /* answers kept; a new one takes the place of another */
    NAMES_TTL_MAX_S = 3600, /* seconds that an answer is kept, at most */
};

struct name_addresses {
    unsigned count;
    struct address list[NAME_ADDRESSES]; /* port 0 */
};

struct names;

/* hosts_file may be NULL or the name of a file that is not there. NULL when there is no memory. */
struct names *names_open(const char *hosts_file);
void names_close(struct names *names);

/* Whether len octets at name are a host name: labels of letters, digits, - _ with dots between. */
int name_is_valid(const char *name, size_t len);

/* Names compare without regard to case, or to a last dot. */
void names_keep(struct names *names, const char *name, size_t len, const struct name_addresses *is,
                unsigned ttl_s, uint64_t now_ms);
const struct name_addresses *names_find(struct names *names, const char *name, size_t len,
                                        uint64_t now_ms);

void name_addresses_add(struct name_addresses *to, const struct address *a);

/* IPv6 before IPv4 or the other way round; else the order stays. */
void name_addresses_prefer(struct name_addresses *a, int ipv6);

#endif
