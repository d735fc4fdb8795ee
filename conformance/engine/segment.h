/* The segmentation axis: how the octets of a stimulus are cut, and whether a cut was real. */
#ifndef ENGINE_SEGMENT_H
#define ENGINE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

enum segment_kind {
    SEGMENT_WHOLE,     /* each message in one write */
    SEGMENT_BYTES,     /* octet by octet */
    SEGMENT_SPLIT,     /* one cut, at every place in turn */
    SEGMENT_COALESCED, /* neighbouring messages in one write, replies awaited afterwards */
    N_SEGMENTS
};
extern const char *const segment_names[N_SEGMENTS];

/* A look into the kernel's table of sockets (INET_DIAG): a netlink socket, or -1 where there is
 * none. It sees peers in the same network namespace only. */
int segment_probe_open(void);

/* How many of the octets sent on the TCP connection fd its other end has not yet read, those on
 * their way included; 0 only when the read that took the last of them has returned. -1 when the
 * kernel does not know that end. */
long segment_unread(int probe, int fd);

#endif
