"""What is tried between a client and a server: a row a check."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from peers import Peer
from processes import free_port
from wire import (BLOCK, DOWN_FIRST, PAYLOAD, UP_FIRST, Broken, Target, address, datagrams, dial,
                  exchange, request, session)

SECONDS = 8  # a check's deadline
LONG_SECONDS = 45  # of the transfers of 8 MB and the sessions side by side
ANSWER_SECONDS = 2  # for a datagram
TOGETHER = 64
DATAGRAMS = (1, 512, 1350)

# Names whose labels are as long as labels may be; 253 octets are the longest name there is.
NAME_253 = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 61))
NAME_254 = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 62))
NAME_255 = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 63))
HOSTS = (f"127.0.0.1 localhost\n::1 localhost6\n127.0.0.1 {NAME_253}\n127.0.0.1 target.test\n"
         f"127.0.0.1 {socket.gethostname()}\n")


@dataclass(frozen=True)
class Ends:
    """Where a check finds what it needs."""
    port: int  # of the client's SOCKS5 side
    target: Target
    plain: bool  # a SOCKS5 server, whose replies say what became of the connection
    client: Peer | None = None  # who is started for each check, if not the matrix's own client
    commands: dict[str, str] = field(default_factory=dict)

    def at(self, host: str) -> bytes:
        return address(host, self.target.port)


@dataclass(frozen=True)
class Check:
    name: str
    about: str
    run: Callable[[Ends], Awaitable[None]]
    seconds: float = SECONDS
    needs: str = "connect"  # the feature that both sides must have
    by_client: bool = False  # played by a client that is started for it


def transfer(size: int) -> Check:
    async def run(ends: Ends) -> None:
        await exchange(ends.port, ends.at("127.0.0.1"), size, size)
    return Check(f"transfer-{size}", f"{size} octets each way at once, IPv4", run)


def long_transfer(name: str, up: int, down: int) -> Check:
    async def run(ends: Ends) -> None:
        await exchange(ends.port, ends.at("127.0.0.1"), up, down)
    return Check(name, f"{max(up, down)} octets {name.split('-')[0]}", run, LONG_SECONDS)


def half_close(name: str, about: str, first: int, up: int, down: int) -> Check:
    async def run(ends: Ends) -> None:
        while not ends.target.heard.empty():
            ends.target.heard.get_nowait()
        await session(ends.port, ends.at("127.0.0.1"), up, down, first)
        wrong = await ends.target.heard.get()
        if wrong:
            raise Broken(f"at the target: {wrong}")
    return Check(name, about, run)


def to(name: str, host: str, about: str, needs: str) -> Check:
    async def run(ends: Ends) -> None:
        await exchange(ends.port, ends.at(host), 300, 300)
    return Check(name, about, run, needs=needs)


async def ends_clean(port: int, target: bytes, plain: bool) -> None:
    """A target that cannot be reached: a reply that says so, or an end; no octet behind success."""
    sock = await dial(port)
    try:
        try:
            rep, _ = await request(sock, 1, target)
        except Broken as broken:
            if plain and "reply" not in str(broken):
                raise
            return
        if rep != 0:
            return
        if plain:
            raise Broken("reply: REP 00 for a target that cannot be reached")
        try:
            more = await asyncio.get_running_loop().sock_recv(sock, 100)
        except ConnectionError:
            return
        if more:
            raise Broken(f"{len(more)} octets from a target that cannot be reached")
    finally:
        sock.close()


async def refused(ends: Ends) -> None:
    await ends_clean(ends.port, address("127.0.0.1", free_port()), ends.plain)


def no_such_name(name: str, host: str) -> Check:
    async def run(ends: Ends) -> None:
        before = ends.target.accepted
        await ends_clean(ends.port, ends.at(host), ends.plain)
        if ends.target.accepted != before:
            raise Broken("the target was connected to")
        await exchange(ends.port, ends.at("127.0.0.1"), 1, 1)  # it goes on serving
    return Check(name, f"a name of {len(host)} octets, which cannot exist, ends the session in time "
                 "and nothing else", run, needs="domain")


async def together(ends: Ends) -> None:
    sizes = [1000 + 37 * i for i in range(TOGETHER)]
    done = await asyncio.gather(*(exchange(ends.port, ends.at("127.0.0.1"), size, size)
                                  for size in sizes), return_exceptions=True)
    wrong = [one for one in done if isinstance(one, BaseException)]
    for one in wrong:
        if not isinstance(one, Broken):
            raise one
    if wrong:
        raise Broken(f"{len(wrong)} of {TOGETHER} sessions: {wrong[0]}")


def udp(name: str, host: str, about: str) -> Check:
    async def run(ends: Ends) -> None:
        await datagrams(ends.port, ends.at(host), DATAGRAMS, ANSWER_SECONDS)
    return Check(name, about, run, needs="udp")


CHECKS = (
    *(transfer(size) for size in (1, 0x3FFE, 0x3FFF, 0x4000, 0xFFFF, 0x10000, 0x10001)),
    long_transfer("up-8M", BLOCK, 0),
    long_transfer("down-8M", 0, BLOCK),
    half_close("client-ends-first", "the client sends and ends, 100,000 octets come back", UP_FIRST,
               3000, 100_000),
    half_close("target-ends-first", "the target sends and ends, 100,000 octets go there",
               DOWN_FIRST, 100_000, 3000),
    Check("refused", "a target that refuses ends the session", refused),
    Check("together-64", "64 sessions at once", together, LONG_SECONDS),
    to("ipv6", "::1", "an IPv6 target", "ipv6"),
    to("name", "target.test", "a name", "domain"),
    to("name-253", NAME_253, "the longest name there is", "domain"),
    no_such_name("name-254", NAME_254),
    no_such_name("name-255", NAME_255),
    udp("udp-ipv4", "127.0.0.1", "datagrams of 1, 512 and 1350 octets there and back, IPv4"),
    udp("udp-ipv6", "::1", "the same, IPv6"),
    udp("udp-name", "target.test", "the same, by name"),
)

assert len(PAYLOAD) == BLOCK


async def conduct(check: Check, ends: Ends) -> str:
    """Nothing, or the first difference in one line."""
    try:
        await asyncio.wait_for(check.run(ends), check.seconds)
    except asyncio.TimeoutError:
        return f"no end after {check.seconds} s"
    except (Broken, OSError) as broken:
        return str(broken) or type(broken).__name__
    return ""
