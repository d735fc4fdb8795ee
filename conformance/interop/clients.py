"""SOCKS5 clients that a command line starts, once a check: what they fetch through a server."""

import asyncio
import contextlib
import subprocess
import tempfile

from checks import LONG_SECONDS, SECONDS, Check, Ends
from peers import INSTALLED, expand
from processes import Process, free_port, shown
from wire import ORDER, PAYLOAD, Broken, compare, digest

LONG = 1_000_000  # octets
END_SECONDS = 2  # for a client that has all, to end


def command_of(ends: Ends, host: str, port: int, folder: str) -> tuple[Process, str]:
    """The client, ready to be started, and what a person would type."""
    role = ends.client.role("socks5-client")
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    values = {"proxy_host": "127.0.0.1", "proxy_port": str(ends.port),
              "proxy": f"127.0.0.1:{ends.port}", "target_host": host, "target_port": str(port),
              "target": target, "dir": folder, "folder": str(ends.client.path.resolve().parent),
              "peers": str(INSTALLED), "user": "", "pass": "", "command": "connect"}
    argv = [expand(word, values) for word in role["start"]]
    files = {name: "".join(expand(line, values) + "\n" for line in lines)
             for name, lines in role["files"].items()}
    environment = {name: expand(value, values) for name, value in role["environment"].items()}
    public = {**values, "dir": "DIR", "folder": "conformance/peers", "peers": "build/peers"}
    return (Process(argv, files, environment, folder),
            shown([expand(word, public) for word in role["start"]], {}))


async def fetch(ends: Ends, host: str, size: int) -> None:
    """So many octets there and back (pipe), or back (http), compared at both ends."""
    ends.target.page = size
    client, ends.commands["client"] = command_of(ends, host, ends.target.port,
                                                 tempfile.mkdtemp(prefix="interop-"))
    pipes = ends.client.role("socks5-client")["payload"] == "pipe"
    expected = PAYLOAD[:size] + (digest(PAYLOAD[:size]) if pipes else b"")
    try:
        await client.start(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        sending = asyncio.ensure_future(feed(client.process.stdin, ORDER.pack(size, size, 2)
                                             + PAYLOAD[:size] if pipes else b""))
        try:
            got = await client.process.stdout.readexactly(len(expected))
        except asyncio.IncompleteReadError as short:
            raise Broken(f"the client gave {len(short.partial)} of {len(expected)} octets: "
                         f"{(client.tail().splitlines() or ['it said nothing'])[-1]}") from None
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        compare(got, expected, "down")
        client.process.stdin.close()
        with contextlib.suppress(asyncio.TimeoutError):
            more = await asyncio.wait_for(client.process.stdout.read(), END_SECONDS)
            if more:
                raise Broken(f"the client gave {len(more)} octets too many")
    finally:
        await client.stop()


async def feed(stdin: asyncio.StreamWriter, data: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        stdin.write(data)
        await stdin.drain()


async def fetch_refused(ends: Ends) -> None:
    """The client ends, says so by its status, and gives nothing."""
    client, ends.commands["client"] = command_of(ends, "127.0.0.1", free_port(),
                                                 tempfile.mkdtemp(prefix="interop-"))
    try:
        await client.start(stdout=subprocess.PIPE)
        said = await client.process.stdout.read()
        status = await client.process.wait()
        if said:
            raise Broken(f"the client gave {len(said)} octets of a target that refuses")
        if status == 0:
            raise Broken("the client ended with status 0 though its target refused")
    finally:
        await client.stop()


def fetching(name: str, about: str, host: str, size: int, needs: str = "connect") -> Check:
    async def run(ends: Ends) -> None:
        await fetch(ends, host, size)
    return Check(name, about, run, LONG_SECONDS if size == LONG else SECONDS, needs, True)


CLIENT_CHECKS = (
    fetching("fetch-300", "300 octets through a client of its own, IPv4", "127.0.0.1", 300),
    fetching("fetch-1M", "1,000,000 octets", "127.0.0.1", LONG),
    fetching("fetch-name", "300 octets, by name", "target.test", 300, "domain"),
    fetching("fetch-ipv6", "300 octets, IPv6", "::1", 300, "ipv6"),
    Check("fetch-refused", "a target that refuses: the client ends and says so", fetch_refused,
          by_client=True),
)
