#include "json_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

json_t *json_file_read(const char *file, char *error)
{
    struct stat st;
    json_error_t at;
    FILE *in = fopen(file, "re");
    if (in && fstat(fileno(in), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(in);
        in = NULL;
        errno = EISDIR;
    }
    if (!in) {
        snprintf(error, JSON_ERROR_SIZE, "%.300s: it cannot be read: %s", file, strerror(errno));
        return NULL;
    }
    json_t *root = json_loadf(in, JSON_REJECT_DUPLICATES, &at);
    fclose(in);
    if (!root)
        snprintf(error, JSON_ERROR_SIZE, "%.200s:%d:%d: %s", file, at.line, at.column, at.text);
    return root;
}
