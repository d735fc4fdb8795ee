/* sockspec coverage */
#include "commands.h"
#include "engine/memory.h"
#include "engine/run.h"
#include "vectors/vectors.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static const char help_text[] =
    "usage: sockspec coverage\n"
    "\n"
    "Every requirement with the cases that stand for it, or why none does, how many\n"
    "vectors name it, and in this project's folder how many mutants break it.\n"
    "exit status: 0; 1 a requirement has neither a case nor a reason, or a vector\n"
    "names one that there is not; 2 usage\n";

#define MUTANTS "conformance/mutants"

/* How many mutants break each requirement, where this is run in the project's own folder: an object
 * by id, empty elsewhere. */
static json_t *mutants_by_requirement(void)
{
    json_t *counts = json_object();
    DIR *dir = opendir(MUTANTS);
    if (!dir && errno != ENOENT)
        give_up(MUTANTS, strerror(errno));
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char path[512], id[100];
        snprintf(path, sizeof path, MUTANTS "/%s", e->d_name);
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".patch") != 0)
            continue;
        FILE *f = fopen(path, "re");
        if (!f)
            give_up(path, strerror(errno));
        if (fscanf(f, "Breaks: %99s", id) == 1)
            json_object_set_new(counts, id,
                                json_integer(1 + json_integer_value(json_object_get(counts, id))));
        fclose(f);
    }
    if (dir)
        closedir(dir);
    return counts;
}

/* Prints a requirement and returns how many cases stand for it. */
static size_t print_requirement(const struct requirement *q, json_int_t vectors, json_int_t mutants)
{
    const struct test_case *c;
    size_t cases = 0;
    printf("%s  %s, %s\n", q->id, level_names[q->level], q->section);
    for (size_t i = 0; (c = case_at(i)); i++)
        if (strcmp(c->requirement, q->id) == 0) {
            printf("    %s\n", c->id);
            cases++;
        }
    if (vectors)
        printf("    %lld vector%s\n", (long long)vectors, vectors == 1 ? "" : "s");
    if (mutants)
        printf("    %lld mutant%s\n", (long long)mutants, mutants == 1 ? "" : "s");
    if (q->waived)
        printf("    no case: %s\n", q->waived);
    else if (cases == 0)
        printf("    MISSING: neither a case nor a reason\n");
    return cases;
}

int command_coverage(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help_text, stdout);
        return 0;
    }
    if (argc != 1)
        return usage_error("coverage", "takes nothing but --help");
    const struct requirement *q;
    size_t requirements = 0, cases = 0, waived = 0, wrong = 0;
    json_t *vectors = vectors_by_requirement(), *mutants = mutants_by_requirement(), *count;
    for (; (q = requirement_at(requirements)); requirements++) {
        size_t n = print_requirement(q, json_integer_value(json_object_get(vectors, q->id)),
                                     json_integer_value(json_object_get(mutants, q->id)));
        cases += n;
        waived += q->waived != NULL;
        wrong += n == 0 && !q->waived;
    }
    const char *id;
    json_object_foreach(vectors, id, count)
    {
        if (!requirement_by_id(id)) {
            printf("%s  MISSING: %lld vectors name it\n", id, (long long)json_integer_value(count));
            wrong++;
        }
    }
    json_decref(vectors);
    json_decref(mutants);
    printf("%zu requirements, %zu cases; %zu without a case for a reason, %zu missing\n",
           requirements, cases, waived, wrong);
    return wrong ? EXIT_FAILS : 0;
}
