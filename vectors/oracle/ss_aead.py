"""Chunks, streams and datagrams of the AEAD methods."""

from addresses import DOMAIN, USUAL, Address, name as host_name
from ciphers import AEAD, METHODS, master_key, seal, subkey
from document import Document, Note
from ss_header import FLAG, flagged, found
from ss_keys import NONCES, SIP004
from ss_ota import some

FORM, LENGTH, NONCE = "ss-aead/chunk/form", "ss-aead/chunk/length", "ss-aead/chunk/nonce"
SPLIT, VERIFIED = "ss-aead/chunk/segmentation", "ss-aead/chunk/verified"
LEN_SIZE = 18
CAP = 0x3fff
PASSWORD = b"barfoo!"

NOTES = {
    "Typical": Note("A message as it is sent every day.",
                    "Whoever gets this wrong speaks to nobody.", FORM),
    "KnownAnswer": Note("A value that several programs agree on.",
                        "It ties these files to the programs in the field.", FORM),
    "Size": Note("LEN at a boundary.", "16383 is a chunk like any other.", LENGTH),
    "Empty": Note("A chunk of no data.",
                  "Programs disagree: some pass over it, some close.", "ss-aead/chunk/empty"),
    "Reserved": Note("LEN over 3fff, its seal unbroken.",
                     "shadowsocks-libev masks the two top bits, v2ray takes all 16. LEN decides, "
                     "no data need follow.", LENGTH),
    "Nonce": Note("A nonce whose next octet carries, or that is not the one whose turn it is.",
                  "Little endian: after 255 seals the second octet counts.", NONCE),
    "Tampered": Note("One octet is not as it was sent: of LEN, DATA, or a tag.",
                     "Nothing of it is used, not even LEN, and the stream ends.", VERIFIED),
    "Truncated": Note("The first octets of something good.",
                      "More are needed; what is verified may be handed on.", SPLIT),
    "Trailing": Note("A chunk with octets behind it.", "They belong to the next one.", SPLIT),
    "Split": Note("Pieces that begin and end anywhere.",
                  "Salt, LEN and DATA may come in any number of pieces, or all in one.", SPLIT),
    "OtherKey": Note("A right seal under another key.",
                     "The key of a session is the subkey of its salt, never the master key.",
                     VERIFIED),
}


def sealed(method: str, key: bytes, nonce: int, data: bytes, length: int | None = None) -> bytes:
    """LEN and DATA, each with its tag."""
    size = (len(data) if length is None else length).to_bytes(2, "big")
    return seal(method, key, nonce, size) + seal(method, key, nonce + 1, data)


def flip(octets: bytes, at: int, bit: int = 0x01) -> bytes:
    return octets[:at] + bytes([octets[at] ^ bit]) + octets[at + 1:]


def chunk() -> Document:
    doc = Document("shadowsocks-aead-chunk", SIP004, NOTES)
    for method in AEAD:
        add_chunks(doc, method)
    key = bytes.fromhex("6e62f41174d7879ffea269ebf7805b730f62002e2b461f4dcb2a21dfb6f6423e")
    known = bytes.fromhex("a028e26a37d380da864869a42f60c5541cb14fcd028d54d55483a4296fbcc81b"
                          "08a3b550d386da77f1")
    doc.add("known-answer", "barfoo!, salt 00 to 1f, the header 127.0.0.1:19007", "KnownAnswer",
            method="chacha20-ietf-poly1305", key=key, nonce=bytes(12), input=known, used=len(known),
            data=bytes.fromhex("017f0000014a3f"))
    return doc


