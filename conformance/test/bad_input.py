#!/usr/bin/env python3
"""Mistakes on the command line, peers that are not there or fall over: one line, the right status.

usage: bad_input.py SOCKSPEC
"""

import fcntl
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).parent
SOCKSPEC = sys.argv[1] if len(sys.argv) > 1 else "build/sockspec"
FIXTURE = f"exec {sys.executable} {HERE}/fixture.py --host {{host}} --port {{port}}"
RUN = ["run", "socks5-server"]
CLIENT = ["run", "socks5-client", "--exec", "true {proxy} {target}"]
CONFORMS, FAILS, USAGE, NO_PEER, NOTHING, SUITE = range(6)


def sockspec(*arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    done = subprocess.run([SOCKSPEC, *arguments], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class CommandLine(unittest.TestCase):
    def refused(self, status: int, words: str, *arguments: str) -> None:
        """One line on stderr that has the words; nothing on stdout."""
        got, out, err = sockspec(*arguments)
        self.assertEqual((got, out), (status, ""), (arguments, err))
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("sockspec"), err)
        self.assertIn(words, err)

    def test_usage(self) -> None:
        target = ["--target", "127.0.0.1:1"]
        for words, *arguments in [
            ('unknown command "fly"', "fly"),
            ("no role", "run", *target),
            ('unknown role "socks4"', "run", "socks4", *target),
            ("more than one role", *RUN, "ss-local", *target),
            ("one of --target, --exec and --peer", *RUN),
            ("one of --target, --exec and --peer", *RUN, *target, "--exec", "true"),
            ("no ':' before a port", *RUN, "--target", "localhost"),
            ("1 to 65535", *RUN, "--target", "127.0.0.1:99999"),
            ("brackets", *RUN, "--target", "::1:1080"),
            ("expected USER:PASS", *RUN, *target, "--auth", "alice"),
            ('unknown feature "flight"', *RUN, *target, "--without", "bind,flight"),
            ('unknown, expected http or pipe', *CLIENT, "--payload", "file"),
            ("--payload is for", *RUN, "--exec", "true", "--payload", "pipe"),
            ("a client is started by", "run", "socks5-client", *target),
            ("has {tarpit}, expected one of {target_host}", *CLIENT[:-1], "{tarpit}"),
            ("no {target", *CLIENT[:-1], "{proxy}"),
            ("no {user}", *CLIENT[:-1], "{proxy} {target}", "--auth", "alice:secret"),
            ("--level could", *RUN, *target, "--level", "could"),
            ("--segment half", *RUN, *target, "--segment", "half"),
            ("--jobs 0", *RUN, *target, "--jobs", "0"),
            ("--jobs many", *RUN, *target, "--jobs", "many"),
            ("--seed -1", *RUN, *target, "--seed", "-1"),
            ("--timeout 1s", *RUN, *target, "--timeout", "1s"),
            ("--origin here", *RUN, *target, "--origin", "here"),
            ("expected text=FILE, tap=FILE, junit=FILE", *RUN, *target, "--report", "pdf=x"),
            ("its folder does not exist", *RUN, *target, "--report", "json=/no/such/x.json"),
            ("it is a folder", *RUN, *target, "--report", "json=/"),
            ("no such peer", "run", "--peer", "nobody"),
            ("{nothing}", *RUN, "--exec", "true {nothing}"),
            ("unknown role", "list", "socks4"),
            ("expected one ID", "explain"),
            ('unknown id "rfc1928/3/x"', "explain", "rfc1928/3/x"),
            ("--method METHOD", "run", "ss-server", *target),
            ("--method METHOD", "run", "ss-server", *target, "--method", "aes-128-gcm"),
            ("at least one octet", "run", "ss-server", *target, "--method", "aes-128-gcm",
             "--password", ""),
            ("no such method", "run", "ss-server", *target, "--method", "rot13", "--password", "x"),
            ("no one-time auth with an AEAD method", "run", "ss-server", *target, "--method",
             "aes-128-gcm", "--password", "x", "--ota"),
            ("of ss-server and ss-local", *RUN, *target, "--method", "aes-128-gcm"),
            ("takes nothing", "coverage", "all"),
            ("sockspec run: unrecognized option '--fly'", "run", "--fly"),
            ("sockspec list: unrecognized option '--fly'", "list", "--fly"),
            ("sockspec run: option '--target' requires an argument", "run", "--target"),
            ("--jobs 0x10", *RUN, *target, "--jobs", "0x10"),
            ("--pcap: expected the name of a file", *RUN, *target, "--pcap", ""),
            ("more than 16 reports", *RUN, *target, *[f"--report=tap={n}" for n in range(17)]),
            ("another report goes to this file", *RUN, *target, "--report", "tap=x", "--report",
             "json=x"),
            ("no file can be made beside it", *RUN, *target, "--report", "json=" + "x" * 300),
            ("no file can be made beside it", *RUN, *target, "--report", "json=/proc/x"),
            ("of at most 3500 octets", *RUN, *target, "--bundle", "x/" * 2050),
            ("expected a folder", *RUN, *target, "--bundle", __file__),
            ("File name too long", *RUN, *target, "--bundle", "x" * 300),
            ("Is a directory", "run", "--peer", "/"),
            ("no such peer", "run", "--peer", "x" * 5000),
            ("Is a directory", *RUN, *target, "--baseline", "/"),
            ('unknown id "a?b"', "explain", "a\nb"),
        ]:
            with self.subTest(arguments):
                self.refused(USAGE, words, *arguments)
        self.assertEqual(sockspec()[0], USAGE)

    def test_no_room_for_what_is_said(self) -> None:
        """A full disk, or no stdout at all."""
        for arguments in (["--help"], ["--version"], ["run", "--help"], ["fuzz", "--help"],
                          ["replay", "--help"], ["vectors", "--help"], ["list"], ["coverage"],
                          [*RUN, "--exec", FIXTURE, "--case", "rfc1928/3/known-*"]):
            with self.subTest(arguments), open("/dev/full", "w") as full:
                done = subprocess.run([SOCKSPEC, *arguments], stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=120)
                self.assertEqual((done.returncode, done.stderr),
                                 (SUITE, "sockspec: stdout cannot be written to\n"))
        done = subprocess.run(["/bin/sh", "-c", f"{SOCKSPEC} --help >&-"], stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, SUITE)

    def test_nothing_selected(self) -> None:
        target = ["--target", f"127.0.0.1:{closed_port()}"]
        self.refused(NOTHING, "no case has such an id", *RUN, *target, "--case", "rfc1928/9/*")
        self.refused(NOTHING, "no case is selected", *RUN, *target, "--case", "rfc1928/3/http",
                     "--not", "*/http")
        self.refused(NOTHING, "no case matches", "list", "--case", "rfc1928/9/*")

    def test_help(self) -> None:
        for arguments in [["--help"], ["--version"], *([name, "--help"] for name in
                          ("run", "list", "explain", "coverage", "vectors"))]:
            status, out, err = sockspec(*arguments)
            self.assertEqual((status, err), (0, ""), arguments)
            self.assertTrue(all(len(line) <= 80 for line in out.splitlines()), arguments)

    def test_manual(self) -> None:
        """The man page has every command and every option of run, and no others."""
        manual = (HERE.parent / "sockspec.1").read_text()
        commands = re.findall(r"^  (\w+) ", sockspec("--help")[1], re.M)
        self.assertEqual(re.findall(r"^\.It Cm (\w+)", manual, re.M),
                         [name for name in commands if name != "sockspec"])
        options = re.findall(r"^  (?:-v, )?--([a-z-]+)", sockspec("run", "--help")[1], re.M)
        told = [name for line in re.findall(r"^\.It (Fl .*)", manual, re.M)
                for name in re.findall(r"Fl -([a-z-]+)", line)]
        self.assertEqual(sorted(told), sorted(options))

    def test_manifests(self) -> None:
        good = (HERE.parent / "peers/microsocks.json").read_text()
        for words, text in [
            (":1:8:", "nonsense"),
            ('unknown key "colour"', good.replace('"licence"', '"colour": 1, "licence"')),
            ('key "about" is missing', good.replace('"about"', '"name2"').replace(
                '"name2": "A small threaded SOCKS5 server; one receive for each message.",', "")),
            ("has no role", good.replace("socks5-server", "socks6-server")),
            ("payload: not of this role", good.replace('"files"', '"payload": "pipe", "files"')),
            ('unknown feature "flight"', good.replace('"udp"', '"flight"')),
            ("start[0]: expected a string", good.replace('["microsocks", "-i", "{host}", "-p", '
                                                        '"{port}"]', "[1]")),
            ('"../x" is not the name', good.replace('"files": {}', '"files": {"../x": []}')),
            ('"" is not the name', good.replace('"files": {}', '"files": {"": []}')),
            ("name: expected a string", good.replace('"name": "microsocks"', '"name": 1')),
            ('unknown key "col?our"', good.replace('"licence"', '"col\\nour": 1, "licence"')),
            ("start: expected a program", good.replace('["microsocks", "-i", "{host}", "-p", '
                                                       '"{port}"]', "[]")),
        ]:
            with self.subTest(words), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "peer.json")
                path.write_text(good.replace("socks5-server", "socks5-client"))
                self.refused(USAGE, 'payload: expected "http"', "run", "--peer", str(path))
                path.write_text(text)
                self.refused(USAGE, words, *RUN, "--peer", str(path))
                self.refused(USAGE, str(path), "run", "--peer", str(path))


