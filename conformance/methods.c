#include "methods.h"

#include "engine/memory.h"

#include <signal.h>
#include <sockspec/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MOST_METHODS = 64,
    RUNS_A_PROCESSOR = 3, /* at once: a run waits most of its time */
};

struct one {
    char name[40];
    pid_t pid;
    int out; /* what it writes to stdout */
    int status;
};

struct several {
    struct one runs[MOST_METHODS];
    size_t n;
};

static const struct {
    const char *word;
    enum sks_cipher_kind kind; /* SKS_CIPHER_NONE: every method */
} groups[] = {{"all", SKS_CIPHER_NONE}, {"aead", SKS_CIPHER_AEAD}, {"stream", SKS_CIPHER_STREAM}};

static bool is_group(const char *word, size_t len, enum sks_cipher_kind *kind)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strlen(groups[i].word) == len && strncmp(groups[i].word, word, len) == 0) {
            *kind = groups[i].kind;
            return true;
        }
    return false;
}

bool methods_several(const char *text)
{
    enum sks_cipher_kind kind;
    return text && (strchr(text, ',') || is_group(text, strlen(text), &kind));
}

static void add(struct several *s, const char *name, size_t len)
{
    for (size_t i = 0; i < s->n; i++)
        if (strlen(s->runs[i].name) == len && strncmp(s->runs[i].name, name, len) == 0)
            return;
    if (s->n < MOST_METHODS)
        snprintf(s->runs[s->n++].name, sizeof s->runs->name, "%.*s", (int)len, name);
}

/* All methods of a kind that the libraries here have. */
static void add_group(struct several *s, enum sks_cipher_kind kind)
{
    const struct sks_cipher *c;
    for (size_t i = 0; (c = sks_cipher_at(i)); i++) {
        const struct sks_cipher *same;
        if (c->kind == SKS_CIPHER_NONE || (kind != SKS_CIPHER_NONE && c->kind != kind))
            continue;
        if (sks_cipher_find(&same, c->name) == SKS_OK)
            add(s, c->name, strlen(c->name));
        else
            fprintf(stderr, "sockspec run: left out: %s, which the libraries here lack\n", c->name);
    }
}

static bool is_method(const char *name, size_t len)
{
    const struct sks_cipher *c;
    for (size_t i = 0; (c = sks_cipher_at(i)); i++)
        if (strlen(c->name) == len && strncmp(c->name, name, len) == 0)
            return true;
    return false;
}

static int take_list(struct several *s, const struct request *q, const char *text)
{
    enum sks_cipher_kind kind;
    for (const char *word = text; *word; word += *word == ',') {
        size_t len = strcspn(word, ",");
        if (is_group(word, len, &kind) && q->peer)
            return usage_error("run", "--method %s: of --exec; --peer has methods of its own",
                               text);
        if (is_group(word, len, &kind))
            add_group(s, kind);
        else if (is_method(word, len))
            add(s, word, len);
        else
            return usage_error("run",
                               "--method %s: \"%.*s\" is no method, expected such, or all, "
                               "aead or stream, separated by commas",
                               text, (int)len, word);
        word += len;
    }
    return 0;
}

/* text with {method} filled in; malloc. */
static char *filled(const char *text, const char *method)
{
    static const char word[] = "{method}";
    const char *at = strstr(text, word);
    size_t size = strlen(text) + strlen(method) + 1;
    char *name = xmalloc(size);
    snprintf(name, size, "%.*s%s%s", at ? (int)(at - text) : (int)strlen(text), text,
             at ? method : "", at ? at + sizeof word - 1 : "");
    return name;
}

/* What one run writes must not be what the next one writes over. */
static int check_names(const struct request *q)
{
    for (size_t i = 0; i < q->n_reports; i++)
        if (!strstr(q->reports[i].file, "{method}"))
            return usage_error("run",
                               "--report %s: of several methods, expected {method} in the name",
                               q->reports[i].file);
    if (q->options.bundle_dir && !strstr(q->options.bundle_dir, "{method}"))
        return usage_error("run", "--bundle %s: of several methods, expected {method} in the name",
                           q->options.bundle_dir);
    return 0;
}

/* In a process of its own, which ends. */
static void become(struct request *q, const struct one *r, int (*run)(struct request *))
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(r->out, STDOUT_FILENO);
    q->options.method = r->name;
    for (size_t i = 0; i < q->n_reports; i++)
        q->reports[i].file = filled(q->reports[i].file, r->name);
    if (q->options.bundle_dir)
        q->options.bundle_dir = filled(q->options.bundle_dir, r->name);
    int status = run(q);
    fflush(NULL);
    _exit(status);
}

static bool start(struct request *q, struct one *r, int (*run)(struct request *))
{
    r->out = memfd_create(r->name, MFD_CLOEXEC);
    fflush(NULL);
    r->pid = r->out < 0 ? -1 : fork();
    if (r->pid == 0)
        become(q, r, run);
    r->status = EXIT_SUITE; /* until it says otherwise */
    return r->pid > 0;
}

static void take_status(struct several *s, pid_t pid, int status)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->runs[i].pid == pid && WIFEXITED(status))
            s->runs[i].status = WEXITSTATUS(status);
}

/* All that a run has written, or of one that conforms the last paragraph. */
static void print(const struct one *r, bool all)
{
    off_t size = r->out < 0 ? 0 : lseek(r->out, 0, SEEK_END);
    char *text = xcalloc(1, (size_t)size + 1);
    if (size && pread(r->out, text, (size_t)size, 0) != size)
        text[0] = 0;
    const char *from = text;
    for (const char *at = from; !all && r->status == EXIT_CONFORMS && (at = strstr(at, "\n\n"));)
        from = at += 2;
    printf("==== %s: exit status %d\n%s", r->name, r->status, from);
    free(text);
    close(r->out);
}

int methods_run(struct request *q, const char *text, int (*run)(struct request *))
{
    struct several s = {.n = 0};
    int status, worst = 0;
    int bad = q->options.target ? usage_error("run", "--method %s: a --target has one method", text)
                                : check_names(q);
    if (bad == 0)
        bad = take_list(&s, q, text);
    if (bad)
        return bad;
    long at_once = RUNS_A_PROCESSOR * sysconf(_SC_NPROCESSORS_ONLN), running = 0;
    for (size_t next = 0; next < s.n || running;) {
        if (next < s.n && running < at_once) {
            running += start(q, &s.runs[next++], run);
            continue;
        }
        pid_t pid = wait(&status);
        if (pid < 0)
            break;
        take_status(&s, pid, status);
        running--;
    }
    for (size_t i = 0; i < s.n; i++) {
        print(&s.runs[i], q->options.verbose);
        worst = s.runs[i].status > worst ? s.runs[i].status : worst;
    }
    return worst;
}
