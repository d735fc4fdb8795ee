/* How the reports cut sealed octets into fields. */
#include "../engine/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct scene scene = {.origin = {0x0100007f}, .target_port = 0x4a3f, .seed = 7};
static uint8_t buf[PATTERN_MAX];

/* "SALT 32, LEN 2 = 7, TAG 16 wrong", of the octets of a text from `from` on. */
static void cut(char *text, size_t size, const char *method, bool ota, bool datagram,
                enum wire_side side, const char *sent, size_t from)
{
    struct wire_keys keys;
    struct wire_field fields[WIRE_FIELDS];
    const char *error = "";
    assert_null(wire_keys_set(&keys, method, "barfoo!", ota));
    struct wire *w = wire_new(&keys, side, datagram);
    long n = wire_build(w, &scene, sent, buf, &error);
    if (n < 0)
        fail_msg("\"%s\": %s", sent, error);
    size_t count =
        wire_layout(&keys, buf, (size_t)n, from, (size_t)n, datagram, side == WIRE_CLIENT, fields);
    size_t sum = 0, used = 0;
    text[0] = 0;
    for (size_t i = 0; i < count; i++) {
        const struct wire_field *f = &fields[i];
        sum += f->octets;
        used += (size_t)snprintf(text + used, size - used, "%s%s %zu%s%s", i ? ", " : "", f->name,
                                 f->octets, f->note[0] ? " = " : "", f->note);
    }
    assert_int_equal(sum, (size_t)n - from);
    wire_free(w);
    wire_keys_free(&keys);
}

#define AEAD "chacha20-ietf-poly1305"
#define STREAM "aes-256-ctr"

static const struct {
    const char *method;
    bool ota, datagram;
    enum wire_side side;
    const char *sent;
    size_t from;
    const char *cut;
} rows[] = {
    {AEAD, false, false, WIRE_CLIENT, "{salt} header({target}) data(\"hello\")", 0,
     "SALT 32, LEN 2 = 7, TAG 16, DST 7, TAG 16, LEN 2 = 5, TAG 16, DATA 5, TAG 16"},
    {AEAD, false, false, WIRE_CLIENT, "{salt} header({target} \"hi\")", 0,
     "SALT 32, LEN 2 = 9, TAG 16, DST 7, DATA 2, TAG 16"},
    {AEAD, false, false, WIRE_SERVER, "{salt} data({target})", 0,
     "SALT 32, LEN 2 = 7, TAG 16, DATA 7, TAG 16"},
    {AEAD, false, false, WIRE_CLIENT, "{salt} header({target}) data(\"hello\")", 40,
     "TAG 10, DST 7, TAG 16, LEN 2 = 5, TAG 16, DATA 5, TAG 16"},
    {AEAD, false, false, WIRE_CLIENT, "{salt} flip@20(header({target})) data(\"hello\")", 0,
     "SALT 32, LEN 2 = 7, TAG 16, DATA 7, TAG 16 = wrong, REST 39"},
    {AEAD, false, false, WIRE_CLIENT, "{salt} flip@0(header({target})) data(\"hello\")", 0,
     "SALT 32, LEN 2, TAG 16 = wrong, REST 62"},
    {AEAD, false, false, WIRE_CLIENT, "{salt} flip@-1(header({target})) data(\"hello\")", 0,
     "SALT 32, LEN 2 = 7, TAG 16, DATA 7, TAG 16 = wrong, REST 39"},
    {AEAD, false, false, WIRE_CLIENT, "{salt} cut@-1(header({target}))", 0,
     "SALT 32, LEN 2 = 7, TAG 16, DATA 7, TAG 15 = cut short"},
    {AEAD, false, false, WIRE_CLIENT, "cut@5({salt})", 0, "SALT 5"},
    {AEAD, false, true, WIRE_CLIENT, "{salt} header({target} \"hello\")", 0,
     "SALT 32, DST 7, DATA 5, TAG 16"},
    {AEAD, false, true, WIRE_SERVER, "flip@40({salt} header({target} \"hello\"))", 0,
     "SALT 32, DATA 12, TAG 16 = wrong"},
    {STREAM, false, false, WIRE_CLIENT, "{salt} header({target}) data(\"hello\")", 0,
     "IV 16, DST 7, DATA 5"},
    {STREAM, false, false, WIRE_SERVER, "{salt} data({target})", 0, "IV 16, DATA 7"},
    {STREAM, false, true, WIRE_SERVER, "{salt} header({target} \"hello\")", 0,
     "IV 16, DST 7, DATA 5"},
    {STREAM, true, false, WIRE_CLIENT, "{salt} header({target}) data(\"hello\") data(\"you\")", 0,
     "IV 16, DST 7, TAG 10, LEN 2 = 5, TAG 10, DATA 5, LEN 2 = 3, TAG 10, DATA 3"},
    {STREAM, true, false, WIRE_CLIENT, "{salt} header({target}) index@4() data(\"hello\")", 0,
     "IV 16, DST 7, TAG 10, LEN 2 = 5, TAG 10 = wrong, DATA 5"},
    {STREAM, true, false, WIRE_CLIENT, "{salt} plain(bits@10({target}) 00*10)", 0,
     "IV 16, DST 7, TAG 10 = wrong"},
    {STREAM, true, true, WIRE_CLIENT, "{salt} header({target} \"hello\")", 0,
     "IV 16, DST 7, DATA 5, TAG 10"},
    {STREAM, true, true, WIRE_CLIENT, "{salt} cut@8(header({target} \"hello\"))", 0,
     "IV 16, DST 7, TAG 1 = cut short"},
    {"table", false, false, WIRE_CLIENT, "{salt} header({target}) data(\"hello\")", 0,
     "DST 7, DATA 5"},
};

static void sealed_octets_are_cut_into_fields(void **state)
{
    (void)state;
    char text[600];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cut(text, sizeof text, rows[i].method, rows[i].ota, rows[i].datagram, rows[i].side,
            rows[i].sent, rows[i].from);
        if (strcmp(text, rows[i].cut) != 0)
            fail_msg("%s, %s: %s, expected %s", rows[i].method, rows[i].sent, text, rows[i].cut);
    }
}

/* More fields than there is room for: the last octets have none. */
static void many_fields_end(void **state)
{
    (void)state;
    struct wire_keys keys;
    struct wire_field fields[WIRE_FIELDS];
    const char *error = "";
    assert_null(wire_keys_set(&keys, AEAD, "barfoo!", false));
    struct wire *w = wire_new(&keys, WIRE_SERVER, false);
    size_t len = (size_t)wire_build(w, &scene, "{salt}", buf, &error);
    for (int i = 0; i < 40; i++)
        len += (size_t)wire_build(w, &scene, "chunk(61)", buf + len, &error);
    assert_int_equal(wire_layout(&keys, buf, len, 0, len, false, false, fields), WIRE_FIELDS);
    assert_int_equal(wire_layout(&keys, buf, 0, 0, 0, false, false, fields), 0);
    wire_free(w);
    wire_keys_free(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_octets_are_cut_into_fields),
        cmocka_unit_test(many_fields_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
