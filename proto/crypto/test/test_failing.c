/* libcrypto fails at any of its calls: refused by name, nothing half done is given out, and what
 * comes afterwards is as if nothing had been. */
#include "heap.h"

#include "session_tunnel.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <sys/mman.h>

/* What the library is to do wrong, and what it was asked. */
static struct {
    size_t left;    /* calls that still go well; SIZE_MAX: all */
    int does_it;    /* a call that fails has done its work all the same */
    int is_short;   /* EVP_CipherUpdate goes well, but does not give all out */
    uint8_t *next;  /* not NULL: it gets no octets, but these one behind another */
    size_t largest; /* length that it was then given */
    size_t calls, keys;
} library = {.left = SIZE_MAX};

static bool fails(void)
{
    library.calls++;
    if (library.left == SIZE_MAX || library.left-- > 0)
        return false;
    ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
    return true;
}

/* The function of that name that these here stand before, into *function. */
static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    assert_non_null(found);
    memcpy(function, &found, sizeof found);
}

EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void)
{
    EVP_CIPHER_CTX *(*real)(void);
    find("EVP_CIPHER_CTX_new", &real);
    return fails() ? NULL : real();
}

int EVP_CipherInit_ex2(EVP_CIPHER_CTX *evp, const EVP_CIPHER *cipher, const unsigned char *key,
                       const unsigned char *iv, int way, const OSSL_PARAM params[])
{
    int (*real)(EVP_CIPHER_CTX *, const EVP_CIPHER *, const unsigned char *, const unsigned char *,
                int, const OSSL_PARAM *);
    bool is = fails();
    find("EVP_CipherInit_ex2", &real);
    library.keys += key != NULL;
    if (is && !library.does_it)
        return 0;
    return real(evp, cipher, key, iv, way, params) == 1 && !is;
}

int EVP_CipherUpdate(EVP_CIPHER_CTX *evp, unsigned char *out, int *out_len, const unsigned char *in,
                     int len)
{
    int (*real)(EVP_CIPHER_CTX *, unsigned char *, int *, const unsigned char *, int);
    find("EVP_CipherUpdate", &real);
    if (library.next != NULL) {
        assert_true(len > 0 && in == library.next && out == in);
        library.next += len;
        library.largest = (size_t)len > library.largest ? (size_t)len : library.largest;
        *out_len = len;
        return 1;
    }
    if (fails())
        return 0;
    int ok = real(evp, out, out_len, in, len);
    *out_len -= library.is_short;
    return ok;
}

int EVP_CipherFinal_ex(EVP_CIPHER_CTX *evp, unsigned char *out, int *out_len)
{
    int (*real)(EVP_CIPHER_CTX *, unsigned char *, int *);
    find("EVP_CipherFinal_ex", &real);
    return fails() ? 0 : real(evp, out, out_len);
}

int EVP_CIPHER_CTX_get_params(EVP_CIPHER_CTX *evp, OSSL_PARAM params[])
{
    int (*real)(EVP_CIPHER_CTX *, OSSL_PARAM *);
    find("EVP_CIPHER_CTX_get_params", &real);
    return fails() ? 0 : real(evp, params);
}

static const char *const names[] = {"aes-128-gcm", "aes-256-gcm", "chacha20-ietf-poly1305",
                                    "xchacha20-ietf-poly1305"};
enum { LEN = 600 }; /* octets: libcrypto's part for every method */

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

/* Chunk 0 of a direction, sealed by itself: text of LEN octets, tag. */
static void sealed(uint8_t out[LEN + SKS_TAG_SIZE], const char *name, uint32_t seed)
{
    struct sks_sealer *sealer = sealer_of(name);
    struct sks_aead aead = direction(name, seed);
    fill(out, LEN, seed);
    assert_int_equal(sks_aead_seal(&aead, sealer, out, LEN, out + LEN), SKS_OK);
    sks_sealer_free(sealer);
}

static const uint8_t zeros[LEN];

static void nothing_is_left(const uint8_t *text, size_t len)
{
    assert_memory_equal(text, zeros, len);
    assert_int_equal(ERR_peek_error(), 0); /* for the program around us to stumble over */
}

/* ---- AEAD ------------------------------------------------------------------------------------ */

/* One call in a sealing fails, then the next one, until none is left; every time the sealer, and
 * the other direction that it serves, are as good as new afterwards. */
