/* A small SOCKS5 client: connects to a target through a proxy, and copies its standard input there
 * and what comes back to its standard output, each way to its own end. The suite's role
 * socks5-client is held to it, and mutants of it show that the suite's cases can fail.
 *
 * usage: test-client [-c COMMAND] [-n] [-t SECONDS] [-u USER -w PASSWORD] PROXY PORT TARGET PORT
 *
 *   -c connect  the default
 *   -c bind     writes the address at which the proxy waits for the target as a line, waits until
 *               the target has come, and then copies
 *   -c udp      each reading of the input is a datagram to the target, what comes in datagrams
 *               back is written, until the input ends
 *   -n          the target travels as a name even where it is an address
 *   -t          how long each answer of the proxy may take (30)
 *
 * Exit status: 0 when both ways have ended, 1 when the proxy or the network failed, 2 usage. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct options {
    const char *user, *password; /* NULL: none */
    bool as_name;
    int seconds;
    uint8_t command;
};

void die(int status, const char *what)
{
    fprintf(stderr, "test-client: %s\n", what);
    exit(status);
}

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void write_all(int fd, const uint8_t *octets, size_t n)
{
    while (n) {
        ssize_t done = write(fd, octets, n);
        if (done < 0)
            die(1, strerror(errno));
        octets += done;
        n -= (size_t)done;
    }
}

/* ---- the dialogue with the proxy ------------------------------------------------------------- */

/* Waits until deadline (now_ms) for more octets. */
static void read_more(struct link *l, long deadline)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    long left = deadline - now_ms();
    if (left <= 0 || poll(&p, 1, (int)left) == 0)
        die(1, "the proxy does not answer");
    ssize_t n = recv(l->fd, l->in + l->in_len, sizeof l->in - l->in_len, 0);
    if (n < 0)
        die(1, strerror(errno));
    if (n == 0)
        die(1, "the proxy closed the connection within its answer");
    l->in_len += (size_t)n;
}

static void take(struct link *l, size_t n)
{
    l->in_len -= n;
    memmove(l->in, l->in + n, l->in_len);
}

/* Reads one message of the proxy into *out, by its parser. */
#define AWAIT(l, parse, out)                                                                       \
    do {                                                                                           \
        size_t used;                                                                               \
        enum sks_status status;                                                                    \
        long deadline = now_ms() + (l)->seconds * 1000L;                                           \
        while ((status = parse(out, (l)->in, (l)->in_len, &used)) == SKS_MORE)                     \
            read_more(l, deadline);                                                                \
        if (status != SKS_OK)                                                                      \
            die(1, sks_status_text(status));                                                       \
        take(l, used);                                                                             \
    } while (0)

static void greet(struct link *l, const struct options *o)
{
    uint8_t methods[] = {SKS_METHOD_NONE, SKS_METHOD_USERPASS}, buf[SKS_GREETING_MAX];
    struct sks_greeting greeting = {methods, o->user ? 2 : 1};
    struct sks_selection selection;
    size_t n;
    sks_greeting_encode(buf, sizeof buf, &greeting, &n);
    write_all(l->fd, buf, n);
    AWAIT(l, sks_selection_parse, &selection);
    if (!memchr(methods, selection.method, greeting.nmethods))
        die(1, selection.method == SKS_METHOD_UNACCEPTABLE
                   ? "the proxy accepts none of the methods"
                   : "the proxy chose a method that was not offered");
    if (selection.method != SKS_METHOD_USERPASS)
        return;
    uint8_t message[SKS_USERPASS_MAX];
    struct sks_userpass userpass = {(const uint8_t *)o->user, (const uint8_t *)o->password,
                                    (uint8_t)strlen(o->user), (uint8_t)strlen(o->password)};
    struct sks_userpass_status answer;
    sks_userpass_encode(message, sizeof message, &userpass, &n);
    write_all(l->fd, message, n);
    AWAIT(l, sks_userpass_status_parse, &answer);
    if (answer.status != SKS_USERPASS_SUCCEEDED)
        die(1, "the proxy does not accept user and password");
}

/* A reply with the octets that its address borrows. */
struct reply {
    struct sks_reply is;
    uint8_t host[255];
};

static enum sks_status parse_reply(struct reply *out, const uint8_t *data, size_t len, size_t *used)
{
    enum sks_status status = sks_reply_parse(&out->is, data, len, used);
    if (status == SKS_OK) {
        memcpy(out->host, out->is.bnd.host, out->is.bnd.host_len);
        out->is.bnd.host = out->host;
    }
    return status;
}

static void await_success(struct link *l, struct reply *reply)
{
    AWAIT(l, parse_reply, reply);
    if (reply->is.rep != SKS_REP_SUCCEEDED)
        die(1, sks_rep_text(reply->is.rep));
}

static void request(struct link *l, uint8_t command, const struct sks_addr *target,
                    struct reply *reply)
{
    uint8_t buf[SKS_REQUEST_MAX];
    struct sks_request asked = {*target, command, 0};
    size_t n;
    if (sks_request_encode(buf, sizeof buf, &asked, &n) != SKS_OK)
        die(1, "the target cannot be asked for");
    write_all(l->fd, buf, n);
    await_success(l, reply);
}

