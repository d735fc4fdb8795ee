/* usage: bench_codec [--check]
 *
 * What each parser costs over its floor (floor.h), both timed in turn in each round; and what a
 * message costs that arrives octet by octet and is tried after each. --check: exit status 1 if the
 * median ratio of an address or of a Shadowsocks header of any type is above 1.5. */
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

#define TIME_WHOLE(type, timed, parse)                                                             \
    static double timed(const uint8_t *data, size_t size)                                          \
    {                                                                                              \
        type out;                                                                                  \
        size_t used;                                                                               \
        double from = now_ns();                                                                    \
        for (size_t i = 0; i < CALLS; i++) {                                                       \
            parse(&out, data, size, &used);                                                        \
            opaque(&out);                                                                          \
        }                                                                                          \
        return (now_ns() - from) / CALLS;                                                          \
    }
#define TIME_PARSER(name, type, parse, floor_parse)                                                \
    TIME_WHOLE(type, name##_parser, parse)                                                         \
    TIME_WHOLE(type, name##_floor, floor_parse)                                                    \
    static double name##_growing(const uint8_t *data, size_t size)                                 \
    {                                                                                              \
        type out;                                                                                  \
        size_t used;                                                                               \
        double from = now_ns();                                                                    \
        for (size_t i = 0; i < CALLS / 16; i++)                                                    \
            for (size_t len = 1; len <= size; len++) {                                             \
                parse(&out, data, len, &used);                                                     \
                opaque(&out);                                                                      \
            }                                                                                      \
        return (now_ns() - from) / (CALLS / 16);                                                   \
    }                                                                                              \
    static const struct timing name##_timing = {name##_parser, name##_floor, name##_growing};
#define TIME(name) TIME_PARSER(name, struct sks_##name, sks_##name##_parse, floor_##name##_parse)
TIME(addr)
TIME(greeting)
TIME(selection)
TIME(userpass)
TIME(userpass_status)
TIME(request)
TIME(reply)
TIME(udp_header)
TIME(ota_chunk)

#define HEADER_PARSE(mode)                                                                         \
    static inline enum sks_status mode##_parse(struct sks_ss_header *out, const uint8_t *data,     \
                                               size_t len, size_t *used)                           \
    {                                                                                              \
        return sks_ss_header_parse(out, data, len, mode, used);                                    \
    }                                                                                              \
    TIME_PARSER(mode, struct sks_ss_header, mode##_parse, floor_ss_header_parse)
HEADER_PARSE(SKS_SS_PLAIN)
HEADER_PARSE(SKS_SS_OTA_ALLOWED)
HEADER_PARSE(SKS_SS_PY)

#define IPV4 "\x01\xc0\x00\x02\x07\x1f\x90"
#define DOMAIN                                                                                     \
    "\x03\x0b"                                                                                     \
    "example.org\x01\xbb"
#define IPV6 "\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x35"
#define ROW(text, name, octets)                                                                    \
    {                                                                                              \
        text, &name##_timing, octets, sizeof(octets) - 1, false                                    \
    }
#define BOUNDED(text, name, octets)                                                                \
    {                                                                                              \
        text, &name##_timing, octets, sizeof(octets) - 1, true                                     \
    }

static const struct row {
    const char *text;
    const struct timing *timing;
    const char *octets;
    size_t size;
    bool bounded; /* --check judges its ratio */
} rows[] = {
    BOUNDED("address, IPv4", addr, IPV4),
    BOUNDED("address, domain", addr, DOMAIN),
    BOUNDED("address, IPv6", addr, IPV6),
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
    BOUNDED("header, IPv4", SKS_SS_PLAIN, IPV4),
    BOUNDED("header, domain", SKS_SS_PLAIN, DOMAIN),
    BOUNDED("header, IPv6", SKS_SS_PLAIN, IPV6),
    BOUNDED("ota header, IPv4", SKS_SS_OTA_ALLOWED, "\x11\xc0\x00\x02\x07\x1f\x90"),
    BOUNDED("ota header, domain", SKS_SS_OTA_ALLOWED, "\x13\x01x\x01\xbb"),
    BOUNDED("PY header, IPv4", SKS_SS_PY, IPV4),
    BOUNDED("PY header, domain", SKS_SS_PY, DOMAIN),
    ROW("ota chunk", ota_chunk, "\x00\x02TAGTAGTAG!hi"),
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
        if (check && rows[i].bounded && r > ADDR_RATIO_MAX) {
            fprintf(stderr, "bench_codec: %s: ratio %.2f, expected at most %.2f\n", rows[i].text, r,
                    ADDR_RATIO_MAX);
            slow = true;
        }
    }
    return slow ? 1 : 0;
}
