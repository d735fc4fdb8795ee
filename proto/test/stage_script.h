/* Stage scripts: trace lines, one after another, on one machine. */
#ifndef PROTO_TEST_STAGE_SCRIPT_H
#define PROTO_TEST_STAGE_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../stage_table.h"

enum { SCRIPT_LINES = 16, SCRIPT_OCTETS = 2048 };

struct script {
    const char *about;
    enum sks_role role;
    const struct sks_policy *policy;
    const char *lines[SCRIPT_LINES]; /* NULL behind the last */
};

extern const struct script scripts[];
extern const size_t script_count;

/* Policies: the names say all; every command is served but where they say so. */
extern const struct sks_policy plain, with_auth, connect_only, ota_allowed, ota_required, tunnel;

/* A copy in a block of exactly its size; to be freed. */
static inline uint8_t *exact(const uint8_t *octets, size_t n)
{
    uint8_t *copy = malloc(n != 0 ? n : 1);
    assert_non_null(copy);
    if (n != 0)
        memcpy(copy, octets, n);
    return copy;
}

/* The event that a word of a trace stands for. */
static inline struct sks_event event_of(const struct sks_trace_word *word)
{
    struct sks_event event = {.kind = (enum sks_event_kind)word->kind};
    size_t used;
    if (event.kind == SKS_EVENT_FAILURE) {
        event.rep = word->plain_len != 0 ? word->plain[0] : 0;
    } else if (event.kind == SKS_EVENT_BOUND || event.kind == SKS_EVENT_CONNECTED) {
        if (word->plain_len != 0)
            assert_int_equal(sks_addr_parse(&event.addr, word->plain, word->plain_len, &used),
                             SKS_OK);
    } else {
        event.data = word->plain;
        event.len = word->plain_len;
    }
    return event;
}

static inline void parse_line(struct sks_trace_line *line, uint8_t *buf, const char *text)
{
    char with_lf[2 * SCRIPT_OCTETS];
    size_t used;
    int n = snprintf(with_lf, sizeof with_lf, "%s\n", text);
    enum sks_status s = sks_trace_parse(line, buf, SCRIPT_OCTETS, with_lf, (size_t)n, &used);
    if (s != SKS_OK)
        fail_msg("%s: %s at %zu", text, sks_status_text(s), used);
}

/* One line: the machine must do exactly what it says, and take all its octets but those that are
 * to be verified first. */
static inline void run_line(struct sks_stage *m, const struct sks_policy *policy, const char *text)
{
    uint8_t buf[SCRIPT_OCTETS];
    struct sks_trace_line line;
    struct sks_step step;
    parse_line(&line, buf, text);
    struct sks_event event = event_of(&line.event);
    uint8_t *block = exact(event.data, event.len);
    event.data = block;
    if (m->stage != line.before)
        fail_msg("%s: the stage is %s", text, sks_stage_name(m->stage));
    enum sks_status s = sks_stage_step(m, policy, &event, &step);
    if (s != SKS_OK)
        fail_msg("%s: %s", text, sks_status_text(s));
    if (m->stage != line.after)
        fail_msg("%s: leads to %s", text, sks_stage_name(m->stage));
    if (step.count != line.count)
        fail_msg("%s: %u actions", text, step.count);
    for (size_t i = 0; i < step.count; i++) {
        const struct sks_action *got = &step.actions[i];
        const struct sks_trace_word *want = &line.actions[i];
        if ((int)got->kind != want->kind || got->len != want->plain_len ||
            (got->len != 0 && memcmp(got->data, want->plain, got->len) != 0))
            fail_msg("%s: action %zu is %s of %zu octets", text, i, sks_action_name((int)got->kind),
                     got->len);
    }
    int octets = event.kind == SKS_EVENT_LOCAL || event.kind == SKS_EVENT_REMOTE ||
                 event.kind == SKS_EVENT_VERIFIED;
    if (step.used != (octets && !(m->marks & MARK_VERIFY) ? event.len : 0) &&
        !(event.kind == SKS_EVENT_REMOTE && step.used == event.len))
        fail_msg("%s: %zu octets taken", text, step.used);
    free(block);
}

static inline size_t from_hex(uint8_t *to, const char *hex)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned octet;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &octet), 1);
        to[i] = (uint8_t)octet;
    }
    return n;
}

/* One event on a copy of m: what the machine promises whatever happens. */
static inline enum sks_status promise(struct sks_stage *m, const struct sks_policy *policy,
                                      const struct sks_event *event)
{
    const struct sks_stage before = *m;
    struct sks_step step, again;
    struct sks_stage twin = *m;
    enum sks_status s = sks_stage_step(m, policy, event, &step);
    assert_int_equal(sks_stage_step(&twin, policy, event, &again), s);
    assert_memory_equal(&twin, m, sizeof twin); /* pure */
    assert_int_equal(step.count, again.count);
    assert_int_equal(step.used, again.used);
    if (s == SKS_OK) {
        assert_true(before.stage != SKS_STAGE_DESTROYED);
        assert_true(sks_stage_takes(&before, event->kind));
        assert_true(step.used <= event->len);
        assert_true(step.count <= SKS_STEP_ACTIONS);
        enum sks_action_kind last =
            step.count != 0 ? step.actions[step.count - 1].kind : SKS_ACTION_SALT;
        assert_int_equal(m->stage == SKS_STAGE_DESTROYED,
                         last == SKS_ACTION_CLOSE || last == SKS_ACTION_DRAIN);
        for (size_t i = 0; i + 1 < step.count; i++)
            assert_true(step.actions[i].kind != SKS_ACTION_CLOSE &&
                        step.actions[i].kind != SKS_ACTION_DRAIN);
    } else {
        assert_memory_equal(m, &before, sizeof before);
        assert_int_equal(step.count, 0);
        assert_int_equal(step.used, 0);
        if (event->kind != SKS_EVENT_VERIFIED) /* which may come with octets that nobody verified */
            assert_int_equal(s == SKS_ERR_EVENT, !sks_stage_takes(&before, event->kind));
    }
    return s;
}

#endif
