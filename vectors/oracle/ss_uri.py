"""ss:// URIs, put together from their parts with the answer beside them."""

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

from document import Document, Note

SIP002, OLD = "ss-uri/sip002/form", "ss-uri/old/form"
USERINFO, HOST, PORT = "ss-uri/sip002/userinfo", "ss-uri/sip002/host", "ss-uri/sip002/port"
PLUGIN, TAG = "ss-uri/sip002/plugin", "ss-uri/sip002/tag"

NOTES = {
    "Typical": Note("A URI as programs share it.", "Whoever gets this wrong cannot be configured.",
                    SIP002),
    "Old": Note("The form before SIP002: all in base64.", "Many are still in use.", OLD),
    "Percent": Note("Method and password percent-encoded.", "AEAD-2022 allows this form alone.",
                    USERINFO),
    "Octets": Note("Passwords of octets that URIs treat apart.",
                   "Colon, at sign, slash and octets over 7e are part of a password.", USERINFO),
    "Generous": Note("Written otherwise than this project would.",
                     "Padding, the other alphabet, capitals, leading zeros: such URIs are about.",
                     USERINFO),
    "Host": Note("A host at a boundary, or an IPv6 address in its brackets.",
                 "The brackets are not part of the address.", HOST),
    "Port": Note("A port at a boundary, or none.", "65536 is none, and does not become 0.", PORT),
    "Plugin": Note("A plugin, with options or without.",
                   "The first semicolon ends the name; options keep their own escapes.", PLUGIN),
    "Tag": Note("A name behind #.", "It may hold anything, percent-encoded.", TAG),
    "Scheme": Note("Another scheme, or a part of it.", "The octet that differs decides.", SIP002),
    "Broken": Note("Escapes or base64 that are none.",
                   "Refused at the octet that is wrong, never passed on half decoded.", USERINFO),
    "Missing": Note("A part that must be there is not.", "Refused where it should stand.", SIP002),
    "Character": Note("An octet that no URI may have there.",
                      "Blanks, controls and octets over 7e.", SIP002),
    "Form": Note("AEAD-2022 in base64.", "SIP002 forbids it: the key is base64 itself.", USERINFO),
}


def b64(octets: bytes) -> bytes:
    return urlsafe_b64encode(octets).rstrip(b"=")


def percent(octets: bytes) -> bytes:
    return quote(octets, safe="-._~").encode()


def show(text: bytes) -> str:
    """A URI for the comment, its unprintable octets escaped."""
    short = text if len(text) < 90 else text[:87] + b"..."
    return repr(short)[2:-1].strip() or "nothing"


def written(form: str, method: bytes, password: bytes, host: bytes, port: int, plugin: bytes,
            options: bytes, tag: bytes) -> bytes:
    """As this project writes it."""
    server = (b"[%s]:%d" if b":" in host else b"%s:%d") % (host, port)
    if form == "old":
        body = b64(method + b":" + password + b"@" + server)
    elif form == "base64":
        body = b64(method + b":" + password) + b"@" + server
    else:
        body = percent(method) + b":" + percent(password) + b"@" + server
    if plugin:
        body += b"?plugin=" + percent(plugin + (b";" + options if options else b""))
    return b"ss://" + body + (b"#" + percent(tag) if tag else b"")


def uri() -> Document:
    doc = Document("shadowsocks-uri", "SIP002; Shadowsocks URI scheme before it", NOTES)

    def good(slug: str, flags: str, form: str = "base64", *, method: bytes = b"aes-256-gcm",
             password: bytes = b"barfoo!", host: bytes = b"192.0.2.1", port: int = 8388,
             plugin: bytes = b"", options: bytes = b"", tag: bytes = b"", text: bytes | None = None,
             result: str = "valid") -> None:
        encoded = written(form, method, password, host, port, plugin, options, tag)
        octets = encoded if text is None else text
        doc.add(slug, show(octets), flags, result, input=octets,
                used=len(octets), form=form, method=method, password=password, host=host, port=port,
                plugin=plugin, options=options, tag=tag, encoded=encoded)

    def bad(slug: str, flag: str, text: bytes, status: str, at: int | bytes) -> None:
        """at: the offset, or the octets before it."""
        offset = at if isinstance(at, int) else len(at)
        doc.add(slug, show(text), flag, "invalid", status="uri-" + status, input=text,
                used=offset)

    add_good(good)
    add_bad(bad)
    return doc


