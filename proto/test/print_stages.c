/* Prints proto/STAGES.md from the table of stages: a diagram and a list of edges for each role.
 * Only what can be reached is shown. */
#include "../stage_table.h"

#include <stdio.h>
#include <string.h>

static const char *form_name(int form)
{
    static const char *const names[] = {
#define SKS_X(constant, name) name,
        STAGE_FORM_LIST(SKS_X)
#undef SKS_X
    };
    return names[form];
}

static const char *verb_name(int verb)
{
    static const char *const names[] = {
#define SKS_X(constant, action, say, octet, name) name,
        STAGE_VERB_LIST(SKS_X)
#undef SKS_X
    };
    return names[verb];
}

static void print_verbs(const struct stage_row *row, const char *none)
{
    if (row->verbs[0] == NOTHING)
        printf("%s", none);
    for (size_t i = 0; i < STAGE_ROW_VERBS && row->verbs[i] != NOTHING; i++)
        printf("%s%s", i != 0 ? ", " : "", verb_name(row->verbs[i]));
}

static void print_marks(unsigned marks, const char *sign)
{
#define SKS_X(constant, bit, name, text)                                                           \
    if (marks & (bit))                                                                             \
        printf(" %s%s", sign, name);
    STAGE_MARK_LIST(SKS_X)
#undef SKS_X
}

enum { STAGES = SKS_STAGE_STREAM + 1, MARKS = 128 };

/* Which marks a role can have in which stage, as far as the table tells. */
struct reach {
    unsigned char seen[STAGES][MARKS];
};

static int fits(const struct stage_row *row, int role, int stage, unsigned marks)
{
    return (row->roles & role) && (row->stages & STAGE_BIT(stage)) &&
           (marks & row->need) == row->need && !(marks & row->unless);
}

/* Marks a state's neighbours; how many of them are new. */
static int spread(struct reach *reach, int role, int stage, unsigned marks)
{
    int found = 0;
    for (size_t i = 0; i < sks_stage_table_rows; i++) {
        const struct stage_row *row = &sks_stage_table[i];
        unsigned after = (marks | row->set) & ~(unsigned)row->clear;
        if (!fits(row, role, stage, marks) || row->next == SKS_STAGE_DESTROYED ||
            reach->seen[row->next][after])
            continue;
        reach->seen[row->next][after] = 1;
        found++;
    }
    return found;
}

static void find_reach(struct reach *reach, int role)
{
    int found = 1;
    memset(reach, 0, sizeof *reach);
    reach->seen[SKS_STAGE_INIT][0] = 1;
    while (found != 0) {
        found = 0;
        for (int stage = 0; stage < STAGES; stage++)
            for (unsigned marks = 0; marks < MARKS; marks++)
                if (reach->seen[stage][marks])
                    found += spread(reach, role, stage, marks);
    }
}

static int is_reached(const struct reach *reach, const struct stage_row *row, int role, int stage)
{
    for (unsigned marks = 0; marks < MARKS; marks++)
        if (reach->seen[stage][marks] && fits(row, role, stage, marks))
            return 1;
    return 0;
}

static void print_label(const struct stage_row *row)
{
    printf("%s", sks_event_name(row->event));
    if (row->form != FORM_ANY)
        printf(" (%s)", form_name(row->form));
}

/* lost and timeout lead from every stage to DESTROYED: the list has them, the diagram would drown.
 */
static int is_drawn(const struct stage_row *row)
{
    return row->event != SKS_EVENT_LOST && row->event != SKS_EVENT_TIMEOUT;
}

static void print_diagram(const struct reach *reach, int role)
{
    printf("```mermaid\nstateDiagram-v2\n    [*] --> INIT\n");
    for (int stage = 0; stage < STAGES; stage++)
        for (size_t i = 0; i < sks_stage_table_rows; i++) {
            const struct stage_row *row = &sks_stage_table[i];
            if (!is_drawn(row) || !is_reached(reach, row, role, stage))
                continue;
            printf("    %s --> %s : ", sks_stage_name(stage), sks_stage_name(row->next));
            print_label(row);
            printf(" / ");
            print_verbs(row, "nothing");
            printf("\n");
        }
    printf("    DESTROYED --> [*]\n```\n\n");
}

static void print_edges(const struct reach *reach, int role)
{
    printf(
        "| stage | event | if | actions | then | next |\n| --- | --- | --- | --- | --- | --- |\n");
    for (int stage = 0; stage < STAGES; stage++)
        for (size_t i = 0; i < sks_stage_table_rows; i++) {
            const struct stage_row *row = &sks_stage_table[i];
            if (!is_reached(reach, row, role, stage))
                continue;
            printf("| %s | ", sks_stage_name(stage));
            print_label(row);
            printf(" |");
            print_marks(row->need, "");
            print_marks(row->unless, "not ");
            printf(" | ");
            print_verbs(row, "");
            printf(" |");
            print_marks(row->set, "+");
            print_marks(row->clear, "-");
            printf(" | %s |\n", sks_stage_name(row->next));
        }
    printf("\n");
}

static void print_words(void)
{
    printf(
        "# The stages\n\n"
        "Made from the table in `stage_table.c` by `make stages`; `make stages-check` compares.\n"
        "The words are those of `sockspec/stage.h`. An event without an edge is refused and\n"
        "changes nothing. In every stage but DESTROYED, lost and timeout lead to DESTROYED with\n"
        "close; the diagrams leave that out.\n\n");
    printf("| event | what happened |\n| --- | --- |\n");
#define SKS_X(constant, name, text) printf("| %s | %s |\n", name, text);
    SKS_EVENT_LIST(SKS_X)
    printf("\n| action | what the driver does |\n| --- | --- |\n");
    SKS_ACTION_LIST(SKS_X)
#undef SKS_X
    printf("\n| mark | what it remembers |\n| --- | --- |\n");
#define SKS_X(constant, bit, name, text) printf("| %s | %s |\n", name, text);
    STAGE_MARK_LIST(SKS_X)
#undef SKS_X
    printf("\n");
}

int main(void)
{
    static const int roles[] = {
#define SKS_X(constant, bit, name) constant,
        SKS_ROLE_LIST(SKS_X)
#undef SKS_X
    };
    print_words();
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        struct reach reach;
        find_reach(&reach, roles[i]);
        printf("## %s\n\n", sks_role_name(roles[i]));
        print_diagram(&reach, roles[i]);
        print_edges(&reach, roles[i]);
    }
    return 0;
}
