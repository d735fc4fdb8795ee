/* What a started peer holds, from /proc. */
#include "peer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static size_t entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t n = 0;
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

static bool read_memory(unsigned long *memory_kib, int pid)
{
    char path[64], line[256];
    unsigned long kib;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        /* NOLINTNEXTLINE(cert-err34-c): the kernel writes it */
        if (sscanf(line, "Anonymous: %lu kB", &kib) == 1) {
            *memory_kib = kib;
            found = true;
        }
    if (f)
        fclose(f);
    return found;
}

static bool add(struct holding *h, int pid);

/* NOLINTNEXTLINE(misc-no-recursion): PEER_PROCESSES deep at most */
static bool add_children(struct holding *h, int pid)
{
    char path[400];
    bool all = true;
    int child;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/children", pid, e->d_name);
        FILE *f = fopen(path, "re");
        /* NOLINTNEXTLINE(cert-err34-c): the kernel writes it */
        while (f && fscanf(f, "%d", &child) == 1)
            all = add(h, child) && all;
        if (f)
            fclose(f);
    }
    if (dir)
        closedir(dir);
    return dir && all;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool add(struct holding *h, int pid)
{
    char path[64];
    if (h->n == PEER_PROCESSES)
        return true;
    size_t i = h->n++;
    h->processes[i].pid = pid;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    h->processes[i].descriptors = entries(path);
    return read_memory(&h->processes[i].memory_kib, pid) && add_children(h, pid);
}

struct holding peer_holding(const struct peer *p)
{
    struct holding h = {0};
    h.known = p->pid != 0 && add(&h, p->pid);
    return h;
}
