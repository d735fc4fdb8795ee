/* The words of a bundle: bundle.c writes them, bundle_read.c reads them. */
#ifndef ENGINE_BUNDLE_WORDS_H
#define ENGINE_BUNDLE_WORDS_H

#include "bundle.h"

#include <jansson.h>

enum { BUNDLE_SCHEMA = 1, N_OPS = OP_REST + 1 };

extern const char *const bundle_ops[N_OPS]; /* by enum op; NULL: stands in no bundle */
extern const char *const bundle_ports[N_PORTS];

#endif
