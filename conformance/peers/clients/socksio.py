#!/usr/bin/python3
"""socksio with one read for each answer, as its documentation shows it; the library keeps no octets
for a second one. usage: socksio.py PROXY PORT TARGET PORT [USER PASSWORD]"""

import os
import socket
import sys

del sys.path[0]  # else this file would be taken for the library
from socksio import ProtocolError, SOCKSError, socks5  # noqa: E402

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from pipe import pipe  # noqa: E402

READ = 1024


def exchange(sock: socket.socket, connection: socks5.SOCKS5Connection, request: object) -> object:
    connection.send(request)
    sock.sendall(connection.data_to_send())
    return connection.receive_data(sock.recv(READ))


def connect(sock: socket.socket, target: str, port: int, credentials: list[str]) -> None:
    connection = socks5.SOCKS5Connection()
    method = socks5.SOCKS5AuthMethod
    methods = [method.USERNAME_PASSWORD] if credentials else [method.NO_AUTH_REQUIRED]
    answer = exchange(sock, connection, socks5.SOCKS5AuthMethodsRequest(methods))
    if answer.method not in methods:
        raise ProtocolError(f"method {answer.method}")
    if credentials:
        user, password = (os.fsencode(text) for text in credentials)
        if not exchange(sock, connection, socks5.SOCKS5UsernamePasswordRequest(
                user, password)).success:
            raise ProtocolError("user and password are refused")
    reply = exchange(sock, connection, socks5.SOCKS5CommandRequest.from_address(
        socks5.SOCKS5Command.CONNECT, (target, port)))
    if reply.reply_code != socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise ProtocolError(str(reply.reply_code))


proxy, proxy_port, target, target_port, *credentials = sys.argv[1:]
try:
    sock = socket.create_connection((proxy, int(proxy_port)))
    connect(sock, target, int(target_port), credentials)
    pipe(sock)
except (OSError, SOCKSError, OverflowError) as error:
    sys.exit(f"socksio.py: {type(error).__name__}: {error}")
