#!/usr/bin/python3
"""python-socks, its synchronous half. usage: python-socks.py PROXY PORT TARGET PORT [USER PASSWORD]"""

import sys

from pipe import pipe
from python_socks import ProxyError, ProxyType
from python_socks.sync import Proxy

proxy, proxy_port, target, target_port, *credentials = sys.argv[1:]
user, password = credentials or (None, None)
try:
    connector = Proxy.create(ProxyType.SOCKS5, proxy, int(proxy_port), user, password, rdns=True)
    pipe(connector.connect(target, int(target_port), timeout=30))
except (OSError, ProxyError) as error:
    sys.exit(f"python-socks.py: {type(error).__name__}: {error}")
