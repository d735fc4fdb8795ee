#!/usr/bin/env python3
"""The reference relay under the suite as ss-local, by a method of each family: nothing is missed,
and where it may choose it does as ../choices.md says.

usage: reference_local.py SOCKSPEC RELAY
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import choices  # noqa: E402

SECONDS = 300
COMMAND = ("exec {relay} local -s {{server_host}} -p {{server_port}} -b {{host}} -l {{port}} "
           "-k {{password}} -m {{method}} -u")
# Method, whether it is told to use one-time auth, credentials of the front.
WHOLE = [("chacha20-ietf-poly1305", False, None), ("aes-128-gcm", False, "alice:secret"),
         ("aes-256-cfb", False, None), ("aes-256-cfb", True, None), ("rc4-md5", True, None)]
# The cuts of the client's octets and of the server's.
CUT = [("chacha20-ietf-poly1305", False, None), ("aes-256-cfb", True, None)]


def listed_choices(aead: bool) -> dict[str, str]:
    """What the table of an ss-local says of what is not its front, by case."""
    return {case: way for case, way in choices.listed("As ss-local", 1).items()
            if case.startswith("ss-") and (aead or "-aead/" not in case)}


def front_choices(auth: bool) -> dict[str, str]:
    """What the table of the SOCKS5 server says, and that of an ss-local, by case."""
    return choices.listed("", 1 + auth) | choices.listed("As ss-local", 1)


def missed(sockspec: str, relay: str, method: str, ota: bool, auth: str | None,
           *more: str) -> tuple[int, list[str]]:
    """How many cases ran, and what is wrong with them."""
    command = COMMAND.format(relay=relay) + (" -a" if ota else "")
    command += " --auth {user}:{pass}" if auth else ""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        done = subprocess.run(
            [sockspec, "run", "ss-local", "--strict", "--exec", command, "--method", method,
             "--password", "barfoo!", "--without", "bind", "--report", f"json={report}", *more]
            + (["--ota"] if ota else []) + (["--auth", auth] if auth else []),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        if not report.exists():
            return 0, [done.stdout.strip()]
        found = json.loads(report.read_text())["cases"]
    wrong = [f"{case['id']}: {case['verdict']}: {case['reason']}" for case in found
             if case["verdict"] not in ("PASS", "SKIP")]
    chosen = {case["id"]: case["choice"] for case in found
              if case.get("choice") and case["id"].startswith("ss-")}
    listed = listed_choices(method.endswith(("-gcm", "-poly1305")))
    if not more and not wrong:
        wrong = choices.differences(chosen, listed)
    front = front_choices(bool(auth))
    wrong += [f"{case['id']}: its front chooses {case['choice']!r}, choices.md has "
              f"{front.get(case['id'])!r}" for case in found if case.get("choice")
              and case["id"].startswith("rfc") and case["choice"] != front.get(case["id"])]
    if done.returncode != 0 and not wrong:
        wrong = [f"exit status {done.returncode}"]
    return sum(case["verdict"] != "SKIP" for case in found), wrong


def main() -> int:
    sockspec, relay = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve())
    runs = [(*way, ) for way in WHOLE] + [(*way, "--segment", "all") for way in CUT]
    ran, wrong = 0, []
    for run in runs:
        n, faults = missed(sockspec, relay, *run)
        ran += n
        wrong += [f"{run[0]}, one-time auth {run[1]}, {' '.join(run[3:])}: {fault}"
                  for fault in faults]
    for fault in wrong:
        print(fault)
    print(f"reference as ss-local: {ran - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
