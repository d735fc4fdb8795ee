/* Every value of two octets with every length, against a model that reads a form octet by octet.
 * SOCKSPEC_QUICK in the environment, meant for valgrind, takes the values and lengths about each
 * boundary only. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A message in a notation: '5' or '1' that version; '.' any octet; 'n' a count of 1 to 255 and as
 * many octets; 'a' an address type, whose form takes the place of what follows. */
static const char *const address_forms[256] = {
    [1] = "......", [3] = "n..", [4] = ".................."};

struct verdict {
    uint16_t decided; /* the least length that has the answer; a lesser one has SKS_MORE */
    uint16_t used;
    uint8_t status;
};

static struct verdict judge(const char *form, const uint8_t *octets)
{
    uint16_t at = 0;
    enum sks_status error = SKS_OK;
    while (error == SKS_OK && *form != '\0') {
        char kind = *form++;
        uint8_t octet = octets[at++];
        if (kind == 'n') {
            error = octet == 0 ? SKS_ERR_EMPTY : SKS_OK;
            at = (uint16_t)(at + octet);
        } else if (kind == 'a') {
            form = address_forms[octet];
            error = form == NULL ? SKS_ERR_ATYP : SKS_OK;
        } else if (kind != '.') {
            error = octet != kind - '0' ? SKS_ERR_VERSION : SKS_OK;
        }
    }
    return error == SKS_OK ? (struct verdict){at, at, SKS_OK}
                           : (struct verdict){at, (uint16_t)(at - 1), (uint8_t)error};
}

enum { LENGTHS = 301, LONGEST = 530, BEHIND_FIRST = -1 };

/* The octets at `first` and `second` take every value; the others are lead, then ascending.
 * BEHIND_FIRST: the octet after as many as the first one says. */
struct axes {
    const struct codec *codec;
    const char *form;
    size_t first;
    int second;
    size_t lengths;
    unsigned answers; /* 1u << status for each the header names, and no other */
    uint8_t lead[5];
};

#define MAY(status) (1u << SKS_##status)
#define MAY_ALWAYS (MAY(OK) | MAY(MORE))
#define MAY_ADDR (MAY_ALWAYS | MAY(ERR_ATYP) | MAY(ERR_EMPTY))

static const struct axes first_two[] = {
    {&codec_addr, "a", 0, 1, LENGTHS, MAY_ADDR, {0}},
    {&codec_greeting, "5n", 0, 1, LENGTHS, MAY_ALWAYS | MAY(ERR_VERSION) | MAY(ERR_EMPTY), {0}},
    {&codec_selection, "5.", 0, 1, LENGTHS, MAY_ALWAYS | MAY(ERR_VERSION), {0}},
    {&codec_userpass, "1nn", 0, 1, LENGTHS, MAY_ALWAYS | MAY(ERR_VERSION) | MAY(ERR_EMPTY), {0}},
    {&codec_userpass_status, "1.", 0, 1, LENGTHS, MAY_ALWAYS | MAY(ERR_VERSION), {0}},
    {&codec_request, "5..a", 0, 1, LENGTHS, MAY_ALWAYS | MAY(ERR_VERSION), {0, 0, 0, 3, 200}},
    {&codec_reply, "5..a", 0, 1, LENGTHS, MAY_ALWAYS | MAY(ERR_VERSION), {0, 0, 0, 4}},
    {&codec_udp_header, "...a", 0, 1, LENGTHS, MAY_ALWAYS, {0, 0, 0, 3, 200}},
};
static const struct axes behind_them[] = {
    {&codec_userpass, "1nn", 1, BEHIND_FIRST, LONGEST, MAY_ALWAYS | MAY(ERR_EMPTY), {1}},
    {&codec_request, "5..a", 3, 4, LENGTHS, MAY_ADDR, {5, 1, 0}},
    {&codec_reply, "5..a", 3, 4, LENGTHS, MAY_ADDR, {5, 0, 0}},
    {&codec_udp_header, "...a", 3, 4, LENGTHS, MAY_ADDR, {0, 0, 0}},
};

/* The values to try: all of them, or those about each boundary; likewise the lengths. */
static bool quick;
static uint8_t values[256];
static size_t values_count;

static bool taken(size_t n)
{
    return !quick || n < 9 || (n > 14 && n < 24) || (n > 252 && n < 266);
}

static void fill(const struct axes *a, uint8_t octets[LONGEST])
{
    for (size_t i = 0; i < LONGEST; i++)
        octets[i] =
            i < sizeof a->lead && (a->lead[i] || i < a->first) ? a->lead[i] : (uint8_t)(i + 1);
}

