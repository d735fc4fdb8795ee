/* sockspec list */
#include "commands.h"
#include "engine/run.h"

#include <getopt.h>
#include <jansson.h>
#include <string.h>

static const char help_text[] =
    "usage: sockspec list [ROLE] [--case GLOB]... [--json]\n"
    "\n"
    "ROLE is " ROLE_WORDS ";\nwithout it all.\n"
    "The cases, one a line: id, level, section (sockspec explain ID says more).\n"
    "  --case GLOB  only ids that match; may be given again\n"
    "  --json       an array of objects instead\n"
    "exit status: 0, 2 usage, 4 no case matches\n";

int command_list(int argc, char **argv)
{
    static const struct option options[] = {{"case", required_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *globs[64];
    struct globs only = {globs, 0};
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 0;
        }
        if (option == '?')
            return EXIT_USAGE;
        if (option == 'j')
            json = true;
        else if (only.n < 64)
            globs[only.n++] = optarg;
        else
            return usage_error("list", "--case %s: more than 64 of them", optarg);
    }
    if (argc - optind > 1)
        return usage_error("list", "more than one role, expected at most one");
    enum role role = N_ROLES;
    if (optind < argc && (role = role_by_name(argv[optind])) == N_ROLES)
        return usage_error("list", "unknown role \"%s\", expected " ROLE_WORDS, argv[optind]);
    json_t *list = json_array();
    const struct test_case *c;
    size_t shown = 0;
    for (size_t i = 0; (c = case_at(i)); i++) {
        if ((only.n && !globs_match(&only, c->id)) || (role != N_ROLES && !role_has(role, c)))
            continue;
        const struct requirement *q = requirement_by_id(c->requirement);
        shown++;
        if (json)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", c->id,
                                                  "role", role_names[c->role], "level",
                                                  level_names[q->level], "section", q->section,
                                                  "requirement", q->id, "says", c->says));
        else
            printf("%-44s %-8s %s\n", c->id, level_names[q->level], q->section);
    }
    if (json) {
        json_dumpf(list, stdout, JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(list);
    if (shown)
        return 0;
    usage_error("list", "no case matches");
    return EXIT_NOTHING;
}
