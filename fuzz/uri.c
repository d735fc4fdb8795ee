/* ss:// URIs: what was read can be written, and is then read the same. */
#include "laws.h"

#include <sockspec/uri.h>

enum { LARGEST = 4096 };

static int same_text(struct sks_uri_text a, struct sks_uri_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static int same(const struct sks_uri *a, const struct sks_uri *b)
{
    return same_text(a->method, b->method) && same_text(a->password, b->password) &&
           same_text(a->host, b->host) && same_text(a->plugin, b->plugin) &&
           same_text(a->plugin_options, b->plugin_options) && same_text(a->tag, b->tag) &&
           a->port == b->port && a->form == b->form;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t text[3 * LARGEST + 64], again[sizeof text], scratch[sizeof text];
    struct sks_uri out, second;
    size_t used = SIZE_MAX, need;
    if (size > LARGEST)
        return 0;
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_uri_parse(&out, data, size, room(size), size, &used);
    if (s != SKS_OK) {
        LAW(s != SKS_MORE && s != SKS_ERR_SPACE, "a URI is whole, and its scratch is enough");
        LAW(used <= size, "an error names an octet or the end");
        LAW(untouched(&out, sizeof out), "a failed call changes nothing");
        return 0;
    }
    LAW(used == size, "a URI is taken whole");
    LAW(sks_uri_encode(text, sizeof text, &out, &need) == SKS_OK, "what was read can be written");
    LAW(sks_uri_encode(NULL, 0, &out, &used) == SKS_ERR_SPACE && used == need, "the size needed");
    LAW(sks_uri_parse(&second, text, need, scratch, need, &used) == SKS_OK && same(&out, &second),
        "what was written reads the same");
    LAW(sks_uri_encode(again, sizeof again, &second, &used) == SKS_OK && used == need &&
            memcmp(text, again, need) == 0,
        "written again it is the same");
    return 0;
}
