/* Fault injection: linked into sockspec and sockspec-relay, it makes one call fail.
 *
 * A call is known by its stack: a hash of the places in this program and its libraries that lead to
 * it, so that it is the same one in the next run whatever else came before. SOCKSPEC_INJECT=HASH:N
 * makes the N-th of them fail, once; without it none does. SOCKSPEC_INJECT_LOG names a file, to
 * which is appended, a line each: "call HASH NAME PLACE..." for each stack that is new, "fired HASH
 * NAME PLACE..." when it failed. PLACE is an offset in the program, the innermost first. */
#include "calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <execinfo.h>
#include <fcntl.h>
#include <jansson.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <regex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DEPTH = 40,
    OWN_FRAMES = 2, /* of this file, on top of a stack */
    PLACES = 8,     /* of a line */
    STACKS = 1 << 15,
    LOG_FD = 900 /* out of the way of those that are counted */
};

extern const char __executable_start, etext;

static struct {
    uint64_t hash;
    unsigned count;
} stacks[STACKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static uint64_t wanted;
static unsigned long wanted_nth;
static _Thread_local int inside; /* while it is, nothing is counted */

static int is_own(const void *at)
{
    return (const char *)at >= &__executable_start && (const char *)at < &etext;
}

static uint64_t place_of(void *at)
{
    struct dl_find_object object;
    if (is_own(at))
        return (uint64_t)((const char *)at - &__executable_start);
    if (_dl_find_object(at, &object) != 0)
        return 0;
    return (uint64_t)((const char *)at - (const char *)object.dlfo_map_start);
}

static void tell(const char *what, uint64_t hash, const char *name, void *const *frames, int n)
{
    char line[256];
    int len = snprintf(line, sizeof line, "%s %016llx %s", what, (unsigned long long)hash, name);
    for (int i = 0, places = 0; i < n && places < PLACES; i++) {
        if (!is_own(frames[i]))
            continue;
        places++;
        len += snprintf(line + len, sizeof line - (size_t)len, " %llx",
                        (unsigned long long)place_of(frames[i]));
    }
    line[len++] = '\n';
    (void)!syscall(SYS_write, log_fd, line, (size_t)len);
}

/* How often this stack was seen, now included. */
static unsigned seen(uint64_t hash)
{
    for (size_t i = hash % STACKS;; i = (i + 1) % STACKS) {
        if (stacks[i].hash == hash)
            return ++stacks[i].count;
        if (stacks[i].hash == 0) {
            stacks[i].hash = hash;
            return ++stacks[i].count;
        }
    }
}

/* Whether this call is the one. */
static int fails(const char *name, int error)
{
    void *frames[DEPTH];
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    if (inside || log_fd < 0)
        return 0;
    inside = 1;
    int before = errno, n = backtrace(frames, DEPTH);
    for (const char *c = name; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    for (int i = OWN_FRAMES; i < n; i++)
        hash = (hash ^ place_of(frames[i])) * 1099511628211u;
    pthread_mutex_lock(&lock);
    unsigned count = seen(hash);
    int is = hash == wanted && count == wanted_nth;
    if (count == 1)
        tell("call", hash, name, frames + OWN_FRAMES, n - OWN_FRAMES);
    if (is)
        tell("fired", hash, name, frames + OWN_FRAMES, n - OWN_FRAMES);
    pthread_mutex_unlock(&lock);
    inside = 0;
    errno = is ? error : before;
    return is;
}

/* ---- those of the table ---------------------------------------------------------------------- */

#define CALL_X(type, name, params, args, answer, error)                                            \
    type __real_##name params;                                                                     \
    type __wrap_##name params;                                                                     \
    type __wrap_##name params                                                                      \
    {                                                                                              \
        return fails(#name, error) ? answer : __real_##name args;                                  \
    }
CALL_LIST(CALL_X)
#undef CALL_X

/* ---- those without an end of arguments ------------------------------------------------------- */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fails("open", EMFILE) ? -1 : __real_open(path, flags, mode);
}

int __real_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, long arg);
int __wrap_fcntl(int fd, int what, long arg)
{
    return fails("fcntl", ENOLCK) ? -1 : __real_fcntl(fd, what, arg);
}

int __real_ioctl(int fd, unsigned long what, ...);
int __wrap_ioctl(int fd, unsigned long what, void *arg);
int __wrap_ioctl(int fd, unsigned long what, void *arg)
{
    return fails("ioctl", EIO) ? -1 : __real_ioctl(fd, what, arg);
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = fails("asprintf", ENOMEM) ? -1 : vasprintf(text, format, args);
    va_end(args);
    return n;
}

int __wrap_dprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_dprintf(int fd, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = fails("dprintf", ENOSPC) ? -1 : vdprintf(fd, format, args);
    va_end(args);
    return n;
}

/* ---- those of streams: the error is set in the stream, too ----------------------------------- */

static int stream_fails(FILE *f, const char *name)
{
    if (!fails(name, ENOSPC))
        return 0;
    f->_flags |= 0x20; /* what ferror of this libc asks */
    return 1;
}

int __real_vfprintf(FILE *f, const char *format, va_list args);
int __wrap_vfprintf(FILE *f, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
int __wrap_vfprintf(FILE *f, const char *format, va_list args)
{
    return stream_fails(f, "vfprintf") ? -1 : __real_vfprintf(f, format, args);
}

int __wrap_fprintf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_fprintf(FILE *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = stream_fails(f, "fprintf") ? -1 : __real_vfprintf(f, format, args);
    va_end(args);
    return n;
}

int __wrap_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int __wrap_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = stream_fails(stdout, "printf") ? -1 : __real_vfprintf(stdout, format, args);
    va_end(args);
    return n;
}

#define STREAM_CALL_LIST(X)                                                                        \
    X(int, puts, (const char *s), (s), stdout, EOF)                                                \
    X(int, putchar, (int c), (c), stdout, EOF)                                                     \
    X(int, fputs, (const char *s, FILE *f), (s, f), f, EOF)                                        \
    X(int, fputc, (int c, FILE *f), (c, f), f, EOF)                                                \
    X(size_t, fwrite, (const void *p, size_t size, size_t n, FILE *f), (p, size, n, f), f, 0)      \
    X(int, fflush, (FILE * f), (f), f, EOF)                                                        \
    X(char *, fgets, (char *p, int n, FILE *f), (p, n, f), f, NULL)                                \
    X(ssize_t, getdelim, (char **p, size_t *n, int end, FILE *f), (p, n, end, f), f, -1)

#define STREAM_CALL_X(type, name, params, args, stream, answer)                                    \
    type __real_##name params;                                                                     \
    type __wrap_##name params;                                                                     \
    type __wrap_##name params                                                                      \
    {                                                                                              \
        return stream_fails(stream, #name) ? answer : __real_##name args;                          \
    }
STREAM_CALL_LIST(STREAM_CALL_X)
#undef STREAM_CALL_X

/* It is closed all the same. */
int __real_fclose(FILE *f);
int __wrap_fclose(FILE *f);
int __wrap_fclose(FILE *f)
{
    int is = fails("fclose", ENOSPC), status = __real_fclose(f);
    if (is)
        errno = ENOSPC;
    return is ? EOF : status;
}

/* ---- what libraries allocate ----------------------------------------------------------------- */

static void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return __wrap_malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return __wrap_realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("SOCKSPEC_INJECT_LOG"), *which = getenv("SOCKSPEC_INJECT");
    void *frames[DEPTH];
    char *end = NULL;
    event_set_mem_functions(__wrap_malloc, __wrap_realloc, free);
    json_set_alloc_funcs(__wrap_malloc, free);
    (void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
    (void)backtrace(frames, DEPTH); /* loads what it needs */
    if (file == NULL)
        return;
    int fd =
        (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (which != NULL) {
        wanted = strtoull(which, &end, 16);
        wanted_nth = *end == ':' ? strtoul(end + 1, NULL, 10) : 1;
    }
    log_fd = (int)syscall(SYS_dup3, fd, LOG_FD, O_CLOEXEC);
    (void)syscall(SYS_close, fd);
}
