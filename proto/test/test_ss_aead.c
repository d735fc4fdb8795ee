#include "harness.h"

#include <string.h>

#include <sockspec/shadowsocks.h>

/* Octets of no value in particular, the last of them before an inaccessible page. */
static uint8_t *before_page(size_t n)
{
    static struct block b;
    if (b.begin == NULL) {
        b = block_new();
        for (uint8_t *p = b.begin; p < b.end; p++)
            *p = (uint8_t)(p - b.begin);
    }
    return b.end - n;
}

static const uint8_t salt_sizes[] = {16, 24, 32};

/* The part that comes next at every length up to a few octets behind it. */
static void expect_part(const struct sks_aead_stream *stream, size_t text_len, size_t tag)
{
    size_t need = text_len + tag;
    const struct sks_aead_stream before = *stream;
    assert_int_equal(sks_aead_need(stream), need);
    for (size_t len = 0; len <= need + 20; len++) {
        struct sks_aead_sealed out = {.text_len = 4711};
        size_t used = 77;
        const uint8_t *d = len > 0 ? before_page(len) : NULL;
        enum sks_status s = sks_aead_part_parse(&out, d, len, stream, &used);
        assert_int_equal(s, len < need ? SKS_MORE : SKS_OK);
        assert_int_equal(used, len < need ? 0 : need);
        assert_memory_equal(stream, &before, sizeof before);
        if (s != SKS_OK) {
            assert_int_equal(out.text_len, 4711);
            continue;
        }
        assert_ptr_equal(out.text, d);
        assert_int_equal(out.text_len, text_len);
        assert_ptr_equal(out.tag, tag > 0 ? d + text_len : NULL);
    }
}

static void a_stream_is_a_salt_then_lengths_and_data_by_turns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof salt_sizes; i++) {
        struct sks_aead_stream stream = {SKS_AEAD_SALT, salt_sizes[i], 0};
        size_t used = 77;
        expect_part(&stream, salt_sizes[i], 0);
        assert_int_equal(sks_aead_next(&stream, NULL, &used), SKS_OK);
        assert_int_equal(used, 0);
        for (uint16_t n = 0; n < 300; n++) {
            const uint8_t length[] = {(uint8_t)(n >> 8), (uint8_t)n};
            expect_part(&stream, 2, 16);
            assert_int_equal(sks_aead_next(&stream, length, &used), SKS_OK);
            if (n < 20 || n > 250)
                expect_part(&stream, n, 16);
            assert_int_equal(sks_aead_next(&stream, NULL, &used), SKS_OK);
            assert_int_equal(used, 0);
        }
    }
}

static void every_len_of_65536(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= 0xffff; n++) {
        struct sks_aead_stream stream = {SKS_AEAD_LENGTH, 32, 4711};
        uint8_t *opened = before_page(2);
        size_t used = 77;
        opened[0] = (uint8_t)(n >> 8);
        opened[1] = (uint8_t)n;
        bool valid = n <= 0x3fff;
        assert_int_equal(sks_aead_next(&stream, opened, &used),
                         valid ? SKS_OK : SKS_ERR_CHUNK_LENGTH);
        assert_int_equal(used, valid ? 2 : 0);
        assert_int_equal(stream.part, valid ? SKS_AEAD_DATA : SKS_AEAD_LENGTH);
        assert_int_equal(stream.data_len, valid ? n : 4711);
        assert_int_equal(sks_aead_need(&stream), valid ? n + 16 : 18);

        uint8_t *buf = before_page(2);
        memset(buf, 0xa5, 2);
        used = 77;
        assert_int_equal(sks_aead_length_encode(buf, 2, n, &used),
                         valid ? SKS_OK : SKS_ERR_CHUNK_LENGTH);
        assert_int_equal(used, valid ? 2 : 0);
        assert_int_equal(buf[0] * 256 + buf[1], valid ? n : 0xa5a5);
    }
}

