/* A datagram of a stream method, with one-time auth or without, in each mode. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int mode = SKS_SS_PLAIN; mode <= SKS_SS_PY; mode++) {
        struct sks_ota_datagram out;
        size_t used = SIZE_MAX;
        memset(&out, PATTERN, sizeof out);
        enum sks_status s = sks_ota_datagram_parse(&out, data, size, (enum sks_ss_mode)mode, &used);
        expect_answer(s, used, &out, sizeof out, size);
        if (s != SKS_OK)
            continue;
        int flag = (out.header.type & SKS_SS_OTA_FLAG) != 0;
        LAW(used == size, "a datagram is taken whole");
        LAW((out.tag != NULL) == flag, "the flag asks for a tag");
        LAW(out.text == data && out.text_len + (flag ? SKS_OTA_TAG_SIZE : 0) == size,
            "the tag covers all before it");
        LAW(out.data + out.data_len == data + out.text_len, "the data end where the tag begins");
    }
    return 0;
}
