from __future__ import annotations

import json
from typing import Any

import pytest

from tagora.sandbox import Sandbox, Script, parse_script
from tagora.sandbox.graph_fields import FieldsError, parse_fields
from tagora.sandbox.ids import facebook_id

from .clients import Reader
from .test_script import script_of

PAGE = "1234567890"


def keys(box: Sandbox, rows: list[dict[str, Any]]) -> list[str]:
    known = {facebook_id(box.script, post): post.key for post in box.script.posts if post.network == "facebook"}
    return [known[row["id"]] for row in rows]


def of(box: Sandbox, key: str) -> str:
    return facebook_id(box.script, box.script.post(key))


def with_token(box: Sandbox, token: str) -> Reader:
    return Reader(box.graph_url + "/v26.0", params={"access_token": token})


def test_the_feed_holds_all_that_stands_on_the_page_the_unpublished_too(box: Sandbox, page: Reader) -> None:
    answer = page.get(f"/{PAGE}/feed", fields="id,is_published,created_time").json()
    assert sorted(keys(box, answer["data"])) == ["f1", "f10", "f12", "f6", "f9"]
    unpublished = [row for row in answer["data"] if not row["is_published"]]
    assert keys(box, unpublished) == ["f10"]
    assert answer["data"][0]["created_time"].endswith("+0000")


def test_published_posts_are_the_pages_own_and_tagged_those_that_name_it(box: Sandbox, page: Reader) -> None:
    assert sorted(keys(box, page.get(f"/{PAGE}/published_posts").json()["data"])) == ["f1", "f12", "f6"]
    assert keys(box, page.get(f"/{PAGE}/tagged").json()["data"]) == ["f9"]


def pages_of(count: int) -> Script:
    posts: list[dict[str, Any]] = [
        {"key": f"p{n}", "by": "page", "page": "1", "at": n * 600, "text": f"post {n}"} for n in range(count)
    ]
    for post in posts[10:20]:
        post["deleted_at"] = 100_000
    return parse_script(script_of(*posts))


def test_the_feed_is_ranked_and_its_pages_run_short_without_ending() -> None:
    script = pages_of(60)
    with Sandbox(script, now=200_000) as box:
        reader = Reader(box.graph_url + "/v26.0", params={"access_token": box.tokens.facebook.pages["1"]})
        answer = reader.get("/1/feed", limit="7").json()
        sizes, seen = [], []
        while True:
            sizes.append(len(answer["data"]))
            seen += keys(box, answer["data"])
            if "next" not in answer["paging"]:
                break
            assert "access_token=" in answer["paging"]["next"]
            answer = reader.session.get(answer["paging"]["next"], params={}, timeout=10).json()
    assert sorted(seen) == sorted(post.key for post in script.posts if post.deleted_at is None)
    assert min(sizes[:-1]) < 7
    times = [script.post(key).at for key in seen]
    assert times != sorted(times, reverse=True)


def test_a_page_may_even_be_empty_while_there_is_a_next_one() -> None:
    posts = [
        {"key": f"c{n}", "by": "eva", "at": n + 1, "text": "x", "reply_to": "p", "deleted_at": 50} for n in range(3)
    ]
    root = {"key": "p", "by": "page", "page": "1", "at": 0, "text": "post"}
    last = {"key": "last", "by": "eva", "at": 9, "text": "x", "reply_to": "p"}
    with Sandbox(parse_script(script_of(root, *posts, last)), now=60) as box:
        reader = Reader(box.graph_url + "/v26.0", params={"access_token": box.tokens.facebook.pages["1"]})
        answer = reader.get(f"/{of(box, 'p')}/comments", limit="3").json()
        assert answer["data"] == [] and "next" in answer["paging"]
        assert keys(box, reader.session.get(answer["paging"]["next"], timeout=10).json()["data"]) == ["last"]


