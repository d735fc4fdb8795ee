"""A relay in use: signals, many sessions, descriptors that run out, time that runs out."""

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from case import KINDS, Case
from cases_segments import Collector, Recorder
from harness import AEAD, HOST, PASSWORD, free_port, is_listening, wait_for
from net import connect, content, dial, exact, rest, serve_echo, serve_greeting, transfer

METHOD = AEAD[0]


def answers(port: int) -> bool:
    """Whether a greeting is answered within a second."""
    with dial(port) as sock:
        sock.settimeout(1)
        try:
            sock.sendall(b"\5\1\0")
            return sock.recv(2) == b"\5\0"
        except TimeoutError:
            return False


def drain(reader: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        if select.select([reader], [], [], 0.1)[0] and not os.read(reader, 65536):
            return


class Signals(Case):
    def setUp(self) -> None:
        self.proxy = self.socks5()
        self.process = self.running[self.proxy]

    def test_term_drains(self) -> None:
        """No new session; those that are open go on until they end; then status 0."""
        target = self.target()
        sock = connect(self.proxy, HOST, target.port)
        transfer(sock, 10, 10)
        self.process.signal(signal.SIGTERM)
        wait_for("the port closed", lambda: not is_listening(self.proxy))
        transfer(sock, 100000, 100000)
        self.assertIsNone(self.process.popen.poll())
        sock.close()
        self.assertEqual(self.process.wait(), 0)

    def test_term_without_a_session_ends_at_once(self) -> None:
        start = time.monotonic()
        self.process.signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(), 0)
        self.assertLess(time.monotonic() - start, 2)

    def test_second_term_and_int_do_not_wait(self) -> None:
        target = self.target(serve_greeting)
        for signals in ([signal.SIGTERM, signal.SIGTERM], [signal.SIGINT]):
            with self.subTest(signals):
                process = self.keep(self.relay.socks5(proxy := free_port()))
                with connect(proxy, HOST, target.port) as sock:
                    exact(sock, 1)
                    for number in signals:
                        process.signal(number)
                        self.pause(0.1)
                    self.assertEqual(process.wait(), 0)

    def test_hup_keeps_sessions_and_takes_the_new_configuration(self) -> None:
        old, new = free_port(), free_port()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "config.json")

            def write(port: int) -> None:
                file.write_text(json.dumps({"server": HOST, "server_port": port, "method": METHOD,
                                            "password": PASSWORD, "forbidden_ip": []}))
            write(old)
            process = self.keep(self.relay.start("server", "-c", str(file)).ready(old))
            sock = connect(self.local(old, METHOD), HOST, self.target().port)
            transfer(sock, 1000, 1000)
            write(new)
            process.signal(signal.SIGHUP)
            wait_for("the new port", lambda: is_listening(new) and not is_listening(old))
            with sock:
                transfer(sock, 1000, 1000)
            proxy = self.local(new, METHOD)
            self.carries(connect(proxy, HOST, self.target().port), [1000])
            file.write_text("{")
            process.signal(signal.SIGHUP)
            wait_for("a line about the file", lambda: "config.json:1:" in process.output())
            self.carries(connect(proxy, HOST, self.target().port), [1000])

    def test_a_second_hup_before_the_first_is_served_loses_no_port(self) -> None:
        """The worker is held up by a pipe of records that nobody reads."""
        old, new = free_port(), free_port()
        with tempfile.TemporaryDirectory() as folder:
            file, pipe = Path(folder, "config.json"), Path(folder, "pipe")
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, reader)
            fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)

            def write(port: int) -> None:
                file.write_text(json.dumps({"local_address": HOST, "local_port": port}))
            write(old)
            process = self.keep(self.relay.start("socks5", "-c", str(file), "--record", str(pipe),
                                                 "-v").ready(old))
            wait_for("the worker held up", lambda: not answers(old))
            write(new)
            for _ in range(2):
                process.signal(signal.SIGHUP)
                self.pause(0.3)
            self.assertFalse(is_listening(new) and answers(new))
            threading.Thread(target=drain, args=(reader, process.popen), daemon=True).start()
            wait_for("the new port", lambda: is_listening(new) and answers(new))
            wait_for("the second one done", lambda: process.output().count("read again") == 2)
            self.assertTrue(answers(new))
            self.assertFalse(is_listening(old))

    def test_hup_keeps_the_replay_filter(self) -> None:
        collector = Collector(self)
        flight = Recorder(self, METHOD).flight(HOST, collector.port, b"payload")
        port = self.server(METHOD, "-t", 1)
        answers = []
        for _ in range(2):
            with dial(port) as sock:
                sock.sendall(flight)
                sock.shutdown(socket.SHUT_WR)
                answers.append(len(rest(sock)))
            self.running[port].signal(signal.SIGHUP)
            self.pause(0.3)
        self.assertGreater(answers[0], 0)
        self.assertEqual(answers[1], 0)
        self.assertEqual(collector.target.accepted, 1)

    def test_usr1_prints_statistics(self) -> None:
        with connect(self.proxy, HOST, self.target().port) as sock:
            transfer(sock, 100, 100)
            self.process.signal(signal.SIGUSR1)
            wait_for("statistics", lambda: "datagrams_large" in self.process.output())
            words = self.process.output().split()
            self.assertEqual(words[words.index("sessions") + 1], "1")
            self.assertEqual(words[words.index("accepted") + 1], "1")


