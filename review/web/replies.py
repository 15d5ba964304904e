"""The letter to whoever asked for a removal, to be copied: what was done, when, and whom to ask. It names nobody."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ...core.config import Legal
from ...presentation.formats import Formats
from ...presentation.words import words
from .surroundings import Removal
from .templating import LANGUAGES, LOCALES


def replies(done: Removal, title: str, legal: Legal | None, at: datetime, timezone: str) -> list[tuple[str, str]]:
    """(language, letter) in every language there is. `title`: what the collection is called."""
    return [(language, _reply(done, title, legal, at, timezone, language)) for language in LANGUAGES]


def _reply(done: Removal, title: str, legal: Legal | None, at: datetime, timezone: str, language: str) -> str:
    say = words(language, *LOCALES)
    posts = say.ngettext("%(num)d post", "%(num)d posts", done.posts) % {"num": done.posts}
    day = Formats(language, timezone).day(at.astimezone(ZoneInfo(timezone)).date())
    done_for_good = (
        say.gettext("What your account posts is not collected again.")
        if done.people
        else say.ngettext("It will not be collected again.", "They will not be collected again.", done.posts)
    )
    parts = [
        say.gettext("Hello,"),
        say.gettext("as you asked, on %(day)s we took out of “%(title)s”: %(posts)s.")
        % {"day": day, "title": title, "posts": posts}
        + " "
        + say.gettext("The words are gone from our website and from our store.")
        + " "
        + done_for_good,
        say.gettext(
            "Search engines and whoever copied the pages before may show them for a while; that is not in our hands. "
            "The original on its own network is yours alone: we cannot delete it."
        ),
    ]
    if legal:
        parts.append(say.gettext("Questions: %(contact)s") % {"contact": legal.contact})
        parts.append(legal.controller)
    return "\n\n".join(parts)
