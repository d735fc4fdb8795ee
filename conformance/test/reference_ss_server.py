#!/usr/bin/env python3
"""The reference relay as a Shadowsocks server under the suite, one method of each family and more:
nothing is missed, and where it may choose it does as ../choices.md says.

usage: reference_ss_server.py SOCKSPEC RELAY [METHOD...]
"""

import json
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import choices  # noqa: E402

SECONDS = 300
COMMAND = "exec {relay} server -s {{host}} -p {{port}} -k {{password}} -m {{method}} -u --forbidden-ip ''"
FAMILIES = ("aes-128-gcm", "chacha20-ietf-poly1305", "aes-256-cfb", "rc4-md5", "chacha20", "table")
# What stream methods make of random octets hangs on the octets.
BY_CHANCE = ("ss-probe/random/stream", "ss-stream/session/garbage")
# method, whether one-time auth is required, axis
RUNS = [(method, False, "whole") for method in FAMILIES] + [
    ("aes-256-ctr", True, "whole"),
    ("aes-256-gcm", False, "bytes"), ("aes-128-cfb", False, "bytes"),
    ("xchacha20-ietf-poly1305", False, "coalesced"), ("aes-192-ctr", True, "coalesced"),
]


def missed(sockspec: str, relay: str, run: tuple[str, bool, str]) -> tuple[int, list[str]]:
    """How many cases ran, and what is wrong with them."""
    method, ota, axis = run
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        done = subprocess.run(
            [sockspec, "run", "ss-server", "--strict", "--segment", axis, "--method", method,
             "--password", "barfoo!", "--exec", COMMAND.format(relay=relay) + (" -a" if ota else ""),
             "--report", f"json={report}"] + (["--ota"] if ota else []),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return 0, [f"{run}: {done.stdout.strip()}"]
        cases = json.loads(report.read_text())["cases"]
    wrong = [f"{run}: {case['id']}: {case['verdict']}: {case['reason']}" for case in cases
             if case["verdict"] not in ("PASS", "SKIP")]
    if axis == "whole" and not ota and not wrong:
        chosen = {case["id"]: case["choice"] for case in cases if case["level"] == "CHOICE"
                  and case["verdict"] == "PASS" and case["requirement"] not in BY_CHANCE}
        aead = {case["id"] for case in cases if case["reason"] == "needs a method that is not AEAD"}
        skipped = {case["id"] for case in cases if case["verdict"] == "SKIP"}
        table = choices.listed("As a Shadowsocks server", 1 if aead else 2)
        wrong = [f"{run}: {line}" for line in choices.differences(
            chosen, {case: way for case, way in table.items() if case not in skipped})]
    if done.returncode != 0 and not wrong:
        wrong = [f"{run}: exit status {done.returncode}"]
    return sum(case["verdict"] != "SKIP" for case in cases), wrong


def main() -> int:
    sockspec, relay = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve())
    runs = [(method, False, "whole") for method in sys.argv[3:]] or RUNS
    with ThreadPoolExecutor(4) as pool:  # they wait more than they work
        results = list(pool.map(lambda run: missed(sockspec, relay, run), runs))
    ran, wrong = sum(n for n, _ in results), [line for _, lines in results for line in lines]
    for line in wrong:
        print(line)
    print(f"reference, ss-server: {ran - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
