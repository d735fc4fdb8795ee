#!/usr/bin/env python3
"""Thousands of idle sessions on one local and one server, with a transfer going on beside them.

usage: idle.py PROGRAM [SESSIONS]          10000 unless given
A session takes two descriptors of a process. Where the limit of descriptors is too low for as many,
those that are left over stand at the local relay greeted, before their request.
Exit status: 0 all as it should be, 1 not so, 2 usage.
"""

import os
import resource
import selectors
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import (  # noqa: E402
    HOST, Process, Relay, enter_namespace, free_port, raise_descriptor_limit, refuse, wait_for,
)
from net import Target, connect, dial, exact, greet, serve_transfer, transfer  # noqa: E402

METHOD = "chacha20-ietf-poly1305"
SPARE = 40        # descriptors of a process that are not a session's
MOST = 2048       # octets of memory a session, in each process
PIECE = 1 << 20   # of the transfer beside them, each way


def serve_idle(listener: socket.socket, ends: int) -> None:
    """Greets whoever connects and keeps it until it ends; until the descriptor ends closes."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(ends, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is ends:
                    return
                if key.fileobj is listener:
                    sock, _ = listener.accept()
                    sock.sendall(b"!")
                    selector.register(sock, selectors.EVENT_READ)
                elif not key.fileobj.recv(1):
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def start_target(stack: ExitStack) -> int:
    """Its port. The sockets are in a process of their own: they too are limited."""
    listener = stack.enter_context(socket.create_server((HOST, 0), backlog=1024))
    listener.settimeout(None)
    ends, end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(end)
        serve_idle(listener, ends)
        os._exit(0)
    os.close(ends)
    stack.callback(os.waitpid, pid, 0)
    stack.callback(os.close, end)
    return listener.getsockname()[1]


class Beside(threading.Thread):
    """A session that carries octets all the time, hash-checked."""

    def __init__(self, proxy: int, port: int):
        super().__init__(daemon=True)
        self.sock, self.carried, self.stopped, self.error = connect(proxy, HOST, port), 0, False, ""
        self.start()

    def run(self) -> None:
        try:
            while not self.stopped:
                transfer(self.sock, PIECE, PIECE)
                self.carried += 2 * PIECE
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    def stop(self) -> None:
        self.stopped = True
        self.join()
        self.sock.close()


def sessions_of(process: Process) -> int:
    """What it says itself, to SIGUSR1."""
    def lines() -> list[str]:
        return [line for line in process.output().splitlines() if "statistics: sessions " in line]
    before = len(lines())
    process.signal(signal.SIGUSR1)
    wait_for("statistics", lambda: len(lines()) > before)
    words = lines()[-1].split()
    return int(words[words.index("sessions") + 1])


def open_all(stack: ExitStack, proxy: int, port: int, whole: int,
             greeted: int) -> list[socket.socket]:
    opened = []
    for _ in range(whole):
        opened.append(stack.enter_context(connect(proxy, HOST, port)))
        if exact(opened[-1], 1) != b"!":
            raise AssertionError("not the target's greeting")
    for _ in range(greeted):
        opened.append(stack.enter_context(dial(proxy)))
        greet(opened[-1])
    return opened


def count_lost(opened: list[socket.socket]) -> int:
    lost = 0
    for sock in opened:
        sock.setblocking(False)
        try:
            sock.recv(1)
            lost += 1
        except BlockingIOError:
            pass
    return lost


def run(relay: Relay, sessions: int) -> list[str]:
    """What was wrong."""
    wrong = []
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    whole = min(sessions, (limit - SPARE) // 2)
    with ExitStack() as stack:
        port, proxy = free_port(), free_port()
        processes = {"server": stack.enter_context(relay.server(port, METHOD, "-t", 3600)),
                     "local": stack.enter_context(relay.local(port, proxy, METHOD, "-t", 3600))}
        beside = Beside(proxy, stack.enter_context(Target(serve_transfer)).port)
        target = start_target(stack)
        at_rest = {name: p.descriptors() for name, p in processes.items()}
        memory = {name: p.memory() for name, p in processes.items()}
        start = time.monotonic()
        with ExitStack() as sockets:
            opened = open_all(sockets, proxy, target, whole, sessions - whole)
            print(f"{whole} sessions established, {sessions - whole} greeted, in "
                  f"{time.monotonic() - start:.0f} s, {beside.carried >> 20} MiB carried beside")
            expected = {"server": whole, "local": sessions}
            before = beside.carried
            for name, process in processes.items():
                own = (process.memory() - memory[name]) / sessions
                print(f"{name}: {sessions_of(process)} sessions, {process.descriptors()} "
                      f"descriptors, {own:.0f} octets a session")
                if sessions_of(process) != expected[name] + 1:
                    wrong.append(f"{name}: expected {expected[name] + 1} sessions")
                if own > MOST:
                    wrong.append(f"{name}: {own:.0f} octets a session, expected at most {MOST}")
            wait_for("a transfer beside them", lambda: beside.carried > before or beside.error, 60)
            if lost := count_lost(opened):
                wrong.append(f"{lost} of {sessions} sessions were lost")
        for name, process in processes.items():
            wait_for(f"{name}: {at_rest[name]} descriptors, as before",
                     lambda: process.descriptors() <= at_rest[name], 60)
        beside.stop()
        if beside.error:
            wrong.append(f"the transfer beside them: {beside.error}")
    return wrong


def main() -> int:
    try:
        program, sessions = sys.argv[1], int((sys.argv[2:] or ["10000"])[0])
    except (IndexError, ValueError):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if len(sys.argv) > 3 or not 1 <= sessions <= 20000:
        refuse(f"{' '.join(sys.argv[2:])}: expected a number of sessions, from 1 to 20000")
    relay = Relay(program)
    enter_namespace()
    raise_descriptor_limit(1 << 17)
    wrong = run(relay, sessions)
    for line in wrong:
        print(f"idle.py: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
