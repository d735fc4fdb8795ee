#!/usr/bin/env python3
"""The suite on clients: the small C client and the fixture pass all, the small one chooses as
../choices.md says, with each defect of the fixture the case that names it fails.

usage: client_defects.py SOCKSPEC TEST-CLIENT [DEFECT]...
"""

import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent.resolve()
sys.path.insert(0, str(HERE))
import choices  # noqa: E402
from fixture_client_defects import DEFECTS  # noqa: E402

SECONDS = 300
MISSED = {"FAIL", "QUIRK"}
WORDS = "{proxy_host} {proxy_port} {target_host} {target_port}"
FIXTURE = f"exec {sys.executable} -S -E -s {HERE}/fixture_client.py --command {{command}}"


def run(sockspec: str, command: str, *more: str) -> dict:
    """The JSON report of a run."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        ended = subprocess.run(
            [sockspec, "run", "socks5-client", "--exec", command, "--report", f"json={report}",
             *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return {"status": ended.returncode, "cases": [], "output": ended.stdout}
        return json.loads(report.read_text())


def good(sockspec: str, name: str, command: str, least: int, *more: str) -> str | None:
    """What is wrong where nothing should be, if anything is."""
    report = run(sockspec, command, "--strict", *more)
    wrong = [f"{case['id']}: {case['reason']}" for case in report["cases"]
             if case["verdict"] not in ("PASS", "SKIP")]
    passed = sum(case["verdict"] == "PASS" for case in report["cases"])
    if report["status"] != 0 or wrong or passed < least:
        return (f"{name} {more}: status {report['status']}, {passed} passed, {wrong} "
                f"{report.get('output', '')}")
    return None


def chooses(sockspec: str, command: str, *more: str) -> str | None:
    """Where the small client goes another way than the table says."""
    chosen = {case["id"]: case["choice"] for case in run(sockspec, command, *more)["cases"]
              if case["choice"] and case["verdict"] == "PASS"}
    wrong = choices.differences(chosen, choices.listed("As a SOCKS5 client", 1 + bool(more)))
    return f"test-client {more}: {wrong}" if wrong else None


def bad(sockspec: str, defect: str) -> str | None:
    """Why the defect goes unnoticed, if it does."""
    names_it = DEFECTS[defect][0]
    auth = names_it.startswith("rfc1929/") or names_it.endswith("userpass") and (
        defect == "offers-no-userpass")
    command = f"{FIXTURE} --defect {defect} " + ("--user {user} --password {pass} " if auth else "")
    report = run(sockspec, command + WORDS, "--case", names_it,
                 "--timeout", "2", *(["--auth", "alice:secret"] if auth else []))
    verdicts = {case["verdict"] for case in report["cases"] if case["id"] == names_it}
    if not verdicts & MISSED:
        return f"{defect}: {names_it} is {verdicts or report.get('output')}, expected FAIL or QUIRK"
    return None


def main() -> int:
    sockspec, client, *chosen = sys.argv[1:]
    small = f"exec {shlex.quote(str(pathlib.Path(client).resolve()))} -c {{command}}"
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        if not chosen:
            for name, plain, users in (
                    ("test-client", f"{small} {WORDS}", f"{small} -u '{{user}}' -w '{{pass}}' {WORDS}"),
                    ("fixture", f"{FIXTURE} {WORDS}",
                     f"{FIXTURE} --user '{{user}}' --password '{{pass}}' {WORDS}")):
                jobs.append(pool.submit(good, sockspec, name, plain, 215))
                jobs.append(pool.submit(good, sockspec, name, users, 235, "--auth", "alice:secret"))
            jobs.append(pool.submit(chooses, sockspec, f"{small} {WORDS}"))
            jobs.append(pool.submit(chooses, sockspec, f"{small} -u '{{user}}' -w '{{pass}}' {WORDS}",
                                    "--auth", "alice:secret"))
            jobs.append(pool.submit(good, sockspec, "test-client", f"{small} {WORDS}", 125,
                                    "--segment", "bytes"))
            untold = small.replace(" -c {command}", "")
            jobs.append(pool.submit(good, sockspec, "a client that takes no command",
                                    f"{untold} {WORDS}", 150, "--without", "bind,udp"))
            jobs.append(pool.submit(good, sockspec, "a client without BIND and UDP",
                                    f"[ {{command}} = connect ] && {small} {WORDS}", 2, "--without",
                                    "bind,udp", "--case", "*/client-no-*"))
            jobs.append(pool.submit(good, sockspec, "fixture, http", f"{FIXTURE} --http {WORDS}",
                                    140, "--payload", "http"))
        for defect in chosen or DEFECTS:
            jobs.append(pool.submit(bad, sockspec, defect))
    failures = [failure for job in jobs if (failure := job.result())]
    for failure in failures:
        print(failure)
    print(f"clients: {len(jobs) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
