"""Octets arrive whole, both ways, through every method and beside shadowsocks-libev."""

import functools
import hashlib
import socket
import subprocess
import tempfile
import threading
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

from case import KINDS, SIZES, Case
from harness import AEAD, HOST, STREAM, free_port, wait_for
from net import (
    Refused, connect, content, exact, rest, serve_after_end, serve_end_first, serve_greeting,
    transfer,
)


class Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Curl(Case):
    def fetch(self, proxy: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            data = content("file", 1 << 20)
            Path(folder, "file").write_bytes(data)
            with HTTPServer((HOST, 0), functools.partial(Files, directory=folder)) as http:
                threading.Thread(target=http.serve_forever, daemon=True).start()
                url = f"http://localhost:{http.server_port}/file"
                done = subprocess.run(["curl", "-sS4", "-m", "10", "-x", proxy, url],
                                      capture_output=True)
                http.shutdown()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(hashlib.sha256(done.stdout).digest(), hashlib.sha256(data).digest())

    def test_socks5(self) -> None:
        self.fetch(f"socks5://{HOST}:{self.socks5()}")

    def test_socks5_resolves(self) -> None:
        self.fetch(f"socks5h://{HOST}:{self.socks5()}")

    def test_pair(self) -> None:
        self.fetch(f"socks5://{HOST}:{self.pair(AEAD[0])}")

    def test_pair_resolves(self) -> None:
        self.fetch(f"socks5h://{HOST}:{self.pair(AEAD[0])}")


class Sizes(Case):
    """1 octet to 8 MB each way."""

    def through(self, proxy: int) -> None:
        self.carries(connect(proxy, HOST, self.target().port))

    def test_socks5(self) -> None:
        self.through(self.socks5())

    def test_own_pair(self) -> None:
        for method in AEAD + STREAM:
            with self.subTest(method):
                self.through(self.pair(method))
                self.doCleanups()

    def test_own_pair_with_one_time_auth(self) -> None:
        for method in STREAM:
            with self.subTest(method):
                self.through(self.pair(method, "-a"))
                self.doCleanups()

    def test_one_time_auth_may_be_left_to_the_client(self) -> None:
        self.through(self.local(self.server("aes-256-cfb"), "aes-256-cfb", "-a"))

    def test_one_time_auth_is_required_when_the_server_says_so(self) -> None:
        proxy = self.local(self.server("aes-256-cfb", "-a"), "aes-256-cfb", "-t", 2)
        target = self.target()
        with connect(proxy, HOST, target.port) as sock:
            with self.assertRaises((EOFError, ConnectionError)):
                transfer(sock, 1, 1)
        self.assertEqual(target.accepted, 0)

    def test_our_local_with_their_server(self) -> None:
        for method in AEAD + STREAM:
            with self.subTest(method):
                self.through(self.local(self.libev_server(method), method))
                self.doCleanups()

    def test_their_local_with_our_server(self) -> None:
        for method in AEAD + STREAM:
            with self.subTest(method):
                self.through(self.libev_local(self.server(method), method))
                self.doCleanups()


class Ends(Case):
    """How a connection ends is carried like its octets."""

    def each(self) -> list[tuple[str, int]]:
        return [("socks5", self.socks5())] + [
            (kind, self.pair(method, *more)) for kind, (method, more) in KINDS.items()]

    def test_client_ends_first(self) -> None:
        target = self.target(serve_after_end)
        for kind, proxy in self.each():
            for size in 0, 1, 300000:
                with self.subTest(kind, size=size), connect(proxy, HOST, target.port) as sock:
                    sock.sendall(data := content("up", size))
                    sock.shutdown(socket.SHUT_WR)
                    self.assertEqual(rest(sock), hashlib.sha256(data).digest())

    def test_target_ends_first(self) -> None:
        target = self.target(serve_end_first)
        for kind, proxy in self.each():
            with self.subTest(kind), connect(proxy, HOST, target.port) as sock:
                # Shadowsocks clients may wait for a first octet before they connect.
                sock.sendall(data := content("up", 300000))
                self.assertEqual(rest(sock), b"")
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                self.wait_for_verdict(hashlib.sha256(data + data).digest())

    def wait_for_verdict(self, digest: bytes) -> None:
        wait_for("the target's verdict", lambda: serve_end_first.heard)
        self.assertEqual(serve_end_first.heard.pop(), digest)

    def test_target_speaks_first(self) -> None:
        target = self.target(serve_greeting)
        for kind, proxy in self.each():
            with self.subTest(kind), connect(proxy, HOST, target.port) as sock:
                self.assertEqual(exact(sock, 1), b"!")

    def test_slow_reader_gets_all_before_the_end(self) -> None:
        data = content("slow", 4 << 20)
        target = self.target(lambda sock: (sock.recv(1), sock.sendall(data)))
        for kind, proxy in self.each():
            with self.subTest(kind), connect(proxy, HOST, target.port) as sock:
                sock.sendall(b".")
                self.pause(0.3)
                self.assertTrue(rest(sock) == data)


class Targets(Case):
    def test_refused(self) -> None:
        with self.assertRaises(Refused) as caught:
            connect(self.socks5(), HOST, free_port())
        self.assertEqual(caught.exception.rep, 5)

    def test_unreachable_network(self) -> None:
        with self.assertRaises(Refused) as caught:
            connect(self.socks5(), "192.0.2.1", 80)
        self.assertEqual(caught.exception.rep, 3)

    def test_unknown_name(self) -> None:
        with self.assertRaises(Refused) as caught:
            connect(self.socks5(), "no-such-name.invalid", 80)
        self.assertEqual(caught.exception.rep, 4)

    def test_pair_ends_what_it_cannot_reach(self) -> None:
        proxy = self.pair(AEAD[0])
        for host in HOST, "::1", "192.0.2.1", "no-such-name.invalid":
            with self.subTest(host), connect(proxy, host, free_port()) as sock:
                try:
                    sock.sendall(b"x")
                    self.assertEqual(rest(sock), b"")
                except ConnectionError:
                    pass

    def test_ipv6(self) -> None:
        target = self.target(host="::1")
        for kind, proxy in ("socks5", self.socks5()), ("pair", self.pair(AEAD[0])):
            with self.subTest(kind):
                self.carries(connect(proxy, "::1", target.port), SIZES[:5])

    def test_addresses_of_a_name_are_tried_in_turn(self) -> None:
        target = self.target(host="::1")
        for kind, proxy in ("socks5", self.socks5()), ("pair", self.pair(AEAD[0])):
            with self.subTest(kind):
                self.carries(connect(proxy, "both.test", target.port), [1])

    def test_server_reached_over_ipv6(self) -> None:
        self.keep(self.relay.server(port := free_port("::1"), AEAD[0], host="::1"))
        self.keep(self.relay.local(port, proxy := free_port(), AEAD[0], server="::1"))
        self.carries(connect(proxy, HOST, self.target().port), [1, 65536])
