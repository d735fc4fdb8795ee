"""What every test of the relay begins with: pairs of local and server, ours or a peer's."""

import socket
import time
import unittest

from harness import HOST, Process, Relay, free_port, libev
from net import Target, serve_transfer, transfer

SIZES = [1, 0x3FFE, 0x3FFF, 0x4000, 0xFFFF, 0x10000, 0x10001, 8 << 20]

# One method of each kind, where a test need not go through them all, and what local and server
# are given beside it.
KINDS = {"AEAD": ("chacha20-ietf-poly1305", []), "stream": ("aes-256-cfb", []),
         "one-time auth": ("aes-256-cfb", ["-a"])}


class Case(unittest.TestCase):
    relay: Relay  # the program under test, set before the tests run
    running: dict[int, Process] = {}  # ours, by port
    maxDiff = None

    def keep(self, process: Process) -> Process:
        """Ends it after the test. It must not have died of a signal or a sanitizer before."""
        def end() -> None:
            process.end()
            text = process.output()
            self.assertIn(process.popen.returncode, (0, -9, -15), text)
            for sign in ("Sanitizer", "runtime error"):
                self.assertNotIn(sign, text)
        self.addCleanup(end)
        return process

    def socks5(self, *more: str | int) -> int:
        """The port of our plain SOCKS5 server."""
        port = free_port()
        self.running[port] = self.keep(self.relay.socks5(port, *more))
        return port

    def server(self, method: str, *more: str | int) -> int:
        port = free_port()
        self.running[port] = self.keep(self.relay.server(port, method, *more))
        return port

    def local(self, server_port: int, method: str, *more: str | int) -> int:
        port = free_port()
        self.running[port] = self.keep(self.relay.local(server_port, port, method, *more))
        return port

    def pair(self, method: str, *more: str | int) -> int:
        """The port of our local, with our server behind it; more is for both."""
        return self.local(self.server(method, *more), method, *more)

    def libev_server(self, method: str, *more: str | int) -> int:
        self.enterContext(libev("ss-server", port := free_port(), method, *more))
        return port

    def libev_local(self, server_port: int, method: str, *more: str | int) -> int:
        self.enterContext(libev("ss-local", server_port, method, port := free_port(), *more))
        return port

    def target(self, serve=serve_transfer, host: str = HOST) -> Target:
        return self.enterContext(Target(serve, host))

    @staticmethod
    def pause(seconds: float) -> None:
        """For what is about time itself; for all else there is wait_for."""
        time.sleep(seconds)

    def carries(self, sock: socket.socket, sizes: list[int] = SIZES) -> None:
        """Each size up and down, hash-checked, on one connection to a target of transfers."""
        with sock:
            for size in sizes:
                transfer(sock, size, size)
