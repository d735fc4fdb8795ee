/* Salts and IVs seen before: exact, no false positive, the oldest out first. One for each port, key
 * and kind (streams, datagrams) in the whole process: all workers ask it, and a new configuration
 * takes it over. It is lost when the process ends. */
#ifndef RELAY_REPLAY_FILTER_H
#define RELAY_REPLAY_FILTER_H

#include <sockspec/crypto.h>

/* Salts that are remembered: those of 131,072 sessions and of the answers to them. About 10 MiB
 * when full of salts of 32 octets; what is not used yet takes no memory. */
enum { REPLAY_FILTER_SALTS = 1 << 18 };

enum replay_kind { REPLAY_STREAMS, REPLAY_DATAGRAMS };

struct replay_filter;

/* The one for this port, key and kind, made if there is none. NULL without an error for a method
 * without salt or IV, and when there is no memory. Given back by replay_filter_release; one that
 * nobody holds is forgotten by replay_filter_sweep. */
struct replay_filter *replay_filter_hold(uint16_t port, const struct sks_key *key,
                                         enum replay_kind kind);
void replay_filter_release(struct replay_filter *filter);
void replay_filter_sweep(void);

/* Remembers a salt of the key's method: 1 when it is new, 0 when it was seen before. Any thread may
 * call; of two that bring the same salt one gets 1. A filter that is NULL knows nothing: 1. */
int replay_filter_add(struct replay_filter *filter, const uint8_t *salt);

#endif
