"""The ciphers of libcrypto.so.3 and libsodium.so.23 through ctypes, and hashes of the standard
library. What a library lacks is said by name."""

import ctypes
import hashlib
import hmac
from dataclasses import dataclass
from functools import cache


class Lacking(Exception):
    pass


def library(name: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise Lacking(f"{name} is not installed") from None


crypto = library("libcrypto.so.3")
sodium = library("libsodium.so.23")
POINTER = ctypes.c_void_p
for function in ("OSSL_PROVIDER_load", "EVP_CIPHER_fetch", "EVP_CIPHER_CTX_new"):
    getattr(crypto, function).restype = POINTER
for provider in (b"legacy", b"default"):
    if not crypto.OSSL_PROVIDER_load(None, provider):
        raise Lacking(f"libcrypto.so.3 has no provider {provider.decode()}")
if sodium.sodium_init() < 0:
    raise Lacking("libsodium.so.23 does not start")


@cache
def fetch(name: str) -> POINTER:
    cipher = crypto.EVP_CIPHER_fetch(None, name.encode(), None)
    if not cipher:
        raise Lacking(f"libcrypto.so.3 has no {name}")
    return POINTER(cipher)


def evp(name: str, key: bytes, iv: bytes, text: bytes, aad: bytes | None = None) -> bytes:
    """Encrypts with libcrypto; with aad, which may be empty, the tag of 16 octets follows."""
    get_tag = 0x10
    context = POINTER(crypto.EVP_CIPHER_CTX_new())
    out, n = ctypes.create_string_buffer(len(text) + 32), ctypes.c_int()

    def do(done: int) -> None:
        if done != 1:
            raise Lacking(f"libcrypto.so.3 refuses {name}")

    do(crypto.EVP_EncryptInit_ex2(context, fetch(name), key, iv, None))
    if aad:
        do(crypto.EVP_EncryptUpdate(context, None, ctypes.byref(n), aad, len(aad)))
    do(crypto.EVP_EncryptUpdate(context, out, ctypes.byref(n), text, len(text)))
    size = n.value
    do(crypto.EVP_EncryptFinal_ex(context, ctypes.byref(out, size), ctypes.byref(n)))
    sealed, tag = out.raw[:size + n.value], b""
    if aad is not None:
        do(crypto.EVP_CIPHER_CTX_ctrl(context, get_tag, 16, out))
        tag = out.raw[:16]
    crypto.EVP_CIPHER_CTX_free(context)
    return sealed + tag


def sodium_stream(name: str, key: bytes, iv: bytes, text: bytes) -> bytes:
    out = ctypes.create_string_buffer(len(text) + 1)
    getattr(sodium, f"crypto_stream_{name}_xor")(out, text, ctypes.c_ulonglong(len(text)), iv, key)
    return out.raw[:len(text)]


def sodium_aead(name: str, key: bytes, nonce: bytes, text: bytes, aad: bytes) -> bytes:
    out, n = ctypes.create_string_buffer(len(text) + 16), ctypes.c_ulonglong()
    getattr(sodium, f"crypto_aead_{name}_encrypt")(
        out, ctypes.byref(n), text, ctypes.c_ulonglong(len(text)), aad,
        ctypes.c_ulonglong(len(aad)), None, nonce, key)
    return out.raw[:n.value]


def rc4_md5(key: bytes, iv: bytes, text: bytes) -> bytes:
    return evp("RC4", hashlib.md5(key + iv).digest(), b"", text)


def table(password: bytes, text: bytes) -> bytes:
    """One substitution: the octets sorted 1023 times by a number out of the password."""
    a = int.from_bytes(hashlib.md5(password).digest()[:8], "little")
    order = list(range(256))
    for i in range(1, 1024):
        order.sort(key=lambda octet: a % (octet + i))
    return text.translate(bytes(order))


def idea(key: bytes, block: bytes) -> bytes:
    """One block of IDEA, which libcrypto may be built without (Lai, Massey 1990)."""
    bits = int.from_bytes(key, "big")
    sub = []
    while len(sub) < 52:
        sub += [bits >> (112 - 16 * i) & 0xffff for i in range(8)]
        bits = (bits << 25 | bits >> 103) & (1 << 128) - 1

    def mul(a: int, b: int) -> int:
        return (a or 65536) * (b or 65536) % 65537 & 0xffff

    a, b, c, d = (int.from_bytes(block[i:i + 2], "big") for i in (0, 2, 4, 6))
    for r in range(0, 48, 6):
        a, b = mul(a, sub[r]), b + sub[r + 1] & 0xffff
        c, d = c + sub[r + 2] & 0xffff, mul(d, sub[r + 3])
        e = mul(a ^ c, sub[r + 4])
        f = mul((b ^ d) + e & 0xffff, sub[r + 5])
        e = e + f & 0xffff
        a, b, c, d = a ^ f, c ^ f, b ^ e, d ^ e
    last = mul(a, sub[48]), c + sub[49] & 0xffff, b + sub[50] & 0xffff, mul(d, sub[51])
    return b"".join(word.to_bytes(2, "big") for word in last)


def idea_cfb(key: bytes, iv: bytes, text: bytes) -> bytes:
    out = b""
    for at in range(0, len(text), 8):
        pad = idea(key, (iv + out)[-8:])
        out += bytes(x ^ y for x, y in zip(text[at:at + 8], pad))
    return out


@dataclass(frozen=True)
class Method:
    """Sizes in octets; iv is the salt of an AEAD method. block: where texts have their edges."""

    key: int
    iv: int
    block: int
    nonce: int = 0


METHODS: dict[str, Method] = {
    **{f"aes-{8 * n}-{mode}": Method(n, 16, 16)
       for mode in ("cfb", "ctr", "ofb", "cfb1", "cfb8") for n in (16, 24, 32)},
    **{f"camellia-{8 * n}-cfb": Method(n, 16, 16) for n in (16, 24, 32)},
    **{f"{name}-cfb": Method(16, 8, 8) for name in ("bf", "cast5", "idea", "rc2")},
    "des-cfb": Method(8, 8, 8), "seed-cfb": Method(16, 16, 16),
    "rc4": Method(16, 0, 16), "rc4-md5": Method(16, 16, 16),
    "salsa20": Method(32, 8, 64), "chacha20": Method(32, 8, 64),
    "chacha20-ietf": Method(32, 12, 64), "xchacha20": Method(32, 24, 64),
    "table": Method(0, 0, 16), "none": Method(0, 0, 16),
    "aes-128-gcm": Method(16, 16, 16, 12), "aes-192-gcm": Method(24, 24, 16, 12),
    "aes-256-gcm": Method(32, 32, 16, 12),
    "chacha20-ietf-poly1305": Method(32, 32, 64, 12),
    "xchacha20-ietf-poly1305": Method(32, 32, 64, 24),
}
AEAD = [name for name, method in METHODS.items() if method.nonce]
STREAM = [name for name, method in METHODS.items() if not method.nonce]


def encrypt(method: str, key: bytes, iv: bytes, text: bytes) -> bytes:
    """A stream method from the start of its stream."""
    match method:
        case "none":
            return text
        case "table":
            return table(key, text)
        case "rc4-md5":
            return rc4_md5(key, iv, text)
        case "idea-cfb":
            return idea_cfb(key, iv, text)
        case "salsa20" | "chacha20" | "chacha20-ietf" | "xchacha20":
            return sodium_stream(method.replace("-", "_"), key, iv, text)
    return evp(method.upper(), key, iv, text)


def seal(method: str, key: bytes, nonce: int | bytes, text: bytes, aad: bytes = b"") -> bytes:
    """Text and tag under a subkey; a nonce that is a number is written little endian."""
    if isinstance(nonce, int):
        nonce = nonce.to_bytes(METHODS[method].nonce, "little")
    if method.endswith("gcm"):
        return evp(method.upper(), key, nonce, text, aad)
    name = {"chacha20-ietf-poly1305": "chacha20poly1305_ietf",
            "xchacha20-ietf-poly1305": "xchacha20poly1305_ietf"}[method]
    return sodium_aead(name, key, nonce, text, aad)


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha1).digest()


def hkdf_sha1(key: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    secret = hmac_sha1(salt or bytes(20), key)
    out = block = b""
    while len(out) < size:
        block = hmac_sha1(secret, block + info + bytes([len(out) // 20 + 1]))
        out += block
    return out[:size]


def master_key(password: bytes, size: int) -> bytes:
    out = block = b""
    while len(out) < size:
        block = hashlib.md5(block + password).digest()
        out += block
    return out[:size]


def subkey(key: bytes, salt: bytes) -> bytes:
    return hkdf_sha1(key, salt, b"ss-subkey", len(key))


def ota_tag(key: bytes, text: bytes) -> bytes:
    return hmac_sha1(key, text)[:10]
