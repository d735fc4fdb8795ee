"""However the octets are cut into segments, the same arrives."""

import hashlib
import socket
import struct
from itertools import cycle

from case import KINDS, Case
from harness import HOST, wait_for
from net import (
    Target, address, connect, content, dial, exact, in_segments, random_sizes, read_reply, rest,
    serve_echo, transfer,
)


class Recorder:
    """Stands where a local expects its server and keeps what it sends, a connection at a time."""

    def __init__(self, case: Case, method: str, *more: str | int):
        self.flights: list[bytes] = []
        self.target = case.target(lambda sock: self.flights.append(rest(sock)))
        self.proxy = case.local(self.target.port, method, *more)

    def flight(self, host: str, port: int, payload: bytes) -> bytes:
        """All that the local sends for a connection to host:port with this payload."""
        with connect(self.proxy, host, port) as sock:
            sock.sendall(payload)
            sock.shutdown(socket.SHUT_WR)
            wait_for("the first flight", lambda: self.flights)
        return self.flights.pop()


class Collector:
    """A target that keeps what each connection brought, answers and ends. The answer is a request
    for a connection to itself, should a server be fooled into taking it for one."""

    def __init__(self, case: Case):
        self.got: list[bytes] = []
        self.target = case.target(self.serve)
        self.port = self.target.port

    def serve(self, sock: socket.socket) -> None:
        self.got.append(rest(sock))
        sock.sendall(address(HOST, self.port))

    def next(self) -> bytes:
        wait_for("a connection at the target", lambda: self.got)
        return self.got.pop()


class Segments(Case):
    def test_handshake_of_single_octets(self) -> None:
        target = self.target()
        for kind, proxy in self.proxies():
            with self.subTest(kind), dial(proxy) as sock:
                self.handshake(sock, target, cycle([1]))

    def test_handshake_and_data_at_random_splits(self) -> None:
        target = self.target()
        for kind, proxy in self.proxies():
            for seed in range(20):
                with self.subTest(kind, seed=seed), dial(proxy) as sock:
                    self.handshake(sock, target, random_sizes(seed, 40))

    def proxies(self) -> list[tuple[str, int]]:
        return [("socks5", self.socks5())] + [
            (kind, self.pair(method, *more)) for kind, (method, more) in KINDS.items()]

    def handshake(self, sock: socket.socket, target: Target, sizes) -> None:
        send = in_segments(sock, sizes)
        send(b"\x05\x02\x00\x01")
        self.assertEqual(exact(sock, 2), b"\x05\x00")
        send(b"\x05\x01\x00" + address(HOST, target.port))
        read_reply(sock)
        transfer(sock, 300, 300, send)

    def test_all_in_one_segment(self) -> None:
        """Greeting, request and payload before any answer."""
        target = self.target(serve_echo)
        for kind, proxy in self.proxies():
            with self.subTest(kind), dial(proxy) as sock:
                request = b"\x05\x01\x00" + address(HOST, target.port)
                sock.sendall(b"\x05\x01\x00" + request + b"data")
                self.assertEqual(exact(sock, 2), b"\x05\x00")
                read_reply(sock)
                self.assertEqual(exact(sock, 4), b"data")


class Flights(Case):
    """What a local sent, given to the server in other segments."""

    def play(self, server: int, sizes, flight: bytes, collector: Collector) -> bytes:
        with dial(server) as sock:
            in_segments(sock, sizes)(flight)
            sock.shutdown(socket.SHUT_WR)
            got = collector.next()
            self.assertNotEqual(rest(sock), b"", "no answer from the server")
        return got

    def test_single_octets_and_random_splits(self) -> None:
        payload = content("flight", 500)
        for kind, (method, more) in KINDS.items():
            recorder, collector = Recorder(self, method, *more), Collector(self)
            server = self.server(method, *more)
            for sizes in [cycle([1]), *(random_sizes(seed, 100) for seed in range(10))]:
                with self.subTest(kind, sizes=sizes):
                    flight = recorder.flight(HOST, collector.port, payload)
                    self.assertEqual(self.play(server, sizes, flight, collector), payload)

    def test_every_split_of_the_first_octets(self) -> None:
        payload = content("flight", 30)
        for kind, (method, more) in KINDS.items():
            recorder, collector = Recorder(self, method, *more), Collector(self)
            server = self.server(method, *more)
            for first in range(1, 110):
                with self.subTest(kind, first=first):
                    flight = recorder.flight("localhost", collector.port, payload)
                    sizes = iter([first, len(flight)])
                    self.assertEqual(self.play(server, sizes, flight, collector), payload)


class Throttled(Case):
    """A reader that is slow: the relay waits, and keeps no more than a fixed bound."""

    BOUND = 1 << 20  # octets of memory that one such session may cost a process

    def test_slow_reader_costs_no_memory(self) -> None:
        data = content("slow", 32 << 20)
        target = self.target(lambda sock: (sock.recv(1), sock.sendall(data)))
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind):
                server_port = self.server(method, *more)
                proxy = self.local(server_port, method, *more)
                server, local = self.running[server_port], self.running[proxy]
                with connect(proxy, HOST, target.port) as first:
                    first.sendall(b".")
                    exact(first, 100000)
                before = [process.memory() for process in (local, server)]
                with connect(proxy, HOST, target.port) as sock:
                    sock.sendall(b".")
                    digest = hashlib.sha256()
                    for _ in range(20):
                        digest.update(exact(sock, 10000))
                        self.pause(0.02)
                    for process, was in zip((local, server), before):
                        self.assertLess(process.memory() - was, self.BOUND, process.command)
                    digest.update(exact(sock, len(data) - 200000))
                self.assertEqual(digest.digest(), hashlib.sha256(data).digest())

    def test_slow_target_costs_no_memory(self) -> None:
        go = []

        def serve(sock: socket.socket) -> None:
            wait_for("the word to go on", lambda: go, 30)
            size, = struct.unpack(">I", exact(sock, 4))
            sock.sendall(hashlib.sha256(exact(sock, size)).digest())

        target, data = self.target(serve), content("up", 16 << 20)
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind):
                go.clear()
                proxy = self.pair(method, *more)
                local = self.running[proxy]
                before = local.memory()
                with connect(proxy, HOST, target.port) as sock:
                    message = struct.pack(">I", len(data)) + data
                    sock.settimeout(0.3)
                    at = 0
                    try:
                        while at < len(message):
                            at += sock.send(message[at:at + 65536])
                    except TimeoutError:
                        pass
                    self.assertLess(local.memory() - before, self.BOUND)
                    go.append(True)
                    sock.settimeout(10)
                    sock.sendall(message[at:])
                    self.assertEqual(exact(sock, 32), hashlib.sha256(data).digest())
