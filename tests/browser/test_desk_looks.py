"""Every page of the review app: usable by everybody, in both languages, by day and by night, on a desk and on a phone,
and asking nobody else for anything."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tagora.core.decisions import Verdict
from tagora.core.moderators import Role
from tagora.core.records import Media, MediaKind
from tagora.review import claims, deciding, notes
from tagora.storage import saved_filters

from ..make import author, sighting
from .desk import Desk, desk, posts
from .looking import PHONE, WIDE, faults

pytestmark = pytest.mark.browser

PICTURE = Media(MediaKind.IMAGE, "https://pictures.example.net/one.jpg", alt="Two cats on a wall")
# each language sees each size and each scheme once; so does each size each scheme
SIGHTS = {"en-GB": ((WIDE, "light"), (PHONE, "dark")), "it-IT": ((PHONE, "light"), (WIDE, "dark"))}
PAGES = (
    "",
    "?status=rejected&words=talk",
    "posts/{}",
    "rules",
    "rules/edit",
    "record",
    "record/figures",
    "remove",
    "add",
    "authors",
    "reasons",
)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, int]]:
    """A desk with something of everything; and the post that has most of it."""
    with desk(tmp_path_factory.mktemp("looks")) as place:
        place.arrive(*posts(30))
        same = "The very same sentence from many people, word for word. #talk"
        place.arrive(*(sighting(f"s{n}", text=same, author=author(f"same{n}")) for n in range(4)))
        thread = place.arrive(
            sighting("t1", text="Who are you? #talk", minutes=60),
            sighting(
                "t2",
                reply_to="t1",
                text="Somebody. #talk",
                warning="About me",
                media=(PICTURE,),
                minutes=61,
                author=author("bea"),
            ),
            sighting("t3", reply_to="t2", text="And me.", minutes=62, author=author("carlo")),
        )
        place.arrive(sighting("t2", reply_to="t1", text="Nobody. #talk", media=(PICTURE,), author=author("bea")))
        now, talk = place.place.clock.now(), place.campaign_id
        place.session("Bruno")
        place.session("Vera", Role.ADMIN)
        with place.place.store.writing() as connection:
            for ids, verdict, reason in ((range(2, 6), Verdict.APPROVE, None), (range(6, 9), Verdict.REJECT, "spam")):
                seen = deciding.as_now(connection, talk, list(ids))
                deciding.decide_seen(connection, talk, seen, verdict, "Bruno", now, reason=reason)
            notes.remark(connection, talk, thread[1], "What do you think?", "Bruno", now, asks="Vera")
            claims.open_post(connection, talk, 10, "Bruno", now, place.place.loaded.config.review.claim)
            saved_filters.save(connection, 2, talk, "by me", "author=bea", now)
        yield place, thread[1]
        assert place.violations == []


@pytest.mark.parametrize("tongue", SIGHTS)
def test_axe_finds_nothing_nothing_is_too_wide_and_nobody_else_is_asked(
    browser: Browser, lively: tuple[Desk, int], tongue: str
) -> None:
    place, post = lively
    context = place.context(browser, "Vera", Role.ADMIN, locale=tongue)
    page = place.page(context)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    found: dict[str, list[str]] = {}
    inside = [place.queue + path.format(post) for path in PAGES]
    for address in (*inside, place.address + "account", place.address + "moderators", place.address + "signin"):
        if address.endswith("signin"):
            context.clear_cookies()
        for size, scheme in SIGHTS[tongue]:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            if page.url != address:
                answer = page.goto(address)
                assert answer is not None and answer.ok, address
            wrong = faults(page)
            bar = page.locator("form.deciding")
            if "/posts/" in address and not bar.evaluate("e => e.getBoundingClientRect().bottom <= innerHeight"):
                wrong.append("what decides is not in sight")
            if wrong:
                found[f"{address} {scheme} {size['width']}"] = wrong
    context.close()
    assert found == {}
    assert asked == {urlsplit(place.address).netloc}
