"""The truth comes from the script alone. Here a plain crawler, which knows nothing of the script, asks the networks
for all that the rules call for: it must come to hold what the truth says, and nothing that the truth forbids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tagora.sandbox import DATA, SMALL, Sandbox, Truth, load_script, truth
from tagora.sandbox.ids import canonical_id, facebook_id
from tagora.sandbox.script import Network

from .clients import Reader

ALL_OF_X = {
    "tweet.fields": "conversation_id,referenced_tweets,edit_history_tweet_ids",
    "expansions": "referenced_tweets.id",
    "max_results": "100",
}


class XCrawler:
    def __init__(self, box: Sandbox, tag: str) -> None:
        self.ask = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        self.tag = tag
        self.posts: dict[str, dict[str, Any]] = {}
        self.first: dict[str, str] = {}  # any id of a chain to its first

    def pages(self, path: str, **params: str) -> Iterator[dict[str, Any]]:
        while True:
            answer = self.ask.get(path, **params, **ALL_OF_X).json()
            yield from answer.get("data", [])
            if "next_token" not in answer["meta"]:
                return
            params["pagination_token"] = answer["meta"]["next_token"]

    def hold(self, post: dict[str, Any]) -> str:
        first = post["edit_history_tweet_ids"][0]
        self.first.update(dict.fromkeys(post["edit_history_tweet_ids"], first))
        self.posts[first] = post
        return first

    def parent(self, post: dict[str, Any]) -> str | None:
        return next((ref["id"] for ref in post.get("referenced_tweets", ()) if ref["type"] == "replied_to"), None)

    def crawl(self) -> set[str]:
        tagged = [self.hold(post) for post in self.pages("/2/tweets/search/all", query=f"#{self.tag}")]
        belongs, context = set(tagged), set()
        for name in tagged:
            root = self.posts[name]["conversation_id"]
            branch = [self.hold(post) for post in self.pages("/2/tweets/search/all", query=f"conversation_id:{root}")]
            belongs.update(one for one in branch if root == name or self.stands_below(one, name))
            context.update(self.above(name))
        waiting = list(belongs)
        while waiting:
            fresh = self.quotes_of(waiting.pop()) - belongs
            belongs |= fresh
            waiting += fresh
        return belongs | context

    def above(self, name: str) -> Iterator[str]:
        parent = self.parent(self.posts[name])
        while parent:
            if parent not in self.first:
                answer = self.ask.get(f"/2/tweets/{parent}", **{"tweet.fields": ALL_OF_X["tweet.fields"]}).json()
                if "data" not in answer:
                    return
                self.hold(answer["data"])
            yield self.first[parent]
            parent = self.parent(self.posts[self.first[parent]])

    def stands_below(self, one: str, name: str) -> bool:
        parent = self.parent(self.posts[one])
        while parent and parent in self.first:
            if self.first[parent] == name:
                return True
            parent = self.parent(self.posts[self.first[parent]])
        return False

    def quotes_of(self, name: str) -> set[str]:
        latest = self.posts[name]["edit_history_tweet_ids"][-1]
        return {self.hold(post) for post in self.pages(f"/2/tweets/{latest}/quote_tweets")}


class FediverseCrawler:
    def __init__(self, box: Sandbox, tag: str) -> None:
        self.tag = tag
        self.servers = {
            host: Reader(box.fediverse_url(host), {"Authorization": f"Bearer {tokens.user}"})
            for host, tokens in box.tokens.fediverse.items()
        }

    def timeline(self, ask: Reader) -> Iterator[dict[str, Any]]:
        params: dict[str, str] = {"limit": "40"}
        while page := ask.get(f"/api/v1/timelines/tag/{self.tag}", **params).json():
            yield from page
            params["max_id"] = page[-1]["id"]

    def crawl(self) -> set[str]:
        context: set[str] = set()
        waiting: list[tuple[str, bool]] = []
        held: set[str] = set()

        def add(status: dict[str, Any], spread: bool = True) -> None:
            assert status["visibility"] in ("public", "unlisted")
            if status["uri"] not in held:
                held.add(status["uri"])
                waiting.append((status["uri"], spread))

        for ask in self.servers.values():
            for status in self.timeline(ask):
                add(status)
        tagged = set(held)
        while waiting:
            uri, spread = waiting.pop()
            for ask in self.servers.values():
                for status in ask.get("/api/v2/search", q=uri).json()["statuses"]:
                    thread = ask.get(f"/api/v1/statuses/{status['id']}/context").json()
                    if uri in tagged:
                        context.update(above["uri"] for above in thread["ancestors"])
                    if spread:
                        for below in thread["descendants"]:
                            add(below)
                    quotes = ask.get(f"/api/v1/statuses/{status['id']}/quotes")
                    for quote in quotes.json() if quotes.status_code == 200 else []:
                        add(quote, spread=False)
        return held | context


def crawl_facebook(box: Sandbox, page: str, tag: str, openers: set[str]) -> set[str]:
    ask = Reader(box.graph_url + "/v26.0", params={"access_token": box.tokens.facebook.pages[page]})

    def rows(path: str, fields: str, **params: str) -> Iterator[dict[str, Any]]:
        answer = ask.get(path, fields=fields, limit="10", **params).json()
        while True:
            yield from answer["data"]
            if "next" not in answer.get("paging", {}):
                return
            answer = ask.session.get(answer["paging"]["next"], params={}, timeout=10).json()

    held: set[str] = set()
    for post in rows(f"/{page}/feed", "id,message,is_published"):
        if not post["is_published"]:
            continue
        comments = list(rows(f"/{post['id']}/comments", "id,message,is_hidden,parent{id}", filter="stream"))
        comments = [row for row in comments if not row["is_hidden"]]
        if f"#{tag}".casefold() in post.get("message", "").casefold() or post["id"] in openers:
            held.update(row["id"] for row in (post, *comments))
            continue
        for row in comments:
            if f"#{tag}".casefold() in row["message"].casefold():
                held |= {row["id"], post["id"]} | ({row["parent"]["id"]} if "parent" in row else set())
                held |= {other["id"] for other in comments if other.get("parent", {}).get("id") == row["id"]}
    return held


def crawl_bluesky(box: Sandbox, tag: str) -> set[str]:
    account = box.tokens.bluesky
    login = {"identifier": account.handle, "password": account.app_password}
    session = requests.post(f"{box.bluesky_url}/xrpc/com.atproto.server.createSession", json=login, timeout=10).json()
    search = Reader(f"{box.bluesky_url}/xrpc", {"Authorization": f"Bearer {session['accessJwt']}"})
    public = Reader(f"{box.bluesky_public_url}/xrpc")

    def pages(ask: Reader, method: str, **params: str) -> Iterator[dict[str, Any]]:
        while True:
            answer = ask.get(f"/app.bsky.feed.{method}", **params).json()
            yield from answer["posts"]
            if "cursor" not in answer:
                return
            params["cursor"] = answer["cursor"]

    tagged = {view["uri"] for view in pages(search, "searchPosts", q=f"#{tag}", limit="10")}
    held, context = set(tagged), set[str]()
    waiting = [(uri, True) for uri in tagged]
    while waiting:
        uri, spread = waiting.pop()
        node = public.get("/app.bsky.feed.getPostThread", uri=uri).json()["thread"]
        above = node.get("parent", {})
        while uri in tagged and "post" in above:
            context.add(above["post"]["uri"])
            above = above.get("parent", {})
        below = [reply["post"]["uri"] for reply in node.get("replies", ()) if "post" in reply]
        quotes = [view["uri"] for view in pages(public, "getQuotes", uri=uri)]
        for found, further in [(one, True) for one in below if spread] + [(one, False) for one in quotes]:
            if found not in held:
                held.add(found)
                waiting.append((found, further))
    return held | context


def compare(found: Truth, network: str, held: set[str], all_ids: dict[str, str]) -> None:
    must = {post.native_id for post in found.of(network)}
    assert must - held == set()
    extra = {all_ids[name] for name in held - must}
    assert extra <= found.perhaps
    assert not extra & found.forbidden


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yaml")), ids=lambda path: path.name)
def test_a_plain_crawler_comes_to_hold_the_truth(path: Any) -> None:
    script = load_script(path)
    keys = {canonical_id(script, post): post.key for post in script.posts}
    openers = {next(post.key for post in script.of(Network.FACEBOOK) if post.reply_to is None)}
    moments = (200, 1_000, script.ends) if path == SMALL else (script.ends,)
    for minute in moments:
        with Sandbox(script, now=minute, enforce_limits=False) as box:
            found = truth(script, minute, openers=openers, archive=True)
            compare(found, "x", XCrawler(box, script.tag).crawl(), keys)
            compare(found, "mastodon", FediverseCrawler(box, script.tag).crawl(), keys)
            compare(found, "bluesky", crawl_bluesky(box, script.tag), keys)
            for page in script.pages:
                named = {facebook_id(script, script.post(key)) for key in openers}
                compare(found, "facebook", crawl_facebook(box, page.id, script.tag, named), keys)
