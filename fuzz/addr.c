/* ATYP ADDR PORT: RFC 1928 sections 4 and 5. */
#include "laws.h"

#include <sockspec/addr.h>

PARSER(addr, SKS_ADDR_MAX, BORROWED(host, host_len))
