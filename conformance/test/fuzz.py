#!/usr/bin/env python3
"""sockspec fuzz: what is wrong with a peer is found, made small, and found again by replay; a peer
with which nothing is wrong survives.

usage: fuzz.py SOCKSPEC RELAY
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOCKSPEC, RELAY = sys.argv[1:3] if len(sys.argv) > 2 else ("build/sockspec", "build/sockspec-relay")
FIXTURE = f"exec {sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}}"
GOOD = f"exec {pathlib.Path(RELAY).resolve()} socks5 -b {{host}} -l {{port}}"
RUNS = 200
SLOW = os.environ.get("SOCKSPEC_FULL")  # a minute or two more
CONFORMS, FAILS, USAGE, _, NOTHING = range(5)


def sockspec(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([SOCKSPEC, *map(str, arguments)], capture_output=True, text=True,
                          timeout=300)


def fuzz(command: str, *options: object) -> subprocess.CompletedProcess:
    return sockspec("fuzz", "socks5-server", "--exec", command, *options)


class Findings(unittest.TestCase):
    def found(self, defect: str, kind: str, steps: int) -> str:
        """The one finding is of that kind, has few steps, and is found again; what replay says."""
        with tempfile.TemporaryDirectory() as folder:
            said = fuzz(f"{FIXTURE} --defect {defect}", "--most", 1, "--bundle", folder, "--seed", 7,
                        "--time", 120)
            self.assertEqual(said.returncode, FAILS, said)
            self.assertTrue(said.stdout.startswith(f"{kind} "), said)
            bundle = pathlib.Path(folder, f"fuzz-7-1-{kind}.json")
            self.assertIn(f"sockspec replay {bundle}\n", said.stdout)
            self.assertLessEqual(len(json.loads(bundle.read_text())["steps"]), steps)
            print(re.sub(r" in .*", "", said.stdout.splitlines()[-1]), "on", defect)
            again = sockspec("replay", bundle)
            right = sockspec("replay", bundle, "--exec", FIXTURE)
        self.assertEqual(right.returncode, CONFORMS, right)
        return again.stdout

    def test_crash(self) -> None:
        self.assertIn("\nas recorded: FAIL\n", self.found("crash-on-bad-atyp", "crash", 4))

    @unittest.skipUnless(SLOW, "slow")
    def test_crash_by_datagram(self) -> None:
        self.assertIn("\nas recorded: FAIL\n", self.found("udp-short-crash", "crash", 8))

    def test_divergence(self) -> None:
        self.assertIn("\nagain FAIL: ", self.found("request-one-recv", "divergence", 4))

    @unittest.skipUnless(SLOW, "slow")
    def test_leak(self) -> None:
        self.assertIn("\nagain QUIRK: ", self.found("leaks-idle-descriptors", "leak", 5))

    def test_nothing_is_wrong_with_the_relay(self) -> None:
        said = fuzz(GOOD, "--runs", RUNS)
        self.assertEqual(said.returncode, CONFORMS, said)
        self.assertIn("0 crashes, 0 hangs, 0 leaks, 0 divergences", said.stdout)


class Usage(unittest.TestCase):
    def test_one_line(self) -> None:
        target = ("--target", "127.0.0.1:1")
        for status, words, *arguments in [
            (NOTHING, "expected --isolated", "fuzz", "socks5-server", *target),
            (USAGE, "no role", "fuzz", *target),
            (USAGE, "--runs 0", "fuzz", "socks5-server", *target, "--runs", 0),
            (USAGE, "--time x", "fuzz", "socks5-server", *target, "--time", "x"),
            (USAGE, "--most 101", "fuzz", "socks5-server", *target, "--most", 101),
            (USAGE, "expected a server", "fuzz", "socks5-client", "--exec", "true"),
            (USAGE, "are of fuzz", "run", "socks5-server", *target, "--runs", 5),
            (USAGE, "--report is of sockspec run", "fuzz", "socks5-server", *target, "--report",
             "json=x"),
            (USAGE, "--bundle", "fuzz", "socks5-server", *target, "--bundle", "x" * 5000),
        ]:
            said = sockspec(*arguments)
            self.assertEqual((said.returncode, said.stdout), (status, ""), said)
            self.assertEqual(said.stderr.count("\n"), 1, said)
            self.assertTrue(said.stderr.startswith(f"sockspec {arguments[0]}: "), said)
            self.assertIn(words, said.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
