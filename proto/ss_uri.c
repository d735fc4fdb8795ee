#include "uri_text.h"
#include "wire.h"

#include <sockspec/uri.h>

enum { SCHEME_SIZE = 5, HOST_MAX = 255 };

static const char scheme[] = "ss://";
static const char plugin_key[] = "plugin=";

static bool is_ipv6_character(uint8_t c)
{
    return is_hexadecimal(c) || c == ':' || c == '.';
}

static bool is_name_character(uint8_t c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

static bool is_aead_2022(struct sks_uri_text method)
{
    return starts_with(method.p, method.len, "2022-");
}

static bool has(struct sks_uri_text text, uint8_t c)
{
    return find(text.p, text.len, c) < text.len;
}

/* Whether host is one that struct sks_uri may hold; *bad is the offset of what is wrong. */
static enum sks_status judge_host(struct sks_uri_text host, bool ipv6, size_t *bad)
{
    *bad = 0;
    if (host.len == 0 || (ipv6 && !has(host, ':')))
        return SKS_ERR_URI_HOST;
    for (size_t i = 0; i < host.len; i++) {
        *bad = i;
        if (!(ipv6 ? is_ipv6_character(host.p[i]) : is_name_character(host.p[i])))
            return SKS_ERR_URI_CHARACTER;
        if (i == HOST_MAX)
            return SKS_ERR_URI_HOST;
    }
    return SKS_OK;
}

/* ---- parsing ------------------------------------------------------------------------------------
 * Each part takes n octets at p and says in *bad which of them is wrong. What is decoded goes to
 * scratch, as far from its start as p is from the URI's: nothing grows, so it cannot run over. */

/* method:password, all of it decoded. */
static enum sks_status parse_userinfo(struct sks_uri *uri, const uint8_t *p, size_t n, size_t *bad)
{
    size_t colon = find(p, n, ':');
    if (colon == 0)
        return wire_error(SKS_ERR_URI_USERINFO, 0, bad);
    if (n - colon < 2)
        return wire_error(SKS_ERR_URI_USERINFO, n, bad);
    uri->method = (struct sks_uri_text){p, colon};
    uri->password = (struct sks_uri_text){p + colon + 1, n - colon - 1};
    return SKS_OK;
}

static enum sks_status parse_port(struct sks_uri *uri, const uint8_t *p, size_t n, size_t *bad)
{
    uint32_t port = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(p[i]))
            return wire_error(SKS_ERR_URI_PORT, i, bad);
        port = 10 * port + p[i] - '0';
        if (port > 0xffff)
            return wire_error(SKS_ERR_URI_PORT, i, bad);
    }
    if (port == 0)
        return wire_error(SKS_ERR_URI_PORT, 0, bad);
    uri->port = (uint16_t)port;
    return SKS_OK;
}

/* host:port */
static enum sks_status parse_server(struct sks_uri *uri, const uint8_t *p, size_t n, size_t *bad)
{
    bool ipv6 = n > 0 && p[0] == '[';
    size_t start = ipv6 ? 1 : 0;
    size_t end = find(p, n, ipv6 ? ']' : ':');
    if (ipv6 && end == n)
        return wire_error(SKS_ERR_URI_HOST, 0, bad);
    uri->host = (struct sks_uri_text){p + start, end - start};
    enum sks_status s = judge_host(uri->host, ipv6, bad);
    if (s != SKS_OK)
        return wire_error(s, start + *bad, bad);
    size_t colon = ipv6 ? end + 1 : end;
    if (colon == n || p[colon] != ':')
        return wire_error(SKS_ERR_URI_PORT, colon, bad);
    s = parse_port(uri, p + colon + 1, n - colon - 1, bad);
    return s == SKS_OK ? s : wire_error(s, colon + 1 + *bad, bad);
}

