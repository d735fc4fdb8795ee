#!/usr/bin/env python3
"""conformance/record between the relay's own two ends: every session is there, decrypts, and says what
was said; what cannot be recorded says why, and nothing is written.

    recording.py RELAY"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "conformance/record/record"
RUNS = [("aes-128-gcm", []), ("aes-256-cfb", ["--ota"]), ("chacha20-ietf", ["--pipelined"])]
REFUSED = [
    (["nosuch", "sockspec-relay", "aes-128-gcm"], "nosuch: expected a peer"),
    (["tor", "sockspec-relay", "aes-128-gcm"], "tor: expected a peer with start of the role ss-local"),
    (["sockspec-relay", "sockspec-relay", "rot13"], "argument METHOD: invalid choice: 'rot13'"),
]


def record(relay: Path, folder: str, *words: str) -> subprocess.CompletedProcess:
    path = f"{relay.parent}:{os.environ['PATH']}"
    return subprocess.run([RECORD, *words, "--into", folder], capture_output=True, text=True,
                          env=os.environ | {"PATH": path}, timeout=120)


def faults(relay: Path, folder: str) -> list[str]:
    found, sessions = [], 0
    for method, flags in RUNS:
        done = record(relay, folder, "sockspec-relay", "sockspec-relay", method, *flags)
        if done.returncode != 0:
            return [f"{method}: status {done.returncode}, expected 0: {done.stderr.strip()}"]
        document = json.loads(Path(folder, f"{method}.json").read_text())
        made = document["recordings"][0]["sessions"]
        sessions += len(made)
        found += [f"{s['id']}: {s['comment']}" for s in made if "lost" in s["comment"]]
        found += [f"{s['id']}: no SOCKS5 messages" for s in made if len(s["socks"]) != 4]
        if "--pipelined" not in flags and not any(s.get("ends") == ["up", "down"] for s in made):
            found.append(f"{method}: no half-close of the client")
    for words, line in REFUSED:
        done = record(relay, folder, *words)
        if done.returncode != 2 or line not in done.stderr:
            found.append(f"{' '.join(words)}: status {done.returncode}, {done.stderr!r}, expected {line!r}")
    if not found:
        print(f"recording: {sessions} sessions, {len(REFUSED)} refusals")
    return found


def main() -> int:
    relay = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        found = faults(relay, folder)
    for fault in found:
        print(fault, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
