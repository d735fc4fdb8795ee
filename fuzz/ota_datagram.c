/* A datagram of a stream method, with one-time auth or without, in the mode that the first octet
 * chooses. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    enum sks_ss_mode mode = (enum sks_ss_mode)(data[0] & 3);
    data++, size--;
    struct sks_ota_datagram out;
    size_t used = SIZE_MAX;
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_ota_datagram_parse(&out, data, size, mode, &used);
    expect_answer(s, used, &out, sizeof out, size);
    if (s != SKS_OK)
        return 0;
    int flag = (out.header.type & SKS_SS_OTA_FLAG) != 0;
    LAW(used == size, "a datagram is taken whole");
    LAW((out.tag != NULL) == flag, "the flag asks for a tag");
    LAW(out.text == data && out.text_len + (flag ? SKS_OTA_TAG_SIZE : 0) == size,
        "the tag covers all before it");
    LAW(out.data + out.data_len == data + out.text_len, "the data end where the tag begins");
    return 0;
}
