/* Every salt and IV of a run: a hash table with open places. */
#include "wire.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

struct salt_set {
    size_t n, size; /* entries, and places: a power of two */
    struct {
        uint8_t len; /* 0: free */
        uint8_t octets[SKS_IV_MAX];
    } places[];
};

/* Salts are random: their first octets are hash enough. */
static size_t place_of(const struct salt_set *set, const uint8_t *salt, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n && i < 8; i++)
        at = at << 8 | salt[i];
    at ^= at >> 29;
    for (at &= set->size - 1; set->places[at].len; at = (at + 1) & (set->size - 1))
        if (set->places[at].len == n && memcmp(set->places[at].octets, salt, n) == 0)
            break;
    return at;
}

static struct salt_set *grow(struct salt_set *old)
{
    size_t size = old ? 2 * old->size : 1024;
    struct salt_set *set = xcalloc(1, sizeof *set + size * sizeof set->places[0]);
    set->size = size;
    for (size_t i = 0; old && i < old->size; i++)
        if (old->places[i].len) {
            set->places[place_of(set, old->places[i].octets, old->places[i].len)] = old->places[i];
            set->n++;
        }
    free(old);
    return set;
}

bool salt_set_add(struct salt_set **set, const uint8_t *salt, size_t n)
{
    if (n == 0)
        return true;
    if (!*set || 2 * (*set)->n >= (*set)->size)
        *set = grow(*set);
    size_t at = place_of(*set, salt, n);
    if ((*set)->places[at].len)
        return false;
    (*set)->places[at].len = (uint8_t)n;
    memcpy((*set)->places[at].octets, salt, n);
    (*set)->n++;
    return true;
}

void salt_set_free(struct salt_set *set)
{
    free(set);
}
