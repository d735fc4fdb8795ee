/* Sealing and opening: published and known answers, other libraries, tampering, shared sealers. */
#include "recorded.h"
#include "test.h"

#include <sodium.h>

static const char *const names[] = {"aes-128-gcm", "aes-192-gcm", "aes-256-gcm",
                                    "chacha20-ietf-poly1305", "xchacha20-ietf-poly1305"};

static struct sks_sealer *sealer_of(const char *name)
{
    struct sks_sealer *sealer;
    assert_int_equal(sks_sealer_new(&sealer, available(name)), SKS_OK);
    return sealer;
}

static struct sks_aead direction(const char *name, uint32_t seed)
{
    struct sks_aead aead = {.cipher = available(name)};
    fill(aead.subkey, aead.cipher->key_size, seed);
    return aead;
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: the cases under a nonce of
 * zeros and without associated data: 1, 2, 7, 8, 13, 14. */
static void gcm_test_cases(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        size_t len;
        const char *sealed;
    } cases[] = {
        {"aes-128-gcm", 0, "58e2fccefa7e3061367f1d57a4e7455a"},
        {"aes-128-gcm", 16, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
        {"aes-192-gcm", 0, "cd33b28ac773f74ba00ed1f312572435"},
        {"aes-192-gcm", 16, "98e7247c07f0fe411c267e4384b0f6002ff58d80033927ab8ef4d4587514f0fb"},
        {"aes-256-gcm", 0, "530f8afbc74536b9a963b4f1c4cb738b"},
        {"aes-256-gcm", 16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sks_sealer *sealer = sealer_of(cases[i].method);
        struct sks_aead aead = {.cipher = available(cases[i].method)};
        uint8_t text[32] = {0};
        assert_int_equal(sks_aead_seal(&aead, sealer, text, cases[i].len, text + cases[i].len),
                         SKS_OK);
        assert_hex(text, cases[i].len + 16, cases[i].sealed);
        sks_sealer_free(sealer);
    }
}

/* Password "barfoo!", salt 00..1f; computed with Python's hmac and libsodium. */
static void known_answer_of_a_first_chunk(void **state)
{
    (void)state;
    struct sks_key key = key_of(available("chacha20-ietf-poly1305"), "barfoo!");
    struct sks_sealer *sealer = sealer_of("chacha20-ietf-poly1305");
    uint8_t salt[32], wire[41];
    for (size_t i = 0; i < sizeof salt; i++)
        salt[i] = (uint8_t)i;
    struct sks_aead aead;
    assert_int_equal(sks_aead_start(&aead, &key, salt, sizeof salt), SKS_OK);
    assert_hex(aead.subkey, 32, "6e62f41174d7879ffea269ebf7805b730f62002e2b461f4dcb2a21dfb6f6423e");
    assert_int_equal(unhex(wire, 2, "0007"), 2);
    assert_int_equal(unhex(wire + 18, 7, "017f0000014a3f"), 7);
    assert_int_equal(sks_aead_seal(&aead, sealer, wire, 2, wire + 2), SKS_OK);
    assert_int_equal(sks_aead_seal(&aead, sealer, wire + 18, 7, wire + 25), SKS_OK);
    assert_hex(
        wire, sizeof wire,
        "a028e26a37d380da864869a42f60c5541cb14fcd028d54d55483a4296fbcc81b08a3b550d386da77f1");
    sks_sealer_free(sealer);
}

static void recorded_sessions_open_and_seal_alike(void **state)
{
    (void)state;
    size_t rows = 0;
    for (size_t i = 0; i < COUNT(recorded); i++) {
        const struct sks_cipher *cipher = available(recorded[i].method);
        if (cipher == NULL || cipher->kind != SKS_CIPHER_AEAD)
            continue;
        rows++;
        struct sks_key key = key_of(cipher, "wire-password");
        struct sks_sealer *sealer = sealer_of(cipher->name);
        struct sks_aead in, out;
        uint8_t salt[32], wire[300], again[300], text[300], want[300];
        size_t salt_len = unhex(salt, sizeof salt, recorded[i].iv), text_len = 0;
        size_t len = unhex(wire, sizeof wire, recorded[i].wire);
        size_t want_len = unhex(want, sizeof want, recorded[i].text);
        assert_int_equal(sks_aead_start(&in, &key, salt, salt_len), SKS_OK);
        assert_int_equal(sks_aead_start(&out, &key, salt, salt_len), SKS_OK);
        memcpy(again, wire, len);
        for (size_t at = 0; at < len;) {
            assert_int_equal(sks_aead_open(&in, sealer, wire + at, 2, wire + at + 2), SKS_OK);
            size_t n = 256u * wire[at] + wire[at + 1];
            uint8_t *data = wire + at + 18;
            assert_true(at + 34 + n <= len);
            assert_int_equal(sks_aead_open(&in, sealer, data, n, data + n), SKS_OK);
            memcpy(text + text_len, data, n);
            text_len += n;
            assert_int_equal(sks_aead_seal(&out, sealer, wire + at, 2, wire + at + 2), SKS_OK);
            assert_int_equal(sks_aead_seal(&out, sealer, data, n, data + n), SKS_OK);
            at += 34 + n;
        }
        assert_int_equal(text_len, want_len);
        assert_memory_equal(text, want, want_len);
        assert_memory_equal(wire, again, len);
        sks_sealer_free(sealer);
    }
    assert_int_equal(rows, 10);
}

/* Seals by libsodium, where it knows the method and the processor can: the other implementation. */
static bool libsodium(const struct sks_aead *aead, uint8_t *out, const uint8_t *text, size_t len)
{
    uint8_t nonce[24] = {0};
    for (unsigned i = 0; i < 8; i++)
        nonce[i] = (uint8_t)(aead->nonce >> 8 * i);
    const uint8_t *key = aead->subkey;
    const char *name = aead->cipher->name;
    if (strcmp(name, "chacha20-ietf-poly1305") == 0)
        return crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, text, len, NULL, 0, NULL, nonce,
                                                         key) == 0;
    if (strcmp(name, "xchacha20-ietf-poly1305") == 0)
        return crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, text, len, NULL, 0, NULL,
                                                          nonce, key) == 0;
    return strcmp(name, "aes-256-gcm") == 0 && crypto_aead_aes256gcm_is_available() &&
           crypto_aead_aes256gcm_encrypt(out, NULL, text, len, NULL, 0, NULL, nonce, key) == 0;
}