/* [/][?parameters] */
static enum sks_status parse_query(struct sks_uri *uri, const uint8_t *p, size_t n,
                                   uint8_t *scratch, size_t *bad)
{
    size_t at = n > 0 && p[0] == '/' ? 1 : 0;
    bool seen = false;
    if (at < n && p[at] != '?')
        return wire_error(SKS_ERR_URI_CHARACTER, at, bad);
    while (at < n) {
        at++;
        size_t end = at + find(p + at, n - at, '&'), size;
        bool plugin = starts_with(p + at, end - at, plugin_key);
        if (plugin && seen)
            return wire_error(SKS_ERR_URI_QUERY, at, bad);
        if (plugin)
            at += sizeof plugin_key - 1;
        uint8_t *value = scratch + at;
        enum sks_status s = percent_decode(value, &size, p + at, end - at, true, bad);
        if (s != SKS_OK)
            return wire_error(s, at + *bad, bad);
        if (plugin) {
            size_t name = find(value, size, ';');
            if (name == 0 && size > 0)
                return wire_error(SKS_ERR_URI_QUERY, at, bad);
            uri->plugin = (struct sks_uri_text){value, name};
            if (size - name > 1)
                uri->plugin_options = (struct sks_uri_text){value + name + 1, size - name - 1};
            seen = true;
        }
        at = end;
    }
    return SKS_OK;
}

/* base64 of method:password, or also of @host:port. */
static enum sks_status parse_base64(struct sks_uri *uri, const uint8_t *p, size_t n,
                                    uint8_t *scratch, size_t *bad)
{
    size_t size;
    enum sks_status s = base64_decode(scratch, &size, p, n, bad);
    if (s != SKS_OK)
        return s;
    size_t at = size;
    if (uri->form == SKS_URI_OLD) {
        while (at > 0 && scratch[at - 1] != '@')
            at--;
        if (at == 0)
            return wire_error(SKS_ERR_URI_USERINFO, n, bad);
        at--;
    }
    s = parse_userinfo(uri, scratch, at, bad);
    if (s == SKS_OK && uri->form == SKS_URI_OLD) {
        s = parse_server(uri, scratch + at + 1, size - at - 1, bad);
        *bad += at + 1;
    }
    if (s != SKS_OK)
        return wire_error(s, *bad < size ? *bad / 3 * 4 + *bad % 3 : n, bad);
    if (is_aead_2022(uri->method))
        return wire_error(SKS_ERR_URI_FORM, 0, bad);
    return SKS_OK;
}

/* method:password, percent-encoded, the colon at p[colon]. */
static enum sks_status parse_percent(struct sks_uri *uri, const uint8_t *p, size_t colon, size_t n,
                                     uint8_t *scratch, size_t *bad)
{
    size_t size;
    enum sks_status s = percent_decode(scratch, &size, p, colon, false, bad);
    if (s != SKS_OK)
        return s;
    uri->method = (struct sks_uri_text){scratch, size};
    if (size == 0 || has(uri->method, ':'))
        return wire_error(SKS_ERR_URI_USERINFO, 0, bad);
    uri->password.p = scratch + size;
    s = percent_decode(scratch + size, &uri->password.len, p + colon + 1, n - colon - 1, false,
                       bad);
    if (s != SKS_OK)
        return wire_error(s, colon + 1 + *bad, bad);
    if (uri->password.len == 0)
        return wire_error(SKS_ERR_URI_USERINFO, n, bad);
    return SKS_OK;
}

/* All behind the scheme and before the tag. */
static enum sks_status parse_body(struct sks_uri *uri, const uint8_t *p, size_t n, uint8_t *scratch,
                                  size_t *bad)
{
    size_t at = find(p, find(p, n, '?'), '@');
    if (at == n || p[at] != '@') {
        uri->form = SKS_URI_OLD;
        return parse_base64(uri, p, n, scratch, bad);
    }
    size_t colon = find(p, at, ':');
    uri->form = colon < at ? SKS_URI_PERCENT : SKS_URI_BASE64;
    enum sks_status s = uri->form == SKS_URI_PERCENT
                            ? parse_percent(uri, p, colon, at, scratch, bad)
                            : parse_base64(uri, p, at, scratch, bad);
    if (s != SKS_OK)
        return s;
    size_t server = at + 1;
    size_t size = find(p + server, n - server, '?');
    size = find(p + server, size, '/');
    s = parse_server(uri, p + server, size, bad);
    if (s != SKS_OK)
        return wire_error(s, server + *bad, bad);
    size_t query = server + size;
    s = parse_query(uri, p + query, n - query, scratch + query, bad);
    return s == SKS_OK ? s : wire_error(s, query + *bad, bad);
}

