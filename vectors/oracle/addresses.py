"""Addresses as they stand on the wire, in every class that the messages share."""

from dataclasses import dataclass

from document import Document, Note

IPV4, DOMAIN, IPV6 = 1, 3, 4

NOTES = {
    "Typical": Note(
        "A message as it is sent every day.",
        "Whoever gets this wrong speaks to nobody.",
        "rfc1928/4/connect"),
    "Ipv4": Note(
        "ATYP 01, an address at the edge of its range.",
        "0.0.0.0 and 255.255.255.255 are addresses to a parser, whatever is made of them later.",
        "rfc1928/5/ipv4"),
    "Ipv6": Note(
        "ATYP 04, an address at the edge of its range or with an IPv4 address inside.",
        "A mapped address must stay the 16 octets that came: checks on it come later.",
        "rfc1928/5/ipv6"),
    "DomainLength": Note(
        "ATYP 03 with a name of a length at a boundary.",
        "The count is one unsigned octet: a signed one breaks at 128, a buffer of 255 at the end.",
        "rfc1928/5/domain-exact"),
    "DomainOctets": Note(
        "ATYP 03 with octets that a C string or a resolver would take for something else.",
        "A name ends where its count says; NUL, blanks, digits and brackets are part of it.",
        "rfc1928/5/domain-exact"),
    "EmptyDomain": Note(
        "ATYP 03 with a count of 0.",
        "The text gives no lower bound, but there is no such name. Parsers that look for the end "
        "only after eating an octet swallow the port.",
        "rfc1928/5/domain-empty"),
    "Port": Note(
        "A port at a boundary, or one that shows a swap of its octets.",
        "Ports are in network order; 0 and 65535 are values like any other.",
        "rfc1928/4/connect"),
    "UnknownAtyp": Note(
        "An ATYP octet that the text does not assign, with or without octets behind it.",
        "The length of the address is not known, so that nothing behind it can be trusted; the "
        "error stands at once, whatever follows. 11, 13, 14, 81 and others fool masks.",
        "rfc1928/4/always-answered"),
    "Truncated": Note(
        "The first octets of a good message.",
        "More octets are needed: neither an error nor a message.",
        "rfc1928/3/stream"),
    "Trailing": Note(
        "A good message with octets behind it.",
        "They belong to what comes next and are left alone.",
        "rfc1928/3/pipelining"),
}

# ATYP octets that are not assigned: next to good ones, and good ones under every kind of mask.
UNKNOWN_ATYP = (0x00, 0x02, 0x05, 0x06, 0x07, 0x08, 0x0f, 0x10, 0x11, 0x13, 0x14, 0x21, 0x23, 0x24,
                0x31, 0x41, 0x43, 0x44, 0x7f, 0x80, 0x81, 0x83, 0x84, 0x91, 0xe1, 0xf1, 0xfe, 0xff)


@dataclass(frozen=True)
class Address:
    atyp: int
    host: bytes
    port: int

    def wire(self) -> bytes:
        count = bytes([len(self.host)]) if self.atyp == DOMAIN else b""
        return bytes([self.atyp]) + count + self.host + self.port.to_bytes(2, "big")

    def fields(self) -> dict:
        return {"atyp": self.atyp, "host": self.host, "port": self.port}


def name(length: int) -> bytes:
    """A name of that many octets, in labels of at most 15."""
    return (b"abcdefghijklmno." * 16)[:length - 1] + b"z"


V4 = Address(IPV4, bytes([192, 0, 2, 1]), 443)
V6 = Address(IPV6, bytes.fromhex("20010db8000000000000000000000001"), 443)
NAMED = Address(DOMAIN, b"example.com", 443)
USUAL = {"ipv4": V4, "ipv6": V6, "domain": NAMED}

