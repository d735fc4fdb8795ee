/* The header of one-time auth with its tag, in the mode that the first octet chooses. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    enum sks_ss_mode mode = (enum sks_ss_mode)(data[0] & 3);
    data++, size--;
    struct sks_ota_header out;
    size_t used = SIZE_MAX;
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_ota_header_parse(&out, data, size, mode, &used);
    expect_answer(s, used, &out, sizeof out, size);
    if (s != SKS_OK)
        return 0;
    int flag = (out.header.type & SKS_SS_OTA_FLAG) != 0;
    LAW((out.tag != NULL) == flag, "the flag asks for a tag");
    LAW(out.text == data && used == out.text_len + (flag ? SKS_OTA_TAG_SIZE : 0),
        "the tag covers the header");
    LAW(!flag || out.tag == data + out.text_len, "the tag stands behind the header");
    return 0;
}
