"""The matrix's own ends of a session: a SOCKS5 client, and targets that say what reached them. It
shares no code with the programs under test, this project's relay included."""

import asyncio
import contextlib
import hashlib
import random
import socket
import struct

BLOCK = 8_000_000  # octets of the longest transfer
PAYLOAD = random.Random(5).randbytes(BLOCK)
READ = 1 << 18
ORDER = struct.Struct("!IIB")  # octets up, octets down, who ends first
UP_FIRST, DOWN_FIRST = range(2)
NAMES = {1: 4, 4: 16}


class Broken(Exception):
    """The first difference between what was to come and what came."""


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


async def read_exactly(sock: socket.socket, n: int, what: str) -> bytes:
    loop, data = asyncio.get_running_loop(), bytearray()
    while len(data) < n:
        try:
            more = await loop.sock_recv(sock, min(READ, n - len(data)))
        except ConnectionError as error:
            raise Broken(f"{what}: {type(error).__name__} after {len(data)} of {n} octets") from None
        if not more:
            raise Broken(f"{what}: end after {len(data)} of {n} octets")
        data += more
    return bytes(data)


async def read_end(sock: socket.socket, what: str) -> None:
    """The end of that direction, and nothing before it."""
    try:
        more = await asyncio.get_running_loop().sock_recv(sock, READ)
    except ConnectionError as error:
        raise Broken(f"{what}: {type(error).__name__} where its end was due") from None
    if more:
        raise Broken(f"{what}: {len(more)} octets where its end was due")


async def send(sock: socket.socket, data: bytes, what: str) -> None:
    try:
        await asyncio.get_running_loop().sock_sendall(sock, data)
    except ConnectionError as error:
        raise Broken(f"{what}: {type(error).__name__} while sending {len(data)} octets") from None


def compare(got: bytes, expected: bytes, what: str) -> None:
    if len(got) != len(expected):
        raise Broken(f"{what}: {len(got)} octets, expected {len(expected)}")
    if digest(got) != digest(expected):
        at = next(i for i, (a, b) in enumerate(zip(got, expected)) if a != b)
        raise Broken(f"{what}: octet {at} of {len(expected)} differs: expected "
                     f"{expected[at:at + 8].hex()}, got {got[at:at + 8].hex()}")


def address(host: str, port: int) -> bytes:
    """ATYP ADDR PORT; what is no address in digits is a name."""
    for family, kind in ((socket.AF_INET, 1), (socket.AF_INET6, 4)):
        with contextlib.suppress(OSError, ValueError):
            return bytes([kind]) + socket.inet_pton(family, host) + struct.pack("!H", port)
    name = host.encode()
    return bytes([3, len(name)]) + name + struct.pack("!H", port)


