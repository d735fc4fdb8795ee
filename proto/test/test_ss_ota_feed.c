#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <sockspec/shadowsocks.h>

/* Chunks of these lengths one behind the other; the tag of each begins with its number, its data is
 * that number again and again. */
static const uint16_t lengths[] = {0, 2, 0, 0, 1, 13, 300, 12, 0, 255, 256, 5};
enum { CHUNKS = sizeof lengths / sizeof *lengths, STREAM_MAX = 2048 };

static size_t write_stream(uint8_t *to)
{
    size_t size = 0;
    for (size_t i = 0; i < CHUNKS; i++) {
        size_t used;
        assert_int_equal(sks_ota_chunk_encode(to + size, STREAM_MAX - size, lengths[i], &used),
                         SKS_OK);
        to[size + 2] = (uint8_t)(i + 1);
        memset(to + size + 12, (int)i + 1, lengths[i]);
        size += 12u + lengths[i];
    }
    return size;
}

static void expect_chunk(const struct sks_ota_chunk *chunk, size_t number)
{
    assert_int_equal(chunk->index, number);
    assert_int_equal(chunk->text_len, lengths[number]);
    assert_int_equal(chunk->tag[0], number + 1);
    for (size_t i = 0; i < chunk->text_len; i++)
        assert_int_equal(chunk->text[i], number + 1);
}

/* Feeds len octets, each call's in a block of exactly its size; returns how many chunks came. */
static size_t feed_all(struct sks_ota_feed *feed, const uint8_t *data, size_t len, size_t number)
{
    static struct block b;
    if (b.begin == NULL)
        b = block_new();
    size_t came = 0;
    while (len > 0) {
        struct sks_ota_chunk out = {.index = 4711};
        size_t used, have = feed->have;
        enum sks_status s = sks_ota_feed(feed, &out, memcpy(b.end - len, data, len), len, &used);
        if (s == SKS_OK) {
            expect_chunk(&out, number + came++);
            assert_int_equal(feed->have, 0);
            assert_true(used > 0 && used <= len);
        } else {
            assert_int_equal(s, SKS_MORE);
            assert_int_equal(used, len);
            assert_int_equal(feed->have, have + len);
            assert_int_equal(out.index, 4711);
        }
        data += used;
        len -= used;
    }
    return came;
}

static uint8_t stream[STREAM_MAX], buf[312];

static struct sks_ota_feed start(void)
{
    return (struct sks_ota_feed){.buf = buf, .cap = sizeof buf};
}

static void chunks_come_the_same_whole(void **state)
{
    (void)state;
    struct sks_ota_feed feed = start();
    assert_int_equal(feed_all(&feed, stream, write_stream(stream), 0), CHUNKS);
    assert_int_equal(feed.index, CHUNKS);
}

static void chunks_come_the_same_in_pieces_of_every_size(void **state)
{
    (void)state;
    size_t size = write_stream(stream);
    for (size_t piece = 1; piece <= size; piece++) {
        struct sks_ota_feed feed = start();
        size_t came = 0;
        for (size_t at = 0; at < size; at += piece)
            came += feed_all(&feed, stream + at, size - at < piece ? size - at : piece, came);
        assert_int_equal(came, CHUNKS);
        assert_int_equal(feed.have, 0);
    }
}

static void chunks_come_the_same_split_at_every_two_points(void **state)
{
    (void)state;
    size_t size = write_stream(stream);
    for (size_t first = 0; first <= 90; first++)
        for (size_t second = first; second <= size; second += second < 90 ? 1 : 61) {
            struct sks_ota_feed feed = start();
            size_t came = feed_all(&feed, stream, first, 0);
            came += feed_all(&feed, stream + first, second - first, came);
            came += feed_all(&feed, stream + second, size - second, came);
            assert_int_equal(came, CHUNKS);
        }
}

static void a_whole_chunk_needs_no_room_and_is_handed_on_where_it_lies(void **state)
{
    (void)state;
    struct sks_ota_feed feed = {0};
    struct sks_ota_chunk out;
    size_t size = write_stream(stream), at = 0, used;
    for (size_t i = 0; i < CHUNKS; i++, at += used) {
        assert_int_equal(sks_ota_feed(&feed, &out, stream + at, size - at, &used), SKS_OK);
        assert_ptr_equal(out.text, stream + at + 12);
        expect_chunk(&out, i);
    }
    assert_int_equal(at, size);
}

