"""A discussion's page: what it weighs, what each network asks to see on it, what it tells search engines."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

from tagora.site import render
from tagora.site.plan import ThreadPlanner
from tagora.site.threads import site_view
from tagora.storage.snapshot import Attachment, Mark, Node, Thread

from .test_plan import ANNA, CAMPAIGN, MINUTE, NOON, SETTINGS, node

LIGHT = 40_000  # bytes, compressed, of a page of 50 posts and all that it loads


def page_of(*nodes: Node, at: int = 0, **quoted: Node) -> str:
    thread = Thread(1, "a" * 20, (), nodes, {each.id: each for each in quoted.values()})
    planned = ThreadPlanner(SETTINGS, CAMPAIGN).plan(thread)
    assert planned
    return render.render(planned.pages[at], site_view(SETTINGS)).decode()


def structured(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return json.loads(found)


# --- weight -----------------------------------------------------------------------------------------------------------


def test_fifty_posts_and_all_that_their_page_loads_weigh_little_and_no_script_keeps_it_waiting() -> None:
    rng = random.Random(1)
    word = ["".join(rng.choices("abcdefghilmnoprstuvz", k=rng.randrange(2, 11))) for _ in range(4_000)]
    nodes = [
        node(number, rng.randrange(1, number) if number > 1 else None)._replace(
            text=" ".join(rng.choices(word, k=40)),
            writer=ANNA._replace(id=number, handle=rng.choice(word), display_name=rng.choice(word).title()),
        )
        for number in range(1, 51)
    ]
    page = page_of(*nodes)
    loaded = set(re.findall(r'<(?:script[^>]* src|link rel="stylesheet" href)="\.\./([^"]*)"', page))
    files = {render.asset_path(asset): render.asset(asset) for asset in render.ASSETS}
    weight = sum(len(gzip.compress(content, 6)) for content in (page.encode(), *(files[path] for path in loaded)))
    assert len(loaded) > 1 and weight < LIGHT
    scripts = re.findall(r"<script[^>]*>", page)
    assert all('type="module"' in tag or 'type="application/ld+json"' in tag for tag in scripts)


def test_no_page_of_a_discussion_has_the_next_one_fetched_ahead() -> None:
    """Firefox fetches what `link rel=next` names, and says that the page's policy forbids it."""
    nodes = [node(1, None), *(node(number, 1) for number in range(2, 302))]
    pages = [page_of(*nodes, at=at) for at in (0, 1)]
    for page in pages:
        assert set(re.findall(r'<link rel="([^"]*)"', page)) <= {"canonical", "alternate", "icon", "stylesheet"}
    assert '<a rel="next"' in pages[0] and '<a rel="prev"' in pages[1]


# --- duties -----------------------------------------------------------------------------------------------------------


def test_name_and_handle_lead_to_the_profile_and_a_monogram_stands_left_of_them() -> None:
    page = page_of(node(1, None))
    (who,) = re.findall(r'<a class="who" href="https://example.net/@anna"[^>]*>(.*?)</a>', page, re.S)
    assert re.search(r'class="face"[^>]*>A</span>.*<bdi>Anna</bdi>.*@anna', who)


def test_the_time_and_a_link_by_its_name_lead_to_the_post_at_its_network() -> None:
    for origin, title in {
        "x": "X",
        "facebook": "Facebook",
        "bluesky": "Bluesky",
        "blog.example": "example.net",
    }.items():
        page = page_of(node(1, None)._replace(origin=origin))
        assert re.search(r'<a href="https://example.net/1"[^>]*><time datetime="[^"]+">', page), origin
        assert re.search(rf'<a class="original[^"]*" href="https://example.net/1"[^>]*>Vedi su {title}</a>', page), (
            origin
        )


def test_on_a_post_of_x_only_its_own_mark_is_seen() -> None:
    page = page_of(node(1, None), node(2, 1)._replace(origin="bluesky"))
    first, second = re.findall(r"<article.*?</article>", page, re.S)
    assert "original net-x" in first and "net-bluesky" not in first
    assert "original net-bluesky" in second and "net-x" not in second
    css = render.asset(render.STYLE).decode()
    assert set(re.findall(r"\.original\.(net-\w+)::before", css)) == {"net-x"}


def test_an_edited_post_is_marked() -> None:
    page = page_of(node(1, None)._replace(edited_at=NOON + 9 * MINUTE), node(2, 1))
    first, second = re.findall(r"<article.*?</article>", page, re.S)
    assert 'class="edited"' in first and 'class="edited"' not in second


