"""`sockspec run --peer NAME ROLE` for every peer and role, before the matrix: the suite counts
milliseconds, so that nothing runs beside it."""

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import namespace
from grid import password
from peers import ROOT, Peer

SECONDS = 240
STATUS = {0: "conforms", 1: "fails", 3: "no peer", 4: "nothing ran", 5: "inconclusive"}
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


async def judge_all(sockspec: str, peers: list[Peer]) -> AsyncIterator[dict]:
    """A row for each role of each peer that is here, for which the suite has cases."""
    for peer in peers:
        for role in sorted(peer.manifest["roles"]):
            if not peer.missing and knows_role(sockspec, role):
                yield await judge(sockspec, peer, role)
