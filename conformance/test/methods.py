#!/usr/bin/env python3
"""Several methods in one command: a run for each, reports apart, the worst exit status.

usage: methods.py SOCKSPEC RELAY TEST_RELAY
"""

import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOCKSPEC = RELAY = TEST_RELAY = ""
CASES = ("--case", "ss-address/header/ipv4", "--case", "ss-address/header/domain",
         "--case", "ss-address/header/domain-with-payload")


def run(methods: str, *options: str, peer_method: str = "{method}") -> subprocess.CompletedProcess:
    """A run of the reference server, which may speak another method than it is asked."""
    server = f"exec {RELAY} server -s {{host}} -p {{port}} -k {{password}} -m {peer_method} --forbidden-ip ''"
    return subprocess.run([SOCKSPEC, "run", "ss-server", "--exec", server, "--method", methods,
                           "--password", "secret", *CASES, *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)


MISSED = ("FAIL", "QUIRK")
ROLES = {
    "ss-server": ("server -s {{host}} -p {{port}} -k {{password}} -m {{method}} -u --forbidden-ip ''", ()),
    "ss-local": ("local -s {{server_host}} -p {{server_port}} -b {{host}} -l {{port}} -k {{password}} "
                 "-m {{method}} -u", ("--without", "bind,auth")),
}
# Method: (what test-relay does wrong under it alone, and the cases, of role ss-server and ss-local, of
# which one must say so; None: the role cannot show it). None of them is the first of its kind.
DEFECTS = {
    "aes-192-gcm": ("tag-ignored", "ss-aead/chunk/data-tag", "ss-aead/local/first-tag"),
    "aes-256-gcm": ("replays-served", "ss-probe/replay/after-end", None),
    "xchacha20-ietf-poly1305": ("nonce-octet", "ss-aead/chunk/nonce-carry", "ss-aead/local/carry-up"),
    "aes-256-ofb": ("partial-block", "ss-stream/session/blocks", "ss-stream/local/sent-blocks"),
    "bf-cfb": ("large-text", "ss-address/header/large-payload", "ss-stream/local/sent-65537"),
    "camellia-192-cfb": ("salts-again", "*", "*"),
    "rc4-md5": ("ota-tag-ignored", "ss-ota/header/tag-last-octet", None),
    "table": ("octet-wrong", "ss-stream/session/method", "ss-stream/local/sent-blocks"),
}
# Under which nothing works at all.
SERVES_NOBODY = {"chacha20": "salt-cut"}


def reports_of(role: str, relay: str, defects: dict[str, str], *options: str) -> tuple[
        subprocess.CompletedProcess, dict[str, dict]]:
    """Every method in one run, and the reports of those that were run."""
    words, more = ROLES[role]
    chosen = ",".join(f"{method}:{defect}" for method, defect in defects.items())
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [SOCKSPEC, "run", role, "--exec",
             f"METHOD_DEFECTS={chosen} exec {relay} {words.format()}", "--method", "all", "--password",
             "secret", *more, *options, "--report", f"json={folder}/{{method}}.json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
        return ended, {path.stem: json.loads(path.read_text())
                       for path in pathlib.Path(folder).glob("*.json")}


class OneMethodOnly(unittest.TestCase):
    """A defect in one method is found by --method all, though few cases are played under it."""

    def of_role(self, role: str, column: int) -> None:
        defects = {method: row[0] for method, row in DEFECTS.items() if row[column]}
        ended, reports = reports_of(role, TEST_RELAY, defects | SERVES_NOBODY)
        self.assertEqual(ended.returncode, 3, ended.stdout + ended.stderr)
        for method, report in reports.items():
            missed = [case["id"] for case in report["cases"] if case["verdict"] in MISSED]
            with self.subTest(f"{role}, {method}"):
                if method in defects:
                    self.assertTrue(fnmatch.filter(missed, DEFECTS[method][column]), missed)
                    self.assertIsNotNone(report["left_out"])
                else:
                    self.assertEqual(missed, [])
        for method in SERVES_NOBODY:
            self.assertNotIn(method, reports)
            self.assertIn(f"==== {method}: exit status 3\n", ended.stdout)

    def test_server(self) -> None:
        self.of_role("ss-server", 1)

    def test_local(self) -> None:
        self.of_role("ss-local", 2)


class LeftOut(unittest.TestCase):
    """What says the same under several methods is played under one of them, and said to be."""

    def test_the_first_of_each_kind_plays_all(self) -> None:
        ended = run("aes-128-gcm,rc4-md5,aes-256-gcm,table", "--case", "ss-address/header/aead-flag-11")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn("==== aes-128-gcm: exit status 0\nconforms: 4 pass", ended.stdout)
        self.assertIn("==== rc4-md5: exit status 0\nconforms: 3 pass", ended.stdout)
        self.assertIn("==== table: exit status 0\nconforms: 3 pass", ended.stdout)
        self.assertIn("==== aes-256-gcm: exit status 0\nconforms: 1 pass, 0 fail, 0 quirk, 3 skip",
                      ended.stdout)
        self.assertIn("left out: 3 pairs of case and method, which say the same under aes-128-gcm, rc4-md5, "
                      "table; --every-case plays them too", ended.stdout)

    def test_a_skip_with_its_reason(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            run("aes-128-gcm,aes-256-gcm", "--report", f"json={folder}/{{method}}.json")
            first, second = (json.loads(pathlib.Path(folder, f"{method}.json").read_text())
                             for method in ("aes-128-gcm", "aes-256-gcm"))
        self.assertIsNone(first["left_out"])
        self.assertEqual(second["left_out"], {"cases": 2, "to": "aes-128-gcm"})
        self.assertEqual(sum("left to aes-128-gcm" in case["reason"] for case in second["cases"]), 2)
        self.assertEqual(second["totals"]["SKIP"], 2)

    def test_every_case(self) -> None:
        ended = run("aes-128-gcm,aes-256-gcm", "--every-case")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertEqual(ended.stdout.count("conforms: 3 pass"), 2, ended.stdout)
        self.assertNotIn("left out", ended.stdout)

    def test_a_method_with_nothing_of_its_own(self) -> None:
        ended = run("aes-128-gcm,aes-256-gcm", "--not", "ss-address/header/ipv4")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn("==== aes-256-gcm: not run: all is left to aes-128-gcm\n", ended.stdout)

    def test_the_first_that_cannot_run_is_said(self) -> None:
        ended = run("aes-256-gcm,aes-128-gcm", peer_method="aes-128-gcm")
        self.assertEqual(ended.returncode, 3, ended.stdout + ended.stderr)
        self.assertIn("those of aes-128-gcm under no method: aes-256-gcm was not run", ended.stdout)

    def test_fewer_than_min_cases_where_some_are_left_out(self) -> None:
        self.assertEqual(run("aes-128-gcm,aes-256-gcm", "--min-cases", "3").returncode, 0)
        self.assertEqual(run("aes-128-gcm,aes-256-gcm", "--min-cases", "4").returncode, 4)

    def test_every_case_of_one_method(self) -> None:
        ended = run("aes-128-gcm", "--every-case")
        self.assertEqual(ended.returncode, 2)
        self.assertEqual(ended.stderr.count("\n"), 1)


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
        self.assertEqual(ended.stdout.count("===="), 3, ended.stdout)

    def test_groups(self) -> None:
        ended = run("aead", "--level", "must")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertEqual(ended.stdout.count("===="), 6)
        self.assertIn("==== 5 methods: ", ended.stdout)
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
    SOCKSPEC, RELAY, TEST_RELAY = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:4])
    del sys.argv[1:4]
    unittest.main()
