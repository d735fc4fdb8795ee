/* The tables themselves: what every row of cases and requirements must keep. */
#include "../engine/pattern.h"
#include "../engine/run.h"

#include <ctype.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* "spec/section/slug" of lower case, digits and hyphens. */
static bool id_is_well_formed(const char *id)
{
    int slashes = 0;
    for (const char *s = id; *s; s++) {
        slashes += *s == '/';
        if (*s != '/' && *s != '-' && !isdigit((unsigned char)*s) && !islower((unsigned char)*s))
            return false;
    }
    return slashes == 2;
}

static void ids_are_unique_and_well_formed(void **state)
{
    (void)state;
    const struct test_case *c;
    const struct requirement *q;
    for (size_t i = 0; (c = case_at(i)); i++) {
        if (!id_is_well_formed(c->id) || case_by_id(c->id) != c)
            fail_msg("case %s: ill-formed, or there twice", c->id);
    }
    for (size_t i = 0; (q = requirement_at(i)); i++)
        if (!id_is_well_formed(q->id) || requirement_by_id(q->id) != q)
            fail_msg("requirement %s: ill-formed, or there twice", q->id);
}

static void the_cases_of_a_table_are_of_one_section(void **state)
{
    (void)state;
    for (size_t t = 0; case_tables[t]; t++) {
        const char *first = case_tables[t]->id;
        size_t n = (size_t)(strrchr(first, '/') - first) + 1;
        for (const struct test_case *c = case_tables[t]; c->id; c++)
            if (strncmp(c->id, first, n) != 0)
                fail_msg("%s stands in the table of %.*s", c->id, (int)n, first);
    }
}

static void every_case_has_a_requirement_and_a_sentence(void **state)
{
    (void)state;
    const struct test_case *c;
    size_t n = 0;
    for (; (c = case_at(n)); n++) {
        if (!requirement_by_id(c->requirement))
            fail_msg("%s: unknown requirement %s", c->id, c->requirement);
        if (!c->says || c->says[strlen(c->says) - 1] != '.')
            fail_msg("%s: what it says is no sentence", c->id);
    }
    assert_true(n >= 600);
}

static void every_requirement_has_a_case_or_a_reason(void **state)
{
    (void)state;
    const struct requirement *q;
    const struct test_case *c;
    for (size_t i = 0; (q = requirement_at(i)); i++) {
        size_t cases = 0;
        for (size_t k = 0; (c = case_at(k)); k++)
            cases += strcmp(c->requirement, q->id) == 0;
        if ((cases == 0) != (q->waived != NULL))
            fail_msg("%s: %zu cases and %s reason for none", q->id, cases, q->waived ? "a" : "no");
        assert_true(q->rule && q->why && q->section && q->level < N_LEVELS);
    }
}

static void every_step_can_be_understood(void **state)
{
    (void)state;
    const struct test_case *c;
    for (size_t i = 0; (c = case_at(i)); i++) {
        bool judges = false;
        for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++) {
            bool octets = s->op == OP_SEND || s->op == OP_EXPECT;
            const char *wrong = octets ? pattern_check(s->text, s->op == OP_SEND) : NULL;
            if (wrong || octets != (s->text != NULL))
                fail_msg("%s: \"%s\": %s", c->id, s->text,
                         wrong ? wrong : "text and step disagree");
            judges = judges || s->op == OP_EXPECT || s->op == OP_UNTOUCHED || s->op == OP_CONTROL ||
                     s->op == OP_OPEN || s->op == OP_TRANSFER || s->op == OP_EXCHANGE ||
                     s->op == OP_TRICKLE || s->op == OP_REST || s->op == OP_SWEEP;
        }
        if (!judges)
            fail_msg("%s: no step that can fail", c->id);
    }
}

