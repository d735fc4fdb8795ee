/* The first parts of an AEAD stream, taken one behind the other; the octets of a length stand for
 * what it was opened to. The first octet says the size of the salt. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct sks_aead_stream stream = {SKS_AEAD_SALT, (uint8_t)(1 + data[0] % SKS_AEAD_SALT_MAX), 0};
    data++, size--;
    for (int parts = 0; parts < 4; parts++) {
        struct sks_aead_sealed out;
        size_t used = SIZE_MAX, need = sks_aead_need(&stream);
        memset(&out, PATTERN, sizeof out);
        enum sks_status s = sks_aead_part_parse(&out, data, size, &stream, &used);
        expect_answer(s, used, &out, sizeof out, size);
        LAW(s == (size >= need ? SKS_OK : SKS_MORE), "done as soon as there is what was needed");
        if (s != SKS_OK)
            return 0;
        LAW(used == need && out.text == data, "a part is taken whole");
        LAW(stream.part == SKS_AEAD_SALT ? out.tag == NULL
                                         : out.tag + SKS_AEAD_TAG_SIZE == data + used,
            "the tag stands at the end");
        const struct sks_aead_stream before = stream;
        size_t read, len = size >= 2 ? 256u * data[0] + data[1] : 0;
        s = sks_aead_next(&stream, data, &read);
        if (before.part == SKS_AEAD_LENGTH) {
            LAW(s == (len > SKS_AEAD_TEXT_MAX ? SKS_ERR_CHUNK_LENGTH : SKS_OK),
                "LEN is masked by nobody");
            LAW(s != SKS_OK ||
                    (stream.part == SKS_AEAD_DATA && stream.data_len == len && read == 2),
                "data follow a length");
            LAW(s == SKS_OK || memcmp(&stream, &before, sizeof stream) == 0,
                "a failed call changes nothing");
        } else {
            LAW(s == SKS_OK && stream.part == SKS_AEAD_LENGTH && read == 0, "a length follows");
        }
        if (s != SKS_OK)
            return 0;
        data += used, size -= used;
    }
    return 0;
}
