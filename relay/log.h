/* Lines for the one who runs the relay, on standard error: time, level, text. Never a key, a
 * password or payload. Any thread may call. */
#ifndef RELAY_LOG_H
#define RELAY_LOG_H

#include <stdatomic.h>
#include <stdint.h>

/* X(constant, name): a level shows itself and what stands above it. */
#define LOG_LEVEL_LIST(X)                                                                          \
    X(LOG_ERROR, "error")                                                                          \
    X(LOG_WARNING, "warning")                                                                      \
    X(LOG_INFO, "info")                                                                            \
    X(LOG_DEBUG, "debug")

enum log_level {
#define LOG_X(constant, name) constant,
    LOG_LEVEL_LIST(LOG_X)
#undef LOG_X
};

/* Out of range is cut to the nearest; LOG_WARNING at first. */
void log_set_level(int level);
int log_shows(enum log_level level);

/* The answer to a question of that one: shown whatever the level. */
void log_answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For what may happen thousands of times a second: one line a second, which says how many others
 * there were. All zero at first. */
struct log_limit {
    _Atomic uint64_t next_ms;
    _Atomic uint64_t held_back;
};
void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
