#include "harness.h"

#include <stdio.h>
#include <string.h>

#include <sockspec/uri.h>

enum { URI_MAX = 2048 };

/* ---- URIs in memory that ends at a page, scratch of exactly the size that is asked for ---- */

static struct block input, scratch;

static int make_blocks(void **state)
{
    (void)state;
    input = block_new();
    scratch = block_new();
    return 0;
}

static enum sks_status parse(struct sks_uri *out, const char *uri, size_t len, size_t *used)
{
    uint8_t *data = memcpy(input.end - len, uri, len);
    enum sks_status s = sks_uri_parse(out, data, len, scratch.end - len, len, used);
    assert_memory_equal(data, uri, len);
    assert_int_not_equal(s, SKS_MORE);
    return s;
}

static struct sks_uri_text text(const char *s)
{
    return (struct sks_uri_text){(const uint8_t *)s, s != NULL ? strlen(s) : 0};
}

static bool same(struct sks_uri_text a, struct sks_uri_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static void expect_same(const char *what, const struct sks_uri *a, const struct sks_uri *b)
{
    if (!same(a->method, b->method) || !same(a->password, b->password) || !same(a->host, b->host) ||
        !same(a->plugin, b->plugin) || !same(a->plugin_options, b->plugin_options) ||
        !same(a->tag, b->tag))
        fail_msg("%s: a text is not as expected", what);
    if (a->port != b->port || a->form != b->form)
        fail_msg("%s: port or form is not as expected", what);
}

static bool borrowed(struct sks_uri_text t, size_t len)
{
    return t.len == 0 || (t.p >= scratch.end - len && t.p + t.len <= scratch.end) ||
           (t.p >= input.end - len && t.p + t.len <= input.end);
}

/* ---- what is right ---- */

/* written: as sks_uri_encode writes it, NULL where that is uri itself. */
static const struct row {
    const char *uri;
    const char *written;
    const char *method, *password, *host, *plugin, *options, *tag;
    uint16_t port;
    uint8_t form;
} rows[] = {
    /* base64 userinfo */
    {"ss://cmM0LW1kNTpwYXNzd2Q@192.168.100.1:8888", NULL, "rc4-md5", "passwd", "192.168.100.1",
     NULL, NULL, NULL, 8888, SKS_URI_BASE64},
    {"ss://cmM0LW1kNTpwYXNzd2Q=@192.168.100.1:8888/", "ss://cmM0LW1kNTpwYXNzd2Q@192.168.100.1:8888",
     "rc4-md5", "passwd", "192.168.100.1", NULL, NULL, NULL, 8888, SKS_URI_BASE64},
    {"SS://cmM0LW1kNTpwYXNzd2Q@h:00443", "ss://cmM0LW1kNTpwYXNzd2Q@h:443", "rc4-md5", "passwd", "h",
     NULL, NULL, NULL, 443, SKS_URI_BASE64},
    {"ss://cmM0LW1kNTpwYXNzd2Q@192.168.100.1:8888?plugin=obfs-local%3Bobfs%3Dhttp#Example2", NULL,
     "rc4-md5", "passwd", "192.168.100.1", "obfs-local", "obfs=http", "Example2", 8888,
     SKS_URI_BASE64},
    {"ss://cmM0LW1kNTpwYXNzd2Q@192.168.100.1:8888/?plugin=obfs-local;obfs=http#Example2",
     "ss://cmM0LW1kNTpwYXNzd2Q@192.168.100.1:8888?plugin=obfs-local%3Bobfs%3Dhttp#Example2",
     "rc4-md5", "passwd", "192.168.100.1", "obfs-local", "obfs=http", "Example2", 8888,
     SKS_URI_BASE64},
    {"ss://bTo-Pz8_@[2001:db8::1]:1", NULL, "m", ">???", "2001:db8::1", NULL, NULL, NULL, 1,
     SKS_URI_BASE64},
    {"ss://bTo+Pz8/@[::ffff:192.0.2.1]:65535", "ss://bTo-Pz8_@[::ffff:192.0.2.1]:65535", "m",
     ">???", "::ffff:192.0.2.1", NULL, NULL, NULL, 65535, SKS_URI_BASE64},
    {"ss://bTo6OkA6@h:1", NULL, "m", "::@:", "h", NULL, NULL, NULL, 1, SKS_URI_BASE64},
    {"ss://eDAyMi15OnA@h:1", NULL, "x022-y", "p", "h", NULL, NULL, NULL, 1, SKS_URI_BASE64},
    /* percent-encoded userinfo */
    {"ss://2022-blake3-aes-256-gcm:YctPZ6U7xPPcU%2Bgp3u%2B0tx%2FtRizJN9K8y%2BuKlW2qjlI%3D@"
     "192.168.100.1:8888#Example3",
     NULL, "2022-blake3-aes-256-gcm", "YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI=",
     "192.168.100.1", NULL, NULL, "Example3", 8888, SKS_URI_PERCENT},
    {"ss://m:p%3aq:r@h-1.x_y:1?", "ss://m:p%3Aq%3Ar@h-1.x_y:1", "m", "p:q:r", "h-1.x_y", NULL, NULL,
     NULL, 1, SKS_URI_PERCENT},
    {"ss://m:%00%ff%25@h:1/?#", "ss://m:%00%FF%25@h:1", "m", NULL, "h", NULL, NULL, NULL, 1,
     SKS_URI_PERCENT},
    {"ss://m:!$&'()*+,;=@h:1", "ss://m:%21%24%26%27%28%29%2A%2B%2C%3B%3D@h:1", "m",
     "!$&'()*+,;=", "h", NULL, NULL, NULL, 1, SKS_URI_PERCENT},
    {"ss://m:AZaz09-._~@AZaz09-._:1", NULL, "m", "AZaz09-._~", "AZaz09-._", NULL, NULL, NULL, 1,
     SKS_URI_PERCENT},
    {"ss://m:%AF%af%09%90@[0:9:a:f:A:F::1.2.3.4]:1", "ss://m:%AF%AF%09%90@[0:9:a:f:A:F::1.2.3.4]:1",
     "m", "\xaf\xaf\t\x90", "0:9:a:f:A:F::1.2.3.4", NULL, NULL, NULL, 1, SKS_URI_PERCENT},
    /* parameters and tag */
    {"ss://m:p@h:1?a=b&plugin=v2ray-plugin&c#%E4%B8%AD%20?/@:",
     "ss://m:p@h:1?plugin=v2ray-plugin"
     "#%E4%B8%AD%20%3F%2F%40%3A",
     "m", "p", "h", "v2ray-plugin", NULL, "\xe4\xb8\xad ?/@:", 1, SKS_URI_PERCENT},
    {"ss://m:p@h:1?plugin=x;&&pluginx=1", "ss://m:p@h:1?plugin=x", "m", "p", "h", "x", NULL, NULL,
     1, SKS_URI_PERCENT},
    {"ss://m:p@h:1?plugin=x%3Ba%5C%3Bb;c%26d", "ss://m:p@h:1?plugin=x%3Ba%5C%3Bb%3Bc%26d", "m", "p",
     "h", "x", "a\\;b;c&d", NULL, 1, SKS_URI_PERCENT},
    {"ss://m:p@h:1?plugin=x;o", "ss://m:p@h:1?plugin=x%3Bo", "m", "p", "h", "x", "o", NULL, 1,
     SKS_URI_PERCENT},
    {"ss://m:p@h:1?plugin=x;path=/a?b@c", "ss://m:p@h:1?plugin=x%3Bpath%3D%2Fa%3Fb%40c", "m", "p",
     "h", "x", "path=/a?b@c", NULL, 1, SKS_URI_PERCENT},
    {"ss://m:p@h:1?xlugin=a", "ss://m:p@h:1", "m", "p", "h", NULL, NULL, NULL, 1, SKS_URI_PERCENT},
    {"ss://m:p@h:1?plugin=&x", "ss://m:p@h:1", "m", "p", "h", NULL, NULL, NULL, 1, SKS_URI_PERCENT},
    /* the old form */
    {"ss://YmYtY2ZiOnRlc3RAMTkyLjE2OC4xMDAuMTo4ODg4#example-server", NULL, "bf-cfb", "test",
     "192.168.100.1", NULL, NULL, "example-server", 8888, SKS_URI_OLD},
    {"ss://YmYtY2ZiOnRlc3QvIUAjOkAxOTIuMTY4LjEwMC4xOjg4ODg", NULL, "bf-cfb",
     "test/!@#:", "192.168.100.1", NULL, NULL, NULL, 8888, SKS_URI_OLD},
    {"ss://YmYtY2ZiOnRlc3RAWzo6MV06ODg4OA==", "ss://YmYtY2ZiOnRlc3RAWzo6MV06ODg4OA", "bf-cfb",
     "test", "::1", NULL, NULL, NULL, 8888, SKS_URI_OLD},
    {"ss://bTovPz8/QGg6MQ==#a", "ss://bTovPz8_QGg6MQ#a", "m", "/??\?", "h", NULL, NULL, "a", 1,
     SKS_URI_OLD},
};
enum { ROWS = sizeof rows / sizeof *rows };

static struct sks_uri expected(const struct row *row)
{
    struct sks_uri uri = {.method = text(row->method),
                          .password = text(row->password),
                          .host = text(row->host),
                          .plugin = text(row->plugin),
                          .plugin_options = text(row->options),
                          .tag = text(row->tag),
                          .port = row->port,
                          .form = row->form};
    if (row->password == NULL)
        uri.password = (struct sks_uri_text){(const uint8_t *)"\0\xff%", 3};
    return uri;
}

static void right_uris_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const struct sks_uri want = expected(&rows[i]);
        size_t len = strlen(rows[i].uri), used = 77;
        struct sks_uri got;
        enum sks_status s = parse(&got, rows[i].uri, len, &used);
        if (s != SKS_OK || used != len)
            fail_msg("%s: %s %zu", rows[i].uri, sks_status_name(s), used);
        expect_same(rows[i].uri, &got, &want);
        const struct sks_uri_text texts[] = {got.method, got.password,       got.host,
                                             got.plugin, got.plugin_options, got.tag};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            assert_true(borrowed(texts[t], len));
    }
}

