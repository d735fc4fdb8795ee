"""The defects of the SOCKS5 client fixture_client.py."""

# Name: (the case that must find it, what is wrong). Those that begin with a word of WITH_USER need
# credentials. The numbers are those of the faults seen in the field.
DEFECTS = {
    "greeting-version": ("rfc1928/3/client-greeting", "the greeting has VER 04"),
    "methods-twice": ("rfc1928/3/client-methods-twice", "00 is offered twice"),
    "offers-userpass-always": (
        "rfc1928/3/client-offers-no-userpass", "02 is offered without credentials"),
    "offers-no-none": ("rfc1928/3/client-offers-none", "only 02 is offered"),
    "offers-ff": ("rfc1928/3/client-offers-no-ff", "FF is offered"),
    "offers-no-userpass": ("rfc1928/3/client-offers-userpass", "credentials are not offered"),
    "selection-version-ignored": (
        "rfc1928/3/client-version-4", "the selection's VER is not checked"),
    "selection-one-read": (
        "rfc1928/3/client-octet-by-octet", "the selection must arrive in one read"),
    "ff-ignored": ("rfc1928/3/client-ff", "FF is taken for 00"),
    "ff-waits": ("rfc1928/3/client-ff", "after FF it waits for the proxy to end"),
    "ff-sends-password": (
        "rfc1929/2/client-not-without-selection", "credentials are sent after FF"),
    "method-ignored": ("rfc1928/3/client-method-3", "any method is taken for 00"),
    "crashes-at-end": ("rfc1928/3/client-end-for-selection", "it aborts when the proxy ends"),
    "spins-at-end": ("rfc1928/3/client-end-within-selection", "it waits on when the proxy ends"),
    "bypasses-refusal": (
        "rfc1928/4/client-bypass-after-refusal", "it reaches the target itself when refused"),
    "bypasses-reset": (
        "rfc1928/3/client-bypass-after-reset", "it reaches the target itself after an error"),
    "request-version": ("rfc1928/4/client-request", "the request has VER 04"),
    "request-command": ("rfc1928/4/client-command", "CMD is F0"),
    "request-rsv": ("rfc1928/4/client-rsv", "RSV is 01"),
    "request-twice": ("rfc1928/4/client-nothing-more", "the request is sent twice"),
    "port-little-endian": ("rfc1928/4/client-port", "DST.PORT is in the wrong order (54)"),
    "ipv4-as-name": ("rfc1928/5/client-ipv4", "an IPv4 address travels as a name"),
    "ipv6-as-name": ("rfc1928/5/client-ipv6", "an IPv6 address travels as a name"),
    "address-reversed": (
        "rfc1928/5/client-ipv4-octets", "the octets of an address are in the wrong order"),
    "resolves": ("rfc1928/5/client-name", "names are looked up"),
    "name-nul": ("rfc1928/5/client-name-63", "a NUL is sent with a name"),
    "name-signed": ("rfc1928/5/client-name-129", "a name of more than 127 octets is refused"),
    "name-cut": ("rfc1928/5/client-name-256", "a name is cut to 255 octets"),
    "name-wrapped": ("rfc1928/5/client-name-320", "the length of a name is cut to eight bits (55)"),
    "rep-ignored": ("rfc1928/6/client-rep-1", "REP is not checked"),
    "rep-unknown-granted": ("rfc1928/6/client-rep-9", "an unknown REP is taken for success"),
    "rep-signed": ("rfc1928/6/client-rep-255", "REP is a signed number"),
    "exit-0": ("rfc1928/6/client-rep-5", "it exits with 0 after a refusal"),
    "failure-delivers": (
        "rfc1928/6/client-failure-and-payload", "what stands behind a refusal is delivered"),
    "bnd-ten-octets": ("rfc1928/6/client-bnd-ipv6", "every reply is taken for ten octets"),
    "bnd-name-refused": ("rfc1928/6/client-bnd-name", "a name as BND is refused"),
    "bnd-name-signed": (
        "rfc1928/6/client-bnd-name-128", "a name as BND of more than 127 octets is refused"),
    "type-ignored": ("rfc1928/6/client-type-5", "an unknown ATYP is taken for 01"),
    "reply-version-ignored": ("rfc1928/6/client-version-4", "the reply's VER is not checked"),
    "reply-one-read": (
        "rfc1928/6/client-octet-by-octet-name", "the reply must arrive in one read"),
    "short-reply-granted": (
        "rfc1928/6/client-end-behind-4", "a reply that is cut short is taken for success"),
    "payload-dropped": (
        "rfc1928/6/client-with-payload", "what was read behind the reply is lost"),
    "stdout-without-nuls": ("rfc1928/6/client-nuls", "NULs are not delivered"),
    "stdin-first": ("rfc1928/6/client-first-octets", "it waits for stdin before it delivers"),
    "download-cut": ("rfc1928/6/client-download", "what follows the first megabyte is lost"),
    "upload-cut": ("rfc1928/6/client-upload", "what is fed behind a megabyte is not sent"),
    "exits-with-stdin": ("rfc1928/6/client-stdin-ends", "the end of stdin ends all (18)"),
    "bind-one-reply": (
        "rfc1928/6/client-bind", "the first reply to BIND is taken for the only one"),
    "bind-port-little-endian": (
        "rfc1928/6/client-bind-port", "the port that BIND tells is in the wrong order"),
    "bind-told-late": (
        "rfc1928/6/client-bind-at-once", "the address is told behind the second reply"),
    "bind-sends-early": (
        "rfc1928/6/client-bind-waits", "payload is sent between the two replies"),
    "bind-second-ignored": (
        "rfc1928/6/client-bind-second-rep-5", "the second reply's REP is not checked"),
    "udp-proxy-port": ("rfc1928/6/client-udp-bnd", "datagrams go to the proxy's TCP port"),
    "udp-zero-taken": (
        "rfc1928/6/client-udp-bnd-zero", "BND 0.0.0.0 is taken at its word (49)"),
    "udp-failure-ignored": ("rfc1928/6/client-udp-rep-7", "REP of UDP ASSOCIATE is not checked"),
    "udp-frag-one": ("rfc1928/7/client-header", "FRAG counts from 1"),
    "udp-no-address": ("rfc1928/7/client-header", "the header ends behind FRAG"),
    "udp-cuts": ("rfc1928/7/client-one-octet", "the last octet of a datagram is lost"),
    "udp-header-kept": ("rfc1928/7/client-answer", "answers are delivered with their header"),
    "udp-ten-octets": (
        "rfc1928/7/client-answer-name", "every header is taken for ten octets"),
    "udp-fragments-taken": (
        "rfc1928/7/client-fragment-1", "parts are delivered as if they were whole"),
    "udp-short-crashes": (
        "rfc1928/7/client-short-1", "a datagram without a header ends the client (14)"),
    "udp-type-ignored": ("rfc1928/7/client-type-5", "an unknown ATYP is taken for 01"),
    "udp-drop-ends": (
        "rfc1928/7/client-short-4", "a datagram that must be dropped ends the association"),
    "udp-strangers-taken": (
        "rfc1928/7/client-stranger", "datagrams are taken from everybody"),
    "udp-connection-closed": (
        "rfc1928/7/client-keeps", "the connection is closed behind the reply"),
    "udp-outlives": (
        "rfc1928/7/client-proxy-ends", "it sends on when the connection has ended"),
    "stays": ("rfc1928/6/client-closes", "it does not exit when all is through"),
    "userpass-version": ("rfc1929/2/client-message", "the credentials have VER 05"),
    "userpass-swapped": ("rfc1929/2/client-message", "user and password are swapped"),
    "password-nul": ("rfc1929/2/client-message", "a NUL is sent with the password"),
    "password-cut-128": ("rfc1929/2/client-password-255", "credentials are cut to 128 octets"),
    "password-latin-1": ("rfc1929/2/client-utf-8", "credentials are sent in Latin-1"),
    "password-colon": ("rfc1929/2/client-colon", "a password ends at its colon"),
    "password-percent": ("rfc1929/2/client-percent", "a password is decoded like a URI"),
    "password-number": ("rfc1929/2/client-digits", "a password of digits loses its zeros"),
    "credentials-cut": ("rfc1929/2/client-password-512", "credentials are cut to 255 octets"),
    "credentials-wrapped": (
        "rfc1929/2/client-user-256", "the length of a user name is cut to eight bits (55)"),
    "status-ignored": ("rfc1929/2/client-status-1", "STATUS is not checked"),
    "status-only-1": ("rfc1929/2/client-status-2", "only STATUS 01 is a failure"),
    "status-one-read": (
        "rfc1929/2/client-octet-by-octet", "the status must arrive in one read"),
}
