#!/usr/bin/env python3
"""A small ss-local under chacha20-ietf-poly1305 that can be given one defect: the suite must find it.

usage: local_fixture.py HOST PORT SERVER_HOST SERVER_PORT PASSWORD [DEFECT]
"""

import os
import pathlib
import socket
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "vectors/oracle"))
from ciphers import master_key, seal, sodium_stream, subkey  # noqa: E402

METHOD, SALT, TAG = "chacha20-ietf-poly1305", 32, 16
# Name: (the case that must find it, or several, or what the run says where no connection is good; what is wrong).
# The numbers are those of faults seen in the field.
DEFECTS = {
    "salt-repeated": ("stage/sslocal/through-server, ss-stream/local/sent-65535", "every connection has the same salt"),
    "nonce-stays": ("no plain good connection", "the nonce counts once a chunk"),
    "chunk-too-long": ("ss-stream/local/sent-65535", "LEN goes over 3fff"),
    "tag-unchecked": ("ss-aead/local/later-tag", "an answer's tags are not looked at"),
    "length-masked": ("ss-aead/local/length-4001", "LEN's top bits are masked off (30)"),
    "hangs-on-bad-tag": ("ss-aead/local/ends-behind-tag", "a bad chunk leaves the program waiting"),
    "truncated-passed": ("ss-aead/local/cut-in-data", "a chunk that is cut off is handed on"),
    "reflection-taken": ("ss-aead/local/reflected", "its own salt is good for an answer (38)"),
    "name-resolved": ("ss-address/local/name-localhost", "localhost is resolved here"),
    "port-swapped": ("the header is no case's", "the port is little endian"),
    "name-cut": ("ss-address/local/name-255", "names end at 254 octets (31)"),
    "flag-passed": ("ss-address/local/type-11, rfc1928/5/type-17", "ATYP 11 passes through (9)"),
    "payload-lost": ("stage/sslocal/request-with-payload", "what came with the request is lost"),
    "payload-awaited": ("stage/sslocal/server-first", "the header waits for payload (13)"),
    "past-the-server": ("stage/sslocal/through-server", "the target is connected to as well"),
    "fin-ends-all": ("stage/sslocal/client-half-close", "a FIN ends both directions (18)"),
    "rep-of-type": ("rfc1928/5/type-rep", "an unknown ATYP is REP 01 (52)"),
    "stays-after-failure": (
        "rfc1928/6/close-command", "the connection stays open after a failure"),
    "payload-spoiled": (
        "rfc1928/6/every-octet, rfc1928/6/socks-octets", "an octet 05 of the payload is lost"),
    "server-end-ignored": ("stage/sslocal/server-ends-unanswered", "the server's FIN goes nowhere"),
    "reply-short": ("stage/front/bind, rfc1928/5/type-0, rfc1928/6/no-bind", "failures have four octets (26)"),
    "reply-silent": ("stage/front/type-5, rfc1928/5/type-2", "failures have no reply (10)"),
    "reply-twice": ("received 05", "the reply is sent twice (27)"),
    "version-unchecked": ("stage/front/version-4", "VER of the request is not checked (12)"),
    "leaks-descriptors": (
        "stage/sslocal/descriptors", "a descriptor is lost with every session"),
    "leaks-memory": ("stage/sslocal/memory", "128 KiB are lost with every session"),
    "one-read": ("stage/front/octet-by-octet", "a message must come in one read (4, 5)"),
}
defect = ""
kept: list[bytes] = []


class Gone(Exception):
    """The other side has ended, or broken the rules."""


