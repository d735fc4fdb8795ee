/* Files of vectors/: JSON objects, octets in hexadecimal. Whatever is not as the schema has it
 * fails the test by name. Tests run at the top of the tree. */
#ifndef CRYPTO_TEST_VECTOR_FILE_H
#define CRYPTO_TEST_VECTOR_FILE_H

#include "test.h"

#include <dirent.h>
#include <jansson.h>

struct octets {
    uint8_t *at; /* owned */
    size_t n;
};

static inline const json_t *member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL)
        fail_msg("no %s in %s", name, json_string_value(json_object_get(object, "id")));
    return value;
}

static inline const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(member(object, name));
    if (text == NULL)
        fail_msg("%s: expected a string", name);
    return text;
}

static inline int is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static inline struct octets octets_of(const json_t *object, const char *name)
{
    const char *hex = text_of(object, name);
    size_t n = strlen(hex) / 2;
    struct octets octets = {malloc(n + 1), n};
    assert_non_null(octets.at);
    (void)unhex(octets.at, n, hex);
    return octets;
}

static inline struct octets optional(const json_t *object, const char *name)
{
    return json_object_get(object, name) != NULL ? octets_of(object, name) : (struct octets){0};
}

/* An array of lengths, or the one length without it. */
static inline size_t lengths_of(size_t *out, size_t cap, const json_t *array, size_t without)
{
    size_t n = json_array_size(array);
    if (array == NULL) {
        out[0] = without;
        return 1;
    }
    assert_true(n <= cap);
    for (size_t i = 0; i < n; i++)
        out[i] = (size_t)json_integer_value(json_array_get(array, i));
    return n;
}

static inline int is_json(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".json") == 0;
}

/* All files of a folder by name, each an object; to be released by json_decref. */
static inline json_t *load_folder(const char *folder)
{
    struct dirent **entries;
    json_t *files = json_array();
    int n = scandir(folder, &entries, is_json, alphasort);
    if (n <= 0)
        fail_msg("%s: no files (run at the top of the tree)", folder);
    for (int i = 0; i < n; i++) {
        char path[512];
        json_error_t error;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(file))
            fail_msg("%s:%d:%d: %s", path, error.line, error.column, error.text);
        json_array_append_new(files, file);
        free(entries[i]);
    }
    free(entries);
    return files;
}

#endif
