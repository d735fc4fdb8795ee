#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct known {
    struct known *next; /* hosts alone */
    uint64_t until_ms;  /* cache alone; 0: empty */
    struct name_addresses is;
    uint8_t len;
    char name[NAME_MAX_OCTETS]; /* lower case, without a last dot */
};

struct names {
    struct known *hosts;
    struct known *cache[NAMES_CACHED];
};

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t without_last_dot(const char *name, size_t len)
{
    return len > 1 && name[len - 1] == '.' ? len - 1 : len;
}

static int is_name(const struct known *k, const char *name, size_t len)
{
    if (k->len != len)
        return 0;
    for (size_t i = 0; i < len; i++)
        if (k->name[i] != lower(name[i]))
            return 0;
    return 1;
}

static void set_name(struct known *k, const char *name, size_t len)
{
    k->len = (uint8_t)len;
    for (size_t i = 0; i < len; i++)
        k->name[i] = lower(name[i]);
}

int name_is_valid(const char *name, size_t len)
{
    len = without_last_dot(name, len);
    size_t label = 0; /* octets of the one at hand */
    if (len == 0 || len > NAME_MAX_OCTETS - 2)
        return 0;
    for (size_t i = 0; i < len; i++) {
        char c = lower(name[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
            return 0;
        if (c == '.' ? label == 0 : label == NAME_LABEL_MAX)
            return 0;
        label = c == '.' ? 0 : label + 1;
    }
    return label != 0;
}

void name_addresses_add(struct name_addresses *to, const struct address *a)
{
    if (to->count < NAME_ADDRESSES)
        to->list[to->count++] = *a;
}

void name_addresses_prefer(struct name_addresses *a, int ipv6)
{
    struct name_addresses sorted = {0};
    int first = ipv6 ? AF_INET6 : AF_INET;
    for (unsigned i = 0; i < a->count; i++)
        if (a->list[i].u.sa.sa_family == first)
            name_addresses_add(&sorted, &a->list[i]);
    for (unsigned i = 0; i < a->count; i++)
        if (a->list[i].u.sa.sa_family != first)
            name_addresses_add(&sorted, &a->list[i]);
    *a = sorted;
}

/* ---- the hosts file -------------------------------------------------------------------------- */

static struct known *find_host(const struct names *names, const char *name, size_t len)
{
    for (struct known *k = names->hosts; k != NULL; k = k->next)
        if (is_name(k, name, len))
            return k;
    return NULL;
}

static int add_host(struct names *names, const char *name, const struct address *a)
{
    size_t len = without_last_dot(name, strlen(name));
    if (!name_is_valid(name, len))
        return 0;
    struct known *k = find_host(names, name, len);
    if (k == NULL) {
        k = calloc(1, sizeof *k);
        if (k == NULL)
            return -1;
        set_name(k, name, len);
        k->next = names->hosts;
        names->hosts = k;
    }
    for (unsigned i = 0; i < k->is.count; i++)
        if (address_same_host(&k->is.list[i], a))
            return 0;
    name_addresses_add(&k->is, a);
    return 0;
}

/* "127.0.0.1 localhost other # comment" */
static int read_hosts_line(struct names *names, char *line)
{
    struct address a;
    char *rest = NULL, *word;
    line[strcspn(line, "#\r\n")] = '\0';
    word = strtok_r(line, " \t", &rest);
    if (word == NULL || !address_from_text(&a, word, strlen(word), 0))
        return 0;
    while ((word = strtok_r(NULL, " \t", &rest)) != NULL)
        if (add_host(names, word, &a) != 0)
            return -1;
    return 0;
}

/* 0, also where there is no such file. */
static int read_hosts(struct names *names, const char *file)
{
    FILE *f = fopen(file, "re");
    char line[1024];
    int status = 0;
    if (f == NULL)
        return errno == ENOENT || errno == EACCES ? 0 : -1;
    while (status == 0 && fgets(line, sizeof line, f) != NULL)
        status = read_hosts_line(names, line);
    if (ferror(f))
        status = -1;
    (void)fclose(f);
    return status;
}

struct names *names_open(const char *hosts_file)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL || hosts_file == NULL || read_hosts(names, hosts_file) == 0)
        return names;
    names_close(names);
    return NULL;
}

void names_close(struct names *names)
{
    if (names == NULL)
        return;
    while (names->hosts != NULL) {
        struct known *k = names->hosts;
        names->hosts = k->next;
        free(k);
    }
    for (size_t i = 0; i < NAMES_CACHED; i++)
        free(names->cache[i]);
    free(names);
}

/* ---- answers --------------------------------------------------------------------------------- */

static struct known **place_of(struct names *names, const char *name, size_t len)
{
    uint32_t hash = 2166136261u; /* FNV-1a; what collides is just not kept */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)lower(name[i])) * 16777619u;
    return &names->cache[hash % NAMES_CACHED];
}

void names_keep(struct names *names, const char *name, size_t len, const struct name_addresses *is,
                unsigned ttl_s, uint64_t now_ms)
{
    len = without_last_dot(name, len);
    if (ttl_s > NAMES_TTL_MAX_S)
        ttl_s = NAMES_TTL_MAX_S;
    if (len == 0 || len > NAME_MAX_OCTETS || is->count == 0 || ttl_s == 0)
        return;
    struct known **place = place_of(names, name, len);
    if (*place == NULL)
        *place = calloc(1, sizeof **place);
    if (*place == NULL)
        return;
    set_name(*place, name, len);
    (*place)->is = *is;
    (*place)->until_ms = now_ms + (uint64_t)ttl_s * 1000;
}

const struct name_addresses *names_find(struct names *names, const char *name, size_t len,
                                        uint64_t now_ms)
{
    len = without_last_dot(name, len);
    struct known *k = find_host(names, name, len);
    if (k != NULL)
        return &k->is;
    k = *place_of(names, name, len);
    return k != NULL && now_ms < k->until_ms && is_name(k, name, len) ? &k->is : NULL;
}
