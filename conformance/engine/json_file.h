/* A JSON file of somebody else's: manifests, baselines, bundles. */
#ifndef ENGINE_JSON_FILE_H
#define ENGINE_JSON_FILE_H

#include <jansson.h>

enum { JSON_ERROR_SIZE = 400 };

/* The root of the file, the caller's; an object with the same key twice is refused. NULL, with one
 * line in error[JSON_ERROR_SIZE]: "FILE:LINE:COLUMN: ..." or "FILE: it cannot be read: ...". */
json_t *json_file_read(const char *file, char *error);

#endif
