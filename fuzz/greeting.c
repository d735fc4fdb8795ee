/* The greeting: RFC 1928 section 3. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(greeting, SKS_GREETING_MAX, BORROWED(methods, nmethods))