static void uris_are_written_into_every_capacity(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const struct sks_uri in = expected(&rows[i]);
        const char *want = rows[i].written != NULL ? rows[i].written : rows[i].uri;
        size_t size = strlen(want);
        for (size_t cap = 0; cap < size + 3; cap++) {
            uint8_t *buf = scratch.end - cap;
            size_t used = 77;
            memset(scratch.end - URI_MAX, 0xa5, URI_MAX);
            enum sks_status s = sks_uri_encode(cap > 0 ? buf : NULL, cap, &in, &used);
            assert_int_equal(s, cap < size ? SKS_ERR_SPACE : SKS_OK);
            assert_int_equal(used, size);
            size_t n = cap < size ? 0 : size;
            if (memcmp(buf, want, n) != 0)
                fail_msg("%.*s, expected %s", (int)n, (const char *)buf, want);
            for (uint8_t *p = scratch.end - URI_MAX; p < scratch.end; p++)
                if (p < buf || p >= buf + n)
                    assert_int_equal(*p, 0xa5);
        }
    }
}

static void less_scratch_than_the_uri_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        size_t len = strlen(rows[i].uri);
        for (size_t cap = 0; cap < len; cap++) {
            struct sks_uri out = {.port = 4711};
            size_t used = 77;
            assert_int_equal(sks_uri_parse(&out, (const uint8_t *)rows[i].uri, len,
                                           cap > 0 ? scratch.end - cap : NULL, cap, &used),
                             SKS_ERR_SPACE);
            assert_int_equal(used, len);
            assert_int_equal(out.port, 4711);
        }
    }
}

