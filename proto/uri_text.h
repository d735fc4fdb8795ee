/* Text as URIs write it: character classes and percent-encoding (RFC 3986 section 2), base64
 * (RFC 4648 sections 4 and 5). */
#ifndef PROTO_URI_TEXT_H
#define PROTO_URI_TEXT_H

#include <stdbool.h>

#include <sockspec/status.h>

/* ---- character classes ---- */

static inline bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline bool is_hexadecimal(uint8_t c)
{
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static inline bool is_in(uint8_t c, const char *set)
{
    for (; *set != '\0'; set++)
        if (c == (uint8_t)*set)
            return true;
    return false;
}

static inline bool is_unreserved(uint8_t c)
{
    return is_letter(c) || is_digit(c) || is_in(c, "-._~");
}

/* ---- searching ---- */

/* The offset of the first c in p, or n. */
static inline size_t find(const uint8_t *p, size_t n, uint8_t c)
{
    size_t i = 0;
    while (i < n && p[i] != c)
        i++;
    return i;
}

static inline bool starts_with(const uint8_t *p, size_t n, const char *text)
{
    size_t i = 0;
    while (i < n && text[i] != '\0' && p[i] == (uint8_t)text[i])
        i++;
    return text[i] == '\0';
}

/* ---- decoding ----
 * Writes *size octets to `to`, never more than n. On an error *bad is the offset in from of the
 * octet that is wrong, and `to` holds anything. */

static inline unsigned hex_value(uint8_t c)
{
    return is_digit(c) ? c - '0' + 0u : (c & 0x0f) + 9u;
}

/* Whether c stands for itself: unreserved, sub-delims, the colon, and where they are allowed @ / ?
 * (RFC 3986 sections 3.2.1, 3.4). */
static inline bool is_plain(uint8_t c, bool delimiters_allowed)
{
    return is_unreserved(c) || is_in(c, "!$&'()*+,;=:") || (delimiters_allowed && is_in(c, "@/?"));
}

/* What is_plain says is taken as it is. */
static inline enum sks_status percent_decode(uint8_t *to, size_t *size, const uint8_t *from,
                                             size_t n, bool delimiters_allowed, size_t *bad)
{
    size_t end = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = from[i];
        *bad = i;
        if (c == '%') {
            if (n - i < 3 || !is_hexadecimal(from[i + 1]) || !is_hexadecimal(from[i + 2]))
                return SKS_ERR_URI_PERCENT;
            c = (uint8_t)(16 * hex_value(from[i + 1]) + hex_value(from[i + 2]));
            i += 2;
        } else if (!is_plain(c, delimiters_allowed)) {
            return SKS_ERR_URI_CHARACTER;
        }
        to[end++] = c;
    }
    *size = end;
    return SKS_OK;
}

enum { NOT_BASE64 = 0xff };

static inline uint8_t base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0' + 52);
    if (c == '-' || c == '+')
        return 62;
    if (c == '_' || c == '/')
        return 63;
    return NOT_BASE64;
}

/* Takes both alphabets, with or without padding. */
static inline enum sks_status base64_decode(uint8_t *to, size_t *size, const uint8_t *from,
                                            size_t n, size_t *bad)
{
    uint32_t group = 0;
    unsigned bits = 0;
    size_t end = 0, i = 0;
    for (; i < n && base64_value(from[i]) != NOT_BASE64; i++) {
        group = 64 * group + base64_value(from[i]);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to[end++] = (uint8_t)(group >> bits);
            group &= (1u << bits) - 1;
        }
    }
    size_t text = i;
    for (; i < n; i++) {
        *bad = i;
        if (from[i] != '=')
            return SKS_ERR_URI_BASE64;
    }
    *bad = n > 0 ? n - 1 : 0;
    if (text % 4 == 1 || group != 0)
        return SKS_ERR_URI_BASE64;
    if (n > text && (n % 4 != 0 || n - text > 2))
        return SKS_ERR_URI_BASE64;
    *size = end;
    return SKS_OK;
}

/* ---- encoding ---- */

/* Where text goes: counted alone while p is NULL. Between base64_begin and base64_end what is put
 * is octets, and size counts the base64url characters that are complete. */
struct sink {
    uint8_t *p;
    size_t size;
    uint32_t group; /* bits not yet written, the lowest `bits` of them */
    unsigned bits;
    bool base64;
};

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static inline void put_character(struct sink *s, char c)
{
    if (s->p != NULL)
        s->p[s->size] = (uint8_t)c;
    s->size++;
}

static inline void base64_begin(struct sink *s)
{
    s->base64 = true;
    s->group = 0;
    s->bits = 0;
}

static inline void base64_end(struct sink *s)
{
    s->base64 = false;
    if (s->bits > 0)
        put_character(s, base64url[s->group << (6 - s->bits)]);
    s->bits = 0;
}

static inline void sink_put(struct sink *s, uint8_t octet)
{
    if (!s->base64) {
        put_character(s, (char)octet);
        return;
    }
    s->group = 256 * s->group + octet;
    s->bits += 8;
    while (s->bits >= 6) {
        s->bits -= 6;
        put_character(s, base64url[s->group >> s->bits]);
        s->group &= (1u << s->bits) - 1;
    }
}

static inline void sink_text(struct sink *s, const char *text)
{
    for (; *text != '\0'; text++)
        sink_put(s, (uint8_t)*text);
}

static inline void sink_octets(struct sink *s, const uint8_t *octets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sink_put(s, octets[i]);
}

static inline void sink_percent(struct sink *s, const uint8_t *octets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_unreserved(octets[i])) {
            sink_put(s, octets[i]);
        } else {
            sink_put(s, '%');
            sink_put(s, (uint8_t) "0123456789ABCDEF"[octets[i] >> 4]);
            sink_put(s, (uint8_t) "0123456789ABCDEF"[octets[i] & 0x0f]);
        }
    }
}

#endif
