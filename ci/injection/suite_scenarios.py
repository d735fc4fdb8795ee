"""The suite, each command: when a call fails it ends with a status of its manual page and a line
that says why, or what it reports is what it reports without the failure. It never blames the peer."""

import ctypes
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import calls

SECONDS = 120  # the longest that a run may take
STATUSES = range(6)
CONFORMS, ERROR = 0, 5
PR_SET_CHILD_SUBREAPER = 36

SOCKS5 = "exec {plain}/sockspec-relay socks5 -b {{host}} -l {{port}} -u -qq"
SERVER = ("exec {plain}/sockspec-relay server -s {{host}} -p {{port}} -k {{password}} "
          "-m {{method}} -u --forbidden-ip '' -qq")
LOCAL = ("exec {plain}/sockspec-relay local -s {{server_host}} -p {{server_port}} -b {{host}} "
         "-l {{port}} -k {{password}} -m {{method}} -u -qq")
CLIENT = "exec {plain}/test-client {{proxy_host}} {{proxy_port}} {{target_host}} {{target_port}}"
REPORTS = [word for name in ("json", "junit", "tap", "html", "pcapng", "baseline")
           for word in ("--report", f"{name}={{folder}}/report.{name}")]
TIMED = {"fuzz", "replay"}  # what they say has ports and times in it
METHOD = ["--method", "chacha20-ietf-poly1305", "--password", "barfoo!"]


def cases(*globs: str) -> list[str]:
    return [word for glob in globs for word in ("--case", glob)]


# Words of the command line. One that deviates leaves the bundles that replay reads.
SCENARIOS = {
    "run": ["run", "socks5-server", "--exec", SOCKS5, *REPORTS,
            *cases("rfc1928/4/header-only", "rfc1928/6/bind-exchange", "rfc1928/7/one-octet")],
    "deviates": ["run", "socks5-server", "--exec", SOCKS5, "--without", "bind", *REPORTS,
                 "--bundle", "{folder}/bundles", *cases("rfc1928/4/header-only", "rfc1928/6/no-bind")],
    "ss-server": ["run", "ss-server", "--exec", SERVER, *METHOD, *REPORTS,
                  *cases("ss-address/header/ipv4", "ss-udp/relay/ipv4")],
    "ss-local": ["run", "ss-local", "--exec", LOCAL, *METHOD, "--without", "bind", *REPORTS,
                 *cases("ss-address/local/ipv4", "ss-udp/local/ipv4")],
    "client": ["run", "socks5-client", "--exec", CLIENT, *REPORTS, *cases("rfc1928/3/client-greeting")],
    "fuzz": ["fuzz", "socks5-server", "--exec", SOCKS5, "--runs", "10",
             "--bundle", "{folder}/findings", *cases("rfc1928/4/header-only")],
    "vectors": ["vectors", "vectors/socks5/selection.json", "vectors/shadowsocks/subkey.json"],
    "list": ["list"],
    "explain": ["explain", "rfc1928/4/header-only"],
    "coverage": ["coverage"],
    "replay": ["replay", "{bundle}", "--exec", SOCKS5],
}


class Around:
    def __init__(self, plain: Path, logs: Path) -> None:
        self.plain, self.folder = plain, logs / f"suite-{os.getpid()}"
        self.without: dict[str, tuple[int, object]] = {}  # status and findings of no failure
        self.bundle = logs / f"bundle-{os.getpid()}"
        # What a run leaves running becomes a child of this process.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def words(self, name: str) -> list[str]:
        places = {"plain": self.plain, "folder": self.folder,
                  "bundle": self.bundle / "rfc1928_6_no-bind.json"}
        if not self.bundle.exists():
            deviates = [word.format(plain=self.plain, folder=self.folder)
                        for word in SCENARIOS["deviates"]]
            subprocess.run([self.plain / "sockspec", *deviates, "--bundle", self.bundle],
                           stdout=subprocess.DEVNULL, check=False)
        return [word.format(**places) for word in SCENARIOS[name]]


def children() -> set[int]:
    return {int(pid) for task in Path("/proc/self/task").iterdir()
            for pid in (task / "children").read_text().split()}


def left_behind(before: set[int]) -> list[str]:
    """Names of processes that a run has started and not ended."""
    until = time.monotonic() + 5
    while more := children() - before:
        for pid in list(more):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                more.discard(pid)
        if more and time.monotonic() > until:
            names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in more]
            for pid in more:
                os.kill(pid, 9)
                os.waitpid(pid, 0)
            return names
        time.sleep(0.01)
    return []


def findings(folder: Path, stdout: str) -> object:
    """What a report says of each case; of a command that reports nothing, its words."""
    report = folder / "report.json"
    if not report.exists():
        return None
    found = json.loads(report.read_text() or '{"cases": []}')
    return {case["id"]: case["verdict"] for case in found["cases"]}


def judge(name: str, around: Around, done: subprocess.CompletedProcess, stdout: str) -> list[str]:
    told = (done.stdout + done.stderr)[-6000:]
    wrong = [f"output has {sign!r}:\n{told}" for sign in calls.SIGNS if sign in done.stderr]
    if done.returncode not in STATUSES:
        return [*wrong, f"exit status {done.returncode}:\n{told}"]
    if wrong:
        return wrong
    reports = "--report" in SCENARIOS[name]
    said = findings(around.folder, stdout) if reports else stdout if name not in TIMED else None
    if name not in around.without:
        around.without[name] = done.returncode, said
        return [] if done.returncode in (0, 1) else [f"exit status {done.returncode}:\n{told}"]
    status, before = around.without[name]
    if done.returncode == status:
        return [] if said == before else [f"status {status}, but it reports {said}:\n{told}"]
    if done.returncode < 2:
        return [f"exit status {done.returncode} instead of {status}:\n{told}"]
    if name == "vectors" and ": " in done.stderr:  # such a line begins with the name of the file
        return []
    unsure = done.returncode == ERROR and ("ERROR" in stdout or "INCONCLUSIVE" in stdout)
    if not unsure and not any(line.startswith("sockspec") for line in done.stderr.splitlines()):
        return [f"exit status {done.returncode}, and no line says why:\n{told}"]
    return []


def trial(name: str, program: str, around: Around, log: Path, inject: str | None) -> list[str]:
    shutil.rmtree(around.folder, ignore_errors=True)
    around.folder.mkdir(parents=True)
    before = children()
    out = around.folder / "stdout"
    with out.open("w") as stdout:
        started = subprocess.Popen([program, *around.words(name)], stdin=subprocess.DEVNULL,
                                   stdout=stdout, stderr=subprocess.PIPE, text=True,
                                   env=calls.environment(log, inject))
        try:
            _, stderr = started.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            started.kill()
            started.communicate()
            return [f"does not end within {SECONDS} s", *left_behind(before)]
    text = out.read_text(errors="replace")
    done = subprocess.CompletedProcess(started.args, started.returncode, text, stderr)
    wrong = judge(name, around, done, text)
    return wrong + [f"left running: {one}" for one in left_behind(before)]
