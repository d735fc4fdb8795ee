#!/usr/bin/env python3
"""Tests of sockspec-relay over real sockets, in a network namespace with nothing but loopback.

usage: integration.py PROGRAM [PATTERN]...
PROGRAM is the relay; a PATTERN picks tests by a part of their name, such as Curl or udp.
Exit status: 0 all passed, 1 some failed, 2 usage or something needed is missing.
"""

import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from case import Case  # noqa: E402
from harness import (  # noqa: E402
    Relay, enter_namespace, name_hosts, raise_descriptor_limit, refuse,
)

MODULES = [path.stem for path in sorted(Path(__file__).parent.glob("cases_*.py"))]


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    for program in "ss-local", "ss-server", "curl":
        if shutil.which(program) is None:
            refuse(f"{program}: not found, expected Debian's shadowsocks-libev and curl")
    Case.relay = Relay(sys.argv[1])
    enter_namespace()
    name_hosts("127.0.0.1 localhost", "127.0.0.1 both.test", "::1 both.test")
    raise_descriptor_limit(1 << 16)
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in sys.argv[2:]] or None
    suite = loader.loadTestsFromNames(MODULES)
    if suite.countTestCases() == 0:
        refuse(f"{' '.join(sys.argv[2:])}: no test of that name")
    passed = unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
