"""Configurations: what is refused, by one line that says where and what was expected, and what is
served."""

import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from case import Case
from harness import AEAD, HOST, PASSWORD, free_port, is_listening
from net import Refused, connect, content, transfer

METHOD = AEAD[0]
SERVER = ("server", "-s", HOST, "-k", "secret-word", "-m", METHOD)

# Arguments, and words of the one line that refuses them.
BAD_ARGUMENTS = [
    (["no-such-role"], ["no-such-role", "expected"]),
    ([*SERVER, "-p", "0"], ["port", "1 to 65535"]),
    ([*SERVER, "-p", "65536"], ["port", "1 to 65535"]),
    ([*SERVER, "-p", "8388x"], ["port", "1 to 65535"]),
    ([*SERVER, "--no-such-option"], ["--no-such-option"]),
    ([*SERVER, "-p"], ["-p", "missing"]),
    ([*SERVER, "-m", "rot13"], ["method", "rot13", "aes-256-gcm"]),
    ([*SERVER, "-t", "soon"], ["timeout", "seconds"]),
    ([*SERVER, "-t", "0"], ["timeout", "seconds"]),
    ([*SERVER, "--mode", "both"], ["mode", "tcp_and_udp"]),
    ([*SERVER, "--workers", "many"], ["workers"]),
    ([*SERVER, "--forbidden-ip", "10.0.0.0/33"], ["forbidden_ip", "10.0.0.0/33"]),
    ([*SERVER, "-a"], ["one_time_auth", "stream"]),
    ([*SERVER, "stray"], ["stray"]),
    ([*SERVER, "-k", ""], ["password"]),
    (["server", "-s", HOST, "-m", METHOD], ["password"]),
    (["local", "-k", "x", "-m", METHOD], ["server"]),
    (["local", "ss://not-a-uri"], ["ss:"]),
    (["tunnel", "-s", HOST, "-k", "x", "-m", METHOD], ["tunnel"]),
    (["tunnel", "-s", HOST, "-k", "x", "-m", METHOD, "-L", "nowhere"], ["tunnel", "HOST:PORT"]),
    (["socks5", "--auth", "nobody"], ["auth", "USER:PASSWORD"]),
    ([*SERVER, "-c", "/no/such/file.json"], ["/no/such/file.json"]),
    ([*SERVER, "-c", "/"], ["/"]),
    ([*SERVER, "-c", "no\nfile"], ["no?file"]),
    (["socks5", "-b", "no\nhost", "-l", "1"], ["no?host"]),
    (["no\nrole"], ["no?role", "expected"]),
    (["socks5", "--record", "/"], ["record", "Is a directory"]),
    (["socks5", "--record", "/no/such/file"], ["record", "/no/such/file"]),
    (["socks5", "--record-payload"], ["record"]),
]

# The text of a file, and words of the one line; FILE stands for its name.
BAD_FILES = [
    ("", ["FILE"]),
    ("{", ["FILE", ":1:"]),
    ('{"server": "127.0.0.1",\n "server_port": }', ["FILE:2:"]),
    ('{"method": "aes-128-gcm", "method": "aes-128-gcm"}', ["FILE", "method"]),
    ("[]", ["FILE", "object"]),
    ('{"server_port": "http"}', ["FILE", "server_port", "1 to 65535"]),
    ('{"server_port": 70000}', ["FILE", "server_port", "1 to 65535"]),
    ('{"server_port": -1}', ["FILE", "server_port", "1 to 65535"]),
    ('{"server_port": 8388.5}', ["FILE", "server_port"]),
    ('{"server_port": null}', ["FILE", "server_port"]),
    ('{"server": 7}', ["FILE", "server", "string"]),
    ('{"password": ["x"]}', ["FILE", "password", "string"]),
    ('{"password": "a\\u0000b"}', ["FILE"]),
    ('{"fast_open": "yes"}', ["FILE", "fast_open", "true or false"]),
    ('{"port_password": {"99999": "x"}}', ["FILE", "port_password", "99999"]),
    ('{"port_password": {"9000": 5}}', ["FILE", "port_password", "9000"]),
    ('{"port_password": {}}', ["FILE", "port_password"]),
    ('{"timeout": "soon"}', ["FILE", "timeout"]),
    ('{"mode": "fast"}', ["FILE", "mode", "tcp_and_udp"]),
]