/* Sealed here, opened here, and the same octets as libsodium's: every length to 600, so
 * that either library seals for ChaCha20, and the nonce before and after each carry. */
static void libsodium_agrees(void **state)
{
    (void)state;
    static const uint64_t nonces[] = {0,
                                      1,
                                      255,
                                      256,
                                      65535,
                                      65536,
                                      0xffffffff,
                                      0x100000000,
                                      0xffffffffffff,
                                      0x0102030405060708,
                                      UINT64_MAX - 1};
    assert_true(sodium_init() >= 0);
    size_t compared = 0;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sks_sealer *sealer = sealer_of(names[i]);
        for (size_t n = 0; n < COUNT(nonces); n++)
            for (size_t len = 0; len <= 600; len++) {
                struct sks_aead seal = direction(names[i], 7), open = seal;
                seal.nonce = open.nonce = nonces[n];
                uint8_t text[616], sealed[616], other[616];
                fill(text, len, (uint32_t)len);
                memcpy(sealed, text, len);
                assert_int_equal(sks_aead_seal(&seal, sealer, sealed, len, sealed + len), SKS_OK);
                assert_int_equal(seal.nonce, nonces[n] + 1);
                if (libsodium(&open, other, text, len)) {
                    assert_memory_equal(sealed, other, len + 16);
                    compared++;
                }
                assert_int_equal(sks_aead_open(&open, sealer, sealed, len, sealed + len), SKS_OK);
                assert_int_equal(open.nonce, nonces[n] + 1);
                assert_memory_equal(sealed, text, len);
            }
        sks_sealer_free(sealer);
    }
    assert_true(compared >= 2 * 601 * COUNT(nonces));
}

