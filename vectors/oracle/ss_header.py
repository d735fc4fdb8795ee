"""The address header of Shadowsocks, in the clear and with the tag of one-time auth."""

from addresses import DOMAIN, GOOD, NOTES as ADDRESS_NOTES, UNKNOWN_ATYP, USUAL, Address, name
from ciphers import METHODS, master_key, ota_tag
from document import Document, Note

SOURCE = "Shadowsocks protocol, address header; Python shadowsocks 2.9.1 to 3.0.0"
SOURCE_OTA = "Shadowsocks one-time auth; Python shadowsocks 2.9.1 to 3.0.0"
FLAG = 0x10
MODES = ("plain", "ota-allowed", "ota-required", "py")
PASSWORD = b"barfoo!"
KEY = master_key(PASSWORD, 32)
IV = bytes(range(16))
FORM = "ss-address/header/form"


def note(old: Note, requirement: str) -> Note:
    return Note(old.meaning, old.why, requirement)


NOTES = {
    **{flag: note(old, FORM) for flag, old in ADDRESS_NOTES.items()
       if flag not in ("EmptyDomain", "UnknownAtyp", "Truncated", "Trailing")},
    "Truncated": note(ADDRESS_NOTES["Truncated"], "ss-address/header/segmentation"),
    "Trailing": note(ADDRESS_NOTES["Trailing"], "ss-address/header/segmentation"),
    "UnknownAtyp": note(ADDRESS_NOTES["UnknownAtyp"], "ss-address/header/types"),
    "EmptyDomain": Note(
        "A name of no octets.",
        "The Python original takes it; parsers that eat an octet first swallow the port.",
        "ss-address/header/domain-empty"),
    "OtaFlag": Note(
        "TYPE with the flag 10 of one-time auth, or without it where it is required.",
        "A flag taken where none may be turns framing on at one end alone.",
        "ss-address/header/ota-flag"),
    "TypeBits": Note(
        "Bits 5 to 7 of TYPE are set over a good type.",
        "The Python original masks them off, shadowsocks-libev refuses some: random octets pass "
        "for an address three times as often.",
        "ss-address/header/type-bits"),
}


def flagged(address: Address, bits: int) -> bytes:
    """The address with more bits in its type octet."""
    wire = address.wire()
    return bytes([wire[0] | bits]) + wire[1:]


def found(address: Address, bits: int) -> dict:
    return {"type": address.atyp | bits, **address.fields()}


def judge(type_: int, mode: str) -> str:
    """What a reader answers to a type octet alone."""
    if mode == "py":
        return "ok" if type_ & 0x0f in (1, 3, 4) else "atyp"
    if type_ & ~FLAG not in (1, 3, 4):
        return "atyp"
    if type_ & FLAG and mode == "plain":
        return "ota-forbidden"
    return "ota-required" if not type_ & FLAG and mode == "ota-required" else "ok"


def flags_of(mode: str) -> tuple[int, ...]:
    return {"plain": (0,), "ota-required": (FLAG,)}.get(mode, (0, FLAG))


def address() -> Document:
    doc = Document("shadowsocks-address", SOURCE, NOTES)
    for mode in MODES:
        for bits in flags_of(mode):
            prefix = f"{mode}-ota" if bits else mode
            more = " OtaFlag" if bits else ""
            for slug, (comment, flags, at) in GOOD.items():
                if bits and not slug.startswith(("ipv", "domain-length", "domain-nul")):
                    continue
                wire = flagged(at, bits)
                doc.add(f"{prefix}-{slug}", comment, flags + more, also=[FORM], mode=mode,
                        input=wire, used=len(wire), **found(at, bits))
            for slug, at in USUAL.items():
                wire = flagged(at, bits)
                doc.add(f"{prefix}-{slug}-trailing", "the message, then 32 octets",
                        "Trailing" + more, mode=mode, input=wire + bytes(range(32)), used=len(wire),
                        **found(at, bits))
                for n in range(len(wire)) if mode != "py" or not bits else ():
                    doc.add(f"{prefix}-{slug}-cut-{n}", f"{n} of {len(wire)} octets",
                            "Truncated" + more, "invalid", status="more", mode=mode,
                            input=wire[:n], used=0)
            add_empty(doc, mode, bits, prefix)
        add_types(doc, mode)
    return doc


