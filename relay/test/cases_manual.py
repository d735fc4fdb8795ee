"""Manual page and completion say what --help says: every option, and no other."""

import re
import subprocess
from pathlib import Path

from case import Case

HERE = Path(__file__).resolve().parents[1]
ROLES = "local", "server", "tunnel", "socks5"
CALLED = {"local": "sslocal", "server": "ssserver", "tunnel": "sstunnel"}
HELP_LINE = re.compile(r" +(?:-(?P<short>\w), )?--(?P<long>[a-z0-9-]+)(?: (?P<argument>[A-Z:]+))? ")


class Manual(Case):
    def options(self, role: str) -> dict[str, tuple[str | None, str | None]]:
        """Of --help: the short form and the argument of each, by its long form."""
        text = subprocess.run([self.relay.program, role, "--help"], capture_output=True, text=True,
                              check=True).stdout
        found = [HELP_LINE.match(line) for line in text.splitlines() if "--" in line[:12]]
        self.assertGreater(len(found), 10, text)
        return {line["long"]: (line["short"], line["argument"]) for line in found}

    def test_manual_has_every_option(self) -> None:
        page = (HERE / "sockspec-relay.1").read_text()
        lines, of = set(), {}
        for role in ROLES:
            for long, (short, argument) in self.options(role).items():
                line = (f".It {f'Fl {short} , ' if short else ''}Fl -{long}"
                        f"{f' Ar {argument}' if argument else ''}")
                lines.add(line)
                of.setdefault(line, []).append(role)
        self.assertEqual(set(re.findall(r"^\.It (?:Fl \w , )?Fl -.*$", page, re.M)), lines)
        for line, roles in of.items():
            said = page.partition(line + "\n")[2]
            named = re.match(r"Of\n((?:\.Cm \w+ ,\n)*\.Cm \w+ )\.\n", said)
            self.assertEqual(re.findall(r"\.Cm (\w+)", named[1]) if named else list(ROLES), roles,
                             line)

    def test_manual_has_every_role(self) -> None:
        page = (HERE / "sockspec-relay.1").read_text()
        for role in ROLES:
            self.assertIn(f"\n.It Cm {role}\n", page)
        for name in CALLED.values():
            self.assertIn(f"\n.Nm {name} .\n", page)

    def completed(self, *words: str) -> set[str]:
        """What is offered for the last word."""
        script = (f"source '{HERE}/sockspec-relay.bash'; shift; COMP_WORDS=(\"$@\"); "
                  "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sockspec_relay; "
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", script, "bash", "x", *words], capture_output=True,
                              text=True, check=True)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_completion_offers_every_option(self) -> None:
        program = Path(self.relay.program)
        self.assertEqual(self.completed(str(program), ""), {*ROLES, "--help", "--version"})
        for role in ROLES:
            options = self.options(role)
            every = {f"--{long}" for long in options} | {"--uri"}
            every |= {f"-{short}" for short, _ in options.values() if short}
            self.assertEqual(self.completed(str(program), role, ""), every)
            if role in CALLED:
                called = str(program.with_name(CALLED[role]))
                self.assertEqual(self.completed(called, ""), every)
            self.assertEqual(self.completed(str(program), role, "--ti"), {"--timeout"})
        self.assertEqual(self.completed(str(program), "local", "--mode", "tcp"),
                         {"tcp_only", "tcp_and_udp"})
