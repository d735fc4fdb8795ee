#include "log.h"

#include "clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 1024 };

static const char *const names[] = {
#define LOG_X(constant, name) name,
    LOG_LEVEL_LIST(LOG_X)
#undef LOG_X
};

static _Atomic int shown = LOG_WARNING;

void log_set_level(int level)
{
    if (level < LOG_ERROR)
        level = LOG_ERROR;
    if (level > LOG_DEBUG)
        level = LOG_DEBUG;
    atomic_store(&shown, level);
}

int log_shows(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&shown, memory_order_relaxed);
}

/* One write a line, so that lines of several threads do not mix. */
static void put_line(enum log_level level, uint64_t held_back, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void put_line(enum log_level level, uint64_t held_back, const char *format, va_list args)
{
    char line[LINE_MAX_OCTETS];
    time_t now = time(NULL);
    struct tm tm;
    size_t n = strftime(line, sizeof line, "%Y-%m-%d %H:%M:%S ", localtime_r(&now, &tm));
    n += (size_t)snprintf(line + n, sizeof line - n, "%-7s ", names[level]);
    int text = vsnprintf(line + n, sizeof line - n, format, args);
    n = text < 0 ? n : n + (size_t)text;
    if (held_back != 0 && n < sizeof line)
        n += (size_t)snprintf(line + n, sizeof line - n, " (and %llu more)",
                              (unsigned long long)held_back);
    if (n > sizeof line - 1)
        n = sizeof line - 1;
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, n) < 0)
        return; /* there is nobody left to tell */
}

void log_answer(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(LOG_INFO, 0, format, args);
    va_end(args);
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list args;
    if (!log_shows(level))
        return;
    va_start(args, format);
    put_line(level, 0, format, args);
    va_end(args);
}

void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
    va_list args;
    uint64_t now = clock_ms(), next = atomic_load(&limit->next_ms);
    if (!log_shows(level))
        return;
    if (now < next || !atomic_compare_exchange_strong(&limit->next_ms, &next, now + 1000)) {
        atomic_fetch_add(&limit->held_back, 1);
        return;
    }
    va_start(args, format);
    put_line(level, atomic_exchange(&limit->held_back, 0), format, args);
    va_end(args);
}
