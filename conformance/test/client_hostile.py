#!/usr/bin/env python3
"""Clients out to harm the suite: bounded time and memory, the right status, nothing left behind.

usage: client_hostile.py SOCKSPEC TEST-CLIENT
"""

import pathlib
import resource
import shlex
import subprocess
import sys
import tempfile
import time
import unittest

SOCKSPEC, CLIENT = (str(pathlib.Path(word).resolve()) for word in (sys.argv + ["", ""])[1:3])
WORDS = "{proxy_host} {proxy_port} {target_host} {target_port}"
GOOD = f"{shlex.quote(CLIENT)} {WORDS}"
CONFORMS, FAILS, NO_PEER = 0, 1, 3
MEMORY = 96 << 10  # KiB of the suite itself
MARK = "86399.25"  # seconds that a process sleeps which nobody else would


def run(command: str, *more: str) -> tuple[int, str]:
    done = subprocess.run(
        [SOCKSPEC, "run", "socks5-client", "--exec", command, "--timeout", "2", "--case",
         "rfc1928/6/client-rep-[125]", *more], capture_output=True, timeout=90)
    return done.returncode, (done.stdout + done.stderr).decode()


def sleepers() -> int:
    """How many processes sleep so long."""
    count = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            count += path.read_bytes().split(b"\0")[:2] == [b"sleep", MARK.encode()]
        except OSError:
            continue
    return count


class Hostile(unittest.TestCase):
    def tearDown(self) -> None:
        self.assertEqual(sleepers(), 0)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, MEMORY)

    def test_leaves_a_process(self) -> None:
        status, said = run(f"sleep {MARK} >/dev/null 2>&1 </dev/null & exec {GOOD}")
        self.assertEqual(status, CONFORMS, said)
        self.assertRegex(said, "left behind when they ended: [1-9]")

    def test_escapes_its_group(self) -> None:
        status, said = run(f"setsid sleep {MARK} >/dev/null 2>&1 </dev/null & exec {GOOD}")
        self.assertEqual(status, CONFORMS, said)

    def test_does_not_end(self) -> None:
        """Nor for SIGTERM."""
        start = time.monotonic()
        status, said = run(f"trap '' TERM INT HUP; {GOOD}; sleep {MARK}")
        self.assertEqual(status, FAILS, said)
        self.assertIn("the client still runs; expected EXIT", said)
        self.assertLess(time.monotonic() - start, 60)

    def test_floods(self) -> None:
        status, said = run(f"yes >&2 & yes & exec {GOOD}")
        self.assertEqual(status, FAILS, said[:2000])
        self.assertLess(len(said), 20000)

    def test_prints_binary(self) -> None:
        status, said = run(f"printf '\\033]0;title\\007\\377\\000\\n' >&2; : {WORDS}; exit 3")
        self.assertEqual(status, NO_PEER, said)
        self.assertTrue(all(c.isprintable() or c == "\n" for c in said), said)

    def test_crashes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            status, said = run(f"cd {folder}; ulimit -c 0; {GOOD} || kill -SEGV $$")
        self.assertEqual(status, FAILS, said)
        self.assertIn("signal 11", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
