#include "../expiry.h"

#include "../clock.h"
#include "test.h"

enum { MANY = 2000 };

struct waiter {
    struct expiry_entry entry;
    unsigned expired; /* which of all: 1 the first */
};

static unsigned expired_count;

static void on_expired(struct expiry_entry *entry)
{
    assert_null(entry->list);
    ((struct waiter *)entry)->expired = ++expired_count;
}

static struct expiry_list list;
static struct waiter waiters[MANY];

static int begin(void **state)
{
    (void)state;
    memset(waiters, 0, sizeof waiters);
    expired_count = 0;
    return expiry_open(&list, NULL, 1000, on_expired);
}

static int end(void **state)
{
    (void)state;
    expiry_close(&list);
    return 0;
}

static void an_empty_list_is_never_due(void **state)
{
    (void)state;
    assert_true(expiry_run(&list, UINT64_MAX - 1, 1) == UINT64_MAX);
    assert_null(expiry_oldest(&list));
}

static void nothing_expires_before_its_time(void **state)
{
    (void)state;
    expiry_enter(&list, &waiters[0].entry);
    uint64_t entered = waiters[0].entry.last_ms;
    assert_int_equal(expiry_run(&list, entered + 999, 512), 1);
    assert_int_equal(waiters[0].expired, 0);
    assert_true(expiry_run(&list, entered + 1000, 512) == UINT64_MAX);
    assert_int_equal(waiters[0].expired, 1);
}

static void the_order_is_that_of_the_last_activity(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++)
        expiry_enter(&list, &waiters[i].entry);
    expiry_touch(&waiters[0].entry);
    expiry_enter(&list, &waiters[2].entry);
    assert_ptr_equal(expiry_oldest(&list), &waiters[1].entry);
    expiry_run(&list, clock_ms() + 2000, 512);
    assert_int_equal(waiters[1].expired, 1);
    assert_int_equal(waiters[3].expired, 2);
    assert_int_equal(waiters[0].expired, 3);
    assert_int_equal(waiters[2].expired, 4);
}

static void a_turn_lets_512_expire_and_the_next_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++)
        expiry_enter(&list, &waiters[i].entry);
    uint64_t due = clock_ms() + 2000;
    assert_int_equal(expiry_run(&list, due, TIMEOUTS_CLEAN_SIZE), 0);
    assert_int_equal(expired_count, 512);
    assert_int_equal(waiters[511].expired, 512);
    assert_int_equal(waiters[512].expired, 0);
    assert_int_equal(list.count, MANY - 512);
    while (expiry_run(&list, due, TIMEOUTS_CLEAN_SIZE) == 0)
        continue;
    assert_int_equal(expired_count, MANY);
    assert_int_equal(waiters[MANY - 1].expired, MANY);
}

static void who_leaves_does_not_expire(void **state)
{
    (void)state;
    expiry_enter(&list, &waiters[0].entry);
    expiry_enter(&list, &waiters[1].entry);
    expiry_leave(&waiters[0].entry);
    expiry_leave(&waiters[0].entry);
    expiry_touch(&waiters[0].entry);
    expiry_run(&list, clock_ms() + 2000, 512);
    assert_int_equal(waiters[0].expired, 0);
    assert_int_equal(waiters[1].expired, 1);
}

static void an_entry_moves_between_lists(void **state)
{
    (void)state;
    struct expiry_list other;
    assert_int_equal(expiry_open(&other, NULL, 5000, on_expired), 0);
    expiry_enter(&list, &waiters[0].entry);
    expiry_enter(&other, &waiters[0].entry);
    assert_int_equal(list.count, 0);
    assert_int_equal(other.count, 1);
    expiry_run(&list, clock_ms() + 2000, 512);
    expiry_run(&other, clock_ms() + 2000, 512);
    assert_int_equal(expired_count, 0);
    expiry_run(&other, clock_ms() + 6000, 512);
    assert_int_equal(expired_count, 1);
    expiry_close(&other);
}

/* With a loop of its own: all expire, and other events get their turn between. */
static void on_a_loop(void **state)
{
    (void)state;
    struct event_base *base = event_base_new();
    struct expiry_list looped;
    assert_int_equal(expiry_open(&looped, base, 20, on_expired), 0);
    for (size_t i = 0; i < MANY; i++)
        expiry_enter(&looped, &waiters[i].entry);
    unsigned turns = 0;
    while (looped.count != 0) {
        unsigned before = expired_count;
        event_base_loop(base, EVLOOP_ONCE);
        assert_true(expired_count - before <= TIMEOUTS_CLEAN_SIZE);
        turns += expired_count != before;
    }
    assert_true(turns >= (MANY + 511) / 512); /* more if they entered over several ticks */
    expiry_close(&looped);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_list_is_never_due, begin, end),
        cmocka_unit_test_setup_teardown(nothing_expires_before_its_time, begin, end),
        cmocka_unit_test_setup_teardown(the_order_is_that_of_the_last_activity, begin, end),
        cmocka_unit_test_setup_teardown(a_turn_lets_512_expire_and_the_next_the_rest, begin, end),
        cmocka_unit_test_setup_teardown(who_leaves_does_not_expire, begin, end),
        cmocka_unit_test_setup_teardown(an_entry_moves_between_lists, begin, end),
        cmocka_unit_test_setup_teardown(on_a_loop, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
