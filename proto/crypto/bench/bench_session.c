/* usage: bench_session [--check]
 *
 * What a session adds to its cipher: pieces of SKS_SESSION_PIECE octets through a tunnel and its
 * server, sealed and opened in place, in GB/s of the thread's own time, beside sks_aead alone on
 * the same chunks, in turn with it, and beside what `openssl speed` says of the bare cipher at
 * 16 KiB, in turn too. Then a step of the stage machine, and one-time-auth chunks.
 * --check: exit status 1 if the median of a session is below 0.95 of its cipher, or below 0.9 of
 * `openssl speed`. */
#include "bench.h"

#include <sockspec/session.h>

#include <string.h>

enum { ROUNDS = 9, BATCH = 8, BATCHES = 100, STEPS = 1000000, ROOM = 64 };
static const double RATIO_MIN = 0.95, SPEED_MIN = 0.9;

static const struct {
    const char *method, *openssl;
} methods[] = {{"aes-128-gcm", "aes-128-gcm"},
               {"aes-256-gcm", "aes-256-gcm"},
               {"chacha20-ietf-poly1305", "chacha20-poly1305"}};
enum { METHODS = sizeof methods / sizeof *methods };

/* Pieces begin at a cache line, as a driver would have them. */
static _Alignas(64) uint8_t rooms[BATCH][ROOM + SKS_SESSION_PIECE + 1 + ROOM];
static const uint8_t host[] = {127, 0, 0, 1};

/* A tunnel and its server, both in STREAM. */
struct pair {
    struct sks_key key;
    struct sks_sealer *sealer;
    struct sks_session_config tunnel_config, server_config;
    struct sks_session tunnel, server;
};

static void tell(struct sks_session *s, enum sks_event_kind kind, struct sks_step *step)
{
    const struct sks_event event = {.kind = kind};
    must(sks_session_event(s, &event, step) == SKS_OK, sks_event_name((int)kind));
}

static void pair_open(struct pair *p, const char *method, enum sks_ss_mode ota)
{
    static const uint8_t salt[2][SKS_IV_MAX] = {{1}, {2}};
    const struct sks_cipher *cipher;
    struct sks_step step, other;
    uint8_t first[SKS_STEP_OCTETS];
    memset(p, 0, sizeof *p);
    must(sks_cipher_find(&cipher, method) == SKS_OK, method);
    must(sks_key_from_password(&p->key, cipher, (const uint8_t *)"bench", 5) == SKS_OK, method);
    if (cipher->kind == SKS_CIPHER_AEAD)
        must(sks_sealer_new(&p->sealer, cipher) == SKS_OK, method);
    p->tunnel_config = (struct sks_session_config){
        .role = SKS_ROLE_TUNNEL,
        .policy = {.ota = ota, .target = {host, 80, SKS_ATYP_IPV4, 4}},
        .key = &p->key,
        .sealer = p->sealer,
    };
    p->server_config = p->tunnel_config;
    p->server_config.role = SKS_ROLE_SSSERVER;
    must(sks_session_open(&p->tunnel, &p->tunnel_config, salt[0], cipher->iv_size) == SKS_OK &&
             sks_session_open(&p->server, &p->server_config, salt[1], cipher->iv_size) == SKS_OK,
         "opening");
    tell(&p->tunnel, SKS_EVENT_OPEN, &step);
    memcpy(first, step.actions[0].data, step.actions[0].len);
    size_t at = 0, n = step.actions[0].len;
    while (at < n) { /* the salt is said, then the header taken */
        must(sks_session_octets(&p->server, SKS_EVENT_LOCAL, first + at, n - at, &other) == SKS_OK,
             "header");
        at += other.used;
    }
    struct sks_session *both[] = {&p->tunnel, &p->server};
    for (size_t i = 0; i < 2; i++) {
        tell(both[i], SKS_EVENT_RESOLVED, &step);
        tell(both[i], SKS_EVENT_CONNECTED, &step);
    }
}

static void pair_close(struct pair *p)
{
    sks_session_close(&p->tunnel);
    sks_session_close(&p->server);
    sks_sealer_free(p->sealer);
}

/* ns for a batch of pieces through both sessions. */
static void through(struct pair *p, size_t piece, double *seal, double *open)
{
    struct sks_action sealed[BATCH];
    struct sks_step step;
    bool ok = true;
    double from = now_ns();
    for (size_t i = 0; i < BATCH; i++) {
        ok &= sks_session_octets(&p->tunnel, SKS_EVENT_LOCAL, rooms[i] + ROOM, piece, &step) ==
              SKS_OK;
        sealed[i] = step.actions[0];
    }
    double middle = now_ns();
    for (size_t i = 0; i < BATCH; i++) {
        uint8_t *wire = rooms[i] + (sealed[i].data - rooms[i]);
        ok &= sks_session_octets(&p->server, SKS_EVENT_LOCAL, wire, sealed[i].len, &step) == SKS_OK;
        ok &= step.count == 1 && step.actions[0].len == piece && step.used == sealed[i].len;
    }
    *open += now_ns() - middle;
    *seal += middle - from;
    must(ok, "a piece");
}