# slug: comment, flag, address
GOOD = {
    "ipv4": ("an IPv4 address", "Typical", V4),
    "ipv6": ("an IPv6 address", "Typical", V6),
    "domain": ("a domain name", "Typical", NAMED),
    "ipv4-zero": ("0.0.0.0:0", "Ipv4 Port", Address(IPV4, bytes(4), 0)),
    "ipv4-ones": ("255.255.255.255:65535", "Ipv4 Port", Address(IPV4, b"\xff" * 4, 65535)),
    "ipv4-loopback": ("127.0.0.1", "Ipv4", Address(IPV4, b"\x7f\x00\x00\x01", 8080)),
    "ipv6-zero": ("[::]:0", "Ipv6 Port", Address(IPV6, bytes(16), 0)),
    "ipv6-ones": ("all bits set", "Ipv6 Port", Address(IPV6, b"\xff" * 16, 65535)),
    "ipv6-loopback": ("[::1]", "Ipv6", Address(IPV6, bytes(15) + b"\x01", 8080)),
    "ipv6-mapped": ("[::ffff:127.0.0.1]", "Ipv6",
                    Address(IPV6, bytes(10) + b"\xff\xff\x7f\x00\x00\x01", 80)),
    **{f"port-{port}": (f"port {port}", "Port", Address(IPV4, V4.host, port))
       for port in (0, 1, 80, 255, 256, 4660, 20480, 32767, 32768, 65534, 65535)},
    **{f"domain-length-{n}": (f"a name of {n} octets", "DomainLength",
                              Address(DOMAIN, name(n), 80))
       for n in (1, 2, 3, 4, 16, 63, 64, 127, 128, 129, 253, 254, 255)},
    **{f"domain-{slug}": (comment, "DomainOctets", Address(DOMAIN, octets, 80))
       for slug, comment, octets in (
           ("nul", "one NUL octet", b"\0"),
           ("nul-first", "NUL, then a name", b"\0example.com"),
           ("nul-inside", "a NUL octet between two names", b"good.example\0.evil.example"),
           ("nul-last", "a name that ends in NUL", b"example.com\0"),
           ("nul-only", "255 NUL octets", bytes(255)),
           ("ff-only", "255 octets ff", b"\xff" * 255),
           ("dot-last", "a name with its final dot", b"example.com."),
           ("dots", "dots alone", b"..."),
           ("quad", "an IPv4 address in text", b"127.0.0.1"),
           ("brackets", "an IPv6 address in brackets", b"[::1]"),
           ("utf8", "octets over 7f, UTF-8", "bücher.example".encode()),
           ("not-utf8", "octets over 7f, no UTF-8", b"\xc3\x28.example"),
           ("blank", "a blank and a line end", b"a b\r\n"),
           ("percent", "a percent sign, for those who print it", b"%s%n.example"),
           ("like-address", "a name that reads as ATYP ADDR PORT",
            b"\x01\x7f\x00\x00\x01\x00\x50"))},
}


def add_addresses(doc: Document, head: bytes, fields: dict, form: str) -> None:
    """Every class of address behind the octets head, which decode to fields; form is the
    requirement of the message."""

    def good(slug: str, comment: str, flags: str, address: Address, tail: bytes = b"") -> None:
        message = head + address.wire()
        doc.add(slug, comment, flags, also=[form], input=message + tail, used=len(message),
                **fields, **address.fields())

    for slug, (comment, flags, address) in GOOD.items():
        good(slug, comment, flags, address)
    for slug, address in USUAL.items():
        for tail in (b"\0", b"\x05", bytes(range(32)), address.wire() * 2):
            good(f"{slug}-trailing-{len(tail)}-{tail[0]:02x}",
                 f"{len(tail)} octets behind the message", "Trailing", address, tail)
    longest = Address(DOMAIN, name(255), 80)
    good("domain-length-255-trailing", "an octet behind the longest message",
         "Trailing DomainLength", longest, b"z")

    cut = {slug: (address, range(len(head + address.wire()))) for slug, address in USUAL.items()}
    whole = len(head + longest.wire())
    cut["domain-length-255"] = longest, (len(head) + 2, len(head) + 129, whole - 2, whole - 1)
    shortest = Address(DOMAIN, b"z", 80)
    cut["domain-length-1"] = shortest, range(len(head) + 1, len(head + shortest.wire()))
    for slug, (address, sizes) in cut.items():
        for n in sizes:
            message = head + address.wire()
            doc.add(f"{slug}-cut-{n}", f"{n} of {len(message)} octets", "Truncated", "invalid",
                    also=[form], status="more", input=message[:n], used=0)

    at = len(head)
    for atyp in UNKNOWN_ATYP:
        rest = Address(atyp, V6.host, 443).wire()[1:]
        for tail, how in ((b"", "nothing"), (rest, f"{len(rest)} octets")):
            doc.add(f"atyp-{atyp:02x}-then-{len(tail)}", f"ATYP {atyp:02x}, then {how}",
                    "UnknownAtyp", "invalid", also=[form], status="atyp",
                    input=head + bytes([atyp]) + tail, used=at)
    for tail in (b"", b"\0", b"\x00\x50", b"\x00\x50" + bytes(20)):
        doc.add(f"domain-empty-then-{len(tail)}", f"a name of no octets, then {len(tail)} octets",
                "EmptyDomain", "acceptable", also=[form], status="empty",
                input=head + bytes([DOMAIN, 0]) + tail, used=at + 1)
