#!/usr/bin/env python3
"""Servers out to harm the suite: bounded time and memory, the right status, nothing left behind.

usage: hostile.py SOCKSPEC
       hostile.py --serve KIND PORT
"""

import concurrent.futures
import os
import pathlib
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

SOCKSPEC = "build/sockspec"
FAILS, NO_PEER, SUITE = 1, 3, 5
MEMORY = 64 << 10  # KiB of the suite itself
GREETED, CONNECTED = b"\5\0", b"\5\0\0\1\x7f\0\0\1\1\1"
DEADLINE = 15  # seconds: so long that starting and silences do not count beside it
SERVED = 60  # connections that one that falls silent serves before


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while octets := source.recv(65536):
            sink.sendall(octets)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(client: socket.socket) -> None:
    """CONNECT to an IPv4 address, of a client that sends each message in one segment."""
    client.recv(300)
    client.sendall(GREETED)
    request = client.recv(10)
    try:
        target = socket.create_connection((socket.inet_ntoa(request[4:8]),
                                           int.from_bytes(request[8:10], "big")))
    except OSError:
        return client.close()
    client.sendall(CONNECTED)
    threading.Thread(target=pump, args=(target, client), daemon=True).start()
    pump(client, target)


def connection(kind: str, client: socket.socket) -> None:
    """What a server of that kind does with a client."""
    if kind == "resets":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    elif kind == "dies":
        os._exit(7)
    elif kind == "never-reads":
        time.sleep(1000)
    elif kind == "falls-silent":
        relay(client)
    elif kind == "only-greets":
        client.recv(300)
        client.sendall(GREETED)
        time.sleep(1000)
    elif kind == "floods":
        while True:
            client.sendall(b"\5" * 65536)
    else:
        client.recv(300)
        client.sendall(GREETED)
        client.recv(300)
        client.sendall(CONNECTED)
        if kind == "floods-when-connected":
            for _ in range(1 << 14):
                client.sendall(bytes(65536))
        client.close()


def serve(kind: str, port: int) -> None:
    """A server that deserves no trust."""
    if kind == "escapes":
        os.write(1, b"\x1b]0;title\x07\x1b[31m\xff\x00\n")
        sys.exit(3)
    if kind == "starts-late":
        time.sleep(5)
    if kind == "prints":
        threading.Thread(target=lambda: [os.write(1, os.urandom(60000)) for _ in range(1 << 20)],
                         daemon=True).start()
    if kind == "stays":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if kind == "forks":
        for _ in range(10):
            if os.fork() == 0:
                os.setsid()
                os.fork()
                time.sleep(1000)
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        held = []
        while True:
            if kind == "never-accepts":
                time.sleep(1000)
            held.append(listener.accept()[0])
            if kind == "falls-silent" and len(held) > SERVED:
                continue
            threading.Thread(target=connection, args=(kind, held[-1]), daemon=True).start()


def left_over(mark: str) -> list[str]:
    """Processes whose command line has the mark."""
    lines = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            lines.append((process / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            pass  # it has just ended
    return [line for line in lines if mark in line]


def seconds_of(words: tuple[str, ...]) -> float:
    """Of a run that misses all."""
    role, command, *more = words
    started = time.monotonic()
    subprocess.run([SOCKSPEC, "run", role, "--exec", command, "--timeout", str(DEADLINE), *more],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
    return time.monotonic() - started


class Hostile(unittest.TestCase):
    def judged(self, kind: str, status: int, seconds: float) -> str:
        """A whole run on such a server; what it says on stderr."""
        mark = f"{kind}-{os.getpid()}"
        command = f"exec {sys.executable} {os.path.abspath(__file__)} --serve {kind} {{port}} {mark}"
        started = time.monotonic()
        ended = subprocess.run([SOCKSPEC, "run", "socks5-server", "--exec", command],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        took = time.monotonic() - started
        self.assertEqual(ended.returncode, status,
                         (ended.stdout[-6000:] + ended.stderr).decode(errors="replace"))
        self.assertLess(took, seconds)
        self.assertEqual(left_over(mark), [])
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, MEMORY)
        print(f"{kind}: status {status}, {took:.1f} s")
        return ended.stderr.decode()

    def test_connections(self) -> None:
        for kind, status, seconds in [
            ("resets", FAILS, 60), ("floods", FAILS, 60), ("floods-when-connected", FAILS, 100),
            ("never-reads", FAILS, 60), ("only-greets", FAILS, 60), ("never-accepts", SUITE, 60),
        ]:
            with self.subTest(kind):
                self.judged(kind, status, seconds)

    def test_falls_silent_again_and_again(self) -> None:
        self.judged("falls-silent", SUITE, 250)

    def test_never_answers(self) -> None:
        """In no role does it cost more than three deadlines."""
        silent = (f"exec {sys.executable} {os.path.abspath(__file__)} --serve never-reads {{port}} "
                  f"silent-{os.getpid()}")
        shadowsocks = ("--method", "aes-256-gcm", "--password", "secret")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            took = pool.map(seconds_of, [("socks5-server", silent), ("ss-server", silent, *shadowsocks),
                                         ("ss-local", silent, *shadowsocks),
                                         ("socks5-client", "exec sleep 1000 # {proxy} {target}")])
            for role, seconds in zip(("socks5-server", "ss-server", "ss-local", "socks5-client"), took):
                print(f"{role}, silent: {seconds:.1f} s")
                self.assertLess(seconds, 3 * DEADLINE, role)

    def test_processes(self) -> None:
        for kind, seconds in [("starts-late", 60), ("prints", 60), ("stays", 60), ("forks", 60)]:
            with self.subTest(kind):
                self.judged(kind, FAILS, seconds)

    def test_death(self) -> None:
        self.assertIn("the peer died: exit status 7", self.judged("dies", NO_PEER, 60))

    def test_output_cannot_move_the_cursor(self) -> None:
        said = self.judged("escapes", NO_PEER, 60)
        self.assertTrue(said.rstrip("\n").isprintable(), said)


if __name__ == "__main__":
    if len(sys.argv) > 3 and sys.argv[1] == "--serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        SOCKSPEC = sys.argv.pop(1) if len(sys.argv) > 1 else SOCKSPEC
        unittest.main()