/* The same chunks, length and data, without a session. */
static void bare(struct sks_aead *out, struct sks_aead *in, struct sks_sealer *sealer, double *seal,
                 double *open)
{
    const size_t len = SKS_SESSION_PIECE;
    bool ok = true;
    double from = now_ns();
    for (size_t i = 0; i < BATCH; i++) {
        uint8_t *text = rooms[i] + ROOM, *head = text - SKS_AEAD_CHUNK_DATA;
        ok &= sks_aead_seal(out, sealer, head, 2, head + 2) == SKS_OK;
        ok &= sks_aead_seal(out, sealer, text, len, text + len) == SKS_OK;
    }
    double middle = now_ns();
    for (size_t i = 0; i < BATCH; i++) {
        uint8_t *text = rooms[i] + ROOM, *head = text - SKS_AEAD_CHUNK_DATA;
        ok &= sks_aead_open(in, sealer, head, 2, head + 2) == SKS_OK;
        ok &= sks_aead_open(in, sealer, text, len, text + len) == SKS_OK;
    }
    *open += now_ns() - middle;
    *seal += middle - from;
    must(ok, "a chunk");
}

/* Whether both ratios are enough. */
static bool measure_method(const char *method, const char *openssl)
{
    static const uint8_t salt[SKS_IV_MAX] = {3};
    static double figures[4][ROUNDS], ratio[2][ROUNDS], to_speed[2][ROUNDS];
    const double octets = (double)SKS_SESSION_PIECE * BATCH * BATCHES;
    struct pair p;
    struct sks_aead out, in;
    pair_open(&p, method, SKS_SS_PLAIN);
    must(sks_aead_start(&out, &p.key, salt, p.key.cipher->iv_size) == SKS_OK, method);
    in = out;
    for (size_t round = 0; round < ROUNDS; round++) {
        double ns[4] = {0};
        for (size_t i = 0; i < BATCHES; i++) {
            through(&p, SKS_SESSION_PIECE, &ns[0], &ns[1]);
            bare(&out, &in, p.sealer, &ns[2], &ns[3]);
        }
        for (size_t i = 0; i < 4; i++)
            figures[i][round] = octets / ns[i];
        for (size_t i = 0; i < 2; i++)
            ratio[i][round] = ns[i + 2] / ns[i];
        double speed = openssl_speed(openssl, 16384);
        for (size_t i = 0; i < 2; i++)
            to_speed[i][round] = speed > 0 ? figures[i][round] / speed : 0;
    }
    static const char *const ways[] = {"seal", "open"};
    bool enough = true;
    for (size_t i = 0; i < 2; i++) {
        double alone = median(ratio[i], ROUNDS), speed = median(to_speed[i], ROUNDS);
        printf("%-22s %s %7.2f %7.2f %6.2f (%4.2f..%4.2f)", method, ways[i],
               median(figures[i], ROUNDS), median(figures[i + 2], ROUNDS), alone, ratio[i][0],
               ratio[i][ROUNDS - 1]);
        if (speed > 0)
            printf(" %5.2f (%4.2f..%4.2f)", speed, to_speed[i][0], to_speed[i][ROUNDS - 1]);
        putchar('\n');
        enough = enough && alone >= RATIO_MIN && (speed == 0 || speed >= SPEED_MIN);
    }
    pair_close(&p);
    return enough;
}

static void measure_step(void)
{
    struct sks_stage m = {SKS_ROLE_SSLOCAL, SKS_STAGE_STREAM, 0};
    const struct sks_policy policy = {.commands = 0};
    const struct sks_event event = {.kind = SKS_EVENT_LOCAL, .data = host, .len = sizeof host};
    static double ns[ROUNDS];
    struct sks_step step;
    bool ok = true;
    for (size_t round = 0; round < ROUNDS; round++) {
        double from = now_ns();
        for (size_t i = 0; i < STEPS; i++)
            ok &= sks_stage_step(&m, &policy, &event, &step) == SKS_OK;
        ns[round] = (now_ns() - from) / STEPS;
    }
    must(ok, "a step");
    printf("\na step of the stage machine in STREAM: %.0f ns\n", median(ns, ROUNDS));
}

static void measure_chunks(void)
{
    static double seal[ROUNDS], open[ROUNDS];
    struct pair p;
    pair_open(&p, "aes-256-cfb", SKS_SS_OTA_REQUIRED);
    for (size_t round = 0; round < ROUNDS; round++) {
        seal[round] = open[round] = 0;
        for (size_t i = 0; i < BATCHES; i++)
            through(&p, 1400, &seal[round], &open[round]);
    }
    printf("one-time-auth chunks of 1400 octets under aes-256-cfb: %.0f a second made, %.0f "
           "verified\n",
           1e9 * BATCH * BATCHES / median(seal, ROUNDS),
           1e9 * BATCH * BATCHES / median(open, ROUNDS));
    pair_close(&p);
}

int main(int argc, char **argv)
{
    bool check = argc == 2 && strcmp(argv[1], "--check") == 0, fast = true;
    if (argc > 1 && !check) {
        fprintf(stderr, "bench_session: %s: unknown argument, expected --check or nothing\n",
                argv[argc - 1]);
        return 2;
    }
    printf("GB/s, pieces of %-11d session  cipher  ratio (min..max)  to openssl speed\n",
           SKS_SESSION_PIECE);
    for (size_t i = 0; i < METHODS; i++)
        fast &= measure_method(methods[i].method, methods[i].openssl);
    measure_step();
    measure_chunks();
    return check && !fast;
}
