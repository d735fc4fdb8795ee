"""The messages of Shadowsocks, opened and read."""

from collections.abc import Callable, Iterator

from ciphers import (AEAD, SIZES, BadTag, bytes_to_key, decrypt, hkdf_sha1, hmac_sha1, open_sealed)
from socks5 import Cursor, Wrong
from uri import read_uri

FLAG = 0x10


class Refused(Exception):
    """A status without an offset."""


def header(c: Cursor, mode: str) -> dict:
    type_ = c.number()
    bare = type_ & 0x0f if mode == "py" else type_ & 0xef
    if bare not in (1, 3, 4):
        raise Wrong("atyp", c.at - 1)
    if mode == "plain" and type_ & FLAG:
        raise Wrong("ota-forbidden", c.at - 1)
    if mode == "ota-required" and not type_ & FLAG:
        raise Wrong("ota-required", c.at - 1)
    if bare == 3:
        size = c.number()
        if size == 0 and mode != "py":
            raise Wrong("empty", c.at - 1)
        host = c.take(size)
    else:
        host = c.take(4 if bare == 1 else 16)
    return {"type": type_, "atyp": bare, "host": host.hex(), "port": c.number(2)}


def hexed(test: dict, *names: str) -> Iterator[bytes]:
    return (bytes.fromhex(test[name]) for name in names)


def answering(read: Callable[[dict, Cursor], dict]) -> Callable[[dict], dict]:
    """A check out of a function that reads and raises."""
    def check(test: dict) -> dict:
        cursor = Cursor(bytes.fromhex(test["input"]))
        try:
            fields = read(test, cursor)
        except Wrong as wrong:
            return {"status": wrong.status, "used": wrong.offset}
        except Refused as refused:
            return {"status": str(refused)}
        return {"status": "ok", **({"used": cursor.at} if "used" in test else {}), **fields}
    return check


def address(test: dict, c: Cursor) -> dict:
    return header(c, test["mode"])


# ---- one-time auth -----------------------------------------------------------------------------

def verify(key: bytes, text: bytes, tag: bytes, at: int) -> None:
    if hmac_sha1(key, text)[:10] != tag:
        raise Wrong("tag", at)


def ota_header(test: dict, c: Cursor) -> dict:
    key, iv = hexed(test, "key", "iv")
    fields = header(c, test["mode"])
    if not fields["type"] & FLAG:
        return {**fields, "tag": ""}
    at = c.at
    tag = c.take(10)
    verify(iv + key, c.data[:at], tag, at)
    return {**fields, "tag": tag.hex()}


def ota_datagram(test: dict, c: Cursor) -> dict:
    key, iv = hexed(test, "key", "iv")
    fields = header(c, test["mode"])
    size = 10 if fields["type"] & FLAG else 0
    if len(c.data) - c.at < size:
        raise Wrong("more", 0)
    data = c.take(len(c.data) - c.at - size)
    at = c.at
    tag = c.take(size)
    if size:
        verify(iv + key, c.data[:at], tag, at)
    return {**fields, "data": data.hex(), "tag": tag.hex()}


def read_chunk(c: Cursor, iv: bytes, index: int) -> tuple[bytes, bytes]:
    size = c.number(2)
    at = c.at
    tag = c.take(10)
    data = c.take(size)
    verify(iv + index.to_bytes(4, "big"), data, tag, at)
    return data, tag


def ota_chunk(test: dict, c: Cursor) -> dict:
    data, tag = read_chunk(c, bytes.fromhex(test["iv"]), test["index"])
    return {"data": data.hex(), "tag": tag.hex()}


