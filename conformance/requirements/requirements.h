/* The tables of this folder, one per specification; each row is a struct requirement. */
#ifndef REQUIREMENTS_H
#define REQUIREMENTS_H

#include "../engine/case.h"

/* Of what shows in no network octet of its own. */
#define HELD_BY_VECTORS "a matter of octets: vectors hold codecs and ciphers to it"

extern const struct requirement rfc1928_requirements[];
extern const struct requirement rfc1929_requirements[];
extern const struct requirement client_requirements[];
extern const struct requirement client_command_requirements[];
extern const struct requirement ss_address_requirements[];
extern const struct requirement ss_stream_requirements[];
extern const struct requirement ss_ota_requirements[];
extern const struct requirement ss_aead_requirements[];
extern const struct requirement ss_local_requirements[];
extern const struct requirement ss_udp_requirements[];
extern const struct requirement ss_probe_requirements[];
extern const struct requirement ss_uri_requirements[];
extern const struct requirement stage_requirements[];
extern const struct requirement stage_ssserver_requirements[];

#endif