def add_chunks(doc: Document, method: str) -> None:
    size = METHODS[method].nonce
    key = master_key(b"subkey", METHODS[method].key)

    def good(slug: str, comment: str, flags: str, data: bytes, nonce: int = 0, tail: bytes = b"",
             result: str = "valid") -> None:
        octets = sealed(method, key, nonce, data)
        doc.add(f"{method}-{slug}", comment, flags, result, also=[FORM], method=method, key=key,
                nonce=nonce.to_bytes(size, "little"), input=octets + tail, used=len(octets),
                data=data)

    def bad(slug: str, comment: str, flag: str, octets: bytes, status: str, used: int,
            nonce: int = 0) -> None:
        doc.add(f"{method}-{slug}", comment, flag, "invalid", also=[FORM], status=status,
                method=method,
                key=key, nonce=nonce.to_bytes(size, "little"), input=octets, used=used)

    for n in (1, 2, 15, 16, 17, 255, 256, 1400):
        good(f"size-{n}", f"{n} octets of data", "Size", some(n))
    if method in ("aes-128-gcm", "chacha20-ietf-poly1305"):
        for n in (CAP - 1, CAP):
            good(f"size-{n}", f"{n} octets of data", "Size", some(n))
    good("empty", "no data", "Empty", b"", result="acceptable")
    for nonce in NONCES:
        if nonce < 2**64 - 2:
            good(f"nonce-{nonce}", f"nonces {nonce} and {nonce + 1}", "Nonce", b"data", nonce)
    usual = sealed(method, key, 0, b"data")
    good("trailing", "the next chunk behind it", "Trailing", b"data",
         tail=sealed(method, key, 2, b"more"))
    good("trailing-1", "an octet behind it", "Trailing", b"data", tail=b"\0")

    for n in (0, 1, 2, 17, 18, 19, 22, 37):
        bad(f"cut-{n}", f"{n} of {len(usual)} octets", "Truncated", usual[:n], "more", 0)
    for i in range(len(usual)):
        at = 2 if i < LEN_SIZE else LEN_SIZE + 4
        bad(f"tampered-{i}", f"octet {i} is changed", "Tampered", flip(usual, i, 1 << i % 8), "tag",
            at)
    bad("tampered-length-alone", "LEN is changed, no data follow", "Tampered",
        flip(usual, 0)[:LEN_SIZE],
        "tag", 2)
    bad("tag-zero", "a tag of zeros", "Tampered", usual[:22] + bytes(16), "tag", 22)
    for length in (0x4000, 0x4004, 0x8000, 0x8004, 0xc004, 0xffff):
        octets = sealed(method, key, 0, b"data", length)
        bad(f"length-{length:04x}", f"LEN {length:04x} before 4 octets", "Reserved", octets,
            "chunk-length", 0)
        bad(f"length-{length:04x}-alone", f"LEN {length:04x}, nothing behind it", "Reserved",
            octets[:LEN_SIZE], "chunk-length", 0)
    bad("length-more", "LEN 5 before 4 octets", "Truncated", sealed(method, key, 0, b"data", 5),
        "more", 0)
    bad("length-less", "LEN 3 before 4 octets", "Tampered", sealed(method, key, 0, b"data", 3),
        "tag", LEN_SIZE + 3)
    bad("nonce-early", "sealed with the nonces before", "Nonce", usual, "tag", 2, nonce=2)
    bad("nonce-late", "sealed with the nonces after", "Nonce", sealed(method, key, 2, b"data"),
        "tag", 2)
    bad("nonce-same", "LEN and DATA sealed with one nonce", "Nonce",
        seal(method, key, 0, b"\x00\x04") + seal(method, key, 0, b"data"), "tag", LEN_SIZE + 4)
    big = (256).to_bytes(size, "big")
    bad("nonce-big-endian", "sealed with the nonce big endian", "Nonce",
        seal(method, key, big, b"\x00\x04") + seal(method, key, 257, b"data"), "tag", 2, nonce=256)


def stream() -> Document:
    doc = Document("shadowsocks-aead-stream", SIP004, NOTES)
    for method in AEAD:
        add_streams(doc, method)
    return doc


