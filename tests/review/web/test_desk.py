"""The desk over HTTP: its API, its forms without scripts, and eight moderators on one queue."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from tagora.app.reviewing import serving_review
from tagora.core.clock import ManualClock, SystemClock
from tagora.core.moderators import Role
from tagora.review.web.surroundings import Trouble
from tagora.storage.decisions import logs
from tagora.storage.store import Store

from ...agora import arrive, write
from ...make import NOON, author, sighting
from ...team import Team, team

API = "/api/v1/campaigns/casnocha"


@pytest.fixture
def agora(store: Store) -> Team:
    return team(store, ManualClock(NOON))


def some(agora: Team, *texts: str, **changes: Any) -> list[int]:
    """Posts of different people, in a row."""
    seen = [
        sighting(str(n), text=text, minutes=n, author=author(f"person{n}"), **changes)
        for n, text in enumerate(texts, 1)
    ]
    with agora.store.writing() as connection:
        return arrive(connection, agora.ids["casnocha"], seen)


def said(agora: Team, post_ids: list[int]) -> dict[int, list[str]]:
    """What people decided on each."""
    with agora.store.reading() as connection:
        found = logs(connection, agora.ids["casnocha"], post_ids)
    return {id_: [one.verdict.value for one in found.get(id_, ()) if one.by_person] for id_ in post_ids}


# --- the API ---------------------------------------------------------------------------------------------------------


def test_what_the_queue_gives_is_what_a_decision_takes(agora: Team) -> None:
    ids = some(agora, "one", "two", "three")
    vera = agora.signed_in("Vera")

    listed = vera.get(f"{API}/queue", params={"limit": 2}).json()
    assert [item["post"] for item in listed["items"]] == ids[:2]
    rest = vera.get(f"{API}/queue", params={"after": listed["next"]}).json()
    assert ([item["post"] for item in rest["items"]], rest["next"]) == (ids[2:], None)

    seen = [{name: item[name] for name in ("post", "hash", "decision")} for item in listed["items"]]
    told = vera.post(f"{API}/decisions", json={"verdict": "approve", "posts": seen}).json()
    assert [(one["post"], one["after"]) for one in told["decided"]] == [(ids[0], "approved"), (ids[1], "approved")]
    assert vera.get(f"{API}/counts").json()["statuses"]["waiting"] == 1


def test_a_decision_on_what_changed_is_refused_with_what_happened(agora: Team) -> None:
    ids = some(agora, "one", "two")
    vera, bruno = agora.signed_in("Vera"), agora.signed_in("Bruno")
    first, second = vera.get(f"{API}/queue").json()["items"]
    with agora.store.writing() as connection:
        write(
            connection,
            agora.ids["casnocha"],
            "1",
            "edited",
            author=author("person1"),
            edited_at=NOON + timedelta(minutes=9),
        )
    both = [{name: item[name] for name in ("post", "hash", "decision")} for item in (first, second)]
    bruno.post(f"{API}/decisions", json={"verdict": "reject", "reason": "spam", "posts": both[1:]})

    told = vera.post(f"{API}/decisions", json={"verdict": "approve", "posts": both}).json()
    assert (told["decided"], [one["why"] for one in told["refused"]]) == ([], ["edited", "decided"])
    assert "Bruno" in told["refused"][1]["sentence"]
    assert said(agora, ids) == {ids[0]: [], ids[1]: ["reject"]}


def test_a_repeated_decision_and_a_repeated_undo_are_recorded_once(agora: Team) -> None:
    ids = some(agora, "one", "two")
    vera = agora.signed_in("Vera")
    seen = [
        {name: item[name] for name in ("post", "hash", "decision")} for item in vera.get(f"{API}/queue").json()["items"]
    ]
    body = {"verdict": "reject", "reason": "spam", "posts": seen}
    for _ in range(3):
        assert len(vera.post(f"{API}/decisions", json=body).json()["decided"]) == 2
    last = vera.get(f"{API}/undo").json()
    for _ in range(3):
        assert len(vera.post(f"{API}/undo", json=last).json()["undone"]) == 2
    assert said(agora, ids) == {id_: ["reject", "undo"] for id_ in ids}


def test_an_open_post_is_kept_from_others_until_it_is_taken_over_with_a_note(agora: Team) -> None:
    (post,) = some(agora, "one")
    vera, bruno = agora.signed_in("Vera"), agora.signed_in("Bruno")
    assert vera.put(f"{API}/claims/{post}", json={}).status_code == 200

    refused = bruno.put(f"{API}/claims/{post}", json={})
    assert (refused.status_code, refused.json()["by"]) == (409, "Vera")
    told = bruno.post(f"{API}/decisions", json={"verdict": "approve", "posts": [{"post": post}]}).json()
    assert [one["why"] for one in told["refused"]] == ["claimed"]
    assert bruno.put(f"{API}/claims/{post}", json={"take_over": True}).status_code == 400
    taken = bruno.put(f"{API}/claims/{post}", json={"take_over": True, "note": "you went to lunch"})
    assert taken.json()["by"] == "Bruno"
    lost = vera.put(f"{API}/claims/{post}", json={})
    assert (lost.status_code, "you went to lunch" in lost.json()["error"]) == (409, True)
    assert "you went to lunch" in vera.get("/c/casnocha/").text

    agora.clock.advance(agora.settings.claim + timedelta(seconds=1))  # type: ignore[attr-defined]
    assert vera.put(f"{API}/claims/{post}", json={}).json()["by"] == "Vera"


def test_a_branch_and_all_by_an_author_are_decided_in_one_stroke(agora: Team) -> None:
    with agora.store.writing() as connection:
        campaign_id = agora.ids["casnocha"]
        root = write(connection, campaign_id, "root", minutes=0)
        reply = write(connection, campaign_id, "reply", reply_to="root", minutes=1, author=author("bea"))
        other = write(connection, campaign_id, "other", minutes=2)
    vera = agora.signed_in("Vera")

    branch = vera.post(f"{API}/decisions", json={"verdict": "hold", "posts": [{"post": root}], "scope": "branch"})
    assert {one["post"] for one in branch.json()["decided"]} == {root, reply}
    vera.post(f"{API}/undo", json={})
    mine = vera.post(f"{API}/decisions", json={"verdict": "approve", "posts": [{"post": root}], "scope": "author"})
    assert {one["post"] for one in mine.json()["decided"]} == {root, other}


def test_who_only_looks_decides_nothing(agora: Team) -> None:
    (post,) = some(agora, "one")
    viewer = agora.signed_in("Livia", Role.VIEWER)
    assert viewer.get(f"{API}/queue").status_code == 200
    told = viewer.post(f"{API}/decisions", json={"verdict": "approve", "posts": [{"post": post}]})
    assert told.status_code == 403
    page = viewer.get(f"/c/casnocha/posts/{post}").text
    assert 'value="approve"' not in page
    assert said(agora, [post]) == {post: []}


@pytest.mark.parametrize(
    "body",
    [
        {"verdict": "approve", "posts": []},
        {"verdict": "delete", "posts": [{"post": 1}]},
        {"verdict": "approve", "posts": [{"post": "x"}]},
        {"verdict": "approve", "posts": [{"post": 1, "odd": 2}]},
        {"verdict": "approve", "posts": [{"post": n} for n in range(501)]},
        {"verdict": "undo", "posts": [{"post": 1}]},
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(agora: Team, body: dict[str, Any]) -> None:
    told = agora.signed_in("Vera").post(f"{API}/decisions", json=body)
    assert told.status_code == 422
    assert told.json()["error"]


# --- without scripts -------------------------------------------------------------------------------------------------


def test_everything_works_with_plain_forms(agora: Team) -> None:
    ids = some(agora, "the first one", "the second one")
    vera = agora.signed_in("Vera")
    del vera.headers["X-Tagora-CSRF"]
    page = vera.get("/c/casnocha/")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    assert "the first one" in page.text

    def send(path: str, **fields: Any) -> str:
        answer = vera.post(f"/c/casnocha/{path}", data={"csrf": csrf, **fields})
        assert answer.status_code == 303, answer.text
        return vera.get(answer.headers["location"]).text

    boxes = [
        part.split('"')[0] for part in page.text.split('type="checkbox" name="post" value="')[1:] if ":" in part[:90]
    ]
    assert "2 posts: held." in send("decide", verdict="hold", post=boxes)
    assert said(agora, ids) == {id_: ["hold"] for id_ in ids}
    assert "Taken back on 2 posts." in send("undo")
    send("note", post=ids[0], text="look at <this>")
    opened = vera.get(f"/c/casnocha/posts/{ids[0]}").text
    assert "look at &lt;this&gt;" in opened
    send("publishing", on="0")
    assert "Publishing is stopped." in vera.get("/c/casnocha/").text
    send("publishing", on="1")
    send("filters", name="X only", query="network=x&order=newest&evil=1")
    assert "X only" in vera.get("/c/casnocha/").text
    assert "evil" not in vera.get("/c/casnocha/").text


def test_troubles_stand_above_the_queue_they_concern(agora: Team) -> None:
    agora.acts.in_trouble = (
        Trouble("key refused", True, "Facebook stopped <answering>"),
        Trouble("waiting", False, "Posts wait in another", "another"),
        Trouble("disk", False, "The disk is nearly full"),
        Trouble("flood", False, "Far more than usual", "casnocha"),
    )
    page = agora.signed_in("Vera").get("/c/casnocha/").text
    assert '<p class="banner bad"><span>Facebook stopped &lt;answering&gt;</span></p>' in page
    assert '<p class="banner"><span>The disk is nearly full</span></p>' in page
    assert "in another" not in page
    assert "Far more than usual" not in page, "the brake has a banner of its own, with the button"


def test_many_troubles_leave_the_queue_in_sight_and_the_grave_ones_too(agora: Team) -> None:
    lesser = [Trouble(f"lesser {number}", False, f"Lesser {number}") for number in range(4)]
    agora.acts.in_trouble = (*lesser[:2], Trouble("key refused", True, "Facebook stopped"), *lesser[2:])
    page = agora.signed_in("Vera").get("/c/casnocha/").text
    standing, folded = page.split('<details class="more-banners">')
    folded, _ = folded.split("</details>", 1)
    assert "Facebook stopped" in standing and "Lesser 0" in standing and "Lesser 1" not in standing
    assert "3 more troubles" in folded and folded.count('<p class="banner">') == 3


def test_a_queue_opens_on_the_moderators_languages(agora: Team) -> None:
    some(agora, "ciao a tutti", lang="it")
    with agora.store.writing() as connection:
        write(connection, agora.ids["casnocha"], "en", "hello everybody", lang="en")
    anna = agora.signed_in("Anna", languages=("it",))
    assert "hello everybody" not in anna.get("/c/casnocha/").text
    assert "hello everybody" in anna.get("/c/casnocha/", params={"language": "all"}).text


def test_near_identical_posts_are_one_group_with_each_member_to_see(agora: Team) -> None:
    spam = "win money fast with this one simple trick that banks do not want you to know about"
    ids = some(agora, spam, f"{spam}!", f"{spam} 123", "something else entirely about the choir of our town")
    vera = agora.signed_in("Vera")
    page = vera.get("/c/casnocha/").text
    assert page.count('<li class="item') == 2
    assert "and 2 that say nearly the same" in page
    form = {"csrf": vera.headers["X-Tagora-CSRF"], "verdict": "reject", "reason": "spam", "scope": "group"}
    vera.post("/c/casnocha/decide", data={**form, "post": f"{ids[0]}::"})
    assert said(agora, ids) == {**{id_: ["reject"] for id_ in ids[:3]}, ids[3]: []}


# --- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/c/casnocha/", "/c/casnocha/posts/{}", f"{API}/queue", f"{API}/counts"])
def test_a_view_asks_the_store_as_often_however_much_there_is(store: Store, path: str) -> None:
    asked: list[int] = []
    for many in (6, 60):
        agora = team(store, ManualClock(NOON))
        with store.writing() as connection:
            seen = [
                sighting(f"{many}-{n}", text=f"the same words {n % 3}", minutes=n, author=author(f"a{n}"),
                         reply_to=f"{many}-0" if n else None)
                for n in range(many)
            ]  # fmt: skip
            ids = arrive(connection, agora.ids["casnocha"], seen)
        vera = agora.signed_in("Vera")
        statements = 0

        def count(*_: Any) -> None:
            nonlocal statements
            statements += 1

        event.listen(store.engine, "before_cursor_execute", count)
        answer = vera.get(path.format(ids[1]))
        event.remove(store.engine, "before_cursor_execute", count)
        assert answer.status_code == 200
        asked.append(statements)
    assert asked[1] <= asked[0] <= 45


# --- eight at once ---------------------------------------------------------------------------------------------------


def test_eight_moderators_deciding_at_random_lose_nothing_and_decide_nothing_twice(store: Store) -> None:
    agora = team(store, SystemClock())
    ids = some(agora, *(f"post number {n} " + "x" * (n % 7) for n in range(80)))
    tokens = {name: agora.signed_in(name) for name in (f"moderator{n}" for n in range(8))}
    mine: Counter[str] = Counter()

    def work(name: str, address: str) -> list[tuple[int, str]]:
        dice = random.Random(name)
        client = tokens[name]
        done: list[tuple[int, str]] = []
        with httpx.Client(
            base_url=address,
            cookies={"tagora_session": client.cookies["tagora_session"]},
            headers={"X-Tagora-CSRF": client.headers["X-Tagora-CSRF"]},
            timeout=60,
        ) as http:
            while True:
                items = http.get(f"{API}/queue", params={"limit": 40}).json()["items"]
                if not items:
                    return done
                item = dice.choice(items)
                if dice.random() < 0.7 and http.put(f"{API}/claims/{item['post']}", json={}).status_code == 409:
                    continue
                verdict = dice.choice(("approve", "reject", "hold"))
                seen = [{name: item[name] for name in ("post", "hash", "decision")}]
                body = {"verdict": verdict, "reason": None, "posts": seen}
                told = http.post(f"{API}/decisions", json=body).json()
                if dice.random() < 0.2:  # the network stalled: the page sends it again
                    again = http.post(f"{API}/decisions", json=body).json()
                    assert bool(again["decided"]) == bool(told["decided"]) or not again["decided"]
                done += [(one["post"], verdict) for one in told["decided"]]

    with serving_review(agora.app.state.surroundings, "127.0.0.1", 0) as address, ThreadPoolExecutor(8) as pool:
        done = [one for part in pool.map(lambda name: work(name, address), tokens) for one in part]

    mine.update(verdict for _, verdict in done)
    assert sorted(post for post, _ in done) == sorted(ids)
    assert said(agora, ids) == {post: [verdict] for post, verdict in done}
