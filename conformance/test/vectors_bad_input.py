#!/usr/bin/python3
"""Feeds `sockspec vectors` what it must refuse: vectors_bad_input.py [--status] PROGRAM...

Each row must give one line on standard error that names the place and what was expected, and the
exit status of the help text. With --status only that is looked at, row by row: so the other reader
shows that it refuses the same files."""

import copy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HOLDS, HOLDS_NOT, ILL_FORMED, NOTHING = 0, 1, 2, 4

GOOD = {
    "schema": 1,
    "algorithm": "socks5-selection",
    "source": "RFC 1928 section 3",
    "generator": "this test",
    "numberOfTests": 2,
    "notes": {"Typical": {"meaning": "m", "why": "w", "requirement": "rfc1928/3/selection-form"}},
    "tests": [
        {"id": "socks5-selection/a", "comment": "c", "flags": ["Typical"], "result": "valid",
         "requirements": ["rfc1928/3/selection-form"], "source": "s", "input": "050000", "used": 2,
         "status": "ok", "method": 0},
        {"id": "socks5-selection/b", "comment": "c", "flags": ["Typical"], "result": "invalid",
         "requirements": ["rfc1928/3/selection-form"], "source": "s", "input": "04", "used": 0,
         "status": "version"}],
}

Change = Callable[[dict], object]


def at(*path: str | int, value: object) -> Change:
    """Puts value at a place of the document."""
    def change(document: dict) -> None:
        node = document
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
    return change


def without(*path: str | int) -> Change:
    def change(document: dict) -> None:
        node = document
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]
    return change


def test(name: str, value: object, number: int = 0) -> Change:
    return at("tests", number, name, value=value)


def chunks(name: str, value: object) -> Change:
    """The good document becomes one of chunks in pieces, with this property changed."""
    def change(document: dict) -> None:
        document.update(algorithm="shadowsocks-aead-stream", numberOfTests=1, tests=[{
            "id": "shadowsocks-aead-stream/a", "comment": "c", "flags": ["Typical"],
            "result": "invalid", "requirements": ["ss-aead/chunk/form"], "source": "s",
            "method": "aes-128-gcm", "key": "00" * 16, "input": "0000", "sizes": [1], "chunks": [],
            "used": 0, "status": "more"}])
        document["tests"][0][name] = value
    return change


