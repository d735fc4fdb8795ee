#!/usr/bin/env python3
"""The reference relay under the suite: whatever it asks of a SOCKS5 server, nothing is missed, and
where it may choose it does as ../choices.md says.

usage: reference.py SOCKSPEC RELAY
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import choices  # noqa: E402

SECONDS = 300
COMMAND = "exec {relay} socks5 -b {{host}} -l {{port}}"
CREDENTIALS = " --auth {user}:{pass}"


def unlisted(cases: list[dict], auth: bool) -> list[str]:
    """Where the table and what was chosen differ."""
    chosen = {case["id"]: case["choice"] for case in cases if case.get("choice")}
    return choices.differences(chosen, choices.listed("", 1 + auth))


def missed(sockspec: str, relay: str, auth: bool, axis: str, cases: str) -> tuple[int, list[str]]:
    """How many cases ran, and what is wrong with them."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        command = COMMAND.format(relay=relay) + (CREDENTIALS if auth else "")
        done = subprocess.run(
            [sockspec, "run", "socks5-server", "--strict", "--segment", axis, "--case", cases,
             "--exec", command, "--report", f"json={report}"]
            + (["--auth", "alice:secret"] if auth else []),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return 0, [done.stdout.strip()]
        found = json.loads(report.read_text())["cases"]
    verdicts = [(case["id"], case["verdict"], case["reason"]) for case in found]
    wrong = [f"{name}: {verdict}: {reason}" for name, verdict, reason in verdicts
             if verdict not in ("PASS", "SKIP")]
    if axis == "whole" and not wrong:
        wrong = unlisted(found, auth)
    if done.returncode != 0 and not wrong:
        wrong = [f"exit status {done.returncode}"]
    return sum(verdict != "SKIP" for _, verdict, _ in verdicts), wrong


def main() -> int:
    sockspec, relay = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve())
    ran, wrong = 0, []
    for auth in (False, True):
        for axis, cases in (("whole", "*"), ("bytes", "*"), ("coalesced", "*"),
                            ("split", "rfc19*/[2345]/*")):
            n, faults = missed(sockspec, relay, auth, axis, cases)
            ran += n
            wrong += [f"auth {auth}, {axis}: {fault}" for fault in faults]
    for fault in wrong:
        print(fault)
    print(f"reference: {ran - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