class Scripts(unittest.TestCase):
    def test_matrix(self) -> None:
        """conformance/mutants/matrix: one line, and nothing is left that it has begun."""
        environment = {key: value for key, value in os.environ.items() if key != "MUTANT_CC"}
        with tempfile.TemporaryDirectory() as folder:
            for words, *arguments in [
                ("/no/such/program", "run", "/no/such/program", folder),
                ("$MUTANT_CC is not set", "run", SOCKSPEC, folder),
                ("no mutant nobody", "refresh", "nobody"),
            ]:
                done = subprocess.run([HERE.parent / "mutants/matrix", *arguments], text=True,
                                      capture_output=True, timeout=60, env=environment)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
                self.assertTrue(done.stderr.startswith("matrix: "), done.stderr)
                self.assertIn(words, done.stderr)
            self.assertEqual(os.listdir(folder), [])


class Peers(unittest.TestCase):
    def test_unreachable(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            status, out, err = sockspec(*RUN, "--target", f"127.0.0.1:{closed_port()}",
                                        "--report", f"json={folder}/report.json")
            self.assertEqual((status, out), (NO_PEER, ""))
            self.assertIn("Connection refused", err)
            self.assertEqual(os.listdir(folder), [])

    def test_client_that_does_not_work(self) -> None:
        """It has no socket to be judged by: no peer, and its own words."""
        for words, command in (("exited with status 127", "no-such-client {proxy} {target}"),
                               ("cannot go on", "echo I cannot go on >&2; : {proxy} {target}")):
            status, out, err = sockspec(*CLIENT[:-1], command)
            self.assertEqual((status, out, err.count("\n")), (NO_PEER, "", 1), err)
            self.assertIn(words, err)

    def test_dies_at_start(self) -> None:
        status, _, err = sockspec(*RUN, "--exec", "echo cannot find my teeth >&2; exit 3")
        self.assertEqual(status, NO_PEER)
        self.assertIn("it ended at start; its last line: cannot find my teeth", err)
        status, _, err = sockspec(*RUN, "--exec", "/no/such/program")
        self.assertEqual(status, NO_PEER)
        self.assertIn("not found", err)

    def test_wants_credentials(self) -> None:
        status, _, err = sockspec(*RUN, "--exec", FIXTURE + " --auth a:b")
        self.assertEqual(status, NO_PEER)
        self.assertIn("give --auth USER:PASS", err)

    def test_dies_in_a_case(self) -> None:
        status, out, _ = sockspec(*RUN, "--exec", FIXTURE + " --defect crash-on-bad-atyp",
                                  "--case", "rfc1928/5/type-[05]", "--case", "rfc1928/3/known-*")
        self.assertEqual(status, FAILS)
        self.assertIn("found     the peer died", out)
        self.assertIn("3 pass, 2 fail", out)

    def test_all_skipped(self) -> None:
        status, _, err = sockspec(*RUN, "--exec", FIXTURE, "--case", "rfc1929/*")
        self.assertEqual(status, NOTHING)
        self.assertIn("every case that was selected is skipped", err)

    def test_too_few(self) -> None:
        status, _, err = sockspec(*RUN, "--exec", FIXTURE, "--case", "rfc1928/3/known-*",
                                  "--min-cases", "4")
        self.assertEqual(status, NOTHING)
        self.assertIn("--min-cases", err)

    def test_report_is_whole_or_not_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.json")
            path.write_text("old")
            sockspec(*RUN, "--target", f"127.0.0.1:{closed_port()}", "--report", f"json={path}")
            self.assertEqual(path.read_text(), "old")
            status, _, _ = sockspec(*RUN, "--exec", FIXTURE, "--case", "rfc1928/3/known-*",
                                    "--report", f"json={path}")
            self.assertEqual(status, CONFORMS)
            self.assertTrue(path.read_text().endswith("}\n"))
            self.assertEqual(os.listdir(folder), ["report.json"])

    def test_report_to_what_is_no_file(self) -> None:
        """A device is written to and stays one; of a link, what it leads to is written anew."""
        def said(name: object) -> tuple[int, str]:
            status, _, err = sockspec(*RUN, "--exec", FIXTURE, "--case", "rfc1928/3/known-*",
                                      "--report", f"json={name}")
            return status, err

        with tempfile.TemporaryDirectory() as folder:
            path, link, pipe = (pathlib.Path(folder, name) for name in ("file", "link", "pipe"))
            path.write_text("old")
            link.symlink_to("file")
            self.assertEqual(said(link), (CONFORMS, ""))
            self.assertTrue(link.is_symlink())
            self.assertTrue(path.read_text().endswith("}\n"))
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 1 << 20)
            self.assertEqual(said(pipe), (CONFORMS, ""))
            self.assertTrue(os.read(reader, 1 << 20).endswith(b"}\n"))
            os.close(reader)
            self.assertTrue(pipe.is_fifo())
            self.assertEqual(sorted(os.listdir(folder)), ["file", "link", "pipe"])

    def test_no_room_for_files(self) -> None:
        """A disk that is full behind the first octets of each file: the old report stays."""
        def limited() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.json")
            path.write_text("old")
            for option in (["--report", f"json={path}"], ["--bundle", f"{folder}/kept"]):
                done = subprocess.run([SOCKSPEC, *RUN, "--exec", FIXTURE + " --defect no-reply-bad-atyp",
                                       "--case", "rfc1928/5/type-5", *option], preexec_fn=limited,
                                      capture_output=True, text=True, timeout=120,
                                      env={**os.environ, "LLVM_PROFILE_FILE": "/dev/null"})
                self.assertEqual((done.returncode, done.stderr.count("\n")), (SUITE, 1), done.stderr)
                self.assertIn("it cannot be written in full", done.stderr)
            self.assertEqual(path.read_text(), "old")
            self.assertEqual([*pathlib.Path(folder).glob("*.*.*"), *os.listdir(f"{folder}/kept")], [])

    def test_temporary_folder(self) -> None:
        """A long TMPDIR is as good as a short one; one that is not there is named."""
        with tempfile.TemporaryDirectory() as folder:
            long = pathlib.Path(folder, "x" * 100, "y" * 100)
            long.mkdir(parents=True)
            for place, status, words in [(long, CONFORMS, ""), (f"{folder}/none", SUITE, "No such"),
                                         ("/" + "x/" * 300, SUITE, "File name too long")]:
                done = subprocess.run([SOCKSPEC, *RUN, "--exec", f": {{dir}}; {FIXTURE}", "--case",
                                       "rfc1928/3/known-*"], capture_output=True, text=True,
                                      timeout=120, env=os.environ | {"TMPDIR": str(place)})
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertLessEqual(done.stderr.count("\n"), 1)
            self.assertEqual(os.listdir(long), [])

    def test_nothing_is_left_behind(self) -> None:
        """A peer that forks, ignores SIGTERM and floods its output ends with the run."""
        with tempfile.TemporaryDirectory() as folder:
            pids = pathlib.Path(folder, "pids")
            command = (f"trap '' TERM; (setsid sh -c 'trap \"\" TERM; echo $$ >> {pids}; "
                       f"while :; do sleep 0.1; done') & yes & echo $! >> {pids}; {FIXTURE[5:]}")
            status, _, err = sockspec(*RUN, "--exec", command, "--case", "rfc1928/3/known-*")
            self.assertEqual(status, CONFORMS, err)
            for pid in pids.read_text().split():
                self.assertFalse(pathlib.Path("/proc", pid).exists())

    def test_interrupt(self) -> None:
        """Ctrl-C ends the peer too."""
        with tempfile.TemporaryDirectory() as folder:
            pid_file = pathlib.Path(folder, "pid")
            suite = subprocess.Popen(
                [SOCKSPEC, *RUN, "--exec", f"echo $$ > {pid_file}; {FIXTURE}", "--segment", "all"],
                stdout=subprocess.DEVNULL)
            while not (pid_file.exists() and pid_file.read_text().endswith("\n")):
                time.sleep(0.02)
            time.sleep(0.8)
            suite.send_signal(signal.SIGINT)
            self.assertEqual(suite.wait(10), -signal.SIGINT)
            self.assertFalse(pathlib.Path("/proc", pid_file.read_text().strip()).exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
