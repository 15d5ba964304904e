"""What invitations can be chosen by, and the pages that lists are cut into."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.core.errors import ConfigError
from tagora.core.invitation import Invitation
from tagora.presentation.formats import Formats
from tagora.site import render
from tagora.site.lists.activity import activity
from tagora.site.lists.every import lists
from tagora.site.lists.facets import Belonging, belonging, choices
from tagora.site.lists.gathered import gather
from tagora.site.lists.material import Material
from tagora.site.lists.parts import parts
from tagora.site.lists.taking_part import taking_part
from tagora.site.settings import RESERVED_SLUGS, CampaignInfo, SiteSettings, check
from tagora.site.threads import site_view
from tagora.site.views import Card, Compose

SETTINGS = SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
ITALIAN, ENGLISH = Formats("it", "Europe/Rome"), Formats("en", "Europe/Rome")
NOON = 1_763_900_000_000_000
DAY = 86_400_000_000


def card(number: int, **changes: Any) -> Card:
    made = Card(
        number, number, f"talk/{number:020}.html", "2025-11", NOON + number * DAY, NOON + number * DAY, 1, False,
        False, ("X",), "Anna", None, f"words {number}", None, "it", (), languages=("it",),
        days={"2025-11-23": 1},
    )  # fmt: skip
    return made._replace(**changes)


def campaign(slug: str, **invitation: Any) -> CampaignInfo:
    return CampaignInfo(slug, (slug,), Invitation(**{"title": slug, "body": "", "language": "it", **invitation}))


def under(belongs: Belonging, facet: str) -> dict[str, int]:
    return {value.slug: told.discussions for value, told in belongs.items() if value.facet == facet}


def site(campaigns: list[CampaignInfo], cards: dict[str, list[Card]] | None = None, only: str = "") -> dict[str, str]:
    """Every page, by its path; or those whose path a pattern fits."""
    cards = {one.slug: (cards or {}).get(one.slug, []) for one in campaigns}
    material = Material(SETTINGS, tuple(campaigns), cards, date(2025, 12, 1), {})
    pages = (page for page in lists(material) if re.match(only, page.path))
    return {page.path: render.render(page, site_view(SETTINGS)).decode() for page in pages}


# --- facets ----------------------------------------------------------------------------------------------------------


def test_an_invitation_is_found_under_its_gurus_its_type_and_what_its_discussions_have() -> None:
    cards = [
        card(1, families=("Mastodon", "X"), languages=("it", "pt"), month="2025-10"),
        card(2, families=("X",), languages=("it",)),
    ]
    belongs = belonging(campaign("talk", gurus=("Ben Casnocha",), content_type="Intervista"), gather(cards))
    assert under(belongs, "guru") == {"ben-casnocha": 2}
    assert under(belongs, "tipo") == {"intervista": 2}
    assert under(belongs, "rete") == {"mastodon": 1, "x": 2}
    assert under(belongs, "lingua") == {"it": 2, "pt": 1}
    assert under(belongs, "mese") == {"2025-10": 1, "2025-11": 1}


def test_its_own_language_counts_before_anybody_answered_and_no_code_that_is_no_language() -> None:
    assert under(belonging(campaign("talk"), gather([])), "lingua") == {"it": 0}
    belongs = belonging(campaign("talk"), gather([card(1, languages=("qme", "xx"))]))
    assert under(belongs, "lingua") == {"it": 0}


def test_two_spellings_of_one_guru_are_one_and_the_first_is_shown() -> None:
    first = belonging(campaign("a", gurus=("Ben Casnocha", "BEN  casnocha")), gather([]))
    second = belonging(campaign("b", gurus=("ben casnocha",)), gather([]))
    (choice,) = choices([first, second], "", ITALIAN)["guru"]
    assert (choice.slug, choice.label, choice.path, choice.invitations) == (
        "ben-casnocha", "Ben Casnocha", "guru/ben-casnocha/", 2,
    )  # fmt: skip


def test_the_most_frequent_come_first_and_of_those_the_most_discussed_but_months_by_time() -> None:
    few = belonging(campaign("a", gurus=("A", "C")), gather([card(1, month="2025-09")]))
    many = belonging(campaign("b", gurus=("B", "C")), gather([card(1), card(2)]))
    found = choices([few, many], "en/", ENGLISH)
    assert [one.label for one in found["guru"]] == ["C", "B", "A"]
    assert [one.label for one in found["mese"]] == ["November 2025", "September 2025"]
    assert found["lingua"][0].label == "Italian" and found["lingua"][0].path == "en/lingua/it/"


def test_the_site_keeps_the_addresses_of_its_own_pages() -> None:
    for slug in RESERVED_SLUGS | {"it"}:
        with pytest.raises(ConfigError, match="page of its own") as raised:
            check(SETTINGS, (campaign(slug),))
        assert "guru" in raised.value.hint and "mese" in raised.value.hint


# --- pages -----------------------------------------------------------------------------------------------------------


def test_every_value_has_a_page_in_every_language_that_the_front_page_leads_to() -> None:
    told = campaign("talk", gurus=("Ben Casnocha",), content_type="Intervista")
    pages = site([told, campaign("other")], {"talk": [card(1)]})
    for home in ("", "en/"):
        for value in ("guru/ben-casnocha", "tipo/intervista", "rete/x", "lingua/it", "mese/2025-11"):
            assert f'href="{"../" if home else "./"}{home}{value}/"' in pages[f"{home}index.html"]
            page = pages[f"{home}{value}/index.html"]
            assert 'data-slug="talk"' in page
            assert ('data-slug="other"' in page) == (value == "lingua/it")
            assert f"{home}{value.partition('/')[0]}/index.html" in pages
    assert "Tipo di contenuto" in pages["index.html"] and "Content type" in pages["en/index.html"]
    assert 'href="../../talk/2025-11/"' in pages["mese/2025-11/index.html"]


def test_guru_lists_whom_invitations_are_about_and_never_who_wrote_a_post() -> None:
    pages = site([campaign("talk", gurus=("Ben Casnocha",), author="Maria")], {"talk": [card(1, author="Anna")]})
    gurus = [path for path in pages if "guru/" in path]
    assert sorted(gurus) == sorted(
        f"{home}guru/{name}index.html" for home in ("", "en/") for name in ("", "ben-casnocha/")
    )
    assert not any(name in pages[path] for path in gurus for name in ("Anna", "Maria"))


def test_the_newest_invitations_are_on_the_front_page_and_each_of_five_hundred_on_one_page() -> None:
    days = [date(2025, 11, 20) - timedelta(days=day) for day in range(500)]
    pages = site(
        [campaign(f"c{number}", date=day, gurus=("Ada",)) for number, day in enumerate(days)], only="index|inviti|guru"
    )
    for top, start in (("", "index.html"), ("guru/ada/", "guru/ada/index.html")):
        parts = [path for path in pages if path == start or path.startswith(top or "inviti/")]
        assert len(parts) == 25
        for number in range(500):
            assert sum(f'data-slug="c{number}"' in pages[path] for path in parts) == 1
        assert 'data-slug="c0"' in pages[start]
    assert 'rel="next" href="./inviti/24/"' in pages["index.html"]
    assert pages["guru/index.html"].count("<li>") == 1


def test_the_index_tells_where_every_invitation_stands_and_what_it_belongs_to() -> None:
    days = [date(2025, 11, 20) - timedelta(days=day) for day in range(45)]
    told = [campaign(f"c{number}", date=day, gurus=(f"G{number % 2}",)) for number, day in enumerate(days)]
    pages = site(told, {"c0": [card(1)]})
    for home in ("", "en/"):
        index = orjson.loads(pages[f"{home}invitations.json"])
        assert [one["slug"] for one in index["invitations"]] == [f"c{number}" for number in range(45)]
        for one in index["invitations"]:
            assert f'data-slug="{one["slug"]}"' in pages[f"{home}{one['at']}index.html"]
        gurus = [index["facets"]["guru"][at] for one in index["invitations"] for at in one["guru"]]
        assert gurus == [[f"g{number % 2}", f"G{number % 2}"] for number in range(45)]
        assert index["invitations"][0]["rete"] == [0] and index["invitations"][1]["rete"] == []


def test_a_site_without_invitations_has_no_filters() -> None:
    pages = site([])
    assert "Nessuna discussione" in pages["index.html"] and 'id="filters"' not in pages["index.html"]
    assert not any(path.startswith("guru") for path in pages)


# --- parts -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 130), st.integers(0, 45), st.integers(1, 25))
def test_a_page_that_is_full_stays_as_it_is_whatever_comes(before: int, more: int, most: int) -> None:
    def cut(length: int) -> dict[str, list[int]]:
        return {part.path: list(part.entries) for part in parts(range(length - 1, -1, -1), "", "p/", most)}

    old, new = cut(before), cut(before + more)
    assert [entry for entries in new.values() for entry in entries] == list(range(before + more - 1, -1, -1))
    assert all(new[path] == entries for path, entries in old.items() if path)
    assert all(len(entries) == most for path, entries in new.items() if path)
    assert len(new[""]) < 2 * most


def test_pages_lead_to_their_neighbours() -> None:
    found = list(parts(range(9), "", "p/", 2))
    assert [(part.path, part.earlier, part.later) for part in found] == [
        ("", "p/3/", None), ("p/3/", "p/2/", ""), ("p/2/", "p/1/", "p/3/"), ("p/1/", None, "p/2/"),
    ]  # fmt: skip


# --- the campaign's page ---------------------------------------------------------------------------------------------


def test_one_takes_part_only_on_networks_that_are_collected_or_were_asked_on() -> None:
    here = replace(campaign("talk"), hashtags=("primo", "secondo"))
    assert taking_part(here) == taking_part(replace(here, networks=("feed",)))
    assert not taking_part(here).compose and taking_part(here).fediverse is None
    x = Compose("X", "https://x.com/intent/post?hashtags=primo")
    bluesky = Compose("Bluesky", "https://bsky.app/intent/compose?text=%23primo%20")
    everywhere = taking_part(replace(here, networks=("bluesky", "facebook", "mastodon", "x")))
    assert everywhere.compose == (x, bluesky) and everywhere.fediverse == "#primo "
    page = "https://www.facebook.com/mmg/posts/1"
    opened = taking_part(replace(here, openers=(page, "https://x.com/mmg/status/5", "https://agora.example/@a/1")))
    assert opened.compose == (x,)
    assert [one.network for one in opened.openers] == ["Facebook", "X", "agora.example"]
    assert opened.openers[0].url == page


def test_after_its_closing_day_the_page_says_so_and_offers_no_form() -> None:
    told = replace(campaign("talk", closes=date(2025, 11, 1)), networks=("mastodon", "x"))
    page = site([told])["en/talk/index.html"]
    assert "Closed on 1 November 2025" in page
    assert "intent/post" not in page and "<form" not in page


def test_featured_come_first_then_the_latest_then_the_most_answered() -> None:
    cards = [card(number, posts=number % 7 + 1, featured=number == 3) for number in range(30)]
    page = site([campaign("talk")], {"talk": cards})["en/talk/index.html"]
    headings = [page.index(words) for words in ("Featured discussions<", "Latest discussions<", "Most answered")]
    assert headings == sorted(headings)
    featured, latest, answered = (page[start:end] for start, end in zip(headings, [*headings[1:], None], strict=True))
    assert "words 3<" in featured and "words 3<" not in latest
    assert "words 29<" in latest and "words 5<" not in latest
    assert "words 6<" in answered and "words 7<" not in answered


@pytest.mark.parametrize(
    ("days", "title", "columns"),
    [(1, None, 0), (62, "Posts by day", 62), (63, "Posts by week", 9), (900, "Posts by month", 30)],
)
def test_a_chart_is_as_fine_as_the_time_allows(days: int, title: str | None, columns: int) -> None:
    first = date(2025, 1, 6)
    counted = {str(first + timedelta(days=day)): 1 for day in range(days)}
    made = activity(counted, ENGLISH)
    assert (made.title if made else None) == title
    if made:
        assert made.svg.count("<rect") == columns
        assert sum(int(number) for _, number in made.rows) == days


def test_days_without_posts_are_columns_without_height_and_no_rows() -> None:
    made = activity({"2025-11-01": 2, "2025-11-10": 1}, ITALIAN)
    assert made and made.rows == (("1 novembre 2025", "2"), ("10 novembre 2025", "1"))
    assert made.svg.count("<rect") == 2 and 'role="img"' in made.svg
