#!/usr/bin/env python3
"""Whether the suite says the same each time: full runs of the reference relay in a row, one at a
time, and all settings side by side on a machine whose processors are all busy.

usage: flake.py SOCKSPEC RELAY [RUNS [idle|busy]]

RUNS of each setting, idle and busy unless one is named; 50 unless given. A run differs when a case
has another verdict, choice or reason than in the first run, numbers in reasons apart; so does one
whose first run has another verdict than PASS and SKIP. Exit status: 0; 1 some run differs.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from settings import PROGRAMS, SETTINGS  # noqa: E402

SECONDS = 300

# Octets that nobody can foretell, under methods that cannot tell them from a request: what is chosen
# depends on what they happen to ask for.
BY_CHANCE = "ss-probe/random/stream-"


def told(sockspec: str, relay: str, role: str, setting: tuple) -> dict[tuple, tuple]:
    """What one run says of each case."""
    command, options = setting
    program = pathlib.Path(relay).with_name(PROGRAMS.get(role, pathlib.Path(relay).name))
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        subprocess.run([sockspec, "run", role, "--exec", "exec " + command.format(program=program),
                        *options, "--report", f"json={report}"],
                       stdout=subprocess.DEVNULL, timeout=SECONDS)
        if not report.exists():
            return {("the run",): ("gave no report",)}
        found = json.loads(report.read_text())
    said = {(case["id"], case["segment"]): (case["verdict"],
                                            None if case["id"].startswith(BY_CHANCE) else case["choice"],
                                            re.sub("[0-9]+", "0", case["reason"]))
            for case in found["cases"]}
    said[("exit status",)] = (found["status"],)
    return said


def burners() -> list[subprocess.Popen]:
    """One busy loop for each processor; it ends when this process has."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: sum(range(100000))"
    return [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(os.cpu_count() or 1)]


def timed(*run) -> tuple[dict[tuple, tuple], float]:
    """What one run says, and how many seconds it took."""
    started = time.monotonic()
    said = told(*run)
    return said, time.monotonic() - started


def series(sockspec: str, relay: str, runs: int, busy: bool) -> int:
    """How many runs differ from the first of their setting."""
    differ, took, first = 0, [], {}
    different = collections.Counter()
    every = [(role, setting) for role, settings in SETTINGS.items() for setting in settings]
    burning = burners() if busy else []
    try:
        with concurrent.futures.ThreadPoolExecutor(len(every) if busy else 1) as pool:
            for _ in range(runs):
                for key, (said, seconds) in zip(every, pool.map(
                        lambda one: timed(sockspec, relay, *one), every)):
                    took.append(seconds)
                    if key not in first:
                        first[key] = {case: value if value[0] in ("PASS", "SKIP", 0) else ("PASS",)
                                      for case, value in said.items()}
                    changed = [case for case in first[key].keys() | said.keys()
                               if first[key].get(case) != said.get(case)]
                    different.update(f"{key[0]} {' '.join(case)}: {first[key].get(case)}, then "
                                     f"{said.get(case)}" for case in changed)
                    differ += bool(changed)
    finally:
        for process in burning:
            process.kill()
            process.wait()
    for line, times in different.most_common():
        print(f"{times} times: {line}")
    print(f"{'busy' if busy else 'idle'}: {len(took)} runs, {differ} differ; "
          f"{min(took):.1f} to {max(took):.1f} s each", flush=True)
    return differ


def main() -> int:
    sockspec, relay = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    kinds = sys.argv[4:5] or ["idle", "busy"]
    differ = [series(sockspec, relay, runs, kind == "busy") for kind in kinds]
    return 1 if any(differ) else 0


if __name__ == "__main__":
    sys.exit(main())
