/* How many blocks the whole program asks the heap for, its libraries included. A program that
 * includes this answers malloc itself, or under ASan has its allocator report. */
#ifndef RELAY_TEST_HEAP_COUNT_H
#define RELAY_TEST_HEAP_COUNT_H

#include <stdatomic.h>
#include <stddef.h>

static _Atomic unsigned long heap_count;

#ifdef __has_feature
#define HEAP_ASAN __has_feature(address_sanitizer)
#else
#define HEAP_ASAN 0
#endif

#if HEAP_ASAN
#include <sanitizer/allocator_interface.h>

static void on_malloc(const volatile void *block, size_t size)
{
    (void)block, (void)size;
    heap_count++;
}

static void on_free(const volatile void *block)
{
    (void)block;
}

static void heap_watch(void)
{
    (void)__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}
#else
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

void *malloc(size_t size)
{
    heap_count++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    heap_count++;
    return __libc_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    heap_count++;
    return __libc_realloc(block, size);
}

static void heap_watch(void)
{
}
#endif

#endif
