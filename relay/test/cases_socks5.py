"""What the SOCKS5 fronts answer: plain SOCKS5 server and sslocal."""

import socket

from case import Case
from harness import AEAD, HOST, free_port
from net import Refused, address, dial, exact, greet, read_reply, rest, serve_greeting

CONNECT, BIND = 1, 2


class Front(Case):
    def setUp(self) -> None:
        self.fronts = [("socks5", self.socks5()), ("local", self.pair(AEAD[0]))]

    def request(self, proxy: int, message: bytes) -> tuple[int, bytes]:
        """REP, and what comes behind the reply until the end."""
        with dial(proxy) as sock:
            greet(sock)
            sock.sendall(message)
            with self.assertRaises(Refused) as caught:
                read_reply(sock)
            return caught.exception.rep, rest(sock)

    def test_unknown_command(self) -> None:
        for kind, proxy in self.fronts:
            for command in 0, 4, 0xF0, 0xFF:
                with self.subTest(kind, command=command):
                    message = bytes([5, command, 0]) + address(HOST, 80)
                    self.assertEqual(self.request(proxy, message), (7, b""))

    def test_unknown_address_type(self) -> None:
        for kind, proxy in self.fronts:
            for atyp in 0, 2, 5, 0x11, 0x13, 0xFF:
                with self.subTest(kind, atyp=atyp):
                    message = bytes([5, 1, 0, atyp]) + bytes(6)
                    self.assertEqual(self.request(proxy, message), (8, b""))

    def test_no_acceptable_method(self) -> None:
        for kind, proxy in self.fronts:
            for methods in b"\x02", b"\x01\x02\x80\xff":
                with self.subTest(kind, methods=methods), dial(proxy) as sock:
                    sock.sendall(bytes([5, len(methods)]) + methods)
                    self.assertEqual(rest(sock), b"\x05\xff")

    def test_methods_of_every_number_and_order(self) -> None:
        for kind, proxy in self.fronts:
            for methods in bytes(range(255)), bytes(255), b"\x80\x02\x00":
                with self.subTest(kind, methods=methods), dial(proxy) as sock:
                    sock.sendall(bytes([5, len(methods)]) + methods)
                    self.assertEqual(exact(sock, 2), b"\x05\x00")

    def test_other_versions_are_ended_without_success(self) -> None:
        for kind, proxy in self.fronts:
            for first in b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n":
                with self.subTest(kind, first=first), dial(proxy) as sock:
                    sock.sendall(first)
                    try:
                        self.assertIn(rest(sock), (b"", b"\x05\xff"))
                    except ConnectionError:
                        pass

    def test_connect_names_the_address_it_is_bound_to(self) -> None:
        accepted = []
        target = self.target(lambda sock: accepted.append(sock.getpeername()))
        with dial(self.fronts[0][1]) as sock:
            greet(sock)
            sock.sendall(bytes([5, CONNECT, 0]) + address(HOST, target.port))
            bound = read_reply(sock)
            rest(sock)
        self.assertEqual(accepted, [bound])

    def test_bind(self) -> None:
        """Two replies, then octets both ways; only the host that was named may come."""
        with dial(self.fronts[0][1]) as sock, socket.socket() as stranger:
            greet(sock)
            sock.sendall(bytes([5, BIND, 0]) + address(HOST, 0))
            bound = read_reply(sock)
            stranger.bind(("127.0.0.2", 0))
            stranger.connect(bound)
            try:
                self.assertEqual(rest(stranger), b"")
            except ConnectionError:
                pass
            with socket.create_connection(bound) as peer:
                self.assertEqual(read_reply(sock), peer.getsockname())
                peer.sendall(b"in")
                self.assertEqual(exact(sock, 2), b"in")
                sock.sendall(b"out")
                self.assertEqual(exact(peer, 3), b"out")

    def test_bind_is_not_for_sslocal(self) -> None:
        message = bytes([5, BIND, 0]) + address(HOST, 0)
        self.assertEqual(self.request(self.fronts[1][1], message), (7, b""))

    def test_sslocal_answers_connect_at_once(self) -> None:
        """Its server is not even there."""
        with dial(self.local(free_port(), AEAD[0])) as sock:
            greet(sock)
            sock.sendall(bytes([5, CONNECT, 0]) + address(HOST, 80))
            read_reply(sock)

    def test_longest_name(self) -> None:
        for kind, proxy in self.fronts:
            with self.subTest(kind), dial(proxy) as sock:
                greet(sock)
                sock.sendall(bytes([5, CONNECT, 0, 3, 255]) + b"a" * 255 + b"\0\x50")
                try:
                    read_reply(sock)
                    self.assertEqual(rest(sock), b"")
                except Refused as refused:
                    self.assertIn(refused.rep, (1, 4))

    def test_request_that_ends_early_harms_nothing(self) -> None:
        whole = b"\x05\x01\x00" + bytes([5, CONNECT, 0]) + address("both.test", 80)
        for kind, proxy in self.fronts:
            for size in range(len(whole)):
                with dial(proxy) as sock:
                    sock.sendall(whole[:size])
            with self.subTest(kind), dial(proxy) as sock:
                greet(sock)
                target = self.target(serve_greeting)
                sock.sendall(bytes([5, CONNECT, 0]) + address(HOST, target.port))
                read_reply(sock)
                self.assertEqual(exact(sock, 1), b"!")
