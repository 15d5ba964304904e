"""Open posts that say nearly the same as others, found by their fingerprints in a fixed number of queries. Looked for
among the posts stored last (storage/facts.py), so that what it costs stays flat however large the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, or_, select

from ..core.decisions import OPEN
from ..core.fingerprint import NEAR, bands, distance
from .batches import Among
from .facts import alike
from .tables import campaign_post, post

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
    found = alike(connection, set(prints.values()))
    open_ones = _OPEN_PRINTS(
        connection, {*post_ids, *(id_ for ids in found.values() for id_ in ids)}, campaign=campaign_id
    )
    others = {row[0]: row[1] for row in open_ones if row[1]}
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


_PRINTS = Among(lambda ids: select(post.c.id, post.c.fingerprint).where(post.c.id.in_(ids)))
_OPEN_PRINTS = Among(
    lambda ids: (
        select(post.c.id, post.c.fingerprint)
        .join(campaign_post, campaign_post.c.post_id == post.c.id)
        .where(
            campaign_post.c.campaign_id == bindparam("campaign"),
            campaign_post.c.post_id.in_(ids),
            or_(*(campaign_post.c.status == status.value for status in OPEN)),
            post.c.held.is_(True),
            post.c.gone.is_(None),
        )
    )
)
