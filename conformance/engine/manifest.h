/* A peer described in conformance/peers/NAME.json (peers/README.md has the format). */
#ifndef ENGINE_MANIFEST_H
#define ENGINE_MANIFEST_H

#include "run.h"

/* Loads the manifest of that name, for that role or (N_ROLES) the first that it has: a path with
 * '/', or NAME.json in the first of $SOCKSPEC_PEERS,
 * ./conformance/peers and the installed folder that has it. Fills argv, peer_name, files, settings,
 * the method and password where none is named, the features it is without and baseline_file where
 * none is named yet; --auth must be in *options before, and --without stays. Returns false with one
 * line in error[400]. */
bool manifest_load(const char *name, enum role role, struct run_options *options, char *error);

#endif
