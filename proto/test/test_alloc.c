/* No codec allocates. This program is linked with --wrap for each function below, so a call from
 * the library or from here lands in __wrap_NAME; ci/symbols sees to calls that libc would make. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static size_t calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **p, size_t alignment, size_t size);
void __real_free(void *p);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
    calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    calls++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    calls++;
    return __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    calls++;
    return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
    calls++;
    return __real_posix_memalign(p, alignment, size);
}

void __wrap_free(void *p)
{
    calls++;
    __real_free(p);
}

static void the_interposer_counts(void **state)
{
    (void)state;
    size_t before = calls;
    void *volatile p = malloc(1);
    void *volatile q = calloc(1, 1);
    void *r = NULL;
    free(p);
    p = realloc(q, 2);
    free(p);
    p = aligned_alloc(16, 16);
    free(p);
    assert_int_equal(posix_memalign(&r, 16, 16), 0);
    free(r);
    assert_int_equal(calls - before, 9);
}

/* Every prefix of octets parsed, what comes of it encoded into every capacity. */
static void exercise(const struct codec *c, const uint8_t *octets, size_t size, unsigned *seen)
{
    uint8_t buf[SKS_USERPASS_MAX];
    struct sks_request out; /* as large as any */
    size_t used, n;
    assert_true(sizeof out >= c->size);
    for (size_t len = 0; len <= size; len++) {
        enum sks_status s = c->parse(&out, octets, len, &used);
        *seen |= 1u << s;
        for (size_t cap = 0; s == SKS_OK && cap <= used; cap++)
            *seen |= 1u << c->encode(buf, cap, &out, &n);
    }
}

static void no_codec_allocates(void **state)
{
    (void)state;
    unsigned seen = 0;
    size_t before = calls;
    for (const struct sample *m = samples; m->codec != NULL; m++) {
        uint8_t octets[64];
        assert_true(m->size <= sizeof octets);
        for (size_t at = 0; at < m->size; at++)
            for (unsigned value = 0; value < 256; value++) {
                memcpy(octets, m->octets, m->size);
                octets[at] = (uint8_t)value;
                exercise(m->codec, octets, m->size, &seen);
            }
    }
    const struct sks_addr misfit = {.atyp = 1, .host_len = 3};
    size_t used;
    seen |= 1u << sks_addr_encode(NULL, 0, &misfit, &used);
    size_t after = calls;
    assert_int_equal(after - before, 0);
    assert_int_equal(seen, (1u << CODEC_ANSWERS) - 1);
}

static void no_name_allocates(void **state)
{
    (void)state;
    size_t before = calls;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t o = (uint8_t)octet;
        const char *volatile texts[] = {sks_atyp_text(o),
                                        sks_method_text(o),
                                        sks_cmd_text(o),
                                        sks_rep_text(o),
                                        sks_status_name((enum sks_status)octet),
                                        sks_status_text((enum sks_status)octet)};
        (void)texts;
    }
    assert_int_equal(calls - before, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interposer_counts),
        cmocka_unit_test(no_codec_allocates),
        cmocka_unit_test(no_name_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
