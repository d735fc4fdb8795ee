#!/usr/bin/env python3
"""A SOCKS5 client (RFC 1928, RFC 1929) with switchable defects: it tests the suite.

Without --defect it is right in all that the suite can ask of a client; each --defect NAME gives it
one fault, and the case that names that fault must fail on it. It shares no code with the suite.

usage: fixture_client.py [--http] [--command connect|bind|udp] [--user U --password P]
                         [--defect NAME] PROXY PORT TARGET PORT
Exit status: 1 the proxy or the network failed, 2 usage.
"""

import getopt
import os
import select
import socket
import sys
import time

from fixture_client_defects import DEFECTS

READ = 65536
MEGABYTE = 1 << 20
LIMIT = 30
IPV4, DOMAIN, IPV6 = 1, 3, 4

defect = ""


def has(*names: str) -> bool:
    assert all(name in DEFECTS for name in names), names
    return defect in names


class Failed(Exception):
    """The proxy refuses, or what it says is not understood."""


# ---- the dialogue -------------------------------------------------------------------------------
class Proxy:
    def __init__(self, host: str, port: int) -> None:
        self.sock = socket.create_connection((host, port), LIMIT)
        self.buffer = b""
        self.reads_left: int | None = None

    def message(self, *defects: str) -> None:
        """A message begins; with one of DEFECTS it must be had in one read."""
        self.reads_left = 1 if has(*defects) else None

    def exact(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if self.reads_left == 0:
                raise Failed("a short read")
            more = self.sock.recv(READ)
            if not more and has("crashes-at-end"):
                os.abort()
            while not more and has("spins-at-end"):
                time.sleep(0.1)
            if not more and has("short-reply-granted"):
                more = bytes(count)
            if not more:
                raise Failed("the proxy ended the connection")
            self.buffer += more
            self.reads_left = None if self.reads_left is None else self.reads_left - 1
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def octet(self) -> int:
        return self.exact(1)[0]


def offer(credentials: bool) -> bytes:
    methods = b"\0\2" if credentials or has("offers-userpass-always") else b"\0"
    if has("offers-no-userpass"):
        methods = b"\0"
    if has("offers-no-none"):
        methods = b"\2"
    return methods + (b"\0" if has("methods-twice") else b"\xff" if has("offers-ff") else b"")


def greet(proxy: Proxy, user: bytes | None, password: bytes | None) -> None:
    methods = offer(user is not None)
    version = 4 if has("greeting-version") else 5
    proxy.sock.sendall(bytes([version, len(methods)]) + methods)
    proxy.message("selection-one-read")
    version, method = proxy.octet(), proxy.octet()
    if version != 5 and not has("selection-version-ignored"):
        raise Failed("not SOCKS5")
    if method == 0xFF and has("ff-waits"):
        proxy.octet()
    if method == 0xFF and has("ff-sends-password") and user:
        method = 2
    wanted = b"\0\2" if user else b"\0"
    if method not in wanted and not has("method-ignored") and not (
            method == 0xFF and has("ff-ignored")):
        raise Failed("no acceptable method")
    if method == 2 and user is not None and password is not None:
        log_in(proxy, user, password)


def credential(octets: bytes) -> bytes:
    """Behind its length, as it was given."""
    if has("password-latin-1"):
        octets = octets.decode("utf-8", "replace").encode("latin-1", "replace")
    if has("password-percent"):
        octets = octets.replace(b"%41", b"A")
    if has("password-colon"):
        octets = octets.split(b":")[0]
    if has("password-number") and octets.isdigit():
        octets = b"%d" % int(octets)
    if has("password-cut-128"):
        octets = octets[:128]
    if has("password-nul"):
        octets += b"\0"
    if has("credentials-cut"):
        octets = octets[:255]
    if has("credentials-wrapped"):
        return bytes([len(octets) & 255]) + octets
    if not 1 <= len(octets) <= 255:
        raise Failed("user and password have 1 to 255 octets")
    return bytes([len(octets)]) + octets


def log_in(proxy: Proxy, user: bytes, password: bytes) -> None:
    version = 5 if has("userpass-version") else 1
    if has("userpass-swapped"):
        user, password = password, user
    proxy.sock.sendall(bytes([version]) + credential(user) + credential(password))
    proxy.message("status-one-read")
    version, status = proxy.octet(), proxy.octet()
    if version not in (1, 5) and not has("status-ignored"):
        raise Failed("not RFC 1929")
    if status and not has("status-ignored") and not (status > 1 and has("status-only-1")):
        raise Failed("wrong user or password")


def address(host: str, port: int) -> bytes:
    octets = port.to_bytes(2, "little" if has("port-little-endian") else "big")
    for atyp, family in (IPV4, socket.AF_INET), (IPV6, socket.AF_INET6):
        try:
            raw = socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        if not has("ipv4-as-name" if atyp == IPV4 else "ipv6-as-name"):
            return bytes([atyp]) + (raw[::-1] if has("address-reversed") else raw) + octets
    name = host.encode()
    if has("resolves"):
        return bytes([IPV4]) + socket.inet_aton(socket.gethostbyname(host)) + octets
    if has("name-nul"):
        name += b"\0"
    if has("name-cut"):
        name = name[:255]
    if has("name-wrapped"):
        return bytes([DOMAIN, len(name) & 255]) + name + octets
    if len(name) > (127 if has("name-signed") else 255):
        raise Failed("the name is too long")
    return bytes([DOMAIN, len(name)]) + name + octets


def request(proxy: Proxy, command: int, target: bytes) -> None:
    version = 4 if has("request-version") else 5
    command = 0xF0 if has("request-command") else command
    octets = bytes([version, command, has("request-rsv")]) + target
    proxy.sock.sendall(octets * 2 if has("request-twice") else octets)


def reply(proxy: Proxy) -> tuple[str, int]:
    """BND of a reply of success."""
    proxy.message("reply-one-read")
    version, rep, _, atyp = proxy.octet(), proxy.octet(), proxy.octet(), proxy.octet()
    if version != 5 and not has("reply-version-ignored"):
        raise Failed("not a reply")
    if atyp not in (IPV4, DOMAIN, IPV6) and has("type-ignored"):
        atyp = IPV4
    if atyp == DOMAIN and not has("bnd-ten-octets"):
        length = proxy.octet()
        if has("bnd-name-refused") or (length > 127 and has("bnd-name-signed")):
            raise Failed("a name as BND")
    elif atyp in (IPV4, IPV6) or has("bnd-ten-octets"):
        length = 4 if atyp == IPV4 or has("bnd-ten-octets") else 16
    else:
        raise Failed("an unknown address type")
    bnd = proxy.exact(length), int.from_bytes(proxy.exact(2), "big")
    known = rep <= 8 or not has("rep-unknown-granted")
    if rep and known and not has("rep-ignored", "udp-failure-ignored") and not (rep > 127 and has("rep-signed")):
        if has("failure-delivers"):
            os.write(1, proxy.buffer + proxy.sock.recv(READ))
        raise Failed(f"refused: REP {rep}")
    if has("payload-dropped"):
        proxy.buffer = b""
    return text(atyp, bnd[0]), bnd[1]


def text(atyp: int, raw: bytes) -> str:
    """An address as it is written, a name as it is."""
    if atyp == DOMAIN:
        return raw.decode("latin-1")
    return socket.inet_ntop({4: socket.AF_INET, 16: socket.AF_INET6}[len(raw)], raw)


# ---- BIND and UDP ASSOCIATE ---------------------------------------------------------------------
def bind(proxy: Proxy, host: str, port: int) -> None:
    """Tells where the proxy waits, and waits until the target is there."""
    request(proxy, 2, address(host, port))
    at, at_port = reply(proxy)
    if has("bind-port-little-endian"):
        at_port = socket.htons(at_port)
    line = f"[{at}]:{at_port}\n" if ":" in at else f"{at}:{at_port}\n"
    if not has("bind-told-late"):
        deliver(line.encode())
    if has("bind-one-reply"):
        return
    if has("bind-sends-early"):
        proxy.sock.sendall(os.read(0, READ))
    try:
        reply(proxy)
    except Failed:
        if not has("bind-second-ignored"):
            raise
    if has("bind-told-late"):
        deliver(line.encode())


def answer(datagram: bytes) -> bytes | None:
    """Its payload, None where it is to be dropped."""
    if has("udp-header-kept"):
        return datagram
    if has("udp-ten-octets"):
        return datagram[10:]
    if has("udp-short-crashes") and len(datagram) < 4:
        os.abort()
    if len(datagram) < 5 or (datagram[2] and not has("udp-fragments-taken")):
        return None
    size = {IPV4: 4, IPV6: 16, DOMAIN: 1 + datagram[4]}.get(datagram[3])
    if size is None and has("udp-type-ignored"):
        size = 4
    if size is None or len(datagram) < 6 + size:
        return None
    return datagram[6 + size:]


def associate(proxy: Proxy, host: str, port: int) -> None:
    """Each reading of stdin is a datagram, until it ends."""
    request(proxy, 3, address("0.0.0.0", 0))
    at, at_port = reply(proxy)
    if at == "0.0.0.0" and not has("udp-zero-taken"):
        at = proxy.sock.getpeername()[0]
    if has("udp-proxy-port"):
        at_port = proxy.sock.getpeername()[1]
    sock = socket.socket(socket.AF_INET6 if ":" in at else socket.AF_INET, socket.SOCK_DGRAM)
    if has("udp-zero-taken") and at == "0.0.0.0":
        raise Failed("no route to 0.0.0.0")
    if not has("udp-strangers-taken"):
        sock.connect((at, at_port))
    if has("udp-connection-closed"):
        proxy.sock.close()
    header = bytes([0, 0, has("udp-frag-one")]) + (b"" if has("udp-no-address") else address(host, port))
    ways = [0, sock] + ([] if has("udp-connection-closed", "udp-outlives") else [proxy.sock])
    while True:
        for way in select.select(ways, [], [])[0]:
            if way == 0:
                octets = os.read(0, READ)
                if not octets:
                    return
                sock.sendto(header + octets[:-1] if has("udp-cuts") else header + octets, (at, at_port))
            elif way == sock:
                payload = answer(sock.recv(READ))
                if payload is None and has("udp-drop-ends"):
                    raise Failed("not a datagram of the relay")
                deliver(payload or b"")
            elif not proxy.sock.recv(READ):
                raise Failed("the association has ended")


# ---- behind the reply ---------------------------------------------------------------------------
def deliver(octets: bytes) -> None:
    if has("stdout-without-nuls"):
        octets = octets.replace(b"\0", b"")
    while octets:
        octets = octets[os.write(1, octets):]


def fetch(proxy: Proxy, host: str) -> None:
    proxy.sock.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    page = proxy.buffer
    while octets := proxy.sock.recv(READ):
        page += octets
    deliver(page.split(b"\r\n\r\n", 1)[1])


def copy(proxy: Proxy) -> None:
    """Both ways until both have ended."""
    sock, total = proxy.sock, 0
    if has("stdin-first"):
        os.read(0, READ)
    deliver(proxy.buffer)
    ways = [0, sock]
    while ways:
        for way in select.select(ways, [], [])[0]:
            octets = os.read(0, READ) if way == 0 else sock.recv(READ)
            total += len(octets)
            if not octets:
                ways.remove(way)
                if way == 0 and has("exits-with-stdin"):
                    return
                if way == 0:
                    sock.shutdown(socket.SHUT_WR)
            elif way == 0 and not (total > MEGABYTE and has("upload-cut")):
                sock.sendall(octets)
            elif way != 0 and not (total > MEGABYTE and has("download-cut")):
                deliver(octets)
    os.close(1)
    while has("stays"):
        time.sleep(1)


def main() -> int:
    global defect
    try:
        given, words = getopt.getopt(sys.argv[1:], "", [
            "http", "command=", "user=", "password=", "defect="])
        host, port, target, target_port = words
    except (getopt.GetoptError, ValueError) as error:
        print(f"fixture_client.py: {error}", file=sys.stderr)
        return 2
    options = dict(given)
    defect = options.get("--defect", "")
    user, password = (os.fsencode(options[name]) if name in options else None
                      for name in ("--user", "--password"))
    try:
        proxy = Proxy(host, int(port))
        if user is not None and not (user and password):
            raise Failed("user and password have at least one octet each")
        greet(proxy, user, password)
        command = options.get("--command", "connect")
        if command == "udp":
            proxy.sock.settimeout(None)
            associate(proxy, target, int(target_port))
            return 0
        if command == "bind":
            bind(proxy, target, int(target_port))
        else:
            request(proxy, 1, address(target, int(target_port)))
            reply(proxy)
        proxy.sock.settimeout(None)
        if "--http" in options:
            fetch(proxy, target)
        else:
            copy(proxy)
    except (Failed, OSError) as error:
        print(f"fixture_client.py: {error}", file=sys.stderr)
        if has("bypasses-refusal") if isinstance(error, Failed) else has("bypasses-reset"):
            socket.create_connection((target, int(target_port)), LIMIT).sendall(b"unseen?")
        return 0 if has("exit-0") else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
