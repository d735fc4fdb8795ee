#include "resolve.h"

#include "clock.h"
#include "expiry.h"

#include <event2/dns.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_IS_THERE = 3 }; /* what evdns says of a server that is given twice */

struct resolver {
    struct event_base *base;
    struct evdns_base *dns;
    struct names *names;
    struct expiry_list deadlines;
    struct resolve_request *all; /* whose questions are not both answered */
    int prefer_ipv6;
};

/* Lives until both questions are answered; done is NULL once there is nobody to tell. */
struct resolve_request {
    struct expiry_entry deadline;
    struct resolve_request *next, **link;
    struct resolver *resolver;
    resolve_done *done;
    void *arg;
    unsigned open; /* questions, and the asking itself */
    unsigned ttl_s;
    struct name_addresses is;
    uint8_t len;
    char name[NAME_MAX_OCTETS + 1];
};

static void tell(struct resolve_request *r)
{
    resolve_done *done = r->done;
    struct name_addresses is = r->is;
    expiry_leave(&r->deadline);
    if (done == NULL)
        return;
    r->done = NULL;
    name_addresses_prefer(&is, r->resolver->prefer_ipv6);
    names_keep(r->resolver->names, r->name, r->len, &is, r->ttl_s, clock_ms());
    done(r->arg, &is);
}

static void request_free(struct resolve_request *r)
{
    *r->link = r->next;
    if (r->next != NULL)
        r->next->link = r->link;
    free(r);
}

static void question_closed(struct resolve_request *r)
{
    if (--r->open != 0)
        return;
    tell(r);
    request_free(r);
}

static void on_deadline(struct expiry_entry *entry)
{
    tell((struct resolve_request *)entry); /* its first member */
}

static unsigned of_family(const struct name_addresses *is, int family)
{
    unsigned n = 0;
    for (unsigned i = 0; i < is->count; i++)
        n += is->list[i].u.sa.sa_family == family;
    return n;
}

static void on_answer(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    struct resolve_request *r = arg;
    size_t n = result == DNS_ERR_NONE && count > 0 ? (size_t)count : 0;
    if (n > 0 && ttl >= 0 && (unsigned)ttl < r->ttl_s)
        r->ttl_s = (unsigned)ttl;
    for (size_t i = 0; i < n; i++) {
        struct address a = {0};
        if (type == DNS_IPv4_A) {
            a.u.in.sin_family = AF_INET;
            memcpy(&a.u.in.sin_addr, (const uint8_t *)addresses + 4 * i, 4);
        } else {
            a.u.in6.sin6_family = AF_INET6;
            memcpy(&a.u.in6.sin6_addr, (const uint8_t *)addresses + 16 * i, 16);
        }
        if (of_family(&r->is, a.u.sa.sa_family) < NAME_ADDRESSES / 2)
            name_addresses_add(&r->is, &a);
    }
    question_closed(r);
}

struct resolver *resolver_open(struct event_base *base, char *const *servers, size_t count,
                               int prefer_ipv6)
{
    struct resolver *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->base = base;
    r->prefer_ipv6 = prefer_ipv6;
    r->names = names_open("/etc/hosts");
    r->dns = evdns_base_new(base, 0);
    if (r->names == NULL || r->dns == NULL ||
        expiry_open(&r->deadlines, base, RESOLVE_DEADLINE_MS, on_deadline) != 0)
        goto failed;
    /* Each attempt asks the next server, so a second one is heard before RESOLVE_DEADLINE_MS. */
    if (evdns_base_set_option(r->dns, "timeout:", "1") != 0 ||
        evdns_base_set_option(r->dns, "attempts:", "4") != 0 ||
        evdns_base_set_option(r->dns, "max-timeouts:", "1") != 0)
        goto failed;
    for (size_t i = 0; i < count; i++) {
        int status = evdns_base_nameserver_ip_add(r->dns, servers[i]);
        if (status != 0 && status != SERVER_IS_THERE)
            goto failed;
    }
    if (count == 0)
        (void)evdns_base_resolv_conf_parse(r->dns, DNS_OPTION_NAMESERVERS, "/etc/resolv.conf");
    return r;
failed:
    resolver_close(r);
    return NULL;
}

void resolver_close(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    if (resolver->dns != NULL) {
        evdns_base_free(resolver->dns, 1);
        (void)event_base_loop(resolver->base, EVLOOP_NONBLOCK); /* cancelled ones hear of it */
    }
    /* without memory evdns may leave a question without an answer */
    for (struct resolve_request *r = resolver->all, *next; r != NULL; r = next) {
        next = r->next;
        free(r);
    }
    if (resolver->deadlines.expired != NULL)
        expiry_close(&resolver->deadlines);
    names_close(resolver->names);
    free(resolver);
}

static void answer_now(resolve_done *done, void *arg, const struct name_addresses *is)
{
    struct name_addresses copy = *is;
    done(arg, &copy);
}

/* Whether there is a way to any name server: evdns itself would wait for an answer. */
static int has_route(const struct resolver *resolver)
{
    struct address a;
    for (int i = 0; evdns_base_get_nameserver_addr(resolver->dns, i, &a.u.sa, sizeof a.u) > 0;
         i++) {
        int fd = socket(a.u.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int status = fd < 0 ? 0 : connect(fd, &a.u.sa, address_size(&a));
        if (fd >= 0)
            close(fd);
        if (status == 0)
            return 1;
    }
    return 0;
}

struct resolve_request *resolver_ask(struct resolver *resolver, const char *name, size_t len,
                                     resolve_done *done, void *arg)
{
    struct name_addresses is = {0};
    struct address literal;
    const struct name_addresses *known = &is;
    if (address_from_text(&literal, name, len, 0))
        name_addresses_add(&is, &literal);
    else if (name_is_valid(name, len))
        known = names_find(resolver->names, name, len, clock_ms());
    if (known != NULL) {
        answer_now(done, arg, known);
        return NULL;
    }
    struct resolve_request *r = has_route(resolver) ? calloc(1, sizeof *r) : NULL;
    if (r == NULL) {
        answer_now(done, arg, &is);
        return NULL;
    }
    r->resolver = resolver;
    r->arg = arg;
    r->ttl_s = NAMES_TTL_MAX_S;
    r->len = (uint8_t)len;
    memcpy(r->name, name, len);
    r->open = 3;
    r->next = resolver->all;
    r->link = &resolver->all;
    if (r->next != NULL)
        r->next->link = &r->next;
    resolver->all = r;
    if (evdns_base_resolve_ipv4(resolver->dns, r->name, DNS_QUERY_NO_SEARCH, on_answer, r) == NULL)
        r->open--;
    if (evdns_base_resolve_ipv6(resolver->dns, r->name, DNS_QUERY_NO_SEARCH, on_answer, r) == NULL)
        r->open--;
    if (r->open == 1) { /* answered, or not to be asked */
        is = r->is;
        request_free(r);
        answer_now(done, arg, &is);
        return NULL;
    }
    r->done = done;
    r->open--;
    expiry_enter(&resolver->deadlines, &r->deadline);
    return r;
}

void resolver_cancel(struct resolve_request *request)
{
    request->done = NULL;
    expiry_leave(&request->deadline);
}
