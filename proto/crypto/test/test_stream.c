/* Stream methods, `table` and `none`: recordings, published vectors, every split, refusals. */
#include "../keystream.h"
#include "recorded.h"
#include "test.h"

#include <sodium.h>

static struct sks_stream *stream_of(const struct sks_cipher *cipher, enum sks_way way)
{
    struct sks_stream *stream;
    assert_int_equal(sks_stream_new(&stream, cipher, way), SKS_OK);
    return stream;
}

static void start(struct sks_stream *stream, const struct sks_key *key, const uint8_t *iv)
{
    assert_int_equal(sks_stream_start(stream, key, iv, key->cipher->iv_size), SKS_OK);
}

/* The next method of the table from *at on that works through sks_stream and is there. */
static const struct sks_cipher *next(size_t *at)
{
    for (const struct sks_cipher *cipher; (cipher = sks_cipher_at(*at)) != NULL;) {
        ++*at;
        if (cipher->kind != SKS_CIPHER_AEAD && available(cipher->name) != NULL)
            return cipher;
    }
    return NULL;
}

static void recorded_octets_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(recorded); i++) {
        const struct sks_cipher *cipher = available(recorded[i].method);
        if (cipher == NULL || cipher->kind == SKS_CIPHER_AEAD)
            continue;
        struct sks_key key = key_of(cipher, "wire-password");
        uint8_t iv[SKS_IV_MAX], wire[150], text[150], octets[150];
        size_t len = unhex(wire, sizeof wire, recorded[i].wire);
        assert_int_equal(unhex(iv, sizeof iv, recorded[i].iv), cipher->iv_size);
        assert_int_equal(unhex(text, sizeof text, recorded[i].text), len);
        for (int way = SKS_DECRYPT; way <= SKS_ENCRYPT; way++) {
            struct sks_stream *stream = stream_of(cipher, (enum sks_way)way);
            start(stream, &key, iv);
            memcpy(octets, way == SKS_ENCRYPT ? text : wire, len);
            assert_int_equal(sks_stream_update(stream, octets, len), SKS_OK);
            assert_memory_equal(octets, way == SKS_ENCRYPT ? wire : text, len);
            sks_stream_free(stream);
        }
    }
}

/* But for four, which no implementation at hand could be recorded with: see the next tests. */
static void every_method_has_a_recording(void **state)
{
    (void)state;
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const char *name = sks_cipher_at(i)->name;
        size_t rows = 0;
        for (size_t r = 0; r < COUNT(recorded); r++)
            rows += strcmp(recorded[r].method, name) == 0;
        int without = strcmp(name, "none") == 0 || strcmp(name, "idea-cfb") == 0 ||
                      strcmp(name, "aes-128-cfb1") == 0 || strcmp(name, "aes-192-cfb1") == 0;
        assert_int_equal(rows > 0, !without);
    }
}

/* NIST SP 800-38A: F.3.1 and F.3.3 (CFB1, 16 bits), F.3.7 (CFB8), F.3.13 (CFB128), F.4.1 (OFB),
 * F.5.1 (CTR); RFC 8439 2.4.2 (ChaCha20, its text begins with block 1); RFC 6229 (RC4, 128 bits).
 */
