/* Master keys, HMAC-SHA1, HKDF-SHA1, one-time-auth tags. The known answers without a published
 * source were computed with Python's hashlib and hmac, and again with libsodium's primitives. */
#include "test.h"

static const char PASSWORD[] = "barfoo!";
static const char KEY32[] = "b3adc47839e047eb228870526dc8fc30b347287ffca3045dcea06b3fdf090acb";

static void master_key_of_a_password(void **state)
{
    (void)state;
    static const char *const names[] = {"des-cfb", "aes-128-gcm", "aes-192-gcm", "aes-256-gcm"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct sks_cipher *cipher = NULL;
        (void)sks_cipher_find(&cipher, names[i]);
        struct sks_key key = key_of(cipher, PASSWORD);
        char want[65];
        assert_int_equal(key.size, cipher->key_size);
        (void)snprintf(want, sizeof want, "%.*s", 2 * (int)key.size, KEY32);
        assert_hex(key.octets, key.size, want);
        assert_ptr_equal(key.cipher, cipher);
    }
}

static void keys_of_the_wrong_size_are_refused(void **state)
{
    (void)state;
    uint8_t octets[300];
    fill(octets, sizeof octets, 1);
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const struct sks_cipher *cipher = sks_cipher_at(i);
        for (size_t len = 0; len <= sizeof octets; len++) {
            struct sks_key key, before;
            memset(&key, 0x5a, sizeof key);
            before = key;
            bool fits = cipher->kind == SKS_CIPHER_TABLE ? len >= 1 && len <= SKS_TABLE_KEY_MAX
                                                         : len == cipher->key_size;
            if (cipher->kind == SKS_CIPHER_TABLE && len > 3 && len < 254)
                continue; /* a table takes milliseconds to make */
            assert_int_equal(sks_key_set(&key, cipher, octets, len), fits ? SKS_OK : SKS_ERR_KEY);
            if (fits) {
                assert_int_equal(key.size, len);
                assert_memory_equal(key.octets, octets, len);
            } else {
                assert_memory_equal(&key, &before, sizeof key);
            }
        }
    }
}

static void empty_and_overlong_passwords_are_refused(void **state)
{
    (void)state;
    uint8_t password[SKS_TABLE_KEY_MAX + 1];
    fill(password, sizeof password, 2);
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        const struct sks_cipher *cipher = sks_cipher_at(i);
        struct sks_key key, before;
        memset(&key, 0x5a, sizeof key);
        before = key;
        if (cipher->kind == SKS_CIPHER_NONE) {
            assert_int_equal(sks_key_from_password(&key, cipher, NULL, 0), SKS_OK);
            assert_int_equal(key.size, 0);
            continue;
        }
        assert_int_equal(sks_key_from_password(&key, cipher, NULL, 0), SKS_ERR_PASSWORD);
        assert_memory_equal(&key, &before, sizeof key);
        enum sks_status s = sks_key_from_password(&key, cipher, password, sizeof password);
        assert_int_equal(s, cipher->kind == SKS_CIPHER_TABLE ? SKS_ERR_PASSWORD : SKS_OK);
    }
}

/* What a key does not use is zero, whatever stood there: nothing of another secret stays. */
static void a_key_keeps_nothing_of_what_was_there(void **state)
{
    (void)state;
    for (size_t i = 0; sks_cipher_at(i) != NULL; i++) {
        struct sks_key fresh = {0}, used;
        memset(&used, 0x5a, sizeof used);
        const uint8_t *password = (const uint8_t *)PASSWORD;
        size_t len = strlen(PASSWORD);
        assert_int_equal(sks_key_from_password(&fresh, sks_cipher_at(i), password, len), SKS_OK);
        assert_int_equal(sks_key_from_password(&used, sks_cipher_at(i), password, len), SKS_OK);
        assert_memory_equal(fresh.octets, used.octets, sizeof fresh.octets);
        assert_memory_equal(fresh.table, used.table, sizeof fresh.table);
        for (size_t k = fresh.size; k < sizeof fresh.octets; k++)
            assert_int_equal(fresh.octets[k], 0);
    }
}

