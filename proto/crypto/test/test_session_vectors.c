/* The vectors of streams and of headers, vectors/shadowsocks, through sessions: as they come over a
 * connection, under a cipher, verified and handed on. */
#include "session_pair.h"
#include "vector_file.h"

enum { SIZES = 64 };

static const struct cutter whole = {0, PIPE_MAX, NULL};
static const uint8_t any_salt[SKS_IV_MAX] = {1};
static struct pipe from_local, to_local, from_remote, to_remote;
static struct relay relay;

/* The vector in hand, and what its octets are protected with. */
static struct {
    const char *id;
    enum sks_status status;
    struct octets input;
    size_t used;
    struct sks_key key;
    struct sks_session_config config;
} now;

/* "ota-required" for SKS_ERR_OTA_REQUIRED. */
static enum sks_status status_of(const char *name)
{
    if (strcmp(name, "ok") == 0)
        return SKS_OK;
    if (strcmp(name, "more") == 0)
        return SKS_MORE;
    for (int s = SKS_MORE + 1; s <= SKS_ERR_REPLAY; s++) {
        const char *constant = sks_status_name((enum sks_status)s) + strlen("SKS_ERR_");
        size_t i = 0;
        while (name[i] != '\0' && (name[i] == '-' ? '_' : name[i] - 'a' + 'A') == constant[i])
            i++;
        if (name[i] == '\0' && constant[i] == '\0')
            return (enum sks_status)s;
    }
    fail_msg("%s: no status has that name", name);
    return SKS_OK;
}

static void open_relay(const uint8_t *salt)
{
    struct pipe *pipes[] = {&from_local, &to_local, &from_remote, &to_remote};
    for (size_t i = 0; i < COUNT(pipes); i++)
        pipes[i]->put = pipes[i]->got = 0, pipes[i]->ended = 0;
    relay_open(&relay, &now.config, salt, &from_local, &to_local, &from_remote, &to_remote);
}

static void give(struct pipe *p, const uint8_t *octets, size_t n)
{
    pipe_put(p, octets, n);
    while (turn(&relay, &whole))
        continue;
}

/* In pieces of the vector's sizes, over and over. */
static void give_pieces(struct pipe *p, const uint8_t *octets, const json_t *vector)
{
    size_t sizes[SIZES], count = lengths_of(sizes, SIZES, member(vector, "sizes"), 0), n;
    for (size_t at = 0, i = 0; at < now.input.n; at += n, i++) {
        n = sizes[i % count];
        if (n > now.input.n - at)
            n = now.input.n - at;
        give(p, octets + at, n);
    }
}

static void expect_chunks(const struct pipe *p, const json_t *vector)
{
    size_t i, at = 0;
    json_t *hex;
    json_array_foreach(member(vector, "chunks"), i, hex)
    {
        size_t n = strlen(json_string_value(hex)) / 2;
        uint8_t *chunk = malloc(n + 1);
        assert_non_null(chunk);
        (void)unhex(chunk, n, json_string_value(hex));
        if (at + n > p->put || memcmp(p->octets + at, chunk, n) != 0)
            fail_msg("%s: chunk %zu is not what came", now.id, i);
        free(chunk);
        at += n;
    }
    if (at != p->put)
        fail_msg("%s: %zu octets too many came", now.id, p->put - at);
}

static void expect_status(void)
{
    enum sks_status want = now.status == SKS_MORE ? SKS_OK : now.status;
    if (relay.why != want)
        fail_msg("%s: %s", now.id, sks_status_text(relay.why));
}

/* A stream cipher over octets, in place. */
static void encrypt(enum sks_way way, const uint8_t *iv, uint8_t *octets, size_t n)
{
    struct sks_stream *stream;
    const struct sks_cipher *cipher = now.key.cipher;
    assert_int_equal(sks_stream_new(&stream, cipher, way), SKS_OK);
    assert_int_equal(sks_stream_start(stream, &now.key, iv, cipher->iv_size), SKS_OK);
    assert_int_equal(sks_stream_update(stream, octets, n), SKS_OK);
    sks_stream_free(stream);
}

