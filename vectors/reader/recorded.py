"""The sessions of recorded/, decrypted and taken apart: what went over the wire is what was said,
and every tag is right."""

from ciphers import AEAD, BadTag, decrypt, hkdf_sha1, hmac_sha1, open_sealed

OTA_FLAG, OTA_TAG = 0x10, 10


class Wrong(Exception):
    """What does not hold."""


def session_key(method: str, key: bytes, salt: bytes) -> bytes:
    return hkdf_sha1(key, salt, b"ss-subkey", AEAD[method][0])


def unseal(method: str, key: bytes, count: int, sealed: bytes) -> bytes:
    try:
        return open_sealed(method, key, count.to_bytes(AEAD[method][1], "little"), sealed)
    except BadTag:
        raise Wrong(f"the AEAD tag number {count} is wrong") from None


def sealed_chunks(method: str, key: bytes, wire: bytes) -> list[bytes]:
    """The texts of an AEAD stream behind its salt."""
    texts, at = [], 0
    while at < len(wire):
        size = int.from_bytes(unseal(method, key, 2 * len(texts), wire[at:at + 18]), "big")
        texts.append(unseal(method, key, 2 * len(texts) + 1, wire[at + 18:at + 34 + size]))
        at += 34 + size
    return texts


def verify(key: bytes, text: bytes, tag: bytes, what: str) -> None:
    if hmac_sha1(key, text)[:OTA_TAG] != tag:
        raise Wrong(f"the tag of {what} is wrong")


def ota_chunks(iv: bytes, stream: bytes) -> list[bytes]:
    texts, at = [], 0
    while at < len(stream):
        data = at + 2 + OTA_TAG
        end = data + int.from_bytes(stream[at:at + 2], "big")
        index = len(texts).to_bytes(4, "big")
        verify(iv + index, stream[data:end], stream[at + 2:data], f"chunk {len(texts)}")
        texts.append(stream[data:end])
        at = end
    return texts


def expect(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise Wrong(f"{what}: not as the wire octets have it")


def check_direction(method: str, key: bytes, way: dict) -> None:
    salt, wire = bytes.fromhex(way["salt"]), bytes.fromhex(way["wire"])
    header, payload = bytes.fromhex(way.get("header", "")), bytes.fromhex(way["payload"])
    body = wire[len(salt):]
    if method in AEAD:
        texts = sealed_chunks(method, session_key(method, key, salt), body)
        expect("chunks", [len(text) for text in texts], way.get("chunks", []))
        expect("header and payload", b"".join(texts), header + payload)
        return
    text = decrypt(method, key, salt, body)
    expect("header", text[:len(header)], header)
    rest = text[len(header):]
    if not header or not header[0] & OTA_FLAG:
        expect("payload", rest, payload)
        return
    verify(salt + key, header, rest[:OTA_TAG], "the header")
    texts = ota_chunks(salt, rest[OTA_TAG:])
    expect("chunks", [len(text) for text in texts], way.get("chunks", []))
    expect("payload", b"".join(texts), payload)


def check_datagram(method: str, key: bytes, datagram: dict) -> None:
    salt, wire = bytes.fromhex(datagram["salt"]), bytes.fromhex(datagram["wire"])
    expect("salt", wire[:len(salt)], salt)
    body = wire[len(salt):]
    text = unseal(method, session_key(method, key, salt), 0, body) if method in AEAD else \
        decrypt(method, key, salt, body)
    wanted = bytes.fromhex(datagram["header"] + datagram["payload"])
    if wanted[0] & OTA_FLAG:
        text, tag = text[:-OTA_TAG], text[-OTA_TAG:]
        verify(salt + key, text, tag, "the datagram")
    expect("header and payload", text, wanted)


def faults(document: dict, session: dict) -> list[str]:
    """What does not hold in a session that has no reason to differ."""
    method = document["method"]
    table = method == "table"  # whose key is the password
    key = document["password"].encode() if table else bytes.fromhex(document["key"])
    found = []
    for name in ("up", "down"):
        try:
            if name in session and "reason" not in session:
                check_direction(method, key, session[name])
        except Wrong as error:
            found.append(f"{session['id']}: {name}: {error}")
    for number, datagram in enumerate(session.get("datagrams", [])):
        try:
            check_datagram(method, key, datagram)
        except Wrong as error:
            found.append(f"{session['id']}: datagram {number}: {error}")
    return found
