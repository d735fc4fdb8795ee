#!/usr/bin/env python3
"""The suite on the fixture server: without a defect all passes, with each the case that names it fails.

usage: defects.py SOCKSPEC [DEFECT]...
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from fixture_defects import DEFECTS  # noqa: E402

SECONDS = 300
MISSED = {"FAIL", "QUIRK"}


def report_of(sockspec: str, command: str, *more: str) -> dict:
    """The JSON report of a run on a server."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        ended = subprocess.run(
            [sockspec, "run", "socks5-server", "--exec", command, "--report", f"json={report}", *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return {"status": ended.returncode, "cases": [], "output": ended.stdout}
        return json.loads(report.read_text())


def run(sockspec: str, defect: str | None, auth: bool, *more: str) -> dict:
    """Likewise, on the fixture."""
    command = f"exec {sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}}"
    command += " --auth {user}:{pass}" if auth else ""
    command += f" --defect {defect}" if defect else ""
    return report_of(sockspec, command, *(["--auth", "alice:secret"] if auth else []), *more)


def good(sockspec: str, auth: bool, axis: str, cases: str) -> str | None:
    """What is wrong where nothing should be, if anything is."""
    report = run(sockspec, None, auth, "--strict", "--segment", axis, "--case", cases)
    wrong = [case["id"] for case in report["cases"] if case["verdict"] not in ("PASS", "SKIP")]
    if report["status"] != 0 or wrong:
        return f"without a defect, auth {auth}, {axis}: status {report['status']}, {wrong}"
    return None


def bad(sockspec: str, defect: str) -> str | None:
    """Why the defect goes unnoticed, if it does."""
    names_it = DEFECTS[defect][0]
    report = run(sockspec, defect, defect.startswith("auth-"), "--case", names_it)
    verdicts = {case["verdict"] for case in report["cases"] if case["id"] == names_it}
    if not verdicts & MISSED:
        return f"{defect}: {names_it} is {verdicts or report.get('output')}, expected FAIL or QUIRK"
    return None


def main() -> int:
    sockspec, *chosen = sys.argv[1:]
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        if not chosen:
            for auth in (False, True):
                for axis in ("whole", "bytes", "coalesced"):
                    jobs.append(pool.submit(good, sockspec, auth, axis, "*"))
                jobs.append(pool.submit(good, sockspec, auth, "split", "rfc19*/[2345]/*"))
        for defect in chosen or DEFECTS:
            jobs.append(pool.submit(bad, sockspec, defect))
    failures = [failure for job in jobs if (failure := job.result())]
    for failure in failures:
        print(failure)
    print(f"defects: {len(jobs) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
