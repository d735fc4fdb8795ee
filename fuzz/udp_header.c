/* The header of a datagram: RFC 1928 section 7. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(udp_header, SKS_UDP_HEADER_MAX, BORROWED(dst.host, dst.host_len))
