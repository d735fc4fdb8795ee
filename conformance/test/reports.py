#!/usr/bin/env python3
"""Reports in every form, held to their schemas and to each other.

usage: reports.py SOCKSPEC
"""

import collections
import functools
import html.parser
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = HERE.parent / "report/schema"
PEERS = HERE.parent / "peers"
sys.path.insert(0, str(HERE.parents[1] / "vectors/reader"))
from schema import Schema  # noqa: E402

SOCKSPEC = sys.argv[1] if len(sys.argv) > 1 else "build/sockspec"
FIXTURE = f"exec {sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}}"
FORMATS = ("text", "tap", "junit", "json", "html", "pcapng", "baseline")
CONFORMS, FAILS, USAGE = range(3)


def run(*options: str, defects: tuple[str, ...] = (), tail: str = "") -> tuple[int, dict]:
    """Exit status, and the reports of a run on the fixture by format; "err" is stderr."""
    command = FIXTURE + "".join(f" --defect {name}" for name in defects) + tail
    with tempfile.TemporaryDirectory() as folder:
        reports = [word for name in FORMATS for word in ("--report", f"{name}={folder}/{name}")]
        ended = subprocess.run([SOCKSPEC, "run", "socks5-server", "--exec", command, *reports,
                                *options], capture_output=True, timeout=120)
        found = {file.name: file.read_bytes() for file in pathlib.Path(folder).iterdir()}
    found["err"] = ended.stderr
    if "json" in found:
        found["json"] = json.loads(found["json"])
    return ended.returncode, found


def schema(path: pathlib.Path) -> Schema:
    return Schema(json.loads(path.read_text()))


# Every verdict that a peer can cause: FAIL with and without octets, QUIRK, CHOICE, SKIP; a death.
BROKEN = ("request-one-recv", "crash-on-bad-atyp", "bind-zero", "udp-empty-dropped",
          "half-close-kills-response")


@functools.cache
def broken() -> tuple[int, dict]:
    return run("--case", "rfc1928/[4567]/*", defects=BROKEN, tail=" # </script><b>&'\" ]]>")


@functools.cache
def good() -> tuple[int, dict]:
    return run(*(word for glob in ("3/known-*", "5/ipv?", "6/success-form", "6/target-first")
                 for word in ("--case", f"rfc1928/{glob}")), "--segment", "all", "--timeout", "10")


# ---- readers, strict ----------------------------------------------------------------------------
def read_tap(text: str) -> list[tuple[bool, str, str, str]]:
    """(ok, name, directive, its text) of each point; ValueError where the stream is not TAP 14."""
    lines = text.splitlines()
    plan = re.fullmatch(r"1\.\.([0-9]+)", lines[1])
    if lines[0] != "TAP version 14" or not plan:
        raise ValueError("no version or plan")
    points, inside = [], False
    for number, line in enumerate(lines[2:], 3):
        point = re.fullmatch(r"(not )?ok ([0-9]+) - ([^#\\]+?)(?: # (SKIP|TODO) (.+))?", line)
        if inside:
            if line == "  ...":
                inside = False
            elif not re.fullmatch(r'  [a-z]+: "(?:[^"\\]|\\.)*"', line):
                raise ValueError(f"line {number}: not YAML as written here: {line}")
        elif line == "  ---" and points and not points[-1][0]:
            inside = True
        elif point and int(point[2]) == len(points) + 1:
            points.append((not point[1], point[3], point[4] or "", point[5] or ""))
        elif not line.startswith("# "):
            raise ValueError(f"line {number}: {line}")
    if inside or len(points) != int(plan[1]):
        raise ValueError("not as many points as planned")
    return points


