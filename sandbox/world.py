"""Who can know what, when: the rules of the networks, without their words.

Answers (x.py, mastodon.py, facebook.py) and truth both stand on these few functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from . import ids, text
from .script import Network, Post, Script

X_WINDOW = timedelta(days=7)
OPEN = ("public", "unlisted")


def public_on_x(script: Script, post: Post, minute: int) -> bool:
    """X gives it to any app. (Withheld posts are given too, marked.)"""
    return post.is_there(minute) and not script.author(post).protected


def public_on_bluesky(post: Post, minute: int) -> bool:
    """Bluesky shows it to strangers. (It does so with who asks not to be shown to them, marked.)"""
    return post.is_there(minute) and post.visibility == "public"


def public_on_blog(script: Script, post: Post, minute: int) -> bool:
    """The blog shows it: comments go with their article, and everything with the blog."""
    return post.is_there(minute) and script.root(post).is_there(minute) and script.blog(post).is_there(minute)


def x_version(post: Post, minute: int) -> int:
    """Which version of its edit chain is the latest at that minute, from 0."""
    return sum(edit.at <= minute for edit in post.edits)


def x_version_at(post: Post, version: int) -> int:
    """The minute at which that version was written."""
    return post.at if version == 0 else post.edits[version - 1].at


class Fediverse:
    """Which server knows which post, and since when."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._arrivals: dict[str, dict[str, int]] = {server.host: {} for server in script.servers}
        self._by_local_id: dict[str, dict[str, Post]] = {}
        self._by_address: dict[str, Post] = {}
        for post in script.of(Network.MASTODON):
            for host, at in self._hosts(post).items():
                self._arrivals[host][post.key] = at
            self._by_address[ids.fediverse_uri(script, post)] = post
            self._by_address[ids.fediverse_url(script, post)] = post
        for host, arrivals in self._arrivals.items():
            self._by_local_id[host] = {
                ids.local_id(script, script.post(key), host, at): script.post(key) for key, at in arrivals.items()
            }

    def _hosts(self, post: Post) -> dict[str, int]:
        """A post goes to its home, where the script says, and where the people it speaks to live: the author of
        what it answers or quotes and everyone it mentions."""
        script = self.script
        home = str(script.author(post).server)
        found: dict[str, int] = {}

        def arrive(host: str | None, at: int) -> None:
            if host in self._arrivals:
                found[host] = min(at, found.get(host, at))

        arrive(home, post.at)
        for key in (post.reply_to, post.quote_of):
            if key:
                arrive(script.author(script.post(key)).server, post.at)
        for mention in text.mentions(post.text, Network.MASTODON):
            _, _, host = mention.partition("@")
            arrive(host or home, post.at)
        late = {seen.host: seen.at for seen in post.seen_on if seen.at is not None}
        for seen in post.seen_on:
            for host in self._arrivals if seen.host == "all" else (seen.host,):
                arrive(host, late.get(host, post.at))
        found.update({host: at for host, at in late.items() if host != home})
        return found

    def arrivals(self, host: str) -> Mapping[str, int]:
        """Post key to the minute of arrival, for all posts that server ever learns of."""
        return self._arrivals[host]

    def learn(self, host: str, post: Post, minute: int) -> None:
        """A server fetched a post it did not know."""
        if post.key not in self._arrivals[host]:
            self._arrivals[host][post.key] = minute
            self._by_local_id[host][self.local_id(host, post)] = post

    def knows(self, host: str, post: Post, minute: int) -> bool:
        at = self._arrivals.get(host, {}).get(post.key)
        return at is not None and at <= minute and post.is_there(minute)

    def by_local_id(self, host: str, local_id: str) -> Post | None:
        return self._by_local_id[host].get(local_id)

    def by_address(self, address: str) -> Post | None:
        """The post of that uri or url, whoever knows it."""
        return self._by_address.get(address)

    def local_id(self, host: str, post: Post) -> str:
        return ids.local_id(self.script, post, host, self._arrivals[host][post.key])

    def servers_knowing(self, post: Post, minute: int) -> tuple[str, ...]:
        return tuple(host for host in self._arrivals if self.knows(host, post, minute))
