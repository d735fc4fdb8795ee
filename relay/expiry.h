/* What waits, in the order of its last activity: the one that expires first stands first. All
 * entries of a list wait for the same time. */
#ifndef RELAY_EXPIRY_H
#define RELAY_EXPIRY_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

enum { TIMEOUTS_CLEAN_SIZE = 512 }; /* entries that expire in one turn of the loop, at most */

struct expiry_list;

/* Part of what expires; all zero: in no list. */
struct expiry_entry {
    struct expiry_entry *before, *behind;
    struct expiry_list *list;
    uint64_t last_ms;
};

struct expiry_list {
    struct expiry_entry ends;               /* of the ring: behind it the oldest */
    uint64_t after_ms;                      /* of no activity */
    void (*expired)(struct expiry_entry *); /* the entry has left the list */
    struct event *timer;                    /* NULL: the owner calls expiry_run */
    int is_armed;                           /* the timer will run */
    unsigned count;
};

/* base may be NULL. Returns 0, or -1 when there is no memory. */
int expiry_open(struct expiry_list *list, struct event_base *base, uint64_t after_ms,
                void (*expired)(struct expiry_entry *));
void expiry_close(struct expiry_list *list); /* entries just leave it */

/* Changes the time for all. */
void expiry_set(struct expiry_list *list, uint64_t after_ms);

/* The entry enters the list, from wherever it was, as the youngest. */
void expiry_enter(struct expiry_list *list, struct expiry_entry *entry);
void expiry_leave(struct expiry_entry *entry);

/* NULL when the list is empty. */
struct expiry_entry *expiry_oldest(const struct expiry_list *list);

/* Activity: now the youngest of its list. Does nothing when in none. */
void expiry_touch(struct expiry_entry *entry);

/* Lets those due at now_ms expire, oldest first, at most most. Returns the milliseconds until the
 * next is due, 0 when it is, UINT64_MAX when the list is empty. */
uint64_t expiry_run(struct expiry_list *list, uint64_t now_ms, unsigned most);

#endif
