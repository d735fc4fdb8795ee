#include "kinds.h"

#include "../engine/memory.h"

#include <sockspec/uri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const forms[] = {
    [SKS_URI_BASE64] = "base64", [SKS_URI_PERCENT] = "percent", [SKS_URI_OLD] = "old", NULL};

#define TEXT(NAME, MEMBER) FIELD_COUNTED(NAME, FIELD_SPAN, sks_uri, MEMBER.p, MEMBER.len)

/* clang-format off */
static const struct field uri_fields[] = {
    FIELD_INPUT, FIELD_USED,
    {.name = "form", .type = FIELD_CHOICE, .choices = forms,
     .offset = offsetof(struct sks_uri, form)},
    TEXT("method", method), TEXT("password", password), TEXT("host", host),
    FIELD_MEMBER("port", FIELD_U16, sks_uri, port), TEXT("plugin", plugin),
    TEXT("options", plugin_options), TEXT("tag", tag), FIELD_FOUND("encoded", FIELD_OCTETS), {0}};
/* clang-format on */

/* The URI and its scratch, each in a block of exactly its size. */
static enum sks_status uri_parse(const struct vector *v, void *out, const uint8_t *data, size_t len,
                                 size_t *used)
{
    static uint8_t *scratch; /* kept until the spans in it have been compared */
    (void)v;
    free(scratch);
    scratch = len ? xmalloc(len) : NULL;
    return sks_uri_parse(out, data, len, scratch, len, used);
}

static enum sks_status uri_encode(const struct vector *v, uint8_t *buf, size_t cap, const void *in,
                                  size_t *used)
{
    (void)v;
    return sks_uri_encode(buf, cap, in, used);
}

static const struct codec uri_codec = {
    .whole = true, .parse = uri_parse, .encode = uri_encode, .encoded = "encoded"};

const struct kind kinds_uri[] = {
    {"shadowsocks-uri", uri_fields,
     MAY(SKS_OK) | MAY(SKS_ERR_URI_SCHEME) | MAY(SKS_ERR_URI_CHARACTER) | MAY(SKS_ERR_URI_PERCENT) |
         MAY(SKS_ERR_URI_BASE64) | MAY(SKS_ERR_URI_USERINFO) | MAY(SKS_ERR_URI_FORM) |
         MAY(SKS_ERR_URI_HOST) | MAY(SKS_ERR_URI_PORT) | MAY(SKS_ERR_URI_QUERY),
     vector_run_codec, &uri_codec},
    {0},
};
