/* What a server owes under probing and replay. There is no text: the measure is what attacks have
 * been seen to tell servers by. */
#include "requirements.h"

const struct requirement ss_probe_requirements[] = {
    {.id = "ss-probe/random/silent",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "Random octets get no octet back, from 1 to 3000 of them, and reach "
             "nobody.",
     .why = "What answers to garbage is a proxy that can be found."},
    {.id = "ss-probe/sweep/uniform",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "What authenticates nothing gets one reaction (silence, FIN or RST), "
             "whatever its length, at about the same time.",
     .why = "A length at which the reaction changes gives away what the server "
            "reads before it checks, and with it the method (field 40, 48)."},
    {.id = "ss-probe/sweep/stream",
     .section = "Probing and replay",
     .level = LEVEL_CHOICE,
     .rule = "Under a stream method what comes of probes hangs on their octets: it "
             "is shown, not judged.",
     .why = "Known weak: nothing is authenticated."},
    {.id = "ss-probe/random/stream",
     .section = "Probing and replay",
     .level = LEVEL_CHOICE,
     .rule = "Under a stream method random octets may pass for a header: what the "
             "server does then is reported, not judged.",
     .why = "Known weak: nothing is authenticated."},
    {.id = "ss-probe/random/fin",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "A FIN before authentication gets one answer, which does not depend on "
             "how much came before.",
     .why = "An RST where octets were left unread tells how many the server reads "
            "at a time."},
    {.id = "ss-probe/random/deadline",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "A connection that does not authenticate ends after a time that a slow "
             "drip does not put off.",
     .why = "Connections pile up (field 36).",
     .waived = "takes the peer's own timeout, minutes by default: the relay's integration tests "
               "hold it with one of seconds"},
    {.id = "ss-probe/replay/refused",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "What a client has sent before is refused when it comes again: nobody "
             "is connected to, no octet comes back.",
     .why = "A replay that is served proves a proxy, and repeats what the client "
            "did (field 20, 42)."},
    {.id = "ss-probe/replay/looks-random",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "A replay with one octet changed gets what random octets get.",
     .why = "Else the outcome tells which octets are checked, and when."},
    {.id = "ss-probe/replay/concurrent",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "Of two connections with one salt at the same time at most one is "
             "served.",
     .why = "Two that are half open pass a filter that looks first and adds later "
            "(field 34)."},
    {.id = "ss-probe/replay/after-authentication",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "A salt counts as used once its connection has authenticated, not "
             "before.",
     .why = "Whoever sees a salt could use it up and so lock its client out (field "
            "43)."},
    {.id = "ss-probe/replay/reflection",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "What the server sent is refused when it comes back as a request.",
     .why = "Its form is a client's: it would be decrypted and served (field 38)."},
    {.id = "ss-probe/replay/fresh",
     .section = "Probing and replay",
     .level = LEVEL_DEFACTO,
     .rule = "No fresh salt is taken for a used one.",
     .why = "A filter that fills up refuses good clients (field 35)."},
    {0},
};
