/* Where all tables meet, and the plain good connections by which a peer's health is told. */
#include "client.h"

#include "../requirements/requirements.h"

#include <string.h>

const char *const level_names[N_LEVELS] = {"MUST", "SHOULD", "MAY", "DEFACTO", "CHOICE"};
const char *const role_names[N_ROLES] = {"socks5-server", "socks5-client", "ss-server", "ss-local"};
const char *const actor_names[N_ACTORS] = {
    "client",         "second client", "target", "dialer",       "stranger",    "client's UDP",
    "stranger's UDP", "target's UDP",  "proxy",  "proxy again",  "proxy's UDP", "stdin",
    "stdout",         "exit",          "server", "server again", "server's UDP"};

enum role role_by_name(const char *name)
{
    enum role role = 0;
    while (role < N_ROLES && strcmp(name, role_names[role]) != 0)
        role++;
    return role;
}

const struct test_case *const case_tables[] = {
    rfc1928_3_cases,
    rfc1928_4_cases,
    rfc1928_5_cases,
    rfc1928_6_cases,
    rfc1928_6_bind_cases,
    rfc1928_6_udp_cases,
    rfc1928_7_cases,
    rfc1929_2_cases,
    client_3_cases,
    client_4_cases,
    client_5_cases,
    client_6_cases,
    client_6_relay_cases,
    client_6_bind_cases,
    client_7_cases,
    client_1929_2_cases,
    ss_address_cases,
    ss_stream_cases,
    ss_aead_cases,
    ss_aead_session_cases,
    ss_ota_header_cases,
    ss_ota_chunk_cases,
    ss_udp_cases,
    ss_udp_aead_cases,
    ss_ota_datagram_cases,
    ss_probe_random_cases,
    ss_probe_sweep_cases,
    ss_probe_replay_cases,
    stage_ssserver_cases,
    ss_address_local_cases,
    ss_stream_local_cases,
    ss_aead_local_cases,
    ss_ota_local_cases,
    ss_udp_local_cases,
    rfc1928_7_front_cases,
    stage_sslocal_cases,
    stage_front_cases,
    stage_socks5_server_cases,
    NULL,
};

static const struct requirement *const requirement_tables[] = {
    rfc1928_requirements,   rfc1929_requirements,        ss_address_requirements,
    ss_stream_requirements, ss_ota_requirements,         ss_aead_requirements,
    ss_udp_requirements,    ss_probe_requirements,       stage_ssserver_requirements,
    ss_uri_requirements,    ss_local_requirements,       stage_requirements,
    client_requirements,    client_command_requirements, NULL,
};

const struct test_case control_connect = {
    .id = "control/connect",
    .role = ROLE_SOCKS5_SERVER,
    .needs = NEED_CONNECT,
    .says = "A plain good connection to a target and back.",
    .steps = STEPS(CONNECTED, ECHO("{payload 32}")),
};

const struct test_case control_greeting = {
    .id = "control/greeting",
    .role = ROLE_SOCKS5_SERVER,
    .says = "A plain good greeting.",
    .steps = STEPS(HANDSHAKE),
};

const struct test_case control_client = {
    .id = "control/client",
    .role = ROLE_SOCKS5_CLIENT,
    .says = "A client that is served: an answer of 200 octets through the proxy.",
    .steps = STEPS(SERVES),
};

const struct test_case control_ss = {
    .id = "control/shadowsocks",
    .role = ROLE_SS_SERVER,
    .says = "A plain good connection to a target and back.",
    .steps = STEPS(SS_CONNECTED, SS_ECHO("{payload 32}")),
};

const struct test_case control_local = {
    .id = "control/ss-local",
    .role = ROLE_SS_LOCAL,
    .says = "A plain good connection to the server behind the peer and back.",
    .steps = STEPS(LINKED, AT(SERVER, SEND, "SALT:{salt} DATA:data({payload 32})"),
                   EXPECT("{payload 32}")),
};

const struct test_case *case_at(size_t i)
{
    for (size_t t = 0; case_tables[t]; t++)
        for (const struct test_case *c = case_tables[t]; c->id; c++)
            if (i-- == 0)
                return c;
    return NULL;
}

const struct requirement *requirement_at(size_t i)
{
    for (size_t t = 0; requirement_tables[t]; t++)
        for (const struct requirement *r = requirement_tables[t]; r->id; r++)
            if (i-- == 0)
                return r;
    return NULL;
}

const struct test_case *case_by_id(const char *id)
{
    for (size_t t = 0; case_tables[t]; t++)
        for (const struct test_case *c = case_tables[t]; c->id; c++)
            if (strcmp(c->id, id) == 0)
                return c;
    return NULL;
}

const struct requirement *requirement_by_id(const char *id)
{
    for (size_t t = 0; requirement_tables[t]; t++)
        for (const struct requirement *r = requirement_tables[t]; r->id; r++)
            if (strcmp(r->id, id) == 0)
                return r;
    return NULL;
}