# Name: change to the good document, exit status, the line after "FILE:".
C = "test shadowsocks-aead-stream/a: "
A, B = "test socks5-selection/a: ", "test socks5-selection/b: "
ROWS: dict[str, tuple[Change, int, str]] = {
    "unknown property of the file": (at("more", value=1), 2, 'property "more" is unknown'),
    "schema missing": (without("schema"), 2, 'property "schema" is missing'),
    "schema of tomorrow": (at("schema", value=2), 2, "schema, expected 1, got 2"),
    "schema no number": (at("schema", value="1"), 2,
                         'property "schema", expected an integer, got a string'),
    "unknown algorithm": (at("algorithm", value="socks6"), 2, 'algorithm "socks6" is unknown'),
    "algorithm null": (at("algorithm", value=None), 2,
                       'property "algorithm", expected a string, got null'),
    "source empty": (at("source", value=""), 2,
                     'property "source", expected a line of text, got ""'),
    "generator missing": (without("generator"), 2, 'property "generator" is missing'),
    "count too small": (at("numberOfTests", value=1), 2, "numberOfTests, expected 2, got 1"),
    "count negative": (at("numberOfTests", value=-1), 2,
                       'property "numberOfTests", expected 0 to 4294967295, got -1'),
    "count real": (at("numberOfTests", value=2.0), 2,
                   'property "numberOfTests", expected an integer, got a number'),
    "no tests": (at("tests", value=[]), 2, 'property "tests", expected one test or more, got none'),
    "tests an object": (at("tests", value={}), 2,
                        'property "tests", expected an array, got an object'),
    "test a string": (at("tests", 1, value="x"), 2,
                      "test number 2: expected an object, got a string"),
    "notes missing": (without("notes"), 2, 'property "notes" is missing'),
    "notes empty": (at("notes", value={}), 2,
                    'property "notes", expected one note or more, got none'),
    "note a string": (at("notes", "Typical", value="x"), 2,
                      'note "Typical", expected an object, got a string'),
    "note without why": (without("notes", "Typical", "why"), 2, 'property "why" is missing'),
    "note with more": (at("notes", "Typical", "more", value=1), 2, 'property "more" is unknown'),
    "note with a bad requirement": (at("notes", "Typical", "requirement", value="x"), 2,
                                    'requirement "x" is no id'),
    "note in small letters": (at("notes", "typical", value={}), 2,
                              'note "typical", expected a name such as "Truncated"'),
    "note of no use": (at("notes", "Rare", value=GOOD["notes"]["Typical"]), 2,
                       'note "Rare" is of no use: no test has the flag'),
    "id missing": (without("tests", 0, "id"), 2, 'test number 1: property "id" is missing'),
    "id of another algorithm": (test("id", "socks5-greeting/a"), 2,
                                'id "socks5-greeting/a", expected socks5-selection/'),
    "id in capitals": (test("id", "socks5-selection/A"), 2, 'id "socks5-selection/A", expected'),
    "id twice": (test("id", "socks5-selection/a", 1), 2, A + "the id stands in .*bad.json already"),
    "id with a line end": (test("id", "socks5-selection/a\nb"), 2, "expected a line of text, got"),
    "unknown property of a test": (test("port", 1), 2, A + 'property "port" is unknown'),
    "unknown property with a line end": (test("a\nb", 1), 2, A + r'property "a\?b" is unknown'),
    "comment missing": (without("tests", 0, "comment"), 2, A + 'property "comment" is missing'),
    "comment a number": (test("comment", 1), 2,
                         A + 'property "comment", expected a string, got an integer'),
    "flags a string": (test("flags", "Typical"), 2,
                       A + 'property "flags", expected an array, got a string'),
    "flags empty": (test("flags", []), 2,
                    A + 'property "flags", expected one item or more, got none'),
    "flag without a note": (test("flags", ["Typical", "Rare"]), 2, A + 'flag "Rare" has no note'),
    "flag twice": (test("flags", ["Typical", "Typical"]), 2,
                   A + 'property "flags" has "Typical" twice'),
    "flag a number": (test("flags", ["Typical", 1]), 2,
                      A + 'property "flags", expected strings, got an integer'),
    "requirements empty": (test("requirements", []), 2,
                           A + 'property "requirements", expected one'),
    "requirement no id": (test("requirements", ["RFC 1928"]), 2,
                          A + 'requirement "RFC 1928" is no id'),
    "result unknown": (test("result", "good"), 2,
                       A + 'result, expected valid, invalid or acceptable, got "good"'),
    "valid with an error": (test("result", "valid", 1), 2,
                            B + 'result "valid" contradicts status "version"'),
    "invalid with ok": (test("result", "invalid"), 2,
                        A + 'result "invalid" contradicts status "ok"'),
    "status unknown": (test("status", "wrong", 1), 2, B + 'status "wrong" is unknown'),
    "status missing": (without("tests", 1, "status"), 2, B + 'property "status" is missing'),
    "input in capitals": (test("input", "05FF00"), 2,
                          A + "property \"input\", expected lower-case hexadecimal, got 'F' at 2"),
    "input with half an octet": (test("input", "05000"), 2,
                                 A + 'property "input", expected pairs of digits, got 5 digits'),
    "input with a line end": (test("input", "0500\n"), 2, A + "property .*, got '\\?' at 4"),
    "count in words": (at("numberOfTests", value="2"), 2,
                       'property "numberOfTests", expected an integer, got a string'),
    "used too large": (test("used", 2**32), 2,
                       A + 'property "used", expected 0 to 4294967295, got 4294967296'),
    "field missing": (without("tests", 0, "method"), 2, A + 'property "method" is missing'),
    "field too large": (test("method", 256), 2,
                        A + 'property "method", expected 0 to 255, got 256'),
    "field true": (test("method", True), 2, A + 'property "method", expected an integer, got true'),
    "field beside an error": (test("method", 0, 1), 2, B + 'property "method" is unknown'),
    "chunks in pieces": (chunks("used", 1), 1, C + r"used \(.*\), expected 1, got 0"),
    "a chunk too many": (chunks("chunks", ["00"]), 1, C + r"chunks \(.*\), expected 1, got 0"),
    "sizes empty": (chunks("sizes", []), 2, C + 'property "sizes", expected one size or more'),
    "size zero": (chunks("sizes", [1, 0]), 2,
                  C + 'property "sizes", expected sizes from 1 to 65535'),
    "size a string": (chunks("sizes", ["1"]), 2, C + 'property "sizes", expected sizes'),
    "sizes a number": (chunks("sizes", 1), 2,
                       C + 'property "sizes", expected an array, got an integer'),
    "chunks of numbers": (chunks("chunks", [1]), 2,
                          C + 'property "chunks", expected strings, got an integer'),
    "chunk in capitals": (chunks("chunks", ["00", "FF"]), 2,
                          C + "property \"chunks\", expected lower-case hexadecimal, got 'F' at 0"),
    "method in capitals": (chunks("method", "AES"), 2,
                           C + 'property "method", expected a name, got "AES"'),
    "another method": (test("method", 2), 1, A + r"method \(whole, 3 octets\), expected 2, got 0"),
    "another size": (test("used", 3), 1, A + r"used \(whole, 3 octets\), expected 3, got 2"),
    "size of nothing": (test("used", 0), 1, A + r"used \(whole, 3 octets\), expected 0, got 2"),
    "size over all": (test("used", 65535), 1,
                      A + r"used \(whole, 3 octets\), expected 65535, got 2"),
    "another offset": (test("used", 1, 1), 1, B + r"used \(whole, 1 octets\), expected 1, got 0"),
    "error of another message": (test("status", "atyp", 1), 2,
                                 B + 'status "atyp" is none of socks5-selection'),
    "more, but it is wrong": (test("status", "more", 1), 1,
                              B + r"status \(whole, 1 octets\), expected more, got version"),
    "an error, but it is whole": (test("input", "0500", 1), 1,
                              B + r"status \(whole, 2 octets\), expected version, got ok"),
}