static void a_length_is_not_encoded_into_less_than_two_octets(void **state)
{
    (void)state;
    uint8_t octet = 0xa5;
    size_t used = 77;
    assert_int_equal(sks_aead_length_encode(NULL, 0, 5, &used), SKS_ERR_SPACE);
    assert_int_equal(used, 2);
    used = 77;
    assert_int_equal(sks_aead_length_encode(&octet, 1, 5, &used), SKS_ERR_SPACE);
    assert_int_equal(used, 2);
    assert_int_equal(octet, 0xa5);
    assert_int_equal(sks_aead_length_encode(&octet, 1, SIZE_MAX, &used), SKS_ERR_CHUNK_LENGTH);
    assert_int_equal(sks_aead_length_encode(&octet, 1, 0x10000, &used), SKS_ERR_CHUNK_LENGTH);
    assert_int_equal(used, 0);
}

static void an_empty_chunk_is_left_to_the_caller(void **state)
{
    (void)state;
    struct sks_aead_stream stream = {SKS_AEAD_LENGTH, 32, 9};
    size_t used;
    assert_int_equal(sks_aead_next(&stream, (const uint8_t[]){0, 0}, &used), SKS_OK);
    expect_part(&stream, 0, 16);
}

static void a_datagram_of_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof salt_sizes; i++)
        for (size_t len = 0; len <= 300; len++) {
            struct sks_aead_datagram out = {.text_len = 4711};
            size_t salt = salt_sizes[i], used = 77;
            const uint8_t *d = len > 0 ? before_page(len) : NULL;
            enum sks_status s = sks_aead_datagram_parse(&out, d, len, salt, &used);
            assert_int_equal(s, len < salt + 16 ? SKS_MORE : SKS_OK);
            assert_int_equal(used, s == SKS_OK ? len : 0);
            if (s != SKS_OK) {
                assert_int_equal(out.text_len, 4711);
                continue;
            }
            assert_ptr_equal(out.salt, d);
            assert_ptr_equal(out.text, d + salt);
            assert_int_equal(out.text_len, len - salt - 16);
            assert_ptr_equal(out.tag, d + len - 16);
        }
}

/* ---- nonce ---- */

static void a_nonce_counts_little_endian(void **state)
{
    (void)state;
    static const size_t sizes[] = {12, 24};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *nonce = memset(before_page(sizes[i]), 0, sizes[i]);
        for (uint32_t n = 0; n <= 0x1ffff; n++) {
            uint8_t want[24] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16)};
            assert_memory_equal(nonce, want, sizes[i]);
            sks_aead_nonce_next(nonce, sizes[i]);
        }
    }
}

static void a_nonce_carries_into_every_octet(void **state)
{
    (void)state;
    for (size_t size = 1; size <= SKS_AEAD_NONCE_MAX; size++)
        for (size_t ones = 0; ones <= size; ones++) {
            uint8_t *nonce = before_page(size + 1), want[25] = {0};
            memset(nonce, 0, size + 1);
            memset(nonce, 0xff, ones);
            if (ones < size)
                want[ones] = 1;
            sks_aead_nonce_next(nonce, size);
            assert_memory_equal(nonce, want, size + 1);
        }
}

/* ---- faults seen in the field: the number is the row of the list ---- */

static void field_06_a_short_first_segment_is_no_short_salt(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof salt_sizes; i++) {
        struct sks_aead_stream stream = {SKS_AEAD_SALT, salt_sizes[i], 0};
        expect_part(&stream, salt_sizes[i], 0);
    }
}

static void field_14_datagrams_of_0_to_64_octets_harm_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof salt_sizes; i++)
        for (size_t len = 0; len <= 64; len++) {
            struct sks_aead_datagram out;
            size_t used = 77;
            enum sks_status s =
                sks_aead_datagram_parse(&out, before_page(len), len, salt_sizes[i], &used);
            assert_int_equal(used, s == SKS_OK ? len : 0);
        }
}

