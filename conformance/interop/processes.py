"""The programs that a run starts: their readiness, the tail of what they say, their sure end."""

import asyncio
import contextlib
import ctypes
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from peers import INSTALLED, READY_SECONDS, Peer, expand

TAIL = 2000  # octets of a program's output that are kept
TRIES = 2  # starts on ports that someone else took meanwhile
LOOK_SECONDS = 0.005
END_SECONDS = 1
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True)
_handed_out: set[int] = set()


class NotServing(Exception):
    """Why a peer does not serve, with its last words."""


def reap_orphans() -> None:
    """What a program leaves behind when it ends becomes this process's child, so that it is found."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def free_port() -> int:
    """Free for TCP and UDP on IPv4, and handed out only once."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _handed_out:
            _handed_out.add(port)
            return port


def listens(port: int) -> bool:
    """Whether something listens on that TCP port: read from the kernel, so that nobody is touched."""
    wanted = f":{port:04X}"
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        with contextlib.suppress(OSError), open(table) as lines:
            for line in lines:
                words = line.split()
                if words[3] == "0A" and words[1].endswith(wanted):
                    return True
    return False


def children(of: int) -> list[int]:
    """Every process that came from that one and lives, the nearest first."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                stat = Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()
                if stat[0] != "Z":
                    parents.setdefault(int(stat[1]), []).append(int(entry))
    found = list(parents.get(of, []))
    for pid in found:
        found += parents.get(pid, [])
    return found


def session_of(pid: int) -> int:
    with contextlib.suppress(OSError):
        return os.getsid(pid)
    return -1


async def side_by_side(worker: Callable[[], Awaitable[None]], jobs: int) -> None:
    """So many workers, until all have ended. One that is cancelled ends what it has started: it is
    cancelled once, and waited for."""
    workers = [asyncio.ensure_future(worker()) for _ in range(jobs)]
    try:
        await asyncio.gather(*workers)
    except BaseException:
        for one in workers:
            if not one.cancelling():
                one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        raise


class Process:
    """One started program, in a session and a folder of its own. Its environment names the folder, by
    which what it forks into the background is known again."""

    def __init__(self, argv: list[str], files: dict[str, str], environment: dict[str, str],
                 folder: str):
        self.argv, self.folder = argv, folder
        for name, text in files.items():
            Path(folder, name).write_text(text)
        self.log = open(Path(folder, ".output"), "wb")
        self.process = None
        self.environment = {**os.environ, **environment, "SOCKSPEC_INTEROP": folder}

    async def start(self, stdin: int = subprocess.DEVNULL, stdout: int | None = None) -> None:
        """stdout None: with stderr, into what tail() shows."""
        parent = os.getpid()

        def die_with_parent() -> None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
        self.process = await asyncio.create_subprocess_exec(
            *self.argv, stdin=stdin, stdout=self.log if stdout is None else stdout, stderr=self.log,
            limit=1 << 22, cwd=self.folder, env=self.environment, start_new_session=True,
            preexec_fn=die_with_parent)

    @property
    def died(self) -> bool:
        return self.process is not None and self.process.returncode is not None

    def tail(self) -> str:
        """The last lines that it printed."""
        self.log.flush()
        with open(Path(self.folder, ".output"), "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            text = file.read().decode(errors="replace")
        return "\n".join("".join(c if c.isprintable() else "?" for c in line)
                         for line in text.strip().splitlines()[-8:])

    def _mine(self) -> list[int]:
        """Its processes: of its session, or with its folder in their environment."""
        own = f"SOCKSPEC_INTEROP={self.folder}".encode()
        mine = []
        for pid in children(os.getpid()):
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                environment = b""
            if session_of(pid) == self.process.pid or own in environment.split(b"\0"):
                mine.append(pid)
        return mine

    def _signal(self, number: int) -> bool:
        mine = self._mine()
        for pid in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return bool(mine)

    async def stop(self) -> None:
        """SIGTERM, a second, SIGKILL: to it and to all that came from it."""
        try:
            if self.process is not None and self._signal(signal.SIGTERM):
                end = time.monotonic() + END_SECONDS
                while self._mine() and time.monotonic() < end:
                    await asyncio.sleep(LOOK_SECONDS)
                self._signal(signal.SIGKILL)
            if self.process is not None:
                await self.process.wait()
        finally:
            self.log.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class Served:
    """A peer that serves, and where."""

    def __init__(self, process: Process, port: int, command: str):
        self.process, self.port, self.command = process, port, command


def shown(argv: list[str], environment: dict[str, str]) -> str:
    """A command as a person would type it, without the folders of this run."""
    return " ".join([f"{name}={shlex.quote(value)}" for name, value in environment.items()]
                    + [shlex.quote(word) for word in argv])


async def start(peer: Peer, role_name: str, values: dict[str, str], which: str = "start") -> Served:
    """Starts the peer in that role and waits until it listens. Raises NotServing."""
    role = peer.role(role_name)
    limit = role.get("ready_seconds", READY_SECONDS)
    for attempt in range(TRIES):
        folder = tempfile.mkdtemp(prefix="interop-")
        port = free_port()
        all_values = {"host": "127.0.0.1", "port": str(port), "port2": str(free_port()),
                      "dir": folder, "peers": str(INSTALLED), "user": "", "pass": "", **values}
        public = {**all_values, "dir": "DIR", "peers": "build/peers"}
        argv = [expand(word, all_values) for word in role[which]]
        files = {name: "".join(expand(line, all_values) + "\n" for line in lines)
                 for name, lines in role["files"].items()}
        environment = {name: expand(value, all_values)
                       for name, value in role["environment"].items()}
        command = shown([expand(word, public) for word in role[which]],
                        {n: expand(v, public) for n, v in role["environment"].items()})
        process = Process(argv, files, environment, folder)
        began = time.monotonic()
        why = ""
        try:
            if listens(port):
                why = f"port {port} was taken by someone else"
            else:
                await process.start()
            while not why and not listens(port):
                if process.died:
                    why = f"it ended at start, status {process.process.returncode}"
                elif time.monotonic() - began > limit:
                    why = f"it does not listen after {limit} s"
                await asyncio.sleep(LOOK_SECONDS)
        except OSError as error:
            why = str(error)
        except asyncio.CancelledError:
            await process.stop()
            raise
        if not why:
            return Served(process, port, command)
        tail = process.tail()
        await process.stop()
        if "it does not listen" in why or attempt == TRIES - 1:
            break
    raise NotServing(f"{why}: {command}" + (f"\n{tail}" if tail else ""))
