/* What every harness asserts, and where it puts octets. A law that does not hold ends the process,
 * naming the law; so the fuzzer keeps the input. */
#ifndef FUZZ_LAWS_H
#define FUZZ_LAWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sockspec/status.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAW(holds, text) ((holds) ? (void)0 : law_broken(__FILE__, __LINE__, text))

_Noreturn static inline void law_broken(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: law broken: %s\n", file, line, text);
    abort();
}

/* ---- places ------------------------------------------------------------------------------------
 */

enum { BLOCK_SIZE = 1 << 17 };

/* The end of BLOCK_SIZE octets in front of a page that cannot be touched, made once at *end. */
static inline uint8_t *guarded(uint8_t **end)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (*end == NULL) {
        uint8_t *p = mmap(NULL, BLOCK_SIZE + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        LAW(p != MAP_FAILED && mprotect(p, BLOCK_SIZE, PROT_READ | PROT_WRITE) == 0, "memory");
        *end = p + BLOCK_SIZE;
    }
    return *end;
}

/* A copy of n octets, n at most BLOCK_SIZE, that ends where reading on is a fault; until the next
 * call. */
static inline const uint8_t *exact(const uint8_t *octets, size_t n)
{
    static uint8_t *end;
    uint8_t *p = guarded(&end) - n;
    return n != 0 ? memcpy(p, octets, n) : p;
}

/* Room for n octets that ends where writing on is a fault; until the next call. */
static inline uint8_t *room(size_t n)
{
    static uint8_t *end;
    return guarded(&end) - n;
}

enum { PATTERN = 0xa5 };

static inline int untouched(const void *out, size_t n)
{
    const uint8_t *p = out;
    for (uint64_t eight; n >= sizeof eight; n -= sizeof eight, p += sizeof eight) {
        memcpy(&eight, p, sizeof eight);
        if (eight != UINT64_MAX / 0xff * PATTERN)
            return 0;
    }
    while (n > 0 && p[n - 1] == PATTERN)
        n--;
    return n == 0;
}

/* ---- a parser ----------------------------------------------------------------------------------
 */

/* What status.h promises of any answer to len octets, where out was filled with PATTERN. */
static inline void expect_answer(enum sks_status s, size_t used, const void *out, size_t out_size,
                                 size_t len)
{
    if (s == SKS_OK) {
        LAW(used <= len, "what was used was there");
        return;
    }
    LAW(s == SKS_MORE ? used == 0 : used < len, "an error names an octet that was there");
    LAW(untouched(out, out_size), "a failed call changes nothing");
}

static inline void expect_borrowed(const uint8_t *span, size_t n, const uint8_t *data, size_t used)
{
    LAW(span >= data && n <= used && span + n <= data + used, "spans borrow from the message");
}

/* A harness of a parser alone. data ends where reading on is a fault: libFuzzer and replay.c see to
 * that. Behind the size of the largest message: its spans. */
#define PARSER(name, largest, ...)                                                                 \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                   \
    {                                                                                              \
        struct sks_##name out;                                                                     \
        size_t used = SIZE_MAX;                                                                    \
        memset(&out, PATTERN, sizeof out);                                                         \
        enum sks_status s = sks_##name##_parse(&out, data, size, &used);                           \
        expect_answer(s, used, &out, sizeof out, size);                                            \
        if (s == SKS_OK) {                                                                         \
            LAW(used > 0 && used <= (largest), "a message has the size that the header says");     \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
        return 0;                                                                                  \
    }
#define BORROWED(span, n) expect_borrowed(out.span, out.n, data, used)

#endif