def add_empty(doc: Document, mode: str, bits: int, prefix: str) -> None:
    nobody = Address(DOMAIN, b"", 80)
    wire = flagged(nobody, bits)
    if mode == "py":
        doc.add(f"{prefix}-domain-empty", "a name of no octets", "EmptyDomain", "acceptable",
                mode=mode, input=wire, used=4, **found(nobody, bits))
        return
    for n in (2, 3, 4):
        doc.add(f"{prefix}-domain-empty-{n}", f"a name of no octets, {n} octets in all",
                "EmptyDomain", "acceptable", status="empty", mode=mode, input=wire[:n], used=1)


def add_types(doc: Document, mode: str) -> None:
    """Type octets that this mode refuses, or takes for their low bits alone."""
    good = {atyp | bits for atyp in (1, 3, 4) for bits in flags_of(mode)}
    tried = set(UNKNOWN_ATYP) | {high | bits | atyp for high in (0x00, 0x20, 0x80, 0xe0)
                                 for bits in (0, FLAG) for atyp in (1, 3, 4)}
    for type_ in sorted(tried - good):
        status = judge(type_, mode)
        base = USUAL[{1: "ipv4", 3: "domain", 4: "ipv6"}.get(type_ & 0x0f, "ipv6")]
        wire = bytes([type_]) + base.wire()[1:]
        high = type_ & 0x0f in (1, 3, 4) and type_ & 0xe0
        flag = "TypeBits" if high else "OtaFlag" if status.startswith("ota") else "UnknownAtyp"
        result = "acceptable" if high else "invalid"
        about = f"TYPE {type_:02x}"
        if status == "ok":
            doc.add(f"{mode}-type-{type_:02x}", about, flag, result, mode=mode, input=wire,
                    used=len(wire), type=type_, **base.fields())
            continue
        for n in (1, len(wire)):
            doc.add(f"{mode}-type-{type_:02x}-{n}", f"{about}, {n} octets in all", flag, result,
                    status=status, mode=mode, input=wire[:n], used=0)


OTA_NOTES = {
    "Typical": Note("A message as it is sent every day.",
                    "Whoever gets this wrong speaks to nobody.",
                    "ss-ota/header/tag"),
    "KnownAnswer": Note("A value that several programs agree on, the Python original among them.",
                        "It ties these files to the programs in the field.", "ss-ota/header/tag"),
    "NoOta": Note("A header without the flag.", "There is no tag, and what follows is data.",
                  "ss-address/header/ota-flag"),
    "KeySizes": Note("Methods with other sizes of key and IV.",
                     "The key of the tag is IV and key, as long as the method has them.",
                     "ss-ota/header/tag"),
    "BadTag": Note("One octet of the tag is not right.",
                   "All ten count: a comparison that stops early lets guesses in.",
                   "ss-ota/header/tag"),
    "OtherText": Note("A right tag over something else.",
                      "What is authenticated is TYPE with its flag up to PORT, not payload behind "
                      "it (a fault of the Python original's sslocal).",
                      "ss-ota/header/tag"),
    "OtherKey": Note("A right tag under another key.", "IV first, then the key; the client's IV.",
                     "ss-ota/header/tag"),
    "Changed": Note("An octet that the tag covers is not as it was sent.",
                    "A stream cipher's text can be changed bit by bit: the tag is all there is.",
                    "ss-ota/header/tag"),
    **{flag: NOTES[flag] for flag in ("Truncated", "Trailing", "OtaFlag", "EmptyDomain",
                                      "UnknownAtyp")},
}
SESSION = {"method": "aes-256-cfb", "key": KEY, "iv": IV}


