#include "../names.h"

#include "test.h"

#include <unistd.h>

static struct name_addresses one(const char *text)
{
    struct name_addresses is = {.count = 1};
    assert_true(address_from_text(&is.list[0], text, strlen(text), 0));
    return is;
}

#define FIND(name, now) names_find(names, name, strlen(name), now)
#define KEEP(name, is, ttl, now) names_keep(names, name, strlen(name), is, ttl, now)

static void assert_is(const struct name_addresses *is, unsigned at, const char *text)
{
    char got[ADDRESS_TEXT_MAX];
    assert_non_null(is);
    assert_true(at < is->count);
    assert_string_equal(address_text(&is->list[at], got), text);
}

static void an_answer_is_kept_for_its_time(void **state)
{
    (void)state;
    struct names *names = names_open(NULL);
    const struct name_addresses is = one("192.0.2.1");
    assert_null(FIND("example.org", 0));
    KEEP("example.org", &is, 10, 5000);
    assert_is(FIND("example.org", 5000), 0, "192.0.2.1:0");
    assert_is(FIND("EXAMPLE.org.", 14999), 0, "192.0.2.1:0");
    assert_null(FIND("example.org", 15000));
    assert_null(FIND("example.or", 5000));
    names_close(names);
}

static void no_answer_is_kept_for_ever(void **state)
{
    (void)state;
    struct names *names = names_open(NULL);
    const struct name_addresses is = one("192.0.2.1"), none = {0};
    KEEP("long.example", &is, 0x7fffffff, 0);
    assert_non_null(FIND("long.example", 3599 * 1000));
    assert_null(FIND("long.example", 3600 * 1000));
    KEEP("zero.example", &is, 0, 0);
    assert_null(FIND("zero.example", 0));
    KEEP("none.example", &none, 100, 0);
    assert_null(FIND("none.example", 0));
    names_close(names);
}

static void the_cache_is_bounded(void **state)
{
    (void)state;
    struct names *names = names_open(NULL);
    unsigned found = 0;
    char name[32];
    for (unsigned i = 0; i < 10 * NAMES_CACHED; i++) {
        const struct name_addresses is = one("192.0.2.1");
        snprintf(name, sizeof name, "host%u.example", i);
        KEEP(name, &is, 100, 0);
        assert_non_null(FIND(name, 0));
    }
    for (unsigned i = 0; i < 10 * NAMES_CACHED; i++) {
        snprintf(name, sizeof name, "host%u.example", i);
        found += FIND(name, 0) != NULL;
    }
    assert_in_range(found, NAMES_CACHED / 2, NAMES_CACHED);
    names_close(names);
}

static void the_hosts_file(void **state)
{
    (void)state;
    char file[] = "/tmp/hosts-XXXXXX";
    static const char text[] = "127.0.0.1\tlocalhost LocalName # comment\n"
                               "::1 localhost ip6-localhost\r\n"
                               "# 192.0.2.9 commented\n"
                               "not-an-address name\n"
                               "192.0.2.7\n"
                               "192.0.2.8 bad..name good.name.";
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    struct names *names = names_open(file);
    unlink(file);
    assert_int_equal(FIND("localhost", 0)->count, 2);
    assert_is(FIND("localhost", 0), 0, "127.0.0.1:0");
    assert_is(FIND("LOCALHOST", 0), 1, "[::1]:0");
    assert_is(FIND("localname", 0), 0, "127.0.0.1:0");
    assert_is(FIND("good.name", 0), 0, "192.0.2.8:0");
    assert_null(FIND("comment", 0));
    assert_null(FIND("commented", 0));
    assert_null(FIND("name", 0));
    assert_null(FIND("bad..name", 0));
    names_close(names);
    names = names_open("/nonexistent/hosts");
    assert_non_null(names);
    names_close(names);
}

static void what_is_a_host_name(void **state)
{
    (void)state;
    char label[70], name[300];
    static const char *const good[] = {"a", "localhost", "a.b", "a-b.c_d", "1.example", "x.org."};
    static const char *const bad[] = {"",    ".",   "..", ".a",  "a..b",
                                      "a b", "a\n", "%s", "a:1", "\xff"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(name_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(name_is_valid(bad[i], strlen(bad[i])));
    assert_false(name_is_valid("localhost\0x", 11));
    assert_false(name_is_valid("localhost\0", 10));
    memset(label, 'a', sizeof label);
    assert_true(name_is_valid(label, 63));
    assert_false(name_is_valid(label, 64));
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 10 == 9 ? '.' : 'a';
    assert_true(name_is_valid(name, 253));
    assert_false(name_is_valid(name, 255));
}

static void which_addresses_come_first(void **state)
{
    (void)state;
    struct name_addresses is = {0};
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"};
    for (size_t i = 0; i < COUNT(texts); i++)
        name_addresses_add(&is, &(struct address){0}),
            assert_true(address_from_text(&is.list[i], texts[i], strlen(texts[i]), 0));
    name_addresses_prefer(&is, 1);
    assert_is(&is, 0, "[2001:db8::1]:0");
    assert_is(&is, 1, "[2001:db8::2]:0");
    assert_is(&is, 2, "192.0.2.1:0");
    name_addresses_prefer(&is, 0);
    assert_is(&is, 0, "192.0.2.1:0");
    assert_is(&is, 3, "[2001:db8::2]:0");
    for (int i = 0; i < 20; i++)
        name_addresses_add(&is, &is.list[0]);
    assert_int_equal(is.count, NAME_ADDRESSES);
}

static void networks(void **state)
{
    (void)state;
    static const struct {
        const char *network, *inside, *outside;
    } rows[] = {
        {"127.0.0.0/8", "127.255.0.1", "128.0.0.1"},
        {"127.0.0.0/8", "::ffff:127.0.0.1", "::1"},
        {"10.1.2.3", "10.1.2.3", "10.1.2.4"},
        {"0.0.0.0/0", "1.2.3.4", "::1"},
        {"::/0", "1.2.3.4", NULL},
        {"::1", "::1", "::2"},
        {"fe80::/10", "febf::1", "fec0::1"},
        {"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
    };
    static const char *const bad[] = {"",        "localhost",  "1.2.3.4/33", "::/129",
                                      "1.2.3/8", "1.2.3.4/-1", "1.2.3.4/",   "1.2.3.4/8x",
                                      "/8",      "1.2.3.4 "};
    struct network n;
    struct address a;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(network_from_text(&n, rows[i].network));
        assert_true(address_from_text(&a, rows[i].inside, strlen(rows[i].inside), 0));
        assert_true(network_holds(&n, &a));
        if (rows[i].outside == NULL)
            continue;
        assert_true(address_from_text(&a, rows[i].outside, strlen(rows[i].outside), 0));
        assert_false(network_holds(&n, &a));
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(network_from_text(&n, bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_kept_for_its_time),
        cmocka_unit_test(no_answer_is_kept_for_ever),
        cmocka_unit_test(the_cache_is_bounded),
        cmocka_unit_test(the_hosts_file),
        cmocka_unit_test(what_is_a_host_name),
        cmocka_unit_test(which_addresses_come_first),
        cmocka_unit_test(networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
