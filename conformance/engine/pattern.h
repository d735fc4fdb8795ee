/* The language of step texts (case.h): building what is sent, matching what came, printing both. */
#ifndef ENGINE_PATTERN_H
#define ENGINE_PATTERN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    PATTERN_DEPTH = 16,  /* parentheses in parentheses */
    PATTERN_MAX = 70000, /* octets that one text can make: a datagram and its header */
};

/* What the names in braces stand for in one run of one case. Ports in host byte order. */
struct scene {
    struct in_addr origin; /* where the peer reaches the targets */
    uint16_t target_port, refused_port, udp_port, dialer_port;
    uint16_t seen_port;          /* from which the peer connected to the target */
    const char *user, *pass;     /* of --auth; NULL without it */
    const char *host;            /* that a client is told to reach; NULL in other roles */
    bool http;                   /* --payload http */
    uint64_t seed;               /* of {payload N} and of transfers */
    struct sockaddr_storage bnd; /* the last BND that came; ss_family AF_UNSPEC before that */
    char bnd_name[256];          /* when it came as a domain name */
};

enum ending { ENDING_OPEN, ENDING_FIN, ENDING_RST };

enum match_kind { MATCH, MATCH_MORE, MATCH_NOT };
struct match {
    enum match_kind kind;
    size_t used;     /* octets that matched; of MATCH_NOT: where the first difference stands */
    int alternative; /* from 0: the one that matched, or came nearest */
    char label[80];  /* its [text]; empty without one */
    char wanted[80]; /* of MATCH_NOT: "field REP: 05" or "the connection to end" */
    bool has_bnd;    /* an address was taken */
    size_t bnd_at;   /* its offset */
};

/* The octet at offset i of the payload that a seed makes. */
uint8_t payload_octet(uint64_t seed, size_t i);
/* The n octets of it from offset at, into buf. */
void payload_fill(uint64_t seed, size_t at, uint8_t *buf, size_t n);

/* Builds the octets of a text without alternatives. Returns how many, or -1 with *error naming the
 * token that is wrong (static text). cap is at least PATTERN_MAX. */
long pattern_build(const struct scene *scene, const char *text, uint8_t *buf, const char **error);

/* Matches data from its start. quiet: nothing more came within the time. */
struct match pattern_match(const struct scene *scene, const char *text, const uint8_t *data,
                           size_t len, enum ending ending, bool quiet);

/* Whether some alternative of text is this word: "silence", "end", "fin", "rst". */
bool pattern_has(const char *text, const char *word);
/* How many alternatives text has. */
int pattern_alternatives(const char *text);

/* Takes the address at data + at into scene->bnd (or bnd_name). */
void scene_take_bnd(struct scene *scene, const uint8_t *data, size_t len, size_t at);

/* Whether a text can be understood: NULL, or what is wrong with it (static text). */
const char *pattern_check(const char *text, bool to_send);

/* Writes text with its names in braces replaced by octets where they are known. */
void pattern_print(FILE *out, const struct scene *scene, const char *text);

/* Writes data in hex, split and named by the fields of the given alternative of text; returns the
 * column at which octet `mark` stands, or -1. At most 24 octets of a field are written. */
int pattern_print_received(FILE *out, const struct scene *scene, const char *text, int alternative,
                           const uint8_t *data, size_t len, size_t mark);

#endif
