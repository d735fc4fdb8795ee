"""Pairs, methods, runs: what is tried with whom, and what came of it."""

import asyncio
import base64
import fnmatch
import time
from dataclasses import dataclass, field

import processes
from checks import Check, Ends, conduct
from peers import Peer
from wire import Target

OTA_METHODS_NOT = ("-gcm", "-poly1305")  # one-time auth belongs to the stream methods
HANGS = 3  # checks in a row without an end: the rest of the run is not waited for
# Of each pair the first of each row that both have stands for the methods of its kind.
REPRESENTATIVES = (
    ("chacha20-ietf-poly1305", "aes-256-gcm"),
    ("aes-256-cfb", "chacha20", "chacha20-ietf", "aes-256-ctr", "rc4-md5"),
    ("2022-blake3-aes-256-gcm",),
)
PASSWORD = "correct horse"
KEYS_2022 = {"2022-blake3-aes-128-gcm": 16}


def password(method: str) -> str:
    if not method.startswith("2022-"):
        return PASSWORD
    return base64.b64encode(bytes(range(KEYS_2022.get(method, 32)))).decode()


@dataclass
class Run:
    """One client with one server under one method."""
    kind: str  # shadowsocks or socks5
    client: Peer | None  # None: the matrix's own SOCKS5 client
    server: Peer
    method: str = ""
    ota: bool = False
    passed: list[str] = field(default_factory=list)
    failed: list[dict] = field(default_factory=list)  # check, difference
    skipped: list[dict] = field(default_factory=list)  # check, reason
    commands: dict[str, str] = field(default_factory=dict)
    log: dict[str, str] = field(default_factory=dict)  # last lines of who took part in a failure
    seconds: float = 0.0
    done: bool = False

    @property
    def sides(self) -> list[tuple[Peer, str]]:
        if self.kind == "socks5":
            return ([(self.server, "socks5-server")]
                    + ([(self.client, "socks5-client")] if self.client else []))
        return [(self.server, "ss-server"), (self.client, "ss-local")]

    @property
    def by_client(self) -> bool:
        """Whether a client is started for each check."""
        return self.kind == "socks5" and self.client is not None

    @property
    def label(self) -> str:
        name = self.client.name if self.client else "sockspec"
        return " ".join([f"{name} -> {self.server.name}", self.method, "ota" * self.ota]).strip()

    @property
    def stalled(self) -> bool:
        """Whether a deadline was met where the machine may be why: an end that is not passed on is
        never it."""
        return any(one["difference"].startswith("no end") and not
                   one["check"].endswith("-ends-first") for one in self.failed)

    def reason_against(self, check: Check) -> str:
        """Why the check is not tried, empty when it is."""
        for peer, role in self.sides:
            for feature in ("connect", check.needs):
                if peer.lacks(role, feature):
                    return f"{peer.name} has no {feature}"
        return ""


def representative(methods: list[str]) -> list[str]:
    """One AEAD, one stream method and one of 2022, as far as they are there; of others the first."""
    found = [next((method for method in row if method in methods), "") for row in REPRESENTATIVES]
    return [method for method in found if method] or methods[:1]


def plan(found: list[Peer], method_glob: str | None) -> list[Run]:
    """Every run that the peers which are here make possible, under the methods that match, None: the
    representative ones; all pairs under a method, then the next."""
    here = [peer for peer in found if not peer.missing]
    runs = [Run("socks5", client, server)
            for client in [None, *(peer for peer in here if peer.role("socks5-client"))]
            for server in here if server.role("socks5-server")]
    for client in (peer for peer in here if peer.role("ss-local")):
        for server in (peer for peer in here if peer.role("ss-server")):
            shared = [method for method in client.methods("ss-local")
                      if method in server.methods("ss-server")]
            for method in (representative(shared) if method_glob is None
                           else fnmatch.filter(shared, method_glob)):
                runs.append(Run("shadowsocks", client, server, method))
                if ("start_ota" in client.role("ss-local") and "start_ota" in server.role("ss-server")
                        and not method.endswith(OTA_METHODS_NOT)):
                    runs.append(Run("shadowsocks", client, server, method, ota=True))
    first = [method for row in REPRESENTATIVES for method in row]
    return sorted(runs, key=lambda run: first.index(run.method) if run.method in first
                  else -1 if run.kind == "socks5" else len(first))


