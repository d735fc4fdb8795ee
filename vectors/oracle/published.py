"""Test vectors that others have published, as they stand there."""

from ciphers import encrypt, hkdf_sha1, hmac_sha1, seal

hexa = bytes.fromhex
SP800_38A = "NIST SP 800-38A appendix F"
GCM = "McGrew, Viega: The Galois/Counter Mode of Operation, appendix B"
TEXT = hexa("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
COUNT = bytes(range(16))
COUNTER = bytes(range(0xf0, 0x100))
KEYS = {128: hexa("2b7e151628aed2a6abf7158809cf4f3c"),
        192: hexa("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"),
        256: hexa("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")}
BLOCK = hexa("0123456789abcdef")
CAMELLIA = hexa("0123456789abcdeffedcba9876543210")
CAMELLIA_MORE = hexa("00112233445566778899aabbccddeeff")
DHOLE = (b'The dhole (pronounced "dole") is also known as the Asiatic wild dog, red dog, and '
         b"whistling dog. It is about the size of a German shepherd but looks more like a "
         b"long-legged fox. This highly elusive and skilled jumper is classified with wolves, "
         b"coyotes, jackals, and foxes in the taxonomic family Canidae.")
SUNSCREEN = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
             b"future, sunscreen would be it.")
LONG = "Test Using Larger Than Block-Size Key"