class Refusals(Case):
    def refused(self, arguments: list[str], words: list[str]) -> None:
        done = subprocess.run([self.relay.program, *arguments], capture_output=True, text=True,
                              timeout=10)
        self.assertEqual(done.returncode, 2, done.stderr)
        first, *more = done.stderr.splitlines()
        for word in words:
            self.assertIn(word, first)
        self.assertNotIn("secret-word", done.stderr)
        if arguments[0] not in ("no-such-role", "no\nrole"):  # that is followed by the roles that there are
            self.assertEqual(more, [])
        self.assertEqual(done.stdout, "")

    def test_arguments(self) -> None:
        for arguments, words in BAD_ARGUMENTS:
            with self.subTest(arguments):
                self.refused(arguments, words)

    def test_files(self) -> None:
        for text, words in BAD_FILES:
            with self.subTest(text), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(text)
                file.flush()
                self.refused([*SERVER, "-c", file.name],
                             [word.replace("FILE", file.name) for word in words])

    def test_unreadable_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            pipe = Path(folder, "missing", "file.json")
            self.refused([*SERVER, "-c", str(pipe)], [str(pipe)])
            binary = Path(folder, "binary.json")
            binary.write_bytes(content("binary", 5000))
            self.refused([*SERVER, "-c", str(binary)], [str(binary)])

    def test_no_room_for_what_is_said(self) -> None:
        uris = ["local", "--uri", "-s", HOST, "-p", "1", "-k", "x", "-m", METHOD]
        for arguments in (["--help"], ["--version"], ["socks5", "--help"], uris):
            with self.subTest(arguments), open("/dev/full", "w") as full:
                done = subprocess.run([self.relay.program, *arguments], stdout=full, text=True,
                                      stderr=subprocess.PIPE, timeout=10)
                self.assertEqual((done.returncode, done.stderr),
                                 (1, "sockspec-relay: stdout cannot be written to\n"))

    def test_no_role(self) -> None:
        done = subprocess.run([self.relay.program], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("usage", done.stderr)

    def test_address_in_use(self) -> None:
        with socket.create_server((HOST, 0)) as taken:
            port = str(taken.getsockname()[1])
            self.refused([*SERVER, "-p", port], [HOST, port])
            self.refused(["socks5", "-l", port], [HOST, port])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind((HOST, 0))
            port = str(taken.getsockname()[1])
            self.refused([*SERVER, "-p", port, "-u"], [HOST, port])

    def test_address_that_is_not_here(self) -> None:
        self.refused(["socks5", "-b", "192.0.2.1", "-l", "1080"], ["192.0.2.1"])

    def test_nothing_starts_when_one_of_several_ports_is_taken(self) -> None:
        free = free_port()
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump({"server": HOST, "method": METHOD,
                           "port_password": {str(free): "a", str(port): "b"}}, file)
                file.flush()
                self.refused(["server", "-c", file.name], [str(port)])
        self.assertFalse(is_listening(free))


class Accepted(Case):
    def file(self, **settings: object) -> str:
        file = self.enterContext(tempfile.NamedTemporaryFile("w", suffix=".json"))
        json.dump(settings, file)
        file.flush()
        return file.name

    def serve(self, port: int, *more: str, **settings: object) -> str:
        """What our server says with these settings."""
        file = self.file(**{"server": HOST, "method": METHOD, "forbidden_ip": []} | settings)
        process = self.keep(self.relay.start("server", "-c", file, *more).ready(port))
        return process.output()

    def client(self, port: int, password: str) -> int:
        proxy = free_port()
        self.keep(self.relay.start("local", "-s", HOST, "-p", port, "-l", proxy, "-k", password,
                                   "-m", METHOD).ready(proxy))
        return proxy

    def test_help_and_version(self) -> None:
        for arguments in ["--help"], ["--version"], ["local", "--help"], ["server", "--help"]:
            done = subprocess.run([self.relay.program, *arguments], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("sockspec-relay", done.stdout)

    def test_names_of_the_family(self) -> None:
        """sslocal, ssserver and sstunnel are the program under other names."""
        with tempfile.TemporaryDirectory() as folder:
            for name in "sslocal", "ssserver", "sstunnel":
                (link := Path(folder, name)).symlink_to(self.relay.program)
                done = subprocess.run([link, "-m", "rot13", "-s", HOST, "-L", "h:1"],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 2)

    def test_unknown_key_is_a_warning(self) -> None:
        port = free_port()
        said = self.serve(port, server_port=port, password="x", colour="red")
        self.assertIn("colour", said)
        transfer(connect(self.client(port, "x"), HOST, self.target().port), 100, 100)

    def test_options_win_over_the_file(self) -> None:
        port = free_port()
        self.serve(port, "-p", str(port), "-k", "x", server_port=free_port(), password="other")
        transfer(connect(self.client(port, "x"), HOST, self.target().port), 100, 100)

    def test_ports_with_their_own_passwords(self) -> None:
        ports = {free_port(): "one", free_port(): "two"}
        self.serve(next(iter(ports)), port_password={str(p): word for p, word in ports.items()})
        target = self.target()
        for port, password in ports.items():
            transfer(connect(self.client(port, password), HOST, target.port), 1000, 1000)
        first, second = ports
        with connect(self.client(first, ports[second]), HOST, target.port) as sock:
            sock.settimeout(0.5)
            with self.assertRaises((TimeoutError, ConnectionError, EOFError)):
                transfer(sock, 1, 1)
        self.assertEqual(target.accepted, 2)

    def test_uri(self) -> None:
        port, proxy = free_port(), free_port()
        self.serve(port, server_port=port, password=PASSWORD)
        printed = subprocess.run(
            [self.relay.program, "server", "--uri", "-s", HOST, "-p", str(port), "-k", PASSWORD,
             "-m", METHOD], capture_output=True, text=True)
        self.assertEqual(printed.returncode, 0, printed.stderr)
        uri, = printed.stdout.split()
        self.assertTrue(uri.startswith("ss://"), uri)
        self.keep(self.relay.start("local", "-l", proxy, uri).ready(proxy))
        transfer(connect(proxy, HOST, self.target().port), 100, 100)

    def test_loopback_is_forbidden_by_default(self) -> None:
        port = free_port()
        self.keep(self.relay.start("server", "-s", HOST, "-p", port, "-k", "x", "-m", METHOD)
                  .ready(port))
        proxy, target, six = self.client(port, "x"), self.target(), self.target(host="::1")
        for host in HOST, "localhost", "::ffff:127.0.0.1", "0.0.0.0", "::1", "::", "127.9.9.9":
            with self.subTest(host), self.assertRaises((EOFError, ConnectionError)), \
                 connect(proxy, host, six.port if host == "::1" else target.port) as sock:
                transfer(sock, 1, 1)
        self.assertEqual((target.accepted, six.accepted), (0, 0))

    def test_socks5_forbidden_ip(self) -> None:
        proxy, target = self.socks5("--forbidden-ip", "127.0.0.0/8"), self.target()
        for host in HOST, "localhost":
            with self.assertRaises(Refused) as caught:
                connect(proxy, host, target.port)
            self.assertEqual(caught.exception.rep, 2)
        self.assertEqual(target.accepted, 0)

    def test_socks5_user_and_password(self) -> None:
        proxy, target = self.socks5("--auth", "me:secret"), self.target()
        transfer(connect(proxy, HOST, target.port, user=("me", "secret")), 10, 10)
        for user in (None, ("me", "wrong"), ("me", "secret\0x"), ("me", "secre"),
                     ("you", "secret")):
            with self.subTest(user), self.assertRaises(Refused):
                connect(proxy, HOST, target.port, user=user)
        self.assertEqual(target.accepted, 1)

    def test_tunnel(self) -> None:
        target, port = self.target(), free_port()
        self.keep(self.relay.start(
            "tunnel", "-s", HOST, "-p", self.server(METHOD), "-l", port, "-k", PASSWORD,
            "-m", METHOD, "-L", f"{HOST}:{target.port}").ready(port))
        with socket.create_connection((HOST, port)) as sock:
            transfer(sock, 70000, 70000)

    def test_workers(self) -> None:
        server = self.server(METHOD, "--workers", 2)
        proxy, target = self.local(server, METHOD, "--workers", 2), self.target()
        for _ in range(20):
            self.carries(connect(proxy, HOST, target.port), [1, 70000])

    def test_fast_open(self) -> None:
        proxy = self.pair(METHOD, "--fast-open")
        self.carries(connect(proxy, HOST, self.target().port), [1, 70000])

    def test_record_holds_no_secret(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            port, record = free_port(), Path(folder, "trace")
            process = self.keep(self.relay.server(port, METHOD, "--record", str(record)))
            proxy = self.local(port, METHOD)
            self.carries(connect(proxy, HOST, self.target().port), [1, 1000])
            process.end()
            lines = record.read_text().splitlines()
            self.assertGreater(len(lines), 4)
            self.assertNotIn(PASSWORD, record.read_text())
            self.assertEqual(os.stat(record).st_mode & 0o077, 0, "others may read it")