def pieces(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = turn = 0
    while at < len(data):
        yield data[at:at + sizes[turn % len(sizes)]]
        at += sizes[turn % len(sizes)]
        turn += 1


def in_pieces(test: dict, start: int, read: Callable[[Cursor, int], bytes]) -> dict:
    """Feeds input piece by piece to a reader of chunks that is asked again from the last whole
    chunk on whenever octets come."""
    have, done, chunks = b"", start, []
    status, used = ("more" if start else "ok"), 0
    for piece in pieces(bytes.fromhex(test["input"]), test["sizes"]):
        have += piece
        while True:
            cursor = Cursor(have)
            cursor.at = min(done, len(have))
            if cursor.at == len(have):
                status, used = ("ok", done) if len(have) >= done else ("more", 0)
                break
            try:
                chunks.append(read(cursor, len(chunks)).hex())
            except Wrong as wrong:
                if wrong.status != "more":
                    return {"status": wrong.status, "used": wrong.offset, "chunks": chunks}
                status, used = "more", done if chunks else 0
                break
            done = cursor.at
    return {"status": status, "used": used, "chunks": chunks}


def ota_stream(test: dict) -> dict:
    iv = bytes.fromhex(test["iv"])
    return in_pieces(test, 0, lambda c, index: read_chunk(c, iv, index)[0])


# ---- AEAD --------------------------------------------------------------------------------------

def unseal(method: str, key: bytes, nonce: int, sealed: bytes, at: int) -> bytes:
    """at: the offset of sealed."""
    try:
        return open_sealed(method, key, nonce.to_bytes(AEAD[method][1], "little"), sealed)
    except BadTag:
        raise Wrong("tag", at + len(sealed) - 16) from None


def read_sealed(c: Cursor, method: str, key: bytes, nonce: int) -> bytes:
    at = c.at
    size = int.from_bytes(unseal(method, key, nonce, c.take(18), at), "big")
    if size > 0x3fff:
        raise Wrong("chunk-length", at)
    at = c.at
    return unseal(method, key, nonce + 1, c.take(size + 16), at)


def aead_chunk(test: dict, c: Cursor) -> dict:
    key, nonce = hexed(test, "key", "nonce")
    return {"data": read_sealed(c, test["method"], key, int.from_bytes(nonce, "little")).hex()}


def session_key(method: str, key: bytes, salt: bytes) -> bytes:
    return hkdf_sha1(key, salt, b"ss-subkey", AEAD[method][0])


def aead_stream(test: dict) -> dict:
    method, size = test["method"], AEAD[test["method"]][0]
    key, wire = hexed(test, "key", "input")
    own = session_key(method, key, wire[:size])
    return in_pieces(test, size, lambda c, turn: read_sealed(c, method, own, 2 * turn))


def aead_datagram(test: dict, c: Cursor) -> dict:
    method, size = test["method"], AEAD[test["method"]][0]
    salt = c.take(size)
    if len(c.data) - c.at < 16:
        raise Wrong("more", 0)
    own = session_key(method, bytes.fromhex(test["key"]), salt)
    inner = Cursor(unseal(method, own, 0, c.take(len(c.data) - size), size))
    try:
        fields = header(inner, "plain")
    except Wrong as wrong:
        raise Wrong(wrong.status, 0 if wrong.status == "more" else size + wrong.offset) from None
    return {**fields, "data": inner.data[inner.at:].hex()}


# ---- keys and methods --------------------------------------------------------------------------

def key(test: dict, c: Cursor) -> dict:
    method, password = test["method"], c.data
    if method == "none":
        return {"key": ""}
    size = {**AEAD, **SIZES}.get(method, (0, 0))[0]
    if not size and method != "table":
        raise Refused("method")
    if not password or (method == "table" and len(password) > 255):
        raise Refused("password")
    return {"key": (bytes_to_key(password, size) if size else password).hex()}


def subkey(test: dict, c: Cursor) -> dict:
    if test["method"] not in AEAD:
        raise Refused("method")
    size, master = AEAD[test["method"]][0], bytes.fromhex(test["key"])
    if len(master) != size:
        raise Refused("key")
    if len(c.data) != size:
        raise Refused("salt")
    return {"subkey": session_key(test["method"], master, c.data).hex()}


def hmac(test: dict, c: Cursor) -> dict:
    return {"mac": hmac_sha1(bytes.fromhex(test["key"]), c.data).hex()}


def hkdf(test: dict, c: Cursor) -> dict:
    if test["size"] > 255 * 20:
        raise Refused("space")
    salt, info = hexed(test, "salt", "info")
    return {"okm": hkdf_sha1(c.data, salt, info, test["size"]).hex()}


def stream(test: dict, c: Cursor) -> dict:
    """Backwards: input is what output decrypts to."""
    method = test["method"]
    own, iv = hexed(test, "key", "iv")
    if method in AEAD:
        raise Refused("method")
    sizes = SIZES.get(method, (len(own), 0))
    if len(own) != sizes[0]:
        raise Refused("key")
    if len(iv) != sizes[1]:
        raise Refused("salt")
    return {"input": decrypt(method, own, iv, bytes.fromhex(test.get("output", ""))).hex()}


def aead(test: dict, c: Cursor) -> dict:
    """Backwards too."""
    method = test["method"]
    if method not in AEAD:
        raise Refused("method")
    own, nonce = hexed(test, "key", "nonce")
    if len(own) != AEAD[method][0]:
        raise Refused("key")
    try:
        return {"input": open_sealed(method, own, nonce,
                                     bytes.fromhex(test.get("output", ""))).hex()}
    except BadTag:
        return {"output": "a text with a good tag"}


# Algorithm: from a vector to what it should hold besides what is given.
CHECKS = {
    "shadowsocks-address": answering(address),
    "shadowsocks-ota-header": answering(ota_header),
    "shadowsocks-ota-datagram": answering(ota_datagram),
    "shadowsocks-ota-chunk": answering(ota_chunk),
    "shadowsocks-ota-stream": ota_stream,
    "shadowsocks-key": answering(key),
    "shadowsocks-subkey": answering(subkey),
    "hmac-sha1": answering(hmac),
    "hkdf-sha1": answering(hkdf),
    "shadowsocks-stream": answering(stream),
    "shadowsocks-aead": answering(aead),
    "shadowsocks-aead-chunk": answering(aead_chunk),
    "shadowsocks-aead-stream": aead_stream,
    "shadowsocks-aead-datagram": answering(aead_datagram),
    "shadowsocks-uri": lambda test: read_uri(bytes.fromhex(test["input"])),
}
