"""Behind the proxy: stdin to a socket and what comes back to stdout, each way to its own end; or in
datagrams."""

import os
import select
import socket

READ = 65536


def pipe(sock: socket.socket, early: bytes = b"") -> None:
    """EARLY is what a library has read beyond the proxy's reply."""
    deliver(early)
    sock.settimeout(None)
    ways = [0, sock]
    while ways:
        for way in select.select(ways, [], [])[0]:
            octets = os.read(0, READ) if way == 0 else sock.recv(READ)
            if octets and way == 0:
                sock.sendall(octets)
            elif octets:
                deliver(octets)
            else:
                ways.remove(way)
                if way == 0:
                    sock.shutdown(socket.SHUT_WR)


def deliver(octets: bytes) -> None:
    while octets:
        octets = octets[os.write(1, octets):]


def datagrams(sock: socket.socket, target: tuple[str, int],
              dropped: tuple[type[Exception], ...]) -> None:
    """Each line of stdin to TARGET in a datagram, what comes back to stdout, until stdin ends. DROPPED
    is how the library says that it does not take a datagram."""
    while True:
        for way in select.select([0, sock], [], [])[0]:
            if way == 0:
                octets = os.read(0, READ)
                if not octets:
                    return
                sock.sendto(octets, target)
            else:
                try:
                    deliver(sock.recvfrom(READ)[0])
                except dropped:
                    pass
