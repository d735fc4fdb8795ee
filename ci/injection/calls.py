"""What the interposer writes: which calls a program makes, and which one failed."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# A sanitizer's own words, wherever it puts them.
SIGNS = ("Sanitizer", "runtime error")


@dataclass(frozen=True)
class Call:
    stack: str
    name: str
    places: tuple[str, ...]  # offsets in the program, the innermost first


def read(log: Path, what: str) -> list[Call]:
    """The lines of what, "call" or "fired"."""
    lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    return [Call(stack, name, tuple(places)) for kind, stack, name, *places in lines
            if kind == what]


def environment(log: Path, inject: str | None) -> dict[str, str]:
    """What a program is started with; inject is STACK:N, None that nothing fails."""
    log.unlink(missing_ok=True)
    more = {"SOCKSPEC_INJECT_LOG": str(log), "ASAN_OPTIONS": "exitcode=99",
            "UBSAN_OPTIONS": "print_stacktrace=1"}
    return {**os.environ, **more, **({"SOCKSPEC_INJECT": inject} if inject else {})}


def one_a_way(calls: list[Call]) -> list[Call]:
    """Of those that differ only in what a library did, the first."""
    return list({(call.name, call.places): call for call in reversed(calls)}.values())[::-1]


def place(call: Call) -> tuple[str, str]:
    """Where the program itself calls: behind the interposer, which is the innermost place."""
    return call.name, call.places[1] if len(call.places) > 1 else ""


def told(call: Call, program: str) -> str:
    """The call, and the way to it: function and line."""
    addresses = [f"0x{int(place, 16) - 1:x}" for place in call.places]
    out = subprocess.run(["addr2line", "-f", "-s", "-e", program, *addresses],
                         stdout=subprocess.PIPE, text=True, check=False).stdout.splitlines()
    way = [f"{function} ({line.split(' ')[0]})" for function, line in zip(out[::2], out[1::2])
           if not line.startswith("interposer.c")]
    return f"{call.name}: " + " < ".join(way[:5])
