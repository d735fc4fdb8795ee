#!/usr/bin/env python3
"""The suite on a small ss-local: without a defect nothing is missed, with each the case that names it
fails.

usage: local_defects.py SOCKSPEC [DEFECT]...
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from local_fixture import DEFECTS, METHOD  # noqa: E402

SECONDS = 300
MISSED = {"FAIL", "QUIRK"}


def run(sockspec: str, defect: str, *more: str) -> dict[str, str]:
    """Verdicts by case."""
    command = (f"exec {sys.executable} {HERE}/local_fixture.py {{host}} {{port}} {{server_host}} "
               f"{{server_port}} {{password}} {defect}")
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        ended = subprocess.run(
            [sockspec, "run", "ss-local", "--exec", command, "--method", METHOD, "--password",
             "barfoo!", "--without", "udp,bind", "--report", f"json={report}", *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return {"no report": ended.stdout.strip()}
        return {case["id"]: case["verdict"] for case in json.loads(report.read_text())["cases"]}


def good(sockspec: str) -> str | None:
    """What is wrong where nothing should be, if anything is."""
    cases = [word for names, _ in DEFECTS.values() if "/" in names
             for name in names.split(", ") for word in ("--case", name)]
    wrong = {name: verdict for name, verdict in run(sockspec, "", *cases).items()
             if verdict != "PASS"}
    return f"without a defect: {wrong}" if wrong else None


def bad(sockspec: str, defect: str) -> str | None:
    """Why the defect goes unnoticed, if it does."""
    cases = DEFECTS[defect][0].split(", ")
    chosen = cases if "/" in cases[0] else ["stage/front/*"]
    found = run(sockspec, defect, *(word for case in chosen for word in ("--case", case)))
    missed = [case for case in cases
              if found.get(case) not in MISSED and case not in found.get("no report", "")]
    return f"{defect}: {found}, expected {missed} to fail" if missed else None


def main() -> int:
    sockspec, *chosen = sys.argv[1:]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [] if chosen else [pool.submit(good, sockspec)]
        jobs += [pool.submit(bad, sockspec, defect) for defect in chosen or DEFECTS]
    failures = [failure for job in jobs if (failure := job.result())]
    for failure in failures:
        print(failure)
    print(f"defects of an ss-local: {len(jobs) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
