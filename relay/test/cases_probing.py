"""What a prober can learn of the server: nothing. AEAD, but where a test says otherwise."""

import random
import socket
import statistics
import threading
import time
from typing import NamedTuple

from case import KINDS, Case
from cases_segments import Collector, Recorder
from harness import AEAD, HOST
from net import Target, connect, content, dial, rest

METHOD = AEAD[3]
DEADLINE = 2  # seconds, the server's timeout here
AGAIN = 3  # times, of a probe that a busy machine may have delayed


class Outcome(NamedTuple):
    end: str  # FIN, RST, or open
    octets: int
    seconds: float


class Probing(Case):
    def setUp(self) -> None:
        self.port = self.server(METHOD, "-t", DEADLINE)

    def probe(self, data: bytes, drip: float = 0, end: bool = False) -> Outcome:
        """Sends data, in single octets when drip says how many seconds apart, then waits."""
        start, octets = time.monotonic(), 0
        with dial(self.port) as sock:
            try:
                for piece in ([data[i:i + 1] for i in range(len(data))] if drip else [data]):
                    sock.sendall(piece)
                    time.sleep(drip)
                if end:
                    sock.shutdown(socket.SHUT_WR)
                octets = len(rest(sock))
                how = "FIN"
            except TimeoutError:
                how = "open"
            except ConnectionError:
                how = "RST"
        return Outcome(how, octets, time.monotonic() - start)

    def probe_all(self, probes: list[bytes], **how: object) -> list[Outcome]:
        """All at the same time."""
        outcomes: dict[int, Outcome] = {}
        threads = [threading.Thread(target=lambda i=i, data=data: outcomes.update(
            {i: self.probe(data, **how)})) for i, data in enumerate(probes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [outcomes[i] for i in range(len(probes))]

    def alike(self, *rounds: tuple[list[bytes], dict[str, object]]) -> None:
        """One class of outcome, no octet, and times within 100 ms or a tenth of their median. What comes
        at another time is asked again, alone: what depends on the octets does so each time."""
        asked = [(probe, how) for probes, how in rounds for probe in probes]
        outcomes = [outcome for probes, how in rounds for outcome in self.probe_all(probes, **how)]
        middle = statistics.median(o.seconds for o in outcomes)
        for (probe, how), outcome in zip(asked, outcomes):
            for again in range(AGAIN, -1, -1):
                self.assertEqual(outcome[:2], (outcomes[0].end, 0), probe[:300].hex())
                if abs(outcome.seconds - middle) < max(0.1, middle / 10):
                    break
                self.assertTrue(again, (probe[:300].hex(), outcome, middle))
                outcome = self.probe(probe, **how)

    def test_random_octets_of_every_length(self) -> None:
        source = random.Random(1)
        self.alike(([source.randbytes(n) for n in (*range(1, 301), 500, 3000)], {}))

    def test_octet_by_octet_and_many_octets(self) -> None:
        source = random.Random(2)
        self.alike(([source.randbytes(n) for n in (1, 32, 50, 51, 66, 67, 100, 300)],
                    {"drip": 0.001}),
                   ([source.randbytes(n) for n in (50, 100000)], {}))

    def test_slow_drip_does_not_move_the_deadline(self) -> None:
        outcomes = self.probe_all([bytes(n) for n in (100, 200)], drip=0.05)
        for outcome in outcomes:
            self.assertLess(outcome.seconds, 12)
        start = time.monotonic()
        with dial(self.port) as sock:
            sock.settimeout(0.2)
            while time.monotonic() - start < 5 * DEADLINE:
                try:
                    sock.sendall(b"x")
                    if sock.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
        self.assertLess(time.monotonic() - start, DEADLINE + 1.5)

    def test_end_before_authentication(self) -> None:
        source = random.Random(3)
        self.alike(([source.randbytes(n) for n in (0, 1, 31, 32, 49, 50, 51, 300)], {"end": True}))

    def first_flight(self, target: Target | Collector, payload: bytes = b"payload") -> bytes:
        return Recorder(self, METHOD).flight(HOST, target.port, payload)

    def test_replay_looks_like_random_octets(self) -> None:
        collector = Collector(self)
        flight = self.first_flight(collector)
        self.assertEqual(self.probe(flight, end=True).octets > 0, True)
        self.assertEqual(collector.next(), b"payload")
        self.alike(([flight, random.Random(4).randbytes(len(flight)), flight], {}))
        self.assertEqual(collector.target.accepted, 1)

    def test_changed_replay_looks_like_random_octets(self) -> None:
        collector = Collector(self)
        flight = self.first_flight(collector)
        changed = []
        for at in (0, 31, 32, 33, 34, 49, 50, 52, 56, 58, 66, 73):
            copy = bytearray(flight)
            copy[at] ^= 1
            changed.append(bytes(copy))
        self.probe(flight, end=True)
        collector.next()
        self.alike(([*changed, random.Random(5).randbytes(len(flight))], {}))
        self.assertEqual(collector.target.accepted, 1)

    def test_two_at_once_with_one_salt(self) -> None:
        collector = Collector(self)
        flight = self.first_flight(collector)
        with dial(self.port) as first, dial(self.port) as second:
            for sock in first, second:
                sock.sendall(flight[:40])
            self.pause(0.1)
            for sock in first, second:
                sock.sendall(flight[40:])
                sock.shutdown(socket.SHUT_WR)
            self.assertEqual(collector.next(), b"payload")
            self.pause(0.3)
        self.assertEqual(collector.target.accepted, 1)

    def test_salt_counts_only_once_authenticated(self) -> None:
        collector = Collector(self)
        flight = self.first_flight(collector)
        corrupt = bytearray(flight)
        corrupt[40] ^= 1
        self.probe(bytes(corrupt), end=True)
        self.assertEqual(collector.target.accepted, 0)
        self.probe(flight, end=True)
        self.assertEqual(collector.next(), b"payload")

    def test_reflection_is_refused(self) -> None:
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind):
                self.port = self.server(method, "-t", DEADLINE, *more)
                collector = Collector(self)
                flight = Recorder(self, method, *more).flight(HOST, collector.port, b"payload")
                with dial(self.port) as sock:
                    sock.sendall(flight)
                    sock.shutdown(socket.SHUT_WR)
                    answer = rest(sock)
                self.assertGreater(len(answer), 0)
                self.assertEqual(self.probe(answer, end=True).octets, 0)
                self.assertEqual(collector.target.accepted, 1)

    def test_replay_is_refused_with_every_kind(self) -> None:
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind):
                self.port = self.server(method, "-t", DEADLINE, *more)
                collector = Collector(self)
                flight = Recorder(self, method, *more).flight(HOST, collector.port, b"payload")
                self.assertGreater(self.probe(flight, end=True).octets, 0)
                self.assertEqual(self.probe(flight, end=True).octets, 0)
                self.assertEqual(collector.target.accepted, 1)

    def test_no_partial_plaintext(self) -> None:
        """The last chunk cut short or changed: nothing of it reaches the target."""
        payload, got, collector = content("chunks", 100000), [], Collector(self)
        flight = self.first_flight(collector, payload)
        for spoilt in (flight[:-1], flight[:-16], flight[:-17],
                       flight[:-1] + bytes([flight[-1] ^ 1])):
            with dial(self.server(METHOD)) as sock:
                sock.sendall(spoilt)
                sock.shutdown(socket.SHUT_WR)
                got.append(collector.next())
        for octets in got:
            self.assertEqual(octets, payload[:len(octets)])
            self.assertLess(len(octets), len(payload))
            self.assertEqual(len(octets), len(got[0]))

    def test_the_server_lives_on(self) -> None:
        self.probe_all([random.Random(6).randbytes(n) for n in range(1, 100)], end=True)
        proxy = self.local(self.port, METHOD)
        target = self.target()
        self.carries(connect(proxy, HOST, target.port), [1, 65536])
