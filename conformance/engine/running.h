/* Parts of run.h's run_all: the peer, the plays side by side, and who is to blame for a death. */
#ifndef ENGINE_RUNNING_H
#define ENGINE_RUNNING_H

#include "run.h"

/* reach.c. Starts the peer of --exec or of a manifest on a free port, or finds the address of
 * --target; false with status and error of the run set when there is no peer. */
bool reach_peer(struct run *run);
/* Ends the peer and starts it anew; false when it is not ours to start, or was too often. */
bool reach_restart(struct run *run);
/* Ends the peer, and removes its folder. */
void reach_end(struct run *run);

/* batch.c. Plays todo, at most limit at once. When the peer dies, those that may have done it stand
 * first in todo: their number is returned, and in *left how many wait behind them. */
size_t batch_play(struct run *run, struct result **todo, size_t n, size_t limit, size_t *left);
/* A plain good connection: how it went, why in reason, and in *us how long it took. Sets silent of
 * the run. */
enum outcome batch_control(struct run *run, char *reason, size_t size, unsigned *us);

/* As batch_control, but one that comes late is tried once more. Whether it held. */
bool batch_serves(struct run *run, char *reason, size_t size);

/* blame.c. Side by side, at most limit; when the peer dies, those that may have done it once more
 * and alone. */
void blame_together(struct run *run, struct result **todo, size_t n, size_t limit);
/* One at a time, a control behind each: whoever harms the peer is found. Returns how many did. */
size_t blame_alone(struct run *run, struct result **todo, size_t n);
/* Side by side; where that harms the peer, each half so, and on down to one: fewer plays than one
 * at a time, where few do harm. Whether the peer was harmed; those that may have done it have been
 * told. todo is not in order afterwards. */
bool blame_search(struct run *run, struct result **todo, size_t n);
/* Those that something disturbed, once more and alone; a peer that takes no connection any more is
 * not waited for each time. */
void blame_again(struct run *run, struct result **todo, size_t n);

/* late.c. Plays those that missed a deadline once more, a few at a time and with more time on a
 * busy machine: before it is the peer's failure. todo has room for all results. */
void late_again(struct run *run, struct result **todo);

/* leaks.c. What the peer holds at rest, before the cases; and when they are over, the verdict of
 * those cases that are about it. */
void leaks_begin(struct run *run);
void leaks_judge(struct run *run);

struct growth {
    unsigned long descriptors, memory_kib;
};
/* What the peer's processes have more than they had, when it has let go of what it will let go of;
 * *since becomes what they have now. Nothing when it may not be looked into. */
struct growth leaks_growth(struct run *run, struct holding *since);

#endif
