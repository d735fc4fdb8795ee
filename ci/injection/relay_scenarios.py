"""The relay, in each role: a session may end when a call fails, but neither crash nor hang, and the
next one works."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import calls

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "relay/test"))
from cases_names import NameServer  # noqa: E402
from harness import HOST, PASSWORD, Process, Relay, free_port, wait_for  # noqa: E402
from net import (  # noqa: E402
    Association, Refused, Target, UdpTarget, address, connect, content, dial, exact, greet, read_reply,
    rest, serve_after_end, serve_transfer, transfer,
)

METHOD = "chacha20-ietf-poly1305"
STREAM_METHOD = "aes-256-cfb"
USER = ("alice", "secret")
FAILED, USAGE = 1, 2  # exit status
GIVES_UP = ": drains and ends"
FIRST_PORT = 20000  # below those that the kernel hands out
DEADLINE_S = 5.0  # of one answer
ROUNDS = 3
LOST = (OSError, EOFError, AssertionError, KeyError, Refused)  # KeyError: a reply's ATYP


class Around:
    """What stands around the relay under test, for as many trials as there are."""

    def __init__(self, plain: str):
        self.stack = contextlib.ExitStack()
        self.relay = Relay(plain)
        self.target = self.stack.enter_context(Target(serve_transfer))
        self.after_end = self.stack.enter_context(Target(serve_after_end))
        self.udp = self.stack.enter_context(UdpTarget())
        self.names = self.stack.enter_context(NameServer(
            {"one.test": ["127.0.0.1"], "two.test": ["::1", "127.0.0.1"]}, ttl=0))
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.plain: dict[tuple, int] = {}

    def port_of(self, role: str, *words: str | int) -> int:
        """Of a plain relay that is right, started when it is first asked for."""
        if (role, *words) not in self.plain:
            port = free_port()
            if role == "server":
                started = self.relay.server(port, *words)
            else:
                started = self.relay.local(int(words[0]), port, *words[1:])
            self.plain[role, *words] = port
            self.stack.enter_context(started)
        return self.plain[role, *words]


# ---- one round of sessions -------------------------------------------------------------------------
def carry(proxy: int, around: Around, host: str = HOST, user: tuple[str, str] | None = None) -> None:
    with connect(proxy, host, around.target.port, user) as sock:
        transfer(sock, 3000, 40000)


def half_close(proxy: int, around: Around, user: tuple[str, str] | None = None) -> None:
    with connect(proxy, HOST, around.after_end.port, user) as sock:
        sock.sendall(b"all")
        sock.shutdown(socket.SHUT_WR)
        assert len(rest(sock)) == 32


def exchange(proxy: int, around: Around, host: str = HOST) -> None:
    with Association(proxy) as association:
        association.sock.settimeout(2)
        for data in (b"x", content("datagram", 1400)):
            assert association.exchange(host, around.udp.port, data) == data


def bind(proxy: int) -> None:
    with dial(proxy) as sock, socket.socket() as peer:
        greet(sock)
        sock.sendall(b"\x05\x02\x00" + address(HOST, 0))
        peer.connect(read_reply(sock))
        read_reply(sock)
        peer.sendall(b"ping")
        assert exact(sock, 4) == b"ping"


def front_round(proxy: int, around: Around) -> list[Callable[[], None]]:
    return [lambda: carry(proxy, around), lambda: carry(proxy, around, "localhost"),
            lambda: half_close(proxy, around), lambda: exchange(proxy, around)]


def server_round(method: str, *more: str) -> Callable[[int, Around], list[Callable[[], None]]]:
    def sessions(port: int, around: Around) -> list[Callable[[], None]]:
        proxy = around.port_of("local", port, method, "-u", *more)
        return [*front_round(proxy, around), lambda: carry(proxy, around, "two.test"),
                lambda: exchange(proxy, around, "one.test")]
    return sessions


def socks5_round(proxy: int, around: Around) -> list[Callable[[], None]]:
    return [*front_round(proxy, around), lambda: carry(proxy, around, "two.test"),
            lambda: bind(proxy), lambda: exchange(proxy, around, "one.test")]


def tunnel_round(port: int, around: Around) -> list[Callable[[], None]]:
    def stream() -> None:
        with dial(port) as sock:
            transfer(sock, 3000, 40000)
    return [stream]


# ---- roles -----------------------------------------------------------------------------------------
def server_words(method: str, *more: str) -> Callable[[int, Around], list[str | int]]:
    return lambda port, around: ["server", "-s", HOST, "-p", port, "-k", PASSWORD, "-m", method,
                                 "--forbidden-ip", "", "-u", "--dns-server", around.names.address,
                                 *more]


def local_words(port: int, around: Around) -> list[str | int]:
    server = around.port_of("server", METHOD, "-u")
    return ["local", "-s", HOST, "-p", server, "-b", HOST, "-l", port, "-k", PASSWORD, "-m",
            METHOD, "-u"]


def tunnel_words(port: int, around: Around) -> list[str | int]:
    server = around.port_of("server", METHOD, "-u")
    return ["tunnel", "-s", HOST, "-p", server, "-b", HOST, "-l", port, "-k", PASSWORD, "-m",
            METHOD, "-u", "-L", f"{HOST}:{around.target.port}"]


def socks5_words(port: int, around: Around) -> list[str | int]:
    return ["socks5", "-b", HOST, "-l", port, "-u", "--dns-server", around.names.address,
            "--record", str(around.folder / "record"), "--workers", 2]


def file_words(port: int, around: Around) -> list[str | int]:
    """A configuration file that names most of what can be named."""
    file = around.folder / f"config-{port}.json"
    file.write_text(json.dumps({
        "server": [HOST], "method": METHOD, "timeout": 60, "udp_timeout": 60, "fast_open": True,
        "mode": "tcp_and_udp", "forbidden_ip": "192.0.2.0/24,2001:db8::/32",
        "prefer_ipv6": False, "port_password": {str(port): PASSWORD, str(port + 100): "other"},
        "dns_server": [around.names.address]}))
    return ["server", "-c", str(file)]


ROLES = {
    "server": (server_words(METHOD), server_round(METHOD)),
    "server-ota": (server_words(STREAM_METHOD, "-a"), server_round(STREAM_METHOD, "-a")),
    "local": (local_words, front_round),
    "socks5": (socks5_words, socks5_round),
    "tunnel": (tunnel_words, tunnel_round),
    "file": (file_words, server_round(METHOD)),
}


# ---- a trial -----------------------------------------------------------------------------------------
class Injected(Process):
    """The relay under test, with what it is told in its environment."""

    def __init__(self, environment: dict[str, str], *command: str | int):
        told = [f"{name}={value}" for name, value in environment.items()
                if name.startswith(("SOCKSPEC_", "ASAN_", "UBSAN_"))]
        super().__init__("env", *told, *command)


def sessions_fail(sessions: list[Callable[[], None]]) -> list[str]:
    """Those of a round that did not work, and how."""
    failed = []
    for session in sessions:
        try:
            session()
        except TimeoutError as error:
            failed.append(f"hangs: {error}")
        except LOST as error:
            failed.append(f"{type(error).__name__}: {error}")
    return failed


def judge_end(process: Process, expected: tuple[int, ...]) -> list[str]:
    text, status = process.output(), process.popen.returncode
    wrong = [f"output has {sign!r}:\n{text}" for sign in calls.SIGNS if sign in text]
    if status not in expected:
        wrong.append(f"exit status {status}, expected {expected}:\n{text}")
    elif status == USAGE and "sockspec-relay: " not in text:
        wrong.append(f"exit status {status}, and no line says why:\n{text}")
    return wrong


def serve(process: Process, around: Around, role: str, port: int, log: Path) -> list[str]:
    """Rounds of sessions, SIGUSR1 and SIGHUP between them; at most the one in which a call failed
    may lose a session."""
    wrong, fired = [], False
    for number in range(ROUNDS):
        failed = sessions_fail(ROLES[role][1](port, around))
        now = bool(calls.read(log, "fired"))
        if now and GIVES_UP in process.output():
            return wrong
        hung = [one for one in failed if one.startswith("hangs") and "timed out" in one]
        if failed and fired:
            wrong.append(f"round {number}: after the failure: {failed}")
        elif failed and not now:
            wrong.append(f"round {number}: without a failure: {failed}")
        elif len(failed) > 1 or (hung and role not in DATAGRAMS_TOO):
            wrong.append(f"round {number}: {failed}")
        fired = now
        if process.popen.poll() is not None:
            return [*wrong, f"ended in round {number}, status {process.popen.returncode}"]
        if number == 0:
            process.signal(signal.SIGUSR1)
            process.signal(signal.SIGHUP)
    return wrong


# A datagram may be lost, which its sender sees by waiting.
DATAGRAMS_TOO = {"server", "server-ota", "local", "socks5", "file"}


def trial(role: str, program: str, around: Around, log: Path, inject: str | None) -> list[str]:
    """What was wrong in one run of the relay with one call that fails."""
    socket.setdefaulttimeout(DEADLINE_S)
    port = FIRST_PORT + list(ROLES).index(role)
    process = Injected(calls.environment(log, inject), program, *ROLES[role][0](port, around))
    with process:
        try:
            process.ready(port)
        except RuntimeError as error:
            if process.popen.returncode in (-9, -15):
                return [str(error)]
            gives_up = GIVES_UP in process.output()
            return judge_end(process, (FAILED if gives_up else USAGE,))
        wrong = serve(process, around, role, port, log)
        for _ in range(2):  # the first drains, the second does not wait
            if process.popen.poll() is None:
                process.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(DEADLINE_S)
                break
        else:
            return [*wrong, f"does not end: {process.output()}"]
        gives_up = GIVES_UP in process.output()
        return wrong + judge_end(process, (FAILED if gives_up else 0,))
