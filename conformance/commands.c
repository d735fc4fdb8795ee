#include "commands.h"

#include "engine/memory.h"
#include "engine/run.h"

#include <stdarg.h>
#include <stdlib.h>

int usage_error(const char *command, const char *format, ...)
{
    char *line;
    size_t size;
    FILE *out = xopen_memstream(&line, &size);
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fclose(out);
    for (char *s = line; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            *s = '?';
    fprintf(stderr, "sockspec%s%s: %s\n", command[0] ? " " : "", command, line);
    free(line);
    return EXIT_USAGE;
}

int told(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fputs("sockspec: stdout cannot be written to\n", stderr);
    return EXIT_SUITE;
}