static void nothing_fed_is_more(void **state)
{
    (void)state;
    struct sks_ota_feed feed = {0};
    struct sks_ota_chunk out;
    size_t used = 77;
    assert_int_equal(sks_ota_feed(&feed, &out, NULL, 0, &used), SKS_MORE);
    assert_int_equal(used, 0);
}

static void nothing_fed_behind_one_octet_changes_nothing(void **state)
{
    (void)state;
    uint8_t room[16];
    struct sks_ota_feed feed = {.buf = room, .cap = sizeof room};
    struct sks_ota_chunk out;
    size_t used = 77;
    assert_int_equal(sks_ota_feed(&feed, &out, (const uint8_t[]){0}, 1, &used), SKS_MORE);
    assert_int_equal(feed.have, 1);
    assert_int_equal(sks_ota_feed(&feed, &out, NULL, 0, &used), SKS_MORE);
    assert_int_equal(used, 0);
    assert_int_equal(feed.have, 1);
}

static void room_is_asked_for_and_nothing_taken_before_it_is_there(void **state)
{
    (void)state;
    static const uint8_t octets[] = {0,   3,   'T', 'A', 'G', 'T', 'A', 'G',
                                     'T', 'A', 'G', '!', 'a', 'b', 'c'};
    for (size_t len = 1; len < sizeof octets; len++)
        for (size_t cap = 0; cap < (len < 2 ? 12u : 15u); cap++) {
            uint8_t room[16];
            struct sks_ota_feed feed = {.buf = cap > 0 ? room : NULL, .cap = cap, .index = 7};
            const struct sks_ota_feed before = feed;
            struct sks_ota_chunk out = {.index = 4711};
            size_t used = 77;
            memset(room, 0xa5, sizeof room);
            assert_int_equal(sks_ota_feed(&feed, &out, octets, len, &used), SKS_ERR_SPACE);
            assert_int_equal(used, len < 2 ? 12 : 15);
            assert_true(feed.buf == before.buf && feed.cap == cap && feed.have == 0 &&
                        feed.index == 7);
            assert_int_equal(out.index, 4711);
            for (size_t i = 0; i < sizeof room; i++)
                assert_int_equal(room[i], 0xa5);
        }
}

static void room_may_grow_in_the_middle_of_a_chunk(void **state)
{
    (void)state;
    static const uint8_t octets[] = {0,   3,   'T', 'A', 'G', 'T', 'A', 'G',
                                     'T', 'A', 'G', '!', 'a', 'b', 'c'};
    uint8_t small[12], large[15];
    struct sks_ota_feed feed = {.buf = small, .cap = sizeof small};
    struct sks_ota_chunk out;
    size_t used;
    assert_int_equal(sks_ota_feed(&feed, &out, octets, 1, &used), SKS_MORE);
    assert_int_equal(sks_ota_feed(&feed, &out, octets + 1, 14, &used), SKS_ERR_SPACE);
    assert_int_equal(used, 15);
    assert_int_equal(feed.have, 1);
    memcpy(large, small, feed.have);
    feed.buf = large;
    feed.cap = sizeof large;
    assert_int_equal(sks_ota_feed(&feed, &out, octets + 1, 14, &used), SKS_OK);
    assert_int_equal(used, 14);
    assert_memory_equal(out.tag, "TAGTAGTAG!", 10);
    assert_memory_equal(out.text, "abc", 3);
    assert_int_equal(feed.have, 0);
}

static void the_longest_chunk_comes_in_pieces(void **state)
{
    (void)state;
    uint8_t *octets = malloc(SKS_OTA_CHUNK_MAX), *room = malloc(SKS_OTA_CHUNK_MAX);
    assert_true(octets != NULL && room != NULL);
    memset(octets, 0xff, SKS_OTA_CHUNK_MAX);
    static const size_t pieces[] = {1, 2, 3, 4096, 65535, 65546};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct sks_ota_feed feed = {.buf = room, .cap = SKS_OTA_CHUNK_MAX};
        struct sks_ota_chunk out;
        size_t at = 0, used;
        enum sks_status s = SKS_MORE;
        for (; s == SKS_MORE; at += used) {
            size_t left = SKS_OTA_CHUNK_MAX - at, n = left < pieces[i] ? left : pieces[i];
            s = sks_ota_feed(&feed, &out, octets + at, n, &used);
        }
        assert_int_equal(s, SKS_OK);
        assert_int_equal(at, SKS_OTA_CHUNK_MAX);
        assert_int_equal(out.text_len, 65535);
        assert_memory_equal(out.text, octets + 12, 65535);
    }
    free(octets);
    free(room);
}

