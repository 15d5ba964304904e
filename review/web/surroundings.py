"""What app/ hands the review app: the store, the clock, the settings, and the acts that reach beyond the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ...core.clock import Clock
from ...core.config import Legal, ReviewConfig
from ...core.decisions import Status
from ...presentation.posts import Showing
from ...storage.store import Store


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of the configuration. `showing`: how posts are shown to readers, by source name."""

    id: int
    slug: str
    title: str
    hashtags: tuple[str, ...]
    policy: str
    showing: Mapping[str, Showing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removal:
    """What a withdrawal takes, or took. `names`: the handles of the people it is about, as far as known; empty in what
    is told afterwards."""

    target: str
    posts: int
    discussions: int
    people: int
    mentions: int
    campaigns: tuple[str, ...]
    names: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A post brought in by hand. `known`: it was in the campaign already. `status`: where it stands now; `rule`: what
    the rules last said of it, as “name: reason”. `edited`: it was typed in before, with other words."""

    post_id: int
    known: bool
    status: Status = Status.PENDING
    rule: str | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A post as a person knows it, where its network cannot be asked. `permission`: who allowed it to be shown, and
    how; for moderators, never published."""

    text: str
    written_at: datetime
    permission: str
    author: str | None = None
    title: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What a post said at one time. `seen_at`: when it was seen so first."""

    text: str
    title: str | None
    warning: str | None
    edited_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that people should know of, in words of the interface's language. `kind`: which one, for programs;
    `bad`: it does not work, while others are warnings. `campaign`: the slug of the one it concerns, if only one."""

    kind: str
    bad: bool
    words: str
    campaign: str | None = None


class Acts(Protocol):
    """What the review app asks of the rest of Tagora. Each may raise TagoraError with a sentence for the person."""

    def removal(self, target: str) -> Removal:
        """What withdrawing a pasted address or @handle would take. Raises UsageError when nothing of it is here."""
        ...

    def remove(self, target: str) -> Removal:
        """Withdraws for ever: scrubbed from store and site, not collected again."""
        ...

    def opt_out(self, account: str, by: str) -> None:
        """Whoever has this account, of whom nothing is held, is not collected. Raises UsageError."""
        ...

    def add(self, campaign: str, url: str, by: str, typed: Typed | None = None) -> Added:
        """Brings the post at `url` into the campaign through its network's interface. Raises UsageError where there is
        none that could be asked, CollectorError where it does not answer; then `typed` says what the post says."""
        ...

    def versions(self, post_id: int) -> Sequence[Version]:
        """Everything the post is known to have said, the oldest first."""
        ...

    def troubles(self, language: str) -> Sequence[Trouble]:
        """What does not work, or will not, the worst first."""
        ...

    def until_live(self) -> timedelta | None:
        """How long until the next build shows what is approved now; None when nothing builds by itself."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`key`: the secret that cookies are signed with; never in the store. `legal`: who answers for the collection.
    `site`: the address where readers read, with a slash at its end."""

    store: Store
    clock: Clock
    timezone: str
    key: bytes
    title: str
    languages: tuple[str, ...]
    settings: ReviewConfig
    campaigns: tuple[Campaign, ...]
    acts: Acts
    legal: Legal | None = None
    site: str = "http://127.0.0.1:8000/"
