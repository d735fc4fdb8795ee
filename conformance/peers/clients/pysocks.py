#!/usr/bin/python3
"""PySocks as its documentation shows it. usage: pysocks.py PROXY PORT TARGET PORT [USER PASSWORD]"""

import sys

import socks
from pipe import pipe

proxy, proxy_port, target, target_port, *credentials = sys.argv[1:]
user, password = credentials or (None, None)
try:
    sock = socks.create_connection(
        (target, int(target_port)), proxy_type=socks.SOCKS5, proxy_addr=proxy,
        proxy_port=int(proxy_port), proxy_rdns=True, proxy_username=user, proxy_password=password)
    pipe(sock)
except OSError as error:
    sys.exit(f"pysocks.py: {error}")
