#include <sockspec/stage.h>

#define SKS_X(constant, value, name)                                                               \
    case constant:                                                                                 \
        return name;

const char *sks_role_name(int role)
{
    switch (role) {
        SKS_ROLE_LIST(SKS_X)
    default:
        return "?";
    }
}

const char *sks_stage_name(int stage)
{
    switch (stage) {
        SKS_STAGE_LIST(SKS_X)
    default:
        return "?";
    }
}

#undef SKS_X
#define SKS_X(constant, name, text)                                                                \
    case constant:                                                                                 \
        return name;

const char *sks_event_name(int kind)
{
    switch (kind) {
        SKS_EVENT_LIST(SKS_X)
    default:
        return "?";
    }
}

const char *sks_action_name(int kind)
{
    switch (kind) {
        SKS_ACTION_LIST(SKS_X)
    default:
        return "?";
    }
}