/* ---- BIND ------------------------------------------------------------------------------------ */

/* "127.0.0.1:80", "[::1]:80" or "name:80", and the end of the line. */
static void tell(const struct sks_addr *bnd)
{
    char host[256] = "", line[300];
    bool v6 = bnd->atyp == SKS_ATYP_IPV6;
    if (bnd->atyp == SKS_ATYP_DOMAIN)
        memcpy(host, bnd->host, bnd->host_len);
    else
        inet_ntop(v6 ? AF_INET6 : AF_INET, bnd->host, host, sizeof host);
    int n =
        snprintf(line, sizeof line, "%s%s%s:%u\n", v6 ? "[" : "", host, v6 ? "]" : "", bnd->port);
    write_all(STDOUT_FILENO, (const uint8_t *)line, (size_t)n);
}

/* ---- the relay ------------------------------------------------------------------------------- */

/* Moves octets once; false when there are no more. */
static bool copy(int from, int to)
{
    static uint8_t buf[COPY];
    ssize_t n = read(from, buf, sizeof buf);
    if (n < 0)
        die(1, strerror(errno));
    write_all(to, buf, (size_t)n);
    return n > 0;
}

static void relay(struct link *l)
{
    write_all(STDOUT_FILENO, l->in, l->in_len);
    struct pollfd ends[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = l->fd, .events = POLLIN}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (poll(ends, 2, -1) < 0)
            die(1, strerror(errno));
        if (ends[0].revents && !copy(STDIN_FILENO, l->fd)) {
            shutdown(l->fd, SHUT_WR);
            ends[0].fd = -1;
        }
        if (ends[1].revents && !copy(l->fd, STDOUT_FILENO)) {
            close(STDOUT_FILENO);
            ends[1].fd = -1;
        }
    }
}

/* ---- the command line ------------------------------------------------------------------------ */

static uint16_t port_of(const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || port == 0 || port > 65535)
        die(2, "a port is a number from 1 to 65535");
    return (uint16_t)port;
}

static int dial(const char *host, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &v4.sin_addr) != 1)
        die(2, "the proxy is an IPv4 address");
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&v4, sizeof v4) != 0)
        die(1, strerror(errno));
    return fd;
}

/* raw has room for 16 octets; the result borrows from it or from host. */
static struct sks_addr address(const char *host, uint16_t port, bool as_name, uint8_t *raw)
{
    if (!as_name && inet_pton(AF_INET, host, raw) == 1)
        return (struct sks_addr){raw, port, SKS_ATYP_IPV4, 4};
    if (!as_name && inet_pton(AF_INET6, host, raw) == 1)
        return (struct sks_addr){raw, port, SKS_ATYP_IPV6, 16};
    size_t n = strlen(host);
    if (n < 1 || n > 255)
        die(2, "a name has 1 to 255 octets");
    return (struct sks_addr){(const uint8_t *)host, port, SKS_ATYP_DOMAIN, (uint8_t)n};
}

static uint8_t command(const char *name)
{
    if (strcmp(name, "bind") == 0)
        return SKS_CMD_BIND;
    if (strcmp(name, "udp") == 0)
        return SKS_CMD_UDP_ASSOCIATE;
    if (strcmp(name, "connect") != 0)
        die(2, "a command is connect, bind or udp");
    return SKS_CMD_CONNECT;
}

static bool fits(const char *credential)
{
    return credential && strlen(credential) >= 1 && strlen(credential) <= 255;
}

int main(int argc, char **argv)
{
    struct options o = {.seconds = 30, .command = SKS_CMD_CONNECT};
    int option;
    while ((option = getopt(argc, argv, "c:nt:u:w:")) != -1) {
        if (option == 'c')
            o.command = command(optarg);
        else if (option == 'n')
            o.as_name = true;
        else if (option == 't')
            o.seconds = atoi(optarg);
        else if (option == 'u')
            o.user = optarg;
        else if (option == 'w')
            o.password = optarg;
        else
            return 2;
    }
    if (argc - optind != 4)
        die(2, "expected PROXY PORT TARGET PORT");
    if ((o.user || o.password) && (!fits(o.user) || !fits(o.password)))
        die(2, "user and password have 1 to 255 octets each");
    uint8_t raw[16];
    struct sks_addr target = address(argv[optind + 2], port_of(argv[optind + 3]), o.as_name, raw);
    signal(SIGPIPE, SIG_IGN);
    struct link l = {.fd = dial(argv[optind], port_of(argv[optind + 1])), .seconds = o.seconds};
    const uint8_t zero[4] = {0};
    const struct sks_addr anywhere = {zero, 0, SKS_ATYP_IPV4, 4};
    struct reply reply;
    bool udp = o.command == SKS_CMD_UDP_ASSOCIATE;
    greet(&l, &o);
    request(&l, o.command, udp ? &anywhere : &target, &reply);
    if (udp) {
        associate(&l, &target, &reply.is.bnd);
        return 0;
    }
    if (o.command == SKS_CMD_BIND) {
        tell(&reply.is.bnd);
        await_success(&l, &reply);
    }
    relay(&l);
    return 0;
}
