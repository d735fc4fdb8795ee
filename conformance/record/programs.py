"""The two programs of a recording, as conformance/peers describes them; a namespace to start them
in; and their sure end."""

import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = os.environ.get("SOCKSPEC_INSTALLED", str(ROOT / "build/peers"))
_INSIDE = "SOCKSPEC_RECORDING"
_PLACE = re.compile(r"\{([a-z_0-9]+)\}")


class Refused(Exception):
    """Why nothing can be recorded: one line."""


def enter_namespace(*hosts: str) -> None:
    """Runs this program again in a namespace with nothing but loopback and these lines as
    /etc/hosts; there, returns."""
    if _INSIDE not in os.environ:
        how = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-rnm"]
        if subprocess.run([*how, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            raise Refused(f"{' '.join(how)}: no network namespace can be made here")
        os.environ[_INSIDE] = "1"
        os.execvp(how[0], [*how, sys.executable, *sys.argv])
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up
    with tempfile.NamedTemporaryFile("w", prefix="hosts-") as file:
        file.write("\n".join(hosts) + "\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/etc/hosts"], check=True)


def free_port() -> int:
    """Free for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
                return tcp.getsockname()[1]
            except OSError:
                continue


class Peer:
    def __init__(self, name: str):
        path = ROOT / f"conformance/peers/{name}.json"
        try:
            self.manifest = json.loads(path.read_text())
        except FileNotFoundError:
            raise Refused(f"{name}: expected a peer, there is no {path.relative_to(ROOT)}") from None

    def role(self, name: str) -> dict:
        if name not in self.manifest["roles"]:
            raise Refused(f"{self.manifest['name']}: expected a peer with the role {name}")
        return self.manifest["roles"][name]

    def version(self) -> str:
        asked = self.manifest["version"]
        try:
            command = [filled(word, {"peers": INSTALLED}) for word in asked["command"]]
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        except FileNotFoundError:
            raise Refused(f"{self.manifest['name']}: {asked['command'][0]} is not installed") from None
        found = re.search(asked["pattern"], done.stdout + done.stderr, re.MULTILINE)
        return found[1] if found else "unknown"


def filled(template: str, values: dict) -> str:
    return _PLACE.sub(lambda m: str(values[m[1]]) if m[1] in values else m[0], template)


class Started:
    """A program of a peer, that listens on values["port"]."""

    def __init__(self, peer: Peer, role: str, ota: bool, values: dict):
        self.peer, role_ = peer, peer.role(role)
        self.ready_seconds = role_.get("ready_seconds", 10)
        template = role_.get("start_ota") if ota else role_["start"]
        if template is None:
            raise Refused(f"{peer.manifest['name']}: {role} has no one-time auth")
        self.dir = tempfile.TemporaryDirectory()
        self.values = values | {"dir": self.dir.name, "port2": free_port(), "peers": INSTALLED}
        for name, lines in role_["files"].items():
            text = "\n".join(filled(line, self.values) for line in lines) + "\n"
            Path(self.dir.name, name).write_text(text)
        self.command = [filled(word, self.values) for word in template]
        self.environment = {name: filled(text, self.values)
                            for name, text in role_["environment"].items()}

    def __enter__(self) -> Self:
        self.log = tempfile.TemporaryFile("w+")
        try:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command], cwd=ROOT,
                env=os.environ | {"PATH": f"{ROOT}/build:{os.environ['PATH']}"} | self.environment, stdin=subprocess.DEVNULL, stdout=self.log,
                stderr=self.log)
        except OSError as error:
            raise Refused(f"{self.command[0]}: {error.strerror}") from None
        self._await()
        return self

    def _await(self) -> None:
        until = time.monotonic() + self.ready_seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.values["port"]), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        self.log.seek(0)
        raise Refused(f"{' '.join(self.command)}: not ready: {self.log.read()[-400:].strip()}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.dir.cleanup()

    def described(self) -> dict:
        """Implementation, version and command, as vectors/recorded has them."""
        command = " ".join(self.command).replace(f"{ROOT}/", "").replace(self.dir.name, "DIR")
        return {"implementation": self.peer.manifest["name"], "version": self.peer.version(),
                "command": command}
