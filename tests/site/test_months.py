"""Lists of discussions by month; by day where a month has very many."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tagora.presentation.formats import Formats
from tagora.site import render
from tagora.site.lists import months as months_module
from tagora.site.lists.material import Material
from tagora.site.lists.months import months
from tagora.site.pages import Page, digest
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.site.threads import site_view
from tagora.site.views import Card, MonthPage

SETTINGS = SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
CAMPAIGN = CampaignInfo("casnocha", ("mmgCasnocha",))
FIRST = datetime(2026, 11, 1, 22, 30, tzinfo=UTC)  # half past eleven in Rome


def card(number: int, *, hours: int, posts: int = 1) -> Card:
    at = FIRST + timedelta(hours=hours)
    micros = int(at.timestamp() * 1_000_000)
    return Card(
        thread_id=number, first_id=number, path=f"casnocha/{number}.html", month=f"{at:%Y-%m}", started=micros,
        latest=micros, posts=posts, featured=False, noindex=False, families=("X",), author="Anna", title=None,
        excerpt=f"words {number}", warning=None, lang="en", former=(),
    )  # fmt: skip


def planned(cards: list[Card], language: str = "en") -> dict[str, Page]:
    material = Material(SETTINGS, (CAMPAIGN,), {"casnocha": cards}, date(2026, 11, 26), {})
    return {page.path: page for page in months(material, CAMPAIGN, Formats(language, SETTINGS.timezone))}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months_module, "MOST", 3)


def test_a_month_is_one_page_with_the_latest_first(few: None) -> None:
    pages = planned([card(1, hours=0), card(2, hours=30), card(3, hours=60, posts=2)])
    assert list(pages) == ["en/casnocha/2026-11/index.html"]
    (page,) = pages.values()
    assert isinstance(view := page.view, MonthPage)
    assert [each.excerpt for each in view.cards] == ["words 3", "words 2", "words 1"]
    assert (view.discussions, view.posts, view.days) == (3, 4, ())


def test_a_month_with_very_many_leads_to_its_days_as_readers_count_them(few: None) -> None:
    pages = planned([card(1, hours=0), card(2, hours=1), card(3, hours=2), card(4, hours=26, posts=3)])
    top = "en/casnocha/2026-11"
    assert list(pages) == [f"{top}/index.html", f"{top}/01/index.html", f"{top}/02/index.html", f"{top}/03/index.html"]
    month, first, second, third = (page.view for page in pages.values())
    assert [(day.label, day.path, day.discussions, day.posts) for day in month.days] == [
        ("3 November 2026", f"{top}/03/", 1, 3),
        ("2 November 2026", f"{top}/02/", 2, 2),
        ("1 November 2026", f"{top}/01/", 1, 1),
    ]
    assert (month.cards, month.discussions, month.posts) == ((), 4, 6)
    assert [each.excerpt for view in (third, second, first) for each in view.cards] == [
        f"words {number}" for number in (4, 3, 2, 1)
    ]
    assert second.month == third.month and second.month.path == f"{top}/"
    assert (first.earlier, first.later.path, second.earlier.path) == (None, f"{top}/02/", f"{top}/01/")
    shown = [number for page in pages.values() for number in page.shown]
    assert sorted(shown) == [1, 2, 3, 4], "the month's own page shows no words"


def test_a_reply_touches_the_day_on_which_its_discussion_began_and_no_other(few: None) -> None:
    before = [card(number, hours=number * 8) for number in range(6)]
    after = [*before[:-1], before[-1]._replace(posts=2, latest=before[-1].latest + 1)]
    now, then = planned(after), planned(before)
    touched = [path for path in now if digest(now[path].basis) != digest(then[path].basis)]
    assert touched == ["en/casnocha/2026-11/index.html", "en/casnocha/2026-11/03/index.html"]


@pytest.mark.parametrize(("language", "day"), [("it", "2 novembre 2026"), ("en", "2 November 2026")])
def test_both_are_written_in_each_language(few: None, language: str, day: str) -> None:
    pages = planned([card(number, hours=number) for number in range(4)], language)
    written = [render.render(page, site_view(SETTINGS)).decode() for page in pages.values()]
    assert f'">{day}</a>' in written[0] and "words" not in written[0]
    assert "words 3" in written[-1] and 'casnocha/2026-11/">' in written[-1].partition("<h1")[0]
