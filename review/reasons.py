"""The reasons that a campaign's moderators choose from when they reject."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.errors import UsageError
from ..core.normalise import clean_line
from ..core.reasons import STARTERS, Reason
from ..core.tongue import said
from ..storage.reasons import own_reasons, put_reasons
from ..storage.store import Connection

MOST = 30
MAX_WORDS = 80
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def reasons(connection: Connection, campaign_id: int) -> Sequence[Reason]:
    """The campaign's own reasons, or the ten to begin with."""
    return own_reasons(connection, campaign_id) or STARTERS


def codes(connection: Connection, campaign_id: int) -> frozenset[str]:
    """All that may stand for a reason in public: what a moderator wrote in words of their own may not."""
    return frozenset(one.code for one in (*reasons(connection, campaign_id), *STARTERS))


def in_words(said: str | None, known: Sequence[Reason], language: str) -> str | None:
    """A decision's reason for people: the words of its code, also of one that the campaign no longer has, or what the
    moderator or the rule wrote."""
    for one in (*known, *STARTERS):
        if one.code == said:
            return one.in_language(language)
    return said


def set_reasons(connection: Connection, campaign_id: int, wanted: Sequence[Reason]) -> Sequence[Reason]:
    """The campaign's reasons from now on, in this order; none: the ten to begin with again. Inside a writing
    transaction. Raises UsageError for a code that is none or stands twice, or words that are missing."""
    cleaned: list[Reason] = []
    for one in wanted:
        it, en = clean_line(one.it, MAX_WORDS), clean_line(one.en, MAX_WORDS)
        if not _CODE.fullmatch(one.code):
            raise UsageError(
                said("%(code)r cannot be a reason's code", code=one.code), "Write small letters, digits and hyphens."
            )
        if it is None or en is None:
            raise UsageError(said("the reason %(code)r has no words", code=one.code), "Write it in both languages.")
        if any(other.code == one.code for other in cleaned):
            raise UsageError(said("the reason %(code)r stands twice", code=one.code), "Change or remove one of them.")
        cleaned.append(Reason(one.code, it, en))
    if len(cleaned) > MOST:
        raise UsageError(
            said("%(number)s reasons are more than anybody chooses from", number=len(cleaned)),
            said("Keep at most %(number)s.", number=MOST),
        )
    put_reasons(connection, campaign_id, cleaned)
    return cleaned or STARTERS
