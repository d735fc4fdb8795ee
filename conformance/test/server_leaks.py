#!/usr/bin/env python3
"""What a small ss-server keeps of its sessions is found: without a defect nothing, with each the case
that names it fails.

usage: server_leaks.py SOCKSPEC [DEFECT]...
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from server_fixture import LEAKS  # noqa: E402

SECONDS = 120
# Connections that are refused beside those that are served: nothing of either may stay.
CASES = ("stage/ssserver/descriptors", "stage/ssserver/memory", "stage/ssserver/echo",
         "ss-probe/random/random-*", "ss-probe/random/fin-*")


def verdicts(sockspec: str, defect: str) -> dict[str, str]:
    """By case."""
    command = f"exec {sys.executable} {HERE}/server_fixture.py {{host}} {{port}} {{password}} '{defect}'"
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        done = subprocess.run(
            [sockspec, "run", "ss-server", "--exec", command, "--method", "chacha20-ietf-poly1305",
             "--password", "barfoo!", "--report", f"json={report}"]
            + [word for case in CASES for word in ("--case", case)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return {"no report": done.stdout}
        return {case["id"]: case["verdict"] for case in json.loads(report.read_text())["cases"]}


def main() -> int:
    sockspec, *chosen = sys.argv[1:]
    failures = []
    for defect in chosen or ["", *LEAKS]:
        found = verdicts(sockspec, defect)
        named = {LEAKS[defect][0]} if defect else set()
        missed = {case for case, verdict in found.items() if verdict == "QUIRK"}
        if missed != named or "no report" in found:
            failures.append(f"{defect or 'without a defect'}: QUIRK {missed}, expected {named}: {found}")
    for line in failures:
        print(line)
    print(f"leaks of an ss-server: {len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