static void field_29_a_header_that_spans_chunks_is_more_until_it_is_whole(void **state)
{
    (void)state;
    static const uint8_t header[] = {3, 2, 'h', 'i', 0, 80};
    struct sks_ss_header out;
    uint8_t gathered[sizeof header];
    size_t used;
    for (size_t n = 0; n < sizeof header; n++) {
        assert_int_equal(sks_ss_header_parse(&out, gathered, n, SKS_SS_PLAIN, &used), SKS_MORE);
        gathered[n] = header[n];
    }
    assert_int_equal(sks_ss_header_parse(&out, gathered, sizeof header, SKS_SS_PLAIN, &used),
                     SKS_OK);
}

static void field_30_reserved_length_bits_are_refused_and_not_masked(void **state)
{
    (void)state;
    static const uint8_t bits[] = {0x40, 0x80, 0xc0};
    for (size_t i = 0; i < sizeof bits; i++) {
        struct sks_aead_stream stream = {SKS_AEAD_LENGTH, 32, 0};
        size_t used = 77;
        assert_int_equal(sks_aead_next(&stream, (const uint8_t[]){bits[i], 5}, &used),
                         SKS_ERR_CHUNK_LENGTH);
        assert_int_equal(used, 0);
        assert_int_equal(stream.part, SKS_AEAD_LENGTH);
    }
}

static void field_32_any_number_of_partial_reads_is_more(void **state)
{
    (void)state;
    struct sks_aead_stream stream = {SKS_AEAD_DATA, 32, 0x3fff};
    struct sks_aead_sealed out;
    size_t used;
    for (size_t len = 0; len < 0x3fff + 16; len++)
        assert_int_equal(sks_aead_part_parse(&out, before_page(len), len, &stream, &used),
                         SKS_MORE);
    assert_int_equal(sks_aead_part_parse(&out, before_page(0x400f), 0x400f, &stream, &used),
                     SKS_OK);
}

static void field_37_the_largest_datagram_is_whole(void **state)
{
    (void)state;
    struct sks_aead_datagram out;
    size_t used;
    assert_int_equal(sks_aead_datagram_parse(&out, before_page(65507), 65507, 32, &used), SKS_OK);
    assert_int_equal(out.text_len, 65507 - 48);
}

static void the_sizes_in_the_header_are_those_of_sip004(void **state)
{
    (void)state;
    assert_int_equal(SKS_AEAD_CHUNK_DATA, 2 + 16);
    assert_int_equal(SKS_AEAD_CHUNK_OVERHEAD, 2 + 16 + 16);
    assert_int_equal(SKS_AEAD_CHUNK_MAX, 2 + 16 + 16383 + 16);
    assert_true(sizeof(struct sks_aead_stream) <= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_a_salt_then_lengths_and_data_by_turns),
        cmocka_unit_test(every_len_of_65536),
        cmocka_unit_test(a_length_is_not_encoded_into_less_than_two_octets),
        cmocka_unit_test(an_empty_chunk_is_left_to_the_caller),
        cmocka_unit_test(a_datagram_of_every_length),
        cmocka_unit_test(a_nonce_counts_little_endian),
        cmocka_unit_test(a_nonce_carries_into_every_octet),
        cmocka_unit_test(field_06_a_short_first_segment_is_no_short_salt),
        cmocka_unit_test(field_14_datagrams_of_0_to_64_octets_harm_nothing),
        cmocka_unit_test(field_29_a_header_that_spans_chunks_is_more_until_it_is_whole),
        cmocka_unit_test(field_30_reserved_length_bits_are_refused_and_not_masked),
        cmocka_unit_test(field_32_any_number_of_partial_reads_is_more),
        cmocka_unit_test(field_37_the_largest_datagram_is_whole),
        cmocka_unit_test(the_sizes_in_the_header_are_those_of_sip004),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
