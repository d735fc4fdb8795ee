#!/usr/bin/env python3
"""200 sessions opening and closing through sockspec-relay for a while: memory and descriptors must
not grow.

usage: soak.py PROGRAM [SECONDS]          300 unless given
Each tenth of the time all sessions end, and what the relay then still holds is noted.
Exit status: 0 no growth and every session as it should be, 1 not so, 2 usage.
"""

import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import (  # noqa: E402
    HOST, Process, Relay, enter_namespace, free_port, raise_descriptor_limit, refuse, wait_for,
)
from net import (  # noqa: E402
    Association, Target, UdpTarget, connect, content, dial, exact, rest, serve_echo, serve_greeting,
    serve_transfer, transfer,
)

SESSIONS, ROUNDS, WARM_UP = 200, 10, 4
SLACK = 512 << 10    # octets that a process may hold more: pooled buffers, heap of a busier moment
REMEMBERED = 2 * 48  # octets a session that the replay filter keeps on purpose: two salts

# Method, what both sides are given beside it, and whether it has salts to be remembered.
COMMON = ["-u", "--udp-timeout", "1"]
PAIRS = [("chacha20-ietf-poly1305", [], True), ("aes-256-cfb", ["-a"], True),
         ("none", [], False)]


class Soak:
    def __init__(self, relay: Relay, stack: ExitStack):
        self.processes: dict[str, tuple[Process, bool]] = {}
        self.proxies: list[int] = []
        for method, more, salted in PAIRS:
            port, proxy = free_port(), free_port()
            self.processes[f"server {method}"] = (
                stack.enter_context(relay.server(port, method, *COMMON, *more)), salted)
            self.processes[f"local {method}"] = (
                stack.enter_context(relay.local(port, proxy, method, *COMMON, *more)), salted)
            self.proxies.append(proxy)
        self.proxies.append(free_port())
        self.processes["socks5"] = (
            stack.enter_context(relay.socks5(self.proxies[-1], *COMMON)), False)
        self.bulk = stack.enter_context(Target(serve_transfer)).port
        self.echo = stack.enter_context(Target(serve_echo)).port
        self.greeter = stack.enter_context(Target(serve_greeting)).port
        self.udp = stack.enter_context(UdpTarget()).port
        self.kinds: list[Callable[[int, random.Random], None]] = [
            self.carried, self.half_closed, self.reset, self.idle, self.refused, self.silent,
            self.datagrams]
        self.done: Counter[str] = Counter()
        self.lost = 0  # datagrams
        self.failures: list[str] = []

    def carried(self, proxy: int, source: random.Random) -> None:
        with connect(proxy, HOST, self.bulk) as sock:
            for _ in range(source.randrange(1, 4)):
                transfer(sock, source.choice([1, 1000, 70000]), source.choice([1, 1000, 200000]))

    def half_closed(self, proxy: int, source: random.Random) -> None:
        data = content("half", source.choice([1, 3000]))
        with connect(proxy, HOST, self.echo) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            assert rest(sock) == data, "half-close: the echo is not what was sent"

    def reset(self, proxy: int, source: random.Random) -> None:
        sock = connect(proxy, HOST, self.bulk)
        sock.sendall(b"\0\x10\0\0" * 2 + bytes(source.choice([0, 100, 60000])))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()

    def idle(self, proxy: int, source: random.Random) -> None:
        with connect(proxy, HOST, self.greeter) as sock:
            assert exact(sock, 1) == b"!"
            time.sleep(source.random())

    def refused(self, proxy: int, source: random.Random) -> None:
        try:
            with connect(proxy, HOST, 1) as sock:
                sock.sendall(b"x")
                assert rest(sock) == b"", "octets from a target that does not exist"
        except Exception as error:
            if isinstance(error, (AssertionError, TimeoutError)):
                raise

    def silent(self, proxy: int, source: random.Random) -> None:
        with dial(proxy) as sock:
            sock.sendall(bytes([5, 1, 0, 5, 1])[:source.randrange(6)])

    def datagrams(self, proxy: int, source: random.Random) -> None:
        with Association(proxy) as association:
            association.sock.settimeout(1)
            for size in 1, 1200:
                self.exchange(association, bytes(size))

    def exchange(self, association: Association, data: bytes) -> None:
        """A datagram may be lost: the target is busy. Not ten of them."""
        for _ in range(10):
            association.send(HOST, self.udp, data)
            try:
                while len(association.receive()[1]) != len(data):  # one given up as lost
                    pass
                return
            except TimeoutError:
                self.lost += 1
        raise TimeoutError(f"ten datagrams of {len(data)} octets were lost")

    def sessions(self, seed: int, until: float) -> None:
        source = random.Random(seed)
        while time.monotonic() < until and not self.failures:
            kind = source.choice(self.kinds)
            try:
                kind(source.choice(self.proxies), source)
                self.done[kind.__name__] += 1
            except Exception as error:
                self.failures.append(f"{kind.__name__}: {type(error).__name__}: {error}")

    def round(self, number: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self.sessions, args=[number * SESSIONS + i, until])
                   for i in range(SESSIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def settle(self, at_rest: dict[str, int]) -> None:
        """Until no process holds more descriptors than before the first session."""
        for name, (process, _) in self.processes.items():
            wait_for(f"{name}: {at_rest[name]} descriptors, it holds {process.descriptors()}",
                     lambda: process.descriptors() <= at_rest[name])


def run(relay: Relay, seconds: float) -> list[str]:
    """What was wrong."""
    with ExitStack() as stack:
        soak = Soak(relay, stack)
        soak.round(0, 0.5)
        time.sleep(3)  # what lingers after a close, and the like
        at_rest = {name: p.descriptors() for name, (p, _) in soak.processes.items()}
        memory: dict[str, list[int]] = {name: [] for name in soak.processes}
        done: list[int] = []
        print(f"{'sessions':>9}  " + "  ".join(soak.processes) + "  (KiB at rest)")
        for number in range(1, ROUNDS + 1):
            soak.round(number, seconds / ROUNDS)
            if soak.failures:
                return soak.failures[:5]
            try:
                soak.settle(at_rest)
            except TimeoutError as error:
                return [str(error)]
            done.append(sum(soak.done.values()))
            for name, (process, _) in soak.processes.items():
                if process.popen.poll() is not None:
                    return [f"{name}: ended with status {process.popen.returncode}"]
                memory[name].append(process.memory())
            print(f"{done[-1]:9}  " + "  ".join(
                f"{memory[name][-1] >> 10:{len(name)}}" for name in memory), flush=True)
        print(", ".join(f"{kind} {count}" for kind, count in sorted(soak.done.items())) +
              f"; {soak.lost} datagrams lost")
        return [grown for name, (_, salted) in soak.processes.items()
                if (grown := growth(name, memory[name], done, salted))]


def growth(name: str, memory: list[int], done: list[int], salted: bool) -> str:
    """The last rounds beside those after the warm-up; empty when all is well."""
    early, late = mean(memory[WARM_UP:WARM_UP + 3]), mean(memory[-3:])
    between = (mean(done[-3:]) - mean(done[WARM_UP:WARM_UP + 3])) / (len(PAIRS) + 1)
    allowed = SLACK + (REMEMBERED * between if salted else 0)
    if late - early <= allowed:
        return ""
    return (f"{name}: {(late - early) / 1024:.0f} KiB more after {between:.0f} sessions of its "
            f"own, expected at most {allowed / 1024:.0f}")


def main() -> int:
    try:
        program, seconds = sys.argv[1], float((sys.argv[2:] or ["300"])[0])
    except (IndexError, ValueError):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if len(sys.argv) > 3 or not 1 <= seconds <= 86400:
        refuse(f"{' '.join(sys.argv[2:])}: expected seconds, from 1 to 86400")
    relay = Relay(program)
    enter_namespace()
    raise_descriptor_limit(1 << 14)
    wrong = run(relay, seconds)
    for line in wrong:
        print(f"soak.py: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
