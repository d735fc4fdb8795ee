#!/usr/bin/env python3
"""Several methods in one command: a run for each, reports apart, the worst exit status.

usage: methods.py SOCKSPEC RELAY
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOCKSPEC = RELAY = ""
CASES = ("--case", "ss-address/header/ipv4", "--case", "ss-address/header/domain*")


def run(methods: str, *options: str, peer_method: str = "{method}") -> subprocess.CompletedProcess:
    """A run of the reference server, which may speak another method than it is asked."""
    server = f"exec {RELAY} server -s {{host}} -p {{port}} -k {{password}} -m {peer_method} --forbidden-ip ''"
    return subprocess.run([SOCKSPEC, "run", "ss-server", "--exec", server, "--method", methods,
                           "--password", "secret", *CASES, *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)


class Methods(unittest.TestCase):
    def test_each_has_its_report(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            ended = run("aes-128-gcm,rc4-md5", "--report", f"json={folder}/of-{{method}}.json")
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            for method in ("aes-128-gcm", "rc4-md5"):
                report = json.loads(pathlib.Path(folder, f"of-{method}.json").read_text())
                self.assertGreater(report["totals"]["PASS"], 0)
                self.assertIn(f"==== {method}: exit status 0\nconforms", ended.stdout)

    def test_one_that_is_named_twice_runs_once(self) -> None:
        ended = run("aes-128-gcm,aes-256-gcm,aes-128-gcm")
        self.assertEqual(ended.stdout.count("===="), 2, ended.stdout)

    def test_groups(self) -> None:
        ended = run("aead", "--level", "must")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertEqual(ended.stdout.count("===="), 5)
        self.assertNotIn("cfb", ended.stdout)

    def test_the_worst_status(self) -> None:
        ended = run("aes-128-gcm,aes-256-gcm", peer_method="aes-128-gcm")
        self.assertEqual(ended.returncode, 3, ended.stdout + ended.stderr)
        self.assertIn("==== aes-128-gcm: exit status 0", ended.stdout)
        self.assertIn("==== aes-256-gcm: exit status 3", ended.stdout)

    def test_bad_input(self) -> None:
        for methods, options, said in [
            ("aes-128-gcm,aes-1", (), '"aes-1" is no method'),
            ("aes-128-gcm,rc4", ("--report", "json=x.json"), "expected {method} in the name"),
            ("aead", ("--bundle", "x"), "expected {method} in the name"),
        ]:
            with self.subTest(methods):
                ended = run(methods, *options)
                self.assertEqual(ended.returncode, 2)
                self.assertEqual(ended.stderr.count("\n"), 1)
                self.assertIn(said, ended.stderr)

    def test_only_of_peers_that_are_started(self) -> None:
        for peer in (("--target", "127.0.0.1:1"), ("--peer", "sockspec-relay")):
            ended = subprocess.run([SOCKSPEC, "run", "ss-server", *peer, "--method", "all",
                                    "--password", "x"], stderr=subprocess.PIPE, text=True)
            self.assertEqual(ended.returncode, 2)
            self.assertEqual(ended.stderr.count("\n"), 1)


if __name__ == "__main__":
    SOCKSPEC, RELAY = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main()