async def dial(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    except OSError as error:
        sock.close()
        raise Broken(f"the client does not accept: {error}") from None
    return sock


async def request(sock: socket.socket, command: int, target: bytes) -> tuple[int, bytes]:
    """Greeting and request; REP and ATYP ADDR PORT of the reply."""
    await send(sock, b"\x05\x01\x00", "greeting")
    selection = await read_exactly(sock, 2, "selection")
    if selection != b"\x05\x00":
        raise Broken(f"selection: expected 0500, got {selection.hex()}")
    await send(sock, bytes([5, command, 0]) + target, "request")
    head = await read_exactly(sock, 4, "reply")
    if head[0] != 5 or head[3] not in (1, 3, 4):
        raise Broken(f"reply: expected 05 REP 00 ATYP, got {head.hex()}")
    if head[3] == 3:
        size = await read_exactly(sock, 1, "BND of the reply")
        rest = size + await read_exactly(sock, size[0] + 2, "BND of the reply")
    else:
        rest = await read_exactly(sock, NAMES[head[3]] + 2, "BND of the reply")
    return head[1], head[3:4] + rest


async def connected(port: int, target: bytes) -> socket.socket:
    """A session to the target through the SOCKS5 server at that port."""
    sock = await dial(port)
    try:
        rep, _ = await request(sock, 1, target)
        if rep != 0:
            raise Broken(f"reply: REP {rep:02x}")
        return sock
    except BaseException:
        sock.close()
        raise


async def session(port: int, target: bytes, up: int, down: int, first: int = UP_FIRST) -> None:
    """So many octets up and down, each direction compared and ended by its sender. UP_FIRST: the
    client ends before the target sends; DOWN_FIRST: the target ends before the client sends."""
    sock = await connected(port, target)
    try:
        await send(sock, ORDER.pack(up, down, first), "order")
        if first == DOWN_FIRST:
            await take_down(sock, down)
        await send(sock, PAYLOAD[:up], "up")
        sock.shutdown(socket.SHUT_WR)
        if first == UP_FIRST:
            await take_down(sock, down)
        else:
            await read_none_more(sock)
    except OSError as error:
        raise Broken(f"up: the session was gone when the client ended it: {error}") from None
    finally:
        sock.close()


async def exchange(port: int, target: bytes, up: int, down: int) -> None:
    """So many octets up and down; nobody ends before all has come."""
    sock = await connected(port, target)
    try:
        await send(sock, ORDER.pack(up, down, 2), "order")
        sending = asyncio.ensure_future(send(sock, PAYLOAD[:up], "up"))
        try:
            compare(await read_exactly(sock, down, "down"), PAYLOAD[:down], "down")
            await sending
        finally:
            if sending.cancel():
                await asyncio.gather(sending, return_exceptions=True)
        said = await read_exactly(sock, 32, "what the target got")
        if said != digest(PAYLOAD[:up]):
            raise Broken(f"up: the target got other octets than the {up} that were sent")
    finally:
        sock.close()


async def take_down(sock: socket.socket, down: int) -> None:
    compare(await read_exactly(sock, down, "down"), PAYLOAD[:down], "down")
    await read_end(sock, "down")


async def read_none_more(sock: socket.socket) -> None:
    """The direction has ended; that the other one ends it may be seen as a reset."""
    with contextlib.suppress(Broken):
        await read_end(sock, "down")


class Target:
    """Where sessions lead: TCP and UDP on loopback, IPv4 and IPv6, one port. It keeps, by the
    client's order, what came: a digest when all was there, else what was wrong."""

    def __init__(self) -> None:
        self.port = 0
        self.page = 0  # octets of the answer to a GET
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.accepted = 0
        self._servers: list = []
        self._busy: set[asyncio.Task] = set()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            sock = socket.socket(family)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, self.port))
            self.port = sock.getsockname()[1]
            sock.listen(256)
            sock.setblocking(False)
            self._servers.append(sock)
            self._busy.add(loop.create_task(self._accept(sock)))
            transport, _ = await loop.create_datagram_endpoint(
                Echo, local_addr=(host, self.port), family=family)
            self._servers.append(transport)

    async def close(self) -> None:
        for task in list(self._busy):
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
        for one in self._servers:
            one.close()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listener)
            self.accepted += 1
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = loop.create_task(self._serve(sock))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _serve(self, sock: socket.socket) -> None:
        heard = ""
        first = 2
        try:
            order = await read_exactly(sock, ORDER.size, "order")
            if order.startswith(b"GET "):
                await self._serve_page(sock, order)
                return
            up, down, first = ORDER.unpack(order)
            if first == UP_FIRST:
                await self._take_up(sock, up)
                await send(sock, PAYLOAD[:down], "down")
                sock.shutdown(socket.SHUT_WR)
            elif first == DOWN_FIRST:
                await send(sock, PAYLOAD[:down], "down")
                sock.shutdown(socket.SHUT_WR)
                await self._take_up(sock, up)
            else:
                _, got = await asyncio.gather(send(sock, PAYLOAD[:down], "down"),
                                              read_exactly(sock, up, "up"))
                await send(sock, digest(got), "digest")
                with contextlib.suppress(Broken):
                    await read_end(sock, "up")  # stays until the client leaves
        except (Broken, OSError, struct.error) as error:
            heard = str(error)
        finally:
            sock.close()
        if first != 2:
            self.heard.put_nowait(heard)

    async def _serve_page(self, sock: socket.socket, head: bytes) -> None:
        while b"\r\n\r\n" not in head:
            head += await read_exactly(sock, 1, "head of the request")
        await send(sock, b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % self.page
                   + PAYLOAD[:self.page], "down")
        sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(Broken):
            await read_end(sock, "up")

    async def _take_up(self, sock: socket.socket, up: int) -> None:
        compare(await read_exactly(sock, up, "up"), PAYLOAD[:up], "up")
        await read_end(sock, "up")


class Echo(asyncio.DatagramProtocol):
    """Datagrams come back with the digest of what came before them."""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr) -> None:
        self.transport.sendto(digest(data)[:8] + data, addr)


async def datagrams(port: int, target: bytes, sizes: tuple[int, ...], wait: float) -> None:
    """An association through the SOCKS5 server at that port; each size there and back. A datagram
    that is lost is sent once more."""
    loop = asyncio.get_running_loop()
    control = await dial(port)
    udp = socket.socket(type=socket.SOCK_DGRAM)
    try:
        udp.setblocking(False)
        udp.bind(("127.0.0.1", 0))
        rep, bound = await request(control, 3, address("0.0.0.0", 0))
        if rep != 0:
            raise Broken(f"reply to UDP ASSOCIATE: REP {rep:02x}")
        if bound[0] != 1:
            raise Broken(f"reply to UDP ASSOCIATE: BND {bound.hex()}, expected an IPv4 address")
        host = socket.inet_ntop(socket.AF_INET, bound[1:5])
        udp.connect((host if host != "0.0.0.0" else "127.0.0.1", int.from_bytes(bound[5:7])))
        for size in sizes:
            data = PAYLOAD[size:2 * size]
            for attempt in range(2):
                try:
                    await loop.sock_sendall(udp, b"\0\0\0" + target + data)
                    answer = await asyncio.wait_for(loop.sock_recv(udp, 65536), wait)
                    break
                except asyncio.TimeoutError:
                    if attempt:
                        raise Broken(f"datagram of {size} octets: no answer") from None
                except ConnectionError as error:
                    raise Broken(f"datagram of {size} octets: {error}") from None
            kind = answer[3] if len(answer) > 4 else 0
            head = {1: 10, 4: 22, 3: 7 + answer[4] if kind == 3 else 0}.get(kind, 0)
            if answer[:3] != b"\0\0\0" or not head:
                raise Broken(f"datagram of {size} octets: header {answer[:10].hex()}")
            compare(answer[head:], digest(data)[:8] + data, f"datagram of {size} octets")
    finally:
        udp.close()
        control.close()
