/* The look into the kernel's sockets: what of a segment the other end has not read yet. */
#include "../engine/segment.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct pair {
    int probe, ours, theirs;
};

static void connect_pair(struct pair *p)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof to;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_return_code(bind(listener, (struct sockaddr *)&to, len), 0);
    assert_return_code(listen(listener, 1), 0);
    assert_return_code(getsockname(listener, (struct sockaddr *)&to, &len), 0);
    p->ours = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_return_code(connect(p->ours, (struct sockaddr *)&to, len), 0);
    p->theirs = accept(listener, NULL, NULL);
    assert_return_code(p->theirs, 0);
    p->probe = segment_probe_open();
    assert_return_code(p->probe, 0);
    close(listener);
}

static void close_pair(struct pair *p)
{
    close(p->ours);
    close(p->theirs);
    close(p->probe);
}

static void test_counts_what_is_not_read(void **state)
{
    (void)state;
    struct pair p;
    char octets[8];
    connect_pair(&p);
    assert_int_equal(segment_unread(p.probe, p.ours), 0);
    assert_int_equal(send(p.ours, "abcd", 4, 0), 4);
    assert_int_equal(segment_unread(p.probe, p.ours), 4);
    assert_int_equal(recv(p.theirs, octets, 3, 0), 3);
    assert_int_equal(segment_unread(p.probe, p.ours), 1);
    assert_int_equal(send(p.ours, "ef", 2, 0), 2);
    assert_int_equal(segment_unread(p.probe, p.ours), 3);
    assert_int_equal(recv(p.theirs, octets, sizeof octets, 0), 3);
    assert_int_equal(segment_unread(p.probe, p.ours), 0);
    close_pair(&p);
}

/* What waits at the sender, for the other end takes no more, has not been read either. */
static void test_counts_what_is_not_there_yet(void **state)
{
    (void)state;
    static char much[1 << 16];
    struct pair p;
    connect_pair(&p);
    long sent = 0;
    for (ssize_t n; (n = send(p.ours, much, sizeof much, MSG_DONTWAIT)) > 0;)
        sent += n;
    assert_true(sent > 0);
    assert_int_equal(segment_unread(p.probe, p.ours), sent);
    for (long left = sent; left > 0;) {
        ssize_t n = recv(p.theirs, much, sizeof much, 0);
        assert_true(n > 0);
        left -= n;
    }
    assert_int_equal(segment_unread(p.probe, p.ours), 0);
    close_pair(&p);
}

static void test_tells_nothing_of_no_connection(void **state)
{
    (void)state;
    struct pair p;
    connect_pair(&p);
    assert_int_equal(segment_unread(-1, p.ours), -1);
    assert_int_equal(segment_unread(p.probe, p.probe), -1);
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_what_is_not_read),
        cmocka_unit_test(test_counts_what_is_not_there_yet),
        cmocka_unit_test(test_tells_nothing_of_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
