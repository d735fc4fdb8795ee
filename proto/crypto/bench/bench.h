/* What the benches of this folder share. */
#ifndef CRYPTO_BENCH_H
#define CRYPTO_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The thread's own time, as openssl speed takes the process's. */
static inline double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static inline void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

static inline int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them; 0 where there is no figure. */
static inline double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, ascending);
    return n > 0 ? v[n / 2] : 0;
}

/* Octets per ns that `openssl speed` says of a cipher on this machine now, in blocks of that size,
 * over one second; 0 where there is no such program. */
static inline double openssl_speed(const char *name, int octets)
{
    char command[120], line[200];
    snprintf(command, sizeof command, "openssl speed -mr -evp %s -bytes %d -seconds 1 2>/dev/null",
             name, octets);
    FILE *pipe = popen(command, "r");
    double per_second = 0;
    while (pipe != NULL && fgets(line, sizeof line, pipe) != NULL)
        (void)sscanf(line, "+F:%*d:%*[^:]:%lf", &per_second);
    if (pipe != NULL)
        pclose(pipe);
    return per_second / 1e9;
}

#endif
