"""Decryption, spelled out: every mode of operation and every stream cipher is written here. Of
libcrypto.so.3 come only single blocks of the block ciphers."""

import ctypes
import hashlib
from collections.abc import Callable, Iterator
from functools import cache

MASK = 0xffffffff


class Lacking(Exception):
    """No such block cipher here."""


class BadTag(Exception):
    pass


# ---- blocks ------------------------------------------------------------------------------------

# Method up to its mode: the name of the block cipher, octets of a block.
BLOCKS = {**{f"aes-{n}": (f"AES-{n}-ECB", 16) for n in (128, 192, 256)},
          **{f"camellia-{n}": (f"CAMELLIA-{n}-ECB", 16) for n in (128, 192, 256)},
          "bf": ("BF-ECB", 8), "cast5": ("CAST5-ECB", 8), "idea": ("IDEA-ECB", 8),
          "rc2": ("RC2-ECB", 8),
          "des": ("DES-ECB", 8), "seed": ("SEED-ECB", 16)}


@cache
def libcrypto() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL("libcrypto.so.3")
    except OSError:
        raise Lacking("libcrypto.so.3 is not installed") from None
    for name in ("EVP_CIPHER_fetch", "EVP_CIPHER_CTX_new", "OSSL_PROVIDER_load"):
        getattr(lib, name).restype = ctypes.c_void_p
    lib.OSSL_PROVIDER_load(None, b"legacy")
    lib.OSSL_PROVIDER_load(None, b"default")
    return lib


@cache
def block_cipher(name: str, key: bytes) -> Callable[[bytes], bytes]:
    """Encrypts one block."""
    lib = libcrypto()
    cipher = lib.EVP_CIPHER_fetch(None, name.encode(), None)
    if not cipher:
        raise Lacking(f"libcrypto.so.3 has no {name}")
    context = ctypes.c_void_p(lib.EVP_CIPHER_CTX_new())
    if lib.EVP_EncryptInit_ex2(context, ctypes.c_void_p(cipher), key, None, None) != 1:
        raise Lacking(f"libcrypto.so.3 refuses {name}")
    lib.EVP_CIPHER_CTX_set_padding(context, 0)
    out, size = ctypes.create_string_buffer(64), ctypes.c_int()

    def encrypt(block: bytes) -> bytes:
        lib.EVP_EncryptUpdate(context, out, ctypes.byref(size), block, len(block))
        return out.raw[:size.value]
    return encrypt


# ---- modes of operation ------------------------------------------------------------------------

def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b))


def cfb(encrypt: Callable, iv: bytes, text: bytes) -> bytes:
    size = len(iv)
    before = iv + text
    return b"".join(xor(text[at:at + size], encrypt(before[at:at + size]))
                    for at in range(0, len(text), size))


def cfb8(encrypt: Callable, iv: bytes, text: bytes) -> bytes:
    before = iv + text
    return bytes(octet ^ encrypt(before[at:at + len(iv)])[0] for at, octet in enumerate(text))