static void published_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *method, *key, *iv;
        size_t skip; /* octets of the stream before the text */
        const char *text, *wire;
    } cases[] = {
        {"aes-128-cfb1", "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", 0,
         "6bc1", "68b3"},
        {"aes-192-cfb1", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
         "000102030405060708090a0b0c0d0e0f", 0, "6bc1", "9359"},
        {"aes-128-cfb8", "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", 0,
         "6bc1bee22e409f96e93d7e117393172aae2d", "3b79424c9c0dd436bace9e0ed4586a4f32b9"},
        {"aes-128-cfb", "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", 0,
         "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
         "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"},
        {"aes-128-ofb", "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", 0,
         "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
         "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"},
        {"aes-128-ctr", "2b7e151628aed2a6abf7158809cf4f3c", "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", 0,
         "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
         "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"},
        {"chacha20-ietf", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         "000000000000004a00000000", 64,
         "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20"
         "4966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f722074686520"
         "6675747572652c2073756e73637265656e20776f756c642062652069742e",
         "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f59"
         "3dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d"
         "16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d"},
        {"idea-cfb", "00010002000300040005000600070008", "0000000100020003", 0, "0000000000000000",
         "11fbed2b01986de5"},
        {"rc4", "0102030405060708090a0b0c0d0e0f10", "", 0, "00000000000000000000000000000000",
         "9ac7cc9a609d1ef7b2932899cde41b97"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sks_cipher *cipher = available(cases[i].method);
        if (cipher == NULL)
            continue;
        uint8_t octets[200] = {0}, iv[SKS_IV_MAX], text[200];
        struct sks_key key;
        size_t skip = cases[i].skip;
        assert_int_equal(
            sks_key_set(&key, cipher, octets, unhex(octets, sizeof octets, cases[i].key)), SKS_OK);
        assert_int_equal(unhex(iv, sizeof iv, cases[i].iv), cipher->iv_size);
        size_t len = unhex(octets + skip, sizeof octets - skip, cases[i].text);
        memcpy(text, octets, sizeof text);
        struct sks_stream *encrypt = stream_of(cipher, SKS_ENCRYPT);
        struct sks_stream *decrypt = stream_of(cipher, SKS_DECRYPT);
        start(encrypt, &key, iv);
        start(decrypt, &key, iv);
        assert_int_equal(sks_stream_update(encrypt, octets, skip + len), SKS_OK);
        assert_hex(octets + skip, len, cases[i].wire);
        assert_int_equal(sks_stream_update(decrypt, octets, skip + len), SKS_OK);
        assert_memory_equal(octets, text, skip + len);
        sks_stream_free(encrypt);
        sks_stream_free(decrypt);
    }
}

static void none_changes_nothing(void **state)
{
    (void)state;
    uint8_t octets[256], same[256];
    struct sks_key key = key_of(available("none"), "");
    struct sks_stream *stream = stream_of(key.cipher, SKS_ENCRYPT);
    fill(octets, sizeof octets, 1);
    memcpy(same, octets, sizeof same);
    start(stream, &key, NULL);
    assert_int_equal(sks_stream_update(stream, octets, sizeof octets), SKS_OK);
    assert_memory_equal(octets, same, sizeof same);
    sks_stream_free(stream);
}

/* 200 octets in two pieces at every place, and in pieces of every size. */
static void every_split_gives_the_same_octets(void **state)
{
    (void)state;
    enum { LEN = 200 };
    uint8_t iv[SKS_IV_MAX], text[LEN], whole[LEN], parts[LEN];
    fill(iv, sizeof iv, 2);
    fill(text, LEN, 3);
    size_t at = 0;
    for (const struct sks_cipher *cipher; (cipher = next(&at)) != NULL;) {
        struct sks_key key = key_of(cipher, "password");
        struct sks_stream *encrypt = stream_of(cipher, SKS_ENCRYPT);
        struct sks_stream *decrypt = stream_of(cipher, SKS_DECRYPT);
        memcpy(whole, text, LEN);
        start(encrypt, &key, iv);
        assert_int_equal(sks_stream_update(encrypt, whole, LEN), SKS_OK);
        if (cipher->kind != SKS_CIPHER_NONE)
            assert_memory_not_equal(whole, text, LEN);
        for (size_t cut = 0; cut <= LEN; cut++) {
            memcpy(parts, text, LEN);
            start(encrypt, &key, iv);
            assert_int_equal(sks_stream_update(encrypt, parts, cut), SKS_OK);
            assert_int_equal(sks_stream_update(encrypt, parts + cut, LEN - cut), SKS_OK);
            assert_memory_equal(parts, whole, LEN);
            start(decrypt, &key, iv);
            assert_int_equal(sks_stream_update(decrypt, parts, cut), SKS_OK);
            assert_int_equal(sks_stream_update(decrypt, parts + cut, LEN - cut), SKS_OK);
            assert_memory_equal(parts, text, LEN);
        }
        for (size_t size = 1; size <= LEN; size++) {
            memcpy(parts, text, LEN);
            start(encrypt, &key, iv);
            for (size_t i = 0; i < LEN; i += size)
                assert_int_equal(
                    sks_stream_update(encrypt, parts + i, LEN - i < size ? LEN - i : size), SKS_OK);
            assert_memory_equal(parts, whole, LEN);
        }
        sks_stream_free(encrypt);
        sks_stream_free(decrypt);
    }
}

