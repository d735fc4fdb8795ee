/* Nothing: what the fuzzer costs by itself, for the ratios that `fuzz/run` prints. */
#include "laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data, (void)size;
    return 0;
}
