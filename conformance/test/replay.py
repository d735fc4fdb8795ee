#!/usr/bin/env python3
"""What a run keeps of failing cases (--bundle), played again: sockspec replay.

usage: replay.py SOCKSPEC
"""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "vectors/reader"))
from schema import Schema  # noqa: E402

SOCKSPEC = sys.argv[1] if len(sys.argv) > 1 else "build/sockspec"
SCHEMA = Schema(json.loads((HERE.parent / "report/schema/bundle.schema.json").read_text()))
GOOD = f"exec {sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}}"
BAD = GOOD + "".join(f" --defect {name}" for name in (
    "request-one-recv", "crash-on-bad-atyp", "refused-as-success", "truncates-large",
    "udp-empty-dropped"))
CONFORMS, FAILS, USAGE = range(3)

# Serves CONNECT to a refused port as if it had worked, and notes what it reads.
LISTENER = '''
import socket, sys, threading, time
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
def serve(connection):
    connection.recv(300)
    connection.sendall(b"\\x05\\x00")
    request = connection.recv(300)
    time.sleep(float(sys.argv[4]))
    open(sys.argv[3], "a").write(request.hex() + "\\n")
    connection.sendall(b"\\x05\\x00\\x00\\x01\\x7f\\x00\\x00\\x01\\x01\\x01")
    connection.recv(1)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
'''


