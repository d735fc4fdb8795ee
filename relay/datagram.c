#include "datagram.h"

#include <string.h>

static bool is_aead(const struct port *port)
{
    return port->key.cipher->kind == SKS_CIPHER_AEAD;
}

static size_t salt_size(const struct port *port)
{
    return port->key.cipher->iv_size;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* What is in the clear then: *text, *text_len. */
static enum sks_status decrypt(struct port *port, uint8_t *octets, size_t len, uint8_t **text,
                               size_t *text_len)
{
    size_t salt = salt_size(port), used;
    struct sks_aead_datagram frame;
    struct sks_aead aead;
    if (!is_aead(port)) {
        if (len < salt)
            return SKS_MORE;
        *text = octets + salt;
        *text_len = len - salt;
        enum sks_status s = sks_stream_start(port->opener, &port->key, octets, salt);
        return s == SKS_OK ? sks_stream_update(port->opener, *text, *text_len) : s;
    }
    enum sks_status s = sks_aead_datagram_parse(&frame, octets, len, salt, &used);
    if (s != SKS_OK)
        return s;
    *text = octets + salt;
    *text_len = frame.text_len;
    s = sks_aead_start(&aead, &port->key, octets, salt);
    if (s == SKS_OK)
        s = sks_aead_open(&aead, port->session.sealer, *text, *text_len, frame.tag);
    sks_aead_wipe(&aead);
    return s;
}

static enum sks_status verify(const struct port *port, const uint8_t *iv,
                              const struct sks_ota_datagram *d)
{
    uint8_t tag[SKS_OTA_TAG_SIZE];
    if (d->tag == NULL)
        return SKS_OK;
    enum sks_status s = sks_ota_tag(tag, &port->key, iv, salt_size(port), d->text, d->text_len);
    return s == SKS_OK ? sks_ota_check(tag, d->tag) : s;
}

enum sks_status datagram_open(struct port *port, uint8_t *octets, size_t len, struct datagram *out)
{
    bool from_client = port->session.role == SKS_ROLE_SSSERVER;
    struct sks_ota_datagram d;
    uint8_t *text;
    size_t text_len, used;
    enum sks_status s = decrypt(port, octets, len, &text, &text_len);
    if (s == SKS_OK)
        s = sks_ota_datagram_parse(&d, text, text_len,
                                   from_client ? port->session.policy.ota : SKS_SS_PLAIN, &used);
    if (s == SKS_OK)
        s = verify(port, octets, &d);
    if (s != SKS_OK)
        return s;
    if (!replay_filter_add(port->datagrams, octets)) {
        COUNT_UP(port->worker->statistics.replayed, 1);
        return SKS_ERR_REPLAY;
    }
    text[0] = d.header.dst.atyp;
    out->addr = d.header.dst;
    out->header = text;
    out->header_len = (size_t)(d.data - text);
    out->payload = text + out->header_len;
    out->payload_len = d.data_len;
    return SKS_OK;
}

/* ---- sealing --------------------------------------------------------------------------------- */

static enum sks_status add_tag(const struct port *port, const uint8_t *iv, uint8_t *text,
                               size_t *len)
{
    text[0] |= SKS_SS_OTA_FLAG;
    enum sks_status s = sks_ota_tag(text + *len, &port->key, iv, salt_size(port), text, *len);
    *len += SKS_OTA_TAG_SIZE;
    return s;
}

enum sks_status datagram_seal(struct port *port, uint8_t **octets, size_t *len)
{
    size_t salt = salt_size(port);
    uint8_t *text = *octets, *wire = text - salt;
    size_t text_len = *len;
    enum sks_status s = SKS_OK;
    sks_random(wire, salt);
    (void)replay_filter_add(port->datagrams, wire);
    if (is_aead(port)) {
        struct sks_aead aead;
        s = sks_aead_start(&aead, &port->key, wire, salt);
        if (s == SKS_OK)
            s = sks_aead_seal(&aead, port->session.sealer, text, text_len, text + text_len);
        sks_aead_wipe(&aead);
        text_len += SKS_TAG_SIZE;
    } else {
        if (port->session.role != SKS_ROLE_SSSERVER &&
            port->session.policy.ota == SKS_SS_OTA_REQUIRED)
            s = add_tag(port, wire, text, &text_len);
        if (s == SKS_OK)
            s = sks_stream_start(port->closer, &port->key, wire, salt);
        if (s == SKS_OK)
            s = sks_stream_update(port->closer, text, text_len);
    }
    *octets = wire;
    *len = salt + text_len;
    return s;
}
