"""Open posts that say nearly the same as others, found by their fingerprints in two queries. Looked for among the posts
that were stored around the same time, as waves come, so that what it costs stays flat however large the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, TextualSelect, select, text

from ..core.decisions import OPEN
from ..core.fingerprint import NEAR, bands, distance
from .batches import Among, read
from .tables import post

AROUND = 5_000  # posts stored before and after
MANY = 10_000  # candidates that are looked at for one page
MOST = 200  # of one group; a greater wave is several groups, one after the other


def groups(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The open posts that say nearly the same as these, told under the first of each group as they stand in `post_ids`:
    neither it nor another key is among the others. Posts that are alone are left out; others of a group may be posts
    beyond the asked ones, and come after those."""
    near = _near(connection, campaign_id, post_ids)
    asked = set(post_ids)
    found: dict[int, tuple[int, ...]] = {}
    folded: set[int] = set()
    for post_id in post_ids:
        if post_id in folded:
            continue
        others = [other for other in near.get(post_id, ()) if other not in folded and other not in found]
        if others:
            here = set(others)
            ordered = [id_ for id_ in post_ids if id_ in here] + sorted(here - asked)
            found[post_id] = tuple(ordered[:MOST])
            folded.update(found[post_id])
    return found


def of_post(connection: Connection, campaign_id: int, post_id: int) -> Sequence[int]:
    """The other open posts that say nearly the same as this one."""
    return groups(connection, campaign_id, [post_id]).get(post_id, ())


def _near(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> Mapping[int, Iterable[int]]:
    """For each of the posts, the open ones whose fingerprints are near its own."""
    prints: dict[int, int] = {row[0]: row[1] for row in _PRINTS(connection, post_ids) if row[1]}
    others = _open_around(connection, campaign_id, prints)
    among: dict[int, set[int]] = {}
    for post_id, own in others.items():
        for band in bands(own):
            among.setdefault(band, set()).add(post_id)
    return {
        post_id: [
            other
            for other in {id_ for band in bands(own) for id_ in among.get(band, ())}
            if other != post_id and distance(own, others[other]) <= NEAR
        ]
        for post_id, own in prints.items()
    }


def _open_around(connection: Connection, campaign_id: int, prints: Mapping[int, int]) -> dict[int, int]:
    """Open posts that share a band with one of the posts and were stored around the same time, with their prints."""
    asked: dict[int, tuple[int, int]] = {}
    for post_id, own in prints.items():
        for band in bands(own):
            lowest, highest = asked.get(band, (post_id, post_id))
            asked[band] = (min(lowest, post_id), max(highest, post_id))
    rows = [(band, lowest - AROUND, highest + AROUND) for band, (lowest, highest) in asked.items()]
    found: dict[int, int] = {}
    for start in range(0, len(rows), _LONGEST):
        part = rows[start : start + _LONGEST]
        length = next(length for length in _LENGTHS if length >= len(part))
        part += part[-1:] * (length - len(part))  # for few statements, as in batches.Among
        values = {f"{name}{n}": one for n, row in enumerate(part) for name, one in zip("blh", row, strict=True)}
        found |= {row[0]: row[1] for row in read(connection, _candidates(length), campaign=campaign_id, **values)}
    return found


_LENGTHS = (4, 64, 256, 1_024)  # bands asked for at once
_LONGEST = _LENGTHS[-1]
_PRINTS = Among(lambda ids: select(post.c.id, post.c.fingerprint).where(post.c.id.in_(ids)))


@cache
def _candidates(length: int) -> TextualSelect:
    """Each band with a stretch of ids of its own, which is what keeps it cheap. Written by hand for its CROSS JOINs,
    the order in which SQLite goes about it (https://www.sqlite.org/optoverview.html, "Manual Control Of Query Plans
    Using CROSS JOIN"), or it would begin with everything that is open; PostgreSQL chooses as ever."""
    rows = ", ".join(f"(:b{number}, :l{number}, :h{number})" for number in range(length))
    stands = ", ".join(f"'{status.value}'" for status in OPEN)
    return text(
        f"WITH asked (band, lowest, highest) AS (VALUES {rows}) "
        "SELECT post.id, post.fingerprint FROM asked CROSS JOIN fingerprint_band AS found CROSS JOIN campaign_post "
        "CROSS JOIN post WHERE found.band = asked.band AND found.post_id BETWEEN asked.lowest AND asked.highest "
        "AND campaign_post.campaign_id = :campaign AND campaign_post.post_id = found.post_id "
        f"AND campaign_post.status IN ({stands}) AND post.id = found.post_id AND post.held AND post.gone IS NULL "
        f"LIMIT {MANY}"
    ).columns(post.c.id, post.c.fingerprint)
