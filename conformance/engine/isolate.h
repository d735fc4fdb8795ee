/* A network namespace of the run's own: loopback, and no way out. */
#ifndef ENGINE_ISOLATE_H
#define ENGINE_ISOLATE_H

/* Moves this process, and so what it starts, into a new network namespace with loopback up, a
 * destination that is unreachable and one that is prohibited (pattern.c names them). Returns NULL,
 * or why it could not be done (static text). */
const char *isolate(void);

#endif
