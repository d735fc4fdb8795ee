/* Client, sslocal, ssserver and target: a network that splits, coalesces, delays, cuts and tampers.
 * No octet is lost, doubled, or forwarded before the chunk that it came in was verified. */
#include "network.h"
#include "script.h"

#define GREETING "\x05\x01\x00"
#define TARGET                                                                                     \
    "\x03\x0b"                                                                                     \
    "example.org"                                                                                  \
    "\x01\xbb"
static const char prologue[] = GREETING "\x05\x01\x00" TARGET;
static const uint8_t answers[] = {5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0x10, 0x10};
enum { PROLOGUE = sizeof prologue - 1, LARGEST = 512, TEXT_MAX = 24000 };

static struct family families[] = {
    {.method = "aes-128-gcm"},
    {.method = "chacha20-ietf-poly1305"},
    {.method = "xchacha20-ietf-poly1305"},
    {.method = "aes-128-ctr", .ota = 1},
    {.method = "chacha20-ietf", .ota = 1},
    {.method = "aes-256-cfb"},
    {.method = "rc4-md5"},
    {.method = "none"},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static struct driver local, server;
static struct pipe client_up, client_down, wire_up, wire_down, target_up, target_down;

/* One way of the wire, from the driver that seals to the one that opens. */
struct way {
    struct pipe *wire, *arrived;
    const struct driver *from;
    size_t before_from, before_arrived; /* octets in front of the payload */
    int authentic;
    size_t spoilt;  /* the octet that was tampered with */
    size_t checked; /* octets of the payload that are known to be right */
};
static struct way up = {&wire_up, &target_up, &local, PROLOGUE, 0, 0, 0, 0};
static struct way down = {&wire_down, &client_down, &server, 0, sizeof answers, 0, 0, 0};

static void write_text(struct pipe *p, size_t before, size_t n)
{
    size_t done = p->put - before;
    if (p->ended)
        return;
    n = done + n <= TEXT_MAX ? n : TEXT_MAX - done;
    for (size_t i = 0; i < n; i++)
        p->octets[p->put + i] = text_at(done + i);
    p->put += n;
}

static void expect_way(struct way *w, const char *text)
{
    size_t n = w->arrived->put;
    if (n <= w->before_arrived)
        return;
    n -= w->before_arrived;
    if (w->authentic || w->spoilt == SIZE_MAX)
        LAW(is_text(w->arrived->octets + w->before_arrived, w->checked, n), text);
    w->checked = n;
    if (w->authentic) {
        size_t good = w->wire->got < w->spoilt ? w->wire->got : w->spoilt;
        size_t plain = known(w->from, good);
        LAW(plain >= w->before_from && n <= plain - w->before_from,
            "nothing is forwarded before its chunk is verified");
    }
}

static void expect_laws(void)
{
    expect_way(&up, "no octet on the way up is lost or doubled");
    expect_way(&down, "no octet on the way down is lost or doubled");
    size_t n = client_down.put < sizeof answers ? client_down.put : sizeof answers;
    LAW(memcmp(client_down.octets, answers, n) == 0, "the client reads the answers first");
    if (server.target_len != 0 && (up.authentic || up.spoilt == SIZE_MAX))
        LAW(server.target_len == sizeof TARGET - 1 &&
                memcmp(server.target, TARGET, sizeof TARGET - 1) == 0,
            "only what the client asked for is connected to");
}

/* Once a way: twice could set it right again. */
static void tamper(struct way *w, struct script *s)
{
    size_t left = w->wire->put - w->wire->got;
    if (left == 0 || w->spoilt != SIZE_MAX)
        return;
    w->spoilt = w->wire->got + next_size(s) % left;
    w->wire->octets[w->spoilt] ^= (uint8_t)(1u << next(s) % 8);
}

/* The connection between the two breaks in the middle. */
static void cut(struct script *s)
{
    struct pipe *p = next(s) & 1 ? &wire_up : &wire_down;
    size_t left = p->put - p->got;
    p->put -= left != 0 ? next_size(s) % (left + 1) : 0;
    p->cut = p->ended = 1;
}

static void play(struct script *s, int *whole)
{
    while (s->left != 0) {
        struct driver *d = next(s) & 1 ? &local : &server;
        switch (next(s) % 14) {
        case 0:
        case 1:
            write_text(&client_up, PROLOGUE, next_size(s));
            break;
        case 2:
        case 3:
            write_text(&target_down, 0, next_size(s));
            break;
        case 4:
        case 5:
        case 6:
            deliver(d, LOCAL, next_size(s));
            break;
        case 7:
        case 8:
            deliver(d, REMOTE, next_size(s));
            break;
        case 9:
            answer(d);
            break;
        case 10:
            client_up.ended = 1;
            break;
        case 11:
            target_down.ended = 1;
            break;
        case 12:
            *whole = 0;
            tamper(next(s) & 1 ? &up : &down, s);
            break;
        default:
            *whole = 0;
            if (next(s) & 1)
                cut(s);
            else
                tell(d,
                     &(struct sks_event){.kind = next(s) & 1 ? SKS_EVENT_LOST : SKS_EVENT_TIMEOUT});
        }
        expect_laws();
    }
}

static int turn(struct driver *d)
{
    return deliver(d, LOCAL, SIZE_MAX) | deliver(d, REMOTE, SIZE_MAX) | answer(d);
}

static void expect_all(void)
{
    LAW(target_up.put == client_up.put - PROLOGUE, "all that the client sent arrives");
    LAW(client_down.put == sizeof answers + target_down.put, "all that the target sent arrives");
    LAW(target_up.ended == client_up.ended, "the client's end arrives");
    LAW(client_down.ended == target_down.ended, "the target's end arrives");
    unsigned done = client_up.ended && target_down.ended;
    LAW(local.closings == done && server.closings == done, "both ends close the session");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pipe *pipes[] = {&client_up, &client_down, &wire_up,
                            &wire_down, &target_up,   &target_down};
    struct script s = {data, size};
    int whole = 1;
    if (size > LARGEST)
        return 0;
    struct family *f = &families[next(&s) % FAMILIES];
    if (!family_open(f))
        return 0;
    for (size_t i = 0; i < sizeof pipes / sizeof pipes[0]; i++)
        pipe_clear(pipes[i]);
    driver_open(&local, &f->local, 1);
    driver_open(&server, &f->server, 2);
    local.from[LOCAL] = &client_up, local.to[LOCAL] = &client_down;
    local.from[REMOTE] = &wire_down, local.to[REMOTE] = &wire_up;
    server.from[LOCAL] = &wire_up, server.to[LOCAL] = &wire_down;
    server.from[REMOTE] = &target_down, server.to[REMOTE] = &target_up;
    down.authentic = f->sealer != NULL;
    up.authentic = down.authentic || f->ota;
    up.spoilt = down.spoilt = SIZE_MAX;
    up.checked = down.checked = 0;
    pipe_put(&client_up, (const uint8_t *)prologue, PROLOGUE);
    play(&s, &whole);
    while (turn(&local) | turn(&server))
        expect_laws();
    expect_laws();
    if (whole)
        expect_all();
    sks_session_close(&local.s);
    sks_session_close(&server.s);
    return 0;
}
