/* usage: bench_crypto [--check]
 *
 * Sealing and opening of chunks of 16 KiB, in GB/s, beside libcrypto alone: the loop of
 * `openssl speed` (one key, one nonce, nothing but the update), here in turn with ours, and what
 * the program itself prints in the same run; the ratio is taken in each round, between neighbours
 * in time. Then what a session pays for a tag, a subkey and the change of key in a shared sealer.
 * --check: exit status 1 if the median ratio of sealing or opening to `openssl speed` is below 0.9,
 * for AES-GCM or ChaCha20-Poly1305. */
#include "bench.h"

#include <sockspec/crypto.h>

#include <openssl/evp.h>
#include <string.h>

enum { ROUNDS = 7, CHUNK = 16384, BATCH = 8, BATCHES = 500, CALLS = 100000 };
static const double RATIO_MIN = 0.9, OCTETS = 2.0 * CHUNK * BATCH * BATCHES;

static const struct {
    const char *method, *openssl; /* NULL: openssl knows no such cipher */
} rows[] = {
    {"aes-128-gcm", "aes-128-gcm"},    {"aes-192-gcm", "aes-192-gcm"},
    {"aes-256-gcm", "aes-256-gcm"},    {"chacha20-ietf-poly1305", "chacha20-poly1305"},
    {"xchacha20-ietf-poly1305", NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };

static uint8_t chunks[BATCH][CHUNK + SKS_TAG_SIZE];

struct figures {
    double v[ROUNDS];
    size_t n;
};

static void note(struct figures *f, double v)
{
    f->v[f->n++] = v;
}

static double middle(struct figures *f)
{
    return median(f->v, f->n);
}

/* libcrypto's own context, or NULL. */
static EVP_CIPHER_CTX *bare(const char *name)
{
    static const uint8_t key[32], iv[12];
    if (name == NULL)
        return NULL;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new();
    must(cipher != NULL && evp != NULL && EVP_EncryptInit_ex2(evp, cipher, key, iv, NULL) == 1,
         name);
    EVP_CIPHER_free(cipher);
    return evp;
}

/* ns spent, added up: in batches that take turns, so that all three meet the same machine. */
struct spent {
    double seal, open, loop;
};

static void measure(struct spent *spent, const struct sks_cipher *cipher, struct sks_sealer *sealer,
                    EVP_CIPHER_CTX *evp)
{
    struct sks_aead aead = {.cipher = cipher}, peer = aead;
    bool ok = true;
    int n;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        double start = now_ns();
        for (size_t i = 0; i < BATCH; i++)
            ok &= sks_aead_seal(&aead, sealer, chunks[i], CHUNK, chunks[i] + CHUNK) == SKS_OK;
        double sealed = now_ns();
        for (size_t i = 0; i < BATCH; i++)
            ok &= sks_aead_open(&peer, sealer, chunks[i], CHUNK, chunks[i] + CHUNK) == SKS_OK;
        double opened = now_ns();
        for (size_t i = 0; i < BATCH && evp != NULL; i++)
            ok &= EVP_EncryptUpdate(evp, chunks[i], &n, chunks[i], CHUNK) == 1;
        spent->loop += now_ns() - opened;
        spent->open += opened - sealed;
        spent->seal += sealed - start;
    }
    must(ok, cipher->name);
}

/* By round: ours, libcrypto's loop, the program, and ours to each of them. */
struct row {
    struct figures ours, loop, speed, to_loop, to_speed;
};

static void note_row(struct row *row, double ours, double loop, double speed)
{
    note(&row->ours, ours);
    if (loop > 0) {
        note(&row->loop, loop);
        note(&row->to_loop, ours / loop);
    }
    if (speed > 0) {
        note(&row->speed, speed);
        note(&row->to_speed, ours / speed);
    }
}

static void round_of(const char *openssl, const struct sks_cipher *cipher,
                     struct sks_sealer *sealer, struct row *seal, struct row *open)
{
    struct spent spent = {0, 0, 0};
    EVP_CIPHER_CTX *evp = bare(openssl);
    measure(&spent, cipher, sealer, evp);
    double speed = openssl == NULL ? 0 : openssl_speed(openssl, CHUNK);
    measure(&spent, cipher, sealer, evp);
    double loop = evp == NULL ? 0 : OCTETS / spent.loop;
    note_row(seal, OCTETS / spent.seal, loop, speed);
    note_row(open, OCTETS / spent.open, loop, speed);
    EVP_CIPHER_CTX_free(evp);
}

static void print_figures(struct figures *f)
{
    double m = middle(f);
    if (f->n > 0)
        printf("  %5.2f (%4.2f..%4.2f)", m, f->v[0], f->v[f->n - 1]);
}