static void a_sealing_that_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t want[2][LEN + SKS_TAG_SIZE], text[LEN + SKS_TAG_SIZE];
        struct sks_sealer *sealer = sealer_of(names[i]);
        struct sks_aead aead;
        enum sks_status s = SKS_ERR_LIBRARY;
        size_t failures = 0;
        for (uint32_t seed = 0; seed < 2; seed++)
            sealed(want[seed], names[i], seed);
        while (s != SKS_OK) {
            aead = direction(names[i], 0);
            fill(text, LEN, 0);
            library.left = failures;
            s = sks_aead_seal(&aead, sealer, text, LEN, text + LEN);
            library.left = SIZE_MAX;
            assert_int_equal(s == SKS_OK, aead.nonce == 1);
            if (s != SKS_OK) {
                assert_int_equal(s, SKS_ERR_LIBRARY);
                failures++;
                nothing_is_left(text, LEN);
                fill(text, LEN, 0);
                assert_int_equal(sks_aead_seal(&aead, sealer, text, LEN, text + LEN), SKS_OK);
            }
            assert_memory_equal(text, want[0], sizeof text);
            aead = direction(names[i], 1);
            fill(text, LEN, 1);
            assert_int_equal(sks_aead_seal(&aead, sealer, text, LEN, text + LEN), SKS_OK);
            assert_memory_equal(text, want[1], sizeof text);
        }
        assert_int_equal(failures, 4); /* key and nonce, text, end, tag */
        sks_sealer_free(sealer);
    }
}

static void an_opening_that_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t good[LEN + SKS_TAG_SIZE], text[LEN + SKS_TAG_SIZE], want[LEN];
        struct sks_sealer *sealer = sealer_of(names[i]);
        enum sks_status s = SKS_ERR_LIBRARY;
        size_t failures = 0, tags = 0;
        sealed(good, names[i], 0);
        fill(want, LEN, 0);
        while (s != SKS_OK) {
            struct sks_aead aead = direction(names[i], 0);
            memcpy(text, good, sizeof text);
            library.left = failures;
            s = sks_aead_open(&aead, sealer, text, LEN, text + LEN);
            library.left = SIZE_MAX;
            assert_int_equal(s == SKS_OK, aead.nonce == 1);
            if (s != SKS_OK) {
                assert_true(s == SKS_ERR_LIBRARY || s == SKS_ERR_TAG);
                failures++;
                tags += s == SKS_ERR_TAG;
                nothing_is_left(text, LEN);
                memcpy(text, good, sizeof text);
                assert_int_equal(sks_aead_open(&aead, sealer, text, LEN, text + LEN), SKS_OK);
            }
            assert_memory_equal(text, want, LEN);
        }
        assert_int_equal(failures, 3); /* key, nonce and tag; text; end */
        assert_int_equal(tags, 1);     /* the end, where a wrong tag shows */
        sks_sealer_free(sealer);
    }
}

/* A failed call may have loaded its key: the one that was loaded before is not taken for granted.
 */
static void a_key_that_came_in_by_a_failed_call_is_not_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t want[2][LEN + SKS_TAG_SIZE], text[LEN + SKS_TAG_SIZE];
        struct sks_sealer *sealer = sealer_of(names[i]);
        for (uint32_t seed = 0; seed < 2; seed++)
            sealed(want[seed], names[i], seed);
        for (uint32_t turn = 0; turn < 4; turn++) { /* the second fails */
            uint32_t seed = turn == 1;
            struct sks_aead aead = direction(names[i], seed);
            fill(text, LEN, seed);
            library.left = turn == 1 ? 0 : SIZE_MAX;
            library.does_it = turn == 1;
            enum sks_status s = sks_aead_seal(&aead, sealer, text, LEN, text + LEN);
            library.left = SIZE_MAX;
            library.does_it = 0;
            assert_int_equal(s, turn == 1 ? SKS_ERR_LIBRARY : SKS_OK);
            if (turn != 1)
                assert_memory_equal(text, want[seed], sizeof text);
        }
        sks_sealer_free(sealer);
    }
}

