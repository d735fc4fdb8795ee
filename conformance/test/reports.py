#!/usr/bin/env python3
"""Reports in every form, held to their schemas and to each other; baselines.

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
            self.assertEqual(self.lint(text), "")
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
            self.assertNotEqual(self.lint(bad), "")

    def lint(self, text: bytes) -> str:
        """What xmllint says against the schema; nothing when it validates."""
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema",
                               SCHEMAS / "junit.xsd", "-"], input=text, capture_output=True)
        return "" if done.returncode == 0 else done.stderr.decode()

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

    def test_control(self) -> None:
        """What fails the run and is no case's is in every form."""
        status, reports = run("--case", "rfc1928/3/two-octets", defects=("hangs",))
        self.assertEqual(status, FAILS)
        says = reports["json"]["control"]["before"]
        self.assertEqual(schema(SCHEMAS / "report.schema.json").faults(reports["json"]), [])
        self.assertIn(says, Page(reports["html"].decode()).text)
        self.assertIn(says, " ".join(reports["text"].decode().split()))
        self.assertEqual(read_tap(reports["tap"].decode())[-1], (False, "control", "", ""))
        self.assertEqual(self.lint(reports["junit"]), "")
        found = ElementTree.fromstring(reports["junit"]).find(".//testsuite[@name='run']//failure")
        self.assertIn(says, found.get("message"))

    def test_same_seed_same_report(self) -> None:
        options = ("--case", "rfc1928/6/*", "--seed", "7")
        first, second = (self.timeless(run(*options, defects=("bind-zero",))[1]["json"])
                         for _ in range(2))
        self.assertEqual(first, second)

    def timeless(self, report: dict) -> dict:
        """Without times, and without the ports that happened to be free."""
        for name in ("ms", "round_trip_us", "peer", "segments"):
            del report[name]
        for case in report["cases"]:
            del case["ms"]
            for name in ("expected", "received", "reason"):
                case[name] = re.sub(r"(BND:01[0-9a-f]{8})[0-9a-f]{4}", r"\1", case.get(name) or "")
            for event in case.get("events", []):
                del event["ms"]
                event["hex"] = re.sub(r"7f000001....", "7f000001", event.get("hex", ""))
        return report


# ---- baselines ----------------------------------------------------------------------------------


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
        self.assertEqual(Forms().lint(reports["junit"]), "")
        points = read_tap(reports["tap"].decode())
        self.assertTrue(any(point[:3] == (False, "baseline", "") for point in points))
        return reports

    def test_a_pass_fails(self) -> None:
        entries = self.written()
        reports = self.finding("passes", f"{entries[0]['case']} passes, expected", *entries,
                               defects=())
        self.assertEqual(json.loads(reports["baseline"])["deviations"], [])

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
        done = subprocess.run([SOCKSPEC, "run", "socks5-server", "--exec", "echo started >&2; exit 1",
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
            if manifest["baseline"] is None:
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
