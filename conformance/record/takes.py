"""What is said in each recorded session: a SOCKS5 client and a target that speak by turns."""

import hashlib
import socket
import threading
import time
from dataclasses import dataclass, field

from tap import DOWN, UP

SECONDS = 5  # the longest that one step may take
PAUSE = 0.03  # between two steps, so that each comes in segments of its own
NAME = "a.test"


@dataclass(frozen=True)
class Take:
    """A session to record. steps: (way, octets said), or (way, None): that side says no more."""
    name: str
    comment: str
    steps: list[tuple[str, int | None]]
    host: str = "127.0.0.1"
    transport: str = "tcp"
    pipelined: bool = False  # the first step goes in the segment of the request
    refused: bool = False  # nobody listens at the destination


TALK = [(UP, 18), (DOWN, 18)]
LONGER = [(UP, 300), (DOWN, 300), (UP, 1), (DOWN, 33)]
TCP = [
    Take("t1", "IPv4", TALK),
    Take("t2", "name", LONGER, NAME),
    Take("t3", "IPv6", TALK, "::1"),
    Take("t4", "three chunks up, none down", [(UP, 1), (UP, 17), (UP, 255)]),
    Take("h1", "half-close of the client, then an answer", [(UP, 40), (UP, None), (DOWN, 120)]),
    Take("h2", "half-close of the target, then more of the client",
         [(UP, 5), (DOWN, 40), (DOWN, None), (UP, 60)]),
    Take("r1", "a target that refuses", [(UP, 20)], refused=True),
]
PIPELINED = [Take(f"p{i}", f"request and {n} octets in one segment", [(UP, n), (DOWN, 18)],
                  pipelined=True) for i, n in enumerate((1, 17, 600), 1)]
UDP = [
    Take("u1", "IPv4", TALK, transport="udp"),
    Take("u2", "name", TALK, NAME, transport="udp"),
    Take("u3", "IPv6", TALK, "::1", transport="udp"),
]


def payload(session: str, step: str, size: int) -> bytes:
    """SHA-256("SESSION/STEP/0"), SHA-256("SESSION/STEP/1"), ... cut to size."""
    blocks = (hashlib.sha256(f"{session}/{step}/{n}".encode()).digest()
              for n in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def address(host: str, port: int) -> bytes:
    """ATYP ADDR PORT."""
    if host[0].isalpha():
        kind = bytes([3, len(host)]) + host.encode()
    elif ":" in host:
        kind = b"\x04" + socket.inet_pton(socket.AF_INET6, host)
    else:
        kind = b"\x01" + socket.inet_aton(host)
    return kind + port.to_bytes(2, "big")


@dataclass
class Said:
    """What came of a take: octets of payload given and seen, and the SOCKS5 messages."""
    given: dict[str, bytes] = field(default_factory=lambda: {UP: b"", DOWN: b""})
    seen: dict[str, bytes] = field(default_factory=lambda: {UP: b"", DOWN: b""})
    socks: list[dict] = field(default_factory=list)
    destination: bytes = b""


class Target:
    """Listens on every address of the host, TCP and UDP."""

    def __init__(self, host: str):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        at = host if ":" in host else "127.0.0.1"
        self.tcp = socket.create_server((at, 0), family=family)
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.bind((at, self.port))
        for s in (self.tcp, self.udp):
            s.settimeout(SECONDS)

    def refuse(self) -> None:
        self.tcp.close()

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()


def exactly(s: socket.socket, size: int) -> bytes:
    octets = b""
    while len(octets) < size and (more := s.recv(size - len(octets))):
        octets += more
    return octets


class Client:
    """A SOCKS5 client of the local side at host:port, that notes what both say."""

    def __init__(self, host: str, port: int, said: Said):
        self.tcp, self.said = socket.create_connection((host, port), SECONDS), said
        self.tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, octets: bytes, behind: bytes = b"") -> None:
        self.said.socks.append({"from": "client", "octets": octets.hex()})
        self.tcp.sendall(octets + behind)

    def hear(self, size: int) -> bytes:
        octets = exactly(self.tcp, size)
        self.said.socks.append({"from": "local", "octets": octets.hex()})
        return octets

    def ask(self, command: int, destination: bytes, behind: bytes = b"") -> bytes:
        """Greeting and request; returns BND of the reply."""
        self.say(b"\x05\x01\x00")
        if self.hear(2) != b"\x05\x00":
            raise ConnectionError("the local side does not select METHOD 00")
        self.say(bytes([5, command, 0]) + destination, behind)
        head = exactly(self.tcp, 4)
        if len(head) < 4 or head[1] != 0:
            self.said.socks.append({"from": "local", "octets": head.hex()})
            raise ConnectionError(f"reply {head.hex() or 'missing'}: expected REP 00")
        size = {1: 4, 4: 16}.get(head[3])
        rest = exactly(self.tcp, size + 2) if size else exactly(self.tcp, 1)
        if not size:
            rest += exactly(self.tcp, rest[0] + 2)
        self.said.socks.append({"from": "local", "octets": (head + rest).hex()})
        return head[3:] + rest