/* A step at an actor that only a feature brings needs that feature. */
static void needs_and_steps_agree(void **state)
{
    (void)state;
    static const unsigned feature[N_ACTORS] = {
        [DIALER] = NEED_BIND,      [STRANGER] = NEED_BIND,  [UDP] = NEED_UDP,
        [UDP_STRANGER] = NEED_UDP, [TARGET_UDP] = NEED_UDP, [SERVER_UDP] = NEED_UDP,
        [PROXY_UDP] = NEED_UDP,
    };
    const struct test_case *c;
    for (size_t i = 0; (c = case_at(i)); i++)
        for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++) {
            if ((c->needs & feature[s->actor]) != feature[s->actor])
                fail_msg("%s: %s without its feature", c->id, actor_names[s->actor]);
            bool strangers = s->actor == STRANGER || s->actor == UDP_STRANGER;
            if (strangers && !(c->needs & NEED_LOOPBACK))
                fail_msg("%s: a stranger's address is a loopback one", c->id);
            bool server = s->actor == SERVER || s->actor == SERVER_AGAIN || s->actor == SERVER_UDP;
            if (server && c->role != ROLE_SS_LOCAL)
                fail_msg("%s: the server is behind an ss-local only", c->id);
            if (s->text && strstr(s->text, "{user") && !(c->needs & NEED_AUTH))
                fail_msg("%s: credentials without --auth", c->id);
            bool outside = s->text && (strstr(s->text, "unreachable-") ||
                                       strstr(s->text, "prohibited-") || strstr(s->text, "-name}"));
            if (outside && !strstr(s->text, "{target-name}") &&
                !strstr(s->text, "{refused-name}") && !(c->needs & NEED_ISOLATION))
                fail_msg("%s: names what is outside without isolation", c->id);
        }
}

/* Each row names cases, of roles that have methods, and no case is in two rows. */
static void the_rows_of_methods_name_cases(void **state)
{
    (void)state;
    const struct test_case *c;
    for (const struct of_method *row = of_method; row->cases; row++) {
        size_t n = 0;
        for (size_t i = 0; (c = case_at(i)); i++) {
            if (fnmatch(row->cases, c->id, 0) != 0)
                continue;
            n++;
            if (c->role != ROLE_SS_SERVER && c->role != ROLE_SS_LOCAL)
                fail_msg("%s: %s has no method", row->cases, c->id);
            for (const struct of_method *other = of_method; other < row; other++)
                if (fnmatch(other->cases, c->id, 0) == 0)
                    fail_msg("%s: %s is of %s too", row->cases, c->id, other->cases);
        }
        if (n == 0 || !row->part[0])
            fail_msg("%s: no case, or no part of a method", row->cases);
    }
}

/* Of each family there are some, and of each role some are not. */
static void some_cases_are_of_a_method(void **state)
{
    (void)state;
    static const unsigned kinds[] = {NEED_AEAD, NEED_STREAM | NEED_IV, NEED_OTA};
    const struct test_case *c;
    for (int role = ROLE_SS_SERVER; role <= ROLE_SS_LOCAL; role++) {
        size_t of[sizeof kinds / sizeof *kinds] = {0}, others = 0;
        for (size_t i = 0; (c = case_at(i)); i++) {
            others += (int)c->role == role && !case_is_of_method(c);
            for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
                of[k] += (int)c->role == role && (c->needs & kinds[k]) && case_is_of_method(c);
        }
        assert_true(of[0] && of[1] && of[2] && others);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_unique_and_well_formed),
        cmocka_unit_test(the_cases_of_a_table_are_of_one_section),
        cmocka_unit_test(every_case_has_a_requirement_and_a_sentence),
        cmocka_unit_test(every_requirement_has_a_case_or_a_reason),
        cmocka_unit_test(every_step_can_be_understood),
        cmocka_unit_test(needs_and_steps_agree),
        cmocka_unit_test(the_rows_of_methods_name_cases),
        cmocka_unit_test(some_cases_are_of_a_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
