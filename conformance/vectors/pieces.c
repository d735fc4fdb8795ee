#include "kinds.h"

#include "../engine/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool pieces_chunk(struct pieces *pieces, const uint8_t *data, size_t len)
{
    const struct value *chunks = vector_value(pieces->v, "chunks");
    size_t i = pieces->chunks++;
    if (i >= chunks->n)
        return vector_fails(pieces->v, "no more", vector_hex(data, len), "chunk %zu", i);
    size_t size = chunks->sizes[i];
    const uint8_t *expected = size ? chunks->octets + pieces->at : NULL;
    pieces->at += size;
    if (size == len && (len == 0 || !memcmp(expected, data, len)))
        return true;
    return vector_fails(pieces->v, vector_hex(expected, size), vector_hex(data, len), "chunk %zu",
                        i);
}

static bool ends_as(const struct pieces *pieces, enum sks_status status, size_t used,
                    const char *what)
{
    const struct vector *v = pieces->v;
    char expected[24], got[24];
    if (!vector_status_is(v, status, what))
        return false;
    snprintf(expected, sizeof expected, "%zu", vector_value(v, "chunks")->n);
    snprintf(got, sizeof got, "%zu", pieces->chunks);
    if (strcmp(expected, got) != 0)
        return vector_fails(v, expected, got, "chunks (%s)", what);
    snprintf(expected, sizeof expected, "%zu", (size_t)vector_value(v, "used")->number);
    snprintf(got, sizeof got, "%zu", used);
    return !strcmp(expected, got) || vector_fails(v, expected, got, "used (%s)", what);
}

bool pieces_run(const struct vector *v, const size_t *sizes, size_t n, pieces_feed *feed,
                void *state)
{
    const struct value *input = vector_value(v, "input");
    struct pieces pieces = {.v = v};
    enum sks_status status = SKS_MORE;
    size_t used = 0;
    bool holds = true;
    char what[40];
    snprintf(what, sizeof what, "pieces of %zu and so on", sizes[0]);
    for (size_t at = 0, i = 0; at < input->len && holds && !SKS_IS_ERROR(status); i++) {
        size_t size = sizes[i % n] < input->len - at ? sizes[i % n] : input->len - at;
        uint8_t *block = xmalloc(size);
        memcpy(block, input->octets + at, size);
        status = feed(state, &pieces, block, size, &used, &holds);
        free(block);
        at += size;
    }
    if (!SKS_IS_ERROR(status))
        used = pieces.chunks || status == SKS_OK ? pieces.done : 0;
    return holds && ends_as(&pieces, status, used, what);
}
