"""The messages of RFC 1928 and RFC 1929, put together octet by octet with the answer beside them:
nothing is parsed here."""

from addresses import NAMED, NOTES as ADDRESS_NOTES, V4, V6, add_addresses
from document import Document, Note

RFC1928 = "RFC 1928"
RFC1929 = "RFC 1929"
EDGES = (1, 2, 127, 128, 254, 255)
CONNECT = b"\x05\x01\x00" + V4.wire()


def note(old: Note, requirement: str) -> Note:
    """The same flag under the requirement of another message."""
    return Note(old.meaning, old.why, requirement)


TYPICAL, TRUNCATED, TRAILING = (ADDRESS_NOTES[n] for n in ("Typical", "Truncated", "Trailing"))
VERSION = Note(
    "Another octet where the version should be, alone or before a message that is good but for it.",
    "The first octet decides; a reader that waits for more hangs on a stranger.",
    "rfc1928/3/version")
RSV = Note(
    "RSV is not 0.",
    "Readers differ: some refuse it, others look away. Senders never do it.",
    "rfc1928/4/rsv")


def add_versions(doc: Document, good: bytes, also: str, versions: tuple[int, ...]) -> None:
    for version in versions:
        for tail in (b"", good[1:]):
            doc.add(f"version-{version:02x}-then-{len(tail)}",
                    f"VER {version:02x}, then {len(tail)} octets", "Version", "invalid",
                    also=[also], status="version", input=bytes([version]) + tail, used=0)


def add_cuts(doc: Document, slug: str, message: bytes, sizes: range | tuple[int, ...],
             also: str) -> None:
    for n in sizes:
        doc.add(f"{slug}-cut-{n}", f"{n} of {len(message)} octets", "Truncated", "invalid",
                also=[also], status="more", input=message[:n], used=0)


def greeting() -> Document:
    form = "rfc1928/3/stream"
    doc = Document("socks5-greeting", f"{RFC1928} section 3", {
        "Typical": note(TYPICAL, form),
        "Count": Note("NMETHODS at a boundary.",
                      "The count is one unsigned octet; 255 methods are a good greeting.",
                      "rfc1928/3/no-methods"),
        "NoMethods": Note("NMETHODS is 0.",
                          "The text demands 1 to 255. The count decides, nothing need follow.",
                          "rfc1928/3/no-methods"),
        "MethodValues": Note("Methods that are unknown, private, doubled, or FF.",
                             "A server looks for one that it knows and passes over the rest.",
                             "rfc1928/3/selects-offered"),
        "Version": VERSION, "Truncated": TRUNCATED, "Trailing": TRAILING})

    def good(slug: str, comment: str, flags: str, methods: bytes, tail: bytes = b"",
             result: str = "valid") -> None:
        message = bytes([5, len(methods)]) + methods
        doc.add(slug, comment, flags, result, also=[form], input=message + tail,
                used=len(message), methods=methods)

    for slug, comment, methods in (
            ("none", "no authentication alone", b"\x00"),
            ("userpass", "user/password alone", b"\x02"),
            ("none-userpass", "none and user/password", b"\x00\x02"),
            ("none-gssapi", "none and GSSAPI", b"\x00\x01"),
            ("none-gssapi-userpass", "all three of the text", b"\x00\x01\x02")):
        good(slug, comment, "Typical", methods)
    for n in EDGES:
        good(f"methods-{n}", f"{n} methods, 00 the last", "Count",
             bytes(range(n, 0, -1))[1:] + b"\0")
    for octet in (0x03, 0x04, 0x05, 0x7f, 0x80, 0xfe):
        good(f"method-{octet:02x}", f"method {octet:02x} alone", "MethodValues", bytes([octet]))
    good("method-ff", "FF offered, which means none acceptable", "MethodValues", b"\xff",
         result="acceptable")
    good("method-ff-00", "FF and 00 offered", "MethodValues", b"\xff\x00", result="acceptable")
    good("doubled", "00 twice", "MethodValues", b"\x00\x00")
    good("doubled-255", "02, 255 times", "MethodValues Count", b"\x02" * 255)
    good("descending", "02 before 00", "MethodValues", b"\x02\x00")
    good("like-greeting", "methods that read as a greeting", "MethodValues", b"\x05\x01\x00")
    for tail in (b"\x00", b"\x05", b"\x05\x01\x00", CONNECT, b"\xff" * 300):
        good(f"trailing-{len(tail)}-{tail[0]:02x}", f"{len(tail)} octets behind the message",
             "Trailing", b"\x00", tail)
    good("trailing-255", "an octet behind the longest greeting", "Trailing Count", bytes(255),
         b"\0")
    add_cuts(doc, "three", b"\x05\x03\x00\x01\x02", range(5), form)
    add_cuts(doc, "methods-255", b"\x05\xff" + bytes(255), (2, 3, 128, 129, 130, 255, 256), form)
    for tail in (b"", b"\x00", b"\x05\x01\x00"):
        doc.add(f"no-methods-then-{len(tail)}", f"NMETHODS 0, then {len(tail)} octets", "NoMethods",
                "invalid", also=[form], status="empty", input=b"\x05\x00" + tail, used=1)
    add_versions(doc, b"\x05\x01\x00", form, (0, 1, 4, 6, 0x15, 0x47, 0x50, 0x85, 0xff))
    return doc


