#!/usr/bin/env python3
"""Whether the suite says the same each time: full runs of the reference relay in a row, on a machine
that is idle and on one whose processors are all busy.

usage: flake.py SOCKSPEC RELAY [RUNS]

RUNS of each setting, idle and busy; 50 unless given. A run differs when a case has another verdict,
choice or reason than in the first run, numbers in reasons apart. Exit status: 0; 1 some run differs.
"""

import collections
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
    said = {(case["id"], case["segment"]): (case["verdict"], case["choice"],
                                            re.sub("[0-9]+", "0", case["reason"]))
            for case in found["cases"]}
    said[("exit status",)] = (found["status"],)
    return said


def burners() -> list[subprocess.Popen]:
    """One busy loop for each processor; it ends when this process has."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: sum(range(100000))"
    return [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(os.cpu_count() or 1)]


def series(sockspec: str, relay: str, runs: int, busy: bool) -> int:
    """How many runs differ from the first of their setting."""
    differ, took = 0, []
    different = collections.Counter()
    burning = burners() if busy else []
    try:
        for role, settings in SETTINGS.items():
            for setting in settings:
                first = None
                for _ in range(runs):
                    started = time.monotonic()
                    said = told(sockspec, relay, role, setting)
                    took.append(time.monotonic() - started)
                    first = first or said
                    changed = [key for key in first.keys() | said.keys()
                               if first.get(key) != said.get(key)]
                    different.update(f"{' '.join(key)}: {first.get(key)}, then {said.get(key)}"
                                     for key in changed)
                    differ += bool(changed)
                wrong = [key for key, value in first.items() if value[0] not in ("PASS", "SKIP", 0)]
                differ += bool(wrong)
                different.update(f"{' '.join(key)}: {first[key]}" for key in wrong)
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
    differ = [series(sockspec, relay, runs, busy) for busy in (False, True)]
    return 1 if any(differ) else 0


if __name__ == "__main__":
    sys.exit(main())
