"""From what a tap noted to a session of vectors/recorded: each wire stream decrypted and taken apart
with the reader's ciphers, which no recorded program shares."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "vectors/reader"))

from ciphers import (AEAD, SIZES, BadTag, bytes_to_key, decrypt,  # noqa: E402,F401
                     open_sealed)
from recorded import (OTA_FLAG, OTA_TAG, Wrong, ota_chunks, sealed_chunks,  # noqa: E402
                      session_key, verify)

ADDRESS = {1: 4, 4: 16}


def salt_size(method: str) -> int:
    """Octets of the salt or IV."""
    return AEAD[method][0] if method in AEAD else SIZES.get(method, (0, 0))[1]


def header_size(text: bytes) -> int:
    """Octets of ATYP ADDR PORT at the head of text, which may carry the flag of one-time auth."""
    kind = text[0] & 0x0F
    if kind == 3:
        return 4 + text[1]
    if kind not in ADDRESS:
        raise Wrong(f"ATYP {text[0]:02x}: expected 1, 3 or 4")
    return 3 + ADDRESS[kind]


def stream(method: str, key: bytes, segments: list[bytes], has_header: bool) -> dict:
    """One direction of a connection: the property `up` or `down` of a session."""
    wire, size = b"".join(segments), salt_size(method)
    salt, body = wire[:size], wire[size:]
    way: dict = {"salt": salt.hex()}
    if method in AEAD:
        texts = sealed_chunks(method, session_key(method, key, salt), body)
        text, chunks = b"".join(texts), [len(t) for t in texts]
    else:
        text, chunks = decrypt(method, key, salt, body), []
    if has_header:
        size = header_size(text)
        header, text = text[:size], text[size:]
        way["header"] = header.hex()
        if header[0] & OTA_FLAG:
            verify(salt + key, header, text[:OTA_TAG], "the header")
            texts = ota_chunks(salt, text[OTA_TAG:])
            text, chunks = b"".join(texts), [len(t) for t in texts]
    way["payload"] = text.hex()
    if chunks:
        way["chunks"] = chunks
    return way | {"segments": [len(s) for s in segments], "wire": wire.hex()}


def datagram(method: str, key: bytes, direction: str, wire: bytes) -> dict:
    """One datagram of a session's `datagrams`."""
    size = salt_size(method)
    salt, body = wire[:size], wire[size:]
    if method in AEAD:
        text = open_sealed(method, session_key(method, key, salt), bytes(AEAD[method][1]), body)
    else:
        text = decrypt(method, key, salt, body)
    if text[0] & OTA_FLAG:
        verify(salt + key, text[:-OTA_TAG], text[-OTA_TAG:], "the datagram")
        text = text[:-OTA_TAG]
    size = header_size(text)
    return {"direction": direction, "salt": salt.hex(), "header": text[:size].hex(),
            "payload": text[size:].hex(), "wire": wire.hex()}