/* A key is loaded when another direction takes its turn, or after a failure: not for each chunk. */
static void keys_are_loaded_when_they_must(void **state)
{
    (void)state;
    uint8_t text[LEN + SKS_TAG_SIZE], good[LEN + SKS_TAG_SIZE];
    struct sks_sealer *sealer = sealer_of("aes-256-gcm");
    struct sks_aead one = direction("aes-256-gcm", 0), other = direction("aes-256-gcm", 1);
    struct sks_aead open = one;
    library.keys = 0;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sks_aead_seal(&one, sealer, text, LEN, text + LEN), SKS_OK);
    assert_int_equal(library.keys, 1);
    assert_int_equal(sks_aead_seal(&other, sealer, text, LEN, text + LEN), SKS_OK);
    assert_int_equal(sks_aead_seal(&one, sealer, text, LEN, text + LEN), SKS_OK);
    assert_int_equal(library.keys, 3);
    sealed(good, "aes-256-gcm", 0);
    memcpy(text, good, sizeof text);
    text[0] ^= 1;
    library.keys = 0;
    assert_int_equal(sks_aead_open(&open, sealer, text, LEN, text + LEN), SKS_ERR_TAG);
    memcpy(text, good, sizeof text);
    assert_int_equal(sks_aead_open(&open, sealer, text, LEN, text + LEN), SKS_OK);
    assert_int_equal(library.keys, 2);
    sks_sealer_free(sealer);
}

static void octets_that_do_not_come_out_are_a_failure(void **state)
{
    (void)state;
    uint8_t text[LEN + SKS_TAG_SIZE];
    struct sks_sealer *sealer = sealer_of("aes-256-gcm");
    struct sks_aead aead = direction("aes-256-gcm", 0);
    fill(text, LEN, 0);
    library.is_short = 1;
    assert_int_equal(sks_aead_seal(&aead, sealer, text, LEN, text + LEN), SKS_ERR_LIBRARY);
    library.is_short = 0;
    nothing_is_left(text, LEN);
    sks_sealer_free(sealer);
}

/* Neither in libcrypto nor for want of memory; what was made for it is given back. */
static void a_sealer_that_cannot_be_made(void **state)
{
    (void)state;
    const struct sks_cipher *cipher = available("aes-256-gcm");
    struct sks_sealer *sealer = sealer_of(cipher->name);
    size_t failures = 0;
    sks_sealer_free(sealer);
    for (enum sks_status s = SKS_ERR_LIBRARY; s != SKS_OK; failures++) {
        unsigned long blocks = heap_blocks();
        sealer = NULL;
        library.left = failures;
        s = sks_sealer_new(&sealer, cipher);
        library.left = SIZE_MAX;
        assert_int_equal(s, sealer != NULL ? SKS_OK : SKS_ERR_LIBRARY);
        nothing_is_left(NULL, 0);
        sks_sealer_free(sealer);
        assert_int_equal(heap_blocks(), blocks);
    }
    assert_int_equal(failures, 1 + 2 * 2); /* a context each way, and its method */
    sealer = NULL;
    heap.refuses = !HEAP_ASAN;
    enum sks_status s = sks_sealer_new(&sealer, cipher);
    heap.refuses = 0;
    assert_int_equal(s, HEAP_ASAN ? SKS_OK : SKS_ERR_LIBRARY);
    assert_int_equal(sealer != NULL, HEAP_ASAN);
    sks_sealer_free(sealer);
}

/* Where libsodium has the cipher, a length and a short text ask libcrypto for nothing: preparing
 * its context takes longer than sealing them. */
static void a_length_is_sealed_and_opened_without_a_context(void **state)
{
    (void)state;
    static const size_t lens[] = {0, 2, 100};
    for (size_t i = 0; i < COUNT(names); i++) {
        bool without =
            strstr(names[i], "chacha20") != NULL ||
            (strcmp(names[i], "aes-256-gcm") == 0 && crypto_aead_aes256gcm_is_available());
        struct sks_sealer *sealer = sealer_of(names[i]);
        struct sks_aead seal = direction(names[i], 0), open = seal;
        for (size_t n = 0; n < COUNT(lens); n++) {
            uint8_t text[100 + SKS_TAG_SIZE] = {0};
            library.calls = 0;
            assert_int_equal(sks_aead_seal(&seal, sealer, text, lens[n], text + lens[n]), SKS_OK);
            assert_int_equal(library.calls == 0, without);
            library.calls = 0;
            assert_int_equal(sks_aead_open(&open, sealer, text, lens[n], text + lens[n]), SKS_OK);
            assert_int_equal(library.calls == 0, without);
        }
        sks_sealer_free(sealer);
    }
}

/* ---- streams --------------------------------------------------------------------------------- */

static const char *const streams[] = {"aes-256-cfb", "aes-128-ctr", "rc4-md5"};

static void start(struct sks_stream *stream, const struct sks_key *key, const uint8_t *iv)
{
    assert_int_equal(sks_stream_start(stream, key, iv, key->cipher->iv_size), SKS_OK);
}

