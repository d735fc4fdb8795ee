#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <sockspec/shadowsocks.h>

#define V4_OCTETS 192, 0, 2, 1, 0x1f, 0x90
#define TAG_OCTETS 'T', 'A', 'G', 'T', 'A', 'G', 'T', 'A', 'G', '!'
#define NO_TAG 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

static const struct sks_ss_header v4 = {
    {.host = (const uint8_t *)"\xc0\x00\x02\x01", .host_len = 4, .port = 8080, .atyp = 1}, 0x11};
static const struct sks_ss_header v4_bare = {
    {.host = (const uint8_t *)"\xc0\x00\x02\x01", .host_len = 4, .port = 8080, .atyp = 1}, 0x01};

/* ---- header and tag ---- */

/* The header's own members are at the struct's begin; text and tag are judged on each SKS_OK. */
static void expect_places(const struct sks_ota_header *out, const uint8_t *data, size_t used)
{
    size_t tag = (data[0] & 0x10) != 0 ? 10 : 0;
    assert_ptr_equal(out->text, data);
    assert_int_equal(out->text_len, used - tag);
    assert_ptr_equal(out->tag, tag > 0 ? data + used - tag : NULL);
}

#define CODEC(name, mode)                                                                          \
    static enum sks_status name##_parse(void *out, const uint8_t *data, size_t len, size_t *used)  \
    {                                                                                              \
        enum sks_status s = sks_ota_header_parse(out, data, len, mode, used);                      \
        if (s == SKS_OK)                                                                           \
            expect_places(out, data, *used);                                                       \
        return s;                                                                                  \
    }                                                                                              \
    static enum sks_status name##_encode(uint8_t *buf, size_t cap, const void *in, size_t *used)   \
    {                                                                                              \
        return sks_ota_header_encode(buf, cap, &((const struct sks_ota_header *)in)->header, mode, \
                                     used);                                                        \
    }                                                                                              \
    static const struct codec name = {                                                             \
        #name,                                                                                     \
        sizeof(struct sks_ota_header),                                                             \
        name##_parse,                                                                              \
        name##_encode,                                                                             \
        {{"host", FIELD_SPAN, offsetof(struct sks_ota_header, header.dst.host),                    \
          offsetof(struct sks_ota_header, header.dst.host_len)},                                   \
         {"port", FIELD_U16, offsetof(struct sks_ota_header, header.dst.port), 0},                 \
         {"atyp", FIELD_U8, offsetof(struct sks_ota_header, header.dst.atyp), 0},                  \
         {"type", FIELD_U8, offsetof(struct sks_ota_header, header.type), 0}}};

CODEC(plain, SKS_SS_PLAIN)
CODEC(allowed, SKS_SS_OTA_ALLOWED)
CODEC(required, SKS_SS_OTA_REQUIRED)
CODEC(py, SKS_SS_PY)

static void a_header_with_flag_has_a_tag(void **state)
{
    (void)state;
    const struct sks_ota_header in = {.header = v4};
    good(&allowed, &in, OCTETS(0x11, V4_OCTETS, NO_TAG));
    good(&required, &in, OCTETS(0x11, V4_OCTETS, NO_TAG));
    good(&py, &in, OCTETS(0x11, V4_OCTETS, NO_TAG));
}

static void a_header_without_flag_has_none(void **state)
{
    (void)state;
    const struct sks_ota_header in = {.header = v4_bare};
    good(&plain, &in, OCTETS(0x01, V4_OCTETS));
    good(&allowed, &in, OCTETS(0x01, V4_OCTETS));
    good(&py, &in, OCTETS(0x01, V4_OCTETS));
}

static void the_longest_header_and_its_tag(void **state)
{
    (void)state;
    uint8_t name[255], octets[SKS_OTA_HEADER_MAX] = {0x13, 255};
    memset(name, 'x', sizeof name);
    memset(octets + 2, 'x', sizeof name);
    octets[258] = 80;
    const struct sks_ota_header in = {
        .header = {{.host = name, .host_len = 255, .port = 80, .atyp = 3}, 0x13}};
    good(&allowed, &in, octets, sizeof octets);
}

static void what_the_header_refuses_is_refused_with_a_tag_too(void **state)
{
    (void)state;
    wrong(&plain, OCTETS(0x11, V4_OCTETS, TAG_OCTETS), SKS_ERR_OTA_FORBIDDEN, 0);
    wrong(&required, OCTETS(0x01, V4_OCTETS, TAG_OCTETS), SKS_ERR_OTA_REQUIRED, 0);
    wrong(&allowed, OCTETS(0x12, V4_OCTETS, TAG_OCTETS), SKS_ERR_ATYP, 0);
    wrong(&allowed, OCTETS(0x13, 0, 0, 80, TAG_OCTETS), SKS_ERR_EMPTY, 1);
    refused(&plain, &(struct sks_ota_header){.header = v4}, SKS_ERR_OTA_FORBIDDEN, 0);
    refused(&required, &(struct sks_ota_header){.header = v4_bare}, SKS_ERR_OTA_REQUIRED, 0);
}

