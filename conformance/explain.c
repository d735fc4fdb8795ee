/* sockspec explain */
#include "commands.h"
#include "report/report.h"

#include <string.h>

static const char help_text[] =
    "usage: sockspec explain ID\n"
    "\n"
    "A case, or a requirement: the rule, why it matters, what is sent and expected,\n"
    "and who has been seen to fail it. Names in braces become octets in the run.\n"
    "exit status: 0, 2 unknown id or usage\n";

static const char *const op_texts[] = {
    [OP_END_OF_STEPS] = "",
    [OP_HANDSHAKE] = "greets, and logs in where there is --auth",
    [OP_SEND] = "sends",
    [OP_EXPECT] = "gets",
    [OP_OPEN] = "is connected",
    [OP_FIN] = "sends FIN",
    [OP_RST] = "resets",
    [OP_TRANSFER] = "sends octets to the",
    [OP_EXCHANGE] = "exchanges octets with the",
    [OP_TRICKLE] = "sends octets to the slow",
    [OP_UNTOUCHED] = "is not reached while nothing else happens",
    [OP_MUTE] = "has got no octet at all",
    [OP_CONTROL] = "and beside it: a plain good connection works",
    [OP_DRAIN] = "takes whatever comes",
    [OP_SWEEP] = "probes of 1 to 300, 500 and 3000 octets, and what the peer does about each",
    [OP_REST] = "the peer's processes after the run, held to what they had before it",
};

static void print_step(const struct step *s, enum role role)
{
    if (s->op == OP_HANDSHAKE && role == ROLE_SOCKS5_CLIENT) {
        puts("  proxy            answers the greeting, and the login where there is --auth");
        return;
    }
    bool beside = s->op == OP_CONTROL || s->op == OP_REST || s->op == OP_SWEEP;
    printf("  %-16s %s", beside ? "" : actor_names[s->actor], op_texts[s->op]);
    if (s->op == OP_TRANSFER || s->op == OP_EXCHANGE || s->op == OP_TRICKLE)
        printf(" %s: %zu", actor_names[s->to], s->n);
    if (s->text) {
        struct scene none;
        memset(&none, 0, sizeof none);
        printf(" ");
        pattern_print(stdout, &none, s->text);
    }
    if (s->op == OP_EXPECT && s->n)
        printf(" (within %zu ms)", s->n);
    putchar('\n');
}

static void field(const char *name, const char *text)
{
    printf("%-13s", name);
    print_wrapped(stdout, 13, text);
}

static void print_requirement(const struct requirement *q)
{
    field("requirement", q->id);
    field("level", level_names[q->level]);
    field("source", q->section);
    field("rule", q->rule);
    field("why", q->why);
    if (q->waived)
        field("no case", q->waived);
}

static void print_case(const struct test_case *c)
{
    field("case", c->id);
    field("role", role_names[c->role]);
    field("says", c->says);
    if (c->segment != SEGMENT_WHOLE)
        field("segment", segment_names[c->segment]);
    print_requirement(requirement_by_id(c->requirement));
    field("seen in", c->seen ? c->seen : "nobody so far");
    puts("\nsteps");
    for (const struct step *s = c->steps; s->op != OP_END_OF_STEPS; s++)
        print_step(s, c->role);
}

int command_explain(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help_text, stdout);
        return 0;
    }
    if (argc != 2 || argv[1][0] == '-')
        return usage_error("explain", "expected one ID (sockspec list shows them)");
    const struct test_case *c = case_by_id(argv[1]);
    const struct requirement *q = requirement_by_id(argv[1]);
    if (!c && !q)
        return usage_error("explain", "unknown id \"%s\" (sockspec list shows them)", argv[1]);
    if (c) {
        print_case(c);
        return 0;
    }
    print_requirement(q);
    if (!q->waived)
        puts("\ncases");
    for (size_t i = 0; (c = case_at(i)); i++)
        if (strcmp(c->requirement, q->id) == 0)
            printf("  %s\n", c->id);
    return 0;
}
