"""What a vector of each algorithm holds, and the JSON Schema that says so."""

from dataclasses import dataclass, field

SCHEMA_VERSION = 1

OCTETS = {"description": "octets in lower-case hexadecimal", "type": "string",
          "pattern": "^([0-9a-f]{2})*$"}


def unsigned(bits: int) -> dict:
    return {"type": "integer", "minimum": 0, "maximum": 2**bits - 1}


# The types of the properties that differ from kind to kind.
TYPES = {
    "octets": OCTETS,
    "u8": unsigned(8),
    "u16": unsigned(16),
    "u32": unsigned(32),
    "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
    "pieces": {"description": "strings of octets, in order", "type": "array",
               "items": {"$ref": "#/$defs/octets"}},
    "sizes": {"description": "the sizes of the pieces in which input arrives, over and over",
              "type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1,
                                                        "maximum": 65535}},
    "mode": {"description": "which type octets a reader takes",
             "enum": ["plain", "ota-allowed", "ota-required", "py"]},
    "form": {"description": "how a URI writes method and password",
             "enum": ["base64", "percent", "old"]},
}


@dataclass(frozen=True)
class Kind:
    """given: properties of every vector besides the common ones; found: those that stand there
    when status is ok, and only then. Both map a name to one of TYPES."""

    about: str
    statuses: tuple[str, ...]
    given: dict[str, str] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)


ADDRESS = {"atyp": "u8", "host": "octets", "port": "u16"}
PARSE = {"input": "octets", "used": "u32"}
HEADER = {"type": "u8", **ADDRESS}
HEADER_STATUSES = ("ok", "more", "atyp", "empty", "ota-forbidden", "ota-required")
OTA = {"method": "name", "key": "octets", "iv": "octets", "mode": "mode"}
SEALED = {"method": "name", "key": "octets"}

KINDS = {
    "socks5-greeting": Kind(
        "RFC 1928 section 3: VER NMETHODS METHODS",
        ("ok", "more", "version", "empty"), PARSE, {"methods": "octets"}),
    "socks5-selection": Kind(
        "RFC 1928 section 3: VER METHOD",
        ("ok", "more", "version"), PARSE, {"method": "u8"}),
    "socks5-userpass": Kind(
        "RFC 1929 section 2: VER ULEN UNAME PLEN PASSWD",
        ("ok", "more", "version", "empty"), PARSE, {"uname": "octets", "passwd": "octets"}),
    "socks5-userpass-status": Kind(
        "RFC 1929 section 2: VER STATUS",
        ("ok", "more", "version"), PARSE, {"code": "u8"}),
    "socks5-request": Kind(
        "RFC 1928 section 4: VER CMD RSV ATYP DST.ADDR DST.PORT",
        ("ok", "more", "version", "atyp", "empty"), PARSE, {"cmd": "u8", "rsv": "u8", **ADDRESS}),
    "socks5-reply": Kind(
        "RFC 1928 section 6: VER REP RSV ATYP BND.ADDR BND.PORT",
        ("ok", "more", "version", "atyp", "empty"), PARSE, {"rep": "u8", "rsv": "u8", **ADDRESS}),
    "socks5-udp-header": Kind(
        "RFC 1928 section 7: RSV RSV FRAG ATYP DST.ADDR DST.PORT, then data",
        ("ok", "more", "atyp", "empty"), PARSE, {"rsv": "u16", "frag": "u8", **ADDRESS}),
    "socks5-address": Kind(
        "RFC 1928 section 5: ATYP ADDR PORT",
        ("ok", "more", "atyp", "empty"), PARSE, ADDRESS),
    "shadowsocks-address": Kind(
        "the address header of Shadowsocks: TYPE ADDR PORT, and what mode takes of it",
        HEADER_STATUSES, {"mode": "mode", **PARSE}, HEADER),
    "shadowsocks-ota-header": Kind(
        "TYPE ADDR PORT and, with the flag 10, a tag of 10 octets under IV and master key",
        (*HEADER_STATUSES, "tag"), {**OTA, **PARSE}, {**HEADER, "tag": "octets"}),
    "shadowsocks-ota-datagram": Kind(
        "TYPE ADDR PORT DATA and, with the flag 10, a tag of 10 octets under IV and master key",
        (*HEADER_STATUSES, "tag"), {**OTA, **PARSE},
        {**HEADER, "data": "octets", "tag": "octets"}),
    "shadowsocks-ota-chunk": Kind(
        "LEN TAG DATA, the tag under IV and the number of the chunk from 0",
        ("ok", "more", "tag"), {"iv": "octets", "index": "u32", "input": "octets", "used": "u32"},
        {"data": "octets", "tag": "octets"}),
    "shadowsocks-ota-stream": Kind(
        "chunks from number 0 on, in pieces; chunks are those that may be handed on, used counts "
        "their octets or is the offset of the tag that does not match",
        ("ok", "more", "tag"),
        {"iv": "octets", "input": "octets", "sizes": "sizes", "chunks": "pieces", "used": "u32"}),
    "shadowsocks-key": Kind(
        "the master key of a password, which is input", ("ok", "password", "method"),
        {"method": "name", "input": "octets"}, {"key": "octets"}),
    "shadowsocks-subkey": Kind(
        "the subkey of a session, of master key and salt, which is input",
        ("ok", "key", "salt", "method"), {**SEALED, "input": "octets"}, {"subkey": "octets"}),
    "hmac-sha1": Kind(
        "RFC 2104 with SHA-1", ("ok",), {"key": "octets", "input": "octets"}, {"mac": "octets"}),
    "hkdf-sha1": Kind(
        "RFC 5869 with SHA-1, input the key material", ("ok", "space"),
        {"input": "octets", "salt": "octets", "info": "octets", "size": "u16"}, {"okm": "octets"}),
    "shadowsocks-stream": Kind(
        "a stream method from the start of its stream: input in the clear, output without the IV",
        ("ok", "key", "salt", "method"), {**SEALED, "iv": "octets", "input": "octets"},
        {"output": "octets"}),
    "shadowsocks-aead": Kind(
        "sealing under a subkey: input in the clear, output with its tag",
        ("ok", "key", "method"), {**SEALED, "nonce": "octets", "input": "octets"},
        {"output": "octets"}),
    "shadowsocks-aead-chunk": Kind(
        "sealed LEN and sealed DATA under a subkey, nonce that of LEN",
        ("ok", "more", "tag", "chunk-length"),
        {**SEALED, "nonce": "octets", "input": "octets", "used": "u32"}, {"data": "octets"}),
    "shadowsocks-aead-stream": Kind(
        "salt and chunks under a master key, in pieces; chunks and used as for one-time auth",
        ("ok", "more", "tag", "chunk-length"),
        {**SEALED, "input": "octets", "sizes": "sizes", "chunks": "pieces", "used": "u32"}),
    "shadowsocks-aead-datagram": Kind(
        "salt and sealed TYPE ADDR PORT DATA under a master key",
        ("ok", "more", "tag", "atyp", "empty", "ota-forbidden"), {**SEALED, **PARSE},
        {**HEADER, "data": "octets"}),
    "shadowsocks-uri": Kind(
        "an ss:// URI, and how its parts are written anew",
        ("ok", "uri-scheme", "uri-character", "uri-percent", "uri-base64", "uri-userinfo",
         "uri-form", "uri-host", "uri-port", "uri-query"), PARSE,
        {"form": "form", "method": "octets", "password": "octets", "host": "octets", "port": "u16",
         "plugin": "octets", "options": "octets", "tag": "octets", "encoded": "octets"}),
}

