"""Words that stand in pages' titles."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ...presentation.words import words
from ..look.own import Look
from ..settings import GURU, LANGUAGE, MONTH, NETWORK, TYPE
from ..shipped import LOCALES


@lru_cache
def facet_titles(language: str, look: Look) -> dict[str, str]:
    """What each facet is called."""
    _ = _words(language, look)
    return {
        GURU: _("Guru"),
        TYPE: _("Content type"),
        NETWORK: _("Network"),
        LANGUAGE: _("Language"),
        MONTH: _("Month"),
    }


@lru_cache
def activity_titles(language: str, look: Look, every: str) -> tuple[str, str]:
    """What a chart of posts by "day", "week" or "month" is called, and what it counts."""
    _ = _words(language, look)
    titles = {"day": _("Posts by day"), "week": _("Posts by week"), "month": _("Posts by month")}
    return titles[every], _("Posts")


@lru_cache
def earlier_title(language: str, look: Look) -> str:
    """What a page of earlier invitations is called."""
    _ = _words(language, look)
    return _("Earlier invitations")


def _words(language: str, look: Look) -> Callable[[str], str]:
    return words(language, *LOCALES, own=dict(look.words).get(language, b"")).gettext