def sessions() -> dict[str, dict]:
    """Methods with other sizes, each with a key and an IV."""
    names = ("aes-128-cfb", "aes-192-ctr", "rc4-md5", "salsa20", "chacha20-ietf", "xchacha20",
             "des-cfb", "bf-cfb", "rc4")
    return {name: {"method": name, "key": master_key(PASSWORD, METHODS[name].key),
                   "iv": bytes(range(METHODS[name].iv))} for name in names}


def add_ota(doc: Document, data: bytes, requirement: str) -> None:
    """Headers (data is empty) or datagrams: TYPE ADDR PORT, data, tag."""
    datagram = doc.algorithm.endswith("datagram")

    def good(slug: str, comment: str, flags: str, at: Address, payload: bytes, tail: bytes = b"",
             session: dict = SESSION, mode: str = "ota-allowed", bits: int = FLAG) -> None:
        text = flagged(at, bits) + payload
        tag = ota_tag(session["iv"] + session["key"], text) if bits else b""
        doc.add(slug, comment, flags, also=[requirement], **session, mode=mode,
                input=text + tag + tail, used=len(text + tag), **found(at, bits), tag=tag,
                **({"data": payload} if datagram else {}))

    def bad(slug: str, comment: str, flags: str, wire: bytes, at: int, status: str = "tag",
            mode: str = "ota-allowed") -> None:
        doc.add(slug, comment, flags, "invalid", also=[requirement], status=status, **SESSION,
                mode=mode, input=wire, used=at)

    for slug, at in USUAL.items():
        good(slug, "with its tag", "Typical", at, data)
        good(f"{slug}-required", "where one-time auth is required", "Typical OtaFlag", at, data,
             mode="ota-required")
        for mode in ("plain", "ota-allowed"):
            good(f"{slug}-without-{mode}", "without the flag", "NoOta", at, data, mode=mode, bits=0)
        if not datagram:
            good(f"{slug}-trailing", "a chunk behind it", "Trailing", at, data,
                 b"\x00\x02" + ota_tag(IV + bytes(4), b"hi") + b"hi")
        plain = flagged(at, 0) + data
        bad(f"{slug}-plain", "the flag where it is forbidden", "OtaFlag", flagged(at, FLAG), 0,
            "ota-forbidden", "plain")
        bad(f"{slug}-unflagged", "no flag where it is required", "OtaFlag", plain, 0,
            "ota-required", "ota-required")
    for n in (1, 127, 128, 254, 255):
        good(f"domain-length-{n}", f"a name of {n} octets", "Typical", Address(DOMAIN, name(n), 80),
             data)
    for slug, session in sessions().items():
        good(f"method-{slug}", f"{len(session['key'])} octets of key, {len(session['iv'])} of IV",
             "KeySizes", USUAL["ipv4"], data, session=session)

    at = USUAL["ipv4"]
    text = flagged(at, FLAG) + data
    tag = ota_tag(IV + KEY, text)
    for i in range(10):
        for bit in (0x01, 0x80):
            wrong = tag[:i] + bytes([tag[i] ^ bit]) + tag[i + 1:]
            bad(f"tag-octet-{i}-{bit:02x}", f"octet {i} of the tag is wrong", "BadTag",
                text + wrong, len(text))
    for i in range(1, len(text)):
        wrong = text[:i] + bytes([text[i] ^ 0x01]) + text[i + 1:]
        bad(f"changed-{i}", f"octet {i} is changed", "Changed", wrong + tag, len(text))
    for slug, comment, flag, other in (
            ("tag-zero", "a tag of zeros", "BadTag", bytes(10)),
            ("tag-without-flag", "the type without its flag", "OtherText",
             ota_tag(IV + KEY, at.wire() + data)),
            ("tag-with-payload", "payload behind it authenticated too", "OtherText",
             ota_tag(IV + KEY, text + b"GET / HTTP/1.0\r\n")),
            ("tag-of-nothing", "nothing authenticated", "OtherText", ota_tag(IV + KEY, b"")),
            ("tag-as-chunk", "the tag of chunk 0", "OtherKey", ota_tag(IV + bytes(4), text)),
            ("tag-key-iv", "key before IV", "OtherKey", ota_tag(KEY + IV, text)),
            ("tag-key-alone", "the key without IV", "OtherKey", ota_tag(KEY, text)),
            ("tag-other-iv", "the other direction's IV", "OtherKey", ota_tag(IV[::-1] + KEY, text)),
            ("tag-other-key", "the key of another password", "OtherKey",
             ota_tag(IV + master_key(b"barfoo", 32), text))):
        bad(slug, comment, flag, text + other, len(text))
    for slug, wire, status, offset in (
            ("domain-empty", b"\x13\x00\x00\x50" + bytes(10), "empty", 1),
            ("type-12", b"\x12" + bytes(20), "atyp", 0),
            ("type-10", b"\x10" + bytes(20), "atyp", 0),
            ("type-91", b"\x91" + bytes(20), "atyp", 0)):
        bad(slug, "a header that is none", "EmptyDomain" if status == "empty" else "UnknownAtyp",
            wire, offset, status)


