/* Datagrams of Shadowsocks, opened and sealed in place; salts go through the port's filter, ours
 * too, which refuses what is sent back to us. */
#ifndef RELAY_DATAGRAM_H
#define RELAY_DATAGRAM_H

#include "port.h"

enum {
    DATAGRAM_MAX = 65507,                            /* octets over UDP and IPv4 */
    DATAGRAM_HEAD = SKS_IV_MAX + SKS_UDP_HEADER_MAX, /* room before what is sealed */
    DATAGRAM_TAIL = SKS_TAG_SIZE,                    /* and behind it */
    DATAGRAM_ROOM = DATAGRAM_HEAD + DATAGRAM_MAX + DATAGRAM_TAIL + 1,
};

/* What stands in a datagram; all of it borrows from the octets that were opened. */
struct datagram {
    struct sks_addr addr;
    uint8_t *header; /* ATYP ADDR PORT, without the flag of one-time auth; the payload follows */
    size_t header_len;
    uint8_t *payload;
    size_t payload_len;
};

/* len octets from the network. SKS_MORE: cut short. Errors: SKS_ERR_TAG, SKS_ERR_REPLAY, those of
 * sks_ota_datagram_parse. The octets are changed in any case. */
enum sks_status datagram_open(struct port *port, uint8_t *octets, size_t len, struct datagram *out);

/* *len octets at *octets, ATYP ADDR PORT and payload, with DATAGRAM_HEAD before and DATAGRAM_TAIL
 * behind them; they become what goes over the network. */
enum sks_status datagram_seal(struct port *port, uint8_t **octets, size_t *len);

#endif