static size_t second_at(const struct axes *a, unsigned x)
{
    return a->second == BEHIND_FIRST ? a->first + 1 + x : (size_t)a->second;
}

/* Where each call's octets end, and what must stay untouched. */
struct trial {
    struct block input, output, encoded;
    void *message;
    uint8_t *untouched;
};

/* len octets against the model, for every value of the second, if there is one; returns how many
 * calls that were. */
static size_t run_second(const struct axes *a, const struct trial *t,
                         const struct verdict verdicts[256], size_t second, size_t len)
{
    const struct codec *c = a->codec;
    uint8_t *data = t->input.end - len, none;
    uint8_t *varied = second < len ? data + second : &none;
    size_t n = second < len ? values_count : 1, used, size;
    for (size_t i = 0; i < n; i++) {
        const struct verdict *v = verdicts + values[i];
        enum sks_status want = SKS_MORE;
        size_t want_used = 0;
        void *out = t->untouched;
        if (len >= v->decided) {
            want = (enum sks_status)v->status;
            want_used = v->used;
            out = want == SKS_OK ? t->message : out;
        }
        *varied = values[i];
        used = (size_t)-1;
        enum sks_status got = c->parse(out, data, len, &used);
        if (got != want || used != want_used)
            fail_msg("%s: %02x at %zu, %02x at %zu, %zu octets: %s %zu, expected %s %zu", c->name,
                     data[a->first], a->first, *varied, second, len, sks_status_name(got), used,
                     sks_status_name(want), want_used);
        if (want == SKS_OK && (len == v->decided || len + 1 == a->lengths)) {
            uint8_t *buf = t->encoded.end - used;
            if (c->encode(buf, used, t->message, &size) != SKS_OK || size != used ||
                memcmp(buf, data, used) != 0)
                fail_msg("%s: %02x at %zu, %02x at %zu: encodes to other octets", c->name,
                         data[a->first], a->first, *varied, second);
        }
    }
    return n;
}

/* One call for each length, value and value; returns how many. */
static size_t run(const struct axes *a)
{
    static struct verdict verdicts[256][256];
    static struct trial t;
    const struct codec *c = a->codec;
    uint8_t octets[LONGEST];
    unsigned expected = 1u << SKS_MORE;
    size_t calls = 0;

    if (t.input.begin == NULL)
        t = (struct trial){.input = block_new(), .output = block_new(), .encoded = block_new()};
    t.message = t.output.end - c->size;
    t.untouched = t.output.end - 2 * c->size;
    memset(t.untouched, 0xa5, c->size);

    for (size_t i = 0; i < values_count; i++) {
        uint8_t x = values[i];
        fill(a, octets);
        octets[a->first] = x;
        for (size_t j = 0; j < values_count; j++) {
            octets[second_at(a, x)] = values[j];
            verdicts[x][values[j]] = judge(a->form, octets);
            expected |= 1u << verdicts[x][values[j]].status;
        }
    }
    assert_int_equal(expected, a->answers);

    fill(a, octets);
    for (size_t len = 0; len < a->lengths; len++)
        for (size_t i = 0; taken(len) && i < (a->first < len ? values_count : 1); i++) {
            uint8_t *data = memcpy(t.input.end - len, octets, len);
            if (a->first < len)
                data[a->first] = values[i];
            calls += run_second(a, &t, verdicts[values[i]], second_at(a, values[i]), len);
        }
    for (size_t i = 0; i < c->size; i++)
        assert_int_equal(t.untouched[i], 0xa5);
    return calls;
}

static void run_all(const struct axes *a, size_t n)
{
    struct timespec from, to;
    size_t calls = 0;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < n; i++)
        calls += run(a + i);
    clock_gettime(CLOCK_MONOTONIC, &to);
    print_message("%zu inputs in %.2f s%s\n", calls,
                  (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec),
                  quick ? ", SOCKSPEC_QUICK: only values and lengths about each boundary" : "");
}

static void the_first_two_octets(void **state)
{
    (void)state;
    run_all(first_two, sizeof first_two / sizeof *first_two);
}

static void the_two_octets_that_say_a_length_behind_them(void **state)
{
    (void)state;
    run_all(behind_them, sizeof behind_them / sizeof *behind_them);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_two_octets),
        cmocka_unit_test(the_two_octets_that_say_a_length_behind_them),
    };
    quick = getenv("SOCKSPEC_QUICK") != NULL;
    for (unsigned value = 0; value < 256; value++)
        if (taken(value))
            values[values_count++] = (uint8_t)value;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
