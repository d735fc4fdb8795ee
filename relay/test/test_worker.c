#include "../worker.h"

#include "../listener.h"
#include "test.h"

static struct worker worker;
static struct config *config;

static int begin(void **state)
{
    char error[CONFIG_ERROR_MAX], copy[256], *words[WORDS_MAX];
    (void)state;
    config =
        config_read(SKS_ROLE_SSSERVER,
                    split_words(words, copy, sizeof copy, "-s 127.0.0.1 -p 1 -k pw -m aes-128-gcm"),
                    words, error);
    return config != NULL ? worker_open(&worker, config) : -1;
}

static int end(void **state)
{
    (void)state;
    config_release(config);
    return 0;
}

/* As when no thread can be started for it. */
static void orders_that_it_never_heard_end_with_it(void **state)
{
    (void)state;
    char error[CONFIG_ERROR_MAX];
    struct openings *openings = openings_make(config, error);
    assert_non_null(openings);
    worker_serve(&worker, openings);
    assert_false(worker_is_served(&worker));
    worker_close(&worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(orders_that_it_never_heard_end_with_it, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
