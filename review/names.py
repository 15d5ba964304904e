"""Under which names people decide."""

from __future__ import annotations

from ..core.decisions import NOT_PEOPLE
from ..core.errors import UsageError
from ..core.normalise import clean_line


def person(name: str) -> str:
    """A moderator's name as the log keeps it. Raises UsageError for none, and for those that are not people's."""
    cleaned = clean_line(name, 80)
    if not cleaned or cleaned.casefold() in NOT_PEOPLE:
        raise UsageError(f"{name!r} cannot be a moderator's name", "Say who decides.")
    return cleaned