/* ---- what is wrong ---- */

static const struct {
    const char *uri;
    enum sks_status error;
    size_t offset;
} wrongs[] = {
    {"", SKS_ERR_URI_SCHEME, 0},
    {"s", SKS_ERR_URI_SCHEME, 1},
    {"ss:/", SKS_ERR_URI_SCHEME, 4},
    {"st://m:p@h:1", SKS_ERR_URI_SCHEME, 1},
    {"rs://m:p@h:1", SKS_ERR_URI_SCHEME, 0},
    {"sR://m:p@h:1", SKS_ERR_URI_SCHEME, 1},
    {"http://m:p@h:1", SKS_ERR_URI_SCHEME, 0},
    {"ssr://m:p@h:1", SKS_ERR_URI_SCHEME, 2},
    {"ss\x1a//m:p@h:1", SKS_ERR_URI_SCHEME, 2},
    {"ss:\x0f/m:p@h:1", SKS_ERR_URI_SCHEME, 3},
    {" ss://m:p@h:1", SKS_ERR_URI_SCHEME, 0},
    /* userinfo */
    {"ss://@h:1", SKS_ERR_URI_USERINFO, 5},
    {"ss://:p@h:1", SKS_ERR_URI_USERINFO, 5},
    {"ss://m:@h:1", SKS_ERR_URI_USERINFO, 7},
    {"ss://a%3Ab:p@h:1", SKS_ERR_URI_USERINFO, 5},
    {"ss://bQ@h:1", SKS_ERR_URI_USERINFO, 7},
    {"ss://bTo@h:1", SKS_ERR_URI_USERINFO, 8},
    {"ss://OnA@h:1", SKS_ERR_URI_USERINFO, 5},
    {"ss://m p:p@h:1", SKS_ERR_URI_CHARACTER, 6},
    {"ss://m/n:p@h:1", SKS_ERR_URI_CHARACTER, 6},
    {"ss://m:p/q@h:1", SKS_ERR_URI_CHARACTER, 8},
    {"ss://m:p\x80@h:1", SKS_ERR_URI_CHARACTER, 8},
    {"ss://m:p\x7f@h:1", SKS_ERR_URI_CHARACTER, 8},
    {"ss://m:\"@h:1", SKS_ERR_URI_CHARACTER, 7},
    {"ss://m:[@h:1", SKS_ERR_URI_CHARACTER, 7},
    {"ss://m:%@h:1", SKS_ERR_URI_PERCENT, 7},
    {"ss://m:%4@h:1", SKS_ERR_URI_PERCENT, 7},
    {"ss://m:%4g@h:1", SKS_ERR_URI_PERCENT, 7},
    {"ss://m:%g4@h:1", SKS_ERR_URI_PERCENT, 7},
    {"ss://%zz:p@h:1", SKS_ERR_URI_PERCENT, 5},
    /* base64 */
    {"ss://bTpw%@h:1", SKS_ERR_URI_BASE64, 9},
    {"ss://bT.w@h:1", SKS_ERR_URI_BASE64, 7},
    {"ss://bTpwc@h:1", SKS_ERR_URI_BASE64, 9},
    {"ss://bTpwcB@h:1", SKS_ERR_URI_BASE64, 10},
    {"ss://bTpwcA=@h:1", SKS_ERR_URI_BASE64, 11},
    {"ss://bTpwcA===@h:1", SKS_ERR_URI_BASE64, 13},
    {"ss://bTpw=@h:1", SKS_ERR_URI_BASE64, 9},
    {"ss://bTpw====@h:1", SKS_ERR_URI_BASE64, 12},
    {"ss://bT=p@h:1", SKS_ERR_URI_BASE64, 8},
    {"ss://=@h:1", SKS_ERR_URI_BASE64, 5},
    {"ss://a", SKS_ERR_URI_BASE64, 5},
    {"ss://m:p", SKS_ERR_URI_BASE64, 6},
    {"ss://bTpwQGg6MQ?plugin=x", SKS_ERR_URI_BASE64, 15},
    {"ss://?a@b", SKS_ERR_URI_BASE64, 5},
    /* AEAD-2022 in base64: 2022-x:p, the same with @h:1 */
    {"ss://MjAyMi14OnA@h:1", SKS_ERR_URI_FORM, 5},
    {"ss://MjAyMi14OnBAaDox", SKS_ERR_URI_FORM, 5},
    /* host */
    {"ss://m:p@", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@:1", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@/", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@#x", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@[::1", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@[", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@[]:1", SKS_ERR_URI_HOST, 10},
    {"ss://m:p@[1.2.3.4]:1", SKS_ERR_URI_HOST, 10},
    {"ss://m:p@[::g]:1", SKS_ERR_URI_CHARACTER, 12},
    {"ss://m:p@[fe80::1%25lo]:1", SKS_ERR_URI_CHARACTER, 17},
    {"ss://m:p@[g::1]:1", SKS_ERR_URI_CHARACTER, 10},
    {"ss://m:p@!h:1", SKS_ERR_URI_CHARACTER, 9},
    {"ss://m:p@h h:1", SKS_ERR_URI_CHARACTER, 10},
    {"ss://m:p@h%41:1", SKS_ERR_URI_CHARACTER, 10},
    {"ss://m:p@q@h:1", SKS_ERR_URI_CHARACTER, 10},
    /* port */
    {"ss://m:p@h", SKS_ERR_URI_PORT, 10},
    {"ss://m:p@h/", SKS_ERR_URI_PORT, 10},
    {"ss://m:p@h:", SKS_ERR_URI_PORT, 11},
    {"ss://m:p@h:/", SKS_ERR_URI_PORT, 11},
    {"ss://m:p@h:0", SKS_ERR_URI_PORT, 11},
    {"ss://m:p@h:000", SKS_ERR_URI_PORT, 11},
    {"ss://m:p@h:65536", SKS_ERR_URI_PORT, 15},
    {"ss://m:p@h:99999999999999999999", SKS_ERR_URI_PORT, 15},
    {"ss://m:p@h:+1", SKS_ERR_URI_PORT, 11},
    {"ss://m:p@h:1x", SKS_ERR_URI_PORT, 12},
    {"ss://m:p@::1:1", SKS_ERR_URI_HOST, 9},
    {"ss://m:p@1::2:1", SKS_ERR_URI_PORT, 11},
    {"ss://m:p@[::1]", SKS_ERR_URI_PORT, 14},
    {"ss://m:p@[::1]1", SKS_ERR_URI_PORT, 14},
    /* parameters and tag */
    {"ss://m:p@h:1/x", SKS_ERR_URI_CHARACTER, 13},
    {"ss://m:p@h:1//", SKS_ERR_URI_CHARACTER, 13},
    {"ss://m:p@h:1?plugin=x&plugin=y", SKS_ERR_URI_QUERY, 22},
    {"ss://m:p@h:1?plugin=&plugin=y", SKS_ERR_URI_QUERY, 21},
    {"ss://m:p@h:1?plugin=;", SKS_ERR_URI_QUERY, 20},
    {"ss://m:p@h:1?plugin=%3Bx", SKS_ERR_URI_QUERY, 20},
    {"ss://m:p@h:1?plugin=%", SKS_ERR_URI_PERCENT, 20},
    {"ss://m:p@h:1?x=%4", SKS_ERR_URI_PERCENT, 15},
    {"ss://m:p@h:1?plugin=a\\b", SKS_ERR_URI_CHARACTER, 21},
    {"ss://m:p@h:1?x&y z", SKS_ERR_URI_CHARACTER, 16},
    {"ss://m:p@h:1#a#b", SKS_ERR_URI_CHARACTER, 14},
    {"ss://m:p@h:1#a b", SKS_ERR_URI_CHARACTER, 14},
    {"ss://m:p@h:1#\xe4\xb8\xad", SKS_ERR_URI_CHARACTER, 13},
    {"ss://m:p@h:1#%", SKS_ERR_URI_PERCENT, 13},
    {"ss://m:p@h:1#%e", SKS_ERR_URI_PERCENT, 13},
    /* the old form; in the clear m:p, mp@h:1, :p@h:1, m:@h:1, m:p@, m:p@h, m:p@h:x, m:p@h:0,
     * m:p@h!:1, m:p@[::1 and m:p@[::1]x1 */
    {"ss://", SKS_ERR_URI_USERINFO, 5},
    {"ss://#tag", SKS_ERR_URI_USERINFO, 5},
    {"ss://bTpw", SKS_ERR_URI_USERINFO, 9},
    {"ss://bXBAaDox", SKS_ERR_URI_USERINFO, 7},
    {"ss://OnBAaDox", SKS_ERR_URI_USERINFO, 5},
    {"ss://bTpAaDox", SKS_ERR_URI_USERINFO, 7},
    {"ss://bTpwQA", SKS_ERR_URI_HOST, 11},
    {"ss://bTpwQGg", SKS_ERR_URI_PORT, 12},
    {"ss://bTpwQGg6eA", SKS_ERR_URI_PORT, 13},
    {"ss://bTpwQGg6MA", SKS_ERR_URI_PORT, 13},
    {"ss://bTpwQGghOjE", SKS_ERR_URI_CHARACTER, 11},
    {"ss://bTpwQFs6OjE", SKS_ERR_URI_HOST, 10},
    {"ss://bTpwQFs6OjFdeDE", SKS_ERR_URI_PORT, 17},
};

static void wrong_uris_are_named_at_their_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct sks_uri out;
        size_t used = 77;
        memset(&out, 0xa5, sizeof out);
        enum sks_status s = parse(&out, wrongs[i].uri, strlen(wrongs[i].uri), &used);
        if (s != wrongs[i].error || used != wrongs[i].offset)
            fail_msg("%s: %s %zu, expected %s %zu", wrongs[i].uri, sks_status_name(s), used,
                     sks_status_name(wrongs[i].error), wrongs[i].offset);
        for (size_t n = 0; n < sizeof out; n++)
            assert_int_equal(((const uint8_t *)&out)[n], 0xa5);
    }
    size_t used = 77;
    struct sks_uri out;
    assert_int_equal(sks_uri_parse(&out, NULL, 0, NULL, 0, &used), SKS_ERR_URI_SCHEME);
    assert_int_equal(used, 0);
}

