"""The peers of the matrix: what conformance/peers says of them, whether they are here, how a role of
theirs is started."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("SOCKSPEC_PEERS", ROOT / "conformance/peers"))
INSTALLED = Path(os.environ.get("SOCKSPEC_INSTALLED", ROOT / "build/peers")).resolve()
VERSION_SECONDS = 10
READY_SECONDS = 10
_PLACE = re.compile(r"\{([a-z_0-9]+)\}")

sys.path.insert(0, str(ROOT / "vectors/reader"))
from schema import Schema  # noqa: E402


class BadManifest(Exception):
    """What is wrong with a manifest, in one line that begins with its file."""


def expand(text: str, values: dict[str, str]) -> str:
    """The text with every {word} replaced; an unknown word is an error."""
    def value(match: re.Match) -> str:
        if match[1] not in values:
            raise BadManifest(f"unknown placeholder {match[0]}, expected one of "
                              + " ".join(f"{{{name}}}" for name in values))
        return values[match[1]]
    return _PLACE.sub(value, text)


@dataclass
class Peer:
    manifest: dict
    path: Path
    version: str = ""
    missing: str = ""  # why it is not run, empty when it is here
    note: str = ""  # another version than the one that findings are about
    hangs: dict[str, str] = field(default_factory=dict)  # by role, why it is not tried any more

    @property
    def name(self) -> str:
        return self.manifest["name"]

    def role(self, name: str) -> dict | None:
        return self.manifest["roles"].get(name)

    def methods(self, role: str) -> list[str]:
        return (self.role(role) or {}).get("methods", [])

    def lacks(self, role: str, feature: str) -> bool:
        return feature in self.manifest["roles"][role]["without"]

    def look(self) -> None:
        """Fills version, missing and note."""
        command = [expand(word, {"peers": str(INSTALLED)})
                   for word in self.manifest["version"]["command"]]
        programs = [command[0]] + [expand(role["start"][0], {"peers": str(INSTALLED), "dir": "/"})
                                   for role in self.manifest["roles"].values()
                                   if role["start"][0].startswith("{peers}")]
        lost = [program for program in programs if not shutil.which(program)]
        if lost:
            self.missing = f"{lost[0]} is not here: {self.how()}"
            return
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, timeout=VERSION_SECONDS)
        except subprocess.TimeoutExpired:
            self.missing = f"{' '.join(command)}: no version after {VERSION_SECONDS} s"
            return
        said = done.stdout.decode(errors="replace")
        pattern = self.manifest["version"]["pattern"].replace("[[:space:]]", r"\s")
        found = re.search(pattern, said, re.MULTILINE)
        if not found:
            last = (said.strip().splitlines() or ["nothing"])[-1][:100]
            self.missing = f"not here ({last}): {self.how()}"
            return
        self.version = found[1]
        tested = self.manifest["version"].get("tested")
        if tested and tested != self.version:
            self.note = f"version {self.version}, while findings are about {tested}"

    def how(self) -> str:
        ways = [f"{manager} {' '.join(what) if isinstance(what, list) else ' '.join(str(x) for x in list(what.values())[:2])}"
                for manager, what in self.manifest["install"].items()]
        return "make interop-deps (" + "; ".join(ways) + ")" if ways else "make"


def load(path: Path, rules: Schema) -> Peer:
    try:
        manifest = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadManifest(f"{path}: {error}") from None
    faults = rules.faults(manifest)
    if not faults and manifest["name"] != path.stem:
        faults = [f"/name: expected {path.stem!r}, the name of the file"]
    if faults:
        raise BadManifest(f"{path}: {faults[0]}")
    return Peer(manifest, path)


def load_all(folder: Path = FOLDER) -> list[Peer]:
    """Every manifest of the folder, by name."""
    rules = Schema(json.loads((ROOT / "conformance/peers/schema.json").read_text()))
    paths = [path for path in sorted(folder.glob("*.json"))
             if path.name != "schema.json" and ".baseline." not in path.name]
    return [load(path, rules) for path in paths]
