/* What the drivers of round trips share. */
#ifndef PROTO_PROOF_ROUND_TRIP_H
#define PROTO_PROOF_ROUND_TRIP_H

#include <sockspec/addr.h>

/*@ logic uint8_t octet{L}(uint8_t *p, integer i) = p[i];

    predicate same_addr{L}(struct sks_addr *v, struct sks_addr *m) =
        v->atyp == m->atyp && v->port == m->port && v->host_len == m->host_len &&
        sks_equal(m->host, v->host, v->host_len); */

/* Octets that are equal up to `from` and behind it are equal. */
/*@ requires sks_octets(p, from + n) && sks_octets(q, from + n);
    requires from + n <= SIZE_MAX;
    requires sks_equal(p, q, from) && sks_equal(p + from, q + from, n);
    assigns \nothing;
    ensures sks_equal(p, q, from + n); */
static void join(const uint8_t *p, const uint8_t *q, size_t from, size_t n)
{
    /*@ loop invariant 0 <= i <= n && sks_equal(p, q, from + i);
        loop assigns i;
        loop variant n - i; */
    for (size_t i = 0; i < n; i++) {
        //@ assert octet(p + from, i) == octet(q + from, i);
        //@ assert p[from + i] == q[from + i];
    }
}

/* An address that was read behind `at` octets of p, and written behind as many of q. */
/*@ requires \valid_read(m) && at <= 3 && m->atyp == atyp;
    requires sks_octets(p, at + sks_addr_room(m)) && sks_octets(q, at + sks_addr_room(m));
    requires sks_equal(q, p, at + 1) && m->host == p + (at + sks_host_at(atyp));
    requires sks_addr_written_behind(m, p + at) && sks_addr_written_behind(m, q + at);
    assigns \nothing;
    ensures sks_equal(q, p, at + sks_addr_room(m)); */
static void join_addr(const struct sks_addr *m, const uint8_t *p, const uint8_t *q, size_t at,
                      uint8_t atyp)
{
    size_t host = at + (atyp == SKS_ATYP_DOMAIN ? 2 : 1), n = m->host_len, port = host + n;
    //@ assert host == at + sks_host_at(atyp) && port + 2 == at + sks_addr_room(m);
    //@ assert sks_equal(q, p, host) && m->host == p + host;
    //@ assert sks_equal(q + host, p + host, n);
    join(q, p, host, n);
    //@ assert sks_u16(q + port) == sks_u16(p + port);
    //@ assert q[port] == p[port] && q[port + 1] == p[port + 1];
}

#endif