def add_good(good) -> None:
    for form, flag in (("base64", "Typical"), ("percent", "Percent"), ("old", "Old")):
        good(f"{form}", flag, form)
        for slug, host in (("ipv6", b"2001:db8::1"), ("ipv6-any", b"::"),
                           ("ipv6-mapped", b"::ffff:192.0.2.1"),
                           ("name", b"example.com"), ("name-1", b"a"), ("name-255", b"a" * 255),
                           ("name-dot", b"example.com."), ("name-underscore", b"_ss.example.com")):
            good(f"{form}-host-{slug}", f"{flag} Host", form, host=host)
        for port in (1, 9, 10, 80, 99, 1000, 9999, 10000, 65535):
            good(f"{form}-port-{port}", f"{flag} Port", form, port=port)
        for slug, password in (
                ("colon", b"pass:word"), ("colons", b":::"), ("at", b"p@ss@word"),
                ("slash", b"p/a?s#s"),
                ("percent", b"100%25"), ("plus", b"a+b c"), ("utf8", "пароль".encode()),
                ("nul", b"a\0b"),
                ("ff", b"\xff\xfe\xfb\xef\xbe"), ("one", b"x"), ("two", b"xy"), ("three", b"xyz"),
                ("long", b"correct horse battery staple " * 9)):
            good(f"{form}-password-{slug}", f"{flag} Octets", form, password=password)
        for slug, tag in (("plain", b"home"), ("blank", b"my server"), ("utf8", "сервер".encode()),
                          ("hash", b"#1"), ("percent", b"50%"), ("one", b"x"), ("ff", b"\xff"),
                          ("question", b"what/why?")):
            good(f"{form}-tag-{slug}", f"{flag} Tag", form, tag=tag)
        for method in (b"chacha20-ietf-poly1305", b"rc4-md5", b"unknown-method", b"x"):
            good(f"{form}-method-{method.decode()}", flag, form, method=method)
    for form, flag in (("base64", "Typical"), ("percent", "Percent")):
        for slug, plugin, options in (
                ("name", b"obfs-local", b""), ("options", b"obfs-local",
                                               b"obfs=http;obfs-host=example.com"),
                ("escapes", b"p", b"a=1\\;2;b=\\\\"), ("utf8", "плагин".encode(), b"x=y"),
                ("equals", b"v2ray-plugin", b"path=/ws?ed=2048&x=1")):
            good(f"{form}-plugin-{slug}", f"{flag} Plugin", form, plugin=plugin, options=options)
            good(f"{form}-plugin-{slug}-tag", f"{flag} Plugin Tag", form, plugin=plugin,
                 options=options, tag=b"home")
    good("aead-2022", "Percent", "percent", method=b"2022-blake3-aes-256-gcm",
         password=b"YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI=")
    add_generous(good)