def ota_header() -> Document:
    doc = Document("shadowsocks-ota-header", SOURCE_OTA, OTA_NOTES)
    add_ota(doc, b"", "ss-ota/header/tag")
    header = bytes.fromhex("117f0000014a3f")
    tag = bytes.fromhex("f5fd1de82361110aafb5")
    at = Address(1, header[1:5], 0x4a3f)
    doc.add("known-answer", "password barfoo!, IV 00 to 0f, 127.0.0.1:19007", "KnownAnswer",
            **SESSION, mode="ota-allowed", input=header + tag, used=17, **found(at, FLAG), tag=tag)
    for slug, at in USUAL.items():
        text = flagged(at, FLAG)
        wire = text + ota_tag(IV + KEY, text)
        for n in range(len(wire)):
            doc.add(f"{slug}-cut-{n}", f"{n} of {len(wire)} octets", "Truncated", "invalid",
                    also=["ss-ota/header/tag"], status="more", **SESSION, mode="ota-allowed",
                    input=wire[:n], used=0)
    return doc


def ota_datagram() -> Document:
    requirement = "ss-ota/datagram/tag"
    notes = {**OTA_NOTES, "Data": Note("Data of a size at a boundary.",
                                       "No data at all is good too.", requirement)}
    doc = Document("shadowsocks-ota-datagram", SOURCE_OTA, {
        flag: note(old, requirement) if old.requirement == "ss-ota/header/tag" else old
        for flag, old in notes.items()})
    add_ota(doc, b"hi", requirement)
    header = bytes.fromhex("117f0000014a3f")
    tag = bytes.fromhex("27898899a51e5b3e3d92")
    known = Address(1, header[1:5], 0x4a3f)
    doc.add("known-answer", "password barfoo!, IV 00 to 0f, 127.0.0.1:19007, hi", "KnownAnswer",
            **SESSION, mode="ota-allowed", input=header + b"hi" + tag, used=19,
            **found(known, FLAG), data=b"hi", tag=tag)
    for slug, at in USUAL.items():
        for size in (0, 1, 9, 10, 11, 512, 1400):
            data = (bytes(range(256)) * 6)[:size]
            text = flagged(at, FLAG) + data
            tag = ota_tag(IV + KEY, text)
            doc.add(f"{slug}-data-{size}", f"{size} octets of data", "Data", **SESSION,
                    mode="ota-allowed", input=text + tag, used=len(text + tag), **found(at, FLAG),
                    data=data, tag=tag)
        head = flagged(at, FLAG)
        wire = head + b"hi" + ota_tag(IV + KEY, head + b"hi")
        for n in range(len(wire)):
            short = n < len(head) + 10
            doc.add(f"{slug}-cut-{n}",
                    f"{n} of {len(wire)} octets: its last ten are taken for the tag",
                    "Truncated", "invalid", also=[requirement], status="more" if short else "tag",
                    **SESSION, mode="ota-allowed", input=wire[:n], used=0 if short else n - 10)
    return doc
