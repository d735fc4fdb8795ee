/* The command `sockspec vectors`: reads vector files (vectors/README.md) and holds the codecs to
 * them. */
#ifndef CONFORMANCE_VECTORS_H
#define CONFORMANCE_VECTORS_H

#include <jansson.h>

/* argv[0] is "vectors", then options and files; without files all of the first folder that has
 * any: $SOCKSPEC_VECTORS, ./vectors, the installed one.
 * Returns the exit status: 0 all hold, 1 a vector does not hold, 2 usage, or a file that cannot be
 * read or is ill-formed, 4 nothing was selected. */
int command_vectors(int argc, char **argv);

/* How many vectors of those files name each requirement: an object of id and number, owned by the
 * caller. Files that cannot be read count for nothing. */
json_t *vectors_by_requirement(void);

#endif
