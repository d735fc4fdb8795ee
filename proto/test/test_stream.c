/* A client's side of a session as one stream: read in any pieces it gives the same messages. */
#include "harness.h"

#include <string.h>

static const uint8_t stream[] = {
    5,   2,   0,   2,                                      /* greeting */
    1,   1,   'u', 2, 'p', 0,                              /* user name and password */
    5,   1,   0,   3, 4,   'h', 'o', 's', 't', 0x1f, 0x90, /* request */
    'G', 'E', 'T',                                         /* what the request is for */
};

/* What is known after the octets so far; parsing goes on where the last message ended. */
struct session {
    enum { GREETING, USERPASS, REQUEST, PAYLOAD } stage;
    size_t at;
    size_t ends[PAYLOAD];
    struct sks_greeting greeting;
    struct sks_userpass userpass;
    struct sks_request request;
};

static void take(struct session *s, size_t len)
{
    enum sks_status answer = SKS_OK;
    while (answer == SKS_OK && s->stage != PAYLOAD) {
        size_t used = 0, left = len - s->at;
        const uint8_t *data = stream + s->at;
        if (s->stage == GREETING)
            answer = sks_greeting_parse(&s->greeting, data, left, &used);
        else if (s->stage == USERPASS)
            answer = sks_userpass_parse(&s->userpass, data, left, &used);
        else
            answer = sks_request_parse(&s->request, data, left, &used);
        assert_false(SKS_IS_ERROR(answer));
        s->at += used;
        if (answer == SKS_OK)
            s->ends[s->stage++] = s->at;
    }
}

static void expect_session(const struct session *s)
{
    assert_int_equal(s->stage, PAYLOAD);
    assert_int_equal(s->ends[GREETING], 4);
    assert_int_equal(s->ends[USERPASS], 10);
    assert_int_equal(s->ends[REQUEST], 21);
    assert_null(differing_field(&codec_greeting, &s->greeting,
                                &(struct sks_greeting){(const uint8_t *)"\0\2", 2}));
    assert_null(differing_field(
        &codec_userpass, &s->userpass,
        &(struct sks_userpass){(const uint8_t *)"u", (const uint8_t *)"p\0", 1, 2}));
    assert_null(
        differing_field(&codec_request, &s->request,
                        &(struct sks_request){{(const uint8_t *)"host", 8080, 3, 4}, 1, 0}));
}

static void coalesced(void **state)
{
    (void)state;
    struct session s = {.stage = GREETING};
    take(&s, sizeof stream);
    expect_session(&s);
}

static void octet_by_octet(void **state)
{
    (void)state;
    struct session s = {.stage = GREETING};
    for (size_t len = 0; len <= sizeof stream; len++)
        take(&s, len);
    expect_session(&s);
}

static void in_any_three_pieces(void **state)
{
    (void)state;
    for (size_t second = 0; second <= sizeof stream; second++)
        for (size_t first = 0; first <= second; first++) {
            struct session s = {.stage = GREETING};
            take(&s, first);
            take(&s, second);
            take(&s, sizeof stream);
            expect_session(&s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coalesced),
        cmocka_unit_test(octet_by_octet),
        cmocka_unit_test(in_any_three_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