static void the_last_nonce_is_never_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sks_sealer *sealer = sealer_of(names[i]);
        struct sks_aead aead = direction(names[i], 8), before;
        aead.nonce = UINT64_MAX;
        before = aead;
        uint8_t text[20], same[20];
        fill(text, sizeof text, 9);
        memcpy(same, text, sizeof text);
        assert_int_equal(sks_aead_seal(&aead, sealer, text, 4, text + 4), SKS_ERR_EXHAUSTED);
        assert_int_equal(sks_aead_open(&aead, sealer, text, 4, text + 4), SKS_ERR_EXHAUSTED);
        assert_memory_equal(text, same, sizeof text);
        assert_memory_equal(&aead, &before, sizeof aead);
        sks_sealer_free(sealer);
    }
}

enum { TAMPERED = 530 }; /* octets, at most */

/* Every bit of a sealed chunk, its salt, its nonce: refused, zeroed, and the right one still opens.
 */
static void tamper(size_t size)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sks_sealer *sealer = sealer_of(names[i]);
        struct sks_aead seal = direction(names[i], 10), open = seal;
        uint8_t text[TAMPERED], good[TAMPERED + 16], chunk[TAMPERED + 16], zeros[TAMPERED] = {0};
        fill(text, size, 11);
        memcpy(good, text, size);
        assert_int_equal(sks_aead_seal(&seal, sealer, good, size, good + size), SKS_OK);
        for (size_t bit = 0; bit < 8 * (size + 16); bit++) {
            memcpy(chunk, good, sizeof chunk);
            chunk[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(sks_aead_open(&open, sealer, chunk, size, chunk + size), SKS_ERR_TAG);
            assert_memory_equal(chunk, zeros, size);
            assert_int_equal(open.nonce, 0);
        }
        for (size_t len = 0; len < size; len++) {
            memcpy(chunk, good, sizeof chunk);
            assert_int_equal(sks_aead_open(&open, sealer, chunk, len, good + size), SKS_ERR_TAG);
        }
        memcpy(chunk, good, sizeof chunk);
        open.nonce = 1;
        assert_int_equal(sks_aead_open(&open, sealer, chunk, size, good + size), SKS_ERR_TAG);
        memcpy(chunk, good, sizeof chunk);
        open.nonce = 0;
        assert_int_equal(sks_aead_open(&open, sealer, chunk, size, good + size), SKS_OK);
        assert_memory_equal(chunk, text, size);
        sks_sealer_free(sealer);
    }
}

static void tampering_is_refused_and_gives_nothing_out(void **state)
{
    (void)state;
    tamper(1);
    tamper(37);
    tamper(TAMPERED);
}

