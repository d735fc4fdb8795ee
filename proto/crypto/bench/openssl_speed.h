/* What `openssl speed` says of a cipher on this machine, now. */
#ifndef BENCH_OPENSSL_SPEED_H
#define BENCH_OPENSSL_SPEED_H

#include <stdio.h>

/* Octets per ns in blocks of that size, over one second; 0 where there is no such program. */
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
