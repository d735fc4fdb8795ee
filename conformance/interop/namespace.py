"""A network of its own for a run: loopback, a hosts file, and a name server that knows no more."""

import asyncio
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile

_INSIDE = "SOCKSPEC_INTEROP_NAMESPACE"
_A = 1
FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf")


class NoNamespace(Exception):
    """Why none can be made, in one line."""


def enter(hosts: str) -> None:
    """Starts this program anew in a namespace whose network is loopback alone; there, it returns."""
    if _INSIDE not in os.environ:
        how = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-rnm"]
        if subprocess.run([*how, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            raise NoNamespace(f"{' '.join(how)}: no network namespace can be made here")
        os.environ[_INSIDE] = "1"
        os.execvp(how[0], [*how, sys.executable, *sys.argv])
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up
    for path, text in zip(FILES, (hosts, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
                                  "hosts: files dns\npasswd: files\ngroup: files\n"
                                  "networks: files\nprotocols: files\nservices: files\n")):
        with tempfile.NamedTemporaryFile("w", prefix="interop-etc-") as file:
            file.write(text)
            file.flush()
            os.chmod(file.name, 0o644)
            subprocess.run(["mount", "--bind", file.name, os.path.realpath(path)], check=True)


def without_files() -> list[str]:
    """A command's first words, by which it sees the machine's own files in place of ours: for a
    program that makes a namespace of its own, where our name server is not."""
    if _INSIDE not in os.environ:
        return []
    files = " ".join(os.path.realpath(path) for path in FILES)
    return ["unshare", "-m", "sh", "-c", f'umount {files} 2>/dev/null; exec "$0" "$@"']


class Names(asyncio.DatagramProtocol):
    """The names of the hosts file over DNS, for programs that read no hosts file; NXDOMAIN for the
    rest."""

    def __init__(self, hosts: str):
        self.known = {line.split()[1]: socket.inet_aton(line.split()[0])
                      for line in hosts.splitlines() if "." in line.split()[0]}

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr) -> None:
        end, labels = 12, []
        while end < len(data) and data[end]:
            labels.append(data[end + 1:end + 1 + data[end]].decode(errors="replace"))
            end += 1 + data[end]
        question = data[12:end + 5]
        if len(question) < 5:
            return
        known = self.known.get(".".join(labels).lower())
        kind = int.from_bytes(question[-4:-2])
        answer = (b"\xc0\x0c" + struct.pack("!HHIH", _A, 1, 60, 4) + known
                  if known and kind == _A else b"")
        flags = 0x8180 if known else 0x8183
        self.transport.sendto(data[:2] + struct.pack("!HHHHH", flags, 1, bool(answer), 0, 0)
                              + question + answer, addr)


async def serve_names(hosts: str) -> asyncio.BaseTransport:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Names(hosts), local_addr=("127.0.0.1", 53))
    return transport