def test_comments_come_flat_or_level_by_level(box: Sandbox, page: Reader) -> None:
    box.set_time(899)
    path = f"/{of(box, 'f1')}/comments"
    fields = "id,message,from,parent{id},created_time,comment_count,message_tags,is_hidden"
    flat = page.get(path, filter="stream", summary="true", fields=fields).json()
    assert keys(box, flat["data"]) == ["f2", "f3", "f4", "f5", "f11"]
    assert flat["summary"]["total_count"] == 5
    assert keys(box, page.get(path).json()["data"]) == ["f2", "f4", "f5", "f11"]
    turned = page.get(path, filter="stream", order="reverse_chronological").json()
    assert keys(box, turned["data"]) == ["f11", "f5", "f4", "f3", "f2"]
    answer = flat["data"][1]
    assert answer["parent"] == {"id": of(box, "f2")}
    assert answer["from"]["name"] == "Bruno Neri"
    tag = answer["message_tags"][0]
    assert answer["message"][tag["offset"] : tag["offset"] + tag["length"]] == "Anna Verdi"
    assert "parent" not in flat["data"][0] and flat["data"][0]["comment_count"] == 1
    assert [row["is_hidden"] for row in flat["data"]] == [False, False, False, False, True]
    assert keys(box, page.get(f"/{of(box, 'f2')}/comments").json()["data"]) == ["f3"]


def test_fields_expand_into_comments_and_their_next_page(box: Sandbox, page: Reader) -> None:
    box.set_time(899)
    comments = "comments.filter(stream).limit(2).summary(true){id,message,from{name},comments{id}}"
    fields = f"id,{comments},reactions.summary(true).limit(0)"
    answer = page.get(f"/{of(box, 'f1')}", fields=fields).json()
    assert answer["reactions"] == {"data": [], "summary": {"total_count": 12, "viewer_reaction": "NONE"}}
    assert keys(box, answer["comments"]["data"]) == ["f2", "f3"]
    assert keys(box, answer["comments"]["data"][0]["comments"]["data"]) == ["f3"]
    following = page.session.get(answer["comments"]["paging"]["next"], params={}, timeout=10).json()
    assert keys(box, following["data"]) == ["f4", "f5"]
    assert "from" in following["data"][0]


def test_the_field_language_is_read_and_its_mistakes_are_refused(page: Reader) -> None:
    (wanted,) = parse_fields("comments.filter(stream).limit( 5 ) {id, from{name}}")
    assert (wanted.name, wanted.arguments, wanted.inner) == (
        "comments",
        {"filter": "stream", "limit": "5"},
        "id, from{name}",
    )
    assert [inner.name for inner in wanted.fields] == ["id", "from"]
    for text in ("id,", "comments{id", "comments.limit(3", "id}", "a.b"):
        with pytest.raises(FieldsError):
            parse_fields(text)
    assert page.get(f"/{PAGE}", fields="id,{").json()["error"]["code"] == 2500
    assert page.get(f"/{PAGE}/feed", fields="id,colour").json()["error"]["code"] == 100


def test_names_come_only_with_a_page_token(box: Sandbox, page: Reader) -> None:
    path, fields = f"/{of(box, 'f1')}/comments", "id,from,message,message_tags"
    assert "from" in page.get(path, fields=fields).json()["data"][0]
    user = with_token(box, box.tokens.facebook.user).get(path, fields=fields).json()["data"][0]
    assert set(user) == {"id", "message"}


def test_public_content_access_gives_comments_without_ids_and_nothing_hidden(box: Sandbox) -> None:
    box.set_time(899)
    reader = with_token(box, box.tokens.facebook.ppca)
    fields = "id,message,from,created_time,permalink_url,parent"
    rows = reader.get(f"/{of(box, 'f1')}/comments", filter="stream", fields=fields).json()["data"]
    assert [set(row) for row in rows] == [{"message", "created_time"}] * 4
    assert sorted(keys(box, reader.get(f"/{PAGE}/feed").json()["data"])) == ["f1", "f12", "f6", "f9"]
    assert reader.get(f"/{of(box, 'f2')}").json()["error"]["error_subcode"] == 33