static void a_stream_that_cannot_be_made(void **state)
{
    (void)state;
    const struct sks_cipher *cipher = available("aes-256-cfb");
    struct sks_stream *stream;
    size_t failures = 0;
    assert_int_equal(sks_stream_new(&stream, cipher, SKS_ENCRYPT), SKS_OK);
    sks_stream_free(stream);
    for (enum sks_status s = SKS_ERR_LIBRARY; s != SKS_OK; failures++) {
        unsigned long blocks = heap_blocks();
        stream = NULL;
        library.left = failures;
        s = sks_stream_new(&stream, cipher, SKS_ENCRYPT);
        library.left = SIZE_MAX;
        assert_int_equal(s, stream != NULL ? SKS_OK : SKS_ERR_LIBRARY);
        nothing_is_left(NULL, 0);
        sks_stream_free(stream);
        assert_int_equal(heap_blocks(), blocks);
    }
    assert_int_equal(failures, 1 + 2);
    stream = NULL;
    heap.refuses = !HEAP_ASAN;
    enum sks_status s = sks_stream_new(&stream, cipher, SKS_ENCRYPT);
    heap.refuses = 0;
    assert_int_equal(s, HEAP_ASAN ? SKS_OK : SKS_ERR_LIBRARY);
    assert_int_equal(stream != NULL, HEAP_ASAN);
    sks_stream_free(stream);
}

/* A start or an update fails: the stream waits for a start, and goes on from there. */
static void a_stream_that_fails(void **state)
{
    (void)state;
    uint8_t iv[SKS_IV_MAX], text[LEN], want[LEN];
    fill(iv, sizeof iv, 9);
    for (size_t i = 0; i < 3 * COUNT(streams); i++) {
        const struct sks_cipher *cipher = available(streams[i / 3]);
        if (cipher == NULL)
            continue;
        struct sks_key key = key_of(cipher, "password");
        struct sks_stream *stream;
        assert_int_equal(sks_stream_new(&stream, cipher, SKS_ENCRYPT), SKS_OK);
        fill(want, LEN, 0);
        start(stream, &key, iv);
        assert_int_equal(sks_stream_update(stream, want, LEN), SKS_OK);
        fill(text, LEN, 0);
        library.left = i % 3 == 2 ? SIZE_MAX : 0;
        library.is_short = i % 3 == 2;
        if (i % 3 == 0) {
            assert_int_equal(sks_stream_start(stream, &key, iv, cipher->iv_size), SKS_ERR_LIBRARY);
            nothing_is_left(NULL, 0);
        } else {
            assert_int_equal(sks_stream_update(stream, text, LEN), SKS_ERR_LIBRARY);
            nothing_is_left(text, LEN);
        }
        library.left = SIZE_MAX;
        library.is_short = 0;
        fill(text, LEN, 0);
        assert_int_equal(sks_stream_update(stream, text, LEN), SKS_ERR_KEY);
        start(stream, &key, iv);
        assert_int_equal(sks_stream_update(stream, text, LEN), SKS_OK);
        assert_memory_equal(text, want, LEN);
        sks_stream_free(stream);
    }
}

/* The program around us may keep errors of its own in its thread's queue. */
static void what_goes_well_leaves_the_errors_of_others(void **state)
{
    (void)state;
    uint8_t iv[SKS_IV_MAX] = {0}, text[LEN + SKS_TAG_SIZE];
    struct sks_key key = key_of(available("aes-256-cfb"), "password");
    struct sks_stream *stream;
    struct sks_sealer *sealer;
    struct sks_aead aead = direction("aes-256-gcm", 0), open = aead;
    fill(text, LEN, 1);
    ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
    assert_int_equal(sks_stream_new(&stream, key.cipher, SKS_ENCRYPT), SKS_OK);
    start(stream, &key, iv);
    assert_int_equal(sks_stream_update(stream, text, LEN), SKS_OK);
    sks_stream_free(stream);
    assert_int_equal(sks_sealer_new(&sealer, aead.cipher), SKS_OK);
    assert_int_equal(sks_aead_seal(&aead, sealer, text, LEN, text + LEN), SKS_OK);
    assert_int_equal(sks_aead_open(&open, sealer, text, LEN, text + LEN), SKS_OK);
    sks_sealer_free(sealer);
    assert_int_not_equal(ERR_get_error(), 0);
}

/* libcrypto counts in int: a text beyond that is given in pieces, one behind another, none left
 * out. Nobody touches the octets, so there need not be any. */
