"""The counts of the moderation that readers are told, taken once a day."""

from __future__ import annotations

from datetime import date

from ..core.reasons import STARTERS
from ..storage import transparency
from ..storage.store import Store
from ..storage.transparency import Noted
from .reasons import reasons


def note_counts(store: Store, day: date) -> bool:
    """Notes what became of every campaign's posts, unless that was done today; whether anything was noted. Called
    before a build, which then finds the same whenever it looks: the site does not change with every decision."""
    with store.reading() as connection:
        if not transparency.lacking(connection, day):
            return False
    with store.writing() as connection:
        for campaign_id in transparency.lacking(connection, day):
            known = {one.code: {"it": one.it, "en": one.en} for one in (*STARTERS, *reasons(connection, campaign_id))}
            counts = transparency.count(connection, campaign_id, frozenset(known))
            words = {code: known[code] for code in counts.reasons if code in known}
            transparency.note(connection, campaign_id, Noted(day, counts, words))
    return True
