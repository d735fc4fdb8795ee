/* The prefix property: the answer is MORE up to the octet that decides, and the same from there on,
 * for every length; no octet behind the end is read. The first octet chooses the message. */
#include "codecs.h"

enum { LARGEST = 600 }; /* octets: longer than any message but a chunk */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct codec *c = choose(&data, &size);
    enum sks_status decided = SKS_MORE;
    size_t decided_used = 0;
    if (c == NULL || size > LARGEST)
        return 0;
    for (size_t n = 0; n <= size; n++) {
        union message m;
        size_t used = SIZE_MAX;
        memset(&m, PATTERN, sizeof m);
        enum sks_status s = c->parse(&m, exact(data, n), n, &used);
        expect_answer(s, used, &m, sizeof m, n);
        if (decided != SKS_MORE) {
            LAW(s == decided, "an answer once given stands");
            LAW(used == decided_used || (c->datagram && s == SKS_OK && used == n),
                "its offset or size too");
        } else if (s != SKS_MORE) {
            decided = s;
            decided_used = used;
            LAW(SKS_IS_ERROR(s) ? used + 1 == n : used == n,
                "the answer comes with the octet that decides it");
        }
    }
    return 0;
}