/* Whether the row keeps its ratio, or has nothing to be measured against. */
static bool print_row(const char *method, const char *what, struct row *row)
{
    printf("%-24s %-4s", method, what);
    print_figures(&row->ours);
    if (row->loop.n > 0)
        printf("  %5.2f", middle(&row->loop));
    print_figures(&row->to_loop);
    if (row->speed.n > 0)
        printf("  %5.2f", middle(&row->speed));
    print_figures(&row->to_speed);
    putchar('\n');
    return row->speed.n == 0 || middle(&row->to_speed) >= RATIO_MIN;
}

/* ns a chunk of 2 octets: by one direction alone, and by two in turn. */
static void print_rekey(const struct sks_cipher *cipher, struct sks_sealer *sealer)
{
    struct figures alone = {.n = 0}, turns = {.n = 0}, started = {.n = 0};
    struct sks_key key;
    struct sks_aead aead[2], other;
    static const uint8_t salt[2][SKS_IV_MAX] = {{1}, {2}};
    bool ok = sks_key_from_password(&key, cipher, (const uint8_t *)"bench", 5) == SKS_OK;
    for (size_t i = 0; i < 2; i++)
        ok &= sks_aead_start(&aead[i], &key, salt[i], cipher->iv_size) == SKS_OK;
    for (size_t round = 0; round < ROUNDS; round++) {
        double from = now_ns();
        for (size_t i = 0; i < CALLS; i++)
            ok &= sks_aead_seal(&aead[0], sealer, chunks[0], 2, chunks[0] + 2) == SKS_OK;
        double middle = now_ns();
        for (size_t i = 0; i < CALLS; i++)
            ok &= sks_aead_seal(&aead[i % 2], sealer, chunks[0], 2, chunks[0] + 2) == SKS_OK;
        note(&turns, (now_ns() - middle) / CALLS);
        note(&alone, (middle - from) / CALLS);
        from = now_ns();
        for (size_t i = 0; i < CALLS / 10; i++)
            ok &= sks_aead_start(&other, &key, salt[i % 2], cipher->iv_size) == SKS_OK;
        note(&started, (now_ns() - from) / (CALLS / 10));
    }
    must(ok, cipher->name);
    double a = middle(&alone), t = middle(&turns);
    printf("%-24s %9.0f %9.0f %9.0f %9.0f\n", cipher->name, a, t, t - a, middle(&started));
}

static void print_tags(void)
{
    struct figures ns = {.n = 0};
    static const uint8_t iv[16];
    uint8_t tag[SKS_OTA_TAG_SIZE];
    for (size_t round = 0; round < ROUNDS; round++) {
        double from = now_ns();
        for (uint32_t i = 0; i < CALLS / 10; i++)
            sks_ota_chunk_tag(tag, i, iv, sizeof iv, chunks[0], 1400);
        note(&ns, (now_ns() - from) / (CALLS / 10));
    }
    double m = middle(&ns);
    printf("\none-time auth, chunks of 1400 octets: %.0f ns (%.0f..%.0f), %.0f a second\n", m,
           ns.v[0], ns.v[ns.n - 1], 1e9 / m);
}

int main(int argc, char **argv)
{
    static struct row seal[ROWS], open[ROWS];
    const struct sks_cipher *ciphers[ROWS];
    struct sks_sealer *sealers[ROWS];
    bool check = argc == 2 && strcmp(argv[1], "--check") == 0, slow = false;
    if (argc > 1 && !check) {
        fprintf(stderr, "bench_crypto: %s: unknown argument, expected --check or nothing\n",
                argv[argc - 1]);
        return 2;
    }
    for (size_t i = 0; i < ROWS; i++)
        must(sks_cipher_find(&ciphers[i], rows[i].method) == SKS_OK &&
                 sks_sealer_new(&sealers[i], ciphers[i]) == SKS_OK,
             rows[i].method);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ROWS; i++)
            round_of(rows[i].openssl, ciphers[i], sealers[i], &seal[i], &open[i]);
    if (seal[0].speed.n == 0)
        puts("the program openssl is not here: no figures of openssl speed");
    printf(
        "GB/s at 16 KiB, median of %d    ours  (min..max)   loop  ratio (min..max)  speed  ratio "
        "(min..max)\n",
        ROUNDS);
    for (size_t i = 0; i < ROWS; i++) {
        slow |= !print_row(rows[i].method, "seal", &seal[i]);
        slow |= !print_row(rows[i].method, "open", &open[i]);
    }
    printf("\n%-24s %9s %9s %9s %9s\n", "ns, chunks of 2 octets", "alone", "in turn", "rekey",
           "subkey");
    for (size_t i = 0; i < ROWS; i++) {
        print_rekey(ciphers[i], sealers[i]);
        sks_sealer_free(sealers[i]);
    }
    print_tags();
    if (check && slow)
        fprintf(stderr, "bench_crypto: expected at least %.1f of openssl speed\n", RATIO_MIN);
    return check && slow ? 1 : 0;
}
