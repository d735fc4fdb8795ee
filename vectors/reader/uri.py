"""ss:// URIs, taken apart by regular expressions where they are well-formed; only what is wrong is
looked at octet by octet, for the offset."""

import base64
import re
from urllib.parse import unquote_to_bytes

from socks5 import Wrong

B64 = rb"[A-Za-z0-9+/_-]*"
TEXT = rb"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*"
LOOSE = TEXT.replace(rb"._~", rb"._~@/?")
PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def unpercent(text: bytes, at: int, pattern: bytes = TEXT) -> bytes:
    end = re.match(pattern, text).end()
    if end < len(text):
        raise Wrong("uri-percent" if text[end] == 0x25 else "uri-character", at + end)
    return unquote_to_bytes(text)


def unbase64(text: bytes, at: int) -> bytes:
    body = re.match(B64, text)[0]
    pads = len(text) - len(body)
    after = re.match(b"=*", text[len(body):]).end()
    if after < pads:
        raise Wrong("uri-base64", at + len(body) + after)
    group = body.translate(bytes.maketrans(b"-_", b"+/")) + b"A" * (-len(body) % 4)
    bits = {2: 4, 3: 2}.get(len(body) % 4, 0)
    octets = base64.b64decode(group)
    rest = int.from_bytes(octets, "big") >> (8 * {2: 2, 3: 1}.get(len(body) % 4, 0))
    left = base64.b64decode(body[-(len(body) % 4):].translate(bytes.maketrans(b"-_", b"+/"))
                            + b"A" * (-len(body) % 4)) if bits else b"\0"
    spilled = left[1] if bits == 4 else left[2] if bits == 2 else 0
    if len(body) % 4 == 1 or spilled or (pads and (len(text) % 4 or pads > 2)):
        raise Wrong("uri-base64", at + len(text) - 1)
    return rest.to_bytes(3 * len(body) // 4, "big")


class Position:
    """From an offset in what base64 carries to the octet of the URI that carries it."""

    def __init__(self, at: int, text: bytes, size: int):
        self.at, self.text, self.size = at, text, size

    def __call__(self, offset: int) -> int:
        return self.at + (offset // 3 * 4 + offset % 3 if offset < self.size else len(self.text))


def userinfo(text: bytes, where) -> dict:
    method, colon, password = text.partition(b":")
    if not method:
        raise Wrong("uri-userinfo", where(0))
    if not password:
        raise Wrong("uri-userinfo", where(len(text)))
    return {"method": method, "password": password}


def server(text: bytes, where) -> dict:
    six = text.startswith(b"[")
    end = text.find(b"]" if six else b":")
    if six and end < 0:
        raise Wrong("uri-host", where(0))
    host = text[1 if six else 0:end if end >= 0 else len(text)]
    start = int(six)
    good = re.match(rb"[0-9A-Fa-f:.]*" if six else rb"[A-Za-z0-9._-]*", host).end()
    if not host or (six and b":" not in host):
        raise Wrong("uri-host", where(start))
    if good < len(host) and good < 256:
        raise Wrong("uri-character", where(start + good))
    if len(host) > 255:
        raise Wrong("uri-host", where(start + 255))
    colon = start + len(host) + int(six)
    if text[colon:colon + 1] != b":":
        raise Wrong("uri-port", where(colon))
    digits = text[colon + 1:]
    value = 0
    for i, digit in enumerate(digits):
        value = value * 10 + digit - 0x30
        if not 0x30 <= digit <= 0x39 or value > 65535:
            raise Wrong("uri-port", where(colon + 1 + i))
    if value == 0:
        raise Wrong("uri-port", where(colon + 1))
    return {"host": host, "port": value}


def query(text: bytes, at: int) -> dict:
    plugin = None
    if text[:1] == b"/":
        text, at = text[1:], at + 1
    if text and text[:1] != b"?":
        raise Wrong("uri-character", at)
    if text:
        at += 1
        for part in text[1:].split(b"&"):
            if part.startswith(b"plugin="):
                if plugin is not None:
                    raise Wrong("uri-query", at)
                plugin = unpercent(part[7:], at + 7, LOOSE)
                if plugin.startswith(b";"):
                    raise Wrong("uri-query", at + 7)
            else:
                unpercent(part, at, LOOSE)
            at += len(part) + 1
    name, _, options = (plugin or b"").partition(b";")
    return {"plugin": name, "options": options}


def parts(text: bytes) -> dict:
    for i in range(5):
        if text[i:i + 1].lower() != b"ss://"[i:i + 1]:
            raise Wrong("uri-scheme", i)
    body, hashed, tag = text[5:].partition(b"#")
    head = body.partition(b"?")[0]
    if b"@" not in head:
        found = old(body)
    else:
        user, _, rest = body.partition(b"@")
        found = percent_form(user) if b":" in user else base64_form(user)
        address = re.match(rb"[^/?]*", rest)[0]
        start = 5 + len(user) + 1
        found |= server(address, lambda offset: start + offset)
        found |= query(rest[len(address):], start + len(address))
    found["tag"] = unpercent(tag, 5 + len(body) + 1, LOOSE) if hashed else b""
    return found


def old(body: bytes) -> dict:
    octets = unbase64(body, 5)
    where = Position(5, body, len(octets))
    user, at, rest = octets.rpartition(b"@")
    if not at:
        raise Wrong("uri-userinfo", 5 + len(body))
    found = {"form": "old", **userinfo(user, lambda n: where(n)), "plugin": b"", "options": b""}
    found |= server(rest, lambda offset: where(len(user) + 1 + offset))
    refuse_2022(found)
    return found


def base64_form(user: bytes) -> dict:
    octets = unbase64(user, 5)
    found = {"form": "base64", **userinfo(octets, Position(5, user, len(octets)))}
    refuse_2022(found)
    return found


def percent_form(user: bytes) -> dict:
    method, _, password = user.partition(b":")
    plain = unpercent(method, 5)
    if not plain or b":" in plain:
        raise Wrong("uri-userinfo", 5)
    secret = unpercent(password, 5 + len(method) + 1)
    if not secret:
        raise Wrong("uri-userinfo", 5 + len(user))
    return {"form": "percent", "method": plain, "password": secret}


def refuse_2022(found: dict) -> None:
    if found["method"].startswith(b"2022-"):
        raise Wrong("uri-form", 5)


def encoded(uri: dict) -> bytes:
    def escape(octets: bytes) -> bytes:
        return b"".join(bytes([o]) if o in PLAIN else b"%%%02X" % o for o in octets)

    def code(octets: bytes) -> bytes:
        return base64.b64encode(octets, b"-_").replace(b"=", b"")

    at = b"@[" + uri["host"] + b"]:" if b":" in uri["host"] else b"@" + uri["host"] + b":"
    at += str(uri["port"]).encode()
    pair = uri["method"] + b":" + uri["password"]
    text = {"old": lambda: code(pair + at), "base64": lambda: code(pair) + at,
            "percent": lambda: escape(uri["method"]) + b":" + escape(uri["password"]) + at}
    text = text[uri["form"]]()
    if uri["plugin"]:
        text += b"?plugin=" + escape(uri["plugin"])
        text += b"%3B" + escape(uri["options"]) if uri["options"] else b""
    return b"ss://" + text + (b"#" + escape(uri["tag"]) if uri["tag"] else b"")


def read_uri(text: bytes) -> dict:
    try:
        uri = parts(text)
    except Wrong as wrong:
        return {"status": wrong.status, "used": wrong.offset}
    fields = {name: value.hex() if isinstance(value, bytes) else value for name,
              value in uri.items()}
    return {"status": "ok", "used": len(text), **fields, "encoded": encoded(uri).hex()}
