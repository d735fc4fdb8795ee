/* The calls that can fail, and what each answers then: X(type, name, parameters, arguments, answer,
 * errno). Each is wrapped by the linker (--wrap): the Makefile takes the names from here.
 *
 * Not here, since with right arguments they cannot fail: close, munmap, shutdown, clock_gettime,
 * getpid, kill, sigwait, pthread_join and the mutexes, event_del, event_assign,
 * event_config_set_flag, event_base_loopbreak. What libevent, jansson and libcrypto allocate goes
 * through malloc here, see interposer.c; what they ask of the system themselves does not. */
#ifndef CI_INJECTION_CALLS_H
#define CI_INJECTION_CALLS_H

#define CALL_LIST(X)                                                                               \
    X(void *, malloc, (size_t n), (n), NULL, ENOMEM)                                               \
    X(void *, calloc, (size_t n, size_t size), (n, size), NULL, ENOMEM)                            \
    X(void *, realloc, (void *p, size_t n), (p, n), NULL, ENOMEM)                                  \
    X(char *, strdup, (const char *s), (s), NULL, ENOMEM)                                          \
    X(char *, strndup, (const char *s, size_t n), (s, n), NULL, ENOMEM)                            \
    X(FILE *, open_memstream, (char **p, size_t *n), (p, n), NULL, ENOMEM)                         \
    X(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at),                    \
      (p, n, prot, flags, fd, at), MAP_FAILED, ENOMEM)                                             \
    X(int, socket, (int family, int type, int protocol), (family, type, protocol), -1, EMFILE)     \
    X(int, socketpair, (int family, int type, int protocol, int fds[2]),                           \
      (family, type, protocol, fds), -1, EMFILE)                                                   \
    X(int, eventfd, (unsigned count, int flags), (count, flags), -1, EMFILE)                       \
    X(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), -1, EMFILE)       \
    X(int, pipe2, (int fds[2], int flags), (fds, flags), -1, EMFILE)                               \
    X(int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, EADDRINUSE)      \
    X(int, listen, (int fd, int backlog), (fd, backlog), -1, EADDRINUSE)                           \
    X(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags), -1,  \
      EMFILE)                                                                                      \
    X(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, ENETUNREACH)  \
    X(int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1, ENOBUFS)       \
    X(int, getpeername, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1, ENOTCONN)      \
    X(int, getsockopt, (int fd, int level, int name, void *p, socklen_t *n),                       \
      (fd, level, name, p, n), -1, ENOBUFS)                                                        \
    X(int, setsockopt, (int fd, int level, int name, const void *p, socklen_t n),                  \
      (fd, level, name, p, n), -1, ENOBUFS)                                                        \
    X(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags), -1, ENOBUFS) \
    X(ssize_t, sendto,                                                                             \
      (int fd, const void *p, size_t n, int flags, const struct sockaddr *a, socklen_t size),      \
      (fd, p, n, flags, a, size), -1, ENOBUFS)                                                     \
    X(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags), -1, ENOBUFS)  \
    X(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags), -1, ENOMEM)        \
    X(ssize_t, recvfrom,                                                                           \
      (int fd, void *p, size_t n, int flags, struct sockaddr *a, socklen_t *size),                 \
      (fd, p, n, flags, a, size), -1, ENOMEM)                                                      \
    X(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1, EIO)                             \
    X(ssize_t, readv, (int fd, const struct iovec *p, int n), (fd, p, n), -1, ECONNRESET)          \
    X(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1, EIO)                      \
    X(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms), -1, EINTR)                     \
    X(int, getrlimit, (int what, struct rlimit *p), (what, p), -1, EPERM)                          \
    X(int, setrlimit, (int what, const struct rlimit *p), (what, p), -1, EPERM)                    \
    X(pid_t, fork, (void), (), -1, EAGAIN)                                                         \
    X(int, execvp, (const char *file, char *const argv[]), (file, argv), -1, ENOENT)               \
    X(int, dup2, (int from, int to), (from, to), -1, EBUSY)                                        \
    X(pid_t, setsid, (void), (), -1, EPERM)                                                        \
    X(int, unshare, (int flags), (flags), -1, EPERM)                                               \
    X(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), -1, EINTR)    \
    X(int, waitid, (idtype_t type, id_t id, siginfo_t * info, int options),                        \
      (type, id, info, options), -1, EINTR)                                                        \
    X(int, chdir, (const char *path), (path), -1, ENOENT)                                          \
    X(char *, getcwd, (char *p, size_t n), (p, n), NULL, ENOENT)                                   \
    X(char *, realpath, (const char *path, char *p), (path, p), NULL, ENOENT)                      \
    X(int, mkdir, (const char *path, mode_t mode), (path, mode), -1, ENOSPC)                       \
    X(char *, mkdtemp, (char *path), (path), NULL, ENOSPC)                                         \
    X(int, mkstemp, (char *path), (path), -1, ENOSPC)                                              \
    X(int, fchmod, (int fd, mode_t mode), (fd, mode), -1, EPERM)                                   \
    X(int, rename, (const char *from, const char *to), (from, to), -1, EACCES)                     \
    X(int, stat, (const char *path, struct stat *s), (path, s), -1, ENOENT)                        \
    X(int, access, (const char *path, int mode), (path, mode), -1, ENOENT)                         \
    X(DIR *, opendir, (const char *path), (path), NULL, EMFILE)                                    \
    X(int, scandir,                                                                                \
      (const char *path, struct dirent ***list, int (*is)(const struct dirent *),                  \
       int (*order)(const struct dirent **, const struct dirent **)),                              \
      (path, list, is, order), -1, EMFILE)                                                         \
    X(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EMFILE)             \
    X(FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL, ENOMEM)                        \
    X(int, getaddrinfo,                                                                            \
      (const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found), \
      (host, port, hints, found), EAI_MEMORY, ENOMEM)                                              \
    X(int, regcomp, (regex_t * r, const char *text, int flags), (r, text, flags), REG_ESPACE,      \
      ENOMEM)                                                                                      \
    X(int, pthread_create,                                                                         \
      (pthread_t * thread, const pthread_attr_t *how, void *(*run)(void *), void *arg),            \
      (thread, how, run, arg), EAGAIN, EAGAIN)                                                     \
    X(struct event_base *, event_base_new_with_config, (const struct event_config *c), (c), NULL,  \
      ENOMEM)                                                                                      \
    X(int, event_base_dispatch, (struct event_base * b), (b), -1, ENOMEM)                          \
    X(int, event_base_loop, (struct event_base * b, int flags), (b, flags), -1, ENOMEM)            \
    X(int, event_add, (struct event * e, const struct timeval *t), (e, t), -1, ENOMEM)             \
    X(int, evthread_use_pthreads, (void), (), -1, ENOMEM)                                          \
    X(int, evdns_base_set_option, (struct evdns_base * b, const char *name, const char *value),    \
      (b, name, value), -1, ENOMEM)                                                                \
    X(int, evdns_base_nameserver_ip_add, (struct evdns_base * b, const char *ip), (b, ip), 4,      \
      ENOMEM)                                                                                      \
    X(int, evdns_base_resolv_conf_parse, (struct evdns_base * b, int flags, const char *file),     \
      (b, flags, file), 1, ENOENT)                                                                 \
    X(struct evdns_request *, evdns_base_resolve_ipv4,                                             \
      (struct evdns_base * b, const char *name, int flags, evdns_callback_type done, void *arg),   \
      (b, name, flags, done, arg), NULL, ENOMEM)                                                   \
    X(struct evdns_request *, evdns_base_resolve_ipv6,                                             \
      (struct evdns_base * b, const char *name, int flags, evdns_callback_type done, void *arg),   \
      (b, name, flags, done, arg), NULL, ENOMEM)

/* Those with a list of arguments that has no end, and those of a stream, whose error stays with it:
 * written out in interposer.c. X(name) */
#define OTHER_CALL_LIST(X)                                                                         \
    X(open)                                                                                        \
    X(fcntl)                                                                                       \
    X(ioctl)                                                                                       \
    X(asprintf)                                                                                    \
    X(dprintf)                                                                                     \
    X(printf)                                                                                      \
    X(fprintf)                                                                                     \
    X(vfprintf)                                                                                    \
    X(puts)                                                                                        \
    X(putchar)                                                                                     \
    X(fputs)                                                                                       \
    X(fputc)                                                                                       \
    X(fwrite)                                                                                      \
    X(fflush)                                                                                      \
    X(fclose)                                                                                      \
    X(fgets)                                                                                       \
    X(getdelim)

#endif
