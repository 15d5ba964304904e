"""Who asked not to be collected, without anything of theirs being held: digests like those of withdrawals
(tombstones.py). Unlike a withdrawal it may be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from .batches import Among, read, write
from .tables import optout
from .tombstones import Digest, Tombstone

WISHES = (OUT, IN) = ("optout", "optin")  # kinds of Tombstone, as the file of withdrawals keeps them
AGAIN = "tagora"  # by whom a wish is kept that was found outside the store


def put(connection: Connection, digests: Collection[bytes], by: str, now: datetime) -> None:
    """Whoever these stand for is not collected."""
    known = {row[0] for row in _AMONG(connection, digests)}
    write(connection, insert(optout), [{"digest": one, "at": now, "by": by} for one in digests if one not in known])


def take_back(connection: Connection, digests: Collection[bytes]) -> int:
    """They are collected again; how many there were."""
    return connection.execute(delete(optout).where(optout.c.digest.in_(list(digests)))).rowcount


def among(connection: Connection, names: Iterable[tuple[str, str]], digest_of: Digest) -> dict[tuple[str, str], bytes]:
    """Which of these accounts asked not to be collected, with their digests."""
    if not read(connection, _ANY):  # as a rule: then nothing need be digested
        return {}
    digests = {digest_of(*name): name for name in names}
    return {digests[row[0]]: row[0] for row in _AMONG(connection, digests)}


def every(connection: Connection) -> list[Tombstone]:
    """All of them, the oldest first."""
    c = optout.c
    return [Tombstone(at, OUT, digest) for at, digest in connection.execute(select(c.at, c.digest).order_by(c.at))]


def replay(connection: Connection, noted: Sequence[Tombstone], now: datetime) -> None:
    """Brings what is noted outside the store back into it: of each account the last word."""
    out, back = differing(noted, every(connection))
    put(connection, out, AGAIN, now)
    take_back(connection, back)


def differing(noted: Sequence[Tombstone], held: Sequence[Tombstone]) -> tuple[list[bytes], list[bytes]]:
    """Where the last word of what is noted is another than what the store holds: who is to be in it, and who not."""
    last: dict[bytes, Tombstone] = {}
    for one in noted:
        if one.kind in WISHES and (one.digest not in last or one.at >= last[one.digest].at):
            last[one.digest] = one
    known = {one.digest for one in held}
    out = [digest for digest, one in last.items() if one.kind == OUT and digest not in known]
    return out, [digest for digest, one in last.items() if one.kind == IN and digest in known]


_AMONG = Among(lambda digests: select(optout.c.digest).where(optout.c.digest.in_(digests)))
_ANY = select(optout.c.digest).limit(1)
