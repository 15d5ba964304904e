"""The review app of a small campaign in a real server, for a real browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tagora.app.reviewing import serving_review, surroundings
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.moderators import Role
from tagora.core.records import Sighting
from tagora.review import people, signing_in
from tagora.storage import moderators
from tagora.storage.decisions import logs

from ..agora import arrive
from ..folder import Folder
from ..make import NOON, author, sighting


@dataclass
class Desk:
    """`violations`: what pages tried that the content security policy forbids, and scripts that failed."""

    address: str
    place: Workplace
    violations: list[str]

    @property
    def campaign_id(self) -> int:
        return self.place.campaign_id("talk")

    @property
    def queue(self) -> str:
        return f"{self.address}c/talk/"

    def arrive(self, *seen: Sighting) -> list[int]:
        with self.place.store.writing() as connection:
            return arrive(connection, self.campaign_id, seen, NOON)

    def session(self, name: str, role: Role = Role.MODERATOR) -> str:
        """A session of this person, who joins the team if need be; its token."""
        now = self.place.clock.now()
        with self.place.store.writing() as connection:
            found = moderators.by_name(connection, name)
            if found is None:
                found, _ = people.add(connection, name, role, now)
            return signing_in.start(connection, found.id, "a test", now).fresh or ""

    def context(
        self, browser: Browser, name: str = "Vera", role: Role = Role.MODERATOR, **given: Any
    ) -> BrowserContext:
        """A browser in which this person is signed in."""
        context = browser.new_context(**given)
        context.add_cookies([{"name": "tagora_session", "value": self.session(name, role), "url": self.address}])
        return context

    def page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: self.violations.append(str(error)))
        page.on("console", lambda told: self._heard(told.type, told.text))
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.violations.append(text)

    def verdicts(self, post_ids: Sequence[int]) -> dict[int, list[str]]:
        """What people decided on these posts, in order."""
        with self.place.store.reading() as connection:
            found = logs(connection, self.campaign_id, post_ids)
        return {id_: [d.verdict.value for d in found.get(id_, ()) if d.by_person] for id_ in post_ids}


def posts(count: int, start: int = 0) -> list[Sighting]:
    """Posts of many people, each with words of its own."""
    return [
        sighting(f"p{n}", text=f"{words(n)} #talk", minutes=n, author=author(f"person{n % 40}"))
        for n in range(start, start + count)
    ]


def words(number: int) -> str:
    """A sentence that no other number gives, nor one that is nearly the same."""
    syllables = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru")
    digits = [int(digit) for digit in f"{number * 7919 + 104729:09d}"]
    return " ".join("".join(syllables[(a * 3 + b) % 10] for b in digits[: 3 + a % 4]) for a in digits)


@contextmanager
def desk(path: Path, port: int = 0, **site: str) -> Iterator[Desk]:
    """Started again in the same folder, it goes on with what is there. `site`: more settings of the site."""
    config = {
        "store": "sqlite:///tagora.db",
        "secret_file": "withdrawals.key",
        "timezone": "Europe/Rome",
        "site": {"out": "site", "title": "Agorà", "languages": ["it", "en"], "search": False, **site},
        "campaigns": [{"slug": "talk", "hashtags": ["talk"], "invitation": "invitation.md"}],
    }
    folder = Folder(path, config)
    with open_workplace(folder.file) as place:
        handed = surroundings(place)
        with serving_review(lambda: handed, "127.0.0.1", port) as address:
            yield Desk(address, place, [])
