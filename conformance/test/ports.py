#!/usr/bin/env python3
"""Whichever ports are taken, no case is left open.

usage: ports.py SOCKSPEC
       ports.py --beside FIRST LAST HELD COMMAND...   COMMAND, where HELD of those ports are taken for UDP
"""

import os
import pathlib
import random
import resource
import socket
import sys
import unittest

from defects import HERE, report_of

SOCKSPEC = "build/sockspec"
MOST_HELD = 14000


def beside(first: int, last: int, held: int, command: list[str]) -> None:
    for port in random.Random(1).sample(range(first, last + 1), held):
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taken.bind(("127.0.0.1", port))
        taken.set_inheritable(True)
        taken.detach()
    os.execvp(command[0], command)


class Ports(unittest.TestCase):
    def test_taken_for_datagrams(self) -> None:
        """A target has one number for both protocols: half of those that are free for one are no use."""
        first, last = map(int, pathlib.Path(
            "/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        held = min(MOST_HELD, (last - first) // 2, most // 2)
        report = report_of(SOCKSPEC, f"exec {sys.executable} {HERE / 'ports.py'} --beside {first} {last} "
                           f"{held} {sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}}")
        missed = {case["id"]: case["reason"] for case in report["cases"]
                  if case["verdict"] not in ("PASS", "SKIP")}
        self.assertGreater(report["totals"]["PASS"], 100)
        self.assertEqual(missed, {})


if __name__ == "__main__":
    if sys.argv[1] == "--beside":
        beside(*map(int, sys.argv[2:5]), sys.argv[5:])
    SOCKSPEC = sys.argv.pop(1)
    unittest.main()