def test_what_is_gone_takes_its_comments_with_it_and_looks_like_what_never_was(box: Sandbox, page: Reader) -> None:
    box.set_time(899)
    comment = of(box, "f5")
    assert page.get(f"/{comment}").status_code == 200
    box.set_time(900)
    for name in (comment, "1_1"):
        answer = page.get(f"/{name}")
        assert answer.status_code == 400
        assert (answer.json()["error"]["code"], answer.json()["error"]["error_subcode"]) == (100, 33)


def test_an_edit_changes_the_message_and_the_time_of_update(box: Sandbox, page: Reader) -> None:
    fields = "message,created_time,updated_time"
    box.set_time(599)
    before = page.get(f"/{of(box, 'f12')}", fields=fields).json()
    box.set_time(600)
    after = page.get(f"/{of(box, 'f12')}", fields=fields).json()
    assert (before["message"], before["updated_time"]) == ("Il calendario di novembre", before["created_time"])
    assert after["message"].endswith("e dicembre") and after["updated_time"] == "2026-11-02T18:00:00+0000"


def test_several_nodes_at_once_are_told_by_their_ids(box: Sandbox, page: Reader) -> None:
    one, other = of(box, "f1"), of(box, "f2")
    answer = page.get("/", ids=f"{one},{other}", fields="id,message").json()
    assert {name: node["id"] for name, node in answer.items()} == {one: one, other: other}


def test_a_short_token_leads_to_a_long_one_and_that_to_the_pages(box: Sandbox) -> None:
    tokens = box.tokens.facebook
    ask = with_token(box, tokens.short)
    exchange = {"grant_type": "fb_exchange_token", "client_id": "1", "client_secret": "s"}
    long = ask.get("/oauth/access_token", fb_exchange_token=tokens.short, **exchange).json()
    assert long["access_token"] == tokens.user and long["expires_in"] > 50 * 86400
    rows = with_token(box, tokens.user).get("/me/accounts").json()["data"]
    assert [(row["id"], row["access_token"]) for row in rows] == [(PAGE, tokens.pages[PAGE])]
    facts = with_token(box, tokens.app).get("/debug_token", input_token=tokens.user).json()["data"]
    assert (
        facts["is_valid"] and facts["expires_at"] > box.now.timestamp() and "pages_read_engagement" in facts["scopes"]
    )
    assert (
        with_token(box, tokens.app).get("/debug_token", input_token=tokens.pages[PAGE]).json()["data"]["expires_at"]
        == 0
    )
    dead = with_token(box, tokens.app).get("/debug_token", input_token=tokens.expired).json()["data"]
    assert dead["is_valid"] is False and dead["error"]["subcode"] == 463


@pytest.mark.parametrize(
    ("token", "code", "subcode"), [("", 104, None), ("EAAexpiredsecret", 190, 463), ("wrong", 190, None)]
)
def test_a_token_that_is_none_is_refused_with_400(box: Sandbox, token: str, code: int, subcode: int | None) -> None:
    answer = with_token(box, token).get(f"/{PAGE}/feed")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("error_subcode")) == (400, code, subcode)


def test_limits_above_one_hundred_and_dead_versions_are_refused(box: Sandbox, page: Reader) -> None:
    assert page.get(f"/{PAGE}/feed", limit="101").json()["error"]["code"] == 100
    page.base = box.graph_url
    for version in ("v2.8", "v3.1", "v20.0", "v99.0"):
        answer = page.get(f"/{version}/{PAGE}")
        assert answer.status_code == 400 and answer.json()["error"]["type"] == "OAuthException"
    assert page.get(f"/v21.0/{PAGE}").json() == {"name": "Meet the Media Guru", "id": PAGE}


def test_usage_is_told_in_the_headers(box: Sandbox, page: Reader) -> None:
    usage = json.loads(page.get(f"/{PAGE}").headers["X-Business-Use-Case-Usage"])
    assert usage[PAGE][0]["type"] == "pages" and usage[PAGE][0]["estimated_time_to_regain_access"] == 0
    assert "call_count" in json.loads(with_token(box, box.tokens.facebook.user).get(f"/{PAGE}").headers["X-App-Usage"])
