#include "commands.h"

#include "engine/run.h"

#include <stdarg.h>

int usage_error(const char *command, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "sockspec %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_USAGE;
}
