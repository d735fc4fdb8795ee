"""The messages of SOCKS5, read with a cursor that either gives octets or ends the matter."""

from collections.abc import Callable


class Wrong(Exception):
    """status and the offset that decides it."""

    def __init__(self, status: str, offset: int):
        super().__init__(status)
        self.status, self.offset = status, offset


class Cursor:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise Wrong("more", 0)
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size: int = 1) -> int:
        return int.from_bytes(self.take(size), "big")

    def version(self, wanted: int) -> None:
        if self.number() != wanted:
            raise Wrong("version", self.at - 1)

    def counted(self) -> str:
        """One octet of length, not 0, and as many octets."""
        size = self.number()
        if size == 0:
            raise Wrong("empty", self.at - 1)
        return self.take(size).hex()

    def address(self) -> dict:
        match atyp := self.number():
            case 1:
                host = self.take(4).hex()
            case 4:
                host = self.take(16).hex()
            case 3:
                host = self.counted()
            case _:
                raise Wrong("atyp", self.at - 1)
        return {"atyp": atyp, "host": host, "port": self.number(2)}


def greeting(c: Cursor) -> dict:
    c.version(5)
    return {"methods": c.counted()}


def selection(c: Cursor) -> dict:
    c.version(5)
    return {"method": c.number()}


def userpass(c: Cursor) -> dict:
    c.version(1)
    return {"uname": c.counted(), "passwd": c.counted()}


def userpass_status(c: Cursor) -> dict:
    c.version(1)
    return {"code": c.number()}


def request(c: Cursor) -> dict:
    c.version(5)
    return {"cmd": c.number(), "rsv": c.number(), **c.address()}


def reply(c: Cursor) -> dict:
    c.version(5)
    return {"rep": c.number(), "rsv": c.number(), **c.address()}


def udp_header(c: Cursor) -> dict:
    return {"rsv": c.number(2), "frag": c.number(), **c.address()}


def answer(read: Callable[[Cursor], dict], data: bytes) -> dict:
    """status, used and, when all is well, the fields."""
    cursor = Cursor(data)
    try:
        fields = read(cursor)
    except Wrong as wrong:
        return {"status": wrong.status, "used": wrong.offset}
    return {"status": "ok", "used": cursor.at, **fields}


def checker(read: Callable[[Cursor], dict]) -> Callable[[dict], dict]:
    return lambda test: answer(read, bytes.fromhex(test["input"]))


# Algorithm: from a vector to what it should hold besides what is given.
CHECKS = {
    "socks5-greeting": checker(greeting),
    "socks5-selection": checker(selection),
    "socks5-userpass": checker(userpass),
    "socks5-userpass-status": checker(userpass_status),
    "socks5-request": checker(request),
    "socks5-reply": checker(reply),
    "socks5-udp-header": checker(udp_header),
    "socks5-address": checker(Cursor.address),
}
