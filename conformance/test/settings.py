"""How the reference plays each role: for the mutants and the proof that nothing flakes."""

# What plays a role where it is not sockspec-relay.
PROGRAMS = {"socks5-client": "test-client"}

_WORDS = "{{proxy_host}} {{proxy_port}} {{target_host}} {{target_port}}"
_SERVER = "{program} server -s {{host}} -p {{port}} -k {{password}} -m {{method}} -u --forbidden-ip ''"
_LOCAL = ("{program} local -s {{server_host}} -p {{server_port}} -b {{host}} -l {{port}} "
          "-k {{password}} -m {{method}} -u")
_AEAD = ("--method", "aes-256-gcm", "--password", "secret")
_STREAM = ("--method", "aes-256-ctr", "--password", "secret")
_LOCAL_LACKS = ("--without", "bind,auth")

# Role: (command, options of `sockspec run`), one line for each setting in which some of its cases
# run. Names in double braces are the suite's to fill in.
SETTINGS = {
    "socks5-server": (
        ("{program} socks5 -b {{host}} -l {{port}}", ()),
        ("{program} socks5 -b {{host}} -l {{port}} --auth {{user}}:{{pass}}",
         ("--auth", "alice:secret")),
    ),
    "socks5-client": (
        (f"{{program}} -c {{{{command}}}} {_WORDS}", ()),
        (f"{{program}} -c {{{{command}}}} -u '{{{{user}}}}' -w '{{{{pass}}}}' {_WORDS}", ("--auth", "alice:secret")),
    ),
    "ss-server": (
        (_SERVER, _AEAD),
        (_SERVER, _STREAM),
        (f"{_SERVER} -a", (*_STREAM, "--ota")),
    ),
    "ss-local": (
        (_LOCAL, (*_AEAD, *_LOCAL_LACKS)),
        (_LOCAL, (*_STREAM, *_LOCAL_LACKS)),
        (f"{_LOCAL} -a", (*_STREAM, "--ota", *_LOCAL_LACKS)),
    ),
}