# Name: octets of a file, the line after "FILE:".
GOOD_TEXT = json.dumps(GOOD, indent=1)
TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"\d+:\d+: .+"),
    "an array": (b"[]", " expected an object, got an array"),
    "a string": (b'"x"', r"\d+:\d+: .+"),
    "not closed": (b'{\n "schema": 1\n', r"\d+:\d+: .+"),
    "comma too many": (b'{"schema": 1,\n}', r"2:1: .+"),
    "property twice": (b'{"schema": 1,\n "schema": 1}', r"2:9: duplicate .+"),
    "not UTF-8": (b'{"schema": "\xff"}', r"1:\d+: .+"),
    "a NUL octet": (b'{"schema": 1\0}', r" expected JSON, got a NUL octet at 12"),
    "an escaped NUL": (b'{"a\\u0000b": 1}', r"1:\d+: .+"),
    "number too large": (b'{"schema": 99999999999999999999}', r"1:\d+: .+"),
    "too deep": (b"[" * 100000, r"\d+:\d+: .+"),
    "octets behind it": (GOOD_TEXT.encode() + b"{}", r"\d+:\d+: .+"),
}

failures = 0


def run(program: list[str], *args: str, env: dict | None = None) -> tuple[int, list[str]]:
    done = subprocess.run([*program, *args], capture_output=True, text=True, errors="replace",
                          timeout=60, env={**os.environ, **(env or {})}, check=False)
    return done.returncode, done.stderr.splitlines()


def expect(name: str, got: tuple[int, list[str]], status: int, line: str | None) -> None:
    global failures
    wanted = 0 if line is None else 1
    if got[0] == status and len(got[1]) == wanted and (
            line is None or re.match(line, got[1][0])):
        return
    failures += 1
    print(f"{name}: expected status {status} and {line!r}, got {got[0]} and {got[1][:3]}")


def main() -> int:
    status_only = sys.argv[1:2] == ["--status"]
    program = sys.argv[2 if status_only else 1:]
    if not program:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bad.json"
        name = re.escape(str(file)) + ":"
        file.write_text(GOOD_TEXT)
        expect("the good document", run(program, str(file)), HOLDS, None)
        for title, (change, status, line) in ROWS.items():
            document = copy.deepcopy(GOOD)
            change(document)
            file.write_text(json.dumps(document))
            got = run(program, str(file))
            expect(title, (got[0], [""]) if status_only else got, status,
                   "" if status_only else f"{name} .*{line}")
        if status_only:
            return finish()
        for title, (octets, line) in TEXTS.items():
            file.write_bytes(octets)
            expect(title, run(program, str(file)), ILL_FORMED, name + line)
        for size in range(0, len(GOOD_TEXT), 7):
            file.write_text(GOOD_TEXT[:size])
            expect(f"the first {size} octets", run(program, str(file)), ILL_FORMED,
                   name + r"\d+:\d+: ")

        draw = random.Random(1)
        for n in range(150):
            octets = bytearray(GOOD_TEXT.encode())
            for _ in range(draw.randint(1, 3)):
                octets[draw.randrange(len(octets))] = draw.randrange(256)
            file.write_bytes(octets)
            status, lines = run(program, str(file))
            if status not in (0, 1, 2) or (status == 2 and len(lines) != 1):
                expect(f"octets at random, {n}", (status, lines), ILL_FORMED, name)

        file.write_text(GOOD_TEXT)
        expect("a file twice", run(program, str(file), str(file)), ILL_FORMED,
               name + " " + A + "the id stands in .*bad.json already")
        missing = str(Path(folder) / "none.json")
        expect("no such file", run(program, missing), ILL_FORMED,
               ".*none.json: cannot be opened: No")
        expect("a folder", run(program, folder), ILL_FORMED, ".*: cannot be read: Is a directory")
        expect("an unknown option", run(program, "--none"), ILL_FORMED,
               "sockspec vectors: unknown option --none; expected --help or files")
        expect("an empty folder", run(program, env={"SOCKSPEC_VECTORS": folder}), NOTHING,
               "sockspec vectors: no vector files in")
        (Path(folder) / "socks5").mkdir()
        (Path(folder) / "socks5" / "good.json").write_text(GOOD_TEXT)
        expect("a folder of the user's", run(program, env={"SOCKSPEC_VECTORS": folder}), HOLDS,
               None)
        expect("--help", run(program, "--help"), HOLDS, None)
    return finish()


def finish() -> int:
    print(f"vectors_bad_input: {len(ROWS) + len(TEXTS)} rows, {failures} failures")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
