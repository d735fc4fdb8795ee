"""`sockspec run --peer NAME ROLE` for every peer and role, before the matrix, some side by side. The
suite counts milliseconds: what does not conform then has a second run with nothing beside it, and that
one counts."""

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import namespace
from grid import password
from peers import ROOT, Peer
from processes import side_by_side

SECONDS = 240
STATUS = {0: "conforms", 1: "fails", 3: "no peer", 4: "nothing ran", 5: "inconclusive"}
UNSURE = ("fails", "no peer", "inconclusive", "error")
# Which peers come first: those whose cases wait longest.
ROLES = ("ss-local", "socks5-client", "socks5-server", "ss-server")
ORDER = ("chacha20-ietf-poly1305", "aes-256-gcm", "aes-256-cfb", "chacha20")


def knows_role(sockspec: str, role: str) -> bool:
    """Whether this build of the suite tests that role."""
    done = os.popen(f"{sockspec} run --help").read()
    return role in done


def reviewed(peer: Peer, ids: set[str]) -> bool:
    """Whether the peer's baseline is about any of these cases. This project's own peer needs none."""
    name = peer.manifest["baseline"]
    if name is None:
        return not peer.manifest["install"]
    known = json.loads((peer.path.parent / name).read_text())["deviations"]
    return any(one["case"] in ids for one in known)


async def judge(sockspec: str, peer: Peer, role: str) -> dict:
    method = next((m for m in ORDER if m in peer.methods(role)), "")
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        report = Path(folder, "report.json")
        command = [sockspec, "run", role, "--peer", str(peer.path), "--report", f"json={report}"]
        if method:
            command += ["--method", method, "--password", password(method)]
        process = await asyncio.create_subprocess_exec(
            *namespace.without_files(), *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, cwd=ROOT)
        try:
            said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
        except (asyncio.TimeoutError, asyncio.CancelledError) as why:
            process.send_signal(signal.SIGTERM)  # it ends its peer itself
            await process.wait()
            if isinstance(why, asyncio.CancelledError):
                raise
            said = f"no end after {SECONDS} s".encode()
        told = json.loads(report.read_text()) if report.exists() else {"totals": {}, "cases": []}
    status = STATUS.get(process.returncode, "error")
    if status == "fails" and not reviewed(peer, {case["id"] for case in told["cases"]}):
        status = "unreviewed"  # nobody has gone through its deviations yet
    last = (said.decode(errors="replace").strip().splitlines() or [""])[-1].replace(
        f"{peer.path.parent}/", "")  # a path of this machine
    shown = ["sockspec", "run", role, "--peer", peer.name] + (["--method", method] if method else [])
    return {"peer": peer.name, "role": role, "command": " ".join(shown),
            "status": status, "totals": told["totals"],
            "said": "".join(c if c.isprintable() else "?" for c in last)[:300],
            **({"method": method} if method else {})}


async def judge_all(sockspec: str, peers: list[Peer], jobs: int, rows: list[dict],
                    say: Callable[[dict], None]) -> None:
    """Adds a row for each role of each peer that is here, for which the suite has cases; so many at
    a time, say(row) after each."""
    waiting = [(peer, role) for role in reversed(ROLES) for peer in reversed(peers)
               if role in peer.manifest["roles"] and not peer.missing and knows_role(sockspec, role)]

    async def worker() -> None:
        while waiting:
            rows.append(await judge(sockspec, *waiting.pop()))
            say(rows[-1])
    await side_by_side(worker, jobs)
    for i, row in enumerate(rows if jobs > 1 else []):
        if row["status"] in UNSURE:
            rows[i] = await judge(sockspec, next(peer for peer in peers
                                                 if peer.name == row["peer"]), row["role"])
            say(rows[i])
