/* ss:// URIs: SIP002, and the form that was used before it.
 *
 *   SIP002   ss://USERINFO@HOST:PORT[/][?plugin=NAME[;OPTIONS]][#TAG]
 *            USERINFO is base64url of method:password, or method:password percent-encoded; that
 *            alone for AEAD-2022 (methods that begin with "2022-")
 *   old      ss://BASE64[#TAG] where BASE64 is that of method:password@host:port
 *
 * An IPv6 address stands in brackets. NAME, OPTIONS and TAG are percent-encoded. */
#ifndef SOCKSPEC_URI_H
#define SOCKSPEC_URI_H

#include <sockspec/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, text): how method and password are written. */
#define SKS_URI_FORM_LIST(X)                                                                       \
    X(SKS_URI_BASE64, "SIP002, userinfo in base64url")                                             \
    X(SKS_URI_PERCENT, "SIP002, userinfo percent-encoded")                                         \
    X(SKS_URI_OLD, "old form, all in base64")

enum sks_uri_form {
#define SKS_X(constant, text) constant,
    SKS_URI_FORM_LIST(SKS_X)
#undef SKS_X
};

struct sks_uri_text {
    const uint8_t *p; /* len octets of any value, borrowed, not terminated */
    size_t len;       /* 0: the part is not there */
};

struct sks_uri {
    struct sks_uri_text method;         /* 1 octet or more, no colon; as written, known or not */
    struct sks_uri_text password;       /* 1 octet or more */
    struct sks_uri_text host;           /* 1..255 octets: letters, digits, - . _ or an IPv6 address
                                           without its brackets: hexadecimal digits, : and .,
                                           a colon at least; not judged further */
    struct sks_uri_text plugin;         /* its name, no semicolon */
    struct sks_uri_text plugin_options; /* all behind the first semicolon, escapes of SIP003 kept */
    struct sks_uri_text tag;            /* UTF-8 by convention, not judged */
    uint16_t port;                      /* 1..65535 */
    uint8_t form;                       /* enum sks_uri_form */
};

/* The whole of data is the URI: there is no SKS_MORE, what is cut short is wrong. Spans borrow from
 * data and from scratch, len octets or more of the caller's, which hold the password when the call
 * returns, whatever it returned: wipe it.
 *
 * Read generously: a scheme in capitals; base64 in either alphabet, padded or not; a port with
 * leading zeros; parameters other than plugin, which are skipped. The password ends at the last @
 * of the old form.
 *
 * Errors, *used the offset in data; inside base64 that of the character which carries the octet:
 *   SKS_ERR_URI_SCHEME     the first octet that differs from ss://
 *   SKS_ERR_URI_CHARACTER  an octet that may not stand there, such as a space or one over 7e
 *   SKS_ERR_URI_PERCENT    the percent sign
 *   SKS_ERR_URI_BASE64     the octet that is none, or the last one when length or ending is wrong
 *   SKS_ERR_URI_USERINFO   where the colon, the method, the password or the @ is missing
 *   SKS_ERR_URI_FORM       the start of base64 that holds a method of AEAD-2022
 *   SKS_ERR_URI_HOST       where the host should start, also if it has brackets and no colon; its
 *                          256th octet; the bracket left open
 *   SKS_ERR_URI_PORT       where a digit is missing, or the digit that makes it too large; its
 *                          first digit when it is 0
 *   SKS_ERR_URI_QUERY      the second plugin, or options whose plugin has no name
 *   SKS_ERR_SPACE          scratch_cap is less than *used, the size needed: len */
enum sks_status sks_uri_parse(struct sks_uri *out, const uint8_t *data, size_t len,
                              uint8_t *scratch, size_t scratch_cap, size_t *used);

/* in->form chooses the form. Written: lower case ss, base64 without padding, no slash before the
 * query, capitals in percent codes, all but letters, digits and - . _ ~ encoded.
 * Errors at the offset at which the field would stand: SKS_ERR_URI_USERINFO (method or password
 * empty, colon in method), SKS_ERR_URI_FORM (AEAD-2022 in base64, plugin in the old form),
 * SKS_ERR_URI_HOST (none that struct sks_uri allows), SKS_ERR_URI_PORT (0), SKS_ERR_URI_QUERY
 * (options without plugin, semicolon in plugin). */
enum sks_status sks_uri_encode(uint8_t *buf, size_t cap, const struct sks_uri *in, size_t *used);

#ifdef __cplusplus
}
#endif
#endif
