"""The chunks of one-time auth, one by one and as a stream that arrives in pieces."""

from ciphers import ota_tag
from document import Document, Note
from ss_header import IV, SOURCE_OTA

FORM, TAG, INDEX = "ss-ota/chunk/form", "ss-ota/chunk/tag", "ss-ota/chunk/index"
SPLIT, VERIFIED = "ss-ota/chunk/segmentation", "ss-ota/chunk/verified"
KNOWN = {0: (b"hi", "100f24e1849edf0b4fe2"), 1: (b"", "247b58f8214b818a1c30"),
         2: (b"yo", "8e459c42f1101b1364b8")}

NOTES = {
    "Typical": Note("A chunk as it is sent every day.", "Whoever gets this wrong speaks to nobody.",
                    FORM),
    "KnownAnswer": Note("A value that several programs agree on.",
                        "It ties these files to the programs in the field.", TAG),
    "Size": Note("LEN at a boundary.",
                 "65524 and more once overflowed 16 bits together with the head; 0 is a chunk.",
                 FORM),
    "Empty": Note("A chunk of no data.", "It is valid, has a tag and takes a number.", INDEX),
    "Index": Note("A number at a boundary.", "Four octets, big endian.", TAG),
    "BadTag": Note("The tag is not right.", "Nothing of this chunk is handed on, the stream ends.",
                   VERIFIED),
    "Changed": Note("An octet of DATA is not as it was sent.",
                    "A stream cipher's text can be changed bit by bit.", VERIFIED),
    "Length": Note("LEN is not as it was sent.",
                   "LEN is covered by no tag: a larger one only waits, a smaller one fails.", TAG),
    "Truncated": Note("The first octets of good chunks.",
                      "More are needed; what is whole is handed on.", SPLIT),
    "Trailing": Note("A chunk with the next one behind it.", "The next one is left alone.", SPLIT),
    "Split": Note("Pieces that begin and end anywhere.",
                  "The Python original loses verified data when a partial head follows it; "
                  "shadowsocks-libev 2.6.3 looks at the newest piece alone.", SPLIT),
    "IndexStuck": Note("Chunks numbered otherwise than from 0, one up each.",
                       "A chunk moved, repeated or left out must fail.", INDEX),
}


def tag_of(index: int, data: bytes, iv: bytes = IV) -> bytes:
    return ota_tag(iv + index.to_bytes(4, "big"), data)


