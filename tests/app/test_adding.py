"""Adding a post by its address, through the command, against the networks in a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tagora.app import adding
from tagora.app.workplace import open_workplace
from tagora.collector import by_hand
from tagora.core.clock import ManualClock
from tagora.core.errors import OutOfBudget, Temporary, UsageError
from tagora.sandbox import SMALL, FaultKind, Sandbox, Script, load_script
from tagora.storage import sources
from tagora.storage.tables import budget_entry, metadata, post, run, source

from ..folder import Folder

UNTAGGED = {"mastodon": "m14", "x": "x8", "facebook": "f12", "bluesky": "b13", "feed": "w4"}
NOT_OPEN = {"mastodon": "m6", "x": "x4", "facebook": "f10", "bluesky": "b4"}
NETWORKS = pytest.mark.parametrize("network", UNTAGGED)
SOCIAL = "mastodon.social"
REJECT_ALL = {"name": "all", "when": {"via": "hand"}, "then": "reject", "reason": "not by hand"}


@pytest.fixture
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script) -> Iterator[Sandbox]:
    with Sandbox(script, now=500, enforce_limits=False) as box:
        yield box


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "PAUSE", 0)


@pytest.fixture
def mine(folder: Callable[..., Folder]) -> Folder:
    """All networks, nothing collected yet; people decide."""
    return folder(only=list(UNTAGGED), policy="review_first")


def waiting(campaign: Folder) -> dict[str, Any]:
    """The queue, by address."""
    return {one["url"]: one for one in campaign("list", "--json", "--limit", "500").json["posts"]}


def rows(campaign: Folder) -> dict[str, int]:
    """How many rows each table of the store has; runs and money apart, which tell of trying."""
    with open_workplace(campaign.file) as place, place.store.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("run", "budget_entry")
        }


def reserved(campaign: Folder) -> list[str]:
    with open_workplace(campaign.file) as place, place.store.reading() as connection:
        return list(connection.execute(select(budget_entry.c.state)).scalars())


# --- from the networks -----------------------------------------------------------------------------------------------


@NETWORKS
def test_an_untagged_post_is_added_by_its_address_and_waits(network: str, mine: Folder, box: Sandbox) -> None:
    url = box.post_url(UNTAGGED[network])
    answer = mine("add", url, "--by", "vera")
    assert (answer.status, answer.err) == (0, "")
    assert "added, pending" in answer.out
    (found,) = waiting(mine).values()
    assert (found["url"], found["via"]) == (url, "hand")
    assert found["text"]
    assert set(reserved(mine)) == {"settled"}
    shown = mine("show", str(found["post"])).out
    assert "vera" in shown and "added by hand" in shown


@NETWORKS
def test_added_twice_is_added_once_and_asks_nobody_again(network: str, mine: Folder, box: Sandbox) -> None:
    url = box.post_url(UNTAGGED[network])
    first = mine("add", url, "--json").json
    asked, before = len(box.requests), rows(mine)
    again = mine("add", url, "--json").json
    assert (first["known"], again["known"]) == (False, True)
    assert again["post"] == first["post"]
    assert (len(box.requests), rows(mine)) == (asked, before)


@pytest.mark.parametrize("network", NOT_OPEN)
def test_what_is_not_open_to_everybody_is_refused_and_leaves_nothing(network: str, mine: Folder, box: Sandbox) -> None:
    mine("list")
    before = rows(mine)
    answer = mine("add", box.post_url(NOT_OPEN[network]))
    assert answer.status == 2
    assert "was not added" in answer.err and "everybody" in answer.err
    assert rows(mine) == before


def test_followers_only_is_refused_also_where_the_key_may_see_it(folder: Callable[..., Folder], box: Sandbox) -> None:
    campaign = folder(only=["mastodon"])
    (campaign.path / "mastodon.uno.key").write_text(box.tokens.fediverse["mastodon.uno"].follower, encoding="utf-8")
    answer = campaign("add", box.post_url("m6"))
    assert "it is not open to everybody" in answer.err
    assert rows(campaign)["post"] == 0


def test_an_unlisted_post_waits_even_where_everything_is_published_first(
    folder: Callable[..., Folder], box: Sandbox
) -> None:
    campaign = folder(policy="publish_first")
    assert "added, pending" in campaign("add", box.post_url("m8")).out
    assert "added, approved" in campaign("add", box.post_url("m14")).out


def test_an_author_who_wants_no_robots_is_left_alone(mine: Folder, box: Sandbox) -> None:
    answer = mine("add", box.post_url("m10"))
    assert answer.status == 2
    assert "its author asks not to be collected" in answer.err


@NETWORKS
def test_a_withdrawn_post_stays_away_and_costs_nothing(network: str, mine: Folder, box: Sandbox) -> None:
    url = box.post_url(UNTAGGED[network])
    mine("add", url)
    assert mine("forget", url, "--yes").status == 0
    asked, before = len(box.requests), rows(mine)
    answer = mine("add", url)
    assert answer.status == 2
    assert "it was withdrawn here" in answer.err
    assert rows(mine) == before
    if network != "mastodon":  # there the author, who had nothing else here, is known by the account: it is asked for
        assert len(box.requests) == asked


def test_other_posts_of_a_withdrawn_person_stay_away(mine: Folder, box: Sandbox) -> None:
    mine("add", box.post_url("x1"))
    mine("forget", "@marcob", "--yes")
    answer = mine("add", box.post_url("x11"))
    assert "it was withdrawn here, or its author was" in answer.err


def test_a_post_that_never_was_is_not_added(mine: Folder) -> None:
    answer = mine("add", "https://x.com/marcob/status/1234567890123456789")
    assert answer.status == 2
    assert "its network says that it is not there" in answer.err


def test_a_budget_that_is_too_small_refuses_in_a_sentence_and_asks_nobody(
    folder: Callable[..., Folder], box: Sandbox
) -> None:
    campaign = folder(only=["x"])
    campaign.config["accounts"]["x-main"]["budget"] = {"usd_per_day": 0.01}
    campaign.write()
    answer = campaign("add", box.post_url("x8"))
    assert answer.status == OutOfBudget.exit_status
    assert "would be exceeded by one more call" in answer.err
    assert box.requests == ()
    assert rows(campaign)["post"] == 0


@pytest.mark.parametrize("fault", [FaultKind.SERVER_ERROR, FaultKind.CUT_BODY, FaultKind.EXPIRED_TOKEN])
@NETWORKS
def test_a_network_that_fails_leaves_nothing_half(
    network: str, fault: FaultKind, folder: Callable[..., Folder], box: Sandbox, now: ManualClock
) -> None:
    campaign = folder(only=[network])
    campaign("list")
    before = rows(campaign)
    with open_workplace(campaign.file) as place, place.store.reading() as connection:
        sources_before = sources.every(connection)
    box.fault(fault, count=None)
    answer = campaign("add", box.post_url(UNTAGGED[network]))
    assert answer.status in (1, 2)
    assert answer.err.count("\n") == 1
    assert rows(campaign) == before
    with open_workplace(campaign.file) as place, place.store.reading() as connection:
        assert sources.every(connection) == sources_before, "neither held, nor postponed, nor called ailing"
    box.clear_faults()
    assert campaign("add", box.post_url(UNTAGGED[network])).status == 0


def test_a_source_that_is_being_asked_is_waited_for(mine: Folder, box: Sandbox, now: ManualClock) -> None:
    with open_workplace(mine.file) as place:
        number = place.ids["talk"].sources["x"]
        with place.store.writing() as connection:
            sources.take(connection, number, "elsewhere, process 7 [x]", now.now(), now.now() + timedelta(minutes=9))
        with pytest.raises(Temporary, match="it is being asked by elsewhere, process 7"):
            adding.add(place, "talk", box.post_url("x8"), "vera")
        with place.store.writing() as connection:
            sources.free(connection, {"elsewhere, process 7 [x]"})
        assert not adding.add(place, "talk", box.post_url("x8"), "vera").known


def test_the_source_s_own_turn_is_left_as_it_was(mine: Folder, box: Sandbox) -> None:
    mine("list")
    with open_workplace(mine.file) as place:
        with place.store.reading() as connection:
            due = dict(map(tuple, connection.execute(select(source.c.id, source.c.due_at))))
        adding.add(place, "talk", box.post_url("x8"), "vera")
        with place.store.reading() as connection:
            assert dict(map(tuple, connection.execute(select(source.c.id, source.c.due_at)))) == due
            assert connection.execute(select(run.c.new, run.c.ended_at.is_not(None))).all() == [(1, True)]


def test_what_stands_around_an_added_post_is_collected_in_the_source_s_next_turn(mine: Folder, box: Sandbox) -> None:
    mine("add", box.post_url("m2"))
    assert set(waiting(mine)) == {box.post_url("m2")}
    mine("collect", "--now")
    assert {box.post_url("m1"), box.post_url("m2"), box.post_url("m3")} <= set(waiting(mine))


def test_a_closed_home_is_asked_by_the_source_that_has_its_key(mine: Folder, box: Sandbox) -> None:
    assert mine("add", box.post_url("m3")).status == 0
    assert [one.network for one in box.requests] == ["sociale.example"]


# --- rules -----------------------------------------------------------------------------------------------------------


def test_what_the_rules_would_reject_waits_and_the_answer_says_so(folder: Callable[..., Folder], box: Sandbox) -> None:
    campaign = folder(policy="review_first", rules=[REJECT_ALL])
    answer = campaign("add", box.post_url("x8"), "--by", "vera")
    assert "added, pending" in answer.out
    assert "all: not by hand" in answer.out
    campaign("rules", "apply")
    assert set(waiting(campaign)) == {box.post_url("x8")}
    assert campaign("undo", "--by", "vera").status == 0
    assert waiting(campaign) == {}, "without the moderator's word the rule's stands"


def test_what_a_person_rejected_is_not_put_before_people_again(mine: Folder, box: Sandbox) -> None:
    number = mine("add", box.post_url("x8"), "--json").json["post"]
    mine("reject", str(number), "--reason", "off topic")
    again = mine("add", box.post_url("x8"), "--json").json
    assert (again["known"], again["status"]) == (True, "rejected")


# --- from the store --------------------------------------------------------------------------------------------------


@NETWORKS
def test_what_another_campaign_holds_is_added_without_asking_the_network(
    network: str, mine: Folder, box: Sandbox
) -> None:
    mine.config["campaigns"].append(mine.campaign | {"slug": "second", "hashtags": ["somethingElse"]})
    mine.write()
    url = box.post_url(UNTAGGED[network])
    mine("add", url, "--campaign", "talk")
    asked = len(box.requests)
    answer = mine("add", url, "--campaign", "second", "--json")
    assert answer.json["known"] is False
    assert answer.json["campaign"] == "second"
    assert len(box.requests) == asked
    assert mine("list", "--campaign", "second", "--json").json["posts"][0]["url"] == url


def test_what_its_network_took_back_meanwhile_is_not_taken_from_the_store(
    mine: Folder, box: Sandbox, now: ManualClock
) -> None:
    mine.config["campaigns"].append(mine.campaign | {"slug": "second", "hashtags": ["somethingElse"]})
    mine.write()
    number = mine("add", box.post_url("x12"), "--campaign", "talk", "--json").json["post"]
    mine("approve", str(number), "--campaign", "talk")  # what costs money is looked at again only if it is shown
    now.set(box.set_time(3_000))  # deleted at 700, looked at again after a day
    mine("collect", "--now")
    answer = mine("add", box.post_url("x12"), "--campaign", "second")
    assert answer.status == 2
    assert "its network says that it is not there" in answer.err


def test_a_post_held_for_another_s_sake_becomes_one_of_its_own(mine: Folder, box: Sandbox) -> None:
    mine("collect", "--once")
    (answered,) = [one for one in waiting(mine).values() if one["url"] == box.post_url("x8")]
    assert answered["via"] == "context"
    assert mine("add", box.post_url("x8"), "--json").json["known"] is True
    assert waiting(mine)[box.post_url("x8")]["via"] == "hand"


# --- what is no address, or nobody's ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("ciao", "'ciao' is no web address"),
        ("javascript:alert(1)", "is no web address"),
        ("https://localhost/1", "is no web address"),
        ("https://www.instagram.com/p/ABC/", "no source of talk can be asked for https://www.instagram.com/p/ABC/"),
        ("https://www.facebook.com/1234567890/posts/pfbid02abc", "no source of talk can be asked"),
    ],
)
def test_an_address_that_nobody_can_be_asked_for_says_what_to_do(mine: Folder, url: str, sentence: str) -> None:
    answer = mine("add", url)
    assert answer.status == UsageError.exit_status
    assert sentence in answer.err
    assert ("Type it in" in answer.err) == url.startswith("https://www")
    assert rows(mine)["post"] == 0


def test_no_row_of_the_store_is_made_for_a_person_who_is_not_one(mine: Folder, box: Sandbox) -> None:
    answer = mine("add", box.post_url("x8"), "--by", "rule")
    assert "cannot be a moderator's name" in answer.err
    with open_workplace(mine.file) as place, place.store.reading() as connection:
        assert connection.execute(select(post.c.id)).all() == []
