#include "beat.h"

#include "memory.h"
#include "playing.h"

#include <stdlib.h>
#include <time.h>

enum { BEAT_US = 20000, SLACK_US = 15000 };

struct beat {
    struct event *timer;
    uint64_t last_us, last_cpu_us;
};

static uint64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void on_beat(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct stage_set *set = arg;
    struct beat *b = set->beat;
    uint64_t now = play_now_us(), cpu = cpu_us();
    uint64_t gap = now - b->last_us, own = BEAT_US + (cpu - b->last_cpu_us);
    if (gap > own + SLACK_US)
        set->stalled_us += gap - own;
    b->last_us = now;
    b->last_cpu_us = cpu;
}

void beat_start(struct stage_set *set)
{
    const struct timeval period = {0, BEAT_US};
    struct beat *b = xcalloc(1, sizeof *b);
    *b = (struct beat){event_new(set->base, -1, EV_PERSIST, on_beat, set), play_now_us(), cpu_us()};
    set->beat = b;
    xevent_add(b->timer, &period);
}

void beat_stop(struct stage_set *set)
{
    event_free(set->beat->timer);
    free(set->beat);
    set->beat = NULL;
}

uint64_t beat_owed(const struct stage_set *set, uint64_t seen, uint64_t due_us, uint64_t most)
{
    uint64_t now = play_now_us(), owed = set->stalled_us - seen;
    uint64_t late = now > due_us + SLACK_US ? now - due_us : 0;
    owed = late > owed ? late : owed;
    return owed < most ? owed : most;
}
