#!/usr/bin/env python3
"""A SOCKS5 server that misbehaves as it is told, for the tests of the matrix.

usage: fake_peer.py PORT good | hang | die | late SECONDS | lie | fork
"""

import os
import socket
import struct
import subprocess
import sys
import threading
import time


def take(sock: socket.socket, n: int) -> bytes:
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def copy(source: socket.socket, sink: socket.socket, lie: bool) -> None:
    """Until the end, which is passed on; a liar turns a bit of the 101st octet."""
    at = 0
    try:
        while data := source.recv(65536):
            if lie and at <= 100 < at + len(data):
                data = bytearray(data)
                data[100 - at] ^= 1
            at += len(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(sock: socket.socket, mode: str) -> None:
    try:
        take(sock, take(sock, 2)[1])
        sock.sendall(b"\5\0")
        host = socket.inet_ntoa(take(sock, 4 + 4)[4:])
        port, = struct.unpack("!H", take(sock, 2))
        out = socket.create_connection((host, port))
        sock.sendall(b"\5\0\0\1" + bytes(6))
    except OSError:
        sock.close()
        return
    back = threading.Thread(target=copy, args=(out, sock, mode == "lie"))
    back.start()
    copy(sock, out, False)
    back.join()
    sock.close()
    out.close()


def main() -> int:
    port, mode = int(sys.argv[1]), sys.argv[2]
    if mode == "die":
        print("the first line\nno such option: x\x1b[2J")
        return 3
    if mode == "late":
        time.sleep(float(sys.argv[3]))
    if mode == "fork":  # a child in a session of its own, which nothing but the end of it ends
        subprocess.Popen([sys.executable, "-c", "import signal, time\n"
                          "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"],
                         start_new_session=True)
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    while True:
        sock, _ = listener.accept()
        if mode != "hang":
            threading.Thread(target=serve, args=(sock, mode), daemon=True).start()
        else:
            hung.append(sock)


hung: list[socket.socket] = []
if __name__ == "__main__":
    sys.exit(main())
