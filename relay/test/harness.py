"""What the tests and the benchmark stand on: a network namespace of their own, programs that are
started and surely ended, free ports, and what /proc says of a process."""

import fcntl
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, Self

HOST = "127.0.0.1"
PASSWORD = "barfoo!"
SECONDS = 10  # the longest that anything but a soak may take to happen
_INSIDE = "SOCKSPEC_NAMESPACE"

AEAD = ["aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "chacha20-ietf-poly1305",
        "xchacha20-ietf-poly1305"]
# The stream methods that shadowsocks-libev has too.
STREAM = [*(f"aes-{bits}-{mode}" for mode in ("cfb", "ctr") for bits in (128, 192, 256)),
          *(f"camellia-{bits}-cfb" for bits in (128, 192, 256)),
          "bf-cfb", "rc4-md5", "chacha20", "chacha20-ietf", "salsa20"]


def refuse(message: str) -> NoReturn:
    """The program cannot do what it is for."""
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    raise SystemExit(2)


def enter_namespace() -> None:
    """Runs this program again in a network namespace with nothing but loopback, and in a mount
    namespace; there, returns."""
    if _INSIDE not in os.environ:
        how = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-rnm"]
        if subprocess.run([*how, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            refuse(f"{' '.join(how)}: no network namespace can be made here")
        os.environ[_INSIDE] = "1"
        os.execvp(how[0], [*how, sys.executable, *sys.argv])
    del os.environ[_INSIDE]
    with socket.socket() as s:
        flags = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(s, 0x8914, flags)  # SIOCSIFFLAGS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def name_hosts(*lines: str) -> None:
    """Puts these lines in the place of /etc/hosts, in this namespace alone."""
    with tempfile.NamedTemporaryFile("w", prefix="hosts-") as hosts:
        hosts.write("\n".join(lines) + "\n")
        hosts.flush()
        subprocess.run(["mount", "--bind", hosts.name, "/etc/hosts"], check=True)


def raise_descriptor_limit(wanted: int) -> None:
    """To wanted where that is allowed, else as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def free_port(host: str = HOST) -> int:
    """A port that is free for TCP and UDP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as tcp, \
             socket.socket(family, socket.SOCK_DGRAM) as udp:
            tcp.bind((host, 0))
            try:
                udp.bind((host, port := tcp.getsockname()[1]))
                return port
            except OSError:
                continue


def wait_for(what: str, condition: Callable[[], object], seconds: float = SECONDS) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.002)


def is_listening(port: int) -> bool:
    """Whether a TCP socket of this namespace listens there; asks the kernel, connects nowhere."""
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                return True
    return False


class Process:
    """A program with its output in a file; ended by its pid, whatever becomes of this one."""

    def __init__(self, *command: str | int, descriptors: int | None = None):
        self.command = [str(word) for word in command]
        if shutil.which(self.command[0]) is None:
            refuse(f"{self.command[0]}: no such program")
        self.log = tempfile.TemporaryFile("w+")
        limit = ["prlimit", f"--nofile={descriptors}:{descriptors}"] if descriptors else []
        self.popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *limit, *self.command],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self.popen.pid

    def output(self) -> str:
        with open(f"/proc/self/fd/{self.log.fileno()}") as log:
            return log.read()

    def ready(self, port: int) -> Self:
        """Returns when it listens on port."""
        try:
            wait_for(f"port {port}", lambda: self.popen.poll() is not None or is_listening(port))
            if self.popen.poll() is not None:
                raise TimeoutError(f"ended with status {self.popen.returncode}")
        except TimeoutError as error:
            self.end()
            raise RuntimeError(f"{' '.join(self.command)}: {error}: {self.output()}") from None
        return self

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def wait(self, seconds: float = SECONDS) -> int:
        """Its exit status, negative for a signal."""
        return self.popen.wait(seconds)

    def end(self) -> None:
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(1)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()

    def cpu_seconds(self) -> float:
        """User and system time of all its threads."""
        return sum(int(task.read_text().split()[0])
                   for task in Path(f"/proc/{self.pid}/task").glob("*/schedstat")) / 1e9

    def memory(self) -> int:
        """PSS in octets."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines()
                    if line.startswith("Pss:")) * 1024

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def libev(name: str, port: int, method: str, *more: str | int, host: str = HOST) -> Process:
    """shadowsocks-libev's ss-local (more begins with its own port) or ss-server."""
    own = ["-b", HOST, "-l", *more] if name == "ss-local" else more
    process = Process(name, "-s", host, "-p", port, "-k", PASSWORD, "-m", method, *own)
    return process.ready(int(more[0]) if name == "ss-local" else port)


class Relay:
    """Makes processes of the program under test."""

    def __init__(self, program: str):
        self.program = str(Path(program).resolve())
        if not os.access(self.program, os.X_OK):
            refuse(f"{program}: not a program, expected sockspec-relay")

    def start(self, *arguments: str | int, descriptors: int | None = None) -> Process:
        return Process(self.program, *arguments, descriptors=descriptors)

    def server(self, port: int, method: str, *more: str | int, host: str = HOST,
               descriptors: int | None = None) -> Process:
        return self.start("server", "-s", host, "-p", port, "-k", PASSWORD, "-m", method,
                          "--forbidden-ip", "", *more, descriptors=descriptors).ready(port)

    def local(self, server_port: int, port: int, method: str, *more: str | int,
              server: str = HOST) -> Process:
        return self.start("local", "-s", server, "-p", server_port, "-b", HOST, "-l", port,
                          "-k", PASSWORD, "-m", method, *more).ready(port)

    def socks5(self, port: int, *more: str | int, host: str = HOST) -> Process:
        return self.start("socks5", "-b", host, "-l", port, *more).ready(port)
