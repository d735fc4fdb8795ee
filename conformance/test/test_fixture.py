#!/usr/bin/env python3
"""The good path of each feature of fixture.py, over real loopback sockets."""

import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from fixture_client_defects import DEFECTS as CLIENT_DEFECTS  # noqa: E402
from fixture_defects import DEFECTS  # noqa: E402

SECONDS = 20
SELECTED = b"\x05\x00"
GREETING = b"\x05\x01\x00"


def address(host: str, port: int) -> bytes:
    """ATYP, the address and the port of HOST, an IPv4 or IPv6 address or else a name."""
    for atyp, family in (1, socket.AF_INET), (4, socket.AF_INET6):
        try:
            return bytes([atyp]) + socket.inet_pton(family, host) + struct.pack(">H", port)
        except (OSError, ValueError):
            pass
    name = host.encode()
    return bytes([3, len(name)]) + name + struct.pack(">H", port)


def request(command: int, host: str, port: int) -> bytes:
    return bytes([5, command, 0]) + address(host, port)


def exact(sock: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        more = sock.recv(count - len(octets))
        if not more:
            raise AssertionError(f"ended after {octets.hex()}, expected {count} octets")
        octets += more
    return octets


def rest(sock: socket.socket) -> bytes:
    octets = b""
    while more := sock.recv(65536):
        octets += more
    return octets


def reply(sock: socket.socket) -> tuple[int, tuple[str, int]]:
    version, rep, reserved, atyp = exact(sock, 4)
    assert (version, reserved) == (5, 0), (version, reserved)
    family, length = {1: (socket.AF_INET, 4), 4: (socket.AF_INET6, 16)}[atyp]
    host = socket.inet_ntop(family, exact(sock, length))
    return rep, (host, int.from_bytes(exact(sock, 2), "big"))


class Target:
    """Listens on HOST; takes one connection and reads it to its end before it answers."""

    def __init__(self, host: str, answer: bytes) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family)
        self.listener.settimeout(SECONDS)
        self.port = self.listener.getsockname()[1]
        self.answer, self.got, self.peer = answer, None, None
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        with self.listener:
            sock, self.peer = self.listener.accept()
        with sock:
            sock.settimeout(SECONDS)
            self.got = rest(sock)
            sock.sendall(self.answer)