enum sks_status sks_uri_parse(struct sks_uri *out, const uint8_t *data, size_t len,
                              uint8_t *scratch, size_t scratch_cap, size_t *used)
{
    struct sks_uri uri = {0};
    if (scratch_cap < len)
        return wire_error(SKS_ERR_SPACE, len, used);
    for (size_t i = 0; i < SCHEME_SIZE; i++)
        if (i == len || (data[i] | (i < 2 ? 0x20 : 0)) != (uint8_t)scheme[i])
            return wire_error(SKS_ERR_URI_SCHEME, i, used);
    size_t hash = find(data, len, '#');
    enum sks_status s =
        parse_body(&uri, data + SCHEME_SIZE, hash - SCHEME_SIZE, scratch + SCHEME_SIZE, used);
    if (s != SKS_OK)
        return wire_error(s, SCHEME_SIZE + *used, used);
    if (hash < len) {
        uri.tag.p = scratch + hash;
        s = percent_decode(scratch + hash, &uri.tag.len, data + hash + 1, len - hash - 1, true,
                           used);
        if (s != SKS_OK)
            return wire_error(s, hash + 1 + *used, used);
    }
    *out = uri;
    return wire_ok(len, used);
}

/* ---- encoding: each part goes to the sink, whose size is the offset when one is refused
 * ---------- */

static void put_userinfo_text(struct sink *to, const struct sks_uri *uri, struct sks_uri_text text)
{
    if (uri->form == SKS_URI_PERCENT)
        sink_percent(to, text.p, text.len);
    else
        sink_octets(to, text.p, text.len);
}

static enum sks_status put_userinfo(struct sink *to, const struct sks_uri *uri)
{
    if (uri->method.len == 0 || has(uri->method, ':'))
        return SKS_ERR_URI_USERINFO;
    if (uri->form != SKS_URI_PERCENT && is_aead_2022(uri->method))
        return SKS_ERR_URI_FORM;
    put_userinfo_text(to, uri, uri->method);
    sink_put(to, ':');
    if (uri->password.len == 0)
        return SKS_ERR_URI_USERINFO;
    put_userinfo_text(to, uri, uri->password);
    return SKS_OK;
}

static enum sks_status put_server(struct sink *to, const struct sks_uri *uri)
{
    size_t bad;
    bool ipv6 = has(uri->host, ':');
    if (judge_host(uri->host, ipv6, &bad) != SKS_OK)
        return SKS_ERR_URI_HOST;
    sink_text(to, ipv6 ? "[" : "");
    sink_octets(to, uri->host.p, uri->host.len);
    sink_text(to, ipv6 ? "]:" : ":");
    if (uri->port == 0)
        return SKS_ERR_URI_PORT;
    for (unsigned unit = 10000; unit > 0; unit /= 10)
        if (uri->port >= unit)
            sink_put(to, (uint8_t)('0' + uri->port / unit % 10));
    return SKS_OK;
}

static enum sks_status put_query(struct sink *to, const struct sks_uri *uri)
{
    if (uri->plugin.len == 0)
        return uri->plugin_options.len == 0 ? SKS_OK : SKS_ERR_URI_QUERY;
    if (uri->form == SKS_URI_OLD)
        return SKS_ERR_URI_FORM;
    if (has(uri->plugin, ';'))
        return SKS_ERR_URI_QUERY;
    sink_text(to, "?");
    sink_text(to, plugin_key);
    sink_percent(to, uri->plugin.p, uri->plugin.len);
    if (uri->plugin_options.len > 0)
        sink_text(to, "%3B");
    sink_percent(to, uri->plugin_options.p, uri->plugin_options.len);
    return SKS_OK;
}

static enum sks_status put_uri(struct sink *to, const struct sks_uri *uri)
{
    sink_text(to, scheme);
    if (uri->form != SKS_URI_PERCENT)
        base64_begin(to);
    enum sks_status s = put_userinfo(to, uri);
    if (s != SKS_OK)
        return s;
    if (uri->form != SKS_URI_OLD)
        base64_end(to);
    sink_put(to, '@');
    s = put_server(to, uri);
    if (s != SKS_OK)
        return s;
    base64_end(to);
    s = put_query(to, uri);
    if (s != SKS_OK)
        return s;
    sink_text(to, uri->tag.len > 0 ? "#" : "");
    sink_percent(to, uri->tag.p, uri->tag.len);
    return SKS_OK;
}

enum sks_status sks_uri_encode(uint8_t *buf, size_t cap, const struct sks_uri *in, size_t *used)
{
    struct sink counted = {0}, written = {.p = buf};
    enum sks_status s = put_uri(&counted, in);
    *used = counted.size;
    if (s != SKS_OK)
        return s;
    if (cap < *used)
        return SKS_ERR_SPACE;
    return put_uri(&written, in);
}
