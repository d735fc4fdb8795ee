/* What the recorded sessions cover. */
#include "recorded_sessions.h"

enum { METHODS = 64 };

/* X(what a method must have been recorded with) */
#define COVER_LIST(X) X(TCP) X(UDP) X(PLAIN) X(OTA) X(UP) X(DOWN) X(IPV4) X(NAME)

#define SKS_X(what) COVER_##what,
enum cover { COVER_LIST(SKS_X) COVERS };
#undef SKS_X

static size_t covered[METHODS][COVERS];

static size_t row_of(const struct sks_cipher *cipher)
{
    size_t i = 0;
    while (sks_cipher_at(i) != cipher)
        i++;
    assert_true(i < METHODS);
    return i;
}

static int has_flag(const json_t *datagram)
{
    struct octets header = octets_of(datagram, "header");
    int flag = header.at[0] & SKS_SS_OTA_FLAG;
    free(header.at);
    return flag;
}

static void cover(void)
{
    size_t *row = covered[row_of(now.family.cipher)], i;
    int is_ota = now.is_ota;
    json_t *datagram;
    if (now.reason != NULL)
        return;
    json_array_foreach(now.datagrams, i, datagram)
    {
        int is_up = strcmp(text_of(datagram, "direction"), "up") == 0;
        row[is_up ? COVER_UP : COVER_DOWN]++;
        is_ota |= is_up && has_flag(datagram);
    }
    row[now.datagrams != NULL ? COVER_UDP : COVER_TCP]++;
    row[is_ota ? COVER_OTA : COVER_PLAIN]++;
    row[COVER_UP] += now.up.wire.n != 0;
    row[COVER_DOWN] += now.down.wire.n != 0;
    row[COVER_IPV4] += now.destination.at[0] == SKS_ATYP_IPV4;
    row[COVER_NAME] += now.destination.at[0] == SKS_ATYP_DOMAIN;
}

/* Nobody had recorded them; the unit tests of their ciphers stand for them. */
static int is_missing(const char *name)
{
    static const char *const missing[] = {"none", "idea-cfb", "aes-128-cfb1", "aes-192-cfb1"};
    for (size_t i = 0; i < COUNT(missing); i++)
        if (strcmp(missing[i], name) == 0)
            return 1;
    return 0;
}

static void every_method_is_recorded_in_every_way(void **state)
{
    static const char *const names[] = {
#define SKS_X(what) #what,
        COVER_LIST(SKS_X)
#undef SKS_X
    };
    const struct sks_cipher *cipher;
    (void)state;
    memset(covered, 0, sizeof covered);
    (void)each_session(cover);
    for (size_t i = 0; (cipher = sks_cipher_at(i)) != NULL; i++)
        for (size_t k = 0; k < COVERS; k++) {
            int is_needed =
                !is_missing(cipher->name) && !(k == COVER_OTA && cipher->kind == SKS_CIPHER_AEAD);
            if (is_needed != (covered[i][k] != 0))
                fail_msg("%s, %s: %zu sessions", cipher->name, names[k], covered[i][k]);
        }
}

static void count_one(void)
{
}

static void as_many_sessions_as_the_files_say(void **state)
{
    size_t i, said = 0;
    json_t *file;
    (void)state;
    json_array_foreach(files, i, file)
    {
        said += (size_t)json_integer_value(member(file, "numberOfSessions"));
    }
    assert_int_equal(each_session(count_one), said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_is_recorded_in_every_way),
        cmocka_unit_test(as_many_sessions_as_the_files_say),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