def add_generous(good) -> None:
    user, server = b"aes-256-gcm:barfoo!", b"@192.0.2.1:8388"
    mine = b64(user)
    for slug, text in (
            ("padded", b"ss://" + urlsafe_b64encode(user) + server),
            ("slash", b"ss://" + mine + server + b"/"),
            ("scheme-capitals", b"SS://" + mine + server),
            ("scheme-mixed", b"sS://" + mine + server),
            ("port-zeros", b"ss://" + mine + b"@192.0.2.1:0008388"),
            ("tag-empty", b"ss://" + mine + server + b"#"),
            ("query-empty", b"ss://" + mine + server + b"/?"),
            ("query-other", b"ss://" + mine + server + b"?group=x&dns=1.1.1.1"),
            ("plugin-empty", b"ss://" + mine + server + b"/?plugin=")):
        good(f"generous-{slug}", "Generous", text=text, result="acceptable")
    good("generous-slash-query", "Generous Plugin", plugin=b"p", result="acceptable",
         text=b"ss://" + mine + server + b"/?plugin=p")
    good("generous-query-between", "Generous Plugin", plugin=b"p", options=b"a=b",
         result="acceptable", text=b"ss://" + mine + server + b"?x=1&plugin=p%3ba=b&y=2")
    good("generous-plugin-semicolon", "Generous Plugin", plugin=b"p", options=b"a;b",
         result="acceptable", text=b"ss://" + mine + server + b"?plugin=p;a;b")
    odd = b"\xfb\xef\xbe\xff\xff"
    good("generous-alphabet", "Generous Octets", password=odd, result="acceptable",
         text=b"ss://" + b64encode(b"aes-256-gcm:" + odd).rstrip(b"=") + server)
    good("generous-percent-small", "Generous Percent", "percent", password=b"a:b",
         result="acceptable", text=b"ss://aes-256-gcm:a%3ab" + server)
    good("generous-percent-unreserved", "Generous Percent", "percent", password=b"abc",
         result="acceptable", text=b"ss://aes-256-gcm:%61%62%63" + server)
    good("generous-percent-delimiters", "Generous Percent", "percent", password=b"a:b!$&'()*+,;=",
         result="acceptable", text=b"ss://aes-256-gcm:a:b!$&'()*+,;=" + server)
    good("generous-percent-method", "Generous Percent", "percent", result="acceptable",
         text=b"ss://aes%2D256-gcm:barfoo%21" + server)
    good("generous-old-padded", "Generous Old", "old", result="acceptable",
         text=b"ss://" + b64encode(user + server))
    good("generous-tag-delimiters", "Generous Tag", tag=b"a@b/c?d:e", result="acceptable",
         text=b"ss://" + mine + server + b"#a@b/c?d:e")


def add_bad(bad) -> None:
    mine = b"ss://" + b64(b"aes-256-gcm:barfoo!")
    plain = b"ss://aes-256-gcm:"
    server = b"@192.0.2.1:8388"
    whole = mine + server
    for n in range(5):
        bad(f"scheme-cut-{n}", "Scheme", whole[:n], "scheme", n)
    for slug, text, at in (("ssr", b"ssr://x", 2), ("http", b"http://x", 0),
                           ("blank", b" ss://x", 0),
                           ("backslash", b"ss:\\\\x", 3), ("one-slash", b"ss:/x", 4),
                           ("control", b"ss\x1a//x", 2)):
        bad(f"scheme-{slug}", "Scheme", text, "scheme", at)
    for slug, host in (("none", b""), ("port-alone", b":8388"), ("bracket-open", b"[::1:8388"),
                       ("bracket-empty", b"[]:8388")):
        bad(f"host-{slug}", "Missing Host", mine + b"@" + host, "host",
            mine + (b"@[" if slug == "bracket-empty" else b"@"))
    bad("host-256", "Host", mine + b"@" + b"a" * 256 + b":8388", "host", len(mine) + 1 + 255)
    bad("host-bracket-name", "Host", mine + b"@[abc]:8388", "host", mine + b"@[")
    for slug, host, before in (("blank", b"exa mple.com", b"exa"),
                               ("utf8", "exämple.com".encode(), b"ex"),
                               ("percent", b"ex%41mple.com", b"ex"),
                               ("slash", b"ex\\ample.com", b"ex"),
                               ("ipv6-zone", b"[fe80::1%25eth0]", b"[fe80::1"),
                               ("nul", b"ex\0ample", b"ex")):
        bad(f"host-{slug}", "Character Host", mine + b"@" + host + b":8388", "character",
            mine + b"@" + before)
    for slug, port, before in (("none", b"", b""), ("colon-alone", b":", b":"),
                               ("zero", b":0", b":"),
                               ("zeros", b":0000", b":"), ("65536", b":65536", b":6553"),
                               ("99999", b":99999", b":9999"),
                               ("large", b":" + b"9" * 30, b":9999"),
                               ("minus", b":-1", b":"), ("plus", b":+1", b":"),
                               ("letters", b":80x", b":80"),
                               ("hex", b":0x50", b":0"), ("blank", b":80 ", b":80")):
        bad(f"port-{slug}", "Port Missing" if port in (b"", b":") else "Port",
            mine + b"@192.0.2.1" + port, "port", mine + b"@192.0.2.1" + before)
        bad(f"port-ipv6-{slug}", "Port Host", mine + b"@[::1]" + port, "port",
            mine + b"@[::1]" + before)
    bad("port-ipv6-after", "Port Host", mine + b"@[::1]8388", "port", mine + b"@[::1]")
    for slug, escape in (("alone", b"%"), ("one", b"%4"), ("letters", b"%zz"), ("half", b"%4z"),
                         ("double", b"%%41")):
        bad(f"escape-password-{slug}", "Broken Percent", plain + b"a" + escape + server, "percent",
            plain + b"a")
        bad(f"escape-method-{slug}", "Broken Percent", b"ss://aes" + escape + b":pw" + server,
            "percent", b"ss://aes")
        bad(f"escape-tag-{slug}", "Broken Tag", whole + b"#a" + escape, "percent", whole + b"#a")
        bad(f"escape-plugin-{slug}", "Broken Plugin", whole + b"?plugin=a" + escape, "percent",
            whole + b"?plugin=a")
    for slug, octet in (("blank", b" "), ("nul", b"\0"), ("line", b"\n"), ("utf8", b"\xc3"),
                        ("quote", b'"'), ("less", b"<"), ("del", b"\x7f"), ("hash", b"#")):
        bad(f"character-tag-{slug}", "Character Tag", whole + b"#a" + octet, "character",
            whole + b"#a")
        if octet != b"#":
            bad(f"character-plugin-{slug}", "Character Plugin", whole + b"?plugin=a" + octet,
                "character", whole + b"?plugin=a")
            bad(f"character-password-{slug}", "Character Percent", plain + b"a" + octet + server,
                "character", plain + b"a")
    bad("path", "Character", whole + b"/path", "character", whole + b"/")
    bad("plugin-twice", "Plugin", whole + b"?plugin=a&plugin=b", "query", whole + b"?plugin=a&")
    bad("plugin-options-alone", "Plugin", whole + b"?plugin=%3Ba=b", "query", whole + b"?plugin=")
    add_bad_base64(bad, server)