static void a_host_of_255_octets_is_the_longest(void **state)
{
    (void)state;
    for (size_t n = 1; n < 300; n++) {
        char uri[URI_MAX];
        struct sks_uri out;
        size_t used, len = 9 + n + 2;
        memset(uri, 'x', sizeof uri);
        memcpy(uri, "ss://m:p@", 9);
        memcpy(uri + 9 + n, ":1", 2);
        assert_int_equal(parse(&out, uri, len, &used), n <= 255 ? SKS_OK : SKS_ERR_URI_HOST);
        assert_int_equal(used, n <= 255 ? len : 9 + 255);
        const struct sks_uri in = {.method = text("m"),
                                   .password = text("p"),
                                   .host = {(const uint8_t *)uri + 9, n},
                                   .port = 1,
                                   .form = SKS_URI_PERCENT};
        assert_int_equal(sks_uri_encode(NULL, 0, &in, &used),
                         n <= 255 ? SKS_ERR_SPACE : SKS_ERR_URI_HOST);
        assert_int_equal(used, n <= 255 ? len : 9);
    }
}

static void what_a_uri_cannot_carry_is_not_written(void **state)
{
    (void)state;
    const struct {
        const char *method, *password, *host, *plugin, *options;
        uint16_t port;
        uint8_t form;
        enum sks_status error;
        size_t offset;
    } refusals[] = {
        {"", "p", "h", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_USERINFO, 5},
        {"", "p", "h", "", "", 1, SKS_URI_BASE64, SKS_ERR_URI_USERINFO, 5},
        {"a:b", "p", "h", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_USERINFO, 5},
        {"a:b", "p", "h", "", "", 1, SKS_URI_OLD, SKS_ERR_URI_USERINFO, 5},
        {"m", "", "h", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_USERINFO, 7},
        {"m", "", "h", "", "", 1, SKS_URI_BASE64, SKS_ERR_URI_USERINFO, 7},
        {"2022-x", "p", "h", "", "", 1, SKS_URI_BASE64, SKS_ERR_URI_FORM, 5},
        {"2022-x", "p", "h", "", "", 1, SKS_URI_OLD, SKS_ERR_URI_FORM, 5},
        {"m", "p", "", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_HOST, 9},
        {"m", "p", "", "", "", 1, SKS_URI_BASE64, SKS_ERR_URI_HOST, 10},
        {"m", "p", "", "", "", 1, SKS_URI_OLD, SKS_ERR_URI_HOST, 10},
        {"m", "p", "a b", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_HOST, 9},
        {"m", "p", "[::1]", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_HOST, 9},
        {"m", "p", "x:y", "", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_HOST, 9},
        {"m", "p", "h", "", "", 0, SKS_URI_PERCENT, SKS_ERR_URI_PORT, 11},
        {"m", "p", "h", "", "", 0, SKS_URI_OLD, SKS_ERR_URI_PORT, 13},
        {"m", "p", "h", "", "o", 1, SKS_URI_PERCENT, SKS_ERR_URI_QUERY, 12},
        {"m", "p", "h", "a;b", "", 1, SKS_URI_PERCENT, SKS_ERR_URI_QUERY, 12},
        {"m", "p", "h", "x", "", 1, SKS_URI_OLD, SKS_ERR_URI_FORM, 15},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        for (size_t cap = 0; cap < 64; cap++) {
            const struct sks_uri in = {.method = text(refusals[i].method),
                                       .password = text(refusals[i].password),
                                       .host = text(refusals[i].host),
                                       .plugin = text(refusals[i].plugin),
                                       .plugin_options = text(refusals[i].options),
                                       .port = refusals[i].port,
                                       .form = refusals[i].form};
            uint8_t *buf = memset(scratch.end - cap, 0xa5, cap);
            size_t used = 77;
            enum sks_status s = sks_uri_encode(buf, cap, &in, &used);
            if (s != refusals[i].error || used != refusals[i].offset)
                fail_msg("row %zu: %s %zu, expected %s %zu", i, sks_status_name(s), used,
                         sks_status_name(refusals[i].error), refusals[i].offset);
            for (size_t n = 0; n < cap; n++)
                assert_int_equal(buf[n], 0xa5);
        }
}

/* ---- laws ---- */

/* What is read is written and read again as the same, in the same form. */
static void expect_round_trip(const char *uri, size_t len)
{
    struct sks_uri first, second;
    size_t used, size, offset;
    char copy[2 * URI_MAX];
    enum sks_status s = parse(&first, uri, len, &used);
    if (s != SKS_OK) {
        assert_true(SKS_IS_ERROR(s) && used <= len);
        return;
    }
    assert_int_equal(used, len);
    s = sks_uri_encode((uint8_t *)copy, sizeof copy, &first, &size);
    if (s != SKS_OK)
        fail_msg("%.*s is read but not written: %s %zu", (int)len, uri, sks_status_name(s), size);
    static struct block again;
    if (again.begin == NULL)
        again = block_new();
    s = sks_uri_parse(&second, (const uint8_t *)copy, size, again.end - size, size, &offset);
    if (s != SKS_OK)
        fail_msg("%.*s is written but not read: %s %zu", (int)size, copy, sks_status_name(s),
                 offset);
    expect_same(uri, &first, &second);
}

static void every_prefix_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t len = 0; len <= strlen(rows[i].uri); len++)
            expect_round_trip(rows[i].uri, len);
}

