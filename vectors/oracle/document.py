"""A vector file in the making, and how it is written: one vector a line."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from kinds import KINDS, SCHEMA_VERSION
from requirements import REQUIREMENTS


@dataclass(frozen=True)
class Note:
    """What a flag means, why it matters, and the requirement that stands behind it."""

    meaning: str
    why: str
    requirement: str


@dataclass
class Document:
    algorithm: str
    source: str
    notes: dict[str, Note]
    tests: list[dict] = field(default_factory=list)

    def add(self, slug: str, comment: str, flags: str, result: str = "valid", *,
            also: Iterable[str] = (), source: str | None = None, status: str = "ok",
            **values: object) -> None:
        """flags are separated by blanks; a vector's requirements are those of its flags and of
        also. Octets are given as bytes."""
        kind = KINDS[self.algorithm]
        names = flags.split()
        wanted = set(kind.given) | (set(kind.found) if status == "ok" else set())
        if set(values) != wanted:
            raise ValueError(f"{self.algorithm}/{slug}: has {set(values)}, wants {wanted}")
        requirements = [*(self.notes[name].requirement for name in names), *also]
        self.tests.append({
            "id": f"{self.algorithm}/{slug}",
            "comment": comment,
            "flags": names,
            "result": result,
            "requirements": list(dict.fromkeys(requirements)),
            "source": source or self.source,
            **{name: plain(values[name]) for name in kind.given},
            "status": status,
            **{name: plain(values[name]) for name in kind.found if name in values},
        })

    def text(self) -> str:
        used = {flag for test in self.tests for flag in test["flags"]}
        if unknown := {r for test in self.tests for r in test["requirements"]} - set(REQUIREMENTS):
            raise ValueError(f"{self.algorithm}: requirements without a row: {sorted(unknown)}")
        head = {
            "schema": SCHEMA_VERSION,
            "algorithm": self.algorithm,
            "source": self.source,
            "generator": "vectors/oracle/generate",
            "numberOfTests": len(self.tests),
            "notes": {flag: vars(note) for flag, note in self.notes.items() if flag in used},
        }
        lines = ",\n".join("    " + json.dumps(test, ensure_ascii=False) for test in self.tests)
        return json.dumps(head, indent=2,
                          ensure_ascii=False)[:-2] + f',\n  "tests": [\n{lines}\n  ]\n}}\n'


def plain(value: object) -> object:
    """As JSON has it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
