/* What the tests of this folder share. */
#ifndef RELAY_TEST_H
#define RELAY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 32 };

/* The words of a command line, parted by spaces, in copy; '' is an empty one. Their number. */
static inline int split_words(char *words[WORDS_MAX], char *copy, size_t size, const char *line)
{
    char *rest = NULL;
    int count = 0;
    snprintf(copy, size, "relay %s", line);
    for (char *w = strtok_r(copy, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest))
        words[count++] = strcmp(w, "''") == 0 ? w + 2 : w;
    return count;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
