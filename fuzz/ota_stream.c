/* One-time auth with a known key: the input says which chunks are tagged, under which index, what
 * is spoilt, and in what segments all arrives. */
#include "server.h"

enum { LARGEST = 512 };

static struct family families[] = {
    {.method = "aes-128-ctr", .ota = 1},   {.method = "aes-256-cfb", .ota = 1},
    {.method = "chacha20-ietf", .ota = 1}, {.method = "rc4-md5", .ota = 1},
    {.method = "none", .ota = 1},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static uint8_t iv[SKS_IV_MAX];

/* The header and its tag, in the clear. */
static size_t put_header(struct family *f, struct script *s, uint8_t header[SKS_OTA_HEADER_MAX],
                         size_t spoil)
{
    struct sks_ss_header in = {.dst.port = 443};
    size_t n, used;
    in.dst.host = next_octets(s, 255, &n);
    in.dst.host_len = (uint8_t)n;
    in.dst.atyp = n == 4 ? SKS_ATYP_IPV4 : n == 16 ? SKS_ATYP_IPV6 : SKS_ATYP_DOMAIN;
    in.type = in.dst.atyp | SKS_SS_OTA_FLAG;
    if (sks_ota_header_encode(header, SKS_OTA_HEADER_MAX, &in, SKS_SS_OTA_REQUIRED, &used) !=
        SKS_OK)
        return 0;
    n = used - SKS_OTA_TAG_SIZE;
    LAW(sks_ota_tag(header + n, &f->key, iv, f->cipher->iv_size, header, n) == SKS_OK, "a tag");
    pipe_put(&wire, header, used);
    header[0] = in.dst.atyp;
    if (spoil == 0)
        return n;
    wire.octets[f->cipher->iv_size + spoil % used] ^= (uint8_t)(1u << spoil % 8);
    return 0;
}

static void put_chunk(struct stream *made, struct family *f, struct script *s, uint32_t *index)
{
    static uint8_t text[SKS_OTA_CHUNK_TEXT_MAX];
    uint8_t head[SKS_OTA_CHUNK_HEAD], how = next(s);
    size_t n = next_size(s), used, start = wire.put;
    for (size_t i = 0; i < n; i++)
        text[i] = text_at(made->plain_len + i);
    LAW(sks_ota_chunk_encode(head, sizeof head, n, &used) == SKS_OK, "a head");
    sks_ota_chunk_tag(head + 2, *index, iv, f->cipher->iv_size, text, n);
    pipe_put(&wire, head, sizeof head);
    pipe_put(&wire, text, n);
    ++*index;
    switch (how % 16) {
    case 13: /* an octet that the tag covers, or the tag */
        used = 2 + next_size(s) % (SKS_OTA_TAG_SIZE + n);
        wire.octets[start + used] ^= (uint8_t)(1u << how / 32);
        made->wrong = 1;
        break;
    case 14: /* the next one comes under another index */
        *index += 1u + next(s);
        return;
    case 15: /* the length, which no tag covers: what follows is misread */
        wire.octets[start + (how >> 7)] ^= (uint8_t)(1u << next(s) % 8);
        made->wrong = 1;
        break;
    default:
        break;
    }
}

/* A chunk made under the index that is its own is taken when nothing before it was wrong. */
static void put_next(struct stream *made, struct family *f, struct script *s, uint32_t *index,
                     uint32_t number)
{
    size_t start = wire.put;
    made->wrong |= *index != number;
    put_chunk(made, f, s, index);
    if (made->wrong)
        return;
    size_t n = wire.put - start - SKS_OTA_CHUNK_HEAD;
    memcpy(made->plain + made->plain_len, wire.octets + start + SKS_OTA_CHUNK_HEAD, n);
    made->plain_len += n;
}

static void encrypt(struct family *f)
{
    struct sks_stream *stream;
    size_t from = f->cipher->iv_size;
    LAW(sks_stream_new(&stream, f->cipher, SKS_ENCRYPT) == SKS_OK &&
            sks_stream_start(stream, &f->key, iv, from) == SKS_OK &&
            sks_stream_update(stream, wire.octets + from, wire.put - from) == SKS_OK,
        "a cipher");
    sks_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct stream made;
    struct script s = {data, size};
    uint8_t header[SKS_OTA_HEADER_MAX];
    uint32_t index = 0;
    if (size > LARGEST)
        return 0;
    struct family *f = &families[next(&s) % FAMILIES];
    uint8_t how = next(&s);
    if (!server_open(f))
        return 0;
    made.plain_len = 0;
    made.wrong = 0;
    memset(iv, 1, sizeof iv);
    pipe_put(&wire, iv, f->cipher->iv_size);
    size_t n = put_header(f, &s, header, how >= 0xf0 ? how : 0);
    for (uint32_t i = 0; i < (how & 31u) && wire.put < PIPE_MAX / 2; i++)
        put_next(&made, f, &s, &index, i);
    encrypt(f);
    if (n == 0)
        made.plain_len = 0;
    serve(&s, &made, header, n);
    return 0;
}
