"""By what something withdrawn is known again without being named: digests of references and accounts, HMACs with a
secret kept outside the store, so that nobody can try out names on a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from ..core.records import PostRef, Sighting
from .batches import Among, read, write
from .masking import Mask
from .tables import meta, tombstone

Digest = Callable[[str, str], bytes]  # (origin, native id or "@handle") -> 32 bytes
ORIGIN = "forgotten"


class Tombstone(NamedTuple):
    """By what something withdrawn is known again. `kind`: post | author."""

    at: datetime
    kind: str
    digest: bytes


def add(connection: Connection, tombstones: Sequence[Tombstone]) -> None:
    """Those that are not there yet."""
    known = is_forgotten(connection, [one.digest for one in tombstones])
    rows = [one._asdict() for one in tombstones if one.digest not in known]
    write(connection, insert(tombstone), rows)


def every(connection: Connection) -> list[Tombstone]:
    """All of them, the oldest first."""
    c = tombstone.c
    return [Tombstone(*row) for row in connection.execute(select(c.at, c.kind, c.digest).order_by(c.at, c.digest))]


def is_forgotten(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Which of these digests (of references and accounts) belong to something withdrawn."""
    return {row[0] for row in _TOMBSTONES(connection, digests)}


_TOMBSTONES = Among(lambda digests: select(tombstone.c.digest).where(tombstone.c.digest.in_(digests)))
_ANY_TOMBSTONE = select(tombstone.c.digest).limit(1)


def forgotten_among(
    connection: Connection, names: Iterable[tuple[str, str]], digest_of: Digest
) -> dict[tuple[str, str], bytes]:
    """Which of these references and accounts belong to something withdrawn, with their digests."""
    if not read(connection, _ANY_TOMBSTONE):  # as a rule: then nothing need be digested
        return {}
    digests = {digest_of(*name): name for name in names}
    return {digests[found]: found for found in is_forgotten(connection, digests)}


def veil(connection: Connection, sightings: Sequence[Sighting], digest_of: Digest) -> list[Sighting]:
    """The sightings with everything withdrawn that they point at or mention made opaque: a reply keeps its place
    below a withdrawn post, and no id or handle comes back through others. Sightings that name nothing withdrawn come
    back as the same objects; of the others the raw item must not be kept."""
    names = {name for seen in sightings for name in (*seen.names, *_pointers(seen).values())}
    gone = forgotten_among(connection, names, digest_of)
    return [_veiled(seen, gone) for seen in sightings] if gone else list(sightings)


def _pointers(seen: Sighting) -> dict[str, PostRef]:
    said = seen.post
    pairs = {name: getattr(said, name) for name in ("reply_to", "root_hint", "quote_of", "repost_of")}
    return {name: ref for name, ref in pairs.items() if ref is not None}


def _veiled(seen: Sighting, gone: dict[tuple[str, str], bytes]) -> Sighting:
    targets = {name: PostRef(ORIGIN, gone[ref].hex()) for name, ref in _pointers(seen).items() if ref in gone}
    named = [name for name in seen.names if name in gone]
    if not targets and not named:
        return seen
    said = replace(seen.post, **targets)
    handles = [name[1:] for _, name in named if name.startswith("@")]
    addresses = [name for _, name in named if name.startswith("http")]
    if handles or addresses:
        said = Mask.of(handles, addresses).post(said)
    return replace(seen, post=said, names=tuple(name for name in seen.names if name not in gone))


# --- the key ----------------------------------------------------------------------------------------------------------

KEY_MARK = "withdrawal key"


def key_mark(connection: Connection) -> str | None:
    """What the key that this store's withdrawals were digested with makes of a word of ours; None before the first."""
    return connection.execute(select(meta.c.value).where(meta.c.key == KEY_MARK)).scalar()


def set_key_mark(connection: Connection, mark: str) -> None:
    connection.execute(delete(meta).where(meta.c.key == KEY_MARK))
    connection.execute(insert(meta).values(key=KEY_MARK, value=mark))
