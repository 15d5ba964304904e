"""Removing, adding, trusted and blocked authors, reasons: as browsers without scripts use them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.conditions import Stands
from tagora.core.config import Legal
from tagora.core.errors import UsageError
from tagora.core.moderators import Role
from tagora.core.reasons import STARTERS
from tagora.review.reasons import reasons
from tagora.review.web.replies import replies
from tagora.review.web.surroundings import Added, Removal, Typed
from tagora.storage.decisions import subjects
from tagora.storage.standing import standings
from tagora.storage.store import Store

from ...agora import arrive
from ...make import NOON, author, sighting
from ...team import NoActs, Team, team


@dataclass
class Doing(NoActs):
    """A collection with one person in it, and one network that can be asked."""

    campaigns: Sequence[str] = ("casnocha",)
    typed: Typed | None = None

    def removal(self, target: str) -> Removal:
        if target != "@anna":
            raise UsageError(f"nothing of {target} is held here", "Give the post's address.")
        return Removal(target, 3, 2, 1, 1, tuple(self.campaigns), ("anna",))

    def remove(self, target: str) -> Removal:
        self.done.append(("remove", target))
        return Removal(target, 3, 2, 1, 1, tuple(self.campaigns), at=NOON)

    def add(self, campaign: str, url: str, by: str, typed: Typed | None = None) -> Added:
        if "example.net" not in url and typed is None:
            raise UsageError(f"no source of {campaign} can be asked for {url}", "Type it in.")
        self.typed = typed
        self.done.append(("add", url))
        return Added(7, known=url.endswith("known"))


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    return team(sqlite_store, clock, "casnocha", "other", acts=Doing())


def reading(language: str, client: TestClient) -> TestClient:
    client.headers["Accept-Language"] = language
    return client


def text_in(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- removing --------------------------------------------------------------------------------------------------------


def test_a_removal_is_shown_then_done_after_a_typed_word(agora: Team) -> None:
    anna = reading("en", agora.signed_in("Anna"))

    shown = text_in(anna.post("/c/casnocha/remove", data={"target": " @anna "}).text)
    assert "This removes 3 posts by @anna from 2 discussions and blocks their return." in shown
    assert "In 1 post by somebody else the name is made unreadable." in shown
    unsure = anna.post("/c/casnocha/remove/now", data={"target": "@anna", "typed": "yes"})
    assert unsure.status_code == 400 and "the word was not typed" in unsure.text
    assert agora.acts.done == []

    done = anna.post("/c/casnocha/remove/now", data={"target": "@anna", "typed": "Remove"})
    assert agora.acts.done == [("remove", "@anna")]
    told = text_in(done.text)
    assert "Removed: 3 posts from 2 discussions; their return is blocked." in told
    assert "as you asked, on 23 November 2026 we took out of “Agora”: 3 posts." in told
    assert "come ci ha chiesto, il 23 novembre 2026 abbiamo tolto da «Agora»: 3 post." in told
    assert "@anna" not in done.text


def test_what_is_not_here_cannot_be_removed(agora: Team) -> None:
    anna = reading("it", agora.signed_in("Anna"))
    for target, said in (("@nobody", "nothing of @nobody is held here"), ("  ", "mancano un indirizzo o un nome")):
        refused = anna.post("/c/casnocha/remove", data={"target": target})
        assert refused.status_code == 400 and said in text_in(refused.text)
    assert agora.signed_in("Vera", Role.VIEWER).get("/c/casnocha/remove").status_code == 403


def test_a_removal_that_reaches_into_another_campaign_needs_the_right_there_too(agora: Team) -> None:
    assert isinstance(agora.acts, Doing)
    agora.acts.campaigns = ("casnocha", "other")
    guest = reading("en", agora.signed_in("Guest", None, roles={"casnocha": Role.MODERATOR}))
    everywhere = agora.signed_in("Anna")

    for path in ("/c/casnocha/remove", "/c/casnocha/remove/now"):
        refused = guest.post(path, data={"target": "@anna", "typed": "remove"})
        assert "a campaign in which you may not decide" in refused.text
    assert agora.acts.done == []
    assert everywhere.post("/c/casnocha/remove/now", data={"target": "@anna", "typed": "rimuovi"}).status_code == 200


def test_the_letter_says_whom_to_ask_and_names_nobody() -> None:
    legal = Legal(controller="Museo", contact="privacy@museo.example")
    done = Removal("https://example.net/1", 1, 1, 0, 0, ("casnocha",), at=NOON)
    (italian, english) = (text for _, text in replies(done, "Agorà", legal, NOON, "Europe/Rome"))
    assert "1 post." in english and "It will not be collected again." in english
    assert english.endswith("Questions: privacy@museo.example\n\nMuseo")
    assert "Non sarà più raccolto." in italian
    assert "https://example.net/1" not in english + italian


# --- adding ----------------------------------------------------------------------------------------------------------


def test_a_post_is_added_by_its_address(agora: Team) -> None:
    anna = reading("en", agora.signed_in("Anna"))
    added = anna.post("/c/casnocha/add", data={"url": "https://example.net/7"})
    assert (added.status_code, added.headers["location"]) == (303, "/c/casnocha/posts/7")
    anna.post("/c/casnocha/add", data={"url": "https://example.net/known"})
    assert "This post was in the campaign already." in text_in(anna.get("/c/casnocha/add").text)


def test_where_the_network_cannot_be_asked_the_post_is_typed_in(agora: Team) -> None:
    assert isinstance(agora.acts, Doing)
    anna = reading("en", agora.signed_in("Anna"))
    url = "https://blog.example.org/1"

    refused = anna.post("/c/casnocha/add", data={"url": url})
    assert refused.status_code == 400 and "<details open>" in refused.text and refused.text.count(url) >= 3
    form = {
        "url": url,
        "text": "Ciao",
        "author": "@bo",
        "written": "2026-11-20",
        "language": "IT",
        "permission": "mail",
    }
    undated = anna.post("/c/casnocha/add/typed", data={**form, "written": "yesterday"})
    assert (
        undated.status_code == 400
        and "that is no date" in undated.text
        and ">Ciao</textarea>" in undated.text.replace("\n", "")
    )
    assert anna.post("/c/casnocha/add/typed", data=form).status_code == 303
    written_at = NOON.replace(day=19, hour=23)  # midnight in Rome
    assert agora.acts.typed == Typed("Ciao", written_at, "mail", "@bo", None, "it")


# --- authors ---------------------------------------------------------------------------------------------------------


def test_an_author_is_blocked_until_a_day_and_let_go_again(agora: Team, clock: ManualClock) -> None:
    campaign = agora.ids["casnocha"]
    with agora.store.writing() as c:
        (post,) = arrive(c, campaign, [sighting("1")])
    anna = reading("en", agora.signed_in("Anna"))

    done = anna.post("/c/casnocha/authors", data={"name": "@Anna", "stands": "blocked", "until": "2026-12-24"})
    assert done.headers["location"] == "/c/casnocha/authors"
    page = text_in(anna.get("/c/casnocha/authors").text)
    assert "anna is blocked. 1 post left the queue." in page
    assert "anna X 25 Dec 2026, 00:00 Anna 23 Nov 2026, 13:00" in page
    with agora.store.reading() as c:
        (held,) = standings(c, campaign, clock.now())
        assert (held.stands, held.by) == (Stands.BLOCKED, "Anna")
        assert subjects(c, campaign, [post])[post].state.status.value == "rejected"

    anna.post(f"/c/casnocha/authors/{held.author.id}/lift")
    assert "anna is like anybody again." in text_in(anna.get("/c/casnocha/authors").text)
    with agora.store.reading() as c:
        assert standings(c, campaign, clock.now()) == []


def test_of_several_accounts_with_one_name_one_is_chosen(agora: Team, clock: ManualClock) -> None:
    with agora.store.writing() as c:
        other = author(native_id="id-other", url="https://mastodon.example/@anna")
        arrive(c, agora.ids["casnocha"], [sighting("1"), sighting("2", author=other)])
    anna = reading("en", agora.signed_in("Anna"))
    form = {"name": "anna", "stands": "trusted", "until": ""}

    asked = anna.post("/c/casnocha/authors", data=form)
    assert asked.status_code == 200 and "Several accounts bear this name" in asked.text
    values = re.findall(r'name="author" value="(\d+)"', asked.text)
    assert len(values) == 2
    assert anna.post("/c/casnocha/authors", data={**form, "author": "999"}).status_code == 200
    assert anna.post("/c/casnocha/authors", data={**form, "author": values[1]}).status_code == 303
    with agora.store.reading() as c:
        (held,) = standings(c, agora.ids["casnocha"], clock.now())
        assert (held.author.native_id, held.until) == ("id-other", None)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "nobody", "stands": "blocked"}, "no author 'nobody' is known"),
        ({"name": "anna", "stands": "loved"}, "whether to trust or to block"),
        ({"name": "anna", "stands": "blocked", "until": "2020-01-01"}, "the end date has passed already"),
        ({"name": "anna", "stands": "blocked", "until": "soon"}, "that is no date"),
    ],
)
def test_what_cannot_be_is_said_and_the_form_stays(agora: Team, form: dict[str, str], said: str) -> None:
    with agora.store.writing() as c:
        arrive(c, agora.ids["casnocha"], [sighting("1")])
    refused = reading("en", agora.signed_in("Anna")).post("/c/casnocha/authors", data=form)
    assert refused.status_code == 400 and said in text_in(refused.text)
    assert f'name="name" value="{form["name"]}"' in refused.text
    assert agora.signed_in("Vera", Role.VIEWER).post("/c/casnocha/authors", data=form).status_code == 403


# --- reasons ---------------------------------------------------------------------------------------------------------


def test_reasons_are_put_in_another_order_with_other_words(agora: Team) -> None:
    admin = reading("en", agora.signed_in("Ada", Role.ADMIN))
    assert admin.get("/c/casnocha/reasons").text.count('name="code" value=') == len(STARTERS)

    form = {"order": ["3", "1", "2", ""], "code": ["spam", "rude", "lost", "x"], "it": ["Spam", "Villano", "", " "],
            "en": ["Spam", "Rude", "", ""]}  # fmt: skip
    assert admin.post("/c/casnocha/reasons", data=form).status_code == 303
    with agora.store.reading() as c:
        assert [(one.code, one.it) for one in reasons(c, agora.ids["casnocha"])] == [
            ("rude", "Villano"),
            ("spam", "Spam"),
        ]
    half = admin.post("/c/casnocha/reasons", data={"order": "1", "code": "rude", "it": "Villano", "en": ""})
    assert half.status_code == 400 and "Villano" in half.text
    assert admin.post("/c/casnocha/reasons/starters").status_code == 303
    with agora.store.reading() as c:
        assert tuple(reasons(c, agora.ids["casnocha"])) == STARTERS
    assert agora.signed_in("Mo").get("/c/casnocha/reasons").status_code == 403


def test_standings_that_ended_are_not_shown(agora: Team, clock: ManualClock) -> None:
    with agora.store.writing() as c:
        arrive(c, agora.ids["casnocha"], [sighting("1")])
    anna = reading("en", agora.signed_in("Anna"))
    anna.post("/c/casnocha/authors", data={"name": "anna", "stands": "trusted", "until": "2026-11-24"})
    assert "25 Nov 2026" in anna.get("/c/casnocha/authors").text
    clock.advance(timedelta(days=3))
    assert "25 Nov 2026" not in reading("en", agora.signed_in("Anna")).get("/c/casnocha/authors").text
