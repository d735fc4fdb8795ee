"""Keys, and each method under its key."""

import published
from ciphers import AEAD, METHODS, STREAM, encrypt, hkdf_sha1, hmac_sha1, master_key, seal
from ciphers import subkey as make_subkey
from document import Document, Note

PASSWORD = b"barfoo!"
KEYS = "Shadowsocks protocol, stream ciphers: EVP_BytesToKey of OpenSSL with MD5"
SIP004 = "SIP004, SIP007"
PUBLISHED = Note("A vector that others have published; source names it.",
                 "It holds the oracle to something that is older than this project.",
                 "ss-stream/method/cipher")
SIZES = Note("Key, IV or salt of another size than the method's.",
             "Refused by name: a short key that is taken leaves what follows it to chance.",
             "ss-stream/method/sizes")


def key() -> Document:
    derivation = "ss-stream/key/from-password"
    doc = Document("shadowsocks-key", KEYS, {
        "Method": Note("One password under each method.", "Only the size of the key differs.",
                       derivation),
        "KnownAnswer": Note("A value that several programs agree on.",
                            "It ties these files to the programs in the field.", derivation),
        "Lengths": Note("Passwords at the boundaries of MD5's block.",
                        "The second round hashes 16 octets more.", derivation),
        "Octets": Note("Passwords of octets that C strings treat apart.",
                       "A password is as long as it is, NUL included.", derivation),
        "Empty": Note("No password.", "It would give everyone the same key.", derivation),
        "TooLong": Note("A password that is too long for the method.",
                        "table alone keeps the password itself.", derivation),
        "UnknownMethod": Note("A name that is no method.", "It is refused by name.",
                              "ss-stream/method/sizes")})
    for name, method in METHODS.items():
        if method.key:
            doc.add(f"method-{name}", f"barfoo! under {name}", "Method", method=name,
                    input=PASSWORD, key=master_key(PASSWORD, method.key))
            doc.add(f"method-{name}-empty", f"no password under {name}", "Empty", "invalid",
                    status="password", method=name, input=b"")
    known = bytes.fromhex("b3adc47839e047eb228870526dc8fc30b347287ffca3045dcea06b3fdf090acb")
    doc.add("known-answer", "barfoo!, 32 octets", "KnownAnswer", method="aes-256-cfb",
            input=PASSWORD, key=known)
    for name in ("des-cfb", "aes-128-gcm", "aes-192-gcm", "chacha20-ietf-poly1305"):
        size = METHODS[name].key
        for n in (1, 15, 16, 17, 39, 40, 47, 48, 55, 56, 63, 64, 65, 128, 255, 256, 1000):
            password = (b"correct horse battery staple " * 40)[:n]
            doc.add(f"length-{n}-key-{size}", f"a password of {n} octets, a key of {size}",
                    "Lengths", method=name, input=password, key=master_key(password, size))
        for slug, password in (("nul", b"\0"), ("nul-inside", b"pass\0word"),
                               ("nul-last", b"password\0"),
                               ("ff", b"\xff" * 16), ("utf8", "пароль".encode()),
                               ("blank", b" pass ")):
            doc.add(f"octets-{slug}-key-{size}", f"{password!r}", "Octets", method=name,
                    input=password, key=master_key(password, size))
    doc.add("method-table", "table keeps the password", "Method", method="table", input=PASSWORD,
            key=PASSWORD)
    doc.add("method-table-255", "the longest password of table", "Lengths", method="table",
            input=b"p" * 255, key=b"p" * 255)
    doc.add("method-table-256", "an octet too many for table", "TooLong", "acceptable",
            status="password", method="table", input=b"p" * 256)
    doc.add("method-table-empty", "no password under table", "Empty", "invalid", status="password",
            method="table", input=b"")
    doc.add("method-none", "none has no key", "Method", method="none", input=PASSWORD, key=b"")
    for name in ("aes-512-cfb", "aes-256", "rc4-sha1", "aes-256-cfb-2022", "plain"):
        doc.add(f"unknown-{name}", f"the method {name}", "UnknownMethod", "invalid",
                status="method", method=name, input=PASSWORD)
    return doc


