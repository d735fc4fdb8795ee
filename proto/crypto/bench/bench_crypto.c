/* usage: bench_crypto [--check]
 *
 * Sealing and opening of chunks of 16 KiB, in GB/s, beside libcrypto alone: the loop of
 * `openssl speed` (one key, one nonce, nothing but the update), here in turn with ours, and what
 * the program itself prints in the same run. Then what a session pays for a tag, a subkey and the
 * change of key in a shared sealer. --check: exit status 1 if the median of sealing or opening is
 * below 0.9 of `openssl speed`, for AES-GCM or ChaCha20-Poly1305. */
#include <sockspec/crypto.h>

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 15, SPEED_EVERY = 5, CHUNK = 16384, BATCH = 8, BATCHES = 400, CALLS = 100000 };
static const double RATIO_MIN = 0.9;

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

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 0 where there is no figure. */
static double median(struct figures *f)
{
    qsort(f->v, f->n, sizeof *f->v, ascending);
    return f->n > 0 ? f->v[f->n / 2] : 0;
}

/* The thread's own time, as openssl speed takes the process's. */
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_crypto: %s failed\n", what);
    exit(1);
}

/* Octets per ns: all batches sealed, then opened. */
static void seal_and_open(struct sks_aead aead, struct sks_sealer *sealer, struct figures *sealing,
                          struct figures *opening)
{
    struct sks_aead peer = aead;
    double seal = 0, open = 0;
    bool ok = true;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        double from = now_ns();
        for (size_t i = 0; i < BATCH; i++)
            ok &= sks_aead_seal(&aead, sealer, chunks[i], CHUNK, chunks[i] + CHUNK) == SKS_OK;
        double middle = now_ns();
        for (size_t i = 0; i < BATCH; i++)
            ok &= sks_aead_open(&peer, sealer, chunks[i], CHUNK, chunks[i] + CHUNK) == SKS_OK;
        open += now_ns() - middle;
        seal += middle - from;
    }
    must(ok, "sealing or opening");
    note(sealing, (double)CHUNK * BATCH * BATCHES / seal);
    note(opening, (double)CHUNK * BATCH * BATCHES / open);
}

/* Octets per ns: libcrypto's update in place. */
static void bare_loop(const char *name, struct figures *figures)
{
    static const uint8_t key[32], iv[12];
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new();
    int n;
    bool ok = cipher != NULL && evp != NULL && EVP_EncryptInit_ex2(evp, cipher, key, iv, NULL) == 1;
    must(ok, name);
    double from = now_ns();
    for (size_t i = 0; i < (size_t)BATCH * BATCHES; i++)
        ok &= EVP_EncryptUpdate(evp, chunks[i % BATCH], &n, chunks[i % BATCH], CHUNK) == 1;
    note(figures, (double)CHUNK * BATCH * BATCHES / (now_ns() - from));
    must(ok, name);
    EVP_CIPHER_CTX_free(evp);
    EVP_CIPHER_free(cipher);
}

/* Octets per ns as `openssl speed` prints them; no figure where there is no such program. */
static void openssl_speed(const char *name, struct figures *figures)
{
    char command[120], line[200];
    snprintf(command, sizeof command, "openssl speed -mr -evp %s -bytes %d -seconds 1 2>/dev/null",
             name, CHUNK);
    FILE *pipe = popen(command, "r");
    double per_second;
    while (pipe != NULL && fgets(line, sizeof line, pipe) != NULL)
        if (sscanf(line, "+F:%*d:%*[^:]:%lf", &per_second) == 1)
            note(figures, per_second / 1e9);
    if (pipe != NULL)
        pclose(pipe);
}

/* Whether the row keeps its ratio, or has nothing to be measured against. */
static bool print_row(size_t row, struct figures *ours, const char *what, struct figures *loop,
                      struct figures *speed)
{
    double gbs = median(ours), bare = median(loop), printed = median(speed);
    printf("%-24s %-5s %5.2f (%4.2f..%4.2f)", rows[row].method, what, gbs, ours->v[0],
           ours->v[ours->n - 1]);
    if (bare > 0)
        printf("  %5.2f %5.2f", bare, gbs / bare);
    if (printed > 0)
        printf("  %5.2f (%4.2f..%4.2f) %5.2f", printed, speed->v[0], speed->v[speed->n - 1],
               gbs / printed);
    putchar('\n');
    return printed <= 0 || gbs / printed >= RATIO_MIN;
}

/* ns a chunk of 2 octets: by one direction alone, and by two in turn. */
static void print_rekey(const struct sks_cipher *cipher, struct sks_sealer *sealer)
{
    struct figures alone = {.n = 0}, turns = {.n = 0}, started = {.n = 0};
    struct sks_key key;
    struct sks_aead aead[2];
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
            ok &= sks_aead_start(&aead[0], &key, salt[i % 2], cipher->iv_size) == SKS_OK;
        note(&started, (now_ns() - from) / (CALLS / 10));
    }
    must(ok, cipher->name);
    double a = median(&alone), t = median(&turns);
    printf("%-24s %9.0f %9.0f %9.0f %9.0f\n", cipher->name, a, t, t - a, median(&started));
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
    double m = median(&ns);
    printf("\none-time auth, chunks of 1400 octets: %.0f ns (%.0f..%.0f), %.0f a second\n", m,
           ns.v[0], ns.v[ns.n - 1], 1e9 / m);
}

int main(int argc, char **argv)
{
    static struct figures seal[ROWS], open[ROWS], loop[ROWS], speed[ROWS];
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
        for (size_t i = 0; i < ROWS; i++) {
            seal_and_open((struct sks_aead){.cipher = ciphers[i]}, sealers[i], &seal[i], &open[i]);
            if (rows[i].openssl != NULL)
                bare_loop(rows[i].openssl, &loop[i]);
            if (rows[i].openssl != NULL && round % SPEED_EVERY == 0)
                openssl_speed(rows[i].openssl, &speed[i]);
        }
    if (speed[0].n == 0)
        puts("the program openssl is not here: no figures of openssl speed");
    printf(
        "GB/s at 16 KiB, median of %d    ours  (min..max)    EVP ratio  openssl speed     ratio\n",
        ROUNDS);
    for (size_t i = 0; i < ROWS; i++) {
        slow |= !print_row(i, &seal[i], "seal", &loop[i], &speed[i]);
        slow |= !print_row(i, &open[i], "open", &loop[i], &speed[i]);
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
