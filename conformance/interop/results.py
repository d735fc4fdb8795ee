"""What a run leaves: one JSON document, with a cause beside every failure that has one."""

import fnmatch
import json
import os
import platform
import sys
import time
from pathlib import Path

from checks import CHECKS
from clients import CLIENT_CHECKS
from grid import Run, plan
from peers import ROOT, Peer

HERE = Path(__file__).resolve().parent
KNOWN = HERE / "known.json"
FINDINGS = ROOT / "conformance/findings.md"
SCHEMA = 1
KEPT_LOG = 600  # octets of a log in the document
HALF_CLOSES = tuple(check.name for check in CHECKS if check.name.endswith("-ends-first"))

sys.path.insert(0, str(ROOT / "vectors/reader"))
from schema import Schema  # noqa: E402


class BadKnown(Exception):
    """What is wrong with the list of known differences."""


def load_known(path: Path = KNOWN, findings: Path = FINDINGS) -> list[dict]:
    """The known differences; each names a row of the findings that stands there."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadKnown(f"{path}: {error}") from None
    faults = Schema(json.loads((HERE / "known.schema.json").read_text())).faults(known)
    if faults:
        raise BadKnown(f"{path}: {faults[0]}")
    text = findings.read_text()
    for row in known["differences"]:
        if f"| `{row['finding']}` |" not in text:
            raise BadKnown(f"{path}: finding {row['finding']!r} has no row in {findings.name}")
    return known["differences"]


def any_of(patterns: list[str], value: str) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def cause_of(known: list[dict], cell: dict, run: dict, one: dict) -> dict | None:
    """The first known difference that covers this one."""
    for row in known:
        if (row["kind"] in (cell["kind"], "any")
                and any_of(row.get("clients", ["*"]), cell["client"])
                and any_of(row.get("servers", ["*"]), cell["server"])
                and any_of(row.get("methods", ["*"]), run["method"])
                and row.get("ota", run["oneTimeAuth"]) == run["oneTimeAuth"]
                and any_of(row["checks"], one["check"])
                and any_of(row.get("differences", ["*"]), one["difference"])):
            return row
    return None


def explain_conformance(row: dict, known: list[dict]) -> None:
    """The cause of a peer that the suite cannot judge, or whose deviations stand in no baseline."""
    row.pop("cause", None), row.pop("finding", None)
    for one in known if row["status"] != "conforms" else []:
        if (one["kind"] == "conformance" and any_of(one.get("servers", ["*"]), row["peer"])
                and any_of(one["checks"], row["role"])
                and any_of(one.get("differences", ["*"]), row["said"])):
            row.update(cause=one["cause"], finding=one["finding"])


def explain(doc: dict, known: list[dict]) -> None:
    """Puts the cause beside every failure that has one, and takes a log away that is not needed."""
    for row in doc["conformance"]:
        explain_conformance(row, known)
    for cell in doc["cells"]:
        for run in cell["runs"]:
            failed = run.get("failed", [])
            for one in failed:
                one.pop("cause", None), one.pop("finding", None)
                row = cause_of(known, cell, run, one)
                if row:
                    one.update(cause=row["cause"], finding=row["finding"])
            if all("cause" in one for one in failed):
                run.pop("log", None)
    doc["findings"] = findings_rows()


def run_entry(run: Run) -> dict:
    entry = {"method": run.method, "oneTimeAuth": run.ota, "seconds": run.seconds,
             "passed": len(run.passed)}
    if run.failed:
        entry["failed"] = run.failed
        entry["log"] = {name: text[-KEPT_LOG:] for name, text in run.log.items() if text}
    if run.skipped:
        entry["skipped"] = run.skipped
    return entry


def cells(runs: list[Run]) -> list[dict]:
    """Runs by pair; commands are those of the pair's first run, with its method and ports."""
    found: dict[tuple, dict] = {}
    for run in runs:
        client = run.client.name if run.client else "sockspec"
        cell = found.setdefault((run.kind, client, run.server.name), {
            "kind": run.kind, "client": client, "server": run.server.name,
            "commands": run.commands, "runs": []})
        cell["commands"] = cell["commands"] or run.commands
        cell["runs"].append(run_entry(run))
    return sorted(found.values(), key=lambda cell: (cell["kind"], cell["client"], cell["server"]))


def peer_entry(peer: Peer) -> dict:
    manifest = peer.manifest
    entry = {"name": peer.name, "about": manifest["about"], "licence": manifest["licence"],
             "roles": sorted(manifest["roles"])}
    for key, value in (("version", peer.version), ("missing", peer.missing), ("note", peer.note)):
        if value:
            entry[key] = value
    return entry


def document(peers: list[Peer], runs: list[Run], conformance: list[dict], seconds: float,
             options: str) -> dict:
    return {
        "schema": SCHEMA, "kind": "interop", "date": time.strftime("%Y-%m-%d"),
        "machine": {"processors": os.cpu_count(), "kernel": platform.release().split("-")[0],
                    "python": platform.python_version()},
        "options": options, "seconds": round(seconds, 1),
        "checks": [{"name": check.name, "about": check.about, "seconds": check.seconds}
                   for check in CHECKS + CLIENT_CHECKS],
        "peers": [peer_entry(peer) for peer in peers],
        "conformance": sorted(conformance, key=lambda row: (row["peer"], row["role"])),
        "cells": cells(runs),
        "findings": [],
    }


