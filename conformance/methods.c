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
    RUNS_A_PROCESSOR = 6, /* at once: a run waits most of its time */
};

struct one {
    const struct sks_cipher *cipher;
    const struct one *first; /* of those that frame alike: it plays every case; may be itself */
    struct tally *tally;
    pid_t pid;
    int out; /* what it writes to stdout */
    int status;
};

struct several {
    struct one runs[MOST_METHODS];
    size_t n;
    struct tally *tallies; /* MOST_METHODS of them, shared with the processes of the runs */
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

/* Whether under both methods the same octets go through the same frame, so that what is not about
 * the method itself comes out alike. */
static bool frame_alike(const struct sks_cipher *a, const struct sks_cipher *b)
{
    return (a->kind == SKS_CIPHER_AEAD) == (b->kind == SKS_CIPHER_AEAD) &&
           (a->kind == SKS_CIPHER_NONE) == (b->kind == SKS_CIPHER_NONE) &&
           (a->iv_size == 0) == (b->iv_size == 0);
}

static void add(struct several *s, const struct sks_cipher *cipher)
{
    struct one *r = &s->runs[s->n];
    for (size_t i = 0; i < s->n; i++)
        if (s->runs[i].cipher == cipher)
            return;
    if (s->n == MOST_METHODS)
        return;
    r->cipher = cipher;
    r->first = r;
    r->tally = &s->tallies[s->n];
    for (size_t i = s->n++; i-- > 0;)
        if (frame_alike(s->runs[i].cipher, cipher))
            r->first = s->runs[i].first;
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
            add(s, c);
        else
            fprintf(stderr, "sockspec run: left out: %s, which the libraries here lack\n", c->name);
    }
}

static const struct sks_cipher *method_named(const char *name, size_t len)
{
    const struct sks_cipher *c;
    for (size_t i = 0; (c = sks_cipher_at(i)); i++)
        if (strlen(c->name) == len && strncmp(c->name, name, len) == 0)
            break;
    return c;
}

static int take_list(struct several *s, const struct request *q, const char *text)
{
    enum sks_cipher_kind kind;
    for (const char *word = text; *word; word += *word == ',') {
        size_t len = strcspn(word, ",");
        const struct sks_cipher *cipher = method_named(word, len);
        if (is_group(word, len, &kind) && q->peer)
            return usage_error("run", "--method %s: of --exec; --peer has methods of its own",
                               text);
        if (is_group(word, len, &kind))
            add_group(s, kind);
        else if (cipher)
            add(s, cipher);
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
    q->options.method = r->cipher->name;
    q->options.left_to = r->first == r || q->every_case ? NULL : r->first->cipher->name;
    q->tally = r->tally;
    for (size_t i = 0; i < q->n_reports; i++)
        q->reports[i].file = filled(q->reports[i].file, r->cipher->name);
    if (q->options.bundle_dir)
        q->options.bundle_dir = filled(q->options.bundle_dir, r->cipher->name);
    int status = run(q);
    fflush(NULL);
    _exit(status);
}

static bool start(struct request *q, struct one *r, int (*run)(struct request *))
{
    r->out = memfd_create(r->cipher->name, MFD_CLOEXEC);
    fflush(NULL);
    r->pid = r->out < 0 ? -1 : fork();
    if (r->pid == 0)
        become(q, r, run);
    r->status = EXIT_SUITE; /* until it says otherwise */
    return r->pid > 0;
}

static bool is_first(const struct one *r)
{
    return r->first == r;
}

/* Nothing of what was selected is about the method: it did not run, and that is no failure. */
static bool is_left_out(const struct one *r)
{
    return r->status == EXIT_NOTHING && !is_first(r) && r->tally->left_out;
}

static bool has_run(const struct one *r)
{
    size_t n = 0;
    for (int v = 0; v < N_VERDICTS; v++)
        n += v == VERDICT_SKIP ? 0 : r->tally->totals[v];
    return n > 0;
}

static void take_status(struct several *s, pid_t pid, int status)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->runs[i].pid == pid && WIFEXITED(status))
            s->runs[i].status = WEXITSTATUS(status);
}

/* Those that play every case first: they take longest. */
static void run_side_by_side(struct several *s, struct request *q, int (*run)(struct request *))
{
    struct one *order[MOST_METHODS];
    size_t n = 0, next = 0;
    int status;
    long at_once = RUNS_A_PROCESSOR * sysconf(_SC_NPROCESSORS_ONLN), running = 0;
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < s->n; i++)
            if (is_first(&s->runs[i]) == !others)
                order[n++] = &s->runs[i];
    while (next < n || running) {
        if (next < n && running < at_once) {
            running += start(q, order[next++], run);
            continue;
        }
        pid_t pid = wait(&status);
        if (pid < 0)
            break;
        take_status(s, pid, status);
        running--;
    }
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
    if (is_left_out(r))
        printf("==== %s: not run: all is left to %s\n", r->cipher->name, r->first->cipher->name);
    else
        printf("==== %s: exit status %d\n%s", r->cipher->name, r->status, from);
    free(text);
    close(r->out);
}

/* What all of them say together, and what none of them has said. */
static void summarise(const struct several *s)
{
    struct tally all = {.left_out = 0};
    const char *comma = "";
    for (size_t i = 0; i < s->n; i++) {
        all.left_out += s->runs[i].tally->left_out;
        for (int v = 0; v < N_VERDICTS; v++)
            all.totals[v] += s->runs[i].tally->totals[v];
    }
    printf("==== %zu methods: %zu pass, %zu fail, %zu quirk, %zu skip, %zu inconclusive or error\n",
           s->n, all.totals[VERDICT_PASS], all.totals[VERDICT_FAIL], all.totals[VERDICT_QUIRK],
           all.totals[VERDICT_SKIP], all.totals[VERDICT_INCONCLUSIVE] + all.totals[VERDICT_ERROR]);
    if (!all.left_out)
        return;
    printf("left out: %zu pairs of case and method, which say the same under ", all.left_out);
    for (size_t i = 0; i < s->n; i++)
        if (is_first(&s->runs[i])) {
            printf("%s%s", comma, s->runs[i].cipher->name);
            comma = ", ";
        }
    printf("; --every-case plays them too\n");
    for (size_t i = 0; i < s->n; i++)
        if (s->runs[i].tally->left_out && !has_run(s->runs[i].first))
            printf("those of %s under no method: %s was not run\n", s->runs[i].cipher->name,
                   s->runs[i].first->cipher->name);
}

static int report(const struct several *s, const struct request *q)
{
    int worst = 0;
    for (size_t i = 0; i < s->n; i++) {
        print(&s->runs[i], q->options.verbose);
        if (!is_left_out(&s->runs[i]) && s->runs[i].status > worst)
            worst = s->runs[i].status;
    }
    summarise(s);
    return worst;
}

int methods_run(struct request *q, const char *text, int (*run)(struct request *))
{
    struct several s = {.n = 0};
    int bad = q->options.target ? usage_error("run", "--method %s: a --target has one method", text)
                                : check_names(q);
    if (bad)
        return bad;
    size_t size = MOST_METHODS * sizeof *s.tallies;
    s.tallies = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s.tallies == MAP_FAILED)
        out_of_memory();
    int status = take_list(&s, q, text);
    if (status == 0) {
        run_side_by_side(&s, q, run);
        status = report(&s, q);
    }
    munmap(s.tallies, size);
    return status;
}