static void after_the_last_index_comes_the_first(void **state)
{
    (void)state;
    static const uint8_t empty[12] = {0};
    struct sks_ota_feed feed = {.index = 0xffffffff};
    struct sks_ota_chunk out;
    size_t used;
    assert_int_equal(sks_ota_feed(&feed, &out, empty, 12, &used), SKS_OK);
    assert_int_equal(out.index, 0xffffffff);
    assert_int_equal(sks_ota_feed(&feed, &out, empty, 12, &used), SKS_OK);
    assert_int_equal(out.index, 0);
}

/* ---- faults seen in the field: the number is the row of the list ---- */

static void field_01_a_chunk_before_a_partial_head_is_handed_on(void **state)
{
    (void)state;
    static const uint8_t octets[] = {0,   2,   'T', 'A', 'G', 'T', 'A', 'G', 'T', 'A',
                                     'G', '!', 'a', 'a', 0,   2,   'T', 'A', 'G', 'T',
                                     'A', 'G', 'T', 'A', 'G', '!', 'b', 'b'};
    for (size_t cut = 1; cut < sizeof octets; cut++) {
        struct sks_ota_feed feed = start();
        char got[5] = "";
        size_t n = 0;
        for (size_t at = 0, used; at < sizeof octets; at += used) {
            struct sks_ota_chunk out;
            size_t end = at < cut ? cut : sizeof octets;
            if (sks_ota_feed(&feed, &out, octets + at, end - at, &used) == SKS_OK) {
                memcpy(got + n, out.text, out.text_len);
                n += out.text_len;
            }
        }
        assert_string_equal(got, "aabb");
    }
}

static void field_02_every_chunk_takes_an_index_and_none_comes_twice(void **state)
{
    (void)state;
    static const uint8_t same[24] = {0};
    struct sks_ota_feed feed = start();
    for (uint32_t i = 0; i < 1000; i++) {
        struct sks_ota_chunk out;
        size_t used, used_2 = 0, cut = i % 12;
        enum sks_status s = sks_ota_feed(&feed, &out, same, cut, &used);
        assert_int_equal(s, SKS_MORE);
        assert_int_equal(sks_ota_feed(&feed, &out, same + cut, 24 - cut, &used_2), SKS_OK);
        assert_int_equal(used + used_2, 12);
        assert_int_equal(out.index, i);
    }
}

static void field_21_a_split_tag_is_put_together(void **state)
{
    (void)state;
    static const uint8_t octets[] = {0, 1, 'T', 'A', 'G', 't', 'a', 'g', 'T', 'A', 'G', '!', 'x'};
    for (size_t cut = 2; cut < 12; cut++) {
        struct sks_ota_feed feed = start();
        struct sks_ota_chunk out;
        size_t used;
        assert_int_equal(sks_ota_feed(&feed, &out, octets, cut, &used), SKS_MORE);
        assert_int_equal(sks_ota_feed(&feed, &out, octets + cut, 13 - cut, &used), SKS_OK);
        assert_memory_equal(out.tag, "TAGtagTAG!", 10);
        assert_int_equal(out.text[0], 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_come_the_same_whole),
        cmocka_unit_test(chunks_come_the_same_in_pieces_of_every_size),
        cmocka_unit_test(chunks_come_the_same_split_at_every_two_points),
        cmocka_unit_test(a_whole_chunk_needs_no_room_and_is_handed_on_where_it_lies),
        cmocka_unit_test(nothing_fed_is_more),
        cmocka_unit_test(nothing_fed_behind_one_octet_changes_nothing),
        cmocka_unit_test(room_is_asked_for_and_nothing_taken_before_it_is_there),
        cmocka_unit_test(room_may_grow_in_the_middle_of_a_chunk),
        cmocka_unit_test(the_longest_chunk_comes_in_pieces),
        cmocka_unit_test(after_the_last_index_comes_the_first),
        cmocka_unit_test(field_01_a_chunk_before_a_partial_head_is_handed_on),
        cmocka_unit_test(field_02_every_chunk_takes_an_index_and_none_comes_twice),
        cmocka_unit_test(field_21_a_split_tag_is_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
