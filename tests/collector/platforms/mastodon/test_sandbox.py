"""What a source sees of a discussion on four servers, through the real client library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from tagora.collector.contract import (
    Cursor,
    FreeMeter,
    Lookup,
    Missing,
    MissingReason,
    Page,
    Query,
    Quotes,
    Tag,
    Target,
    Thread,
)
from tagora.collector.platforms.mastodon import PLATFORM, client, wire
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, ConfigError, RateLimited, Temporary
from tagora.core.records import Authority, PostRef, Sighting, Visibility
from tagora.sandbox import ids
from tagora.sandbox.server import Sandbox
from tagora.sandbox.truth import truth as truth_at

from .scripts import HOST, NEIGHBOUR, config, script, target_of, uri_of

TAG = Tag(("mmgCasnocha",))


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    discussion = script()
    with Sandbox(discussion, now=discussion.ends + 1, enforce_limits=False) as box:
        yield box


@pytest.fixture
def box(served: Sandbox) -> Sandbox:
    served.clear_faults()
    served.forget_requests()
    served.set_time(served.script.ends + 1)
    return served


def pages(
    box: Sandbox, query: Query, cursor: Cursor | None = None, *, host: str = HOST, token: str | None = None, **more: Any
) -> list[Page]:
    """All pages that a source on `host` gets for the query."""
    secrets = {"token": getattr(box.tokens.fediverse[host], token)} if token else {}
    clock = ManualClock(box.now)
    opened = PLATFORM.connect(
        config(box, **more), secrets, clock, box.fediverse_url(host), user_agent="tagora-tests", meter=FreeMeter()
    )
    with opened as fetch:
        return list(fetch(query, cursor or Cursor()))


def sightings(found: list[Page]) -> list[Sighting]:
    return [sighting for page in found for raw in page.items for sighting in PLATFORM.to_sightings(raw)]


def keys(box: Sandbox, found: list[Page]) -> set[str]:
    """The scripted names of the posts found."""
    names = {uri_of(box, post.key): post.key for post in box.script.posts}
    return {names[sighting.post.ref] for sighting in sightings(found)}


# --- tags ----------------------------------------------------------------------------------------------------------


def test_the_first_walk_finds_every_public_tagged_post_that_the_server_has(box: Sandbox) -> None:
    expected = {f"p{number}" for number in range(90)} | {"question", "ulid", "flake", "edited"}
    assert keys(box, pages(box, TAG)) == expected


def test_the_next_walk_brings_what_came_since_and_nothing_else(box: Sandbox) -> None:
    box.set_time(150)
    first = pages(box, TAG)
    box.set_time(box.script.ends + 1)
    later = pages(box, TAG, Cursor(mark=first[-1].newest))
    assert keys(box, later) == {f"p{number}" for number in range(51, 90)}


def test_a_walk_back_tells_down_to_which_moment_it_asked(box: Sandbox) -> None:
    moments = [page.oldest_at for page in pages(box, TAG)[:-1]]
    assert moments == sorted(filter(None, moments), reverse=True)
    assert moments[-1] == box.script.time(10)


def test_each_page_says_what_is_left_of_the_allowance(box: Sandbox) -> None:
    quota = pages(box, TAG)[0].quota
    assert quota is not None and quota.limit == 300 and quota.resets_at is not None


def test_no_other_call_is_made_beside_the_timeline(box: Sandbox) -> None:
    pages(box, TAG)
    assert {request.path for request in box.requests} == {"/api/v1/timelines/tag/mmgcasnocha"}
    assert {request.user_agent for request in box.requests} == {"tagora-tests"}


# --- conversations -------------------------------------------------------------------------------------------------


def test_a_conversation_is_put_together_from_the_authors_server_and_the_sources(box: Sandbox) -> None:
    found = pages(box, Thread((target_of(box, "answer"),)))
    assert {request.network for request in box.requests} == {NEIGHBOUR, HOST}
    assert {"question", "answer", "only-at-home", "only-next-door"} <= keys(box, found)


def test_the_authors_own_server_is_believed_most_and_least_one_that_only_a_post_named(box: Sandbox) -> None:
    told = sightings(pages(box, Thread((target_of(box, "answer"),))))
    for sighting in told:
        home = sighting.post.ref.native_id.split("/")[2]
        told_by = sighting.seen_as.origin.removeprefix("activitypub@")
        elsewhere = Authority.HEARSAY if told_by == HOST else Authority.RUMOUR
        assert sighting.authority == (Authority.HOME if told_by == home else elsewhere)


def test_a_reply_points_to_an_id_that_some_sighting_in_the_answer_carries(box: Sandbox) -> None:
    told = sightings(pages(box, Thread((target_of(box, "question"),))))
    carried = {ref for sighting in told for ref in (sighting.seen_as, *sighting.also)}
    assert {sighting.post.reply_to for sighting in told if sighting.post.reply_to} <= carried


def test_the_token_is_shown_to_its_own_server_only(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, Any] = {}
    send = wire.Wire.send

    def watched(self: wire.Wire, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        shown[str(request.url).split("/")[3]] = request.headers.get("Authorization")
        return send(self, request, **more)

    monkeypatch.setattr(wire.Wire, "send", watched)
    pages(box, Thread((target_of(box, "answer"),)), token="user")
    assert shown == {NEIGHBOUR: None, HOST: f"Bearer {box.tokens.fediverse[HOST].user}"}


def test_a_silent_neighbour_does_not_harm_the_source(box: Sandbox) -> None:
    box.fault("server_error", network=NEIGHBOUR, count=None)
    found = pages(box, Thread((target_of(box, "answer"),)))
    assert {"question", "answer", "only-at-home"} <= keys(box, found)
    assert not any(page.missing for page in found)


def test_a_gotosocial_author_is_answered_from_the_sources_server(box: Sandbox) -> None:
    assert "ulid" in keys(box, pages(box, Thread((target_of(box, "ulid"),))))


def test_other_servers_are_left_alone_when_told_so(box: Sandbox) -> None:
    pages(box, Thread((target_of(box, "answer"),)), ask_homes=False)
    assert {request.network for request in box.requests} == {HOST}


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "intranet", "10.0.0.7", "[::1]", "example.org:8080", "printer.local", "0x7f.1"]
)
def test_an_address_inside_our_network_is_never_asked(box: Sandbox, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_is_public", lambda name: name != "0x7f.1")
    hostile = Target(PostRef("activitypub", f"https://{host}/users/a/statuses/1"))
    found = pages(box, Thread((hostile,)))
    assert [missing.reason for page in found for missing in page.missing] == [MissingReason.UNREACHABLE]


def test_names_that_lead_into_our_network_are_told_from_public_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    led = {"inside.example": ["10.1.2.3"], "both.example": ["93.184.216.34", "127.0.0.1"], "fine.example": ["1.1.1.1"]}
    monkeypatch.setattr(
        client.socket, "getaddrinfo", lambda host, *_, **__: [(0, 0, 0, "", (address, 443)) for address in led[host]]
    )
    assert [client._is_public(host) for host in led] == [False, False, True]


def test_asking_four_servers_finds_all_that_can_be_found_and_nothing_that_is_not_for_everybody() -> None:
    discussion = script(further=2)
    with Sandbox(discussion, now=discussion.ends + 1, enforce_limits=False) as box:
        tokens = {HOST: "user", NEIGHBOUR: "user", "sociale.example": "user", "pleroma.example": None}
        told: dict[PostRef, Sighting] = {}
        asked: set[tuple[str, PostRef]] = set()
        todo: list[tuple[str, Query]] = [(host, TAG) for host in tokens]
        while todo:
            host, query = todo.pop()
            for sighting in sightings(pages(box, query, host=host, token=tokens[host])):
                told[sighting.post.ref] = sighting
                place = sighting.seen_as.origin.removeprefix("activitypub@")
                if (place, sighting.post.ref) not in asked:
                    asked.add((place, sighting.post.ref))
                    target = Target(sighting.post.ref, (sighting.seen_as,), sighting.post.url)
                    todo += [(place, Thread((target,))), (place, Quotes((target,)))]
        truth = truth_at(discussion, box.minute)
        held = {ref for ref, sighting in told.items() if sighting.post.visibility is not Visibility.PRIVATE}
        assert {uri_of(box, post.key) for post in truth.posts} <= held
        assert not {uri_of(box, key) for key in truth.forbidden} & held
        for post in truth.posts:
            assert told[uri_of(box, post.key)].post.text == post.sent_text


# --- visibility ----------------------------------------------------------------------------------------------------


def test_posts_not_for_everybody_are_marked_even_when_the_token_shows_them(box: Sandbox) -> None:
    told = sightings(pages(box, Thread((target_of(box, "question"),)), token="follower"))
    seen = {sighting.post.ref: sighting.post.visibility for sighting in told}
    assert seen[uri_of(box, "unlisted")] is Visibility.UNLISTED
    assert seen[uri_of(box, "private")] is Visibility.PRIVATE
    assert uri_of(box, "direct") not in seen


# --- looking up ----------------------------------------------------------------------------------------------------


def test_a_deleted_post_is_missing_and_the_others_come(box: Sandbox) -> None:
    box.set_time(94)
    wanted = tuple(target_of(box, key) for key in ("edited", "deleted", "question", "flake"))
    box.set_time(box.script.ends + 1)
    found = pages(box, Lookup(wanted))
    assert keys(box, found) == {"edited", "question", "flake"}
    (missing,) = [missing for page in found for missing in page.missing]
    assert missing == Missing(uri_of(box, "deleted"), MissingReason.DELETED)
    assert len(box.requests) == 2


def test_an_edit_shows_when_the_post_is_looked_up(box: Sandbox) -> None:
    (told,) = sightings(pages(box, Lookup((target_of(box, "edited"),))))
    assert told.post.text == "Dopo #mmgCasnocha"
    assert told.post.edited_at == box.script.time(90)


def test_an_older_server_is_asked_for_each_post_alone(box: Sandbox) -> None:
    box.fault("server_error", status=404, path="/api/v1/statuses", count=None)
    found = pages(box, Lookup(tuple(target_of(box, key) for key in ("edited", "question"))))
    assert keys(box, found) == {"edited", "question"}


def test_a_post_that_only_another_server_has_is_looked_up_there(box: Sandbox) -> None:
    found = pages(box, Lookup((target_of(box, "only-next-door", NEIGHBOUR),)))
    assert keys(box, found) == {"only-next-door"}
    assert {request.network for request in box.requests} == {NEIGHBOUR}


def test_an_opener_named_by_its_page_is_found(box: Sandbox) -> None:
    page = ids.fediverse_url(box.script, box.script.post("only-next-door"))
    ref = PLATFORM.locate(config(box), page)
    assert ref is not None
    assert keys(box, pages(box, Lookup((Target(ref),)))) == {"only-next-door"}


def test_a_pleroma_server_says_no_with_a_page_for_people(box: Sandbox) -> None:
    gone = Target(PostRef("activitypub@pleroma.example", "AnyFlakeId00000000"))
    found = pages(box, Lookup((gone,)), host="pleroma.example", family="pleroma")
    assert [missing.reason for page in found for missing in page.missing] == [MissingReason.DELETED]


# --- quotes --------------------------------------------------------------------------------------------------------


def test_quotes_are_found_with_a_token_and_not_asked_for_without(box: Sandbox) -> None:
    query = Quotes((target_of(box, "question"),))
    found = pages(box, query, token="user")
    assert "quoting" in keys(box, found)
    told = {sighting.post.ref: sighting.post.quote_of for sighting in sightings(found)}
    assert told[uri_of(box, "quoting")] == uri_of(box, "question")
    box.forget_requests()
    assert keys(box, pages(box, query)) == set()
    assert box.requests == ()


# --- check ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host, token, sees, lacks",
    [
        (HOST, None, ["Posts with #mmgCasnocha", "Conversations"], ["never reached", "Without a token"]),
        (HOST, "user", ["Posts with #mmgCasnocha", "Conversations", "quote"], ["never reached"]),
        ("sociale.example", None, [], ["wants a token"]),
    ],
)
def test_check_says_what_a_source_sees_and_lacks(
    box: Sandbox, host: str, token: str | None, sees: list[str], lacks: list[str]
) -> None:
    assert PLATFORM.probe is not None
    secrets = {"token": getattr(box.tokens.fediverse[host], token)} if token else {}
    with PLATFORM.connect(
        config(box), secrets, ManualClock(box.now), box.fediverse_url(host), user_agent="t", meter=FreeMeter()
    ) as fetch:
        found = PLATFORM.probe(fetch, TAG)
    assert len(box.requests) <= 3
    assert [word in sentence for word, sentence in zip(sees, found.sees, strict=True)] == [True] * len(sees)
    assert [word in sentence for word, sentence in zip(lacks, found.lacks, strict=True)] == [True] * len(lacks)


# --- keys and faults -----------------------------------------------------------------------------------------------


def test_gotosocial_without_a_token_is_refused_with_a_hint(box: Sandbox) -> None:
    with pytest.raises(AuthError, match=r"wants a token.*token_env"):
        pages(box, TAG, host="sociale.example")
    box.forget_requests()
    with pytest.raises(AuthError, match=r"runs GoToSocial.*token_env"):
        pages(box, TAG, host="sociale.example", family="gotosocial")
    assert box.requests == ()


def test_gotosocial_with_a_token_answers(box: Sandbox) -> None:
    assert {"question", "ulid"} <= keys(box, pages(box, TAG, host="sociale.example", token="user", family="gotosocial"))


def test_a_token_without_the_right_is_told_apart_from_a_wrong_one(box: Sandbox) -> None:
    with pytest.raises(AuthError, match="scope read:statuses"):
        pages(box, TAG, token="no_scope")


def test_a_token_with_a_line_end_is_refused_before_anything_is_sent(box: Sandbox) -> None:
    with (
        pytest.raises(AuthError, match="no token has") as told,
        PLATFORM.connect(
            config(box), {"token": "abc\ndef"}, ManualClock(box.now), box.url, user_agent="t", meter=FreeMeter()
        ),
    ):
        pass
    assert "abc" not in str(told.value)


def test_a_source_without_an_address_is_a_matter_of_config(box: Sandbox) -> None:
    opened = PLATFORM.connect(config(box), {}, ManualClock(box.now), None, user_agent="t", meter=FreeMeter())
    with pytest.raises(ConfigError, match="base_url"), opened:
        pass


def test_a_rate_limit_names_the_moment_to_go_on(box: Sandbox) -> None:
    box.fault("rate_limit", seconds=120)
    with pytest.raises(RateLimited) as told:
        pages(box, TAG)
    assert told.value.until is not None
    assert timedelta(0) < told.value.until - box.now <= timedelta(minutes=15)


def test_an_answer_without_end_is_cut_off(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_BYTES", 1_000_000)
    box.fault("giant_body", size=8_000_000)
    with pytest.raises(Temporary):
        pages(box, TAG)


def test_an_answer_that_drips_is_cut_off(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "WHOLE_SECONDS", 0.05)
    monkeypatch.setattr(wire, "CHUNK", 100)
    box.fault("slow_body", seconds=2)
    with pytest.raises(Temporary):
        pages(box, TAG)


def test_a_server_that_cannot_be_reached_is_tried_again_later(box: Sandbox) -> None:
    class Purse(FreeMeter):
        released = 0

        def release(self) -> None:
            self.released += 1

    purse = Purse()
    with (
        PLATFORM.connect(
            config(box), {}, ManualClock(box.now), "http://127.0.0.1:9", user_agent="t", meter=purse
        ) as fetch,
        pytest.raises(Temporary, match="cannot be reached"),
    ):
        list(fetch(TAG, Cursor()))
    assert purse.released == 1


def test_what_no_home_server_gives_us_is_fetched_by_our_own_server_when_a_person_names_it() -> None:
    discussion = script()
    with Sandbox(discussion, now=discussion.ends + 1, enforce_limits=False) as box:  # its servers will learn
        page = ids.fediverse_url(box.script, box.script.post("only-next-door"))
        target = Target(PostRef("activitypub@closed.example", "1"), url=page)
        named = Lookup((target,), resolve=True)
        unreachable = [Missing(target.ref, MissingReason.UNREACHABLE)]

        for query, token in ((Lookup((target,)), "user"), (named, None), (named, "no_scope")):
            found = pages(box, query, token=token)
            assert [missing for page in found for missing in page.missing] == unreachable
            assert not sightings(found)
        assert keys(box, pages(box, named, token="user")) == {"only-next-door"}
        assert [request.path for request in box.requests if request.path.endswith("search")] == ["/api/v2/search"] * 2
