#include "memory.h"

#include "run.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void out_of_memory(void)
{
    static const char line[] = "sockspec: no memory is left\n";
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    _exit(EXIT_SUITE);
}

void give_up(const char *what, const char *why)
{
    dprintf(STDERR_FILENO, "sockspec: %s: %s\n", what, why);
    _exit(EXIT_SUITE);
}

static void *there(void *p)
{
    if (!p)
        out_of_memory();
    return p;
}

void *xmalloc(size_t n)
{
    return there(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
    return there(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n)
{
    return there(realloc(p, n ? n : 1));
}

char *xstrdup(const char *text)
{
    return there(strdup(text));
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    return n < 0 ? there(NULL) : text;
}

FILE *xopen_memstream(char **text, size_t *size)
{
    return there(open_memstream(text, size));
}

void xevent_add(struct event *event, const struct timeval *in)
{
    if (event_add(event, in) != 0)
        out_of_memory();
}

void xevent_base_dispatch(struct event_base *base)
{
    if (event_base_dispatch(base) < 0)
        out_of_memory();
}

void memory_begin(void)
{
    event_set_mem_functions(xmalloc, xrealloc, free);
    json_set_alloc_funcs(xmalloc, free);
}
