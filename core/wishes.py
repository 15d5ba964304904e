"""What an author asks of everybody who collects or shows posts, and how each wish is kept. Pure; one table for
admission, re-checks and pages (docs/wishes.md shows it, a test compares the two).

A network's adapter finds the wishes (core.records.Author.wishes); here stands what follows. A campaign may refuse more
posts for an author's sake (`also_refuse`), never fewer: there is no setting that loosens a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Kept(StrEnum):
    """How a wish is kept. REFUSED is the strictest; each holds beside the others."""

    UNINDEXED = "unindexed"  # pages that show the author's words ask search engines to stay away
    BY_A_PERSON = "by a person"  # no rule and no policy publishes the post, only a person does
    REFUSED = "refused"  # not collected, and what is held leaves the site at the next look


class Row(NamedTuple):
    """One wish on one network: its name, how it is said there, how it is kept."""

    network: str
    name: str
    said: str
    kept: Kept


TABLE = (
    Row("Mastodon", "noindex", "the account's `noindex` is true", Kept.REFUSED),
    Row("Mastodon", "not_indexable", "the account's `indexable` is false (its default)", Kept.UNINDEXED),
    Row("Mastodon", "nobot", "#nobot, #nobots, #noindex or #noarchive in the profile's words or fields", Kept.REFUSED),
    Row("Mastodon", "limited", "the server's moderators limited the account", Kept.BY_A_PERSON),
    Row("Mastodon", "suspended", "the server's moderators suspended the account", Kept.REFUSED),
    Row("Bluesky", "no_unauthenticated", "the label `!no-unauthenticated` on account or post", Kept.REFUSED),
    Row("Bluesky", "suspended", "the label `!hide`, `!takedown` or `!suspend` on the account", Kept.REFUSED),
    Row("Feeds", "noindex", "`noindex` in a robots `meta` of the feed, or `access:restriction` denied", Kept.REFUSED),
)  # fmt: skip

KEPT = MappingProxyType({row.name: row.kept for row in TABLE})
REFUSED = frozenset(name for name, kept in KEPT.items() if kept is Kept.REFUSED)


def is_refused(wishes: Iterable[str], also_refuse: Collection[str] = ()) -> bool:
    """Whether a post whose author has these wishes may be neither collected nor shown (any longer). `also_refuse`:
    what the campaign refuses beside what all refuse."""
    return any(wish in REFUSED or wish in also_refuse for wish in wishes)


def needs_a_person(wishes: Iterable[str]) -> bool:
    """Whether only a person may publish it."""
    return any(KEPT.get(wish) is Kept.BY_A_PERSON for wish in wishes)


def is_unindexed(wishes: Iterable[str]) -> bool:
    """Whether a page that shows it asks search engines to stay away. What should not be here at all but is still
    (until its next look) is not found either."""
    return any(KEPT.get(wish) in (Kept.UNINDEXED, Kept.REFUSED) for wish in wishes)
