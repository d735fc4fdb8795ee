/* What a method itself decides: its key, salt or IV, cipher and tag. All other cases are about what
 * stands in the text, the same for all methods that frame it alike. */
#include "cases.h"

#include <fnmatch.h>

#define KEY "key and cipher"
#define SALT "size and freshness of salt or IV"
#define TAG "tag"
#define TEXT "where a text begins, ends and is cut"
#define NONCE "nonces and counters"
#define OTA_TAG "one-time auth under its key and IV"

const struct of_method of_method[] = {
    {"ss-address/header/ipv4", KEY},
    {"ss-address/header/large-payload", TEXT},
    {"ss-stream/session/iv-*", SALT},
    {"ss-stream/session/end-within-iv", SALT},
    {"ss-stream/session/blocks", TEXT},
    {"ss-stream/session/down-60k", TEXT},
    {"ss-stream/session/key", KEY},
    {"ss-stream/session/method", KEY},
    {"ss-stream/session/sizes", SALT},
    {"ss-aead/session/*", SALT},
    {"ss-aead/chunk/size*", TEXT},
    {"ss-aead/chunk/every-split", TEXT},
    {"ss-aead/chunk/reply*", TEXT},
    {"ss-aead/chunk/header-*", TAG},
    {"ss-aead/chunk/data-*", TAG},
    {"ss-aead/chunk/large-tag", TAG},
    {"ss-aead/chunk/good-behind-bad", TAG},
    {"ss-aead/chunk/cut-*", TAG},
    {"ss-aead/chunk/nonce-*", NONCE},
    {"ss-aead/chunk/first-chunk-again", NONCE},
    {"ss-aead/chunk/cipher", KEY},
    {"ss-ota/header/ipv4", OTA_TAG},
    {"ss-ota/header/with-chunk", OTA_TAG},
    {"ss-ota/header/tag-*-octet", OTA_TAG},
    {"ss-ota/header/port-changed", OTA_TAG},
    {"ss-ota/header/tag-in-two", OTA_TAG},
    {"ss-ota/chunk/three", OTA_TAG},
    {"ss-ota/chunk/size-16384", OTA_TAG},
    {"ss-ota/chunk/tag-*-octet", OTA_TAG},
    {"ss-ota/chunk/data-*", OTA_TAG},
    {"ss-ota/datagram/good", OTA_TAG},
    {"ss-ota/datagram/*-changed", OTA_TAG},
    {"ss-udp/relay/ipv4", KEY},
    {"ss-udp/relay/size-1", TEXT},
    {"ss-udp/relay/size-4096", TEXT},
    {"ss-udp/relay/salt*", SALT},
    {"ss-udp/relay/short-[78]", SALT},
    {"ss-udp/relay/short-1[567]", SALT},
    {"ss-udp/relay/short-3?", SALT},
    {"ss-udp/relay/short-4?", SALT},
    {"ss-udp/aead/*", TAG},
    {"ss-probe/random/random-*", SALT},
    {"ss-probe/replay/*", SALT},

    {"ss-address/local/ipv4", KEY},
    {"ss-stream/local/same-request", SALT},
    {"ss-stream/local/whole-salt", SALT},
    {"ss-stream/local/salt-alone", SALT},
    {"ss-stream/local/*-in-salt", SALT},
    {"ss-stream/local/cut-behind-salt", SALT},
    {"ss-stream/local/*-1638[23]", TEXT},
    {"ss-stream/local/*-65537", TEXT},
    {"ss-stream/local/*-blocks", TEXT},
    {"ss-stream/local/taken-every-split", TEXT},
    {"ss-aead/local/carry-*", NONCE},
    {"ss-aead/local/nonce-*", NONCE},
    {"ss-aead/local/first-chunk-again", NONCE},
    {"ss-aead/local/chunk-*", TEXT},
    {"ss-aead/local/cut-*", TAG},
    {"ss-aead/local/salt-*", SALT},
    {"ss-aead/local/same-salt", SALT},
    {"ss-aead/local/answer-again", SALT},
    {"ss-aead/local/reflected*", SALT},
    {"ss-aead/local/first-length*", TAG},
    {"ss-aead/local/first-data", TAG},
    {"ss-aead/local/first-tag*", TAG},
    {"ss-aead/local/later-*", TAG},
    {"ss-aead/local/large-tag", TAG},
    {"ss-aead/local/good-behind-bad", TAG},
    {"ss-aead/local/other-key", KEY},
    {"ss-ota/local/ipv4", OTA_TAG},
    {"ss-ota/local/with-payload", OTA_TAG},
    {"ss-ota/local/chunks-in-turn", OTA_TAG},
    {"ss-ota/local/sent-65537", OTA_TAG},
    {"ss-ota/local/answer", OTA_TAG},
    {"ss-ota/local/datagram", OTA_TAG},
    {"ss-ota/local/datagram-1400", OTA_TAG},
    {"ss-udp/local/ipv4", KEY},
    {"ss-udp/local/answer", KEY},
    {"ss-udp/local/one-octet", TEXT},
    {"ss-udp/local/*1400", TEXT},
    {"ss-udp/local/in-turn", SALT},
    {"ss-udp/local/salt-own", SALT},
    {"ss-udp/local/answers-*", SALT},
    {"ss-udp/local/forged-*", TAG},
    {"ss-udp/local/other-key", KEY},
    {NULL, NULL},
};

bool case_is_of_method(const struct test_case *c)
{
    for (const struct of_method *row = of_method; row->cases; row++)
        if (fnmatch(row->cases, c->id, 0) == 0)
            return true;
    return false;
}