/* RFC 2202 section 3, cases 1 to 7; the key in every two parts. */
static void hmac_sha1_of_rfc_2202(void **state)
{
    (void)state;
    uint8_t k3[20], k4[25], k6[80], d3[50], d4[50], out[SKS_SHA1_SIZE];
    memset(k3, 0xaa, sizeof k3);
    memset(k6, 0xaa, sizeof k6);
    memset(d3, 0xdd, sizeof d3);
    memset(d4, 0xcd, sizeof d4);
    for (size_t i = 0; i < sizeof k4; i++)
        k4[i] = (uint8_t)(i + 1);
    static const uint8_t k1[] = {11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
                                 11, 11, 11, 11, 11, 11, 11, 11, 11, 11};
    static const uint8_t k5[] = {12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
                                 12, 12, 12, 12, 12, 12, 12, 12, 12, 12};
    const struct {
        const void *key, *data;
        size_t key_len, len;
        const char *digest;
    } cases[] = {
        {k1, "Hi There", 20, 8, "b617318655057264e28bc0b6fb378c8ef146be00"},
        {"Jefe", "what do ya want for nothing?", 4, 28, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {k3, d3, 20, 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
        {k4, d4, 25, 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
        {k5, "Test With Truncation", 20, 20, "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
        {k6, "Test Using Larger Than Block-Size Key - Hash Key First", 80, 54,
         "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
        {k6, "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data", 80, 73,
         "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t cut = 0; cut <= cases[i].key_len; cut++) {
            const uint8_t *key = cases[i].key;
            sks_hmac_sha1(out, key, cut, key + cut, cases[i].key_len - cut, cases[i].data,
                          cases[i].len);
            assert_hex(out, sizeof out, cases[i].digest);
        }
}

/* Keys just below, at and just above the block of 64 octets; digests by Python's hmac. */
static void hmac_sha1_around_its_block(void **state)
{
    (void)state;
    uint8_t key[65], out[SKS_SHA1_SIZE];
    static const char *const digests[] = {"d748d78f388a365549ac23f9b9d9cd24a90b217d",
                                          "e83ee1c362c86cc004df4f912a641c1bd844f36c",
                                          "5c0fb63dc6aea0bed8fa2f8ea120a144e15cbd50"};
    memset(key, 0xaa, sizeof key);
    for (size_t i = 0; i < COUNT(digests); i++)
        for (size_t cut = 0; cut <= 63 + i; cut++) {
            sks_hmac_sha1(out, key, cut, key + cut, 63 + i - cut, (const uint8_t *)"Hi There", 8);
            assert_hex(out, sizeof out, digests[i]);
        }
}

/* RFC 5869 appendix A, the cases of SHA-1: 4 to 7. */
static void hkdf_sha1_of_rfc_5869(void **state)
{
    (void)state;
    uint8_t ramp[256], b0b[22], c0c[22], out[100];
    for (size_t i = 0; i < sizeof ramp; i++)
        ramp[i] = (uint8_t)i;
    memset(b0b, 0x0b, sizeof b0b);
    memset(c0c, 0x0c, sizeof c0c);
    const struct {
        const uint8_t *key, *salt, *info;
        size_t key_len, salt_len, info_len, out_len;
        const char *okm;
    } cases[] = {
        {b0b, ramp, ramp + 0xf0, 11, 13, 10, 42,
         "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2"
         "c22e422478d305f3f896"},
        {ramp, ramp + 0x60, ramp + 0xb0, 80, 80, 80, 82,
         "0bd770a74d1160f7c9f12cd5912a06ebff6adcae899d92191fe4305673ba2ffe"
         "8fa3f1a4e5ad79f3f334b3b202b2173c486ea37ce3d397ed034c7f9dfeb15c5e"
         "927336d0441f4c4300e2cff0d0900b52d3b4"},
        {b0b, NULL, NULL, 22, 0, 0, 42,
         "0ac1af7002b3d761d1e55298da9d0506b9ae52057220a306e07b6b87e8df21d0"
         "ea00033de03984d34918"},
        {c0c, NULL, NULL, 22, 0, 0, 42,
         "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5"
         "673a081d70cce7acfc48"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t len = 0; len <= cases[i].out_len; len++) {
            char want[201];
            assert_int_equal(sks_hkdf_sha1(out, len, cases[i].key, cases[i].key_len, cases[i].salt,
                                           cases[i].salt_len, cases[i].info, cases[i].info_len),
                             SKS_OK);
            (void)snprintf(want, sizeof want, "%.*s", 2 * (int)len, cases[i].okm);
            assert_hex(out, len, want);
        }
}

static void hkdf_sha1_ends_after_255_blocks(void **state)
{
    (void)state;
    static uint8_t out[255 * 20 + 1];
    assert_int_equal(sks_hkdf_sha1(out, sizeof out, out, 0, NULL, 0, NULL, 0), SKS_ERR_SPACE);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], 0);
    assert_int_equal(sks_hkdf_sha1(out, sizeof out - 1, (const uint8_t *)"k", 1, NULL, 0, NULL, 0),
                     SKS_OK);
}

static void one_time_auth_tags(void **state)
{
    (void)state;
    struct sks_key key = key_of(available("aes-256-cfb"), PASSWORD);
    uint8_t iv[16], header[9], tag[SKS_OTA_TAG_SIZE];
    unhex(iv, sizeof iv, "000102030405060708090a0b0c0d0e0f");
    assert_int_equal(unhex(header, sizeof header, "117f0000014a3f6869"), 9); /* and "hi" */
    assert_int_equal(sks_ota_tag(tag, &key, iv, 16, header, 7), SKS_OK);
    assert_hex(tag, sizeof tag, "f5fd1de82361110aafb5");
    assert_int_equal(sks_ota_tag(tag, &key, iv, 16, header, 9), SKS_OK);
    assert_hex(tag, sizeof tag, "27898899a51e5b3e3d92");
    sks_ota_chunk_tag(tag, 0, iv, 16, header + 7, 2);
    assert_hex(tag, sizeof tag, "100f24e1849edf0b4fe2");
    sks_ota_chunk_tag(tag, 1, iv, 16, NULL, 0);
    assert_hex(tag, sizeof tag, "247b58f8214b818a1c30");
    sks_ota_chunk_tag(tag, 2, iv, 16, (const uint8_t *)"yo", 2);
    assert_hex(tag, sizeof tag, "8e459c42f1101b1364b8");
}

/* The index is four octets, big endian: the tag is the HMAC under IV || index. */
static void chunk_index_is_four_octets_big_endian(void **state)
{
    (void)state;
    uint8_t key[20] = {0}, tag[SKS_OTA_TAG_SIZE], whole[SKS_SHA1_SIZE];
    static const uint32_t indices[] = {255, 256, 65535, 65536, 0x01020304, 0xffffffff};
    for (size_t i = 0; i < COUNT(indices); i++) {
        for (unsigned n = 0; n < 4; n++)
            key[16 + n] = (uint8_t)(indices[i] >> (24 - 8 * n));
        sks_ota_chunk_tag(tag, indices[i], key, 16, (const uint8_t *)"x", 1);
        sks_hmac_sha1(whole, key, sizeof key, NULL, 0, (const uint8_t *)"x", 1);
        assert_memory_equal(tag, whole, sizeof tag);
    }
}

static void tags_want_the_iv_of_their_method(void **state)
{
    (void)state;
    uint8_t iv[40] = {0}, tag[SKS_OTA_TAG_SIZE] = {0}, none[SKS_OTA_TAG_SIZE] = {0};
    struct sks_key key = key_of(available("aes-256-cfb"), PASSWORD);
    for (size_t len = 0; len <= sizeof iv; len++)
        if (len != 16)
            assert_int_equal(sks_ota_tag(tag, &key, iv, len, iv, 1), SKS_ERR_SALT);
    assert_memory_equal(tag, none, sizeof tag);
}

static void every_changed_bit_of_a_tag_is_refused(void **state)
{
    (void)state;
    uint8_t a[SKS_OTA_TAG_SIZE], b[SKS_OTA_TAG_SIZE];
    fill(a, sizeof a, 3);
    memcpy(b, a, sizeof a);
    assert_int_equal(sks_ota_check(a, b), SKS_OK);
    for (size_t bit = 0; bit < 8 * sizeof b; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(sks_ota_check(a, b), SKS_ERR_TAG);
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* shadowsocks (Python) 3.0.0 as sslocal with -a, aes-256-cfb, password "wire-password": header
 * 117f0000012a94, chunks of 1 and 17 octets, as one stream from its IV on. */
static void one_time_auth_as_recorded(void **state)
{
    (void)state;
    const struct sks_cipher *cipher = available("aes-256-cfb");
    struct sks_key key = key_of(cipher, "wire-password");
    uint8_t wire[200], tag[SKS_OTA_TAG_SIZE];
    size_t len = unhex(wire, sizeof wire,
                       "7a00871b9b4e6a58f8ccad93aea893bd62e39a9fb0042b6109b91795e2c134d4f429e19e"
                       "beac448263ff846706d282191d24738fbaf64a496d745e54c843a0cbe5e1faf6749ec977"
                       "2e861e");
    struct sks_stream *stream;
    assert_int_equal(sks_stream_new(&stream, cipher, SKS_DECRYPT), SKS_OK);
    assert_int_equal(sks_stream_start(stream, &key, wire, 16), SKS_OK);
    assert_int_equal(sks_stream_update(stream, wire + 16, len - 16), SKS_OK);
    sks_stream_free(stream);
    const uint8_t *p = wire + 16;
    assert_hex(p, 17, "117f0000012a9420c57dc4d2bd5e03a87d");
    assert_int_equal(sks_ota_tag(tag, &key, wire, 16, p, 7), SKS_OK);
    assert_int_equal(sks_ota_check(tag, p + 7), SKS_OK);
    p += 17;
    static const struct {
        uint32_t index, len;
    } chunks[] = {{0, 1}, {1, 17}};
    for (size_t i = 0; i < COUNT(chunks); i++) {
        assert_int_equal(256 * p[0] + p[1], chunks[i].len);
        sks_ota_chunk_tag(tag, chunks[i].index, wire, 16, p + 12, chunks[i].len);
        assert_int_equal(sks_ota_check(tag, p + 2), SKS_OK);
        p += 12 + chunks[i].len;
    }
    assert_ptr_equal(p, wire + len);
}

static void wiping_leaves_zeros(void **state)
{
    (void)state;
    static const struct sks_key none;
    struct sks_key key = key_of(available("table"), PASSWORD);
    sks_key_wipe(&key);
    assert_memory_equal(&key, &none, sizeof key);
    uint8_t octets[40];
    fill(octets, sizeof octets, 4);
    sks_wipe(octets, 39);
    for (size_t i = 0; i < 39; i++)
        assert_int_equal(octets[i], 0);
    assert_int_not_equal(octets[39], 0);
}

static void random_octets_fill_their_buffer_and_no_more(void **state)
{
    (void)state;
    uint8_t a[34] = {0}, b[34] = {0};
    sks_random(a + 1, 32);
    sks_random(b + 1, 32);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(a[0] | a[33] | b[0] | b[33], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(master_key_of_a_password),
        cmocka_unit_test(keys_of_the_wrong_size_are_refused),
        cmocka_unit_test(empty_and_overlong_passwords_are_refused),
        cmocka_unit_test(a_key_keeps_nothing_of_what_was_there),
        cmocka_unit_test(hmac_sha1_of_rfc_2202),
        cmocka_unit_test(hmac_sha1_around_its_block),
        cmocka_unit_test(hkdf_sha1_of_rfc_5869),
        cmocka_unit_test(hkdf_sha1_ends_after_255_blocks),
        cmocka_unit_test(one_time_auth_tags),
        cmocka_unit_test(chunk_index_is_four_octets_big_endian),
        cmocka_unit_test(tags_want_the_iv_of_their_method),
        cmocka_unit_test(every_changed_bit_of_a_tag_is_refused),
        cmocka_unit_test(one_time_auth_as_recorded),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(random_octets_fill_their_buffer_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
