/* No codec allocates. This program is linked with --wrap for each function below, so a call from
 * the library or from here lands in __wrap_NAME; ci/symbols sees to calls that libc would make. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <sockspec/shadowsocks.h>
#include <sockspec/uri.h>

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

static void no_codec_of_socks5_allocates(void **state)
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
    assert_int_equal(seen, (1u << (SKS_ERR_SPACE + 1)) - 1);
}

static uint32_t sweep_header(const uint8_t *octets, size_t len)
{
    uint32_t seen = 0;
    uint8_t buf[SKS_OTA_HEADER_MAX];
    size_t used, n;
    for (unsigned m = SKS_SS_PLAIN; m <= SKS_SS_PY; m++) {
        enum sks_ss_mode mode = (enum sks_ss_mode)m;
        struct sks_ss_header header;
        struct sks_ota_header with_tag;
        struct sks_ota_datagram datagram;
        enum sks_status s = sks_ss_header_parse(&header, octets, len, mode, &used);
        for (size_t cap = 0; s == SKS_OK && cap <= used; cap++) {
            seen |= 1u << sks_ss_header_encode(buf, cap, &header, mode, &n);
            seen |= 1u << sks_ota_header_encode(buf, cap, &header, mode, &n);
            seen |= 1u << sks_ota_datagram_encode(buf, cap, &header, octets, 1, mode, &n);
        }
        seen |= 1u << s | 1u << sks_ota_header_parse(&with_tag, octets, len, mode, &used) |
                1u << sks_ota_datagram_parse(&datagram, octets, len, mode, &used);
    }
    return seen;
}

static uint32_t sweep_frames(const uint8_t *octets, size_t len)
{
    uint32_t seen = 0;
    uint8_t buf[64];
    size_t used;
    struct sks_ota_feed feed = {.buf = buf, .cap = sizeof buf};
    struct sks_ota_chunk chunk;
    struct sks_aead_stream stream = {SKS_AEAD_SALT, 16, 0};
    struct sks_aead_sealed sealed;
    struct sks_aead_datagram datagram;
    seen |= 1u << sks_ota_feed(&feed, &chunk, octets, len, &used) |
            1u << sks_ota_chunk_parse(&chunk, octets, len, &used) |
            1u << sks_ota_chunk_encode(buf, len, len << 11, &used) |
            1u << sks_aead_length_encode(buf, len, len << 9, &used) |
            1u << sks_aead_datagram_parse(&datagram, octets, len, 16, &used);
    for (size_t part = 0; len > 2 && part < 4; part++)
        seen |= 1u << sks_aead_part_parse(&sealed, octets, len, &stream, &used) |
                1u << sks_aead_next(&stream, octets, &used);
    return seen;
}

static uint32_t sweep_uri(const char *text)
{
    uint32_t seen = 0;
    struct sks_uri uri;
    char octets[64], buf[128];
    uint8_t scratch[64];
    size_t used, n, size = strlen(text);
    for (size_t at = 0; at < size; at++)
        for (unsigned value = 0; value < 256; value++) {
            memcpy(octets, text, size);
            octets[at] = (char)value;
            for (size_t len = size - 1; len <= size; len++) {
                enum sks_status s =
                    sks_uri_parse(&uri, (uint8_t *)octets, len, scratch, sizeof scratch, &used);
                seen |= 1u << s;
                for (size_t cap = 0; s == SKS_OK && cap < sizeof buf; cap += 16)
                    seen |= 1u << sks_uri_encode((uint8_t *)buf, cap, &uri, &n);
            }
        }
    return seen;
}

static void no_codec_of_shadowsocks_allocates(void **state)
{
    (void)state;
    static const char *const uris[] = {"ss://m:p@[::1]:1/?plugin=a%3Bb&plugio=#t", "ss://bTpw@h:1",
                                       "ss://bTpwQGg6MQ#t", "ss://MjAyMi14OnA@h:1"};
    uint32_t seen = 0;
    size_t before = calls;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++)
            for (size_t len = 0; len <= 40; len++) {
                uint8_t octets[40] = {(uint8_t)first, (uint8_t)second};
                seen |= sweep_frames(octets, len);
                if (second < 24)
                    seen |= sweep_header(octets, len);
            }
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        seen |= sweep_uri(uris[i]);
    uint8_t nonce[SKS_AEAD_NONCE_MAX] = {0}, index[SKS_OTA_INDEX_SIZE];
    sks_aead_nonce_next(nonce, sizeof nonce);
    sks_ota_index_write(index, 1);
    size_t after = calls;
    assert_int_equal(after - before, 0);

    for (unsigned s = 0; s < CODEC_ANSWERS; s++)
        if ((seen & 1u << s) == 0 && s != SKS_ERR_VERSION && s != SKS_ERR_LENGTH)
            fail_msg("%s is not among the answers", sks_status_name((enum sks_status)s));
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
                                        sks_status_text((enum sks_status)octet),
                                        sks_ss_mode_text((enum sks_ss_mode)octet)};
        (void)texts;
    }
    assert_int_equal(calls - before, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interposer_counts),
        cmocka_unit_test(no_codec_of_socks5_allocates),
        cmocka_unit_test(no_codec_of_shadowsocks_allocates),
        cmocka_unit_test(no_name_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
