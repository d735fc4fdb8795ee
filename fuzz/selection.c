/* The choice of a method: RFC 1928 section 3. */
#include "laws.h"

#include <sockspec/socks5.h>

PARSER(selection, SKS_SELECTION_SIZE, )