class Fixture(unittest.TestCase):
    options: list[str] = []
    host = "127.0.0.1"

    @classmethod
    def setUpClass(cls) -> None:
        cls.process = subprocess.Popen(
            [sys.executable, HERE / "fixture.py", "--host", cls.host, "--port", "0", *cls.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        cls.port = int(cls.process.stdout.readline().split()[1])

    @classmethod
    def tearDownClass(cls) -> None:
        alive = cls.process.poll() is None
        cls.process.terminate()
        _, errors = cls.process.communicate()
        if errors or not alive:
            raise AssertionError(f"the fixture died, or complained: {errors}")

    def trickle(self, sock: socket.socket, octets: bytes) -> None:
        for octet in octets:
            sock.sendall(bytes([octet]))
            time.sleep(0.002)

    def client(self, octets: bytes = b"") -> socket.socket:
        sock = socket.create_connection((self.host, self.port), SECONDS)
        self.addCleanup(sock.close)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(octets)
        return sock

    def selected(self, octets: bytes) -> socket.socket:
        """A client whose OCTETS follow the greeting at once, and whose selection has come."""
        sock = self.client(GREETING + octets)
        self.assertEqual(exact(sock, 2), SELECTED)
        return sock


class Greeting(Fixture):
    def test_answers(self) -> None:
        for octets, answer in {
            GREETING: SELECTED,
            b"\x05\xff" + bytes(range(255)): SELECTED,
            b"\x05\x02\x02\x00": SELECTED,
            b"\x05\x00": b"\x05\xff",
            b"\x05\x01\x02": b"\x05\xff",
            b"\x05\x01\xff": b"\x05\xff",
            b"\x04": b"",
        }.items():
            with self.subTest(octets=octets[:4].hex()):
                sock = self.client(octets)
                self.assertEqual(exact(sock, 2) if answer == SELECTED else rest(sock), answer)


class Connect(Fixture):
    def through(self, host: str, target: str) -> None:
        peer = Target(target, b"down")
        sock = self.selected(request(1, host, peer.port) + b"u")
        rep, bound = reply(sock)
        sock.sendall(b"p")
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(rest(sock), b"down")
        peer.thread.join()
        self.assertEqual((rep, bound, peer.got), (0, peer.peer[:2], b"up"))

    def test_ipv4(self) -> None:
        self.through("127.0.0.1", "127.0.0.1")

    def test_ipv6(self) -> None:
        self.through("::1", "::1")

    def test_domain(self) -> None:
        self.through("localhost", "127.0.0.1")

    def test_octet_by_octet(self) -> None:
        peer = Target("127.0.0.1", b"down")
        sock = self.client()
        self.trickle(sock, GREETING + request(1, "127.0.0.1", peer.port) + b"up")
        sock.shutdown(socket.SHUT_WR)
        octets = rest(sock)
        self.assertEqual((octets[:4], octets[-4:]), (b"\x05\x00\x05\x00", b"down"))
        peer.thread.join()
        self.assertEqual(peer.got, b"up")

    def test_the_target_ends_first(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            sock = self.selected(request(1, *listener.getsockname()))
            reply(sock)
            peer, _ = listener.accept()
        with peer:
            peer.settimeout(SECONDS)
            peer.sendall(b"down")
            peer.shutdown(socket.SHUT_WR)
            self.assertEqual(rest(sock), b"down")
            sock.sendall(b"up")
            sock.shutdown(socket.SHUT_WR)
            self.assertEqual(rest(peer), b"up")

    def test_a_reset_crosses(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            sock = self.selected(request(1, *listener.getsockname()))
            reply(sock)
            peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        with self.assertRaises(ConnectionResetError):
            rest(sock)

    def test_large_to_a_slow_reader(self) -> None:
        answer = bytes(range(256)) * 32768  # 8 MiB
        peer = Target("127.0.0.1", answer)
        sock = self.selected(request(1, "127.0.0.1", peer.port))
        reply(sock)
        sock.sendall(answer)
        sock.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        self.assertTrue(rest(sock) == answer)
        peer.thread.join()
        self.assertTrue(peer.got == answer)

    def test_failures(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            free = listener.getsockname()[1]
        failed = "050{}0001" + "00" * 6
        for octets, answer in {
            request(1, "127.0.0.1", free): failed.format(5),
            request(1, "no-such-name.invalid", 80): failed.format(4),
            request(1, "localhost\0x", 80): failed.format(4),
            request(1, "255.255.255.255", 80): failed.format(3),
            request(4, "127.0.0.1", 80): failed.format(7),
            b"\x05\x01\x00\x05": failed.format(8),
            b"\x04\x01\x00": "",
        }.items():
            with self.subTest(octets=octets.hex()):
                self.assertEqual(rest(self.selected(octets)).hex(), answer)

    def test_three_hundred_at_once(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
            hello = GREETING + request(1, *listener.getsockname())
            clients = [self.client(hello) for _ in range(300)]
            peers = [listener.accept()[0] for _ in clients]
        for sock in clients:
            self.assertEqual(exact(sock, 4), b"\x05\x00\x05\x00")
        for peer in peers:
            peer.close()


class Authentication(Fixture):
    options = ["--auth", "user:pass"]

    def test_answers(self) -> None:
        for octets, answer in {
            b"\x01\x04user\x04pass": b"\x01\x00",
            b"\x01\x04user\x04pasS": b"\x01\x01",
            b"\x01\x04user\x06pass\0x": b"\x01\x01",
            b"\x01\x04user\x05pass\0": b"\x01\x01",
            b"\x01\x04user\x03pas": b"\x01\x01",
            b"\x01\x00\x00": b"\x01\x01",
            b"\x05\x04user\x04pass": b"\x01\x01",
        }.items():
            with self.subTest(octets=octets):
                sock = self.client(b"\x05\x02\x00\x02" + octets)
                self.assertEqual(exact(sock, 2), b"\x05\x02")
                self.assertEqual(exact(sock, 2), answer)
                if answer != b"\x01\x00":
                    self.assertEqual(rest(sock), b"")

    def test_is_required(self) -> None:
        self.assertEqual(rest(self.client(GREETING)), b"\x05\xff")

    def test_a_request_follows(self) -> None:
        sock = self.client(b"\x05\x01\x02\x01\x04user\x04pass" + request(9, "127.0.0.1", 1))
        self.assertEqual(rest(sock)[:6], b"\x05\x02\x01\x00\x05\x07")

    def test_octet_by_octet(self) -> None:
        sock = self.client()
        self.trickle(sock, b"\x05\x01\x02\x01\x04user\x04pass")
        self.assertEqual(exact(sock, 4), b"\x05\x02\x01\x00")


class Bind(Fixture):
    def test_both_replies_and_data(self) -> None:
        sock = self.selected(request(2, "127.0.0.1", 0) + b"early")
        rep, bound = reply(sock)
        self.assertEqual((rep, bound[0]), (0, "127.0.0.1"))
        with socket.create_connection(bound, SECONDS) as peer:
            self.assertEqual(reply(sock), (0, peer.getsockname()))
            self.assertEqual(exact(peer, 5), b"early")
            peer.sendall(b"late")
            peer.shutdown(socket.SHUT_WR)
            self.assertEqual(rest(sock), b"late")

    def test_another_host_is_refused(self) -> None:
        sock = self.selected(request(2, "127.0.0.1", 0))
        _, bound = reply(sock)
        with socket.create_connection(bound, SECONDS, ("127.0.0.2", 0)) as stranger:
            with self.assertRaises(ConnectionResetError):
                rest(stranger)
        with socket.create_connection(bound, SECONDS) as peer:
            self.assertEqual(reply(sock), (0, peer.getsockname()))

    def test_ends_with_its_client(self) -> None:
        sock = self.selected(request(2, "0.0.0.0", 0))
        _, bound = reply(sock)
        sock.close()
        time.sleep(0.1)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(bound, SECONDS)


class Udp(Fixture):
    def setUp(self) -> None:
        self.mine = self.socket("127.0.0.1")

    def socket(self, host: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.settimeout(SECONDS)
        sock.bind((host, 0))
        return sock

    def associate(self, host: str = "0.0.0.0", port: int = 0) -> tuple[str, int]:
        self.control = self.selected(request(3, host, port))
        rep, bound = reply(self.control)
        self.assertEqual((rep, bound[0]), (0, "127.0.0.1"))
        return bound

    def there_and_back(self, bound: tuple[str, int], host: str, target: str, data: bytes) -> None:
        peer = self.socket(target)
        self.mine.sendto(bytes(3) + address(host, peer.getsockname()[1]) + data, bound)
        got, sender = peer.recvfrom(65536)
        self.assertTrue(got == data)
        peer.sendto(data[::-1], sender)
        back = self.mine.recv(65536)
        self.assertTrue(back == bytes(3) + address(*peer.getsockname()[:2]) + data[::-1])

    def test_address_types_and_sizes(self) -> None:
        bound = self.associate()
        self.there_and_back(bound, "127.0.0.1", "127.0.0.1", b"ping")
        self.there_and_back(bound, "::1", "::1", b"ping")
        self.there_and_back(bound, "127.0.0.1", "127.0.0.1", b"")
        self.there_and_back(bound, "127.0.0.1", "127.0.0.1", bytes(65507 - 10))

    def test_a_name(self) -> None:
        bound, port = self.associate(), None
        peers = [self.socket("127.0.0.1")]
        port = peers[0].getsockname()[1]
        six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.addCleanup(six.close)
        six.bind(("::1", port))
        six.settimeout(0.2)
        peers[0].settimeout(0.2)
        self.mine.sendto(bytes(3) + address("localhost", port) + b"ping", bound)
        got = []
        for peer in peers + [six]:
            try:
                got.append(peer.recv(100))
            except TimeoutError:
                pass
        self.assertEqual(got, [b"ping"])

    def test_what_is_dropped_harms_nothing(self) -> None:
        bound = self.associate(*self.mine.getsockname())
        peer = self.socket("127.0.0.1")
        good = bytes(3) + address(*peer.getsockname())
        self.socket("127.0.0.1").sendto(good + b"another port", bound)
        self.socket("127.0.0.2").sendto(good + b"another host", bound)
        self.mine.sendto(good[:2] + b"\x01" + good[3:] + b"a fragment", bound)
        self.mine.sendto(good[:3] + b"\x05" + good[4:] + b"another type", bound)
        for length in range(len(good)):
            self.mine.sendto(good[:length], bound)
        self.mine.sendto(good + b"good", bound)
        self.assertEqual(peer.recv(100), b"good")

    def test_ends_with_its_connection(self) -> None:
        bound = self.associate()
        self.control.close()
        time.sleep(0.1)
        self.mine.connect(bound)
        self.mine.send(b"x")
        with self.assertRaises(ConnectionRefusedError):
            self.mine.recv(1)


class Table(unittest.TestCase):
    def test_every_defect_is_asked_for(self) -> None:
        source = "".join((HERE / name).read_text() for name in ("fixture.py", "fixture_wire.py"))
        asked = set(re.findall(r'(?:has|message)\(\s*"([a-z0-9-]+)"', source))
        asked |= set(re.findall(r'!= SUCCESS else "([a-z0-9-]+)"\)', source))
        self.assertEqual(set(DEFECTS), asked)

    def test_every_defect_of_the_client_is_asked_for(self) -> None:
        source = (HERE / "fixture_client.py").read_text()
        unasked = [name for name in CLIENT_DEFECTS if f'"{name}"' not in source]
        self.assertEqual(unasked, [])

    def test_usage(self) -> None:
        for options in ["--port", "0", "--defect", "none"], ["--port", "x"], ["--auth", "u"], []:
            command = [sys.executable, HERE / "fixture.py", *options]
            done = subprocess.run(command, capture_output=True, timeout=SECONDS)
            self.assertEqual((done.returncode, done.stdout), (2, b""))


del Fixture  # the base has no tests of its own
if __name__ == "__main__":
    unittest.main()
