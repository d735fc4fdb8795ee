/* Every call to the heap, libcrypto's own included: how many, and whether a secret is given back.
 * A program that includes this answers malloc itself, or under ASan has its allocator report. */
#ifndef CRYPTO_TEST_HEAP_H
#define CRYPTO_TEST_HEAP_H

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* volatile: compilers take malloc and free for functions that change nothing of ours. */
static volatile struct {
    unsigned long allocations; /* blocks asked for */
    unsigned long released;    /* blocks given back */
    unsigned long secrets;     /* those of them with the secret in them */
    const uint8_t *secret;     /* NULL: none is looked for */
    size_t secret_len;
    size_t zeroed; /* octets that calloc was asked for last; not under ASan */
    int refuses;   /* the call of calloc, from 1 on, that gives nothing; not under ASan */
} heap;

/* Blocks that are out. */
static inline unsigned long heap_blocks(void)
{
    return heap.allocations - heap.released;
}

static void heap_freed(const void *block, size_t size)
{
    heap.released += block != NULL;
    if (block != NULL && heap.secret != NULL &&
        memmem(block, size, heap.secret, heap.secret_len) != NULL)
        heap.secrets++;
}

#ifdef __has_feature
#define HEAP_ASAN __has_feature(address_sanitizer)
#elif defined __SANITIZE_ADDRESS__
#define HEAP_ASAN 1
#else
#define HEAP_ASAN 0
#endif

#if HEAP_ASAN
#include <sanitizer/allocator_interface.h>

static void on_malloc(const volatile void *block, size_t size)
{
    (void)block, (void)size;
    heap.allocations++;
}

static void on_free(const volatile void *block)
{
    const void *plain = (const void *)(uintptr_t)block;
    heap_freed(plain, plain == NULL ? 0 : __sanitizer_get_allocated_size(plain));
}

static bool heap_watch(void)
{
    return __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0;
}
#else
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
extern void __libc_free(void *);
extern void *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);

void *malloc(size_t size)
{
    heap.allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    if (heap.refuses > 0 && --heap.refuses == 0)
        return NULL;
    heap.allocations++;
    heap.zeroed = n * size;
    return __libc_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    heap.allocations++;
    heap_freed(block, block == NULL ? 0 : malloc_usable_size(block));
    return __libc_realloc(block, size);
}

void *memalign(size_t align, size_t size)
{
    heap.allocations++;
    return __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

void free(void *block)
{
    heap_freed(block, block == NULL ? 0 : malloc_usable_size(block));
    __libc_free(block);
}

static bool heap_watch(void)
{
    return true;
}
#endif

#endif
