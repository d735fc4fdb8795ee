"""The defects of the SOCKS5 server fixture.py, and which of them are switched on."""

# Name: (the case that must find it, what is wrong). The numbers are
# those of the faults seen in the field.
DEFECTS = {
    "resets-at-once": (
        "rfc1928/3/no-authentication", "every connection is reset when it is accepted"),
    "one-at-a-time": (
        "rfc1928/3/silent-neighbour", "a connection is served when the one before it has ended"),
    "hangs": ("rfc1928/3/no-authentication", "the greeting is never answered"),
    "floods": ("rfc1928/3/two-octets", "octets without end follow the selection"),
    "greeting-version-ignored": ("rfc1928/3/version-6", "the greeting's VER is not checked (22)"),
    "greeting-one-recv": (
        "rfc1928/3/octet-by-octet", "the greeting must arrive in one read (4, 50)"),
    "drops-pipelined": (
        "rfc1928/4/request-with-payload", "what was read behind a message is lost (50)"),
    "nmethods-signed": ("rfc1928/3/128-methods", "NMETHODS above 127 is negative (25)"),
    "nmethods-zero-waits": ("rfc1928/3/no-methods", "no methods: waits for one more octet (54)"),
    "first-method-only": ("rfc1928/3/known-last", "only the first method offered is looked at"),
    "selects-unoffered": (
        "rfc1928/3/only-userpass-offered",
        "its method is selected though it was not offered (22, 47)"),
    "ff-keeps-open": ("rfc1928/3/close-after-ff", "the connection stays open after 05 FF"),
    "auth-one-recv": ("rfc1929/2/octet-by-octet", "the credentials must arrive in one read (50)"),
    "auth-version-ignored": (
        "rfc1929/2/version-5", "the VER of the credentials is not checked (41)"),
    "auth-prefix": ("rfc1929/2/password-nul", "the password is compared up to its first NUL (50)"),
    "auth-accepts-any": ("rfc1929/2/wrong-password", "any user and password will do"),
    "auth-status-version": ("rfc1929/2/status-success", "the status has VER 05"),
    "auth-fail-stays-open": (
        "rfc1929/2/failure-close", "the connection stays open after a failure"),
    "auth-fail-serves": ("rfc1929/2/request-after-failure", "requests are served after a failure"),
    "request-one-recv": ("rfc1928/4/octet-by-octet", "the request must arrive in one read (5, 50)"),
    "ver-ignored": ("rfc1928/4/version-6", "the request's VER is not checked (12)"),
    "ver4-socks4-reply": ("rfc1928/4/version-4", "a request with VER 04 gets a SOCKS4 reply (52)"),
    "no-reply-bad-cmd": (
        "rfc1928/4/command-4", "an unknown CMD is closed without a reply (10, 51)"),
    "no-reply-bad-atyp": ("rfc1928/5/type-5", "an unknown ATYP is closed without a reply (10, 51)"),
    "crash-on-bad-atyp": ("rfc1928/5/type-5", "an unknown ATYP ends the process (23)"),
    "ipv6-unsupported-silently": ("rfc1928/5/ipv6", "ATYP 04 is closed without a reply"),
    "domain-off-by-one": ("rfc1928/5/domain", "a domain is read one octet short (53)"),
    "port-little-endian": ("rfc1928/4/connect", "DST.PORT is read in the wrong order (54)"),
    "success-before-connect": ("rfc1928/6/refused", "success is answered before connecting (11)"),
    "refused-as-success": ("rfc1928/6/refused", "a refused connection is answered with success"),
    "no-reply-on-refusal": (
        "rfc1928/6/refused-answered", "a failed connection is closed without a reply (53)"),
    "rep-always-1": ("rfc1928/6/rep-refused", "every failure is REP 01 (52)"),
    "short-error-reply": ("rfc1928/6/failure-form", "an error reply has 4 octets (26)"),
    "bnd-missing": ("rfc1928/6/success-form", "a success reply ends after ATYP (26)"),
    "reply-version": ("rfc1928/6/success-form", "the reply has VER 00"),
    "reply-rsv": ("rfc1928/6/success-form", "the reply has RSV 01"),
    "replies-twice": ("rfc1928/6/one-reply", "CONNECT is answered twice (27)"),
    "no-close-after-failure": (
        "rfc1928/6/close-refused", "the connection stays open after an error reply"),
    "half-close-kills-response": (
        "rfc1928/6/client-half-close", "the client's FIN ends the response (18)"),
    "target-fin-lost": (
        "rfc1928/6/target-half-close", "the target's FIN does not reach the client"),
    "truncates-large": ("rfc1928/6/download", "what follows the first 256 KiB is lost"),
    "leaks-descriptors": ("rfc1928/6/client-resets", "the socket to the target is never closed"),
    "leaks-idle-descriptors": (
        "stage/socks5-server/descriptors", "a descriptor is lost with every session"),
    "leaks-memory": ("stage/socks5-server/memory", "128 KiB are lost with every session"),
    "bind-zero": ("rfc1928/6/bind-usable", "BIND's first reply has BND 0.0.0.0:0"),
    "bind-one-reply": ("rfc1928/6/bind-second-reply", "BIND's second reply is missing"),
    "bind-second-own": (
        "rfc1928/6/bind-second-bnd", "BIND's second reply repeats the listening address"),
    "bind-any-host": ("rfc1928/6/bind-stranger", "BIND takes a connection from any host"),
    "udp-bnd-zero": ("rfc1928/6/udp-usable", "UDP ASSOCIATE is answered with BND 0.0.0.0:0 (49)"),
    "udp-outlives-tcp": (
        "rfc1928/6/udp-ends-with-fin", "the association goes on after its TCP connection"),
    "udp-frag-forwarded": ("rfc1928/7/fragment-1", "FRAG is not looked at"),
    "udp-any-source": ("rfc1928/7/stranger", "a datagram from any host is forwarded"),
    "udp-no-header-in-reply": ("rfc1928/7/answer-header", "a reply datagram has no header"),
    "udp-sender-zero": (
        "rfc1928/7/answer-header", "a reply datagram names 0.0.0.0:0 as its sender"),
    "udp-empty-dropped": ("rfc1928/7/empty", "an empty payload is dropped (17)"),
    "udp-short-crash": (
        "rfc1928/7/short-1", "a datagram shorter than a header ends the process (14)"),
    "udp-cut": ("rfc1928/7/2049", "a payload is cut after 2048 octets (37)"),
}

switched_on: set[str] = set()


def has(defect: str) -> bool:
    assert defect in DEFECTS, defect
    return defect in switched_on
