#include <sockspec/stage.h>

#define SKS_X(constant, value, name)                                                               \
    if (number == (constant))                                                                      \
        return name;

const char *sks_role_name(int number)
{
    SKS_ROLE_LIST(SKS_X)
    return "?";
}

const char *sks_stage_name(int number)
{
    SKS_STAGE_LIST(SKS_X)
    return "?";
}

#undef SKS_X
#define SKS_X(constant, name, text) name,

const char *sks_event_name(int number)
{
    static const char *const names[] = {SKS_EVENT_LIST(SKS_X)};
    return (size_t)number < sizeof names / sizeof names[0] ? names[number] : "?";
}

const char *sks_action_name(int number)
{
    static const char *const names[] = {SKS_ACTION_LIST(SKS_X)};
    return (size_t)number < sizeof names / sizeof names[0] ? names[number] : "?";
}