def pair(algorithm: str, source: str, form: str, version: int, name: str, notes: dict[str, Note],
         values: dict[int, tuple[str, str, str]], wrong: tuple[int, ...]) -> Document:
    """A message of two octets: values maps the second to comment, flag, result."""
    doc = Document(algorithm, source, {
        "Typical": note(TYPICAL, form), **notes, "Truncated": TRUNCATED, "Trailing": TRAILING})

    def good(slug: str, comment: str, flag: str, result: str, value: int, tail: bytes) -> None:
        doc.add(slug, comment, flag, result, also=[form], input=bytes([version, value]) + tail,
                used=2, **{name: value})

    for value, (comment, flag, result) in values.items():
        good(f"value-{value:02x}", comment, flag, result, value, b"")
    for tail in (b"\0", b"\x05", bytes([version, 0xff]), bytes(range(64))):
        good(f"trailing-{len(tail)}-{tail[0]:02x}", f"{len(tail)} octets behind the message",
             "Trailing", "valid", 0, tail)
    add_cuts(doc, "plain", bytes([version, 0]), range(2), form)
    add_versions(doc, bytes([version, 0]), form, wrong)
    return doc


def selection() -> Document:
    unassigned = "MethodValues", "acceptable"
    return pair(
        "socks5-selection", f"{RFC1928} section 3", "rfc1928/3/selection", 5, "method",
        {"Refusal": Note("FF: none of the offered methods is acceptable.",
                         "A client closes; it does not take FF for a method.",
                         "rfc1928/3/none-acceptable"),
         "MethodValues": Note("A method other than those of the text.",
                              "Good form; whether a client offered it is not for the parser.",
                              "rfc1928/3/selects-offered"),
         "Version": VERSION},
        {0x00: ("no authentication", "Typical", "valid"), 0x01: ("GSSAPI", "Typical", "valid"),
         0x02: ("user/password", "Typical", "valid"),
         0xff: ("none acceptable", "Refusal", "valid"),
         0x03: ("the first of IANA's", *unassigned), 0x7f: ("the last of IANA's", *unassigned),
         0x80: ("the first private one", *unassigned), 0xfe: ("the last private one", *unassigned)},
        (0, 1, 4, 6, 0x85, 0xff))


def userpass_status() -> Document:
    form = "rfc1929/2/status"
    failure = "Failure", "valid"
    return pair(
        "socks5-userpass-status", f"{RFC1929} section 2", form, 1, "code",
        {"Failure": Note("A status other than 0.", "Each of them is a failure, not only 01 or FF.",
                         "rfc1929/2/failure"),
         "Version": note(VERSION, "rfc1929/2/version")},
        {0x00: ("success", "Typical", "valid"), 0x01: ("failure", *failure),
         0x02: ("failure", *failure), 0x05: ("failure", *failure), 0x7f: ("failure", *failure),
         0x80: ("failure, the top bit alone", *failure), 0xff: ("failure, all bits", *failure)},
        (0, 2, 4, 5, 0x81, 0xff))


