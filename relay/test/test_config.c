#include "../config.h"

#include "../log.h"
#include "test.h"

#include <unistd.h>

static char error[CONFIG_ERROR_MAX];

static struct config *read_line(enum sks_role role, const char *line)
{
    char copy[1024], *words[WORDS_MAX];
    int count = split_words(words, copy, sizeof copy, line);
    error[0] = '\0';
    return config_read(role, count, words, error);
}

/* A file of that text, and what the relay reads from it, with more options behind. */
static struct config *read_file(enum sks_role role, const char *text, const char *more)
{
    char file[] = "/tmp/config-XXXXXX", line[512];
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    snprintf(line, sizeof line, "-c %s %s", file, more);
    struct config *config = read_line(role, line);
    unlink(file);
    return config;
}

static struct config *good(struct config *config)
{
    if (config == NULL)
        fail_msg("refused: %s", error);
    return config;
}

static void bad(struct config *config, const char *part)
{
    assert_null(config);
    if (strstr(error, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error, part);
    assert_null(strchr(error, '\n'));
}

static void the_flags_of_the_family(void **state)
{
    (void)state;
    struct config *c =
        good(read_line(SKS_ROLE_SSLOCAL,
                       "-s example.org -p 8388 -b ::1 -l 1081 -k secret -m aes-256-gcm -t 7 -u "
                       "--fast-open --workers 3 --prefer-ipv6 --dns-server 192.0.2.53 -v -v -q"));
    assert_string_equal(c->server.items[0], "example.org");
    assert_int_equal(c->server_port.items[0], 8388);
    assert_string_equal(c->local_address, "::1");
    assert_int_equal(c->local_port, 1081);
    assert_string_equal(c->password, "secret");
    assert_string_equal(c->cipher->name, "aes-256-gcm");
    assert_int_equal(c->timeout_s, 7);
    assert_int_equal(c->mode, MODE_TCP_AND_UDP);
    assert_true(c->fast_open && c->prefer_ipv6);
    assert_int_equal(c->workers, 3);
    assert_string_equal(c->dns_server.items[0], "192.0.2.53");
    assert_int_equal(c->verbose, 2);
    assert_int_equal(c->quiet, 1);
    config_release(c);
}

static void what_is_not_given(void **state)
{
    (void)state;
    struct config *c = good(read_line(SKS_ROLE_SSLOCAL, "-s h -k p"));
    assert_string_equal(c->cipher->name, "aes-256-cfb");
    assert_int_equal(c->server_port.items[0], 8388);
    assert_string_equal(c->local_address, "127.0.0.1");
    assert_int_equal(c->local_port, 1080);
    assert_int_equal(c->timeout_s, 300);
    assert_int_equal(c->mode, MODE_TCP_ONLY);
    assert_int_equal(c->workers, 1);
    assert_false(c->one_time_auth);
    config_release(c);
    c = good(read_line(SKS_ROLE_SOCKS5, ""));
    assert_int_equal(c->mode, MODE_TCP_AND_UDP);
    assert_null(c->cipher);
    config_release(c);
}

static int forbids(const struct config *c, const char *text)
{
    struct address a;
    assert_true(address_from_text(&a, text, strlen(text), 80));
    return config_forbids(c, &a);
}

static void a_server_forbids_loopback_unless_told(void **state)
{
    (void)state;
    struct config *c = good(read_line(SKS_ROLE_SSSERVER, "-k p"));
    assert_true(forbids(c, "127.0.0.1") && forbids(c, "127.9.9.9") && forbids(c, "::1"));
    assert_true(forbids(c, "::ffff:127.0.0.1") && forbids(c, "0.0.0.0") && forbids(c, "::"));
    assert_false(forbids(c, "192.0.2.1") || forbids(c, "2001:db8::1"));
    config_release(c);
    c = good(read_line(SKS_ROLE_SSSERVER, "-k p --forbidden-ip ''"));
    assert_false(forbids(c, "127.0.0.1"));
    config_release(c);
    c = good(read_line(SKS_ROLE_SSSERVER, "-k p --forbidden-ip 10.0.0.0/8,fe80::/10"));
    assert_true(forbids(c, "10.1.1.1") && forbids(c, "fe80::1"));
    assert_false(forbids(c, "127.0.0.1"));
    config_release(c);
    c = good(read_line(SKS_ROLE_SSLOCAL, "-s 127.0.0.1 -k p"));
    assert_false(forbids(c, "127.0.0.1"));
    config_release(c);
    bad(read_line(SKS_ROLE_SSSERVER, "-k p --forbidden-ip 10.0.0.0/40"), "forbidden_ip");
}

static void a_file(void **state)
{
    (void)state;
    struct config *c = good(
        read_file(SKS_ROLE_SSLOCAL,
                  "{\"server\": [\"a\", \"b\"], \"server_port\": [1, \"2\"], \"password\": \"p\",\n"
                  " \"method\": \"chacha20\", \"one_time_auth\": true, \"fast_open\": false, "
                  "\"timeout\": 9,\n"
                  " \"mode\": \"udp_only\", \"socks_user\": \"u\", \"socks_password\": \"w\"}",
                  ""));
    assert_int_equal(c->server.count, 2);
    assert_string_equal(c->server.items[1], "b");
    assert_int_equal(c->server_port.items[1], 2);
    assert_true(c->one_time_auth);
    assert_false(c->fast_open);
    assert_int_equal(c->timeout_s, 9);
    assert_int_equal(c->mode, MODE_UDP_ONLY);
    assert_string_equal(c->socks_password, "w");
    config_release(c);
}

static void options_win_over_the_file(void **state)
{
    (void)state;
    struct config *c = good(read_file(
        SKS_ROLE_SSLOCAL, "{\"server\": [\"a\", \"b\"], \"server_port\": 1, \"password\": \"p\"}",
        "-s c -s d -k q"));
    assert_int_equal(c->server.count, 2);
    assert_string_equal(c->server.items[0], "c");
    assert_int_equal(c->server_port.count, 1);
    assert_string_equal(c->password, "q");
    config_release(c);
}

static void a_password_for_each_port(void **state)
{
    (void)state;
    struct config *c =
        good(read_file(SKS_ROLE_SSSERVER, "{\"port_password\": {\"1\": \"a\", \"2\": \"b\"}}", ""));
    assert_int_equal(c->port_passwords, 2);
    config_release(c);
    bad(read_file(SKS_ROLE_SSSERVER, "{\"port_password\": {\"70000\": \"a\"}}", ""), "\"70000\"");
    bad(read_file(SKS_ROLE_SSSERVER, "{\"port_password\": {\"1\": 2}}", ""), "\"1\"");
    bad(read_file(SKS_ROLE_SSSERVER, "{\"port_password\": {}}", ""), "port_password");
}

static void a_tunnel(void **state)
{
    (void)state;
    struct config *c = good(read_line(SKS_ROLE_TUNNEL, "-s h -k p -L [2001:db8::1]:53 -l 5353"));
    assert_string_equal(c->tunnel_remote, "2001:db8::1");
    assert_int_equal(c->tunnel_remote_port, 53);
    assert_int_equal(c->local_port, 5353);
    config_release(c);
    c = good(read_file(SKS_ROLE_TUNNEL,
                       "{\"server\": \"h\", \"password\": \"p\", \"tunnel_remote\": \"8.8.8.8\","
                       " \"tunnel_remote_port\": 53, \"tunnel_port\": 53}",
                       ""));
    assert_string_equal(c->tunnel_remote, "8.8.8.8");
    assert_int_equal(c->local_port, 53);
    config_release(c);
    bad(read_line(SKS_ROLE_TUNNEL, "-s h -k p"), "tunnel");
    bad(read_line(SKS_ROLE_TUNNEL, "-s h -k p -L host"), "HOST:PORT");
    bad(read_line(SKS_ROLE_TUNNEL, "-s h -k p -L :5"), "HOST:PORT");
}

static void a_uri(void **state)
{
    (void)state;
    struct config *c = good(
        read_line(SKS_ROLE_SSLOCAL, "ss://YWVzLTI1Ni1nY206cHc@[2001:db8::1]:8388#tag -l 1085"));
    assert_string_equal(c->server.items[0], "2001:db8::1");
    assert_string_equal(c->cipher->name, "aes-256-gcm");
    assert_string_equal(c->password, "pw");
    assert_int_equal(c->local_port, 1085);
    config_release(c);
    bad(read_line(SKS_ROLE_SSLOCAL, "ss://YWVzLTI1Ni1nY206cHc@host"), "character");
    assert_null(strstr(error, "YWVz"));
    bad(read_line(SKS_ROLE_SSLOCAL, "ss://YWVzLTI1Ni1nY206cHc@h:1/?plugin=x"), "plugin");
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        enum sks_role role;
        const char *line, *part;
    } lines[] = {
        {SKS_ROLE_SSLOCAL, "-k p", "server: expected"},
        {SKS_ROLE_SSLOCAL, "-s h", "password: expected"},
        {SKS_ROLE_SSLOCAL, "-s h -k p -p 0", "--server-port: expected a port"},
        {SKS_ROLE_SSLOCAL, "-s h -k p -l 65536", "--local-port: expected a port"},
        {SKS_ROLE_SSLOCAL, "-s h -k p -m rot13", "rot13: expected one of"},
        {SKS_ROLE_SSLOCAL, "-s h -k p -t 0", "--timeout: expected seconds"},
        {SKS_ROLE_SSLOCAL, "-s h -k p -a -m aes-256-gcm", "one_time_auth"},
        {SKS_ROLE_SSLOCAL, "-s h -k p --nonsense", "--nonsense: unknown option"},
        {SKS_ROLE_SSLOCAL, "-s h -k p -m", "-m: its value is missing"},
        {SKS_ROLE_SSLOCAL, "-s h -k p stray", "stray: expected options"},
        {SKS_ROLE_SSLOCAL, "-s h -k p --workers 999", "--workers: expected"},
        {SKS_ROLE_SSLOCAL, "-s h -k p --mode both", "--mode: expected tcp_only"},
        {SKS_ROLE_SSLOCAL, "-s h -k p --dns-server nowhere", "dns_server"},
        {SKS_ROLE_SSLOCAL, "-s h -k p --record-payload", "record_payload"},
        {SKS_ROLE_SSLOCAL, "-c /nonexistent", "/nonexistent"},
        {SKS_ROLE_SOCKS5, "-k p", "unknown option"},
        {SKS_ROLE_SOCKS5, "--auth user", "USER:PASSWORD"},
        {SKS_ROLE_SOCKS5, "--auth user:", "255 octets"},
        {SKS_ROLE_SOCKS5, "ss://YWVzLTI1Ni1nY206cHc@h:1", "options alone"},
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        bad(read_line(lines[i].role, lines[i].line), lines[i].part);
}

static void what_is_wrong_in_a_file_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } files[] = {
        {"", ":1:0: "},
        {"{\"server\": \"h\",\n \"server_port\" 5}", ":2:"},
        {"[1]", "expected an object"},
        {"{\"server\": 1}", ": server: expected a string"},
        {"{\"server\": []}", ": server: expected"},
        {"{\"server\": \"\"}", ": server: expected"},
        {"{\"server_port\": \"x\"}", ": server_port: expected a port"},
        {"{\"server_port\": 70000}", ": server_port: expected a port"},
        {"{\"server_port\": -1}", ": server_port: expected a port"},
        {"{\"server_port\": 1.5}", ": server_port: expected a port"},
        {"{\"timeout\": true}", ": timeout: expected seconds"},
        {"{\"fast_open\": 1}", ": fast_open: expected true or false"},
        {"{\"password\": null}", ": password: expected a string"},
        {"{\"password\": \"a\\u0000b\"}", "NUL"},
        {"{\"mode\": \"all\"}", ": mode: expected tcp_only"},
        {"{\"timeout\": 1, \"timeout\": 2}", "duplicate"},
        {"{\"server\": \"h\", \"password\": \"p\", \"method\": \"x\"}",
         "method: x: expected one of"},
    };
    for (size_t i = 0; i < COUNT(files); i++)
        bad(read_file(SKS_ROLE_SSLOCAL, files[i].text, ""), files[i].part);
}

static void an_unknown_key_is_no_error(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    config_release(
        good(read_file(SKS_ROLE_SSLOCAL,
                       "{\"server\": \"h\", \"password\": \"p\", \"plugin\": {\"x\": []}}", "")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_flags_of_the_family),
        cmocka_unit_test(what_is_not_given),
        cmocka_unit_test(a_server_forbids_loopback_unless_told),
        cmocka_unit_test(a_file),
        cmocka_unit_test(options_win_over_the_file),
        cmocka_unit_test(a_password_for_each_port),
        cmocka_unit_test(a_tunnel),
        cmocka_unit_test(a_uri),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(what_is_wrong_in_a_file_is_named),
        cmocka_unit_test(an_unknown_key_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
