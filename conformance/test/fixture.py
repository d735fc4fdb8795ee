#!/usr/bin/env python3
"""A SOCKS5 server (RFC 1928, RFC 1929) with switchable defects: it tests the suite.

Without --defect it is right in all that the suite can ask of a server; each --defect NAME gives
it one fault that was seen in the field, and the case that names that fault must fail on it.
It shares no code with the suite or its codecs.

usage: fixture.py [--host H] --port P [--auth USER:PASS] [--defect NAME]...
       fixture.py --list
Exit status: 1 it cannot listen, 2 usage; else it runs until it is killed.
"""

import argparse
import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable
from typing import NoReturn

from fixture_defects import DEFECTS, has, switched_on
from fixture_wire import (
    BAD_ATYP, BAD_CMD, DOMAIN, GENERAL, IPV4, IPV6, READ, REFUSED, SUCCESS,
    Address, Octets, bound_socket, dial, encode_address, family_of, open_socket, readable, rep_of,
    reset, resolve, source_towards,
)

CONNECT, BIND, UDP_ASSOCIATE = 1, 2, 3
LINGER_SECONDS = 0.5  # how long octets are still taken in after our FIN, so that no RST hits it

credentials: tuple[bytes, bytes] | None = None
gate = asyncio.Lock()
leaked: list[socket.socket] = []
lost: list[bytes] = []


class Ended(Exception):
    """The dialogue is over: close."""