def wire(index: int, data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + tag_of(index, data) + data


def some(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(range(size % 256))


def chunk() -> Document:
    doc = Document("shadowsocks-ota-chunk", SOURCE_OTA, NOTES)

    def good(slug: str, comment: str, flags: str, index: int, data: bytes, iv: bytes = IV,
             tail: bytes = b"") -> None:
        tag = tag_of(index, data, iv)
        message = len(data).to_bytes(2, "big") + tag + data
        doc.add(slug, comment, flags, also=[FORM], iv=iv, index=index, input=message + tail,
                used=len(message), data=data, tag=tag)

    def bad(slug: str, comment: str, flag: str, octets: bytes, index: int = 0, status: str = "tag",
            used: int = 2) -> None:
        doc.add(slug, comment, flag, "invalid", also=[TAG], status=status, iv=IV, index=index,
                input=octets, used=used)

    for index, (data, tag) in KNOWN.items():
        if tag_of(index, data).hex() != tag:
            raise ValueError(f"known answer {index}")
        good(f"known-answer-{index}", "IV 00 to 0f", "KnownAnswer" + ("" if data else " Empty"),
             index, data)
    for size in (0, 1, 2, 10, 11, 12, 13, 255, 256, 257, 1400, 4096, 65524, 65535):
        good(f"size-{size}", f"{size} octets of data", "Size" if size else "Size Empty", 0,
             some(size))
    for index in (1, 127, 128, 255, 256, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1):
        good(f"index-{index}", f"number {index}", "Index", index, b"data")
        good(f"index-{index}-empty", f"number {index}, no data", "Index Empty", index, b"")
    for size in (0, 8, 12, 24):
        good(f"iv-{size}", f"an IV of {size} octets", "Typical", 3, b"data", bytes(range(size)))
    good("like-chunk", "data that read as a chunk", "Typical", 0, wire(0, b"hi"))
    good("trailing", "the next chunk behind it", "Trailing", 0, b"hi", tail=wire(1, b"yo"))
    good("trailing-partial", "a part of the next chunk behind it", "Trailing", 0, b"aa",
         tail=wire(1, b"bb")[:5])
    good("empty-trailing", "an empty chunk, then the next", "Trailing Empty", 0, b"",
         tail=wire(1, b"yo"))

    usual = wire(0, b"data")
    for n in range(len(usual)):
        bad(f"cut-{n}", f"{n} of {len(usual)} octets", "Truncated", usual[:n], status="more",
            used=0)
    for n in range(12):
        bad(f"empty-cut-{n}", f"{n} of 12 octets", "Truncated Empty", wire(0, b"")[:n],
            status="more", used=0)
    longest = wire(0, some(65535))
    for n in (2, 12, 256):
        bad(f"size-65535-cut-{n}", f"{n} of 65547 octets", "Truncated Size", longest[:n],
            status="more", used=0)
    for i in range(2, 12):
        for bit in (0x01, 0x80):
            octets = usual[:i] + bytes([usual[i] ^ bit]) + usual[i + 1:]
            bad(f"tag-octet-{i - 2}-{bit:02x}", f"octet {i - 2} of the tag is wrong", "BadTag",
                octets)
    for i in range(12, 16):
        octets = usual[:i] + bytes([usual[i] ^ 0x20]) + usual[i + 1:]
        bad(f"changed-{i - 12}", f"octet {i - 12} of the data is changed", "Changed", octets)
    bad("length-less", "LEN 3 before 4 octets", "Length", b"\x00\x03" + usual[2:])
    bad("length-zero", "LEN 0 before 4 octets", "Length Empty", b"\x00\x00" + usual[2:])
    bad("length-more", "LEN 5 before 4 octets", "Length", b"\x00\x05" + usual[2:], status="more",
        used=0)
    bad("length-swapped", "LEN little endian", "Length", b"\x04\x00" + usual[2:], status="more",
        used=0)
    for index in (1, 255, 256, 2**32 - 1):
        bad(f"index-other-{index}", f"chunk 0 taken for {index}", "IndexStuck", usual, index)
    bad("index-little-endian", "the number of the tag little endian", "IndexStuck",
        b"\x00\x04" + ota_tag(IV + b"\x01\x00\x00\x00", b"data") + b"data", 1)
    bad("empty-tag-zero", "an empty chunk with a tag of zeros", "BadTag Empty", bytes(12))
    return doc


def stream() -> Document:
    doc = Document("shadowsocks-ota-stream", SOURCE_OTA, NOTES)

    def add(slug: str, comment: str, flags: str, octets: bytes, sizes: list[int],
            chunks: list[bytes], status: str = "ok", used: int | None = None) -> None:
        whole = sum(12 + len(data) for data in chunks)
        doc.add(slug, comment, flags, "valid" if status == "ok" else "invalid", also=[TAG],
                status=status, iv=IV, input=octets, sizes=sizes, chunks=chunks,
                used=whole if used is None else used)

    def joined(*data: bytes) -> bytes:
        return b"".join(wire(i, octets) for i, octets in enumerate(data))

    known = [data for data, _ in KNOWN.values()]
    usual = joined(*known)
    add("known-answer", "hi, nothing, yo in one piece", "KnownAnswer", usual, [len(usual)], known)
    for n in range(1, len(usual)):
        add(f"split-{n}", f"{n} octets, then the rest", "Split", usual, [n, len(usual) - n], known)
    for n in (1, 2, 3, 5, 7, 11, 12, 13, 14, 15, 26, 27):
        add(f"pieces-{n}", f"pieces of {n}", "Split", usual, [n], known)
    add("pieces-12-2", "head and data apart", "Split", usual, [12, 2, 12, 12, 2], known)
    add("pieces-2-10-2", "length, tag and data apart", "Split", usual, [2, 10, 2, 2, 10, 2, 10, 2],
        known)
    pair = [b"aa", b"bb"]
    for n in range(12):
        add(f"partial-head-{n}", f"a chunk and {n} octets of the next head, then the rest", "Split",
            joined(*pair), [14 + n, 14 - n], pair)
    large = [some(65535), b"end"]
    add("large", "the longest chunk in pieces of 1400", "Split Size", joined(*large), [1400], large)
    many = [bytes([i % 256]) * (i % 4) for i in range(300)]
    for n in (1, 13, 1000):
        add(f"many-{n}", f"300 chunks in pieces of {n}", "Split Index", joined(*many), [n], many)
    for n in range(len(usual)):
        count = (n >= 14) + (n >= 26)
        if n in (0, 14, 26):
            continue
        add(f"cut-{n}", f"{n} of {len(usual)} octets", "Truncated", usual[:n], [5], known[:count],
            "more")

    first = wire(0, b"aa")
    bad = wire(1, b"bb")
    bad = bad[:2] + bytes([bad[2] ^ 1]) + bad[3:]
    for slug, comment, flag, octets, chunks, at in (
            ("bad-first", "the first tag is wrong", "BadTag",
             first[:2] + bytes(10) + b"aa" + wire(1, b"bb"), [], 2),
            ("bad-second", "the second tag is wrong", "BadTag", first + bad + wire(2, b"cc"),
             [b"aa"], 16),
            ("bad-second-again", "a wrong chunk 1, then a right one: too late", "BadTag",
             first + bad + wire(1, b"bb"), [b"aa"], 16),
            ("bad-empty", "an empty chunk with a wrong tag", "BadTag Empty", first + bytes(12),
             [b"aa"], 16),
            ("stuck", "both chunks numbered 0", "IndexStuck", first + wire(0, b"bb"), [b"aa"], 16),
            ("from-one", "numbered from 1", "IndexStuck", wire(1, b"aa"), [], 2),
            ("skipped", "number 1 left out", "IndexStuck", first + wire(2, b"cc"), [b"aa"], 16),
            ("repeated", "chunk 0 twice", "IndexStuck", first + first, [b"aa"], 16),
            ("swapped", "chunks 1 and 2 swapped", "IndexStuck",
             first + wire(2, b"cc") + wire(1, b"bb"), [b"aa"], 16),
            ("empty-unnumbered", "an empty chunk that took no number", "IndexStuck Empty",
             wire(0, b"") + wire(0, b"hi"), [b""], 14),
            ("header-numbered", "a header that took number 0", "IndexStuck",
             wire(1, b"hi") + wire(2, b"yo"), [], 2)):
        for sizes in ([len(octets)], [1], [13]):
            add(f"{slug}-{sizes[0]}", f"{comment}, in pieces of {sizes[0]}", flag, octets, sizes,
                chunks,
                "tag", at)
    return doc
