"""What a platform is: a value made of plain functions. No I/O here and no import of any adapter.

The run (collector/run.py) loops, stores, waits and retries. An adapter only translates: it never sleeps, retries,
logs a secret or touches the store, and its errors (core/errors.py) name the recovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from ..core.clock import Clock
from ..core.recheck import AS_USUAL, Recheck
from ..core.records import PostRef, Sighting

CONTRACT_VERSION = 1
MICROS = 1_000_000  # money is counted in millionths of a US dollar: $0.005 is 5_000


# --- what can be asked ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    """All posts with one of the tags (without #). `exclude` words and `without` handles go into the question where
    the network allows it; the rules catch them otherwise."""

    tags: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversations of these posts: ancestors and everything below. Several at once where `Support.batch` is
    above 1. Each `Target` names the post by its global reference and by where it was seen."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Quotes:
    """The posts that quote these."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """These posts, by id. What the network no longer gives comes back in `Page.missing`. `resolve`: a person named
    them by address, so a server may be made to fetch what it does not hold yet."""

    targets: tuple[Target, ...]
    resolve: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """Everything on one feed (a Facebook Page, a blog): the membership is decided by us. `whole`: all of it belongs."""

    name: str
    whole: bool = False


Query = Tag | Thread | Quotes | Lookup | Feed


@dataclass(frozen=True, slots=True)
class Target:
    """A post to ask for: its reference, the ids under which it was seen, its address.

    `top`: as far as we know it begins its thread. Below a target that does not, a network may give the direct
    replies only (X: `in_reply_to_tweet_id:`, so that a reply under a celebrity's post does not cost the celebrity's
    whole thread); the run then asks for the replies' replies.

    `elsewhere`: another source of the network asks for it where it was written; only what this source's own place
    adds is wanted."""

    ref: PostRef
    seen_as: tuple[PostRef, ...] = ()
    url: str | None = None
    top: bool = True
    elsewhere: bool = False


class Walk(StrEnum):
    """How a query moves through time."""

    BACKWARD = "backward"  # newest first, down to a mark (X search)
    FORWARD = "forward"  # from a mark upwards; the very first run goes backward (Mastodon tag timeline)
    RESCAN = "rescan"  # the same window again each time (Facebook, feeds, one conversation)


@dataclass(frozen=True, slots=True)
class Support:
    """What a platform can say about one kind of query under a given configuration."""

    walk: Walk
    exhaustive: bool  # False: the network ranks or drops; coverage says "best effort"
    batch: int = 1  # how many targets one query may hold
    reach: timedelta | None = None  # how far back the network answers; None: as far as it keeps
    pace: timedelta | None = None  # the least time between two requests; the run waits, an adapter never does


# --- what comes back -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a walk stands; made of ids, never of a network's paging token alone. All values are the platform's own
    text and mean something only to it.

    `mark`   backward: everything at or under it is held, stop there; forward: go on strictly above it
    `below`  go on strictly under this item (None: from the newest)
    `token`  the network's own token, only to save work; may have expired
    """

    mark: str | None = None
    below: str | None = None
    token: str | None = None

    def to_json(self) -> dict[str, str]:
        pairs = {"mark": self.mark, "below": self.below, "token": self.token}
        return {key: value for key, value in pairs.items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Cursor:
        return cls(mark=data.get("mark"), below=data.get("below"), token=data.get("token"))


@dataclass(frozen=True, slots=True)
class Raw:
    """One author's raw object as received, self-contained and JSON-able: embedded posts of others are cut to
    references and become Raws of their own. `context` is what the answer said beside it that mapping needs
    (the author object, media, the asked server)."""

    seen_as: PostRef
    endpoint: str
    body: dict[str, Any]
    seen_at: datetime
    context: dict[str, Any] = field(default_factory=dict)


class MissingReason(StrEnum):
    """Why a post that is known to exist cannot be had. Stored as the gap's reason."""

    OMITTED = "omitted"  # left out of an answer without a word: deleted, or a passing fault; a second look tells
    DELETED = "deleted"  # the network says: not there (deleted or never was)
    FORBIDDEN = "forbidden"  # private, protected, blocked
    WITHHELD = "withheld"  # not shown in our country or anywhere
    UNREACHABLE = "unreachable"  # the server that has it does not answer us
    BEYOND_WINDOW = "beyond_window"  # older than the network lets us search
    LIMIT = "limit"  # our own max_posts_per_thread, or the network's cap on one answer


@dataclass(frozen=True, slots=True)
class Missing:
    ref: PostRef
    reason: MissingReason


@dataclass(frozen=True, slots=True)
class Cost:
    requests: int = 1
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Quota:
    """What the network said of our allowance in its headers."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the unit of a request, of a rate limit and of a transaction.

    `cursor`  where to go on after this page is stored; None: the walk is complete
    `newest`  the highest mark on this page, for the next walk; None where marks mean nothing
    `cost`    what the answer really cost (settled in the page's transaction)
    `oldest_at`  the walk has asked everything down to this moment
    `unchanged`  posts asked for by a look-up that are there still, where the network tells no more than that
    `dropped`  how many items the network gave us that not everybody may see (drafts, hidden, private): never a Raw
    """

    items: tuple[Raw, ...]
    cursor: Cursor | None
    newest: str | None = None
    cost: Cost = field(default_factory=Cost)
    quota: Quota | None = None
    missing: tuple[Missing, ...] = ()
    unchanged: tuple[PostRef, ...] = ()
    oldest_at: datetime | None = None
    dropped: int = 0


class Fetch(Protocol):
    def __call__(self, query: Query, cursor: Cursor) -> Iterator[Page]:
        """Pages of the answer, starting at `cursor`. Each step of the iterator makes at most one billed request
        and calls `meter.reserve` before it.

        Raises AuthError, QueryRefused, RateLimited, OutOfBudget, Temporary, Gone (the one target is not there).
        """
        ...


class Meter(Protocol):
    """The purse, as an adapter sees it."""

    def page_size(self, unit_micros: int, least: int, most: int) -> int:
        """The largest page (between `least` and `most` items) whose worst case fits what is left.
        Raises OutOfBudget when even `least` does not fit."""
        ...

    def reserve(self, worst: Cost) -> None:
        """Sets the worst case of the very next call aside, durably, before the call. Raises OutOfBudget."""
        ...

    def release(self) -> None:
        """The network surely did not charge the call just reserved for (refused with 4xx, never connected)."""
        ...


class FreeMeter:
    """A purse without a bottom, for platforms' own tests."""

    def page_size(self, unit_micros: int, least: int, most: int) -> int:
        return most

    def reserve(self, worst: Cost) -> None:
        return None

    def release(self) -> None:
        return None


class PlatformConfig(BaseModel):
    """Base of every platform's settings: frozen, unknown keys refused. Secrets are not settings: see
    `Platform.secrets`. Every field carries a description; it becomes the docs page."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_folder(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return folder / path.expanduser() if folder is not None else path


FolderPath = Annotated[Path, AfterValidator(_in_folder)]
"""A file that a platform's settings name: relative paths start at the configuration's own folder (validation context
`folder`)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much a query would bring, asked before it is paid for: `posts` of the last `over`, what reading them costs
    at most, and what this answer cost."""

    posts: int
    over: timedelta
    micros: int
    cost: Cost = field(default_factory=Cost)


@dataclass(frozen=True, slots=True)
class Probe:
    """What one set of keys can see and what it cannot, each a sentence for people (`tagora check`)."""

    sees: tuple[str, ...]
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What the network says it counted against us: posts read by UTC day, and in its current period of `cap`.
    Orphaned reservations are reconciled with it."""

    by_day: Mapping[date, int]
    micros_each: int  # the most that one post read can have cost
    used: int | None = None
    cap: int | None = None


class Connect(Protocol):
    def __call__(
        self,
        config: Any,
        secrets: Mapping[str, str],
        clock: Clock,
        base_url: str | None,
        *,
        user_agent: str,
        meter: Meter,
    ) -> AbstractContextManager[Fetch]:
        """Opens a session; makes no request. `base_url` None is the network's own address."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """One network. `secrets`: the names of its keys; config gives each as NAME_env or NAME_file.

    `to_sightings` is pure and needs nothing but the raw item; it raises BadItem. The first sighting is the item
    itself, others (rare) are posts that could not be cut out.
    `entry_query` turns a source's configuration and the campaign's tags into the query that finds new posts.
    `locate` is pure: the post that an address pasted by a person names, where a source with this configuration can be
    asked for it (Lookup); None for any other text.
    `people` is pure: the names, as sightings and authors bear them (origin, id or "@handle"), of the account that a
    person wrote as @handle or as its page's address; none for any other text.
    `every`: how often a source is asked where its settings do not say.
    `estimate` and `usage`, where the network can tell, take the fetch that `connect` opened; each makes one request
    and raises what a fetch raises.
    `own_account`, where a source is an organisation's own account and no person's (a Facebook Page): its author id.
    `recheck`: how the network's posts are looked up again (Lookup) where the configuration says nothing else.
    `remark`: what a person should know of where the source's own question stands (the mark of its last walk).
    `is_home`, on networks of many servers: whether the post with these ids was written at the server that a source
    with this configuration and base url asks.
    """

    name: str
    title: str
    config: type[PlatformConfig]
    secrets: tuple[str, ...]
    supports: Callable[[Any], Mapping[type, Support]]
    connect: Connect
    to_sightings: Callable[[Raw], tuple[Sighting, ...]]
    entry_query: Callable[[Any, tuple[str, ...]], Query]
    locate: Callable[[Any, str], PostRef | None]
    mapping_version: int
    contract_version: int = CONTRACT_VERSION
    every: timedelta = timedelta(minutes=10)
    docs: str = ""
    people: Callable[[str], tuple[tuple[str, str], ...]] = lambda _account: ()
    estimate: Callable[[Fetch, Query], Estimate] | None = None
    usage: Callable[[Fetch, int], Usage] | None = None  # the days to look back
    is_home: Callable[[Any, str | None, Sequence[PostRef]], bool] | None = None
    own_account: Callable[[Any], str] | None = None
    recheck: Callable[[Any], Recheck] = lambda _config: AS_USUAL
    remark: Callable[[Any, str], str | None] | None = None
    probe: Callable[[Fetch, Query], Probe] | None = None  # looks at the query's source in a few requests
