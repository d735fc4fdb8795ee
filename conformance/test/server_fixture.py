#!/usr/bin/env python3
"""A small ss-server under chacha20-ietf-poly1305 that can be given one defect: the suite must find it.
It answers nothing that it cannot open, and waits on.

usage: server_fixture.py HOST PORT PASSWORD [DEFECT]
"""

import os
import pathlib
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from local_fixture import SALT, TAG, Gone, Reader, Sealer, end, master_key  # noqa: E402

FIRST = SALT + 2 + TAG  # octets that make the first sealed LEN
# Name: (the case that must find it, what is wrong). The numbers are those of faults seen in the field.
DEFECTS = {
    "fin-at-50": ("ss-probe/sweep/random-whole", "a first LEN that cannot be opened gets FIN (48)"),
    "fin-at-50-octets": ("ss-probe/sweep/random-octets", "likewise, sent octet by octet (48)"),
    "rst-at-500": ("ss-probe/sweep/random-whole", "500 octets and more get RST (40)"),
    "answers-at-100": ("ss-probe/sweep/random-whole", "100 octets and more get an octet back"),
    "late-from-150": ("ss-probe/sweep/random-whole", "FIN, from 150 octets on later than for fewer"),
    "replay-fin": ("ss-probe/sweep/replayed-whole", "a salt that was there before gets FIN"),
    "flipped-fin": ("ss-probe/sweep/flipped-octets", "of a salt that was there, what cannot be opened "
                                                     "gets FIN"),
    "dies-of-noise": ("ss-probe/sweep/random-whole", "300 octets that cannot be opened end the "
                                                     "process"),
    "replays-served": ("ss-probe/sweep/replayed-whole", "what was there before is served again (20)"),
}
# Likewise of what it keeps, found when other cases are played too.
LEAKS = {
    "leaks-descriptors": ("stage/ssserver/descriptors", "a descriptor is lost with every session"),
    "keeps-refused": ("stage/ssserver/descriptors", "what is refused is never closed"),
    "leaks-memory": ("stage/ssserver/memory", "128 KiB are lost with every session"),
}
# Name: what it does that is no defect.
HARMLESS = {
    "": "waits on, whatever comes",
    "always-fin": "any octet that begins no good connection gets FIN, at once",
    "noise": "one connection in all ends early, by chance",
}
defect = ""
salts: set[bytes] = set()
kept: list[object] = []


def rst(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def refuse(client: Reader, salt: bytes) -> None:
    """What does not open: how it ends is the defect."""
    octets = FIRST + len(client.held)
    if defect == "keeps-refused":
        return kept.append(client)
    while True:
        known = salt in salts
        if octets >= 300 and defect == "dies-of-noise":
            os._exit(1)
        if octets >= 500 and defect == "rst-at-500":
            return rst(client.sock)
        if octets >= 100 and defect == "answers-at-100":
            client.sock.sendall(b"?")
        if defect == "late-from-150":
            time.sleep(0.3 if octets >= 150 else 0)
            return end(client.sock)
        if defect in ("fin-at-50", "fin-at-50-octets", "always-fin") or (
                known and defect in ("replay-fin", "flipped-fin")):
            return end(client.sock)
        if not (more := client.sock.recv(65536)):
            return end(client.sock)
        octets += len(more)


def pipe(source: Reader, target: socket.socket, opener: Sealer) -> None:
    try:
        while True:
            size = struct.unpack(">H", opener.open(source.take(2 + TAG)))[0]
            target.sendall(opener.open(source.take(size + TAG)))
    except (Gone, OSError):
        end(target, socket.SHUT_WR)


def back(source: socket.socket, client: socket.socket, key: bytes) -> None:
    try:
        salt = os.urandom(SALT)
        sealer, first = Sealer(key, salt), salt
        while data := source.recv(65536):
            client.sendall(first + sealer.chunks(data))
            first = b""
    except OSError:
        pass
    end(client, socket.SHUT_WR)


def early(client: Reader) -> None:
    """An end before the first LEN has come."""
    if defect in ("late-from-150", "always-fin"):
        client.held = client.sock.recv(65536)
        if len(client.held) < FIRST:
            raise Gone


def serve(sock: socket.socket, number: int, key: bytes) -> None:
    client = Reader(sock)
    if defect == "leaks-descriptors":
        os.dup(sock.fileno())
    if defect == "leaks-memory":
        kept.append(os.urandom(1 << 17))
    try:
        if defect == "noise" and number == 40:
            return end(sock)
        early(client)
        salt = client.take(SALT)
        opener = Sealer(key, salt)
        if salt in salts and defect == "replay-fin":
            return end(sock)
        sealed = client.take(2 + TAG)
        try:
            if salt in salts and defect != "replays-served":
                raise Gone
            size = struct.unpack(">H", opener.open(sealed))[0]
        except Gone:
            return refuse(client, salt)
        address = opener.open(client.take(size + TAG))
        salts.add(salt)
        target = socket.create_connection((socket.inet_ntoa(address[1:5]),
                                           struct.unpack(">H", address[5:7])[0]))
        if address[7:]:
            target.sendall(address[7:])
        threading.Thread(target=back, args=(target, sock, key), daemon=True).start()
        pipe(client, target, opener)
    except (Gone, OSError):
        end(sock)


def main() -> None:
    global defect
    host, port, password, *chosen = sys.argv[1:]
    defect = chosen[0] if chosen else ""
    assert defect in DEFECTS.keys() | LEAKS.keys() | HARMLESS.keys(), defect
    key = master_key(password.encode(), 32)
    listener = socket.create_server((host, int(port)), backlog=512)
    number = 0
    while True:
        sock = listener.accept()[0]
        number += 1
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, number, key), daemon=True).start()


if __name__ == "__main__":
    main()
