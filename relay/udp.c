#include "udp.h"
struct association {
    int x;
};
void udp_associate(struct connection *c, const struct sks_addr *client)
{
    (void)client;
    connection_tell(c,
                    &(struct sks_event){.kind = SKS_EVENT_FAILURE, .rep = SKS_REP_CMD_UNSUPPORTED});
}
void udp_dissociate(struct association *a)
{
    (void)a;
}
struct udp_front *udp_front_open(struct port *port, int fd)
{
    (void)port;
    (void)fd;
    return NULL;
}
void udp_front_close(struct udp_front *f)
{
    (void)f;
}
void udp_front_serve(struct udp_front *f, struct port *port)
{
    (void)f;
    (void)port;
}
void udp_expired(struct expiry_entry *e)
{
    (void)e;
}