def userpass() -> Document:
    form = "rfc1929/2/stream"
    doc = Document("socks5-userpass", f"{RFC1929} section 2", {
        "Typical": note(TYPICAL, form),
        "Lengths": Note("ULEN and PLEN at their boundaries.",
                        "Both counts are unsigned octets: 513 octets are a good message.",
                        "rfc1929/2/empty"),
        "EmptyName": Note("ULEN is 0.",
                          "The text demands 1 to 255. Some servers let it pass; parsers that look "
                          "for the end only after eating an octet take PLEN for a name.",
                          "rfc1929/2/empty"),
        "EmptyPassword": Note("PLEN is 0.", "As for the name.", "rfc1929/2/empty"),
        "Octets": Note("Names and passwords of octets that C strings or encodings treat apart.",
                       "pass and pass, NUL, x are two passwords: a server that compares with "
                       "strcmp lets the second one in.",
                       "rfc1929/2/exact"),
        "Version": note(VERSION, "rfc1929/2/version"),
        "Truncated": note(TRUNCATED, "rfc1929/2/stream"),
        "Trailing": note(TRAILING, "rfc1929/2/pipelining")})

    def wire(uname: bytes, passwd: bytes) -> bytes:
        return bytes([1, len(uname)]) + uname + bytes([len(passwd)]) + passwd

    def good(slug: str, comment: str, flags: str, uname: bytes, passwd: bytes,
             tail: bytes = b"") -> None:
        message = wire(uname, passwd)
        doc.add(slug, comment, flags, also=[form], input=message + tail, used=len(message),
                uname=uname, passwd=passwd)

    good("usual", "user and pass", "Typical", b"user", b"pass")
    for u in EDGES:
        for p in EDGES:
            good(f"lengths-{u}-{p}", f"a name of {u} octets, a password of {p}", "Lengths",
                 (b"user" * 64)[:u], (b"pass" * 64)[:p])
    for slug, comment, uname, passwd in (
            ("nul-name", "a name of one NUL octet", b"\0", b"pass"),
            ("nul-password", "a password of one NUL octet", b"user", b"\0"),
            ("nul-inside", "a NUL octet in the name", b"us\0er", b"pass"),
            ("nul-tail", "pass, NUL, x", b"user", b"pass\0x"),
            ("nul-only", "255 NUL octets each", bytes(255), bytes(255)),
            ("colon", "colons in both", b"us:er", b"pa:ss"),
            ("blank", "blanks and line ends", b" user\r\n", b"\tpass "),
            ("utf8", "UTF-8", "jörg".encode(), "пароль".encode()),
            ("not-utf8", "octets over 7f, no UTF-8", b"\xff\xfe", b"\xc3\x28"),
            ("ff-only", "octets ff", b"\xff" * 255, b"\xff" * 255),
            ("like-message", "a name that reads as a message", b"\x01\x01u\x01p", b"pass")):
        good(f"octets-{slug}", comment, "Octets", uname, passwd)
    for tail in (b"\0", b"\x05", CONNECT, bytes(range(128))):
        good(f"trailing-{len(tail)}-{tail[0]:02x}", f"{len(tail)} octets behind the message",
             "Trailing", b"user", b"pass", tail)
    good("trailing-longest", "an octet behind the longest message", "Trailing Lengths",
         b"u" * 255, b"p" * 255, b"p")
    short, longest = wire(b"user", b"pass"), wire(b"u" * 255, b"p" * 255)
    add_cuts(doc, "usual", short, range(len(short)), form)
    add_cuts(doc, "shortest", wire(b"u", b"p"), range(2, 5), form)
    add_cuts(doc, "longest", longest, (2, 129, 130, 256, 257, 258, 259, 511, 512), form)
    for tail in (b"", b"\0", b"\x04pass"):
        doc.add(f"empty-name-then-{len(tail)}", f"ULEN 0, then {len(tail)} octets", "EmptyName",
                "invalid", also=[form], status="empty", input=b"\x01\x00" + tail, used=1)
    for u in EDGES:
        for tail in (b"", b"pass"):
            doc.add(f"empty-password-{u}-then-{len(tail)}",
                    f"a name of {u} octets, PLEN 0, then {len(tail)} octets", "EmptyPassword",
                    "invalid", also=[form], status="empty",
                    input=bytes([1, u]) + b"u" * u + b"\0" + tail, used=2 + u)
    add_versions(doc, short, form, (0, 2, 4, 5, 0x81, 0xff))
    return doc


def address() -> Document:
    doc = Document("socks5-address", f"{RFC1928} section 5", ADDRESS_NOTES)
    add_addresses(doc, b"", {}, "rfc1928/4/connect")
    return doc


def request() -> Document:
    form, cmds = "rfc1928/4/connect", "rfc1928/4/always-answered"
    doc = Document("socks5-request", f"{RFC1928} section 4", {
        **ADDRESS_NOTES, "Typical": note(TYPICAL, form),
        "Command": Note("A CMD of the text.", "Each takes an address of each type.", cmds),
        "UnknownCommand": Note("A CMD that the text does not assign.",
                               "Good form: a server answers it with REP 07. F0 and F1 are Tor's.",
                               cmds),
        "Rsv": RSV, "Version": note(VERSION, "rfc1928/4/version")})
    add_addresses(doc, b"\x05\x01\x00", {"cmd": 1, "rsv": 0}, form)
    add_codes(doc, "cmd", form, {
        **{cmd: ("Command", "valid") for cmd in (1, 2, 3)},
        **{cmd: ("UnknownCommand", "acceptable") for cmd in (0, 4, 5, 0x7f, 0x80, 0x81, 0xf0, 0xf1,
                                                             0xff)}})
    add_versions(doc, CONNECT, form, (0, 1, 4, 6, 0x15, 0x85, 0xff))
    return doc


