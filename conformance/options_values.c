#include "options_values.h"

#include "engine/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int value_number(const struct request *q, const char *option, const char *text,
                 unsigned long long least, unsigned long long most, unsigned long long *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && !*end && errno == 0 && *out >= least && *out <= most)
        return 0;
    *out = 0;
    return usage_error(q->command, "--%s %s: expected a number from %llu to %llu", option, text,
                       least, most);
}

int value_glob(const struct request *q, const char *option, struct globs *globs, const char *glob)
{
    globs->glob = xrealloc(globs->glob, (globs->n + 1) * sizeof *globs->glob);
    globs->glob[globs->n++] = glob;
    struct globs one = {&glob, 1};
    const struct test_case *c;
    for (size_t i = 0; (c = case_at(i)); i++)
        if (globs_match(&one, c->id))
            return 0;
    usage_error(q->command, "--%s %s: no case has such an id (sockspec list shows them)", option,
                glob);
    return EXIT_NOTHING;
}

int value_without(struct request *q, const char *list)
{
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, ",");
        unsigned bit = feature_bit(s, n);
        if (!bit)
            return usage_error(q->command, "--without: unknown feature \"%.*s\", expected of %s",
                               (int)n, s, feature_list);
        q->options.without |= bit;
        s += n + (s[n] == ',');
    }
    return 0;
}

int value_segment(struct request *q, const char *axis)
{
    unsigned segments = 0;
    for (unsigned k = 0; k < N_SEGMENTS; k++)
        if (strcmp(axis, segment_names[k]) == 0 || strcmp(axis, "all") == 0)
            segments |= 1u << k;
    q->options.segments = segments;
    return segments ? 0
                    : usage_error(q->command,
                                  "--segment %s: unknown, expected whole, bytes, split, "
                                  "coalesced or all",
                                  axis);
}

int value_level(struct request *q, const char *level)
{
    for (int l = LEVEL_MUST; l <= LEVEL_MAY; l++)
        if (strcasecmp(level, level_names[l]) == 0) {
            q->options.level = l;
            return 0;
        }
    return usage_error(q->command, "--level %s: unknown, expected must, should or may", level);
}

int value_auth(struct request *q, const char *auth)
{
    free(q->auth);
    q->auth = xstrdup(auth);
    char *colon = strchr(q->auth, ':');
    if (!colon || colon == q->auth || !colon[1] || colon - q->auth > 255 || strlen(colon + 1) > 255)
        return usage_error(q->command, "--auth: expected USER:PASS of 1 to 255 octets each");
    *colon = 0;
    q->options.user = q->auth;
    q->options.pass = colon + 1;
    return 0;
}

int value_report(struct request *q, const char *text)
{
    const char *file = strchr(text, '=');
    for (enum report_format f = 0; file && f < N_REPORTS; f++)
        if (strlen(report_names[f]) == (size_t)(file - text) &&
            strncmp(text, report_names[f], (size_t)(file - text)) == 0)
            return value_file(q, "report", f, file + 1);
    return usage_error(q->command,
                       "--report %s: expected text=FILE, tap=FILE, junit=FILE, json=FILE, "
                       "html=FILE, pcapng=FILE or baseline=FILE",
                       text);
}

int value_file(struct request *q, const char *option, enum report_format format, const char *file)
{
    if (!file[0])
        return usage_error(q->command, "--%s: expected the name of a file", option);
    if (q->n_reports == MAX_REPORTS)
        return usage_error(q->command, "--%s %s: more than %d reports", option, file, MAX_REPORTS);
    for (size_t i = 0; i < q->n_reports; i++)
        if (strcmp(q->reports[i].file, file) == 0 && strcmp(file, "-") != 0)
            return usage_error(q->command, "--%s %s: another report goes to this file", option,
                               file);
    q->reports[q->n_reports].format = format;
    q->reports[q->n_reports++].file = file;
    return 0;
}