def add_bad_base64(bad, server: bytes) -> None:
    user = b64(b"aes-256-gcm:pass")
    for slug, text, before in (
            ("star", user[:5] + b"*" + user[6:] + server, user[:5]),
            ("blank", user[:5] + b" " + user[6:] + server, user[:5]),
            ("percent", user[:5] + b"%41" + user[6:] + server, user[:5]),
            ("padding-inside", user[:4] + b"=" + user[5:] + server, user[:5]),
            ("one-more", b"YWJjOmRlZ" + server, b"YWJjOmRl"),
            ("padding-three", b"YWJjOmRl====" + server, b"YWJjOmRl==="),
            ("padding-short", b"YWJjOmRlZg=" + server, b"YWJjOmRlZg"),
            ("bits-left", b"YWJjOmRlZh" + server, b"YWJjOmRlZ")):
        bad(f"base64-{slug}", "Broken", b"ss://" + text, "base64", b"ss://" + before)
    for slug, text in (("no-colon", b"aes256gcm"), ("no-method", b":pass"),
                       ("no-password", b"aes:")):
        coded = b64(text)
        at = b"ss://" if slug == "no-method" else b"ss://" + coded
        bad(f"userinfo-{slug}", "Missing", b"ss://" + coded + server, "userinfo", at)
        bad(f"old-{slug}", "Missing Old", b"ss://" + b64(text + server), "userinfo",
            b"ss://" if slug == "no-method" else
            5 + len(text) // 3 * 4 + len(text) % 3)
    bad("old-no-at", "Missing Old", b"ss://" + b64(b"aes:pass"), "userinfo",
        b"ss://" + b64(b"aes:pass"))
    bad("percent-no-method", "Missing Percent", b"ss://:pass" + server, "userinfo", 5)
    bad("percent-no-password", "Missing Percent", b"ss://aes:" + server, "userinfo", b"ss://aes:")
    for method in (b"2022-blake3-aes-128-gcm", b"2022-blake3-aes-256-gcm"):
        bad(f"form-base64-{method.decode()}", "Form", b"ss://" + b64(method + b":AAAA") + server,
            "form", 5)
        bad(f"form-old-{method.decode()}", "Form Old", b"ss://" + b64(method + b":AAAA" + server),
            "form", 5)
