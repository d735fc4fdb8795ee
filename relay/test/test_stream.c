/* A client, sslocal, ssserver and a target in one program, over real sockets: what passes in the
 * stream costs no allocation, and comes out as it went in. */
#include "../listener.h"
#include "../worker.h"
#include "heap_count.h"
#include "test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BULK = 4 << 20, ECHOES = 200, ECHO_MAX = 60000 };

static uint8_t sent[BULK], got[BULK];

struct role {
    struct worker worker;
    struct config *config;
    pthread_t thread;
    uint16_t port;
};

static int listen_anywhere(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static uint16_t free_port(void)
{
    uint16_t port;
    close(listen_anywhere(&port));
    return port;
}

static void start(struct role *role, enum sks_role kind, uint16_t server_port, const char *method,
                  const char *ota)
{
    char error[CONFIG_ERROR_MAX], line[256], copy[512], *words[WORDS_MAX];
    bool is_server = kind == SKS_ROLE_SSSERVER;
    role->port = is_server ? server_port : free_port();
    snprintf(line, sizeof line, "-s 127.0.0.1 -p %u -k pw -m %s %s %s%u", (unsigned)server_port,
             method, ota, is_server ? "--forbidden-ip '' -t " : "-l ",
             is_server ? 60u : (unsigned)role->port);
    role->config = config_read(kind, split_words(words, copy, sizeof copy, line), words, error);
    if (role->config == NULL)
        fail_msg("%s", error);
    assert_int_equal(worker_open(&role->worker, role->config), 0);
    struct openings *openings = openings_make(role->config, error);
    if (openings == NULL || openings_bind(openings, &role->worker, NULL, true, error) != 0)
        fail_msg("%s", error);
    worker_serve(&role->worker, openings);
    assert_int_equal(pthread_create(&role->thread, NULL, worker_run, &role->worker), 0);
}

static void stop(struct role *role)
{
    worker_stop(&role->worker);
    pthread_join(role->thread, NULL);
    worker_close(&role->worker);
    config_release(role->config);
}

static void put_all(int fd, const uint8_t *octets, size_t n)
{
    while (n != 0) {
        ssize_t done = send(fd, octets, n, MSG_NOSIGNAL);
        assert_true(done > 0);
        octets += done;
        n -= (size_t)done;
    }
}

static void get_all(int fd, uint8_t *octets, size_t n)
{
    while (n != 0) {
        ssize_t done = recv(fd, octets, n, 0);
        assert_true(done > 0);
        octets += done;
        n -= (size_t)done;
    }
}

static int connect_through(uint16_t local, uint16_t target)
{
    const struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(local), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint8_t greeting[] = {5, 1, 0},
            request[] = {5, 1, 0, 1, 127, 0, 0, 1, (uint8_t)(target >> 8), (uint8_t)target};
    uint8_t answer[12];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof a), 0);
    put_all(fd, greeting, sizeof greeting);
    put_all(fd, request, sizeof request);
    get_all(fd, answer, sizeof answer);
    assert_int_equal(answer[3], 0);
    return fd;
}

static void pass(int from, int to, size_t n)
{
    put_all(from, sent, n);
    get_all(to, got, n);
    assert_memory_equal(sent, got, n);
}

static void *put_bulk(void *fd)
{
    put_all(*(int *)fd, sent, BULK);
    return NULL;
}

static void pass_bulk(int from, int to)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, put_bulk, &from), 0);
    get_all(to, got, BULK);
    pthread_join(thread, NULL);
    assert_memory_equal(sent, got, BULK);
}

static void carry(const char *method, const char *ota)
{
    struct role server, local;
    uint16_t target_port;
    int listener = listen_anywhere(&target_port);
    start(&server, SKS_ROLE_SSSERVER, free_port(), method, ota);
    start(&local, SKS_ROLE_SSLOCAL, server.port, method, ota);
    int client = connect_through(local.port, target_port);
    int target = accept(listener, NULL, NULL);
    assert_true(target >= 0);
    pass_bulk(client, target); /* by now the pools are filled */
    pass_bulk(target, client);
    unsigned long before = heap_count;
    assert_true(before != 0);
    for (size_t i = 0; i < ECHOES; i++) {
        size_t n = 1 + i * i * 7919 % ECHO_MAX;
        pass(client, target, n);
        pass(target, client, n);
    }
    unsigned long after = heap_count;
    assert_int_equal(after - before, 0);
    pass_bulk(client, target);
    pass_bulk(target, client);
    close(client);
    assert_int_equal(recv(target, got, 1, 0), 0);
    close(target);
    close(listener);
    stop(&local);
    stop(&server);
}

static void an_aead_stream(void **state)
{
    (void)state;
    carry("chacha20-ietf-poly1305", "");
    carry("aes-128-gcm", "");
}

static void a_stream_cipher(void **state)
{
    (void)state;
    carry("aes-256-cfb", "");
    carry("salsa20", "");
}

static void one_time_auth(void **state)
{
    (void)state;
    carry("aes-256-cfb", "-a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_aead_stream),
        cmocka_unit_test(a_stream_cipher),
        cmocka_unit_test(one_time_auth),
    };
    heap_watch();
    for (size_t i = 0; i < BULK; i++)
        sent[i] = (uint8_t)(i * 31 + (i >> 8) * 17 + (i >> 16));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