def add_streams(doc: Document, method: str) -> None:
    key = master_key(PASSWORD, METHODS[method].key)
    salt = bytes(range(METHODS[method].iv))
    own = subkey(key, salt)

    def joined(*data: bytes) -> bytes:
        return salt + b"".join(sealed(method, own, 2 * i, octets) for i, octets in enumerate(data))

    def add(slug: str, comment: str, flags: str, octets: bytes, sizes: list[int],
            chunks: list[bytes], status: str = "ok", used: int | None = None) -> None:
        whole = len(salt) + sum(34 + len(data) for data in chunks)
        result = "acceptable" if "Empty" in flags else "valid" if status == "ok" else "invalid"
        doc.add(f"{method}-{slug}", comment, flags, result, also=[FORM], status=status,
                method=method,
                key=key, input=octets, sizes=sizes, chunks=chunks,
                used=whole if used is None else used)

    pair = [bytes.fromhex("017f0000014a3f"), b"hello"]
    usual = joined(*pair)
    add("whole", "a header and data in one piece", "Typical", usual, [len(usual)], pair)
    for n in (1, 2, 3, 7, 16, 17, 18, 19, 34):
        add(f"pieces-{n}", f"pieces of {n}", "Split", usual, [n], pair)
    every = method == "chacha20-ietf-poly1305"
    edges = {len(salt) + n for n in (-1, 0, 1, 2, 17, 18, 19, 25, 40, 41, 42, 58, 59)}
    for n in range(1, len(usual)) if every else sorted(edges):
        add(f"split-{n}", f"{n} octets, then the rest", "Split", usual, [n, len(usual) - n], pair)
    add("header-split", "the address header in two chunks", "Typical",
        joined(pair[0][:3], pair[0][3:]), [1000], [pair[0][:3], pair[0][3:]])
    add("header-with-data", "address header and data in one chunk", "Typical",
        joined(pair[0] + b"hello"), [1000], [pair[0] + b"hello"])
    add("empty-chunk", "an empty chunk between two", "Empty", joined(pair[0], b"", b"hello"),
        [1000], [pair[0], b"", b"hello"])
    many = [bytes([i]) for i in range(130)]
    add("nonce-past-255", "130 chunks: the nonce passes 255", "Nonce", joined(*many), [1000], many)
    add("nonce-past-255-octets", "130 chunks octet by octet", "Nonce Split", joined(*many), [1],
        many)

    first = len(salt) + 34 + len(pair[0])
    for n in range(len(usual)) if every else sorted(e for e in edges if e < len(usual)):
        if n != len(salt) and n != first:
            add(f"cut-{n}", f"{n} of {len(usual)} octets", "Truncated", usual[:n], [11],
                pair[:int(n >= first)], "more", first if n >= first else 0)
    for i in range(len(usual)) if every else (0, len(salt), len(salt) + 2, len(salt) + 18, first,
                                              first + 18):
        chunk_at = first if i >= first else len(salt)
        data_size = len(pair[1] if i >= first else pair[0])
        at = chunk_at + (2 if i < chunk_at + LEN_SIZE else LEN_SIZE + data_size)
        add(f"tampered-{i}", f"octet {i} is changed", "Tampered", flip(usual, i), [1000],
            pair[:int(i >= first)], "tag", at)
    one = sealed(method, own, 0, b"hello")
    for slug, comment, flag, octets, chunks, status, at in (
            ("repeated", "chunk 0 twice", "Nonce", salt + one + one, [b"hello"], "tag",
             len(salt) + 39 + 2),
            ("swapped", "the second chunk first", "Nonce",
             salt + sealed(method, own, 2, b"hello") + one, [],
             "tag", len(salt) + 2),
            ("reserved", "LEN 4005 in the second chunk", "Reserved",
             salt + one + sealed(method, own, 2, b"hello", 0x4005), [b"hello"], "chunk-length",
             len(salt) + 39),
            ("master-key", "sealed under the master key", "OtherKey",
             salt + sealed(method, key, 0, b"hello"), [], "tag", len(salt) + 2),
            ("other-salt", "sealed under the subkey of another salt", "OtherKey",
             salt[::-1] + one, [], "tag", len(salt) + 2)):
        for size in (1, 1000):
            add(f"{slug}-{size}", f"{comment}, in pieces of {size}", flag, octets, [size], chunks,
                status, at)


