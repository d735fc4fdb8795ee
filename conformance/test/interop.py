#!/usr/bin/env python3
"""The matrix on peers that hang, die, come late, lie, leave processes behind, or are not there.

usage: interop.py
"""

import asyncio
import contextlib
import html.parser
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INTEROP = ROOT / "conformance/interop"
sys.path.insert(0, str(INTEROP))
import conformance  # noqa: E402
import grid  # noqa: E402
import processes  # noqa: E402
import results  # noqa: E402
from peers import FOLDER, BadManifest, Peer, Schema, expand, load, load_all  # noqa: E402

EXPLAINED, UNEXPLAINED, USAGE, NO_PEER, FAILED = 0, 1, 2, 3, 5
PYTHON = sys.executable
RULES = Schema(json.loads((ROOT / "conformance/peers/schema.json").read_text()))
SECONDS = 60


def manifest(name: str, *mode: str, version: str = "1.2", **more) -> dict:
    role = {"start": [PYTHON, f"{HERE}/fake_peer.py", "{port}", *mode], "files": {},
            "without": ["bind", "udp", "ipv6", "domain"], "environment": {}, **more}
    return {"name": name, "about": "A fake.", "licence": "ISC", "install": {"apt": ["fake"]},
            "version": {"command": ["echo", f"fake {version}"], "pattern": "fake ([0-9.]+)",
                        "tested": "1.2"},
            "roles": {"socks5-server": role}, "baseline": None}


