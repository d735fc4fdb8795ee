/* Our parsers over standard input and output, for compare.py.
 *
 * A question: one octet, the message's row in codecs.h or 0xff for a URI; four octets, big endian,
 * how many follow; those. An answer: a line of NAME=VALUE parted by spaces, names as in vectors/,
 * octets in hexadecimal.
 *
 * Exit status: 0 all read, 2 a question that is ill-formed or cut short. */
#include "../codecs.h"

#include <sockspec/uri.h>

enum { LARGEST = 65536, URI = 0xff };

static void octets(const char *name, const uint8_t *p, size_t n)
{
    printf(" %s=", name);
    for (size_t i = 0; i < n; i++)
        printf("%02x", p[i]);
}

static void number(const char *name, unsigned value)
{
    printf(" %s=%u", name, value);
}

static void addr(const struct sks_addr *a)
{
    number("atyp", a->atyp);
    octets("host", a->host, a->host_len);
    number("port", a->port);
}

static void fields(size_t row, const union message *m)
{
    switch (row) {
    case 0:
        addr(&m->addr);
        break;
    case 1:
        octets("methods", m->greeting.methods, m->greeting.nmethods);
        break;
    case 2:
        number("method", m->selection.method);
        break;
    case 3:
        octets("uname", m->userpass.uname, m->userpass.ulen);
        octets("passwd", m->userpass.passwd, m->userpass.plen);
        break;
    case 4:
        number("code", m->userpass_status.status);
        break;
    case 5:
        number("cmd", m->request.cmd);
        number("rsv", m->request.rsv);
        addr(&m->request.dst);
        break;
    case 6:
        number("rep", m->reply.rep);
        number("rsv", m->reply.rsv);
        addr(&m->reply.bnd);
        break;
    case 7:
        number("rsv", m->udp_header.rsv);
        number("frag", m->udp_header.frag);
        addr(&m->udp_header.dst);
        break;
    default: /* the headers of Shadowsocks, one a mode */
        number("type", m->ss_header.type);
        addr(&m->ss_header.dst);
    }
}

/* As vectors write it: SKS_ERR_OTA_FORBIDDEN is ota-forbidden. */
static void status(enum sks_status s, size_t used)
{
    const char *name = sks_status_name(s);
    printf("status=");
    for (name += SKS_IS_ERROR(s) ? strlen("SKS_ERR_") : strlen("SKS_"); *name != '\0'; name++)
        putchar(*name == '_' ? '-' : *name | 0x20);
    number("used", (unsigned)used);
}

static void answer_uri(const uint8_t *data, size_t n)
{
    static const char *const forms[] = {"base64", "percent", "old"};
    static uint8_t encoded[3 * LARGEST + 64];
    struct sks_uri out;
    size_t used;
    enum sks_status s = sks_uri_parse(&out, data, n, room(n), n, &used);
    status(s, used);
    if (s != SKS_OK)
        return;
    printf(" form=%s", forms[out.form]);
    octets("method", out.method.p, out.method.len);
    octets("password", out.password.p, out.password.len);
    octets("host", out.host.p, out.host.len);
    octets("plugin", out.plugin.p, out.plugin.len);
    octets("options", out.plugin_options.p, out.plugin_options.len);
    octets("tag", out.tag.p, out.tag.len);
    number("port", out.port);
    if (sks_uri_encode(encoded, sizeof encoded, &out, &used) == SKS_OK)
        octets("encoded", encoded, used);
}

int main(void)
{
    static uint8_t data[LARGEST];
    uint8_t head[5];
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t n = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        if ((head[0] != URI && head[0] >= CODECS) || n > LARGEST || fread(data, 1, n, stdin) != n) {
            fprintf(stderr, "batch: row %u, %zu octets: no such row, or not that many octets\n",
                    head[0], n);
            return 2;
        }
        if (head[0] == URI) {
            answer_uri(exact(data, n), n);
        } else {
            union message m;
            size_t used;
            enum sks_status s = codecs[head[0]].parse(&m, exact(data, n), n, &used);
            status(s, used);
            if (s == SKS_OK)
                fields(head[0], &m);
        }
        putchar('\n');
    }
    return ferror(stdin) || !feof(stdin) ? 2 : 0;
}