class Page(html.parser.HTMLParser):
    """The elements of a page: tags with their attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        else:
            self.text += data


def read_pcapng(octets: bytes) -> list[tuple[int, bytes, int, str]]:
    """(time in us, octets, length in all, comment) of each packet."""
    packets, at = [], 0
    while at < len(octets):
        kind, size = struct.unpack_from("<II", octets, at)
        if size % 4 or octets[at + size - 4:at + size] != struct.pack("<I", size):
            raise ValueError(f"block at {at}: length {size}")
        if kind == 6:
            _, high, low, kept, length = struct.unpack_from("<IIIII", octets, at + 8)
            options = at + 28 + (kept + 3) // 4 * 4
            code, n = struct.unpack_from("<HH", octets, options)
            if code != 1:
                raise ValueError(f"block at {at}: no comment")
            packets.append((high << 32 | low, octets[at + 28:at + 28 + kept], length,
                            octets[options + 4:options + 4 + n].decode()))
        elif (kind, at) != (0x0A0D0D0A, 0) and kind != 1:
            raise ValueError(f"block at {at}: type {kind}")
        at += size
    return packets


def ones_sum(octets: bytes) -> int:
    """The Internet checksum's sum: 0xffff where the checksum in it is right."""
    total = sum(struct.unpack(f">{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def lint(text: bytes) -> str:
    """What xmllint says of JUnit XML against the schema; nothing when it validates."""
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMAS / "junit.xsd", "-"],
                          input=text, capture_output=True)
    return "" if done.returncode == 0 else done.stderr.decode()


def counts(cases: list[dict], *verdicts: str) -> int:
    return sum(case["verdict"] in verdicts for case in cases)