def subkey() -> Document:
    derivation, sizes = "ss-aead/key/subkey", "ss-aead/method/sizes"
    doc = Document("shadowsocks-subkey", SIP004, {
        "Typical": Note("A key and a salt.", "Whoever gets this wrong opens nothing.", derivation),
        "KnownAnswer": Note("A value that several programs agree on.",
                            "It ties these files to the programs in the field.", derivation),
        "SaltValues": Note("Salts of one octet throughout.", "A salt is octets of any value.",
                           derivation),
        "Sizes": Note(SIZES.meaning, SIZES.why, sizes),
        "OtherKind": Note("A method that has no subkey.", "Only AEAD methods do.", sizes)})
    known = bytes.fromhex("6e62f41174d7879ffea269ebf7805b730f62002e2b461f4dcb2a21dfb6f6423e")
    doc.add("known-answer", "barfoo!, salt 00 to 1f", "KnownAnswer",
            method="chacha20-ietf-poly1305",
            key=master_key(PASSWORD, 32), input=bytes(range(32)), subkey=known)
    for name in AEAD:
        method = METHODS[name]
        own = master_key(PASSWORD, method.key)
        for slug, salt, flag in (("count", bytes(range(method.iv)), "Typical"),
                                 ("random", master_key(b"salt", method.iv), "Typical"),
                                 ("zero", bytes(method.iv), "SaltValues"),
                                 ("ff", b"\xff" * method.iv, "SaltValues")):
            doc.add(f"{name}-salt-{slug}", f"a salt of {method.iv} octets", flag, method=name,
                    key=own, input=salt, subkey=make_subkey(own, salt))
        for n in (0, 1, method.iv - 1, method.iv + 1):
            doc.add(f"{name}-salt-size-{n}", f"a salt of {n} octets", "Sizes", "invalid",
                    status="salt", method=name, key=own, input=bytes(n))
        for n in (0, method.key - 1, method.key + 1):
            doc.add(f"{name}-key-size-{n}", f"a key of {n} octets", "Sizes", "invalid",
                    status="key", method=name, key=bytes(n), input=bytes(method.iv))
    for name in ("aes-256-cfb", "chacha20-ietf", "rc4-md5"):
        doc.add(f"{name}", f"{name} has no subkey", "OtherKind", "invalid", status="method",
                method=name,
                key=master_key(PASSWORD, METHODS[name].key), input=bytes(METHODS[name].iv))
    return doc


def hmac() -> Document:
    requirement = "ss-aead/key/hmac"
    doc = Document("hmac-sha1", "RFC 2104", {
        "Published": Note(PUBLISHED.meaning, PUBLISHED.why, requirement),
        "Edges": Note("Keys and texts at the boundaries of SHA-1's block.",
                      "A key over 64 octets is hashed first.", requirement)})
    for slug, (source, secret, text, mac) in published.HMAC_SHA1.items():
        doc.add(slug, f"{len(secret)} octets of key, {len(text)} of text", "Published",
                source=source, key=secret, input=text, mac=mac)
    for k in (0, 1, 20, 36, 48, 63, 64, 65):
        for n in (0, 1, 55, 56, 63, 64, 65):
            secret, text = bytes(range(k)), bytes(range(n))
            doc.add(f"key-{k}-text-{n}", f"{k} octets of key, {n} of text", "Edges", key=secret,
                    input=text, mac=hmac_sha1(secret, text))
    return doc


def hkdf() -> Document:
    requirement = "ss-aead/key/hkdf"
    doc = Document("hkdf-sha1", "RFC 5869", {
        "Published": Note(PUBLISHED.meaning, PUBLISHED.why, requirement),
        "Edges": Note("Outputs at the boundaries of SHA-1's 20 octets.",
                      "The counter is one octet.", requirement),
        "TooLong": Note("More output than 255 blocks.", "The text forbids it.", requirement)})
    for slug, (source, ikm, salt, info, okm) in published.HKDF_SHA1.items():
        doc.add(slug, f"{len(okm)} octets", "Published", source=source, input=ikm, salt=salt,
                info=info, size=len(okm), okm=okm)
    for size in (1, 16, 19, 20, 21, 24, 32, 40, 41, 255, 1000, 5099, 5100):
        ikm, salt = bytes(range(32)), bytes(range(32, 64))
        doc.add(f"size-{size}", f"{size} octets", "Edges", input=ikm, salt=salt, info=b"ss-subkey",
                size=size, okm=hkdf_sha1(ikm, salt, b"ss-subkey", size))
    for size in (5101, 65535):
        doc.add(f"size-{size}", f"{size} octets", "TooLong", "invalid", status="space",
                input=bytes(32), salt=bytes(32), info=b"ss-subkey", size=size)
    return doc


