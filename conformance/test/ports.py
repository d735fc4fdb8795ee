#!/usr/bin/env python3
"""Whichever ports are free, no case is left open and no defect hidden.

usage: ports.py SOCKSPEC
       ports.py --within FIRST LAST HELD COMMAND...   COMMAND where only those ports are free
"""

import os
import pathlib
import random
import socket
import sys
import unittest

from defects import HERE, report_of

SOCKSPEC = "build/sockspec"
SAME_OCTETS = 40092  # 9c9c: the same number in both orders of octets
RUNS = 30


def within(first: int, last: int, held: int, command: list[str]) -> None:
    """The namespace gives out ports of that range alone; held of them are in use for UDP."""
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(f"{first} {last}")
    for port in random.Random(1).sample(range(first, last + 1), held):
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taken.bind(("127.0.0.1", port))
        taken.set_inheritable(True)
        taken.detach()
    os.execvp(command[0], command)


def peer(first: int, last: int, held: int, *more: str) -> str:
    return (f"exec {sys.executable} {HERE / 'ports.py'} --within {first} {last} {held} "
            f"{sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}} {' '.join(more)}")


class Ports(unittest.TestCase):
    def test_taken_for_datagrams(self) -> None:
        """A target has one number for both protocols: half of them are no use."""
        report = report_of(SOCKSPEC, peer(30000, 31999, 900))
        missed = {case["id"]: case["reason"] for case in report["cases"]
                  if case["verdict"] not in ("PASS", "SKIP")}
        self.assertGreater(report["totals"]["PASS"], 100)
        self.assertEqual(missed, {})

    def test_same_in_both_orders(self) -> None:
        """A server that reads DST.PORT in the wrong order is never given such a port."""
        # Linux prefers every other port, beginning with the second of the range.
        command = peer(SAME_OCTETS - 7, SAME_OCTETS + 7, 0, "--defect port-little-endian")
        verdicts = [report_of(SOCKSPEC, command, "--case", "rfc1928/4/connect")["cases"][0]["verdict"]
                    for _ in range(RUNS)]
        self.assertNotIn("PASS", verdicts)


if __name__ == "__main__":
    if sys.argv[1] == "--within":
        within(*map(int, sys.argv[2:5]), sys.argv[5:])
    SOCKSPEC = sys.argv.pop(1)
    unittest.main()
