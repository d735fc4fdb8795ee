#!/usr/bin/env python3
"""Measures sockspec-relay's pair (local and server) and shadowsocks-libev's side by side: the same
load generator, turn about, in one network namespace with nothing but loopback.

usage: compare.py [--quick] [--check] [--control | --floor] [--seconds N] [--method M]...
                  [--program P] [--load P] [--json F]
  --quick    about 40 s, else about 5 minutes
  --seconds  no further round begins after these: a busy machine needs more for all of them
  --check    status 1 if a median misses its goal
  --control  shadowsocks-libev on both sides: every ratio must come out at about 1
  --floor    in the place of our pair one that forwards and does nothing else: floor.c
Exit status: 0 measured, 1 a transfer failed or (--check) a goal was missed, 2 usage.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple, Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test"))
from harness import (  # noqa: E402
    Process, Relay, enter_namespace, free_port, libev, raise_descriptor_limit, refuse,
)

FLOOR = "build/bench/relay/floor"


class Method(NamedTuple):
    """Its goals: at most this much of the other's CPU time, at least this much of its throughput,
    at most so many octets of memory for an idle session in each process."""
    cpu: float
    bulk: float
    idle: int


METHODS = {
    "chacha20-ietf-poly1305": Method(cpu=0.62, bulk=1.5, idle=2048),
    "aes-256-gcm": Method(cpu=0.62, bulk=1.5, idle=2048),
    "aes-128-gcm": Method(cpu=0.25, bulk=4.0, idle=2048),
    "aes-256-cfb": Method(cpu=0.80, bulk=1.2, idle=3072),
}


class Size(NamedTuple):
    rounds: int
    seconds: float  # no further round begins after these
    bulk: int       # octets
    sessions: int   # milliseconds
    echoes: int
    idle_rounds: int  # in how many the memory of idle sessions is looked at: it hardly varies


QUICK = Size(rounds=5, seconds=25, bulk=32 << 20, sessions=200, echoes=1000, idle_rounds=1)
FULL = Size(rounds=7, seconds=300, bulk=256 << 20, sessions=1000, echoes=5000, idle_rounds=3)
CONNECTIONS = (1, 32)
AT_ONCE = 16
IDLE = (1000, 5000)


class Measure(NamedTuple):
    text: str
    form: str                         # of one value
    least: Callable[[Method], float] | None = None  # goals of the ratio
    most: Callable[[Method], float] | None = None
    octets: bool = False              # the goal is of our value in octets, not of the ratio


MEASURES = {
    **{f"{way}_{n}": Measure(f"{way}, {n} connection{'s' * (n > 1)}, MB/s", "{:.0f}",
                             least=lambda m: m.bulk)
       for way in ("down", "up") for n in CONNECTIONS},
    "cpu": Measure("CPU s/GB, both processes", "{:.2f}", most=lambda m: m.cpu),
    "sessions": Measure(f"sessions/s, {AT_ONCE} at once", "{:.0f}", least=lambda m: 1.2),
    "cpu_session": Measure("CPU µs a session, both", "{:.0f}"),
    "p50": Measure("echo of 64 octets, p50, µs", "{:.0f}", most=lambda m: 0.95),
    "p99": Measure("echo of 64 octets, p99, µs", "{:.0f}", most=lambda m: 1.0),
    "cpu_echo": Measure("CPU µs an echo, both", "{:.0f}"),
    **{f"idle_{n}_{role}": Measure(f"idle at {n}, {role}, octets", "{:.0f}",
                                   most=lambda m: m.idle, octets=True)
       for n in IDLE for role in ("local", "server")},
}


class Failed(Exception):
    pass


@dataclass
class Load:
    """The load generator, one run a call."""
    program: str

    def command(self, port: int, *words: str | int) -> list[str]:
        return [self.program, str(port), *map(str, words)]

    def run(self, port: int, *words: str | int) -> dict[str, float]:
        done = subprocess.run(self.command(port, *words), capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
        return json.loads(done.stdout)


class Side(NamedTuple):
    """A program of which pairs are made: each function starts it at a port for a method."""
    name: str
    short: str
    server: Callable[[int, str], Process]
    local: Callable[[int, int, str], Process]  # the server's port, its own


def ours(program: str) -> Side:
    relay = Relay(program)
    return Side("sockspec-relay", "sockspec", relay.server, relay.local)


def floor() -> Side:
    return Side("floor", "floor",
                lambda port, method: Process(FLOOR, "server", port).ready(port),
                lambda server_port, port, method:
                    Process(FLOOR, "local", port, server_port).ready(port))


def theirs() -> Side:
    return Side("shadowsocks-libev", "libev",
                lambda port, method: libev("ss-server", port, method),
                lambda server_port, port, method: libev("ss-local", server_port, method, port))


class Pair:
    """A local and a server, started for one method; port is the local's."""

    def __init__(self, side: Side, method: str):
        self.side, self.method = side, method

    def __enter__(self) -> Self:
        server_port, self.port = free_port(), free_port()
        with ExitStack() as stack:
            start = stack.enter_context
            self.server = start(self.side.server(server_port, self.method))
            self.local = start(self.side.local(server_port, self.port, self.method))
            self.end = stack.pop_all().close
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def cpu_seconds(self) -> float:
        return self.local.cpu_seconds() + self.server.cpu_seconds()


