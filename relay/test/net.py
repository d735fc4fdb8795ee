"""Clients and targets on real sockets: SOCKS5 spoken by hand, and contents that can be checked."""

import contextlib
import fcntl
import functools
import hashlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from typing import Self

from harness import HOST, SECONDS, free_port

socket.setdefaulttimeout(SECONDS)


def address(host: str, port: int) -> bytes:
    """ATYP ADDR PORT of an IPv4 or IPv6 address, else of a name."""
    for atyp, family in (1, socket.AF_INET), (4, socket.AF_INET6):
        try:
            return bytes([atyp]) + socket.inet_pton(family, host) + struct.pack(">H", port)
        except OSError:
            pass
    return bytes([3, len(host)]) + host.encode() + struct.pack(">H", port)


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def exact(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError(f"ended after {len(data)} octets of {size}")
        data += more
    return bytes(data)


def rest(sock: socket.socket) -> bytes:
    data = bytearray()
    while more := sock.recv(65536):
        data += more
    return bytes(data)


class Refused(Exception):
    """REP of a reply, or 0xff for no acceptable method."""

    def __init__(self, rep: int):
        super().__init__(f"REP {rep:02x}")
        self.rep = rep


def read_reply(sock: socket.socket) -> tuple[str, int]:
    """BND of a reply that says succeeded."""
    version, rep, _, atyp = exact(sock, 4)
    assert version == 5, version
    size, family = {1: (4, socket.AF_INET), 4: (16, socket.AF_INET6)}[atyp]
    host = socket.inet_ntop(family, exact(sock, size))
    port, = struct.unpack(">H", exact(sock, 2))
    if rep != 0:
        raise Refused(rep)
    return host, port


def greet(sock: socket.socket, user: tuple[str, str] | None = None) -> None:
    method = 2 if user else 0
    sock.sendall(bytes([5, 1, method]))
    if (selected := exact(sock, 2)[1]) != method:
        raise Refused(selected)
    if user:
        name, password = (text.encode() for text in user)
        sock.sendall(bytes([1, len(name)]) + name + bytes([len(password)]) + password)
        if exact(sock, 2) != b"\x01\x00":
            raise Refused(0xff)


def dial(port: int, host: str = HOST) -> socket.socket:
    sock = socket.create_connection((host, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def connect(proxy: int, host: str, port: int,
            user: tuple[str, str] | None = None) -> socket.socket:
    """A connection to host:port through the SOCKS5 server at port proxy."""
    sock = dial(proxy)
    try:
        greet(sock, user)
        sock.sendall(b"\x05\x01\x00" + address(host, port))
        read_reply(sock)
    except BaseException:
        sock.close()
        raise
    return sock


class Association:
    """A UDP association with the SOCKS5 server at port proxy."""

    def __init__(self, proxy: int):
        self.control, self.sock = dial(proxy), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((HOST, 0))
        greet(self.control)
        self.control.sendall(b"\x05\x03\x00" + address("0.0.0.0", 0))
        self.relay = read_reply(self.control)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.control.close()
        self.sock.close()

    def send(self, host: str, port: int, data: bytes, head: bytes = bytes(3)) -> None:
        self.sock.sendto(head + address(host, port) + data, self.relay)

    def receive(self) -> tuple[bytes, bytes]:
        """Address header and payload of the next datagram."""
        datagram = self.sock.recv(65536)
        assert datagram[:3] == bytes(3), datagram[:3]
        size = {1: 7, 3: 5 + datagram[4], 4: 19}[datagram[3]]
        return datagram[3:3 + size], datagram[3 + size:]

    def exchange(self, host: str, port: int, data: bytes) -> bytes:
        self.send(host, port, data)
        return self.receive()[1]


# ---- contents and targets ----------------------------------------------------------------------
@functools.cache
def content(label: str, size: int) -> bytes:
    """Octets without a pattern, the same in each run."""
    return hashlib.shake_128(f"{label} {size}".encode()).digest(size) if size else b""


def transfer(sock: socket.socket, up: int, down: int, send: Callable[[bytes], None] | None = None,
             ) -> None:
    """The client's side of the serve_transfer target; content both ways must be what was sent."""
    data = content("up", up)
    (send or sock.sendall)(struct.pack(">II", up, down) + data)
    assert exact(sock, 32) == hashlib.sha256(data).digest(), f"{up} octets up arrived changed"
    assert exact(sock, down) == content("down", down), f"{down} octets down arrived changed"


def serve_transfer(sock: socket.socket) -> None:
    """Any number of: UP and DOWN (u32 each), UP octets; answered by their hash and DOWN octets."""
    while head := sock.recv(1):
        up, down = struct.unpack(">II", head + exact(sock, 7))
        sock.sendall(hashlib.sha256(exact(sock, up)).digest() + content("down", down))


def serve_echo(sock: socket.socket) -> None:
    while data := sock.recv(65536):
        sock.sendall(data)


def serve_greeting(sock: socket.socket) -> None:
    """The server speaks first; ends when the client does."""
    sock.sendall(b"!")
    rest(sock)


def serve_after_end(sock: socket.socket) -> None:
    """Reads to the end of the stream, then answers what it read by its hash, and ends."""
    sock.sendall(hashlib.sha256(rest(sock)).digest())


def serve_end_first(sock: socket.socket) -> None:
    """Ends its side at once, then reads on; its verdict goes to serve_end_first.heard."""
    sock.shutdown(socket.SHUT_WR)
    serve_end_first.heard.append(hashlib.sha256(rest(sock)).digest())


serve_end_first.heard = []


class Target:
    """A TCP server, a thread a connection; counts what it accepts."""

    def __init__(self, serve: Callable[[socket.socket], None], host: str = HOST, port: int = 0):
        self.serve, self.host, self.port = serve, host, port or free_port(host)
        self.accepted = 0
        self.listener = socket.create_server((host, self.port), family=family_of(host),
                                             backlog=1024)
        self.listener.settimeout(None)
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            sock.settimeout(None)
            threading.Thread(target=self.answer, args=[sock], daemon=True).start()

    def answer(self, sock: socket.socket) -> None:
        with sock:
            try:
                self.serve(sock)
            except (OSError, EOFError):
                pass


class UdpTarget:
    """Sends each datagram back; counts them."""

    def __init__(self, host: str = HOST):
        self.host, self.port, self.received = host, free_port(host), 0
        self.sock = socket.socket(family_of(host), socket.SOCK_DGRAM)
        self.sock.bind((host, self.port))
        self.sock.settimeout(None)
        threading.Thread(target=self.echo, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def echo(self) -> None:
        while True:
            try:
                data, sender = self.sock.recvfrom(65536)
                if sender is None:  # shut down
                    return
                self.received += 1
                self.sock.sendto(data, sender)
            except OSError:
                return


# ---- segments ------------------------------------------------------------------------------------
def in_segments(sock: socket.socket, sizes: Iterable[int]) -> Callable[[bytes], None]:
    """A send that writes segments of these sizes, each once the one before it has been read."""
    sizes = iter(sizes)

    def send(data: bytes) -> None:
        at = 0
        while at < len(data):
            size = next(sizes)
            sock.sendall(data[at:at + size])
            at += size
            wait_until_acknowledged(sock)
    return send


def wait_until_acknowledged(sock: socket.socket) -> None:
    """Until the peer's kernel has it all (SIOCOUTQ 0), then a moment for the peer to read it."""
    until = time.monotonic() + SECONDS
    while struct.unpack("i", fcntl.ioctl(sock, 0x5411, bytes(4)))[0]:
        if time.monotonic() > until:
            raise TimeoutError("the peer does not take what is sent")
    time.sleep(0.0002)


def random_sizes(seed: int, most: int) -> Iterable[int]:
    source = random.Random(seed)
    while True:
        yield source.randint(1, most)