def reply() -> Document:
    form, reps = "rfc1928/6/form", "rfc1928/6/rep-value"
    doc = Document("socks5-reply", f"{RFC1928} section 6", {
        **ADDRESS_NOTES, "Typical": note(TYPICAL, form),
        "Reply": Note("A REP of the text.",
                      "Error replies carry a whole address too; clients that read fewer octets "
                      "then, or take only ATYP 01, lose step.", reps),
        "UnknownReply": Note("A REP that the text leaves unassigned.",
                             "Good form, and a failure whatever it means.", reps),
        "Rsv": note(RSV, "rfc1928/6/form"), "Version": note(VERSION, "rfc1928/6/form")})
    add_addresses(doc, b"\x05\x00\x00", {"rep": 0, "rsv": 0}, form)
    add_codes(doc, "rep", form, {
        **{rep: ("Reply", "valid") for rep in range(9)},
        **{rep: ("UnknownReply", "acceptable") for rep in (9, 0x0a, 0x5a, 0x7f, 0x80, 0xfe, 0xff)}})
    add_versions(doc, b"\x05\x00\x00" + V4.wire(), form, (0, 1, 4, 6, 0x15, 0x85, 0xff))
    return doc


def add_codes(doc: Document, name: str, form: str, codes: dict[int, tuple[str, str]]) -> None:
    """The second octet of request and reply, then RSV, with an address of each type."""

    def good(slug: str, comment: str, flag: str, result: str, code: int, rsv: int, at) -> None:
        message = bytes([5, code, rsv]) + at.wire()
        doc.add(slug, comment, flag, result, also=[form], input=message, used=len(message),
                **{name: code, "rsv": rsv}, **at.fields())

    for kind, at in (("ipv4", V4), ("ipv6", V6), ("domain", NAMED)):
        for code, (flag, result) in codes.items():
            good(f"{name}-{code:02x}-{kind}", f"{name.upper()} {code:02x}", flag, result, code, 0,
                 at)
        for rsv in (0x01, 0x05, 0x80, 0xff):
            good(f"rsv-{rsv:02x}-{kind}", f"RSV {rsv:02x}", "Rsv", "acceptable", min(codes), rsv,
                 at)


def udp_header() -> Document:
    form = "rfc1928/7/address-types"
    doc = Document("socks5-udp-header", f"{RFC1928} section 7", {
        **{flag: note for flag, note in ADDRESS_NOTES.items() if flag != "Trailing"},
        "Typical": note(TYPICAL, form),
        "Trailing": Note("A header with data behind it.",
                         "Data runs to the end of the datagram and is no part of the header; none "
                         "at all is good too.", "rfc1928/7/empty"),
        "Truncated": Note("A datagram that ends inside its header.",
                          "No more will come: the datagram is dropped.", "rfc1928/7/silent-drop"),
        "Fragment": Note("FRAG is not 0.",
                         "Whoever does not reassemble drops it; 80 set marks the last fragment.",
                         "rfc1928/7/fragments"),
        "Rsv": note(RSV, "rfc1928/7/rsv")})
    add_addresses(doc, bytes(3), {"rsv": 0, "frag": 0}, form)

    def good(slug: str, comment: str, flag: str, result: str, rsv: int, frag: int, at,
             data: bytes) -> None:
        header = rsv.to_bytes(2, "big") + bytes([frag]) + at.wire()
        doc.add(slug, comment, flag, result, also=[form], input=header + data, used=len(header),
                rsv=rsv, frag=frag, **at.fields())

    for kind, at in (("ipv4", V4), ("ipv6", V6), ("domain", NAMED)):
        for frag in (0x01, 0x02, 0x7f, 0x80, 0x81, 0xff):
            good(f"frag-{frag:02x}-{kind}", f"FRAG {frag:02x}", "Fragment", "acceptable", 0, frag,
                 at, b"data")
        for rsv in (0x0001, 0x0100, 0x8000, 0xffff):
            good(f"rsv-{rsv:04x}-{kind}", f"RSV {rsv:04x}", "Rsv", "acceptable", rsv, 0, at,
                 b"data")
        for size in (1, 512, 1472):
            good(f"data-{size}-{kind}", f"{size} octets of data", "Trailing", "valid", 0, 0, at,
                 (bytes(range(256)) * 6)[:size])
    return doc


# File under vectors/: what makes it.
FILES = {
    "socks5/greeting.json": greeting,
    "socks5/selection.json": selection,
    "socks5/userpass.json": userpass,
    "socks5/userpass-status.json": userpass_status,
    "socks5/address.json": address,
    "socks5/request.json": request,
    "socks5/reply.json": reply,
    "socks5/udp-header.json": udp_header,
}