/* ---- chunk ---- */

static enum sks_status chunk_parse(void *out, const uint8_t *data, size_t len, size_t *used)
{
    struct sks_ota_chunk *chunk = out;
    enum sks_status s = sks_ota_chunk_parse(chunk, data, len, used);
    if (s == SKS_OK) {
        assert_ptr_equal(chunk->tag, data + 2);
        assert_ptr_equal(chunk->text, data + 12);
        assert_int_equal(chunk->text_len, *used - 12);
        assert_int_equal(chunk->index, 0);
    }
    return s;
}

/* The encoder writes what stands before DATA; DATA follows here, all of it zeros. */
static enum sks_status chunk_encode(uint8_t *buf, size_t cap, const void *in, size_t *used)
{
    size_t text_len = ((const struct sks_ota_chunk *)in)->text_len;
    enum sks_status s = sks_ota_chunk_encode(buf, cap < 12 + text_len ? 0 : cap, text_len, used);
    assert_int_equal(*used, 12);
    *used = 12 + text_len;
    if (s == SKS_OK)
        memset(buf + 12, 0, text_len);
    return s;
}

static const struct codec chunk_codec = {
    "ota chunk",
    sizeof(struct sks_ota_chunk),
    chunk_parse,
    chunk_encode,
    {{"text_len", FIELD_U16, offsetof(struct sks_ota_chunk, text_len), 0}}};

static void a_chunk_of_any_length(void **state)
{
    (void)state;
    static const uint16_t lengths[] = {0, 1, 2, 9, 10, 11, 255, 256, 257, 300};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t octets[512] = {(uint8_t)(lengths[i] >> 8), (uint8_t)lengths[i]};
        good(&chunk_codec, &(struct sks_ota_chunk){.text_len = lengths[i]}, octets,
             12u + lengths[i]);
    }
}

/* Octets that no other test may write, the last of them before an inaccessible page. */
static uint8_t *before_page(size_t n)
{
    static struct block b;
    if (b.begin == NULL)
        b = block_new();
    return b.end - n;
}

static void every_len_at_its_boundaries(void **state)
{
    (void)state;
    uint8_t *d = calloc(1, SKS_OTA_CHUNK_MAX + 1);
    assert_non_null(d);
    for (unsigned n = 0; n <= 0xffff; n++) {
        struct sks_ota_chunk out;
        size_t used, size = 12 + (size_t)n;
        d[0] = (uint8_t)(n >> 8);
        d[1] = (uint8_t)n;
        for (size_t len = 0; len <= 12; len++) {
            uint8_t *p = memcpy(before_page(len), d, len);
            assert_int_equal(sks_ota_chunk_need(p, len), len < 2 ? 12 : size);
            assert_int_equal(chunk_parse(&out, p, len, &used), len == size ? SKS_OK : SKS_MORE);
        }
        assert_int_equal(chunk_parse(&out, d, size - 1, &used), SKS_MORE);
        assert_int_equal(used, 0);
        assert_int_equal(chunk_parse(&out, d, size, &used), SKS_OK);
        assert_int_equal(used, size);
        assert_int_equal(chunk_parse(&out, d, size + 1, &used), SKS_OK);
        assert_int_equal(used, size);
        assert_int_equal(out.text_len, n);

        uint8_t head[12];
        assert_int_equal(sks_ota_chunk_encode(head, 12, n, &used), SKS_OK);
        assert_memory_equal(head, d, 12);
    }
    free(d);
}

static void a_text_over_65535_is_not_encoded(void **state)
{
    (void)state;
    static const size_t lengths[] = {0x10000, 0x10001, 0x1ffff, 0xffffffff, SIZE_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t cap = 0; cap <= 16; cap++) {
            size_t used = 77;
            assert_int_equal(sks_ota_chunk_encode(before_page(cap), cap, lengths[i], &used),
                             SKS_ERR_CHUNK_LENGTH);
            assert_int_equal(used, 0);
        }
}

