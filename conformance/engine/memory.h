/* Memory that is there: the suite holds little, for a short time, and without it has no verdict to
 * give. Each of these is as the function of libc without x, but does not come back without memory:
 * then a line says so and the suite ends, exit status 5; peers that it started end with it. */
#ifndef ENGINE_MEMORY_H
#define ENGINE_MEMORY_H

#include <event2/event.h>
#include <stddef.h>
#include <stdio.h>

_Noreturn void out_of_memory(void);

/* Likewise where another thing is missing without which the answer would be wrong. */
_Noreturn void give_up(const char *what, const char *why);

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *text);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
FILE *xopen_memstream(char **text, size_t *size);

/* Likewise of libevent, which may find none in the kernel. */
void xevent_add(struct event *event, const struct timeval *in);
void xevent_base_dispatch(struct event_base *base);

/* libevent's and jansson's memory, too: to be called before either is. */
void memory_begin(void);

#endif