# Slug: source, key, text, MAC.
HMAC_SHA1 = {f"rfc2202-{n}": ("RFC 2202 section 3", key, text, hexa(mac)) for n, key, text, mac in (
    (1, b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (2, b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (3, b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    (4, bytes(range(1, 26)), b"\xcd" * 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
    (5, b"\x0c" * 20, b"Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
    (6, b"\xaa" * 80, f"{LONG} - Hash Key First".encode(),
     "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
    (7, b"\xaa" * 80, f"{LONG} and Larger Than One Block-Size Data".encode(),
     "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"))}

# Slug: source, key material, salt, info, output.
HKDF_SHA1 = {f"rfc5869-{n}": (f"RFC 5869 appendix A.{n}", ikm, salt, info, hexa(okm))
             for n, ikm, salt, info, okm in (
    (4, b"\x0b" * 11, bytes(range(13)), bytes(range(0xf0, 0xfa)),
     "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896"),
    (5, bytes(range(0x50)), bytes(range(0x60, 0xb0)), bytes(range(0xb0, 0x100)),
     "0bd770a74d1160f7c9f12cd5912a06ebff6adcae899d92191fe4305673ba2ffe8fa3f1a4e5ad79f3f334b3b202b2"
     "173c486ea37ce3d397ed034c7f9dfeb15c5e927336d0441f4c4300e2cff0d0900b52d3b4"),
    (6, b"\x0b" * 22, b"", b"",
     "0ac1af7002b3d761d1e55298da9d0506b9ae52057220a306e07b6b87e8df21d0ea00033de03984d34918"),
    (7, b"\x0c" * 22, b"", b"",
     "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48"))}

# Method, source, key, IV, text, encrypted text. A block cipher's vector is the first block of CFB:
# the text is zero, the IV what the cipher encrypts.
STREAM = [
    *((f"aes-{bits}-{mode}", SP800_38A, KEYS[bits], COUNTER if mode == "ctr" else COUNT,
       TEXT[:len(out) // 2], hexa(out)) for mode, bits, out in (
        ("cfb", 128, "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
                     "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6"),
        ("cfb", 192, "cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a"
                     "2e1e8a1dd59b88b1c8e60fed1efac4c9c05f9f9ca9834fa042ae8fba584b09ff"),
        ("cfb", 256, "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b"
                     "df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471"),
        ("ofb", 128, "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"
                     "9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e"),
        ("ofb", 192, "cdc80d6fddf18cab34c25909c99a4174fcc28b8d4c63837c09e81700c1100401"
                     "8d9a9aeac0f6596f559c6d4daf59a5f26d9f200857ca6c3e9cac524bd9acc92a"),
        ("ofb", 256, "dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d"
                     "71ab47a086e86eedf39d1c5bba97c4080126141d67f37be8538f5a8be740e484"),
        ("ctr", 128, "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
                     "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"),
        ("ctr", 192, "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
                     "1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050"),
        ("ctr", 256, "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
                     "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"),
        ("cfb8", 128, "3b79424c9c0dd436bace9e0ed4586a4f32b9"),
        ("cfb8", 192, "cda2521ef0a905ca44cd057cbf0d47a0678a"),
        ("cfb8", 256, "dc1f1a8520a64db55fcc8ac554844e889700"),
        ("cfb1", 128, "68b3"), ("cfb1", 192, "9359"), ("cfb1", 256, "9029"))),
    *((f"camellia-{bits}-cfb", "RFC 3713 appendix A", CAMELLIA + CAMELLIA_MORE[:bits // 8 - 16],
       CAMELLIA, bytes(16), hexa(out)) for bits, out in (
        (128, "67673138549669730857065648eabe43"),
        (192, "b4993401b3e996f84ee5cee7d79b09b9"),
        (256, "9acc237dff16d76c20ef7c919e3a7509"))),
    ("bf-cfb", "Eric Young's Blowfish vectors", BLOCK + hexa("f0e1d2c3b4a59687"),
     hexa("fedcba9876543210"), b"7654321 Now is the time for \0",
     hexa("e73214a2822139caf26ecf6d2eb9e76e3da3de04d1517200519d57a6c3")),
    ("cast5-cfb", "RFC 2144 appendix B.1", hexa("0123456712345678234567893456789a"), BLOCK,
     bytes(8), hexa("238b4fe5847e44b2")),
    ("idea-cfb", "Lai: On the Design and Security of Block Ciphers",
     hexa("00010002000300040005000600070008"), hexa("0000000100020003"), bytes(8),
     hexa("11fbed2b01986de5")),
    ("rc2-cfb", "RFC 2268 section 5", hexa("88bca90e90875a7f0f79c384627bafb2"), bytes(8), bytes(8),
     hexa("2269552ab0f85ca6")),
    ("des-cfb", "Grabbe: The DES Algorithm Illustrated", hexa("133457799bbcdff1"), BLOCK, bytes(8),
     hexa("85e813540f0ab405")),
    ("seed-cfb", "RFC 4269 appendix B.1", bytes(16), COUNT, bytes(16),
     hexa("5ebac6e0054e166819aff1cc6d346cdb")),
    ("rc4", "RFC 6229 section 2", bytes(range(1, 17)), b"", bytes(32),
     hexa("9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c")),
    ("salsa20", "ECRYPT Salsa20 verified vectors, set 1, vector 0", b"\x80" + bytes(31), bytes(8),
     bytes(64), hexa("e3be8fdd8beca2e3ea8ef9475b29a6e7003951e1097a5c38d23b7a5fad9f6844"
                     "b22c97559e2723c7cbbd3fe4fc8d9a0744652a83e72a9c461876af4d7ef1a117")),
    *((method, source, bytes(32), bytes(n), bytes(64),
       hexa("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
            "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"))
      for method, source, n in (("chacha20", "draft-agl-tls-chacha20poly1305 section 7", 8),
                                ("chacha20-ietf", "RFC 8439 appendix A.1", 12))),
    ("xchacha20", "draft-irtf-cfrg-xchacha appendix A.3", bytes(range(0x80, 0xa0)),
     bytes(range(0x40, 0x57)) + b"\x58", DHOLE, hexa(
         "4559abba4e48c16102e8bb2c05e6947f50a786de162f9b0b7e592a9b53d0d4e98d8d6410d540a1a6375b"
         "26d80dace4fab52384c731acbf16a5923c0c48d3575d4d0d2c673b666faa731061277701093a6bf7a158"
         "a8864292a41c48e3a9b4c0daece0f8d98d0d7e05b37a307bbb66333164ec9e1b24ea0d6c3ffddcec4f68"
         "e7443056193a03c810e11344ca06d8ed8a2bfb1e8d48cfa6bc0eb4e2464b748142407c9f431aee769960"
         "e15ba8b96890466ef2457599852385c661f752ce20f9da0c09ab6b19df74e76a95967446f8d0fd415e7b"
         "ee2a12a114c20eb5292ae7a349ae577820d5520a1f3fb62a17ce6a7e68fa7c79111d8860920bc048ef43"
         "fe84486ccb87c25f0ae045f0cce1e7989a9aa220a28bdd4827e751a24a6d5c62d790a66393b93111c1a5"
         "5dd7421a10184974c7c5")),
]

# Method, source, key, text, sealed text: nonce 0, nothing authenticated besides.
AEAD = [(f"aes-{bits}-gcm", f"{GCM}, case {case}", bytes(bits // 8), bytes(size), hexa(out))
        for case, bits, size, out in (
    (1, 128, 0, "58e2fccefa7e3061367f1d57a4e7455a"),
    (2, 128, 16, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"),
    (7, 192, 0, "cd33b28ac773f74ba00ed1f312572435"),
    (8, 192, 16, "98e7247c07f0fe411c267e4384b0f6002ff58d80033927ab8ef4d4587514f0fb"),
    (13, 256, 0, "530f8afbc74536b9a963b4f1c4cb738b"),
    (14, 256, 16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"))]

# Vectors that Shadowsocks has no use for (other nonces, other authenticated data); the oracle alone
# is held to them. Method, key, nonce, text, authenticated, sealed text.
OUTSIDE = [
    ("aes-128-gcm", hexa("feffe9928665731c6d6a8f9467308308"), hexa("cafebabefacedbaddecaf888"),
     hexa("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"), b"",
     hexa("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
          "ac84aa051ba30b396a0aac973d58e091473f59854d5c2af327cd64a62cf35abd2ba6fab4")),
    ("chacha20-ietf-poly1305", bytes(range(0x80, 0xa0)), hexa("070000004041424344454647"),
     SUNSCREEN, hexa("50515253c0c1c2c3c4c5c6c7"),
     hexa("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69"
          "da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad67594"
          "5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691")),
    ("xchacha20-ietf-poly1305", bytes(range(0x80, 0xa0)), bytes(range(0x40, 0x58)), SUNSCREEN,
     hexa("50515253c0c1c2c3c4c5c6c7"),
     hexa("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f"
          "4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f"
          "76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49")),
]


def hold() -> None:
    """Fails unless this oracle makes what is published."""
    pairs = [
        *((slug, hmac_sha1(key, text), mac) for slug, (_, key, text, mac) in HMAC_SHA1.items()),
        *((slug, hkdf_sha1(ikm, salt, info, len(okm)), okm)
          for slug, (_, ikm, salt, info, okm) in HKDF_SHA1.items()),
        *((method, encrypt(method, key, iv, text), out) for method, _, key, iv, text,
          out in STREAM),
        *((source, seal(method, key, 0, text), out) for method, source, key, text, out in AEAD),
        *((method, seal(method, key, nonce, text, aad), out)
          for method, key, nonce, text, aad, out in OUTSIDE)]
    for name, got, published in pairs:
        if got != published:
            raise ValueError(f"{name}: published {published.hex()}, made {got.hex()}")