def cfb1(encrypt: Callable, iv: bytes, text: bytes) -> bytes:
    register, size, out = int.from_bytes(iv, "big"), len(iv), 0
    for at in range(8 * len(text)):
        bit = text[at // 8] >> (7 - at % 8) & 1
        out = out << 1 | bit ^ encrypt(register.to_bytes(size, "big"))[0] >> 7
        register = (register << 1 | bit) & (1 << 8 * size) - 1
    return out.to_bytes(len(text), "big")


def ofb(encrypt: Callable, iv: bytes, text: bytes) -> bytes:
    pad = b""
    while len(pad) < len(text):
        iv = encrypt(iv)
        pad += iv
    return xor(text, pad)


def ctr(encrypt: Callable, iv: bytes, text: bytes) -> bytes:
    start = int.from_bytes(iv, "big")
    return xor(text, b"".join(encrypt((start + i & (1 << 128) - 1).to_bytes(16, "big"))
                              for i in range(len(text) // 16 + 1)))


MODES = {"cfb": cfb, "cfb8": cfb8, "cfb1": cfb1, "ofb": ofb, "ctr": ctr}


# ---- Salsa20 and ChaCha20 ----------------------------------------------------------------------

def words(octets: bytes) -> list[int]:
    return [int.from_bytes(octets[i:i + 4], "little") for i in range(0, len(octets), 4)]


def octets_of(numbers: list[int]) -> bytes:
    return b"".join((n & MASK).to_bytes(4, "little") for n in numbers)


def turn(n: int, by: int) -> int:
    n &= MASK
    return n << by & MASK | n >> 32 - by


def chacha_rounds(x: list[int]) -> list[int]:
    x = list(x)
    for i in range(80):
        column = i % 4
        step = 0 if i // 4 % 2 == 0 else 1  # a round of columns, a round of diagonals
        a, b, c, d = (4 * row + (column + row * step) % 4 for row in range(4))
        x[a] = x[a] + x[b] & MASK
        x[d] = turn(x[d] ^ x[a], 16)
        x[c] = x[c] + x[d] & MASK
        x[b] = turn(x[b] ^ x[c], 12)
        x[a] = x[a] + x[b] & MASK
        x[d] = turn(x[d] ^ x[a], 8)
        x[c] = x[c] + x[d] & MASK
        x[b] = turn(x[b] ^ x[c], 7)
    return x


SIGMA = words(b"expand 32-byte k")


def chacha_block(key: bytes, tail: bytes) -> bytes:
    """tail: counter and nonce, 16 octets."""
    start = SIGMA + words(key) + words(tail)
    return octets_of([a + b for a, b in zip(start, chacha_rounds(start))])


def hchacha(key: bytes, nonce: bytes) -> bytes:
    x = chacha_rounds(SIGMA + words(key) + words(nonce))
    return octets_of(x[:4] + x[12:])


def salsa_block(key: bytes, tail: bytes) -> bytes:
    """tail: nonce and counter, 16 octets."""
    k, t = words(key), words(tail)
    start = [SIGMA[0], *k[:4], SIGMA[1], *t, SIGMA[2], *k[4:], SIGMA[3]]
    x = list(start)
    for i in range(80):
        lane = i % 4
        step = 4 if i // 4 % 2 == 0 else 1  # a round of columns, a round of rows
        at = [(5 * lane + step * n) % 16 if step == 4 else 4 * lane + (lane + n) % 4
              for n in range(4)]
        for n, by in enumerate((7, 9, 13, 18)):
            x[at[(n + 1) % 4]] ^= turn(x[at[n]] + x[at[(n - 1) % 4]], by)
    return octets_of([a + b for a, b in zip(start, x)])


def chacha_stream(key: bytes, iv: bytes, first: int = 0) -> Iterator[bytes]:
    """Blocks of key stream for an IV of 8, 12 or 24 octets."""
    if len(iv) == 24:
        key, iv = hchacha(key, iv[:16]), iv[16:]
    while True:
        yield chacha_block(key, first.to_bytes(16 - len(iv), "little") + iv)
        first += 1


def salsa_stream(key: bytes, iv: bytes) -> Iterator[bytes]:
    count = 0
    while True:
        yield salsa_block(key, iv + count.to_bytes(8, "little"))
        count += 1


def apply(stream: Iterator[bytes], text: bytes) -> bytes:
    return b"".join(xor(text[at:at + 64], next(stream)) for at in range(0, len(text), 64))


# ---- RC4, table --------------------------------------------------------------------------------

def rc4(key: bytes, text: bytes) -> bytes:
    box, j, i, out = list(range(256)), 0, 0, bytearray()
    for n in range(256):
        j = (j + box[n] + key[n % len(key)]) % 256
        box[n], box[j] = box[j], box[n]
    j = 0
    for octet in text:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(octet ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def from_table(password: bytes, text: bytes) -> bytes:
    seed = int.from_bytes(hashlib.md5(password).digest()[:8], "little")
    box = range(256)
    for i in range(1, 1024):
        box = sorted(box, key=lambda octet, i=i: seed % (octet + i))
    return bytes(box.index(octet) for octet in text)


# ---- what the methods are ----------------------------------------------------------------------

# Octets of key, and of IV or salt.
SIZES = {"rc4": (16, 0), "rc4-md5": (16, 16), "salsa20": (32, 8), "chacha20": (32, 8),
         "chacha20-ietf": (32, 12), "xchacha20": (32, 24), "des-cfb": (8, 8), "seed-cfb": (16, 16),
         **{f"{name}-cfb": (16, 8) for name in ("bf", "cast5", "idea", "rc2")},
         **{f"{name}-{bits}-{mode}": (bits // 8, 16) for bits in (128, 192, 256)
            for name, mode in (*(("aes", mode) for mode in MODES), ("camellia", "cfb"))}}
# Octets of key (as long as the salt), and of nonce.
AEAD = {"aes-128-gcm": (16, 12), "aes-192-gcm": (24, 12), "aes-256-gcm": (32, 12),
        "chacha20-ietf-poly1305": (32, 12), "xchacha20-ietf-poly1305": (32, 24)}


def decrypt(method: str, key: bytes, iv: bytes, text: bytes) -> bytes:
    match method:
        case "none":
            return text
        case "table":
            return from_table(key, text)
        case "rc4":
            return rc4(key, text)
        case "rc4-md5":
            return rc4(hashlib.md5(key + iv).digest(), text)
        case "salsa20":
            return apply(salsa_stream(key, iv), text)
        case "chacha20" | "chacha20-ietf" | "xchacha20":
            return apply(chacha_stream(key, iv), text)
    cipher, mode = method.rsplit("-", 1)
    return MODES[mode](block_cipher(BLOCKS[cipher][0], key), iv, text)


def poly1305(key: bytes, text: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    total = 0
    for at in range(0, len(text), 16):
        total = (total + int.from_bytes(text[at:at + 16] + b"\1", "little")) * r % ((1 << 130) - 5)
    return (total + int.from_bytes(key[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def ghash(h: int, text: bytes) -> int:
    total = 0
    for at in range(0, len(text), 16):
        total ^= int.from_bytes(text[at:at + 16], "big")
        product, v = 0, h
        for bit in range(127, -1, -1):
            if total >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
        total = product
    return total


def padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % 16)


@cache
def open_sealed(method: str, key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    """The text in front of its tag of 16 octets."""
    text, tag = sealed[:-16], sealed[-16:]
    if method.endswith("gcm"):
        encrypt = block_cipher(BLOCKS[method[:-4]][0], key)
        h = int.from_bytes(encrypt(bytes(16)), "big")
        lengths = bytes(8) + (8 * len(text)).to_bytes(8, "big")
        made = xor(ghash(h, padded(text) + lengths).to_bytes(16, "big"),
                   encrypt(nonce + b"\0\0\0\1"))
        if made != tag:
            raise BadTag
        return ctr(encrypt, nonce + b"\0\0\0\2", text)
    stream = chacha_stream(key, nonce)
    if len(nonce) == 24:
        stream = chacha_stream(hchacha(key, nonce[:16]), bytes(4) + nonce[16:])
    lengths = bytes(8) + len(text).to_bytes(8, "little")
    if poly1305(next(stream)[:32], padded(text) + lengths) != tag:
        raise BadTag
    return apply(stream, text)


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    key = (hashlib.sha1(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha1(bytes(k ^ 0x36 for k in key) + text).digest()
    return hashlib.sha1(bytes(k ^ 0x5c for k in key) + inner).digest()


def hkdf_sha1(ikm: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    prk, blocks = hmac_sha1(salt, ikm), [b""]
    for n in range(1, -(-size // 20) + 1):
        blocks.append(hmac_sha1(prk, blocks[-1] + info + bytes([n])))
    return b"".join(blocks)[:size]


def bytes_to_key(password: bytes, size: int) -> bytes:
    blocks = [b""]
    while sum(map(len, blocks)) < size:
        blocks.append(hashlib.md5(blocks[-1] + password).digest())
    return b"".join(blocks)[:size]
