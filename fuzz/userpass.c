/* User name and password: RFC 1929 section 2. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(userpass, SKS_USERPASS_MAX, BORROWED(uname, ulen), BORROWED(passwd, plen))
