#!/usr/bin/python3
"""Feeds vectors/reader/check-recorded what it must refuse. Each row must give a line on standard
error that names the place, and the exit status of the help text."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent.parent / "vectors"
HOLDS, HOLDS_NOT, ILL_FORMED = 0, 1, 2
WIRE, TRACES = "recorded/rc4-md5.json", "traces/py300-sslocal-chacha20-ietf-ota.json"

# of recorded/: enough for every reason to be in use
KEPT = ["rc4-md5.json", "chacha20-ietf.json", "chacha20-ietf-poly1305.json"]

Change = Callable[[dict], object]


def session(document: dict, number: int = 0) -> dict:
    return document["recordings"][0]["sessions"][number]


def short(document: dict) -> dict:
    """The same file with the shortest sessions alone, and those with a reason."""
    for recording in document["recordings"]:
        recording["sessions"] = [s for s in recording["sessions"]
                                 if "reason" in s or s["id"].endswith(("t1", "u1", "p1"))]
    document["recordings"] = [r for r in document["recordings"] if r["sessions"]]
    document["numberOfSessions"] = sum(len(r["sessions"]) for r in document["recordings"])
    return document


def ota_session(document: dict) -> dict:
    return next(s for r in document["recordings"] if r["oneTimeAuth"] for s in r["sessions"])


def flip(way: dict, at: int) -> None:
    """Changes a wire octet."""
    wire = bytearray.fromhex(way["wire"])
    wire[at] ^= 1
    way["wire"] = wire.hex()


def line(document: dict, reasoned: bool) -> dict:
    """The first line with a reason, or without."""
    return next(line for run in document["runs"] for trace in run["traces"]
                for line in trace["lines"] if ("reason" in line) == reasoned)


def whole(text: str) -> Callable[[str], str]:
    return lambda _: text


# file, status, what the line must say, the change
ROWS: list[tuple[str, int, str, Change]] = [
    (WIRE, ILL_FORMED, "unknown property 'more'", lambda d: d.update(more=1)),
    (WIRE, ILL_FORMED, "lacks 'key'", lambda d: d.pop("key")),
    (WIRE, ILL_FORMED, "/schema", lambda d: d.update(schema=2)),
    (WIRE, ILL_FORMED, "/up/wire", lambda d: session(d)["up"].update(wire="0g")),
    (WIRE, ILL_FORMED, "lacks 'up'", lambda d: session(d).pop("up")),
    (WIRE, ILL_FORMED, "/datagrams", lambda d: session(d).update(datagrams=[])),
    (WIRE, ILL_FORMED, "/reason", lambda d: session(d).update(reason="because")),
    (WIRE, HOLDS_NOT, "key: expected", lambda d: d.update(password="another")),
    (WIRE, HOLDS_NOT, "numberOfSessions", lambda d: d.update(numberOfSessions=1)),
    (WIRE, HOLDS_NOT, "stands twice", lambda d: session(d, 1).update(id=session(d)["id"])),
    (WIRE, HOLDS_NOT, "segments do not make up", lambda d: session(d)["up"]["segments"].append(1)),
    (WIRE, HOLDS_NOT, "begin with the salt", lambda d: session(d)["up"].update(salt="00" * 16)),
    (WIRE, HOLDS_NOT, "to the destination",
     lambda d: session(d).update(destination="01" + "00" * 6)),
    (WIRE, HOLDS_NOT, "up: header: not as", lambda d: flip(session(d)["up"], 20)),
    (WIRE, HOLDS_NOT, "the tag of chunk", lambda d: flip(ota_session(d)["up"], -1)),
    (WIRE, HOLDS_NOT, "the tag of the header", lambda d: flip(ota_session(d)["up"], 24)),
    (TRACES, ILL_FORMED, "/seen", lambda d: line(d, False).update(seen="INIT local:0 ADDR")),
    (TRACES, ILL_FORMED, "lacks 'reason'", lambda d: line(d, True).pop("reason")),
    (TRACES, ILL_FORMED, "/reason", lambda d: line(d, True).update(reason="because")),
    (TRACES, ILL_FORMED, "/reason", lambda d: line(d, False).update(reason="half-close")),
    (TRACES, HOLDS_NOT, "numberOfTraces", lambda d: d.update(numberOfTraces=1)),
    (TRACES, HOLDS_NOT, "begin in the stage",
     lambda d: line(d, False).update(seen="INIT open DNS")),
    (TRACES, HOLDS_NOT, "the trace is our own", lambda d: d.update(source="sockspec")),
]
TEXTS = [
    (WIRE, ILL_FORMED, "rc4-md5.json:1:1", whole("")),
    (WIRE, ILL_FORMED, "rc4-md5.json:", lambda text: text[:-20]),
    (WIRE, ILL_FORMED, "stands twice", lambda text: text.replace("{", '{"schema": 1,', 1)),
    (WIRE, ILL_FORMED, "expected object", whole("[]")),
    ("recorded/README.md", HOLDS_NOT, "no row", whole("")),
]


def run(vectors: Path, status: int, says: str, about: str) -> int:
    """1 if the answer is not as expected."""
    reader = VECTORS / "reader/check-recorded"
    done = subprocess.run([reader, vectors], capture_output=True, text=True)
    if done.returncode == status and says in done.stderr and "Traceback" not in done.stderr:
        return 0
    print(f"{about}: expected status {status} and {says!r}, "
          f"got {done.returncode}: {done.stderr[:300]}")
    return 1


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as place:
        vectors = Path(place)
        shutil.copytree(VECTORS / "traces", vectors / "traces")
        (vectors / "recorded").mkdir()
        shutil.copy(VECTORS / "recorded/README.md", vectors / "recorded")
        for name in KEPT:
            text = json.dumps(short(json.loads((VECTORS / "recorded" / name).read_text())))
            (vectors / "recorded" / name).write_text(text)
        failures += run(vectors, HOLDS, "", "as they are")
        changes = [(f, s, w, lambda text, c=c: json.dumps([d := json.loads(text), c(d)][0]))
                   for f, s, w, c in ROWS]
        for name, status, says, change in changes + TEXTS:
            path = vectors / name
            good = path.read_text()
            path.write_text(change(good))
            failures += run(vectors, status, says, f"{name}, {says}")
            path.write_text(good)
        shutil.rmtree(vectors / "traces")
        failures += run(vectors, ILL_FORMED, "there are none", "no traces")
    print(f"recorded_bad_input: {len(ROWS) + len(TEXTS) + 2} rows, {failures} failures")
    return int(failures != 0)


if __name__ == "__main__":
    sys.exit(main())
