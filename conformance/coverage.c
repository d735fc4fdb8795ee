/* sockspec coverage */
#include "commands.h"
#include "engine/run.h"

#include <string.h>

static const char help_text[] =
    "usage: sockspec coverage\n"
    "\n"
    "Every requirement with the cases that stand for it, or why none does.\n"
    "exit status: 0, 1 a requirement has neither a case nor a reason, 2 usage\n";

int command_coverage(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help_text, stdout);
        return 0;
    }
    if (argc != 1)
        return usage_error("coverage", "takes nothing but --help");
    const struct requirement *q;
    const struct test_case *c;
    size_t requirements = 0, cases = 0, bare = 0, waived = 0;
    for (size_t i = 0; (q = requirement_at(i)); i++) {
        size_t n = 0;
        requirements++;
        printf("%s  %s, %s\n", q->id, level_names[q->level], q->section);
        for (size_t k = 0; (c = case_at(k)); k++)
            if (strcmp(c->requirement, q->id) == 0) {
                printf("    %s\n", c->id);
                n++;
            }
        if (q->waived)
            printf("    no case: %s\n", q->waived);
        else if (n == 0)
            printf("    MISSING: neither a case nor a reason\n");
        waived += q->waived != NULL;
        bare += n == 0 && !q->waived;
        cases += n;
    }
    printf("%zu requirements, %zu cases; %zu waived with a reason, %zu missing\n", requirements,
           cases, waived, bare);
    return bare ? EXIT_FAILS : 0;
}
