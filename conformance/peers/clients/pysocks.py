#!/usr/bin/python3
"""PySocks as its documentation shows it.
usage: pysocks.py connect|udp PROXY PORT TARGET PORT [USER PASSWORD]"""

import socket
import sys

import socks
from pipe import datagrams, pipe


def connect(proxy: tuple[str, int], target: tuple[str, int], user: str | None,
            password: str | None) -> None:
    pipe(socks.create_connection(
        target, proxy_type=socks.SOCKS5, proxy_addr=proxy[0], proxy_port=proxy[1], proxy_rdns=True,
        proxy_username=user, proxy_password=password))


def udp(proxy: tuple[str, int], target: tuple[str, int], user: str | None,
        password: str | None) -> None:
    sock = socks.socksocket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.set_proxy(socks.SOCKS5, *proxy, rdns=True, username=user, password=password)
    sock.bind(("", 0))
    datagrams(sock, target, (OSError, NotImplementedError))  # what it does not take, a fragment


command, proxy_host, proxy_port, host, port, *credentials = sys.argv[1:]
try:
    {"connect": connect, "udp": udp}[command](
        (proxy_host, int(proxy_port)), (host, int(port)), *credentials or (None, None))
except OSError as error:
    sys.exit(f"pysocks.py: {error}")