def stream() -> Document:
    cipher = "ss-stream/method/cipher"
    doc = Document("shadowsocks-stream", KEYS, {
        "Published": PUBLISHED,
        "Edges": Note("Texts at the boundaries of the method's block.",
                      "A stream goes on in the middle of a block.", cipher),
        "IvValues": Note("An IV whose counter runs over.", "The carry goes through all octets.",
                         cipher),
        "Sizes": SIZES,
        "OtherKind": Note("A method that is no stream.", "AEAD methods seal chunks.",
                          "ss-stream/method/sizes")})
    for i, (name, source, own, iv, text, out) in enumerate(published.STREAM):
        doc.add(f"{name}-published", source, "Published", source=source, method=name, key=own,
                iv=iv, input=text, output=out)
    text = (b"The quick brown fox jumps over the lazy dog. " * 10)[:300]
    for name in STREAM:
        method = METHODS[name]
        own = PASSWORD if name == "table" else master_key(PASSWORD, method.key)
        iv = master_key(b"iv", method.iv)
        for n in (0, 1, method.block - 1, method.block, method.block + 1, 2 * method.block, 300):
            doc.add(f"{name}-text-{n}", f"{n} octets", "Edges", method=name, key=own, iv=iv,
                    input=text[:n], output=encrypt(name, own, iv, text[:n]))
        if method.iv:
            high = b"\xff" * method.iv
            doc.add(f"{name}-iv-ff", "an IV of ff throughout", "IvValues", method=name, key=own,
                    iv=high, input=text[:200], output=encrypt(name, own, high, text[:200]))
        for n in (method.key - 1, method.key + 1) if method.key else ():
            doc.add(f"{name}-key-size-{n}", f"a key of {n} octets", "Sizes", "invalid",
                    status="key", method=name, key=bytes(n), iv=iv, input=text[:16])
        for n in ((0, method.iv - 1) if method.iv else ()) + (method.iv + 1,):
            doc.add(f"{name}-iv-size-{n}", f"an IV of {n} octets", "Sizes", "invalid",
                    status="salt", method=name, key=own, iv=bytes(n), input=text[:16])
    for name in AEAD:
        doc.add(name, f"{name} is no stream", "OtherKind", "invalid", status="method", method=name,
                key=bytes(METHODS[name].key), iv=bytes(METHODS[name].iv), input=b"text")
    return doc


def aead() -> Document:
    cipher = "ss-aead/method/cipher"
    doc = Document("shadowsocks-aead", SIP004, {
        "Published": Note(PUBLISHED.meaning, PUBLISHED.why, cipher),
        "Edges": Note("Texts at the boundaries of the method's block.", "No text has a tag too.",
                      cipher),
        "Nonce": Note("Nonces whose next octet carries.", "Little endian: the first octet counts.",
                      "ss-aead/chunk/nonce"),
        "Sizes": Note(SIZES.meaning, SIZES.why, "ss-aead/method/sizes"),
        "OtherKind": Note("A method that seals nothing.", "Only AEAD methods have tags.",
                          "ss-aead/method/sizes")})
    for name, source, own, text, out in published.AEAD:
        doc.add(f"{name}-published-{len(text)}", source, "Published", source=source, method=name,
                key=own, nonce=bytes(12), input=text, output=out)
    text = (b"The quick brown fox jumps over the lazy dog. " * 10)[:300]
    for name in AEAD:
        method, own = METHODS[name], master_key(b"subkey", METHODS[name].key)
        for n in (0, 1, 2, 15, 16, 17, 63, 64, 65, 300):
            doc.add(f"{name}-text-{n}", f"{n} octets", "Edges", method=name, key=own,
                    nonce=bytes(method.nonce), input=text[:n], output=seal(name, own, 0, text[:n]))
        for nonce in NONCES:
            doc.add(f"{name}-nonce-{nonce}", f"nonce {nonce}", "Nonce", method=name, key=own,
                    nonce=nonce.to_bytes(method.nonce, "little"), input=text[:20],
                    output=seal(name, own, nonce, text[:20]))
        for n in (0, method.key - 1, method.key + 1):
            doc.add(f"{name}-key-size-{n}", f"a key of {n} octets", "Sizes", "invalid",
                    status="key",
                    method=name, key=bytes(n), nonce=bytes(method.nonce), input=text[:16])
    doc.add("aes-256-cfb", "aes-256-cfb seals nothing", "OtherKind", "invalid", status="method",
            method="aes-256-cfb", key=bytes(32), nonce=bytes(12), input=b"text")
    return doc


# Nonces at which an octet carries into the next.
NONCES = (1, 254, 255, 256, 65534, 65535, 65536, 2**24 - 1, 2**24, 2**32 - 1, 2**32, 2**63,
          2**64 - 2)
