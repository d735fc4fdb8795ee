/* The address header of Shadowsocks: what one mode takes that another refuses. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum sks_status answers[SKS_SS_PY + 1];
    for (int mode = SKS_SS_PLAIN; mode <= SKS_SS_PY; mode++) {
        struct sks_ss_header out;
        size_t used = SIZE_MAX;
        memset(&out, PATTERN, sizeof out);
        answers[mode] = sks_ss_header_parse(&out, data, size, (enum sks_ss_mode)mode, &used);
        expect_answer(answers[mode], used, &out, sizeof out, size);
        if (answers[mode] == SKS_OK) {
            LAW(out.type == data[0], "the type is the octet on the wire");
            LAW(used <= SKS_SS_HEADER_MAX, "a header has 259 octets at most");
            expect_borrowed(out.dst.host, out.dst.host_len, data, used);
        }
    }
    LAW((answers[SKS_SS_PLAIN] == SKS_OK) + (answers[SKS_SS_OTA_REQUIRED] == SKS_OK) ==
            (answers[SKS_SS_OTA_ALLOWED] == SKS_OK),
        "what may have the flag has it or has it not");
    LAW(answers[SKS_SS_OTA_ALLOWED] != SKS_OK || answers[SKS_SS_PY] == SKS_OK,
        "the Python original takes whatever is strictly right");
    return 0;
}
