/* Trace lines: what was read is written as it stood. */
#include "laws.h"

#include <sockspec/stage.h>

enum { LARGEST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[2 * LARGEST];
    struct sks_trace_line out;
    size_t used = SIZE_MAX, need;
    if (size > LARGEST)
        return 0;
    memset(&out, PATTERN, sizeof out);
    enum sks_status s =
        sks_trace_parse(&out, room(size / 2), size / 2, (const char *)data, size, &used);
    LAW(s != SKS_ERR_SPACE, "half the size is always enough");
    expect_answer(s, used, &out, sizeof out, size);
    if (s != SKS_OK)
        return 0;
    LAW(data[used - 1] == '\n' && memchr(data, '\n', used - 1) == NULL, "a line ends at its end");
    LAW(sks_trace_encode(text, sizeof text, &out, &need) == SKS_OK, "what was read can be written");
    LAW(need == used && memcmp(text, data, used) == 0, "it is written as it stood");
    LAW(sks_trace_encode(text, used - 1, &out, &need) == SKS_ERR_SPACE && need == used,
        "the size needed");
    return 0;
}
