#!/usr/bin/env python3
"""Baselines: what is known does not fail a run, what is new or over does; bad files are refused.

usage: baselines.py SOCKSPEC
"""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from reports import (CONFORMS, FAILS, FIXTURE, PEERS, SCHEMAS, SOCKSPEC, USAGE, Page, lint,
                     read_tap, run, schema)


class Baselines(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name, "known.json")

    def with_entries(self, *entries: dict, defects: tuple[str, ...] = ("bind-zero",),
                     cases: tuple[str, ...] = ("--case", "rfc1928/6/bind-*")) -> tuple[int, dict]:
        self.file.write_text(json.dumps({"deviations": list(entries)}))
        return run("--baseline", str(self.file), *cases, defects=defects)

    @staticmethod
    @functools.cache
    def written() -> list[dict]:
        """The entries of a baseline of bind-zero, as --write-baseline makes it."""
        status, reports = run("--case", "rfc1928/6/bind-*", defects=("bind-zero",))
        assert status == FAILS, reports
        baseline = json.loads(reports["baseline"])
        assert schema(SCHEMAS / "baseline.schema.json").faults(baseline) == []
        return [dict(entry, reason="BND is all zero") for entry in baseline["deviations"]]

    def test_a_written_one_lets_the_same_run_pass(self) -> None:
        entries = self.written()
        self.assertTrue(entries)
        status, reports = self.with_entries(*entries)
        report = reports["json"]
        self.assertEqual(status, CONFORMS, reports["err"])
        self.assertEqual(schema(SCHEMAS / "report.schema.json").faults(report), [])
        known = [case for case in report["cases"] if case["known"]]
        self.assertEqual([case["id"] for case in known], [entry["case"] for entry in entries])
        self.assertEqual({case["known"] for case in known}, {"BND is all zero"})
        self.assertEqual(report["baseline"]["known"], len(known))
        self.assertEqual({entry["state"] for entry in report["baseline"]["entries"]}, {"known"})
        text = reports["text"].decode()
        self.assertIn("deviates as is known, no more", text)
        self.assertIn("known     BND is all zero", text)
        failing = [case for case in known if case["verdict"] == "FAIL"]
        self.assertIn(f"known: {len(failing)} fail", text)
        self.assertIn("known: BND is all zero", Page(reports["html"].decode()).text)
        self.assertEqual(len(ElementTree.fromstring(reports["junit"]).findall(".//failure")), 0)
        bad = [point for point in read_tap(reports["tap"].decode()) if not point[0]]
        self.assertEqual({point[2] for point in bad}, {"TODO"})
        self.assertEqual(json.loads(reports["baseline"])["deviations"], entries)

    def test_a_new_one_fails(self) -> None:
        entries = self.written()
        index = next(i for i, entry in enumerate(entries) if entry["verdict"] == "FAIL")
        status, reports = self.with_entries(*entries[:index], *entries[index + 1:])
        self.assertEqual(status, FAILS)
        again = json.loads(reports["baseline"])["deviations"]
        self.assertEqual([entry["case"] for entry in again if "all zero" not in entry["reason"]],
                         [entries[index]["case"]])

    def finding(self, state: str, words: str, *entries: dict, **more: tuple) -> dict:
        """The run fails for the baseline alone, and every report says so."""
        status, reports = self.with_entries(*entries, **more)
        self.assertEqual(status, FAILS, reports["text"].decode())
        self.assertIn(state, {entry["state"] for entry in reports["json"]["baseline"]["entries"]})
        for text in (reports["text"].decode(), Page(reports["html"].decode()).text,
                     reports["junit"].decode(), reports["tap"].decode()):
            self.assertIn(words, " ".join(text.split()))
        root = ElementTree.fromstring(reports["junit"])
        self.assertTrue(root.findall(".//testsuite[@name='run']/testcase/failure"))
        self.assertEqual(lint(reports["junit"]), "")
        points = read_tap(reports["tap"].decode())
        self.assertTrue(any(point[:3] == (False, "baseline", "") for point in points))
        return reports

    def test_a_pass_fails(self) -> None:
        entries = self.written()
        reports = self.finding("passes", f"{entries[0]['case']} passes, expected", *entries,
                               defects=())
        self.assertEqual(json.loads(reports["baseline"])["deviations"], [])

    def test_one_that_holds_in_some_runs(self) -> None:
        """It does not fail the run where it passes, nor where it deviates, and it stays."""
        entries = [dict(entry, passes="sometimes") for entry in self.written()]
        for defects in ((), ("bind-zero",)):
            status, reports = self.with_entries(*entries, defects=defects)
            self.assertEqual(status, CONFORMS, reports["text"].decode())
            self.assertEqual(json.loads(reports["baseline"])["deviations"], entries)
        stale = [dict(entry, verdict="QUIRK") for entry in entries if entry["verdict"] == "FAIL"]
        self.assertEqual(self.with_entries(*stale)[0], FAILS)

    def test_a_stale_one_fails(self) -> None:
        entries = [dict(entry) for entry in self.written()]
        quirk = next(entry for entry in entries if entry["verdict"] == "FAIL")
        quirk["verdict"] = "QUIRK"
        self.finding("stale", f"{quirk['case']} is a FAIL, expected QUIRK", *entries)

    def test_an_expired_one_fails(self) -> None:
        entries = [dict(entry, expires="2020-02-29") for entry in self.written()]
        reports = self.finding("expired", "still, its entry expired after 2020-02-29", *entries)
        self.assertEqual(json.loads(reports["baseline"])["deviations"], entries)
        status, _ = self.with_entries(*(dict(entry, expires="9999-12-31") for entry in entries))
        self.assertEqual(status, CONFORMS)

    def test_what_did_not_run_is_not_judged(self) -> None:
        entry = {"case": "rfc1929/2/password-nul", "verdict": "FAIL", "reason": "a C string",
                 "expires": "2020-01-01"}
        status, reports = self.with_entries(*self.written(), entry)
        self.assertEqual(status, CONFORMS)
        self.assertEqual(reports["json"]["baseline"]["entries"][-1]["state"], "not run")
        self.assertIn(entry, json.loads(reports["baseline"])["deviations"])

    def test_segments(self) -> None:
        """A defect of one segmentation is one entry of that; of all, one entry without."""
        options = ("--case", "rfc1928/5/ipv4", "--case", "rfc1928/3/known-*", "--segment", "all")
        status, reports = run(*options, defects=("request-one-recv",))
        entries = json.loads(reports["baseline"])["deviations"]
        self.assertTrue(all("segment" in entry for entry in entries), entries)
        self.file.write_bytes(reports["baseline"])
        status, _ = run(*options, "--baseline", str(self.file), defects=("request-one-recv",))
        self.assertEqual(status, CONFORMS)

    def test_bad_files(self) -> None:
        good_entry = {"case": "rfc1928/4/command-0", "verdict": "FAIL", "reason": "so it is"}
        split = "rfc1928/4/octet-by-octet"
        for words, content in [
            (":1:8: ", "nonsense"),
            (":2:", '{"deviations": [\n,]}'),
            ('"deviations"', "[]"),
            ('"deviations"', '{"deviations": {}}'),
            ('"deviations"', '{"deviations": [], "colour": 1}'),
            ("entry 1: expected an object", [1]),
            ('entry 1: key "case" is missing', [{}]),
            ('entry 2: unknown key "colour"', [good_entry, {"colour": "red"}]),
            ('"reason": expected a string', [good_entry | {"reason": 1}]),
            ("entry 1 (rfc1928/4/nothing): no case", [good_entry | {"case": "rfc1928/4/nothing"}]),
            ('verdict "PASS": expected FAIL or QUIRK', [good_entry | {"verdict": "PASS"}]),
            ('"reason" is missing or empty', [good_entry | {"reason": ""}]),
            ('passes "never": expected sometimes', [good_entry | {"passes": "never"}]),
            ('segment "half"', [good_entry | {"segment": "half"}]),
            ('always played "bytes"', [good_entry | {"case": split, "segment": "whole"}]),
            ("entry 2 (rfc1928/4/command-0): a duplicate of entry 1", [good_entry, good_entry]),
            ("a duplicate of entry 1", [good_entry, good_entry | {"segment": "bytes"}]),
            *((f'expires "{date}": expected a date YYYY-MM-DD', [good_entry | {"expires": date}])
              for date in ("tomorrow", "2026-13-01", "2026-02-29", "2026-1-1", "2026-01-011",
                           "2026-00-10", "20260101xx", "")),
        ]:
            with self.subTest(words):
                self.file.write_text(content if isinstance(content, str)
                                     else json.dumps({"deviations": content}))
                self.refused(words, "--baseline", str(self.file))
                self.refused(str(self.file), "--baseline", str(self.file))
        self.refused("cannot be read", "--baseline", str(self.file.with_name("none")))
        self.refused("its folder does not exist", "--write-baseline", "/no/such/folder/x")
        self.refused("its folder does not exist", "--pcap", "/no/such/folder/x")

    def refused(self, words: str, *options: str) -> None:
        """Before the run: one line with the words, status 2."""
        done = subprocess.run([SOCKSPEC, "run", "socks5-server", "--exec", "echo up >&2; exit 1",
                               *options], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (USAGE, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)

    def test_peers(self) -> None:
        """Every manifest and its baseline are as their schemas say, and can be loaded."""
        rules = schema(PEERS / "schema.json")
        baselines = schema(SCHEMAS / "baseline.schema.json")
        manifests = [path for path in PEERS.glob("*.json")
                     if path.name != "schema.json" and ".baseline." not in path.name]
        self.assertGreaterEqual(len(manifests), 4)
        for path in manifests:
            manifest = json.loads(path.read_text())
            self.assertEqual(rules.faults(manifest), [], path)
            if manifest["baseline"] is None or not {"socks5-server", "socks5-client"} & set(
                    manifest["roles"]):
                continue
            known = json.loads((PEERS / manifest["baseline"]).read_text())
            self.assertEqual(baselines.faults(known), [], path)
            done = subprocess.run([SOCKSPEC, "run", "--peer", str(path), "--report",
                                   "text=/no/such/x"], capture_output=True, text=True)
            self.assertIn("its folder does not exist", done.stderr)  # which is found behind them

    def test_peer_brings_its_baseline(self) -> None:
        manifest = self.file.with_name("peer.json")
        start = FIXTURE.removeprefix("exec ").split() + ["--defect", "bind-zero"]
        manifest.write_text(json.dumps({
            "name": "peer", "about": "The fixture.", "licence": "ISC", "install": {"apt": ["x"]},
            "version": {"command": ["true"], "pattern": "x"}, "baseline": "known.json",
            "roles": {"socks5-server": {"start": start, "files": {}, "without": ["auth"],
                                        "environment": {}}}}))
        self.file.write_text(json.dumps({"deviations": self.written()}))
        command = [SOCKSPEC, "run", "--peer", str(manifest), "--case", "rfc1928/6/bind-*"]
        for more, expected in (([], CONFORMS), (["--no-baseline"], FAILS)):
            done = subprocess.run(command + more, capture_output=True, text=True)
            self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        self.file.unlink()
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
