/* The request: RFC 1928 section 4. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(request, SKS_REQUEST_MAX, BORROWED(dst.host, dst.host_len))