def test_a_blogs_title_and_author_are_shown_as_given() -> None:
    page = page_of(node(1, None)._replace(origin="blog.example", title="On <listening>"))
    assert 'dir="auto" lang="it">On &lt;listening&gt;</p>' in page and "<bdi>Anna</bdi>" in page


def test_what_alt_texts_say_is_shown() -> None:
    media = (Attachment("image", "A long table"),)
    assert "A long table" in page_of(node(1, None)._replace(media=media))


def test_links_of_x_read_as_x_shows_them_and_go_through_its_address() -> None:
    text = "see https://t.co/abc"
    link = Mark(4, 20, "link", "https://t.co/abc", "example.org/page…")
    page = page_of(node(1, None)._replace(text=text, marks=(link,)))
    assert re.search(r'<a href="https://t\.co/abc"[^>]*>example\.org/page…</a>', page)


def test_a_withheld_post_is_not_shown() -> None:
    hidden = node(2, 1)._replace(withheld=True, publishable=False, text="not everywhere")
    page = page_of(node(1, None), hidden, node(3, 2))
    assert "not everywhere" not in page and "non più disponibile" in page


def test_a_quote_that_is_not_shown_says_so_without_a_name() -> None:
    taken = node(9, None)._replace(publishable=False, text="taken back", writer=ANNA._replace(display_name="Zoe"))
    page = page_of(node(1, None)._replace(quote_id=9), quoted=taken)
    assert "taken back" not in page and "Zoe" not in page and "Il post citato non è mostrato qui" in page


def test_a_quoted_post_of_the_same_discussion_leads_to_its_place() -> None:
    page = page_of(node(1, None), node(2, 1)._replace(quote_id=1))
    (first,) = re.findall(r'<li id="(p\w+)">', page)
    assert f'<a href="#{first}">In questa discussione</a>' in page


def test_every_listed_duty_names_the_tests_that_hold_it() -> None:
    root = Path(__file__).resolve().parents[2]
    there = {
        name for file in (root / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    listed = (root / "docs" / "display-duties.md").read_text(encoding="utf-8")
    rows = [line for line in listed.splitlines() if line.startswith("| ") and not line.startswith("| duty ")]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row.removesuffix(" |").rpartition(" | ")[2])
        assert named and set(named) <= there, row


# --- folding ----------------------------------------------------------------------------------------------------------


def test_a_branch_that_stands_beside_others_can_be_folded_and_says_how_many_replies_are_in_it() -> None:
    tree = {1: None, 2: 1, 3: 2, 4: 3, 5: 1, 6: 5}
    page = page_of(*(node(number, above) for number, above in tree.items()))
    assert re.findall(r'<details class="branch" open><summary>(.*?)</summary>', page) == ["2 risposte"]
    assert page.count("<details") == page.count("</details>")


# --- structured data --------------------------------------------------------------------------------------------------


def test_a_further_page_names_the_first_one_and_holds_its_own_posts_as_comments() -> None:
    long = [node(1, None), *(node(number, 1) for number in range(2, 302))]
    first, further = structured(page_of(*long)), page_of(*long, at=1)
    told = structured(further)
    assert told["url"] == first["url"] and told["headline"] == first["headline"]
    assert told["author"]["name"] == first["author"]["name"] and told["datePublished"] == first["datePublished"]
    assert "text" in first and "text" not in told
    (canonical,) = re.findall(r'<link rel="canonical" href="([^"]*)"', further)
    shown = re.findall(r'<li id="(p\w+)"', further)
    assert [comment["url"] for comment in told["comment"]] == [f"{canonical}#{anchor}" for anchor in shown]
    assert all(comment["author"] and comment["datePublished"] and comment["text"] for comment in told["comment"])


def test_a_page_whose_beginning_asked_not_to_be_indexed_is_not_since_its_words_head_it() -> None:
    shy = node(1, None)._replace(writer=ANNA._replace(wishes=("noindex",)))
    long = [shy, *(node(number, 1)._replace(writer=ANNA._replace(id=2)) for number in range(2, 302))]
    assert all('<meta name="robots" content="noindex">' in page_of(*long, at=at) for at in (0, 1))
    planned = ThreadPlanner(SETTINGS, CAMPAIGN).plan(Thread(1, "a" * 20, (), tuple(long), {}))
    assert planned and all(part.noindex for part in planned.card.parts)