/* Two directions of one method that take turns octet by octet: neither disturbs the other. */
static void directions_are_apart(void **state)
{
    (void)state;
    enum { LEN = 100 };
    uint8_t iv[2][SKS_IV_MAX], text[LEN], alone[2][LEN], turns[2][LEN];
    fill(text, LEN, 4);
    size_t at = 0;
    for (const struct sks_cipher *cipher; (cipher = next(&at)) != NULL;) {
        struct sks_key key = key_of(cipher, "password");
        struct sks_stream *stream[2];
        for (uint32_t s = 0; s < 2; s++) {
            stream[s] = stream_of(cipher, SKS_ENCRYPT);
            fill(iv[s], sizeof iv[s], s);
            memcpy(alone[s], text, LEN);
            memcpy(turns[s], text, LEN);
            start(stream[s], &key, iv[s]);
            assert_int_equal(sks_stream_update(stream[s], alone[s], LEN), SKS_OK);
            start(stream[s], &key, iv[s]);
        }
        for (size_t i = 0; i < LEN; i++)
            for (size_t s = 0; s < 2; s++)
                assert_int_equal(sks_stream_update(stream[s], &turns[s][i], 1), SKS_OK);
        assert_memory_equal(turns, alone, sizeof turns);
        if (cipher->iv_size > 0)
            assert_memory_not_equal(alone[0], alone[1], LEN);
        sks_stream_free(stream[0]);
        sks_stream_free(stream[1]);
    }
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    uint8_t iv[40] = {0}, octets[100], want[100];
    struct sks_key other = key_of(available("aes-256-cfb8"), "x");
    size_t at = 0;
    for (const struct sks_cipher *cipher; (cipher = next(&at)) != NULL;) {
        struct sks_key key = key_of(cipher, "x");
        struct sks_stream *stream = stream_of(cipher, SKS_ENCRYPT);
        fill(octets, sizeof octets, 5);
        memcpy(want, octets, sizeof want);
        assert_int_equal(sks_stream_update(stream, octets, sizeof octets), SKS_ERR_KEY);
        assert_memory_equal(octets, want, sizeof want);

        start(stream, &key, iv);
        assert_int_equal(sks_stream_update(stream, want, sizeof want), SKS_OK);
        start(stream, &key, iv);
        assert_int_equal(sks_stream_update(stream, octets, 30), SKS_OK);
        for (size_t len = 0; len <= sizeof iv; len++)
            if (len != cipher->iv_size)
                assert_int_equal(sks_stream_start(stream, &key, iv, len), SKS_ERR_SALT);
        if (cipher != other.cipher)
            assert_int_equal(sks_stream_start(stream, &other, iv, 16), SKS_ERR_METHOD);
        assert_int_equal(sks_stream_update(stream, NULL, 0), SKS_OK);
        assert_int_equal(sks_stream_update(stream, octets + 30, sizeof octets - 30), SKS_OK);
        assert_memory_equal(octets, want, sizeof want); /* went on as it was */
        sks_stream_free(stream);
    }
    struct sks_stream *stream = NULL;
    assert_int_equal(sks_stream_new(&stream, available("aes-256-gcm"), SKS_ENCRYPT),
                     SKS_ERR_METHOD);
    assert_null(stream);
    sks_stream_free(NULL);
}

/* The last blocks of chacha20-ietf, whose counter has 32 bits: all of them, and not one more. */
static void a_keystream_ends_where_its_counter_does(void **state)
{
    (void)state;
    uint8_t octets[200], want[200] = {0}, zeros[200] = {0};
    (void)available("chacha20-ietf");
    for (size_t len = 0; len <= sizeof octets; len++)
        for (size_t lead = 0; lead <= 1; lead++) {
            struct keystream k = {.block = UINT64_C(0xfffffffe), .used = KEYSTREAM_BLOCK};
            k.xor = sks_cipher_keystream(available("chacha20-ietf"), &k.blocks);
            assert_int_equal(k.blocks, UINT64_C(1) << 32);
            crypto_stream_chacha20_ietf_xor_ic(want, zeros, 128, k.iv, 0xfffffffe, k.key);
            memset(octets, 0, sizeof octets);
            size_t first = lead < len ? lead : len;
            assert_int_equal(keystream_update(&k, octets, first), SKS_OK);
            enum sks_status s = keystream_update(&k, octets + first, len - first);
            assert_int_equal(s, len <= 128 ? SKS_OK : SKS_ERR_EXHAUSTED);
            assert_memory_equal(octets, want, first);
            assert_memory_equal(octets + first, len <= 128 ? want + first : zeros, len - first);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_octets_both_ways),
        cmocka_unit_test(every_method_has_a_recording),
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(none_changes_nothing),
        cmocka_unit_test(every_split_gives_the_same_octets),
        cmocka_unit_test(directions_are_apart),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(a_keystream_ends_where_its_counter_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
