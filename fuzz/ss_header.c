/* The address header of Shadowsocks, in the mode that the first octet chooses. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    enum sks_ss_mode mode = (enum sks_ss_mode)(data[0] & 3);
    data++, size--;
    struct sks_ss_header out;
    size_t used = SIZE_MAX;
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_ss_header_parse(&out, data, size, mode, &used);
    expect_answer(s, used, &out, sizeof out, size);
    if (s != SKS_OK)
        return 0;
    LAW(used >= SKS_SS_HEADER_MIN_PY && used <= SKS_SS_HEADER_MAX, "a header has that many octets");
    LAW(out.type == data[0], "the type is the octet on the wire");
    LAW(out.dst.atyp == (mode == SKS_SS_PY ? out.type & 0x0f : out.type & ~SKS_SS_OTA_FLAG),
        "it means an address");
    expect_borrowed(out.dst.host, out.dst.host_len, data, used);
    return 0;
}