# ---- one connection -----------------------------------------------------------------------------
class Session:
    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.client = sock, Octets(sock)

    async def send(self, octets: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, octets)

    async def answer(self, octets: bytes) -> None:
        """Every message of the client's has one answer, and is over with it."""
        if has("drops-pipelined"):
            self.client.buffer.clear()
        await self.send(octets)

    async def reply(self, rep: int, bound: Address = ("0.0.0.0", 0)) -> None:
        octets = bytes([0 if has("reply-version") else 5, rep, 1 if has("reply-rsv") else 0])
        octets += encode_address(bound)
        if has("short-error-reply" if rep != SUCCESS else "bnd-missing"):
            octets = octets[:4]
        await self.answer(octets)

    async def fail(self, rep: int) -> NoReturn:
        await self.reply(GENERAL if has("rep-always-1") else rep)
        if has("no-close-after-failure"):
            await self.client.until_end()
        raise Ended

    async def run(self) -> None:
        if has("resets-at-once"):
            return reset(self.sock)
        try:
            await self.greeting()
            if credentials:
                await self.authentication(*credentials)
            await self.request()
        except (Ended, EOFError, OSError):
            await self.close()
        finally:
            self.sock.close()

    async def close(self) -> None:
        """FIN first, and a moment to take in what the client still sends."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(LINGER_SECONDS):
                await self.client.until_end()
        except OSError:
            pass

    async def greeting(self) -> None:
        self.client.message("greeting-one-recv")
        if await self.client.octet() != 5 and not has("greeting-version-ignored"):
            raise Ended
        count = await self.client.octet()
        if has("nmethods-signed") and count > 127:
            raise Ended
        if has("nmethods-zero-waits") and count == 0:
            count = 1
        offered = await self.client.exact(count)
        if has("first-method-only"):
            offered = offered[:1]
        if has("hangs"):
            await self.client.until_end()
        method = 2 if credentials else 0
        if method not in offered and not has("selects-unoffered"):
            await self.answer(b"\x05\xff")
            if has("ff-keeps-open"):
                await self.client.until_end()
            raise Ended
        await self.answer(bytes([5, method]))
        while has("floods"):
            await self.send(bytes(READ))
            await asyncio.sleep(0)

    async def authentication(self, user: bytes, password: bytes) -> None:
        self.client.message("auth-one-recv")
        right = await self.client.octet() == 1 or has("auth-version-ignored")
        if right:
            given_user = await self.client.exact(await self.client.octet())
            given = await self.client.exact(await self.client.octet())
            if has("auth-prefix"):
                given = given.split(b"\0")[0]
            right = (given_user, given) == (user, password) or has("auth-accepts-any")
        await self.answer(bytes([5 if has("auth-status-version") else 1, 0 if right else 1]))
        if not right and has("auth-fail-stays-open"):
            await self.client.until_end()
        if not right and not has("auth-fail-serves"):
            raise Ended

    async def request(self) -> None:
        self.client.message("request-one-recv")
        version = await self.client.octet()
        if version == 4 and has("ver4-socks4-reply"):
            await self.answer(b"\x00\x5b" + bytes(6))
        if version != 5 and not has("ver-ignored"):
            raise Ended
        command, _, atyp = await self.client.exact(3)
        if atyp not in (IPV4, DOMAIN, IPV6):
            if has("crash-on-bad-atyp"):
                os._exit(1)
            if has("no-reply-bad-atyp"):
                raise Ended
            await self.fail(BAD_ATYP)
        if atyp == IPV6 and has("ipv6-unsupported-silently"):
            raise Ended
        host, port = await self.client.address(atyp)
        if command == CONNECT:
            await self.connect(atyp, host, port)
        elif command == BIND:
            await self.bind(atyp, host, port)
        elif command == UDP_ASSOCIATE:
            await Association(self, port).run()
        elif has("no-reply-bad-cmd"):
            raise Ended
        else:
            await self.fail(BAD_CMD)

    async def connect(self, atyp: int, host: bytes, port: int) -> None:
        answered = has("success-before-connect")
        if answered:
            await self.reply(SUCCESS)
        try:
            target = await dial(await resolve(atyp, host, port))
        except OSError as error:
            if answered or has("no-reply-on-refusal"):
                raise Ended from error
            if rep_of(error) == REFUSED and has("refused-as-success"):
                await self.reply(SUCCESS)
                raise Ended from error
            await self.fail(rep_of(error))
        if not answered:
            await self.reply(SUCCESS, target.getsockname()[:2])
        if has("replies-twice"):
            await self.reply(SUCCESS, target.getsockname()[:2])
        await self.relay(target)

    async def bind(self, atyp: int, host: bytes, port: int) -> None:
        try:
            expected = await resolve(atyp, host, port)
            local = source_towards(expected[0], self.sock)
            listener = bound_socket(local, socket.SOCK_STREAM)
        except OSError as error:
            await self.fail(rep_of(error))
        with listener:
            listener.listen()
            own = listener.getsockname()[:2]
            await self.reply(SUCCESS, ("0.0.0.0", 0) if has("bind-zero") else own)
            hosts = {address[0] for address in expected}
            peer = await self.unless_gone(accept_from(listener, hosts))
        if not has("bind-one-reply"):
            await self.reply(SUCCESS, own if has("bind-second-own") else peer.getpeername()[:2])
        await self.relay(peer)

    async def unless_gone(self, wanted: Awaitable[socket.socket]) -> socket.socket:
        """WANTED, unless the client ends its connection first."""
        task = asyncio.ensure_future(wanted)
        gone = asyncio.ensure_future(self.client.watch())
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        left = task.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)
        if left:
            raise Ended
        return task.result()

    async def relay(self, target: socket.socket) -> None:
        """Both ways until both have ended; an error on either side resets both."""
        if has("leaks-idle-descriptors"):
            leaked.append(socket.socket())
        if has("leaks-memory"):
            lost.append(os.urandom(1 << 17))
        if has("leaks-descriptors"):
            leaked.append(target.dup())
        with target:
            try:
                async with asyncio.TaskGroup() as ways:
                    up = ways.create_task(pump(self.client, target))
                    ends = not has("target-fin-lost")
                    down = ways.create_task(pump(Octets(target), self.sock, ends))
                    if has("half-close-kills-response"):
                        up.add_done_callback(lambda _: down.cancel())
            except* OSError:
                reset(self.sock)
                reset(target)


async def pump(source: Octets, sink: socket.socket, ends: bool = True) -> None:
    """One direction of a relayed connection, its FIN included where it ENDS."""
    total = 0
    while octets := await source.some():
        total += len(octets)
        if total <= 256 * 1024 or not has("truncates-large"):
            await asyncio.get_running_loop().sock_sendall(sink, octets)
    if ends:
        sink.shutdown(socket.SHUT_WR)


async def accept_from(listener: socket.socket, hosts: set[str]) -> socket.socket:
    """The first connection from one of HOSTS; the others are reset."""
    anyone = hosts & {"0.0.0.0", "::"} or has("bind-any-host")
    while True:
        await readable(listener)
        sock, address = listener.accept()
        sock.setblocking(False)
        if anyone or address[0] in hosts:
            return sock
        reset(sock)


# ---- UDP ----------------------------------------------------------------------------------------
class Association:
    """Lives as long as SESSION's connection; PORT is where the client sends from, 0 if unknown."""

    def __init__(self, session: Session, port: int) -> None:
        self.session, self.client_port = session, port
        self.client_host = session.sock.getpeername()[0]
        self.client: Address | None = None
        self.inside = bound_socket(session.sock.getsockname()[0], socket.SOCK_DGRAM)
        self.outside: dict[socket.AddressFamily, socket.socket] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        try:
            self.tasks.append(asyncio.create_task(self.from_client()))
            own = self.inside.getsockname()[:2]
            await self.session.reply(SUCCESS, ("0.0.0.0", 0) if has("udp-bnd-zero") else own)
            await self.session.client.until_end()
            if has("udp-outlives-tcp"):
                self.session.sock.close()
                await asyncio.Event().wait()
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            for sock in (self.inside, *self.outside.values()):
                sock.close()
        raise Ended

    async def from_client(self) -> None:
        while True:
            await readable(self.inside)
            datagram, source = self.inside.recvfrom(READ)
            if len(datagram) < 10 and has("udp-short-crash"):
                os._exit(1)
            known = source[0] == self.client_host and self.client_port in (0, source[1])
            if known or has("udp-any-source"):
                try:
                    await self.forward(datagram, source[:2])
                except (EOFError, OSError):
                    continue  # ill formed or undeliverable: nothing but this datagram is lost

    async def forward(self, datagram: bytes, source: Address) -> None:
        octets = Octets(None, datagram)
        *_, fragment, atyp = await octets.exact(4)
        if atyp not in (IPV4, DOMAIN, IPV6) or (fragment and not has("udp-frag-forwarded")):
            return
        host, port = await octets.address(atyp)
        payload = await octets.some()
        self.client = source
        if not payload and has("udp-empty-dropped"):
            return
        address = (await resolve(atyp, host, port))[0]
        self.towards(address[0]).sendto(payload[:2048] if has("udp-cut") else payload, address)

    def towards(self, host: str) -> socket.socket:
        """The socket of HOST's family, opened at first use."""
        family = family_of(host)
        if family not in self.outside:
            any_host = "::" if family == socket.AF_INET6 else "0.0.0.0"
            self.outside[family] = bound_socket(any_host, socket.SOCK_DGRAM)
            self.tasks.append(asyncio.create_task(self.from_targets(self.outside[family])))
        return self.outside[family]

    async def from_targets(self, sock: socket.socket) -> None:
        while True:
            await readable(sock)
            payload, sender = sock.recvfrom(READ)
            named = ("0.0.0.0", 0) if has("udp-sender-zero") else sender[:2]
            header = bytes(3) + encode_address(named)
            try:
                self.inside.sendto(
                    payload if has("udp-no-header-in-reply") else header + payload, self.client
                )
            except OSError:
                continue  # too long with its header, or the buffer is full: a lost datagram


