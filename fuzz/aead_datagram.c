/* An AEAD datagram as a frame; the first octet says the size of the salt. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t salt = 1u + data[0] % SKS_AEAD_SALT_MAX, used = SIZE_MAX;
    struct sks_aead_datagram out;
    data++, size--;
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_aead_datagram_parse(&out, data, size, salt, &used);
    expect_answer(s, used, &out, sizeof out, size);
    LAW(s == (size >= salt + SKS_AEAD_TAG_SIZE ? SKS_OK : SKS_MORE), "salt and tag make a frame");
    if (s == SKS_OK) {
        LAW(used == size && out.salt == data && out.text == data + salt, "places");
        LAW(out.text + out.text_len == out.tag && out.tag + SKS_AEAD_TAG_SIZE == data + size,
            "the tag stands at the end");
    }
    return 0;
}