# The properties of every vector, in the order in which they are written; those of its kind follow.
COMMON = {
    "id": {"$ref": "#/$defs/id"},
    "comment": {"$ref": "#/$defs/text"},
    "flags": {"type": "array", "items": {"$ref": "#/$defs/flag"}, "minItems": 1,
              "uniqueItems": True},
    "result": {"enum": ["valid", "invalid", "acceptable"]},
    "requirements": {"type": "array", "items": {"$ref": "#/$defs/requirement"}, "minItems": 1,
                     "uniqueItems": True},
    "source": {"$ref": "#/$defs/text"},
}


def closed(properties: dict, required: list[str] | None = None) -> dict:
    """An object of these properties, all of them required unless said otherwise, and no others."""
    return {"type": "object", "properties": properties,
            "required": list(properties) if required is None else required,
            "additionalProperties": False}


def kind_schema(kind: Kind) -> dict:
    given = {name: {"$ref": f"#/$defs/{type_}"} for name, type_ in kind.given.items()}
    found = {name: {"$ref": f"#/$defs/{type_}"} for name, type_ in kind.found.items()}
    always = {**COMMON, **given, "status": {"enum": list(kind.statuses)}}
    return {
        "description": kind.about,
        **closed({**always, **found}, list(always)),
        "if": {"required": ["status"], "properties": {"status": {"const": "ok"}}},
        "then": {"required": list(found)},
        "else": {"properties": {name: False for name in found}},
    }


def schema() -> dict:
    """The one schema of every file under vectors/socks5 and vectors/shadowsocks."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sockspec vectors",
        "description": "One file holds the vectors of one algorithm; vectors/README.md explains.",
        **closed({
            "schema": {"const": SCHEMA_VERSION},
            "algorithm": {"enum": list(KINDS)},
            "source": {"$ref": "#/$defs/text"},
            "generator": {"$ref": "#/$defs/text"},
            "numberOfTests": {"type": "integer", "minimum": 1},
            "notes": {"type": "object", "minProperties": 1,
                      "propertyNames": {"$ref": "#/$defs/flag"},
                      "additionalProperties": closed({
                          "meaning": {"$ref": "#/$defs/text"},
                          "why": {"$ref": "#/$defs/text"},
                          "requirement": {"$ref": "#/$defs/requirement"}})},
            "tests": {"type": "array", "minItems": 1},
        }),
        "allOf": [
            {"if": {"required": ["algorithm"], "properties": {"algorithm": {"const": name}}},
             "then": {"properties": {"tests": {"items": {"$ref": f"#/$defs/{name}"}}}}}
            for name in KINDS
        ],
        "$defs": {
            "id": {"type": "string", "pattern": "^[a-z0-9-]+(/[a-z0-9-]+)+$"},
            "flag": {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$"},
            "requirement": {"type": "string", "pattern": "^[a-z0-9-]+/[0-9a-z.]+/[a-z0-9-]+$"},
            "text": {"type": "string", "pattern": "^[^ ].*$"},
            **TYPES,
            **{name: kind_schema(kind) for name, kind in KINDS.items()},
        },
    }