static void an_index_is_four_octets_big_endian(void **state)
{
    (void)state;
    static const struct {
        uint32_t index;
        uint8_t octets[4];
    } rows[] = {{0, {0, 0, 0, 0}},          {1, {0, 0, 0, 1}},
                {255, {0, 0, 0, 255}},      {256, {0, 0, 1, 0}},
                {65535, {0, 0, 255, 255}},  {65536, {0, 1, 0, 0}},
                {0x01020304, {1, 2, 3, 4}}, {0xffffffff, {255, 255, 255, 255}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *to = before_page(4);
        sks_ota_index_write(to, rows[i].index);
        assert_memory_equal(to, rows[i].octets, 4);
    }
}

/* ---- datagram ---- */

static void a_datagram_of_every_length(void **state)
{
    (void)state;
    for (unsigned flag = 0; flag < 2; flag++)
        for (size_t len = 0; len <= 300; len++) {
            uint8_t *d = before_page(len);
            const uint8_t head[] = {flag ? 0x11 : 0x01, V4_OCTETS};
            size_t least = flag ? 17 : 7, used = 77;
            memset(d, 0xdd, len);
            memcpy(d, head, len < 7 ? len : 7);
            struct sks_ota_datagram out = {.data_len = 4711};
            enum sks_status s = sks_ota_datagram_parse(&out, d, len, SKS_SS_OTA_ALLOWED, &used);
            assert_int_equal(s, len < least ? SKS_MORE : SKS_OK);
            assert_int_equal(used, len < least ? 0 : len);
            if (s != SKS_OK) {
                assert_int_equal(out.data_len, 4711);
                continue;
            }
            assert_int_equal(out.header.type, head[0]);
            assert_int_equal(out.header.dst.port, 8080);
            assert_ptr_equal(out.data, d + 7);
            assert_int_equal(out.data_len, len - least);
            assert_ptr_equal(out.text, d);
            assert_int_equal(out.text_len, flag ? len - 10 : len);
            assert_ptr_equal(out.tag, flag ? d + len - 10 : NULL);
        }
}

static void a_datagram_is_encoded_with_room_for_its_tag(void **state)
{
    (void)state;
    for (unsigned flag = 0; flag < 2; flag++)
        for (size_t n = 0; n <= 40; n++)
            for (size_t cap = 0; cap <= 80; cap++) {
                uint8_t data[40], want[80], *buf = before_page(cap);
                size_t size = 7 + n + (flag ? 10 : 0), used = 77;
                memset(data, 0xdd, sizeof data);
                memset(want, 0xa5, sizeof want);
                memset(buf, 0xa5, cap);
                if (cap >= size) {
                    memset(want, 0, size);
                    memcpy(want, (const uint8_t[]){flag ? 0x11 : 0x01, V4_OCTETS}, 7);
                    memcpy(want + 7, data, n);
                }
                assert_int_equal(sks_ota_datagram_encode(buf, cap, flag ? &v4 : &v4_bare,
                                                         n > 0 ? data : NULL, n, SKS_SS_OTA_ALLOWED,
                                                         &used),
                                 cap < size ? SKS_ERR_SPACE : SKS_OK);
                assert_int_equal(used, size);
                assert_memory_equal(buf, want, cap);
            }
}

static void what_the_header_refuses_is_refused_in_a_datagram_too(void **state)
{
    (void)state;
    static const struct {
        uint8_t octets[4];
        enum sks_ss_mode mode;
        enum sks_status error;
        size_t offset;
    } rows[] = {{{0x11, 1, 1, 1}, SKS_SS_PLAIN, SKS_ERR_OTA_FORBIDDEN, 0},
                {{0x01, 1, 1, 1}, SKS_SS_OTA_REQUIRED, SKS_ERR_OTA_REQUIRED, 0},
                {{0x02, 1, 1, 1}, SKS_SS_PY, SKS_ERR_ATYP, 0},
                {{0x13, 0, 0, 80}, SKS_SS_OTA_ALLOWED, SKS_ERR_EMPTY, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t len = 0; len <= 4; len++) {
            struct sks_ota_datagram out = {.data_len = 4711};
            size_t used = 77;
            const uint8_t *d = memcpy(before_page(len), rows[i].octets, len);
            enum sks_status s = sks_ota_datagram_parse(&out, d, len, rows[i].mode, &used);
            assert_int_equal(s, len > rows[i].offset ? rows[i].error : SKS_MORE);
            assert_int_equal(used, len > rows[i].offset ? rows[i].offset : 0);
            assert_int_equal(out.data_len, 4711);
        }
    size_t used = 77;
    assert_int_equal(sks_ota_datagram_encode(NULL, 0, &v4, NULL, 0, SKS_SS_PLAIN, &used),
                     SKS_ERR_OTA_FORBIDDEN);
    assert_int_equal(used, 0);
}

/* ---- faults seen in the field: the number is the row of the list ---- */

static void field_03_the_header_tag_covers_no_octet_behind_the_header(void **state)
{
    (void)state;
    static const uint8_t pipelined[] = {0x11, V4_OCTETS, TAG_OCTETS, 'G', 'E', 'T', ' ', '/'};
    struct sks_ota_header out;
    size_t used;
    assert_int_equal(
        sks_ota_header_parse(&out, pipelined, sizeof pipelined, SKS_SS_OTA_ALLOWED, &used), SKS_OK);
    assert_int_equal(out.text_len, 7);
    assert_memory_equal(out.tag, "TAGTAGTAG!", 10);
    assert_int_equal(used, 17);
}

static void field_07_a_short_header_is_not_parsed_afresh(void **state)
{
    (void)state;
    static const uint8_t octets[] = {0x11, V4_OCTETS, TAG_OCTETS};
    struct sks_ota_header out;
    size_t used = 77;
    for (size_t len = 0; len < sizeof octets; len++) {
        assert_int_equal(sks_ota_header_parse(&out, octets, len, SKS_SS_OTA_ALLOWED, &used),
                         SKS_MORE);
        assert_int_equal(used, 0);
    }
}

static void field_14_datagrams_of_0_to_64_octets_harm_nothing(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 64; len++)
        for (unsigned first = 0; first < 256; first++)
            for (unsigned mode = SKS_SS_PLAIN; mode <= SKS_SS_PY; mode++) {
                struct sks_ota_datagram out;
                size_t used = 77;
                uint8_t *d = memset(before_page(len), (int)first, len);
                enum sks_status s =
                    sks_ota_datagram_parse(&out, d, len, (enum sks_ss_mode)mode, &used);
                assert_int_equal(used, s == SKS_OK ? len : 0);
            }
}

static void field_17_an_empty_payload_is_a_datagram(void **state)
{
    (void)state;
    struct sks_ota_datagram out;
    size_t used;
    static const uint8_t octets[] = {0x11, V4_OCTETS, TAG_OCTETS};
    assert_int_equal(sks_ota_datagram_parse(&out, octets, sizeof octets, SKS_SS_OTA_ALLOWED, &used),
                     SKS_OK);
    assert_int_equal(out.data_len, 0);
    assert_memory_equal(out.tag, "TAGTAGTAG!", 10);
}

static void field_39_a_len_of_65524_and_more_does_not_wrap(void **state)
{
    (void)state;
    for (size_t n = 65524; n <= 65535; n++) {
        uint8_t *d = calloc(1, 12 + n);
        assert_non_null(d);
        d[0] = (uint8_t)(n >> 8);
        d[1] = (uint8_t)n;
        struct sks_ota_chunk out;
        size_t used;
        assert_int_equal(sks_ota_chunk_need(d, 2), 12 + n);
        assert_int_equal(sks_ota_chunk_parse(&out, d, 12 + n, &used), SKS_OK);
        assert_int_equal(used, 12 + n);
        assert_int_equal(out.text_len, n);
        free(d);
    }
}

static void field_57_an_empty_first_chunk_is_a_chunk(void **state)
{
    (void)state;
    struct sks_ota_chunk out;
    size_t used;
    static const uint8_t octets[] = {0, 0, TAG_OCTETS};
    assert_int_equal(sks_ota_chunk_parse(&out, octets, sizeof octets, &used), SKS_OK);
    assert_int_equal(out.text_len, 0);
    assert_int_equal(used, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_with_flag_has_a_tag),
        cmocka_unit_test(a_header_without_flag_has_none),
        cmocka_unit_test(the_longest_header_and_its_tag),
        cmocka_unit_test(what_the_header_refuses_is_refused_with_a_tag_too),
        cmocka_unit_test(a_chunk_of_any_length),
        cmocka_unit_test(every_len_at_its_boundaries),
        cmocka_unit_test(a_text_over_65535_is_not_encoded),
        cmocka_unit_test(an_index_is_four_octets_big_endian),
        cmocka_unit_test(a_datagram_of_every_length),
        cmocka_unit_test(a_datagram_is_encoded_with_room_for_its_tag),
        cmocka_unit_test(what_the_header_refuses_is_refused_in_a_datagram_too),
        cmocka_unit_test(field_03_the_header_tag_covers_no_octet_behind_the_header),
        cmocka_unit_test(field_07_a_short_header_is_not_parsed_afresh),
        cmocka_unit_test(field_14_datagrams_of_0_to_64_octets_harm_nothing),
        cmocka_unit_test(field_17_an_empty_payload_is_a_datagram),
        cmocka_unit_test(field_39_a_len_of_65524_and_more_does_not_wrap),
        cmocka_unit_test(field_57_an_empty_first_chunk_is_a_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
