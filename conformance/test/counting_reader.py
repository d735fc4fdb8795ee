#!/usr/bin/env python3
"""A reader that counts: octets sent one by one arrive at a SOCKS5 server in as many reads.

usage: counting_reader.py SOCKSPEC

The suite runs a case octet by octet against a server that answers one greeting after another and
notes how many octets each read brought. In runs of which the suite says that every segment was
read before the next one, at least 95 % of the octets must come alone. A server that the machine
held up for long makes the suite say less of a run; such a run is made again.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ENOUGH = 0.95
RUNS = 12
TRIES = 4 * RUNS
OCTETS = 6  # of the case's greeting
SERVER = '''
import socket, sys, threading
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
def serve(connection):
    held = b""
    while len(held) < 2 or len(held) < 2 + held[1]:
        octets = connection.recv(4096)
        if not octets:
            return
        held += octets
        with open(sys.argv[3], "a") as log:
            log.write(f"{len(octets)}\\n")
    connection.sendall(b"\\x05\\x00")
    connection.recv(1)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
'''


def reads(sockspec: str, folder: str) -> list[int] | None:
    """The size of each read in one run of one case, octet by octet; None where a cut was not seen."""
    server, log, report = (pathlib.Path(folder, name) for name in ("server.py", "log", "report.json"))
    server.write_text(SERVER)
    log.write_text("")
    subprocess.run(
        [sockspec, "run", "socks5-server", "--without", "connect",
         "--case", "rfc1928/3/octet-by-octet", "--report", f"json={report}",
         "--exec", f"exec {sys.executable} {server} {{host}} {{port}} {log}"],
        stdout=subprocess.DEVNULL, timeout=60, check=False)
    segments = json.loads(report.read_text())["segments"]
    if segments["cuts"] == 0 or segments["seen"] < segments["cuts"]:
        return None
    assert segments["method"] == "inet_diag", segments
    return [int(line) for line in log.read_text().split()]


def main() -> int:
    sockspec = sys.argv[1]
    alone = runs = 0
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            sizes = reads(sockspec, folder)
        if sizes is not None:
            # the control greeting is three octets in one write; none of its reads brings one
            alone += sizes.count(1)
            runs += 1
        if runs == RUNS:
            break
    octets = OCTETS * runs
    print(f"counting reader: {alone} of {octets} octets came alone, in {runs} runs")
    return 0 if runs == RUNS and ENOUGH * octets <= alone <= octets else 1


if __name__ == "__main__":
    sys.exit(main())
