#include "replay_filter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { HEADS = REPLAY_FILTER_SALTS / 4 }; /* chains of 4 when full; few pages while it is not */

/* Salts stand in a ring in the order in which they came; each also in the chain of its hash, by its
 * place + 1 (0: the end). */
struct replay_filter {
    struct replay_filter *next;
    unsigned held;
    uint16_t port;
    enum replay_kind kind;
    struct sks_key key;
    pthread_mutex_t lock;
    size_t size; /* octets of a salt */
    uint64_t secret[SKS_IV_MAX / 8];
    uint32_t oldest, count;
    uint32_t *heads;
    uint32_t *chain;
    uint8_t *salts;
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct replay_filter *all;

/* ---- one filter ------------------------------------------------------------------------------ */

static uint32_t hash_of(const struct replay_filter *f, const uint8_t *salt)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < f->size; i += 8) {
        uint64_t word = 0;
        memcpy(&word, salt + i, f->size - i < 8 ? f->size - i : 8);
        sum += (word ^ (word >> 29)) * f->secret[i / 8];
    }
    return (uint32_t)(sum >> 40) % HEADS;
}

static uint8_t *salt_at(const struct replay_filter *f, uint32_t place)
{
    return f->salts + (size_t)place * f->size;
}

static int find(const struct replay_filter *f, const uint8_t *salt)
{
    for (uint32_t link = f->heads[hash_of(f, salt)]; link != 0; link = f->chain[link - 1])
        if (memcmp(salt_at(f, link - 1), salt, f->size) == 0)
            return 1;
    return 0;
}

static void forget_oldest(struct replay_filter *f)
{
    uint32_t *link = &f->heads[hash_of(f, salt_at(f, f->oldest))];
    while (*link != f->oldest + 1)
        link = &f->chain[*link - 1];
    *link = f->chain[f->oldest];
    f->oldest = (f->oldest + 1) % REPLAY_FILTER_SALTS;
    f->count--;
}

static void remember(struct replay_filter *f, const uint8_t *salt)
{
    uint32_t *head = &f->heads[hash_of(f, salt)];
    uint32_t place = (f->oldest + f->count) % REPLAY_FILTER_SALTS;
    memcpy(salt_at(f, place), salt, f->size);
    f->chain[place] = *head;
    *head = place + 1;
    f->count++;
}

int replay_filter_add(struct replay_filter *filter, const uint8_t *salt)
{
    if (filter == NULL)
        return 1;
    pthread_mutex_lock(&filter->lock);
    int is_new = !find(filter, salt);
    if (is_new && filter->count == REPLAY_FILTER_SALTS)
        forget_oldest(filter);
    if (is_new)
        remember(filter, salt);
    pthread_mutex_unlock(&filter->lock);
    return is_new;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void filter_free(struct replay_filter *f)
{
    pthread_mutex_destroy(&f->lock);
    sks_key_wipe(&f->key);
    free(f->heads);
    free(f->chain);
    free(f->salts);
    free(f);
}

static struct replay_filter *filter_new(uint16_t port, const struct sks_key *key,
                                        enum replay_kind kind)
{
    struct replay_filter *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    pthread_mutex_init(&f->lock, NULL);
    f->port = port;
    f->kind = kind;
    f->key = *key;
    f->size = key->cipher->iv_size;
    sks_random((uint8_t *)f->secret, sizeof f->secret);
    for (size_t i = 0; i < sizeof f->secret / sizeof f->secret[0]; i++)
        f->secret[i] |= 1;
    f->heads = calloc(HEADS, sizeof *f->heads);
    f->chain = calloc(REPLAY_FILTER_SALTS, sizeof *f->chain);
    f->salts = calloc(REPLAY_FILTER_SALTS, f->size);
    if (f->heads != NULL && f->chain != NULL && f->salts != NULL)
        return f;
    filter_free(f);
    return NULL;
}

static int is_for(const struct replay_filter *f, uint16_t port, const struct sks_key *key,
                  enum replay_kind kind)
{
    return f->port == port && f->kind == kind && f->key.cipher == key->cipher &&
           f->key.size == key->size && memcmp(f->key.octets, key->octets, key->size) == 0;
}

struct replay_filter *replay_filter_hold(uint16_t port, const struct sks_key *key,
                                         enum replay_kind kind)
{
    struct replay_filter *f;
    if (key->cipher->iv_size == 0)
        return NULL;
    pthread_mutex_lock(&all_lock);
    for (f = all; f != NULL && !is_for(f, port, key, kind); f = f->next)
        continue;
    if (f == NULL && (f = filter_new(port, key, kind)) != NULL) {
        f->next = all;
        all = f;
    }
    if (f != NULL)
        f->held++;
    pthread_mutex_unlock(&all_lock);
    return f;
}

void replay_filter_release(struct replay_filter *filter)
{
    if (filter == NULL)
        return;
    pthread_mutex_lock(&all_lock);
    filter->held--;
    pthread_mutex_unlock(&all_lock);
}

void replay_filter_sweep(void)
{
    pthread_mutex_lock(&all_lock);
    for (struct replay_filter **at = &all; *at != NULL;) {
        struct replay_filter *f = *at;
        if (f->held != 0) {
            at = &f->next;
            continue;
        }
        *at = f->next;
        filter_free(f);
    }
    pthread_mutex_unlock(&all_lock);
}