class Reader:
    """Exactly n octets of a socket at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.held = sock, b""

    def take(self, n: int) -> bytes:
        while len(self.held) < n:
            got = self.sock.recv(65536)
            self.held += got
            if not got or defect == "one-read" and len(self.held) < n:
                raise Gone
        out, self.held = self.held[:n], self.held[n:]
        return out


class Sealer:
    def __init__(self, key: bytes, salt: bytes) -> None:
        self.key, self.nonce = subkey(key, salt), 0

    def seal(self, text: bytes) -> bytes:
        out = seal(METHOD, self.key, self.nonce, text)
        self.nonce += 1
        return out

    def open(self, sealed: bytes) -> bytes:
        nonce = self.nonce.to_bytes(12, "little")
        text = sodium_stream("chacha20_ietf", self.key, nonce, bytes(64) + sealed[:-TAG])[64:]
        if seal(METHOD, self.key, self.nonce, text) != sealed and defect != "tag-unchecked":
            raise Gone
        self.nonce += 1
        return text

    def chunks(self, data: bytes) -> bytes:
        size, out = 65535 if defect == "chunk-too-long" else 0x3fff, b""
        for at in range(0, len(data), size):
            part = data[at:at + size]
            out += self.seal(struct.pack(">H", len(part)))
            self.nonce -= defect == "nonce-stays"
            out += self.seal(part)
        return out


def end(sock: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    try:
        sock.shutdown(how)
    except OSError:
        pass


def up(client: Reader, server: socket.socket, sealer: Sealer, first: bytes) -> None:
    """What the program writes, to the server."""
    try:
        data = client.held if defect != "payload-lost" else b""
        if defect == "payload-awaited":
            data = data or client.sock.recv(65536)
        server.sendall(first + sealer.chunks(data))
        while data := client.sock.recv(65536):
            if defect == "payload-spoiled":
                data = data.replace(b"\5", b"")
            server.sendall(sealer.chunks(data))
        end(server, socket.SHUT_RDWR if defect == "fin-ends-all" else socket.SHUT_WR)
    except OSError:
        end(client.sock)
        end(server)


def down(server: Reader, client: socket.socket, key: bytes, own: bytes) -> None:
    """What the server writes, to the program."""
    try:
        salt = server.take(SALT)
        if salt == own and defect != "reflection-taken":
            raise Gone
        opener = Sealer(key, salt)
        while True:
            size = struct.unpack(">H", opener.open(server.take(2 + TAG)))[0]
            if defect == "length-masked":
                size &= 0x3fff
            if size > 0x3fff:
                raise Gone
            client.sendall(opener.open(server.take(size + TAG)))
    except Gone:
        if defect == "truncated-passed" and server.held:
            client.sendall(server.held)
        if defect not in ("hangs-on-bad-tag", "server-end-ignored"):
            end(client)
            end(server.sock)
    except OSError:
        end(client)


def read_request(client: Reader) -> tuple[int, int, bytes]:
    """CMD, REP and the address as it came."""
    version, command, _, kind = client.take(4)
    if defect == "flag-passed" and kind == 0x11:
        return command, 0, bytes([kind]) + client.take(6)
    if kind not in (1, 3, 4):
        return command, 8, b""
    head = client.take(1) if kind == 3 else b""
    if kind == 3 and not head[0]:
        return command, 1, b""
    rest = client.take({1: 4, 4: 16}.get(kind) or head[0])
    rest += client.take(2)
    bad_version = version != 5 and defect != "version-unchecked"
    return command, 1 if bad_version else 0 if command == 1 else 7, bytes([kind]) + head + rest


def spoiled(address: bytes) -> bytes:
    if defect == "name-resolved" and address[1:-2] == b"\x09localhost":
        return b"\x01\x7f\0\0\1" + address[-2:]
    if defect == "port-swapped":
        return address[:-2] + address[:-3:-1]
    if defect == "name-cut" and address[:2] == b"\x03\xff":
        return b"\x03\xfe" + address[2:-3] + address[-2:]
    return address


def serve(sock: socket.socket, server_at: tuple[str, int], key: bytes) -> None:
    client = Reader(sock)
    if defect == "leaks-descriptors":
        os.dup(sock.fileno())
    if defect == "leaks-memory":
        kept.append(os.urandom(1 << 17))
    try:
        version, count = client.take(2)
        methods = client.take(count)
        sock.sendall(b"\5\0" if version == 5 and 0 in methods else b"\5\xff")
        if version != 5 or 0 not in methods:
            return end(sock)
        command, reply, address = read_request(client)
        whole = bytes([5, reply, 0, 1]) + bytes(6)
        if reply == 8 and defect == "rep-of-type":
            whole = b"\5\1" + whole[2:]
        if reply:
            sock.sendall(b"" if defect == "reply-silent" else
                         whole[:4] if defect == "reply-short" else whole)
            return None if defect == "stays-after-failure" and sock.recv(1) else end(sock)
        sock.sendall(whole * (2 if defect == "reply-twice" else 1))
        if defect == "past-the-server":
            socket.create_connection(("127.0.0.1", struct.unpack(">H", address[-2:])[0]))
        server = socket.create_connection(server_at)
        salt = bytes(SALT) if defect == "salt-repeated" else os.urandom(SALT)
        sealer = Sealer(key, salt)
        first = salt + sealer.chunks(spoiled(address))
        if defect != "payload-awaited":
            server.sendall(first)
            first = b""
        threading.Thread(target=down, args=(Reader(server), sock, key, salt), daemon=True).start()
        up(client, server, sealer, first)
    except (Gone, OSError):
        end(sock)


def main() -> None:
    global defect
    host, port, server_host, server_port, password, *chosen = sys.argv[1:]
    defect = chosen[0] if chosen else ""
    key = master_key(password.encode(), 32)
    listener = socket.create_server((host, int(port)), backlog=128)
    while True:
        sock = listener.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, (server_host, int(server_port)), key),
                         daemon=True).start()


if __name__ == "__main__":
    main()
