/* The answer to user name and password: RFC 1929 section 2. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(userpass_status, SKS_USERPASS_STATUS_SIZE, )
