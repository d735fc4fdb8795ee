#include <sockspec/socks5.h>

#define SKS_X(constant, octet, text)                                                               \
    case octet:                                                                                    \
        return text;

const char *sks_atyp_text(uint8_t atyp)
{
    switch (atyp) {
        SKS_ATYP_LIST(SKS_X)
    default:
        return "unassigned";
    }
}

const char *sks_method_text(uint8_t method)
{
    switch (method) {
        SKS_METHOD_LIST(SKS_X)
    default:
        return "unassigned";
    }
}

const char *sks_cmd_text(uint8_t cmd)
{
    switch (cmd) {
        SKS_CMD_LIST(SKS_X)
    default:
        return "unassigned";
    }
}

const char *sks_rep_text(uint8_t rep)
{
    switch (rep) {
        SKS_REP_LIST(SKS_X)
    default:
        return "unassigned";
    }
}
