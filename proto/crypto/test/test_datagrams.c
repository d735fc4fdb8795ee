/* Traces of datagrams: what the original sent on, back or dropped, our codecs and ciphers send on,
 * back or refuse, octet by octet the same, or the line says why not. */
#include "datagram.h"
#include "trace_file.h"

enum { DATAGRAM = 2048 };

static json_t *files;
static struct trace_setting setting;
static uint8_t text[DATAGRAM], made[DATAGRAM];

static int load(void **state)
{
    (void)state;
    files = load_folder("vectors/traces");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(files);
    return 0;
}

/* What a line is about. */
static struct {
    struct octets in, seen, address;
} now;

/* Each returns the length of what goes out, at `made`; 0: nothing, an empty datagram is 1 more. */
static size_t seal(const struct sks_addr *dst, uint8_t flag, const uint8_t *payload, size_t len)
{
    const struct sks_ss_header header = {.dst = *dst, .type = dst->atyp | flag};
    return 1 + datagram_seal(made, sizeof made, setting.config.key, setting.config.sealer,
                             now.seen.at, &header, payload, len);
}

static size_t from_socks_client(void)
{
    int ota = setting.config.policy.ota == SKS_SS_OTA_REQUIRED;
    struct sks_udp_header header;
    size_t used;
    if (sks_udp_header_parse(&header, now.in.at, now.in.n, &used) != SKS_OK || header.frag != 0)
        return 0;
    return seal(&header.dst, ota ? SKS_SS_OTA_FLAG : 0, now.in.at + used, now.in.n - used);
}

/* The datagram behind its cipher, verified; 0 when it is refused. */
static int open_one(struct sks_ota_datagram *out, enum sks_ss_mode mode)
{
    const struct sks_session_config *c = &setting.config;
    size_t n, used;
    if (datagram_open(text, &n, c->key, c->sealer, now.in.at, now.in.n) != SKS_OK ||
        sks_ota_datagram_parse(out, text, n, mode, &used) != SKS_OK)
        return 0;
    return out->tag == NULL || datagram_check(c->key, now.in.at, out) == SKS_OK;
}

static size_t to_socks_client(void)
{
    struct sks_ota_datagram parsed;
    size_t used;
    if (!open_one(&parsed, SKS_SS_PLAIN))
        return 0;
    const struct sks_udp_header header = {.dst = parsed.header.dst};
    assert_int_equal(sks_udp_header_encode(made, sizeof made, &header, &used), SKS_OK);
    memcpy(made + used, parsed.data, parsed.data_len);
    return 1 + used + parsed.data_len;
}

static size_t to_target(void)
{
    struct sks_ota_datagram parsed;
    uint8_t address[SKS_ADDR_MAX];
    size_t used;
    if (!open_one(&parsed, setting.config.policy.ota))
        return 0;
    if (now.address.n != 0) {
        assert_int_equal(sks_addr_encode(address, sizeof address, &parsed.header.dst, &used),
                         SKS_OK);
        assert_int_equal(used, now.address.n);
        assert_memory_equal(address, now.address.at, used);
    }
    memcpy(made, parsed.data, parsed.data_len);
    return 1 + parsed.data_len;
}

static size_t from_target(void)
{
    struct sks_addr sender;
    size_t used;
    assert_int_equal(sks_addr_parse(&sender, now.address.at, now.address.n, &used), SKS_OK);
    return seal(&sender, 0, now.in.at, now.in.n);
}

/* ---- the lines ------------------------------------------------------------------------------- */

static int is_same(size_t n, const json_t *line, const char *name)
{
    const json_t *hex = json_object_get(line, name);
    if (hex == NULL || n == 0)
        return hex == NULL && n == 0;
    struct octets want = octets_of(line, name);
    int same = want.n == n - 1 && memcmp(want.at, made, want.n) == 0;
    free(want.at);
    return same;
}

static void check_line(const char *id, const json_t *line)
{
    int is_local = strcmp(text_of(line, "event"), "local") == 0;
    int is_server = setting.config.role == SKS_ROLE_SSSERVER;
    int has_reason = json_object_get(line, "reason") != NULL;
    size_t n;
    now.in = octets_of(line, "in");
    now.seen = optional(line, "seen");
    if (now.seen.at == NULL) /* nothing to learn a salt from */
        now.seen = (struct octets){calloc(SKS_IV_MAX, 1), 0};
    now.address = optional(line, "address");
    if (is_server)
        n = is_local ? to_target() : from_target();
    else
        n = is_local ? from_socks_client() : to_socks_client();
    if (!is_same(n, line, has_reason ? "ours" : "seen"))
        fail_msg("%s: ours differs, sends %zu octets", id, n);
    if (has_reason && is_same(n, line, "seen"))
        fail_msg("%s: a reason without a difference", id);
    free(now.in.at);
    free(now.seen.at);
    free(now.address.at);
}

static void check_file(const json_t *file, size_t *lines)
{
    size_t i, k, n;
    json_t *run, *trace, *line;
    setting_open(&setting, file);
    json_array_foreach(member(file, "runs"), i, run)
    {
        json_array_foreach(member(run, "traces"), k, trace)
        {
            json_array_foreach(member(trace, "lines"), n, line)
            {
                check_line(text_of(trace, "id"), line);
                ++*lines;
            }
        }
    }
    setting_close(&setting);
}

static void every_datagram_is_treated_alike_or_has_its_reason(void **state)
{
    size_t i, lines = 0;
    json_t *file;
    (void)state;
    json_array_foreach(files, i, file)
    {
        if (strcmp(text_of(file, "kind"), "datagram-traces") == 0)
            check_file(file, &lines);
    }
    assert_true(lines > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_datagram_is_treated_alike_or_has_its_reason),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
