"""UDP: what is carried, what is dropped, and how an association ends."""

import json
import socket
import tempfile

from case import KINDS, Case
from harness import AEAD, HOST, STREAM, free_port, wait_for
from net import Association, Refused, UdpTarget, address, content, dial, greet, read_reply

MOST = 65507  # octets of a datagram over IPv4


class Datagrams(Case):
    def setUp(self) -> None:
        self.udp = self.enterContext(UdpTarget())

    def echoes(self, proxy: int, *sizes: int) -> None:
        with Association(proxy) as association:
            for size in sizes or (1, 64, 1400):
                data = content("datagram", size)
                self.assertEqual(association.exchange(HOST, self.udp.port, data), data)

    def each(self) -> list[tuple[str, int]]:
        return [("socks5", self.socks5("-u"))] + [
            (kind, self.pair(method, "-u", *more)) for kind, (method, more) in KINDS.items()]

    def test_own_pair(self) -> None:
        for method in AEAD + STREAM:
            with self.subTest(method):
                self.echoes(self.pair(method, "-u"))

    def test_own_pair_with_one_time_auth(self) -> None:
        for method in STREAM:
            with self.subTest(method):
                self.echoes(self.pair(method, "-u", "-a"))

    def test_our_local_with_their_server(self) -> None:
        for method in AEAD + STREAM:
            with self.subTest(method):
                self.echoes(self.local(self.libev_server(method, "-u"), method, "-u"))

    def test_their_local_with_our_server(self) -> None:
        for method in AEAD + STREAM:
            with self.subTest(method):
                self.echoes(self.libev_local(self.server(method, "-u"), method, "-u"))

    def test_sizes(self) -> None:
        """An empty payload, and all that fits behind the header of each hop."""
        for kind, proxy in self.each():
            with self.subTest(kind):
                self.echoes(proxy, 0, 1, 9000, 65300)

    def test_too_large_is_dropped_and_the_next_is_not(self) -> None:
        """The target's answer of this size does not fit behind the headers of the way back."""
        for kind, proxy in self.each():
            with self.subTest(kind), Association(proxy) as association:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as target:
                    target.bind((HOST, 0))
                    association.send(HOST, target.getsockname()[1], b"ask")
                    _, sender = target.recvfrom(100)
                    target.sendto(bytes(MOST), sender)
                    target.sendto(b"fits", sender)
                    self.assertEqual(association.receive()[1], b"fits")

    def test_ipv6_target(self) -> None:
        with UdpTarget("::1") as target:
            for kind, proxy in self.each():
                with self.subTest(kind), Association(proxy) as association:
                    association.send("::1", target.port, b"six")
                    self.assertEqual(association.receive(), (address("::1", target.port), b"six"))

    def test_name(self) -> None:
        for kind, proxy in self.each():
            with self.subTest(kind), Association(proxy) as association:
                self.assertEqual(association.exchange("localhost", self.udp.port, b"x"), b"x")

    def test_several_targets_in_one_association(self) -> None:
        with UdpTarget() as other:
            for kind, proxy in self.each():
                with self.subTest(kind), Association(proxy) as association:
                    for target in self.udp, other, self.udp:
                        association.send(HOST, target.port, b"which")
                        self.assertEqual(association.receive()[0], address(HOST, target.port))

    def test_fragments_and_rubbish_are_dropped(self) -> None:
        for kind, proxy in self.each():
            with self.subTest(kind), Association(proxy) as association:
                for head in b"\0\0\1", b"\0\0\x81", b"\0\0\xff":
                    association.send(HOST, self.udp.port, b"fragment", head)
                for size in range(11):
                    association.sock.sendto(bytes(size), association.relay)
                association.sock.sendto(b"\0\0\0\2" + bytes(20), association.relay)
                self.assertEqual(association.exchange(HOST, self.udp.port, b"good"), b"good")

    def test_the_association_ends_with_its_connection(self) -> None:
        for kind, proxy in self.each():
            process = self.running[proxy]
            at_rest = process.descriptors()
            with self.subTest(kind), Association(proxy) as association:
                self.assertEqual(association.exchange(HOST, self.udp.port, b"x"), b"x")
                self.assertGreater(process.descriptors(), at_rest + 1)
                association.control.close()
                wait_for("descriptors given back", lambda: process.descriptors() <= at_rest)

    def test_another_client_s_datagrams_are_dropped(self) -> None:
        """The association is of the address from which the connection came."""
        for kind, proxy in self.each():
            with self.subTest(kind), Association(proxy) as association, \
                 socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                self.assertEqual(association.exchange(HOST, self.udp.port, b"x"), b"x")
                received = self.udp.received
                stranger.bind(("127.0.0.2", 0))
                stranger.sendto(bytes(3) + address(HOST, self.udp.port) + b"y", association.relay)
                self.assertEqual(association.exchange(HOST, self.udp.port, b"z"), b"z")
                self.assertEqual(self.udp.received, received + 1)

    def test_without_udp_it_is_refused(self) -> None:
        proxy = self.pair(AEAD[0])
        with dial(proxy) as sock:
            greet(sock)
            sock.sendall(b"\x05\x03\x00" + address("0.0.0.0", 0))
            with self.assertRaises(Refused) as caught:
                read_reply(sock)
        self.assertEqual(caught.exception.rep, 7)


