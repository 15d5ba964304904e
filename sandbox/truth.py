"""What a perfect collector would hold at a scripted moment: computed from the script, never through an answer.

The rules are those of the project's whole conversations: tagged posts and openers belong, with everything below them
and, as context, everything above; a Facebook Page post that holds the tag, links to the invitation or is an opener
belongs with all its comments; quotes of what belongs belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from html import unescape
from typing import Any

from . import ids
from .mastodon_objects import mentioned
from .script import Family, Network, Person, Post, Script
from .text import Kind, pieces, tags
from .world import OPEN, X_WINDOW, Fediverse, public_on_blog, public_on_bluesky, public_on_x, x_version, x_version_at
from .x_objects import x_text


class Role(StrEnum):
    TAGGED = "tagged"
    OPENER = "opener"
    BELOW = "below"
    CONTEXT = "context"
    QUOTE = "quote"


class Reason(StrEnum):
    DELETED = "deleted"
    FORBIDDEN = "forbidden"  # private, protected, hidden, unpublished
    BEYOND_WINDOW = "beyond_window"
    UNREACHABLE = "unreachable"  # no server that can be asked knows it
    LIMIT = "limit"  # reported replies that nobody wrote: the filler of a huge thread


@dataclass(frozen=True, slots=True)
class TruthPost:
    """A post that must be held. `text` is as the person typed it; `sent_text` as the network words it, unescaped
    and without markup (X: with t.co links, leading mention, trailing quote and media links; fediverse: mentions
    without their server; Bluesky: with a card's address below). `parent`, `root`, `quote_of` are keys, whether
    held or not."""

    key: str
    network: Network
    native_id: str
    url: str
    role: Role
    author: str
    author_id: str
    handle: str | None  # X, Bluesky: the username; fediverse: name@server; Facebook has none
    name: str
    text: str
    sent_text: str
    published_at: datetime
    edited: bool
    parent: str | None
    parent_id: str | None
    root: str
    quote_of: str | None
    visibility: str
    tagged: bool
    warning: str | None
    media: int
    wishes: tuple[str, ...]  # opted_out, noindex, not_indexable, nobot, bot, no_unauthenticated


@dataclass(frozen=True, slots=True)
class TruthGap:
    """A post that cannot be held. `needed`: a held post answers it and the network still says so, so it must be
    named. With reason LIMIT it is `count` replies under `key`."""

    key: str
    network: Network
    native_id: str
    reason: Reason
    needed: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Truth:
    """`perhaps`: keys that may be held or not, according to when and how the collector looked (neighbours of a
    quote, branches behind a deleted post, quoted posts). Anything else in the script must not be held."""

    at: datetime
    posts: tuple[TruthPost, ...]
    gaps: tuple[TruthGap, ...]
    perhaps: frozenset[str]
    forbidden: frozenset[str]  # keys of posts that are there but not public: holding one is a fault

    def keys(self) -> frozenset[str]:
        return frozenset(post.key for post in self.posts)

    def of(self, network: Network | str) -> tuple[TruthPost, ...]:
        return tuple(post for post in self.posts if post.network == network)

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "posts": [asdict(post) | {"published_at": post.published_at.isoformat()} for post in self.posts],
            "gaps": [asdict(gap) for gap in self.gaps],
            "perhaps": sorted(self.perhaps),
            "forbidden": sorted(self.forbidden),
        }


def truth(
    script: Script,
    minute: int,
    *,
    tag: str | None = None,
    openers: Iterable[str] = (),
    invitation_url: str | None = None,
    collecting_since: int = 0,
    archive: bool = False,
    networks: Iterable[Network | str] = tuple(Network),
) -> Truth:
    """The truth at `minute` for the campaign of `tag` (the script's by default) and opener keys, for a collector that
    asks all `networks` (and all played servers) ever since `collecting_since`. `archive`: X's full archive is
    searched, so that nothing is too old."""
    seeker = _Seeker(script, minute, (tag or script.tag).lstrip("#").casefold(), frozenset(openers), invitation_url)
    oldest = None if archive else script.time(collecting_since) - X_WINDOW
    return seeker.find(oldest, frozenset(Network(network) for network in networks))


class _Seeker:
    def __init__(
        self, script: Script, minute: int, tag: str, openers: frozenset[str], invitation_url: str | None
    ) -> None:
        for key in openers:
            script.post(key)
        self.script = script
        self.minute = minute
        self.tag = tag
        self.openers = openers
        self.invitation_url = invitation_url
        self.fediverse = Fediverse(script)
        self.oldest: datetime | None = None

    def find(self, oldest: datetime | None, networks: frozenset[Network]) -> Truth:
        self.oldest = oldest
        written = [post for post in self.script.posts if post.at <= self.minute and post.network in networks]
        roles: dict[str, Role] = {}
        for post in written:
            if self._is_seed(post) and self._is_found(post):
                roles[post.key] = Role.OPENER if post.key in self.openers else Role.TAGGED
        self._spread(roles)
        for key in list(roles):
            if roles[key] != Role.QUOTE:
                self._climb(self.script.post(key), roles)
        posts = tuple(self._told(post, roles[post.key]) for post in written if post.key in roles)
        return Truth(
            self.script.time(self.minute),
            posts,
            tuple(self._gaps(written, roles)),
            self._neighbours(written, roles),
            frozenset(post.key for post in written if post.is_there(self.minute) and not self._is_public(post)),
        )

    # --- what belongs -----------------------------------------------------------------------------------------------

    def _is_tagged(self, post: Post) -> bool:
        words = tags(post.text_at(self.minute), post.network) | tags(post.title or "", post.network)
        return self.tag in words | {name.casefold() for name in post.categories}

    def _is_seed(self, post: Post) -> bool:
        if self._is_tagged(post) or post.key in self.openers:
            return True
        is_page_post = post.network in (Network.FACEBOOK, Network.FEED) and post.reply_to is None
        return is_page_post and self.invitation_url is not None and self.invitation_url in post.text_at(self.minute)

    def _spread(self, roles: dict[str, Role]) -> None:
        """Everything below what belongs, and quotes of it, and quotes of those."""
        waiting = [self.script.post(key) for key in roles]
        while waiting:
            post = waiting.pop()
            if roles[post.key] != Role.QUOTE:
                for child in self._below(post):
                    if child.key not in roles or roles[child.key] == Role.QUOTE:
                        roles[child.key] = Role.BELOW
                        waiting.append(child)
            for quote in self.script.quotes(post):
                if quote.key not in roles and self._quote_is_found(post, quote):
                    roles[quote.key] = Role.QUOTE
                    waiting.append(quote)

    def _below(self, post: Post) -> Iterator[Post]:
        """What a collector reaches below a post: on X, below a root, also what hangs behind a lost post."""
        if post.network == Network.X and post.reply_to is None:
            yield from (child for child in self.script.below(post) if self._is_public(child) and self._is_recent(child))
            return
        for child in self.script.children(post):
            if self._is_public(child) and self._is_recent(child) and self._know_both(post, child):
                yield child

    def _climb(self, post: Post, roles: dict[str, Role]) -> None:
        parent = self.script.parent(post)
        while parent and self._is_public(parent) and parent.key not in roles and self._know_both(parent, post):
            roles[parent.key] = Role.CONTEXT
            post, parent = parent, self.script.parent(parent)

    def _neighbours(self, written: list[Post], roles: dict[str, Role]) -> frozenset[str]:
        """Public posts joined by any chain of replies and quotes to what belongs, or belonged until it was deleted or
        lost the tag."""
        waiting = [post for post in written if post.key in roles or self._once_belonged(post)]
        seen = {post.key for post in waiting}
        while waiting:
            post = waiting.pop()
            near = [*self.script.children(post), *self.script.quotes(post)]
            near += [self.script.post(key) for key in (post.reply_to, post.quote_of) if key]
            fresh = [other for other in near if other.key not in seen and other.at <= self.minute]
            seen.update(other.key for other in fresh)
            waiting += fresh
        return frozenset(key for key in seen - set(roles) if self._is_public(self.script.post(key)))

    def _once_belonged(self, post: Post) -> bool:
        texts = [post.text, *(edit.text for edit in post.edits if edit.at <= self.minute)]
        return any(self.tag in tags(text, post.network) for text in texts)

    # --- what can be had --------------------------------------------------------------------------------------------

    def _is_public(self, post: Post) -> bool:
        """There, and open to strangers."""
        if post.network == Network.X:
            return public_on_x(self.script, post, self.minute)
        if post.network == Network.MASTODON:
            known = self.fediverse.servers_knowing(post, self.minute)
            return bool(known) and post.visibility in OPEN
        if post.network == Network.BLUESKY:
            return public_on_bluesky(post, self.minute)
        if post.network == Network.FEED:
            return public_on_blog(self.script, post, self.minute)
        above: Post | None = post
        while above:
            if not above.is_there(self.minute) or above.visibility != "public":
                return False
            above = self.script.parent(above)
        return True

    def _is_found(self, post: Post) -> bool:
        """Whether asking for the tag (or for the opener's address) brings it."""
        if not self._is_public(post):
            return False
        if post.key in self.openers:
            return True
        if post.network == Network.MASTODON and post.visibility != "public":
            return False
        return self._is_recent(post)

    def _is_recent(self, post: Post) -> bool:
        if post.network != Network.X or self.oldest is None:
            return True
        return self.script.time(x_version_at(post, x_version(post, self.minute))) >= self.oldest

    def _know_both(self, one: Post, other: Post) -> bool:
        if one.network != Network.MASTODON:
            return True
        mine = self.fediverse.servers_knowing(one, self.minute)
        return any(self.fediverse.knows(host, other, self.minute) for host in mine)

    def _quote_is_found(self, post: Post, quote: Post) -> bool:
        """Only Mastodon's own family lists quotes; X does always."""
        if not self._is_public(quote):
            return False
        if post.network != Network.MASTODON:
            return True
        return any(
            ids.family_of(self.script, host) == Family.MASTODON and self.fediverse.knows(host, quote, self.minute)
            for host in self.fediverse.servers_knowing(post, self.minute)
        )

    # --- what is missing --------------------------------------------------------------------------------------------

    def _gaps(self, written: list[Post], roles: dict[str, Role]) -> Iterator[TruthGap]:
        parents = {self.script.post(key).reply_to for key in roles}
        around = {row.key for key in roles for row in self.script.below(self.script.post(key))}
        for post in written:
            if post.key not in roles and (post.key in parents or post.key in around or self._is_seed(post)):
                reason = self._reason(post)
                if reason:
                    # Mastodon's servers forget the pointer when the parent goes; Facebook's comments go with it.
                    told = post.network in (Network.X, Network.BLUESKY) or reason != Reason.DELETED
                    needed = post.key in parents and told
                    yield TruthGap(post.key, post.network, ids.canonical_id(self.script, post), reason, needed)
            if post.key in roles and post.replies_elsewhere:
                native_id = ids.canonical_id(self.script, post)
                yield TruthGap(post.key, post.network, native_id, Reason.LIMIT, False, post.replies_elsewhere)

    def _reason(self, post: Post) -> Reason | None:
        """Why it cannot be held; None: it could, it just does not belong."""
        if not post.is_there(self.minute):
            return Reason.DELETED
        if not self._is_public(post):
            open_post = post.network == Network.MASTODON and post.visibility in OPEN
            return Reason.UNREACHABLE if open_post else Reason.FORBIDDEN
        if not self._is_recent(post):
            return Reason.BEYOND_WINDOW
        if post.network == Network.MASTODON and self._is_seed(post) and post.visibility == "unlisted":
            return Reason.UNREACHABLE
        return None

    # --- how it reads -----------------------------------------------------------------------------------------------

    def _told(self, post: Post, role: Role) -> TruthPost:
        script = self.script
        author, parent = script.author(post), script.parent(post)
        nameless = {Network.FACEBOOK: None, Network.FEED: None}
        handles = {Network.MASTODON: f"{author.handle}@{author.server}", **nameless}
        handle = handles.get(post.network, author.handle)
        author_id = {
            Network.X: ids.x_user,
            Network.MASTODON: lambda person: ids.account_uri(script, person),
            Network.FACEBOOK: lambda person: ids.facebook_person(script, person),
            Network.BLUESKY: ids.did,
            Network.FEED: lambda person: ids.blog_author(script, post, person),
        }[post.network](author)
        return TruthPost(
            key=post.key,
            network=post.network,
            native_id=ids.canonical_id(script, post),
            url=ids.post_url(script, post),
            role=role,
            author=author.key,
            author_id=author_id,
            handle=handle,
            name=author.name,
            text=post.text_at(self.minute),
            sent_text=self._sent_text(post),
            published_at=script.time(post.at),
            edited=post.edited_at(self.minute) is not None,
            parent=post.reply_to,
            parent_id=ids.canonical_id(script, parent) if parent else None,
            root=script.root(post).key,
            quote_of=post.quote_of,
            visibility=post.visibility,
            tagged=self._is_tagged(post),
            warning=post.warning,
            media=len(post.media),
            wishes=self._wishes(author, post),
        )

    def _wishes(self, person: Person, post: Post) -> tuple[str, ...]:
        """What the person asks, as far as the network tells it: Mastodon's own servers tell `noindex`, the fediverse
        `indexable` and `bot`; profile texts say #nobot. `opted_out` was told to the organiser alone."""
        script = self.script
        fediverse = person.network == Network.MASTODON
        mastodon = fediverse and ids.family_of(self.script, person.server) == Family.MASTODON
        wishes = {
            "opted_out": person.opted_out,
            "noindex": (mastodon and person.noindex) or (post.network == Network.FEED and script.blog(post).noindex),
            "not_indexable": fediverse and not person.indexable,
            "nobot": "#nobot" in person.about.casefold(),
            "bot": fediverse and person.bot,
            "no_unauthenticated": person.no_unauthenticated,
        }
        return tuple(name for name, holds in wishes.items() if holds)

    def _sent_text(self, post: Post) -> str:
        text = post.text_at(self.minute)
        if post.network == Network.X:
            return unescape(x_text(self.script, post, self.minute).text)
        if post.network == Network.BLUESKY and post.card:
            return f"{text}\n{post.card}"
        if post.network in (Network.FACEBOOK, Network.BLUESKY):
            return text
        home = str(self.script.author(post).server)
        parts = []
        for piece in pieces(text, post.network):
            person = mentioned(self.fediverse, home, piece.value) if piece.kind == Kind.MENTION else None
            parts.append(f"@{person.handle}" if person else piece.text)
        return "".join(parts)