/* Calls check with each vector of a file; the method and key are the vector's own if it has some.
 */
static void each_vector(const char *algorithm, enum sks_role role,
                        void (*check)(const json_t *vector))
{
    json_t *files = load_folder("vectors/shadowsocks"), *file, *vector;
    size_t i, k, n = 0;
    json_array_foreach(files, i, file)
    {
        if (strcmp(text_of(file, "algorithm"), algorithm) != 0)
            continue;
        json_array_foreach(member(file, "tests"), k, vector)
        {
            const char *method = json_string_value(json_object_get(vector, "method"));
            const struct sks_cipher *cipher = available(method != NULL ? method : "aes-128-ctr");
            struct octets key = optional(vector, "key");
            assert_non_null(cipher);
            now.id = text_of(vector, "id");
            now.status = status_of(text_of(vector, "status"));
            now.input = octets_of(vector, "input");
            now.used = (size_t)json_integer_value(member(vector, "used"));
            now.key = key_of(cipher, "any");
            if (key.n != 0)
                assert_int_equal(sks_key_set(&now.key, cipher, key.at, key.n), SKS_OK);
            now.config = (struct sks_session_config){.role = role, .key = &now.key};
            now.config.policy.commands = SKS_ALLOW(SKS_CMD_CONNECT);
            if (cipher->kind == SKS_CIPHER_AEAD)
                assert_int_equal(sks_sealer_new(&now.config.sealer, cipher), SKS_OK);
            check(vector);
            sks_sealer_free(now.config.sealer);
            free(now.input.at);
            free(key.at);
            n++;
        }
    }
    json_decref(files);
    assert_true(n > 100);
}

/* ---- chunks of one-time auth, at a server ---------------------------------------------------- */

static void check_ota_stream(const json_t *vector)
{
    static const uint8_t header[] = {0x11, 127, 0, 0, 1, 0, 80};
    struct octets iv = octets_of(vector, "iv");
    size_t n = sizeof header + SKS_OTA_TAG_SIZE;
    uint8_t *text = malloc(n + now.input.n);
    assert_non_null(text);
    assert_int_equal(iv.n, now.key.cipher->iv_size);
    memcpy(text, header, sizeof header);
    assert_int_equal(
        sks_ota_tag(text + sizeof header, &now.key, iv.at, iv.n, header, sizeof header), SKS_OK);
    memcpy(text + n, now.input.at, now.input.n);
    encrypt(SKS_ENCRYPT, iv.at, text, n + now.input.n);
    now.config.policy.ota = SKS_SS_OTA_REQUIRED;
    open_relay(any_salt);
    give(&from_local, iv.at, iv.n);
    give(&from_local, text, n);
    assert_int_equal(relay.why, SKS_OK);
    give_pieces(&from_local, text + n, vector);
    expect_status();
    expect_chunks(&to_remote, vector);
    if (!SKS_IS_ERROR(now.status) && relay.hold[LOCAL].n != now.input.n - now.used)
        fail_msg("%s: %zu octets wait", now.id, relay.hold[LOCAL].n);
    sks_session_close(&relay.s);
    free(text);
    free(iv.at);
}

static void chunks_of_one_time_auth_come_through_a_server(void **state)
{
    (void)state;
    each_vector("shadowsocks-ota-stream", SKS_ROLE_SSSERVER, check_ota_stream);
}

/* ---- sealed chunks, at a local side ---------------------------------------------------------- */

static void check_aead_stream(const json_t *vector)
{
    open_relay(any_salt);
    give(&from_local, LITERAL(GREETING REQUEST));
    assert_int_equal(to_local.put, sizeof ANSWERS - 1);
    to_local.put = 0;
    give_pieces(&from_remote, now.input.at, vector);
    expect_status();
    expect_chunks(&to_local, vector);
    sks_session_close(&relay.s);
}

