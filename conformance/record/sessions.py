"""A take, played between two programs, as a session of vectors/recorded."""

import socket

from takes import Said, Take
from tap import DOWN, UP, Notes

import decode


class Differs(Exception):
    """The wire does not hold what client and target said."""


def expect(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise Differs(f"{what}: {got!r:.80}, expected {wanted!r:.80}")


def head(take: Take, session: str, comment: str, said: Said) -> dict:
    made = {"id": session, "comment": comment, "transport": take.transport,
            "destination": said.destination.hex(), "socks": said.socks}
    return made | ({"pipelined": True} if take.pipelined else {})


def as_name(destination: bytes) -> bytes:
    """An IPv4 or IPv6 address as ATYP 3 with the text of the address."""
    family = socket.AF_INET if destination[0] == 1 else socket.AF_INET6
    text = socket.inet_ntop(family, destination[1:-2]).encode()
    return bytes([3, len(text)]) + text + destination[-2:]


def tcp(take: Take, session: str, comment: str, method: str, key: bytes, said: Said,
        notes: Notes) -> dict:
    notes.over.wait(2)
    made = head(take, session, comment, said)
    lost = False
    for way in (UP, DOWN):
        if not b"".join(notes.segments[way]):
            lost = lost or bool(said.given[way])
            continue
        made[way] = decode.stream(method, key, notes.segments[way], way == UP)
        text = bytes.fromhex(made[way]["payload"])
        expect(f"{way}: payload", said.given[way][:len(text)], text)
        expect(f"{way}: payload on arrival", text[:len(said.seen[way])], said.seen[way])
        lost = lost or text != said.given[way]
    asked = "0" + made[UP]["header"][1:]
    if asked != said.destination.hex():
        expect("header", bytes.fromhex(asked), as_name(said.destination))
        made["destination"] = asked
        made["comment"] += ", sent as a name"
    if lost and not take.refused:
        made["comment"] += "; what comes after the first end is lost"
    if notes.ends:
        made["ends"] = notes.ends
    return made


def udp(take: Take, session: str, comment: str, method: str, key: bytes, said: Said,
        notes: Notes) -> dict:
    made = head(take, session, comment, said)
    made["datagrams"] = [decode.datagram(method, key, way, wire) for way, wire in notes.order]
    for way in (UP, DOWN):
        text = "".join(d["payload"] for d in made["datagrams"] if d["direction"] == way)
        expect(f"{way}: payload", text, said.given[way].hex())
        expect(f"{way}: payload on arrival", said.seen[way], said.given[way])
    return made