def what_comes(s: socket.socket, wanted: int) -> bytes:
    """What comes, until wanted octets are there or no more will come."""
    octets = b""
    try:
        while len(octets) < wanted and (more := s.recv(65536)):
            octets += more
    except (TimeoutError, ConnectionResetError):
        pass  # what came until then is the answer
    return octets


def play_tcp(take: Take, session: str, local: tuple[str, int]) -> Said:
    said, target = Said(), Target(take.host)
    port = target.port
    if take.refused:
        target.refuse()
    said.destination = address(take.host, port)
    client = Client(*local, said)
    steps = [(way, None if size is None else payload(session, str(i), size))
             for i, (way, size) in enumerate(take.steps)]
    behind = steps[0][1] if take.pipelined else b""
    client.ask(1, said.destination, behind)
    sides = {UP: client.tcp}
    try:
        for i, (way, octets) in enumerate(steps):
            if not (take.pipelined and i == 0):
                time.sleep(PAUSE)
                send(sides[way], octets)
            if take.refused:
                said.given[way] += octets
                what_comes(client.tcp, 1)
                continue
            if DOWN not in sides:
                sides[DOWN], _ = target.tcp.accept()
                sides[DOWN].settimeout(SECONDS)
            other = sides[DOWN if way == UP else UP]
            if octets is None:
                other.recv(1)
                continue
            said.given[way] += octets
            said.seen[way] += what_comes(other, len(octets))
    except (OSError, TimeoutError):
        pass  # a side that is gone: what was seen says so
    time.sleep(PAUSE)
    for s in sides.values():
        s.close()
    target.close()
    return said


def send(s: socket.socket, octets: bytes | None) -> None:
    if octets is None:
        s.shutdown(socket.SHUT_WR)
    else:
        s.sendall(octets)


def play_udp(take: Take, session: str, local: tuple[str, int]) -> Said:
    said, target = Said(), Target(take.host)
    said.destination = address(take.host, target.port)
    client = Client(*local, said)
    bound = client.ask(3, b"\x01\x00\x00\x00\x00\x00\x00")
    at = (local[0], int.from_bytes(bound[-2:], "big"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(SECONDS)
        sender = None
        for i, (way, size) in enumerate(take.steps):
            octets = payload(session, f"{way[0]}{i}", size)
            said.given[way] += octets
            if way == UP:
                udp.sendto(b"\x00\x00\x00" + said.destination + octets, at)
                got, sender = target.udp.recvfrom(65536)
            else:
                target.udp.sendto(octets, sender)
                got = udp.recv(65536)[-size:]
            said.seen[way] += got
    client.tcp.close()
    target.close()
    return said
