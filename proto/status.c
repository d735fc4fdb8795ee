#include <sockspec/status.h>

const char *sks_status_name(enum sks_status s)
{
    static const char *const names[] = {
#define SKS_X(constant, text) #constant,
        SKS_STATUS_LIST(SKS_X)
#undef SKS_X
    };
    return (size_t)s < sizeof names / sizeof names[0] ? names[s] : "?";
}

const char *sks_status_text(enum sks_status s)
{
    static const char *const texts[] = {
#define SKS_X(constant, text) text,
        SKS_STATUS_LIST(SKS_X)
#undef SKS_X
    };
    return (size_t)s < sizeof texts / sizeof texts[0] ? texts[s] : "?";
}