# ---- the forms ----------------------------------------------------------------------------------
class Forms(unittest.TestCase):
    def test_the_runs_show_everything(self) -> None:
        """Else the tests below look at less than they say."""
        status, reports = broken()
        cases = reports["json"]["cases"]
        self.assertEqual(status, FAILS)
        self.assertLessEqual({"PASS", "FAIL", "QUIRK", "SKIP"}, {case["verdict"] for case in cases})
        self.assertTrue(any(case["choice"] for case in cases))
        self.assertTrue(any(case.get("mark") for case in cases))
        self.assertGreater(reports["json"]["restarts"], 0)
        self.assertEqual(good()[0], CONFORMS)
        self.assertEqual({case["segment"] for case in good()[1]["json"]["cases"]},
                         {"whole", "bytes", "split", "coalesced"})

    def test_json(self) -> None:
        rules = schema(SCHEMAS / "report.schema.json")
        for _, reports in (broken(), good()):
            report = reports["json"]
            self.assertEqual(rules.faults(report), [])
            for verdict, n in report["totals"].items():
                self.assertEqual(counts(report["cases"], verdict), n)
                self.assertEqual(sum(level[verdict] for level in report["levels"].values()), n)
        fail = next(i for i, case in enumerate(report["cases"]) if case["verdict"] == "PASS")
        for change in ({"verdict": "pass"}, {"colour": "red"}, {"id": "rfc1928/3"}, {"ms": "1"},
                       {"events": []}, {"verdict": "FAIL"}):
            bad = report | {"cases": [report["cases"][fail] | change]}
            self.assertNotEqual(rules.faults(bad), [], change)

    def test_junit(self) -> None:
        for _, reports in (broken(), good()):
            cases, text = reports["json"]["cases"], reports["junit"]
            self.assertEqual(lint(text), "")
            root = ElementTree.fromstring(text)
            found = [case for suite in root for case in suite]
            self.assertEqual(len(found), len(cases))
            for element, number in (("failure", counts(cases, "FAIL")),
                                    ("error", counts(cases, "INCONCLUSIVE", "ERROR")),
                                    ("skipped", counts(cases, "SKIP", "QUIRK"))):
                self.assertEqual(len(root.findall(f".//{element}")), number)
                total = {"failure": "failures", "error": "errors"}.get(element, element)
                self.assertEqual(root.get(total), str(number))
                self.assertEqual(sum(int(suite.get(total)) for suite in root), number)
            for case, element in zip(cases, found):
                name = f"{element.get('classname').replace('.', '/', 1)}/{element.get('name')}"
                self.assertTrue(name.startswith(case["id"]), (name, case["id"]))
                if case["verdict"] == "FAIL":
                    self.assertEqual(element[0].get("message"), case["reason"])
                    self.assertIn(case["again"], element[0].text)
        for bad in (text.replace(b'time="', b'taim="', 1), text.replace(b"</testsuites>", b"")):
            self.assertNotEqual(lint(bad), "")

    def test_tap(self) -> None:
        for _, reports in (broken(), good()):
            cases, points = reports["json"]["cases"], read_tap(reports["tap"].decode())
            self.assertEqual(len(points), len(cases))
            for case, (ok, name, directive, says) in zip(cases, points):
                self.assertEqual(name.split(", ")[0], case["id"])
                self.assertEqual((ok, directive), {
                    "PASS": (True, ""), "SKIP": (True, "SKIP"), "QUIRK": (False, "TODO"),
                }.get(case["verdict"], (False, "")), case["id"])
                self.assertEqual(bool(says), bool(directive))
        with self.assertRaises(ValueError):
            read_tap(reports["tap"].decode().rsplit("ok ", 1)[0])

    def test_text(self) -> None:
        text = broken()[1]["text"].decode()
        for case in broken()[1]["json"]["cases"]:
            if case["verdict"] in ("FAIL", "QUIRK"):
                self.assertIn(f"{case['verdict']} {case['id']}\n", text)
                self.assertIn(f"  again     {case['again']}\n", text)

    def test_page(self) -> None:
        for _, reports in (broken(), good()):
            text = reports["html"].decode()
            page = Page(text)
            self.assertEqual(json.loads(page.scripts[0]), reports["json"])
            self.assertEqual(len(page.scripts), 2)
            self.assertNotRegex(text, r"(?i)\b(src|href|action|import|fetch)\b *[=(]|url\(|https?:")
            self.assertNotIn("<!--", text)
            rows = [at for tag, at in page.tags if tag == "tr" and "data-case" in at]
            self.assertEqual(sorted(int(row["data-case"]) for row in rows),
                             list(range(len(reports["json"]["cases"]))))
            for row in rows:
                case = reports["json"]["cases"][int(row["data-case"])]
                self.assertEqual((row["data-verdict"], row["data-level"]),
                                 (case["verdict"], case["level"]))
                self.assertIn(case["says"], page.text)
                self.assertIn(case["reason"], page.text)
            for tag, at in page.tags:
                if tag == "th":
                    self.assertIn(at.get("scope"), ("row", "col"))

    def test_pcapng(self) -> None:
        for _, reports in (broken(), good()):
            packets = read_pcapng(reports["pcapng"])
            self.assertEqual([packet[0] for packet in packets], sorted(p[0] for p in packets))
            octets = collections.Counter()
            for _, kept, length, comment in packets:
                size = 28 if kept[9] == 17 else 40
                self.assertEqual(struct.unpack_from(">H", kept, 2)[0], length)
                self.assertEqual(ones_sum(kept[:20]), 0xFFFF)
                if len(kept) == length:
                    pseudo = kept[12:20] + struct.pack(">HH", kept[9], length - 20)
                    self.assertEqual(ones_sum(pseudo + kept[20:]), 0xFFFF)
                verdict, case = re.match(r"([A-Z]+) ([^,:]+)", comment).groups()
                octets[verdict, case] += length - size
            shown = collections.Counter()
            for case in reports["json"]["cases"]:
                for event in case.get("events", []):
                    shown[case["verdict"], case["id"]] += event.get("octets", 0)
            for key, n in shown.items():
                self.assertEqual(octets[key], n, key)

    def test_pcapng_in_wireshark(self) -> None:
        if not shutil.which("tshark"):
            print("LEFT OUT: no tshark here (apt-get install tshark), so Wireshark's own reader "
                  "has not seen the pcapng", file=sys.stderr)
            self.skipTest("no tshark")
        for _, reports in (broken(), good()):
            with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
                file.write(reports["pcapng"])
                file.flush()
                read = functools.partial(subprocess.run, capture_output=True, text=True)
                options = ["-r", file.name, "-o", "tcp.check_checksum:TRUE", "-o",
                           "ip.check_checksum:TRUE", "--disable-protocol", "socks"]
                seen = read(["tshark", *options, "-T", "fields", "-e", "frame.number",
                             "-e", "frame.comment"])
                self.assertEqual(seen.returncode, 0, seen.stderr)
                said = [line for line in seen.stderr.splitlines() if "Running as user" not in line]
                self.assertEqual(said, [])
                packets = read_pcapng(reports["pcapng"])
                self.assertEqual([line.split("\t")[1] for line in seen.stdout.splitlines()],
                                 [packet[3] for packet in packets])
                wrong = read(["tshark", *options, "-Y", "tcp.analysis.flags || ip.checksum.bad || "
                              "tcp.checksum.bad || udp.checksum.bad"])
                self.assertEqual(wrong.stdout, "")

    def test_sealed_octets(self) -> None:
        """What a missed case of Shadowsocks sent and got is cut into its fields."""
        command = (f"exec {sys.executable} {HERE}/local_fixture.py {{host}} {{port}} {{server_host}} "
                   "{server_port} {password} length-masked")
        ended = subprocess.run(
            [SOCKSPEC, "run", "ss-local", "--exec", command, "--method", "chacha20-ietf-poly1305",
             "--password", "barfoo!", "--without", "udp,bind", "--report", "json=-", "--case",
             "ss-aead/local/length-4001"], capture_output=True, timeout=120)
        report = json.loads(ended.stdout)
        self.assertEqual((ended.returncode, report["cases"][0]["verdict"]), (FAILS, "FAIL"))
        self.assertEqual(schema(SCHEMAS / "report.schema.json").faults(report), [])
        sealed = [event for event in report["cases"][0]["events"] if event["actor"] == "server"
                  and event["what"] in ("sent", "received")]
        self.assertGreaterEqual(len(sealed), 3)
        for event in sealed:
            self.assertEqual(sum(field["octets"] for field in event["layout"]), event["octets"])
        self.assertEqual([field["name"] for field in sealed[0]["layout"]][:5],
                         ["SALT", "LEN", "TAG", "DST", "TAG"])
        self.assertEqual(sealed[-1]["layout"][0], {"name": "LEN", "octets": 2, "note": "16385"})

    def test_control(self) -> None:
        """What fails the run and is no case's is in every form."""
        status, reports = run("--case", "rfc1928/3/two-octets", defects=("hangs",))
        self.assertEqual(status, FAILS)
        says = reports["json"]["control"]["before"]
        self.assertEqual(schema(SCHEMAS / "report.schema.json").faults(reports["json"]), [])
        self.assertIn(says, Page(reports["html"].decode()).text)
        self.assertIn(says, " ".join(reports["text"].decode().split()))
        self.assertEqual(read_tap(reports["tap"].decode())[-1], (False, "control", "", ""))
        self.assertEqual(lint(reports["junit"]), "")
        found = ElementTree.fromstring(reports["junit"]).find(".//testsuite[@name='run']//failure")
        self.assertIn(says, found.get("message"))

    def test_same_seed_same_report(self) -> None:
        options = ("--case", "rfc1928/6/*", "--seed", "7")
        first, second = (self.timeless(run(*options, defects=("bind-zero",))[1]["json"])
                         for _ in range(2))
        self.assertEqual(first, second)

    def timeless(self, report: dict) -> dict:
        """Without times, and without the ports that happened to be free."""
        for name in ("ms", "round_trip_us", "deadline_ms", "quiet_ms", "peer", "segments"):
            del report[name]
        for case in report["cases"]:
            del case["ms"]
            for name in ("expected", "received", "reason"):
                case[name] = re.sub(r"(BND:01[0-9a-f]{8})[0-9a-f]{4}", r"\1", case.get(name) or "")
            for event in case.get("events", []):
                del event["ms"]
                event["hex"] = re.sub(r"7f000001....", "7f000001", event.get("hex", ""))
        return report


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
