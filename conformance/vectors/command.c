#include "vectors.h"

#include "../engine/memory.h"
#include "kinds.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDS = 0, HOLDS_NOT = 1, USAGE = 2, NOTHING = 4 };

/* The folders of a vectors folder that hold files of the schema. */
static const char *const rooms[] = {"socks5", "shadowsocks"};

static const char help[] =
    "usage: sockspec vectors [FILE...]\n"
    "\n"
    "Runs every vector of the files through the codecs and ciphers: parsed whole,\n"
    "growing octet by octet, and with other octets behind; what is valid is encoded\n"
    "too. A vector whose method the installed libraries lack is not run, and said so\n"
    "by name. Without FILE it reads all files of the first folder that has any:\n"
    "$SOCKSPEC_VECTORS, ./vectors"
#ifdef SOCKSPEC_DATADIR
    ", " SOCKSPEC_DATADIR "/vectors"
#endif
    ".\n"
    "\n"
    "  -h, --help   this text\n"
    "\n"
    "Exit status: 0 all hold; 1 a vector does not hold; 2 usage, or a file cannot be\n"
    "read or is ill-formed; 4 nothing was selected.\n";

/* ---- which files -------------------------------------------------------------------------------
 */

struct files {
    char **names; /* owned */
    size_t n;
};

static void files_add(struct files *files, char *name)
{
    files->names = xrealloc(files->names, (files->n + 1) * sizeof *files->names);
    files->names[files->n++] = name;
}

static int is_json(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".json");
}

static void files_add_folder(struct files *files, const char *folder)
{
    for (size_t r = 0; r < sizeof rooms / sizeof rooms[0]; r++) {
        struct dirent **entries = NULL;
        char *room = NULL;
        room = xasprintf("%s/%s", folder, rooms[r]);
        int n = scandir(room, &entries, is_json, alphasort);
        if (n < 0 && errno != ENOENT && errno != ENOTDIR)
            give_up(room, strerror(errno));
        for (int i = 0; i < n; i++) {
            char *name = NULL;
            name = xasprintf("%s/%s", room, entries[i]->d_name);
            files_add(files, name);
            free(entries[i]);
        }
        free(entries);
        free(room);
    }
}

static void files_find(struct files *files)
{
    const char *own = getenv("SOCKSPEC_VECTORS");
    if (own && own[0]) {
        files_add_folder(files, own);
        return;
    }
    files_add_folder(files, "vectors");
#ifdef SOCKSPEC_DATADIR
    if (files->n == 0)
        files_add_folder(files, SOCKSPEC_DATADIR "/vectors");
#endif
}

json_t *vectors_by_requirement(void)
{
    struct files files = {0};
    json_t *counts = json_object(), *test, *id;
    json_error_t at;
    size_t t, r;
    files_find(&files);
    for (size_t i = 0; i < files.n; i++) {
        json_t *file = json_load_file(files.names[i], 0, &at);
        if (!file)
            give_up(files.names[i], at.text);
        json_array_foreach(json_object_get(file, "tests"), t, test)
        {
            json_array_foreach(json_object_get(test, "requirements"), r, id)
            {
                const char *name = json_string_value(id);
                json_int_t n = json_integer_value(json_object_get(counts, name ? name : ""));
                json_object_set_new(counts, name ? name : "", json_integer(n + 1));
            }
        }
        json_decref(file);
        free(files.names[i]);
    }
    free(files.names);
    return counts;
}

/* ---- the command -------------------------------------------------------------------------------
 */

static void print_row(int width, const char *name, const struct tally *tally)
{
    printf("%-*s  %7zu  %6zu  %7zu\n", width, name, tally->vectors, tally->passed, tally->lacking);
}

static int run(const struct files *files)
{
    int width = (int)strlen("file");
    for (size_t i = 0; i < files->n; i++)
        if ((int)strlen(files->names[i]) > width)
            width = (int)strlen(files->names[i]);
    json_t *seen = json_object();
    struct tally total = {0};
    size_t ill_formed = 0;
    printf("%-*s  vectors  passed  not run\n", width, "file");
    for (size_t i = 0; i < files->n; i++) {
        struct tally tally = {0};
        fflush(stdout);
        if (vectors_read(files->names[i], seen, &tally))
            print_row(width, files->names[i], &tally);
        else {
            printf("%-*s  ill-formed\n", width, files->names[i]);
            ill_formed++;
        }
        total.vectors += tally.vectors;
        total.passed += tally.passed;
        total.lacking += tally.lacking;
    }
    print_row(width, "total", &total);
    json_decref(seen);
    if (ill_formed)
        return USAGE;
    if (total.passed + total.lacking < total.vectors)
        return HOLDS_NOT;
    return total.passed ? HOLDS : NOTHING;
}

int command_vectors(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct files files = {0};
    optind = 0;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "+h", options, NULL)) != -1;) {
        if (c == 'h') {
            fputs(help, stdout);
            return HOLDS;
        }
        fprintf(stderr, "sockspec vectors: unknown option %s; expected --help or files\n",
                argv[optind - 1]);
        return USAGE;
    }
    for (int i = optind; i < argc; i++)
        files_add(&files, xstrdup(argv[i]));
    if (files.n == 0)
        files_find(&files);
    int status = NOTHING;
    if (files.n == 0)
        fprintf(
            stderr,
            "sockspec vectors: no vector files in $SOCKSPEC_VECTORS, ./vectors or the installed "
            "folder; expected socks5/*.json or shadowsocks/*.json there\n");
    else
        status = run(&files);
    for (size_t i = 0; i < files.n; i++)
        free(files.names[i]);
    free(files.names);
    return status;
}