static void sealed_chunks_come_through_a_local_side(void **state)
{
    (void)state;
    each_vector("shadowsocks-aead-stream", SKS_ROLE_SSLOCAL, check_aead_stream);
}

/* ---- headers of one-time auth ---------------------------------------------------------------- */

/* ATYP ADDR PORT of a vector that is ok. */
static size_t destination(uint8_t *out, const json_t *vector)
{
    struct octets host = octets_of(vector, "host");
    const struct sks_addr addr = {
        .host = host.at,
        .host_len = (uint8_t)host.n,
        .atyp = (uint8_t)json_integer_value(member(vector, "atyp")),
        .port = (uint16_t)json_integer_value(member(vector, "port")),
    };
    size_t used;
    assert_int_equal(sks_addr_encode(out, SKS_ADDR_MAX, &addr, &used), SKS_OK);
    free(host.at);
    return used;
}

/* Our local side sends the same header, though payload comes with the request. */
static void check_sending(const json_t *vector, const struct octets *iv)
{
    uint8_t request[3 + SKS_ADDR_MAX + 2] = {5, 1, 0};
    size_t n = destination(request + 3, vector);
    memcpy(request + 3 + n, "hi", 2);
    now.config.role = SKS_ROLE_SSLOCAL;
    now.config.policy.ota = SKS_SS_OTA_REQUIRED;
    open_relay(iv->at);
    pipe_put(&from_local, LITERAL(GREETING));
    give(&from_local, request, 3 + n + 2);
    assert_int_equal(to_remote.put, iv->n + now.used + SKS_OTA_CHUNK_HEAD + 2);
    encrypt(SKS_DECRYPT, iv->at, to_remote.octets + iv->n, to_remote.put - iv->n);
    if (memcmp(to_remote.octets + iv->n, now.input.at, now.used) != 0)
        fail_msg("%s: our header is another one", now.id);
    sks_session_close(&relay.s);
    now.config.role = SKS_ROLE_SSSERVER;
}

static void check_ota_header(const json_t *vector)
{
    static const char *const modes[] = {"plain", "ota-allowed", "ota-required"};
    const char *mode = text_of(vector, "mode");
    struct octets iv = octets_of(vector, "iv");
    uint8_t *text = malloc(now.input.n + 1), want[SKS_ADDR_MAX];
    assert_non_null(text);
    memcpy(text, now.input.at, now.input.n);
    if (now.input.n != 0)
        encrypt(SKS_ENCRYPT, iv.at, text, now.input.n);
    for (size_t i = 0; i < COUNT(modes); i++)
        if (strcmp(mode, modes[i]) == 0)
            now.config.policy.ota = (enum sks_ss_mode)i;
    const size_t pieces[] = {1, PIPE_MAX};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        const struct cutter cut_so = {.rest = pieces[i]};
        open_relay(any_salt);
        pipe_put(&from_local, iv.at, iv.n);
        pipe_put(&from_local, text, now.input.n);
        while (turn(&relay, &cut_so))
            continue;
        expect_status();
        size_t n = now.status == SKS_OK ? destination(want, vector) : 0;
        assert_int_equal(relay.target_len, n);
        assert_memory_equal(relay.target, want, n);
        sks_session_close(&relay.s);
    }
    if (now.status == SKS_OK && (now.input.at[0] & SKS_SS_OTA_FLAG))
        check_sending(vector, &iv);
    free(text);
    free(iv.at);
}

static void headers_of_one_time_auth_come_and_go(void **state)
{
    (void)state;
    each_vector("shadowsocks-ota-header", SKS_ROLE_SSSERVER, check_ota_header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_of_one_time_auth_come_through_a_server),
        cmocka_unit_test(sealed_chunks_come_through_a_local_side),
        cmocka_unit_test(headers_of_one_time_auth_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