def sockspec(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([SOCKSPEC, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120)


@functools.cache
def bundles() -> tuple[tempfile.TemporaryDirectory, str, dict[str, pathlib.Path]]:
    """Their folder, what the run said, and the files by name."""
    folder = tempfile.TemporaryDirectory()
    said = sockspec("run", "socks5-server", "--exec", BAD, "--bundle", f"{folder.name}/new",
                    "--segment", "all", "--case", "rfc1928/4/header-only",
                    "--case", "rfc1928/5/type-5", "--case", "rfc1928/6/refused",
                    "--case", "rfc1928/6/download", "--case", "rfc1928/7/empty")
    files = {file.stem: file for file in pathlib.Path(folder.name, "new").iterdir()}
    return folder, said.stdout, files


class Bundles(unittest.TestCase):
    def test_each_failure_has_one_that_keeps_to_the_schema(self) -> None:
        _, said, files = bundles()
        self.assertEqual(said.count("  replay    sockspec replay "), len(files))
        for name in ("rfc1928_5_type-5", "rfc1928_6_refused", "rfc1928_6_refused-split",
                     "rfc1928_7_empty"):
            self.assertIn(name, files)
        for file in files.values():
            self.assertEqual(SCHEMA.faults(json.loads(file.read_text())), [], file)

    def test_they_fail_again_as_recorded(self) -> None:
        for name in ("rfc1928_5_type-5", "rfc1928_6_refused-split", "rfc1928_6_download",
                     "rfc1928_7_empty"):
            for how in ((), ("--verbatim",)):
                with self.subTest(name, how=how):
                    said = sockspec("replay", bundles()[2][name], *how)
                    self.assertEqual(said.returncode, 0 if "empty" in name else FAILS, said)
                    self.assertRegex(said.stdout, r"\nas recorded: (FAIL|QUIRK)\n$")

    def test_another_peer_does_better(self) -> None:
        said = sockspec("replay", bundles()[2]["rfc1928_6_refused"], "--exec", GOOD)
        self.assertEqual(said.returncode, CONFORMS, said)
        self.assertIn("not as recorded: it was FAIL", said.stdout)
        self.assertIn("it is PASS", said.stdout)

    def test_verbatim_sends_the_octets_of_then(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            server, log = pathlib.Path(folder, "server.py"), pathlib.Path(folder, "log")
            server.write_text(LISTENER)
            command = f"exec {sys.executable} {server} {{host}} {{port}} {log} 0"
            sockspec("run", "socks5-server", "--exec", command, "--without", "connect",
                     "--case", "rfc1928/6/no-connect", "--bundle", folder)
            bundle = pathlib.Path(folder, "rfc1928_6_no-connect.json")
            sent = json.loads(bundle.read_text())["sent"][1]
            self.assertIn(sent, log.read_text().split())
            requests = []
            for how in ((), ("--verbatim",)):
                log.write_text("")
                said = sockspec("replay", bundle, *how)
                self.assertEqual(said.returncode, FAILS, said)
                requests.append(log.read_text().split())
            self.assertIn(sent, requests[1])
            self.assertNotIn(sent, requests[0])  # its target has another port

    def test_a_wait_of_more_than_an_hour(self) -> None:
        """4294968 ms are not the 0.7 ms that 32 bits of microseconds would leave of them."""
        bundle = json.loads(bundles()[2]["rfc1928_6_refused"].read_text())
        for step in bundle["steps"]:
            if step["op"] == "expect":
                step["n"] = 4294968
        with tempfile.TemporaryDirectory() as folder:
            server, file = pathlib.Path(folder, "server.py"), pathlib.Path(folder, "bundle.json")
            server.write_text(LISTENER)
            file.write_text(json.dumps(bundle))
            said = sockspec("replay", file, "--exec",
                            f"exec {sys.executable} {server} {{host}} {{port}} {folder}/log 0.1")
        self.assertEqual(said.returncode, FAILS, said)
        self.assertNotIn("nothing", said.stdout)


class BadBundles(unittest.TestCase):
    def refused(self, words: str, *arguments: object) -> None:
        said = sockspec("replay", *arguments)
        self.assertEqual((said.returncode, said.stdout), (USAGE, ""), said)
        self.assertEqual(said.stderr.count("\n"), 1, said.stderr)
        self.assertIn(words, said.stderr)

    def test_usage(self) -> None:
        self.refused("expected one FILE")
        self.refused("expected one FILE", "a", "b")
        self.refused("it cannot be read: No such file", "/no/such/file")
        self.refused("it cannot be read: Is a directory", "/")
        self.refused("expected one of --target, --exec and --peer", "a", "--exec", "b", "--peer", "c")

    def test_files(self) -> None:
        good = json.loads(bundles()[2]["rfc1928_6_refused"].read_text())
        for words, change in [
            ('"kind"', {"kind": "report"}),
            ('"schema": 2, expected 1', {"schema": 2}),
            ('unknown key "more"', {"more": 1}),
            ('"role": "socks4"', {"role": "socks4"}),
            ('no case "rfc1928/6/no"', {"case": "rfc1928/6/no"}),
            ('"segment": "half"', {"segment": "half"}),
            ('"cut"', {"cut": -1}),
            ('"seed"', {"seed": "1"}),
            ('"verdict": "GOOD"', {"verdict": "GOOD"}),
            ("1 to 40 steps", {"steps": []}),
            ("1 to 40 steps", {"steps": [good["steps"][0]] * 41}),
            ("step 1: unknown key", {"steps": [{"op": "fin", "actor": "client", "why": 1}]}),
            ('"op": "fly"', {"steps": [{"op": "fly", "actor": "client"}]}),
            ('"actor": "nobody"', {"steps": [{"op": "fin", "actor": "nobody"}]}),
            ('"text" is of send', {"steps": [{"op": "send", "actor": "client"}]}),
            ('"0g"', {"steps": [{"op": "send", "actor": "client", "text": "0g"}]}),
            ("parentheses in more than 16", {"steps": [{
                "op": "send", "actor": "client", "text": "flip@0(" * 100000 + ")" * 100000}]}),
            ("lower-case hex", {"sent": ["0G"]}),
            ("lower-case hex", {"sent": ["0"]}),
            ('"target": expected a number', {"ports": {}}),
            ("one of target, exec and peer", {"peer": {"origin": "127.0.0.1"}}),
            ('"origin"', {"peer": {"exec": "true"}}),
            ('"auth"', {"peer": {"exec": "true", "origin": "127.0.0.1", "auth": "alice"}}),
            ("method and password", {"peer": {"exec": "true", "origin": "127.0.0.1", "method": "x"}}),
        ]:
            with self.subTest(words), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(good | change, file)
                file.flush()
                self.refused(words, file.name)
                self.refused(file.name, file.name)
        with tempfile.NamedTemporaryFile("w") as file:
            json.dump(good | {"sent": []}, file)
            file.flush()
            self.refused("no octets that were sent", file.name, "--verbatim")
        with tempfile.NamedTemporaryFile("w") as file:
            file.write('{"schema": 1,\n')
            file.flush()
            self.refused(f"{file.name}:2:", file.name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
