"""The answers, held against the networks' own descriptions (never copied into the project)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft4Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from tagora.sandbox import Network, Sandbox, Script
from tagora.sandbox.ids import bluesky_uri, x_id

from .clients import LATE, Reader
from .lexicons import Lexicons

CONTRACTS = Path(os.environ.get("TAGORA_CONTRACTS") or Path(__file__).parents[2] / ".." / "shared" / "contracts")
pytestmark = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="the networks' descriptions are not here: set TAGORA_CONTRACTS to their folder"
)

OLD = {
    "tweet.fields": "author_id,attachments,conversation_id,created_at,display_text_range,edit_controls,entities,"
    "in_reply_to_user_id,lang,media_metadata,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,"
    "reply_settings,source,withheld",
    "expansions": "author_id,attachments.media_keys,referenced_tweets.id,referenced_tweets.id.author_id,"
    "in_reply_to_user_id,entities.mentions.username,edit_history_tweet_ids",
}
NEW = {
    "post.fields": "attachments,conversation_id,created_at,display_text_range,edit_controls,entities,lang,"
    "media_metadata,note_post,possibly_sensitive,public_metrics,reply_settings,source,withheld",
    "expansions": "author_id,attachments.media_keys,referenced_posts,in_reply_to_user_id,entities.mentions.username,"
    "edit_history_post_ids",
}
OBJECTS = {
    "user.fields": "created_at,description,name,profile_image_url,protected,public_metrics,username,verified,"
    "verified_type",
    "media.fields": "alt_text,height,media_key,type,url,width",
}


def _null_may_be_allowed(validator: Any, kinds: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """OpenAPI 3.0 says `nullable` beside the type."""
    if instance is not None or not schema.get("nullable"):
        yield from Draft4Validator.VALIDATORS["type"](validator, kinds, instance, schema)


OpenApi = extend(Draft4Validator, {"type": _null_may_be_allowed})


class Description:
    def __init__(self, generation: str) -> None:
        self.data = json.loads((CONTRACTS / f"x-openapi-{generation}.json").read_text())
        resource = Resource(contents=self.data, specification=DRAFT4)
        self.registry = Registry().with_resource("urn:x", resource)

    def schema(self, path: str) -> Any:
        answers = self.data["paths"][path]["get"]["responses"]
        return answers["200"]["content"]["application/json"]["schema"]["$ref"]

    def check(self, ref: str, answer: Any) -> None:
        schema = {"$ref": f"urn:x{ref}"}
        problems = [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in OpenApi(schema, registry=self.registry).iter_errors(answer)
        ]
        assert problems == []

    def unknown_names(self, ref: str, answer: dict[str, Any]) -> set[str]:
        """Names in an object that its description does not have."""
        schema = self.data["components"]["schemas"][ref.rpartition("/")[2]]
        known = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            inner = self.data["components"]["schemas"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            known |= inner.get("properties", {})
        return set(answer) - set(known)


@pytest.mark.parametrize(("generation", "fields"), [("2.166", OLD), ("2.167", NEW)])
def test_every_answer_of_x_is_as_its_description_says(script: Script, generation: str, fields: dict[str, str]) -> None:
    description = Description(generation)
    asked = {**fields, **OBJECTS}
    with Sandbox(script, now=1_000, generation=generation) as box:
        x = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        ids = [x_id(script, post) for post in script.of(Network.X)]
        quoted = x_id(script, script.post("x1"))
        calls: list[tuple[str, str, dict[str, str]]] = [
            ("/2/tweets/search/recent", "/2/tweets/search/recent", {"query": "#agoraTest", **asked}),
            ("/2/tweets/search/recent", "/2/tweets/search/recent", {"query": "#nothing", **asked}),
            ("/2/tweets/search/all", "/2/tweets/search/all", {"query": "lang:it from:sara_v", **asked}),
            ("/2/tweets", "/2/tweets", {"ids": ",".join(ids), **asked}),
            ("/2/tweets/{id}", f"/2/tweets/{quoted}", asked),
            ("/2/tweets/{id}", "/2/tweets/7", asked),
            ("/2/tweets/{id}/quote_tweets", f"/2/tweets/{quoted}/quote_tweets", asked),
            ("/2/tweets/counts/recent", "/2/tweets/counts/recent", {"query": "#agoraTest"}),
            ("/2/tweets/counts/all", "/2/tweets/counts/all", {"query": "#agoraTest", "granularity": "day"}),
            ("/2/usage/tweets", "/2/usage/tweets", {"usage.fields": "daily_project_usage"}),
        ]
        # 2.166 lists media_metadata among the fields that can be asked for, and forgets it in the post's schema.
        forgotten = {"media_metadata"} if generation == "2.166" else set()
        post_schema = "#/components/schemas/" + ("Tweet" if generation == "2.166" else "Post")
        for minute in (1_000, LATE):
            box.set_time(minute)
            for described, path, parameters in calls:
                answer = x.get(path, **parameters)
                assert answer.status_code == 200, (path, answer.text)
                body = answer.json()
                description.check(description.schema(described), body)
                rows = body.get("data", [])
                for post in rows if described.startswith("/2/tweets") and "counts" not in described else []:
                    if isinstance(post, dict):
                        assert description.unknown_names(post_schema, post) <= forgotten
                for user in body.get("includes", {}).get("users", ()):
                    assert description.unknown_names("#/components/schemas/User", user) == set()
        box.set_time(LATE)
        full = x.get("/2/tweets/search/all", query="#agoraTest", **asked).json()
        wanted = {"entities", "withheld", "attachments", "note_tweet" if generation == "2.166" else "note_post"}
        assert wanted <= {name for post in full["data"] for name in post}


@pytest.mark.parametrize("generation", ["2.166", "2.167"])
def test_refusals_of_x_are_problems_of_its_description(script: Script, generation: str) -> None:
    description = Description(generation)
    with Sandbox(script, now=1_000, generation=generation) as box:
        x = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        refused = x.get("/2/tweets/search/recent", query="is:reply").json()
        description.check("#/components/schemas/InvalidRequestProblem", refused)
        if generation == "2.166":
            box.fault("usage_cap", network="x")
            capped = x.get("/2/tweets/search/recent", query="#agoraTest").json()
            description.check("#/components/schemas/UsageCapExceededProblem", capped)
            box.fault("forbidden", network="x")
            forbidden = x.get("/2/tweets/search/recent", query="#agoraTest").json()
            description.check("#/components/schemas/ClientForbiddenProblem", forbidden)


TYPES: dict[str, Any] = {
    "string": str,
    "bool": bool,
    "unsigned int": int,
    "int": int,
    "datetime": str,
    "Object": dict,
    "Privacy": dict,
    "Comment": dict,
    "list": list,
}
EDGES = {"comments", "reactions", "likes", "attachments"}


def graph_fields(node: str) -> dict[str, str]:
    described = json.loads((CONTRACTS / "facebook" / f"{node}.json").read_text())
    return {field["name"]: field["type"] for field in described["fields"]}


def check_node(node: dict[str, Any], fields: dict[str, str]) -> None:
    for name, value in node.items():
        if name in EDGES:
            assert isinstance(value, dict) and isinstance(value["data"], list)
            continue
        kind = fields[name]
        assert isinstance(value, TYPES.get(kind, list if kind.startswith("list") else object)), (name, kind, value)
        if kind == "datetime":
            assert datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").tzinfo


def test_graphs_nodes_have_the_fields_and_types_of_their_description(box: Sandbox, page: Reader) -> None:
    box.set_time(899)
    posts, comments, pages = graph_fields("PagePost"), graph_fields("Comment"), graph_fields("Page")
    comment_fields = (
        "id,message,created_time,from,permalink_url,attachment,parent,comment_count,like_count,message_tags,is_hidden,"
        "user_likes,can_comment,can_remove,can_hide,can_like,is_private"
    )
    fields = (
        "id,message,created_time,updated_time,from,permalink_url,full_picture,attachments,message_tags,parent_id,shares,"
        "status_type,privacy,is_published,is_hidden,is_expired,is_popular,story,"
        f"comments.filter(stream){{{comment_fields}}},reactions.summary(true).limit(0)"
    )
    rows = page.get("/1234567890/feed", fields=fields).json()["data"]
    assert len(rows) == 5
    for row in rows:
        check_node(row, posts)
        for comment in row["comments"]["data"]:
            check_node(comment, comments)
    facts = page.get("/1234567890", fields="id,name,about,category,link,username,fan_count,followers_count").json()
    check_node(facts, pages)


def test_every_answer_of_bluesky_is_as_its_lexicon_says(box: Sandbox, script: Script) -> None:
    lexicons = Lexicons(CONTRACTS / "atproto" / "lexicons")
    account = box.tokens.bluesky
    server = f"{box.bluesky_url}/xrpc/com.atproto.server"
    login = {"identifier": account.handle, "password": account.app_password}
    session = requests.post(f"{server}.createSession", json=login, timeout=10).json()
    assert lexicons.problems("com.atproto.server.createSession", session) == []
    bearer = {"Authorization": f"Bearer {session['refreshJwt']}"}
    session = requests.post(f"{server}.refreshSession", headers=bearer, timeout=10).json()
    assert lexicons.problems("com.atproto.server.refreshSession", session) == []
    search = Reader(f"{box.bluesky_url}/xrpc", {"Authorization": f"Bearer {session['accessJwt']}"})
    public = Reader(f"{box.bluesky_public_url}/xrpc")
    uris = {post.key: bluesky_uri(script, post) for post in script.of(Network.BLUESKY)}
    calls: list[tuple[Reader, str, dict[str, Any]]] = [
        (search, "searchPosts", {"q": "#agoraTest", "sort": "latest", "limit": "3"}),
        (search, "searchPosts", {"q": "#nothing"}),
        (search, "searchPosts", {"q": "#agoraTest", "since": "2026-11-02T08:30:00Z", "until": "2026-11-03T00:00:00Z"}),
        *((public, "getPostThread", {"uri": uri}) for key, uri in uris.items() if key not in ("b4", "b10")),
        (public, "getPostThread", {"uri": uris["b4"]}),
        (public, "getPosts", {"uris": list(uris.values())}),
        (public, "getQuotes", {"uri": uris["b1"], "limit": "1"}),
    ]
    embeds = set()
    for ask, name, parameters in calls:
        method = f"app.bsky.feed.{name}"
        answer = ask.get(f"/{method}", **parameters)
        assert answer.status_code == 200, (name, parameters, answer.text)
        assert lexicons.wrong_parameters(method, parameters) == set()
        assert lexicons.problems(method, answer.json()) == []
        for view in answer.json().get("posts", ()):
            assert lexicons.record_problems("app.bsky.feed.post", view["record"]) == []
            embeds.add(view.get("embed", {}).get("$type"))
    assert embeds >= {
        "app.bsky.embed.images#view",
        "app.bsky.embed.external#view",
        "app.bsky.embed.record#view",
        "app.bsky.embed.recordWithMedia#view",
    }


def test_the_tests_would_notice_an_answer_that_is_not_as_the_lexicon_says() -> None:
    lexicons = Lexicons(CONTRACTS / "atproto" / "lexicons")
    view = {"uri": "at://did:plc:abc/app.bsky.feed.post/3k", "cid": 5, "record": {}, "author": {"did": "x"}, "odd": 1}
    found = lexicons.problems("app.bsky.feed.getPosts", {"posts": [view]})
    assert [problem.partition(": ")[2] for problem in found] == [
        "indexedAt is missing",
        "odd is not in the lexicon",
        "5 is no fitting string",
        "handle is missing",
        "x is no did",
    ]