def marked() -> list[int]:
    """Processes that a matrix has started."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit() and b"SOCKSPEC_INTEROP_TEST=" + str(os.getpid()).encode() in \
                    pathlib.Path("/proc", entry, "environ").read_bytes():
                found.append(int(entry))
    return found


def command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


class Matrix(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.peers, self.out = pathlib.Path(folder.name, "peers"), pathlib.Path(folder.name, "out")
        self.peers.mkdir()
        self.environment = {**os.environ, "SOCKSPEC_PEERS": str(self.peers),
                            "SOCKSPEC_INTEROP_TEST": str(os.getpid())}

    def put(self, *manifests: dict) -> None:
        for one in manifests:
            (self.peers / f"{one['name']}.json").write_text(json.dumps(one))

    def command(self, *options: str) -> list[str]:
        return [PYTHON, str(INTEROP / "run"), "--out", str(self.out), "--no-conformance", *options]

    def matrix(self, *options: str) -> tuple[subprocess.CompletedProcess, dict]:
        done = subprocess.run(self.command(*options), env=self.environment, capture_output=True,
                              text=True, timeout=SECONDS)
        self.assertEqual(marked(), [], "left running")
        file = self.out / "interop.json"
        return done, json.loads(file.read_text()) if file.exists() else {}

    def runs(self, doc: dict) -> dict[str, dict]:
        return {cell["server"]: cell["runs"][0] for cell in doc["cells"]}

    def test_misbehaving(self) -> None:
        """One run with all of them: each is said, none holds up the others."""
        self.put(manifest("good", "good"), manifest("liar", "lie"), manifest("dies", "die"),
                 manifest("hangs", "hang"), manifest("forks", "fork"),
                 manifest("late", "late", "0.8", ready_seconds=20),
                 manifest("never", "late", "600", ready_seconds=1),
                 manifest("newer", "good", version="1.3"),
                 {**manifest("gone", "good"), "version": {"command": ["no-such-program"],
                                                          "pattern": "(.)"}})
        done, doc = self.matrix("--checks", "[tcr][re]*[1de]*", "--deadline", "6", "--jobs", "4")
        self.assertEqual(done.returncode, UNEXPLAINED, done.stdout + done.stderr)
        runs = self.runs(doc)
        for name in ("good", "forks", "late", "newer"):
            self.assertNotIn("failed", runs[name], name)
            self.assertGreater(runs[name]["passed"], 3, name)
        lies = {one["check"]: one["difference"] for one in runs["liar"]["failed"]}
        self.assertIn("down: octet 100 of 16382 differs: expected ", lies["transfer-16382"])
        self.assertNotIn("refused", lies)
        died = runs["dies"]
        self.assertIn("it ended at start, status 3: ", died["failed"][0]["difference"])
        self.assertEqual(died["log"]["start"], "the first line\nno such option: x?[2J")
        self.assertIn("it does not listen after 1 s", runs["never"]["failed"][0]["difference"])
        hung = [one["difference"] for one in runs["hangs"]["failed"]]
        self.assertEqual(hung[:3], ["no end after 6.0 s"] * 3)
        self.assertEqual(set(hung[3:]), {"not tried: 3 checks before it had no end"})
        self.assertLess(runs["hangs"]["seconds"], 3 * 6 + 15)  # its deadlines, start and end
        self.assertIn("newer: 1.3; version 1.3, while findings are about 1.2", done.stdout)
        self.assertIn("gone: no-such-program is not here: make interop-deps (apt fake)",
                      done.stdout)
        self.assertNotIn("gone", runs)
        self.assertIn("unexplained: sockspec -> liar : transfer-16382: down: octet 100",
                      done.stdout)
        self.page(doc)

    def page(self, doc: dict) -> None:
        """The page holds the document, and nothing from elsewhere."""
        text = (self.out / "index.html").read_text()

        class Reader(html.parser.HTMLParser):
            inside, data, foreign = False, "", []

            def handle_starttag(self, tag, attributes):
                self.inside = ("id", "data") in attributes
                self.foreign += [v for k, v in attributes if k in ("src", "href") and "//" in v]

            def handle_endtag(self, tag):
                self.inside = False

            def handle_data(self, data):
                if self.inside:
                    self.data += data
        reader = Reader()
        reader.feed(text)
        self.assertEqual(json.loads(reader.data), doc)
        self.assertEqual(results.load(self.out / "index.html"), doc)
        self.assertEqual(reader.foreign, [])

    def test_interrupted(self) -> None:
        """Ctrl-C and SIGTERM: everything that was started ends, and what was done is kept."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self.put(manifest("hangs", "hang"), manifest("forks", "fork"))
            process = subprocess.Popen(self.command("--checks", "transfer-*", "--jobs", "2"),
                                       env=self.environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            line = ""
            while "sockspec -> forks" not in line:
                line = process.stdout.readline()
                self.assertTrue(line, "it ended before")
            process.send_signal(number)
            out, err = process.communicate(timeout=SECONDS)
            self.assertEqual(process.returncode, FAILED, out + err)
            self.assertIn("ended before its end", err)
            self.assertEqual(marked(), [], "left running")
            self.assertIn("forks", self.runs(json.loads((self.out / "interop.json").read_text())))

    def test_interrupted_under_the_suite(self) -> None:
        """A suite that takes its time to end its peer is waited for."""
        suite = self.out.with_name("suite")
        suite.write_text("#!/bin/sh\ncase $2 in --help) echo socks5-server; exit;; esac\n"
                         "trap 'sleep 1; exit 5' TERM\nwhile :; do sleep 0.1; done\n")
        suite.chmod(0o755)
        self.put(*(manifest(name, "good") for name in ("one", "two", "three")))
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(
                [PYTHON, str(INTEROP / "run"), "--out", str(self.out), "--no-matrix", "--sockspec",
                 str(suite), "--jobs", "2"], env=self.environment, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True)
            end = time.monotonic() + SECONDS
            while sum(str(suite) in command(pid) for pid in marked()) < 2:
                self.assertLess(time.monotonic(), end, "the suite was not started")
                time.sleep(0.05)
            process.send_signal(number)
            out, err = process.communicate(timeout=SECONDS)
            self.assertEqual(marked(), [], "left running")
            self.assertEqual((process.returncode, "Traceback" in err), (FAILED, False), out + err)

    def test_interrupted_at_start(self) -> None:
        slow = {**manifest("slow", "good"), "version": {"command": ["sleep", "9"], "pattern": "x"}}
        self.put(slow)
        process = subprocess.Popen(self.command(), env=self.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + SECONDS
        while not any(command(pid).startswith("sleep 9") for pid in marked()):
            self.assertLess(time.monotonic(), end, "its version was not asked")
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
        self.assertEqual((process.returncode, err), (FAILED, "interop: ended before its start\n"))
        self.assertEqual(marked(), [], "left running")

    def test_usage(self) -> None:
        self.put(manifest("good", "good"))
        for options, words in ((["--peers", "nobody"], "--peers nobody: no such peer, expected of"),
                               (["--jobs", "0"], "--jobs 0: expected a number from 1"),
                               (["--deadline", "0"], "--deadline 0.0: expected a number over 0"),
                               (["--deadline", "inf"], "--deadline inf: expected a number over 0"),
                               (["--deadline", "nan"], "--deadline nan: expected a number over 0"),
                               (["--checks", "x"], "--checks x: none matches, expected of"),
                               (["--methods", "rot*"], "--methods rot*: none matches, expected of"),
                               (["--fly"], "unrecognized arguments: --fly"),
                               (["--out", "/proc/none"], "--out /proc/none: No such file"),
                               (["--explain", "/none"], "/none")):
            done, _ = self.matrix(*options)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (USAGE, 1), done.stderr)
            self.assertIn(words, done.stderr)
        self.put({**manifest("bad", "good"), "colour": 1})
        done, _ = self.matrix()
        self.assertEqual((done.returncode, done.stderr.count("\n")), (USAGE, 1))
        self.assertIn("bad.json: : unknown property 'colour'", done.stderr)

    def test_nobody(self) -> None:
        self.put({**manifest("gone", "good"),
                  "version": {"command": ["no-such-program"], "pattern": "(.)"}})
        done, _ = self.matrix()
        self.assertEqual(done.returncode, NO_PEER, done.stderr)

    def test_new_causes(self) -> None:
        """A known difference explains, and does so for an old result too."""
        doc = {"conformance": [], "cells": [{"kind": "socks5", "client": "sockspec", "server": "x", "runs": [
            {"method": "", "oneTimeAuth": False, "log": {"server": "?"}, "failed": [
                {"check": "refused", "difference": "reply: REP 00"}]}]}]}
        row = {"kind": "socks5", "servers": ["x"], "checks": ["ref*"], "cause": "theirs",
               "finding": "f"}
        results.explain(doc, [{**row, "servers": ["y"]}, {**row, "differences": ["*REP 01*"]}])
        self.assertNotIn("cause", doc["cells"][0]["runs"][0]["failed"][0])
        results.explain(doc, [row])
        run = doc["cells"][0]["runs"][0]
        self.assertEqual((run["failed"][0]["cause"], "log" in run), ("theirs", False))

    def test_conformance_causes(self) -> None:
        """Whatever does not conform has a cause or fails the run: unreviewed and no peer too."""
        known = [{"kind": "conformance", "servers": ["x"], "checks": ["ss-local"],
                  "differences": ["*received 03*"], "cause": "theirs", "finding": "f"}]
        for role, status, said, lines in (("ss-local", "no peer", "expected 01, received 03", 0),
                                          ("ss-local", "no peer", "nothing came", 1),
                                          ("ss-server", "no peer", "received 03", 1),
                                          ("ss-server", "unreviewed", "received 03", 1),
                                          ("ss-server", "conforms", "known: 3 fail", 0)):
            doc = {"cells": [], "conformance": [{"peer": "x", "role": role, "status": status,
                                                 "said": said}]}
            results.explain(doc, known)
            self.assertEqual(len(results.unexplained(doc)), lines, (role, status, said))
            self.assertEqual("cause" in doc["conformance"][0], said.endswith("01, received 03"))


class Parts(unittest.TestCase):
    def test_representatives(self) -> None:
        """A plain run has one method of each kind, --all every one; one-time auth with the stream
        methods where both sides have it."""
        def peer(name: str, *methods: str, **more: list) -> Peer:
            role = {"start": ["x"], "methods": list(methods), **more}
            return Peer({"name": name, "roles": {"ss-server": role, "ss-local": role}},
                        pathlib.Path())
        found = [peer("a", "rc4", "aes-256-cfb", "aes-256-gcm", "chacha20-ietf-poly1305",
                      "2022-blake3-aes-256-gcm", start_ota=["x"]), peer("b", "table")]
        def planned(methods: str | None) -> list[tuple[str, bool]]:
            return [(run.method, run.ota) for run in grid.plan(found, methods)]
        plain = [("chacha20-ietf-poly1305", False), ("aes-256-cfb", False), ("aes-256-cfb", True),
                 ("2022-blake3-aes-256-gcm", False), ("table", False)]
        self.assertEqual(planned(None), plain)
        self.assertEqual(sorted(planned("*")), sorted(
            [*plain, ("aes-256-gcm", False), ("rc4", False), ("rc4", True)]))
        self.assertEqual(planned("tab*"), [("table", False)])
        doc = {"cells": [{"kind": "shadowsocks", "client": "a", "server": "a", "runs": [
            {"method": "rc4", "oneTimeAuth": True, "failed": [{"check": "refused"}]},
            {"method": "rc4", "oneTimeAuth": False, "failed": [{"check": "ipv6", "cause": "theirs"}]},
            {"method": "table", "oneTimeAuth": False}]}]}
        again = results.unexplained_runs(doc, found)
        self.assertEqual([results.key(run) for run in again], [("shadowsocks", "a", "a", "rc4", True)])

    def test_joined(self) -> None:
        """Parts of a run are one result; of what two parts have, the later counts."""
        def part(method: str, passed: int, peer: str) -> dict:
            return {"seconds": 1.5, "options": method, "date": "2026-01-02",
                    "peers": [{"name": peer}], "conformance": [],
                    "cells": [{"kind": "k", "client": "c", "server": "s", "commands": {},
                               "runs": [{"method": method, "oneTimeAuth": False,
                                         "passed": passed}]}]}
        whole = results.joined([part("x", 1, "b"), part("y", 2, "a"), part("x", 3, "b")])
        self.assertEqual([(run["method"], run["passed"]) for run in whole["cells"][0]["runs"]],
                         [("x", 3), ("y", 2)])
        self.assertEqual([peer["name"] for peer in whole["peers"]], ["a", "b"])
        self.assertEqual((whole["seconds"], whole["options"]), (4.5, "x; y; x"))

    def test_table(self) -> None:
        """Each implementation with its partners on either side; ends of one side are not counted."""
        def cell(client: str, server: str, passed: int, *failed: str) -> dict:
            return {"kind": "shadowsocks", "client": client, "server": server,
                    "runs": [{"passed": passed, "failed": [{"check": name} for name in failed]}]}
        ends = ("client-ends-first", "target-ends-first")
        doc = {"cells": [cell("a", "a", 21), cell("a", "b", 18, *ends, "refused"),
                         {**cell("x", "y", 5), "kind": "socks5"}]}
        self.assertEqual(results.table(doc), [
            "| implementation | as client, with servers: passed | as server, with clients: passed |",
            "| --- | --- | --- |", "| a | 2: 37 of 38 | 1: 19 of 19 |", "| b | 0: 0 of 0 | 1: 18 of 19 |"])

    def test_second_run(self) -> None:
        """What does not conform beside others is run once more, alone, and that counts."""
        answers = {"good": ["conforms"], "shaken": ["fails", "conforms"], "bad": ["fails"] * 2,
                   "unread": ["unreviewed"]}
        found = [Peer(manifest(name, "x"), pathlib.Path()) for name in answers]
        real, rows = (conformance.judge, conformance.knows_role), []
        async def judge(_suite: str, peer: Peer, role: str) -> dict:
            await asyncio.sleep(0)
            return {"peer": peer.name, "role": role, "status": answers[peer.name].pop(0)}
        conformance.judge, conformance.knows_role = judge, lambda suite, role: True
        try:
            asyncio.run(conformance.judge_all("", found, 3, rows, lambda row: None))
        finally:
            conformance.judge, conformance.knows_role = real
        self.assertEqual({row["peer"]: row["status"] for row in rows},
                         {"good": "conforms", "shaken": "conforms", "bad": "fails",
                          "unread": "unreviewed"})
        self.assertFalse(any(answers.values()))

    def test_known(self) -> None:
        """Every known difference is as its schema says and has its finding; each finding says how
        to see it again."""
        known = results.load_known()
        rows = {row["id"]: row["again"] for row in results.findings_rows()}
        self.assertEqual({row["finding"] for row in known} - set(rows), set())
        for again in rows.values():
            self.assertRegex(again, "^(conformance/interop/run|build/sockspec run) ")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "known.json")
            for content, words in ((b"{", "known.json: "),
                                   (b'{"differences": [{}]}', "lacks 'kind'"),
                                   (json.dumps({"differences": [
                                       {"kind": "any", "checks": ["x"], "cause": "theirs",
                                        "finding": "no-such"}]}).encode(), "has no row")):
                file.write_bytes(content)
                with self.assertRaisesRegex(results.BadKnown, words):
                    results.load_known(file)

    def test_manifests(self) -> None:
        """Every template of every peer has the placeholders that the README's tables allow its role,
        every role of the matrix methods."""
        said = (ROOT / "conformance/peers/README.md").read_text()
        parts = said.split("| placeholder | stands for |")[1:]
        of_server, of_client = ({name: "x" for row in re.findall(r"^\| (`\{.*?) \|", part, re.M)
                                 for name in re.findall(r"`\{([a-z_0-9]+)\}`", row)} for part in parts)
        found = load_all(ROOT / "conformance/peers")
        self.assertGreaterEqual(len(found), 14)
        for peer in found:
            for name, role in peer.manifest["roles"].items():
                for text in (*role["start"], *role.get("start_auth", []),
                             *role.get("start_ota", []), *role["environment"].values(),
                             *(line for lines in role["files"].values() for line in lines)):
                    expand(text, of_client if name == "socks5-client" else of_server)
                self.assertEqual("methods" in role, name.startswith("ss-"), peer.name)
        with self.assertRaises(BadManifest):
            expand("{no_such}", of_server)
        self.assertTrue(FOLDER.exists())

    def test_conformance_status(self) -> None:
        """A peer that fails under the suite is red where a baseline should have known, and not yet
        gone through where there is none."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "good.json")
            suite = pathlib.Path(folder, "sockspec")
            for name, case in (("here", "a/1/b"), ("elsewhere", "a/1/c")):
                pathlib.Path(folder, name).write_text(json.dumps({"deviations": [{"case": case}]}))
            for baseline, exit_status, expected in (
                    (None, 1, "unreviewed"), ("here", 1, "fails"), ("elsewhere", 1, "unreviewed"),
                    (None, 0, "conforms"), ("here", 5, "inconclusive")):
                path.write_text(json.dumps({**manifest("good", "good"), "baseline": baseline}))
                suite.write_text("#!/bin/sh\necho said\n"
                                 "echo '{\"totals\": {}, \"cases\": [{\"id\": \"a/1/b\"}]}' "
                                 f"> ${{6#json=}}\nexit {exit_status}\n")
                suite.chmod(0o755)
                row = asyncio.run(conformance.judge(str(suite), load(path, RULES),
                                                    "socks5-server"))
                self.assertEqual((row["status"], row["said"]), (expected, "said"))

    def test_port_taken(self) -> None:
        """A port that someone else has taken is not used; another one is."""
        async def go() -> tuple[int, int]:
            with socket.create_server(("127.0.0.1", 0)) as taken:
                port = taken.getsockname()[1]
                free, ports = processes.free_port, [port, processes.free_port()]
                processes.free_port = lambda: ports.pop(0) if ports else free()
                try:
                    with tempfile.TemporaryDirectory() as folder:
                        path = pathlib.Path(folder, "good.json")
                        path.write_text(json.dumps(manifest("good", "good")))
                        served = await processes.start(load_all(pathlib.Path(folder))[0],
                                                       "socks5-server", {})
                finally:
                    processes.free_port = free
                await served.process.stop()
                return port, served.port
        taken, used = asyncio.run(go())
        self.assertNotEqual(taken, used)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    unittest.main()
