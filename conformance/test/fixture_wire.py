"""Octets, addresses and sockets of the SOCKS5 server fixture.py."""

import asyncio
import errno
import socket
import struct

from fixture_defects import has

IPV4, DOMAIN, IPV6 = 1, 3, 4
SUCCESS, GENERAL, NOT_ALLOWED, NET_UNREACHABLE, HOST_UNREACHABLE, REFUSED, _, BAD_CMD, BAD_ATYP = (
    range(9)
)
REP_OF_ERRNO = {
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.ENETUNREACH: NET_UNREACHABLE,
    errno.ENETDOWN: NET_UNREACHABLE,
    errno.EHOSTUNREACH: HOST_UNREACHABLE,
    errno.EHOSTDOWN: HOST_UNREACHABLE,
    errno.ETIMEDOUT: HOST_UNREACHABLE,
    errno.ECONNREFUSED: REFUSED,
}
READ = 65536  # octets a read; also what is kept of a client that sends before BIND is through
CONNECT_SECONDS = 10

Address = tuple[str, int]


async def readable(sock: socket.socket) -> None:
    """Waits until there is something to read; can be cancelled without losing an octet."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(sock, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(sock)


class Octets:
    """Reads a connection, or a datagram, by length; what it has read beyond stays for later."""

    def __init__(self, sock: socket.socket | None, octets: bytes = b"") -> None:
        self.sock, self.buffer = sock, bytearray(octets)
        self.reads_left: int | None = None

    def message(self, defect: str) -> None:
        """A message begins; with DEFECT it must be had in one read."""
        self.reads_left = 1 if has(defect) else None

    async def fill(self) -> None:
        if self.sock is None or self.reads_left == 0:
            raise EOFError
        if self.reads_left is not None:
            self.reads_left -= 1
        await readable(self.sock)
        octets = self.sock.recv(READ)
        if not octets:
            raise EOFError
        self.buffer += octets

    async def exact(self, count: int) -> bytes:
        while len(self.buffer) < count:
            await self.fill()
        octets = bytes(self.buffer[:count])
        del self.buffer[:count]
        return octets

    async def octet(self) -> int:
        return (await self.exact(1))[0]

    async def some(self) -> bytes:
        """What there is, at least one octet; none at the end."""
        self.reads_left = None
        try:
            if not self.buffer:
                await self.fill()
        except EOFError:
            return b""
        return await self.exact(len(self.buffer))

    async def until_end(self) -> None:
        """Discards everything up to the end."""
        while await self.some():
            pass

    async def watch(self) -> None:
        """Returns at the end of the connection and keeps what came before it."""
        try:
            while len(self.buffer) < READ:
                await self.fill()
            await asyncio.Event().wait()
        except (EOFError, OSError):
            return

    async def address(self, atyp: int) -> tuple[bytes, int]:
        """DST.ADDR as its octets (a domain without its length) and DST.PORT."""
        length = {IPV4: 4, IPV6: 16}.get(atyp)
        if length is None:
            length = await self.octet()
        if atyp == DOMAIN and has("domain-off-by-one"):
            length = max(length - 1, 0)
        host, port = await self.exact(length), await self.exact(2)
        return host, int.from_bytes(port, "little" if has("port-little-endian") else "big")


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def encode_address(address: Address) -> bytes:
    host, port = address[0].split("%")[0], address[1]
    family = family_of(host)
    atyp = IPV6 if family == socket.AF_INET6 else IPV4
    return bytes([atyp]) + socket.inet_pton(family, host) + struct.pack(">H", port)


async def resolve(atyp: int, host: bytes, port: int) -> list[Address]:
    if atyp == IPV4:
        return [(socket.inet_ntop(socket.AF_INET, host), port)]
    if atyp == IPV6:
        return [(socket.inet_ntop(socket.AF_INET6, host), port)]
    if not host or b"\0" in host:
        raise socket.gaierror(socket.EAI_NONAME, "not a name")
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [entry[4][:2] for entry in found]


def rep_of(error: OSError) -> int:
    if isinstance(error, (socket.gaierror, TimeoutError)):
        return HOST_UNREACHABLE
    return REP_OF_ERRNO.get(error.errno or 0, GENERAL)


def open_socket(host: str, kind: socket.SocketKind) -> socket.socket:
    sock = socket.socket(family_of(host), kind)
    sock.setblocking(False)
    if kind == socket.SOCK_STREAM:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def bound_socket(host: str, kind: socket.SocketKind) -> socket.socket:
    sock = open_socket(host, kind)
    try:
        sock.bind((host, 0))
    except OSError:
        sock.close()
        raise
    return sock


def reset(sock: socket.socket) -> None:
    """Closes with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


async def dial(addresses: list[Address]) -> socket.socket:
    """Connects to the first that answers; raises what the last one met."""
    for number, address in enumerate(addresses, 1):
        sock = open_socket(address[0], socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, address)
            return sock
        except OSError:
            sock.close()
            if number == len(addresses):
                raise
    raise socket.gaierror(socket.EAI_NONAME, "no address")


def source_towards(address: Address, sock: socket.socket) -> str:
    """The local address to wait on for ADDRESS: that of SOCK where the family allows it."""
    local = sock.getsockname()[0]
    if family_of(local) == family_of(address[0]):
        return local
    with open_socket(address[0], socket.SOCK_DGRAM) as probe:
        probe.connect((address[0], 9))
        return probe.getsockname()[0]