class Server(Case):
    """Datagrams that reach the server's port as they are."""

    def test_small_and_random_datagrams_harm_nothing(self) -> None:
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind), UdpTarget() as udp:
                port = self.server(method, "-u", *more)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                    for size in range(65):
                        sock.sendto(content("noise", size), (HOST, port))
                    if kind == "AEAD":
                        sock.settimeout(0.3)
                        with self.assertRaises(TimeoutError):
                            sock.recv(1)
                with Association(self.local(port, method, "-u", *more)) as association:
                    self.assertEqual(association.exchange(HOST, udp.port, b"x"), b"x")

    def record(self, method: str, target: int, *more: str) -> bytes:
        """A datagram for target as our local seals it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as recorder:
            recorder.bind((HOST, free_port()))
            proxy = self.local(recorder.getsockname()[1], method, "-u", *more)
            with Association(proxy) as association:
                association.send(HOST, target, b"once")
                return recorder.recv(65536)

    def test_replay_and_reflection_are_refused(self) -> None:
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind), UdpTarget() as udp:
                datagram = self.record(method, udp.port, *more)
                port = self.server(method, "-u", *more)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                    sock.settimeout(5)
                    sock.sendto(datagram, (HOST, port))
                    answer = sock.recv(65536)
                    self.assertEqual(udp.received, 1)
                    sock.sendto(datagram, (HOST, port))
                    sock.sendto(answer, (HOST, port))
                    sock.settimeout(0.3)
                    with self.assertRaises(TimeoutError):
                        sock.recv(1)
                self.assertEqual(udp.received, 1)

    def test_forbidden_destinations_are_checked_for_every_datagram(self) -> None:
        port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file, UdpTarget() as allowed, \
             UdpTarget("127.0.0.2") as forbidden:
            json.dump({"server": HOST, "server_port": port, "password": "x", "method": AEAD[0],
                       "mode": "tcp_and_udp", "forbidden_ip": ["127.0.0.2"]}, file)
            file.flush()
            self.keep(self.relay.start("server", "-c", file.name).ready(port))
            self.keep(self.relay.start("local", "-s", HOST, "-p", port, "-l",
                                       proxy := free_port(), "-k", "x", "-m", AEAD[0], "-u",
                                       ).ready(proxy))
            with Association(proxy) as association:
                for host in HOST, "127.0.0.2", "::ffff:127.0.0.2", HOST:
                    target = allowed if host == HOST else forbidden
                    association.send(host, target.port, b"x")
                self.assertEqual([association.receive()[1] for _ in range(2)], [b"x", b"x"])
            self.assertEqual((allowed.received, forbidden.received), (2, 0))