static void every_octet_at_every_place_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        char uri[URI_MAX];
        size_t len = strlen(rows[i].uri);
        memcpy(uri, rows[i].uri, len + 1);
        for (size_t at = 0; at < len; at++) {
            for (int octet = 0; octet < 256; octet++) {
                uri[at] = (char)octet;
                expect_round_trip(uri, len);
            }
            uri[at] = rows[i].uri[at];
        }
    }
}

/* Every password of two octets, and each octet alone, in each form. */
static void every_octet_of_a_password_survives(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 65536 + 256; n++)
        for (uint8_t form = SKS_URI_BASE64; form <= SKS_URI_OLD; form++) {
            uint8_t password[2] = {(uint8_t)n, (uint8_t)(n >> 8)}, buf[64], room[64];
            struct sks_uri out;
            size_t size, used;
            const struct sks_uri in = {.method = text("m"),
                                       .password = {password, n < 65536 ? 2 : 1},
                                       .host = text("h"),
                                       .port = 1,
                                       .form = form};
            assert_int_equal(sks_uri_encode(buf, sizeof buf, &in, &size), SKS_OK);
            assert_int_equal(sks_uri_parse(&out, buf, size, room, sizeof room, &used), SKS_OK);
            expect_same("password", &in, &out);
        }
}

