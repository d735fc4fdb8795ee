/* An ssserver fed with a stream that a harness has sealed: what reaches the target is exactly the
 * plain text of the whole, right chunks, whatever the segments. */
#ifndef FUZZ_SERVER_H
#define FUZZ_SERVER_H

#include "network.h"
#include "script.h"

static struct driver server;
static struct pipe wire, answers, target_down, target_up;

/* A stream as it is made: the plain text of its right chunks, without the address header. */
struct stream {
    uint8_t plain[PIPE_MAX];
    size_t plain_len;
    int wrong; /* a chunk was made that is not to be taken, or cut short: all behind it is lost */
};

/* 0 when the library here lacks the method. */
static inline int server_open(struct family *f)
{
    if (!family_open(f))
        return 0;
    pipe_clear(&wire);
    pipe_clear(&answers);
    pipe_clear(&target_down);
    pipe_clear(&target_up);
    driver_open(&server, &f->server, 2);
    server.from[LOCAL] = &wire, server.to[LOCAL] = &answers;
    server.from[REMOTE] = &target_down, server.to[REMOTE] = &target_up;
    return 1;
}

/* What it may have forwarded so far is the front of what it should. */
static inline void expect_front(const struct stream *made)
{
    LAW(target_up.put <= made->plain_len &&
            memcmp(target_up.octets, made->plain, target_up.put) == 0,
        "only what was verified is forwarded, once and in order");
}

/* header: the octets of ATYP ADDR PORT that the stream begins with; 0 when it begins with none. */
static inline void serve(struct script *s, const struct stream *made, const uint8_t *header,
                         size_t header_len)
{
    wire.ended = 1;
    while (s->left != 0 && wire.got != wire.put) {
        deliver(&server, LOCAL, next_size(s));
        if (next(s) & 1)
            answer(&server);
        expect_front(made);
    }
    while (deliver(&server, LOCAL, SIZE_MAX) | answer(&server))
        expect_front(made);
    expect_front(made);
    if (header_len == 0) {
        LAW(server.target_len == 0 && target_up.put == 0, "without a header nothing is done");
    } else {
        LAW(server.target_len == header_len && memcmp(server.target, header, header_len) == 0,
            "the target is that of the header");
        LAW(target_up.put == made->plain_len, "all that was verified is forwarded");
    }
    LAW(answers.put == 0, "a server says nothing by itself");
    sks_session_close(&server.s);
}

#endif
