/* What SOCKS5 clients and the local sides of other implementations said to each other before the
 * recorded sessions: read whole and cut short, and made again octet for octet. */
#include "recorded_sessions.h"

/* The messages in the order in which they come. */
enum message { GREETED, SELECTED, REQUESTED, REPLIED, MESSAGES };

static const char *const senders[MESSAGES] = {"client", "local", "client", "local"};

union parsed {
    struct sks_greeting greeting;
    struct sks_selection selection;
    struct sks_request request;
    struct sks_reply reply;
};

static enum sks_status parse(enum message m, union parsed *out, const uint8_t *data, size_t len,
                             size_t *used)
{
    switch (m) {
    case GREETED:
        return sks_greeting_parse(&out->greeting, data, len, used);
    case SELECTED:
        return sks_selection_parse(&out->selection, data, len, used);
    case REQUESTED:
        return sks_request_parse(&out->request, data, len, used);
    case REPLIED:
    case MESSAGES:
        break;
    }
    return sks_reply_parse(&out->reply, data, len, used);
}

static enum sks_status encode(enum message m, uint8_t *buf, size_t cap, const union parsed *in,
                              size_t *used)
{
    switch (m) {
    case GREETED:
        return sks_greeting_encode(buf, cap, &in->greeting, used);
    case SELECTED:
        return sks_selection_encode(buf, cap, &in->selection, used);
    case REQUESTED:
        return sks_request_encode(buf, cap, &in->request, used);
    case REPLIED:
    case MESSAGES:
        break;
    }
    return sks_reply_encode(buf, cap, &in->reply, used);
}

static void check_message(enum message m, const struct octets *octets)
{
    uint8_t made[SKS_REQUEST_MAX];
    union parsed parsed;
    size_t used;
    for (size_t len = 0; len < octets->n; len++)
        assert_int_equal(parse(m, &parsed, octets->at, len, &used), SKS_MORE);
    assert_int_equal(parse(m, &parsed, octets->at, octets->n, &used), SKS_OK);
    assert_int_equal(used, octets->n);
    assert_int_equal(encode(m, made, sizeof made, &parsed, &used), SKS_OK);
    expect("message made again", made, used, octets);
}

/* The request leads where the session went; a local side may have made a name of an address. */
static void check_request(const struct octets *request)
{
    const uint8_t *address = request->at + 3;
    const struct octets *want = &now.destination;
    if (address[0] == want->at[0])
        expect("destination", address, request->n - 3, want);
    assert_memory_equal(request->at + request->n - 2, want->at + want->n - 2, 2);
}

static size_t judged;

static void check_socks(void)
{
    size_t i;
    json_t *message;
    if (now.socks == NULL)
        return;
    assert_true(json_array_size(now.socks) == MESSAGES);
    json_array_foreach(now.socks, i, message)
    {
        struct octets octets = octets_of(message, "octets");
        assert_string_equal(text_of(message, "from"), senders[i]);
        check_message((enum message)i, &octets);
        if (i == REQUESTED && now.datagrams == NULL)
            check_request(&octets);
        free(octets.at);
    }
    judged++;
}

static void what_was_said_before_is_read_and_made_again(void **state)
{
    (void)state;
    (void)each_session(check_socks);
    assert_true(judged > 100);
}

/* How a connection ended, in the order in which it was seen. */
static size_t half_closes;

static void check_ends(void)
{
    const char *first = json_string_value(json_array_get(now.ends, 0));
    if (first == NULL)
        return;
    assert_null(now.datagrams);
    half_closes += json_array_size(now.ends) == 2 && strchr(first, '-') == NULL;
}

static void half_closes_are_recorded(void **state)
{
    (void)state;
    (void)each_session(check_ends);
    assert_true(half_closes > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_said_before_is_read_and_made_again),
        cmocka_unit_test(half_closes_are_recorded),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
