/* The AEAD stream with a known key: the input says which chunks are sealed, how long they claim to
 * be, which octet is spoilt, and in what segments all arrives. */
#include "server.h"

enum { LARGEST = 512, TEXT_MAX = 0x7fff };

static struct family families[] = {
    {.method = "aes-128-gcm"},
    {.method = "aes-192-gcm"},
    {.method = "aes-256-gcm"},
    {.method = "chacha20-ietf-poly1305"},
    {.method = "xchacha20-ietf-poly1305"},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static struct sks_aead sealing;

/* Text and tag to the wire; spoil chooses a bit to turn, or 0. */
static void put_sealed(struct family *f, const uint8_t *text, size_t n, size_t spoil)
{
    static uint8_t sealed[TEXT_MAX + SKS_TAG_SIZE];
    if (n != 0)
        memcpy(sealed, text, n);
    LAW(sks_aead_seal(&sealing, f->sealer, sealed, n, sealed + n) == SKS_OK, "it is sealed");
    if (spoil != 0)
        sealed[spoil % (n + SKS_TAG_SIZE)] ^= (uint8_t)(1u << spoil % 8);
    pipe_put(&wire, sealed, n + SKS_TAG_SIZE);
}

/* A chunk of n octets that claims claimed. */
static void put_chunk(struct stream *made, struct family *f, const uint8_t *text, size_t n,
                      size_t claimed, size_t spoil_length, size_t spoil_data)
{
    const uint8_t length[] = {(uint8_t)(claimed >> 8), (uint8_t)(claimed & 0xff)};
    put_sealed(f, length, sizeof length, spoil_length);
    put_sealed(f, text, n, spoil_data);
    made->wrong |= claimed != n || n > SKS_AEAD_TEXT_MAX || spoil_length != 0 || spoil_data != 0;
    if (!made->wrong && n != 0) {
        memcpy(made->plain + made->plain_len, text, n);
        made->plain_len += n;
    }
}

static void put_next(struct stream *made, struct family *f, struct script *s)
{
    static uint8_t text[TEXT_MAX];
    uint8_t how = next(s);
    size_t n, spoil;
    const uint8_t *own = next_octets(s, 255, &n);
    if (how & 1) { /* larger ones, of a text that tells its offset */
        n = next_size(s);
        n = n <= TEXT_MAX ? n : TEXT_MAX;
        for (size_t i = 0; i < n; i++)
            text[i] = text_at(made->plain_len + i);
        own = text;
    }
    switch (how >> 1 & 15) {
    case 11: /* the top bits are to be 0, and not to be masked */
        put_chunk(made, f, own, n, n | (1u + next(s) % 3u) << 14, 0, 0);
        break;
    case 12: /* too long, and all there */
        n = SKS_AEAD_TEXT_MAX + 1u + next(s);
        for (size_t i = 0; i < n; i++)
            text[i] = text_at(i);
        put_chunk(made, f, text, n, n, 0, 0);
        break;
    case 13:
        spoil = 1u + next(s);
        put_chunk(made, f, own, n, n, spoil, 0);
        break;
    case 14:
        spoil = 1 + next_size(s);
        put_chunk(made, f, own, n, n, 0, spoil);
        break;
    case 15:
        spoil = next(s);
        put_chunk(made, f, own, n, n ^ (spoil << 8 | next(s)), 0, 0);
        break;
    default:
        put_chunk(made, f, own, n, n, 0, 0);
    }
}

/* The header comes off the front of what is forwarded. */
static size_t split_header(struct stream *made, uint8_t header[SKS_ADDR_MAX])
{
    struct sks_ss_header out;
    size_t used;
    if (sks_ss_header_parse(&out, made->plain, made->plain_len, SKS_SS_PLAIN, &used) != SKS_OK) {
        made->plain_len = 0;
        return 0;
    }
    memcpy(header, made->plain, used);
    made->plain_len -= used;
    memmove(made->plain, made->plain + used, made->plain_len);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t usual[] = {1, 192, 0, 2, 7, 0x1f, 0x90};
    static struct stream made;
    struct script s = {data, size};
    uint8_t salt[SKS_IV_MAX], header[SKS_ADDR_MAX];
    if (size > LARGEST)
        return 0;
    struct family *f = &families[next(&s) % FAMILIES];
    uint8_t how = next(&s);
    if (!server_open(f))
        return 0;
    made.plain_len = 0;
    made.wrong = 0;
    memset(salt, 1, sizeof salt);
    LAW(sks_aead_start(&sealing, &f->key, salt, f->cipher->iv_size) == SKS_OK, "a key");
    pipe_put(&wire, salt, f->cipher->iv_size);
    if (how & 1)
        put_chunk(&made, f, usual, sizeof usual, sizeof usual, 0, 0);
    for (size_t chunks = how >> 1 & 31; chunks > 0 && wire.put < PIPE_MAX / 2; chunks--)
        put_next(&made, f, &s);
    size_t n = split_header(&made, header);
    serve(&s, &made, header, n);
    return 0;
}
