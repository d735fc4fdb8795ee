/* One part of an AEAD stream, and what follows it; the octets of a length stand for what it was
 * opened to. The first two octets say which part (2 bits) and the size of a salt or of data. Parts
 * one behind another are for aead_stream. */
#include "laws.h"

#include <sockspec/shadowsocks.h>

static void expect_next(struct sks_aead_stream stream, const uint8_t *opened)
{
    const struct sks_aead_stream before = stream;
    size_t read;
    enum sks_status s = sks_aead_next(&stream, opened, &read);
    LAW(stream.salt_size == before.salt_size, "the salt stays what it was");
    if (before.part != SKS_AEAD_LENGTH) {
        LAW(s == SKS_OK && stream.part == SKS_AEAD_LENGTH && read == 0, "a length follows");
        return;
    }
    size_t len = 256u * opened[0] + opened[1];
    LAW(s == (len > SKS_AEAD_TEXT_MAX ? SKS_ERR_CHUNK_LENGTH : SKS_OK), "LEN is masked by nobody");
    if (s == SKS_OK)
        LAW(stream.part == SKS_AEAD_DATA && stream.data_len == len && read == 2,
            "data follow a length");
    else
        LAW(stream.part == before.part && stream.data_len == before.data_len && read == 0,
            "a failed call changes nothing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    unsigned kind = data[0] >> 6, n = (256u * data[0] + data[1]) & SKS_AEAD_TEXT_MAX;
    struct sks_aead_stream stream = {(uint8_t)(kind % 3), (uint8_t)(1 + n % SKS_AEAD_SALT_MAX),
                                     (uint16_t)n};
    data += 2, size -= 2;
    struct sks_aead_sealed out;
    size_t used = SIZE_MAX, need = sks_aead_need(&stream);
    memset(&out, PATTERN, sizeof out);
    enum sks_status s = sks_aead_part_parse(&out, data, size, &stream, &used);
    expect_answer(s, used, &out, sizeof out, size);
    LAW(s == (size >= need ? SKS_OK : SKS_MORE), "done as soon as there is what was needed");
    if (s != SKS_OK)
        return 0;
    LAW(used == need && out.text == data, "a part is taken whole");
    LAW(stream.part == SKS_AEAD_SALT ? out.tag == NULL : out.tag + SKS_AEAD_TAG_SIZE == data + used,
        "the tag stands at the end");
    expect_next(stream, data);
    return 0;
}
