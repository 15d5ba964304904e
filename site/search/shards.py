"""Which part of the index is made anew. Pure.

The index lies in two shards: *settled* holds nearly everything and is left alone; what changed since stands in
*active*, which is small and made anew by each build that changes something. A former version in the settled shard is
buried: still there, and passed over. When words in it may no longer be shown, or when the active shard has grown,
everything is settled: so a word that left the site is in no file after the next build, and a change costs a bounded
share of the whole.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

FEW = 256  # documents: with fewer the active shard costs next to nothing
SHARE = 8  # the active shard holds at most an eighth of what the settled one does


class Todo(StrEnum):
    KEEP = "keep"
    ACTIVE = "active"
    SETTLE = "settle"


class Standing(NamedTuple):
    """`settled`: documents in the settled shard that count; `others`: all that belong into the active one. `fresh`:
    some of these are not indexed yet, or something is indexed that is no more. `lost`: words in the settled shard left
    the site. `whole`: there is an index, of this program, and its files stand."""

    settled: int
    others: int
    fresh: bool
    lost: bool
    whole: bool


def decide(standing: Standing) -> Todo:
    if standing.lost or not standing.whole:
        return Todo.SETTLE
    if not standing.fresh:
        return Todo.KEEP
    return Todo.SETTLE if standing.others > max(FEW, standing.settled // SHARE) else Todo.ACTIVE
