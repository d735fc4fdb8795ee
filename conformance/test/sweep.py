#!/usr/bin/env python3
"""The probe-reaction sweep: on a small ss-server with each defect of its own the case that names it
fails, on a good one and on the reference relay nothing does, and the reports have the curves.

usage: sweep.py SOCKSPEC RELAY [DEFECT]...
"""

import concurrent.futures
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "vectors/reader")]
from schema import Schema  # noqa: E402
from server_fixture import DEFECTS, HARMLESS  # noqa: E402
from settings import SETTINGS  # noqa: E402

SECONDS = 300
SCHEMA = HERE.parent / "report/schema/report.schema.json"
METHOD = ("--method", "chacha20-ietf-poly1305", "--password", "barfoo!")
LENGTHS = [*range(1, 301), 500, 3000]
SMALL = f"exec {sys.executable} {HERE}/server_fixture.py {{host}} {{port}} {{password}} "


class Page(html.parser.HTMLParser):
    """The text of a page, and the JSON in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.json = "", ""
        self.feed(text)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.json = self.json or data
        else:
            self.text += data


def run(sockspec: str, command: str, *options: str) -> tuple[int, str, dict, str]:
    """Exit status, what was printed, the JSON report, the page."""
    with tempfile.TemporaryDirectory() as folder:
        report, page = pathlib.Path(folder, "report.json"), pathlib.Path(folder, "report.html")
        done = subprocess.run(
            [sockspec, "run", "ss-server", "--exec", command, "--strict",
             "--report", f"json={report}", "--report", f"html={page}", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return done.returncode, done.stdout, {"cases": [], "sweep": None}, ""
        return done.returncode, done.stdout, json.loads(report.read_text()), page.read_text()


def bad(sockspec: str, defect: str) -> list[str]:
    case = DEFECTS[defect][0]
    _, said, report, _ = run(sockspec, SMALL + defect, *METHOD, "--sweep", "--case", case)
    verdicts = {entry["verdict"] for entry in report["cases"]}
    if not all("--sweep" in entry.get("again", "--sweep") for entry in report["cases"]):
        return [f"{defect}: the command that repeats it lacks --sweep"]
    return [] if verdicts == {"FAIL"} else [f"{defect}: {case} is {verdicts}, expected FAIL: {said}"]


def good(sockspec: str, what: str) -> list[str]:
    """Whole probes suffice: those octet by octet take the small server long."""
    status, said, report, _ = run(sockspec, SMALL + f"'{what}'", *METHOD, "--sweep", "--case",
                                  "ss-probe/sweep/*-whole", "--not", "*/stream-*")
    wrong = [entry for entry in report["cases"] if entry["verdict"] != "PASS"]
    return [] if status == 0 and not wrong else [f"{what or 'good'}: status {status}: {said}"]


def curves_are_whole(report: dict, page: str) -> list[str]:
    wrong = Schema(json.loads(SCHEMA.read_text())).faults(report)
    ran = [case["id"] for case in report["cases"] if case["verdict"] != "SKIP"]
    curves = {curve["case"]: curve for curve in report["sweep"]["curves"]}
    if sorted(curves) != sorted(ran) or len(ran) != 6:
        wrong.append(f"curves of {sorted(curves)}, cases {sorted(ran)}")
    for case, curve in curves.items():
        if [point["length"] for point in curve["points"]] != LENGTHS:
            wrong.append(f"{case}: not every length is there")
        if curve["probe"] not in case or curve["octet_by_octet"] != case.endswith("-octets"):
            wrong.append(f"{case}: is said to be {curve['probe']}")
    shown = Page(page)
    if json.loads(shown.json) != report:
        wrong.append("the page has another report in it")
    for case in curves:
        if not re.search(re.escape(case), shown.text.split("Reactions to probes")[-1]):
            wrong.append(f"{case}: its curve is not on the page")
    bent = json.loads(json.dumps(report))
    bent["sweep"]["curves"][0]["points"][0]["reaction"] = "open"
    if not Schema(json.loads(SCHEMA.read_text())).faults(bent):
        wrong.append("the schema takes any reaction")
    return wrong


def reference(sockspec: str, relay: str, setting: int) -> list[str]:
    command, options = SETTINGS["ss-server"][setting]
    status, said, report, page = run(sockspec, command.format(program=relay), *options, "--sweep",
                                     "--case", "ss-probe/sweep/*")
    if status != 0 or not report["sweep"]:
        return [f"the reference: status {status}: {said}"]
    return [f"the reference, {options[1]}: {line}" for line in curves_are_whole(report, page)]


def usage(sockspec: str) -> list[str]:
    """Without --sweep there is none, and it is refused where it could reach strangers."""
    _, _, report, page = run(sockspec, SMALL, *METHOD, "--case", "ss-probe/sweep/*", "--case",
                             "ss-probe/random/nothing")
    skipped = {case["verdict"] for case in report["cases"] if "/sweep/" in case["id"]}
    wrong = [] if skipped == {"SKIP"} and report["sweep"] is None else ["swept without --sweep"]
    if "Reactions to probes" in Page(page).text:
        wrong.append("the page has curves where there are none")
    for role, options, says in (("ss-server", METHOD, "--isolated"), ("socks5-server", (), "ss-server")):
        done = subprocess.run([sockspec, "run", role, "--target", "127.0.0.1:1", "--sweep", *options],
                              capture_output=True, text=True)
        if done.returncode != 2 or says not in done.stderr or done.stderr.count("\n") != 1:
            wrong.append(f"--sweep with a target, {role}: {done.returncode}, {done.stderr!r}")
    return wrong


def main() -> int:
    sockspec, relay, *chosen = sys.argv[1:]
    relay = str(pathlib.Path(relay).resolve())
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(bad, sockspec, defect) for defect in chosen or DEFECTS]
        if not chosen:
            jobs += [pool.submit(good, sockspec, what) for what in HARMLESS]
            jobs += [pool.submit(reference, sockspec, relay, setting) for setting in (0, 1)]
            jobs.append(pool.submit(usage, sockspec))
    failures = [line for job in jobs for line in job.result()]
    for line in failures:
        print(line)
    print(f"sweep: {len(jobs)} runs, {len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