static void every_port_survives(void **state)
{
    (void)state;
    for (unsigned port = 1; port < 65536; port++) {
        uint8_t buf[64], room[64];
        char want[64];
        struct sks_uri out;
        size_t size, used;
        const struct sks_uri in = {.method = text("m"),
                                   .password = text("p"),
                                   .host = text("h"),
                                   .port = (uint16_t)port,
                                   .form = SKS_URI_PERCENT};
        assert_int_equal(sks_uri_encode(buf, sizeof buf, &in, &size), SKS_OK);
        assert_int_equal(snprintf(want, sizeof want, "ss://m:p@h:%u", port), size);
        assert_memory_equal(buf, want, size);
        assert_int_equal(sks_uri_parse(&out, buf, size, room, sizeof room, &used), SKS_OK);
        assert_int_equal(out.port, port);
    }
}

static void every_pair_of_base64_characters_has_one_meaning(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t a = 0; a < 64; a++)
        for (size_t b = 0; b < 64; b++) {
            char uri[] = "ss://bTp4??@h:1";
            uri[9] = alphabet[a];
            uri[10] = alphabet[b];
            struct sks_uri out;
            size_t used;
            enum sks_status s = parse(&out, uri, sizeof uri - 1, &used);
            assert_int_equal(s, b % 16 == 0 ? SKS_OK : SKS_ERR_URI_BASE64);
            assert_int_equal(used, b % 16 == 0 ? sizeof uri - 1 : 10);
            if (s == SKS_OK)
                assert_int_equal(out.password.p[1], 4 * a + b / 16);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_uris_are_read),
        cmocka_unit_test(uris_are_written_into_every_capacity),
        cmocka_unit_test(less_scratch_than_the_uri_is_refused),
        cmocka_unit_test(wrong_uris_are_named_at_their_offset),
        cmocka_unit_test(a_host_of_255_octets_is_the_longest),
        cmocka_unit_test(what_a_uri_cannot_carry_is_not_written),
        cmocka_unit_test(every_prefix_is_judged),
        cmocka_unit_test(every_octet_at_every_place_is_judged),
        cmocka_unit_test(every_octet_of_a_password_survives),
        cmocka_unit_test(every_port_survives),
        cmocka_unit_test(every_pair_of_base64_characters_has_one_meaning),
    };
    return cmocka_run_group_tests(tests, make_blocks, NULL);
}
