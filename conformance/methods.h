/* One run for each of several methods, side by side. */
#ifndef METHODS_H
#define METHODS_H

#include "options.h"

/* Whether --method names more than one: a list with commas, or a word for all of a kind. */
bool methods_several(const char *text);

/* Calls run for each method of text in a process of its own, with q's method and {method} in the
 * names of its reports and bundles filled in; then prints what each wrote to stdout, in order: of
 * one that conforms its last paragraph, unless verbose.
 * Returns the worst exit status, or EXIT_USAGE when one line about text is said. */
int methods_run(struct request *q, const char *text, int (*run)(struct request *q));

#endif
