/* Whether the suite's own loop got to run: what a busy machine takes from it is not held against
 * the peer. */
#ifndef ENGINE_BEAT_H
#define ENGINE_BEAT_H

#include "play.h"

/* From now to beat_stop, set->stalled_us grows by the time in which the loop had work and no
 * processor, or waited outside of itself. Its own computing does not count: a peer that floods
 * gains nothing. */
void beat_start(struct stage_set *set);
void beat_stop(struct stage_set *set);

/* What has come to set->stalled_us on a step's clock, from 0 to most us: how much longer it may
 * take. due_us: when its time was over; seen: set->stalled_us when it began. */
uint64_t beat_owed(const struct stage_set *set, uint64_t seen, uint64_t due_us, uint64_t most);

#endif
