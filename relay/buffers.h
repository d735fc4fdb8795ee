/* The pool of a worker's buffers. A session holds one for a side only while there are octets of
 * that side that the session has not taken or that the other side has not been sent.
 *
 * A side that the session seals is read in pieces, each with the room that <sockspec/session.h>
 * asks for; every other side is read in one. */
#ifndef RELAY_BUFFERS_H
#define RELAY_BUFFERS_H

#include <sockspec/session.h>
#include <sys/uio.h>

enum {
    BUFFER_LINE = 64, /* octets of a cache line, at whose begin a piece stands */
    BUFFER_PIECES = 8,
    BUFFER_PIECE = SKS_SESSION_PIECE / BUFFER_LINE * BUFFER_LINE, /* whole blocks of any cipher */
    BUFFER_HEAD = BUFFER_LINE,                                    /* room before it */
    BUFFER_STRIDE = BUFFER_HEAD + BUFFER_PIECE + BUFFER_LINE,
    BUFFER_SIZE = BUFFER_PIECES * BUFFER_STRIDE, /* octets: the bound on what a side holds */
    BUFFER_SPANS = 64,
};
_Static_assert((int)BUFFER_SIZE - (int)BUFFER_HEAD > (int)SKS_OTA_CHUNK_MAX,
               "a buffer holds the largest message");
_Static_assert((int)BUFFER_HEAD >= (int)SKS_SESSION_HEAD && (int)BUFFER_LINE >= SKS_SESSION_TAIL,
               "a piece has the room that a session needs around it");

struct buffer {
    struct buffer *next;
    uint32_t at, n;                   /* octets that the session has not taken */
    uint16_t first, count;            /* spans that the other side has not been sent */
    struct iovec spans[BUFFER_SPANS]; /* they lie in octets, before at */
    _Alignas(BUFFER_LINE) uint8_t octets[BUFFER_SIZE];
};

struct buffers {
    struct buffer *free;
    unsigned idle; /* of those */
    unsigned used;
};

/* Empty, at BUFFER_HEAD; NULL when there is no memory. */
struct buffer *buffers_take(struct buffers *pool);
void buffers_give(struct buffers *pool, struct buffer *buffer);

/* Frees what is not in use. */
void buffers_trim(struct buffers *pool);

#endif
