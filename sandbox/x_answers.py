"""Putting X's answers together: the posts, what was expanded, and what could not be."""

from __future__ import annotations

from typing import Any

from . import ids
from .script import Network, Person, Post, Script
from .text import mentions
from .web import Answer, json_answer
from .world import public_on_x, x_version, x_version_at
from .x_billing import Meter
from .x_objects import media_object, missing_problem, post_object, selected, user_object
from .x_parameters import Shape


class XAnswers:
    """Knows which post an id means, who may see it, and what reading it costs."""

    def __init__(self, script: Script, meter: Meter) -> None:
        self.script = script
        self.meter = meter
        self.users = {ids.x_user(person): person for person in script.people if person.network == Network.X}
        self._by_handle = {person.handle.casefold(): person for person in self.users.values()}
        self._by_id = {
            x_id: (post, version)
            for post in script.of(Network.X)
            for version, x_id in enumerate(ids.x_chain(script, post))
        }

    def give(self, post_id: str, minute: int) -> tuple[Post, int] | bool:
        """The post and version of an id; otherwise whether it is forbidden (else it is not there)."""
        held = self._by_id.get(post_id)
        if held is None or not held[0].is_there(minute) or held[1] > x_version(held[0], minute):
            return False
        return held if public_on_x(self.script, held[0], minute) else True

    def of_posts(self, posts: list[Post], minute: int, shape: Shape, base: str, meta: dict[str, Any]) -> Answer:
        return self.of_versions([(post, x_version(post, minute)) for post in posts], minute, shape, base, meta, [])

    def of_versions(
        self,
        found: list[tuple[Post, int]],
        minute: int,
        shape: Shape,
        base: str,
        meta: dict[str, Any] | None,
        errors: list[dict[str, Any]],
    ) -> Answer:
        script = self.script
        full = [post_object(script, post, minute, version) for post, version in found]
        given = {item["id"] for item in full}
        others: dict[str, tuple[Post, int]] = {}
        if "referenced_tweets.id" in shape.expansions:
            parameter = "referenced_posts" if shape.new else "referenced_tweets.id"
            for item in full:
                for reference in item.get("referenced_tweets", ()):
                    held = self.give(reference["id"], minute)
                    if isinstance(held, tuple):
                        others[reference["id"]] = held
                    elif not any(error["value"] == reference["id"] for error in errors):
                        errors.append(missing_problem(reference["id"], parameter, "includes", held, shape.new))
        if "edit_history_tweet_ids" in shape.expansions:
            for (post, _), item in zip(found, full, strict=True):
                for version, x_id in enumerate(item["edit_history_tweet_ids"]):
                    if x_id not in given:
                        others.setdefault(x_id, (post, version))
        included = [post_object(script, post, minute, version) for post, version in others.values()]
        people = self._people(found, [*others.values()], shape)
        media = self._media(found, list(others.values()), shape, base)
        includes: dict[str, Any] = {}
        if included:
            chosen = [selected(item, shape.post, shape.new) for item in included]
            includes["posts" if shape.new else "tweets"] = chosen
        if people:
            includes["users"] = [selected(user_object(script, who, base), shape.user, shape.new) for who in people]
        if media:
            includes["media"] = media
        self.meter.read(
            f"{script.time(minute):%Y-%m-%d}", given | set(others), (ids.x_user(person) for person in people)
        )
        body: dict[str, Any] = {}
        if full:
            body["data"] = [selected(item, shape.post, shape.new) for item in full]
        if includes:
            body["includes"] = includes
        if errors:
            body["errors"] = errors
        if meta is not None:
            body["meta"] = meta
        return json_answer(body)

    def _people(self, found: list[tuple[Post, int]], others: list[tuple[Post, int]], shape: Shape) -> list[Person]:
        script, wanted = self.script, shape.expansions
        people: dict[str, Person] = {}

        def add(person: Person) -> None:
            people.setdefault(person.key, person)

        for post, version in found:
            if "author_id" in wanted:
                add(script.author(post))
            parent = script.parent(post)
            if "in_reply_to_user_id" in wanted and parent:
                add(script.author(parent))
            if "entities.mentions.username" in wanted:
                for handle in mentions(post.text_at(x_version_at(post, version)), Network.X):
                    if handle.casefold() in self._by_handle:
                        add(self._by_handle[handle.casefold()])
                if parent and parent.by != post.by:
                    add(script.author(parent))
        if "referenced_tweets.id.author_id" in wanted:
            for post, _ in others:
                add(script.author(post))
        return list(people.values())

    def _media(
        self, found: list[tuple[Post, int]], others: list[tuple[Post, int]], shape: Shape, base: str
    ) -> list[dict[str, Any]]:
        posts = [post for post, _ in found] if "attachments.media_keys" in shape.expansions else []
        if "referenced_tweets.id.attachments.media_keys" in shape.expansions:
            posts += [post for post, _ in others]
        unique = {post.key: post for post in posts}.values()
        return [
            selected(media_object(self.script, post, number, base), shape.media, shape.new)
            for post in unique
            for number in range(len(post.media))
        ]