static void more_octets_than_an_int_counts(void **state)
{
    (void)state;
    static const size_t more[] = {0, 1, 4095};
    const size_t size = (size_t)5 << 30;
    uint8_t iv[SKS_IV_MAX] = {0};
    struct sks_key key = key_of(available("aes-256-ctr"), "password");
    struct sks_stream *stream;
    uint8_t *text = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (text == MAP_FAILED)
        skip(); /* no room for such addresses */
    assert_int_equal(sks_stream_new(&stream, key.cipher, SKS_ENCRYPT), SKS_OK);
    start(stream, &key, iv);
    for (size_t i = 0; i < COUNT(more); i++) {
        size_t len = ((size_t)4 << 30) + more[i];
        library.next = text;
        library.largest = 0;
        assert_int_equal(sks_stream_update(stream, text, len), SKS_OK);
        assert_ptr_equal(library.next, text + len);
        assert_true(library.largest <= INT32_MAX);
        library.next = NULL;
    }
    sks_stream_free(stream);
    munmap(text, size);
}

/* ---- a session ------------------------------------------------------------------------------- */

/* What protects a piece, or opens it again, fails at one of its calls: the session ends there, says
 * so, and nothing of the piece comes out. */
static void a_session_ends_when_its_cipher_fails(void **state)
{
    static const char *const methods[] = {"aes-128-gcm", "aes-256-cfb"};
    static const struct cutter whole = {.rest = SIZE_MAX};
    static struct pair pair;
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(methods); i++) {
        struct relay *one = i % 2 == 0 ? &pair.local : &pair.server;
        size_t failures = 0;
        for (enum sks_status why = SKS_ERR_LIBRARY; why != SKS_OK; failures++) {
            struct family f;
            open_tunnel(&pair, &f, methods[i / 2], 0);
            pair_run(&pair, &whole);
            pipe_put(&pair.client_up, LITERAL("hello"));
            if (one == &pair.server)
                while (turn(&pair.local, &whole))
                    continue;
            library.left = failures;
            while (turn(one, &whole))
                continue;
            library.left = SIZE_MAX;
            why = one->why;
            assert_true(why == SKS_OK || why == SKS_ERR_LIBRARY || why == SKS_ERR_TAG);
            assert_int_equal(one->closings, why != SKS_OK);
            pair_run(&pair, &whole);
            assert_int_equal(pair.target_up.put, why == SKS_OK ? 5 : 0);
            nothing_is_left(NULL, 0);
            pair_close(&pair);
            family_close(&f);
        }
        assert_true(failures > 1);
    }
}

/* Nothing goes out unsealed where the way out cannot begin. */
static void a_session_ends_when_its_way_out_cannot_begin(void **state)
{
    static const struct cutter whole = {.rest = SIZE_MAX};
    static struct pair pair;
    struct family f;
    (void)state;
    open_tunnel(&pair, &f, "aes-256-cfb", 0);
    pair_run(&pair, &whole);
    pipe_put(&pair.target_down, LITERAL("hello"));
    library.left = 0;
    while (turn(&pair.server, &whole))
        continue;
    library.left = SIZE_MAX;
    assert_int_equal(pair.server.why, SKS_ERR_LIBRARY);
    assert_int_equal(pair.server.closings, 1);
    assert_int_equal(pair.wire_down.put, 0);
    nothing_is_left(NULL, 0);
    pair_close(&pair);
    family_close(&f);
}

int main(void)
{
    if (!heap_watch())
        return 1;
    ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR); /* makes room for those of this thread */
    ERR_clear_error();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealing_that_fails),
        cmocka_unit_test(an_opening_that_fails),
        cmocka_unit_test(a_key_that_came_in_by_a_failed_call_is_not_used),
        cmocka_unit_test(keys_are_loaded_when_they_must),
        cmocka_unit_test(octets_that_do_not_come_out_are_a_failure),
        cmocka_unit_test(a_sealer_that_cannot_be_made),
        cmocka_unit_test(a_length_is_sealed_and_opened_without_a_context),
        cmocka_unit_test(a_stream_that_cannot_be_made),
        cmocka_unit_test(a_stream_that_fails),
        cmocka_unit_test(what_goes_well_leaves_the_errors_of_others),
        cmocka_unit_test(more_octets_than_an_int_counts),
        cmocka_unit_test(a_session_ends_when_its_cipher_fails),
        cmocka_unit_test(a_session_ends_when_its_way_out_cannot_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