def findings_rows() -> list[dict]:
    """The rows of findings.md."""
    rows = []
    for line in FINDINGS.read_text().splitlines():
        words = [word.strip() for word in line.strip("| ").split(" | ")]
        if line.startswith("| `"):
            words = [words[0].strip("`"), *words[1:-1], words[-1].strip("`")]
            rows.append(dict(zip(("id", "who", "what", "said", "again"), words, strict=True)))
    return rows


def unexplained(doc: dict) -> list[str]:
    """Every failure without a cause, a line each."""
    lines = []
    for cell in doc["cells"]:
        for run in cell["runs"]:
            for one in run.get("failed", []):
                if "cause" not in one:
                    lines.append(f"{cell['client']} -> {cell['server']} {run['method']}"
                                 f"{' with one-time auth' if run['oneTimeAuth'] else ''}: "
                                 f"{one['check']}: {one['difference']}")
    for row in doc["conformance"]:
        if row["status"] != "conforms" and "cause" not in row:
            lines.append(f"{row['peer']} as {row['role']}: {row['status']}: {row['said']}")
    return lines


def table(doc: dict) -> list[str]:
    """In Markdown: what each implementation of Shadowsocks passes with all others, half-closes left
    out; of runs that had every check."""
    sums: dict[tuple[str, str], tuple[set[str], int, int]] = {}
    for cell in doc["cells"]:
        for run in cell["runs"] if cell["kind"] == "shadowsocks" else []:
            failed = [one["check"] for one in run.get("failed", [])]
            ends = [name for name in failed if name in HALF_CLOSES]
            passed = run["passed"] - (len(HALF_CLOSES) - len(ends))
            for side, other in (("client", "server"), ("server", "client")):
                whom, good, bad = sums.get((side, cell[side]), (set(), 0, 0))
                sums[side, cell[side]] = (whom | {cell[other]}, good + passed,
                                          bad + len(failed) - len(ends))
    lines = ["| implementation | as client, with servers: passed | as server, with clients: passed |",
             "| --- | --- | --- |"]
    for name in sorted({name for _, name in sums}):
        rows = [sums.get((side, name), (set(), 0, 0)) for side in ("client", "server")]
        lines.append(f"| {name} |" + "".join(f" {len(whom)}: {good} of {good + bad} |"
                                             for whom, good, bad in rows))
    return lines


def key(run: Run) -> tuple:
    return (run.kind, run.client.name if run.client else "sockspec", run.server.name, run.method,
            run.ota)


def unexplained_runs(doc: dict, peers: list[Peer]) -> list[Run]:
    """The same ones, to be tried anew, of whatever methods."""
    wanted = {(cell["kind"], cell["client"], cell["server"], run["method"], run["oneTimeAuth"])
              for cell in doc["cells"] for run in cell["runs"]
              if any("cause" not in one for one in run.get("failed", []))}
    return [run for run in plan(peers, "*") if key(run) in wanted]


def replace(doc: dict, runs: list[Run]) -> None:
    """Puts these runs in the place of those that the result has."""
    new = {key(run): run_entry(run) for run in runs}
    for cell in doc["cells"]:
        cell["runs"] = [new.get((cell["kind"], cell["client"], cell["server"], run["method"],
                                 run["oneTimeAuth"]), run) for run in cell["runs"]]


def joined(docs: list[dict]) -> dict:
    """One result of those, in their order: of what several have, the last one counts."""
    whole = docs[0]
    for doc in docs[1:]:
        whole["seconds"] = round(whole["seconds"] + doc["seconds"], 1)
        whole["options"] = f"{whole['options']}; {doc['options']}"
        whole["date"] = max(whole["date"], doc["date"])
        for part, names in (("peers", ("name",)), ("conformance", ("peer", "role")),
                            ("cells", ("kind", "client", "server"))):
            rows = {tuple(row[name] for name in names): row for row in whole[part]}
            for row in doc[part]:
                at = tuple(row[name] for name in names)
                if part == "cells" and at in rows:
                    runs = {(run["method"], run["oneTimeAuth"]): run
                            for run in rows[at]["runs"] + row["runs"]}
                    row = rows[at] | {"runs": list(runs.values())}
                rows[at] = row
            whole[part] = [rows[at] for at in sorted(rows)]
    return whole


def load(path: Path) -> dict:
    """Of an interop.json, or of the page that shows one."""
    text = path.read_text()
    if path.suffix == ".html":
        text = text.partition('id="data">')[2].partition("</script>")[0]
    doc = json.loads(text)
    validate(doc)
    return doc


def validate(doc: dict) -> None:
    faults = Schema(json.loads((HERE / "interop.schema.json").read_text())).faults(doc)
    if faults:
        raise AssertionError(f"the result is not as its schema says: {faults[0]}")
