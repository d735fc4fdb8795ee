"""Names: a name server of our own, asked by the relay as dns_server."""

import socket
import struct
import threading
import time
from collections import Counter
from typing import Self

from case import Case
from harness import HOST, free_port
from net import (
    Association, Refused, Target, UdpTarget, connect, family_of, rest, serve_transfer, transfer,
)

A, AAAA = 1, 28
NO_ERROR, SERVER_FAILURE, NXDOMAIN = 0, 2, 3


class NameServer:
    """Answers A and AAAA over UDP from a table; counts what it is asked. A name that is not in it
    does not exist; one whose addresses are None gets no answer at all."""

    def __init__(self, names: dict[str, list[str] | None], ttl: int = 60):
        self.names, self.ttl, self.asked = names, ttl, Counter()
        self.rcode = NXDOMAIN  # for names that are not in the table
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((HOST, 0))
        self.sock.settimeout(None)
        self.address = f"{HOST}:{self.sock.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def serve(self) -> None:
        while True:
            try:
                query, sender = self.sock.recvfrom(512)
                if sender is None:
                    return
                if answer := self.answer(query):
                    self.sock.sendto(answer, sender)
            except OSError:
                return

    def answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]])
            at += 1 + query[at]
        name, end = b".".join(labels).decode().lower(), at + 5
        kind, = struct.unpack(">H", query[at + 1:at + 3])
        self.asked[name, kind] += 1
        found = self.names.get(name, [])
        if found is None:
            return b""
        family = socket.AF_INET if kind == A else socket.AF_INET6
        records = [struct.pack(">HHHIH", 0xc00c, kind, 1, self.ttl, 4 if kind == A else 16) +
                   socket.inet_pton(family, host) for host in found if family_of(host) == family]
        rcode = NO_ERROR if name in self.names else self.rcode
        return (query[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, len(records), 0, 0) +
                query[12:end] + b"".join(records))


class Names(Case):
    def names(self, names: dict[str, list[str] | None], ttl: int = 60) -> NameServer:
        return self.enterContext(NameServer(names, ttl))

    def proxy(self, server: NameServer, *more: str) -> int:
        return self.socks5("--dns-server", server.address, *more)

    def reach(self, proxy: int, name: str, port: int) -> None:
        with connect(proxy, name, port) as sock:
            transfer(sock, 1000, 1000)

    def refused(self, proxy: int, name: str, port: int) -> int:
        """REP."""
        with self.assertRaises(Refused) as caught:
            connect(proxy, name, port).close()
        return caught.exception.rep

    def on_both(self) -> tuple[Target, Target]:
        """Targets at the same port of 127.0.0.1 and ::1."""
        while True:
            first = self.target()
            try:
                return first, self.enterContext(Target(serve_transfer, "::1", first.port))
            except OSError:
                continue

    def test_addresses_of_either_family(self) -> None:
        server = self.names({"four.test": [HOST], "six.test": ["::1"]})
        proxy = self.proxy(server)
        self.reach(proxy, "four.test", self.target().port)
        self.reach(proxy, "six.test", self.target(host="::1").port)
        self.reach(proxy, "FOUR.test.", self.target().port)
        self.assertEqual(set(server.asked), {(name, kind) for name in ("four.test", "six.test")
                                             for kind in (A, AAAA)})

    def test_which_family_is_first(self) -> None:
        first, second = self.on_both()
        server = self.names({"both.names.test": [HOST, "::1"]})
        self.reach(self.proxy(server), "both.names.test", first.port)
        self.assertEqual((first.accepted, second.accepted), (1, 0))
        self.reach(self.proxy(server, "--prefer-ipv6"), "both.names.test", first.port)
        self.assertEqual((first.accepted, second.accepted), (1, 1))

    def test_answers_are_kept_for_their_time(self) -> None:
        target = self.target()
        server = self.names({"kept.test": [HOST]}, ttl=2)
        proxy = self.proxy(server)
        start = time.monotonic()
        for _ in range(5):
            self.reach(proxy, "kept.test", target.port)
        if time.monotonic() - start < 1.5:
            self.assertEqual(server.asked["kept.test", A], 1)
        self.pause(2.1)
        self.reach(proxy, "kept.test", target.port)
        self.assertGreater(server.asked["kept.test", A], 1)

    def test_answers_without_time_are_not_kept(self) -> None:
        target = self.target()
        server = self.names({"brief.test": [HOST]}, ttl=0)
        proxy = self.proxy(server)
        for asked in 1, 2, 3:
            self.reach(proxy, "brief.test", target.port)
            self.assertEqual(server.asked["brief.test", A], asked)

    def test_name_that_does_not_exist(self) -> None:
        server = self.names({"empty.test": []})
        proxy = self.proxy(server)
        self.assertEqual(self.refused(proxy, "nowhere.test", 80), 4)
        self.assertEqual(self.refused(proxy, "empty.test", 80), 4)
        server.rcode = SERVER_FAILURE
        self.assertEqual(self.refused(proxy, "failing.test", 80), 4)

    def test_name_server_that_does_not_answer(self) -> None:
        """The session ends, and those that need no name are not held up."""
        target = self.target()
        server = self.names({"silent.test": None})
        proxy = self.proxy(server)
        start = time.monotonic()
        done: list[int] = []
        thread = threading.Thread(
            target=lambda: done.append(self.refused(proxy, "silent.test", 80)))
        thread.start()
        self.reach(proxy, HOST, target.port)
        self.assertEqual(done, [])
        thread.join()
        self.assertEqual(done, [4])
        self.assertLess(time.monotonic() - start, 9)

    def test_second_name_server(self) -> None:
        target = self.target()
        server = self.names({"late.test": [HOST]})
        self.reach(self.socks5("--dns-server", f"{HOST}:{free_port()},{server.address}"),
                   "late.test", target.port)

    def test_addresses_are_tried_in_turn(self) -> None:
        target = self.target()
        server = self.names({"third.test": ["127.0.0.3", "127.0.0.2", HOST],
                             "none.test": ["127.0.0.2", "127.0.0.3"],
                             "other.test": ["::1", "127.0.0.2", HOST]})
        for more in [], ["--prefer-ipv6"]:
            proxy = self.proxy(server, *more)
            self.reach(proxy, "third.test", target.port)
            self.reach(proxy, "other.test", target.port)
            self.assertEqual(self.refused(proxy, "none.test", target.port), 5)

    def test_through_a_server(self) -> None:
        """A name goes to the server as it is, and is asked for there; one that does not exist ends
        the session."""
        target = self.target()
        server = self.names({"far.test": [HOST]})
        port = self.server("aes-256-gcm", "--dns-server", server.address)
        proxy = self.local(port, "aes-256-gcm")
        self.reach(proxy, "far.test", target.port)
        with connect(proxy, "nowhere.test", target.port) as sock:
            sock.sendall(b"x")
            try:
                self.assertEqual(rest(sock), b"")
            except ConnectionError:
                pass

    def test_datagrams_to_a_name(self) -> None:
        target = self.enterContext(UdpTarget())
        server = self.names({"udp.test": [HOST]})
        with Association(self.proxy(server)) as association:
            for size in 1, 1200:
                self.assertEqual(association.exchange("udp.test", target.port, bytes(size)),
                                 bytes(size))
            association.send("nowhere.test", target.port, b"lost")
            self.assertEqual(association.exchange("udp.test", target.port, b"found"), b"found")