async def start_sides(run: Run) -> list[processes.Served]:
    """The server, and the client in front of it. Raises NotServing, with nothing left running."""
    which = "start_ota" if run.ota else "start"
    values = {"method": run.method, "password": password(run.method)}
    started: list[processes.Served] = []
    try:
        for peer, role in run.sides[:1] if run.by_client else run.sides:
            if peer.hangs.get(role):
                raise processes.NotServing(f"{peer.name} is not tried any more as {role}: "
                                           f"{peer.hangs[role]}")
            try:
                served = await processes.start(peer, role, values, which)
            except processes.NotServing as why:
                if "does not listen" in str(why):
                    peer.hangs[role] = str(why).splitlines()[0]
                raise processes.NotServing(f"{peer.name}: {why}") from None
            started.append(served)
            run.commands["server" if peer is run.server and len(started) == 1 else "client"] = \
                served.command
            values |= {"server_host": "127.0.0.1", "server_port": str(served.port)}
    except BaseException:
        for served in started:
            await served.process.stop()
        raise
    return started


async def check_all(run: Run, started: list[processes.Served], checks: tuple[Check, ...]) -> None:
    target = Target()
    hung = 0
    try:
        await target.open()
        ends = Ends(started[-1].port, target, run.kind == "socks5",
                    run.client if run.by_client else None, run.commands)
        for check in checks:
            if check.by_client != run.by_client:
                continue
            reason = run.reason_against(check)
            dead = [name for served, name in zip(started, ("server", "client"))
                    if served.process.died]
            if dead:
                run.failed.append({"check": check.name, "difference":
                                   f"the {dead[0]} has ended by itself"})
                break
            if reason:
                run.skipped.append({"check": check.name, "reason": reason})
                continue
            if hung == HANGS:
                run.failed.append({"check": check.name, "difference":
                                   f"not tried: {HANGS} checks before it had no end"})
                continue
            difference = await conduct(check, ends)
            hung = hung + 1 if difference.startswith("no end") else 0
            if difference:
                run.failed.append({"check": check.name, "difference": difference})
            else:
                run.passed.append(check.name)
    finally:
        await target.close()


async def conduct_run(run: Run, checks: tuple[Check, ...]) -> None:
    began = time.monotonic()
    try:
        started = await start_sides(run)
    except processes.NotServing as why:
        lines = str(why).splitlines()
        run.failed.append({"check": "start", "difference": lines[0]})
        run.log["start"] = "\n".join(lines[1:])
    else:
        try:
            await check_all(run, started, checks)
            if run.failed:
                run.log |= {name: served.process.tail()
                            for served, name in zip(started, ("server", "client"))}
        finally:
            for served in reversed(started):
                await served.process.stop()
    run.seconds = round(time.monotonic() - began, 2)


async def conduct_stalled(runs: list[Run], checks: tuple[Check, ...], say) -> None:
    """Those that met a deadline once more, alone, so that it is not the machine's; that result
    counts."""
    for i, run in enumerate(runs):
        if run.done and run.stalled:
            fresh = Run(run.kind, run.client, run.server, run.method, run.ota)
            await conduct_run(fresh, checks)
            fresh.done = True
            runs[i] = fresh
            say(fresh)


async def conduct_all(runs: list[Run], jobs: int, checks: tuple[Check, ...], say) -> None:
    """All runs, so many at a time; say(run) after each."""
    waiting = list(reversed(runs))

    async def worker() -> None:
        while waiting:
            run = waiting.pop()
            await conduct_run(run, checks)
            run.done = True
            say(run)
    await processes.side_by_side(worker, jobs)