def datagram() -> Document:
    form, verified = "ss-udp/aead/form", "ss-udp/aead/verified"
    doc = Document("shadowsocks-aead-datagram", SIP004, {
        "Typical": Note("A datagram as it is sent every day.",
                        "Whoever gets this wrong speaks to nobody.", form),
        "Data": Note("Data of a size at a boundary.",
                     "None at all is good too: it must reach the target.", form),
        "Short": Note("A datagram with no room for salt and tag.",
                      "It is dropped, and harms nobody.", form),
        "Tampered": Note("One octet is not as it was sent, or missing.", "The datagram is dropped.",
                         verified),
        "Nonce": Note("A nonce other than 0.",
                      "Each datagram has a salt, and so a subkey, of its own.", form),
        "Header": Note("A good seal round something that is no header.",
                       "Verified does not mean well-formed. The flag 10 is for streams alone.",
                       "ss-address/header/types")})

    def wire(method: str, text: bytes, nonce: int = 0) -> tuple[bytes, bytes, bytes]:
        key = master_key(PASSWORD, METHODS[method].key)
        salt = bytes(range(METHODS[method].iv))
        return key, salt, salt + seal(method, subkey(key, salt), nonce, text)

    def good(slug: str, comment: str, flag: str, method: str, at: Address, data: bytes) -> None:
        key, _, octets = wire(method, at.wire() + data)
        doc.add(f"{method}-{slug}", comment, flag, method=method, key=key, input=octets,
                used=len(octets), **found(at, 0), data=data)

    def bad(slug: str, comment: str, flag: str, method: str, octets: bytes, status: str, used: int,
            result: str = "invalid") -> None:
        key, _, _ = wire(method, b"")
        doc.add(f"{method}-{slug}", comment, flag, result, also=[form], status=status,
                method=method, key=key, input=octets, used=used)

    for method in AEAD:
        for slug, at in USUAL.items():
            good(slug, "a datagram", "Typical", method, at, b"data")
            for n in (0, 1, 512, 1400):
                good(f"{slug}-data-{n}", f"{n} octets of data", "Data", method, at, some(n))
        good("domain-255", "a name of 255 octets", "Data", method,
             Address(DOMAIN, host_name(255), 53), b"data")
        at = USUAL["ipv4"]
        _, salt, octets = wire(method, at.wire() + b"data")
        room = len(salt) + 16
        for n in (0, 1, len(salt) - 1, len(salt), len(salt) + 1, room - 1):
            bad(f"short-{n}", f"{n} octets", "Short", method, octets[:n], "more", 0)
        for n in range(room, len(octets)):
            bad(f"cut-{n}", f"{n} of {len(octets)} octets", "Tampered", method, octets[:n], "tag",
                n - 16)
        every = method == "aes-128-gcm"
        for i in range(len(octets)) if every else (0, len(salt) - 1, len(salt), room - 1,
                                                   len(octets) - 1):
            bad(f"tampered-{i}", f"octet {i} is changed", "Tampered", method,
                flip(octets, i, 1 << i % 8),
                "tag", len(octets) - 16)
        bad("longer", "an octet too many", "Tampered", method, octets + b"\0", "tag",
            len(octets) - 15)
        _, _, late = wire(method, at.wire() + b"data", 1)
        bad("nonce-1", "sealed with nonce 1", "Nonce", method, late, "tag", len(late) - 16)
        for slug, comment, text, status, offset, result in (
                ("nothing", "nothing sealed", b"", "more", None, "invalid"),
                ("header-cut-1", "TYPE alone", at.wire()[:1], "more", None, "invalid"),
                ("header-cut-6", "a header without its last octet", at.wire()[:6], "more", None,
                 "invalid"),
                ("type-02", "TYPE 02", b"\x02" + at.wire()[1:], "atyp", 0, "invalid"),
                ("type-81", "TYPE 81", b"\x81" + at.wire()[1:], "atyp", 0, "acceptable"),
                ("type-11", "TYPE 11", flagged(at, FLAG) + b"data", "ota-forbidden", 0, "invalid"),
                ("domain-empty", "a name of no octets", b"\x03\x00\x00\x50data", "empty", 1,
                 "acceptable")):
            _, _, octets = wire(method, text)
            bad(slug, comment, "Header", method, octets, status,
                0 if offset is None else len(salt) + offset, result)
    return doc
