/* Texts and octets as the reports show them. */
#include "piece.h"

#include <sockspec/addr.h>

enum { HEX_SHOWN = 24 }; /* octets of one field */

static int print_hex(FILE *out, const uint8_t *data, size_t n)
{
    size_t shown = n > HEX_SHOWN ? HEX_SHOWN : n;
    for (size_t i = 0; i < shown; i++)
        fprintf(out, "%02x", data[i]);
    if (shown < n)
        return (int)(2 * shown) + fprintf(out, "...(%zu octets)", n);
    return (int)(2 * shown);
}

void pattern_print(FILE *out, const struct scene *scene, const char *text)
{
    struct piece p;
    const char *space = "";
    for (const char *s = text;;) {
        const char *end = piece_alternative_end(s);
        while (s = piece_next(s, end, scene, &p), p.kind != P_END && p.kind != P_BAD) {
            fputs(p.kind == P_CLOSE ? "" : space, out);
            space = p.kind == P_FIELD || p.kind == P_CALL ? "" : " ";
            if (p.kind == P_OCTETS && p.text[0] == '{' && scene->target_port)
                print_hex(out, p.octets, p.n);
            else
                fprintf(out, "%.*s", (int)p.text_len, p.text);
        }
        if (!*end)
            return;
        fputs(" or", out);
        space = " ";
        s = end + 4;
    }
}

int pattern_print_received(FILE *out, const struct scene *scene, const char *text, int alternative,
                           const uint8_t *data, size_t len, size_t mark)
{
    struct piece p;
    const char *s = piece_alternative(text, alternative), *end = piece_alternative_end(s);
    const char *space = "";
    size_t at = 0;
    int column = 0, marked = -1;
    while (at < len && (s = piece_next(s, end, scene, &p), p.kind != P_END)) {
        if (p.kind == P_FIELD) {
            column += fprintf(out, "%s%.*s", space, (int)p.text_len, p.text);
            space = "";
            continue;
        }
        size_t n = p.n;
        struct sks_addr a;
        if (p.kind == P_ADDR && sks_addr_parse(&a, data + at, len - at, &n) != SKS_OK)
            n = len - at;
        if (p.kind == P_METHODS)
            n = 1u + data[at];
        if (p.kind == P_HEAD || p.kind == P_ENDING || p.kind == P_SILENCE || p.kind == P_BAD ||
            n > len - at)
            n = len - at;
        column += fprintf(out, "%s", space);
        space = " ";
        if (mark >= at && mark < at + n)
            marked = column + 2 * (int)(mark - at);
        column += print_hex(out, data + at, n);
        at += n;
    }
    if (at < len) {
        column += fprintf(out, "%s", space);
        if (mark >= at && mark < len)
            marked = column + 2 * (int)(mark - at);
        column += print_hex(out, data + at, len - at);
    }
    if (mark == len)
        marked = column + (*space ? 1 : 0);
    return marked;
}