/* Sessions that take turns on one sealer, in an order that changes, give what each gives alone. */
static void one_sealer_serves_many_sessions(void **state)
{
    (void)state;
    enum { SESSIONS = 3, CHUNKS = 200, LEN = 50 };
    static uint8_t alone[SESSIONS][CHUNKS][LEN + 16];
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sks_aead seal[SESSIONS], open[SESSIONS];
        for (uint32_t s = 0; s < SESSIONS; s++) {
            struct sks_sealer *own = sealer_of(names[i]);
            struct sks_aead aead = seal[s] = open[s] = direction(names[i], s);
            for (uint32_t c = 0; c < CHUNKS; c++) {
                fill(alone[s][c], LEN, s * CHUNKS + c);
                assert_int_equal(sks_aead_seal(&aead, own, alone[s][c], LEN, alone[s][c] + LEN),
                                 SKS_OK);
            }
            sks_sealer_free(own);
        }
        struct sks_sealer *sealer = sealer_of(names[i]);
        uint32_t order = 12;
        for (uint32_t done = 0; done < SESSIONS * CHUNKS;) {
            order = order * 1664525u + 1013904223u;
            uint32_t s = (order >> 16) % SESSIONS;
            struct sks_aead *aead =
                (order >> 30) != 0 && open[s].nonce < seal[s].nonce ? &open[s] : &seal[s];
            uint32_t c = (uint32_t)aead->nonce;
            uint8_t chunk[LEN + 16], text[LEN];
            if (c == CHUNKS)
                continue;
            fill(text, LEN, s * CHUNKS + c);
            if (aead == &seal[s]) {
                memcpy(chunk, text, LEN);
                assert_int_equal(sks_aead_seal(aead, sealer, chunk, LEN, chunk + LEN), SKS_OK);
                assert_memory_equal(chunk, alone[s][c], sizeof chunk);
            } else {
                memcpy(chunk, alone[s][c], sizeof chunk);
                if (order >> 28 == 7) { /* a forged chunk of one session disturbs nobody */
                    chunk[0] ^= 1;
                    assert_int_equal(sks_aead_open(aead, sealer, chunk, LEN, chunk + LEN),
                                     SKS_ERR_TAG);
                    continue;
                }
                assert_int_equal(sks_aead_open(aead, sealer, chunk, LEN, chunk + LEN), SKS_OK);
                assert_memory_equal(chunk, text, LEN);
                done++;
            }
        }
        sks_sealer_free(sealer);
    }
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    uint8_t salt[40] = {0};
    struct sks_aead aead, before;
    memset(&aead, 0x5a, sizeof aead);
    before = aead;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sks_key key = key_of(available(names[i]), "x");
        for (size_t len = 0; len <= sizeof salt; len++)
            if (len != key.cipher->iv_size)
                assert_int_equal(sks_aead_start(&aead, &key, salt, len), SKS_ERR_SALT);
    }
    struct sks_key stream_key = key_of(available("aes-256-cfb"), "x");
    assert_int_equal(sks_aead_start(&aead, &stream_key, salt, 16), SKS_ERR_METHOD);
    assert_memory_equal(&aead, &before, sizeof aead);

    struct sks_sealer *sealer = NULL;
    assert_int_equal(sks_sealer_new(&sealer, available("table")), SKS_ERR_METHOD);
    assert_int_equal(sks_sealer_new(&sealer, available("aes-256-cfb")), SKS_ERR_METHOD);
    assert_null(sealer);
    sks_sealer_free(NULL);

    sealer = sealer_of("aes-256-gcm");
    aead = direction("chacha20-ietf-poly1305", 1);
    assert_int_equal(sks_aead_seal(&aead, sealer, salt, 8, salt + 8), SKS_ERR_METHOD);
    assert_int_equal(sks_aead_open(&aead, sealer, salt, 8, salt + 8), SKS_ERR_METHOD);
    assert_int_equal(aead.nonce, 0);
    sks_sealer_free(sealer);
}

static void an_idle_direction_is_small_and_wiped_whole(void **state)
{
    (void)state;
    static const struct sks_aead zero;
    struct sks_aead aead = direction("aes-256-gcm", 13);
    assert_true(sizeof aead <= 64);
    sks_aead_wipe(&aead);
    assert_memory_equal(&aead, &zero, sizeof aead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_test_cases),
        cmocka_unit_test(known_answer_of_a_first_chunk),
        cmocka_unit_test(recorded_sessions_open_and_seal_alike),
        cmocka_unit_test(libsodium_agrees),
        cmocka_unit_test(the_last_nonce_is_never_used),
        cmocka_unit_test(tampering_is_refused_and_gives_nothing_out),
        cmocka_unit_test(one_sealer_serves_many_sessions),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(an_idle_direction_is_small_and_wiped_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