Values = Iterator[tuple[str, float]]


def bulk(load: Load, pair: Pair, size: Size, way: str, connections: int) -> Values:
    before = pair.cpu_seconds()
    run = load.run(pair.port, way, size.bulk, connections)
    yield f"{way}_{connections}", run["octets"] / run["seconds"] / 1e6
    yield "cpu", (pair.cpu_seconds() - before) / run["octets"] * 1e9


def sessions(load: Load, pair: Pair, size: Size) -> Values:
    before = pair.cpu_seconds()
    run = load.run(pair.port, "sessions", size.sessions, AT_ONCE)
    yield "sessions", run["sessions"] / run["seconds"]
    yield "cpu_session", (pair.cpu_seconds() - before) / run["sessions"] * 1e6


def echo(load: Load, pair: Pair, size: Size) -> Values:
    before = pair.cpu_seconds()
    run = load.run(pair.port, "echo", size.echoes)
    yield "cpu_echo", (pair.cpu_seconds() - before) / run["echoes"] * 1e6
    yield "p50", run["p50"] * 1e6
    yield "p99", run["p99"] * 1e6


def idle(load: Load, pair: Pair, count: int) -> Values:
    """Of a fresh pair that has served one session: what is touched once is not counted."""
    processes: dict[str, Process] = {"local": pair.local, "server": pair.server}
    load.run(pair.port, "echo", 1)
    before = {role: process.memory() for role, process in processes.items()}
    with subprocess.Popen(load.command(pair.port, "idle", count), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            if run.stdout.readline():
                for role, process in processes.items():
                    yield f"idle_{count}_{role}", (process.memory() - before[role]) / count
            errors = run.communicate(input="")[1]
        finally:
            run.kill()
    if run.returncode != 0:
        raise Failed(f"idle {count}: {errors.strip()}")


def measure_round(load: Load, sides: tuple[Side, Side], method: str,
                  size: Size, number: int) -> list[dict[str, float]]:
    """What each side did; the sides take turns in each measure and in who begins."""
    found: list[dict[str, list[float]]] = [{}, {}]
    order = (1, 0) if number % 2 else (0, 1)

    def take(pairs: dict[int, Pair], measure: Callable[..., Values], *arguments: object) -> None:
        for side, pair in pairs.items():
            try:
                for name, value in measure(load, pair, *arguments):
                    found[side].setdefault(name, []).append(value)
            except Failed as error:
                raise Failed(f"{pair.side.name}: {method}: {error}") from None

    for count in IDLE if number < size.idle_rounds else ():
        for side in order:
            with Pair(sides[side], method) as pair:
                take({side: pair}, idle, count)
    with ExitStack() as stack:
        pairs = {side: stack.enter_context(Pair(sides[side], method)) for side in order}
        for way in ("down", "up"):
            for connections in CONNECTIONS:
                take(pairs, bulk, size, way, connections)
        for turn in pairs, dict(reversed(pairs.items())):
            take(turn, sessions, size)
            take(turn, echo, size)
    return [{name: sum(values) / len(values) for name, values in side.items()} for side in found]


def verdict(method: str, measure: Measure, value: float) -> tuple[str, bool]:
    """The goal as text, and whether it is met."""
    if not measure.least and not measure.most:
        return "", True
    if measure.least:
        return f">={measure.least(METHODS[method]):5.2f}", value >= measure.least(METHODS[method])
    goal = measure.most(METHODS[method])
    return f"<={goal:5d}" if measure.octets else f"<={goal:5.2f}", value <= goal


def summary(method: str, rounds: list[list[dict[str, float]]], control: bool) -> dict[str, dict]:
    """Of each measure: the values of both sides, their ratio's median and spread, the goal."""
    table = {}
    for name, measure in MEASURES.items():
        first, second = ([r[side][name] for r in rounds if name in r[side]] for side in (0, 1))
        ratios = [a / b for a, b in zip(first, second)]
        goal, met = "", True
        if not control:
            goal, met = verdict(method, measure, median(first if measure.octets else ratios))
        table[name] = {
            "ours": first, "theirs": second, "goal": goal, "met": met,
            "ratio": {"median": median(ratios), "min": min(ratios), "max": max(ratios)}}
    return table


def print_table(names: tuple[str, str], method: str, table: dict[str, dict]) -> None:
    print(f"\n{method:29}{names[0]:>9}{names[1]:>9}  {'ratio (min..max)':21} goal")
    for name, row in table.items():
        measure, ratio = MEASURES[name], row["ratio"]
        first, second = (measure.form.format(median(row[side])) for side in ("ours", "theirs"))
        spread = f"{ratio['median']:.2f} ({ratio['min']:.2f}..{ratio['max']:.2f})"
        print(f"{measure.text:29}{first:>9}{second:>9}  {spread:20} {row['goal']:>7}"
              f"{'' if row['met'] else ' -'}".rstrip())


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(usage=__doc__.partition("usage: ")[2])
    for flag in ("--quick", "--check"):
        parser.add_argument(flag, action="store_true")
    place = parser.add_mutually_exclusive_group()
    for flag in ("--control", "--floor"):
        place.add_argument(flag, action="store_true")
    parser.add_argument("--method", action="append", choices=METHODS)
    parser.add_argument("--program", default="build/sockspec-relay")
    parser.add_argument("--load", default="build/bench/relay/load")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--json", default="build/bench/relay.json")
    return parser.parse_args()


def write_json(path: Path, document: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(json.dumps(document, indent=1) + "\n")
    unfinished.rename(path)


def main() -> int:
    given = arguments()
    under_test = FLOOR if given.floor else given.program
    for program in {given.load} | (set() if given.control else {under_test}):
        if not os.access(program, os.X_OK):
            refuse(f"{program}: not a program, see make bench-relay")
    enter_namespace()
    raise_descriptor_limit(20000)
    first = theirs() if given.control else floor() if given.floor else ours(given.program)
    sides = (first, theirs())
    names = (first.short, "libev")
    size, load = QUICK if given.quick else FULL, Load(given.load)
    methods = given.method or list(METHODS)
    rounds: dict[str, list] = {method: [] for method in methods}
    start = time.monotonic()
    try:
        for number in range(size.rounds):
            if number > 0 and time.monotonic() - start > (given.seconds or size.seconds):
                break
            for method in methods:
                rounds[method].append(
                    measure_round(load, sides, method, size, number))
    except Failed as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 1
    tables = {method: summary(method, rounds[method], given.control) for method in methods}
    write_json(Path(given.json), {
        "version": 1, "sides": names, "quick": given.quick, "rounds": len(rounds[methods[0]]),
        "cores": os.cpu_count(), "seconds": round(time.monotonic() - start, 1), "methods": tables})
    print(f"{first.name} beside shadowsocks-libev, "
          f"medians of {len(rounds[methods[0]])}; - marks a goal missed")
    for method, table in tables.items():
        print_table(names, method, table)
    missed = sum(not row["met"] for table in tables.values() for row in table.values())
    return 1 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
