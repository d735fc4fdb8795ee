#include "commands.h"
#include "engine/memory.h"
#include "engine/run.h"
#include "vectors/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *says;
} commands[] = {
    {"run", command_run, "test a server or a client and report what is wrong with it"},
    {"list", command_list, "the cases: id, level, section, one line each"},
    {"explain", command_explain, "one case: its rule, why it matters, the octets, who fails it"},
    {"vectors", command_vectors, "hold the codecs to test vectors, ours or yours"},
    {"replay", command_replay, "what a run has kept of a failing case, once more"},
    {"fuzz", command_fuzz, "change what the cases send until a server crashes, hangs or leaks"},
    {"coverage", command_coverage, "every requirement, and the cases that stand for it"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void help(FILE *out)
{
    fputs("sockspec: tests SOCKS5 servers, SOCKS5 clients and both ends of Shadowsocks\n\n"
          "usage: sockspec COMMAND [OPTION]...\n\n",
          out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].says);
    fputs("\n`sockspec COMMAND --help` tells more. To begin with:\n"
          "  sockspec run socks5-server --target 127.0.0.1:1080\n"
          "  sockspec run --peer microsocks\n",
          out);
}

int main(int argc, char **argv)
{
    memory_begin();
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return told(0);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("sockspec " SOCKSPEC_VERSION);
        return told(0);
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            argv[1] = xasprintf("sockspec %s", commands[i].name);
            int status = told(commands[i].run(argc - 1, argv + 1));
            free(argv[1]);
            return status;
        }
    char *names = xstrdup("");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char *longer = xasprintf("%s %s", names, commands[i].name);
        free(names);
        names = longer;
    }
    usage_error("", "unknown command \"%s\", expected one of%s", argv[1], names);
    free(names);
    return EXIT_USAGE;
}
