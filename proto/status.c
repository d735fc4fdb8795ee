#include <sockspec/status.h>

const char *sks_status_name(enum sks_status s)
{
    switch (s) {
#define SKS_X(constant, text)                                                                      \
    case constant:                                                                                 \
        return #constant;
        SKS_STATUS_LIST(SKS_X)
#undef SKS_X
    }
    return "?";
}

const char *sks_status_text(enum sks_status s)
{
    switch (s) {
#define SKS_X(constant, text)                                                                      \
    case constant:                                                                                 \
        return text;
        SKS_STATUS_LIST(SKS_X)
#undef SKS_X
    }
    return "?";
}
