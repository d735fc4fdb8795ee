/* Datagrams of a local relay and its server, sealed and opened: every method, one-time auth as the
 * server wants it, and what is refused. */
#include "../datagram.h"
#include "test.h"

#include <sockspec/socks5.h>

static struct worker worker;
static uint8_t room[DATAGRAM_ROOM], copy[DATAGRAM_ROOM];
static const uint8_t header[] = {3, 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0, 53};
enum { LARGEST = DATAGRAM_MAX - SKS_IV_MAX - SKS_TAG_SIZE - (int)sizeof header };

struct ends {
    struct port *local, *server;
};

static struct port *open_port(enum sks_role role, const char *method, const char *more)
{
    static uint16_t number; /* of its own: replay filters are kept by it */
    char error[CONFIG_ERROR_MAX], line[256], words_room[512], *words[WORDS_MAX];
    snprintf(line, sizeof line, "-s 127.0.0.1 -p 8388 -k pw -m %s -u %s", method, more);
    struct config *config =
        config_read(role, split_words(words, words_room, sizeof words_room, line), words, error);
    if (config == NULL)
        fail_msg("%s", error);
    struct port *port = port_new(&worker, config, ++number, "pw");
    assert_non_null(port);
    config_release(config);
    return port;
}

static struct ends open_ends(const char *method, const char *local, const char *server)
{
    return (struct ends){open_port(SKS_ROLE_SSLOCAL, method, local),
                         open_port(SKS_ROLE_SSSERVER, method, server)};
}

static void close_ends(struct ends ends)
{
    port_release(ends.local);
    port_release(ends.server);
    replay_filter_sweep();
}

/* Header and size octets of payload, sealed by port, at the place that is returned. */
static uint8_t *seal(struct port *port, size_t size, size_t *len)
{
    uint8_t *at = room + DATAGRAM_HEAD;
    memcpy(at, header, sizeof header);
    for (size_t i = 0; i < size; i++)
        at[sizeof header + i] = (uint8_t)(i * 7 + size);
    *len = sizeof header + size;
    assert_int_equal(datagram_seal(port, &at, len), SKS_OK);
    return at;
}

static void expect_payload(const struct datagram *d, size_t size)
{
    assert_int_equal(d->header_len, sizeof header);
    assert_memory_equal(d->header, header, sizeof header);
    assert_int_equal(d->addr.port, 53);
    assert_ptr_equal(d->payload, d->header + d->header_len);
    assert_int_equal(d->payload_len, size);
    for (size_t i = 0; i < size; i++)
        if (d->payload[i] != (uint8_t)(i * 7 + size))
            fail_msg("octet %zu of %zu", i, size);
}

static void every_method_both_ways(void **state)
{
    static const size_t sizes[] = {0, 1, 1400, LARGEST};
    const struct sks_cipher *cipher;
    (void)state;
    for (size_t m = 0; (cipher = sks_cipher_at(m)) != NULL; m++) {
        const struct sks_cipher *found;
        if (sks_cipher_find(&found, cipher->name) != SKS_OK)
            continue;
        struct ends ends = open_ends(cipher->name, "", "");
        for (size_t i = 0; i < 2 * COUNT(sizes); i++) {
            struct datagram d;
            size_t len, size = sizes[i / 2];
            uint8_t *at = seal(i % 2 ? ends.server : ends.local, size, &len);
            assert_int_equal(len, sizeof header + size + cipher->iv_size + cipher->tag_size);
            assert_in_range(len, 1, DATAGRAM_MAX);
            assert_int_equal(datagram_open(i % 2 ? ends.local : ends.server, at, len, &d), SKS_OK);
            expect_payload(&d, size);
        }
        close_ends(ends);
    }
}

/* Toward the server alone; it takes what its policy says. */
static void one_time_auth(void **state)
{
    static const struct {
        const char *local, *server;
        enum sks_status status;
    } rows[] = {
        {"-a", "-a", SKS_OK},
        {"-a", "", SKS_OK},
        {"", "", SKS_OK},
        {"", "-a", SKS_ERR_OTA_REQUIRED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ends ends = open_ends("aes-256-cfb", rows[i].local, rows[i].server);
        struct datagram d;
        size_t len;
        uint8_t *at = seal(ends.local, 100, &len);
        assert_int_equal(len, 16 + sizeof header + 100 +
                                  (rows[i].local[0] != '\0' ? SKS_OTA_TAG_SIZE : 0u));
        assert_int_equal(datagram_open(ends.server, at, len, &d), rows[i].status);
        if (rows[i].status == SKS_OK)
            expect_payload(&d, 100);
        at = seal(ends.server, 100, &len); /* the way back has none */
        assert_int_equal(len, 16 + sizeof header + 100);
        assert_int_equal(datagram_open(ends.local, at, len, &d), SKS_OK);
        expect_payload(&d, 100);
        close_ends(ends);
    }
}

/* The same octets again, and our own sent back to us. */
static void seen_before(void **state)
{
    static const char *const methods[] = {"aes-128-gcm", "aes-256-cfb", "chacha20"};
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        struct ends ends = open_ends(methods[i], "", "");
        struct datagram d;
        size_t len;
        uint8_t *at = seal(ends.local, 50, &len);
        memcpy(copy, at, len);
        assert_int_equal(datagram_open(ends.local, at, len, &d), SKS_ERR_REPLAY);
        memcpy(at, copy, len);
        assert_int_equal(datagram_open(ends.server, at, len, &d), SKS_OK);
        memcpy(at, copy, len);
        uint64_t before = worker.statistics.replayed;
        assert_int_equal(datagram_open(ends.server, at, len, &d), SKS_ERR_REPLAY);
        assert_int_equal(worker.statistics.replayed - before, 1);
        at = seal(ends.server, 50, &len);
        assert_int_equal(datagram_open(ends.server, at, len, &d), SKS_ERR_REPLAY);
        close_ends(ends);
    }
}

/* Cut at every place, or with any octet changed: refused, and what is refused is not remembered. */
static void cut_or_changed(void **state)
{
    static const struct {
        const char *method, *more;
    } rows[] = {{"chacha20-ietf-poly1305", ""}, {"aes-256-gcm", ""}, {"aes-256-cfb", "-a"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ends ends = open_ends(rows[i].method, rows[i].more, rows[i].more);
        struct datagram d;
        size_t len;
        uint8_t *at = seal(ends.local, 20, &len);
        memcpy(copy, at, len);
        for (size_t cut = 0; cut < len; cut++) {
            memcpy(at, copy, cut);
            assert_int_not_equal(datagram_open(ends.server, at, cut, &d), SKS_OK);
        }
        for (size_t changed = 0; changed < len; changed++) {
            memcpy(at, copy, len);
            at[changed] ^= 0x40;
            assert_int_not_equal(datagram_open(ends.server, at, len, &d), SKS_OK);
        }
        memcpy(at, copy, len);
        assert_int_equal(datagram_open(ends.server, at, len, &d), SKS_OK);
        expect_payload(&d, 20);
        close_ends(ends);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_both_ways),
        cmocka_unit_test(one_time_auth),
        cmocka_unit_test(seen_before),
        cmocka_unit_test(cut_or_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
