#include "expiry.h"

#include "clock.h"

#include <string.h>

static void arm(struct expiry_list *list, uint64_t in_ms)
{
    struct timeval t = {(time_t)(in_ms / 1000), (suseconds_t)(in_ms % 1000 * 1000)};
    if (list->timer != NULL)
        list->is_armed = event_add(list->timer, &t) == 0; /* else the next entry tries again */
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct expiry_list *list = arg;
    (void)fd;
    (void)what;
    list->is_armed = 0;
    uint64_t next = expiry_run(list, clock_ms(), TIMEOUTS_CLEAN_SIZE);
    if (next != UINT64_MAX)
        arm(list, next);
}

int expiry_open(struct expiry_list *list, struct event_base *base, uint64_t after_ms,
                void (*expired)(struct expiry_entry *))
{
    memset(list, 0, sizeof *list);
    list->ends.before = list->ends.behind = &list->ends;
    list->after_ms = after_ms;
    list->expired = expired;
    if (base == NULL)
        return 0;
    list->timer = event_new(base, -1, 0, on_timer, list);
    return list->timer != NULL ? 0 : -1;
}

void expiry_close(struct expiry_list *list)
{
    while (list->ends.behind != NULL && list->ends.behind != &list->ends)
        expiry_leave(list->ends.behind);
    if (list->timer != NULL)
        event_free(list->timer);
    list->timer = NULL;
}

void expiry_set(struct expiry_list *list, uint64_t after_ms)
{
    list->after_ms = after_ms;
    if (list->is_armed || list->ends.behind != &list->ends)
        arm(list, 0);
}

static void link_youngest(struct expiry_list *list, struct expiry_entry *entry)
{
    list->count++;
    entry->list = list;
    entry->last_ms = clock_ms();
    entry->before = list->ends.before;
    entry->behind = &list->ends;
    entry->before->behind = entry;
    entry->behind->before = entry;
}

static void unlink_entry(struct expiry_entry *entry)
{
    entry->list->count--;
    entry->before->behind = entry->behind;
    entry->behind->before = entry->before;
}

void expiry_enter(struct expiry_list *list, struct expiry_entry *entry)
{
    expiry_leave(entry);
    link_youngest(list, entry);
    if (!list->is_armed)
        arm(list, list->after_ms);
}

void expiry_leave(struct expiry_entry *entry)
{
    if (entry->list == NULL)
        return;
    unlink_entry(entry);
    memset(entry, 0, sizeof *entry);
}

struct expiry_entry *expiry_oldest(const struct expiry_list *list)
{
    return list->count != 0 ? list->ends.behind : NULL;
}

void expiry_touch(struct expiry_entry *entry)
{
    struct expiry_list *list = entry->list;
    if (list == NULL)
        return;
    unlink_entry(entry);
    link_youngest(list, entry);
}

uint64_t expiry_run(struct expiry_list *list, uint64_t now_ms, unsigned most)
{
    for (;; most--) {
        struct expiry_entry *oldest = list->ends.behind;
        if (oldest == &list->ends)
            return UINT64_MAX;
        uint64_t due = oldest->last_ms + list->after_ms;
        if (due > now_ms)
            return due - now_ms;
        if (most == 0)
            return 0;
        expiry_leave(oldest);
        list->expired(oldest);
    }
}
