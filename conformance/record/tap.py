"""A relay between a local side and a server, TCP and UDP, that notes what each read brings."""

import selectors
import socket
import threading
from dataclasses import dataclass, field
from typing import Self

UP, DOWN = "up", "down"
READ_MAX = 65536


@dataclass
class Notes:
    """One connection, or the datagrams of one association, in the order in which they were read."""
    segments: dict[str, list[bytes]] = field(default_factory=lambda: {UP: [], DOWN: []})
    ends: list[str] = field(default_factory=list)  # up, down: a FIN; up-rst, down-rst: a RST
    order: list[tuple[str, bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def note(self, way: str, octets: bytes) -> None:
        self.segments[way].append(octets)
        self.order.append((way, octets))


class Tap:
    """Listens on host:port, TCP and UDP, and passes on to host:server_port. `taken` has the notes of
    each connection, `datagrams` those of all datagrams; both only grow."""

    def __init__(self, host: str, port: int, server_port: int):
        self.server = (host, server_port)
        self.taken: list[Notes] = []
        self.datagrams = Notes()
        self.listener = socket.create_server((host, port))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((host, port))
        for work in (self._accept, self._pass_datagrams):
            threading.Thread(target=work, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for s in (self.listener, self.udp):
            s.close()

    def _accept(self) -> None:
        while True:
            try:
                local, _ = self.listener.accept()
            except OSError:
                return
            notes = Notes()
            self.taken.append(notes)
            threading.Thread(target=self._connection, args=(local, notes), daemon=True).start()

    def _connection(self, local: socket.socket, notes: Notes) -> None:
        server = socket.create_connection(self.server)
        ways = [threading.Thread(target=pass_on, args=(a, b, way, notes), daemon=True)
                for a, b, way in ((local, server, UP), (server, local, DOWN))]
        for way in ways:
            way.start()
        for way in ways:
            way.join()
        local.close()
        server.close()
        notes.over.set()

    def _pass_datagrams(self) -> None:
        upstream: dict[socket.socket, tuple] = {}
        with selectors.DefaultSelector() as ready:
            ready.register(self.udp, selectors.EVENT_READ)
            while self.udp.fileno() >= 0:
                for key, _ in ready.select(timeout=0.2):
                    self._datagram(key.fileobj, upstream, ready)
        for s in upstream:
            s.close()

    def _datagram(self, source: socket.socket, upstream: dict, ready) -> None:
        octets, sender = source.recvfrom(READ_MAX)
        if source is not self.udp:
            self.datagrams.note(DOWN, octets)
            self.udp.sendto(octets, upstream[source])
            return
        self.datagrams.note(UP, octets)
        known = [s for s, who in upstream.items() if who == sender]
        if not known:
            known = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
            known[0].connect(self.server)
            upstream[known[0]] = sender
            ready.register(known[0], selectors.EVENT_READ)
        known[0].send(octets)


def pass_on(source: socket.socket, sink: socket.socket, way: str, notes: Notes) -> None:
    """Until source ends; its FIN is passed on, a RST ends both."""
    try:
        while octets := source.recv(READ_MAX):
            notes.note(way, octets)
            sink.sendall(octets)
        notes.ends.append(way)
        sink.shutdown(socket.SHUT_WR)
    except ConnectionResetError:
        notes.ends.append(f"{way}-rst")
        sink.close()
    except OSError:
        pass  # the other way has ended it
