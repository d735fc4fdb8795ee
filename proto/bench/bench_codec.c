/* usage: bench_codec [--check]
 *
 * What each parser costs over its floor (floor.h), both timed in turn in each round; and what a
 * message costs that arrives octet by octet and is tried after each. --check: exit status 1 if the
 * median ratio of an address of any type is above 1.5. */
#include "floor.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 15, CALLS = 400000 };
static const double ADDR_RATIO_MAX = 1.5;

/* The thread's own time: a neighbour on the machine shows less in it than on the wall. */
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* The compiler must take what p points to as read and written here. */
static inline void opaque(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

/* ns a call: the parser, the floor; ns a message: the parser after each octet. */
struct timing {
    double (*parser)(const uint8_t *data, size_t size);
    double (*floor)(const uint8_t *data, size_t size);
    double (*growing)(const uint8_t *data, size_t size);
};

#define TIME_WHOLE(name, function)                                                                 \
    static double time_##function(const uint8_t *data, size_t size)                                \
    {                                                                                              \
        struct sks_##name out;                                                                     \
        size_t used;                                                                               \
        double from = now_ns();                                                                    \
        for (size_t i = 0; i < CALLS; i++) {                                                       \
            function(&out, data, size, &used);                                                     \
            opaque(&out);                                                                          \
        }                                                                                          \
        return (now_ns() - from) / CALLS;                                                          \
    }
#define TIME(name)                                                                                 \
    TIME_WHOLE(name, sks_##name##_parse)                                                           \
    TIME_WHOLE(name, floor_##name##_parse)                                                         \
    static double time_##name##_growing(const uint8_t *data, size_t size)                          \
    {                                                                                              \
        struct sks_##name out;                                                                     \
        size_t used;                                                                               \
        double from = now_ns();                                                                    \
        for (size_t i = 0; i < CALLS / 16; i++)                                                    \
            for (size_t len = 1; len <= size; len++) {                                             \
                sks_##name##_parse(&out, data, len, &used);                                        \
                opaque(&out);                                                                      \
            }                                                                                      \
        return (now_ns() - from) / (CALLS / 16);                                                   \
    }                                                                                              \
    static const struct timing name##_timing = {time_sks_##name##_parse,                           \
                                                time_floor_##name##_parse, time_##name##_growing};
TIME(addr)
TIME(greeting)
TIME(selection)
TIME(userpass)
TIME(userpass_status)
TIME(request)
TIME(reply)
TIME(udp_header)

#define IPV4 "\x01\xc0\x00\x02\x07\x1f\x90"
#define DOMAIN                                                                                     \
    "\x03\x0b"                                                                                     \
    "example.org\x01\xbb"
#define IPV6 "\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x35"
#define ROW(text, name, octets)                                                                    \
    {                                                                                              \
        text, &name##_timing, octets, sizeof(octets) - 1                                           \
    }

static const struct row {
    const char *text;
    const struct timing *timing;
    const char *octets;
    size_t size;
} rows[] = {
    ROW("address, IPv4", addr, IPV4),
    ROW("address, domain", addr, DOMAIN),
    ROW("address, IPv6", addr, IPV6),
    ROW("greeting", greeting, "\x05\x03\x00\x01\x02"),
    ROW("selection", selection, "\x05\x02"),
    ROW("user and password", userpass,
        "\x01\x05"
        "alice"
        "\x06"
        "secret"),
    ROW("status", userpass_status, "\x01\x00"),
    ROW("request, IPv4", request, "\x05\x01\x00" IPV4),
    ROW("request, domain", request, "\x05\x01\x00" DOMAIN),
    ROW("request, IPv6", request, "\x05\x01\x00" IPV6),
    ROW("reply, IPv4", reply, "\x05\x00\x00" IPV4),
    ROW("udp header, IPv4", udp_header, "\x00\x00\x00" IPV4),
    ROW("udp header, domain", udp_header, "\x00\x00\x00" DOMAIN),
    ROW("udp header, IPv6", udp_header, "\x00\x00\x00" IPV6),
};
enum { ROWS = sizeof rows / sizeof *rows };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double v[ROUNDS])
{
    qsort(v, ROUNDS, sizeof *v, ascending);
    return v[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    static double parser[ROWS][ROUNDS], floored[ROWS][ROUNDS], ratio[ROWS][ROUNDS],
        growing[ROWS][ROUNDS];
    bool check = argc == 2 && strcmp(argv[1], "--check") == 0, slow = false;
    if (argc > 1 && !check) {
        fprintf(stderr, "bench_codec: %s: unknown argument, expected --check or nothing\n",
                argv[argc - 1]);
        return 2;
    }
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ROWS; i++) {
            const struct timing *t = rows[i].timing;
            const uint8_t *data = (const uint8_t *)rows[i].octets;
            if (round % 2 == 0)
                parser[i][round] = t->parser(data, rows[i].size);
            floored[i][round] = t->floor(data, rows[i].size);
            if (round % 2 != 0)
                parser[i][round] = t->parser(data, rows[i].size);
            ratio[i][round] = parser[i][round] / floored[i][round];
            growing[i][round] = t->growing(data, rows[i].size);
        }
    printf("median of %-8d %6s %7s %7s  %-19s %14s\n", ROUNDS, "octets", "ns/call", "floor",
           "ratio (min..max)", "octet by octet");
    for (size_t i = 0; i < ROWS; i++) {
        double r = median(ratio[i]);
        printf("%-18s %6zu %7.2f %7.2f  %.2f (%5.2f..%5.2f) %11.1f ns\n", rows[i].text,
               rows[i].size, median(parser[i]), median(floored[i]), r, ratio[i][0],
               ratio[i][ROUNDS - 1], median(growing[i]));
        if (check && rows[i].timing == &addr_timing && r > ADDR_RATIO_MAX) {
            fprintf(stderr, "bench_codec: %s: ratio %.2f, expected at most %.2f\n", rows[i].text, r,
                    ADDR_RATIO_MAX);
            slow = true;
        }
    }
    return slow ? 1 : 0;
}