class Many(Case):
    IDLE = 1000

    def test_idle_sessions_and_a_transfer_beside_them(self) -> None:
        greeter, target = self.target(serve_greeting), self.target()
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind):
                port = self.server(method, *more)
                proxy = self.local(port, method, *more)
                processes = self.running[port], self.running[proxy]
                at_rest = [process.descriptors() for process in processes]
                idle = [connect(proxy, HOST, greeter.port) for _ in range(self.IDLE)]
                for sock in idle:
                    self.assertEqual(exact(sock, 1), b"!")
                self.carries(connect(proxy, HOST, target.port), [1, 8 << 20])
                for sock in idle:
                    sock.setblocking(False)
                    with self.assertRaises(BlockingIOError):
                        sock.recv(1)
                    sock.close()
                for process, count in zip(processes, at_rest):
                    wait_for("descriptors given back", lambda: process.descriptors() <= count + 2)

    def test_connections_at_once(self) -> None:
        target = self.target()
        for kind, (method, more) in KINDS.items():
            proxy = self.pair(method, *more)
            failures = []

            def carry() -> None:
                try:
                    with connect(proxy, HOST, target.port) as sock:
                        transfer(sock, 300000, 300000)
                except Exception as error:
                    failures.append(error)
            threads = [threading.Thread(target=carry) for _ in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [], kind)


class Descriptors(Case):
    LIMIT = 64

    def test_sheds_keeps_and_recovers(self) -> None:
        target = self.target(serve_echo)
        process = self.keep(self.relay.start("socks5", "-b", HOST, "-l", proxy := free_port(),
                                             descriptors=self.LIMIT).ready(proxy))
        with connect(proxy, HOST, target.port) as kept:
            kept.sendall(b"a")
            self.assertEqual(exact(kept, 1), b"a")
            extra = [dial(proxy) for _ in range(3 * self.LIMIT)]
            self.pause(0.5)
            before = process.cpu_seconds()
            kept.sendall(b"b")
            self.assertEqual(exact(kept, 1), b"b", "a session that was there was harmed")
            self.pause(0.5)
            self.assertLess(process.cpu_seconds() - before, 0.25, "it spins")
            lines = [line for line in process.output().splitlines() if "escriptor" in line
                     or "Too many" in line]
            self.assertGreater(len(lines), 0, process.output())
            self.assertLess(len(lines), 10, "the message is not rate-limited")
            for sock in extra:
                sock.close()

            def served() -> bool:
                try:
                    with connect(proxy, HOST, target.port) as sock:
                        sock.sendall(b"c")
                        return exact(sock, 1) == b"c"
                except (OSError, EOFError):
                    return False
            wait_for("a new session", served)


class Time(Case):
    def test_idle_session_ends_at_its_timeout(self) -> None:
        target = self.target(serve_greeting)
        proxy = self.socks5("-t", 1)
        with connect(proxy, HOST, target.port) as sock:
            exact(sock, 1)
            start = time.monotonic()
            try:
                self.assertEqual(rest(sock), b"")
            except ConnectionError:
                pass
            self.assertTrue(0.8 < time.monotonic() - start < 2.5, time.monotonic() - start)

    def test_traffic_keeps_a_session(self) -> None:
        target = self.target(serve_echo)
        with connect(self.socks5("-t", 1), HOST, target.port) as sock:
            for _ in range(6):
                self.pause(0.4)
                sock.sendall(b"x")
                self.assertEqual(exact(sock, 1), b"x")

    def test_handshake_has_a_deadline(self) -> None:
        for sent in b"", b"\x05", b"\x05\x01\x00", b"\x05\x01\x00\x05\x01":
            with self.subTest(sent), dial(self.socks5("-t", 1)) as sock:
                sock.sendall(sent)
                start = time.monotonic()
                rest(sock)
                self.assertLess(time.monotonic() - start, 2.5)

    def test_reset_by_either_side_ends_the_session(self) -> None:
        """And gives its descriptors back."""
        target = self.target(lambda sock: (sock.recv(1), reset(sock)))
        quiet = self.target(serve_greeting)
        for kind, (method, more) in KINDS.items():
            with self.subTest(kind):
                proxy = self.pair(method, *more)
                process = self.running[proxy]
                count = process.descriptors()
                with connect(proxy, HOST, target.port) as sock:
                    sock.sendall(b"x")
                    try:
                        self.assertEqual(rest(sock), b"")
                    except ConnectionError:
                        pass
                sock = connect(proxy, HOST, quiet.port)
                exact(sock, 1)
                reset(sock)
                wait_for("descriptors given back", lambda: process.descriptors() <= count + 2)

    def test_target_that_answers_nothing_does_not_hold_up_others(self) -> None:
        target, data = self.target(), content("up", 1000)
        proxy = self.pair(METHOD)
        with socket.create_server((HOST, 0), backlog=0) as full:
            port = full.getsockname()[1]
            stuck = [socket.socket() for _ in range(4)]
            for sock in stuck:
                sock.setblocking(False)
                sock.connect_ex((HOST, port))
            with connect(proxy, HOST, port) as waiting:
                waiting.sendall(data)
                self.carries(connect(proxy, HOST, target.port), [1000])
            for sock in stuck:
                sock.close()


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()
