#include "buffers.h"

#include <sys/mman.h>

enum { IDLE_MAX = 8 }; /* 1 MiB that a worker keeps at hand */

/* Straight from the system and back: what is not touched takes no memory, what is not used is gone.
 */
static struct buffer *map(void)
{
    void *b = mmap(NULL, sizeof(struct buffer), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                   -1, 0);
    return b != MAP_FAILED ? b : NULL;
}

struct buffer *buffers_take(struct buffers *pool)
{
    struct buffer *b = pool->free;
    if (b != NULL) {
        pool->free = b->next;
        pool->idle--;
    } else {
        b = map();
        if (b == NULL)
            return NULL;
    }
    pool->used++;
    b->next = NULL;
    b->at = BUFFER_HEAD;
    b->n = 0;
    b->first = b->count = 0;
    return b;
}

void buffers_give(struct buffers *pool, struct buffer *buffer)
{
    pool->used--;
    if (pool->idle == IDLE_MAX) {
        munmap(buffer, sizeof *buffer);
        return;
    }
    buffer->next = pool->free;
    pool->free = buffer;
    pool->idle++;
}

void buffers_trim(struct buffers *pool)
{
    while (pool->free != NULL) {
        struct buffer *b = pool->free;
        pool->free = b->next;
        munmap(b, sizeof *b);
    }
    pool->idle = 0;
}
