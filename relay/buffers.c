#include "buffers.h"

#include <stdlib.h>

enum { IDLE_MAX = 64 }; /* 4 MiB that a worker keeps at hand */

struct buffer *buffers_take(struct buffers *pool)
{
    struct buffer *b = pool->free;
    if (b != NULL) {
        pool->free = b->next;
        pool->idle--;
    } else {
        b = malloc(sizeof *b);
        if (b == NULL)
            return NULL;
    }
    pool->used++;
    b->next = NULL;
    b->at = SKS_SESSION_HEAD;
    b->n = 0;
    b->first = b->count = 0;
    return b;
}

void buffers_give(struct buffers *pool, struct buffer *buffer)
{
    pool->used--;
    if (pool->idle == IDLE_MAX) {
        free(buffer);
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
        free(b);
    }
    pool->idle = 0;
}
