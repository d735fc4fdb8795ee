/* A chunk of one-time auth: no length is wrong. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sks_ota_chunk out;
    size_t used = SIZE_MAX, need = sks_ota_chunk_need(data, size);
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_ota_chunk_parse(&out, data, size, &used);
    expect_answer(s, used, &out, sizeof out, size);
    LAW(s == (size >= need ? SKS_OK : SKS_MORE), "done as soon as there is what was needed");
    if (s == SKS_OK) {
        LAW(used == need && used == SKS_OTA_CHUNK_HEAD + (size_t)out.text_len, "LEN TAG DATA");
        LAW(out.tag == data + 2 && out.text == data + SKS_OTA_CHUNK_HEAD, "places");
    }
    return 0;
}
