#include <sockspec/socks5.h>

#define SKS_X(constant, value, text)                                                               \
    if (octet == (value))                                                                          \
        return text;

const char *sks_atyp_text(uint8_t octet)
{
    SKS_ATYP_LIST(SKS_X)
    return "unassigned";
}

const char *sks_method_text(uint8_t octet)
{
    SKS_METHOD_LIST(SKS_X)
    return "unassigned";
}

const char *sks_cmd_text(uint8_t octet)
{
    SKS_CMD_LIST(SKS_X)
    return "unassigned";
}

const char *sks_rep_text(uint8_t octet)
{
    SKS_REP_LIST(SKS_X)
    return "unassigned";
}