# ---- the program --------------------------------------------------------------------------------
async def serve(listener: socket.socket) -> None:
    sessions: set[asyncio.Task[None]] = set()

    async def session(sock: socket.socket) -> None:
        if has("one-at-a-time"):
            async with gate:
                return await Session(sock).run()
        await Session(sock).run()

    while True:
        await readable(listener)
        try:
            sock, _ = listener.accept()
        except OSError:  # the client has left, or no descriptor is free
            await asyncio.sleep(0.01)
            continue
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.create_task(session(sock))
        sessions.add(task)
        task.add_done_callback(sessions.discard)


def main() -> None:
    global credentials
    parser = argparse.ArgumentParser(description="A SOCKS5 server with switchable defects.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="0: a free one, printed as HOST PORT")
    parser.add_argument("--auth", metavar="USER:PASS")
    parser.add_argument("--defect", metavar="NAME", action="append", default=[])
    parser.add_argument("--list", action="store_true", help="print the defects and exit")
    options = parser.parse_args()
    if options.list:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for name, (section, meaning) in DEFECTS.items():
            print(f"{name:27}rfc{section:8} {meaning}")
        return
    if options.port is None or not 0 <= options.port <= 65535:
        parser.error("--port: expected 0..65535")
    if options.auth is not None:
        user, colon, password = os.fsencode(options.auth).partition(b":")
        if not colon or not 1 <= len(user) <= 255 or not 1 <= len(password) <= 255:
            parser.error("--auth: expected USER:PASS of 1 to 255 octets each")
        credentials = user, password
    for name in options.defect:
        if name not in DEFECTS:
            parser.error(f"--defect: no such defect '{name}', --list names them")
    switched_on.update(options.defect)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        listener = open_socket(options.host, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        listener.listen(1024)
    except OSError as error:
        sys.exit(f"fixture.py: cannot listen on {options.host} {options.port}: {error.strerror}")
    if options.port == 0:
        print(*listener.getsockname()[:2], flush=True)
    asyncio.run(serve(listener))


if __name__ == "__main__":
    main()
