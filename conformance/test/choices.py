"""../choices.md, which says how the reference goes where it may choose."""

import pathlib

CHOICES = pathlib.Path(__file__).resolve().parent.parent / "choices.md"


def rows(heading: str) -> list[list[str]]:
    """The fields of each row of the table under that heading ("" for the one before any "##"), its
    head and rule left out."""
    text = "\n" + CHOICES.read_text()
    section = text.split(f"\n## {heading}\n", 1)[1] if heading else text
    lines = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("|")]
    return [[field.strip() for field in line.strip()[1:-1].split("|")] for line in lines[2:]]


def listed(heading: str, column: int) -> dict[str, str]:
    """By case, what that column (from 1) says; cases that it leaves empty are not in it."""
    return {row[0]: row[column] for row in rows(heading) if row[column]}


def differences(chosen: dict[str, str], listed: dict[str, str]) -> list[str]:
    return [f"{name}: chooses {chosen.get(name)!r}, {CHOICES.name} has {listed.get(name)!r}"
            for name in sorted(chosen.keys() | listed.keys()) if chosen.get(name) != listed.get(name)]
