"""The demo's other discussions: small ones, of posts that the moderator typed in, so that there is something to choose
from on the front page."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ..core.decisions import Verdict
from ..review import deciding
from ..review.web.surroundings import Typed
from ..sandbox import DATA
from .adding import add
from .workplace import Workplace


class Said(NamedTuple):
    url: str
    author: str
    day: datetime
    text: str
    language: str


TALKS: dict[str, tuple[str, tuple[Said, ...]]] = {  # by slug: the tag, what was said
    "citta": (
        "mmgCitta",
        (
            Said(
                "https://www.instagram.com/p/DPmgcitta1/",
                "Lucia",
                datetime(2026, 9, 16, 18, 5, tzinfo=UTC),
                "Sotto casa mia si sente il deposito dei tram che si sveglia: prima un colpo solo, poi tutti insieme.",
                "it",
            ),
            Said(
                "https://www.threads.net/@orti.urbani/post/DPmgcitta2",
                "Orti urbani",
                datetime(2026, 9, 21, 7, 40, tzinfo=UTC),
                "Il sabato la città è il rumore delle cassette di legno. Il resto della settimana ce lo dimentichiamo.",
                "it",
            ),
            Said(
                "https://www.instagram.com/p/DPmgcitta3/",
                "Hannah",
                datetime(2026, 10, 2, 21, 15, tzinfo=UTC),
                "A city says most at night, when the lifts stop and you hear who is still cooking.",
                "en",
            ),
        ),
    ),
    "play": (
        "mmgPlay",
        (
            Said(
                "https://www.linkedin.com/posts/mmgplay-1",
                "Priya",
                datetime(2026, 10, 7, 9, 30, tzinfo=UTC),
                "Chess taught me to say what I am afraid of before I move. I use it in every meeting.",
                "en",
            ),
            Said(
                "https://www.instagram.com/p/DPmgplay2/",
                "Nonno Aldo",
                datetime(2026, 10, 30, 16, 0, tzinfo=UTC),
                "A briscola ho imparato che il compagno va guardato negli occhi, non nelle carte.",
                "it",
            ),
        ),
    ),
}
PERMISSION = "Asked by message; may be shown with name."


def campaigns(folder: Path) -> str:
    """Their part of config.yaml; their invitations go into `folder`."""
    for slug in TALKS:
        shutil.copy(DATA / "invitations" / f"{slug}.md", folder / f"{slug}.md")
    return "".join(
        f"  - {{slug: {slug}, hashtags: [{tag}], invitation: {folder.name}/{slug}.md}}\n"
        for slug, (tag, _) in TALKS.items()
    )


def tell(place: Workplace, by: str) -> None:
    """Types all of it in, approves it and puts each one's first post at the top."""
    for slug, (_, said) in TALKS.items():
        added = [
            add(
                place, slug, one.url, by, Typed(one.text, one.day, PERMISSION, one.author, language=one.language)
            ).post_id
            for one in said
        ]
        campaign_id, now = place.campaign_id(slug), place.clock.now()
        with place.store.writing() as connection:
            deciding.decide(connection, campaign_id, added, Verdict.APPROVE, by, now)
            deciding.decide(connection, campaign_id, added[:1], Verdict.FEATURE, by, now)
