/* What is asked of an implementation as a program, whatever it speaks. */
#include "requirements.h"

const struct requirement stage_requirements[] = {
    {.id = "stage/rest/descriptors",
     .section = "practice",
     .level = LEVEL_DEFACTO,
     .rule = "When all its sessions have ended a server has no more descriptors open than before "
             "them.",
     .why = "One that loses a descriptor a session serves nobody after the first thousand."},
    {.id = "stage/rest/memory",
     .section = "practice",
     .level = LEVEL_DEFACTO,
     .rule = "When all its sessions have ended a server does not hold more memory each time.",
     .why = "What grows with every session ends by the system's hand, and with it every session."},
    {0},
};
