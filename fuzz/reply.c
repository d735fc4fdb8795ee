/* The reply: RFC 1928 section 6. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(reply, SKS_REPLY_MAX, BORROWED(bnd.host, bnd.host_len))
