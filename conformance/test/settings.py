"""How the reference relay plays each role: for the mutants and the proof that nothing flakes."""

# Role: (command, options of `sockspec run`), one line for each setting in which some of its cases
# run. {relay} is the program; names in double braces are the suite's to fill in.
SETTINGS = {
    "socks5-server": (
        ("{relay} socks5 -b {{host}} -l {{port}}", ()),
        ("{relay} socks5 -b {{host}} -l {{port}} --auth {{user}}:{{pass}}",
         ("--auth", "alice:secret")),
    ),
}
